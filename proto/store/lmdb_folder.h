/* Inside proto/store: the folder that LMDB's files are in. */
#ifndef NRM_STORE_LMDB_FOLDER_H
#define NRM_STORE_LMDB_FOLDER_H

#include "proto/base/err.h"

/* What an error of LMDB, or an errno, is here. */
enum nrm_err nrm_lmdb_err(int rc);
/* Makes the folder when it is missing; refuses one that others may enter. */
enum nrm_err nrm_lmdb_prepare_folder(const char *path) NRM_MUST_USE;
/* The names of new files are not durable before their folder is synced. */
enum nrm_err nrm_lmdb_sync_folder(int at, const char *path) NRM_MUST_USE;
/*
 * A reader beside a running broker needs its place in lock.mdb; without a lock.mdb that can be
 * written (a copied folder, a medium for reading only) nobody can be writing either, and it goes
 * without.
 */
unsigned nrm_lmdb_reader_flags(const char *path);

#endif
