/* The policy file: the shipped one, and what is refused, where. */
#include "tests/unit/changed_policy.h"

#include "broker/core/decide.h"
#include "proto/crypto/sign.h"

static void the_shipped_one_is_digested(void **state)
{
	struct nrm_policy *of_file = NULL, *of_bytes = NULL;
	uint8_t digest[NRM_HASH_LEN];

	(void)state;
	if (nrm_policy_load(SHIPPED_POLICY, &of_file, error) != NRM_OK)
		fail_msg("%s", error);
	assert_int_equal(
		nrm_policy_load_bytes("snapshot", nrm_slice_str(shipped), &of_bytes, error),
		NRM_OK);
	nrm_document_digest(NRM_DOMAIN_POLICY, nrm_slice_str(shipped), digest);
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
	assert_int_equal(nrm_policy_load(SHIPPED_POLICY, &p, error), NRM_OK);
	assert_int_equal(p->n_walls, 5);
	assert_int_equal(p->n_duties, 0);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_EMERGENCY_SHELTER], 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_INTERPRETATION], 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_COUNSELLING], 24 * 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_MEDICAL_CHECKUP], 24 * 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_GUARDIANSHIP_APPOINTMENT], 24 * 60);
	assert_int_equal(p->deadline_minutes[NRM_SERVICE_LANGUAGE_COURSE], 72 * 60);
	assert_int_equal(p->reflection_ms / (24ull * 3600 * 1000), 92);
	assert_int_equal(p->keep_ms, NRM_KEEP_ID_MS);
	assert_int_equal(p->forgotten_by,
			 nrm_bit(NRM_ROLE_COORDINATOR) | nrm_bit(NRM_ROLE_NGO_CASE_MANAGER) |
				 nrm_bit(NRM_ROLE_CHILD_PROTECTION) | nrm_bit(NRM_ROLE_GUARDIAN));
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
	assert_int_equal(nrm_policy_load(SHIPPED_POLICY, &p, error), NRM_OK);
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
	{"days_after_expiry: 1", "days_after_expiry: 0", "0}\n\n",
	 "retention.days_after_expiry: expected 1 to"},
	{"forgetting: {by: [coordinator", "forgetting: {by: [cordinator", "cordinator",
	 "forgetting.by[0]: unknown role \"cordinator\", did you mean \"coordinator\"?"},
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
	{"\nversion: 1", "\nversion: 0", "0  ", "version: expected a number from 1 on"},
	{"\nversion: 1", "\n#", NULL, "expected the key \"version\""},
	{"\nversion: 1", "\nversion: -1", "-1", "version: expected"},
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
	const size_t len = strlen(shipped);
	struct nrm_policy *p = NULL;

	(void)state;
	/* to the last key: what follows it are rows, fewer of which are a policy still */
	const size_t last = (size_t)(strstr(shipped, "deadlines:") - shipped);
	for (size_t n = 0; n < last && n < len; n += 97)
		assert_int_not_equal(
			nrm_policy_load_bytes("p.yaml", nrm_slice(shipped, n), &p, error), NRM_OK);
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
