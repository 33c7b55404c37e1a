/*
 * What the frames of both directions share. Internal to proto/wire.
 */
#ifndef NRM_WIRE_FRAME_MESSAGE_H
#define NRM_WIRE_FRAME_MESSAGE_H

#include "proto/base/limits.h"
#include "proto/frame.pb-c.h"
#include "proto/wire/envelope_message.h"
#include "proto/wire/frame.h"

/* NRM_ERR_LIMIT when an envelope is over NRM_MAX_ENVELOPE: asked only of frames that are larger than that. */
static inline enum nrm_err nrm_envelope_fits(const Nrm__Envelope *m)
{
	return protobuf_c_message_get_packed_size(&m->base) > NRM_MAX_ENVELOPE ? NRM_ERR_LIMIT
									       : NRM_OK;
}

/* Whole frames of items; every delivery has its `encoded` envelope. NRM_ERR_LIMIT, NRM_ERR_NOMEM. */
enum nrm_err nrm_receipt_encode(const struct nrm_receipt_item *item, size_t n,
				struct nrm_buf *out) NRM_MUST_USE;
enum nrm_err nrm_deliver_encode(const struct nrm_delivery *item, size_t n,
				struct nrm_buf *out) NRM_MUST_USE;

/* case_file.c: what the broker tells of a case. Errors of decoding a frame; NRM_ERR_NOMEM. */
enum nrm_err nrm_case_answer_read(const Nrm__CaseAnswer *m, struct nrm_arena *arena,
				  struct nrm_case_answer *ret_answer) NRM_MUST_USE;
enum nrm_err nrm_case_answer_write(const struct nrm_case_answer *answer, struct nrm_arena *arena,
				   Nrm__CaseAnswer *m) NRM_MUST_USE;

/* Indexes of leaves: at most NRM_MAX_FRAME_ITEMS (NRM_ERR_LIMIT), strictly ascending (NRM_ERR_DUPLICATE, NRM_ERR_CANONICAL). */
enum nrm_err nrm_indexes_check(const uint64_t *index, size_t n) NRM_MUST_USE;

#endif
