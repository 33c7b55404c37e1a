/*
 * nrm-signerd: the only holder of the trail's signing key. It signs the heads that the broker hands it over a Unix socket,
 * remembers the last one on disk, and refuses whatever does not continue it. It opens no other socket. SIGTERM and SIGINT
 * stop it.
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/signer/desk.h"
#include "broker/signer_config.h"
#include "proto/base/notify.h"
#include "proto/crypto/keyfile.h"
#include "proto/directory/identity.h"

#define PROGRAM	  "nrm-signerd"
#define ERROR_LEN NRM_YAML_ERROR_LEN

const char *argp_program_version = PROGRAM " 0.1.0";

struct arguments {
	const char *config;
	bool check, make;
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

	switch (key) {
	case 'c':
		a->config = arg;
		return 0;
	case 'k':
		a->check = true;
		return 0;
	case 'n':
		a->make = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are expected");
		return EINVAL;
	case ARGP_KEY_END:
		if (!a->config)
			argp_error(state, "--config FILE is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"config", 'c', "FILE", 0, "configuration (config/signer.yaml is an example)", 0},
	{"check", 'k', NULL, 0,
	 "read configuration, key and state, say whether they are good, and end", 0},
	{"new", 'n', NULL, 0,
	 "make the state of a key that never signed, and end; once in a key's life", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "The signer of the trail's heads: holds the key, signs what continues the last "
	       "head, "
	       "and nothing else.",
};

/* The key may end in no file and no other process, and nothing we run may gain rights. */
static void set_limits(void)
{
	static const struct rlimit none = {0, 0};

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

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
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	enum nrm_err err = nrm_desk_open(&desk, &s->desk);
	if (err != NRM_OK)
		return fail(s, err, s->config.socket, nrm_err_text(err));
	int stop = signalfd(-1, &signals, SFD_CLOEXEC);
	if (stop < 0)
		return fail(s, NRM_ERR_IO, "signalfd", nrm_err_text(NRM_ERR_IO));
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
	struct arguments arguments = {.config = NULL};
	struct signer s = {.notary = NULL};
	enum nrm_err err;

	set_limits();
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	err = nrm_crypto_init();
	if (err != NRM_OK)
		fail(&s, err, "OpenSSL", nrm_err_text(err));
	else
		err = nrm_signer_config_read(arguments.config, &s.config, s.error);
	if (err == NRM_OK) {
		nrm_log_open(PROGRAM, s.config.log_level);
		err = load(&s, arguments.make);
	}
	if (err == NRM_OK && !arguments.make && !arguments.check)
		err = serve(&s);
	if (err != NRM_OK)
		fprintf(stderr, PROGRAM ": %s\n", s.error);
	else if (arguments.make)
		printf("made %s; it belongs to %s from now on\n", s.config.state, s.config.key);
	else if (arguments.check)
		puts("good");
	nrm_desk_close(s.desk);
	nrm_notary_free(s.notary);
	nrm_crypto_thread_done();
	return err == NRM_OK ? 0 : 2;
}
