/*
 * What is signed in the protocol, and under which domain string (protocol.md): batches of statements
 * and of acks under one tree, documents of the authority, possession of a key.
 */
#ifndef NRM_CRYPTO_SIGN_H
#define NRM_CRYPTO_SIGN_H

#include "proto/crypto/crypto.h"

#define NRM_DOMAIN_STATEMENTS "nrm/v1/statements"
#define NRM_DOMAIN_ACKS	      "nrm/v1/acks"
#define NRM_DOMAIN_DIRECTORY  "nrm/v1/directory"
#define NRM_DOMAIN_POLICY     "nrm/v1/policy"
#define NRM_DOMAIN_ALARM      "nrm/v1/alarm"
#define NRM_DOMAIN_AGGREGATE  "nrm/v1/aggregate"

/* Signs and verifies Ed25519 over domain 0x00 u32(size) root. NRM_ERR_SIGNATURE when it does not verify, NRM_ERR_LIMIT unless 1 ≤ size ≤ 256. */
enum nrm_err nrm_batch_sign(const struct nrm_signing_key *key, const char *domain, uint32_t size,
			    const uint8_t root[static NRM_HASH_LEN],
			    uint8_t signature[static NRM_SIGNATURE_LEN]) NRM_MUST_USE;
enum nrm_err nrm_batch_verify(const struct nrm_verifying_key *key, const char *domain,
			      uint32_t size, const uint8_t root[static NRM_HASH_LEN],
			      struct nrm_slice signature) NRM_MUST_USE;

/* Signs and verifies domain 0x00 document; the digest is SHA-256 of the same bytes, domain included. */
enum nrm_err nrm_document_sign(const struct nrm_signing_key *key, const char *domain,
			       struct nrm_slice document,
			       uint8_t signature[static NRM_SIGNATURE_LEN]) NRM_MUST_USE;
enum nrm_err nrm_document_verify(const struct nrm_verifying_key *key, const char *domain,
				 struct nrm_slice document,
				 struct nrm_slice signature) NRM_MUST_USE;
void nrm_document_digest(const char *domain, struct nrm_slice document,
			 uint8_t out[static NRM_HASH_LEN]);

/* "nrm/v1/possession" 0x00 u8(len) id u8(kind) key, signed and verified. `kind` as enum nrm_key_kind. NRM_ERR_ID unless the id has 1-63 bytes. */
enum nrm_err nrm_possession_sign(const struct nrm_signing_key *signer, struct nrm_slice id,
				 uint8_t kind, const uint8_t key[static NRM_KEY_LEN],
				 uint8_t signature[static NRM_SIGNATURE_LEN]) NRM_MUST_USE;
enum nrm_err nrm_possession_verify(const struct nrm_verifying_key *signer, struct nrm_slice id,
				   uint8_t kind, const uint8_t key[static NRM_KEY_LEN],
				   struct nrm_slice signature) NRM_MUST_USE;

#endif
