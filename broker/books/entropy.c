#include "broker/books/entropy.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/buf.h"

#define STREAM_BYTES 2048

void nrm_entropy_init(struct nrm_entropy *entropy, const uint8_t seed[static 32])
{
	memcpy(entropy->seed, seed, sizeof(entropy->seed));
	entropy->block = 0;
	entropy->used = STREAM_BYTES;
}

/* GCM of zeros is the counter-mode keystream; its tag is not used. */
static void refill(struct nrm_entropy *entropy)
{
	static const uint8_t zeros[STREAM_BYTES];
	uint8_t nonce[NRM_AEAD_NONCE_LEN] = {0};

	nrm_store_u64(nonce, entropy->block++);
	if (nrm_aead_seal(entropy->seed, nonce, nrm_slice(NULL, 0), nrm_slice(zeros, sizeof(zeros)),
			  entropy->bytes) != NRM_OK)
		abort();
	entropy->used = 0;
}

void nrm_entropy_take(struct nrm_entropy *entropy, void *out, size_t len)
{
	assert(len <= STREAM_BYTES);
	if (len > STREAM_BYTES - entropy->used)
		refill(entropy);
	memcpy(out, entropy->bytes + entropy->used, len);
	entropy->used += len;
}
