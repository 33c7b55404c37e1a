/*
 * The store in memory, for tests and simulation. A transaction shares the trees that were
 * committed when it began, and sees that state whatever is committed later; a writer's changes are
 * in its own trees, which take the place of the committed ones or are dropped. One thread at a
 * time.
 *
 * What a slice points at is freed as soon as the contract of store.h allows it, so that address
 * sanitizers find those who keep slices too long.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/store/body.h"
#include "proto/store/tree.h"

struct table {
	struct nrm_tree tree;
	uint64_t rows;
};

struct memory_store {
	struct nrm_store base;
	struct table tables[NRM_MAX_TABLES];
	uint64_t bytes, max_bytes; /* of keys and values */
	uint64_t writers;	   /* transactions begun for writing */
	bool writing;
};

struct memory_txn {
	struct nrm_txn base;
	struct table tables[NRM_MAX_TABLES];
	uint64_t bytes;
	uint64_t writer; /* 0 for a reader: no node is its own */
};

struct memory_cursor {
	struct nrm_cursor base;
	size_t key_len; /* of the row it is at, or 0 */
	uint8_t key[NRM_MAX_STORE_KEY];
};

static void memory_close(struct nrm_store *base)
{
	struct memory_store *store = (struct memory_store *)base;

	assert(!store->writing);
	for (size_t i = 0; i < base->n_tables; i++)
		nrm_tree_drop(store->tables[i].tree);
	free(store);
}

static void memory_room(struct nrm_store *base, uint64_t *ret_used, uint64_t *ret_max)
{
	struct memory_store *store = (struct memory_store *)base;

	*ret_used = store->bytes;
	*ret_max = store->max_bytes;
}

static void memory_check_readers(struct nrm_store *base)
{
	(void)base;
}

static enum nrm_err memory_scrub(struct nrm_store *base)
{
	(void)base;
	return NRM_OK;
}

static enum nrm_err memory_begin(struct nrm_store *base, bool write, struct nrm_txn **ret_txn)
{
	struct memory_store *store = (struct memory_store *)base;
	struct memory_txn *txn = calloc(1, sizeof(*txn));

	if (!txn)
		return NRM_ERR_NOMEM;
	assert(!write || !store->writing); /* LMDB would wait for ever here */
	txn->base = (struct nrm_txn){.store = base, .write = write};
	txn->bytes = store->bytes;
	for (size_t i = 0; i < base->n_tables; i++) {
		txn->tables[i].tree = nrm_tree_share(store->tables[i].tree);
		txn->tables[i].rows = store->tables[i].rows;
	}
	if (write) {
		txn->writer = ++store->writers;
		store->writing = true;
	}
	*ret_txn = &txn->base;
	return NRM_OK;
}

static void memory_abort(struct nrm_txn *base)
{
	struct memory_txn *txn = (struct memory_txn *)base;

	for (size_t i = 0; i < base->store->n_tables; i++)
		nrm_tree_drop(txn->tables[i].tree);
	if (base->write)
		((struct memory_store *)base->store)->writing = false;
	free(txn);
}

/*
 * Exchanges the store's roots for the writer's, and drops what is then the transaction's: the old
 * ones.
 */
static enum nrm_err memory_commit(struct nrm_txn *base)
{
	struct memory_txn *txn = (struct memory_txn *)base;
	struct memory_store *store = (struct memory_store *)base->store;

	for (size_t i = 0; i < base->store->n_tables && base->write; i++) {
		struct table old = store->tables[i];
		store->tables[i] = txn->tables[i];
		txn->tables[i] = old;
	}
	if (base->write)
		store->bytes = txn->bytes;
	memory_abort(base);
	return NRM_OK;
}

static enum nrm_err memory_get(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			       struct nrm_slice *ret_value)
{
	const struct nrm_row *row =
		nrm_tree_find(((struct memory_txn *)txn)->tables[table].tree, key);

	if (!row)
		return NRM_ERR_NOT_FOUND;
	*ret_value = nrm_row_value(row);
	return NRM_OK;
}

/* Puts a row in place of `old`, or of nothing, if there is room for it. */
static enum nrm_err put(struct memory_txn *txn, unsigned table, const struct nrm_row *old,
			struct nrm_slice key, struct nrm_slice value, struct nrm_row **ret_row)
{
	struct table *t = &txn->tables[table];
	uint64_t max = ((struct memory_store *)txn->base.store)->max_bytes;
	uint64_t bytes = txn->bytes + key.len + value.len -
			 (old ? old->key_len + old->value_len : 0);

