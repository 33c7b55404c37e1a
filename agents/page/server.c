#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agents/page/server_parts.h"
#include "proto/base/log.h"
#include "proto/base/notify.h"
#include "proto/base/time.h"

#define MEMORY_A_CONNECTION (32u * 1024) /* a request's lines all in all */

/* --- the socket --- */

/* Takes "127.0.0.1:8088" or "[::1]:8088" apart. */
static bool split(const char *text, char host[static 64], char port[static 8])
{
	const char *colon = strrchr(text, ':');
	const bool brackets = text[0] == '[' && colon && colon > text && colon[-1] == ']';
	const char *from = text + brackets, *end = brackets ? colon - 1 : colon;

	if (!colon || !end || strlen(colon + 1) > 5 || !colon[1] ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) || end - from > 63 || end <= from)
		return false;
	snprintf(host, 64, "%.*s", (int)(end - from), from);
	snprintf(port, 8, "%s", colon + 1);
	return true;
}

static bool is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int open_socket(const struct addrinfo *at, unsigned *ret_port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} bound = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t len = sizeof(bound);
	const int one = 1;
	const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, &bound.any, &len) != 0) {
		close(fd);
		return -1;
	}
	*ret_port = ntohs(at->ai_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
	return fd;
}

enum nrm_err nrm_serve_listen(const char *text, bool anywhere, int *ret_fd, unsigned *ret_port,
			      char why[static NRM_SERVE_WHY_LEN])
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				       .ai_socktype = SOCK_STREAM};
	struct addrinfo *at = NULL;
	char host[64], port[8];
	enum nrm_err err = NRM_OK;

	if (!split(text, host, port) || strtoul(port, NULL, 10) > 65535 ||
	    getaddrinfo(host, port, &hints, &at) != 0) {
		snprintf(
			why, NRM_SERVE_WHY_LEN,
			"expected an address and a port, 127.0.0.1:8088 or [::1]:8088, found %.80s",
			text);
		return NRM_ERR_FORMAT;
	}
	if (!anywhere && !is_loopback(at->ai_addr)) {
		snprintf(why, NRM_SERVE_WHY_LEN,
			 "%.80s is not the loopback: passwords would go over the network in clear; "
			 "--behind-tls-proxy says that a proxy in front speaks TLS",
			 text);
		err = NRM_ERR_PERMISSION;
	} else if ((*ret_fd = open_socket(at, ret_port)) < 0) {
		snprintf(why, NRM_SERVE_WHY_LEN, "%.80s: %s", text, strerror(errno));
		err = NRM_ERR_IO;
	}
	freeaddrinfo(at);
	return err;
}

/* --- connections --- */

static void note_connection(void *context, struct MHD_Connection *connection, void **place,
			    enum MHD_ConnectionNotificationCode code)
{
	struct nrm_server *server = context;
	struct nrm_place *of = *place;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (of)
			of->fd = -1;
		return;
	}
	for (size_t i = 0; i < NRM_MAX_PAGE_CONNECTIONS; i++) {
		if (server->place[i].fd >= 0)
			continue;
		server->place[i] = (struct nrm_place){
			.fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				      ->connect_fd,
			.deadline_ms = nrm_time_monotonic_ms() + NRM_MAX_PAGE_SILENCE_MS};
		*place = &server->place[i];
		return;
	}
}

/* A connection that is slower than anybody has to be is shut; microhttpd then lets go of it. */
static void cut_slow(struct nrm_server *server, uint64_t now)
{
	for (size_t i = 0; i < NRM_MAX_PAGE_CONNECTIONS; i++) {
		struct nrm_place *place = &server->place[i];
		if (place->fd >= 0 && now >= place->deadline_ms) {
			shutdown(place->fd, SHUT_RDWR);
			place->deadline_ms = UINT64_MAX;
		}
	}
}

/* --- the loop --- */

static int shortest(struct nrm_server *server, uint64_t now)
{
	int most = nrm_verifier_timeout(&server->verifier, now);
	MHD_UNSIGNED_LONG_LONG wanted;

	most = nrm_door_step(server, now, most);
	if (MHD_get_timeout(server->daemon, &wanted) == MHD_YES && wanted < (unsigned)most)
		most = (int)wanted;
	return most;
}

static enum nrm_err serve(struct nrm_server *server)
{
	const int http = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;

	for (;;) {
		const uint64_t now = nrm_time_monotonic_ms();

		nrm_asking_step(server, now);
		nrm_verifier_step(&server->verifier, now);
		struct pollfd fds[] = {
			{.fd = server->signals, .events = POLLIN},
			{.fd = http, .events = POLLIN},
			{.fd = server->reader.child.pid ? server->reader.child.fd : -1,
			 .events = POLLIN},
			{.fd = server->verifier.child.pid ? server->verifier.child.fd : -1,
			 .events = POLLIN},
		};
		if (poll(fds, 4, shortest(server, now)) < 0 && errno != EINTR)
			return NRM_ERR_IO;
		if (fds[0].revents)
			return NRM_OK;
		if (fds[2].revents)
			nrm_asking_hear(server);
		if (fds[3].revents)
			nrm_verifier_hear(&server->verifier);
		cut_slow(server, nrm_time_monotonic_ms());
		if (MHD_run(server->daemon) != MHD_YES)
			return NRM_ERR_IO;
	}
}

static struct MHD_Daemon *start_http(struct nrm_server *server, int listening)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, nrm_visit_handle, server,
		MHD_OPTION_LISTEN_SOCKET, listening, MHD_OPTION_URI_LOG_CALLBACK, nrm_visit_begin,
		server, MHD_OPTION_NOTIFY_COMPLETED, nrm_visit_end, server,
		MHD_OPTION_NOTIFY_CONNECTION, note_connection, server, MHD_OPTION_CONNECTION_LIMIT,
		NRM_MAX_PAGE_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY_A_CONNECTION, MHD_OPTION_END);
}

/* Those that wait are let go, so that the daemon can stop. */
static void end(struct nrm_server *server)
{
	char how[NRM_CHILD_END_LEN];

	nrm_child_end(&server->reader.child, true, how);
	snprintf(server->reader.why, sizeof(server->reader.why), "the page is being stopped");
	while (server->reader.first) {
		struct nrm_visit *visit = server->reader.first;
		server->reader.first = visit->next;
		nrm_visit_answer(visit, 503, "text/plain", nrm_slice_str("stopping\n"));
	}
	nrm_door_step(server, UINT64_MAX, 0);
	if (server->daemon) {
		MHD_run(server->daemon);
		MHD_stop_daemon(server->daemon);
	}
	nrm_verifier_done(&server->verifier);
	if (server->signals >= 0)
		close(server->signals);
}

enum nrm_err nrm_serve(const struct nrm_serve_options *options, int listening)
{
	struct nrm_server *server = calloc(1, sizeof(*server));
	sigset_t ends;
	enum nrm_err err = NRM_ERR_IO;

	if (!server)
		return NRM_ERR_NOMEM;
	server->options = options;
	server->reader.child.fd = -1;
	for (size_t i = 0; i < NRM_MAX_PAGE_CONNECTIONS; i++)
		server->place[i].fd = -1;
	nrm_verifier_init(&server->verifier, options);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	server->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (server->signals >= 0)
		server->daemon = start_http(server, listening);
	if (server->daemon) {
		nrm_notify("READY=1");
		err = serve(server);
		nrm_notify("STOPPING=1");
	}
	end(server);
	free(server);
	return err;
}
