/*
 * The first thing of a trail that does not hold, told so that people can find it: which leaf or file, what was expected,
 * what was found.
 */
#ifndef NRM_AUDITOR_FAULT_H
#define NRM_AUDITOR_FAULT_H

#include "proto/merkle/merkle.h"

#define NRM_NO_LEAF	UINT64_MAX
#define NRM_FAULT_FILE	80
#define NRM_FAULT_VALUE 160

struct nrm_audit_fault {
	const char *what;	   /* in plain words; NULL: nothing */
	uint64_t leaf;		   /* NRM_NO_LEAF when it cannot be laid to one */
	uint64_t leaves;	   /* how many leaves up to that one it may lie in: 1 for itself */
	char file[NRM_FAULT_FILE]; /* of an export, below its folder; "" in a broker's store */
	/* What the leaves or the signed root give, and what was found; "" when there is nothing to compare. */
	char expected[NRM_FAULT_VALUE], found[NRM_FAULT_VALUE];
};

/* Faults as they are met. Zeroed: none yet. */
struct nrm_faults {
	struct nrm_audit_fault first;
	struct nrm_audit_fault later; /* room for those that are not the first */
	const char *file; /* what is being read: where the next fault lies; NULL: no file */
};

/* Records a fault unless one of an earlier leaf is known; what belongs to no leaf comes last. Returns it, to be filled in. */
struct nrm_audit_fault *nrm_fault(struct nrm_faults *faults, uint64_t leaf, const char *what);
/* The same with what to compare. `found` may have another length than a hash: then that is told. */
void nrm_fault_hash(struct nrm_faults *faults, uint64_t leaf, uint64_t leaves, const char *what,
		    const struct nrm_hash *expected, struct nrm_slice found);
void nrm_fault_number(struct nrm_faults *faults, uint64_t leaf, const char *what, uint64_t expected,
		      uint64_t found);
/* Text that may come from anywhere: what is not printable ASCII is shown as '?', what is too long is cut. */
void nrm_fault_text(struct nrm_faults *faults, uint64_t leaf, const char *what,
		    struct nrm_slice expected, struct nrm_slice found);

#endif
