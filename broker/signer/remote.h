/*
 * The signer in a process of its own, as the broker sees it: a connection to its socket, made again whenever it is gone.
 * What the signer says is believed only under the trail's key.
 */
#ifndef NRM_SIGNER_REMOTE_H
#define NRM_SIGNER_REMOTE_H

#include "broker/signer/signer.h"
#include "proto/base/log.h"

struct nrm_remote_signer_options {
	const char *path;	 /* of its socket: at most 107 bytes */
	struct nrm_note_key key; /* of the trail */
	/* Told when the signer goes away and comes back, and when it refuses: logfmt pairs, from any thread. */
	void (*report)(enum nrm_log_level level, const char *event, const char *pairs);
};

struct nrm_remote_signer;

/* Connects to nothing yet. NRM_ERR_ARGUMENT when the path is too long; NRM_ERR_NOMEM. */
enum nrm_err nrm_remote_signer_new(const struct nrm_remote_signer_options *options,
				   struct nrm_remote_signer **ret_signer) NRM_MUST_USE;
/* Hangs up. NULL is allowed. */
void nrm_remote_signer_free(struct nrm_remote_signer *signer);

/*
 * Connects, and waits up to a second for the first word of a signer that is there, so that a broker learns of a head beyond
 * its own before it takes anything. The only call that waits, for the start of a program.
 */
void nrm_remote_signer_meet(struct nrm_remote_signer *signer);

/* The interface to it, for one thread at a time; lives as long as it does. */
struct nrm_signer nrm_remote_signer_interface(struct nrm_remote_signer *signer);

#endif
