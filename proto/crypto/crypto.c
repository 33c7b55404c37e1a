/* Set-up for the process and for each thread, and what concerns memory and randomness. */
#include "proto/crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>

#include "proto/crypto/evp.h"

struct nrm_evp nrm_evp;

static _Thread_local struct {
	EVP_MD_CTX *hash;
	EVP_MD_CTX *signature;
	struct nrm_evp_cipher cipher[2]; /* to open, to seal */
} mine;

enum nrm_err nrm_crypto_init(void)
{
	if (!nrm_evp.sha256)
		nrm_evp.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!nrm_evp.aes_256_gcm)
		nrm_evp.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	return nrm_evp.sha256 && nrm_evp.aes_256_gcm ? NRM_OK : NRM_ERR_CRYPTO;
}

void nrm_crypto_thread_done(void)
{
	EVP_MD_CTX_free(mine.hash);
	EVP_MD_CTX_free(mine.signature);
	EVP_CIPHER_CTX_free(mine.cipher[false].ctx);
	EVP_CIPHER_CTX_free(mine.cipher[true].ctx);
	nrm_wipe(&mine, sizeof(mine));
}

/* Naming the algorithm costs more than hashing a few bytes: it is done once, here. */
EVP_MD_CTX *nrm_evp_hash(void)
{
	if (mine.hash)
		return mine.hash;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestInit_ex2(ctx, nrm_evp.sha256, NULL) != 1) {
		EVP_MD_CTX_free(ctx);
		return NULL;
	}
	mine.hash = ctx;
	return ctx;
}

/*
 * A context that has served one key goes on using that key when it is given another (OpenSSL 3.0),
 * so it is reset each time: what is saved is only its memory.
 */
EVP_MD_CTX *nrm_evp_signature(void)
{
	if (!mine.signature)
		mine.signature = EVP_MD_CTX_new();
	else
		EVP_MD_CTX_reset(mine.signature);
	return mine.signature;
}

struct nrm_evp_cipher *nrm_evp_cipher(bool seal)
{
	struct nrm_evp_cipher *cipher = &mine.cipher[seal];

	if (cipher->ctx)
		return cipher;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	if (!ctx || EVP_CipherInit_ex2(ctx, nrm_evp.aes_256_gcm, NULL, NULL, seal, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		return NULL;
	}
	cipher->ctx = ctx;
	return cipher;
}

void nrm_random(void *out, size_t len)
{
	uint8_t *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);
		if (n < 0 && errno != EINTR)
			abort();
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

void nrm_wipe(void *bytes, size_t len)
{
	if (len > 0)
		explicit_bzero(bytes, len);
}

bool nrm_equal_secret(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
