#include "broker/policy/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/policy/explain_parts.h"

struct nrm_policy *nrm_inquiry_begin(struct nrm_inquiry *q)
{
	q->altered = *q->source->draft.policy;
	return &q->altered;
}

const struct nrm_verdict *nrm_inquiry_ask(struct nrm_inquiry *q)
{
	nrm_decide(&q->altered, q->facts, q->message, q->now, &q->answer);
	return &q->answer;
}

bool nrm_inquiry_differs(const struct nrm_inquiry *q)
{
	return q->answer.reason != q->explanation->verdict.reason ||
	       q->answer.missing != q->explanation->verdict.missing;
}

void nrm_inquiry_add(struct nrm_inquiry *q, enum nrm_because_kind kind, uint32_t code,
		     enum nrm_reason reason, const char *path)
{
	struct nrm_explanation *e = q->explanation;

	if (e->n == e->cap) {
		const uint32_t cap = e->cap ? e->cap * 2 : 64;
		struct nrm_because *grown = realloc(e->because, cap * sizeof(*grown));
		if (!grown) {
			q->out_of_memory = true;
			return;
		}
		e->because = grown;
		e->cap = cap;
	}
	e->because[e->n] = (struct nrm_because){.kind = kind, .code = code, .reason = reason};
	snprintf(e->because[e->n++].path, NRM_POLICY_PATH_LEN, "%s", path);
}

const char *nrm_inquiry_row(const char *list, uint32_t index, char out[static NRM_POLICY_PATH_LEN])
{
	snprintf(out, NRM_POLICY_PATH_LEN, "%s[%u]", list, index);
	return out;
}

/*
 * Each consent as if it were the only one, where without any the message would have fared
 * otherwise.
 */
static void explain_consents(struct nrm_inquiry *q)
{
	const struct nrm_facts *all = q->facts;
	struct nrm_facts alone = *all;

	if (q->message->basis != NRM_BASIS_CONSENT)
		return;
	nrm_inquiry_begin(q);
	q->facts = &alone;
	alone.n_consents = 0;
	nrm_inquiry_ask(q);
	if (nrm_inquiry_differs(q) || q->answer.reason == NRM_REASON_NO_CONSENT) {
		alone.n_consents = 1;
		for (uint32_t i = 0; i < all->n_consents; i++) {
			alone.consent = &all->consent[i];
			nrm_inquiry_ask(q);
			nrm_inquiry_add(q, NRM_BECAUSE_CONSENT, i,
					q->answer.consents ? NRM_REASON_OK : q->answer.reason, "");
		}
	}
	q->facts = all;
}

static uint32_t lowest_rule(uint32_t rules, uint32_t besides)
{
	/* an expulsion that goes on to a defender fires rule 12 beside the one that decided */
	const uint32_t deciding = rules & ~besides ? rules & ~besides : rules;

	return deciding ? (uint32_t)__builtin_ctz(deciding) : 0;
}

enum nrm_err nrm_explain(struct nrm_policy_source *source, const struct nrm_facts *facts,
			 const struct nrm_message *message, uint64_t now,
			 struct nrm_explanation *ret_explanation)
{
	struct nrm_explanation e = {0};
	struct nrm_inquiry *q = calloc(1, sizeof(*q));

	if (!q)
		return NRM_ERR_NOMEM;
	q->source = source;
	q->facts = facts;
	q->message = message;
	q->now = now;
	q->explanation = &e;
	nrm_inquiry_begin(q);
	e.verdict = *nrm_inquiry_ask(q);
	e.rule = lowest_rule(e.verdict.rules, 1u << 12);
	nrm_explain_verdict(q);
	explain_consents(q);
	nrm_explain_fields(q);

	const bool out_of_memory = q->out_of_memory;
	free(q);
	if (out_of_memory) {
		nrm_explanation_done(&e);
		return NRM_ERR_NOMEM;
	}
	*ret_explanation = e;
	return NRM_OK;
}

void nrm_explanation_done(struct nrm_explanation *explanation)
{
	free(explanation->because);
	memset(explanation, 0, sizeof(*explanation));
}
