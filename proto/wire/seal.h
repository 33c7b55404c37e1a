/*
 * Sealing of fields from agency to agency (protocol.md, "Sealing", "Padding", "Commitments"): HPKE export, one key a
 * field, so that fields open in any order and dropping one leaves the others.
 */
#ifndef NRM_WIRE_SEAL_H
#define NRM_WIRE_SEAL_H

#include "proto/crypto/hpke.h"
#include "proto/wire/envelope.h"

/* "nrm/v1/seal" 0x00 message_id case_id u8(len) sender u8(len) recipient; NRM_ERR_LIMIT when an id is over 255 bytes. */
enum nrm_err nrm_seal_info(const uint8_t message_id[static 16], const uint8_t case_id[static 16],
			   struct nrm_slice sender, struct nrm_slice recipient,
			   struct nrm_buf *out) NRM_MUST_USE;

/* First 8 bytes of SHA-256 of the recipient's sealing key. */
void nrm_recipient_key(const uint8_t sealing_public[static 32], uint8_t out[static 8]);
/* Export("nrm/v1/check" 0x00, 32). */
enum nrm_err nrm_key_check(const struct nrm_hpke *ctx, uint8_t out[static 32]) NRM_MUST_USE;

/* Length of a padded value; 0 when `len` is over 65,535. */
size_t nrm_padded_len(size_t len);
/* Writes the padded value (nrm_padded_len() bytes). */
void nrm_pad(struct nrm_slice plaintext, uint8_t *out);
/* Finds the plaintext in a padded value; NRM_ERR_PADDING for any form but the one of nrm_pad(). */
enum nrm_err nrm_unpad(struct nrm_slice padded, struct nrm_slice *ret_plaintext) NRM_MUST_USE;

/*
 * Seals one value: writes nrm_padded_len(plaintext.len) + 16 bytes to `ciphertext` and the commitment for `salt`.
 * NRM_ERR_LIMIT for a value that is too long.
 */
enum nrm_err nrm_field_seal(const struct nrm_hpke *ctx, enum nrm_field field,
			    struct nrm_slice plaintext, const uint8_t salt[static 16],
			    uint8_t *ciphertext, uint8_t commitment[static 32]) NRM_MUST_USE;
/*
 * Opens one: *ret_plaintext is appended to `out`. NRM_ERR_OPEN, NRM_ERR_PADDING. The caller has checked key_check.
 */
enum nrm_err nrm_field_open(const struct nrm_hpke *ctx, enum nrm_field field,
			    struct nrm_slice ciphertext, struct nrm_buf *out) NRM_MUST_USE;

/* One value to be sealed. */
struct nrm_field_value {
	enum nrm_field field;
	struct nrm_slice plaintext;
};

/*
 * Fills in the sealing part of a statement (recipient_key, key_check, encapsulated_key, commitments) and makes its sealed
 * fields: `value` in ascending order of field number, each once. Fresh randomness; memory from `arena`.
 * With n = 0 the three keys become empty. NRM_ERR_LIMIT (over 64 values, or one too long), NRM_ERR_ARGUMENT (order),
 * NRM_ERR_DUPLICATE, NRM_ERR_UNKNOWN_CODE, NRM_ERR_ID (message or case id not 16 bytes), NRM_ERR_KEY, NRM_ERR_NOMEM;
 * *statement is then untouched.
 */
enum nrm_err nrm_statement_seal(struct nrm_statement *statement,
				const struct nrm_field_value *value, size_t n,
				const uint8_t sealing_public[static 32], struct nrm_arena *arena,
				const struct nrm_sealed_field **ret_fields) NRM_MUST_USE;

/*
 * Opens what arrived: sets up the context from the statement with the recipient's sealing secret and checks key_check.
 * NRM_ERR_OPEN when this key does not open it, NRM_ERR_ID as above. Then use nrm_field_open() and nrm_hpke_done().
 */
enum nrm_err nrm_statement_open(const struct nrm_statement *statement,
				const uint8_t sealing_secret[static 32],
				struct nrm_hpke *ret_ctx) NRM_MUST_USE;

#endif
