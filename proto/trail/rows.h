/*
 * Rows sealed under a case's key, so that forgetting the key forgets them (protocol.md, "Trail"):
 * AES-256-GCM under a key derived from the case key, a nonce in front, the row's place as additional data.
 */
#ifndef NRM_TRAIL_ROWS_H
#define NRM_TRAIL_ROWS_H

#include "proto/base/buf.h"
#include "proto/crypto/crypto.h"

/* What a sealed row adds to its plaintext. */
#define NRM_ROW_OVERHEAD (NRM_AEAD_NONCE_LEN + NRM_AEAD_TAG_LEN)

/* The places a row may stand in; with its number they are the additional data, so that rows cannot be exchanged. */
enum nrm_row_place {
	NRM_ROW_RECORD = 'r',
	NRM_ROW_CASE = 'c',
	NRM_ROW_HEAD = 'h',
	NRM_ROW_MESSAGE = 'm',
	NRM_ROW_MAIL = 'b',
	NRM_ROW_LABEL = 'l',
	NRM_ROW_TALLY = 't'
};

/* HMAC-SHA256(case key, "nrm/v1/rows" 0x00): the key of a case's rows. */
void nrm_row_key(const uint8_t case_key[static NRM_KEY_LEN], uint8_t out[static NRM_KEY_LEN]);

/* Writes nonce, ciphertext and tag (plaintext.len + NRM_ROW_OVERHEAD bytes) to `out`. The nonce must never repeat under a key. */
enum nrm_err nrm_row_seal(const uint8_t row_key[static NRM_KEY_LEN], enum nrm_row_place place,
			  uint64_t number, const uint8_t nonce[static NRM_AEAD_NONCE_LEN],
			  struct nrm_slice plaintext, uint8_t *out) NRM_MUST_USE;
/* Appends the plaintext to `out`; NRM_ERR_OPEN under another key or for damaged bytes. */
enum nrm_err nrm_row_open(const uint8_t row_key[static NRM_KEY_LEN], enum nrm_row_place place,
			  uint64_t number, struct nrm_slice row, struct nrm_buf *out) NRM_MUST_USE;

/*
 * An auditor needs of a case: its id, the first 16 bytes of its opened row in NRM_TABLE_CASES (the rest is the broker's own),
 * and u64(last leaf + 1), its opened row in NRM_TABLE_HEADS; then the case is read by walking back.
 */
#define NRM_HEAD_ROW_LEN 8

#endif
