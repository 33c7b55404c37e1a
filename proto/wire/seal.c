#include "proto/wire/seal.h"

#include <stdlib.h>

#include "proto/base/limits.h"

enum nrm_err nrm_seal_info(const uint8_t message_id[static 16], const uint8_t case_id[static 16],
			   struct nrm_slice sender, struct nrm_slice recipient, struct nrm_buf *out)
{
	if (sender.len > UINT8_MAX || recipient.len > UINT8_MAX)
		return NRM_ERR_LIMIT;
	nrm_buf_put_domain(out, "nrm/v1/seal");
	nrm_buf_put(out, message_id, NRM_MESSAGE_ID_LEN);
	nrm_buf_put(out, case_id, NRM_CASE_ID_LEN);
	nrm_buf_put_u8(out, (uint8_t)sender.len);
	nrm_buf_put(out, sender.data, sender.len);
	nrm_buf_put_u8(out, (uint8_t)recipient.len);
	nrm_buf_put(out, recipient.data, recipient.len);
	return out->err;
}

void nrm_recipient_key(const uint8_t sealing_public[static 32], uint8_t out[static 8])
{
	uint8_t hash[NRM_HASH_LEN];

	nrm_sha256_one(nrm_slice(sealing_public, NRM_KEY_LEN), hash);
	memcpy(out, hash, 8);
}

enum nrm_err nrm_key_check(const struct nrm_hpke *ctx, uint8_t out[static 32])
{
	static const char context[] = "nrm/v1/check"; /* the terminator is the 0x00 */

	return nrm_hpke_export(ctx, nrm_slice(context, sizeof(context)), out, 32);
}

/* Powers of two up to a page, whole pages beyond. */
size_t nrm_padded_len(size_t len)
{
	size_t padded = 32;

	if (len > NRM_MAX_PLAINTEXT)
		return 0;
	while (padded <= len)
		padded += padded < 4096 ? padded : 4096;
	return padded;
}

void nrm_pad(struct nrm_slice plaintext, uint8_t *out)
{
	if (plaintext.len)
		memmove(out, plaintext.data, plaintext.len);
	out[plaintext.len] = 0x80;
	memset(out + plaintext.len + 1, 0, nrm_padded_len(plaintext.len) - plaintext.len - 1);
}

enum nrm_err nrm_unpad(struct nrm_slice padded, struct nrm_slice *ret_plaintext)
{
	size_t len = padded.len;

	while (len > 0 && padded.data[len - 1] == 0)
		len--;
	if (len == 0 || padded.data[len - 1] != 0x80 || nrm_padded_len(len - 1) != padded.len)
		return NRM_ERR_PADDING;
	*ret_plaintext = nrm_slice(padded.data, len - 1);
	return NRM_OK;
}

/* A field's key and nonce: Export("nrm/v1/field" 0x00 u16(field), 44). */
struct field_key {
	uint8_t key[NRM_KEY_LEN];
	uint8_t nonce[NRM_AEAD_NONCE_LEN];
};

static enum nrm_err field_key(const struct nrm_hpke *ctx, enum nrm_field field,
			      struct field_key *ret_key)
{
	uint8_t context[] = "nrm/v1/field\0.."; /* the dots make room for the number */
	struct nrm_slice whole = nrm_slice(context, sizeof(context) - 1);

	nrm_store_u16(context + whole.len - 2, (uint16_t)field);
	return nrm_hpke_export(ctx, whole, (uint8_t *)ret_key, sizeof(*ret_key));
}

/* Pads into `ciphertext` and encrypts there, so that no copy of the value is left behind. */
enum nrm_err nrm_field_seal(const struct nrm_hpke *ctx, enum nrm_field field,
			    struct nrm_slice plaintext, const uint8_t salt[static 16],
			    uint8_t *ciphertext, uint8_t commitment[static 32])
{
	struct field_key key;
	size_t padded = nrm_padded_len(plaintext.len);
	enum nrm_err err;

	if (padded == 0)
		return NRM_ERR_LIMIT;
	err = field_key(ctx, field, &key);
	if (err == NRM_OK) {
		nrm_pad(plaintext, ciphertext);
		err = nrm_aead_seal(key.key, key.nonce, nrm_slice(NULL, 0),
				    nrm_slice(ciphertext, padded), ciphertext);
	}
	if (err == NRM_OK)
		nrm_commitment(field, salt, nrm_slice(ciphertext, padded + NRM_AEAD_TAG_LEN),
			       commitment);
	else
		nrm_wipe(ciphertext, padded + NRM_AEAD_TAG_LEN);
	nrm_wipe(&key, sizeof(key));
	return err;
}

/* Decrypts at the end of `out` and cuts the padding off. */
enum nrm_err nrm_field_open(const struct nrm_hpke *ctx, enum nrm_field field,
			    struct nrm_slice ciphertext, struct nrm_buf *out)
{
	struct field_key key;
	struct nrm_slice plaintext = {NULL, 0};
	size_t before = out->len;
	enum nrm_err err;

	if (ciphertext.len <= NRM_AEAD_TAG_LEN)
		return NRM_ERR_OPEN;

	size_t padded = ciphertext.len - NRM_AEAD_TAG_LEN;
	uint8_t *opened = nrm_buf_grow(out, padded);
	if (!opened)
		return out->err;
	err = field_key(ctx, field, &key);
	if (err == NRM_OK)
		err = nrm_aead_open(key.key, key.nonce, nrm_slice(NULL, 0), ciphertext, opened);
	if (err == NRM_OK)
		err = nrm_unpad(nrm_slice(opened, padded), &plaintext);
	nrm_wipe(opened + plaintext.len, padded - plaintext.len);
	out->len = before + plaintext.len;
	nrm_wipe(&key, sizeof(key));
	return err;
}

