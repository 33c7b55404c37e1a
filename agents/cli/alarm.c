/* nrm alarm export: the proof of a trail that contradicts itself, for the coordinator and the auditor. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "proto/base/file.h"

struct options {
	struct nrm_agent_target target;
	const char *out;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->target;
		return 0;
	case 'o':
		o->out = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int export(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"out", 'o', "FILE", 0, "write it here instead of to standard output", 0}, {0}};
	static const struct argp_child children[] = {{&nrm_agent_target_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.doc = "Writes the last alarm of this agency's agent: both checkpoints, signed by "
		       "the agency. Hand it to the coordinator and the auditor by any way but the "
		       "broker; `nrm audit check-fork` checks it offline. It names no person and "
		       "no "
		       "case.",
		.children = children};
	struct options options = {.out = NULL};
	json_t *answer;

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	int status = nrm_agent_call(&options.target, json_pack("{ss}", "op", "alarm"), &answer);
	if (status)
		return status;
	const char *file = json_string_value(json_object_get(answer, "file"));
	if (!file)
		status = nrm_cli_fail("the agent did not answer with a file");
	else if (!options.out)
		status = fputs(file, stdout) < 0 || fflush(stdout) != 0 ? 2 : 0;
	else if (nrm_file_replace(options.out, 0644, nrm_slice_str(file)) != NRM_OK)
		status = nrm_cli_fail("%s: could not be written: %s", options.out, strerror(errno));
	json_decref(answer);
	return status;
}

int nrm_cmd_alarm(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"export", "write the last alarm as a file that convinces others", export},
		{NULL, NULL, NULL},
	};

	return nrm_cli_dispatch(commands, argc, argv);
}
