/*
 * Who is believed: the keys that may have signed the head of a trail, and those that may vouch for it. They come from a
 * directory or are given one by one.
 */
#ifndef NRM_AUDITOR_TRUST_H
#define NRM_AUDITOR_TRUST_H

#include "agents/auditor/fault.h"
#include "proto/base/limits.h"
#include "proto/trail/note.h"

struct nrm_trust {
	struct nrm_note_key log[NRM_MAX_VERIFIER_KEYS]; /* the current one and its predecessors */
	size_t n_logs;
	struct nrm_note_key *witness;
	size_t n_witnesses;
	uint32_t quorum;	    /* of witnesses that the directory wants */
	bool keys_given;	    /* the log's keys are not those that a directory names */
	uint64_t directory_version; /* 0: there is no directory */
	bool authorised;	    /* that directory verified under the authority's key */
};

void nrm_trust_done(struct nrm_trust *trust);

/*
 * Fills an empty trust. From a signed directory (a serialized SignedDocument; empty: there is none) come the trail's keys and
 * the witness keys of active participants (`nrm/<participant id>`); keys that were given take the place of all of their
 * type. `authority` NULL: the directory is taken on trust; else trust->authorised says whether it is signed by it.
 * Errors of decoding a directory; NRM_ERR_NOT_FOUND when no key of a log is left, NRM_ERR_LIMIT, NRM_ERR_KEY, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_trust_make(struct nrm_trust *trust, struct nrm_slice signed_directory,
			    const uint8_t *authority, const struct nrm_note_key *given,
			    size_t n_given) NRM_MUST_USE;

/* A head that was opened. */
struct nrm_head {
	struct nrm_checkpoint checkpoint;
	char signer[NRM_MAX_KEY_NAME +
		    1];	   /* name of the key that signed it; "" when it does not verify */
	uint32_t vouching; /* witnesses with a good cosignature */
};

/*
 * Opens a checkpoint note. A fault is recorded when it is of another trail, not signed by a key that is believed, when a
 * known witness's cosignature is bad, or fewer than `quorum` witnesses vouch for it; ret_head->signer is "" where nothing in it can be believed.
 */
void nrm_trust_open(const struct nrm_trust *trust, struct nrm_slice note, uint32_t quorum,
		    struct nrm_faults *faults, struct nrm_head *ret_head);
/* Whether witness `i` vouches for a note that opened. */
bool nrm_trust_vouches(const struct nrm_trust *trust, size_t i, struct nrm_slice note);
/* When a witness that vouches for a note knew its head, in Unix seconds: by the latest of its lines. */
uint64_t nrm_trust_since(const struct nrm_trust *trust, size_t i, struct nrm_slice note);

#endif
