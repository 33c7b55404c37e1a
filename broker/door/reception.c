#include "broker/door/reception.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "broker/door/connections.h"
#include "broker/door/listener.h"
#include "broker/door/zap.h"
#include "proto/base/hex.h"
#include "proto/base/time.h"

#define TURN_FRAMES   64u /* read before looking at what goes out */
#define SWEEP_MS      1000u
#define LATE_MS	      10    /* how long a peer that could not take a frame is left alone, at most */
#define LAST_WORDS_MS 1000u /* for a frame that is followed by the end of its connection */

const int nrm_reception_events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED;

struct nrm_reception {
	struct nrm_reception_options set;
	struct nrm_connections connections;
	struct nrm_gate_figures reported;
	pthread_t thread;
	atomic_bool stopped;
};

static void take_events(struct nrm_reception *r)
{
	uint64_t now = nrm_time_monotonic_ms();
	uint16_t event;
	int32_t descriptor;

	while (nrm_monitor_next(r->set.monitor, &event, &descriptor))
		if (event == ZMQ_EVENT_ACCEPTED)
			nrm_connection_accepted(&r->connections, descriptor, now);
		else
			nrm_connection_closed(&r->connections, descriptor);
}

/* What libzmq and our ZAP handler say of a frame's origin; its routing id says nothing. */
struct origin {
	int descriptor;
	uint64_t session;
	uint8_t key[NRM_KEY_LEN];
};

static bool read_origin(zmq_msg_t *frame, struct origin *ret_origin)
{
	const char *user = zmq_msg_gets(frame, NRM_ZAP_USER);
	const char *number = zmq_msg_gets(frame, NRM_ZAP_NUMBER);

	ret_origin->descriptor = zmq_msg_get(frame, ZMQ_SRCFD);
	if (!user || !number || ret_origin->descriptor < 0 ||
	    nrm_unhex(user, ret_origin->key, NRM_KEY_LEN) != NRM_OK)
		return false;
	ret_origin->session = strtoull(number, NULL, 16) << NRM_DESCRIPTOR_BITS |
			      (uint64_t)ret_origin->descriptor;
	return true;
}

/*
 * The connection that a frame came from. At a number not seen before, the monitor is read first: it tells of a connection's beginning
 * before its first frame can be here. A connection whose descriptor serves a later one already is over.
 */
static struct nrm_connection *whose(struct nrm_reception *r, const struct origin *origin,
				    struct nrm_slice routing_id)
{
	struct nrm_connections *c = &r->connections;
	struct nrm_connection *connection = nrm_connection_at(c, origin->descriptor);

	if (connection && connection->session == origin->session)
		return connection;
	take_events(r);
	connection = nrm_connection_at(c, origin->descriptor);
	if (!connection || connection->session > origin->session)
		return NULL;
	if (connection->session != 0) {
		nrm_connection_accepted(c, origin->descriptor, nrm_time_monotonic_ms());
		connection = nrm_connection_at(c, origin->descriptor);
	}
	if (!connection ||
	    !nrm_connection_open(c, connection, origin->session, origin->key, routing_id))
		return NULL;
	return connection;
}

/* Reads the rest of a message that has more parts than a frame has, and forgets it. */
static bool read_rest(struct nrm_reception *r, zmq_msg_t *part)
{
	bool extra = false;

	while (zmq_msg_more(part)) {
		extra = true;
		if (zmq_msg_recv(part, r->set.router, 0) < 0)
			break;
	}
	return extra;
}

/* Takes one frame from the socket to its lane; false when there is none. */
static bool take_frame(struct nrm_reception *r)
{
	struct nrm_letter *letter = nrm_letter_new(NRM_PARCEL_FRAME);
	struct origin origin;
	zmq_msg_t id;
	bool taken = false;

	zmq_msg_init(&id);
	if (!letter || zmq_msg_recv(&id, r->set.router, ZMQ_DONTWAIT) < 0)
		goto out;
	taken = true;
	if (!zmq_msg_more(&id) || zmq_msg_recv(&letter->message, r->set.router, 0) < 0 ||
	    !read_origin(&letter->message, &origin))
		goto out;
	struct nrm_connection *connection =
		whose(r, &origin, nrm_slice(zmq_msg_data(&id), zmq_msg_size(&id)));
	bool extra = read_rest(r, &letter->message);
	if (!connection || connection->state != NRM_CONNECTION_OPEN)
		goto out;
	if (extra) {
		nrm_connection_end(&r->connections, connection, 0);
		goto out;
	}
	letter->parcel.session = origin.session;
	memcpy(letter->parcel.transport, origin.key, NRM_KEY_LEN);
	nrm_letter_seal(letter);
	nrm_pool_put(r->set.pool, connection->lane, &letter->parcel);
	letter = NULL;
out:
	zmq_msg_close(&id);
	if (letter)
		letter->parcel.release(&letter->parcel);
	return taken;
}

enum sending { SENT, FULL, UNREACHABLE };

