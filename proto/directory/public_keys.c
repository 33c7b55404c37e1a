#include "proto/directory/public_keys.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/hex.h"
#include "proto/base/id.h"
#include "proto/base/limits.h"
#include "proto/directory/check.h"
#include "proto/trail/note.h"

#define MOST_KEYS 5 /* with two sealing keys */

struct key_text {
	char *kind, *key, *possession, *own_possession;
};

struct file_text {
	char *id, *transport_key, *verifier_key;
	struct key_text *keys;
	unsigned keys_count;
};

static const cyaml_schema_field_t key_fields[] = {
	CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER, struct key_text, kind, 1, 16),
	CYAML_FIELD_STRING_PTR("key", CYAML_FLAG_POINTER, struct key_text, key, 64, 64),
	CYAML_FIELD_STRING_PTR("possession", CYAML_FLAG_POINTER, struct key_text, possession, 128,
			       128),
	CYAML_FIELD_STRING_PTR("own_possession", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct key_text, own_possession, 128, 128),
	CYAML_FIELD_END};
static const cyaml_schema_value_t key_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct key_text, key_fields)};
static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct file_text, id, 1, NRM_MAX_ID),
	CYAML_FIELD_SEQUENCE("keys", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file_text,
			     keys, &key_schema, 0, MOST_KEYS),
	CYAML_FIELD_STRING_PTR("transport_key", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct file_text, transport_key, 64, 64),
	CYAML_FIELD_STRING_PTR("verifier_key", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct file_text, verifier_key, 1, 255),
	CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file_text, file_fields)};

enum nrm_err nrm_yaml_hex(struct nrm_yaml *yaml, const char *path, const char *text, size_t len,
			  struct nrm_arena *arena, struct nrm_slice *ret_bytes)
{
	uint8_t *bytes = nrm_arena_alloc(arena, len);

	if (!bytes)
		return NRM_ERR_NOMEM;
	if (text && nrm_unhex(text, bytes, len) != NRM_OK)
		return nrm_yaml_fail(yaml, path, "expected %zu hexadecimal digits", 2 * len);
	*ret_bytes = nrm_slice(bytes, text ? len : 0);
	return NRM_OK;
}

static enum nrm_err copy_text(struct nrm_arena *arena, const char *text, struct nrm_slice *ret_text)
{
	size_t len = strlen(text);
	const char *copy = nrm_arena_copy(arena, text, len);

	if (!copy)
		return NRM_ERR_NOMEM;
	*ret_text = nrm_slice(copy, len);
	return NRM_OK;
}

static enum nrm_err read_key(struct nrm_yaml *yaml, unsigned i, const struct key_text *text,
			     struct nrm_arena *arena, struct nrm_key_entry *key)
{
	uint32_t kind = 0;
	enum nrm_err err = nrm_yaml_code(yaml, nrm_yaml_at(yaml, "keys[%u].kind", i),
					 NRM_VOCABULARY_KEY_KIND, text->kind, &kind);

	key->kind = (enum nrm_key_kind)kind;
	if (err == NRM_OK)
		err = nrm_yaml_hex(yaml, nrm_yaml_at(yaml, "keys[%u].key", i), text->key,
				   NRM_KEY_LEN, arena, &key->key);
	if (err == NRM_OK)
		err = nrm_yaml_hex(yaml, nrm_yaml_at(yaml, "keys[%u].possession", i),
				   text->possession, NRM_SIGNATURE_LEN, arena, &key->possession);
	if (err == NRM_OK)
		err = nrm_yaml_hex(yaml, nrm_yaml_at(yaml, "keys[%u].own_possession", i),
				   text->own_possession, NRM_SIGNATURE_LEN, arena,
				   &key->own_possession);
	return err;
}

static enum nrm_err read_agency(struct nrm_yaml *yaml, const struct file_text *text,
				struct nrm_arena *arena, struct nrm_public_keys *keys)
{
	struct nrm_key_entry *key = nrm_arena_alloc(arena, text->keys_count * sizeof(*key));
	enum nrm_err err = key ? NRM_OK : NRM_ERR_NOMEM;
	const char *problem;
	size_t wrong;

