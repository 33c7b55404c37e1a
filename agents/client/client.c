#include "agents/client/client.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "proto/base/limits.h"

#define PAUSE_MIN_MS   100u
#define PAUSE_MAX_MS   5000u
#define CONNECT_MAX_MS 5000u /* for the TCP connection and again for the handshake */
#define ROUTING_ID_LEN 32

struct nrm_client {
	void *context;
	bool own_context;
	char *endpoint;
	uint8_t broker[NRM_KEY_LEN], transport[NRM_KEY_LEN], transport_public[NRM_KEY_LEN];
	void *socket, *monitor; /* NULL between connections */
	bool connected;
	uint64_t opened_ms;    /* when the socket was made */
	uint64_t connected_ms; /* when the connection stood */
	uint64_t retry_ms;     /* when the next one is to be made */
	unsigned pause_ms;
};

/* One option of a socket. */
struct option {
	int name;
	const void *value;
	size_t len;
};

static enum nrm_err set_options(void *socket, const struct option *option, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (zmq_setsockopt(socket, option[i].name, option[i].value, option[i].len) != 0)
			return NRM_ERR_IO;
	return NRM_OK;
}

/*
 * What arrives is bounded by credit and never by a high-water mark: libzmq 4.3.4 aborts when its heartbeat timer fires on
 * a connection whose input stands still and whose peer has hung up. The broker sends no heartbeats; ours tell it how long to
 * wait for the next.
 */
static enum nrm_err configure(const struct nrm_client *c, void *socket)
{
	static const int zero = 0, one = 1, never = -1, water = 16, beat = 1000, silence = 3000,
			 ttl = 10000, patience = CONNECT_MAX_MS;
	static const int64_t largest = NRM_MAX_FRAME;
	uint8_t routing_id[ROUTING_ID_LEN];

	nrm_random(routing_id, sizeof(routing_id));
	routing_id[0] |= 1; /* ids that begin with a zero byte are ZeroMQ's own */
	const struct option options[] = {
		{ZMQ_ROUTING_ID, routing_id, sizeof(routing_id)},
		{ZMQ_CURVE_SERVERKEY, c->broker, NRM_KEY_LEN},
		{ZMQ_CURVE_PUBLICKEY, c->transport_public, NRM_KEY_LEN},
		{ZMQ_CURVE_SECRETKEY, c->transport, NRM_KEY_LEN},
		{ZMQ_RECONNECT_IVL, &never, sizeof(never)},
		{ZMQ_LINGER, &zero, sizeof(zero)},
		{ZMQ_IMMEDIATE, &one, sizeof(one)},
		{ZMQ_SNDHWM, &water, sizeof(water)},
		{ZMQ_RCVHWM, &zero, sizeof(zero)},
		{ZMQ_MAXMSGSIZE, &largest, sizeof(largest)},
		{ZMQ_HEARTBEAT_IVL, &beat, sizeof(beat)},
		{ZMQ_HEARTBEAT_TIMEOUT, &silence, sizeof(silence)},
		{ZMQ_HEARTBEAT_TTL, &ttl, sizeof(ttl)},
		{ZMQ_CONNECT_TIMEOUT, &patience, sizeof(patience)},
		{ZMQ_HANDSHAKE_IVL, &patience, sizeof(patience)},
	};
	return set_options(socket, options, sizeof(options) / sizeof(options[0]));
}

static void close_sockets(struct nrm_client *c)
{
	if (c->monitor) {
		zmq_socket_monitor(c->socket, NULL, 0);
		zmq_close(c->monitor);
	}
	if (c->socket)
		zmq_close(c->socket);
	c->socket = c->monitor = NULL;
	c->connected = false;
}

static enum nrm_err watch(struct nrm_client *c)
{
	static atomic_uint_fast64_t count;
	static const int zero = 0;
	char name[64];

	snprintf(name, sizeof(name), "inproc://nrm-client-%ju", (uintmax_t)++count);
	if (zmq_socket_monitor(c->socket, name,
			       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
				       ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
				       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
				       ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) != 0)
		return NRM_ERR_IO;
	c->monitor = zmq_socket(c->context, ZMQ_PAIR);
	if (!c->monitor || zmq_setsockopt(c->monitor, ZMQ_LINGER, &zero, sizeof(zero)) != 0 ||
	    zmq_connect(c->monitor, name) != 0)
		return NRM_ERR_IO;
	return NRM_OK;
}

static enum nrm_err open_socket(struct nrm_client *c, uint64_t now_ms)
{
	enum nrm_err err;

	c->opened_ms = now_ms;
	c->socket = zmq_socket(c->context, ZMQ_DEALER);
	if (!c->socket)
		return NRM_ERR_IO;
	err = configure(c, c->socket);
	if (err == NRM_OK)
		err = watch(c);
	if (err == NRM_OK && zmq_connect(c->socket, c->endpoint) != 0)
		err = NRM_ERR_ARGUMENT;
	if (err)
		close_sockets(c);
	return err;
}

enum nrm_err nrm_client_new(const struct nrm_client_options *options, uint64_t now_ms,
			    struct nrm_client **ret_client)
{
	struct nrm_client *c = calloc(1, sizeof(*c));
	enum nrm_err err = NRM_ERR_NOMEM;

