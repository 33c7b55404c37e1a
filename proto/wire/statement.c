#include "proto/wire/statement.h"

#include "proto/base/limits.h"
#include "proto/merkle/merkle.h"
#include "proto/wire/statement_body.h"

/* Strictly ascending, 32 bytes each. */
static enum nrm_err check_commitments(struct nrm_slices commitment)
{
	if (commitment.n > NRM_MAX_FIELDS)
		return NRM_ERR_LIMIT;
	if (!nrm_all_of_length(commitment, NRM_HASH_LEN))
		return NRM_ERR_FORMAT;
	for (size_t i = 1; i < commitment.n; i++) {
		int order = nrm_slice_compare(commitment.item[i - 1], commitment.item[i]);
		if (order >= 0)
			return order == 0 ? NRM_ERR_DUPLICATE : NRM_ERR_CANONICAL;
	}
	return NRM_OK;
}

/* The three members of the sealing are there when something is sealed, and only then. */
static bool sealing_ok(const struct nrm_statement *s)
{
	if (s->commitment.n == 0)
		return s->recipient_key.len == 0 && s->key_check.len == 0 &&
		       s->encapsulated_key.len == 0;
	return s->recipient_key.len == 8 && s->key_check.len == NRM_HASH_LEN &&
	       s->encapsulated_key.len == NRM_KEY_LEN;
}

static enum nrm_err check(const struct nrm_statement *s)
{
	enum nrm_err err = check_commitments(s->commitment);

	if (err != NRM_OK)
		return err;
	if (!nrm_message_id_ok(s->message_id) || s->case_id.len != NRM_CASE_ID_LEN ||
	    !nrm_participant_id_ok(s->sender) || !nrm_participant_id_ok(s->recipient) ||
	    !nrm_no_message_id_or_ok(s->replaces))
		return NRM_ERR_ID;
	if (!sealing_ok(s))
		return NRM_ERR_FORMAT;
	if (s->emergency && s->basis != NRM_BASIS_EMERGENCY)
		return NRM_ERR_FORMAT;
	if (s->expires_at_ms < s->issued_at_ms ||
	    s->expires_at_ms - s->issued_at_ms > NRM_MAX_LIFETIME_MS)
		return NRM_ERR_TIME;
	return NRM_OK;
}

static enum nrm_err read_statement(const Nrm__Statement *m, struct nrm_arena *arena,
				   struct nrm_statement *ret_statement)
{
	struct nrm_statement s = {
		.version = m->version,
		.message_id = nrm_read_bytes(m->message_id),
		.case_id = nrm_read_bytes(m->case_id),
		.sender = nrm_slice_str(m->sender),
		.recipient = nrm_slice_str(m->recipient),
		.type = (enum nrm_message_type)m->type,
		.service = (enum nrm_service)m->service,
		.purpose = (enum nrm_purpose)m->purpose,
		.phase = (enum nrm_phase)m->phase,
		.issued_at_ms = m->issued_at_ms,
		.expires_at_ms = m->expires_at_ms,
		.basis = m->basis ? (enum nrm_basis)m->basis->kind : NRM_BASIS_ABSENT,
		.emergency = m->basis ? (enum nrm_emergency)m->basis->emergency
				      : NRM_EMERGENCY_ABSENT,
		.recipient_key = nrm_read_bytes(m->recipient_key),
		.key_check = nrm_read_bytes(m->key_check),
		.encapsulated_key = nrm_read_bytes(m->encapsulated_key),
		.replaces = nrm_read_bytes(m->replaces),
	};
	const struct nrm_body_form *form = &nrm_body_forms[s.type];

	if (m->basis && !s.basis && !s.emergency)
		return NRM_ERR_CANONICAL; /* an absent ground is left out */
	if (!form->read || form->member != m->body_case)
		return NRM_ERR_BODY;
	enum nrm_err err = nrm_read_list(m->commitment, m->n_commitment, arena, &s.commitment);
	if (err == NRM_OK)
		err = check(&s);
	if (err == NRM_OK)
		err = form->read(m->referral, arena, &s); /* any member: all are pointers */
	if (err == NRM_OK)
		*ret_statement = s;
	return err;
}

