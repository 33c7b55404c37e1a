/*
 * Real nrm-agentd processes of a country, and what a case system would do with them: one JSON object a line over the
 * agent's Unix socket.
 */
#ifndef NRM_TESTS_LIVE_AGENT_H
#define NRM_TESTS_LIVE_AGENT_H

#include <jansson.h>

#include "tests/live/process.h"

struct agent {
	struct process process;
	char country[PATH_MAX], name[32]; /* "police-000" */
};

/* Starts it, again after an end, and waits until it listens. `country` and `name` are copied. */
void agent_start(struct agent *agent, const char *country, const char *name);
void agent_restart(struct agent *agent);

/*
 * One connection to an agent's socket; -1: none yet. agent_ask() takes over the request and returns the answer, a new
 * reference; NULL when the agent ended before it answered. Then the request may or may not have been carried out.
 */
json_t *agent_ask(int *connection, const struct agent *agent, json_t *request);
/* A request that must be answered with ok. */
json_t *agent_must(int *connection, const struct agent *agent, json_t *request);

/* Waits until the agent has the directory, without which it takes no work. */
void agent_wait_directory(int *connection, const struct agent *agent);
/* States that a person is an adult who consents to emergency shelter anywhere; `name` is the agency's for the case. */
void agent_state_facts(int *connection, const struct agent *agent, const char *name);
/* A referral about a case to a shelter of the country, "shelter-000". */
json_t *agent_referral(const char *case_name, const char *shelter);

/* Figures of the agent's status that are numbers. */
json_int_t agent_figure(int *connection, const struct agent *agent, const char *figure);

#endif
