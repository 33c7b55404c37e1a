/*
 * The verify pool: threads that run nrm_intake(). Each participant has a lane of its own; lanes take turns, one parcel a turn, and a
 * lane is worked on by one thread at a time: what one connection sent reaches the writer in the order in which it came,
 * and who floods the door waits in their own lane.
 */
#ifndef NRM_DOOR_POOL_H
#define NRM_DOOR_POOL_H

#include "broker/door/gate.h"
#include "broker/door/queue.h"

struct nrm_pool;
struct nrm_lane;

/*
 * Starts `workers` threads (0: one a core). Parcels are verified under the gate's directory and go on to `queue`; `wake`
 * is an eventfd that is written when there is room again. All three outlive the pool. NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_pool_start(unsigned workers, const struct nrm_gate *gate, struct nrm_queue *queue,
			    int wake, struct nrm_pool **ret_pool) NRM_MUST_USE;
/* Ends the threads and releases what they had not begun; close the queue first. NULL is allowed. */
void nrm_pool_stop(struct nrm_pool *pool);

/* The lane of a key, made at first use, which lives as long as the pool; NULL without memory. */
struct nrm_lane *nrm_pool_lane(struct nrm_pool *pool, const uint8_t key[static NRM_KEY_LEN]);

/* Whether there is room for another frame. When not, `wake` will tell. */
bool nrm_pool_room(struct nrm_pool *pool);

/* Appends a parcel to a lane; never waits. */
void nrm_pool_put(struct nrm_pool *pool, struct nrm_lane *lane, struct nrm_parcel *parcel);

#endif
