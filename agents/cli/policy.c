/* nrm policy: the table of its subcommands. */
#include "agents/cli/policy.h"

#include <stdlib.h>
#include <unistd.h>

#include "agents/cli/cli.h"

const char *nrm_policy_default(void)
{
	const char *named = getenv("NRM_POLICY");

	if (named && *named)
		return named;
	return access(NRM_LOCAL_POLICY, F_OK) == 0 ? NRM_LOCAL_POLICY : NRM_INSTALLED_POLICY;
}

int nrm_cmd_policy(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"test", "run scenario files against a policy", nrm_policy_cmd_test},
		{"check", "errors, warnings and a summary of a policy", nrm_policy_cmd_check},
		{"explain", "what a policy says to a message, and the line behind it",
		 nrm_policy_cmd_explain},
		{"diff", "what a new policy would let through or stop", nrm_policy_cmd_diff},
		{"show", "who may get what, as a matrix", nrm_policy_cmd_show},
		{"sign", "check a policy and sign it, so that brokers take it",
		 nrm_policy_cmd_sign},
		{"reload", "have the broker read its policy again", nrm_policy_cmd_reload},
		{NULL, NULL, NULL},
	};

	return nrm_cli_dispatch(commands, argc, argv);
}
