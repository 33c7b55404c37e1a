/*
 * The index: which slot a case id has. Its rows say nothing to who has not the index key, which is in the file of case keys;
 * to who has it and knows an id, they say the slot.
 */
#include <stdlib.h>

#include "broker/books/cases_parts.h"
#include "proto/trail/rows.h"
#include "proto/trail/trail.h"

static struct nrm_slice key_of(const struct nrm_cases *cases,
			       const uint8_t id[static NRM_CASE_ID_LEN],
			       uint8_t key[static NRM_INDEX_ROW_KEY_LEN])
{
	nrm_index_row_key(cases->index_key, id, key);
	return nrm_slice(key, NRM_INDEX_ROW_KEY_LEN);
}

enum nrm_err nrm_case_index_find(const struct nrm_cases *cases, struct nrm_txn *txn,
				 const uint8_t id[static NRM_CASE_ID_LEN], uint32_t *ret_slot)
{
	uint8_t key[NRM_INDEX_ROW_KEY_LEN];
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, NRM_TABLE_CASE_INDEX, key_of(cases, id, key), &row);

	if (err != NRM_OK)
		return err;
	struct nrm_reader r = nrm_reader(row);
	*ret_slot = nrm_take_u32(&r);
	return nrm_reader_end(&r) == NRM_OK ? NRM_OK : NRM_ERR_CORRUPT;
}

enum nrm_err nrm_case_index_put(const struct nrm_cases *cases, struct nrm_txn *txn,
				const uint8_t id[static NRM_CASE_ID_LEN], uint32_t slot)
{
	uint8_t key[NRM_INDEX_ROW_KEY_LEN], row[4];

	nrm_store_u32(row, slot);
	return nrm_put(txn, NRM_TABLE_CASE_INDEX, key_of(cases, id, key),
		       nrm_slice(row, sizeof(row)));
}

enum nrm_err nrm_case_index_delete(const struct nrm_cases *cases, struct nrm_txn *txn,
				   const uint8_t id[static NRM_CASE_ID_LEN])
{
	uint8_t key[NRM_INDEX_ROW_KEY_LEN];
	/* The row's bytes are overwritten first: LMDB leaves what it deletes in the page. */
	enum nrm_err err = nrm_case_index_put(cases, txn, id, NRM_NO_SLOT);

	return err == NRM_OK ? nrm_delete(txn, NRM_TABLE_CASE_INDEX, key_of(cases, id, key)) : err;
}

/* --- at the start --- */

static enum nrm_err empty(struct nrm_txn *txn)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key = nrm_slice(NULL, 0), row;
	uint8_t at[NRM_INDEX_ROW_KEY_LEN];
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_CASE_INDEX, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, key, &key, &row);
	while (err == NRM_OK) {
		if (key.len != sizeof(at)) {
			err = NRM_ERR_CORRUPT;
			break;
		}
		memcpy(at, key.data, sizeof(at));
		err = nrm_delete(txn, NRM_TABLE_CASE_INDEX, nrm_slice(at, sizeof(at)));
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_cases_index(struct nrm_cases *cases, struct nrm_txn *txn,
			     const uint8_t index_key[static NRM_KEY_LEN])
{
	enum nrm_err err = empty(txn);

	memcpy(cases->index_key, index_key, NRM_KEY_LEN);
	cases->n_cases = 0;
	for (uint32_t slot = 0; err == NRM_OK && slot < cases->n_slots; slot++) {
		struct nrm_case *c;

		err = nrm_case_read(cases, txn, slot, &c);
		if (err == NRM_OK) {
			err = nrm_case_index_put(cases, txn, c->id, slot);
			cases->n_cases++;
			nrm_case_free(c);
		} else if (err == NRM_ERR_NOT_FOUND) {
			err = NRM_OK;
		}
	}
	return err;
}

static enum nrm_err forget_again(struct nrm_case_keys *keys, uint32_t slot)
{
	uint8_t key[NRM_KEY_LEN];
	enum nrm_err err = nrm_case_keys_get(keys, slot, key);

	nrm_wipe(key, sizeof(key));
	if (err == NRM_OK)
		return nrm_case_keys_forget(keys, slot);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* Slots from `first` up to `end`, which have no case. */
static enum nrm_err forget_between(const struct nrm_cases *cases, uint32_t first, uint32_t end,
				   const uint32_t *other, size_t n_other)
{
	enum nrm_err err = NRM_OK;

	for (uint32_t slot = first; err == NRM_OK && slot < end; slot++) {
		size_t i = 0;

		while (i < n_other && other[i] != slot)
			i++;
		if (i == n_other)
			err = forget_again(cases->keys, slot);
	}
	return err;
}

enum nrm_err nrm_cases_forget_again(const struct nrm_cases *cases, struct nrm_txn *txn,
				    const uint32_t *other, size_t n_other)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key = nrm_slice(NULL, 0), row;
	uint32_t next = 0;
	/* A case has a row in both tables, and the rows of this one are short. */
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_HEADS, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, key, &key, &row);
	while (err == NRM_OK) {
		struct nrm_reader r = nrm_reader(key);
		const uint32_t slot = nrm_take_u32(&r);

		if (nrm_reader_end(&r) != NRM_OK || slot >= cases->n_slots)
			err = NRM_ERR_CORRUPT;
		if (err == NRM_OK)
			err = forget_between(cases, next, slot, other, n_other);
		next = slot + 1;
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND
		       ? forget_between(cases, next, cases->n_slots, other, n_other)
		       : err;
}
