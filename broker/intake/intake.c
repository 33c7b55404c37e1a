#include "broker/intake/intake.h"

#include "proto/crypto/sign.h"

static enum nrm_err submit(struct nrm_parcel *p)
{
	size_t n = p->frame.is.submit.n;

	p->verified = nrm_arena_alloc(&p->arena, n * sizeof(const struct nrm_verified *));
	p->item_err = nrm_arena_alloc(&p->arena, n * sizeof(*p->item_err));
	if (!p->verified || !p->item_err)
		return NRM_ERR_NOMEM;
	nrm_submit_verify(p->frame.is.submit.envelope, n, p->frame.is.submit.signature,
			  p->participant->verifying, &p->arena, p->verified, p->item_err);
	return NRM_OK;
}

/* One signature stands for all acks, so that a single malformed one refuses the frame. */
static enum nrm_err acknowledge(struct nrm_parcel *p)
{
	struct nrm_slices ack = p->frame.is.acknowledge.ack;
	enum nrm_err err;

	p->ack = nrm_arena_alloc(&p->arena, ack.n * sizeof(*p->ack));
	p->ack_proof = nrm_arena_alloc(&p->arena, ack.n * sizeof(*p->ack_proof));
	if (!p->ack || !p->ack_proof)
		return NRM_ERR_NOMEM;
	err = nrm_acks_verify(ack, p->frame.is.acknowledge.signature, p->participant->verifying,
			      &p->arena, p->ack_proof);
	for (size_t i = 0; i < ack.n && err == NRM_OK; i++)
		err = nrm_ack_decode(ack.item[i], &p->arena, &p->ack[i]);
	return err;
}

/* The trail's signature and the participant's own cosignature; whether it is a head of the tree, the books know. */
static enum nrm_err cosignature(struct nrm_parcel *p)
{
	struct nrm_note_key witness;
	uint64_t by = 0;
	enum nrm_err err = nrm_participant_witness(p->participant, &witness);

	if (err == NRM_OK)
		err = nrm_note_open(p->frame.is.cosignature, nrm_directory_log_key(p->directory),
				    &witness, 1, &p->head, &by);
	return err == NRM_OK && !by ? NRM_ERR_SIGNATURE : err;
}

static enum nrm_err aggregate(struct nrm_parcel *p)
{
	const struct nrm_document *document = &p->frame.is.aggregate;
	enum nrm_err err = nrm_aggregate_decode(document->document, &p->arena, &p->aggregate);

	if (err == NRM_OK && !nrm_slice_equal(p->aggregate.agency, p->participant->id))
		err = NRM_ERR_ID;
	return err == NRM_OK ? nrm_document_verify(p->participant->verifying, NRM_DOMAIN_AGGREGATE,
						   document->document, document->signature)
			     : err;
}

static enum nrm_err take_in(struct nrm_parcel *p)
{
	/* Nothing of a key that belongs to nobody is worth decoding. */
	if (!p->participant)
		return NRM_ERR_NOT_FOUND;

	enum nrm_err err = nrm_to_broker_decode(p->bytes, &p->arena, &p->frame);
	if (err != NRM_OK)
		return err;
	if (p->frame.kind == NRM_SUBMIT)
		return submit(p);
	if (p->frame.kind == NRM_ACKNOWLEDGE)
		return acknowledge(p);
	if (p->frame.kind == NRM_COSIGNATURE)
		p->cosigned = cosignature(p);
	if (p->frame.kind == NRM_AGGREGATE)
		p->aggregated = aggregate(p);
	return NRM_OK;
}

void nrm_intake(struct nrm_parcel *parcel, const struct nrm_directory *directory)
{
	nrm_arena_init(&parcel->arena, NRM_MAX_FRAME_ARENA);
	parcel->directory = directory;
	parcel->participant = nrm_directory_find_transport(directory, parcel->transport);
	parcel->err = take_in(parcel);
	if (parcel->err == NRM_OK)
		return;
	parcel->frame = (struct nrm_to_broker){0};
	parcel->verified = NULL;
	parcel->item_err = NULL;
	parcel->ack = NULL;
	parcel->ack_proof = NULL;
}
