/* X25519 (RFC 7748). */
#include <string.h>

#include "proto/crypto/compose.h"
#include "proto/crypto/crypto.h"
#include "proto/crypto/evp.h"

/* OpenSSL computes the public key as it takes in the secret one, so asking for it is free. */
static EVP_PKEY *secret_load(const uint8_t secret[static NRM_KEY_LEN],
			     uint8_t public_key[static NRM_KEY_LEN])
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, NRM_KEY_LEN);
	size_t len = NRM_KEY_LEN;

	if (pkey && EVP_PKEY_get_raw_public_key(pkey, public_key, &len) == 1)
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

enum nrm_err nrm_x25519_public(const uint8_t secret[static NRM_KEY_LEN],
			       uint8_t public_key[static NRM_KEY_LEN])
{
	EVP_PKEY *pkey = secret_load(secret, public_key);

	if (!pkey)
		return NRM_ERR_CRYPTO;
	EVP_PKEY_free(pkey);
	return NRM_OK;
}

enum nrm_err nrm_x25519_both(const uint8_t secret[static NRM_KEY_LEN],
			     const uint8_t peer[static NRM_KEY_LEN],
			     uint8_t shared[static NRM_KEY_LEN],
			     uint8_t public_key[static NRM_KEY_LEN])
{
	static const uint8_t zero[NRM_KEY_LEN];
	uint8_t own[NRM_KEY_LEN], made[NRM_KEY_LEN] = {0};
	size_t len = sizeof(made);
	enum nrm_err err = NRM_ERR_CRYPTO;
	EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, NRM_KEY_LEN);
	EVP_PKEY *ours = secret_load(secret, own);
	EVP_PKEY_CTX *ctx = ours ? EVP_PKEY_CTX_new(ours, NULL) : NULL;

	if (!theirs || !ctx || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer_ex(ctx, theirs, 0) != 1)
		goto out;
	/* OpenSSL fails at an all-zero result, too; it is not left to it alone. */
	err = NRM_ERR_KEY;
	if (EVP_PKEY_derive(ctx, made, &len) != 1 || nrm_equal_secret(made, zero, sizeof(zero)))
		goto out;
	memcpy(shared, made, sizeof(made));
	memcpy(public_key, own, sizeof(own));
	err = NRM_OK;
out:
	nrm_wipe(made, sizeof(made));
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(ours);
	EVP_PKEY_free(theirs);
	return err;
}

enum nrm_err nrm_x25519(const uint8_t secret[static NRM_KEY_LEN],
			const uint8_t peer[static NRM_KEY_LEN], uint8_t shared[static NRM_KEY_LEN])
{
	uint8_t public_key[NRM_KEY_LEN];

	return nrm_x25519_both(secret, peer, shared, public_key);
}
