/*
 * Answers as JSON: messages, what became of them, names of codes. Values of fields appear in
 * `show` only.
 */
#ifndef NRM_AGENT_RENDER_H
#define NRM_AGENT_RENDER_H

#include <jansson.h>

#include "agents/agent/message.h"
#include "agents/agent/preview.h"
#include "agents/agent/spool.h"

/* All of these return a new reference, or NULL without memory. */
json_t *nrm_render_hex(struct nrm_slice bytes);
json_t *nrm_render_text(struct nrm_slice text);
json_t *nrm_render_time(uint64_t ms);				  /* null for 0 */
json_t *nrm_render_code(enum nrm_vocabulary kind, uint32_t code); /* null for none */
json_t *nrm_render_mask(enum nrm_vocabulary kind, nrm_mask mask);
/* The same of a list; with `any` that word at its end. */
json_t *nrm_render_codes(enum nrm_vocabulary kind, struct nrm_codes list, bool any);
/* {field: reason, …} */
json_t *nrm_render_withheld(nrm_mask secret, nrm_mask not_needed, nrm_mask not_consented);
/* {consent_id given_by services recipients data from until understood} */
json_t *nrm_render_consent(const struct nrm_consent_grant *grant);

/* {known known_at manages card contributed consents}; empty but for the first two when not known. */
json_t *nrm_render_case(const struct nrm_case_answer *answer);
/* {outcome reason forwarded withheld missing obligations knowledge known_at made} */
json_t *nrm_render_preview(const struct nrm_preview *preview);
/* The consent that a referral wants, with the keys of a consent; null when none does. */
json_t *nrm_render_wanted(const struct nrm_preview *preview, const struct nrm_statement *referral);

/*
 * {message_id case_id type from to service purpose phase urgency basis emergency issued expires
 * …body}, without fields.
 */
json_t *nrm_render_statement(const struct nrm_statement *statement);
/*
 * Adds {state refusal outcome reason forwarded withheld obligations missing leaf decided returned
 * acknowledged …}.
 */
int nrm_render_fate(json_t *to, const struct nrm_fate *fate, bool to_broker);
/* {code: value, …}; a value that is no UTF-8 is {"hex": …}. */
json_t *nrm_render_values(const struct nrm_values *values);

#endif
