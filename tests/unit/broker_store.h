/* The broker's tables in memory, for tests of what stands in them. */
#ifndef NRM_TESTS_BROKER_STORE_H
#define NRM_TESTS_BROKER_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/trail/trail.h"

static inline struct nrm_store *broker_store(void)
{
	const struct nrm_store_options options = {.tables = nrm_broker_tables,
						  .n_tables = NRM_BROKER_TABLES};
	struct nrm_store *store;

	assert_int_equal(nrm_store_open_memory(&options, &store), NRM_OK);
	return store;
}

static inline struct nrm_txn *broker_begin(struct nrm_store *store)
{
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(store, true, &txn), NRM_OK);
	return txn;
}

/* A row, which must be there, copied; the caller frees it. */
static inline struct nrm_buf broker_row(struct nrm_txn *txn, unsigned table, struct nrm_slice key)
{
	struct nrm_buf row = {0};
	struct nrm_slice found;

	assert_int_equal(nrm_get(txn, table, key, &found), NRM_OK);
	nrm_buf_put(&row, found.data, found.len);
	return row;
}

#endif
