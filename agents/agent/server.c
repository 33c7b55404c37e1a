#include "agents/agent/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* One connection: a request comes in, is answered, the answer goes out; then the next. */
struct caller {
	int fd; /* -1: free */
	struct nrm_buf in, out;
	size_t written; /* of out */
	json_t *answer; /* waits for its receipt */
	struct nrm_api_wait wait;
	uint64_t deadline_ms;
	bool ended; /* nothing more comes in */
};

struct nrm_server {
	int fd;
	struct sockaddr_un address;
	struct caller caller[NRM_SERVER_CLIENTS];
};

enum nrm_err nrm_server_open(const char *path, struct nrm_server **ret_server)
{
	struct nrm_server *s = calloc(1, sizeof(*s));
	enum nrm_err err = NRM_ERR_IO;

	if (!s)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < NRM_SERVER_CLIENTS; i++)
		s->caller[i].fd = -1;
	s->address.sun_family = AF_UNIX;
	s->fd = -1;
	if (strlen(path) >= sizeof(s->address.sun_path)) {
		free(s);
		return NRM_ERR_ARGUMENT;
	}
	strcpy(s->address.sun_path, path);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		goto out;
	unlink(path);
	mode_t mask = umask(0177);
	int bound = bind(s->fd, (struct sockaddr *)&s->address, sizeof(s->address));
	umask(mask);
	if (bound != 0 || listen(s->fd, NRM_SERVER_CLIENTS) != 0)
		goto out;
	*ret_server = s;
	s = NULL;
	err = NRM_OK;
out:
	if (s && s->fd >= 0)
		close(s->fd);
	free(s);
	return err;
}

static void hang_up(struct caller *c)
{
	if (c->fd >= 0)
		close(c->fd);
	nrm_buf_wipe(&c->in);
	nrm_buf_wipe(&c->out);
	json_decref(c->answer);
	nrm_api_wait_done(&c->wait);
	*c = (struct caller){.fd = -1};
}

void nrm_server_close(struct nrm_server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < NRM_SERVER_CLIENTS; i++)
		hang_up(&s->caller[i]);
	close(s->fd);
	unlink(s->address.sun_path);
	free(s);
}

static bool busy(const struct caller *c)
{
	return c->answer || c->written < c->out.len;
}

int nrm_server_fds(const struct nrm_server *s, struct pollfd fds[static NRM_SERVER_FDS])
{
	bool room = false;
	int n = 0;

	for (size_t i = 0; i < NRM_SERVER_CLIENTS; i++) {
		const struct caller *c = &s->caller[i];

		room |= c->fd < 0;
		if (c->fd >= 0 && !c->answer)
			fds[n++] =
				(struct pollfd){.fd = c->fd, .events = busy(c) ? POLLOUT : POLLIN};
	}
	if (room)
		fds[n++] = (struct pollfd){.fd = s->fd, .events = POLLIN};
	return n;
}

int nrm_server_timeout(const struct nrm_server *s, uint64_t monotonic_ms)
{
	uint64_t soonest = UINT64_MAX;

	for (size_t i = 0; i < NRM_SERVER_CLIENTS; i++)
		if (s->caller[i].answer && s->caller[i].deadline_ms < soonest)
			soonest = s->caller[i].deadline_ms;
	if (soonest == UINT64_MAX)
		return -1;
	return soonest > monotonic_ms ? (int)(soonest - monotonic_ms) : 0;
}

static int put_text(const char *text, size_t len, void *out)
{
	nrm_buf_put(out, text, len);
	return ((struct nrm_buf *)out)->err ? -1 : 0;
}

/*
 * Puts the answer into the buffer that goes out; it may hold a person's data, so it is not left
 * anywhere else.
 */
static void say(struct caller *c, json_t *answer)
{
	nrm_buf_wipe(&c->out);
	c->out = (struct nrm_buf){0};
	c->written = 0;
	if (!answer || json_dump_callback(answer, put_text, &c->out, JSON_COMPACT) != 0)
		c->out.err = NRM_ERR_NOMEM;
	nrm_buf_put(&c->out, "\n", 1);
	json_decref(answer);
	if (c->out.err)
		hang_up(c);
}

/* The request that ends at `end`; what follows it stays. */
static void take_request(struct caller *c, size_t end, struct nrm_api *api, uint64_t now_ms,
			 uint64_t monotonic_ms)
{
	json_t *request = json_loadb((const char *)c->in.data, end, JSON_REJECT_DUPLICATES, NULL);
	json_t *answer;

	nrm_api_wait_done(&c->wait);
	if (json_is_object(request))
		answer = nrm_api_answer(api, request, now_ms, &c->wait);
	else
		answer = nrm_api_error("expected one JSON object a line");
	json_decref(request);
	nrm_wipe(c->in.data, end);
	memmove(c->in.data, c->in.data + end + 1, c->in.len - end - 1);
	c->in.len -= end + 1;
	if (c->wait.seconds == 0) {
		say(c, answer);
		return;
	}
	c->answer = answer;
	c->deadline_ms = monotonic_ms + c->wait.seconds * 1000u;
}

static void read_some(struct caller *c)
{
	uint8_t bytes[16384];

	while (!c->ended && c->in.len <= NRM_API_MAX_REQUEST) {
		ssize_t n = read(c->fd, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		c->ended = n <= 0;
		if (n > 0)
			nrm_buf_put(&c->in, bytes, (size_t)n);
	}
	nrm_wipe(bytes, sizeof(bytes));
}

static void write_some(struct caller *c)
{
	while (c->written < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->written, c->out.len - c->written,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			hang_up(c);
		if (n <= 0)
			return;
		c->written += (size_t)n;
	}
}

/* Moves one connection on as far as it goes; true when a request was answered. */
static bool serve(struct caller *c, struct nrm_api *api, uint64_t now_ms, uint64_t monotonic_ms)
{
	bool answered = false;

	if (c->answer) {
		if (!nrm_api_settle(api, c->answer, &c->wait) && monotonic_ms < c->deadline_ms)
			return false;
		json_t *answer = c->answer;
		c->answer = NULL;
		nrm_api_wait_done(&c->wait);
		say(c, answer);
	}
	while (c->fd >= 0) {
		write_some(c);
		if (c->fd < 0 || busy(c))
			break;
		read_some(c);
		const uint8_t *end = c->in.len ? memchr(c->in.data, '\n', c->in.len) : NULL;
		if (c->in.err || (!end && (c->ended || c->in.len > NRM_API_MAX_REQUEST))) {
			hang_up(c);
			break;
		}
		if (!end)
			break;
		take_request(c, (size_t)(end - c->in.data), api, now_ms, monotonic_ms);
		answered = true;
	}
	return answered;
}

bool nrm_server_step(struct nrm_server *s, struct nrm_api *api, uint64_t now_ms,
		     uint64_t monotonic_ms)
{
	bool answered = false;

	for (size_t i = 0; i < NRM_SERVER_CLIENTS; i++) {
		struct caller *c = &s->caller[i];

		if (c->fd < 0)
			c->fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->fd >= 0)
			answered |= serve(c, api, now_ms, monotonic_ms);
	}
	return answered;
}
