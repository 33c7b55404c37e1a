/* The keys of logs and witnesses, and their text form (C2SP signed-note, "Verifier keys"). */
#include <string.h>

#include "proto/base/hex.h"
#include "proto/trail/note_text.h"

/* Printable ASCII without space and plus: all that the directory's names need of what notes allow. */
static bool name_ok(struct nrm_slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == '+')
			return false;
	return name.len > 0 && name.len <= NRM_MAX_KEY_NAME;
}

enum nrm_err nrm_note_key_make(const char *name, uint8_t type,
			       const uint8_t public_key[static NRM_KEY_LEN],
			       struct nrm_note_key *ret_key)
{
	struct nrm_note_key key = {.type = type};
	struct nrm_verifying_key *check;
	uint8_t digest[NRM_HASH_LEN];

	if (!name_ok(nrm_slice_str(name)) || (type != NRM_NOTE_LOG && type != NRM_NOTE_WITNESS))
		return NRM_ERR_FORMAT;
	enum nrm_err err = nrm_verifying_key_new(public_key, &check);
	if (err != NRM_OK)
		return err;
	nrm_verifying_key_free(check);

	memcpy(key.name, name, strlen(name));
	memcpy(key.public_key, public_key, NRM_KEY_LEN);
	nrm_sha256((struct nrm_slice[]){nrm_slice_str(name), nrm_slice("\n", 1),
					nrm_slice(&type, 1), nrm_slice(public_key, NRM_KEY_LEN)},
		   4, digest);
	memcpy(key.id, digest, sizeof(key.id));
	*ret_key = key;
	return NRM_OK;
}

/* Takes what stands before the next plus off `rest`. */
static bool part_take(struct nrm_slice *rest, struct nrm_slice *ret_part)
{
	const uint8_t *plus = rest->len > 0 ? memchr(rest->data, '+', rest->len) : NULL;

	if (!plus)
		return false;
	*ret_part = nrm_slice(rest->data, (size_t)(plus - rest->data));
	*rest = nrm_slice(plus + 1, rest->len - ret_part->len - 1);
	return true;
}

enum nrm_err nrm_note_key_parse(struct nrm_slice text, struct nrm_note_key *ret_key)
{
	struct nrm_slice name, id;
	struct nrm_note_key key;
	char copy[NRM_MAX_KEY_NAME + 1] = {0}, want[2 * sizeof(key.id) + 1];
	uint8_t material[1 + NRM_KEY_LEN];
	enum nrm_err err;

	if (!part_take(&text, &name) || !part_take(&text, &id) || !name_ok(name))
		return NRM_ERR_FORMAT;
	memcpy(copy, name.data, name.len);
	if ((err = nrm_base64_read_exact(text, material, sizeof(material))) ||
	    (err = nrm_note_key_make(copy, material[0], material + 1, &key)))
		return err;
	nrm_hex(key.id, sizeof(key.id), want);
	if (!nrm_slice_equal(id, nrm_slice_str(want)))
		return NRM_ERR_FORMAT;
	*ret_key = key;
	return NRM_OK;
}

void nrm_note_key_format(const struct nrm_note_key *key, struct nrm_buf *out)
{
	char id[2 * sizeof(key->id) + 1];
	uint8_t material[1 + NRM_KEY_LEN] = {key->type};

	memcpy(material + 1, key->public_key, NRM_KEY_LEN);
	nrm_hex(key->id, sizeof(key->id), id);
	nrm_buf_put(out, key->name, strlen(key->name));
	nrm_buf_put(out, "+", 1);
	nrm_buf_put(out, id, strlen(id));
	nrm_buf_put(out, "+", 1);
	nrm_base64_put(out, nrm_slice(material, sizeof(material)));
}
