/*
 * One running agent: keys, spool, exchange, connection and socket put together, and the loop that
 * moves them. One thread.
 */
#ifndef NRM_AGENT_AGENT_H
#define NRM_AGENT_AGENT_H

#include "agents/agent/config.h"
#include "agents/agent/exchange.h"
#include "agents/agent/profile.h"

struct nrm_agent;

struct nrm_agent_options {
	const struct nrm_agent_config *config; /* copied */
	/*
	 * Told of what an operator should see: findings by their name, "connected",
	 * "disconnected", "profile_not_in_directory".
	 * `text` says what; `message_id` (16 bytes) is NULL when it is about none.
	 */
	void (*event)(void *with, const char *event, const char *text, const uint8_t *message_id);
	void *with;
	bool trust_again; /* forget an alarm first: people have cleared it up */
};

/*
 * Reads the keys and the profile, locks and opens the data folder (made when it is not there),
 * listens on the socket and begins to connect. On failure `error` has one line. NRM_ERR_EXISTS
 * when another agent runs on this folder.
 */
enum nrm_err nrm_agent_open(const struct nrm_agent_options *options, struct nrm_agent **ret_agent,
			    char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;
void nrm_agent_close(struct nrm_agent *agent);

/* Runs until `stop_fd` is readable. NRM_ERR_IO when polling fails. */
enum nrm_err nrm_agent_run(struct nrm_agent *agent, int stop_fd) NRM_MUST_USE;

/* Reads everything that nrm_agent_open() would read and changes nothing. */
enum nrm_err nrm_agent_check(const struct nrm_agent_config *config,
			     char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
