#include <stdlib.h>

#include "broker/signer/signer.h"

struct nrm_local_signer {
	struct nrm_notary *notary;
	bool ready; /* its note waits to be collected */
};

enum nrm_err nrm_local_signer_new(const char *origin, const uint8_t seed[static NRM_KEY_LEN],
				  struct nrm_local_signer **ret_signer)
{
	struct nrm_local_signer *signer = calloc(1, sizeof(*signer));

	if (!signer)
		return NRM_ERR_NOMEM;
	enum nrm_err err = nrm_notary_new(origin, seed, &signer->notary);
	if (err != NRM_OK) {
		free(signer);
		return err;
	}
	*ret_signer = signer;
	return NRM_OK;
}

void nrm_local_signer_free(struct nrm_local_signer *signer)
{
	if (!signer)
		return;
	nrm_notary_free(signer->notary);
	free(signer);
}

static enum nrm_err last(void *self, struct nrm_checkpoint *ret_last)
{
	struct nrm_local_signer *signer = self;

	*ret_last = *nrm_notary_last(signer->notary);
	return NRM_OK;
}

static enum nrm_err submit(void *self, const struct nrm_signing_request *request)
{
	struct nrm_local_signer *signer = self;

	if (signer->ready)
		return NRM_ERR_AGAIN;
	if (nrm_notary_sign(signer->notary, request) != NRM_SIGNER_SIGNED)
		return NRM_ERR_PROOF;
	signer->ready = true;
	return NRM_OK;
}

static enum nrm_err collect(void *self, struct nrm_checkpoint *ret_head, struct nrm_buf *out)
{
	struct nrm_local_signer *signer = self;

	if (!signer->ready)
		return NRM_ERR_NOT_FOUND;
	const struct nrm_slice note = nrm_notary_note(signer->notary);
	nrm_buf_put(out, note.data, note.len);
	if (out->err != NRM_OK)
		return out->err;
	*ret_head = *nrm_notary_last(signer->notary);
	signer->ready = false;
	return NRM_OK;
}

struct nrm_signer nrm_local_signer_interface(struct nrm_local_signer *signer)
{
	return (struct nrm_signer){last, submit, collect, signer};
}
