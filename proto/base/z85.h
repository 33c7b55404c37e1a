/*
 * Z85 (ZeroMQ RFC 32): four bytes as five printable characters, the form in which ZeroMQ writes
 * CURVE keys.
 */
#ifndef NRM_BASE_Z85_H
#define NRM_BASE_Z85_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"

#define NRM_Z85_KEY_LEN 40 /* characters of a 32-byte key, terminator not counted */

/*
 * Writes len / 4 * 5 characters and a terminator to `out`. NRM_ERR_ARGUMENT when `len` is no
 * multiple of four.
 */
enum nrm_err nrm_z85(const uint8_t *bytes, size_t len, char *out) NRM_MUST_USE;

/*
 * Reads exactly len / 4 * 5 characters of `text` into `out` (`len` bytes, a multiple of four).
 * NRM_ERR_FORMAT for another length, another character, or a group above 2^32 - 1; `out` may then
 * be partly written.
 */
enum nrm_err nrm_unz85(const char *text, uint8_t *out, size_t len) NRM_MUST_USE;

#endif
