/*
 * Reading the members of a JSON request, strictly: every member is of its type, every code of the
 * vocabulary, nothing is there that the request does not know (so no "override" slips by). The
 * first problem is remembered in plain words and every later read gives nothing, so that a request
 * is checked once, at its end.
 */
#ifndef NRM_AGENT_REQUEST_H
#define NRM_AGENT_REQUEST_H

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>

#include "proto/base/arena.h"
#include "proto/wire/statement.h"

#define NRM_REQUEST_PROBLEM 256

struct nrm_request {
	const json_t *object;
	struct nrm_arena *arena;	   /* what is read lives in it, or in the object */
	char problem[NRM_REQUEST_PROBLEM]; /* "" while all is well */
};

/*
 * Notes a problem unless there is one already. It may name keys and codes, never what may be a
 * person's data.
 */
void nrm_request_fail(struct nrm_request *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool nrm_request_failed(const struct nrm_request *r);

/* Refuses members other than those in `keys`, which ends with NULL. */
void nrm_request_only(struct nrm_request *r, const char *const *keys);

/*
 * Each of these gives NULL, zero, false or an empty slice for a member that is absent, which
 * `required` makes a problem.
 */
const char *nrm_request_text(struct nrm_request *r, const char *key, bool required);
bool nrm_request_bool(struct nrm_request *r, const char *key);
/* A whole number from 0 to `most`. */
uint64_t nrm_request_number(struct nrm_request *r, const char *key, uint64_t most);
/* RFC 3339, as Unix milliseconds. */
uint64_t nrm_request_time(struct nrm_request *r, const char *key);
uint32_t nrm_request_code(struct nrm_request *r, const char *key, enum nrm_vocabulary kind,
			  bool required);
/* Sixteen bytes as hexadecimal digits. */
struct nrm_slice nrm_request_id(struct nrm_request *r, const char *key, bool required);
struct nrm_slice nrm_request_participant(struct nrm_request *r, const char *key, bool required);
/* A list of texts; each is handed to `take`, with its place. */
void nrm_request_list(struct nrm_request *r, const char *key,
		      void (*take)(struct nrm_request *r, const char *key, const char *item,
				   void *with),
		      void *with);

/* The codes of a mask as an ascending list. */
struct nrm_codes nrm_request_codes(struct nrm_request *r, nrm_mask mask);
/* Room for `n` slices; never NULL unless it fails. */
struct nrm_slice *nrm_request_slices(struct nrm_request *r, size_t n);

#endif
