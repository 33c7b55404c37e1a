/* Walls, secrecy and who may state what: lists whose lines have a shape of their own. */
#include <stdio.h>

#include "broker/policy/policy_text.h"

#define LINE_LEN 64 /* the path of a line: "secrecy[12]" */

/* The mask of one key of one line. A list left out is `absent`. */
static enum nrm_err mask_of(struct nrm_policy_draft *draft, const char *line, const char *key,
			    enum nrm_vocabulary kind, const struct nrm_words *words,
			    nrm_mask absent, nrm_mask *ret_mask)
{
	char at[NRM_YAML_PATH_LEN];

	if (words->n == 0) {
		*ret_mask = absent;
		return NRM_OK;
	}
	snprintf(at, sizeof(at), "%s.%s", line, key);
	return nrm_policy_mask(draft, at, kind, words, ret_mask);
}

static enum nrm_err compile_wall(struct nrm_policy_draft *draft, const char *at,
				 const struct nrm_wall_text *text, struct nrm_wall *wall)
{
	enum nrm_err err =
		mask_of(draft, at, "from", NRM_VOCABULARY_ROLE, &text->from, 0, &wall->from);

	if (err == NRM_OK)
		err = mask_of(draft, at, "to", NRM_VOCABULARY_ROLE, &text->to, 0, &wall->to);
	if (err == NRM_OK)
		err = mask_of(draft, at, "except", NRM_VOCABULARY_SERVICE, &text->except, 0,
			      &wall->except);
	wall->absolute = text->absolute;
	return err;
}

static enum nrm_err compile_exception(struct nrm_policy_draft *draft, const char *line,
				      const struct nrm_exception_text *text,
				      struct nrm_secrecy *secrecy)
{
	char at[NRM_YAML_PATH_LEN];
	enum nrm_err err;

	snprintf(at, sizeof(at), "%s.but", line);
	err = mask_of(draft, at, "fields", NRM_VOCABULARY_FIELD, &text->fields, 0,
		      &secrecy->but.fields);
	if (err == NRM_OK)
		err = mask_of(draft, at, "roles", NRM_VOCABULARY_ROLE, &text->roles, NRM_ANYONE,
			      &secrecy->but.roles);
	if (err == NRM_OK)
		err = mask_of(draft, at, "services", NRM_VOCABULARY_SERVICE, &text->services, 0,
			      &secrecy->but.services);
	secrecy->but.offering = text->offering;
	if (err == NRM_OK && (secrecy->but.fields & ~secrecy->fields))
		err = nrm_yaml_fail(draft->yaml, at,
				    "can never apply: names fields that the line does not");
	return err;
}

static enum nrm_err compile_secrecy(struct nrm_policy_draft *draft, const char *at,
				    const struct nrm_secrecy_text *text,
				    struct nrm_secrecy *secrecy)
{
	enum nrm_err err = mask_of(draft, at, "fields", NRM_VOCABULARY_FIELD, &text->fields, 0,
				   &secrecy->fields);

	if (err == NRM_OK)
		err = mask_of(draft, at, "only", NRM_VOCABULARY_ROLE, &text->only, NRM_ANYONE,
			      &secrecy->only);
	if (err == NRM_OK)
		err = mask_of(draft, at, "never", NRM_VOCABULARY_ROLE, &text->never, 0,
			      &secrecy->never);
	secrecy->liftable = text->consent_lifts;
	if (err == NRM_OK && text->but)
		err = compile_exception(draft, at, text->but, secrecy);
	if (err != NRM_OK)
		return err;
	if (secrecy->only == NRM_ANYONE && secrecy->never == 0)
		return nrm_yaml_fail(draft->yaml, at,
				     "can never apply: expected \"only\" or \"never\"");
	if (text->only.n > 0 && (secrecy->only & secrecy->never))
		return nrm_yaml_fail(draft->yaml, at,
				     "contradicts itself: a role is in \"only\" and in \"never\"");
	return NRM_OK;
}

static enum nrm_err compile_fact(struct nrm_policy_draft *draft, const char *at,
				 const struct nrm_fact_text *text)
{
	struct nrm_policy *p = draft->policy;
	nrm_mask facts = 0, assessments = 0, by = 0;
	enum nrm_err err =
		mask_of(draft, at, "facts", NRM_VOCABULARY_FACT, &text->facts, 0, &facts);

	if (err == NRM_OK)
		err = mask_of(draft, at, "assessments", NRM_VOCABULARY_ASSESSMENT,
			      &text->assessments, 0, &assessments);
	if (err == NRM_OK)
		err = mask_of(draft, at, "by", NRM_VOCABULARY_ROLE, &text->by, 0, &by);
	if (err != NRM_OK)
		return err;
	if ((facts | assessments) == 0)
		return nrm_yaml_fail(draft->yaml, at, "expected \"facts\" or \"assessments\"");
	if (by == 0 && !text->by_itself && !text->by_the_case_managers)
		return nrm_yaml_fail(
			draft->yaml, at,
			"expected \"by\", \"by_itself: true\" or \"by_the_case_managers: true\"");
	for (uint32_t f = 1; f < NRM_FACT_END_; f++)
		p->fact_by[f] |= nrm_has(facts, f) ? by : 0;
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++)
		p->assessment_by[a] |= nrm_has(assessments, a) ? by : 0;
	p->facts_by_managers |= text->by_the_case_managers ? facts : 0;
	p->facts_by_itself |= text->by_itself ? facts : 0;
	p->assessments_by_itself |= text->by_itself ? assessments : 0;
	return NRM_OK;
}

enum nrm_err nrm_policy_lines(struct nrm_policy_draft *draft)
{
	const struct nrm_policy_text *t = draft->text;
	struct nrm_policy *p = draft->policy;
	enum nrm_err err = NRM_OK;
	char at[LINE_LEN];

	for (uint32_t i = 0; i < t->walls_count && err == NRM_OK; i++) {
		snprintf(at, sizeof(at), "firewall[%u]", i);
		err = compile_wall(draft, at, &t->walls[i], &p->wall[i]);
	}
	for (uint32_t i = 0; i < t->secrecy_count && err == NRM_OK; i++) {
		snprintf(at, sizeof(at), "secrecy[%u]", i);
		err = compile_secrecy(draft, at, &t->secrecy[i], &p->secrecy[i]);
	}
	for (uint32_t i = 0; i < t->facts_count && err == NRM_OK; i++) {
		snprintf(at, sizeof(at), "facts[%u]", i);
		err = compile_fact(draft, at, &t->facts[i]);
	}
	p->n_walls = t->walls_count;
	p->n_secrecies = t->secrecy_count;
	return err;
}