	if (!c)
		return NRM_ERR_NOMEM;
	memcpy(c->broker, options->broker, NRM_KEY_LEN);
	memcpy(c->transport, options->transport, NRM_KEY_LEN);
	c->pause_ms = PAUSE_MIN_MS;
	c->endpoint = strdup(options->endpoint);
	c->own_context = !options->context;
	c->context = options->context ? options->context : zmq_ctx_new();
	if (!c->endpoint || !c->context)
		goto out;
	err = nrm_x25519_public(c->transport, c->transport_public);
	if (err == NRM_OK)
		err = open_socket(c, now_ms);
	if (err)
		goto out;
	*ret_client = c;
	c = NULL;
out:
	nrm_client_free(c);
	return err;
}

void nrm_client_free(struct nrm_client *c)
{
	if (!c)
		return;
	close_sockets(c);
	if (c->own_context && c->context)
		zmq_ctx_term(c->context);
	nrm_wipe(c->transport, sizeof(c->transport));
	free(c->endpoint);
	free(c);
}

bool nrm_client_connected(const struct nrm_client *c)
{
	return c->connected;
}

void nrm_client_linger(struct nrm_client *c)
{
	static const int patience = 2000;

	if (c->socket)
		zmq_setsockopt(c->socket, ZMQ_LINGER, &patience, sizeof(patience));
}

void nrm_client_drop(struct nrm_client *c, uint64_t now_ms)
{
	uint16_t random;

	if (!c->socket)
		return;
	/* A connection that does not last is no reason to hurry back. */
	if (c->connected && now_ms - c->connected_ms >= c->pause_ms)
		c->pause_ms = PAUSE_MIN_MS;
	close_sockets(c);
	/* Half the pause to all of it: agents that lost one broker do not come back as one. */
	nrm_random(&random, sizeof(random));
	c->retry_ms = now_ms + c->pause_ms / 2 + random % (c->pause_ms / 2 + 1);
	c->pause_ms = c->pause_ms * 2 < PAUSE_MAX_MS ? c->pause_ms * 2 : PAUSE_MAX_MS;
}

/* The next event of the monitor; 0 when there is none. Its second part, the address, is dropped. */
static unsigned next_event(struct nrm_client *c)
{
	uint8_t head[6], address[256];
	uint16_t event;

	if (!c->monitor || zmq_recv(c->monitor, head, sizeof(head), ZMQ_DONTWAIT) != sizeof(head))
		return 0;
	zmq_recv(c->monitor, address, sizeof(address), ZMQ_DONTWAIT);
	memcpy(&event, head, sizeof(event));
	return event;
}

enum nrm_client_event nrm_client_step(struct nrm_client *c, uint64_t now_ms)
{
	unsigned event;

	if (!c->socket) {
		if (now_ms >= c->retry_ms && open_socket(c, now_ms) != NRM_OK) {
			c->retry_ms = now_ms + c->pause_ms;
			return NRM_CLIENT_LOST;
		}
		return NRM_CLIENT_QUIET;
	}
	while ((event = next_event(c)) != 0) {
		if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
			c->connected = true;
			c->connected_ms = now_ms;
			return NRM_CLIENT_FRESH;
		}
		nrm_client_drop(c, now_ms);
		return NRM_CLIENT_LOST;
	}
	/* No event may come of a peer that takes the connection and then says nothing. */
	if (!c->connected && now_ms >= c->opened_ms + 2 * CONNECT_MAX_MS) {
		nrm_client_drop(c, now_ms);
		return NRM_CLIENT_LOST;
	}
	return NRM_CLIENT_QUIET;
}

enum nrm_err nrm_client_send(struct nrm_client *c, struct nrm_slice frame)
{
	if (frame.len > NRM_MAX_FRAME)
		return NRM_ERR_LIMIT;
	if (!c->connected)
		return NRM_ERR_AGAIN;
	/* Whatever else fails here, the monitor tells of it. */
	return zmq_send(c->socket, frame.data, frame.len, ZMQ_DONTWAIT) < 0 ? NRM_ERR_AGAIN
									    : NRM_OK;
}

enum nrm_err nrm_client_recv(struct nrm_client *c, struct nrm_buf *frame)
{
	enum nrm_err err = NRM_ERR_AGAIN;
	zmq_msg_t message;

	if (!c->connected)
		return NRM_ERR_AGAIN;
	zmq_msg_init(&message);
	/* A broker's messages have one part. Parts of another's are frames that do not decode. */
	if (zmq_msg_recv(&message, c->socket, ZMQ_DONTWAIT) >= 0) {
		nrm_buf_clear(frame);
		nrm_buf_put(frame, zmq_msg_data(&message), zmq_msg_size(&message));
		err = frame->err;
	}
	zmq_msg_close(&message);
	return err;
}

int nrm_client_fds(struct nrm_client *c, struct pollfd fds[static NRM_CLIENT_FDS])
{
	void *const sockets[NRM_CLIENT_FDS] = {c->socket, c->monitor};
	size_t len = sizeof(fds[0].fd);
	int n = 0;

	for (int i = 0; i < NRM_CLIENT_FDS; i++)
		if (sockets[i] && zmq_getsockopt(sockets[i], ZMQ_FD, &fds[n].fd, &len) == 0)
			fds[n++].events = POLLIN;
	return n;
}

int nrm_client_timeout(const struct nrm_client *c, uint64_t now_ms)
{
	uint64_t until = c->socket ? c->opened_ms + 2 * CONNECT_MAX_MS : c->retry_ms;

	if (c->connected)
		return (int)CONNECT_MAX_MS;
	return until > now_ms ? (int)(until - now_ms) : 0;
}
