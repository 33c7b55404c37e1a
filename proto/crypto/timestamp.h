/*
 * Timestamps of an authority (RFC 3161): that something with this SHA-256 digest existed at a time, in the authority's word, under a
 * certificate. Asked for over plain HTTP: the query holds a digest, the reply is signed, so nobody on the way learns or forges
 * anything.
 */
#ifndef NRM_CRYPTO_TIMESTAMP_H
#define NRM_CRYPTO_TIMESTAMP_H

#include "proto/base/buf.h"
#include "proto/crypto/crypto.h"

#define NRM_MAX_TIMESTAMP     (64u * 1024) /* a reply with its certificates */
#define NRM_TIMESTAMP_WHY_LEN 256

/* Appends a query (DER) for a digest: with a fresh nonce, asking for the certificates. NRM_ERR_CRYPTO. */
enum nrm_err nrm_timestamp_query(const uint8_t digest[static NRM_HASH_LEN],
				 struct nrm_buf *out) NRM_MUST_USE;

/*
 * Posts a query to `url` (http://HOST[:PORT]/PATH) and appends the reply (DER, at most NRM_MAX_TIMESTAMP). Waits `seconds` at
 * most. On failure `why` has one line: NRM_ERR_ARGUMENT for a URL of another form, NRM_ERR_IO.
 */
enum nrm_err nrm_timestamp_fetch(const char *url, struct nrm_slice query, unsigned seconds,
				 struct nrm_buf *out,
				 char why[static NRM_TIMESTAMP_WHY_LEN]) NRM_MUST_USE;

/*
 * Whether a reply grants what was asked: its digest and nonce are the query's. The signature is not looked at, for
 * whoever has no certificate to check it with. NRM_ERR_PROOF, and `why`.
 */
enum nrm_err nrm_timestamp_answers(struct nrm_slice reply, struct nrm_slice query,
				   char why[static NRM_TIMESTAMP_WHY_LEN]) NRM_MUST_USE;

/*
 * Whether a reply is a timestamp of `digest`, signed by an authority that a certificate in `ca_file` (PEM) vouches for: by a
 * certificate that was valid at the time that it states. NRM_ERR_PROOF, or NRM_ERR_KEY when no certificates can be read there, and
 * `why`.
 */
enum nrm_err nrm_timestamp_verify(struct nrm_slice reply, const uint8_t digest[static NRM_HASH_LEN],
				  const char *ca_file,
				  char why[static NRM_TIMESTAMP_WHY_LEN]) NRM_MUST_USE;

/* The time that a reply states, in Unix milliseconds, to the second. NRM_ERR_FORMAT. */
enum nrm_err nrm_timestamp_time(struct nrm_slice reply, uint64_t *ret_ms) NRM_MUST_USE;

#endif
