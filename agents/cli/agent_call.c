#include "agents/cli/agent_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agents/agent/api.h"
#include "agents/cli/cli.h"

#define WAIT_DEFAULT 10u
#define PATIENCE     30u /* seconds beyond that for an agent that is busy; then it hangs */

enum { JSON = 512, WAIT };

static const struct argp_option options[] = {
	{"agent", 'a', "SOCKET", 0, "the agent's socket, or its data folder (default: NRM_AGENT)",
	 10},
	{"json", JSON, NULL, 0, "print JSON, for scripts", 10},
	{"wait", WAIT, "SECONDS", 0, "wait this long for the broker's decision (default: 10)", 10},
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct nrm_agent_target *target = state->input;
	unsigned long seconds;
	char *end;

	switch (key) {
	case ARGP_KEY_INIT:
		*target = (struct nrm_agent_target){.wait = WAIT_DEFAULT, .takes = target->takes};
		return 0;
	case 'a':
		target->agent = arg;
		return 0;
	case JSON:
		target->json = true;
		return 0;
	case WAIT:
		seconds = strtoul(arg, &end, 10);
		if (*end || !*arg || seconds > NRM_API_MAX_WAIT)
			argp_error(state, "--wait: expected 0 to %u seconds", NRM_API_MAX_WAIT);
		target->wait = (unsigned)seconds;
		return 0;
	case ARGP_KEY_ARG:
		if (!target->takes)
			argp_error(state, "no arguments are expected");
		if (target->argument)
			argp_error(state, "one %s is expected", target->takes);
		target->argument = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (target->takes)
			argp_error(state, "%s is expected", target->takes);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp nrm_agent_target_argp = {.options = options, .parser = parse};

void nrm_agent_options(int argc, char **argv, const char *takes, const char *doc,
		       struct nrm_agent_target *ret_target)
{
	const struct argp argp = {
		.options = options, .parser = parse, .args_doc = takes, .doc = doc};

	ret_target->takes = takes;
	argp_parse(&argp, argc, argv, 0, NULL, ret_target); /* whose only errors are ours */
}

/* The socket: named itself, or by its folder. */
static int address_of(const struct nrm_agent_target *target, struct sockaddr_un *address)
{
	const char *where = target->agent ? target->agent : getenv("NRM_AGENT");
	struct stat st;
	int n;

	if (!where || !*where)
		return nrm_cli_fail("which agent? Give --agent SOCKET or set NRM_AGENT");
	bool folder = stat(where, &st) == 0 && S_ISDIR(st.st_mode);
	address->sun_family = AF_UNIX;
	n = snprintf(address->sun_path, sizeof(address->sun_path), "%s%s", where,
		     folder ? "/agent.sock" : "");
	return n < (int)sizeof(address->sun_path) ? 0 : nrm_cli_fail("%s: path too long", where);
}

/* A connection on which neither side waits longer than `seconds`; -1 with errno. */
static int dial(const struct sockaddr_un *address, unsigned seconds)
{
	const struct timeval patience = {.tv_sec = seconds};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static int put_text(const char *text, size_t len, void *out)
{
	nrm_buf_put(out, text, len);
	return ((struct nrm_buf *)out)->err ? -1 : 0;
}

static int write_all(int fd, struct nrm_slice bytes)
{
	while (bytes.len) {
		ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes = nrm_slice(bytes.data + n, bytes.len - (size_t)n);
	}
	return 0;
}

static int read_line(int fd, struct nrm_buf *line)
{
	uint8_t bytes[16384];

	while (!line->len || line->data[line->len - 1] != '\n') {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		nrm_buf_put(line, bytes, (size_t)n);
		if (line->err)
			return -1;
	}
	nrm_wipe(bytes, sizeof(bytes));
	return 0;
}

/* One line there, one line back. */
static json_t *exchange_lines(int fd, struct nrm_slice request)
{
	struct nrm_buf line = {0};
	json_t *answer = NULL;

	if (write_all(fd, request) == 0 && read_line(fd, &line) == 0)
		answer = json_loadb((const char *)line.data, line.len, 0, NULL);
	nrm_buf_wipe(&line);
	return answer;
}

int nrm_agent_call(const struct nrm_agent_target *target, json_t *request, json_t **ret_answer)
{
	struct sockaddr_un address = {0};
	struct nrm_buf line = {0};
	json_t *answer = NULL;
	int fd = -1, status = address_of(target, &address);

	if (status)
		goto out;
	if (json_dump_callback(request, put_text, &line, JSON_COMPACT) != 0)
		line.err = NRM_ERR_NOMEM;
	nrm_buf_put(&line, "\n", 1);
	if (line.err || line.len > NRM_API_MAX_REQUEST) {
		status = nrm_cli_fail("the request is too large");
		goto out;
	}
	fd = dial(&address, target->wait + PATIENCE);
	if (fd < 0) {
		status = nrm_cli_fail("cannot reach the agent at %s: %s", address.sun_path,
				      strerror(errno));
		goto out;
	}
	answer = exchange_lines(fd, nrm_buf_slice(&line));
	if (!json_is_object(answer))
		status = nrm_cli_fail("the agent gave no answer");
	else if (!json_is_true(json_object_get(answer, "ok")))
		status = nrm_cli_fail("%s", json_string_value(json_object_get(answer, "error")));
out:
	if (fd >= 0)
		close(fd);
	nrm_buf_wipe(&line);
	json_decref(request);
	if (status)
		json_decref(answer);
	else
		*ret_answer = answer;
	return status;
}

void nrm_agent_print_json(const json_t *answer)
{
	json_dumpf(answer, stdout, JSON_COMPACT);
	putchar('\n');
}
