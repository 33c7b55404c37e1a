/*
 * Two primitives in the form in which HPKE composes them, without copying or computing twice.
 * Internal to proto/crypto.
 */
#ifndef NRM_CRYPTO_COMPOSE_H
#define NRM_CRYPTO_COMPOSE_H

#include "proto/crypto/crypto.h"

/* nrm_hkdf_expand() whose info is the concatenation of `n` ≤ NRM_HKDF_PARTS slices. */
#define NRM_HKDF_PARTS 5
enum nrm_err nrm_hkdf_expand_parts(const uint8_t prk[static NRM_HASH_LEN],
				   const struct nrm_slice *info, size_t n, uint8_t *out,
				   size_t len) NRM_MUST_USE;

/* nrm_x25519() and nrm_x25519_public() of the same secret in one. */
enum nrm_err nrm_x25519_both(const uint8_t secret[static NRM_KEY_LEN],
			     const uint8_t peer[static NRM_KEY_LEN],
			     uint8_t shared[static NRM_KEY_LEN],
			     uint8_t public_key[static NRM_KEY_LEN]) NRM_MUST_USE;

#endif
