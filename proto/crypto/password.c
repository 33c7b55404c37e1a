#include "proto/crypto/password.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define LOG2_N	    15u
#define R	    8u
#define P	    1u
#define MOST_MEMORY (64ull * 1024 * 1024)
#define MOST_TIMES  16u

bool nrm_scrypt_costs_ok(uint32_t log2_n, uint32_t r, uint32_t p)
{
	return log2_n >= 1 && log2_n <= 20 && r >= 1 && r <= 64 && p >= 1 && p <= MOST_TIMES &&
	       128ull * r << log2_n <= MOST_MEMORY;
}

enum nrm_err nrm_scrypt(struct nrm_slice text, struct nrm_slice salt, uint32_t log2_n, uint32_t r,
			uint32_t p, uint8_t *out, size_t len)
{
	if (!nrm_scrypt_costs_ok(log2_n, r, p))
		return NRM_ERR_LIMIT;
	uint64_t n = 1ull << log2_n, memory = 2 * MOST_MEMORY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)text.data,
						  text.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.data, salt.len),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_SCRYPT, NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	const bool done = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return done ? NRM_OK : NRM_ERR_CRYPTO;
}

enum nrm_err nrm_password_make(struct nrm_slice text, struct nrm_password *ret_password)
{
	struct nrm_password made = {.log2_n = LOG2_N, .r = R, .p = P};

	nrm_random(made.salt, sizeof(made.salt));
	enum nrm_err err = nrm_scrypt(text, nrm_slice(made.salt, sizeof(made.salt)), LOG2_N, R, P,
				      made.hash, sizeof(made.hash));
	if (err == NRM_OK)
		*ret_password = made;
	nrm_wipe(&made, sizeof(made));
	return err;
}

enum nrm_err nrm_password_check(const struct nrm_password *password, struct nrm_slice text)
{
	uint8_t hash[NRM_HASH_LEN];
	enum nrm_err err = nrm_scrypt(text, nrm_slice(password->salt, sizeof(password->salt)),
				      password->log2_n, password->r, password->p, hash,
				      sizeof(hash));

	if (err == NRM_OK && !nrm_equal_secret(hash, password->hash, sizeof(hash)))
		err = NRM_ERR_OPEN;
	nrm_wipe(hash, sizeof(hash));
	return err;
}
