/*
 * The one who signs checkpoints: it holds the trail's signing key, remembers the head that it signed last, and signs
 * what continues that head and nothing else. With a state file it remembers across restarts and crashes: the head is on
 * disk before its signature leaves (protocol.md, "Trail").
 *
 * The state file is the last note itself. So who reads it sees what was signed, the signature tells damage and the file
 * of another key, and after a crash the same head gets the same note again. Before the first head it is a note of the
 * empty tree.
 */
#ifndef NRM_SIGNER_NOTARY_H
#define NRM_SIGNER_NOTARY_H

#include "proto/trail/note.h"

/* A head to sign, with the consistency path from the head that was signed last, of size `from`, to it. */
struct nrm_signing_request {
	struct nrm_checkpoint head;
	uint64_t from;
	const struct nrm_hash *path; /* borrowed */
	size_t n;		     /* ≤ NRM_MAX_TREE_PATH */
};

/* Why a head is not signed. The numbers travel (README.md). */
/* clang-format off */
#define NRM_SIGNER_REFUSALS(X) \
	X(SIGNED, 0, "nothing is refused") \
	X(MALFORMED, 1, "not a message of this version") \
	X(FOREIGN, 2, "of another trail: its origin is not the signer's") \
	X(SHORTER, 3, "shorter than the head signed last") \
	X(FORKED, 4, "another root for the size signed last") \
	X(NOT_PROVED, 5, "not proved to continue the head signed last") \
	X(NOT_KEPT, 6, "the signer cannot keep what it would sign")
/* clang-format on */

#define NRM_X_(name, number, text) NRM_SIGNER_##name = (number),
enum nrm_signer_refusal { NRM_SIGNER_REFUSALS(NRM_X_) NRM_SIGNER_REFUSAL_END_ };
#undef NRM_X_

/* What a refusal means, in a few words; a static string, never NULL, whatever the number. */
const char *nrm_signer_refusal_text(enum nrm_signer_refusal refusal);

struct nrm_notary;

/* One that remembers in memory, from the empty tree on. NRM_ERR_FORMAT for an origin that cannot be a key's name. */
enum nrm_err nrm_notary_new(const char *origin, const uint8_t seed[static NRM_KEY_LEN],
			    struct nrm_notary **ret_notary) NRM_MUST_USE;

#define NRM_NOTARY_ERROR_LEN 512

/*
 * One that remembers in the state file `path`, which nrm_notary_make_state() made. It holds a lock on the file's folder, so
 * that no two sign from one state. On failure `error` has one line that names the file: NRM_ERR_NOT_FOUND;
 * NRM_ERR_PERMISSION when the file is open to others, or its folder is to be written by them; NRM_ERR_CORRUPT when it is
 * damaged or another key's; NRM_ERR_AGAIN when another process has the lock; NRM_ERR_IO.
 */
enum nrm_err nrm_notary_open(const char *path, const char *origin,
			     const uint8_t seed[static NRM_KEY_LEN], struct nrm_notary **ret_notary,
			     char error[static NRM_NOTARY_ERROR_LEN]) NRM_MUST_USE;

/*
 * Makes the state of a key that never signed: a new file, mode 0600, synced with its folder. Whoever makes a new one for a
 * key that did sign lets it sign a second trail. NRM_ERR_EXISTS, and `error` as above.
 */
enum nrm_err nrm_notary_make_state(const char *path, const char *origin,
				   const uint8_t seed[static NRM_KEY_LEN],
				   char error[static NRM_NOTARY_ERROR_LEN]) NRM_MUST_USE;

/* Wipes the key. NULL is allowed. */
void nrm_notary_free(struct nrm_notary *notary);

/* The head that it signed last, of size 0 when it never did, and the note of it; both live until it signs the next. */
const struct nrm_checkpoint *nrm_notary_last(const struct nrm_notary *notary);
struct nrm_slice nrm_notary_note(const struct nrm_notary *notary);

/*
 * Signs a head: then NRM_SIGNER_SIGNED, and nrm_notary_note() is its note. The head signed last is signed again. What is
 * refused changes nothing, and is refused for ever: the head signed last is replaced by one that continues it only.
 */
enum nrm_signer_refusal nrm_notary_sign(struct nrm_notary *notary,
					const struct nrm_signing_request *request) NRM_MUST_USE;

#endif
