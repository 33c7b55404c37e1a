/*
 * One outgoing message in its two forms: the envelope for the recipient, signed, and the sender's
 * own copy, sealed to itself in a context of its own, by which it can show and seal again what it
 * sent (protocol.md, "Envelope").
 */
#ifndef NRM_AGENT_MESSAGE_H
#define NRM_AGENT_MESSAGE_H

#include "proto/directory/identity.h"
#include "proto/wire/seal.h"

/* A name for an array of values indexed by field; slices with a NULL pointer are absent. */
struct nrm_values {
	struct nrm_slice of[NRM_FIELD_END_];
};

/*
 * Seals `values` to the recipient's key and to ourselves, signs, and appends the two encoded
 * envelopes. `statement` has everything but what sealing fills in; `recipient` may be NULL when
 * there is no value. NRM_ERR_LIMIT when a value or the whole is too large; NRM_ERR_KEY.
 */
enum nrm_err nrm_message_build(const struct nrm_identity *keys,
			       const struct nrm_statement *statement,
			       const struct nrm_values *values, const uint8_t *recipient,
			       struct nrm_arena *arena, struct nrm_buf *ret_envelope,
			       struct nrm_buf *ret_copy) NRM_MUST_USE;

/*
 * Opens every field of an encoded envelope that is sealed to one of our keys. Plaintexts lie in
 * `store` (wipe it with nrm_buf_wipe()); *ret_values points into it, and *ret_statement into
 * `arena` and `envelope`. NRM_ERR_OPEN, NRM_ERR_PADDING, errors of decoding. The envelope is not
 * verified here.
 */
enum nrm_err nrm_message_open(const struct nrm_identity *keys, struct nrm_slice envelope,
			      struct nrm_arena *arena, struct nrm_buf *store,
			      struct nrm_statement *ret_statement,
			      struct nrm_values *ret_values) NRM_MUST_USE;

/* The same for decoded parts. */
enum nrm_err nrm_fields_open(const struct nrm_identity *keys, const struct nrm_statement *statement,
			     const struct nrm_envelope *envelope, struct nrm_buf *store,
			     struct nrm_values *ret_values) NRM_MUST_USE;

/* The fields that an envelope carries. */
nrm_mask nrm_envelope_fields(const struct nrm_envelope *envelope);

#endif
