/*
 * nrm-signerd: the only holder of the trail's signing key. It signs the heads that the broker hands it over a Unix socket,
 * remembers the last one on disk, and refuses whatever does not continue it. It opens no other socket. SIGTERM and SIGINT
 * stop it.
 */
#include <argp.h>
#include <stdio.h>
#include <unistd.h>

#include "broker/signer/desk.h"
#include "broker/signer_config.h"
#include "proto/base/daemon.h"
#include "proto/base/notify.h"
#include "proto/crypto/keyfile.h"
#include "proto/directory/identity.h"

#define PROGRAM	  "nrm-signerd"
#define ERROR_LEN NRM_YAML_ERROR_LEN

const char *argp_program_version = PROGRAM " 0.1.0";

struct arguments {
	struct nrm_daemon daemon;
	bool make;
};

struct signer {
	struct nrm_signer_config config;
	struct nrm_notary *notary;
	struct nrm_desk *desk;
	char error[ERROR_LEN];
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->daemon;
		return 0;
	case 'n':
		a->make = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"new", 'n', NULL, 0,
	 "make the state of a key that never signed, and end; once in a key's life", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};
static const struct argp_child children[] = {{&nrm_daemon_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.doc = "The signer of the trail's heads: holds the key, signs what continues the last "
	       "head, "
	       "and nothing else.",
};

static enum nrm_err fail(struct signer *s, enum nrm_err err, const char *path, const char *why)
{
	snprintf(s->error, sizeof(s->error), "%.480s: %.256s", path, why);
	return err;
}

static enum nrm_err read_key(struct signer *s, uint8_t seed[static NRM_KEY_LEN])
{
	const char *file = s->config.passphrase[0] ? s->config.passphrase : NULL, *passphrase;
	struct nrm_buf keep = {0};
	enum nrm_err err = nrm_passphrase_find(file, &keep, &passphrase, s->error);

	if (err == NRM_OK) {
		err = nrm_keyfile_read(s->config.key, NRM_ED25519, passphrase, seed);
		if (err != NRM_OK)
			fail(s, err, s->config.key, nrm_err_text(err));
	}
	nrm_buf_wipe(&keep);
	return err;
}

/* The notary of the configured key and state, or a new state for it. */
static enum nrm_err load(struct signer *s, bool make)
{
	const char *state = s->config.state, *origin = s->config.origin;
	char why[NRM_NOTARY_ERROR_LEN];
	uint8_t seed[NRM_KEY_LEN];

	enum nrm_err err = read_key(s, seed);
	if (err != NRM_OK)
		return err;
	err = make ? nrm_notary_make_state(state, origin, seed, why)
		   : nrm_notary_open(state, origin, seed, &s->notary, why);
	nrm_wipe(seed, sizeof(seed));
	if (err != NRM_OK)
		snprintf(s->error, sizeof(s->error), "%s", why);
	return err;
}

static void report(enum nrm_log_level level, const char *event, const char *pairs)
{
	nrm_log(level, event, "%s", pairs);
}

static enum nrm_err serve(struct signer *s)
{
	const struct nrm_desk_options desk = {
		.path = s->config.socket,
		.user = s->config.user,
		.notary = s->notary,
		.report = report,
	};
	const int stop = nrm_daemon_stop();

	if (stop < 0)
		return fail(s, NRM_ERR_IO, "signalfd", nrm_err_text(NRM_ERR_IO));
	enum nrm_err err = nrm_desk_open(&desk, &s->desk);
	if (err != NRM_OK) {
		close(stop);
		return fail(s, err, s->config.socket, nrm_err_text(err));
	}
	nrm_log(NRM_LOG_INFO, "ready", "socket=%s origin=%s last=%llu", s->config.socket,
		s->config.origin, (unsigned long long)nrm_notary_last(s->notary)->size);
	nrm_notify("READY=1");
	err = nrm_desk_serve(s->desk, stop);
	close(stop);
	nrm_notify("STOPPING=1");
	nrm_log(NRM_LOG_INFO, "stopping", "last=%llu",
		(unsigned long long)nrm_notary_last(s->notary)->size);
	return err == NRM_OK ? NRM_OK : fail(s, err, s->config.socket, nrm_err_text(err));
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.make = false};
	struct signer s = {.notary = NULL};
	enum nrm_err err;

	nrm_daemon_seal();
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	err = nrm_crypto_init();
	if (err != NRM_OK)
		fail(&s, err, "OpenSSL", nrm_err_text(err));
	else
		err = nrm_signer_config_read(arguments.daemon.config, &s.config, s.error);
	if (err == NRM_OK) {
		nrm_log_open(PROGRAM, s.config.log_level);
		err = load(&s, arguments.make);
	}
	if (err == NRM_OK && !arguments.make && !arguments.daemon.check)
		err = serve(&s);
	if (err != NRM_OK)
		fprintf(stderr, PROGRAM ": %s\n", s.error);
	else if (arguments.make)
		printf("made %s; it belongs to %s from now on\n", s.config.state, s.config.key);
	else if (arguments.daemon.check)
		puts("good");
	nrm_desk_close(s.desk);
	nrm_notary_free(s.notary);
	nrm_crypto_thread_done();
	return err == NRM_OK ? 0 : 2;
}
