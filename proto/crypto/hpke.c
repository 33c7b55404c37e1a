#include "proto/crypto/hpke.h"

#include <string.h>

#include "proto/base/buf.h"
#include "proto/crypto/compose.h"

/* The suite's two identifiers (RFC 9180 sections 4.1 and 5.1), each behind the version label. */
static const uint8_t KEM_LABEL[] = "HPKE-v1KEM\x00\x20";
static const uint8_t SUITE_LABEL[] = "HPKE-v1HPKE\x00\x20\x00\x01\x00\x02";
#define KEM   nrm_slice(KEM_LABEL, sizeof(KEM_LABEL) - 1)
#define SUITE nrm_slice(SUITE_LABEL, sizeof(SUITE_LABEL) - 1)

#define NONE	  nrm_slice(NULL, 0)
#define MODE_BASE 0x00

/* LabeledExtract (section 4). */
static void labeled_extract(struct nrm_slice suite, struct nrm_slice salt, const char *label,
			    struct nrm_slice ikm, uint8_t prk[static NRM_HASH_LEN])
{
	nrm_hmac(salt, (struct nrm_slice[]){suite, nrm_slice_str(label), ikm}, 3, prk);
}

/* LabeledExpand (section 4). */
static enum nrm_err labeled_expand(struct nrm_slice suite, const uint8_t prk[static NRM_HASH_LEN],
				   const char *label, struct nrm_slice info, uint8_t *out,
				   size_t len)
{
	uint8_t width[2];

	if (len > UINT16_MAX)
		return NRM_ERR_ARGUMENT;
	nrm_store_u16(width, (uint16_t)len);
	struct nrm_slice parts[] = {nrm_slice(width, sizeof(width)), suite, nrm_slice_str(label),
				    info};
	return nrm_hkdf_expand_parts(prk, parts, sizeof(parts) / sizeof(parts[0]), out, len);
}

/* ExtractAndExpand (section 4.1): the KEM's shared secret of a Diffie-Hellman result. */
static enum nrm_err kem_secret(const uint8_t dh[static NRM_KEY_LEN],
			       const uint8_t encapsulated[static NRM_KEY_LEN],
			       const uint8_t recipient[static NRM_KEY_LEN],
			       uint8_t shared[static NRM_HASH_LEN])
{
	uint8_t prk[NRM_HASH_LEN], context[2 * NRM_KEY_LEN];

	memcpy(context, encapsulated, NRM_KEY_LEN);
	memcpy(context + NRM_KEY_LEN, recipient, NRM_KEY_LEN);
	labeled_extract(KEM, NONE, "eae_prk", nrm_slice(dh, NRM_KEY_LEN), prk);
	enum nrm_err err = labeled_expand(KEM, prk, "shared_secret",
					  nrm_slice(context, sizeof(context)), shared,
					  NRM_HASH_LEN);
	nrm_wipe(prk, sizeof(prk));
	return err;
}

/* KeySchedule (section 5.1) of base mode: no pre-shared key. */
static enum nrm_err key_schedule(const uint8_t shared[static NRM_HASH_LEN], struct nrm_slice info,
				 struct nrm_hpke *ctx)
{
	uint8_t secret[NRM_HASH_LEN], schedule[1 + 2 * NRM_HASH_LEN] = {MODE_BASE};
	struct nrm_slice context = nrm_slice(schedule, sizeof(schedule));
	enum nrm_err err;

	labeled_extract(SUITE, NONE, "psk_id_hash", NONE, schedule + 1);
	labeled_extract(SUITE, NONE, "info_hash", info, schedule + 1 + NRM_HASH_LEN);
	labeled_extract(SUITE, nrm_slice(shared, NRM_HASH_LEN), "secret", NONE, secret);
	if ((err = labeled_expand(SUITE, secret, "key", context, ctx->key, sizeof(ctx->key))) ||
	    (err = labeled_expand(SUITE, secret, "base_nonce", context, ctx->base_nonce,
				  sizeof(ctx->base_nonce))))
		goto out;
	err = labeled_expand(SUITE, secret, "exp", context, ctx->exporter_secret,
			     sizeof(ctx->exporter_secret));
out:
	nrm_wipe(secret, sizeof(secret));
	return err;
}

