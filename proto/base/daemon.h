/*
 * What the programs that stay have alike: `--config FILE [--check]`, nothing left behind that others could read, and an orderly
 * stop. For programs only.
 */
#ifndef NRM_BASE_DAEMON_H
#define NRM_BASE_DAEMON_H

#include <argp.h>
#include <stdbool.h>

struct nrm_daemon {
	const char *config; /* never NULL once parsed */
	bool check;	    /* read everything, say whether it is good, and end */
};

/* The two options, as a child of a program's argp whose input is a struct nrm_daemon; there are no arguments besides. */
extern const struct argp nrm_daemon_argp;

/* Parses the command line of a program without other options; `doc` says what it is. Ends the program with status 2 when it is wrong. */
void nrm_daemon_options(int argc, char **argv, const char *doc, struct nrm_daemon *ret_daemon);

/* No secret may end in a file or a process that others could read, and nothing run from here may gain rights. First of all. */
void nrm_daemon_seal(void);

/*
 * Blocks SIGTERM and SIGINT, before any thread is started, and returns a descriptor that becomes readable when one comes
 * (signalfd, non-blocking, close-on-exec), or -1 with errno.
 */
int nrm_daemon_stop(void);

#endif
