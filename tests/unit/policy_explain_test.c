/* Explanations: of every case that we have, complete and true; of six, word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "agents/cli/policy_explain.h"
#include "broker/policy/explain.h"
#include "tests/unit/shipped_policy.h"

#define CASES "tests/explain/cases.yaml"

/* Names in errors and explanations are those that a person at the root of the project sees. */
static int begin(void **state)
{
	return chdir(NRM_SOURCE) != 0 || read_shipped(state);
}

static struct nrm_policy_source *open_shipped(void)
{
	return opened("config/policy.yaml", shipped);
}

static struct nrm_scenarios *open_cases(const char *path)
{
	struct nrm_scenarios *scenarios = NULL;
	char error[NRM_SCENARIO_ERROR_LEN];

	if (nrm_scenarios_open(path, &scenarios, error) != NRM_OK)
		fail_msg("%s", error);
	return scenarios;
}

struct question {
	struct nrm_facts facts;
	const struct nrm_message *message;
	uint64_t now;
};

static struct nrm_explanation explained(struct nrm_policy_source *policy,
					struct nrm_scenarios *scenarios, uint32_t index,
					struct question *q)
{
	struct nrm_explanation e;
	char error[NRM_SCENARIO_ERROR_LEN];

	assert_int_equal(
		nrm_scenarios_case(scenarios, index, &q->facts, &q->message, &q->now, error),
		NRM_OK);
	assert_int_equal(nrm_explain(policy, &q->facts, q->message, q->now, &e), NRM_OK);
	return e;
}

/* Fields that lines of a kind, and of a reason where one is given, tell. */
static nrm_mask fields_told(const struct nrm_explanation *e, enum nrm_because_kind kind,
			    enum nrm_reason reason)
{
	nrm_mask fields = 0;

	for (uint32_t i = 0; i < e->n; i++)
		if (e->because[i].kind == kind &&
		    (reason == NRM_REASON_ABSENT || e->because[i].reason == reason))
			fields |= nrm_bit(e->because[i].code);
	return fields;
}

/* The first word of the line of a path tells whether it is the place it should be. */
static bool stands_there(const struct nrm_policy_source *policy, const char *path)
{
	const struct nrm_slice text = nrm_policy_source_text(policy, path);
	const char *key = strrchr(path, '.') ? strrchr(path, '.') + 1 : path;

	if (text.len == 0)
		return false;
	if (strchr(key, '['))
		return text.data[0] == '-';
	return strncmp((const char *)text.data, key, strlen(key)) == 0;
}

static bool names(const struct nrm_explanation *e, enum nrm_because_kind kind, const char *path)
{
	for (uint32_t i = 0; i < e->n; i++)
		if (e->because[i].kind == kind && strcmp(e->because[i].path, path) == 0)
			return true;
	return false;
}

/* A list is behind no field that it does not name. */
static void check_list(const struct nrm_because *b, const char *path, nrm_mask fields)
{
	if (b->kind == NRM_BECAUSE_ARRIVES && strcmp(b->path, path) == 0)
		assert_true(nrm_has(fields, b->code));
}

static void check(const struct nrm_policy_source *policy, const struct question *q,
		  const struct nrm_explanation *e)
{
	const struct nrm_verdict *v = &e->verdict;
	struct nrm_verdict again;
	uint32_t grounds = 0;

	nrm_decide(nrm_policy_source_policy(policy), &q->facts, q->message, q->now, &again);
	assert_memory_equal(v, &again, sizeof(again));
	assert_true(v->rules >> e->rule & 1);
	if (v->reason == NRM_REASON_OK)
		assert_true(e->rule == 20 || e->rule == 2);
	assert_int_equal(fields_told(e, NRM_BECAUSE_ARRIVES, NRM_REASON_ABSENT), v->forwarded);
	assert_int_equal(fields_told(e, NRM_BECAUSE_WITHHELD, NRM_REASON_SECRET), v->secret);
	assert_int_equal(fields_told(e, NRM_BECAUSE_WITHHELD, NRM_REASON_NOT_NEEDED),
			 v->not_needed);
	assert_int_equal(fields_told(e, NRM_BECAUSE_WITHHELD, NRM_REASON_NOT_CONSENTED),
			 v->not_consented);
	for (uint32_t i = 0; i < e->n; i++) {
		const struct nrm_because *b = &e->because[i];
		if (b->kind == NRM_BECAUSE_POLICY || (b->kind >= NRM_BECAUSE_ARRIVES && *b->path))
			assert_true(stands_there(policy, b->path));
		if (b->kind == NRM_BECAUSE_CONSENT)
			assert_int_equal(b->reason == NRM_REASON_OK, v->consents >> b->code & 1);
		if (b->kind == NRM_BECAUSE_ARRIVES || b->reason == NRM_REASON_SECRET)
			assert_true(*b->path);
		const struct nrm_policy *p = nrm_policy_source_policy(policy);
		check_list(b, "replies.fields", p->reply_fields);
		check_list(b, "replies.carers_fields", p->carers_fields);
		check_list(b, "complaints.fields", p->complaint_fields);
		grounds += b->kind <= NRM_BECAUSE_CONSENT;
	}
	/* a message that is stopped is told why: by a line, a fact or a consent */
	assert_true(grounds > 0 || v->outcome == NRM_OUTCOME_FORWARD);
}

static void every_case_is_explained(void **state)
{
	static const char *const files[] = {"tests/scenarios/national.yaml",
					    "tests/scenarios/rules.yaml", CASES};
	struct nrm_policy_source *policy = open_shipped();

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct nrm_scenarios *scenarios = open_cases(files[i]);
		for (uint32_t c = 0; c < nrm_scenarios_count(scenarios); c++) {
			struct question q;
			struct nrm_explanation e = explained(policy, scenarios, c, &q);
			check(policy, &q, &e);
			nrm_explanation_done(&e);
		}
		nrm_scenarios_close(scenarios);
	}
	nrm_policy_source_close(policy);
}

