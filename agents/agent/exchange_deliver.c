/*
 * Deliveries: everything about them is checked, they are committed to the inbox, and only then
 * acknowledged.
 */
#include "agents/agent/exchange_parts.h"
#include "agents/agent/message.h"
#include "proto/crypto/sign.h"

/* One delivery after its checks. */
struct taken {
	const struct nrm_statement *statement; /* NULL: not believed, nothing is answered */
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_told told;
	enum nrm_ack status;
};

/* Whether every field that came can be opened; the plaintexts are wiped at once. */
static enum nrm_err try_open(struct nrm_exchange *x, const struct nrm_statement *statement,
			     const struct nrm_envelope *envelope)
{
	struct nrm_buf store = {0};
	struct nrm_values values;
	enum nrm_err err =
		nrm_fields_open(x->options.identity, statement, envelope, &store, &values);

	nrm_buf_wipe(&store);
	return err;
}

/*
 * A wrong commitment is the sender's doing or the broker's; the sender learns of it through a
 * failed acknowledgement. Who signed what cannot be told without its statement, so that is decoded
 * by itself.
 */
static enum nrm_err bad_commitment(struct nrm_exchange *x, const struct nrm_delivery *item,
				   struct taken *t)
{
	struct nrm_statement *statement = nrm_arena_alloc(&x->arena, sizeof(*statement));

	if (!statement)
		return NRM_ERR_NOMEM;
	enum nrm_err err = nrm_statement_decode(item->envelope.statement, &x->arena, statement);
	if (err)
		return err;
	nrm_statement_digest(item->envelope.statement, t->digest);
	if (!nrm_slice_equal(statement->recipient, x->self) ||
	    !nrm_slice_equal(t->told.view.statement_digest, nrm_slice(t->digest, NRM_HASH_LEN)))
		return NRM_ERR_ID;
	t->statement = statement;
	t->status = NRM_ACK_BAD_COMMITMENT;
	return NRM_OK;
}

static enum nrm_err check(struct nrm_exchange *x, const struct nrm_delivery *item, struct taken *t)
{
	const struct nrm_verified *verified;
	enum nrm_err err = nrm_check_told(item->leaf, item->salt, item->view, NRM_VIEWER_RECIPIENT,
					  &x->arena, &t->told);

	if (err)
		return err;
	err = nrm_check_delivery(&t->told, &item->envelope, x->directory, x->self, &x->arena,
				 &verified);
	if (err == NRM_ERR_COMMITMENT)
		return bad_commitment(x, item, t);
	if (err)
		return err;
	t->statement = nrm_verified_statement(verified);
	memcpy(t->digest, nrm_verified_digest(verified), NRM_HASH_LEN);
	err = try_open(x, t->statement, &item->envelope);
	t->status = err ? NRM_ACK_CANNOT_OPEN : NRM_ACK_OK;
	return err == NRM_ERR_OPEN || err == NRM_ERR_PADDING ? NRM_OK : err;
}

static enum nrm_err keep(struct nrm_exchange *x, struct nrm_txn *txn,
			 const struct nrm_delivery *item, const struct taken *t, uint64_t now_ms)
{
	struct nrm_kept_leaf leaf = {.leaf = item->leaf, .salt = item->salt, .view = item->view};
	struct nrm_received received = {.received_ms = now_ms,
					.index = item->index,
					.status = t->status,
					.forwarded = nrm_envelope_fields(&item->envelope),
					.withheld_count = t->told.view.withheld_count};
	struct nrm_buf bytes = {0};
	bool is_new;
	enum nrm_err err = nrm_envelope_encode(&item->envelope, ~(nrm_mask)0, &bytes);

	received.envelope = nrm_buf_slice(&bytes);
	if (err == NRM_OK)
		err = nrm_leaf_keep(txn, item->index, &leaf, now_ms);
	if (err == NRM_OK)
		err = nrm_inbox_put(txn, t->statement->message_id, t->statement->sender, &received,
				    &is_new);
	if (err == NRM_OK && is_new && t->status == NRM_ACK_OK)
		err = nrm_exchange_ordered(x, txn, t->statement, now_ms);
	nrm_buf_done(&bytes);
	return err;
}

/* Serializes the acknowledgement of a committed delivery. */
static enum nrm_err answer(struct nrm_exchange *x, const struct nrm_delivery *item,
			   const struct taken *t, uint64_t now_ms)
{
	struct nrm_ack_body ack = {.statement_digest = nrm_slice(t->digest, NRM_HASH_LEN),
				   .forwarded = nrm_envelope_fields(&item->envelope),
				   .leaf_hash = nrm_slice(t->told.hash.bytes, NRM_HASH_LEN),
				   .time_ms = now_ms,
				   .status = t->status};
	struct nrm_buf *slot = &x->ack[x->n_acks];

	nrm_buf_clear(slot);
	enum nrm_err err = nrm_ack_encode(&ack, slot);
	x->n_acks += err == NRM_OK;
	return err;
}

enum nrm_err nrm_exchange_deliver(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				  uint64_t now_ms)
{
	const struct nrm_delivery *item = frame->is.deliver.item;
	size_t n = frame->is.deliver.n;
	struct taken *taken = nrm_arena_alloc(&x->arena, n * sizeof(*taken));
	struct nrm_txn *txn;

	if (!taken)
		return NRM_ERR_NOMEM;
	if (x->n_acks + n > NRM_DELIVER_WINDOW)
		return NRM_ERR_CLOSED; /* more than we ever granted */
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);
	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		err = check(x, &item[i], &taken[i]);
		if (err == NRM_OK)
			err = keep(x, txn, &item[i], &taken[i], now_ms);
		if (nrm_exchange_failed(err)) {
			nrm_txn_abort(txn);
			return err;
		}
		if (err) {
			nrm_exchange_found(x, NRM_FOUND_DELIVERY, nrm_err_text(err),
					   taken[i].told.view.message_id);
			taken[i].statement = NULL;
		}
	}
	err = nrm_txn_commit(txn);
	for (size_t i = 0; i < n && err == NRM_OK; i++)
		if (taken[i].statement)
			err = answer(x, &item[i], &taken[i], now_ms);
	if (err == NRM_OK)
		x->credit_due += (uint32_t)n;
	return err;
}

enum nrm_err nrm_exchange_acknowledge(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ACKNOWLEDGE};
	struct nrm_slice ack[NRM_DELIVER_WINDOW];
	struct nrm_hash leaf[NRM_DELIVER_WINDOW];
	uint8_t signature[NRM_SIGNATURE_LEN];

	for (uint32_t i = 0; i < x->n_acks; i++) {
		ack[i] = nrm_buf_slice(&x->ack[i]);
		leaf[i] = nrm_leaf_hash(ack[i]);
	}
	struct nrm_hash root = nrm_tree_root(leaf, x->n_acks);
	enum nrm_err err = nrm_batch_sign(x->options.identity->signing, NRM_DOMAIN_ACKS, x->n_acks,
					  root.bytes, signature);
	if (err)
		return err;
	frame.is.acknowledge.ack = (struct nrm_slices){ack, x->n_acks};
	frame.is.acknowledge.signature = nrm_slice(signature, sizeof(signature));
	err = nrm_to_broker_encode(&frame, out);
	if (err == NRM_OK)
		x->n_acks = 0;
	return err;
}

void nrm_exchange_forget_acks(struct nrm_exchange *x)
{
	for (uint32_t i = 0; i < NRM_DELIVER_WINDOW; i++)
		nrm_buf_done(&x->ack[i]);
	x->n_acks = 0;
}
