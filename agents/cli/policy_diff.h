/*
 * How `nrm policy diff` tells what it found: grouped for people, or as JSON.
 */
#ifndef NRM_CLI_POLICY_DIFF_H
#define NRM_CLI_POLICY_DIFF_H

#include "broker/policy/diff.h"

/*
 * Prints what is newly let through, newly stopped, and the values that differ; `all` leaves no line
 * out and says when each holds. Returns how many differences there are.
 */
uint32_t nrm_diff_print(const struct nrm_policy_diff *diff, struct nrm_policy_source *old,
			struct nrm_policy_source *new, bool all);
/* The same as JSON, each role x service x field one object. */
uint32_t nrm_diff_dump(const struct nrm_policy_diff *diff, struct nrm_policy_source *old,
		       struct nrm_policy_source *new);

/* The words of a mask of enum nrm_space_kind and of enum nrm_space_ground, by bit. */
const char *nrm_diff_kind(uint32_t bit);
const char *nrm_diff_ground(uint32_t bit);

#endif
