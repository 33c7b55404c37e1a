/*
 * nrm policy reload: has the broker of this machine read its policy and directory again, and tells what came of it. The
 * broker's data folder says which process it is, and holds the outcome (proto/trail/trail.h).
 */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agents/cli/cli.h"
#include "agents/cli/policy.h"
#include "proto/base/buf.h"
#include "proto/base/time.h"
#include "proto/crypto/keyfile.h"
#include "proto/trail/trail.h"

#define BROKER	    "nrm-brokerd"
#define PATIENCE_MS 30000u
#define MAX_FILE    4096u

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **data = state->input;

	switch (key) {
	case 'd':
		*data = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are expected");
		return EINVAL;
	case ARGP_KEY_END:
		if (!*data)
			argp_error(state, "expected --data FOLDER, the broker's data folder");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A small file as a string; free it. NULL: it cannot be read. */
static char *read_text(const char *path)
{
	struct nrm_buf bytes = {0};

	if (nrm_file_read(path, MAX_FILE, false, &bytes) == NRM_OK)
		nrm_buf_put_u8(&bytes, 0);
	else
		nrm_buf_done(&bytes);
	return (char *)bytes.data;
}

/* The broker that runs on a data folder; 0 and a line on standard error when there is none. */
static pid_t find_broker(const char *data)
{
	char path[PATH_MAX], *text, *end;

	snprintf(path, sizeof(path), "%s/" NRM_BROKER_PID, data);
	text = read_text(path);
	long pid = text ? strtol(text, &end, 10) : 0;
	bool good = text && pid > 1 && pid <= INT_MAX && strcmp(end, "\n") == 0;
	free(text);
	if (!good) {
		nrm_cli_fail("%s: cannot be read: does the broker run, and may you read its data?",
			     path);
		return 0;
	}
	char comm[64];
	snprintf(comm, sizeof(comm), "/proc/%ld/comm", pid);
	text = read_text(comm);
	good = text && strcmp(text, BROKER "\n") == 0;
	free(text);
	if (!good)
		nrm_cli_fail("%s: process %ld is no " BROKER ": the broker does not run", path,
			     pid);
	return good ? (pid_t)pid : 0;
}

/* Waits until the file of the outcome is put in its place. */
static bool await_outcome(int watch)
{
	union {
		struct inotify_event event;
		char bytes[sizeof(struct inotify_event) + NAME_MAX + 1];
	} in;
	uint64_t until = nrm_time_monotonic_ms() + PATIENCE_MS, now;

	while ((now = nrm_time_monotonic_ms()) < until) {
		struct pollfd fd = {.fd = watch, .events = POLLIN};

		if (poll(&fd, 1, (int)(until - now)) <= 0)
			continue;
		ssize_t n = read(watch, &in, sizeof(in));
		for (char *at = in.bytes; at < in.bytes + n;) {
			struct inotify_event *event = (void *)at;
			if (event->len && strcmp(event->name, NRM_BROKER_RELOAD) == 0)
				return true;
			at += sizeof(*event) + event->len;
		}
	}
	return false;
}

/* Prints what became of each document: what was refused on standard error, with exit status 2. */
static int tell(char *text)
{
	int status = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		/* The time is whoever reads the file later to know. */
		char *said = strchr(line, ' ');
		if (said && strncmp(said, " refused ", 9) == 0)
			status = nrm_cli_fail("%s", said + 1);
		else if (said)
			puts(said + 1);
	}
	return status;
}

static int reload(const char *data)
{
	char path[PATH_MAX];
	int status, watch = -1;
	pid_t broker = find_broker(data);

	if (!broker)
		return 2;
	watch = inotify_init1(IN_CLOEXEC);
	if (watch < 0 || inotify_add_watch(watch, data, IN_MOVED_TO) < 0)
		status = nrm_cli_fail("%s: cannot be watched: %s", data, strerror(errno));
	else if (kill(broker, SIGHUP) != 0)
		status = nrm_cli_fail("process %ld: %s", (long)broker, strerror(errno));
	else if (!await_outcome(watch))
		status = nrm_cli_fail("the broker did not answer within %u seconds: see its log",
				      PATIENCE_MS / 1000);
	else {
		snprintf(path, sizeof(path), "%s/" NRM_BROKER_RELOAD, data);
		char *text = read_text(path);
		status = text ? tell(text) : nrm_cli_fail("%s: cannot be read", path);
		free(text);
	}
	if (watch >= 0)
		close(watch);
	return status;
}

int nrm_policy_cmd_reload(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"data", 'd', "FOLDER", 0, "The broker's data folder (`data` in its configuration)",
		 0},
		{0},
	};
	static const struct argp argp = {
		options,
		parse,
		NULL,
		"Has the broker on this machine read its policy and its directory again. Exit "
		"status "
		"0: what they say now is in force; 2: one was refused, and the old one is.",
		NULL,
		NULL,
		NULL};
	const char *data = NULL;

	if (argp_parse(&argp, argc, argv, 0, NULL, &data) != 0)
		return 2;
	return reload(data);
}
