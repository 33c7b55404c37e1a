#include "tests/live/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/time.h"
#include "tests/live/must.h"

#define LOOK_NS	 2000000 /* how often a log is read */
#define READY_MS 30000u

void process_start(struct process *p, const char *log, const char *const argv[])
{
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	const pid_t parent = getpid();
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		die("%s: %s", log, strerror(errno));
	snprintf(p->log, sizeof(p->log), "%s", log);
	p->from = (long)st.st_size;
	p->pid = fork();
	if (p->pid < 0)
		die("fork: %s", strerror(errno));
	if (p->pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fd);
}

static bool log_has(const struct process *p, const char *text)
{
	char line[2048];
	bool found = false;
	FILE *log = fopen(p->log, "r");

	if (!log)
		return false;
	fseek(log, p->from, SEEK_SET);
	while (!found && fgets(line, sizeof(line), log))
		found = strstr(line, text) != NULL;
	fclose(log);
	return found;
}

bool process_says(struct process *p, const char *text, unsigned ms)
{
	const struct timespec pause = {.tv_nsec = LOOK_NS};

	for (uint64_t until = nrm_time_monotonic_ms() + ms;;) {
		if (log_has(p, text))
			return true;
		if (!process_runs(p) || nrm_time_monotonic_ms() > until)
			return false;
		nanosleep(&pause, NULL);
	}
}

bool process_runs(struct process *p)
{
	if (p->pid != 0 && waitpid(p->pid, NULL, WNOHANG) == p->pid)
		p->pid = 0;
	return p->pid != 0;
}

int process_end(struct process *p, int signal)
{
	int status = 0;

	if (p->pid == 0)
		return 0;
	setpgid(p->pid, p->pid); /* it may not have come to do it itself */
	kill(-p->pid, signal);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

const char *program(const char *name)
{
	const char *build = getenv("NRM_BUILD");
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", build ? build : "build/release", name);
	return path;
}

void broker_start(struct process *p, const char *country, const char *const wrap[])
{
	char config[PATH_MAX], log[PATH_MAX];
	const char *argv[PROCESS_ARGS];
	size_t n = 0;

	snprintf(config, sizeof(config), "%s/broker.yaml", country);
	snprintf(log, sizeof(log), "%s/broker.log", country);
	for (; wrap && wrap[n]; n++)
		argv[n] = wrap[n];
	argv[n++] = program("nrm-brokerd");
	argv[n++] = "--config";
	argv[n++] = config;
	argv[n] = NULL;
	process_start(p, log, argv);
	if (!process_says(p, "event=ready", READY_MS))
		die("the broker does not start: see %s", log);
}

double process_cpu_us(pid_t pid)
{
	char path[64], line[1024];
	unsigned long user, system;
	double us = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f)) {
		const char *after = strrchr(line, ')'); /* the name may hold anything */
		if (after &&
		    sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			   &system) == 2)
			us = (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
	}
	fclose(f);
	return us;
}

uint64_t process_anon_kib(pid_t pid)
{
	unsigned long long kib = 0;
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %llu", &kib) == 1)
			break;
	fclose(f);
	return kib;
}
