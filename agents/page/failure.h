/*
 * Why a request is not answered: in plain words, with what was expected and what was found.
 */
#ifndef NRM_PAGE_FAILURE_H
#define NRM_PAGE_FAILURE_H

#include "proto/base/buf.h"

struct nrm_page_failure {
	char what[160], expected[200], found[80];
};

/* `format` gives `what`. `found` may come from anywhere: what is not printable ASCII is shown as '?', what is too long is cut. */
void nrm_page_fail(struct nrm_page_failure *failure, struct nrm_slice found, const char *expected,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Appends {"error": {"what": …, "expected": …, "found": …}}. */
void nrm_page_failure_json(const struct nrm_page_failure *failure, struct nrm_buf *out);

#endif
