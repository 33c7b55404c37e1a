/*
 * The store on disk: LMDB with its default durability (a commit is on disk when it returns), no
 * WRITEMAP.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "proto/store/body.h"
#include "proto/store/lmdb_folder.h"
#include "proto/store/lmdb_scrub.h"

#define DEFAULT_MAP_BYTES \
	((size_t)256 << 30) /* address space, not disk: the file grows as it is written */
#define DISK_FULL_BYTES ((uint64_t)1 << 20)

struct lmdb_store {
	struct nrm_store base;
	MDB_env *env;
	MDB_dbi tables[NRM_MAX_TABLES];
	struct nrm_store_options options;
	char *path;
};

#define NO_TABLE UINT_MAX /* to a reader: it is empty */

struct lmdb_txn {
	struct nrm_txn base;
	MDB_txn *txn;
	MDB_cursor
		*appenders[NRM_MAX_TABLES]; /* at their tables' ends; the transaction frees them */
};

struct lmdb_cursor {
	struct nrm_cursor base;
	MDB_cursor *cursor;
};

static const struct {
	int rc;
	enum nrm_err err;
} errors[] = {
	{MDB_SUCCESS, NRM_OK},
	{MDB_NOTFOUND, NRM_ERR_NOT_FOUND},
	{MDB_KEYEXIST, NRM_ERR_EXISTS},
	{MDB_MAP_FULL, NRM_ERR_FULL},
	{MDB_TXN_FULL, NRM_ERR_FULL},
	{ENOSPC, NRM_ERR_FULL},
	{EDQUOT, NRM_ERR_FULL},
	{EFBIG, NRM_ERR_FULL},
	{MDB_CORRUPTED, NRM_ERR_CORRUPT},
	{MDB_PAGE_NOTFOUND, NRM_ERR_CORRUPT},
	{MDB_INVALID, NRM_ERR_CORRUPT},
	{MDB_VERSION_MISMATCH, NRM_ERR_CORRUPT},
	{MDB_INCOMPATIBLE, NRM_ERR_CORRUPT},
	{MDB_READERS_FULL, NRM_ERR_AGAIN},
	{MDB_BAD_VALSIZE, NRM_ERR_ARGUMENT},
	{ENOENT, NRM_ERR_NOT_FOUND},
	{ENOMEM, NRM_ERR_NOMEM},
};

enum nrm_err nrm_lmdb_err(int rc)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].rc == rc)
			return errors[i].err;
	return NRM_ERR_IO;
}

static MDB_val val(struct nrm_slice s)
{
	return (MDB_val){s.len, (void *)(uintptr_t)s.data};
}

static void lmdb_close(struct nrm_store *base)
{
	struct lmdb_store *store = (struct lmdb_store *)base;

	mdb_env_close(store->env);
	free(store->path);
	free(store);
}

/*
 * Pages on the free list, which LMDB keeps in its table 0: each row a count and so many page
 * numbers.
 */
static uint64_t free_pages(MDB_txn *txn)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	uint64_t pages = 0;

	if (mdb_cursor_open(txn, 0, &cursor) != MDB_SUCCESS)
		return 0;
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
		size_t n;
		memcpy(&n, value.mv_data, sizeof(n));
		pages += n;
	}
	mdb_cursor_close(cursor);
	return pages;
}

/* The most there may be is the map's size, or less where the disk has less. */
static void lmdb_room(struct nrm_store *base, uint64_t *ret_used, uint64_t *ret_max)
{
	struct lmdb_store *store = (struct lmdb_store *)base;
	struct statvfs disk;
	MDB_envinfo env;
	MDB_stat stat;
	MDB_txn *txn;
	int fd;

	*ret_used = *ret_max = 0;
	if (!store->env)
		return;
	mdb_env_info(store->env, &env);
	mdb_env_stat(store->env, &stat);
	uint64_t extent = ((uint64_t)env.me_last_pgno + 1) * stat.ms_psize;
	*ret_used = extent;
	*ret_max = env.me_mapsize;
	if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) == MDB_SUCCESS) {
		*ret_used -= free_pages(txn) * stat.ms_psize;
		mdb_txn_abort(txn);
	}
	if (mdb_env_get_fd(store->env, &fd) == MDB_SUCCESS && fstatvfs(fd, &disk) == 0) {
		uint64_t growth = extent + (uint64_t)disk.f_bavail * disk.f_frsize;
		if (growth < *ret_max)
			*ret_max = growth;
	}
}

static void lmdb_check_readers(struct nrm_store *base)
{
	int dead;

	if (((struct lmdb_store *)base)->env)
		(void)mdb_reader_check(((struct lmdb_store *)base)->env, &dead);
}

static enum nrm_err open_env(struct lmdb_store *store);

static enum nrm_err lmdb_scrub(struct nrm_store *base)
{
	struct lmdb_store *store = (struct lmdb_store *)base;
	bool all;

