/*
 * Talking to the agency's agent over its Unix socket, and the options that every command which
 * does so has: --agent SOCKET|FOLDER (or NRM_AGENT), --json, --wait SECONDS.
 */
#ifndef NRM_CLI_AGENT_CALL_H
#define NRM_CLI_AGENT_CALL_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>

struct nrm_agent_target {
	const char *agent; /* socket, or the data folder it lies in; NULL: NRM_AGENT */
	bool json;	   /* print the answer as it came */
	unsigned wait;	   /* seconds for the broker's receipt */
	const char
		*takes; /* what its one argument is called, set before parsing; NULL: no argument */
	const char *argument; /* as it was given; NULL only where none is taken */
};

/*
 * The options above, as a child of a command's argp: set state->child_inputs[0] to the target at
 * ARGP_KEY_INIT. They begin with a wait of 10 seconds.
 */
extern const struct argp nrm_agent_target_argp;

/* Parses the command line of a command that has no options but these. Ends the program when it is wrong. */
void nrm_agent_options(int argc, char **argv, const char *takes, const char *doc,
		       struct nrm_agent_target *ret_target);

/*
 * Sends `request` (whose reference it takes) and reads the answer, a new reference. Returns 0; or
 * 2 after printing why the agent cannot be asked or what it found wrong.
 */
int nrm_agent_call(const struct nrm_agent_target *target, json_t *request, json_t **ret_answer);

/* Prints an answer as one line of JSON. */
void nrm_agent_print_json(const json_t *answer);

#endif
