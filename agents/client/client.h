/*
 * The connection of an agent to its broker: a ZeroMQ DEALER under CURVE, one frame a message. The
 * only place in agents/ that knows ZeroMQ.
 *
 * Reconnecting is ours to do: a DEALER reconnects by itself under its old routing id, and while
 * the broker still holds the half-open old connection nothing ever arrives. So ZeroMQ may not
 * reconnect; when its monitor tells of an end, or heartbeats stop, the socket is closed and a new
 * one made, with 32 fresh random bytes as its id, after a pause that doubles from 0.1 s to 5 s and
 * is jittered.
 *
 * A client belongs to one thread. Many may share one context.
 */
#ifndef NRM_CLIENT_CLIENT_H
#define NRM_CLIENT_CLIENT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buf.h"
#include "proto/crypto/crypto.h"

struct nrm_client;

struct nrm_client_options {
	void *context;	      /* a ZeroMQ context that outlives the client; NULL: one of its own */
	const char *endpoint; /* "tcp://127.0.0.1:7411"; copied */
	uint8_t broker[NRM_KEY_LEN];	/* its CURVE public key */
	uint8_t transport[NRM_KEY_LEN]; /* our CURVE secret; copied, wiped at the end */
};

/*
 * Makes a client and begins to connect. NRM_ERR_ARGUMENT for an endpoint that ZeroMQ does not
 * take; NRM_ERR_NOMEM; NRM_ERR_IO.
 */
enum nrm_err nrm_client_new(const struct nrm_client_options *options, uint64_t now_ms,
			    struct nrm_client **ret_client) NRM_MUST_USE;
/* Closes at once; what was not sent yet is dropped. NULL is allowed. */
void nrm_client_free(struct nrm_client *client);

/* What a step found. */
enum nrm_client_event {
	NRM_CLIENT_QUIET,
	NRM_CLIENT_FRESH, /* a new connection stands: say Hello */
	NRM_CLIENT_LOST	  /* it ended, or none could be made; another attempt follows by itself */
};

/*
 * Looks at the monitor and makes a new socket when it is time. `now_ms` is of a clock that never
 * falls. Call it until it is quiet, before each poll and after it.
 */
enum nrm_client_event nrm_client_step(struct nrm_client *client, uint64_t now_ms);

/* Whether frames can go out and come in. */
bool nrm_client_connected(const struct nrm_client *client);

/* What was sent so far is to go out, within two seconds, though the connection is dropped now. */
void nrm_client_linger(struct nrm_client *client);

/*
 * Ends the connection: what came over it cannot be relied on. A new one follows after the usual
 * pause.
 */
void nrm_client_drop(struct nrm_client *client, uint64_t now_ms);

/*
 * Sends one frame. NRM_ERR_AGAIN when the queue to the broker is full or there is no connection:
 * keep it and try after the next poll. NRM_ERR_LIMIT over NRM_MAX_FRAME.
 */
enum nrm_err nrm_client_send(struct nrm_client *client, struct nrm_slice frame) NRM_MUST_USE;
/* Puts the next frame in `frame`, whose content it replaces. NRM_ERR_AGAIN when there is none. */
enum nrm_err nrm_client_recv(struct nrm_client *client, struct nrm_buf *frame) NRM_MUST_USE;

/*
 * Descriptors to poll for reading; returns how many (0-2). They tell of changes only: after a
 * poll, and after every send, receive until NRM_ERR_AGAIN before polling again. Sockets come and
 * go, so ask before each poll.
 */
#define NRM_CLIENT_FDS 2
int nrm_client_fds(struct nrm_client *client, struct pollfd fds[static NRM_CLIENT_FDS]);
/* The longest time to poll, in milliseconds. */
int nrm_client_timeout(const struct nrm_client *client, uint64_t now_ms);

#endif
