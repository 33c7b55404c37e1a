#include "agents/auditor/reader.h"

#include "proto/trail/rows.h"

#define ROWS_A_SNAPSHOT 4096u

void nrm_audit_reader_init(struct nrm_audit_reader *reader, struct nrm_store *store)
{
	*reader = (struct nrm_audit_reader){.store = store};
}

static void stop_reading_on(struct nrm_audit_reader *reader)
{
	nrm_cursor_close(reader->cursor);
	reader->cursor = NULL;
}

void nrm_audit_reader_done(struct nrm_audit_reader *reader)
{
	stop_reading_on(reader);
	nrm_txn_abort(reader->txn);
	reader->txn = NULL;
}

enum nrm_err nrm_audit_snapshot(struct nrm_audit_reader *reader, struct nrm_txn **ret_txn)
{
	if (reader->txn && reader->rows++ >= ROWS_A_SNAPSHOT)
		nrm_audit_reader_done(reader);
	if (!reader->txn) {
		enum nrm_err err = nrm_txn_begin(reader->store, false, &reader->txn);
		if (err != NRM_OK)
			return err;
		reader->rows = 0;
	}
	*ret_txn = reader->txn;
	return NRM_OK;
}

/* The row that follows the last one read, by a cursor. */
static enum nrm_err read_next(struct nrm_audit_reader *reader, struct nrm_txn *txn, uint64_t index,
			      struct nrm_trail_row *ret_row)
{
	struct nrm_slice key, value;
	uint8_t wanted[8];
	enum nrm_err err;

	nrm_store_u64(wanted, index);
	if (reader->cursor) {
		err = nrm_cursor_next(reader->cursor, &key, &value);
	} else {
		err = nrm_cursor_open(txn, NRM_TABLE_TRAIL, &reader->cursor);
		if (err == NRM_OK)
			err = nrm_cursor_seek(reader->cursor, nrm_slice(wanted, sizeof(wanted)),
					      &key, &value);
	}
	if (err == NRM_OK && !nrm_slice_equal(key, nrm_slice(wanted, sizeof(wanted))))
		err = NRM_ERR_NOT_FOUND;
	if (err != NRM_OK)
		stop_reading_on(reader); /* it stands somewhere else */
	return err == NRM_OK ? nrm_trail_row_decode(value, ret_row) : err;
}

enum nrm_err nrm_audit_row(struct nrm_audit_reader *reader, uint64_t index,
			   struct nrm_trail_row *ret_row)
{
	const bool on = index == reader->next;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(reader, &txn);

	if (err != NRM_OK)
		return err;
	reader->next = index + 1;
	if (on)
		return read_next(reader, txn, index, ret_row);
	stop_reading_on(reader);
	return nrm_trail_read(txn, index, ret_row);
}

bool nrm_record_open(const struct nrm_case_keys *keys, uint32_t slot, uint64_t index,
		     const struct nrm_trail_row *row, struct nrm_buf *plain,
		     struct nrm_record *ret_record)
{
	uint8_t case_key[NRM_KEY_LEN], row_key[NRM_KEY_LEN];

	if (row->record_kind == NRM_RECORD_CLEAR)
		return nrm_record_read(row, index, NULL, plain, ret_record) == NRM_OK;
	if (nrm_case_keys_get(keys, slot, case_key) != NRM_OK)
		return false;
	nrm_row_key(case_key, row_key);
	const enum nrm_err err = nrm_record_read(row, index, row_key, plain, ret_record);
	nrm_wipe(case_key, sizeof(case_key));
	nrm_wipe(row_key, sizeof(row_key));
	return err == NRM_OK;
}

/* Touches each page that a value lies on. */
void nrm_audit_touch(struct nrm_slice value)
{
	const volatile uint8_t *byte = value.data;

	for (size_t i = 0; i < value.len; i += 4096)
		(void)byte[i];
	if (value.len)
		(void)byte[value.len - 1];
}

/* Goes on from `at`, the key of the last row read, for as long as one snapshot may serve. */
static enum nrm_err read_on(struct nrm_txn *txn, enum nrm_broker_table table, struct nrm_buf *at)
{
	struct nrm_slice key, value;
	struct nrm_cursor *cursor;
	enum nrm_err err = nrm_cursor_open(txn, table, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, nrm_buf_slice(at), &key, &value);
	if (err == NRM_OK && at->len && nrm_slice_equal(key, nrm_buf_slice(at)))
		err = nrm_cursor_next(cursor, &key, &value);
	for (unsigned n = 0; err == NRM_OK && n < ROWS_A_SNAPSHOT; n++) {
		nrm_audit_touch(value);
		nrm_buf_clear(at);
		nrm_buf_put(at, key.data, key.len);
		err = at->err == NRM_OK ? nrm_cursor_next(cursor, &key, &value) : at->err;
	}
	nrm_cursor_close(cursor);
	return err;
}

enum nrm_err nrm_audit_read_through(struct nrm_audit_reader *reader, enum nrm_broker_table table)
{
	struct nrm_buf at = {0};
	struct nrm_txn *txn;
	enum nrm_err err;

