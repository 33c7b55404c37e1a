/* What a policy may not say, whatever the country: contradictions, and holes in walls that stand everywhere. */
#include <stdio.h>

#include "broker/policy/policy_text.h"
#include "broker/policy/reach.h"

/* F1 */
static enum nrm_err check_enforcement(struct nrm_policy_draft *draft)
{
	if (nrm_has(nrm_policy_walled_off(draft->policy), NRM_ROLE_IMMIGRATION_ENFORCEMENT))
		return NRM_OK;
	return nrm_yaml_fail(draft->yaml, "firewall",
			     "expected {from: [any], to: [immigration_enforcement], absolute: "
			     "true} without exception");
}

static enum nrm_err check_walls(struct nrm_policy_draft *draft)
{
	const struct nrm_policy *p = draft->policy;

	for (uint32_t i = 0; i < p->n_walls; i++)
		for (uint32_t j = 0; j < i; j++) {
			const struct nrm_wall *w = &p->wall[i], *above = &p->wall[j];
			if ((w->from & ~above->from) == 0 && (w->to & ~above->to) == 0 &&
			    (above->except & ~w->except) == 0 && (above->absolute || !w->absolute))
				return nrm_yaml_fail(
					draft->yaml, nrm_yaml_at(draft->yaml, "firewall[%u]", i),
					"can never fire: firewall[%u] stops all of it", j);
		}
	return NRM_OK;
}

/* No table gives by name what a wall takes from everybody's hands. */
static enum nrm_err check_recipients(struct nrm_policy_draft *draft, const char *list,
				     const struct nrm_rows *rows)
{
	char at[NRM_YAML_PATH_LEN];
	nrm_mask roles;

	for (uint32_t i = 0; i < rows->n; i++) {
		snprintf(at, sizeof(at), "%s[%u].recipients", list, i);
		enum nrm_err err = nrm_policy_mask(draft, at, NRM_VOCABULARY_ROLE,
						   &rows->row[i].recipients, &roles);
		if (err != NRM_OK)
			return err;
		if (roles != NRM_ANYONE && (roles & nrm_policy_walled_off(draft->policy)))
			return nrm_yaml_fail(
				draft->yaml, at,
				"names a role that the firewall lets nothing through to");
	}
	return NRM_OK;
}

/* Legal duty may not mean everybody either. */
static enum nrm_err check_duties(struct nrm_policy_draft *draft)
{
	for (uint32_t i = 0; i < draft->policy->n_duties; i++)
		if (draft->policy->duty[i].roles == NRM_ANYONE)
			return nrm_yaml_fail(
				draft->yaml,
				nrm_yaml_at(draft->yaml, "legal_duty[%u].recipients", i),
				"expected the roles that the law names");
	return NRM_OK;
}

static enum nrm_err check_declines(struct nrm_policy_draft *draft)
{
	const struct nrm_policy *p = draft->policy;
	const nrm_mask refused = p->declines.conditional | p->declines.discriminatory;

	if (p->declines.conditional & p->declines.discriminatory)
		return nrm_yaml_fail(draft->yaml, "declines.discriminatory",
				     "a reason is in \"conditional\" too");
	if (refused & p->declines.by_the_person)
		return nrm_yaml_fail(draft->yaml, "declines.by_the_person",
				     "a reason is refused above");
	if (refused & p->declines.for_capacity)
		return nrm_yaml_fail(draft->yaml, "declines.for_capacity",
				     "a reason is refused above");
	return NRM_OK;
}

static enum nrm_err check_grounds(struct nrm_policy_draft *draft)
{
	const struct nrm_policy *p = draft->policy;

	if (p->emergency.against_refusal & ~p->emergency.reasons)
		return nrm_yaml_fail(draft->yaml, "emergency.against_her_own_no",
				     "expected reasons that are in \"reasons\"");
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		if (p->emergency.recipients[s] && p->emergency.minimum[s] == 0)
			return nrm_yaml_fail(draft->yaml, "emergency.minimum",
					     "expected fields for %s",
					     nrm_code_name(NRM_VOCABULARY_SERVICE, s));
	if (draft->text->consent.crisis_days > draft->text->consent.days)
		return nrm_yaml_fail(
			draft->yaml, "consent.crisis_days",
			"expected no more than consent.days: a crisis consent is provisional");
	return NRM_OK;
}

enum nrm_err nrm_policy_contradictions(struct nrm_policy_draft *draft)
{
	const struct nrm_policy_text *t = draft->text;
	enum nrm_err err = check_enforcement(draft);

	if (err == NRM_OK)
		err = check_walls(draft);
	if (err == NRM_OK)
		err = check_recipients(draft, "needed", &t->needed);
	if (err == NRM_OK)
		err = check_recipients(draft, "emergency.services", &t->emergency.services);
	if (err == NRM_OK)
		err = check_recipients(draft, "legal_duty", &t->legal_duty);
	if (err == NRM_OK)
		err = check_duties(draft);
	if (err == NRM_OK)
		err = check_declines(draft);
	return err == NRM_OK ? check_grounds(draft) : err;
}
