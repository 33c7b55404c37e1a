/*
 * Questions: what became of messages without an acknowledgement, and proofs for leaves that have
 * none.
 */
#include "agents/agent/exchange_parts.h"

/*
 * Begins both passes at once: on every fresh connection, since the broker owes proofs to a
 * connection, and forgets them with it.
 */
void nrm_exchange_ask_soon(struct nrm_exchange *x, uint64_t now_ms)
{
	x->status_round = (struct nrm_round){.next_ms = now_ms};
	x->proofs_round = (struct nrm_round){.next_ms = now_ms};
}

static bool running(struct nrm_round *round, uint64_t now_ms)
{
	if (!round->running && now_ms >= round->next_ms)
		*round = (struct nrm_round){.running = true, .next_ms = now_ms + NRM_ASK_EVERY_MS};
	return round->running;
}

/*
 * The rows of a table that a round has not come to yet, up to a frame's worth, in one transaction
 * that the caller ends. Key and value are copied.
 */
struct row {
	uint8_t key[16], value[16];
};

static enum nrm_err rows(struct nrm_exchange *x, unsigned table, size_t key_len, size_t value_len,
			 struct nrm_round *round, struct row *row, size_t *ret_n)
{
	struct nrm_cursor *cursor = NULL;
	struct nrm_slice key, value;
	struct nrm_txn *txn;
	size_t n = 0;
	enum nrm_err err = nrm_txn_begin(x->options.store, false, &txn);

	if (err)
		return err;
	err = nrm_cursor_open(txn, table, &cursor);
	if (err)
		goto out;
	err = nrm_cursor_seek(cursor, nrm_slice(round->after, round->begun ? key_len : 0), &key,
			      &value);
	if (err == NRM_OK && round->begun && nrm_slice_equal(key, nrm_slice(round->after, key_len)))
		err = nrm_cursor_next(cursor, &key, &value);
	while (err == NRM_OK && n < NRM_MAX_FRAME_ITEMS) {
		if (key.len != key_len || value.len != value_len) {
			err = NRM_ERR_CORRUPT;
			break;
		}
		memcpy(row[n].key, key.data, key_len);
		memcpy(row[n].value, value.data, value_len);
		n++;
		err = nrm_cursor_next(cursor, &key, &value);
	}
	round->running = err == NRM_OK;
	if (err == NRM_OK || err == NRM_ERR_NOT_FOUND)
		err = NRM_OK;
	if (n) {
		memcpy(round->after, row[n - 1].key, key_len);
		round->begun = true;
	}
	if (err == NRM_OK)
		*ret_n = n;
out:
	if (cursor)
		nrm_cursor_close(cursor);
	nrm_txn_abort(txn);
	return err;
}

static enum nrm_err ask_status(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ASK, .is.ask.kind = NRM_ASK_STATUS};
	struct row row[NRM_MAX_FRAME_ITEMS];
	struct nrm_message_ref ref[NRM_MAX_FRAME_ITEMS];
	size_t n;
	enum nrm_err err = rows(x, NRM_SPOOL_WAITING, NRM_MESSAGE_ID_LEN, NRM_CASE_ID_LEN,
				&x->status_round, row, &n);

	if (err || n == 0)
		return err ? err : NRM_ERR_AGAIN;
	for (size_t i = 0; i < n; i++)
		ref[i] = (struct nrm_message_ref){nrm_slice(row[i].key, NRM_MESSAGE_ID_LEN),
						  nrm_slice(row[i].value, NRM_CASE_ID_LEN)};
	frame.is.ask.message = ref;
	frame.is.ask.n_messages = n;
	return nrm_to_broker_encode(&frame, out);
}

static enum nrm_err ask_proofs(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ASK, .is.ask.kind = NRM_ASK_PROOFS};
	struct row row[NRM_MAX_FRAME_ITEMS];
	uint64_t index[NRM_MAX_FRAME_ITEMS];
	size_t n;
	enum nrm_err err = rows(x, NRM_SPOOL_UNPROVED, 8, 8, &x->proofs_round, row, &n);

	if (err || n == 0)
		return err ? err : NRM_ERR_AGAIN;
	for (size_t i = 0; i < n; i++)
		index[i] = nrm_load_u64(row[i].key);
	frame.is.ask.from_size = x->checkpoint.size;
	frame.is.ask.index = index;
	frame.is.ask.n_indexes = n;
	return nrm_to_broker_encode(&frame, out);
}

enum nrm_err nrm_exchange_ask(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out)
{
	enum nrm_err err = NRM_ERR_AGAIN;

	if (running(&x->status_round, now_ms))
		err = ask_status(x, out);
	if (err == NRM_ERR_AGAIN && running(&x->proofs_round, now_ms))
		err = ask_proofs(x, out);
	return err;
}