/* The version comes first: what a newer one adds is no mistake of its sender. */
enum nrm_err nrm_statement_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_statement *ret_statement)
{
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_STATEMENT)
		return NRM_ERR_LIMIT;
	err = nrm_message_unpack(&nrm__statement__descriptor, bytes, arena, &message);
	if (err != NRM_OK)
		return err;

	const Nrm__Statement *m = (const Nrm__Statement *)message;
	if (m->version > NRM_PROTOCOL_VERSION)
		return NRM_ERR_VERSION;
	if (m->version == 0)
		return NRM_ERR_FORMAT;
	err = nrm_message_check(message, bytes);
	return err == NRM_OK ? read_statement(m, arena, ret_statement) : err;
}

static enum nrm_err write_strings(const struct nrm_statement *s, struct nrm_arena *arena,
				  Nrm__Statement *m)
{
	enum nrm_err err = nrm_write_string(s->sender, arena, &m->sender);

	if (err == NRM_OK)
		err = nrm_write_string(s->recipient, arena, &m->recipient);
	if (err == NRM_OK)
		err = nrm_write_list(s->commitment, arena, &m->n_commitment, &m->commitment);
	return err;
}

static enum nrm_err write_body(const struct nrm_statement *s, struct nrm_arena *arena,
			       Nrm__Statement *m)
{
	if (s->type <= NRM_MESSAGE_TYPE_ABSENT || s->type >= NRM_MESSAGE_TYPE_END_)
		return NRM_ERR_ARGUMENT;

	const struct nrm_body_form *form = &nrm_body_forms[s->type];
	void *body = nrm_message_new(form->type, arena);
	if (!body)
		return NRM_ERR_NOMEM;
	m->body_case = form->member;
	m->referral = body; /* any member: all are pointers */
	return form->write(s, arena, body);
}

enum nrm_err nrm_statement_encode(const struct nrm_statement *statement, struct nrm_buf *out)
{
	const struct nrm_statement *s = statement;
	struct nrm_arena arena;
	Nrm__Basis basis = NRM__BASIS__INIT;
	Nrm__Statement m = NRM__STATEMENT__INIT;
	enum nrm_err err;

	m.version = s->version;
	m.message_id = nrm_write_bytes(s->message_id);
	m.case_id = nrm_write_bytes(s->case_id);
	m.type = (Nrm__MessageType)s->type;
	m.service = (Nrm__Service)s->service;
	m.purpose = (Nrm__Purpose)s->purpose;
	m.phase = (Nrm__Phase)s->phase;
	m.issued_at_ms = s->issued_at_ms;
	m.expires_at_ms = s->expires_at_ms;
	basis.kind = (Nrm__BasisKind)s->basis;
	basis.emergency = (Nrm__EmergencyReason)s->emergency;
	m.basis = s->basis || s->emergency ? &basis : NULL;
	m.recipient_key = nrm_write_bytes(s->recipient_key);
	m.key_check = nrm_write_bytes(s->key_check);
	m.encapsulated_key = nrm_write_bytes(s->encapsulated_key);
	m.replaces = nrm_write_bytes(s->replaces);

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	err = write_strings(s, &arena, &m);
	if (err == NRM_OK)
		err = write_body(s, &arena, &m);
	if (err == NRM_OK)
		err = nrm_message_pack(&m.base, NRM_MAX_STATEMENT, out);
	nrm_arena_done(&arena);
	return err;
}

void nrm_statement_digest(struct nrm_slice bytes, uint8_t out[static 32])
{
	struct nrm_hash digest = nrm_leaf_hash(bytes);

	memcpy(out, digest.bytes, sizeof(digest.bytes));
}
