#include "tests/live/agent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/live/must.h"

#define READY_MS 30000u
#define WAIT_S	 20
#define LOOK_NS	 5000000

void agent_restart(struct agent *a)
{
	char config[PATH_MAX + 64], log[PATH_MAX + 64];
	const char *argv[] = {program("nrm-agentd"), "--config", config, NULL};

	snprintf(config, sizeof(config), "%s/%s.yaml", a->country, a->name);
	snprintf(log, sizeof(log), "%s/%s.log", a->country, a->name);
	process_start(&a->process, log, argv);
	if (!process_says(&a->process, "event=ready", READY_MS))
		die("an agent does not start: see %s", log);
}

void agent_start(struct agent *a, const char *country, const char *name)
{
	snprintf(a->country, sizeof(a->country), "%s", country);
	snprintf(a->name, sizeof(a->name), "%s", name);
	agent_restart(a);
}

static int dial(const struct agent *a)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s-agent/agent.sock",
		     a->country, a->name) >= (int)sizeof(address.sun_path))
		die("%s: too long for a socket's path", a->country);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool send_all(int fd, const char *text)
{
	for (size_t len = strlen(text); len > 0;) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
		if (n < 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/* One line; NULL when the connection ends first. */
static json_t *read_answer(int fd)
{
	size_t len = 0, cap = 4096;
	char *line = malloc(cap);
	json_t *answer = NULL;

	for (;;) {
		ssize_t n = recv(fd, line + len, cap - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
		if (line[len - 1] == '\n') {
			answer = json_loadb(line, len, 0, NULL);
			break;
		}
		if (len == cap)
			line = realloc(line, cap *= 2);
	}
	free(line);
	return answer;
}

json_t *agent_ask(int *connection, const struct agent *a, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	json_t *answer = NULL;

	json_decref(request);
	if (*connection < 0)
		*connection = dial(a);
	if (*connection >= 0 && send_all(*connection, text) && send_all(*connection, "\n"))
		answer = read_answer(*connection);
	if (!answer && *connection >= 0) {
		close(*connection);
		*connection = -1;
	}
	free(text);
	return answer;
}

json_t *agent_must(int *connection, const struct agent *a, json_t *request)
{
	json_t *answer = agent_ask(connection, a, request);

	if (!answer)
		die("%s: the agent does not answer", a->name);
	if (!json_is_true(json_object_get(answer, "ok")))
		die("%s: %s", a->name, json_string_value(json_object_get(answer, "error")));
	return answer;
}

static void state(int *connection, const struct agent *a, json_t *request)
{
	json_t *answer = agent_must(connection, a, request);

	if (strcmp(json_string_value(json_object_get(answer, "state")), "recorded") != 0)
		die("%s: a fact is %s", a->name,
		    json_string_value(json_object_get(answer, "state")));
	json_decref(answer);
}

void agent_state_facts(int *connection, const struct agent *a, const char *name)
{
	state(connection, a,
	      json_pack("{ss si ss s{ss}}", "op", "case_state", "wait", WAIT_S, "case", name,
			"facts", "age_class", "adult"));
	state(connection, a,
	      json_pack("{ss si ss ss s[s] s[s] s[s] ss si sb ss ss ss}", "op", "consent_grant",
			"wait", WAIT_S, "case", name, "given_by", "adult", "services",
			"emergency_shelter", "recipients", "any", "data", "any", "purpose",
			"assistance", "days", 90, "understood", 1, "language", "km", "mode", "oral",
			"phase", "recovery"));
}

json_t *agent_referral(const char *case_name, const char *shelter)
{
	char to[64];

	snprintf(to, sizeof(to), "XX.%s", shelter);
	return json_pack("{ss ss ss ss ss ss ss s{ss ss}}", "op", "refer", "to", to, "service",
			 "emergency_shelter", "purpose", "assistance", "case", case_name, "urgency",
			 "urgent", "basis", "consent", "fields", "given_name", "an invented name",
			 "languages", "an invented language");
}

json_int_t agent_figure(int *connection, const struct agent *a, const char *figure)
{
	json_t *answer = agent_must(connection, a, json_pack("{ss}", "op", "status"));
	json_int_t value = json_integer_value(json_object_get(answer, figure));

	json_decref(answer);
	return value;
}

void agent_wait_directory(int *connection, const struct agent *a)
{
	while (agent_figure(connection, a, "directory_version") == 0)
		nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
}