/* Sends a frame, which is moved when it was sent. */
static enum sending send_to(struct nrm_reception *r, const struct nrm_connection *connection,
			    zmq_msg_t *message)
{
	if (zmq_send(r->set.router, connection->routing_id, connection->routing_id_len,
		     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN ? FULL : UNREACHABLE;
	return zmq_msg_send(message, r->set.router, ZMQ_DONTWAIT) < 0 ? UNREACHABLE : SENT;
}

static void cut_off(struct nrm_reception *r, struct nrm_connection *connection)
{
	char pairs[64];

	snprintf(pairs, sizeof(pairs), "session=%" PRIu64, connection->session);
	r->set.report(NRM_LOG_WARNING, "peer_does_not_read", pairs);
	nrm_connection_end(&r->connections, connection, 0);
}

/* Sends a frame after those that wait already. */
static void deliver(struct nrm_reception *r, struct nrm_connection *connection, zmq_msg_t *message)
{
	enum sending result = connection->first ? FULL : send_to(r, connection, message);

	if (result == FULL && !nrm_backlog_put(&r->connections, connection, message))
		cut_off(r, connection);
	else if (result == UNREACHABLE)
		zmq_msg_close(message); /* the monitor tells why */
}

static void free_frame(void *bytes, void *unused)
{
	(void)unused;
	free(bytes);
}

static void carry_out(struct nrm_reception *r, struct nrm_effect *effect)
{
	struct nrm_connection *connection = nrm_connection_find(&r->connections, effect->session);
	bool words = effect->frame.len > 0;
	zmq_msg_t message;

	if (!connection || connection->state != NRM_CONNECTION_OPEN)
		return;
	if (words && zmq_msg_init_data(&message, effect->frame.data, effect->frame.len, free_frame,
				       NULL) == 0) {
		nrm_buf_init(&effect->frame); /* the message has its bytes now */
		deliver(r, connection, &message);
	}
	if (effect->close && connection->state == NRM_CONNECTION_OPEN)
		nrm_connection_end(&r->connections, connection,
				   words ? nrm_time_monotonic_ms() + LAST_WORDS_MS : 0);
}

static bool send_effects(struct nrm_reception *r)
{
	struct nrm_effects effects;

	if (!nrm_writer_collect(r->set.writer, &effects))
		return false;
	for (size_t i = 0; i < effects.n; i++)
		carry_out(r, &effects.effect[i]);
	nrm_effects_done(&effects);
	return true;
}

/* Tries again what peers could not take before. */
static void send_late(struct nrm_reception *r)
{
	for (struct nrm_connection *c = r->connections.late, *next; c; c = next) {
		next = c->next_late;
		while (c->first && send_to(r, c, &c->first->message) != FULL)
			nrm_backlog_drop(c);
	}
}

/* Whether frames can be read at once: libzmq's descriptor tells only of what is new. */
static bool readable(struct nrm_reception *r)
{
	int events = 0;
	size_t len = sizeof(events);

	return zmq_getsockopt(r->set.router, ZMQ_EVENTS, &events, &len) == 0 &&
	       events & ZMQ_POLLIN && nrm_pool_room(r->set.pool);
}

static int descriptor_of(void *socket)
{
	int descriptor = -1;
	size_t len = sizeof(descriptor);

	zmq_getsockopt(socket, ZMQ_FD, &descriptor, &len);
	return descriptor;
}

static void sleep_until(struct nrm_reception *r, uint64_t until_ms)
{
	struct pollfd fds[] = {
		{.fd = descriptor_of(r->set.router), .events = POLLIN},
		{.fd = descriptor_of(r->set.monitor), .events = POLLIN},
		{.fd = r->set.wake, .events = POLLIN},
	};
	uint64_t now = nrm_time_monotonic_ms();
	int timeout = until_ms > now ? (int)(until_ms - now) : 0;
	eventfd_t count;

	if (r->connections.late && timeout > LATE_MS)
		timeout = LATE_MS;
	if (poll(fds, 3, timeout) > 0 && fds[2].revents)
		eventfd_read(r->set.wake, &count);
}

/* Handshakes are refused far too easily to tell of each. */
static void report_refused(struct nrm_reception *r)
{
	struct nrm_gate_figures figures;
	char pairs[96];

	nrm_gate_figures(r->set.gate, &figures);
	uint64_t strangers = figures.strangers - r->reported.strangers;
	uint64_t crowded = figures.crowded - r->reported.crowded;
	r->reported = figures;
	if (strangers + crowded == 0)
		return;
	snprintf(pairs, sizeof(pairs), "strangers=%" PRIu64 " crowded=%" PRIu64, strangers,
		 crowded);
	r->set.report(NRM_LOG_WARNING, "handshakes_refused", pairs);
}

static void *receive(void *arg)
{
	struct nrm_reception *r = arg;
	uint64_t next_sweep = nrm_time_monotonic_ms() + SWEEP_MS;

	while (!atomic_load(&r->stopped)) {
		take_events(r);
		for (unsigned i = 0; i < TURN_FRAMES && nrm_pool_room(r->set.pool); i++)
			if (!take_frame(r))
				break;
		bool sent = send_effects(r);
		send_late(r);
		uint64_t now = nrm_time_monotonic_ms();
		if (now >= next_sweep) {
			nrm_connections_sweep(&r->connections, now);
			report_refused(r);
			next_sweep = now + SWEEP_MS;
		}
		if (!sent && !readable(r))
			sleep_until(r, next_sweep);
	}
	nrm_connections_done(&r->connections);
	zmq_socket_monitor(r->set.router, NULL, 0);
	zmq_close(r->set.monitor);
	zmq_close(r->set.router);
	return NULL;
}

enum nrm_err nrm_reception_start(const struct nrm_reception_options *options,
				 struct nrm_reception **ret_reception)
{
	struct nrm_reception *r = calloc(1, sizeof(*r));

	if (!r)
		return NRM_ERR_NOMEM;
	r->set = *options;
	nrm_connections_init(&r->connections, options->gate, options->pool);
	nrm_gate_figures(options->gate, &r->reported);
	atomic_init(&r->stopped, false);
	if (pthread_create(&r->thread, NULL, receive, r) != 0) {
		free(r);
		return NRM_ERR_IO;
	}
	*ret_reception = r;
	return NRM_OK;
}

void nrm_reception_stop(struct nrm_reception *r)
{
	if (!r)
		return;
	atomic_store(&r->stopped, true);
	eventfd_write(r->set.wake, 1);
	pthread_join(r->thread, NULL);
	free(r);
}
