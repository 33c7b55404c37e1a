/*
 * The primitives, over OpenSSL EVP: SHA-256 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869), Ed25519
 * (RFC 8032), X25519 (RFC 7748), AES-256-GCM (SP 800-38D), random bytes. The only place, with hpke.h
 * and keyfile.h, that includes OpenSSL.
 *
 * Algorithms are fetched once for the process and contexts are reused per thread, so that a hash
 * of a few bytes costs a fraction of a microsecond. All functions may be called from any thread.
 */
#ifndef NRM_CRYPTO_CRYPTO_H
#define NRM_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"
#include "proto/base/slice.h"

#define NRM_HASH_LEN	   32
#define NRM_KEY_LEN	   32
#define NRM_SIGNATURE_LEN  64
#define NRM_AEAD_NONCE_LEN 12
#define NRM_AEAD_TAG_LEN   16

/* Fetches the algorithms. Call once before threads start; NRM_ERR_CRYPTO when OpenSSL lacks one. */
enum nrm_err nrm_crypto_init(void) NRM_MUST_USE;

/* Frees this thread's contexts: call at the end of a thread that used crypto. */
void nrm_crypto_thread_done(void);

/* Fills `out` from getrandom(2); aborts the program if the kernel cannot (there is no safe way on). */
void nrm_random(void *out, size_t len);

/* Overwrites memory in a way the compiler keeps. */
void nrm_wipe(void *bytes, size_t len);

/* Whether two byte strings of the same length are equal, in time that does not depend on them. */
bool nrm_equal_secret(const void *a, const void *b, size_t len);

/*
 * SHA-256 of the concatenation of `n` slices. Aborts the program if OpenSSL fails at it: after
 * nrm_crypto_init() that is only possible without memory, and no caller could go on.
 */
void nrm_sha256(const struct nrm_slice *parts, size_t n, uint8_t out[static NRM_HASH_LEN]);

/* SHA-256 of a single slice. */
void nrm_sha256_one(struct nrm_slice bytes, uint8_t out[static NRM_HASH_LEN]);

/* HMAC-SHA256 over the concatenation of `n` slices; key of any length. Aborts as nrm_sha256() does. */
void nrm_hmac(struct nrm_slice key, const struct nrm_slice *parts, size_t n,
	      uint8_t out[static NRM_HASH_LEN]);

/* HKDF-Extract and HKDF-Expand with SHA-256 (RFC 5869 sections 2.2 and 2.3); len ≤ 255 * 32 or NRM_ERR_ARGUMENT. */
void nrm_hkdf_extract(struct nrm_slice salt, struct nrm_slice ikm,
		      uint8_t prk[static NRM_HASH_LEN]);
enum nrm_err nrm_hkdf_expand(const uint8_t prk[static NRM_HASH_LEN], struct nrm_slice info,
			     uint8_t *out, size_t len) NRM_MUST_USE;

/*
 * Ed25519. A signing key is prepared once from its 32-byte seed and then signs many times; a verifying
 * key is prepared once from its 32 bytes and then verifies many times, from any thread. Preparing a
 * public key refuses (NRM_ERR_KEY) what is no point and the 14 small-order encodings, which verify
 * anything in OpenSSL 3.0 (protocol.md, Checks).
 */
struct nrm_signing_key;
struct nrm_verifying_key;
enum nrm_err nrm_signing_key_new(const uint8_t seed[static NRM_KEY_LEN],
				 struct nrm_signing_key **ret_key) NRM_MUST_USE;
void nrm_signing_key_free(struct nrm_signing_key *key);
/* The 32 public bytes that belong to it. */
void nrm_signing_key_public(const struct nrm_signing_key *key, uint8_t out[static NRM_KEY_LEN]);
enum nrm_err nrm_sign(const struct nrm_signing_key *key, struct nrm_slice message,
		      uint8_t signature[static NRM_SIGNATURE_LEN]) NRM_MUST_USE;
enum nrm_err nrm_verifying_key_new(const uint8_t public_key[static NRM_KEY_LEN],
				   struct nrm_verifying_key **ret_key) NRM_MUST_USE;
void nrm_verifying_key_free(struct nrm_verifying_key *key);
/* NRM_OK, or NRM_ERR_SIGNATURE for any signature that does not verify (a wrong length included). */
enum nrm_err nrm_verify(const struct nrm_verifying_key *key, struct nrm_slice message,
			struct nrm_slice signature) NRM_MUST_USE;
/* Whether 32 bytes are one of the 14 small-order Ed25519 encodings. */
bool nrm_ed25519_small_order(const uint8_t public_key[static NRM_KEY_LEN]);

/* X25519: the public key of a secret, and the shared secret (NRM_ERR_KEY when all-zero: RFC 9180 section 7.1.4). */
enum nrm_err nrm_x25519_public(const uint8_t secret[static NRM_KEY_LEN],
			       uint8_t public_key[static NRM_KEY_LEN]) NRM_MUST_USE;
enum nrm_err nrm_x25519(const uint8_t secret[static NRM_KEY_LEN],
			const uint8_t peer[static NRM_KEY_LEN],
			uint8_t shared[static NRM_KEY_LEN]) NRM_MUST_USE;

/*
 * AES-256-GCM. Seal writes plaintext.len + 16 bytes to `out`; open writes ciphertext.len - 16 bytes and
 * answers NRM_ERR_OPEN, with `out` wiped, when the tag is wrong or the ciphertext shorter than a tag. The key
 * schedule of a thread's last call stays in its context until the next or nrm_crypto_thread_done().
 */
enum nrm_err nrm_aead_seal(const uint8_t key[static NRM_KEY_LEN],
			   const uint8_t nonce[static NRM_AEAD_NONCE_LEN], struct nrm_slice aad,
			   struct nrm_slice plaintext, uint8_t *out) NRM_MUST_USE;
enum nrm_err nrm_aead_open(const uint8_t key[static NRM_KEY_LEN],
			   const uint8_t nonce[static NRM_AEAD_NONCE_LEN], struct nrm_slice aad,
			   struct nrm_slice ciphertext, uint8_t *out) NRM_MUST_USE;

#endif
