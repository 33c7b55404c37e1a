#include "agents/page/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET 3 /* the one descriptor besides the standard three */

/* Leaves behind what is the parent's. */
static void settle(const struct nrm_serve_options *options, int fd, pid_t parent)
{
	static const int usual[] = {SIGBUS, SIGSEGV, SIGINT, SIGTERM, SIGPIPE};
	const struct rlimit none = {0, 0};
	sigset_t all;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(2);
	prctl(PR_SET_DUMPABLE, 0); /* case keys stay out of core files */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		signal(usual[i], SIG_DFL);
	signal(SIGINT, SIG_IGN); /* a terminal's is the parent's to answer */
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (fd != SOCKET)
		dup2(fd, SOCKET);
	closefrom(SOCKET + 1);
	nrm_credentials_wipe(options->credentials);
}

enum nrm_err nrm_child_begin(struct nrm_child *child, const struct nrm_serve_options *options,
			     int (*work)(const struct nrm_serve_options *options, void *context,
					 int fd),
			     void *context)
{
	const pid_t parent = getpid();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return NRM_ERR_IO;
	fflush(NULL);
	const pid_t pid = fork();
	if (pid == 0) {
		settle(options, fds[1], parent);
		_exit(work(options, context, SOCKET));
	}
	close(fds[1]);
	if (pid < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) != 0) {
		close(fds[0]);
		return NRM_ERR_IO;
	}
	*child = (struct nrm_child){.pid = pid, .fd = fds[0]};
	return NRM_OK;
}

enum nrm_err nrm_child_hear(struct nrm_child *child)
{
	for (;;) {
		const size_t had = child->in.len;
		uint8_t *room = nrm_buf_grow(&child->in, 64 * 1024);
		if (!room)
			return child->in.err;
		const ssize_t n = recv(child->fd, room, 64 * 1024, 0);
		child->in.len = had + (n > 0 ? (size_t)n : 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return NRM_ERR_CLOSED;
		if (n < 0 && errno == EAGAIN)
			return NRM_OK;
	}
}

enum nrm_err nrm_child_frame(struct nrm_child *child, struct nrm_page_frame *ret_frame)
{
	size_t len;

	if (child->taken) {
		memmove(child->in.data, child->in.data + child->taken,
			child->in.len - child->taken);
		child->in.len -= child->taken;
		child->taken = 0;
	}
	enum nrm_err err = nrm_page_frame_take(nrm_buf_slice(&child->in), ret_frame, &len);
	if (err == NRM_OK)
		child->taken = len;
	return err;
}

void nrm_child_end(struct nrm_child *child, bool at_once, char how[static NRM_CHILD_END_LEN])
{
	int status = 0;

	if (child->pid == 0)
		return;
	if (at_once)
		kill(child->pid, SIGKILL);
	close(child->fd);
	while (waitpid(child->pid, &status, 0) != child->pid && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		snprintf(how, NRM_CHILD_END_LEN, "signal %d (%s)%s", WTERMSIG(status),
			 strsignal(WTERMSIG(status)),
			 WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGSEGV
				 ? ": a file is cut short or damaged"
				 : "");
	else
		snprintf(how, NRM_CHILD_END_LEN, "exit status %d", WEXITSTATUS(status));
	nrm_buf_wipe(&child->in);
	*child = (struct nrm_child){.pid = 0, .fd = -1};
}
