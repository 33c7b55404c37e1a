/*
 * Signing of checkpoints as the books see it: a head is handed over, its note is collected when it is there. No call
 * waits, so that nothing ever waits for a signer, wherever its key lives.
 */
#ifndef NRM_SIGNER_SIGNER_H
#define NRM_SIGNER_SIGNER_H

#include "broker/signer/notary.h"

struct nrm_signer {
	/* The head that it signed last (size 0: none). NRM_ERR_AGAIN while it cannot be asked. */
	enum nrm_err (*last)(void *self, struct nrm_checkpoint *ret_last);
	/*
	 * Hands over a head that is committed, with the path from the last one signed. One at a time: NRM_ERR_AGAIN
	 * while one is under way or the signer away; NRM_ERR_PROOF when it is refused at once.
	 */
	enum nrm_err (*submit)(void *self, const struct nrm_signing_request *request);
	/*
	 * Appends the signed note of the head that was handed over to `out`, once, and says which it was; by now the
	 * tree may have grown. It bears the trail's signature. NRM_ERR_NOT_FOUND while there is none.
	 */
	enum nrm_err (*collect)(void *self, struct nrm_checkpoint *ret_head, struct nrm_buf *out);
	void *self;
};

/*
 * A signer that holds the key in this process, remembers the last head in memory, and answers at once. For tests and small
 * installations: after a restart it takes the first head as it comes.
 */
struct nrm_local_signer;
enum nrm_err nrm_local_signer_new(const char *origin, const uint8_t seed[static NRM_KEY_LEN],
				  struct nrm_local_signer **ret_signer) NRM_MUST_USE;
void nrm_local_signer_free(struct nrm_local_signer *signer);
/* The interface to it; lives as long as it does. */
struct nrm_signer nrm_local_signer_interface(struct nrm_local_signer *signer);

#endif
