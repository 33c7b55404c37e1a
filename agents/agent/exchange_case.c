/*
 * Questions about cases. A question leaves before the messages that wait with it, and the broker takes
 * frames in order: what it tells of a case is what it knew just before it decided on them.
 */
#include "agents/agent/exchange_parts.h"
#include "agents/agent/preview.h"

bool nrm_exchange_ask_case(struct nrm_exchange *x, const uint8_t case_id[static NRM_CASE_ID_LEN],
			   const uint8_t *message_id)
{
	struct nrm_question *q = &x->question[x->n_questions];

	if (!x->welcome || x->n_questions == NRM_MAX_QUESTIONS)
		return false;
	*q = (struct nrm_question){.for_message = message_id != NULL};
	memcpy(q->case_id, case_id, NRM_CASE_ID_LEN);
	if (message_id)
		memcpy(q->message_id, message_id, NRM_MESSAGE_ID_LEN);
	x->n_questions++;
	return true;
}

static bool about(const struct nrm_question *q, const uint8_t *case_id)
{
	return memcmp(q->case_id, case_id, NRM_CASE_ID_LEN) == 0;
}

bool nrm_exchange_asking(const struct nrm_exchange *x,
			 const uint8_t case_id[static NRM_CASE_ID_LEN])
{
	for (uint32_t i = 0; i < x->n_questions; i++)
		if (about(&x->question[i], case_id))
			return true;
	return false;
}

enum nrm_err nrm_exchange_next_question(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ASK, .is.ask.kind = NRM_ASK_CASE};
	uint32_t first = 0;

	while (first < x->n_questions && x->question[first].sent)
		first++;
	if (first == x->n_questions)
		return NRM_ERR_AGAIN;
	const uint8_t *case_id = x->question[first].case_id;
	frame.is.ask.case_id = nrm_slice(case_id, NRM_CASE_ID_LEN);
	enum nrm_err err = nrm_to_broker_encode(&frame, out);
	for (uint32_t i = first; err == NRM_OK && i < x->n_questions; i++)
		x->question[i].sent |= about(&x->question[i], case_id);
	return err;
}

/* The preview of a message that is on its way, with what is known now. */
static enum nrm_err preview_again(struct nrm_exchange *x, struct nrm_txn *txn,
				  const struct nrm_question *q, uint64_t now_ms)
{
	struct nrm_slice id = nrm_slice(q->message_id, NRM_MESSAGE_ID_LEN), bytes, copy;
	const struct nrm_preview_source source = {txn, x->self, x->directory,
						  nrm_exchange_policy(x)};
	struct nrm_envelope envelope;
	struct nrm_statement statement;
	struct nrm_preview preview;
	struct nrm_fate fate;
	nrm_mask fields = 0;
	enum nrm_err err = nrm_fate_get(txn, id, &fate);

	if (err || fate.stage != NRM_STAGE_SPOOLED || !source.policy)
		return err;
	err = nrm_outbox_get(txn, id, &bytes, &copy);
	if (err == NRM_OK)
		err = nrm_envelope_decode(bytes, &x->arena, &envelope);
	if (err == NRM_OK)
		err = nrm_statement_decode(envelope.statement, &x->arena, &statement);
	if (err)
		return err;
	for (size_t i = 0; i < envelope.n_fields; i++)
		fields |= nrm_bit(envelope.field[i].field);
	err = nrm_preview_make(&source, &statement, fields, now_ms, &preview);
	return err ? err : nrm_preview_put(txn, id, &preview);
}

/* Lets go of the questions that an answer about this case settles. */
static void settle(struct nrm_exchange *x, const uint8_t *case_id)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->n_questions; i++)
		if (!x->question[i].sent || !about(&x->question[i], case_id))
			x->question[n++] = x->question[i];
	x->n_questions = n;
}

enum nrm_err nrm_exchange_case_file(struct nrm_exchange *x, const struct nrm_case_answer *answer,
				    struct nrm_slice bytes, uint64_t now_ms)
{
	const uint8_t *case_id = answer->case_id.data;
	struct nrm_txn *txn;

	if (!nrm_exchange_asking(x, case_id))
		return NRM_OK;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);
	if (err)
		return err;
	err = nrm_case_file_keep(txn, answer->case_id, now_ms, answer->known, bytes);
	for (uint32_t i = 0; err == NRM_OK && i < x->n_questions; i++) {
		const struct nrm_question *q = &x->question[i];

		if (q->sent && q->for_message && about(q, case_id))
			err = preview_again(x, txn, q, now_ms);
		if (!nrm_exchange_failed(err))
			err = NRM_OK; /* the one made at sending stands */
	}
	if (err) {
		nrm_txn_abort(txn);
		return err;
	}
	err = nrm_txn_commit(txn);
	if (err == NRM_OK)
		settle(x, case_id);
	return err;
}
