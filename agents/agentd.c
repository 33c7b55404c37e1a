/* nrm-agentd: an agency's own post office (agents/agent). One YAML file; stops on SIGTERM. */
#include <argp.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/agent/agent.h"
#include "proto/base/daemon.h"
#include "proto/base/hex.h"
#include "proto/base/log.h"
#include "proto/base/notify.h"

const char *argp_program_version = "nrm-agentd 0.1.0";

struct arguments {
	struct nrm_daemon daemon;
	bool trust_again;
};

enum { TRUST_AGAIN = 256 };

static const struct argp_option options[] = {
	{"trust-again", TRUST_AGAIN, NULL, 0,
	 "after an alarm about the trail that was cleared up with the coordinator: forget it", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};
static const struct argp_child children[] = {{&nrm_daemon_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->daemon;
		return 0;
	case TRUST_AGAIN:
		a->trust_again = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.doc = "An agency's agent: keeps its keys, seals, signs, spools, and talks to the broker."};

/* Answers in JSON hold what persons entrusted to the agency: freed memory is overwritten. */
static void free_wiped(void *bytes)
{
	if (bytes)
		nrm_wipe(bytes, malloc_usable_size(bytes));
	free(bytes);
}

static void event(void *with, const char *name, const char *text, const uint8_t *message_id)
{
	char id[2 * NRM_MESSAGE_ID_LEN + 1] = "";
	bool plain = strcmp(name, "connected") == 0 || strcmp(name, "directory_new") == 0 ||
		     strcmp(name, "policy_new") == 0;

	(void)with;
	if (message_id)
		nrm_hex(message_id, NRM_MESSAGE_ID_LEN, id);
	nrm_log(plain ? NRM_LOG_INFO : NRM_LOG_WARNING, name, "text=\"%s\"%s%s", text,
		message_id ? " message=" : "", id);
}

static int run(const struct nrm_agent_config *config, bool trust_again)
{
	struct nrm_agent_options agent_options = {
		.config = config, .event = event, .trust_again = trust_again};
	char error[NRM_YAML_ERROR_LEN] = "";
	struct nrm_agent *agent;
	const int stop = nrm_daemon_stop();

	if (stop < 0 || nrm_agent_open(&agent_options, &agent, error) != NRM_OK) {
		nrm_log(NRM_LOG_ERROR, "not_started", "text=\"%s\"", error);
		return 2;
	}
	nrm_log(NRM_LOG_INFO, "ready", "participant=%s socket=%s", config->id, config->socket);
	nrm_notify("READY=1");
	enum nrm_err err = nrm_agent_run(agent, stop);
	nrm_notify("STOPPING=1");
	nrm_agent_close(agent);
	close(stop);
	nrm_log(err ? NRM_LOG_ERROR : NRM_LOG_INFO, "stopped", "participant=%s", config->id);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.trust_again = false};
	struct nrm_agent_config config;
	char error[NRM_YAML_ERROR_LEN] = "";

	nrm_daemon_seal();
	json_set_alloc_funcs(malloc, free_wiped);
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	nrm_log_open("nrm-agentd", NRM_LOG_INFO);
	if (nrm_crypto_init() != NRM_OK) {
		nrm_log(NRM_LOG_ERROR, "not_started", "text=\"OpenSSL lacks an algorithm\"");
		return 2;
	}
	enum nrm_err err = nrm_agent_config_read(arguments.daemon.config, &config, error);
	if (err == NRM_OK && arguments.daemon.check)
		err = nrm_agent_check(&config, error);
	int status = 2;
	if (err)
		fprintf(stderr, "nrm-agentd: %s\n", error);
	else if (arguments.daemon.check)
		status = puts("good") < 0;
	else
		status = run(&config, arguments.trust_again);
	nrm_crypto_thread_done();
	return status;
}
