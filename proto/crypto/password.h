/*
 * What is kept of a password: scrypt (RFC 7914) of it, with its salt and costs.
 */
#ifndef NRM_CRYPTO_PASSWORD_H
#define NRM_CRYPTO_PASSWORD_H

#include "proto/crypto/crypto.h"

#define NRM_PASSWORD_SALT_LEN 16

struct nrm_password {
	uint32_t log2_n, r, p; /* costs: 128 * r * 2^log2_n bytes of memory, p times over */
	uint8_t salt[NRM_PASSWORD_SALT_LEN];
	uint8_t hash[NRM_HASH_LEN];
};

/* Fills it with a fresh salt and today's costs (32 MiB, some 0.1 s). NRM_ERR_CRYPTO. */
enum nrm_err nrm_password_make(struct nrm_slice text,
			       struct nrm_password *ret_password) NRM_MUST_USE;
/*
 * Whether `text` is the password; the comparison takes as long whatever differs. NRM_ERR_OPEN when it is not, NRM_ERR_LIMIT for costs
 * over 64 MiB or 16 times over, NRM_ERR_CRYPTO.
 */
enum nrm_err nrm_password_check(const struct nrm_password *password,
				struct nrm_slice text) NRM_MUST_USE;
/* Whether costs are within those limits. */
bool nrm_scrypt_costs_ok(uint32_t log2_n, uint32_t r, uint32_t p);
/* scrypt itself, to `len` bytes. Errors as above. */
enum nrm_err nrm_scrypt(struct nrm_slice text, struct nrm_slice salt, uint32_t log2_n, uint32_t r,
			uint32_t p, uint8_t *out, size_t len) NRM_MUST_USE;

#endif
