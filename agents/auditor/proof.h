/*
 * Proofs of one leaf that stand alone: C2SP tlog-proof@v1 files, the leaf's bytes in `extra`, which a court can check offline
 * and years later with the trail's key alone.
 */
#ifndef NRM_AUDITOR_PROOF_H
#define NRM_AUDITOR_PROOF_H

#include "agents/auditor/reader.h"
#include "agents/auditor/trust.h"

struct nrm_prove_report {
	struct nrm_audit_fault fault; /* why there is no proof, where the trail does not verify */
	struct nrm_head head;	      /* what the proof leads to */
};

/*
 * Appends a proof file of leaf `index` to `out`: from a broker's store, or from an export in folder `path`. Keys as
 * nrm_trust_make() takes them. NRM_ERR_ARGUMENT when the leaf is not under the signed checkpoint (ret_report->head says
 * how many are); NRM_ERR_NOT_FOUND when nothing is signed, or no key is known; NRM_ERR_IO, NRM_ERR_FORMAT, NRM_ERR_NOMEM. The
 * proof has been verified when ret_report->fault is none; else nothing was appended.
 */
enum nrm_err nrm_audit_prove(struct nrm_store *store, uint64_t index,
			     const struct nrm_note_key *given, size_t n_given, struct nrm_buf *out,
			     struct nrm_prove_report *ret_report) NRM_MUST_USE;
enum nrm_err nrm_audit_prove_export(const char *path, uint64_t index,
				    const struct nrm_note_key *given, size_t n_given,
				    struct nrm_buf *out,
				    struct nrm_prove_report *ret_report) NRM_MUST_USE;

/* What a proof file shows when no fault was recorded. */
struct nrm_proof_shown {
	struct nrm_head head;
	uint64_t index;
	struct nrm_buf leaf; /* nrm_buf_done() it */
	struct nrm_buf note; /* the checkpoint, to ask nrm_trust_vouches() */
};

/*
 * Checks a proof file. Faults: it is none, its checkpoint is not believed (trust.h), the leaf is not in the tree, or it
 * is no leaf of ours. NRM_ERR_NOMEM.
 */
enum nrm_err nrm_audit_check_proof(const struct nrm_trust *trust, struct nrm_slice file,
				   uint32_t quorum, struct nrm_faults *faults,
				   struct nrm_proof_shown *ret_shown) NRM_MUST_USE;

#endif