	if (max && bytes > max)
		return NRM_ERR_FULL;
	struct nrm_row *row = nrm_row_new(key, value);
	if (!row)
		return NRM_ERR_NOMEM;
	bool fresh = !old; /* which may be gone after the next line */
	if (!nrm_tree_put(&t->tree, txn->writer, row)) {
		nrm_row_drop(row);
		return NRM_ERR_NOMEM;
	}
	t->rows += fresh;
	txn->bytes = bytes;
	*ret_row = row;
	return NRM_OK;
}

static enum nrm_err memory_put(struct nrm_txn *base, unsigned table, struct nrm_slice key,
			       struct nrm_slice value)
{
	struct memory_txn *txn = (struct memory_txn *)base;
	struct nrm_row *row;

	return put(txn, table, nrm_tree_find(txn->tables[table].tree, key), key, value, &row);
}

static enum nrm_err memory_append(struct nrm_txn *base, unsigned table, struct nrm_slice key,
				  size_t len, uint8_t **ret_value)
{
	struct memory_txn *txn = (struct memory_txn *)base;
	const struct nrm_row *last = nrm_tree_last(txn->tables[table].tree);
	struct nrm_row *row;

	if (last && nrm_slice_compare(key, nrm_row_key(last)) <= 0)
		return NRM_ERR_EXISTS;
	enum nrm_err err = put(txn, table, NULL, key, nrm_slice(NULL, len), &row);
	if (err == NRM_OK)
		*ret_value = row->bytes + row->key_len;
	return err;
}

static enum nrm_err memory_delete(struct nrm_txn *base, unsigned table, struct nrm_slice key)
{
	struct memory_txn *txn = (struct memory_txn *)base;
	struct table *t = &txn->tables[table];
	const struct nrm_row *row = nrm_tree_find(t->tree, key);

	if (!row)
		return NRM_ERR_NOT_FOUND;
	uint64_t freed = row->key_len + row->value_len;
	if (!nrm_tree_delete(&t->tree, txn->writer, key))
		return NRM_ERR_NOMEM;
	txn->bytes -= freed;
	t->rows--;
	return NRM_OK;
}

static enum nrm_err memory_count(struct nrm_txn *txn, unsigned table, uint64_t *ret_rows)
{
	*ret_rows = ((struct memory_txn *)txn)->tables[table].rows;
	return NRM_OK;
}

static enum nrm_err memory_cursor_open(struct nrm_txn *txn, unsigned table,
				       struct nrm_cursor **ret_cursor)
{
	struct memory_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return NRM_ERR_NOMEM;
	cursor->base = (struct nrm_cursor){.txn = txn, .table = table};
	*ret_cursor = &cursor->base;
	return NRM_OK;
}

static void memory_cursor_close(struct nrm_cursor *cursor)
{
	free(cursor);
}

/* A cursor is the key it is at: rows may come and go around it. */
static enum nrm_err memory_cursor_move(struct nrm_cursor *base, enum nrm_cursor_move move,
				       struct nrm_slice key, struct nrm_slice *ret_key,
				       struct nrm_slice *ret_value)
{
	struct memory_cursor *cursor = (struct memory_cursor *)base;
	struct nrm_tree tree = ((struct memory_txn *)base->txn)->tables[base->table].tree;
	const struct nrm_row *row;

	if (move == NRM_CURSOR_LAST)
		row = nrm_tree_last(tree);
	else if (move == NRM_CURSOR_SEEK)
		row = nrm_tree_from(tree, key);
	else
		row = nrm_tree_after(tree, nrm_slice(cursor->key, cursor->key_len));
	if (!row)
		return NRM_ERR_NOT_FOUND;
	cursor->key_len = row->key_len;
	memcpy(cursor->key, row->bytes, row->key_len);
	*ret_key = nrm_row_key(row);
	*ret_value = nrm_row_value(row);
	return NRM_OK;
}

static const struct nrm_store_body memory_body = {
	.close = memory_close,
	.room = memory_room,
	.check_readers = memory_check_readers,
	.scrub = memory_scrub,
	.begin = memory_begin,
	.commit = memory_commit,
	.abort = memory_abort,
	.get = memory_get,
	.put = memory_put,
	.append = memory_append,
	.delete_row = memory_delete,
	.count = memory_count,
	.cursor_open = memory_cursor_open,
	.cursor_close = memory_cursor_close,
	.cursor_move = memory_cursor_move,
};

enum nrm_err nrm_store_open_memory(const struct nrm_store_options *options,
				   struct nrm_store **ret_store)
{
	struct memory_store *store = calloc(1, sizeof(*store));

	assert(options->n_tables <= NRM_MAX_TABLES && !options->read_only);
	if (!store)
		return NRM_ERR_NOMEM;
	store->base = (struct nrm_store){&memory_body, options->n_tables, false};
	store->max_bytes = options->map_bytes;
	*ret_store = &store->base;
	return NRM_OK;
}
