#include "broker/door/listener.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "broker/door/zap.h"
#include "proto/base/limits.h"

/* In zmq.h it is behind a guard, in the library it is always there. */
#define ENFORCE_DOMAIN 93

/* What CURVE adds to a frame on the wire, where its size is checked: command name, nonce, flags, tag (RFC 26). */
#define CURVE_OVERHEAD 33

#define NOT_READABLE 1

/*
 * High-water marks are per connection and in frames of up to 320 KiB: two unread ones are what one peer may have in
 * memory here before its TCP window closes; what goes out is bounded by credit as well.
 *
 * No heartbeats of our own: libzmq 4.3.4 aborts when its timer fires on a connection whose input is stopped by the
 * high-water mark and whose peer has hung up (!_io_error in stream_engine_base.cpp). Peers send theirs, with a time to
 * live after which libzmq ends the connection by another way; TCP keepalive finds those that send none.
 */
static const struct {
	int option, value, quirk;
} settings[] = {
	{ZMQ_CURVE_SERVER, 1, 0},
	{ENFORCE_DOMAIN, 1, 0},
	{ZMQ_ROUTER_MANDATORY, 1, NOT_READABLE},
	{ZMQ_RCVHWM, 2, 0},
	{ZMQ_SNDHWM, 16, 0},
	{ZMQ_BACKLOG, 1024, 0},
	{ZMQ_HANDSHAKE_IVL, 10000, 0},
	{ZMQ_HEARTBEAT_IVL, 0, 0},
	{ZMQ_TCP_KEEPALIVE, 1, 0},
	{ZMQ_TCP_KEEPALIVE_IDLE, 15, 0},
	{ZMQ_TCP_KEEPALIVE_INTVL, 5, 0},
	{ZMQ_TCP_KEEPALIVE_CNT, 3, 0},
	{ZMQ_LINGER, 0, 0},
};

static bool set(void *socket, size_t i)
{
	int value = settings[i].value, got = -1;
	size_t len = sizeof(got);

	if (zmq_setsockopt(socket, settings[i].option, &value, sizeof(value)) != 0)
		return false;
	if (settings[i].quirk == NOT_READABLE)
		return true;
	return zmq_getsockopt(socket, settings[i].option, &got, &len) == 0 && got == value;
}

enum nrm_err nrm_listener_new(void *context, const uint8_t secret[static NRM_KEY_LEN],
			      void **ret_router)
{
	static const int64_t max_message = NRM_MAX_FRAME + CURVE_OVERHEAD;
	void *router = zmq_socket(context, ZMQ_ROUTER);
	bool good = router != NULL;

	for (size_t i = 0; good && i < sizeof(settings) / sizeof(settings[0]); i++)
		good = set(router, i);
	if (!good ||
	    zmq_setsockopt(router, ZMQ_MAXMSGSIZE, &max_message, sizeof(max_message)) != 0 ||
	    zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, NRM_ZAP_DOMAIN, strlen(NRM_ZAP_DOMAIN)) != 0 ||
	    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret, NRM_KEY_LEN) != 0) {
		if (router)
			zmq_close(router);
		return NRM_ERR_IO;
	}
	*ret_router = router;
	return NRM_OK;
}

enum nrm_err nrm_listener_bind(void *router, const char *endpoint,
			       char ret_bound[static NRM_ENDPOINT_LEN])
{
	size_t len = NRM_ENDPOINT_LEN;
	int ipv6 = strchr(endpoint, '[') != NULL;

	if (strncmp(endpoint, "tcp://", 6) != 0) {
		errno = EPROTONOSUPPORT;
		return NRM_ERR_ARGUMENT;
	}
	if (zmq_setsockopt(router, ZMQ_IPV6, &ipv6, sizeof(ipv6)) != 0 ||
	    zmq_bind(router, endpoint) != 0 ||
	    zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, ret_bound, &len) != 0)
		return NRM_ERR_ARGUMENT;
	return NRM_OK;
}

enum nrm_err nrm_monitor_open(void *context, void *router, const char *name, int events,
			      void **ret_monitor)
{
	void *monitor = NULL;

	if (zmq_socket_monitor(router, name, events) != 0 ||
	    !(monitor = zmq_socket(context, ZMQ_PAIR)))
		return NRM_ERR_IO;
	if (zmq_connect(monitor, name) != 0) {
		zmq_close(monitor);
		return NRM_ERR_IO;
	}
	*ret_monitor = monitor;
	return NRM_OK;
}

bool nrm_monitor_next(void *monitor, uint16_t *ret_event, int32_t *ret_value)
{
	uint8_t event
		[6]; /* u16 and i32 of this machine's byte order, then a frame with the address */
	char address[NRM_ENDPOINT_LEN];

	if (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) != sizeof(event))
		return false;
	if (zmq_recv(monitor, address, sizeof(address), 0) < 0)
		return false;
	memcpy(ret_event, event, sizeof(*ret_event));
	memcpy(ret_value, event + sizeof(*ret_event), sizeof(*ret_value));
	return true;
}