/* Both roles from the Diffie-Hellman result on; wipes it. */
static enum nrm_err setup(struct nrm_hpke *ctx, uint8_t dh[static NRM_KEY_LEN],
			  const uint8_t encapsulated[static NRM_KEY_LEN],
			  const uint8_t recipient[static NRM_KEY_LEN], struct nrm_slice info)
{
	uint8_t shared[NRM_HASH_LEN];
	struct nrm_hpke made;

	enum nrm_err err = kem_secret(dh, encapsulated, recipient, shared);
	if (err == NRM_OK)
		err = key_schedule(shared, info, &made);
	if (err == NRM_OK)
		*ctx = made;
	nrm_wipe(dh, NRM_KEY_LEN);
	nrm_wipe(shared, sizeof(shared));
	nrm_hpke_done(&made);
	return err;
}

enum nrm_err nrm_hpke_sender(struct nrm_hpke *ctx, const uint8_t recipient[static NRM_KEY_LEN],
			     struct nrm_slice info, const uint8_t *ephemeral,
			     uint8_t encapsulated[static NRM_KEY_LEN])
{
	uint8_t secret[NRM_KEY_LEN], dh[NRM_KEY_LEN], public_key[NRM_KEY_LEN];

	if (ephemeral)
		memcpy(secret, ephemeral, sizeof(secret));
	else
		nrm_random(secret, sizeof(secret));
	enum nrm_err err = nrm_x25519_both(secret, recipient, dh, public_key);
	nrm_wipe(secret, sizeof(secret));
	if (err == NRM_OK)
		err = setup(ctx, dh, public_key, recipient, info);
	if (err == NRM_OK)
		memcpy(encapsulated, public_key, sizeof(public_key));
	return err;
}

enum nrm_err nrm_hpke_recipient(struct nrm_hpke *ctx, const uint8_t secret[static NRM_KEY_LEN],
				const uint8_t encapsulated[static NRM_KEY_LEN],
				struct nrm_slice info)
{
	uint8_t dh[NRM_KEY_LEN], public_key[NRM_KEY_LEN];
	enum nrm_err err = nrm_x25519_both(secret, encapsulated, dh, public_key);

	return err == NRM_OK ? setup(ctx, dh, encapsulated, public_key, info) : err;
}

enum nrm_err nrm_hpke_export(const struct nrm_hpke *ctx, struct nrm_slice exporter_context,
			     uint8_t *out, size_t len)
{
	return labeled_expand(SUITE, ctx->exporter_secret, "sec", exporter_context, out, len);
}

/* ComputeNonce (section 5.2). */
static void nonce_at(const struct nrm_hpke *ctx, uint64_t sequence,
		     uint8_t nonce[static NRM_AEAD_NONCE_LEN])
{
	uint8_t number[NRM_AEAD_NONCE_LEN] = {0};

	nrm_store_u64(number + NRM_AEAD_NONCE_LEN - 8, sequence);
	for (size_t i = 0; i < NRM_AEAD_NONCE_LEN; i++)
		nonce[i] = ctx->base_nonce[i] ^ number[i];
}

enum nrm_err nrm_hpke_seal(const struct nrm_hpke *ctx, uint64_t sequence, struct nrm_slice aad,
			   struct nrm_slice plaintext, uint8_t *out)
{
	uint8_t nonce[NRM_AEAD_NONCE_LEN];

	nonce_at(ctx, sequence, nonce);
	return nrm_aead_seal(ctx->key, nonce, aad, plaintext, out);
}

enum nrm_err nrm_hpke_open(const struct nrm_hpke *ctx, uint64_t sequence, struct nrm_slice aad,
			   struct nrm_slice ciphertext, uint8_t *out)
{
	uint8_t nonce[NRM_AEAD_NONCE_LEN];

	nonce_at(ctx, sequence, nonce);
	return nrm_aead_open(ctx->key, nonce, aad, ciphertext, out);
}

void nrm_hpke_done(struct nrm_hpke *ctx)
{
	nrm_wipe(ctx, sizeof(*ctx));
}
