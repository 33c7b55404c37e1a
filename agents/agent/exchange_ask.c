/*
 * Questions: what became of messages without an acknowledgement, and proofs for leaves that have
 * none.
 */
#include "agents/agent/exchange_parts.h"

#define SETTLE_MS 5000u /* proofs of leaves that this connection told come by themselves */

/* Begins both passes at once, as on every fresh connection. */
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

static enum nrm_err ask_proofs(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ASK, .is.ask.kind = NRM_ASK_PROOFS};
	struct row row[NRM_MAX_FRAME_ITEMS];
	uint64_t index[NRM_MAX_FRAME_ITEMS];
	size_t n, asked = 0;
	enum nrm_err err = rows(x, NRM_SPOOL_UNPROVED, 8, 8, &x->proofs_round, row, &n);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		uint64_t told = nrm_load_u64(row[i].value);

		if (told < x->welcome_ms || told + SETTLE_MS <= now_ms)
			index[asked++] = nrm_load_u64(row[i].key);
	}
	if (asked == 0)
		return NRM_ERR_AGAIN;
	frame.is.ask.from_size = x->checkpoint.size;
	frame.is.ask.index = index;
	frame.is.ask.n_indexes = asked;
	return nrm_to_broker_encode(&frame, out);
}

enum nrm_err nrm_exchange_ask(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out)
{
	enum nrm_err err = NRM_ERR_AGAIN;

	if (running(&x->status_round, now_ms))
		err = ask_status(x, out);
	if (err == NRM_ERR_AGAIN && running(&x->proofs_round, now_ms))
		err = ask_proofs(x, now_ms, out);
	return err;
}

static enum nrm_err unproved(struct nrm_txn *txn, struct nrm_exchange_figures *f)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	enum nrm_err err = nrm_cursor_open(txn, NRM_SPOOL_UNPROVED, &cursor);

	if (err)
		return err;
	err = nrm_cursor_seek(cursor, (struct nrm_slice){0}, &key, &value);
	if (err == NRM_OK)
		f->oldest_unproved_ms = nrm_load_u64(value.data);
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_exchange_figures(const struct nrm_exchange *x,
				  struct nrm_exchange_figures *ret_figures)
{
	struct nrm_exchange_figures f = {.welcome = x->welcome,
					 .alarm = x->alarm,
					 .checkpoint_size = x->checkpoint.size,
					 .in_flight = nrm_exchange_in_flight(x)};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, false, &txn);

	if (err)
		return err;
	f.put_off = x->n_flights - f.in_flight;
	memcpy(f.found, x->found, sizeof(f.found));
	err = nrm_count(txn, NRM_SPOOL_QUEUE, &f.queued);
	if (err == NRM_OK)
		err = nrm_count(txn, NRM_SPOOL_WAITING, &f.waiting);
	if (err == NRM_OK)
		err = nrm_count(txn, NRM_SPOOL_INBOX, &f.received);
	if (err == NRM_OK)
		err = nrm_count(txn, NRM_SPOOL_UNPROVED, &f.unproved);
	if (err == NRM_OK)
		err = unproved(txn, &f);
	nrm_txn_abort(txn);
	if (err == NRM_OK)
		*ret_figures = f;
	return err;
}

enum nrm_err nrm_exchange_trust_again(struct nrm_store *store)
{
	static const char *const rows_to_forget[] = {NRM_META_ALARM, NRM_META_CHECKPOINT};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(store, true, &txn);

	if (err)
		return err;
	for (size_t i = 0; i < 2; i++) {
		err = nrm_delete(txn, NRM_SPOOL_META, nrm_slice_str(rows_to_forget[i]));
		if (err && err != NRM_ERR_NOT_FOUND) {
			nrm_txn_abort(txn);
			return err;
		}
	}
	return nrm_txn_commit(txn);
}
