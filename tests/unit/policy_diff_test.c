/* What a change of the policy lets through or stops: exactly it, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker/policy/diff.h"
#include "tests/unit/shipped_policy.h"

#define ALL ~0ull

static struct nrm_policy_diff *compared(const struct nrm_policy_source *old,
					const struct nrm_policy_source *new, nrm_mask services,
					bool each)
{
	struct nrm_policy_diff *diff = NULL;

	assert_int_equal(nrm_policy_compare(nrm_policy_source_policy(old),
					    nrm_policy_source_policy(new), services, each, &diff),
			 NRM_OK);
	return diff;
}

static void count_values(void *of, const struct nrm_value_change *change)
{
	struct nrm_value_change *last = of;

	*last = *change;
}

/* All that differs between the shipped policy and one with a passage replaced. */
static struct nrm_policy_diff *change_of(const char *from, const char *to, nrm_mask services)
{
	struct nrm_policy_source *old = opened("old.yaml", shipped), *new = with(from, to);
	struct nrm_policy_diff *diff = compared(old, new, services, false);
	struct nrm_value_change last;

	assert_int_equal(nrm_policy_compare_values(old, new, count_values, &last), 0);
	nrm_policy_source_close(old);
	nrm_policy_source_close(new);
	return diff;
}

static void a_policy_is_like_itself(void **state)
{
	struct nrm_policy_source *policy = opened("old.yaml", shipped);
	struct nrm_policy_diff *diff = compared(policy, policy, ALL, false);
	struct nrm_value_change last;

	(void)state;
	assert_int_equal(diff->n_through, 0);
	assert_int_equal(diff->n_stopped, 0);
	/* kinds x senders x recipients x services x offering x ages x purposes x grounds */
	assert_int_equal(diff->examined, 7ull * 28 * 28 * 61 * 2 * 2 * 4 * 10);
	assert_int_equal(nrm_policy_compare_values(policy, policy, count_values, &last), 0);
	free(diff);
	nrm_policy_source_close(policy);
}

#define CLAIM_ROW "fields: [family_name, exploitation_form, evidence_reference, claim_details]"

static void one_field_more_in_one_row_is_all(void **state)
{
	struct nrm_policy_diff *diff = change_of(CLAIM_ROW,
						 "fields: [family_name, exploitation_form, "
						 "evidence_reference, claim_details, skills]",
						 ALL);
	const struct nrm_change *change =
		&diff->through[NRM_ROLE_LABOUR_INSPECTION][NRM_SERVICE_LABOUR_CLAIM]
			      [NRM_FIELD_SKILLS];

	(void)state;
	assert_int_equal(diff->n_through, 1);
	assert_int_equal(diff->n_stopped, 0);
	/* whoever may record a consent to a legal step: not police and prosecutor alone (C6) */
	assert_int_equal(change->senders,
			 (nrm_bit(NRM_ROLE_END_) - 2) &
				 ~(nrm_bit(NRM_ROLE_POLICE) | nrm_bit(NRM_ROLE_PROSECUTOR)));
	assert_int_equal(change->offering, 2);
	assert_int_equal(change->ages, 3);
	assert_int_equal(change->kinds, 1u << NRM_SPACE_REFERRAL | 1u << NRM_SPACE_UPDATE |
						1u << NRM_SPACE_RESPONSE | 1u << NRM_SPACE_NOTICE);
	assert_int_equal(change->grounds,
			 1u << NRM_SPACE_CONSENT_TO_ANYTHING | 1u << NRM_SPACE_CONSENT_BY_NAME);
	free(diff);
}

static void one_field_less_is_stopped(void **state)
{
	struct nrm_policy_diff *diff = change_of(
		CLAIM_ROW, "fields: [family_name, exploitation_form, evidence_reference]", ALL);

	(void)state;
	assert_int_equal(diff->n_through, 0);
	assert_int_equal(diff->n_stopped, 1);
	assert_int_not_equal(diff->stopped[NRM_ROLE_LABOUR_INSPECTION][NRM_SERVICE_LABOUR_CLAIM]
					  [NRM_FIELD_CLAIM_DETAILS]
						  .senders,
			     0);
	free(diff);
}

