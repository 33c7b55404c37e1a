#include "proto/trail/trail.h"

#include "proto/base/limits.h"
#include "proto/trail/rows.h"

const char *const nrm_broker_tables[NRM_BROKER_TABLES] = {
	[NRM_TABLE_STATE] = "state",	   [NRM_TABLE_TRAIL] = "trail",
	[NRM_TABLE_CASES] = "cases",	   [NRM_TABLE_HEADS] = "heads",
	[NRM_TABLE_MESSAGES] = "messages", [NRM_TABLE_MAILBOX] = "mailbox",
	[NRM_TABLE_PARTIES] = "parties",   [NRM_TABLE_DOCUMENTS] = "documents",
	[NRM_TABLE_LABELS] = "labels",	   [NRM_TABLE_CASE_INDEX] = "case_index",
	[NRM_TABLE_TALLIES] = "tallies",   [NRM_TABLE_AGGREGATES] = "aggregates",
};

enum nrm_err nrm_trail_size(struct nrm_txn *txn, uint64_t *ret_size)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_TRAIL, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_last(cursor, &key, &value);
	if (err == NRM_OK && key.len != 8)
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK)
		*ret_size = nrm_load_u64(key.data) + 1;
	if (err == NRM_ERR_NOT_FOUND) {
		*ret_size = 0;
		err = NRM_OK;
	}
	nrm_cursor_close(cursor);
	return err;
}

enum nrm_err nrm_trail_row_decode(struct nrm_slice bytes, struct nrm_trail_row *ret_row)
{
	struct nrm_reader r = nrm_reader(bytes);
	struct nrm_trail_row row;

	row.leaf = nrm_take(&r, nrm_take_u16(&r));
	row.completed = nrm_take(&r, (size_t)nrm_take_u8(&r) * NRM_HASH_LEN);
	row.record_kind = nrm_take_u8(&r);
	row.record = r.rest;
	if (r.failed || row.record_kind < NRM_RECORD_CLEAR || row.record_kind > NRM_RECORD_SEALED)
		return NRM_ERR_CORRUPT;
	*ret_row = row;
	return NRM_OK;
}

enum nrm_err nrm_trail_read(struct nrm_txn *txn, uint64_t index, struct nrm_trail_row *ret_row)
{
	struct nrm_slice value;
	uint8_t key[8];

	nrm_store_u64(key, index);
	enum nrm_err err = nrm_get(txn, NRM_TABLE_TRAIL, nrm_slice(key, sizeof(key)), &value);
	return err == NRM_OK ? nrm_trail_row_decode(value, ret_row) : err;
}

enum nrm_err nrm_trail_node(void *txn, unsigned level, uint64_t index, struct nrm_hash *ret_hash)
{
	struct nrm_trail_row row;
	enum nrm_err err = nrm_trail_read(txn, ((index + 1) << level) - 1, &row);

	if (err != NRM_OK)
		return err;
	if (level == 0) {
		*ret_hash = nrm_leaf_hash(row.leaf);
		return NRM_OK;
	}
	if (row.completed.len < level * NRM_HASH_LEN)
		return NRM_ERR_CORRUPT;
	memcpy(ret_hash->bytes, row.completed.data + (level - 1) * NRM_HASH_LEN, NRM_HASH_LEN);
	return NRM_OK;
}

enum nrm_err nrm_trail_append(struct nrm_txn *txn, struct nrm_frontier *frontier,
			      struct nrm_slice leaf, enum nrm_record_kind kind,
			      struct nrm_slice record)
{
	struct nrm_hash completed[64], hash = nrm_leaf_hash(leaf);
	uint8_t key[8], *row;

	if (leaf.len > NRM_MAX_LEAF)
		return NRM_ERR_LIMIT;
	nrm_store_u64(key, frontier->size);
	const size_t n = nrm_frontier_append(frontier, &hash, completed) - 1;
	enum nrm_err err = nrm_append(txn, NRM_TABLE_TRAIL, nrm_slice(key, sizeof(key)),
				      2 + leaf.len + 1 + n * NRM_HASH_LEN + 1 + record.len, &row);
	if (err != NRM_OK)
		return err;
	nrm_store_u16(row, (uint16_t)leaf.len);
	row += 2;
	memcpy(row, leaf.data, leaf.len);
	row += leaf.len;
	*row++ = (uint8_t)n;
	memcpy(row, completed + 1, n * NRM_HASH_LEN);
	row += n * NRM_HASH_LEN;
	*row++ = (uint8_t)kind;
	memcpy(row, record.data, record.len);
	return NRM_OK;
}

enum nrm_err nrm_record_salts(const uint8_t row_key[static NRM_KEY_LEN], uint64_t index,
			      uint8_t salt[static 3][NRM_SALT_LEN])
{
	static const uint8_t zeros[3 * NRM_SALT_LEN];
	uint8_t nonce[NRM_AEAD_NONCE_LEN] = {0}, stream[sizeof(zeros) + NRM_AEAD_TAG_LEN];

	nrm_store_u64(nonce + sizeof(nonce) - 8, index);
	enum nrm_err err = nrm_aead_seal(row_key, nonce, nrm_slice(NULL, 0),
					 nrm_slice(zeros, sizeof(zeros)), stream);
	if (err == NRM_OK)
		memcpy(salt, stream, sizeof(zeros));
	return err;
}

void nrm_record_encode(const struct nrm_record *record, enum nrm_record_kind kind,
		       struct nrm_buf *out)
{
	nrm_buf_put_u64(out, record->previous);
	if (kind != NRM_RECORD_SEALED)
		nrm_buf_put(out, record->salt, sizeof(record->salt));
	nrm_buf_put(out, record->view.data, record->view.len);
}

enum nrm_err nrm_record_read(const struct nrm_trail_row *row, uint64_t index,
			     const uint8_t *row_key, struct nrm_buf *plain,
			     struct nrm_record *ret_record)
{
	struct nrm_reader r = nrm_reader(row->record);
	struct nrm_record record;
	enum nrm_err err = NRM_OK;

	if (row->record_kind != NRM_RECORD_CLEAR) {
		nrm_buf_clear(plain);
		err = row_key ? nrm_row_open(row_key, NRM_ROW_RECORD, index, row->record, plain)
			      : NRM_ERR_OPEN;
		r = nrm_reader(nrm_buf_slice(plain));
	}
	if (err != NRM_OK)
		return err;
	record.previous = nrm_take_u64(&r);
	if (row->record_kind == NRM_RECORD_SEALED)
		err = nrm_record_salts(row_key, index, record.salt);
	else
		nrm_take_bytes(&r, record.salt, sizeof(record.salt));
	record.view = r.rest;
	if (err != NRM_OK || r.failed)
		return err != NRM_OK ? err : NRM_ERR_CORRUPT;
	*ret_record = record;
	return NRM_OK;
}
