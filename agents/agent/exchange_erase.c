/*
 * Orders to forget a case, as the broker hands them on: signed by an agency whose role the policy lets order it, addressed
 * to the broker. What is here of the case goes, and a signed confirmation says so to who ordered it. The same with an order of
 * our own, once the broker has carried it out.
 */
#include "agents/agent/exchange_parts.h"
#include "agents/agent/message.h"

/* How soon what readers kept from being overwritten is tried again. */
#define SCRUB_AGAIN_MS 60000u

static enum nrm_err erase(struct nrm_exchange *x, struct nrm_txn *txn, struct nrm_slice case_id)
{
	struct nrm_buf sent = {0};
	enum nrm_err err = nrm_spool_erase(txn, case_id, &sent);

	for (size_t at = 0; err == NRM_OK && at < sent.len; at += NRM_MESSAGE_ID_LEN)
		nrm_exchange_landed(x, sent.data + at);
	nrm_buf_wipe(&sent);
	x->must_scrub = true;
	x->scrub_ms = 0;
	return err;
}

/* The confirmation is of the order's own case, which tells nothing of the one that is gone. */
static enum nrm_err confirm(struct nrm_exchange *x, struct nrm_txn *txn,
			    const struct nrm_statement *order, uint64_t now_ms)
{
	static const struct nrm_values none;
	struct nrm_buf envelope = {0}, copy = {0};
	uint8_t random[10], id[NRM_MESSAGE_ID_LEN];
	const struct nrm_statement st = {
		.version = NRM_PROTOCOL_VERSION,
		.message_id = nrm_slice(id, sizeof(id)),
		.case_id = order->message_id,
		.sender = x->self,
		.recipient = order->sender,
		.type = NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION,
		.issued_at_ms = now_ms,
		.expires_at_ms = now_ms + NRM_MAX_LIFETIME_MS,
		.basis = NRM_BASIS_NONE,
		.body.erasure_confirmation = {.order = order->message_id},
	};

	nrm_random(random, sizeof(random));
	nrm_message_id_make(now_ms, random, id);
	enum nrm_err err = nrm_message_build(x->options.identity, &st, &none, NULL, &x->arena,
					     &envelope, &copy);
	if (err == NRM_OK)
		err = nrm_outbox_add(txn, id, nrm_buf_slice(&envelope), nrm_buf_slice(&copy));
	nrm_buf_done(&envelope);
	nrm_buf_done(&copy);
	return err;
}

static bool is_order(const struct nrm_exchange *x, const struct nrm_statement *st)
{
	return st->type == NRM_MESSAGE_TYPE_ERASURE_ORDER &&
	       nrm_slice_equal(st->recipient, nrm_directory_broker_id(x->directory));
}

enum nrm_err nrm_exchange_ordered(struct nrm_exchange *x, struct nrm_txn *txn,
				  const struct nrm_statement *st, uint64_t now_ms)
{
	const struct nrm_participant *sender = nrm_directory_find(x->directory, st->sender);
	const struct nrm_policy *policy = nrm_exchange_policy(x);

	if (!is_order(x, st))
		return NRM_OK;
	if (!sender || !policy || !(sender->roles & policy->forgotten_by)) {
		nrm_exchange_found(x, NRM_FOUND_ERASURE, "not by a role that may order it",
				   st->message_id);
		return NRM_OK;
	}
	enum nrm_err err = erase(x, txn, st->case_id);
	return err ? err : confirm(x, txn, st, now_ms);
}

enum nrm_err nrm_exchange_carried_out(struct nrm_exchange *x, struct nrm_txn *txn,
				      const struct nrm_statement *st, const struct nrm_fate *fate)
{
	if (!is_order(x, st) || fate->stage != NRM_STAGE_DECIDED ||
	    fate->outcome != NRM_OUTCOME_FORWARD)
		return NRM_OK;
	return erase(x, txn, st->case_id);
}

void nrm_exchange_scrub(struct nrm_exchange *x, uint64_t now_ms)
{
	if (!x->must_scrub || now_ms < x->scrub_ms)
		return;
	enum nrm_err err = nrm_store_scrub(x->options.store);
	x->must_scrub = err != NRM_OK;
	x->scrub_ms = now_ms + SCRUB_AGAIN_MS;
	if (err && err != NRM_ERR_AGAIN)
		nrm_exchange_found(x, NRM_FOUND_STORE, nrm_err_text(err), nrm_slice(NULL, 0));
}
