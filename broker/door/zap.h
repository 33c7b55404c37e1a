/*
 * The ZAP handler (ZeroMQ RFC 27): who may complete a CURVE handshake. It runs on a thread of its own and answers "no" unless
 * everything about a request is as it must be. libzmq puts what it grants on every message of the connection:
 * User-Id, the transport key in hexadecimal, and NRM_ZAP_NUMBER, the connection's number. Clients can set neither.
 */
#ifndef NRM_DOOR_ZAP_H
#define NRM_DOOR_ZAP_H

#include "broker/door/gate.h"

#define NRM_ZAP_DOMAIN "nrm"
#define NRM_ZAP_USER   "User-Id"
#define NRM_ZAP_NUMBER "X-Number" /* sixteen hexadecimal digits */

struct nrm_zap;

/*
 * Binds the handler in a ZeroMQ context, which it must be before any socket of the context listens, and starts its thread.
 * NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_zap_start(void *context, struct nrm_gate *gate,
			   struct nrm_zap **ret_zap) NRM_MUST_USE;

/* Waits for the thread's end; zmq_ctx_shutdown() first. NULL is allowed. */
void nrm_zap_join(struct nrm_zap *zap);

#endif
