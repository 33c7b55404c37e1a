/* The policy file: the shipped one, and what is refused, where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/decide.h"
#include "broker/policy/policy_file.h"
#include "proto/crypto/sign.h"

#define PATH NRM_SOURCE "/config/policy.yaml"

static char text[64 * 1024];
static char error[NRM_POLICY_ERROR_LEN];

static int read_shipped(void **state)
{
	FILE *f = fopen(PATH, "r");

	(void)state;
	if (!f || nrm_crypto_init() != NRM_OK)
		return 1;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return 0;
}

static int done(void **state)
{
	(void)state;
	nrm_crypto_thread_done();
	return 0;
}

static void the_shipped_one_is_digested(void **state)
{
	struct nrm_policy *of_file = NULL, *of_bytes = NULL;
	uint8_t digest[NRM_HASH_LEN];

	(void)state;
	if (nrm_policy_load(PATH, &of_file, error) != NRM_OK)
		fail_msg("%s", error);
	assert_int_equal(nrm_policy_load_bytes("snapshot", nrm_slice_str(text), &of_bytes, error),
			 NRM_OK);
	nrm_document_digest(NRM_DOMAIN_POLICY, nrm_slice_str(text), digest);
	assert_memory_equal(of_file->digest, digest, sizeof(digest));
	assert_memory_equal(of_file, of_bytes, sizeof(*of_file));
	nrm_policy_free(of_file);
	nrm_policy_free(of_bytes);
}

/* Numbers of policy.md and requirements.md that no scenario can see. */
static void its_numbers(void **state)
{
	struct nrm_policy *p = NULL;

	(void)state;
	assert_int_equal(nrm_policy_load(PATH, &p, error), NRM_OK);
	assert_int_equal(p->n_walls, 5);
	assert_int_equal(p->n_duties, 0);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_EMERGENCY_SHELTER], 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_INTERPRETATION], 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_COUNSELLING], 24 * 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_MEDICAL_CHECKUP], 24 * 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_GUARDIANSHIP_APPOINTMENT], 24 * 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_LANGUAGE_COURSE], 72 * 60);
	assert_int_equal(p->reflection_ms / (24ull * 3600 * 1000), 92);
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
		assert_int_not_equal(p->purposes[s], 0);
		assert_int_not_equal(p->lifetime_ms[s], 0);
		assert_int_not_equal(p->deadline_minutes[s], 0);
	}
	for (uint32_t c = 1; c < NRM_CATEGORY_END_; c++)
		assert_int_not_equal(p->category[c], 0);
	nrm_policy_free(p);
}

/* Nobody for whom policy.md says "never any field" needs to be told otherwise by a wall. */
static void statistics_and_enforcement_get_nothing(void **state)
{
	static const enum nrm_role roles[] = {NRM_ROLE_DONOR, NRM_ROLE_NATIONAL_RAPPORTEUR,
					      NRM_ROLE_AUDITOR, NRM_ROLE_IMMIGRATION_ENFORCEMENT};
	struct nrm_policy *p = NULL;

	(void)state;
	assert_int_equal(nrm_policy_load(PATH, &p, error), NRM_OK);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
			const struct nrm_party party = {.roles = nrm_bit(roles[i]) |
								 nrm_bit(NRM_ROLE_SHELTER),
							.offers = ~0ull};
			const nrm_mask needed = nrm_needed(p, &party, s, NRM_MESSAGE_TYPE_REFERRAL);
			assert_int_equal(needed & ~nrm_secret(p, &party, s), 0);
		}
	nrm_policy_free(p);
}

/* The shipped file with one passage replaced. */
static char *changed(const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *copy = NULL;

	if (!at)
		fail_msg("not in the shipped policy: %s", from);
	assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	return copy;
}

/* "p.yaml:LINE:COLUMN: " of a passage. */
static void position(const char *document, const char *passage, char out[static 64])
{
	const char *at = strstr(document, passage), *start = at;
	unsigned line = 1;

	if (!at)
		fail_msg("not in the document: %s", passage);
	while (start > document && start[-1] != '\n')
		start--;
	for (const char *p = document; p < start; p++)
		line += *p == '\n';
	snprintf(out, 64, "p.yaml:%u:%u: ", line, (unsigned)(at - start) + 1);
}

