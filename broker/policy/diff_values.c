/* Values of two policies side by side: what no verdict on a single message shows. */
#include <stdio.h>
#include <string.h>

#include "broker/policy/diff.h"
#include "broker/policy/policy_text.h"

struct comparison {
	struct nrm_policy_source *old, *new;
	nrm_value_visit *visit;
	void *of;
	uint32_t n;
};

static void tell(struct comparison *c, const struct nrm_value_change *change)
{
	c->n++;
	c->visit(c->of, change);
}

static void compare_lists(struct comparison *c)
{
	struct nrm_policy_value old, new;

	for (size_t i = 0; nrm_policy_value(c->old, i, &old) && nrm_policy_value(c->new, i, &new);
	     i++)
		if (old.value != new.value)
			tell(c, &(struct nrm_value_change){
					.what = old.path,
					.kind = old.is_days ? NRM_VALUE_DAYS : NRM_VALUE_CODES,
					.values = old.kind,
					.before = old.value,
					.after = new.value,
					.old_line = nrm_policy_source_line(c->old, old.path),
					.new_line = nrm_policy_source_line(c->new, new.path)});
}

/* A number that the file says by service: in a row that names it, or for all the others. */
struct table {
	const char *what, *list, *otherwise;
	enum nrm_value_kind unit;
	size_t rows; /* where in struct nrm_policy_text */
	uint64_t (*value)(const struct nrm_policy *policy, uint32_t service);
};

static uint64_t lifetime(const struct nrm_policy *policy, uint32_t service)
{
	return policy->lifetime_ms[service] / (24ull * 3600 * 1000);
}

static uint64_t deadline(const struct nrm_policy *policy, uint32_t service)
{
	return policy->deadline_minutes[service] / 60;
}

static const struct table tables[] = {
	{"consent.longer", "consent.longer", "consent.days", NRM_VALUE_DAYS,
	 offsetof(struct nrm_policy_text, consent.longer), lifetime},
	{"deadlines", "deadlines.rows", "deadlines.hours", NRM_VALUE_HOURS,
	 offsetof(struct nrm_policy_text, deadlines.rows), deadline},
};

static uint32_t line_of_service(struct nrm_policy_source *source, const struct table *t,
				uint32_t service)
{
	const struct nrm_rows *rows =
		(const struct nrm_rows *)((const char *)source->decoded + t->rows);
	char path[NRM_POLICY_PATH_LEN];

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct nrm_policy_row row = nrm_policy_source_row(source, t->list, rows, i);
		if (!nrm_has(row.services, service))
			continue;
		snprintf(path, sizeof(path), "%s[%u]", t->list, i);
		return nrm_policy_source_line(source, path);
	}
	return nrm_policy_source_line(source, t->otherwise);
}

static struct nrm_value_change of_service(struct comparison *c, const struct table *t,
					  uint32_t service)
{
	return (struct nrm_value_change){.what = t->what,
					 .about = NRM_VOCABULARY_SERVICE,
					 .codes = nrm_bit(service),
					 .kind = t->unit,
					 .before = t->value(c->old->draft.policy, service),
					 .after = t->value(c->new->draft.policy, service),
					 .old_line = line_of_service(c->old, t, service),
					 .new_line = line_of_service(c->new, t, service)};
}

static bool alike(const struct nrm_value_change *a, const struct nrm_value_change *b)
{
	return a->before == b->before && a->after == b->after && a->old_line == b->old_line &&
	       a->new_line == b->new_line;
}

/* Services of which the same lines say the same are told together. */
static void compare_table(struct comparison *c, const struct table *t)
{
	nrm_mask told = 0;

	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
		struct nrm_value_change change = of_service(c, t, s);
		if (change.before == change.after || nrm_has(told, s))
			continue;
		for (uint32_t other = s + 1; other < NRM_SERVICE_END_; other++) {
			const struct nrm_value_change next = of_service(c, t, other);
			change.codes |= alike(&change, &next) ? nrm_bit(other) : 0;
		}
		told |= change.codes;
		tell(c, &change);
	}
}

/* The first line of `facts` that names a fact or an assessment. */
static uint32_t line_of_fact(struct nrm_policy_source *source, enum nrm_vocabulary kind,
			     uint32_t code)
{
	const struct nrm_policy_text *t = source->draft.text;
	const char *name = nrm_code_name(kind, code);
	char path[NRM_POLICY_PATH_LEN];

	for (uint32_t i = 0; i < t->facts_count; i++) {
		const struct nrm_words *words =
			kind == NRM_VOCABULARY_FACT ? &t->facts[i].facts : &t->facts[i].assessments;
		snprintf(path, sizeof(path), "facts[%u]", i);
		for (uint32_t j = 0; j < words->n; j++)
			if (strcmp(words->word[j], name) == 0)
				return nrm_policy_source_line(source, path);
	}
	return nrm_policy_source_line(source, "facts");
}

static void compare_who(struct comparison *c, const char *what, enum nrm_vocabulary about,
			uint32_t code, enum nrm_value_kind kind, uint64_t before, uint64_t after)
{
	if (before == after)
		return;
	tell(c, &(struct nrm_value_change){.what = what,
					   .about = about,
					   .codes = nrm_bit(code),
					   .kind = kind,
					   .values = NRM_VOCABULARY_ROLE,
					   .before = before,
					   .after = after,
					   .old_line = line_of_fact(c->old, about, code),
					   .new_line = line_of_fact(c->new, about, code)});
}

static void compare_facts(struct comparison *c)
{
	const struct nrm_policy *old = c->old->draft.policy, *new = c->new->draft.policy;

	for (uint32_t f = 1; f < NRM_FACT_END_; f++) {
		compare_who(c, "facts.by", NRM_VOCABULARY_FACT, f, NRM_VALUE_CODES, old->fact_by[f],
			    new->fact_by[f]);
		compare_who(c, "facts.by_the_case_managers", NRM_VOCABULARY_FACT, f, NRM_VALUE_YES,
			    nrm_has(old->facts_by_managers, f), nrm_has(new->facts_by_managers, f));
		compare_who(c, "facts.by_itself", NRM_VOCABULARY_FACT, f, NRM_VALUE_YES,
			    nrm_has(old->facts_by_itself, f), nrm_has(new->facts_by_itself, f));
	}
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++) {
		compare_who(c, "facts.by", NRM_VOCABULARY_ASSESSMENT, a, NRM_VALUE_CODES,
			    old->assessment_by[a], new->assessment_by[a]);
		compare_who(c, "facts.by_itself", NRM_VOCABULARY_ASSESSMENT, a, NRM_VALUE_YES,
			    nrm_has(old->assessments_by_itself, a),
			    nrm_has(new->assessments_by_itself, a));
	}
}

uint32_t nrm_policy_compare_values(struct nrm_policy_source *old, struct nrm_policy_source *new,
				   nrm_value_visit *visit, void *of)
{
	struct comparison c = {.old = old, .new = new, .visit = visit, .of = of};

	compare_lists(&c);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		compare_table(&c, &tables[i]);
	compare_facts(&c);
	return c.n;
}
