/*
 * Programs of ours that a test starts, kills and starts again. What they say goes to a log.
 */
#ifndef NRM_TESTS_LIVE_PROCESS_H
#define NRM_TESTS_LIVE_PROCESS_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_ARGS 16

struct process {
	pid_t pid; /* 0: not running */
	char log[PATH_MAX];
	long from; /* where in the log this run begins */
};

/*
 * Starts a program; arguments end with NULL. Its standard output and error are appended to `log`. It gets SIGKILL when
 * we die.
 */
void process_start(struct process *process, const char *log, const char *const argv[]);
/* Waits until this run's log has `text`; false when it ends or `ms` pass before. */
bool process_says(struct process *process, const char *text, unsigned ms);
/* Whether it still runs. */
bool process_runs(struct process *process);
/* Sends a signal, to its children too, and waits for its end; returns its exit status, or -signal that ended it. Not running: 0. */
int process_end(struct process *process, int signal);

/* A program of the build that is tested: NRM_BUILD, or build/release. Lives until the next call. */
const char *program(const char *name);
/* Starts nrm-brokerd of a country and waits until it is ready. `wrap`: what to start it under (NULL: nothing). */
void broker_start(struct process *process, const char *country, const char *const wrap[]);

/* CPU time spent so far by all threads, in microseconds; anonymous resident memory, in KiB. Zero when it is gone. */
double process_cpu_us(pid_t pid);
uint64_t process_anon_kib(pid_t pid);

#endif
