/*
 * Commands run as a caseworker runs them, against an api behind a real socket, served by a thread of the test's own;
 * what they print is caught in a file.
 */
#ifndef NRM_TESTS_CLI_WORLD_H
#define NRM_TESTS_CLI_WORLD_H

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/agent/server.h"
#include "tests/unit/agent_world.h"

static struct nrm_api api;
static struct nrm_server *server;
static char path[64], file[64], told[64];
static pthread_t thread;
static atomic_bool stop;
static _Atomic uint64_t clock_ms; /* the agent's */
static _Atomic unsigned steps;	  /* that the agent's thread has made */

static void *serve(void *unused)
{
	(void)unused;
	while (!stop) {
		struct pollfd fds[NRM_SERVER_FDS];

		poll(fds, (nfds_t)nrm_server_fds(server, fds), 10);
		nrm_server_step(server, &api, clock_ms, 0);
		steps++;
	}
	nrm_crypto_thread_done();
	return NULL;
}

/* Serves `api` from now on. */
static inline int cli_serve(void)
{
	snprintf(path, sizeof(path), "/tmp/nrm-cli-%d.sock", (int)getpid());
	snprintf(file, sizeof(file), "/tmp/nrm-cli-%d.yaml", (int)getpid());
	snprintf(told, sizeof(told), "/tmp/nrm-cli-%d.txt", (int)getpid());
	setenv("NRM_AGENT", path, 1);
	stop = false;
	clock_ms = WORLD_NOW;
	if (nrm_server_open(path, &server) != NRM_OK)
		return -1;
	return pthread_create(&thread, NULL, serve, NULL);
}

static inline void cli_stop(void)
{
	stop = true;
	pthread_join(thread, NULL);
	nrm_server_close(server);
	unlink(file);
	unlink(told);
}

/* From then on every request is answered at this time: the step under way may still have the old one. */
static inline void set_clock(uint64_t ms)
{
	clock_ms = ms;
	for (unsigned seen = steps; steps - seen < 2;)
		sched_yield();
}

static inline void write_file(const char *content)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

/* Runs a command with what it prints in `told`; returns its exit status. */
static inline int run(int (*command)(int, char **), char **argv)
{
	int argc = 0, status, out = dup(1), err = dup(2);
	int to = open(told, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	while (argv[argc])
		argc++;
	fflush(NULL);
	dup2(to, 1);
	dup2(to, 2);
	status = command(argc, argv);
	fflush(NULL);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	close(to);
	return status;
}

static inline bool tells(const char *words)
{
	char text[8192];
	FILE *f = fopen(told, "r");
	size_t n = fread(text, 1, sizeof(text) - 1, f);

	fclose(f);
	text[n] = 0;
	if (!strstr(text, words))
		print_message("not told: %s\ntold: %s\n", words, text);
	return strstr(text, words) != NULL;
}

#endif
