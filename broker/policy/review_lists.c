/*
 * Lists of a policy that are at odds with each other: each is what a person who changed one of them
 * may have forgotten.
 */
#include "broker/policy/review_parts.h"

static void check_children(struct nrm_review *r)
{
	const struct nrm_policy *p = r->policy;
	char names[128];

	if (p->asks_for_guardian & ~p->without_guardian)
		nrm_review_warn(r, "children.asks_for_guardian", "children.without_guardian",
				"%s asks for a guardian and would wait until there is one",
				nrm_review_names(NRM_VOCABULARY_SERVICE,
						 p->asks_for_guardian & ~p->without_guardian,
						 names));
	if (p->child_decides & ~p->without_guardian)
		nrm_review_warn(
			r, "children.own_word", "children.without_guardian",
			"the child's own word suffices for %s, yet it would wait for a guardian",
			nrm_review_names(NRM_VOCABULARY_SERVICE,
					 p->child_decides & ~p->without_guardian, names));
}

static void check_consent(struct nrm_review *r)
{
	const struct nrm_policy *p = r->policy;
	const uint32_t review = r->text->consent.review_days;
	char names[128];

	if (review >= r->text->consent.crisis_days)
		nrm_review_warn(r, "consent.review_days", "consent.crisis_days",
				"every consent of the crisis phase is due for review at once");
	if (p->returns & p->any_covers)
		nrm_review_warn(r, "return.services", "consent.any_never_covers",
				"a consent to any service would cover %s",
				nrm_review_names(NRM_VOCABULARY_SERVICE, p->returns & p->any_covers,
						 names));
	if (p->pressure.services & p->any_covers)
		nrm_review_warn(r, "consent.pressed.services", "consent.any_never_covers",
				"a consent to any service would cover %s",
				nrm_review_names(NRM_VOCABULARY_SERVICE,
						 p->pressure.services & p->any_covers, names));
}

static void check_complaints(struct nrm_review *r)
{
	const struct nrm_policy *p = r->policy;
	nrm_mask heard = 0;

	for (uint32_t role = 1; role < NRM_ROLE_END_; role++) {
		const struct nrm_party party = {.roles = nrm_bit(role)};
		if (nrm_has(p->oversight & ~nrm_policy_walled_off(p), role))
			heard |= p->complaint_fields & ~nrm_secret(p, &party, NRM_SERVICE_ABSENT);
	}
	if (p->oversight == 0)
		nrm_review_warn(r, "complaints.recipients", "", "nobody may be complained to");
	else if (p->complaint_fields & ~heard)
		nrm_review_warn(r, "complaints.fields", "secrecy",
				"secret for everybody who may be complained to");
}

/*
 * A notice of expulsion to who defends the person, and services told to all, want somebody who
 * hears it.
 */
static void check_told(struct nrm_review *r)
{
	const struct nrm_policy *p = r->policy;
	char names[128];
	nrm_mask silent = 0;

	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
		nrm_mask needed = 0;
		for (uint32_t role = 0; role < NRM_ROLE_END_; role++)
			needed |= p->needed[s][role];
		silent |= nrm_has(p->told_to_all, s) && needed == 0 ? nrm_bit(s) : 0;
	}
	if (silent)
		nrm_review_warn(r, "replies.told_to_all", "needed",
				"no row of needed says what is told of %s",
				nrm_review_names(NRM_VOCABULARY_SERVICE, silent, names));
	if (p->expulsions && (p->defenders & ~nrm_policy_walled_off(p)) == 0)
		nrm_review_warn(r, "reflection.told", "reflection.messages",
				"nobody may be told of an expulsion");
	if (p->reply_carers == 0 && p->carers_fields != 0)
		nrm_review_warn(r, "replies.carers_fields", "replies.carers",
				"can never apply: no role is among the carers");
}

static void check_emergency(struct nrm_review *r)
{
	const struct nrm_policy *p = r->policy;
	bool any = false;

	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		any |= p->emergency.recipients[s] != 0;
	if (any && p->emergency.reasons == 0)
		nrm_review_warn(r, "emergency.services", "emergency.reasons",
				"can never apply: no reason is accepted");
	if (!any && p->emergency.reasons != 0)
		nrm_review_warn(r, "emergency.reasons", "emergency.services",
				"can never apply: no service is named");
	if ((p->child_protection.services != 0) != (p->child_protection.recipients != 0))
		nrm_review_warn(r, "child_protection", "",
				"can never apply: expected services and recipients, or neither");
}

void nrm_review_lists(struct nrm_review *r)
{
	check_children(r);
	check_consent(r);
	check_complaints(r);
	check_told(r);
	check_emergency(r);
}
