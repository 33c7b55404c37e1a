/*
 * What the page's child processes say to the one that serves: u32(length) u16(status) u8(kind), then `length` bytes. What comes the
 * other way is a struct nrm_page_query as it is.
 */
#ifndef NRM_PAGE_FRAME_H
#define NRM_PAGE_FRAME_H

#include "proto/base/buf.h"

enum nrm_frame_kind {
	/* the answer to a query, with its HTTP status */
	NRM_FRAME_JSON,
	NRM_FRAME_CSV,
	NRM_FRAME_PROOF,
	/* of the reader's own accord; status 0 */
	NRM_FRAME_NEWS,	  /* u64(size of the signed checkpoint): there is a new one */
	NRM_FRAME_CANNOT, /* why it ends, in words */
	/* of a verifier; status 0 */
	NRM_FRAME_PROGRESS, /* u64(done) u64(of) */
	NRM_FRAME_REPORT,   /* a JSON object */
	NRM_FRAME_NOTE,	    /* the checkpoint that verified */
	NRM_FRAME_KINDS
};

struct nrm_page_frame {
	enum nrm_frame_kind kind;
	unsigned status;
	struct nrm_slice bytes;
};

/* Appends a frame. NRM_ERR_LIMIT over NRM_MAX_PAGE_ANSWER: then nothing was appended. */
enum nrm_err nrm_page_frame_put(struct nrm_buf *out,
				const struct nrm_page_frame *frame) NRM_MUST_USE;
/*
 * The first frame of `in`, whose bytes are borrowed from it, and its whole length. NRM_ERR_AGAIN while more is to come,
 * NRM_ERR_FORMAT for what is none.
 */
enum nrm_err nrm_page_frame_take(struct nrm_slice in, struct nrm_page_frame *ret_frame,
				 size_t *ret_len) NRM_MUST_USE;

/* Writes a frame to a blocking descriptor. NRM_ERR_CLOSED when nobody reads there, errors as above. */
enum nrm_err nrm_page_frame_write(int fd, const struct nrm_page_frame *frame) NRM_MUST_USE;

#endif
