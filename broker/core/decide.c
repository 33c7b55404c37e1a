#include "broker/core/decide.h"

#include <string.h>

#include "broker/core/matter.h"

/* Which matters a rule is for. */
enum scope {
	EVERY,	   /* message */
	GROUNDED,  /* message that needs a ground */
	CONSENTED, /* of those, the ones that rest on no other ground than consent */
};

static enum nrm_reason otherwise(const struct nrm_matter *m)
{
	(void)m;
	return NRM_REASON_OK;
}

/* policy.md, "Order of rules": the first that fires gives outcome and reason. */
static const struct {
	uint32_t number;
	enum scope scope;
	enum nrm_outcome outcome;
	nrm_rule *fires;
} rules[] = {
	{1, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_participants},
	{2, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_fields_allowed},
	{2, EVERY, NRM_OUTCOME_FORWARD, nrm_rule_bare},
	{3, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_excluded},
	{4, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_offered},
	{5, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_firewall},
	{6, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_detention},
	{7, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_complaint},
	{8, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_decline},
	{9, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_appeal},
	{10, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_contact},
	{11, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_consulate},
	{12, EVERY, NRM_OUTCOME_REFUSE, nrm_rule_reflection},
	{13, GROUNDED, NRM_OUTCOME_REFUSE, nrm_rule_purpose},
	{14, GROUNDED, NRM_OUTCOME_REFUSE, nrm_rule_basis},
	{15, CONSENTED, NRM_OUTCOME_REFUSE, nrm_rule_no_consent},
	{16, CONSENTED, NRM_OUTCOME_REFUSE, nrm_rule_consent},
	{17, CONSENTED, NRM_OUTCOME_HOLD, nrm_rule_guardian},
	{18, CONSENTED, NRM_OUTCOME_HOLD, nrm_rule_best_interests},
	{19, CONSENTED, NRM_OUTCOME_REFUSE, nrm_rule_asylum},
	{19, CONSENTED, NRM_OUTCOME_HOLD, nrm_rule_evidence},
	{20, EVERY, NRM_OUTCOME_FORWARD, otherwise},
};

static struct nrm_matter matter(const struct nrm_policy *policy, const struct nrm_facts *facts,
				const struct nrm_message *message, uint64_t now)
{
	static const struct nrm_card nothing_known;
	struct nrm_matter m = {
		.policy = policy,
		.facts = facts,
		.message = message,
		.card = facts->card ? facts->card : &nothing_known,
		.sender = nrm_party_of(facts, message->sender),
		.recipient = nrm_party_of(facts, message->recipient),
		.now = now,
		.needs_ground = nrm_needs_ground(policy, message),
	};

	m.minor = m.card->age_class != NRM_AGE_CLASS_ADULT;
	m.guarded = nrm_has_guardian(facts, m.card);
	if (m.needs_ground && message->basis == NRM_BASIS_CONSENT)
		m.consented = nrm_examine_consents(&m);
	return m;
}

static bool within(const struct nrm_matter *m, enum scope scope)
{
	return scope == EVERY || (m->needs_ground && (scope == GROUNDED || !nrm_other_ground(m)));
}

void nrm_decide(const struct nrm_policy *policy, const struct nrm_facts *facts,
		const struct nrm_message *message, uint64_t now, struct nrm_verdict *ret_verdict)
{
	const struct nrm_matter m = matter(policy, facts, message, now);
	struct nrm_verdict v;
	size_t i = 0;

	memset(&v, 0, sizeof(v));
	if (policy->n_walls == 0) { /* not a policy that was loaded: the zeroed verdict stands */
		*ret_verdict = v;
		return;
	}
	while (!within(&m, rules[i].scope) || (v.reason = rules[i].fires(&m)) == NRM_REASON_ABSENT)
		i++; /* the last rule always fires */
	v.outcome = rules[i].outcome;
	v.told = nrm_told(v.reason);
	v.rules = 1u << rules[i].number;
	v.obligations = nrm_obligations(&m, rules[i].number, v.outcome);
	if (nrm_has(v.obligations, NRM_OBLIGATION_ALERT_EXPULSION))
		v.rules |= 1u << 12;
	v.consents = m.consented.passed;
	if (v.reason == NRM_REASON_RETURN_EVIDENCE_MISSING)
		v.missing = nrm_missing_evidence(&m);
	if (v.outcome == NRM_OUTCOME_FORWARD)
		nrm_sort_fields(&m, &v);
	*ret_verdict = v;
}

enum nrm_reason nrm_told(enum nrm_reason reason)
{
	return reason == NRM_REASON_EXCLUDED ? NRM_REASON_CONSENT_WITHDRAWN : reason;
}
