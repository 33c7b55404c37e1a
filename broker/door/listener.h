/*
 * The listening socket: a ROUTER with CURVE, and the monitor that tells of its connections.
 */
#ifndef NRM_DOOR_LISTENER_H
#define NRM_DOOR_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/err.h"
#include "proto/crypto/crypto.h"

#define NRM_ENDPOINT_LEN 256

/*
 * A ROUTER with every option that the door relies on; it does not listen yet. Options that guard it are read back. NRM_ERR_IO
 * when libzmq does not take one of them.
 */
enum nrm_err nrm_listener_new(void *context, const uint8_t secret[static NRM_KEY_LEN],
			      void **ret_router) NRM_MUST_USE;

/* Listens, and writes the endpoint with its port filled in. NRM_ERR_ARGUMENT, with errno saying why. */
enum nrm_err nrm_listener_bind(void *router, const char *endpoint,
			       char ret_bound[static NRM_ENDPOINT_LEN]) NRM_MUST_USE;

/* A socket to read the router's events from, for nrm_monitor_next(). NRM_ERR_IO. */
enum nrm_err nrm_monitor_open(void *context, void *router, const char *name, int events,
			      void **ret_monitor) NRM_MUST_USE;
/* Takes the next event if there is one; `value` is a descriptor for those that have one. */
bool nrm_monitor_next(void *monitor, uint16_t *ret_event, int32_t *ret_value);

#endif
