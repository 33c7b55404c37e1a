/* The tables about cases: what the broker last told of each, and which of our own messages state facts. */
#include "agents/agent/spool.h"

enum nrm_err nrm_case_file_keep(struct nrm_txn *txn, struct nrm_slice case_id, uint64_t received_ms,
				bool known, struct nrm_slice frame)
{
	struct nrm_kept_case before = {.existed = false};
	struct nrm_buf row = {0};
	enum nrm_err err = nrm_case_file_get(txn, case_id, &before);

	if (err && err != NRM_ERR_NOT_FOUND)
		return err;
	nrm_buf_put_u64(&row, received_ms);
	nrm_buf_put_u8(&row, known || before.existed);
	nrm_buf_put(&row, frame.data, frame.len);
	err = row.err ? row.err : nrm_put(txn, NRM_SPOOL_CASE_FILES, case_id, nrm_buf_slice(&row));
	nrm_buf_done(&row);
	return err;
}

enum nrm_err nrm_case_file_get(struct nrm_txn *txn, struct nrm_slice case_id,
			       struct nrm_kept_case *ret_kept)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_CASE_FILES, case_id, &row);

	if (err)
		return err;
	struct nrm_reader r = nrm_reader(row);
	struct nrm_kept_case kept = {.received_ms = nrm_take_u64(&r)};
	kept.existed = nrm_take_u8(&r);
	kept.frame = r.rest;
	if (r.failed)
		return NRM_ERR_CORRUPT;
	*ret_kept = kept;
	return NRM_OK;
}

#define STATED_KEY (NRM_CASE_ID_LEN + 8)

static struct nrm_slice stated_key(struct nrm_slice case_id, uint64_t place,
				   uint8_t key[static STATED_KEY])
{
	memcpy(key, case_id.data, NRM_CASE_ID_LEN);
	nrm_store_u64(key + NRM_CASE_ID_LEN, place);
	return nrm_slice(key, STATED_KEY);
}

enum nrm_err nrm_stated_add(struct nrm_txn *txn, struct nrm_slice case_id, uint64_t place,
			    struct nrm_slice message_id)
{
	uint8_t key[STATED_KEY];

	return nrm_put(txn, NRM_SPOOL_STATED, stated_key(case_id, place, key), message_id);
}

enum nrm_err nrm_stated_next(struct nrm_txn *txn, struct nrm_slice case_id, uint64_t *place,
			     uint8_t ret_message_id[static NRM_MESSAGE_ID_LEN])
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	uint8_t from[STATED_KEY];
	enum nrm_err err = nrm_cursor_open(txn, NRM_SPOOL_STATED, &cursor);

	if (err)
		return err;
	err = nrm_cursor_seek(cursor, stated_key(case_id, *place + 1, from), &key, &value);
	if (err == NRM_OK && (key.len != STATED_KEY || value.len != NRM_MESSAGE_ID_LEN))
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK && memcmp(key.data, from, NRM_CASE_ID_LEN) != 0)
		err = NRM_ERR_NOT_FOUND;
	if (err == NRM_OK) {
		*place = nrm_load_u64(key.data + NRM_CASE_ID_LEN);
		memcpy(ret_message_id, value.data, NRM_MESSAGE_ID_LEN);
	}
	nrm_cursor_close(cursor);
	return err;
}
