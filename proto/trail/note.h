/*
 * Checkpoints: C2SP signed notes (signed-note.md) with a tlog-checkpoint body of exactly three lines
 * (origin, size, root) signed with Ed25519 (type 0x01), and cosignatures of witnesses (tlog-cosignature,
 * cosignature/v1, type 0x04). protocol.md, "Trail".
 */
#ifndef NRM_TRAIL_NOTE_H
#define NRM_TRAIL_NOTE_H

#include <stdbool.h>

#include "proto/base/buf.h"
#include "proto/merkle/merkle.h"

#define NRM_MAX_KEY_NAME 127

/* Types of keys: which kind of signature they make. */
#define NRM_NOTE_LOG	 0x01
#define NRM_NOTE_WITNESS 0x04

/* A key that signs or cosigns checkpoints, as a verifier knows it. */
struct nrm_note_key {
	char name[NRM_MAX_KEY_NAME + 1];
	uint8_t type; /* NRM_NOTE_LOG or NRM_NOTE_WITNESS */
	uint8_t id[4];
	uint8_t public_key[NRM_KEY_LEN];
};

struct nrm_checkpoint {
	char origin[NRM_MAX_KEY_NAME + 1];
	uint64_t size;
	struct nrm_hash root;
};

/* Makes a key from its parts (computes the id: SHA-256(name 0x0A type key)[0..4]); NRM_ERR_FORMAT for an unknown type or a name that is not 1-127 characters of printable ASCII without space and plus, NRM_ERR_KEY for an unacceptable key. */
enum nrm_err nrm_note_key_make(const char *name, uint8_t type,
			       const uint8_t public_key[static NRM_KEY_LEN],
			       struct nrm_note_key *ret_key) NRM_MUST_USE;
/* Reads and writes the text form `name+id+base64(type key)`; checks the id. */
enum nrm_err nrm_note_key_parse(struct nrm_slice text, struct nrm_note_key *ret_key) NRM_MUST_USE;
void nrm_note_key_format(const struct nrm_note_key *key, struct nrm_buf *out);

/* Appends the body and the log's signature line: a complete checkpoint note. NRM_ERR_ARGUMENT unless `key` is a log's and named as the origin, NRM_ERR_KEY unless `secret` is its other half. */
enum nrm_err nrm_note_sign(const struct nrm_checkpoint *cp, const struct nrm_note_key *key,
			   const struct nrm_signing_key *secret, struct nrm_buf *out) NRM_MUST_USE;
/* Appends a witness's cosignature line to a note in `note` made at Unix second `time`. NRM_ERR_ARGUMENT unless `key` is a witness's and `time` below 2^63, NRM_ERR_KEY as above, NRM_ERR_FORMAT when `note` is none; it is then as it was. */
enum nrm_err nrm_note_cosign(struct nrm_buf *note, uint64_t time, const struct nrm_note_key *key,
			     const struct nrm_signing_key *secret) NRM_MUST_USE;
/*
 * Opens a note: exactly three body lines, canonical numbers and base64, the log's signature present and good, no known
 * key's signature bad; signatures of unknown keys are ignored. `witness` (may be NULL) are known cosigners; bit i of
 * *ret_cosigned is set where witness[i] (i < 64) has a good cosignature. NRM_ERR_FORMAT (the origin must be the log's name), NRM_ERR_SIGNATURE.
 */
enum nrm_err nrm_note_open(struct nrm_slice note, const struct nrm_note_key *log,
			   const struct nrm_note_key *witness, size_t n_witnesses,
			   struct nrm_checkpoint *ret_cp, uint64_t *ret_cosigned) NRM_MUST_USE;

/* A witness's line as it stands in a note; slices are borrowed from it. */
struct nrm_cosignature {
	struct nrm_slice name, line; /* of the key; the whole line with its newline */
	uint8_t id[4];
	uint64_t time; /* Unix seconds */
};
/*
 * Goes through the lines of a note that have the form of a cosignature; whose they are, and whether they are good, is not
 * looked at. *rest begins as the whole note. NRM_ERR_NOT_FOUND after the last, NRM_ERR_FORMAT when the note is none.
 */
enum nrm_err nrm_cosignature_next(struct nrm_slice *rest,
				  struct nrm_cosignature *ret_line) NRM_MUST_USE;

/* Appends a note without its cosignatures. NRM_ERR_FORMAT. */
enum nrm_err nrm_note_bare(struct nrm_slice note, struct nrm_buf *out) NRM_MUST_USE;

/*
 * Takes the newest cosignature of `witness` in `from`, where it was found good, into `note`, in place of an older one: a witness
 * stands there once. *ret_changed is false, and nothing happens, when the one there is less than `apart` seconds older.
 * NRM_ERR_ARGUMENT when they are notes of different texts, NRM_ERR_NOT_FOUND when the witness has no line in `from`,
 * NRM_ERR_LIMIT when the note would be longer than NRM_MAX_NOTE, NRM_ERR_FORMAT; it is then as it was.
 */
enum nrm_err nrm_note_merge(struct nrm_buf *note, struct nrm_slice from,
			    const struct nrm_note_key *witness, uint64_t apart,
			    bool *ret_changed) NRM_MUST_USE;

/*
 * A C2SP tlog-proof@v1 file: extra data (the leaf's bytes), index, inclusion path, checkpoint note.
 * Writing appends to `out`; checking verifies everything and says which leaf it proves.
 */
enum nrm_err nrm_proof_file_write(struct nrm_slice leaf, uint64_t index,
				  const struct nrm_hash *path, size_t len, struct nrm_slice note,
				  struct nrm_buf *out) NRM_MUST_USE;
struct nrm_proof_file {
	struct nrm_buf leaf; /* decoded; nrm_buf_done() it */
	uint64_t index;
	struct nrm_checkpoint checkpoint;
	uint64_t cosigned;
};
enum nrm_err nrm_proof_file_check(struct nrm_slice file, const struct nrm_note_key *log,
				  const struct nrm_note_key *witness, size_t n_witnesses,
				  struct nrm_proof_file *ret_proof) NRM_MUST_USE;

#endif
