/* The bodies of erasure orders and confirmations. */
#include "proto/base/limits.h"
#include "proto/wire/statement_body.h"

enum nrm_err nrm_erasure_order_read(const void *message, struct nrm_arena *arena,
				    struct nrm_statement *ret_statement)
{
	const Nrm__ErasureOrder *m = message;
	struct nrm_slice consent_id = nrm_read_bytes(m->consent_id);
	struct nrm_slices list;

	if (m->n_message_id > NRM_MAX_ERASURES)
		return NRM_ERR_LIMIT;
	if (!nrm_no_bytes_or_length(consent_id, NRM_CONSENT_ID_LEN))
		return NRM_ERR_ID;
	enum nrm_err err = nrm_read_list(m->message_id, m->n_message_id, arena, &list);
	if (err != NRM_OK)
		return err;
	for (size_t i = 0; i < list.n; i++)
		if (!nrm_message_id_ok(list.item[i]))
			return NRM_ERR_ID;
	err = nrm_no_duplicates(list);
	if (err != NRM_OK)
		return err;
	ret_statement->body.erasure_order.consent_id = consent_id;
	ret_statement->body.erasure_order.message_id = list;
	return NRM_OK;
}

enum nrm_err nrm_erasure_order_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				     void *message)
{
	Nrm__ErasureOrder *m = message;

	m->consent_id = nrm_write_bytes(statement->body.erasure_order.consent_id);
	return nrm_write_list(statement->body.erasure_order.message_id, arena, &m->n_message_id,
			      &m->message_id);
}

/* [A-Z0-9.-]{0,32} */
static bool legal_ground_ok(struct nrm_slice code)
{
	if (code.len > NRM_MAX_LEGAL_GROUND)
		return false;
	for (size_t i = 0; i < code.len; i++) {
		uint8_t c = code.data[i];
		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '.' && c != '-')
			return false;
	}
	return true;
}

enum nrm_err nrm_erasure_confirmation_read(const void *message, struct nrm_arena *arena,
					   struct nrm_statement *ret_statement)
{
	const Nrm__ErasureConfirmation *m = message;
	struct nrm_slice order = nrm_read_bytes(m->order);
	struct nrm_slice legal_ground = nrm_slice_str(m->legal_ground);

	(void)arena;
	if (!nrm_message_id_ok(order))
		return NRM_ERR_ID;
	if (!legal_ground_ok(legal_ground))
		return NRM_ERR_FORMAT;
	ret_statement->body.erasure_confirmation.order = order;
	ret_statement->body.erasure_confirmation.legal_ground = legal_ground;
	ret_statement->body.erasure_confirmation.kept_until_ms = m->kept_until_ms;
	return NRM_OK;
}

enum nrm_err nrm_erasure_confirmation_write(const struct nrm_statement *statement,
					    struct nrm_arena *arena, void *message)
{
	Nrm__ErasureConfirmation *m = message;

	m->order = nrm_write_bytes(statement->body.erasure_confirmation.order);
	m->kept_until_ms = statement->body.erasure_confirmation.kept_until_ms;
	return nrm_write_string(statement->body.erasure_confirmation.legal_ground, arena,
				&m->legal_ground);
}
