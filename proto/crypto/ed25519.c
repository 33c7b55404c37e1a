/* Ed25519 (RFC 8032), and which public keys are acceptable. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>

#include "proto/crypto/crypto.h"
#include "proto/crypto/evp.h"

struct nrm_signing_key {
	EVP_PKEY *pkey;
	uint8_t public_key[NRM_KEY_LEN];
};

/* Read-only once made, so that threads may share it; each verifies in its own context. */
struct nrm_verifying_key {
	EVP_PKEY *pkey;
};

enum nrm_err nrm_signing_key_new(const uint8_t seed[static NRM_KEY_LEN],
				 struct nrm_signing_key **ret_key)
{
	struct nrm_signing_key *key = calloc(1, sizeof(*key));
	size_t len = NRM_KEY_LEN;

	if (!key)
		return NRM_ERR_NOMEM;
	key->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NRM_KEY_LEN);
	if (!key->pkey || EVP_PKEY_get_raw_public_key(key->pkey, key->public_key, &len) != 1) {
		nrm_signing_key_free(key);
		return NRM_ERR_CRYPTO;
	}
	*ret_key = key;
	return NRM_OK;
}

void nrm_signing_key_free(struct nrm_signing_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

void nrm_signing_key_public(const struct nrm_signing_key *key, uint8_t out[static NRM_KEY_LEN])
{
	memcpy(out, key->public_key, NRM_KEY_LEN);
}

enum nrm_err nrm_sign(const struct nrm_signing_key *key, struct nrm_slice message,
		      uint8_t signature[static NRM_SIGNATURE_LEN])
{
	EVP_MD_CTX *ctx = nrm_evp_signature();
	uint8_t made[NRM_SIGNATURE_LEN];
	size_t len = sizeof(made);

	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) != 1 ||
	    EVP_DigestSign(ctx, made, &len, message.data, message.len) != 1)
		return NRM_ERR_CRYPTO;
	memcpy(signature, made, sizeof(made));
	return NRM_OK;
}

bool nrm_ed25519_small_order(const uint8_t public_key[static NRM_KEY_LEN])
{
	/* y of the points of order 1, 2, 4 and 8, once as y and, where that fits 255 bits, as y + p. */
	static const uint8_t small[7][NRM_KEY_LEN] = {
		{0},
		{1},
		{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		{0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		{0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
		 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
		 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
		{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
		 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
		 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
	};
	uint8_t y[NRM_KEY_LEN];

	memcpy(y, public_key, sizeof(y));
	y[NRM_KEY_LEN - 1] &= 0x7f; /* the sign of x */
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		if (memcmp(y, small[i], sizeof(y)) == 0)
			return true;
	return false;
}

/*
 * Whether the encoded y is below p = 2^255 - 19 and belongs to a point (RFC 8032 section 5.1.3), which
 * OpenSSL does not tell. x^2 = (y^2 - 1) / (d y^2 + 1) must be a square; with d = -121665/121666, and
 * since a/b is a square when ab is one, that is when (y^2 - 1) (121666 - 121665 y^2) 121666 is.
 */
static enum nrm_err point_check(const uint8_t public_key[static NRM_KEY_LEN])
{
	enum nrm_err err = NRM_ERR_CRYPTO;
	uint8_t bytes[NRM_KEY_LEN];
	BN_CTX *ctx = BN_CTX_new();

	if (!ctx)
		return NRM_ERR_NOMEM;
	BN_CTX_start(ctx);
	BIGNUM *p = BN_CTX_get(ctx), *y = BN_CTX_get(ctx);
	BIGNUM *u = BN_CTX_get(ctx), *v = BN_CTX_get(ctx);

	memcpy(bytes, public_key, sizeof(bytes));
	bytes[NRM_KEY_LEN - 1] &= 0x7f;
	if (!v || !BN_set_bit(p, 255) || !BN_sub_word(p, 19) ||
	    !BN_lebin2bn(bytes, sizeof(bytes), y))
		goto out;
	if (BN_cmp(y, p) >= 0) {
		err = NRM_ERR_KEY;
		goto out;
	}
	if (!BN_mod_sqr(u, y, p, ctx) || !BN_copy(v, u) || !BN_sub_word(u, 1) ||
	    !BN_mul_word(v, 121665) || !BN_sub_word(v, 121666) || !BN_mul_word(v, 121666))
		goto out;
	BN_set_negative(v, !BN_is_negative(v));
	if (!BN_mod_mul(u, u, v, p, ctx))
		goto out;
	int square = BN_kronecker(u, p, ctx); /* 1 yes, 0 zero, -1 no, -2 failed */
	if (square >= -1)
		err = square >= 0 ? NRM_OK : NRM_ERR_KEY;
out:
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return err;
}

enum nrm_err nrm_verifying_key_new(const uint8_t public_key[static NRM_KEY_LEN],
				   struct nrm_verifying_key **ret_key)
{
	if (nrm_ed25519_small_order(public_key))
		return NRM_ERR_KEY;
	enum nrm_err err = point_check(public_key);
	if (err != NRM_OK)
		return err;
	struct nrm_verifying_key *key = calloc(1, sizeof(*key));
	if (!key)
		return NRM_ERR_NOMEM;
	key->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, NRM_KEY_LEN);
	if (!key->pkey) {
		free(key);
		return NRM_ERR_CRYPTO;
	}
	*ret_key = key;
	return NRM_OK;
}

void nrm_verifying_key_free(struct nrm_verifying_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

enum nrm_err nrm_verify(const struct nrm_verifying_key *key, struct nrm_slice message,
			struct nrm_slice signature)
{
	if (signature.len != NRM_SIGNATURE_LEN)
		return NRM_ERR_SIGNATURE;
	EVP_MD_CTX *ctx = nrm_evp_signature();
	if (!ctx || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) != 1)
		return NRM_ERR_CRYPTO;
	if (EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len) != 1)
		return NRM_ERR_SIGNATURE;
	return NRM_OK;
}
