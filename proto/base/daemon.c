#include "proto/base/daemon.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

static const struct argp_option options[] = {
	{"config", 'c', "FILE", 0, "configuration (config/ has an example)", 0},
	{"check", 'k', NULL, 0,
	 "read all that the configuration names, say whether it is good, and end", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct nrm_daemon *d = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		*d = (struct nrm_daemon){.config = NULL};
		return 0;
	case 'c':
		d->config = arg;
		return 0;
	case 'k':
		d->check = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are expected");
		return EINVAL;
	case ARGP_KEY_END:
		if (!d->config)
			argp_error(state, "--config FILE is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp nrm_daemon_argp = {.options = options, .parser = parse};

void nrm_daemon_options(int argc, char **argv, const char *doc, struct nrm_daemon *ret_daemon)
{
	const struct argp argp = {.options = options, .parser = parse, .doc = doc};

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, ret_daemon); /* whose only errors are ours */
}

void nrm_daemon_seal(void)
{
	static const struct rlimit none = {0, 0};

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int nrm_daemon_stop(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}