static enum nrm_err info_of(const struct nrm_statement *s, struct nrm_buf *out)
{
	if (s->message_id.len != NRM_MESSAGE_ID_LEN || s->case_id.len != NRM_CASE_ID_LEN)
		return NRM_ERR_ID;
	return nrm_seal_info(s->message_id.data, s->case_id.data, s->sender, s->recipient, out);
}

/* Memory of one sealing, all in the arena. */
struct sealing {
	uint8_t recipient_key[8], key_check[32], encapsulated_key[NRM_KEY_LEN];
	struct nrm_sealed_field field[NRM_MAX_FIELDS];
	uint8_t salt[NRM_MAX_FIELDS][16];
	uint8_t hash[NRM_MAX_FIELDS][NRM_HASH_LEN];
	struct nrm_slice commitment[NRM_MAX_FIELDS];
};

static enum nrm_err seal_fields(const struct nrm_hpke *ctx, const struct nrm_field_value *value,
				size_t n, struct nrm_arena *arena, struct sealing *s)
{
	enum nrm_err err = NRM_OK;

	nrm_random(s->salt, n * sizeof(s->salt[0]));
	for (size_t i = 0; i < n && err == NRM_OK; i++) {
		size_t padded = nrm_padded_len(value[i].plaintext.len);
		if (padded == 0)
			return NRM_ERR_LIMIT;
		uint8_t *ciphertext = nrm_arena_alloc(arena, padded + NRM_AEAD_TAG_LEN);
		if (!ciphertext)
			return NRM_ERR_NOMEM;
		err = nrm_field_seal(ctx, value[i].field, value[i].plaintext, s->salt[i],
				     ciphertext, s->hash[i]);
		s->commitment[i] = nrm_slice(s->hash[i], NRM_HASH_LEN);
		s->field[i] = (struct nrm_sealed_field){
			value[i].field,
			nrm_slice(s->salt[i], sizeof(s->salt[i])),
			nrm_slice(ciphertext, padded + NRM_AEAD_TAG_LEN),
		};
	}
	return err;
}

static int compare_slices(const void *a, const void *b)
{
	return nrm_slice_compare(*(const struct nrm_slice *)a, *(const struct nrm_slice *)b);
}

static enum nrm_err check_values(const struct nrm_field_value *value, size_t n)
{
	if (n > NRM_MAX_FIELDS)
		return NRM_ERR_LIMIT;
	for (size_t i = 0; i < n; i++) {
		if (value[i].field <= NRM_FIELD_ABSENT || value[i].field >= NRM_FIELD_END_)
			return NRM_ERR_UNKNOWN_CODE;
		if (i > 0 && value[i].field <= value[i - 1].field)
			return value[i].field == value[i - 1].field ? NRM_ERR_DUPLICATE
								    : NRM_ERR_ARGUMENT;
	}
	return NRM_OK;
}

enum nrm_err nrm_statement_seal(struct nrm_statement *statement,
				const struct nrm_field_value *value, size_t n,
				const uint8_t sealing_public[static 32], struct nrm_arena *arena,
				const struct nrm_sealed_field **ret_fields)
{
	struct nrm_hpke ctx = {0};
	struct nrm_buf info = {0};
	struct sealing *s = nrm_arena_alloc(arena, sizeof(*s));
	const struct nrm_slice none = {NULL, 0};
	enum nrm_err err = s ? check_values(value, n) : NRM_ERR_NOMEM;

	if (err == NRM_OK)
		err = info_of(statement, &info);
	if (err == NRM_OK && n > 0)
		err = nrm_hpke_sender(&ctx, sealing_public, nrm_buf_slice(&info), NULL,
				      s->encapsulated_key);
	if (err == NRM_OK && n > 0)
		err = nrm_key_check(&ctx, s->key_check);
	if (err == NRM_OK)
		err = seal_fields(&ctx, value, n, arena, s);
	if (err != NRM_OK)
		goto out;

	nrm_recipient_key(sealing_public, s->recipient_key);
	qsort(s->commitment, n, sizeof(s->commitment[0]), compare_slices);
	statement->recipient_key = n ? nrm_slice(s->recipient_key, sizeof(s->recipient_key)) : none;
	statement->key_check = n ? nrm_slice(s->key_check, sizeof(s->key_check)) : none;
	statement->encapsulated_key =
		n ? nrm_slice(s->encapsulated_key, sizeof(s->encapsulated_key)) : none;
	statement->commitment = (struct nrm_slices){s->commitment, n};
	*ret_fields = s->field;
out:
	nrm_hpke_done(&ctx);
	nrm_buf_done(&info);
	return err;
}

enum nrm_err nrm_statement_open(const struct nrm_statement *statement,
				const uint8_t sealing_secret[static 32], struct nrm_hpke *ret_ctx)
{
	struct nrm_hpke ctx = {0};
	struct nrm_buf info = {0};
	uint8_t key_check[32];
	enum nrm_err err;

	if (statement->encapsulated_key.len != NRM_KEY_LEN || statement->key_check.len != 32)
		return NRM_ERR_OPEN;
	err = info_of(statement, &info);
	if (err == NRM_OK)
		err = nrm_hpke_recipient(&ctx, sealing_secret, statement->encapsulated_key.data,
					 nrm_buf_slice(&info));
	if (err == NRM_ERR_KEY)
		err = NRM_ERR_OPEN;
	if (err == NRM_OK)
		err = nrm_key_check(&ctx, key_check);
	if (err == NRM_OK && !nrm_equal_secret(key_check, statement->key_check.data, 32))
		err = NRM_ERR_OPEN;
	if (err == NRM_OK)
		*ret_ctx = ctx;
	nrm_hpke_done(&ctx);
	nrm_buf_done(&info);
	return err;
}