	do {
		nrm_audit_reader_done(reader);
		err = nrm_audit_snapshot(reader, &txn);
		if (err == NRM_OK)
			err = read_on(txn, table, &at);
	} while (err == NRM_OK);
	nrm_buf_done(&at);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* Reads the record of leaf->index; a fault is recorded there, only what is no fault of the trail is returned. */
static enum nrm_err read_record(struct nrm_audit_reader *reader, const uint8_t *row_key,
				struct nrm_case_leaf *leaf, struct nrm_buf *plain)
{
	struct nrm_trail_row row;
	enum nrm_err err = nrm_audit_row(reader, leaf->index, &row);

	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT) {
		leaf->fault = "the case names a leaf that is not there";
		return NRM_OK;
	}
	if (err != NRM_OK)
		return err;
	err = row.record_kind == NRM_RECORD_CLEAR
		      ? NRM_ERR_OPEN
		      : nrm_record_read(&row, leaf->index, row_key, plain, &leaf->record);
	if (err == NRM_ERR_CORRUPT || (err == NRM_OK && leaf->record.previous > leaf->index))
		leaf->fault = "the record is malformed";
	else if (err != NRM_OK)
		leaf->fault = "the record does not open with the key of its case";
	else
		leaf->leaf = row.leaf;
	return NRM_OK;
}

/* Opens the case's head: *ret_next is its last leaf + 1, 0 when there is no such case. */
static enum nrm_err last_leaf(struct nrm_audit_reader *reader, const uint8_t *row_key,
			      struct nrm_case_leaf *leaf, struct nrm_buf *plain, uint64_t *ret_next)
{
	struct nrm_txn *txn;
	struct nrm_slice row;
	uint8_t key[4];

	*ret_next = 0;
	nrm_store_u32(key, leaf->slot);
	enum nrm_err err = nrm_audit_snapshot(reader, &txn);
	if (err == NRM_OK)
		err = nrm_get(txn, NRM_TABLE_HEADS, nrm_slice(key, sizeof(key)), &row);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	nrm_buf_clear(plain);
	err = nrm_row_open(row_key, NRM_ROW_HEAD, leaf->slot, row, plain);
	if (err == NRM_OK && plain->len == NRM_HEAD_ROW_LEN)
		*ret_next = nrm_load_u64(plain->data);
	else
		leaf->fault = "the head of a case does not open with its key";
	return NRM_OK;
}

enum nrm_err nrm_case_walk(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			   uint32_t slot, uint64_t size, nrm_case_visit visit, void *context)
{
	uint8_t case_key[NRM_KEY_LEN], row_key[NRM_KEY_LEN];
	struct nrm_case_leaf leaf = {.slot = slot, .case_key = case_key, .index = NRM_NO_LEAF};
	struct nrm_buf plain = {0};
	uint64_t next = 0;
	enum nrm_err err = nrm_case_keys_get(keys, slot, case_key);

	if (err != NRM_OK) /* forgotten */
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	nrm_row_key(case_key, row_key);
	err = last_leaf(reader, row_key, &leaf, &plain, &next);
	if (err == NRM_OK && leaf.fault)
		err = visit(context, &leaf);
	while (err == NRM_OK && !leaf.fault && next != 0) {
		leaf.index = next - 1;
		err = read_record(reader, row_key, &leaf, &plain);
		if (err == NRM_OK && leaf.index < size)
			err = visit(context, &leaf);
		next = leaf.record.previous;
	}
	nrm_wipe(case_key, sizeof(case_key));
	nrm_wipe(row_key, sizeof(row_key));
	nrm_buf_wipe(&plain);
	return err;
}

enum nrm_err nrm_cases_walk(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			    uint64_t size, const struct nrm_audit_progress *progress,
			    nrm_case_visit visit, void *context)
{
	const uint32_t n = nrm_case_keys_count(keys);
	enum nrm_err err = NRM_OK;

	for (uint32_t slot = 0; err == NRM_OK && slot < n; slot++) {
		nrm_progress_tell(progress, "cases", slot, n);
		err = nrm_case_walk(reader, keys, slot, size, visit, context);
	}
	return err;
}

enum nrm_err nrm_audit_newest(struct nrm_txn *txn, char kind, struct nrm_slice *ret_document)
{
	struct nrm_slice key, value, newest = {0};
	struct nrm_cursor *cursor;
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_DOCUMENTS, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, nrm_slice(&kind, 1), &key, &value);
	while (err == NRM_OK && key.data[0] == (uint8_t)kind) {
		newest = value; /* rows sort by version */
		err = nrm_cursor_next(cursor, &key, &value);
	}
	nrm_cursor_close(cursor);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	if (newest.len == 0)
		return NRM_ERR_NOT_FOUND;
	*ret_document = newest;
	return NRM_OK;
}

/* The note of a row: u64 since when, note. */
static enum nrm_err witnessed(struct nrm_txn *txn, const char *name, struct nrm_slice *ret_note)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(name), &row);

	*ret_note = nrm_slice(NULL, 0);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	struct nrm_reader r = nrm_reader(row);
	nrm_take_u64(&r);
	*ret_note = r.rest;
	return r.failed ? NRM_ERR_CORRUPT : NRM_OK;
}

enum nrm_err nrm_audit_vouched(struct nrm_txn *txn, struct nrm_slice *ret_note)
{
	enum nrm_err err = witnessed(txn, NRM_STATE_VOUCHED, ret_note);

	return err == NRM_OK && ret_note->len == 0 ? witnessed(txn, NRM_STATE_ASKED, ret_note)
						   : err;
}
