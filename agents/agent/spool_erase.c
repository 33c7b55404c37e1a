/* Taking everything of a case out of the spool. */
#include "agents/agent/spool.h"
#include "proto/base/limits.h"
#include "proto/wire/leaf.h"
#include "proto/wire/statement.h"

struct erasure {
	struct nrm_txn *txn;
	struct nrm_slice case_id;
	struct nrm_arena arena;	 /* for one row */
	struct nrm_buf *sent;	 /* message ids */
	struct nrm_buf received; /* likewise */
};

/* Looks at one row; deletes what it must. */
typedef enum nrm_err (*look_at)(struct erasure *e, struct nrm_slice key, struct nrm_slice row);

static enum nrm_err walk(struct erasure *e, unsigned table, struct nrm_slice from, look_at look)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, row;
	enum nrm_err err = nrm_cursor_open(e->txn, table, &cursor);

	if (err)
		return err;
	err = nrm_cursor_seek(cursor, from, &key, &row);
	while (err == NRM_OK) {
		nrm_arena_reset(&e->arena);
		err = look(e, key, row);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* A key, copied: the row that it points into goes. */
static enum nrm_err drop(struct erasure *e, unsigned table, struct nrm_slice key)
{
	uint8_t copy[NRM_MESSAGE_ID_LEN + 64 + NRM_MAX_ID];

	if (key.len > sizeof(copy))
		return NRM_ERR_CORRUPT;
	memcpy(copy, key.data, key.len);
	enum nrm_err err = nrm_delete(e->txn, table, nrm_slice(copy, key.len));
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* Whether an envelope is of the case. The order to erase it stays, so that both sides can tell of it. */
static enum nrm_err is_of_case(struct erasure *e, struct nrm_slice encoded,
			       struct nrm_statement *ret_statement, bool *ret_yes)
{
	struct nrm_envelope envelope;
	enum nrm_err err = nrm_envelope_decode(encoded, &e->arena, &envelope);

	if (err == NRM_OK)
		err = nrm_statement_decode(envelope.statement, &e->arena, ret_statement);
	if (err)
		return NRM_ERR_CORRUPT;
	*ret_yes = nrm_slice_equal(ret_statement->case_id, e->case_id) &&
		   ret_statement->type != NRM_MESSAGE_TYPE_ERASURE_ORDER;
	return NRM_OK;
}

static enum nrm_err look_at_sent(struct erasure *e, struct nrm_slice key, struct nrm_slice row)
{
	struct nrm_statement statement;
	struct nrm_reader r = nrm_reader(row);
	bool yes;
	enum nrm_err err = is_of_case(e, nrm_take(&r, nrm_take_u32(&r)), &statement, &yes);

	if (err == NRM_OK && yes) {
		nrm_buf_put(e->sent, key.data, key.len);
		err = e->sent->err;
	}
	return err;
}

static enum nrm_err look_at_received(struct erasure *e, struct nrm_slice key, struct nrm_slice row)
{
	uint8_t index[NRM_MESSAGE_ID_LEN + NRM_MAX_ID];
	struct nrm_statement statement;
	struct nrm_received received;
	bool yes;
	enum nrm_err err = nrm_inbox_read(row, &received);

	if (err == NRM_OK)
		err = is_of_case(e, received.envelope, &statement, &yes);
	if (err || !yes)
		return err;
	nrm_buf_put(&e->received, statement.message_id.data, NRM_MESSAGE_ID_LEN);
	memcpy(index, statement.message_id.data, NRM_MESSAGE_ID_LEN);
	memcpy(index + NRM_MESSAGE_ID_LEN, statement.sender.data, statement.sender.len);
	err = drop(e, NRM_SPOOL_INBOX_INDEX,
		   nrm_slice(index, NRM_MESSAGE_ID_LEN + statement.sender.len));
	if (err == NRM_OK)
		err = drop(e, NRM_SPOOL_INBOX, key);
	return err ? err : e->received.err;
}

static bool has(const struct nrm_buf *ids, struct nrm_slice id)
{
	for (size_t at = 0; at + NRM_MESSAGE_ID_LEN <= ids->len; at += NRM_MESSAGE_ID_LEN)
		if (nrm_slice_equal(nrm_slice(ids->data + at, NRM_MESSAGE_ID_LEN), id))
			return true;
	return false;
}

static enum nrm_err look_at_leaf(struct erasure *e, struct nrm_slice key, struct nrm_slice row)
{
	struct nrm_kept_leaf leaf;
	struct nrm_view view;
	enum nrm_err err = nrm_leaf_read(row, &leaf);

	if (err == NRM_OK)
		err = nrm_view_decode(leaf.view, &e->arena, &view);
	if (err)
		return NRM_ERR_CORRUPT;
	if (!has(e->sent, view.message_id) && !has(&e->received, view.message_id))
		return NRM_OK;
	err = drop(e, NRM_SPOOL_UNPROVED, key);
	return err ? err : drop(e, NRM_SPOOL_LEAVES, key);
}

/* A row whose value is a case id. */
static enum nrm_err look_at_name(struct erasure *e, struct nrm_slice key, struct nrm_slice row)
{
	return nrm_slice_equal(row, e->case_id) ? drop(e, NRM_SPOOL_CASES, key) : NRM_OK;
}

static enum nrm_err look_at_consent(struct erasure *e, struct nrm_slice key, struct nrm_slice row)
{
	return nrm_slice_equal(row, e->case_id) ? drop(e, NRM_SPOOL_CONSENTS, key) : NRM_OK;
}

static enum nrm_err look_at_stated(struct erasure *e, struct nrm_slice key, struct nrm_slice row)
{
	(void)row;
	if (key.len < NRM_CASE_ID_LEN || memcmp(key.data, e->case_id.data, NRM_CASE_ID_LEN) != 0)
		return NRM_ERR_NOT_FOUND; /* past those of the case */
	return drop(e, NRM_SPOOL_STATED, key);
}

/* All rows about a message of ours. */
static enum nrm_err drop_sent(struct erasure *e, struct nrm_slice id)
{
	static const unsigned tables[] = {NRM_SPOOL_OUTBOX, NRM_SPOOL_FATE, NRM_SPOOL_WAITING,
					  NRM_SPOOL_PREVIEWS};
	struct nrm_fate fate;
	uint8_t place[8];
	enum nrm_err err = nrm_fate_get(e->txn, id, &fate);

	if (err)
		return err;
	nrm_store_u64(place, fate.queue);
	err = drop(e, NRM_SPOOL_QUEUE, nrm_slice(place, sizeof(place)));
	for (size_t i = 0; err == NRM_OK && i < 4; i++)
		err = drop(e, tables[i], id);
	return err;
}

enum nrm_err nrm_spool_erase(struct nrm_txn *txn, struct nrm_slice case_id,
			     struct nrm_buf *ret_sent)
{
	const struct nrm_slice all = nrm_slice(NULL, 0);
	struct erasure e = {.txn = txn, .case_id = case_id, .sent = ret_sent};
	const size_t before = ret_sent->len;

	nrm_arena_init(&e.arena, NRM_MAX_FRAME_ARENA);
	enum nrm_err err = walk(&e, NRM_SPOOL_OUTBOX, all, look_at_sent);
	if (err == NRM_OK)
		err = walk(&e, NRM_SPOOL_INBOX, all, look_at_received);
	if (err == NRM_OK)
		err = walk(&e, NRM_SPOOL_LEAVES, all, look_at_leaf);
	for (size_t at = before; err == NRM_OK && at < ret_sent->len; at += NRM_MESSAGE_ID_LEN)
		err = drop_sent(&e, nrm_slice(ret_sent->data + at, NRM_MESSAGE_ID_LEN));
	if (err == NRM_OK)
		err = walk(&e, NRM_SPOOL_CASES, all, look_at_name);
	if (err == NRM_OK)
		err = walk(&e, NRM_SPOOL_CONSENTS, all, look_at_consent);
	if (err == NRM_OK)
		err = walk(&e, NRM_SPOOL_STATED, case_id, look_at_stated);
	if (err == NRM_OK)
		err = drop(&e, NRM_SPOOL_CASE_FILES, case_id);
	nrm_arena_done(&e.arena);
	nrm_buf_wipe(&e.received);
	return err;
}
