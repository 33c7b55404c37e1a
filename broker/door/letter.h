/*
 * A parcel whose bytes are a ZeroMQ message: nothing is copied on the way from the socket to the core.
 */
#ifndef NRM_DOOR_LETTER_H
#define NRM_DOOR_LETTER_H

#include <zmq.h>

#include "broker/intake/intake.h"

struct nrm_letter {
	struct nrm_parcel parcel; /* released through its own `release` */
	zmq_msg_t message;	  /* empty at first; receive into it, then call nrm_letter_seal() */
};

/* NULL without memory. */
struct nrm_letter *nrm_letter_new(enum nrm_parcel_kind kind);
/* Makes `parcel.bytes` those of the message. */
void nrm_letter_seal(struct nrm_letter *letter);

/* What a parcel takes of memory while it waits. */
size_t nrm_parcel_weight(const struct nrm_parcel *parcel);

#endif
