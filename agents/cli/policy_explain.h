/*
 * How `nrm policy explain` tells what it found: in words, or as JSON.
 */
#ifndef NRM_CLI_POLICY_EXPLAIN_H
#define NRM_CLI_POLICY_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "broker/policy/explain.h"
#include "broker/policy/scenario_file.h"
#include "proto/glossary/glossary.h"

/* One case explained, and what it is told with. */
struct nrm_told_case {
	const struct nrm_policy_source *policy;
	const struct nrm_scenarios *scenarios;
	const char *path; /* of the scenario file */
	uint32_t index;	  /* of the case */
	const struct nrm_explanation *explanation;
	const struct nrm_glossary *glossary; /* NULL: codes as they are spelled */
	size_t language;
};

/* In words. */
void nrm_explain_print(const struct nrm_told_case *t, FILE *out);
/* As a JSON object, the caller's. */
json_t *nrm_explain_json(const struct nrm_told_case *t);

#endif
