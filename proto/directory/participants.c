#include "proto/directory/participants.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/id.h"
#include "proto/base/limits.h"
#include "proto/directory/check.h"
#include "proto/directory/compilation.h"
#include "proto/trail/note.h"

static int compare_rows(const void *a, const void *b)
{
	const struct nrm_participant_row *x = a, *y = b;
	int order = nrm_slice_compare(x->entry.id, y->entry.id);

	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static enum nrm_err read_participants(struct nrm_compilation *c)
{
	unsigned n = c->text->participants_count;
	struct nrm_participant_entry *entry = nrm_arena_alloc(&c->arena, n * sizeof(*entry));
	enum nrm_err err = NRM_OK;

	c->row = nrm_arena_alloc(&c->arena, n * sizeof(*c->row));
	if (!entry || !c->row)
		return NRM_ERR_NOMEM;
	for (unsigned i = 0; err == NRM_OK && i < n; i++) {
		c->row[i].place = i;
		err = nrm_compilation_participant(c, i, &c->row[i].entry);
	}
	if (err != NRM_OK)
		return err;
	qsort(c->row, n, sizeof(*c->row), compare_rows);
	for (unsigned i = 0; i < n; i++)
		entry[i] = c->row[i].entry;
	c->body.participant = entry;
	c->body.n_participants = n;
	return NRM_OK;
}

/* The verifier key of the trail: as text, as a bare public key, or from the broker's bundle. */
static enum nrm_err read_log_key(struct nrm_compilation *c, const struct nrm_trail_text *t,
				 struct nrm_slice of_bundle, struct nrm_slice *ret_key)
{
	struct nrm_slice public;
	struct nrm_note_key key;
	struct nrm_buf text;

	if (t->verifier_key || !t->public_key) {
		*ret_key = t->verifier_key ? nrm_slice_str(t->verifier_key) : of_bundle;
		if (t->verifier_key && t->public_key)
			return nrm_yaml_fail(&c->yaml, "trail.public_key",
					     "expected verifier_key or public_key, not both");
		return ret_key->len ? NRM_OK
				    : nrm_yaml_fail(&c->yaml, c->text->trail ? "trail" : "broker",
						    "expected keys (a folder), or the trail's "
						    "verifier_key or public_key");
	}
	enum nrm_err err = nrm_yaml_hex(&c->yaml, "trail.public_key", t->public_key, NRM_KEY_LEN,
					&c->arena, &public);
	if (err != NRM_OK)
		return err;
	char *origin =
		nrm_arena_copy(&c->arena, c->body.trail.origin.data, c->body.trail.origin.len);
	if (!origin)
		return NRM_ERR_NOMEM;
	if (nrm_note_key_make(origin, 0x01, public.data, &key) != NRM_OK)
		return nrm_yaml_fail(&c->yaml, "trail.public_key",
				     "expected an acceptable Ed25519 key and origin");
	nrm_buf_init(&text);
	nrm_note_key_format(&key, &text);
	char *copy = text.err == NRM_OK ? nrm_arena_copy(&c->arena, text.data, text.len) : NULL;
	*ret_key = nrm_slice(copy, text.len);
	nrm_buf_done(&text);
	return copy ? NRM_OK : NRM_ERR_NOMEM;
}

static enum nrm_err read_trail(struct nrm_compilation *c, struct nrm_slice of_bundle)
{
	static const struct nrm_trail_text nothing = {.origin = NULL};
	const struct nrm_trail_text *t = c->text->trail ? c->text->trail : &nothing;
	size_t n = 1 + t->earlier_keys_count;
	struct nrm_slice *key = nrm_arena_alloc(&c->arena, n * sizeof(*key));
	char *origin = nrm_arena_copy(&c->arena, "nrm/??", 6);

	if (!key || !origin)
		return NRM_ERR_NOMEM;
	memcpy(origin + 4, c->body.country.data, 2);
	c->body.trail.origin = nrm_slice_str(t->origin ? t->origin : origin);
	c->body.trail.old_head = nrm_slice_str(t->old_head);
	enum nrm_err err = read_log_key(c, t, of_bundle, &key[0]);
	for (unsigned i = 0; i < t->earlier_keys_count; i++)
		key[1 + i] = nrm_slice_str(t->earlier_keys[i]);
	c->body.trail.verifier_key = (struct nrm_slices){key, n};
	return err;
}

static enum nrm_err read_broker(struct nrm_compilation *c, struct nrm_slice *ret_verifier_key)
{
	const struct nrm_broker_text *b = &c->text->broker;
	const char *endpoint = c->options && c->options->endpoint ? c->options->endpoint
								  : b->endpoint;
	struct nrm_public_keys keys = {.n_keys = 0};

	c->body.broker.id = nrm_slice_str(b->id);
	c->body.broker.endpoint = nrm_slice_str(endpoint);
	if (!b->transport_key == !b->keys)
		return nrm_yaml_fail(&c->yaml, "broker",
				     "expected transport_key, or keys (a folder), and not both");
	if (b->transport_key)
		return nrm_yaml_hex(&c->yaml, "broker.transport_key", b->transport_key, NRM_KEY_LEN,
				    &c->arena, &c->body.broker.transport_key);
	enum nrm_err err = nrm_compilation_keys(c, "broker.keys", b->keys, b->id, &keys);
	if (err != NRM_OK)
		return err;
	if (keys.n_keys > 0)
		return nrm_yaml_fail(&c->yaml, "broker.keys",
				     "expected a broker's keys, but these are an agency's");
	c->body.broker.transport_key = keys.transport_key;
	*ret_verifier_key = keys.verifier_key;
	return NRM_OK;
}

static enum nrm_err read_directory(struct nrm_compilation *c)
{
	const struct nrm_participants_text *t = c->text;
	struct nrm_slice verifier_key = {NULL, 0};

	c->body.country = nrm_slice_str(t->country);
	c->body.version = t->version;
	c->body.witness_quorum = t->witness_quorum;
	if (!nrm_country_ok(c->body.country))
		return nrm_yaml_fail(&c->yaml, "country",
				     "expected two capital letters (ISO 3166-1)");
	enum nrm_err err =
		nrm_yaml_time(&c->yaml, "valid_from", t->valid_from, &c->body.valid_from_ms);
	if (err == NRM_OK)
		err = nrm_yaml_time(&c->yaml, "valid_until", t->valid_until,
				    &c->body.valid_until_ms);
	if (err == NRM_OK)
		err = nrm_yaml_hex(&c->yaml, "successor_authority", t->successor_authority,
				   NRM_KEY_LEN, &c->arena, &c->body.successor_authority);
	if (err == NRM_OK)
		err = read_broker(c, &verifier_key);
	if (err == NRM_OK)
		err = read_trail(c, verifier_key);
	return err == NRM_OK ? read_participants(c) : err;
}

/* The rules that every directory has to keep, their faults shown in the file. */
static enum nrm_err check(struct nrm_compilation *c, const uint8_t *authority)
{
	struct nrm_directory_fault fault;
	enum nrm_err err = nrm_directory_check(&c->body, authority, &fault);

	if (err == NRM_OK)
		return NRM_OK;
	const char *where =
		fault.participant == NRM_FAULT_OF_THE_WHOLE
			? fault.key
			: nrm_compilation_at(c, c->row[fault.participant].place, fault.key);
	return nrm_yaml_fail(&c->yaml, where, "%s", fault.text);
}

static void set_folder(struct nrm_compilation *c, const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(c->folder, sizeof(c->folder), "%s",
		 c->options && c->options->keys ? c->options->keys : dirname(copy));
}

/* Compiles a document that was loaded, or tells what is wrong with it. */
static enum nrm_err finish(struct nrm_compilation *c, enum nrm_err err, const char *name,
			   const uint8_t *authority, struct nrm_buf *out)
{
	void *decoded = NULL;

	nrm_arena_init(&c->arena, NRM_MAX_YAML_MEMORY);
	set_folder(c, name);
	*c->error = '\0';
	if (err == NRM_OK)
		err = nrm_yaml_decode(&c->yaml, &nrm_participants_schema, &decoded);
	c->text = decoded;
	if (err == NRM_OK)
		err = read_directory(c);
	if (err == NRM_OK)
		err = check(c, authority);
	if (err == NRM_OK)
		err = nrm_directory_encode(&c->body, out);
	if (err != NRM_OK && *nrm_yaml_error(&c->yaml))
		snprintf(c->error, NRM_YAML_ERROR_LEN, "%s", nrm_yaml_error(&c->yaml));
	else if (err != NRM_OK && !*c->error)
		snprintf(c->error, NRM_YAML_ERROR_LEN, "%.512s: %s", name, nrm_err_text(err));
	nrm_yaml_free_decoded(&nrm_participants_schema, decoded);
	nrm_arena_done(&c->arena);
	nrm_yaml_done(&c->yaml);
	return err;
}

enum nrm_err nrm_participants_compile(const char *path,
				      const struct nrm_participants_options *options,
				      const uint8_t authority[static NRM_KEY_LEN],
				      struct nrm_buf *out, char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_compilation c = {.options = options, .error = error};

	nrm_yaml_init(&c.yaml);
	return finish(&c, nrm_yaml_load_file(&c.yaml, path), path, authority, out);
}

enum nrm_err nrm_participants_compile_bytes(const char *name, struct nrm_slice bytes,
					    const struct nrm_participants_options *options,
					    const uint8_t authority[static NRM_KEY_LEN],
					    struct nrm_buf *out,
					    char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_compilation c = {.options = options, .error = error};

	nrm_yaml_init(&c.yaml);
	return finish(&c, nrm_yaml_load_bytes(&c.yaml, name, bytes), name, authority, out);
}
