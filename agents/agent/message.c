#include "agents/agent/message.h"

#include "proto/crypto/sign.h"

/* Seals to one key and puts the statement and its fields into one envelope, not signed yet. */
static enum nrm_err seal(struct nrm_statement *statement, const struct nrm_field_value *value,
			 size_t n, const uint8_t *key, struct nrm_arena *arena,
			 struct nrm_buf *bytes, struct nrm_envelope *ret_envelope)
{
	static const uint8_t none[NRM_KEY_LEN];
	struct nrm_envelope envelope = {.n_fields = n};
	enum nrm_err err =
		nrm_statement_seal(statement, value, n, key ? key : none, arena, &envelope.field);

	if (err == NRM_OK)
		err = nrm_statement_encode(statement, bytes);
	if (err)
		return err;
	envelope.statement = nrm_buf_slice(bytes);
	*ret_envelope = envelope;
	return NRM_OK;
}

enum nrm_err nrm_message_build(const struct nrm_identity *keys,
			       const struct nrm_statement *statement,
			       const struct nrm_values *values, const uint8_t *recipient,
			       struct nrm_arena *arena, struct nrm_buf *ret_envelope,
			       struct nrm_buf *ret_copy)
{
	struct nrm_field_value value[NRM_FIELD_END_];
	struct nrm_statement out = *statement, own = *statement;
	struct nrm_buf bytes = {0}, own_bytes = {0};
	struct nrm_envelope envelope, copy;
	uint8_t root[NRM_HASH_LEN], signature[NRM_SIGNATURE_LEN];
	size_t n = 0;
	enum nrm_err err;

	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		if (values->of[f].data)
			value[n++] = (struct nrm_field_value){f, values->of[f]};
	if (n && !recipient)
		return NRM_ERR_KEY;
	err = seal(&out, value, n, recipient, arena, &bytes, &envelope);
	own.recipient = own.sender;
	if (err == NRM_OK)
		err = seal(&own, value, n, keys->sealing_public[0], arena, &own_bytes, &copy);
	if (err)
		goto out;
	nrm_statement_digest(envelope.statement, root);
	err = nrm_batch_sign(keys->signing, NRM_DOMAIN_STATEMENTS, 1, root, signature);
	if (err)
		goto out;
	envelope.has_proof = true;
	envelope.proof =
		(struct nrm_proof){.size = 1, .signature = nrm_slice(signature, sizeof(signature))};
	err = nrm_envelope_encode(&envelope, ~(nrm_mask)0, ret_envelope);
	if (err == NRM_OK)
		err = nrm_envelope_encode(&copy, ~(nrm_mask)0, ret_copy);
out:
	nrm_buf_done(&bytes);
	nrm_buf_done(&own_bytes);
	return err;
}

nrm_mask nrm_envelope_fields(const struct nrm_envelope *envelope)
{
	nrm_mask fields = 0;

	for (size_t i = 0; i < envelope->n_fields; i++)
		fields |= nrm_bit(envelope->field[i].field);
	return fields;
}

enum nrm_err nrm_fields_open(const struct nrm_identity *keys, const struct nrm_statement *statement,
			     const struct nrm_envelope *envelope, struct nrm_buf *store,
			     struct nrm_values *ret_values)
{
	size_t start[NRM_FIELD_END_], len[NRM_FIELD_END_];
	struct nrm_values values = {0};
	struct nrm_hpke ctx;
	enum nrm_err err = NRM_ERR_OPEN;

	if (envelope->n_fields == 0) {
		*ret_values = values;
		return NRM_OK;
	}
	for (size_t i = 0; i < keys->n_sealing && err == NRM_ERR_OPEN; i++)
		err = nrm_statement_open(statement, keys->sealing[i], &ctx);
	if (err)
		return err;
	for (size_t i = 0; i < envelope->n_fields && err == NRM_OK; i++) {
		const struct nrm_sealed_field *sealed = &envelope->field[i];

		start[sealed->field] = store->len;
		err = nrm_field_open(&ctx, sealed->field, sealed->ciphertext, store);
		len[sealed->field] = store->len - start[sealed->field];
	}
	nrm_hpke_done(&ctx);
	if (err)
		return err;
	nrm_buf_put_u8(store, 0); /* an empty value has an address too */
	if (store->err)
		return store->err;
	for (size_t i = 0; i < envelope->n_fields; i++) {
		enum nrm_field f = envelope->field[i].field;

		values.of[f] = nrm_slice(store->data + start[f], len[f]);
	}
	*ret_values = values;
	return NRM_OK;
}

enum nrm_err nrm_message_open(const struct nrm_identity *keys, struct nrm_slice bytes,
			      struct nrm_arena *arena, struct nrm_buf *store,
			      struct nrm_statement *ret_statement, struct nrm_values *ret_values)
{
	struct nrm_envelope envelope;
	struct nrm_statement statement;
	enum nrm_err err = nrm_envelope_decode(bytes, arena, &envelope);

	if (err == NRM_OK)
		err = nrm_statement_decode(envelope.statement, arena, &statement);
	if (err == NRM_OK)
		err = nrm_fields_open(keys, &statement, &envelope, store, ret_values);
	if (err == NRM_OK)
		*ret_statement = statement;
	return err;
}
