/*
 * Ordered tables of bytes with transactions: the one interface to durable state, with two bodies:
 * LMDB, and a twin in memory for tests and simulation. The only place that includes LMDB.
 *
 * One writing transaction at a time; it is all or nothing. Readers see the last commit.
 * A slice read from a transaction dies with it (or with the next write in it).
 */
#ifndef NRM_STORE_STORE_H
#define NRM_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"
#include "proto/base/slice.h"

struct nrm_store;
struct nrm_txn;
struct nrm_cursor;

#define NRM_MAX_TABLES 16

struct nrm_store_options {
	const char *const
		*tables;   /* their names; a table is then named by its place in this list */
	size_t n_tables;   /* ≤ NRM_MAX_TABLES */
	size_t n_later;	   /* of them, the last: one that is not there yet is empty to a reader */
	unsigned scrubbed; /* the one whose pages nrm_store_scrub() goes over in a big file too */
	size_t map_bytes;  /* most bytes the database may ever take; 0: 256 GiB */
	bool read_only;	   /* no writing; the database must exist (auditors) */
};

/*
 * Opens, or makes with mode 0700/0600, the database in folder `path`. Once a process for each
 * folder, never across fork. NRM_ERR_NOT_FOUND, NRM_ERR_IO, NRM_ERR_CORRUPT, NRM_ERR_PERMISSION
 * (folder open to others).
 */
enum nrm_err nrm_store_open(const char *path, const struct nrm_store_options *options,
			    struct nrm_store **ret_store) NRM_MUST_USE;
/* The same in memory, empty. */
enum nrm_err nrm_store_open_memory(const struct nrm_store_options *options,
				   struct nrm_store **ret_store) NRM_MUST_USE;
void nrm_store_close(struct nrm_store *store);

/* Bytes in use and the most there may be (0 when unlimited). */
void nrm_store_room(struct nrm_store *store, uint64_t *ret_used, uint64_t *ret_max);
/* Frees the slots of readers that died (LMDB); call now and then. */
void nrm_store_check_readers(struct nrm_store *store);

/*
 * Overwrites on disk what deleted and replaced rows left behind: pages that are not in use any more (LMDB only frees them) and,
 * in a file of up to 1 GiB, what lies between the rows of those in use; in a bigger one of those of table options.scrubbed. NRM_ERR_AGAIN when a reader in another process may still
 * look at some; NRM_ERR_IO and others, after which the store can only be closed unless a later call succeeds. This process
 * must have no transaction open.
 */
enum nrm_err nrm_store_scrub(struct nrm_store *store) NRM_MUST_USE;

enum nrm_err nrm_txn_begin(struct nrm_store *store, bool write,
			   struct nrm_txn **ret_txn) NRM_MUST_USE;
/*
 * Makes everything written durable (fsync) or nothing: NRM_ERR_FULL when there is no room,
 * NRM_ERR_IO. The transaction is over either way.
 */
enum nrm_err nrm_txn_commit(struct nrm_txn *txn) NRM_MUST_USE;
/* Ends it without effect; also how a reader ends. NULL is allowed. */
void nrm_txn_abort(struct nrm_txn *txn);

/* NRM_ERR_NOT_FOUND when there is no such key. Keys have 1-511 bytes and sort as byte strings. */
enum nrm_err nrm_get(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
		     struct nrm_slice *ret_value) NRM_MUST_USE;
/*
 * Adds or replaces. NRM_ERR_FULL when there is no room. After that, or NRM_ERR_IO or
 * NRM_ERR_NOMEM, here and in append and delete, the transaction can only end: all else in it,
 * commit too, answers the same.
 */
enum nrm_err nrm_put(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
		     struct nrm_slice value) NRM_MUST_USE;
/*
 * Adds a key that sorts after all others (NRM_ERR_EXISTS when it does not): fills pages, never
 * searches. Room for `len` bytes is made in place and *ret_value points at them, to be filled
 * before the next write.
 */
enum nrm_err nrm_append(struct nrm_txn *txn, unsigned table, struct nrm_slice key, size_t len,
			uint8_t **ret_value) NRM_MUST_USE;
/* NRM_ERR_NOT_FOUND when there is none. */
enum nrm_err nrm_delete(struct nrm_txn *txn, unsigned table, struct nrm_slice key) NRM_MUST_USE;
/* Number of rows. */
enum nrm_err nrm_count(struct nrm_txn *txn, unsigned table, uint64_t *ret_rows) NRM_MUST_USE;

/* A cursor of one table; close it before the transaction ends. */
enum nrm_err nrm_cursor_open(struct nrm_txn *txn, unsigned table,
			     struct nrm_cursor **ret_cursor) NRM_MUST_USE;
void nrm_cursor_close(struct nrm_cursor *cursor);
/*
 * The first row whose key is ≥ `key` (an empty key: the first row), the next row, the last row;
 * NRM_ERR_NOT_FOUND past the end.
 */
enum nrm_err nrm_cursor_seek(struct nrm_cursor *cursor, struct nrm_slice key,
			     struct nrm_slice *ret_key, struct nrm_slice *ret_value) NRM_MUST_USE;
enum nrm_err nrm_cursor_next(struct nrm_cursor *cursor, struct nrm_slice *ret_key,
			     struct nrm_slice *ret_value) NRM_MUST_USE;
enum nrm_err nrm_cursor_last(struct nrm_cursor *cursor, struct nrm_slice *ret_key,
			     struct nrm_slice *ret_value) NRM_MUST_USE;

#endif
