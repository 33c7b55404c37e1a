/* nrm policy diff: what another policy would let through or stop. */
#include <argp.h>
#include <stdlib.h>

#include "agents/cli/cli.h"
#include "agents/cli/policy.h"
#include "agents/cli/policy_diff.h"

struct arguments {
	const char *file[2];
	bool json, all;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'j':
		a->json = true;
		return 0;
	case 'a':
		a->all = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num >= 2)
			argp_error(state, "two policies are compared");
		a->file[state->arg_num] = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "which two policies?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int compare(const struct arguments *a, struct nrm_policy_source *old,
		   struct nrm_policy_source *new)
{
	struct nrm_policy_diff *diff = NULL;
	uint32_t n;

	if (nrm_policy_compare(nrm_policy_source_policy(old), nrm_policy_source_policy(new), ~0ull,
			       false, &diff) != NRM_OK)
		return nrm_cli_fail("out of memory");
	n = a->json ? nrm_diff_dump(diff, old, new) : nrm_diff_print(diff, old, new, a->all);
	free(diff);
	return n ? 1 : 0;
}

int nrm_policy_cmd_diff(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"json", 'j', NULL, 0, "as JSON, every role, service and field by itself", 0},
		{"all", 'a', NULL, 0, "all lines, and when each holds", 0},
		{0},
	};
	static const struct argp argp = {options,
					 parse,
					 "OLD NEW",
					 "Tells what a new policy would newly let through or stop. "
					 "Exit status 1 when they differ.",
					 NULL,
					 NULL,
					 NULL};
	struct arguments a = {0};
	struct nrm_policy_source *source[2] = {NULL, NULL};
	char error[NRM_POLICY_ERROR_LEN];
	int status = 0;

	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	for (size_t i = 0; i < 2 && status == 0; i++)
		if (nrm_policy_source_open(a.file[i], &source[i], error) != NRM_OK)
			status = nrm_cli_fail("%s", error);
	if (status == 0)
		status = compare(&a, source[0], source[1]);
	nrm_policy_source_close(source[0]);
	nrm_policy_source_close(source[1]);
	return status;
}
