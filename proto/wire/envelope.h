/*
 * Envelopes: a signed statement with its sealed fields. Only nrm_submit_verify() and
 * nrm_envelope_verify() make a `struct nrm_verified`, and only a verified one can be decided on:
 * that order is the type system's.
 */
#ifndef NRM_WIRE_ENVELOPE_H
#define NRM_WIRE_ENVELOPE_H

#include "proto/crypto/crypto.h"
#include "proto/wire/statement.h"

struct nrm_sealed_field {
	enum nrm_field field;
	struct nrm_slice salt;	     /* 16 bytes */
	struct nrm_slice ciphertext; /* padded value and tag */
};

struct nrm_proof {
	uint32_t size, index;
	struct nrm_slices path;
	struct nrm_slice signature;
};

struct nrm_envelope {
	struct nrm_slice statement; /* bytes as received */
	bool has_proof;
	struct nrm_proof proof;
	const struct nrm_sealed_field *field; /* ascending by number */
	size_t n_fields;
};

/* A verified message. It borrows from the arena and the frame it came from. */
struct nrm_verified;
const struct nrm_statement *nrm_verified_statement(const struct nrm_verified *v);
/* Its proof is always present. */
const struct nrm_envelope *nrm_verified_envelope(const struct nrm_verified *v);
/* The statement's digest: 32 bytes. */
const uint8_t *nrm_verified_digest(const struct nrm_verified *v);
/* The fields that the envelope carries, as a mask: the declared ones unless some were withheld on the way. */
nrm_mask nrm_verified_fields(const struct nrm_verified *v);

/*
 * At the recipient: fields may be missing (withheld), but each one present must match one commitment of its own.
 * Checks the proof under the sender's key, the statement, the commitments. Allocates from `arena`.
 * Errors of nrm_statement_decode(); NRM_ERR_SIGNATURE, NRM_ERR_PROOF (path or size wrong), NRM_ERR_COMMITMENT,
 * NRM_ERR_DUPLICATE (a field twice), NRM_ERR_UNKNOWN_CODE (no such field).
 */
enum nrm_err nrm_envelope_verify(const struct nrm_envelope *envelope,
				 const struct nrm_verifying_key *sender, struct nrm_arena *arena,
				 const struct nrm_verified **ret_verified) NRM_MUST_USE;

/*
 * At the broker: the envelopes of a Submit, `signature` empty when each has its own proof, else over the tree of all of
 * them. Fields and commitments must match one to one. ret_verified[i] is NULL where ret_err[i] is not NRM_OK (arrays of n);
 * a bad shared signature fails all of them. A batch under one signature that is good gets its inclusion paths computed here, so
 * that each verified envelope has a proof of its own. One Ed25519 check for each distinct (size, root, signature). Errors as
 * above; NRM_ERR_FORMAT for an envelope that has both, NRM_ERR_LIMIT for over 256 under one signature.
 */
void nrm_submit_verify(const struct nrm_envelope *envelope, size_t n, struct nrm_slice signature,
		       const struct nrm_verifying_key *sender, struct nrm_arena *arena,
		       const struct nrm_verified **ret_verified, enum nrm_err *ret_err);

/*
 * Checks one proof by itself: that it leads from `digest` (the leaf hash of a statement or an ack) to a root that `signer`
 * signed under `domain` (crypto/sign.h), 1 <= size <= 256, index < size, the path's length exact. NRM_ERR_PROOF,
 * NRM_ERR_SIGNATURE.
 */
enum nrm_err nrm_proof_verify(const struct nrm_proof *proof, const char *domain,
			      const uint8_t digest[static 32],
			      const struct nrm_verifying_key *signer) NRM_MUST_USE;

/* Commitment to a sealed field (protocol.md): SHA-256("nrm/v1/field" 0x00 salt u16(field) SHA-256(ciphertext)). */
void nrm_commitment(enum nrm_field field, const uint8_t salt[static 16],
		    struct nrm_slice ciphertext, uint8_t out[static 32]);

/*
 * Appends one envelope, keeping only the fields of `keep`: redaction drops whole fields and nothing else. NRM_ERR_LIMIT over
 * NRM_MAX_ENVELOPE.
 */
enum nrm_err nrm_envelope_encode(const struct nrm_envelope *envelope, nrm_mask keep,
				 struct nrm_buf *out) NRM_MUST_USE;
/*
 * Its inverse; canonical, sizes and counts within limits, fields strictly ascending. Points into `arena`. Errors of decoding a
 * frame (frame.h).
 */
enum nrm_err nrm_envelope_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				 struct nrm_envelope *ret_envelope) NRM_MUST_USE;

#endif
