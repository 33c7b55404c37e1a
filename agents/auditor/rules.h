/*
 * The directories and policies that are at hand, by digest: every leaf names the two that it was written under, so that a
 * verdict can be read under the rules it was made under, for ever.
 */
#ifndef NRM_AUDITOR_RULES_H
#define NRM_AUDITOR_RULES_H

#include "agents/auditor/fault.h"
#include "proto/wire/leaf.h"

/* Zeroed: none. */
struct nrm_rules {
	struct nrm_hash *digest;
	size_t n;
};

void nrm_rules_done(struct nrm_rules *rules);
/*
 * Adds a serialized SignedDocument, a directory ('d') or a policy ('p'); a fault is recorded when it is malformed, or carries
 * no signature though it should (whose it is was checked by who put it in force: the authority's key changes with time).
 * NRM_ERR_NOMEM.
 */
enum nrm_err nrm_rules_add(struct nrm_rules *rules, char kind, struct nrm_slice signed_document,
			   bool must_be_signed, struct nrm_faults *faults) NRM_MUST_USE;
/* Records a fault when a document that the leaf names is not among them. */
void nrm_rules_check(struct nrm_rules *rules, uint64_t index, const struct nrm_leaf *leaf,
		     struct nrm_faults *faults);

#endif
