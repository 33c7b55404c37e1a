/*
 * What oversight counts (proto/trail/tally.h), kept with every transaction: cells are summed in memory while it lasts and added
 * to their rows at its end, so a batch costs a row for each agency in it, and a transaction that is lost counts nothing.
 *
 * The rows are sealed under a key of their own, in a slot of the file of case keys: without that file nobody learns true
 * reasons from them. Forgetting a case leaves its counts, and so this key.
 */
#include "broker/books/state.h"

/* --- the key --- */

enum nrm_err nrm_tallies_load(struct nrm_books *books)
{
	uint8_t key[NRM_KEY_LEN];
	struct nrm_slice row;
	enum nrm_err err =
		nrm_get(books->txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_TALLIES), &row);

	books->tallies_slot = NRM_NO_SLOT;
	nrm_sums_clear(&books->sums);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	struct nrm_reader r = nrm_reader(row);
	const uint32_t slot = nrm_take_u32(&r);
	if (nrm_reader_end(&r) != NRM_OK)
		return NRM_ERR_CORRUPT;
	err = nrm_case_keys_get(books->keys, slot, key);
	if (err == NRM_OK) {
		nrm_row_key(key, books->tallies_key);
		books->tallies_slot = slot;
	}
	nrm_wipe(key, sizeof(key));
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* What a lost key sealed can never be read again. */
static enum nrm_err delete_all(struct nrm_txn *txn)
{
	const struct nrm_slice first = nrm_slice(NULL, 0);
	struct nrm_slice key, row;
	enum nrm_err err = NRM_OK;

	while (err == NRM_OK) {
		uint8_t copy[NRM_TALLY_KEY_LEN];
		struct nrm_cursor *cursor;

		err = nrm_cursor_open(txn, NRM_TABLE_TALLIES, &cursor);
		if (err != NRM_OK)
			return err;
		err = nrm_cursor_seek(cursor, first, &key, &row);
		if (err == NRM_OK && key.len == sizeof(copy))
			memcpy(copy, key.data, sizeof(copy));
		else if (err == NRM_OK)
			err = NRM_ERR_CORRUPT;
		nrm_cursor_close(cursor);
		if (err == NRM_OK)
			err = nrm_delete(txn, NRM_TABLE_TALLIES, nrm_slice(copy, sizeof(copy)));
	}
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_tallies_begin(struct nrm_books *books)
{
	uint8_t key[NRM_KEY_LEN], row[4];
	uint32_t slot;

	enum nrm_err err = delete_all(books->txn);
	if (err == NRM_OK)
		err = nrm_slot_take(&books->cases, &slot, key);
	if (err != NRM_OK)
		return err;
	nrm_row_key(key, books->tallies_key);
	nrm_wipe(key, sizeof(key));
	nrm_store_u32(row, slot);
	err = nrm_put(books->txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_TALLIES),
		      nrm_slice(row, sizeof(row)));
	if (err != NRM_OK)
		return err;
	books->tallies_slot = slot;
	books->changed = true;
	return NRM_OK;
}

/* --- counting --- */

static enum nrm_err add_cell(void *context, const struct nrm_tally_cell *cell)
{
	struct nrm_books *books = context;

	return nrm_sums_add(&books->sums,
			    nrm_sum_row(cell->month, nrm_roll_find(&books->roll, cell->agency)),
			    nrm_sum_cell(cell->tally, cell->service, cell->detail), cell->amount);
}

static enum nrm_err minute_of(struct nrm_books *books, uint64_t index, uint64_t *ret_minute)
{
	struct nrm_trail_row row;
	struct nrm_leaf leaf;
	enum nrm_err err = nrm_trail_read(books->txn, index, &row);

	if (err == NRM_OK)
		err = nrm_leaf_decode(row.leaf, &books->arena, &leaf);
	if (err == NRM_OK)
		*ret_minute = leaf.minute;
	return err;
}

enum nrm_err nrm_books_tally(struct nrm_books *books, const struct nrm_leaf *leaf,
			     const struct nrm_view *view)
{
	const uint16_t country = nrm_directory_country(books->options.directory);
	uint64_t answered = 0;
	enum nrm_err err = NRM_OK;

	if (view->answers)
		err = minute_of(books, view->answers - 1, &answered);
	return err == NRM_OK ? nrm_tally(leaf, view, country, answered, add_cell, books) : err;
}

/* --- rows --- */

/* Adds `n` sums of one row. */
static enum nrm_err write_row(struct nrm_books *books, const struct nrm_sum *sum, uint32_t n,
			      struct nrm_buf *before)
{
	uint8_t key_bytes[NRM_TALLY_KEY_LEN], nonce[NRM_AEAD_NONCE_LEN], *sealed;
	const struct nrm_slice key = nrm_slice(key_bytes, sizeof(key_bytes));
	struct nrm_slice row;

	nrm_tally_key(sum->row, key_bytes);
	nrm_buf_clear(before);
	enum nrm_err err = nrm_get(books->txn, NRM_TABLE_TALLIES, key, &row);
	if (err == NRM_OK)
		err = nrm_row_open(books->tallies_key, NRM_ROW_TALLY, sum->row, row, before);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err == NRM_ERR_OPEN ? NRM_ERR_CORRUPT : err;
	nrm_buf_clear(&books->scratch);
	err = nrm_tally_row_merge(nrm_buf_slice(before), sum, n, &books->scratch);
	if (err != NRM_OK)
		return err;
	const struct nrm_slice plaintext = nrm_buf_slice(&books->scratch);
	sealed = nrm_arena_alloc(&books->arena, plaintext.len + NRM_ROW_OVERHEAD);
	if (!sealed)
		return NRM_ERR_NOMEM;
	nrm_entropy_take(&books->entropy, nonce, sizeof(nonce));
	err = nrm_row_seal(books->tallies_key, NRM_ROW_TALLY, sum->row, nonce, plaintext, sealed);
	if (err != NRM_OK)
		return err;
	return nrm_put(books->txn, NRM_TABLE_TALLIES, key,
		       nrm_slice(sealed, plaintext.len + NRM_ROW_OVERHEAD));
}

enum nrm_err nrm_tallies_write(struct nrm_books *books)
{
	struct nrm_buf before = {0};
	const struct nrm_sum *sum;
	enum nrm_err err = NRM_OK;

	nrm_sums_sort(&books->sums);
	sum = books->sums.sum;
	for (uint32_t i = 0, n; err == NRM_OK && i < books->sums.n; i += n) {
		for (n = 1; i + n < books->sums.n && sum[i + n].row == sum[i].row; n++)
			;
		err = write_row(books, &sum[i], n, &before);
	}
	nrm_buf_done(&before);
	return err;
}
