/*
 * Drafts: what a request asks to be sent, as a statement with the values to seal. Reading a
 * request into a draft touches neither store nor keys; what a draft needs besides (case id,
 * message id, times) is filled in by the api.
 */
#ifndef NRM_AGENT_DRAFT_H
#define NRM_AGENT_DRAFT_H

#include "agents/agent/message.h"
#include "agents/agent/request.h"

struct nrm_draft {
	struct nrm_statement statement;
	struct nrm_values values;
	const char *case_name; /* "new", an id, or a local name; NULL: the id is there already */
};

/*
 * {to service purpose case urgency region basis emergency fields phase replaces contact_by
 * statement_on_file linked_case}
 */
void nrm_draft_referral(struct nrm_request *r, struct nrm_draft *draft);
/* The answer `answer` to `referral`, with {reason appeal_to ask_again} for a decline. */
void nrm_draft_response(struct nrm_request *r, const struct nrm_statement *referral,
			enum nrm_answer answer, struct nrm_draft *draft);
/*
 * {case id given_by services recipients data countries purpose from until days phase heard
 * understood interpreter_conflict interpreter language mode guardian}; `now_ms` stands for an absent
 * `from`. A consent without `id` gets none here.
 */
void nrm_draft_consent(struct nrm_request *r, uint64_t now_ms, struct nrm_draft *draft);
/* {case, facts: {…}} with the keys of a card in policy.md. */
void nrm_draft_case_card(struct nrm_request *r, struct nrm_draft *draft);

/* The members that each of them knows. */
extern const char *const nrm_referral_keys[];
extern const char *const nrm_response_keys[];
extern const char *const nrm_consent_keys[];
extern const char *const nrm_card_keys[];

#endif
