/*
 * Inside proto/store: what a body of the store does. store.c checks arguments and remembers
 * failures, so that a body only meets tables that exist, keys of 1-511 bytes, and no call after a
 * write has failed.
 */
#ifndef NRM_STORE_BODY_H
#define NRM_STORE_BODY_H

#include "proto/store/store.h"

#define NRM_MAX_STORE_KEY 511

enum nrm_cursor_move { NRM_CURSOR_SEEK, NRM_CURSOR_NEXT, NRM_CURSOR_LAST };

struct nrm_store_body {
	void (*close)(struct nrm_store *store);
	void (*room)(struct nrm_store *store, uint64_t *ret_used, uint64_t *ret_max);
	void (*check_readers)(struct nrm_store *store);
	enum nrm_err (*scrub)(struct nrm_store *store);
	enum nrm_err (*begin)(struct nrm_store *store, bool write, struct nrm_txn **ret_txn);
	enum nrm_err (*commit)(struct nrm_txn *txn);
	void (*abort)(struct nrm_txn *txn);
	enum nrm_err (*get)(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			    struct nrm_slice *ret_value);
	enum nrm_err (*put)(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			    struct nrm_slice value);
	enum nrm_err (*append)(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			       size_t len, uint8_t **ret_value);
	enum nrm_err (*delete_row)(struct nrm_txn *txn, unsigned table, struct nrm_slice key);
	enum nrm_err (*count)(struct nrm_txn *txn, unsigned table, uint64_t *ret_rows);
	enum nrm_err (*cursor_open)(struct nrm_txn *txn, unsigned table,
				    struct nrm_cursor **ret_cursor);
	void (*cursor_close)(struct nrm_cursor *cursor);
	enum nrm_err (*cursor_move)(struct nrm_cursor *cursor, enum nrm_cursor_move move,
				    struct nrm_slice key, struct nrm_slice *ret_key,
				    struct nrm_slice *ret_value);
};

/* Each body's own struct begins with one of these. */
struct nrm_store {
	const struct nrm_store_body *body;
	size_t n_tables;
	bool read_only;
};

struct nrm_txn {
	struct nrm_store *store;
	bool write;
	enum nrm_err err; /* what a write failed with: nothing but the end may follow */
};

struct nrm_cursor {
	struct nrm_txn *txn;
	unsigned table;
	bool ended; /* ran past the end; only seek and last bring it back */
};

#endif
