/*
 * The broker's books: everything it keeps (trail, mailboxes, message ids, cases, participants' numbers), and the
 * one way to change it: parcels and a time go in, ONE transaction is made, frames come out. No clock, no
 * randomness, no socket, no thread: the same parcels, times and entropy give the same books on any machine.
 * Used by one thread at a time.
 *
 *     parcel -> facts -> verdict -> plan -> commit -> effects
 */
#ifndef NRM_BOOKS_BOOKS_H
#define NRM_BOOKS_BOOKS_H

#include "broker/core/decide.h"
#include "broker/intake/intake.h"
#include "broker/policy/policy_signed.h"
#include "broker/signer/signer.h"

struct nrm_books;

struct nrm_books_options {
	const char *folder;	/* data folder; NULL: in memory */
	size_t map_bytes;	/* most bytes of the database; 0: the store's default */
	uint64_t reserve_bytes; /* kept free for acknowledgements when the disk runs full */
	const struct nrm_signed_policy *policy; /* outlives the books, as the directory does */
	const struct nrm_directory
		*directory; /* outlives the books: parcels may still refer to an older one */
	const struct nrm_signer *signer; /* of checkpoints; outlives the books */
};

/* Documents that come into force; NULL: the one that is there stays. */
struct nrm_documents {
	const struct nrm_directory *directory;
	const struct nrm_signed_policy *policy;
};

/* A frame to send once the commit is on disk. */
struct nrm_effect {
	uint64_t session;
	bool close; /* end this connection after the frame (which may be empty) */
	struct nrm_buf frame;
};

struct nrm_effects {
	struct nrm_effect *effect;
	size_t n, cap;
};

/* Frees the frames and the list. */
void nrm_effects_done(struct nrm_effects *effects);

/*
 * Opens the books, makes them when the folder is new, finishes what was interrupted (a forgetting), and records a directory or policy that
 * changed as leaves. Everything not acknowledged is back in its mailbox. `entropy` as below.
 * On failure writes one clear line to `ret_error`; NRM_ERR_CORRUPT also when the signer signed a head that these books do
 * not have.
 */
enum nrm_err nrm_books_open(const struct nrm_books_options *options, uint64_t now_ms,
			    const uint8_t entropy[static 32], struct nrm_books **ret_books,
			    char ret_error[static 256]) NRM_MUST_USE;
void nrm_books_close(struct nrm_books *books);

/*
 * Applies parcels in order in one transaction and commits; then *ret_effects has what to send, in order (append-only;
 * pass a zeroed list). `now_ms` never falls (a smaller one counts as the last). `entropy` is fresh for each call: salts and
 * nonces are drawn from it. When the commit fails nothing has happened but that new work is answered
 * STORAGE_FULL; when even that cannot be committed, the sessions of these parcels are ended by effects, and the
 * return says why. NRM_ERR_CORRUPT means that these books must not go on: what is stored is damaged, or an agent
 * or the signer has a signed head that is not theirs.
 * The parcels stay the caller's, who releases them afterwards. n may be 0: waiting deliveries go on.
 */
enum nrm_err nrm_books_apply(struct nrm_books *books, struct nrm_parcel *const *parcel, size_t n,
			     uint64_t now_ms, const uint8_t entropy[static 32],
			     struct nrm_effects *ret_effects) NRM_MUST_USE;

/* Whether deliveries wait that could go out at once: call nrm_books_apply() again. */
bool nrm_books_pending(const struct nrm_books *books);

/*
 * Once a second: hands the committed head to the signer if it is new, takes what it has signed, sends each session the proofs it waits for, returns what expired.
 * Same errors and effects as nrm_books_apply().
 */
enum nrm_err nrm_books_tick(struct nrm_books *books, uint64_t now_ms,
			    const uint8_t entropy[static 32],
			    struct nrm_effects *ret_effects) NRM_MUST_USE;

/*
 * Brings a newer directory, a newer policy or both into force, each as a leaf. Sessions whose participant is gone or
 * suspended are closed by effects; a policy that the authority signed is handed to all that stay, a few hundred at once, the
 * rest with the next ticks. NRM_ERR_VERSION when the directory is not newer than the one in force, or the policy is
 * older than the last one recorded or another of the same version: then nothing has changed.
 */
enum nrm_err nrm_books_adopt(struct nrm_books *books, const struct nrm_documents *documents,
			     uint64_t now_ms, const uint8_t entropy[static 32],
			     struct nrm_effects *ret_effects) NRM_MUST_USE;

/* What an operator may know: counts, no names. */
struct nrm_books_figures {
	uint64_t leaves, cases, waiting, sessions;
	uint64_t
		indexed; /* cases of which an index had to be made at the start: these books had none */
	bool full;	 /* new work is being refused for want of room */
	uint32_t quorum,
		vouching; /* agencies that are to vouch for a head; that do, for the last one with a quorum */
	uint64_t vouched_size; /* of that head; 0: none yet */
	uint64_t
		unvouched_ms; /* since a quorum was last there; over NRM_MAX_UNVOUCHED_MS is an alarm */
};
void nrm_books_figures(const struct nrm_books *books, struct nrm_books_figures *ret_figures);

#endif