/*
 * One case of the six under a policy with a passage replaced: the line behind it moves, goes, or
 * comes.
 */
static struct nrm_explanation explained_under(const char *from, const char *to, uint32_t index)
{
	struct nrm_policy_source *policy = with(from, to);
	struct nrm_scenarios *scenarios = open_cases(CASES);
	struct question q;
	struct nrm_explanation e = explained(policy, scenarios, index, &q);

	nrm_scenarios_close(scenarios);
	nrm_policy_source_close(policy);
	return e;
}

#define PAIR "- {from: [support_and_offices], to: [police, prosecutor],"

static void the_pair_that_matches_is_named(void **state)
{
	struct nrm_explanation e = explained_under("format: 1", "format: 1", 1);

	(void)state;
	assert_true(names(&e, NRM_BECAUSE_POLICY, "firewall[1]"));
	assert_int_equal(e.n, 1);
	nrm_explanation_done(&e);
	e = explained_under(PAIR, "- {from: [education], to: [police],", 1);
	assert_int_not_equal(e.verdict.reason, NRM_REASON_FIREWALL);
	assert_false(names(&e, NRM_BECAUSE_POLICY, "firewall[1]"));
	nrm_explanation_done(&e);
	e = explained_under(PAIR, "- {from: [shelter], to: [police], except: [safety_plan]}\n" PAIR,
			    1);
	assert_true(names(&e, NRM_BECAUSE_POLICY, "firewall[1]"));
	assert_true(names(&e, NRM_BECAUSE_POLICY, "firewall[2]"));
	nrm_explanation_done(&e);
}

static void rows_that_let_a_field_through_are_all_named(void **state)
{
	struct nrm_explanation e = explained_under(
		"- {services: [rent_support], fields: [finances]}",
		"- {services: [rent_support], fields: [finances]}\n"
		"- {services: [emergency_shelter], fields: [nationality, housing_needs]}",
		0);

	(void)state;
	assert_int_equal(e.verdict.forwarded & nrm_bit(NRM_FIELD_NATIONALITY),
			 nrm_bit(NRM_FIELD_NATIONALITY));
	assert_true(names(&e, NRM_BECAUSE_ARRIVES, "needed[2]"));
	assert_true(names(&e, NRM_BECAUSE_ARRIVES, "needed[5]"));
	nrm_explanation_done(&e);
	e = explained_under("format: 1", "format: 1", 0);
	assert_false(names(&e, NRM_BECAUSE_ARRIVES, "needed[5]"));
	nrm_explanation_done(&e);
}

/* Two lines that only together let it pass are both behind a refusal. */
static void lines_that_stop_it_together_are_named_together(void **state)
{
	struct nrm_explanation e =
		explained_under("{services: [emergency_medical, emergency_shelter, "
				"police_protection], recipients: [any]}\n"
				"  - {services: [psychiatric_care], recipients: [health]}\n"
				"  reasons: [cannot_decide, life_threat, threat_by_trafficker,",
				"{services: [emergency_medical], recipients: [shelter]}\n"
				"  reasons: [cannot_decide, threat_by_trafficker,",
				3);

	(void)state;
	assert_int_equal(e.verdict.reason, NRM_REASON_BASIS_NOT_ALLOWED);
	assert_true(names(&e, NRM_BECAUSE_POLICY, "emergency.services[0]"));
	assert_true(names(&e, NRM_BECAUSE_POLICY, "emergency.reasons"));
	assert_false(names(&e, NRM_BECAUSE_FACT, "message.recipient"));
	nrm_explanation_done(&e);
}

/* What `nrm policy explain --language TAG` says of the first `n` cases. */
static char *words(const char *language, uint32_t n)
{
	struct nrm_policy_source *policy = open_shipped();
	struct nrm_scenarios *scenarios = open_cases(CASES);
	struct nrm_glossary *glossary = NULL;
	char error[NRM_GLOSSARY_ERROR_LEN];
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(nrm_glossary_load("config/vocabulary.yaml", &glossary, error), NRM_OK);
	for (uint32_t i = 0; i < n; i++) {
		struct question q;
		struct nrm_explanation e = explained(policy, scenarios, i, &q);
		const struct nrm_told_case told = {policy,
						   scenarios,
						   CASES,
						   i,
						   &e,
						   glossary,
						   nrm_glossary_language(glossary, language)};
		fputs(i ? "\n" : "", out);
		nrm_explain_print(&told, out);
		nrm_explanation_done(&e);
	}
	fclose(out);
	nrm_glossary_free(glossary);
	nrm_scenarios_close(scenarios);
	nrm_policy_source_close(policy);
	return text;
}

static void words_are_as_recorded(void **state)
{
	static const struct {
		const char *language;
		uint32_t cases;
	} recorded[] = {{"en", 6}, {"es", 1}, {"fr", 1}, {"km", 1}};
	char path[64], text[16 * 1024];

	(void)state;
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		char *told = words(recorded[i].language, recorded[i].cases);
		snprintf(path, sizeof(path), "tests/explain/%s.txt", recorded[i].language);
		FILE *f = fopen(path, "r");
		assert_non_null(f);
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		fclose(f);
		assert_string_equal(told, text);
		free(told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_explained),
		cmocka_unit_test(the_pair_that_matches_is_named),
		cmocka_unit_test(rows_that_let_a_field_through_are_all_named),
		cmocka_unit_test(lines_that_stop_it_together_are_named_together),
		cmocka_unit_test(words_are_as_recorded),
	};

	return cmocka_run_group_tests(tests, begin, forget_shipped);
}
