/* Receipts: what the broker says became of our messages, each checked before it is written down. */
#include "agents/agent/exchange_parts.h"

/* One of our messages, as it lies in the outbox. */
struct sent {
	struct nrm_statement statement;
	uint8_t digest[NRM_HASH_LEN];
	nrm_mask declared;
	struct nrm_fate fate;
};

static enum nrm_err load(struct nrm_exchange *x, struct nrm_txn *txn, struct nrm_slice message_id,
			 struct sent *ret_sent)
{
	struct nrm_slice envelope, copy;
	struct nrm_envelope decoded;
	struct sent sent = {.declared = 0};
	enum nrm_err err = nrm_outbox_get(txn, message_id, &envelope, &copy);

	if (err)
		return err;
	/* Decoding points into the row, which writing in this transaction may move. */
	const uint8_t *own = nrm_arena_copy(&x->arena, envelope.data, envelope.len);
	if (!own)
		return NRM_ERR_NOMEM;
	err = nrm_envelope_decode(nrm_slice(own, envelope.len), &x->arena, &decoded);
	if (err == NRM_OK)
		err = nrm_statement_decode(decoded.statement, &x->arena, &sent.statement);
	if (err)
		return nrm_exchange_failed(err) ? err : NRM_ERR_CORRUPT;
	nrm_statement_digest(decoded.statement, sent.digest);
	for (size_t i = 0; i < decoded.n_fields; i++)
		sent.declared |= nrm_bit(decoded.field[i].field);
	err = nrm_fate_get(txn, message_id, &sent.fate);
	if (err == NRM_OK)
		*ret_sent = sent;
	return err;
}

static void write_verdict(const struct nrm_told *told, uint64_t index, struct nrm_fate *fate)
{
	const struct nrm_view *view = &told->view;

	fate->stage = NRM_STAGE_DECIDED;
	fate->refusal = 0;
	fate->outcome = view->outcome;
	fate->reason = view->reason;
	fate->index = index;
	memcpy(fate->leaf_hash, told->hash.bytes, NRM_HASH_LEN);
	fate->decided_ms = view->time_ms;
	fate->forwarded = view->forwarded;
	fate->secret = fate->not_needed = fate->not_consented = 0;
	for (size_t i = 0; i < 3; i++) {
		nrm_mask fields = view->withheld[i].fields;

		if (view->withheld[i].reason == NRM_REASON_SECRET)
			fate->secret |= fields;
		else if (view->withheld[i].reason == NRM_REASON_NOT_NEEDED)
			fate->not_needed |= fields;
		else
			fate->not_consented |= fields;
	}
	fate->obligations = view->obligations;
	fate->missing = view->missing;
}

/* The acknowledgement: the recipient's own signature, for what we were told was forwarded to it. */
static enum nrm_err take_ack(struct nrm_exchange *x, struct nrm_txn *txn,
			     const struct nrm_told *told, uint64_t index, struct sent *sent)
{
	const struct nrm_participant *recipient =
		nrm_directory_find(x->directory, sent->statement.recipient);
	struct nrm_hash decision;
	struct nrm_kept_leaf kept;
	struct nrm_ack_body ack;
	enum nrm_err err = NRM_ERR_NOT_FOUND;

	if (!recipient)
		return NRM_ERR_NOT_FOUND;
	if (told->view.earlier)
		err = nrm_leaf_get(txn, told->view.earlier - 1, &kept);
	if (nrm_exchange_failed(err))
		return err;
	bool known = err == NRM_OK;
	if (known)
		decision = nrm_leaf_hash(kept.leaf);
	err = nrm_check_ack(told, sent->digest, recipient->verifying, known ? &decision : NULL,
			    &x->arena, &ack);
	if (err)
		return err;
	if (known && told->view.earlier - 1 == sent->fate.index &&
	    ack.forwarded != sent->fate.forwarded)
		return NRM_ERR_COMMITMENT;
	sent->fate.ack = ack.status;
	sent->fate.ack_index = index;
	sent->fate.ack_ms = ack.time_ms;
	sent->fate.returned = ack.status != NRM_ACK_OK;
	return NRM_OK;
}

/* What an item changes in the fate of its message, by kind of leaf. */
static enum nrm_err apply(struct nrm_exchange *x, struct nrm_txn *txn, const struct nrm_told *told,
			  uint64_t index, struct sent *sent)
{
	switch (told->leaf.kind) {
	case NRM_EVENT_ACKNOWLEDGEMENT:
		return take_ack(x, txn, told, index, sent);
	case NRM_EVENT_RETURN:
		sent->fate.returned = true;
		return NRM_OK;
	default:
		/* An older decision may come again after the newer one: it changes nothing. */
		if (sent->fate.stage != NRM_STAGE_DECIDED || index > sent->fate.index)
			write_verdict(told, index, &sent->fate);
		return NRM_OK;
	}
}

static enum nrm_err take(struct nrm_exchange *x, struct nrm_txn *txn,
			 const struct nrm_receipt_item *item, uint64_t now_ms)
{
	struct nrm_kept_leaf leaf = {.leaf = item->leaf, .salt = item->salt, .view = item->view};
	struct nrm_told told;
	struct sent sent;
	enum nrm_err err = nrm_check_told(item->leaf, item->salt, item->view, NRM_VIEWER_SENDER,
					  &x->arena, &told);

	if (err == NRM_OK && told.leaf.kind == NRM_EVENT_AGGREGATE)
		return nrm_exchange_aggregated(x, txn, item, &told, now_ms);
	if (err == NRM_OK)
		err = load(x, txn, item->message_id, &sent);
	if (err == NRM_OK)
		err = nrm_check_receipt(&told, &sent.statement, sent.digest, sent.declared);
	if (err == NRM_OK)
		err = apply(x, txn, &told, item->index, &sent);
	if (err)
		return err;
	bool acknowledged =
		!nrm_slice_equal(sent.statement.recipient, nrm_directory_broker_id(x->directory));
	err = nrm_leaf_keep(txn, item->index, &leaf, now_ms);
	if (err == NRM_OK)
		err = nrm_fate_put(txn, item->message_id, sent.statement.case_id, &sent.fate,
				   acknowledged);
	return err ? err : nrm_exchange_carried_out(x, txn, &sent.statement, &sent.fate);
}

enum nrm_err nrm_exchange_receipt(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				  uint64_t now_ms)
{
	size_t n = frame->is.receipt.n;
	bool *good = nrm_arena_alloc(&x->arena, n * sizeof(*good));
	struct nrm_txn *txn;

	if (!good)
		return NRM_ERR_NOMEM;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);
	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		const struct nrm_receipt_item *item = &frame->is.receipt.item[i];

		err = take(x, txn, item, now_ms);
		if (nrm_exchange_failed(err)) {
			nrm_txn_abort(txn);
			return err;
		}
		good[i] = err == NRM_OK;
		if (err)
			nrm_exchange_found(x,
					   err == NRM_ERR_SIGNATURE || err == NRM_ERR_PROOF
						   ? NRM_FOUND_ACK
						   : NRM_FOUND_RECEIPT,
					   nrm_err_text(err), item->message_id);
	}
	err = nrm_txn_commit(txn);
	for (size_t i = 0; i < n && err == NRM_OK; i++)
		if (good[i])
			nrm_exchange_landed(x, frame->is.receipt.item[i].message_id.data);
	return err;
}
