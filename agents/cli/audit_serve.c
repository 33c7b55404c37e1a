/* nrm audit serve: the auditor's page. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "agents/page/serve.h"
#include "proto/base/log.h"
#include "proto/trail/trail.h"

struct options {
	struct nrm_audit_source source;
	struct nrm_audit_belief belief;
	const char *listen, *credentials, *vocabulary;
	bool anywhere;
	struct nrm_serve_options serve;
};

enum {
	OPTION_LISTEN = NRM_AUDIT_OPTION,
	OPTION_ANYWHERE,
	OPTION_HOST,
	OPTION_CREDENTIALS,
	OPTION_STATE,
	OPTION_VOCABULARY,
	OPTION_TSA_CA
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->source;
		state->child_inputs[1] = &o->belief;
		return 0;
	case OPTION_LISTEN:
		o->listen = arg;
		return 0;
	case OPTION_ANYWHERE:
		o->anywhere = true;
		return 0;
	case OPTION_HOST:
		if (o->serve.n_hosts == NRM_MAX_PAGE_NAMES)
			argp_error(state, "at most %u hosts can be named", NRM_MAX_PAGE_NAMES);
		o->serve.host[o->serve.n_hosts++] = arg;
		return 0;
	case OPTION_CREDENTIALS:
		o->credentials = arg;
		return 0;
	case OPTION_STATE:
		o->serve.state_file = arg;
		return 0;
	case OPTION_VOCABULARY:
		o->vocabulary = arg;
		return 0;
	case OPTION_TSA_CA:
		o->serve.tsa_ca = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected \"%s\"", arg);
		return EINVAL;
	case ARGP_KEY_END:
		if (!o->credentials)
			argp_error(state, "--credentials FILE is needed: `nrm audit password NAME "
					  "--credentials FILE` makes one");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The file of the case keys that is to be used; NULL: none. `path` is room for it. */
static const char *keys_file(const struct nrm_audit_source *source, char path[static 4096])
{
	if (source->without_keys)
		return NULL;
	if (source->keys_file)
		return source->keys_file;
	snprintf(path, 4096, "%s/" NRM_BROKER_CASE_KEYS, source->trail);
	return access(path, F_OK) == 0 ? path : NULL;
}

static int run(struct options *o)
{
	struct nrm_serve_options *serve = &o->serve;
	char why[NRM_SERVE_WHY_LEN];
	unsigned port;
	int fd;

	if (nrm_serve_listen(o->listen, o->anywhere, &fd, &port, why) != NRM_OK)
		return nrm_cli_fail("--listen: %s", why);
	printf("http://%.*s:%u/\n", (int)(strrchr(o->listen, ':') - o->listen), o->listen, port);
	fflush(stdout);
	nrm_log_open("nrm-audit-serve", NRM_LOG_INFO);
	const enum nrm_err err = nrm_serve(serve, fd);
	return err == NRM_OK ? 0 : nrm_cli_fail("could not serve: %s", nrm_err_text(err));
}

static int start(struct options *o)
{
	struct nrm_serve_options *serve = &o->serve;
	static char path[4096]; /* of the case keys, as long as the page is served */
	char error[NRM_CREDENTIALS_ERROR_LEN], glossary_error[NRM_GLOSSARY_ERROR_LEN];
	struct nrm_glossary *glossary = NULL;
	int status;

	if ((status = nrm_audit_authority(&o->belief, &serve->authority)) != 0)
		return status;
	if (nrm_credentials_load(o->credentials, &serve->credentials, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	if (nrm_glossary_load(o->vocabulary ? o->vocabulary : nrm_glossary_default(), &glossary,
			      glossary_error) != NRM_OK) {
		nrm_credentials_free(serve->credentials);
		return nrm_cli_fail("%s", glossary_error);
	}
	serve->trail = o->source.trail;
	serve->keys_file = keys_file(&o->source, path);
	serve->given = o->belief.key;
	serve->n_given = o->belief.n_keys;
	serve->quorum = o->belief.quorum;
	serve->glossary = glossary;
	status = run(o);
	nrm_credentials_free(serve->credentials);
	nrm_glossary_free(glossary);
	return status;
}

int nrm_audit_cmd_serve(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"listen", OPTION_LISTEN, "ADDRESS:PORT", 0,
		 "where to listen (default 127.0.0.1:8088); port 0: any, which is printed", 0},
		{"behind-tls-proxy", OPTION_ANYWHERE, NULL, 0,
		 "allow --listen another address than the loopback's: a proxy in front speaks TLS",
		 0},
		{"host", OPTION_HOST, "NAME", 0,
		 "a name by which browsers call the page, besides localhost; may be repeated", 0},
		{"credentials", OPTION_CREDENTIALS, "FILE", 0,
		 "who may see the page, as `nrm audit password` writes it", 0},
		{"state", OPTION_STATE, "FILE", 0,
		 "remember here which checkpoint verified, and since when they have", 0},
		{"vocabulary", OPTION_VOCABULARY, "FILE", 0, "the vocabulary's texts", 0},
		{"tsa-ca", OPTION_TSA_CA, "FILE", 0,
		 "certificates (PEM) of timestamping authorities: every timestamp must verify", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {&nrm_audit_belief_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.doc = "Serves the auditor's page until it is stopped: read only, from this "
		       "machine, with a name and password. Verifies the trail by itself whenever "
		       "there is a new checkpoint, and the whole of it once a day.",
		.children = children};
	struct options options = {.listen = "127.0.0.1:8088"};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return start(&options);
}
