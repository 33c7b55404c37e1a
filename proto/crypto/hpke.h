/*
 * HPKE (RFC 9180), base mode, one suite: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001,
 * AES-256-GCM 0x0002. The protocol uses its export interface; seal and open with a sequence number
 * are here so that the published vectors can hold it (section 5.2).
 */
#ifndef NRM_CRYPTO_HPKE_H
#define NRM_CRYPTO_HPKE_H

#include "proto/crypto/crypto.h"

struct nrm_hpke {
	uint8_t key[NRM_KEY_LEN];
	uint8_t base_nonce[NRM_AEAD_NONCE_LEN];
	uint8_t exporter_secret[NRM_HASH_LEN];
};

/*
 * SetupBaseS (section 5.1.1) towards `recipient` (32 bytes). Writes the encapsulated key to send along.
 * `ephemeral` is the 32-byte secret to use, for tests; NULL draws a fresh one, as every real sender must.
 * NRM_ERR_KEY for a recipient key whose shared secret is all zero. Wipe the context with nrm_hpke_done().
 */
enum nrm_err nrm_hpke_sender(struct nrm_hpke *ctx, const uint8_t recipient[static NRM_KEY_LEN],
			     struct nrm_slice info, const uint8_t *ephemeral,
			     uint8_t encapsulated[static NRM_KEY_LEN]) NRM_MUST_USE;

/* SetupBaseR (section 5.1.1) with the recipient's secret. Errors as above. */
enum nrm_err nrm_hpke_recipient(struct nrm_hpke *ctx, const uint8_t secret[static NRM_KEY_LEN],
				const uint8_t encapsulated[static NRM_KEY_LEN],
				struct nrm_slice info) NRM_MUST_USE;

/* Context.Export (section 5.3). */
enum nrm_err nrm_hpke_export(const struct nrm_hpke *ctx, struct nrm_slice exporter_context,
			     uint8_t *out, size_t len) NRM_MUST_USE;

/* ContextS.Seal and ContextR.Open (section 5.2) at a sequence number that the caller keeps. */
enum nrm_err nrm_hpke_seal(const struct nrm_hpke *ctx, uint64_t sequence, struct nrm_slice aad,
			   struct nrm_slice plaintext, uint8_t *out) NRM_MUST_USE;
enum nrm_err nrm_hpke_open(const struct nrm_hpke *ctx, uint64_t sequence, struct nrm_slice aad,
			   struct nrm_slice ciphertext, uint8_t *out) NRM_MUST_USE;

/* Wipes the context's secrets. */
void nrm_hpke_done(struct nrm_hpke *ctx);

#endif
