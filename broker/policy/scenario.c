#include "broker/policy/scenario.h"

#include "broker/policy/scenario_file.h"
#include "broker/policy/scenario_text.h"

/* The report on one case: its name is printed with its first difference. */
struct finding {
	FILE *report;
	const char *file;
	const char *name, *source; /* of the case; source may be NULL */
	bool differs;
};

static void begin(struct finding *f, const char *what)
{
	if (!f->differs)
		fprintf(f->report, "FAIL %s: %s%s%s%s\n", f->file, f->name, f->source ? " (" : "",
			f->source ? f->source : "", f->source ? ")" : "");
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

static enum nrm_err run_case(const struct nrm_policy *policy, struct nrm_scenarios *scenarios,
			     uint32_t index, struct finding *f, char *ret_error)
{
	struct nrm_facts facts;
	const struct nrm_message *message;
	struct nrm_verdict verdict;
	uint64_t now;
	enum nrm_err err = nrm_scenarios_expects(scenarios, index, ret_error);

	if (err == NRM_OK)
		err = nrm_scenarios_case(scenarios, index, &facts, &message, &now, ret_error);
	if (err != NRM_OK)
		return err;
	nrm_decide(policy, &facts, message, now, &verdict);
	compare(f, &nrm_scenarios_current(scenarios)->expected, &verdict);
	return NRM_OK;
}

/* Runs what was opened, and closes it. */
static enum nrm_err run(const struct nrm_policy *policy, const char *name,
			struct nrm_scenarios *scenarios, FILE *report,
			struct nrm_scenario_counts *counts, char *ret_error)
{
	enum nrm_err err = NRM_OK;

	for (uint32_t i = 0; i < nrm_scenarios_count(scenarios); i++) {
		struct finding f = {report, name, nrm_scenarios_name(scenarios, i),
				    nrm_scenarios_source(scenarios, i), false};
		err = run_case(policy, scenarios, i, &f, ret_error);
		if (err != NRM_OK)
			break;
		if (f.differs)
			counts->failed++;
		else
			counts->passed++;
	}
	nrm_scenarios_close(scenarios);
	return err;
}

enum nrm_err nrm_scenarios_run(const struct nrm_policy *policy, const char *path, FILE *report,
			       struct nrm_scenario_counts *counts,
			       char ret_error[static NRM_SCENARIO_ERROR_LEN])
{
	struct nrm_scenarios *scenarios = NULL;
	enum nrm_err err = nrm_scenarios_open(path, &scenarios, ret_error);

	return err == NRM_OK ? run(policy, path, scenarios, report, counts, ret_error) : err;
}

enum nrm_err nrm_scenarios_run_bytes(const struct nrm_policy *policy, const char *name,
				     struct nrm_slice bytes, FILE *report,
				     struct nrm_scenario_counts *counts,
				     char ret_error[static NRM_SCENARIO_ERROR_LEN])
{
	struct nrm_scenarios *scenarios = NULL;
	enum nrm_err err = nrm_scenarios_open_bytes(name, bytes, &scenarios, ret_error);

	return err == NRM_OK ? run(policy, name, scenarios, report, counts, ret_error) : err;
}
