#include "proto/store/store.h"

#include <assert.h>

#include "proto/store/body.h"

void nrm_store_close(struct nrm_store *store)
{
	if (store)
		store->body->close(store);
}

void nrm_store_room(struct nrm_store *store, uint64_t *ret_used, uint64_t *ret_max)
{
	store->body->room(store, ret_used, ret_max);
}

void nrm_store_check_readers(struct nrm_store *store)
{
	store->body->check_readers(store);
}

enum nrm_err nrm_store_scrub(struct nrm_store *store)
{
	return store->read_only ? NRM_ERR_ARGUMENT : store->body->scrub(store);
}

enum nrm_err nrm_txn_begin(struct nrm_store *store, bool write, struct nrm_txn **ret_txn)
{
	if (write && store->read_only)
		return NRM_ERR_ARGUMENT;
	return store->body->begin(store, write, ret_txn);
}

enum nrm_err nrm_txn_commit(struct nrm_txn *txn)
{
	enum nrm_err err = txn->err;

	if (err == NRM_OK)
		return txn->store->body->commit(txn);
	nrm_txn_abort(txn);
	return err;
}

void nrm_txn_abort(struct nrm_txn *txn)
{
	if (txn)
		txn->store->body->abort(txn);
}

/* What every call on a row asks first. */
static enum nrm_err ready(const struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			  bool write)
{
	assert(table < txn->store->n_tables);
	assert(txn->write || !write);
	if (key.len == 0 || key.len > NRM_MAX_STORE_KEY)
		return NRM_ERR_ARGUMENT;
	return txn->err;
}

/*
 * A write that failed for want of room or worse may have done half its work: the transaction is
 * spent.
 */
static enum nrm_err wrote(struct nrm_txn *txn, enum nrm_err err)
{
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND && err != NRM_ERR_EXISTS)
		txn->err = err;
	return err;
}

enum nrm_err nrm_get(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
		     struct nrm_slice *ret_value)
{
	enum nrm_err err = ready(txn, table, key, false);

	return err == NRM_OK ? txn->store->body->get(txn, table, key, ret_value) : err;
}

enum nrm_err nrm_put(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
		     struct nrm_slice value)
{
	enum nrm_err err = ready(txn, table, key, true);

	return err == NRM_OK ? wrote(txn, txn->store->body->put(txn, table, key, value)) : err;
}

enum nrm_err nrm_append(struct nrm_txn *txn, unsigned table, struct nrm_slice key, size_t len,
			uint8_t **ret_value)
{
	enum nrm_err err = ready(txn, table, key, true);

	return err == NRM_OK ? wrote(txn, txn->store->body->append(txn, table, key, len, ret_value))
			     : err;
}

enum nrm_err nrm_delete(struct nrm_txn *txn, unsigned table, struct nrm_slice key)
{
	enum nrm_err err = ready(txn, table, key, true);

	return err == NRM_OK ? wrote(txn, txn->store->body->delete_row(txn, table, key)) : err;
}

enum nrm_err nrm_count(struct nrm_txn *txn, unsigned table, uint64_t *ret_rows)
{
	assert(table < txn->store->n_tables);
	return txn->err == NRM_OK ? txn->store->body->count(txn, table, ret_rows) : txn->err;
}

enum nrm_err nrm_cursor_open(struct nrm_txn *txn, unsigned table, struct nrm_cursor **ret_cursor)
{
	assert(table < txn->store->n_tables);
	return txn->err == NRM_OK ? txn->store->body->cursor_open(txn, table, ret_cursor)
				  : txn->err;
}

void nrm_cursor_close(struct nrm_cursor *cursor)
{
	if (cursor)
		cursor->txn->store->body->cursor_close(cursor);
}

static enum nrm_err move(struct nrm_cursor *cursor, enum nrm_cursor_move where,
			 struct nrm_slice key, struct nrm_slice *ret_key,
			 struct nrm_slice *ret_value)
{
	if (cursor->txn->err != NRM_OK)
		return cursor->txn->err;
	if (where == NRM_CURSOR_NEXT && cursor->ended)
		return NRM_ERR_NOT_FOUND;

	enum nrm_err err =
		cursor->txn->store->body->cursor_move(cursor, where, key, ret_key, ret_value);
	cursor->ended = err == NRM_ERR_NOT_FOUND;
	return err;
}

enum nrm_err nrm_cursor_seek(struct nrm_cursor *cursor, struct nrm_slice key,
			     struct nrm_slice *ret_key, struct nrm_slice *ret_value)
{
	if (key.len > NRM_MAX_STORE_KEY)
		return NRM_ERR_ARGUMENT;
	return move(cursor, NRM_CURSOR_SEEK, key, ret_key, ret_value);
}

enum nrm_err nrm_cursor_next(struct nrm_cursor *cursor, struct nrm_slice *ret_key,
			     struct nrm_slice *ret_value)
{
	return move(cursor, NRM_CURSOR_NEXT, nrm_slice(NULL, 0), ret_key, ret_value);
}

enum nrm_err nrm_cursor_last(struct nrm_cursor *cursor, struct nrm_slice *ret_key,
			     struct nrm_slice *ret_value)
{
	return move(cursor, NRM_CURSOR_LAST, nrm_slice(NULL, 0), ret_key, ret_value);
}
