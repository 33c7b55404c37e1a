/*
 * Signing of checkpoints behind one small interface, so that the key can live in a process of its own.
 */
#ifndef NRM_SIGNER_SIGNER_H
#define NRM_SIGNER_SIGNER_H

#include "proto/trail/note.h"

/*
 * Signs a committed head as a C2SP checkpoint note, appended to `out`. Refuses (NRM_ERR_PROOF) a head that is not consistent with
 * the last one signed: `consistency` leads from that one (of size `from`, 0 the first time) to this one.
 */
struct nrm_signer {
	enum nrm_err (*sign)(void *self, const struct nrm_checkpoint *head, uint64_t from,
			     const struct nrm_hash *consistency, size_t n, struct nrm_buf *out);
	void *self;
};

/* A signer that holds the key in this process and remembers the last head it signed in memory. */
struct nrm_local_signer;
enum nrm_err nrm_local_signer_new(const char *origin, const uint8_t seed[static NRM_KEY_LEN],
				  struct nrm_local_signer **ret_signer) NRM_MUST_USE;
void nrm_local_signer_free(struct nrm_local_signer *signer);
/* The interface to it; lives as long as it does. */
struct nrm_signer nrm_local_signer_interface(struct nrm_local_signer *signer);

#endif
