/* Inside proto/store: overwriting the pages that LMDB has freed. */
#ifndef NRM_STORE_LMDB_SCRUB_H
#define NRM_STORE_LMDB_SCRUB_H

#include <errno.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Overwrites with zeros, and syncs, the pages freed before the last commit that no reader can still see, and what lies between
 * the rows of those in use: in a big file of `table`'s only. *ret_all: no reader stood in the way. LMDB's or the system's error.
 */
int nrm_lmdb_scrub(MDB_env *env, MDB_dbi table, bool *ret_all);

#endif
