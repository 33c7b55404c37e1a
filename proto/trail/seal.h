/*
 * Case tags and view digests (protocol.md, "Trail"): what ties a leaf to a case for who holds the
 * case key, and to a view for who holds its salt, and to nothing for anyone else.
 */
#ifndef NRM_TRAIL_SEAL_H
#define NRM_TRAIL_SEAL_H

#include "proto/crypto/crypto.h"

#define NRM_SALT_LEN 32

/* HMAC-SHA256(case key, "nrm/v1/tag" 0x00 u64(leaf index)). */
void nrm_case_tag(const uint8_t case_key[static NRM_KEY_LEN], uint64_t leaf,
		  uint8_t out[static NRM_HASH_LEN]);

/* SHA-256("nrm/v1/view" 0x00 salt view). */
void nrm_view_digest(const uint8_t salt[static NRM_SALT_LEN], struct nrm_slice view,
		     uint8_t out[static NRM_HASH_LEN]);

#endif
