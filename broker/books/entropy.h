/*
 * The stream of salts and nonces of one transaction, drawn from the 32 bytes of entropy that came with it: the core has no
 * randomness of its own, so that the same commands give the same books.
 */
#ifndef NRM_BOOKS_ENTROPY_H
#define NRM_BOOKS_ENTROPY_H

#include "proto/crypto/crypto.h"

struct nrm_entropy {
	uint8_t seed[NRM_KEY_LEN];
	uint64_t block; /* next one to make */
	uint8_t bytes[2048 + NRM_AEAD_TAG_LEN];
	size_t used;
};

/* Starts a stream. Wipe it with nrm_wipe() afterwards. */
void nrm_entropy_init(struct nrm_entropy *entropy, const uint8_t seed[static 32]);
/* The next `len` bytes (≤ 2048). AES-256 in counter mode under the seed; aborts the program if OpenSSL fails. */
void nrm_entropy_take(struct nrm_entropy *entropy, void *out, size_t len);

#endif
