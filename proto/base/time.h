/*
 * Points in time are Unix milliseconds, UTC, in a uint64_t; zero means "not stated". Text is
 * RFC 3339 with a "Z", nothing else.
 */
#ifndef NRM_BASE_TIME_H
#define NRM_BASE_TIME_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"

#define NRM_TIME_TEXT_LEN 24 /* "2026-05-01T10:00:00Z" or with ".123", and a terminator: 25 bytes */

/* Parses "YYYY-MM-DDThh:mm:ss[.mmm]Z" (years 1970-9999); NRM_ERR_FORMAT for any other form or an impossible date. */
enum nrm_err nrm_time_parse(const char *text, uint64_t *ret_ms) NRM_MUST_USE;

/* Writes the time to the second, with its terminator. */
void nrm_time_format(uint64_t ms, char out[static NRM_TIME_TEXT_LEN + 1]);

/* The machine's wall clock. Programs call it; the core never does. */
uint64_t nrm_time_now_ms(void);

/* CLOCK_MONOTONIC in milliseconds, for intervals. */
uint64_t nrm_time_monotonic_ms(void);

#endif
