/* Properties of one verdict: what bounds it. */
#include <string.h>

#include "tests/properties/allowed.h"
#include "tests/properties/properties.h"

/* Whether fields stay within a bound; with none forwarded that says nothing. */
static enum finding within(const struct trial *t, nrm_mask bound)
{
	if (t->verdict.forwarded == 0)
		return IDLE;
	return t->verdict.forwarded & ~bound ? FAILS : HOLDS;
}

static bool rests_on(const struct trial *t, enum nrm_basis basis)
{
	return t->in->message.basis == basis && allowed_needs_ground(t->policy, t->in);
}

enum finding forwarded_declared(struct trial *t)
{
	return within(t, t->in->message.fields);
}

enum finding forwarded_needed(struct trial *t)
{
	return within(t, allowed_needed(t->policy, t->in));
}

enum finding forwarded_not_secret(struct trial *t)
{
	return within(t, ~allowed_secret(t->policy, t->in));
}

/* And where none counts, not even the message goes on. */
enum finding forwarded_consented(struct trial *t)
{
	if (!rests_on(t, NRM_BASIS_CONSENT) || t->verdict.outcome != NRM_OUTCOME_FORWARD)
		return IDLE;
	for (uint32_t i = 0; i < t->in->n_consents; i++)
		if (allowed_consent(t->policy, t->in, &t->in->consent[i]))
			return t->verdict.forwarded & ~allowed_consented(t->policy, t->in) ? FAILS
											   : HOLDS;
	return FAILS;
}

enum finding forwarded_emergency(struct trial *t)
{
	const enum nrm_service service = t->in->message.service;

	if (!rests_on(t, NRM_BASIS_EMERGENCY) || service >= NRM_SERVICE_END_)
		return IDLE;
	return within(t, t->policy->emergency.minimum[service]);
}

enum finding forwarded_on_a_ground(struct trial *t)
{
	const enum nrm_basis basis = t->in->message.basis;

	if (basis == NRM_BASIS_CONSENT || basis == NRM_BASIS_EMERGENCY ||
	    basis == NRM_BASIS_CHILD_PROTECTION || !allowed_needs_ground(t->policy, t->in))
		return IDLE; /* no legal duty is in the policy that is shipped */
	return t->verdict.outcome == NRM_OUTCOME_FORWARD ? FAILS : HOLDS;
}

enum finding withheld_for_a_reason(struct trial *t)
{
	const struct nrm_verdict *v = &t->verdict;
	const nrm_mask part[] = {v->forwarded, v->secret, v->not_needed, v->not_consented};
	nrm_mask all = 0;

	if (v->outcome != NRM_OUTCOME_FORWARD || t->in->message.fields == 0)
		return IDLE;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (all & part[i])
			return FAILS;
		all |= part[i];
	}
	return all == t->in->message.fields ? HOLDS : FAILS;
}

enum finding nothing_unless_forward(struct trial *t)
{
	const struct nrm_verdict *v = &t->verdict;

	if (v->outcome == NRM_OUTCOME_FORWARD)
		return IDLE;
	return v->forwarded | v->secret | v->not_needed | v->not_consented ? FAILS : HOLDS;
}

static bool to_enforcement(const struct trial *t)
{
	return nrm_has(input_party(t->in, t->in->message.recipient)->roles,
		       NRM_ROLE_IMMIGRATION_ENFORCEMENT);
}

enum finding enforcement_no_field(struct trial *t)
{
	if (!to_enforcement(t) || t->in->message.fields == 0)
		return IDLE;
	return t->verdict.forwarded ? FAILS : HOLDS;
}

enum finding enforcement_no_message(struct trial *t)
{
	const enum nrm_message_type type = t->in->message.type;

	if (!to_enforcement(t) || type == NRM_MESSAGE_TYPE_WITHDRAWAL ||
	    type == NRM_MESSAGE_TYPE_ERASURE_ORDER || type == NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION)
		return IDLE;
	return t->verdict.outcome == NRM_OUTCOME_FORWARD ? FAILS : HOLDS;
}

/* With a verdict that is all zero: no reason, nothing due. */
enum finding zeroed_policy_refuses(struct trial *t)
{
	static const struct nrm_policy none;
	static const struct nrm_verdict zeroed;

	t->other = *t->in;
	t->compared = true;
	t->after = input_decide(&none, t->in);
	return same_verdict(&t->after, &zeroed) ? HOLDS : FAILS;
}

enum finding verdict_whole(struct trial *t)
{
	static const int before[] = {0x55, 0xaa};
	const struct nrm_facts facts = input_facts(t->in);

	t->other = *t->in;
	t->compared = true;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		memset(&t->after, before[i], sizeof(t->after));
		nrm_decide(t->policy, &facts, &t->in->message, t->in->now, &t->after);
		if (!same_verdict(&t->after, &t->verdict))
			return FAILS;
	}
	return HOLDS;
}
