/* SHA-256 and what is built on it: HMAC (RFC 2104) and HKDF (RFC 5869). */
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/compose.h"
#include "proto/crypto/crypto.h"
#include "proto/crypto/evp.h"

#define BLOCK_LEN 64 /* of SHA-256, FIPS 180-4 section 1 */

static EVP_MD_CTX *hash_begin(void)
{
	EVP_MD_CTX *ctx = nrm_evp_hash();

	if (!ctx || EVP_DigestInit_ex2(ctx, NULL, NULL) != 1)
		abort();
	return ctx;
}

static void hash_add(EVP_MD_CTX *ctx, const struct nrm_slice *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i].len > 0 && EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) != 1)
			abort();
}

static void hash_end(EVP_MD_CTX *ctx, uint8_t out[static NRM_HASH_LEN])
{
	if (EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		abort();
}

void nrm_sha256(const struct nrm_slice *parts, size_t n, uint8_t out[static NRM_HASH_LEN])
{
	EVP_MD_CTX *ctx = hash_begin();

	hash_add(ctx, parts, n);
	hash_end(ctx, out);
}

void nrm_sha256_one(struct nrm_slice bytes, uint8_t out[static NRM_HASH_LEN])
{
	nrm_sha256(&bytes, 1, out);
}

void nrm_hmac(struct nrm_slice key, const struct nrm_slice *parts, size_t n,
	      uint8_t out[static NRM_HASH_LEN])
{
	uint8_t pad[BLOCK_LEN] = {0};
	uint8_t inner[NRM_HASH_LEN];
	struct nrm_slice block = nrm_slice(pad, sizeof(pad));

	if (key.len > sizeof(pad))
		nrm_sha256_one(key, pad);
	else if (key.len > 0)
		memcpy(pad, key.data, key.len);

	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	EVP_MD_CTX *ctx = hash_begin();
	hash_add(ctx, &block, 1);
	hash_add(ctx, parts, n);
	hash_end(ctx, inner);

	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	nrm_sha256((struct nrm_slice[]){block, nrm_slice(inner, sizeof(inner))}, 2, out);
	nrm_wipe(pad, sizeof(pad));
	nrm_wipe(inner, sizeof(inner));
}

void nrm_hkdf_extract(struct nrm_slice salt, struct nrm_slice ikm, uint8_t prk[static NRM_HASH_LEN])
{
	nrm_hmac(salt, &ikm, 1, prk);
}

enum nrm_err nrm_hkdf_expand_parts(const uint8_t prk[static NRM_HASH_LEN],
				   const struct nrm_slice *info, size_t n, uint8_t *out, size_t len)
{
	struct nrm_slice parts[1 + NRM_HKDF_PARTS + 1] = {{0}}; /* T(i - 1), info, i */
	uint8_t t[NRM_HASH_LEN], i = 0;

	if (len > 255 * NRM_HASH_LEN || n > NRM_HKDF_PARTS)
		return NRM_ERR_ARGUMENT;
	for (size_t k = 0; k < n; k++)
		parts[1 + k] = info[k];
	parts[1 + n] = nrm_slice(&i, 1);
	for (size_t done = 0, step; done < len; done += step) {
		i++;
		nrm_hmac(nrm_slice(prk, NRM_HASH_LEN), parts, n + 2, t);
		parts[0] = nrm_slice(t, sizeof(t));
		step = len - done < sizeof(t) ? len - done : sizeof(t);
		memcpy(out + done, t, step);
	}
	nrm_wipe(t, sizeof(t));
	return NRM_OK;
}

enum nrm_err nrm_hkdf_expand(const uint8_t prk[static NRM_HASH_LEN], struct nrm_slice info,
			     uint8_t *out, size_t len)
{
	return nrm_hkdf_expand_parts(prk, &info, 1, out, len);
}
