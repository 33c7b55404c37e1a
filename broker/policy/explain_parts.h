/*
 * Inside broker/policy: the question that explain asks again and again.
 */
#ifndef NRM_POLICY_EXPLAIN_PARTS_H
#define NRM_POLICY_EXPLAIN_PARTS_H

#include "broker/policy/explain.h"
#include "broker/policy/policy_text.h"

struct nrm_inquiry {
	struct nrm_policy_source *source;
	const struct nrm_facts *facts;
	const struct nrm_message *message;
	uint64_t now;
	struct nrm_explanation *explanation;
	struct nrm_policy altered; /* the policy said otherwise */
	struct nrm_verdict answer; /* what it would lead to */
	bool out_of_memory;
};

/* Starts from the policy as it is. */
struct nrm_policy *nrm_inquiry_begin(struct nrm_inquiry *q);
/* Decides under the altered policy. */
const struct nrm_verdict *nrm_inquiry_ask(struct nrm_inquiry *q);
/* Whether the answer ends otherwise than the verdict did. */
bool nrm_inquiry_differs(const struct nrm_inquiry *q);
/* Adds a line to the explanation. */
void nrm_inquiry_add(struct nrm_inquiry *q, enum nrm_because_kind kind, uint32_t code,
		     enum nrm_reason reason, const char *path);
/* "list[index]" into `out`. */
const char *nrm_inquiry_row(const char *list, uint32_t index, char out[static NRM_POLICY_PATH_LEN]);

/* The lines behind the verdict; behind each field. */
void nrm_explain_verdict(struct nrm_inquiry *q);
void nrm_explain_fields(struct nrm_inquiry *q);

#endif
