/*
 * Where the broker finds the notary: a Unix socket that one user may connect to. Reads a message, answers it, and does
 * nothing else; each request is carried out before the next is looked at.
 */
#ifndef NRM_SIGNER_DESK_H
#define NRM_SIGNER_DESK_H

#include <sys/types.h>

#include "broker/signer/notary.h"
#include "proto/base/log.h"

/* Told what an operator should know, as logfmt pairs. */
typedef void nrm_desk_report(enum nrm_log_level level, const char *event, const char *pairs);

struct nrm_desk_options {
	const char *path;	   /* of the socket: at most 107 bytes */
	uid_t user;		   /* who may ask; everybody else is hung up on, root too */
	struct nrm_notary *notary; /* outlives the desk */
	nrm_desk_report *report;
};

struct nrm_desk;

/*
 * Opens the socket: mode 0600 when the user is our own, else 0660, so that the user reaches it through our group. A socket
 * that is there is taken for one left behind; anything else is not touched: NRM_ERR_EXISTS. NRM_ERR_ARGUMENT when the path
 * is too long; NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_desk_open(const struct nrm_desk_options *options,
			   struct nrm_desk **ret_desk) NRM_MUST_USE;
/* Hangs up and removes the socket. NULL is allowed. */
void nrm_desk_close(struct nrm_desk *desk);

/* Answers until `stop` can be read from. NRM_ERR_IO when it can wait for nothing. */
enum nrm_err nrm_desk_serve(struct nrm_desk *desk, int stop) NRM_MUST_USE;

/* The answer to one message, whatever it is, appended to `out`; why it is a refusal, or NRM_SIGNER_SIGNED. */
enum nrm_signer_refusal nrm_desk_answer(struct nrm_notary *notary, struct nrm_slice message,
					struct nrm_buf *out);

#endif