static void a_wall_removed_opens_what_it_stopped(void **state)
{
	const nrm_mask justice = nrm_bit(NRM_ROLE_POLICE) | nrm_bit(NRM_ROLE_PROSECUTOR) |
				 nrm_bit(NRM_ROLE_COURT);
	const char *wall = "- {from: [police, prosecutor, court], to: [labour_inspection], except: "
			   "[labour_claim]}";
	struct nrm_policy_diff *diff = change_of(wall, "", ALL);
	uint32_t seen = 0;

	(void)state;
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		for (uint32_t f = 0; f < NRM_FIELD_END_; f++) {
			const struct nrm_change *c =
				&diff->through[NRM_ROLE_LABOUR_INSPECTION][s][f];
			seen += c->senders != 0;
			assert_int_equal(c->senders & ~justice, 0);
			assert_true(c->senders == 0 || s != NRM_SERVICE_LABOUR_CLAIM);
		}
	assert_true(seen > 0);
	assert_int_equal(diff->n_through, seen); /* and for no other role */
	assert_int_equal(diff->n_stopped, 0);
	free(diff);
}

static void a_secret_removed_opens_its_field_where_it_is_needed(void **state)
{
	static const enum nrm_service needing[] = {NRM_SERVICE_INFECTION_TESTING,
						   NRM_SERVICE_CHRONIC_CARE,
						   NRM_SERVICE_SEXUAL_REPRODUCTIVE_HEALTH};
	struct nrm_policy_source *old = opened("old.yaml", shipped);
	const char *line = strstr(shipped, "- fields: [infection_status]"), *end = line;
	struct nrm_policy_diff *diff;
	struct nrm_policy_source *new;
	char passage[512];
	uint32_t seen = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		end = strchr(end, '\n') + 1;
	snprintf(passage, sizeof(passage), "%.*s", (int)(end - line), line);
	new = with(passage, "");
	diff = compared(old, new, ALL, false);
	for (uint32_t r = 1; r < NRM_ROLE_END_; r++)
		for (size_t i = 0; i < 3; i++)
			seen += diff->through[r][needing[i]][NRM_FIELD_INFECTION_STATUS].senders !=
				0;
	assert_int_equal(diff->n_through, seen);
	assert_int_equal(diff->n_stopped, 0);
	/* all but health, which had it, and those who never get any field */
	assert_int_equal(seen, 3 * (28 - 1 - 4));
	free(diff);
	nrm_policy_source_close(old);
	nrm_policy_source_close(new);
}

/* A wall that lets answers through is seen by messages without a field. */
static void an_absolute_wall_stops_answers_too(void **state)
{
	struct nrm_policy_diff *diff = change_of("to: [labour_inspection], except: [labour_claim]}",
						 "to: [labour_inspection], except: "
						 "[labour_claim], absolute: true}",
						 nrm_bit(NRM_SERVICE_COUNSELLING));
	const struct nrm_change *change = &diff->stopped[NRM_ROLE_LABOUR_INSPECTION]
							[NRM_SERVICE_COUNSELLING][NRM_THE_MESSAGE];

	(void)state;
	assert_int_equal(diff->n_stopped, 1);
	assert_int_equal(diff->n_through, 0);
	assert_int_equal(change->kinds,
			 1u << NRM_SPACE_NOTIFICATION | 1u << NRM_SPACE_PLAIN_ANSWER);
	free(diff);
}

