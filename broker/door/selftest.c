#include "broker/door/selftest.h"

#include <zmq.h>

#include "broker/door/listener.h"
#include "proto/base/time.h"

#define PATIENCE_MS 5000

#define EVENTS                                                                        \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |            \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | \
	 ZMQ_EVENT_DISCONNECTED)

/* What becomes of a connection: the first of EVENTS, or 0 when none comes. */
static uint16_t outcome(void *monitor)
{
	uint64_t until = nrm_time_monotonic_ms() + PATIENCE_MS;
	zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
	uint16_t event = 0;
	int32_t value;

	for (uint64_t now; (now = nrm_time_monotonic_ms()) < until;)
		if (zmq_poll(&item, 1, (long)(until - now)) > 0 &&
		    nrm_monitor_next(monitor, &event, &value))
			break;
	return event;
}

/* Gives a socket the server's key and a fresh pair of its own. */
static bool take_keys(void *socket, const uint8_t *server_key)
{
	uint8_t secret[NRM_KEY_LEN], public_key[NRM_KEY_LEN];

	nrm_random(secret, sizeof(secret));
	return nrm_x25519_public(secret, public_key) == NRM_OK &&
	       zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, NRM_KEY_LEN) == 0 &&
	       zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, NRM_KEY_LEN) == 0 &&
	       zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, NRM_KEY_LEN) == 0;
}

/* Connects with a fresh key, or without any when `server_key` is NULL, and tells what becomes of it. */
static uint16_t knock(const char *endpoint, const uint8_t *server_key)
{
	static const int never = -1, at_once = 0;
	void *context = zmq_ctx_new();
	void *stranger = context ? zmq_socket(context, ZMQ_DEALER) : NULL, *monitor = NULL;
	uint16_t event = 0;

	if (!stranger || (server_key && !take_keys(stranger, server_key)))
		goto out;
	zmq_setsockopt(stranger, ZMQ_RECONNECT_IVL, &never, sizeof(never));
	zmq_setsockopt(stranger, ZMQ_LINGER, &at_once, sizeof(at_once));
	if (nrm_monitor_open(context, stranger, "inproc://monitor", EVENTS, &monitor) == NRM_OK &&
	    zmq_connect(stranger, endpoint) == 0)
		event = outcome(monitor);
out:
	if (monitor) {
		zmq_socket_monitor(stranger, NULL, 0); /* else libzmq would wait for its reader */
		zmq_close(monitor);
	}
	if (stranger)
		zmq_close(stranger);
	if (context)
		zmq_ctx_term(context);
	return event;
}

static enum nrm_err try_both(const char *endpoint, const uint8_t *server_key, struct nrm_gate *gate)
{
	struct nrm_gate_figures before, after;

	nrm_gate_figures(gate, &before);
	uint16_t event = knock(endpoint, server_key);
	nrm_gate_figures(gate, &after);
	if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		return NRM_ERR_PERMISSION;
	if (event != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH || after.strangers != before.strangers + 1)
		return NRM_ERR_IO;

	event = knock(endpoint, NULL);
	if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		return NRM_ERR_PERMISSION;
	return event ? NRM_OK : NRM_ERR_IO;
}

enum nrm_err nrm_door_selftest(void *router, const uint8_t secret[static NRM_KEY_LEN],
			       struct nrm_gate *gate)
{
	char endpoint[NRM_ENDPOINT_LEN];
	uint8_t server_key[NRM_KEY_LEN];
	enum nrm_err err = nrm_x25519_public(secret, server_key);

	if (err == NRM_OK)
		err = nrm_listener_bind(router, "tcp://127.0.0.1:*", endpoint);
	if (err != NRM_OK)
		return err;
	err = try_both(endpoint, server_key, gate);
	zmq_unbind(router, endpoint);
	return err;
}
