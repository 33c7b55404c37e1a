/*
 * The door tries itself before it listens: CURVE without a working handler lets everyone in (architecture.md, traps),
 * and no option tells of it.
 */
#ifndef NRM_DOOR_SELFTEST_H
#define NRM_DOOR_SELFTEST_H

#include "broker/door/gate.h"

/*
 * Knocks at the router, on a loopback port opened for this, with a key that nobody knows, and then without any: neither may get in, and it
 * must be the gate that refused the first. NRM_ERR_PERMISSION when somebody got in; NRM_ERR_IO when no answer came.
 */
enum nrm_err nrm_door_selftest(void *router, const uint8_t secret[static NRM_KEY_LEN],
			       struct nrm_gate *gate) NRM_MUST_USE;

#endif
