/*
 * Inside broker/policy: a review under way.
 */
#ifndef NRM_POLICY_REVIEW_PARTS_H
#define NRM_POLICY_REVIEW_PARTS_H

#include "broker/core/decide.h"
#include "broker/policy/policy_text.h"
#include "broker/policy/reach.h"
#include "broker/policy/review.h"

struct nrm_review {
	struct nrm_policy_source *source;
	const struct nrm_policy *policy;
	const struct nrm_policy_text *text;
	nrm_remark_visit *visit;
	void *of;
	struct nrm_policy_summary summary;
};

/* Tells a warning about `path`, at odds with `other` ("" for no line). */
void nrm_review_warn(struct nrm_review *r, const char *path, const char *other, const char *format,
		     ...) __attribute__((format(printf, 4, 5)));
/* Tells what is wrong. */
void nrm_review_wrong(struct nrm_review *r, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Names of a mask, with commas; cut to the size. Returns `out`. */
const char *nrm_review_names(enum nrm_vocabulary kind, nrm_mask mask, char out[static 128]);

/* Rows and lines that say nothing, or what another keeps back. */
void nrm_review_rows(struct nrm_review *r);
/* Lists at odds with each other. */
void nrm_review_lists(struct nrm_review *r);
/* Whether walls hold, by the decision itself. */
void nrm_review_walls(struct nrm_review *r);

#endif
