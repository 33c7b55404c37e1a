/*
 * Peers that knock at a door, over loopback.
 */
#ifndef NRM_TESTS_PEERS_H
#define NRM_TESTS_PEERS_H

#include <zmq.h>

#include "broker/door/listener.h"
#include "tests/unit/agencies.h"

#define PEER_EVENTS                                                                   \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |            \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | \
	 ZMQ_EVENT_DISCONNECTED)

#define PATIENCE_MS 60000 /* only a test that fails waits for so long */

struct peer {
	void *socket, *monitor;
};

/* What a peer may do unusually. */
struct peer_ways {
	const void *routing_id;
	size_t routing_id_len;
	int rcvhwm;
};

/* Connects under a transport secret; the outcome is for peer_outcome(). */
static inline struct peer peer_open(void *context, const char *endpoint, const uint8_t *secret,
				    const uint8_t *server_key, const struct peer_ways *ways)
{
	static unsigned number;
	static const int never = -1, at_once = 0, patience = PATIENCE_MS;
	struct peer p = {.socket = zmq_socket(context, ZMQ_DEALER)};
	uint8_t public_key[NRM_KEY_LEN];
	char name[64];

	assert_non_null(p.socket);
	assert_int_equal(nrm_x25519_public(secret, public_key), NRM_OK);
	assert_int_equal(zmq_setsockopt(p.socket, ZMQ_CURVE_SERVERKEY, server_key, NRM_KEY_LEN), 0);
	assert_int_equal(zmq_setsockopt(p.socket, ZMQ_CURVE_PUBLICKEY, public_key, NRM_KEY_LEN), 0);
	assert_int_equal(zmq_setsockopt(p.socket, ZMQ_CURVE_SECRETKEY, secret, NRM_KEY_LEN), 0);
	zmq_setsockopt(p.socket, ZMQ_RECONNECT_IVL, &never, sizeof(never));
	zmq_setsockopt(p.socket, ZMQ_LINGER, &at_once, sizeof(at_once));
	zmq_setsockopt(p.socket, ZMQ_RCVTIMEO, &patience, sizeof(patience));
	zmq_setsockopt(p.socket, ZMQ_SNDTIMEO, &patience, sizeof(patience));
	if (ways && ways->routing_id_len)
		assert_int_equal(zmq_setsockopt(p.socket, ZMQ_ROUTING_ID, ways->routing_id,
						ways->routing_id_len),
				 0);
	if (ways && ways->rcvhwm)
		zmq_setsockopt(p.socket, ZMQ_RCVHWM, &ways->rcvhwm, sizeof(ways->rcvhwm));
	snprintf(name, sizeof(name), "inproc://peer.%u", number++);
	assert_int_equal(nrm_monitor_open(context, p.socket, name, PEER_EVENTS, &p.monitor),
			 NRM_OK);
	assert_int_equal(zmq_connect(p.socket, endpoint), 0);
	return p;
}

static inline void peer_close(struct peer *p)
{
	zmq_socket_monitor(p->socket, NULL, 0);
	zmq_close(p->monitor);
	zmq_close(p->socket);
}

/* The next event of PEER_EVENTS. */
static inline uint16_t peer_outcome(const struct peer *p)
{
	zmq_pollitem_t item = {.socket = p->monitor, .events = ZMQ_POLLIN};
	uint16_t event;
	int32_t value;

	if (zmq_poll(&item, 1, PATIENCE_MS) != 1 || !nrm_monitor_next(p->monitor, &event, &value))
		fail_msg("nothing becomes of a connection");
	return event;
}

/* Waits until the connection is over; what else happens is passed over. */
static inline void peer_await_end(const struct peer *p)
{
	while (peer_outcome(p) != ZMQ_EVENT_DISCONNECTED)
		;
}

static inline void peer_send(const struct peer *p, const void *bytes, size_t len)
{
	assert_int_equal(zmq_send(p->socket, bytes, len, 0), (int)len);
}

/* Receives one frame, of at most `max` bytes, and returns its length. */
static inline size_t peer_receive(const struct peer *p, void *bytes, size_t max)
{
	int len = zmq_recv(p->socket, bytes, max, 0);

	if (len < 0)
		fail_msg("no answer: %s", zmq_strerror(zmq_errno()));
	assert_true((size_t)len <= max);
	return (size_t)len;
}

#endif
