/* AES-256-GCM (SP 800-38D) on the thread's two cipher contexts. */
#include <limits.h>

#include "proto/crypto/crypto.h"
#include "proto/crypto/evp.h"

enum direction { OPEN = 0, SEAL = 1 };

/*
 * Keys the thread's context for sealing or opening and takes in the additional data. Rows of one case are sealed one
 * after the other, so a key that is the last one again keeps its schedule. The last key and its schedule stay until the
 * next key or nrm_crypto_thread_done(): to reset the context after each field would cost more than to seal it.
 */
static EVP_CIPHER_CTX *cipher_begin(enum direction direction, const uint8_t key[static NRM_KEY_LEN],
				    const uint8_t nonce[static NRM_AEAD_NONCE_LEN],
				    struct nrm_slice aad)
{
	struct nrm_evp_cipher *cipher = nrm_evp_cipher(direction == SEAL);
	int n;

	if (!cipher)
		return NULL;
	bool same = cipher->keyed && nrm_equal_secret(cipher->key, key, NRM_KEY_LEN);
	cipher->keyed = false;
	if (EVP_CipherInit_ex2(cipher->ctx, NULL, same ? NULL : key, nonce, direction, NULL) != 1)
		return NULL;
	if (!same)
		memcpy(cipher->key, key, NRM_KEY_LEN);
	cipher->keyed = true;
	if (aad.len > 0 && EVP_CipherUpdate(cipher->ctx, NULL, &n, aad.data, (int)aad.len) != 1)
		return NULL;
	return cipher->ctx;
}

enum nrm_err nrm_aead_seal(const uint8_t key[static NRM_KEY_LEN],
			   const uint8_t nonce[static NRM_AEAD_NONCE_LEN], struct nrm_slice aad,
			   struct nrm_slice plaintext, uint8_t *out)
{
	uint8_t *tag = out + plaintext.len;
	int n;

	if (aad.len > INT_MAX || plaintext.len > INT_MAX)
		return NRM_ERR_ARGUMENT;
	EVP_CIPHER_CTX *ctx = cipher_begin(SEAL, key, nonce, aad);
	if (!ctx)
		return NRM_ERR_CRYPTO;
	if (plaintext.len > 0 &&
	    EVP_CipherUpdate(ctx, out, &n, plaintext.data, (int)plaintext.len) != 1)
		return NRM_ERR_CRYPTO;
	if (EVP_CipherFinal_ex(ctx, tag, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, NRM_AEAD_TAG_LEN, tag) != 1)
		return NRM_ERR_CRYPTO;
	return NRM_OK;
}

enum nrm_err nrm_aead_open(const uint8_t key[static NRM_KEY_LEN],
			   const uint8_t nonce[static NRM_AEAD_NONCE_LEN], struct nrm_slice aad,
			   struct nrm_slice ciphertext, uint8_t *out)
{
	uint8_t tag[NRM_AEAD_TAG_LEN], none[1];
	enum nrm_err err = NRM_ERR_CRYPTO;
	int n;

	if (aad.len > INT_MAX || ciphertext.len > INT_MAX)
		return NRM_ERR_ARGUMENT;
	if (ciphertext.len < sizeof(tag))
		return NRM_ERR_OPEN;
	size_t len = ciphertext.len - sizeof(tag);
	memcpy(tag, ciphertext.data + len, sizeof(tag));

	EVP_CIPHER_CTX *ctx = cipher_begin(OPEN, key, nonce, aad);
	if (!ctx || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
		goto out;
	if (len > 0 && EVP_CipherUpdate(ctx, out, &n, ciphertext.data, (int)len) != 1)
		goto out;
	err = EVP_CipherFinal_ex(ctx, none, &n) == 1 ? NRM_OK : NRM_ERR_OPEN;
out:
	if (err != NRM_OK)
		nrm_wipe(out, len);
	return err;
}
