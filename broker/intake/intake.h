/*
 * Intake: what arrived at the door becomes something that may be decided on.
 *     frame -> decoded -> verified
 * One frame is one parcel. The verify pool calls nrm_intake(); the core takes parcels as they come out.
 * No state and no clock here: the same frame under the same directory gives the same parcel.
 */
#ifndef NRM_INTAKE_INTAKE_H
#define NRM_INTAKE_INTAKE_H

#include "proto/directory/directory.h"
#include "proto/wire/aggregate.h"
#include "proto/wire/frame.h"

enum nrm_parcel_kind {
	NRM_PARCEL_FRAME, /* a frame of a connection */
	NRM_PARCEL_GONE	  /* the connection ended; nothing else is set but `session` */
};

struct nrm_parcel {
	struct nrm_parcel *next; /* for the queue that holds it */
	enum nrm_parcel_kind kind;
	uint64_t session; /* the door's number of the connection, never used again for another */
	uint8_t transport[NRM_KEY_LEN];		    /* its authenticated key (User-Id) */
	struct nrm_slice bytes;			    /* the frame */
	void (*release)(struct nrm_parcel *parcel); /* frees bytes, arena and the parcel itself */

	/* Set by nrm_intake(); lives in `arena`. */
	struct nrm_arena arena;
	const struct nrm_directory *directory; /* the one it was verified under */
	const struct nrm_participant
		*participant; /* who is behind `transport` there; NULL: nobody */
	enum nrm_err
		err; /* NRM_OK, or why the frame as a whole is refused; then nothing below is set */
	struct nrm_to_broker frame;
	const struct nrm_verified *
		*verified; /* of a Submit: [n], NULL where item_err is not NRM_OK */
	enum nrm_err *item_err;
	struct nrm_ack_body *ack; /* of an Acknowledge: [n] */
	struct nrm_proof *ack_proof;
	enum nrm_err
		cosigned; /* of a Cosignature: NRM_OK, or why it is none of the participant's own */
	struct nrm_checkpoint head; /* what it is over */
	enum nrm_err
		aggregated; /* of an Aggregate: NRM_OK, or why it is no statement of the participant's own */
	struct nrm_aggregate aggregate;
};

/*
 * Decodes the frame of `parcel` and verifies what it carries under the key of the participant behind its transport key. Never fails:
 * what is wrong is recorded in the parcel. The directory must outlive the parcel.
 */
void nrm_intake(struct nrm_parcel *parcel, const struct nrm_directory *directory);

#endif