	for (unsigned i = 0; err == NRM_OK && i < text->keys_count; i++)
		err = read_key(yaml, i, &text->keys[i], arena, &key[i]);
	if (err != NRM_OK)
		return err;
	if (text->transport_key || text->verifier_key)
		return nrm_yaml_fail(yaml, text->transport_key ? "transport_key" : "verifier_key",
				     "expected keys of an agency, or those of the broker's office");
	err = nrm_key_entries_check(keys->id, key, text->keys_count, &wrong, &problem);
	if (err != NRM_OK)
		return nrm_yaml_fail(yaml, nrm_yaml_at(yaml, "keys[%zu]", wrong), "%s", problem);
	keys->key = key;
	keys->n_keys = text->keys_count;
	return NRM_OK;
}

static enum nrm_err read_broker(struct nrm_yaml *yaml, const struct file_text *text,
				struct nrm_arena *arena, struct nrm_public_keys *keys)
{
	struct nrm_note_key log;

	if (!text->transport_key || !text->verifier_key)
		return nrm_yaml_fail(
			yaml, "",
			"expected keys of an agency (keys), or those of the broker's office "
			"(transport_key and verifier_key)");
	enum nrm_err err = nrm_yaml_hex(yaml, "transport_key", text->transport_key, NRM_KEY_LEN,
					arena, &keys->transport_key);
	if (err != NRM_OK)
		return err;
	if (!nrm_x25519_key_ok(keys->transport_key))
		return nrm_yaml_fail(yaml, "transport_key", "expected an acceptable transport key");
	if (nrm_note_key_parse(nrm_slice_str(text->verifier_key), &log) != NRM_OK ||
	    log.type != 0x01)
		return nrm_yaml_fail(yaml, "verifier_key",
				     "expected a verifier key, NAME+ID+BASE64, of a log");
	return copy_text(arena, text->verifier_key, &keys->verifier_key);
}

enum nrm_err nrm_public_keys_read(const char *path, struct nrm_arena *arena,
				  struct nrm_public_keys *ret_keys,
				  char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_public_keys keys = {.n_keys = 0};
	const struct file_text *text;
	void *decoded = NULL;
	struct nrm_yaml yaml;

	nrm_yaml_init(&yaml);
	enum nrm_err err = nrm_yaml_load_file(&yaml, path);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&yaml, &schema, &decoded);
	text = decoded;
	if (err == NRM_OK && !nrm_participant_id_ok(nrm_slice_str(text->id)))
		err = nrm_yaml_fail(&yaml, "id",
				    "expected COUNTRY.slug, such as TH.police-bangkok");
	if (err == NRM_OK)
		err = copy_text(arena, text->id, &keys.id);
	if (err == NRM_OK)
		err = (text->keys ? read_agency : read_broker)(&yaml, text, arena, &keys);
	if (err == NRM_OK)
		*ret_keys = keys;
	else
		snprintf(error, NRM_YAML_ERROR_LEN, "%s",
			 *nrm_yaml_error(&yaml) ? nrm_yaml_error(&yaml) : nrm_err_text(err));
	nrm_yaml_free_decoded(&schema, decoded);
	nrm_yaml_done(&yaml);
	return err;
}

static void put_text(struct nrm_buf *out, const char *text)
{
	nrm_buf_put(out, text, strlen(text));
}

static void put_hex(struct nrm_buf *out, const char *key, struct nrm_slice bytes)
{
	char digits[2 * NRM_SIGNATURE_LEN + 1];

	nrm_hex(bytes.data, bytes.len, digits);
	put_text(out, key);
	put_text(out, digits);
	put_text(out, "\n");
}

void nrm_public_keys_write(const struct nrm_public_keys *keys, struct nrm_buf *out)
{
	put_text(out, "# Public keys: hand this file to the national authority.\nid: ");
	nrm_buf_put(out, keys->id.data, keys->id.len);
	put_text(out, "\n");
	if (keys->n_keys == 0) {
		put_hex(out, "transport_key: ", keys->transport_key);
		put_text(out, "verifier_key: ");
		nrm_buf_put(out, keys->verifier_key.data, keys->verifier_key.len);
		put_text(out, "\n");
		return;
	}
	put_text(out, "keys:\n");
	for (size_t i = 0; i < keys->n_keys; i++) {
		const struct nrm_key_entry *key = &keys->key[i];
		put_text(out, "- kind: ");
		put_text(out, nrm_code_name(NRM_VOCABULARY_KEY_KIND, key->kind));
		put_hex(out, "\n  key: ", key->key);
		put_hex(out, "  possession: ", key->possession);
		if (key->own_possession.len > 0)
			put_hex(out, "  own_possession: ", key->own_possession);
	}
}
