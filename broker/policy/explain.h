/*
 * Why a verdict is what it is: the lines of the policy's file behind it, field by field.
 *
 * There is no second decision here. A line is found by deciding again under a policy that was
 * changed in this one line: the pair that alone still stops the message, the row that alone still
 * lets a field through, the list that, said otherwise, would have led to another verdict. Consents
 * are weighed likewise, each as if it were the only one.
 */
#ifndef NRM_POLICY_EXPLAIN_H
#define NRM_POLICY_EXPLAIN_H

#include "broker/core/decide.h"
#include "broker/policy/policy_source.h"

enum nrm_because_kind {
	NRM_BECAUSE_POLICY,   /* `path` of the policy is behind the verdict */
	NRM_BECAUSE_FACT,     /* `path` of the case is: "card.contact", "message.recipient" */
	NRM_BECAUSE_CONSENT,  /* consent `code`, by index, is worth `reason`; OK: it passed */
	NRM_BECAUSE_ARRIVES,  /* field `code` arrives since `path` says that it is needed */
	NRM_BECAUSE_WITHHELD, /* field `code` is left out for `reason`, by `path`, if any */
};

struct nrm_because {
	enum nrm_because_kind kind;
	uint32_t code;
	enum nrm_reason reason;
	char path[NRM_POLICY_PATH_LEN];
};

/* Every declared field has at least one line, the kinds come in the order above. */
struct nrm_explanation {
	struct nrm_verdict verdict;
	uint32_t rule; /* 1-20: the one that gave the verdict */
	struct nrm_because *because;
	uint32_t n, cap;
};

/*
 * Decides and says why. *ret_explanation is written whole; free it with nrm_explanation_done().
 * NRM_ERR_NOMEM, with nothing to free.
 */
enum nrm_err nrm_explain(struct nrm_policy_source *source, const struct nrm_facts *facts,
			 const struct nrm_message *message, uint64_t now,
			 struct nrm_explanation *ret_explanation) NRM_MUST_USE;
void nrm_explanation_done(struct nrm_explanation *explanation);

#endif
