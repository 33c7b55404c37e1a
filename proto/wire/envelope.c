#include "proto/wire/envelope.h"

#include "proto/base/limits.h"
#include "proto/wire/envelope_message.h"
#include "proto/wire/pack.h"
#include "proto/wire/seal.h"

enum nrm_err nrm_proof_read(const Nrm__Proof *m, struct nrm_arena *arena,
			    struct nrm_proof *ret_proof)
{
	struct nrm_slices path;
	enum nrm_err err = nrm_read_list(m->path, m->n_path, arena, &path);

	if (err == NRM_OK)
		*ret_proof =
			(struct nrm_proof){m->size, m->index, path, nrm_read_bytes(m->signature)};
	return err;
}

enum nrm_err nrm_proof_write(const struct nrm_proof *proof, struct nrm_arena *arena,
			     Nrm__Proof **ret_m)
{
	Nrm__Proof *m = nrm_message_new(&nrm__proof__descriptor, arena);

	if (!m)
		return NRM_ERR_NOMEM;
	m->size = proof->size;
	m->index = proof->index;
	m->signature = nrm_write_bytes(proof->signature);
	enum nrm_err err = nrm_write_list(proof->path, arena, &m->n_path, &m->path);
	if (err == NRM_OK)
		*ret_m = m;
	return err;
}

static enum nrm_err read_field(const Nrm__SealedField *m, struct nrm_sealed_field *ret_field)
{
	struct nrm_slice ciphertext = nrm_read_bytes(m->ciphertext);

	if (m->field == NRM__FIELD__FIELD_UNSPECIFIED)
		return NRM_ERR_UNKNOWN_CODE;
	if (ciphertext.len > NRM_MAX_CIPHERTEXT)
		return NRM_ERR_LIMIT;
	if (m->salt.len != 16 || ciphertext.len <= NRM_AEAD_TAG_LEN)
		return NRM_ERR_FORMAT;

	size_t padded = ciphertext.len - NRM_AEAD_TAG_LEN;
	if (nrm_padded_len(padded - 1) != padded)
		return NRM_ERR_FORMAT;
	*ret_field = (struct nrm_sealed_field){(enum nrm_field)m->field, nrm_read_bytes(m->salt),
					       ciphertext};
	return NRM_OK;
}

static enum nrm_err read_fields(const Nrm__Envelope *m, struct nrm_sealed_field *field)
{
	for (size_t i = 0; i < m->n_field; i++) {
		enum nrm_err err = read_field(m->field[i], &field[i]);
		if (err != NRM_OK)
			return err;
		if (i > 0 && field[i].field == field[i - 1].field)
			return NRM_ERR_DUPLICATE;
		if (i > 0 && field[i].field < field[i - 1].field)
			return NRM_ERR_CANONICAL;
	}
	return NRM_OK;
}

enum nrm_err nrm_envelope_read(const Nrm__Envelope *m, struct nrm_arena *arena,
			       struct nrm_envelope *ret_envelope)
{
	struct nrm_envelope e = {.statement = nrm_read_bytes(m->statement),
				 .has_proof = m->proof != NULL,
				 .n_fields = m->n_field};
	enum nrm_err err = NRM_OK;

	if (e.statement.len == 0)
		return NRM_ERR_FORMAT;
	if (e.statement.len > NRM_MAX_STATEMENT || e.n_fields > NRM_MAX_FIELDS)
		return NRM_ERR_LIMIT;

	struct nrm_sealed_field *field = nrm_arena_alloc(arena, m->n_field * sizeof(*field));
	if (!field)
		return NRM_ERR_NOMEM;
	e.field = field;
	if (m->proof)
		err = nrm_proof_read(m->proof, arena, &e.proof);
	if (err == NRM_OK)
		err = read_fields(m, field);
	if (err == NRM_OK)
		*ret_envelope = e;
	return err;
}

enum nrm_err nrm_envelope_write(const struct nrm_envelope *envelope, nrm_mask keep,
				struct nrm_arena *arena, Nrm__Envelope *m)
{
	enum nrm_err err = NRM_OK;

	m->statement = nrm_write_bytes(envelope->statement);
	if (envelope->has_proof)
		err = nrm_proof_write(&envelope->proof, arena, &m->proof);
	if (err != NRM_OK)
		return err;
	m->field = nrm_message_list(&nrm__sealed_field__descriptor, envelope->n_fields, arena);
	if (!m->field)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < envelope->n_fields; i++) {
		const struct nrm_sealed_field *f = &envelope->field[i];
		if (!(keep & nrm_bit(f->field)))
			continue;
		Nrm__SealedField *sealed = m->field[m->n_field++];
		sealed->field = (Nrm__Field)f->field;
		sealed->salt = nrm_write_bytes(f->salt);
		sealed->ciphertext = nrm_write_bytes(f->ciphertext);
	}
	return NRM_OK;
}

static size_t field_size(const struct nrm_sealed_field *f)
{
	return nrm_number_size(1, f->field) + nrm_bytes_size(2, f->salt) +
	       nrm_bytes_size(3, f->ciphertext);
}

enum nrm_err nrm_envelope_encode(const struct nrm_envelope *envelope, nrm_mask keep,
				 struct nrm_buf *out)
{
	const size_t before = out->len;

	nrm_pack_bytes(out, 1, envelope->statement);
	if (envelope->has_proof)
		nrm_pack_proof(out, 2, &envelope->proof);
	for (size_t i = 0; i < envelope->n_fields; i++) {
		const struct nrm_sealed_field *f = &envelope->field[i];

		if (!(keep & nrm_bit(f->field)))
			continue;
		nrm_pack_head(out, 3, field_size(f));
		nrm_pack_number(out, 1, f->field);
		nrm_pack_bytes(out, 2, f->salt);
		nrm_pack_bytes(out, 3, f->ciphertext);
	}
	if (out->err == NRM_OK && out->len - before > NRM_MAX_ENVELOPE) {
		out->len = before;
		return NRM_ERR_LIMIT;
	}
	return out->err;
}

enum nrm_err nrm_envelope_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				 struct nrm_envelope *ret_envelope)
{
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_ENVELOPE)
		return NRM_ERR_LIMIT;
	err = nrm_message_read(&nrm__envelope__descriptor, bytes, arena, &message);
	if (err != NRM_OK)
		return err;
	return nrm_envelope_read((const Nrm__Envelope *)message, arena, ret_envelope);
}
