/* Finding the case with an id. */
#include "agents/auditor/reader.h"
#include "proto/trail/rows.h"

/* Whether the row of a slot is that of the case `case_id`. */
static bool row_is_of(const struct nrm_case_keys *keys, uint32_t slot, struct nrm_slice row,
		      const uint8_t case_id[static 16], struct nrm_buf *plain)
{
	uint8_t case_key[NRM_KEY_LEN], row_key[NRM_KEY_LEN];
	bool is = nrm_case_keys_get(keys, slot, case_key) == NRM_OK;

	nrm_buf_clear(plain);
	if (is) {
		nrm_row_key(case_key, row_key);
		is = nrm_row_open(row_key, NRM_ROW_CASE, slot, row, plain) == NRM_OK &&
		     plain->len >= NRM_CASE_ID_LEN &&
		     memcmp(plain->data, case_id, NRM_CASE_ID_LEN) == 0;
	}
	nrm_wipe(case_key, sizeof(case_key));
	nrm_wipe(row_key, sizeof(row_key));
	return is;
}

/* The index key; NRM_ERR_NOT_FOUND when the broker has not made an index yet, or its key is not among these. */
static enum nrm_err index_key(struct nrm_txn *txn, const struct nrm_case_keys *keys,
			      uint8_t key[static NRM_KEY_LEN])
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CASE_INDEX), &row);

	if (err != NRM_OK)
		return err;
	struct nrm_reader r = nrm_reader(row);
	const uint32_t slot = nrm_take_u32(&r);
	return nrm_reader_end(&r) == NRM_OK ? nrm_case_keys_get(keys, slot, key) : NRM_ERR_CORRUPT;
}

/* Whether the case of `slot` is `case_id`: NRM_ERR_NOT_FOUND when not. */
static enum nrm_err slot_is_of(struct nrm_txn *txn, const struct nrm_case_keys *keys, uint32_t slot,
			       const uint8_t case_id[static 16], struct nrm_buf *plain)
{
	struct nrm_slice row;
	uint8_t at[4];

	nrm_store_u32(at, slot);
	enum nrm_err err = nrm_get(txn, NRM_TABLE_CASES, nrm_slice(at, sizeof(at)), &row);
	if (err != NRM_OK)
		return err;
	return row_is_of(keys, slot, row, case_id, plain) ? NRM_OK : NRM_ERR_NOT_FOUND;
}

static enum nrm_err look_up(struct nrm_txn *txn, const struct nrm_case_keys *keys,
			    const uint8_t index_key[static NRM_KEY_LEN],
			    const uint8_t case_id[static 16], struct nrm_buf *plain,
			    uint32_t *ret_slot)
{
	uint8_t at[NRM_INDEX_ROW_KEY_LEN];
	struct nrm_slice row;

	nrm_index_row_key(index_key, case_id, at);
	enum nrm_err err = nrm_get(txn, NRM_TABLE_CASE_INDEX, nrm_slice(at, sizeof(at)), &row);
	if (err != NRM_OK)
		return err;
	struct nrm_reader r = nrm_reader(row);
	const uint32_t slot = nrm_take_u32(&r);
	if (nrm_reader_end(&r) != NRM_OK)
		return NRM_ERR_CORRUPT;
	err = slot_is_of(txn, keys, slot, case_id, plain);
	if (err == NRM_OK)
		*ret_slot = slot;
	return err;
}

/* Opens every case's row until it is found. */
static enum nrm_err scan(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			 const uint8_t case_id[static 16],
			 const struct nrm_audit_progress *progress, struct nrm_buf *plain,
			 uint32_t *ret_slot)
{
	const uint32_t n = nrm_case_keys_count(keys);
	enum nrm_err err = NRM_ERR_NOT_FOUND;

	for (uint32_t slot = 0; err == NRM_ERR_NOT_FOUND && slot < n; slot++) {
		struct nrm_txn *txn;

		nrm_progress_tell(progress, "looking for the case", slot, n);
		err = nrm_audit_snapshot(reader, &txn);
		if (err == NRM_OK)
			err = slot_is_of(txn, keys, slot, case_id, plain);
		if (err == NRM_OK)
			*ret_slot = slot;
	}
	return err;
}

enum nrm_err nrm_case_indexed(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			      const uint8_t case_id[static 16], uint32_t *ret_slot)
{
	uint8_t key[NRM_KEY_LEN];
	struct nrm_buf plain = {0};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(reader, &txn);

	if (err == NRM_OK)
		err = index_key(txn, keys, key);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_ERR_AGAIN : err;
	err = look_up(txn, keys, key, case_id, &plain, ret_slot);
	nrm_wipe(key, sizeof(key));
	nrm_buf_wipe(&plain);
	return err;
}

enum nrm_err nrm_case_slot(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			   const uint8_t case_id[static 16],
			   const struct nrm_audit_progress *progress, uint32_t *ret_slot)
{
	struct nrm_buf plain = {0};
	enum nrm_err err = nrm_case_indexed(reader, keys, case_id, ret_slot);

	if (err == NRM_ERR_AGAIN)
		err = scan(reader, keys, case_id, progress, &plain, ret_slot);
	nrm_buf_wipe(&plain);
	return err;
}
