/*
 * Lower-case hexadecimal, for ids and digests that people see.
 */
#ifndef NRM_BASE_HEX_H
#define NRM_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"

/* Writes 2 * len digits and a terminator to `out` (2 * len + 1 bytes). */
void nrm_hex(const uint8_t *bytes, size_t len, char *out);

/* Reads exactly 2 * len digits of either case from `text` into `out`; NRM_ERR_FORMAT when `text` is anything else. */
enum nrm_err nrm_unhex(const char *text, uint8_t *out, size_t len) NRM_MUST_USE;

#endif
