#include "broker/policy/scenario.h"

#include <stdlib.h>

#include "broker/policy/scenario_text.h"
#include "proto/base/id.h"

/* The report on one case: its name is printed with its first difference. */
struct finding {
	FILE *report;
	const char *file;
	const struct nrm_case_text *of;
	bool differs;
};

static void begin(struct finding *f, const char *what)
{
	if (!f->differs)
		fprintf(f->report, "FAIL %s: %s%s%s%s\n", f->file, f->of->name,
			f->of->source ? " (" : "", f->of->source ? f->of->source : "",
			f->of->source ? ")" : "");
	f->differs = true;
	fprintf(f->report, "  %s: expected ", what);
}

static const char *name_of(enum nrm_vocabulary kind, uint32_t code)
{
	const char *name = nrm_code_name(kind, code);

	return name ? name : "nothing";
}

static void print_mask(FILE *report, enum nrm_vocabulary kind, nrm_mask mask)
{
	const char *separator = "";

	fputc('[', report);
	for (uint32_t code = 1; code < 64; code++)
		if (nrm_has(mask, code)) {
			fprintf(report, "%s%s", separator, name_of(kind, code));
			separator = ", ";
		}
	fputc(']', report);
}

static void compare_code(struct finding *f, const char *what, enum nrm_vocabulary kind,
			 uint32_t expected, uint32_t got)
{
	if (expected == got)
		return;
	begin(f, what);
	fprintf(f->report, "%s, got %s\n", name_of(kind, expected), name_of(kind, got));
}

/* `how` says what of the mask was expected: nothing but it, at least it, nothing of it. */
static void compare_mask(struct finding *f, const char *what, const char *how,
			 enum nrm_vocabulary kind, bool fits, nrm_mask expected, nrm_mask got)
{
	if (fits)
		return;
	begin(f, what);
	fputs(how, f->report);
	print_mask(f->report, kind, expected);
	fputs(", got ", f->report);
	print_mask(f->report, kind, got);
	fputc('\n', f->report);
}

static enum nrm_reason withheld_for(const struct nrm_verdict *v, uint32_t field)
{
	return nrm_has(v->secret, field)	  ? NRM_REASON_SECRET
	       : nrm_has(v->not_needed, field)	  ? NRM_REASON_NOT_NEEDED
	       : nrm_has(v->not_consented, field) ? NRM_REASON_NOT_CONSENTED
						  : NRM_REASON_ABSENT;
}

static void compare(struct finding *f, const struct nrm_expected *e, const struct nrm_verdict *v)
{
	if (e->has_outcome)
		compare_code(f, "outcome", NRM_VOCABULARY_OUTCOME, e->outcome, v->outcome);
	if (e->has_reason)
		compare_code(f, "reason", NRM_VOCABULARY_REASON, e->reason, v->reason);
	compare_mask(f, "forwarded", "", NRM_VOCABULARY_FIELD,
		     !e->has_forwarded || e->forwarded == v->forwarded, e->forwarded, v->forwarded);
	compare_mask(f, "forwarded", "at least ", NRM_VOCABULARY_FIELD,
		     (e->includes & ~v->forwarded) == 0, e->includes, v->forwarded);
	compare_mask(f, "forwarded", "none of ", NRM_VOCABULARY_FIELD,
		     (e->excludes & v->forwarded) == 0, e->excludes, v->forwarded);
	for (uint32_t field = 1; field < NRM_FIELD_END_; field++)
		if (e->withheld[field])
			compare_code(f, nrm_code_name(NRM_VOCABULARY_FIELD, field),
				     NRM_VOCABULARY_REASON, e->withheld[field],
				     withheld_for(v, field));
	compare_mask(f, "obligations", "at least ", NRM_VOCABULARY_OBLIGATION,
		     (e->obligations & ~v->obligations) == 0, e->obligations, v->obligations);
	compare_mask(f, "missing", "", NRM_VOCABULARY_ASSESSMENT,
		     !e->has_missing || e->missing == v->missing, e->missing, v->missing);
}

static bool decide_case(const struct nrm_policy *policy, const struct nrm_cast *cast,
			uint16_t country, const struct nrm_case *c, struct finding *f)
{
	const struct nrm_facts facts = {
		.country = country,
		.party = cast->party,
		.n_parties = cast->n,
		.card = &c->card,
		.consent = c->consent,
		.n_consents = c->n_consents,
	};
	struct nrm_verdict verdict;

	nrm_decide(policy, &facts, &c->message, c->now, &verdict);
	compare(f, &c->expected, &verdict);
	return !f->differs;
}

static enum nrm_err run(const struct nrm_policy *policy, struct nrm_yaml *yaml,
			const struct nrm_scenario_text *text, const char *path, FILE *report,
			struct nrm_scenario_counts *counts)
{
	struct nrm_scenario_reader r = {.yaml = yaml};
	const uint16_t country = nrm_country_code(nrm_slice_str(text->country));
	struct nrm_case *c = malloc(sizeof(*c));

	if (!c)
		r.err = NRM_ERR_NOMEM;
	if (country == 0)
		nrm_scenario_fail(&r, "country", "expected a country, as TH");
	nrm_scenario_cast(&r, text);
	for (uint32_t i = 0; i < text->cases_count && r.err == NRM_OK; i++) {
		struct finding f = {report, path, &text->cases[i], false};
		nrm_scenario_case(&r, &text->cases[i], i, c);
		if (r.err != NRM_OK)
			break;
		if (decide_case(policy, &r.cast, country, c, &f))
			counts->passed++;
		else
			counts->failed++;
	}
	free(c);
	free(r.cast.id);
	free(r.cast.party);
	return r.err;
}

enum nrm_err nrm_scenarios_run(const struct nrm_policy *policy, const char *path, FILE *report,
			       struct nrm_scenario_counts *counts,
			       char ret_error[static NRM_SCENARIO_ERROR_LEN])
{
	struct nrm_yaml yaml;
	void *decoded = NULL;
	enum nrm_err err;

	nrm_yaml_init(&yaml);
	err = nrm_yaml_load_file(&yaml, path);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&yaml, &nrm_scenario_schema, &decoded);
	if (err == NRM_OK)
		err = run(policy, &yaml, decoded, path, report, counts);
	if (err != NRM_OK) {
		const char *line = nrm_yaml_error(&yaml);
		snprintf(ret_error, NRM_SCENARIO_ERROR_LEN, "%s", *line ? line : nrm_err_text(err));
	}
	nrm_yaml_free_decoded(&nrm_scenario_schema, decoded);
	nrm_yaml_done(&yaml);
	return err;
}
