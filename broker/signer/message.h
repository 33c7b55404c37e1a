/*
 * What passes over the signer's socket (README.md, "The socket"): one message a packet, fixed and binary, read strictly.
 */
#ifndef NRM_SIGNER_MESSAGE_H
#define NRM_SIGNER_MESSAGE_H

#include "broker/signer/notary.h"
#include "proto/base/limits.h"

#define NRM_SIGNER_VERSION 1u

/* The longest messages: a head to sign with its path; a note. */
#define NRM_SIGNER_MAX_REQUEST (2u + 1 + NRM_MAX_KEY_NAME + 8 + 32 + 8 + 1 + NRM_MAX_TREE_PATH * 32)
#define NRM_SIGNER_MAX_REPLY   (2u + NRM_MAX_HEAD)

enum nrm_signer_ask { NRM_SIGNER_ASK_LAST = 1, NRM_SIGNER_ASK_SIGN = 2 };
enum nrm_signer_reply_kind { NRM_SIGNER_NOTE = 1, NRM_SIGNER_REFUSED = 2 };

struct nrm_signer_request {
	enum nrm_signer_ask ask;
	struct nrm_signing_request sign; /* of ASK_SIGN; its path is `path` */
	struct nrm_hash path[NRM_MAX_TREE_PATH];
};

struct nrm_signer_reply {
	enum nrm_signer_reply_kind kind;
	struct nrm_slice note; /* of NOTE; borrowed from the message */
	enum nrm_signer_refusal refusal;
};

/* Appends a message; whether there was memory is in `out`. */
void nrm_signer_put_ask_last(struct nrm_buf *out);
void nrm_signer_put_ask_sign(const struct nrm_signing_request *request, struct nrm_buf *out);
void nrm_signer_put_note(struct nrm_slice note, struct nrm_buf *out);
void nrm_signer_put_refused(enum nrm_signer_refusal refusal, struct nrm_buf *out);

/* Reads one: NRM_ERR_VERSION, or NRM_ERR_FORMAT for whatever the writers above could not have made. */
enum nrm_err nrm_signer_read_request(struct nrm_slice bytes,
				     struct nrm_signer_request *ret_request) NRM_MUST_USE;
enum nrm_err nrm_signer_read_reply(struct nrm_slice bytes,
				   struct nrm_signer_reply *ret_reply) NRM_MUST_USE;

#endif
