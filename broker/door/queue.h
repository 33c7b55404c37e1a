/*
 * The queue to the writer: verified parcels, bounded in bytes. Workers wait when it is full, the writer when it is empty.
 */
#ifndef NRM_DOOR_QUEUE_H
#define NRM_DOOR_QUEUE_H

#include "broker/intake/intake.h"

#define NRM_BATCH_PARCELS \
	512u /* most parcels of one transaction, and most items that begin another parcel */

struct nrm_queue;

struct nrm_batch {
	struct nrm_parcel *parcel[NRM_BATCH_PARCELS];
	size_t n;
	size_t weight;
};

enum nrm_err nrm_queue_new(struct nrm_queue **ret_queue) NRM_MUST_USE;
/* Releases what is left in it. NULL is allowed. */
void nrm_queue_free(struct nrm_queue *queue);

/* Appends a parcel, which it owns from now on; waits while there is no room. Once closed, releases the parcel. */
void nrm_queue_put(struct nrm_queue *queue, struct nrm_parcel *parcel);

/*
 * Takes all that waits, up to the bounds above. Waits for something until the monotonic time `until_ms`, or until
 * nrm_queue_wake(); the batch may be empty then.
 */
void nrm_queue_take(struct nrm_queue *queue, uint64_t until_ms, struct nrm_batch *ret_batch);
/* Releases the parcels of a batch, and the room that they took. */
void nrm_queue_settle(struct nrm_queue *queue, struct nrm_batch *batch);

/* Makes the next, or the waiting, nrm_queue_take() return at once. */
void nrm_queue_wake(struct nrm_queue *queue);
/* Nobody waits for room any more. */
void nrm_queue_close(struct nrm_queue *queue);

#endif
