/*
 * Notes as text: lines, numbers and base64 in their one canonical form, and the signatures under a
 * text (C2SP signed-note). Internal to proto/trail.
 */
#ifndef NRM_TRAIL_NOTE_TEXT_H
#define NRM_TRAIL_NOTE_TEXT_H

#include <stdbool.h>

#include "proto/base/buf.h"
#include "proto/trail/note.h"

/* Takes the next line off `rest`, without its newline; false when no newline is left. */
bool nrm_line_take(struct nrm_slice *rest, struct nrm_slice *ret_line);

/* Whether `text` begins with `prefix`, which it then loses. */
bool nrm_prefix_take(struct nrm_slice *text, const char *prefix);

/* Appends a number in decimal. */
void nrm_decimal_put(struct nrm_buf *out, uint64_t number);
/* Digits without leading zeros that fit 64 bits, nothing else: NRM_ERR_FORMAT. */
enum nrm_err nrm_decimal_read(struct nrm_slice text, uint64_t *ret_number) NRM_MUST_USE;

/* Appends bytes in base64 (RFC 4648 section 4), padded. */
void nrm_base64_put(struct nrm_buf *out, struct nrm_slice bytes);
/* Appends to `out` what canonical base64 stands for; NRM_ERR_FORMAT for any other text (spare bits set, too). */
enum nrm_err nrm_base64_read(struct nrm_slice text, struct nrm_buf *out) NRM_MUST_USE;
/* The same for exactly `len` bytes. */
enum nrm_err nrm_base64_read_exact(struct nrm_slice text, uint8_t *out, size_t len) NRM_MUST_USE;

/*
 * Parts a note at its last empty line into the text that is signed, its final newline included, and
 * the signature lines. NRM_ERR_FORMAT when it has no such parts, NRM_ERR_LIMIT above NRM_MAX_NOTE.
 */
enum nrm_err nrm_note_split(struct nrm_slice note, struct nrm_slice *ret_text,
			    struct nrm_slice *ret_signatures) NRM_MUST_USE;

/* Appends the line by which `key` signs `text`; `time` counts for witnesses only. NRM_ERR_KEY if `secret` is not the key's. */
enum nrm_err nrm_note_line_put(struct nrm_buf *out, struct nrm_slice text, uint64_t time,
			       const struct nrm_note_key *key,
			       const struct nrm_signing_key *secret) NRM_MUST_USE;

/*
 * Checks every signature line of a note: all well-formed, the log's there, none of a known key bad. Returns the signed
 * text, borrowed from the note, and who cosigned, as nrm_note_open() does, which adds what makes it a checkpoint.
 */
enum nrm_err nrm_note_verify(struct nrm_slice note, const struct nrm_note_key *log,
			     const struct nrm_note_key *witness, size_t n_witnesses,
			     struct nrm_slice *ret_text, uint64_t *ret_cosigned) NRM_MUST_USE;

#endif
