/*
 * What is to be said of a policy that loads: lines that say nothing, lines at odds with each other,
 * whether its walls hold. For `nrm policy check`; what no policy may say is refused at load
 * already.
 */
#ifndef NRM_POLICY_REVIEW_H
#define NRM_POLICY_REVIEW_H

#include "broker/policy/policy_source.h"

#define NRM_REMARK_LEN 512

/*
 * One thing worth a look. `path` is the line it is about; `other`, where it is not "", the line at
 * odds with it.
 */
struct nrm_remark {
	bool wrong; /* no policy to use: a wall does not hold; else a warning */
	const char *path, *other;
	char text[NRM_REMARK_LEN];
};
typedef void nrm_remark_visit(void *of, const struct nrm_remark *remark);

struct nrm_policy_summary {
	uint32_t walls, secrecies, needed, purposes, emergencies, duties, longer, deadlines, facts;
	nrm_mask unneeded;  /* services for which no row of `needed` says anything */
	nrm_mask receivers; /* roles that some field may reach, for some service */
	uint64_t examined;  /* messages on which the walls were tried */
	uint32_t warnings, wrong;
};

/* Reviews a policy: tells each remark, then *ret_summary. */
void nrm_policy_review(struct nrm_policy_source *source, nrm_remark_visit *visit, void *of,
		       struct nrm_policy_summary *ret_summary);

#endif
