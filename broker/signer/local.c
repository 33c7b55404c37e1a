#include <stdlib.h>

#include "broker/signer/signer.h"

struct nrm_local_signer {
	struct nrm_note_key key;
	struct nrm_signing_key *secret;
	struct nrm_checkpoint last; /* its size is 0 until the first head is signed */
};

enum nrm_err nrm_local_signer_new(const char *origin, const uint8_t seed[static NRM_KEY_LEN],
				  struct nrm_local_signer **ret_signer)
{
	struct nrm_local_signer *signer = calloc(1, sizeof(*signer));
	uint8_t public_key[NRM_KEY_LEN];
	enum nrm_err err = NRM_ERR_NOMEM;

	if (!signer)
		goto out;
	err = nrm_signing_key_new(seed, &signer->secret);
	if (err != NRM_OK)
		goto out;
	nrm_signing_key_public(signer->secret, public_key);
	err = nrm_note_key_make(origin, 0x01, public_key, &signer->key);
	if (err != NRM_OK)
		goto out;
	*ret_signer = signer;
	signer = NULL;
out:
	nrm_local_signer_free(signer);
	return err;
}

void nrm_local_signer_free(struct nrm_local_signer *signer)
{
	if (!signer)
		return;
	nrm_signing_key_free(signer->secret);
	free(signer);
}

/*
 * The head last signed is replaced by one that continues it and by nothing else, so what was refused once is
 * refused for ever.
 */
static enum nrm_err sign(void *self, const struct nrm_checkpoint *head, uint64_t from,
			 const struct nrm_hash *consistency, size_t n, struct nrm_buf *out)
{
	struct nrm_local_signer *signer = self;
	const struct nrm_checkpoint *last = &signer->last;
	enum nrm_err err;

	if (strcmp(head->origin, signer->key.name) != 0)
		return NRM_ERR_ARGUMENT;
	if (from != last->size || head->size < last->size)
		return NRM_ERR_PROOF;
	if (last->size > 0) {
		err = nrm_consistency_verify(from, head->size, consistency, n, &last->root,
					     &head->root);
		if (err != NRM_OK)
			return NRM_ERR_PROOF;
	}
	err = nrm_note_sign(head, &signer->key, signer->secret, out);
	if (err == NRM_OK)
		signer->last = *head;
	return err;
}

struct nrm_signer nrm_local_signer_interface(struct nrm_local_signer *signer)
{
	return (struct nrm_signer){sign, signer};
}
