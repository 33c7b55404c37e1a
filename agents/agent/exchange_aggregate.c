/*
 * Monthly statements on their way to the broker: those that are spooled go out once a connection, and are sent again on the next
 * until the broker has answered; a repeat changes nothing there.
 */
#include "agents/agent/aggregate.h"
#include "agents/agent/exchange_parts.h"
#include "proto/crypto/sign.h"

enum nrm_err nrm_exchange_next_aggregate(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_AGGREGATE};
	struct nrm_kept_aggregate kept;
	struct nrm_txn *txn;

	if (x->aggregates_sent)
		return NRM_ERR_AGAIN;
	enum nrm_err err = nrm_txn_begin(x->options.store, false, &txn);
	if (err != NRM_OK)
		return err;
	err = nrm_aggregate_next(txn, x->aggregate_month, &kept);
	if (err == NRM_OK) {
		frame.is.aggregate = kept.document;
		err = nrm_to_broker_encode(&frame, out);
		x->aggregate_month = (uint16_t)(kept.month + 1);
	}
	nrm_txn_abort(txn);
	if (err != NRM_ERR_NOT_FOUND)
		return err;
	x->aggregates_sent = true;
	return NRM_ERR_AGAIN;
}

void nrm_exchange_aggregate_soon(struct nrm_exchange *x)
{
	x->aggregates_sent = false;
	x->aggregate_month = 0;
}

/* Copies what lies in a row that is about to be written anew. */
static enum nrm_err own(struct nrm_exchange *x, struct nrm_slice *bytes)
{
	const uint8_t *copy = nrm_arena_copy(&x->arena, bytes->data, bytes->len);

	if (!copy)
		return NRM_ERR_NOMEM;
	bytes->data = copy;
	return NRM_OK;
}

static enum nrm_err settle(struct nrm_exchange *x, struct nrm_txn *txn,
			   struct nrm_kept_aggregate *kept)
{
	enum nrm_err err = own(x, &kept->document.document);

	if (err == NRM_OK)
		err = own(x, &kept->document.signature);
	return err == NRM_OK ? nrm_aggregate_put(txn, kept) : err;
}

enum nrm_err nrm_exchange_aggregated(struct nrm_exchange *x, struct nrm_txn *txn,
				     const struct nrm_receipt_item *item,
				     const struct nrm_told *told, uint64_t now_ms)
{
	const struct nrm_kept_leaf leaf = {
		.leaf = item->leaf, .salt = item->salt, .view = item->view};
	struct nrm_kept_aggregate kept;
	uint8_t digest[NRM_HASH_LEN];

	if (!nrm_slice_equal(told->leaf.sender, x->self) ||
	    !nrm_slice_equal(told->view.message_id, item->message_id) ||
	    told->view.document_version > UINT16_MAX)
		return NRM_ERR_ID;
	enum nrm_err err = nrm_aggregate_get(txn, (uint16_t)told->view.document_version, &kept);
	if (err != NRM_OK)
		return err;
	nrm_document_digest(NRM_DOMAIN_AGGREGATE, kept.document.document, digest);
	if (!nrm_slice_equal(told->view.document_digest, nrm_slice(digest, sizeof(digest))))
		return NRM_ERR_COMMITMENT;
	kept.state = NRM_AGGREGATE_RECORDED;
	kept.leaf = item->index;
	err = settle(x, txn, &kept);
	return err == NRM_OK ? nrm_leaf_keep(txn, item->index, &leaf, now_ms) : err;
}

/* The spooled statement with this message id. */
static enum nrm_err find(struct nrm_exchange *x, struct nrm_txn *txn, struct nrm_slice message_id,
			 struct nrm_kept_aggregate *ret_kept)
{
	enum nrm_err err = NRM_OK;

	for (uint32_t from = 0; err == NRM_OK && from <= UINT16_MAX; from = ret_kept->month + 1u) {
		struct nrm_aggregate aggregate;

		err = nrm_aggregate_next(txn, (uint16_t)from, ret_kept);
		if (err == NRM_OK &&
		    nrm_aggregate_decode(ret_kept->document.document, &x->arena, &aggregate) ==
			    NRM_OK &&
		    nrm_slice_equal(aggregate.message_id, message_id))
			return NRM_OK;
	}
	return err == NRM_OK ? NRM_ERR_NOT_FOUND : err;
}

enum nrm_err nrm_exchange_aggregate_refused(struct nrm_exchange *x, struct nrm_slice message_id,
					    enum nrm_refusal code)
{
	struct nrm_kept_aggregate kept;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);

	if (err != NRM_OK)
		return err;
	err = find(x, txn, message_id, &kept);
	if (err == NRM_OK) {
		kept.state = NRM_AGGREGATE_REFUSED;
		kept.refusal = code;
		err = settle(x, txn, &kept);
	}
	if (err != NRM_OK) {
		nrm_txn_abort(txn);
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	}
	return nrm_txn_commit(txn);
}
