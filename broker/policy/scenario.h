/*
 * Scenario files (policy.md, "Scenario files"): cases with what the decision is expected to say, for
 * people who change a policy and for our own tests. Participants that a case names but the file does not list are
 * unknown ones; what a case leaves out is not established.
 */
#ifndef NRM_POLICY_SCENARIO_H
#define NRM_POLICY_SCENARIO_H

#include <stdio.h>

#include "broker/core/policy.h"
#include "proto/base/err.h"
#include "proto/base/slice.h"

#define NRM_SCENARIO_ERROR_LEN 768

struct nrm_scenario_counts {
	uint32_t passed, failed;
};

/*
 * Runs every case of a file and adds to *counts. Writes each failure, with what was expected and what came, to
 * `report`. A file that is not well-formed gives NRM_ERR_NOT_FOUND, NRM_ERR_IO, NRM_ERR_FORMAT, NRM_ERR_UNKNOWN_CODE …
 * with the line in `ret_error`; cases before the bad one have been counted then.
 */
enum nrm_err nrm_scenarios_run(const struct nrm_policy *policy, const char *path, FILE *report,
			       struct nrm_scenario_counts *counts,
			       char ret_error[static NRM_SCENARIO_ERROR_LEN]) NRM_MUST_USE;
/* The same from bytes, which errors and the report call `name`. */
enum nrm_err nrm_scenarios_run_bytes(const struct nrm_policy *policy, const char *name,
				     struct nrm_slice bytes, FILE *report,
				     struct nrm_scenario_counts *counts,
				     char ret_error[static NRM_SCENARIO_ERROR_LEN]) NRM_MUST_USE;

#endif
