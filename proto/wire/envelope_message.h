/*
 * Envelopes and proofs between plain structs and protobuf-c's messages, for the frames and views that
 * hold them. Internal to proto/wire.
 */
#ifndef NRM_WIRE_ENVELOPE_MESSAGE_H
#define NRM_WIRE_ENVELOPE_MESSAGE_H

#include "proto/statement.pb-c.h"
#include "proto/wire/envelope.h"
#include "proto/wire/message.h"

/*
 * A checked message (nrm_message_check) as a plain struct; sizes and the order of fields are judged here, the proof when it
 * is verified. Errors of nrm_envelope_decode().
 */
enum nrm_err nrm_envelope_read(const Nrm__Envelope *m, struct nrm_arena *arena,
			       struct nrm_envelope *ret_envelope) NRM_MUST_USE;
/* Fills in an initialised message, borrowing from `envelope` and `arena`; only the fields of `keep`. NRM_ERR_NOMEM. */
enum nrm_err nrm_envelope_write(const struct nrm_envelope *envelope, nrm_mask keep,
				struct nrm_arena *arena, Nrm__Envelope *m) NRM_MUST_USE;

/* Likewise a proof, taken as it is. NRM_ERR_NOMEM. */
enum nrm_err nrm_proof_read(const Nrm__Proof *m, struct nrm_arena *arena,
			    struct nrm_proof *ret_proof) NRM_MUST_USE;
enum nrm_err nrm_proof_write(const struct nrm_proof *proof, struct nrm_arena *arena,
			     Nrm__Proof **ret_m) NRM_MUST_USE;

#endif
