/*
 * Verifying a trail: everything it claims is computed anew from the leaves and compared (protocol.md, "Trail").
 *
 *  - each leaf is there, canonical, and no earlier by its minute than the one before;
 *  - the hash of each leaf and of each subtree that it completes is what the row states (RFC 9162 section 2.1.1);
 *  - the checkpoint verifies under a key of the newest directory, and its root is that of the leaves;
 *  - each record that can be read matches its leaf: the case tag, and the digests of all three views;
 *  - with the case keys: the chain of a case names every leaf that bears the case's tag (where the leaves of forgotten
 *    cases are not too many to try them all: report->complete).
 */
#ifndef NRM_AUDITOR_VERIFY_H
#define NRM_AUDITOR_VERIFY_H

#include "agents/auditor/reader.h"
#include "proto/trail/note.h"

/* The first thing that does not hold. */
struct nrm_audit_fault {
	const char *what; /* in plain words; NULL: nothing */
	uint64_t leaf;	  /* NRM_NO_LEAF when it cannot be laid to one */
	uint32_t leaves;  /* how many leaves up to that one it may lie in: 1 for itself */
	/* What the leaves or the signed root give, and what was found; "" when there is nothing to compare. */
	char expected[128], found[128];
};

struct nrm_audit_report {
	struct nrm_audit_fault fault;
	uint64_t leaves;
	struct nrm_hash root; /* of all leaves; unset when they do not verify */
	struct nrm_checkpoint checkpoint;
	char signer[NRM_MAX_KEY_NAME + 1]; /* name of the key that signed it */
	uint64_t directory_version;	   /* of the directory that names the key */
	bool authorised; /* that directory verified under the authority's key given */
	uint64_t clear;	 /* records of no case, each checked */
	uint64_t opened; /* records of cases, each opened and checked */
	uint64_t closed; /* records that no key at hand opens: of forgotten cases */
	uint64_t cases;	 /* cases that were read */
	bool complete;	 /* no closed leaf bears the tag of a case that was read */
};

/*
 * Verifies the trail in `store` as it stands when called. `keys` NULL: records of cases are not
 * opened (`opened`, `closed`, `cases` stay 0). `authority` NULL: the directory is taken from the store on trust.
 * NRM_OK when the check could be made, whatever came of it (report->fault); otherwise why it could not:
 * NRM_ERR_NOT_FOUND when there is no directory or no checkpoint, NRM_ERR_FORMAT when they cannot be read,
 * NRM_ERR_IO, NRM_ERR_CORRUPT, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_audit_verify(struct nrm_store *store, const struct nrm_case_keys *keys,
			      const uint8_t *authority,
			      struct nrm_audit_report *ret_report) NRM_MUST_USE;

#endif
