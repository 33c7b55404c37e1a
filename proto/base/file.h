/*
 * Writing small files whole and durably.
 */
#ifndef NRM_BASE_FILE_H
#define NRM_BASE_FILE_H

#include <sys/types.h>

#include "proto/base/err.h"
#include "proto/base/slice.h"

/*
 * Writes a new file of this mode and syncs it and its folder. NRM_ERR_EXISTS, NRM_ERR_IO; then
 * nothing of it is left.
 */
enum nrm_err nrm_file_create(const char *path, mode_t mode, struct nrm_slice bytes) NRM_MUST_USE;

/*
 * The same, in one step in place of a file that may be there: readers see the old bytes or the new.
 * NRM_ERR_IO.
 */
enum nrm_err nrm_file_replace(const char *path, mode_t mode, struct nrm_slice bytes) NRM_MUST_USE;

#endif
