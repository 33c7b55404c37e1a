/* What a run came by: how often each reason, outcome, obligation, missing evidence and rule. */
#ifndef NRM_TESTS_REACH_H
#define NRM_TESTS_REACH_H

#include <stdio.h>

#include "broker/core/decide.h"

struct reach {
	uint64_t outcome[NRM_OUTCOME_END_], reason[NRM_REASON_END_]; /* of a verdict or a field */
	uint64_t obligation[NRM_OBLIGATION_END_], missing[NRM_ASSESSMENT_END_], rule[32];
};

void reach_count(struct reach *reach, const struct nrm_verdict *v);
void reach_add(struct reach *sum, const struct reach *reach);

/* Prints all of it; how many of those that the decision can give under the policy never came. */
uint32_t reach_print(FILE *out, const struct reach *reach, const struct nrm_policy *policy);

#endif