/* What stands for a group stands for all of it. */
static void groups_are_the_same_as_each(void **state)
{
	static const struct {
		enum nrm_service service; /* that the change is about */
		const char *from, *to;
	} changes[] = {
		{NRM_SERVICE_SAFE_RETURN, "format: 1", "format: 1"},
		{NRM_SERVICE_SAFE_RETURN, "{services: [safe_return], purposes: [return]}",
		 "{services: [safe_return], purposes: [justice, return]}"},
		{NRM_SERVICE_POLICE_PROTECTION, "reasons: [cannot_decide, life_threat,",
		 "reasons: [life_threat,"},
		{NRM_SERVICE_LEGAL_ADVICE, "recorders: [police, prosecutor]}",
		 "recorders: [prosecutor, shelter]}"},
		{NRM_SERVICE_SAFE_RETURN, "sent_away_by: [police, prosecutor,",
		 "sent_away_by: [guardian,"},
		{NRM_SERVICE_COUNSELLING,
		 "- {from: [police, prosecutor, court], to: [labour_inspection]",
		 "- {from: [police, education], to: [labour_inspection, health]"},
		{NRM_SERVICE_POLICE_PROTECTION, "legal_duty: []",
		 "legal_duty: [{services: [police_protection], recipients: [police], fields: "
		 "[any]}]"},
	};
	struct nrm_policy_source *old = opened("old.yaml", shipped);

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char *text = replaced(shipped, changes[i].from, changes[i].to);
		/* a reason that counts against her own no has to be one that counts at all */
		char *rest = strstr(text, "against_her_own_no: [cannot_decide]")
				     ? replaced(text, "against_her_own_no: [cannot_decide]",
						"against_her_own_no: []")
				     : NULL;
		struct nrm_policy_source *new = opened("new.yaml", rest);
		const nrm_mask service = nrm_bit(changes[i].service);
		struct nrm_policy_diff *grouped = compared(old, new, service, false);
		struct nrm_policy_diff *each = compared(old, new, service, true);
		assert_true(memcmp(grouped, each, sizeof(*each)) == 0);
		assert_true((each->n_through + each->n_stopped > 0) == (i > 0));
		free(grouped);
		free(each);
		nrm_policy_source_close(new);
		free(rest);
		free(text);
	}
	nrm_policy_source_close(old);
}

static uint32_t value_of(const char *from, const char *to, struct nrm_value_change *last)
{
	struct nrm_policy_source *old = opened("old.yaml", shipped), *new = with(from, to);
	const uint32_t n = nrm_policy_compare_values(old, new, count_values, last);

	nrm_policy_source_close(old);
	nrm_policy_source_close(new);
	return n;
}

static void values_are_told_with_both_lines(void **state)
{
	struct nrm_value_change c;

	(void)state;
	assert_int_equal(value_of("crisis_days: 30", "\n  crisis_days: 14", &c), 1);
	assert_string_equal(c.what, "consent.crisis_days");
	assert_int_equal(c.kind, NRM_VALUE_DAYS);
	assert_int_equal(c.before, 30);
	assert_int_equal(c.after, 14);
	assert_int_equal(c.old_line, line_of("crisis_days: 30"));
	assert_int_equal(c.new_line, c.old_line + 1);

	assert_int_equal(value_of("crisis_days: 30", "crisis_days: 31", &c), 1);

	assert_int_equal(value_of("days: 1095}", "days: 900}", &c), 1);
	assert_string_equal(c.what, "consent.longer");
	assert_int_equal(c.codes, nrm_bit(NRM_SERVICE_LEGAL_STATUS_UPDATE) |
					  nrm_bit(NRM_SERVICE_COMPENSATION_CLAIM) |
					  nrm_bit(NRM_SERVICE_LABOUR_CLAIM));
	assert_int_equal(c.old_line, line_of("days: 1095}"));

	assert_int_equal(value_of("hours: 24}", "hours: 48}", &c), 1);
	assert_int_equal(c.kind, NRM_VALUE_HOURS);
	assert_int_equal(c.after, 48);

	assert_int_equal(value_of("- {assessments: [court_decision], by: [court]}",
				  "- {assessments: [court_decision], by: [court, guardian]}", &c),
			 1);
	assert_int_equal(c.about, NRM_VOCABULARY_ASSESSMENT);
	assert_int_equal(c.after, nrm_bit(NRM_ROLE_COURT) | nrm_bit(NRM_ROLE_GUARDIAN));
	assert_int_equal(c.old_line, line_of("- {assessments: [court_decision]"));

	assert_int_equal(value_of("{facts: [receiving_manager], by_itself: true}",
				  "{facts: [receiving_manager], by: [coordinator]}", &c),
			 2);
	/* not the order of words, nor a comment */
	assert_int_equal(value_of("[expulsion, removal]", "[removal, expulsion] # both", &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_is_like_itself),
		cmocka_unit_test(one_field_more_in_one_row_is_all),
		cmocka_unit_test(one_field_less_is_stopped),
		cmocka_unit_test(a_wall_removed_opens_what_it_stopped),
		cmocka_unit_test(a_secret_removed_opens_its_field_where_it_is_needed),
		cmocka_unit_test(an_absolute_wall_stops_answers_too),
		cmocka_unit_test(groups_are_the_same_as_each),
		cmocka_unit_test(values_are_told_with_both_lines),
	};

	return cmocka_run_group_tests(tests, read_shipped, forget_shipped);
}
