/* nrm policy test: what a policy says to the cases of scenario files. */
#include <argp.h>
#include <stdio.h>

#include "agents/cli/cli.h"
#include "agents/cli/policy.h"
#include "broker/policy/policy_file.h"
#include "broker/policy/scenario.h"

struct arguments {
	const char *policy;
	char **files;
	int n_files;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'p':
		a->policy = arg;
		return 0;
	case ARGP_KEY_ARGS:
		a->files = state->argv + state->next;
		a->n_files = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which scenario files?");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int nrm_policy_cmd_test(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"policy", 'p', "FILE", 0,
		 "the policy to test (else $NRM_POLICY, " NRM_LOCAL_POLICY ", " NRM_INSTALLED_POLICY
		 ")",
		 0},
		{0},
	};
	static const struct argp argp = {
		options, parse, "FILE...", "Runs the cases of scenario files against a policy.",
		NULL,	 NULL,	NULL};
	struct arguments a = {.policy = nrm_policy_default()};
	struct nrm_scenario_counts counts = {0};
	struct nrm_policy *policy = NULL;
	char error[NRM_POLICY_ERROR_LEN];
	enum nrm_err err;

	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	if (nrm_policy_load(a.policy, &policy, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	err = NRM_OK;
	for (int i = 0; i < a.n_files && err == NRM_OK; i++)
		err = nrm_scenarios_run(policy, a.files[i], stdout, &counts, error);
	nrm_policy_free(policy);
	if (err != NRM_OK) {
		fflush(stdout);
		return nrm_cli_fail("%s", error);
	}
	printf("%u passed, %u failed\n", counts.passed, counts.failed);
	return counts.failed == 0 ? 0 : 1;
}
