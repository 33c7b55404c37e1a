/*
 * What the files of this folder share of OpenSSL: algorithms fetched once for the process, contexts
 * made once a thread. Internal to proto/crypto.
 */
#ifndef NRM_CRYPTO_EVP_H
#define NRM_CRYPTO_EVP_H

#include <openssl/evp.h>

#include "proto/crypto/crypto.h"

/* Set by nrm_crypto_init() before threads start, read-only from then on. */
struct nrm_evp {
	EVP_MD *sha256;
	EVP_CIPHER *aes_256_gcm;
};
extern struct nrm_evp nrm_evp;

/* This thread's contexts, made at first use; NULL without memory. */
EVP_MD_CTX *nrm_evp_hash(void);	     /* initialised with SHA-256 once, then started anew */
EVP_MD_CTX *nrm_evp_signature(void); /* reset: ready for EVP_DigestSignInit or VerifyInit */

/* A thread's cipher context of one direction, and the key whose schedule it holds. */
struct nrm_evp_cipher {
	EVP_CIPHER_CTX *ctx; /* initialised with AES-256-GCM */
	bool keyed;
	uint8_t key[NRM_KEY_LEN];
};
struct nrm_evp_cipher *nrm_evp_cipher(bool seal); /* NULL without memory */

#endif