	/* Its buffers go with it: they would bring back into new pages what is wiped from old ones. */
	mdb_env_close(store->env);
	enum nrm_err err = open_env(store);
	if (err == NRM_OK)
		err = nrm_lmdb_err(
			nrm_lmdb_scrub(store->env, store->tables[store->options.scrubbed], &all));
	return err == NRM_OK && !all ? NRM_ERR_AGAIN : err;
}

static enum nrm_err lmdb_begin(struct nrm_store *base, bool write, struct nrm_txn **ret_txn)
{
	struct lmdb_store *store = (struct lmdb_store *)base;
	struct lmdb_txn *txn;

	if (!store->env)
		return NRM_ERR_IO; /* it could not be opened again */
	txn = calloc(1, sizeof(*txn));
	if (!txn)
		return NRM_ERR_NOMEM;
	txn->base = (struct nrm_txn){.store = base, .write = write};
	int rc = mdb_txn_begin(store->env, NULL, write ? 0 : MDB_RDONLY, &txn->txn);
	if (rc != MDB_SUCCESS) {
		free(txn);
		return nrm_lmdb_err(rc);
	}
	*ret_txn = &txn->base;
	return NRM_OK;
}

/* LMDB calls a write that was cut short EIO, and a full disk is what mostly cuts it. */
static bool disk_full(const struct lmdb_store *store)
{
	struct statvfs disk;
	int fd;

	return mdb_env_get_fd(store->env, &fd) == MDB_SUCCESS && fstatvfs(fd, &disk) == 0 &&
	       (uint64_t)disk.f_bavail * disk.f_frsize < DISK_FULL_BYTES;
}

static enum nrm_err lmdb_commit(struct nrm_txn *base)
{
	struct lmdb_txn *txn = (struct lmdb_txn *)base;
	int rc = mdb_txn_commit(txn->txn); /* frees it, also when it fails */

	if (rc == EIO && disk_full((const struct lmdb_store *)base->store))
		rc = ENOSPC;
	free(txn);
	return nrm_lmdb_err(rc);
}

static void lmdb_abort(struct nrm_txn *base)
{
	struct lmdb_txn *txn = (struct lmdb_txn *)base;

	mdb_txn_abort(txn->txn);
	free(txn);
}

static MDB_dbi table_of(const struct nrm_txn *txn, unsigned table)
{
	return ((const struct lmdb_store *)txn->store)->tables[table];
}

static enum nrm_err lmdb_get(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			     struct nrm_slice *ret_value)
{
	MDB_val k = val(key), v;

	if (table_of(txn, table) == NO_TABLE)
		return NRM_ERR_NOT_FOUND;
	int rc = mdb_get(((struct lmdb_txn *)txn)->txn, table_of(txn, table), &k, &v);

	if (rc == MDB_SUCCESS)
		*ret_value = nrm_slice(v.mv_data, v.mv_size);
	return nrm_lmdb_err(rc);
}

static enum nrm_err lmdb_put(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			     struct nrm_slice value)
{
	MDB_val k = val(key), v = val(value);

	return nrm_lmdb_err(
		mdb_put(((struct lmdb_txn *)txn)->txn, table_of(txn, table), &k, &v, 0));
}

static enum nrm_err lmdb_append(struct nrm_txn *base, unsigned table, struct nrm_slice key,
				size_t len, uint8_t **ret_value)
{
	struct lmdb_txn *txn = (struct lmdb_txn *)base;
	MDB_cursor **appender = &txn->appenders[table];
	MDB_val k = val(key), v = {len, NULL};
	int rc = *appender ? MDB_SUCCESS
			   : mdb_cursor_open(txn->txn, table_of(base, table), appender);

	if (rc == MDB_SUCCESS)
		rc = mdb_cursor_put(*appender, &k, &v, MDB_APPEND | MDB_RESERVE);
	if (rc == MDB_SUCCESS)
		*ret_value = v.mv_data;
	return nrm_lmdb_err(rc);
}

static enum nrm_err lmdb_delete(struct nrm_txn *txn, unsigned table, struct nrm_slice key)
{
	MDB_val k = val(key);

	return nrm_lmdb_err(mdb_del(((struct lmdb_txn *)txn)->txn, table_of(txn, table), &k, NULL));
}

static enum nrm_err lmdb_count(struct nrm_txn *txn, unsigned table, uint64_t *ret_rows)
{
	MDB_stat stat = {0};
	int rc = table_of(txn, table) == NO_TABLE
			 ? MDB_SUCCESS
			 : mdb_stat(((struct lmdb_txn *)txn)->txn, table_of(txn, table), &stat);

	if (rc == MDB_SUCCESS)
		*ret_rows = stat.ms_entries;
	return nrm_lmdb_err(rc);
}

static enum nrm_err lmdb_cursor_open(struct nrm_txn *txn, unsigned table,
				     struct nrm_cursor **ret_cursor)
{
	struct lmdb_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return NRM_ERR_NOMEM;
	cursor->base = (struct nrm_cursor){.txn = txn, .table = table};
	int rc = table_of(txn, table) == NO_TABLE
			 ? MDB_SUCCESS
			 : mdb_cursor_open(((struct lmdb_txn *)txn)->txn, table_of(txn, table),
					   &cursor->cursor);
	if (rc != MDB_SUCCESS) {
		free(cursor);
		return nrm_lmdb_err(rc);
	}
	*ret_cursor = &cursor->base;
	return NRM_OK;
}

