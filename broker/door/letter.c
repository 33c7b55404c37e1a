#include "broker/door/letter.h"

#include <stdlib.h>

static void release(struct nrm_parcel *parcel)
{
	struct nrm_letter *letter = (struct nrm_letter *)parcel;

	nrm_arena_done(&parcel->arena);
	zmq_msg_close(&letter->message);
	free(letter);
}

struct nrm_letter *nrm_letter_new(enum nrm_parcel_kind kind)
{
	struct nrm_letter *letter = calloc(1, sizeof(*letter));

	if (!letter)
		return NULL;
	letter->parcel.kind = kind;
	letter->parcel.release = release;
	zmq_msg_init(&letter->message);
	return letter;
}

void nrm_letter_seal(struct nrm_letter *letter)
{
	letter->parcel.bytes =
		nrm_slice(zmq_msg_data(&letter->message), zmq_msg_size(&letter->message));
}

size_t nrm_parcel_weight(const struct nrm_parcel *parcel)
{
	return sizeof(struct nrm_letter) + parcel->bytes.len + parcel->arena.used;
}
