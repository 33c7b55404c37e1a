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
};

/*
 * The options above, as a child of a command's argp: set state->child_inputs[0] to the target at
 * ARGP_KEY_INIT. They begin with a wait of 10 seconds.
 */
extern const struct argp nrm_agent_target_argp;

/*
 * Sends `request` (whose reference it takes) and reads the answer, a new reference. Returns 0; or
 * 2 after printing why the agent cannot be asked or what it found wrong.
 */
int nrm_agent_call(const struct nrm_agent_target *target, json_t *request, json_t **ret_answer);

/* Prints an answer as one line of JSON. */
void nrm_agent_print_json(const json_t *answer);

#endif