static void lmdb_cursor_close(struct nrm_cursor *base)
{
	struct lmdb_cursor *cursor = (struct lmdb_cursor *)base;

	mdb_cursor_close(cursor->cursor);
	free(cursor);
}

static enum nrm_err lmdb_cursor_move(struct nrm_cursor *cursor, enum nrm_cursor_move move,
				     struct nrm_slice key, struct nrm_slice *ret_key,
				     struct nrm_slice *ret_value)
{
	static const MDB_cursor_op ops[] = {
		[NRM_CURSOR_SEEK] = MDB_SET_RANGE,
		[NRM_CURSOR_NEXT] = MDB_NEXT,
		[NRM_CURSOR_LAST] = MDB_LAST,
	};
	MDB_cursor_op op = move == NRM_CURSOR_SEEK && key.len == 0 ? MDB_FIRST : ops[move];
	MDB_val k = val(key), v;
	MDB_cursor *of = ((struct lmdb_cursor *)cursor)->cursor;
	int rc = of ? mdb_cursor_get(of, &k, &v, op) : MDB_NOTFOUND;

	if (rc == MDB_SUCCESS) {
		*ret_key = nrm_slice(k.mv_data, k.mv_size);
		*ret_value = nrm_slice(v.mv_data, v.mv_size);
	}
	return nrm_lmdb_err(rc);
}

static const struct nrm_store_body lmdb_body = {
	.close = lmdb_close,
	.room = lmdb_room,
	.check_readers = lmdb_check_readers,
	.scrub = lmdb_scrub,
	.begin = lmdb_begin,
	.commit = lmdb_commit,
	.abort = lmdb_abort,
	.get = lmdb_get,
	.put = lmdb_put,
	.append = lmdb_append,
	.delete_row = lmdb_delete,
	.count = lmdb_count,
	.cursor_open = lmdb_cursor_open,
	.cursor_close = lmdb_cursor_close,
	.cursor_move = lmdb_cursor_move,
};

static enum nrm_err open_tables(struct lmdb_store *store, const struct nrm_store_options *options)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->env, NULL, options->read_only ? MDB_RDONLY : 0, &txn);

	if (rc != MDB_SUCCESS)
		return nrm_lmdb_err(rc);
	for (size_t i = 0; i < options->n_tables && rc == MDB_SUCCESS; i++) {
		rc = mdb_dbi_open(txn, options->tables[i], options->read_only ? 0 : MDB_CREATE,
				  &store->tables[i]);
		if (rc == MDB_NOTFOUND && i >= options->n_tables - options->n_later) {
			store->tables[i] = NO_TABLE;
			rc = MDB_SUCCESS;
		}
	}
	if (rc == MDB_SUCCESS)
		return nrm_lmdb_err(mdb_txn_commit(txn));
	mdb_txn_abort(txn);
	return nrm_lmdb_err(rc);
}

static enum nrm_err open_env(struct lmdb_store *store)
{
	const struct nrm_store_options *options = &store->options;
	/* Readers go through everything in order; the writer looks rows up here and there. */
	unsigned flags = MDB_NOTLS |
			 (options->read_only ? nrm_lmdb_reader_flags(store->path) : MDB_NORDAHEAD);

	store->env = NULL;
	int rc = mdb_env_create(&store->env);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_set_maxdbs(store->env, NRM_MAX_TABLES);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_set_mapsize(store->env, options->map_bytes ? options->map_bytes
									: DEFAULT_MAP_BYTES);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_open(store->env, store->path, flags, 0600);
	enum nrm_err err = nrm_lmdb_err(rc);
	if (err == NRM_OK)
		err = open_tables(store, options);
	if (err != NRM_OK) {
		mdb_env_close(store->env);
		store->env = NULL;
	}
	return err;
}

enum nrm_err nrm_store_open(const char *path, const struct nrm_store_options *options,
			    struct nrm_store **ret_store)
{
	assert(options->n_tables <= NRM_MAX_TABLES);

	enum nrm_err err = options->read_only ? NRM_OK : nrm_lmdb_prepare_folder(path);
	if (err != NRM_OK)
		return err;
	struct lmdb_store *store = calloc(1, sizeof(*store));
	if (!store)
		return NRM_ERR_NOMEM;
	store->base = (struct nrm_store){&lmdb_body, options->n_tables, options->read_only};
	store->options = *options;
	store->path = strdup(path);
	err = store->path ? open_env(store) : NRM_ERR_NOMEM;
	if (err == NRM_OK && !options->read_only)
		err = nrm_lmdb_sync_folder(AT_FDCWD, path);
	if (err != NRM_OK) {
		lmdb_close(&store->base);
		return err;
	}
	*ret_store = &store->base;
	return NRM_OK;
}