static const struct {
	const char *from, *to;
	const char *at; /* where the error is, in the changed document */
	const char *says;
} bad[] = {
	{"to: [police, prosecutor]", "to: [polcie, prosecutor]", "polcie",
	 "firewall[1].to[0]: unknown role \"polcie\", did you mean \"police\"?"},
	{"fields: [offence_record, entry_and_stay]", "fields: [offence_record, entry]", "entry]",
	 "secrecy[3].fields[1]: unknown field"},
	{"conditional: [not_cooperating", "conditional: [not_cooperative", "not_cooperative",
	 "declines.conditional[0]: unknown decline"},
	{"format: 1", "format: 2", "2\n", "format: expected 1"},
	{"crisis_days: 30", "crisis_days: 0", "0  ", "consent.crisis_days: expected 1 to"},
	{"crisis_days: 30", "crisis_days: 200", "200",
	 "consent.crisis_days: expected no more than consent.days"},
	{"crisis_days: 30", "crisis_days: soon", "soon",
	 "consent.crisis_days: expected a whole number"},
	{"hours: 72", "hours: 0", "0\n  rows:\n  - {services: [emergency_medical",
	 "deadlines.hours: expected 1 to"},
	{"fresh_days:", "fresh_day:", "fresh_day:",
	 "return: unknown key \"fresh_day\", did you mean \"fresh_days\"?"},
	{"children:", "childrens:", "childrens:", "unknown key \"childrens\""},
	{"legal_duty: []",
	 "legal_duty: [{services: [any], recipients: [immigration_enforcement], fields: [any]}]",
	 "recipients: [immigration_enforcement], fields: [any]}]",
	 "legal_duty[0].recipients: names a role that the firewall lets nothing through to"},
	{"legal_duty: []", "legal_duty: [{services: [any], recipients: [any], fields: [any]}]",
	 "recipients: [any], fields: [any]}]",
	 "legal_duty[0].recipients: expected the roles that the law names"},
	{"- {from: [any], to: [immigration_enforcement], absolute: true}",
	 "- {from: [any], to: [immigration_enforcement]}",
	 "firewall:", "firewall: expected {from: [any]"},
	{"- {from: [any], to: [immigration_enforcement], absolute: true}",
	 "- {from: [any], to: [immigration_enforcement], absolute: true, except: [safety]}",
	 "firewall:", "firewall: expected {from: [any]"},
	{"- {from: [police, prosecutor, court], to: [labour_inspection], except: [labour_claim]}",
	 "- {from: [shelter], to: [police], except: [any]}", "{from: [shelter]",
	 "firewall[4]: can never fire: firewall[1] stops all of it"},
	{"only: [legal_aid]", "only: [legal_aid]\n  never: [police, legal_aid]",
	 "fields: [offence_record", "secrecy[3]: contradicts itself"},
	{"- fields: [infection_status]                                           # M3\n  only: "
	 "[health]\n",
	 "- fields: [infection_status]\n", "fields: [infection_status]\n",
	 "secrecy[1]: can never apply: expected \"only\" or \"never\""},
	{"but: {fields: [exploitation_form]", "but: {fields: [religion]",
	 "but: {fields: [religion]", "secrecy[2].but: can never apply"},
	{"- {services: [safe_return], purposes: [return]}",
	 "- {services: [legal], purposes: [return]}", "services: [legal], purposes",
	 "purposes.rows[3].services: a row above says something else"},
	{"  except: [recreation]", "  except: [housing]", "except: [housing]",
	 "needed[7].except: excepts what the row does not name"},
	{"  except: [recreation]", "  except: [psychosocial]", "services: [psychosocial]\n  except",
	 "needed[7]: can never apply"},
	{"recipients: [legal_aid]\n  fields: [family_name, birth_date, nationality",
	 "recipients: [legal_aid, immigration_enforcement]\n  fields: [family_name, birth_date, "
	 "nationality",
	 "recipients: [legal_aid, immigration_enforcement]",
	 "needed[19].recipients: names a role that the firewall lets nothing"},
	{"against_her_own_no: [cannot_decide]",
	 "against_her_own_no: [cannot_decide]\n  reason: [life_threat]", "reason: [life_threat]",
	 "emergency: unknown key \"reason\""},
	{"reasons: [cannot_decide, life_threat", "reasons: [life_threat", "against_her_own_no:",
	 "emergency.against_her_own_no: expected reasons that are in \"reasons\""},
	{"by_the_person: [person_declined]", "by_the_person: [person_declined, no_case]",
	 "by_the_person:", "declines.by_the_person: a reason is refused above"},
	{"[donor, national_rapporteur, auditor]", "[donor, donor, auditor]", "donor, auditor",
	 "role_groups[2].roles[1]: \"donor\" is in this list already"},
	{"- name: statistics", "- name: shelter", "shelter       ",
	 "role_groups[2].name: expected a name of its own"},
	{"- {facts: [receiving_manager], by_itself: true}", "- {facts: [receiving_manager]}",
	 "{facts: [receiving_manager]}", "facts[6]: expected \"by\""},
	{"absolute: true", "absolute: yes", "yes}", "firewall[0].absolute: expected true or false"},
	{"consulates: [consular]", "consulates: &x [consular]", NULL, "p.yaml:"},
};

static void bad_ones_are_refused_where_they_are_bad(void **state)
{
	char where[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nrm_policy *p = NULL;
		char *document = changed(bad[i].from, bad[i].to);
		assert_int_not_equal(
			nrm_policy_load_bytes("p.yaml", nrm_slice_str(document), &p, error),
			NRM_OK);
		assert_null(p);
		if (bad[i].at)
			position(document, bad[i].at, where);
		else
			where[0] = '\0';
		if (strncmp(error, where, strlen(where)) != 0 || !strstr(error, bad[i].says))
			fail_msg("expected %s%s\n     got %s", where, bad[i].says, error);
		free(document);
	}
}

static void every_truncation_is_refused(void **state)
{
	const size_t len = strlen(text);
	struct nrm_policy *p = NULL;

	(void)state;
	/* to the last key: what follows it are rows, fewer of which are a policy still */
	const size_t last = (size_t)(strstr(text, "deadlines:") - text);
	for (size_t n = 0; n < last && n < len; n += 97)
		assert_int_not_equal(nrm_policy_load_bytes("p.yaml", nrm_slice(text, n), &p, error),
				     NRM_OK);
	assert_null(p);
	assert_int_equal(nrm_policy_load("/nonexistent/policy.yaml", &p, error), NRM_ERR_NOT_FOUND);
	assert_non_null(strstr(error, "/nonexistent/policy.yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_one_is_digested),
		cmocka_unit_test(its_numbers),
		cmocka_unit_test(statistics_and_enforcement_get_nothing),
		cmocka_unit_test(bad_ones_are_refused_where_they_are_bad),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, read_shipped, done);
}
