/* What is wrong with a policy is told exactly, and nothing of it is loaded. */
#include "tests/unit/changed_policy.h"
#include "tests/unit/folder.h"

#define MEGABYTE (1024 * 1024)

/* Refused, with this line and nothing else; no policy is made. */
static void refused(struct nrm_slice bytes, const char *line)
{
	struct nrm_policy untouched, *p = &untouched;

	memset(error, 0, sizeof(error));
	assert_int_not_equal(nrm_policy_load_bytes("p.yaml", bytes, &p, error), NRM_OK);
	assert_ptr_equal(p, &untouched);
	assert_string_equal(error, line);
}

/* The shipped policy with a passage replaced is refused where `at` stands in it. */
static void change_refused(const char *from, const char *to, const char *at, const char *says)
{
	char *document = changed(from, to), *line = NULL;
	char where[64];

	position(document, at, where);
	assert_true(asprintf(&line, "%s%s", where, says) > 0);
	refused(nrm_slice_str(document), line);
	free(document);
	free(line);
}

static void unknown_names(void **state)
{
	static const struct {
		const char *from, *to, *at, *says;
	} cases[] = {
		{"roles: [donor,", "roles: [sheriff,", "sheriff",
		 "role_groups[2].roles[0]: unknown role \"sheriff\": expected one of the 28 in "
		 "config/vocabulary.yaml"},
		{"except: [labour_claim]", "except: [hotel]", "hotel",
		 "firewall[4].except[0]: unknown service \"hotel\": expected one of the 61 in "
		 "config/vocabulary.yaml"},
		{"except: [labour_claim]", "except: [labor_claim]", "labor_claim",
		 "firewall[4].except[0]: unknown service \"labor_claim\", did you mean "
		 "\"labour_claim\"?"},
		{"fields: [complaint_statement]", "fields: [ethnicity]", "ethnicity",
		 "secrecy[4].fields[0]: unknown field \"ethnicity\": expected one of the 57 in "
		 "config/vocabulary.yaml"},
		{"discriminatory: [protected_ground]", "discriminatory: [race]", "race]",
		 "declines.discriminatory[0]: unknown decline \"race\": expected no_capacity, "
		 "not_our_service, out_of_area, person_declined, safety_conflict, not_cooperating, "
		 "no_case, case_lost, residence_status, not_identified, no_documents, cannot_pay, "
		 "not_caused_by_trafficking, protected_ground or other"},
		{"messages: [expulsion, removal]", "messages: [arrest]", "arrest]",
		 "reflection.messages[0]: unknown notice_kind \"arrest\": expected expulsion, "
		 "removal, rights_told, non_punishment, legal_status, verdict_changed or returned"},
		{"otherwise: [assistance]", "otherwise: [asistance]", "asistance",
		 "purposes.otherwise[0]: unknown purpose \"asistance\", did you mean "
		 "\"assistance\"?"},
		{"against_her_own_no: [cannot_decide]", "against_her_own_no: [money]", "money",
		 "emergency.against_her_own_no[0]: unknown emergency \"money\": expected "
		 "cannot_decide, life_threat, threat_by_trafficker, suicide_risk or child_alone"},
		{"after: [family_risk]", "after: [family_risks]", "family_risks",
		 "parents_as_guardians.after[0]: unknown assessment \"family_risks\", did you mean "
		 "\"family_risk\"?"},
		{"{facts: [last_threat], by: [police", "{facts: [threat], by: [police",
		 "threat], by: [police",
		 "facts[3].facts[0]: unknown fact \"threat\": expected age_class, adult_since, "
		 "guardian, complicit_parent, excluded, last_threat, refused, contact, "
		 "asylum_seeker, consulate_wished, reflection_until, assessment or "
		 "receiving_manager"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		change_refused(cases[i].from, cases[i].to, cases[i].at, cases[i].says);
}

#define NOT_ABOVE                                                                               \
	"expected a group that stands above: no group may be made of itself, directly or in a " \
	"circle"

static void groups_in_a_circle(void **state)
{
	(void)state;
	change_refused("roles: [donor, national_rapporteur",
		       "roles: [statistics, national_rapporteur", "statistics, nat",
		       "role_groups[2].roles[0]: " NOT_ABOVE);
	change_refused("roles: [shelter, health, psychosocial",
		       "roles: [support_and_offices, psychosocial", "support_and_offices, psych",
		       "role_groups[0].roles[0]: " NOT_ABOVE);
	change_refused("services: [criminal_statement, witness_protection, police",
		       "services: [duties_of_family_courts, police",
		       "duties_of_family_courts, police",
		       "service_groups[0].services[0]: " NOT_ABOVE);
	change_refused(
		"- name: statistics ", "- name: support # again ", "support # again",
		"role_groups[2].name: expected a name of its own, \"support\" means something "
		"already");
}

static void spans_of_nothing(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} cases[] = {
		{" days: 180", " days: 0", "consent.days: expected 1 to 36500"},
		{"crisis_days: 30", "crisis_days: 0",
		 "consent.crisis_days: expected 1 to 36500 days"},
		{"days: 1095", "days: 0", "consent.longer[0].days: expected 1 to 36500"},
		{"review_days: 7", "review_days: 0",
		 "consent.review_days: expected 1 to 36500 days"},
		{"young_adult_days: 30", "young_adult_days: 0",
		 "consent.young_adult_days: expected 1 to 36500 days"},
		{"fresh_days: 90", "fresh_days: 0", "return.fresh_days: expected 1 to 36500 days"},
		{"days: 92", "days: 0", "reflection.days: expected 1 to 36500 days"},
		{"days: 92", "days: 36501", "reflection.days: expected 1 to 36500 days"},
		{"days: 92", "days: -92",
		 "reflection.days: expected a whole number from 0 to 4294967295"},
		{"days: 92", "days: 4294967296",
		 "reflection.days: expected a whole number from 0 to 4294967295"},
		{"days: 92", "days: 9.2e1",
		 "reflection.days: expected a whole number from 0 to 4294967295"},
		{"hours: 24}", "hours: 0}", "deadlines.rows[1].hours: expected 1 to 8760"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *document = changed(cases[i].from, cases[i].to), *line = NULL;
		unsigned row, column;
		char where[64];
		position(document, cases[i].to, where);
		assert_int_equal(sscanf(where, "p.yaml:%u:%u:", &row, &column), 2);
		column += (unsigned)(strstr(cases[i].to, ": ") + 2 - cases[i].to); /* the value */
		assert_true(asprintf(&line, "p.yaml:%u:%u: %s", row, column, cases[i].says) > 0);
		refused(nrm_slice_str(document), line);
		free(document);
		free(line);
	}
}

/* A key put in a second time, with `says` to say where it was first. */
static void key_twice(const char *from, const char *to, const char *path)
{
	char *document = changed(from, to);
	char where[64], says[128];
	unsigned row;

	position(document, from, where);
	assert_int_equal(sscanf(where, "p.yaml:%u:", &row), 1);
	snprintf(says, sizeof(says), "%s: the key occurs twice, first in line %u", path, row);
	free(document);
	change_refused(from, to, strchr(to, '\n') + 1 + strspn(strchr(to, '\n') + 1, " "), says);
}

static void keys_and_words_twice(void **state)
{
	(void)state;
	key_twice("consulates: [consular]", "consulates: [consular]\nconsulates: [police]",
		  "consulates");
	key_twice("crisis_days: 30", "crisis_days: 30\n  crisis_days: 31", "consent.crisis_days");
	change_refused("told: [legal_aid, guardian", "told: [legal_aid, guardian, guardian",
		       "guardian, ngo_case_manager, coordinator",
		       "reflection.told[2]: \"guardian\" is in this list already");
	change_refused(
		"any_never_covers: [infection_testing",
		"any_never_covers: [medical, infection_testing", "infection_testing, safe_return",
		"consent.any_never_covers[1]: \"infection_testing\" is in this list already");
}

static void shapes_that_yaml_allows_and_policies_do_not(void **state)
{
	(void)state;
	change_refused("reflection:\n  messages", "reflection:\n\tmessages", "\tmessages",
		       "expected spaces where the line begins, found a tab");
	change_refused("consulates: [consular]", "consulates: &a [consular]", "&a",
		       "expected no anchor (&)");
	change_refused("consulates: [consular]", "consulates: *a", "*a", "expected no alias (*)");
	change_refused("consulates: [consular]", "consulates: !!seq [consular]", "!!seq",
		       "expected no tag (!)");
	change_refused("consulates: [consular]", "consulates: [[consular]]", "[consular]]",
		       "consulates[0]: expected a single value, found a list");
	change_refused("consulates: [consular]", "consulates: ~", "~",
		       "consulates: expected a list, found a single value");
}

/* What expands to billions, or nests without an end, is refused where it begins. */
static void bombs(void **state)
{
	char bomb[4096], lists[10000], mappings[40000];
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(bomb, sizeof(bomb), "a: &a [x, x, x, x, x, x, x, x]\n");
	for (int c = 'b'; c <= 'z'; c++)
		n += (size_t)snprintf(bomb + n, sizeof(bomb) - n,
				      "%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c,
				      c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1);
	refused(nrm_slice(bomb, n), "p.yaml:1:4: expected no anchor (&)");

	memset(lists, '[', sizeof(lists));
	for (size_t i = 0; i < sizeof(mappings); i += 4)
		memcpy(mappings + i, "{a: ", 4);
	refused(nrm_slice(lists, sizeof(lists)),
		"p.yaml:1:33: [0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
		"[0][0][0][0][0][0][0][0][0]: nested too deeply: expected at most 32 levels");
	refused(nrm_slice(mappings, sizeof(mappings)),
		"p.yaml:1:129: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: "
		"nested too deeply: expected at most 32 levels");
}

static void far_too_large(void **state)
{
	const size_t len = 10 * MEGABYTE;
	struct nrm_policy untouched, *p = &untouched;
	char *document = malloc(len), line[600];

	(void)state;
	assert_non_null(document);
	memset(document, '#', len);
	memcpy(document + len - strlen(shipped) - 1, "\n", 1);
	memcpy(document + len - strlen(shipped), shipped, strlen(shipped));
	refused(nrm_slice(document, len), "p.yaml: expected at most 1048576 bytes");

	folder_make();
	const char *path = in_folder("policy.yaml");
	assert_int_equal(nrm_file_replace(path, 0644, nrm_slice(document, len)), NRM_OK);
	assert_int_equal(nrm_policy_load(path, &p, error), NRM_ERR_LIMIT);
	assert_ptr_equal(p, &untouched);
	snprintf(line, sizeof(line), "%s: expected at most 1048576 bytes", path);
	assert_string_equal(error, line);
	folder_remove();
	free(document);
}

/* An error line is one line, whatever is quoted in it. */
static void words_that_a_terminal_would_obey(void **state)
{
	(void)state;
	change_refused("role_groups:\n",
		       "role_groups:\n- {name: \"a\\nb\\e[2J\\u202e\", roles: [police]}\n"
		       "- {roles: [court], name: \"a\\nb\\e[2J\\u202e\"}\n",
		       "\"a\\nb\\e[2J\\u202e\"}",
		       "role_groups[1].name: expected a name of its own, \"a?b?[2J???\" means "
		       "something already");
	change_refused("consulates: [consular]", "consulates: [\"\\e]0;x\\a\"]", "\"\\e]0;x\\a\"",
		       "consulates[0]: unknown role \"?]0;x?\": expected one of the 28 in "
		       "config/vocabulary.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(groups_in_a_circle),
		cmocka_unit_test(spans_of_nothing),
		cmocka_unit_test(keys_and_words_twice),
		cmocka_unit_test(shapes_that_yaml_allows_and_policies_do_not),
		cmocka_unit_test(bombs),
		cmocka_unit_test(far_too_large),
		cmocka_unit_test(words_that_a_terminal_would_obey),
	};

	return cmocka_run_group_tests(tests, read_shipped, done);
}
