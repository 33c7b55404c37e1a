/*
 * A store in a folder of its own, or in memory, for the tests of the store.
 */
#ifndef NRM_TESTS_STORE_FIXTURE_H
#define NRM_TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/buf.h"
#include "proto/store/store.h"

enum { LEAVES, PEOPLE, TABLES };
static const char *const names[] = {"leaves", "people"};
static const struct nrm_store_options options = {.tables = names, .n_tables = TABLES};
static const struct nrm_store_options reading = {
	.tables = names, .n_tables = TABLES, .read_only = true};

struct fixture {
	char folder[64];
	bool disk;
	struct nrm_store *store;
};

static inline int open_fixture(void **state, bool disk, size_t map_bytes)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct nrm_store_options o = options;

	o.map_bytes = map_bytes;
	f->disk = disk;
	snprintf(f->folder, sizeof(f->folder), "/tmp/nrm-store-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	*state = f;
	return (disk ? nrm_store_open(f->folder, &o, &f->store)
		     : nrm_store_open_memory(&o, &f->store)) != NRM_OK;
}

static inline int on_disk(void **state)
{
	return open_fixture(state, true, 0);
}

static inline int close_fixture(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	struct fixture *f = *state;
	char path[96];

	nrm_store_close(f->store);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", f->folder, files[i]);
		unlink(path);
	}
	rmdir(f->folder);
	free(f);
	return 0;
}

static inline struct nrm_txn *begin(struct nrm_store *store, bool write)
{
	struct nrm_txn *txn = NULL;

	assert_int_equal(nrm_txn_begin(store, write, &txn), NRM_OK);
	return txn;
}

static inline void put(struct nrm_txn *txn, unsigned table, const char *key, const char *value)
{
	assert_int_equal(nrm_put(txn, table, nrm_slice_str(key), nrm_slice_str(value)), NRM_OK);
}

static inline void assert_row(struct nrm_txn *txn, unsigned table, const char *key,
			      const char *value)
{
	struct nrm_slice found;

	assert_int_equal(nrm_get(txn, table, nrm_slice_str(key), &found), NRM_OK);
	assert_true(nrm_slice_equal(found, nrm_slice_str(value)));
}

static inline void assert_no_row(struct nrm_txn *txn, unsigned table, const char *key)
{
	struct nrm_slice found = {(const uint8_t *)"x", 1};

	assert_int_equal(nrm_get(txn, table, nrm_slice_str(key), &found), NRM_ERR_NOT_FOUND);
	assert_int_equal(found.len, 1);
}

static inline uint64_t rows(struct nrm_txn *txn, unsigned table)
{
	uint64_t n = 0;

	assert_int_equal(nrm_count(txn, table, &n), NRM_OK);
	return n;
}

#endif
