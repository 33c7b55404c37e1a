/*
 * What `nrm policy check` remarks: each with the line it is about, and nothing of a policy without
 * fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker/core/decide.h"
#include "broker/policy/policy_text.h"
#include "broker/policy/review_parts.h"
#include "tests/unit/shipped_policy.h"

/* The last remark, and how many there were. */
struct heard {
	uint32_t n;
	bool wrong;
	char path[64], other[64], text[NRM_REMARK_LEN];
};

static void hear(void *of, const struct nrm_remark *remark)
{
	struct heard *h = of;

	h->n++;
	h->wrong = remark->wrong;
	snprintf(h->path, sizeof(h->path), "%s", remark->path);
	snprintf(h->other, sizeof(h->other), "%s", remark->other);
	snprintf(h->text, sizeof(h->text), "%s", remark->text);
}

static struct heard reviewed(struct nrm_policy_source *source, struct nrm_policy_summary *summary)
{
	struct heard h = {0};

	nrm_policy_review(source, hear, &h, summary);
	return h;
}

/* Without the walls, which take their time. */
static struct heard reviewed_lines(struct nrm_policy_source *source)
{
	struct heard h = {0};
	struct nrm_review review = {.source = source,
				    .policy = source->draft.policy,
				    .text = source->draft.text,
				    .visit = hear,
				    .of = &h};

	nrm_review_rows(&review);
	nrm_review_lists(&review);
	assert_int_equal(review.summary.warnings, h.n);
	return h;
}

static void the_shipped_one_is_without_fault(void **state)
{
	struct nrm_policy_source *policy = opened("policy.yaml", shipped);
	struct nrm_policy_summary s;
	const struct heard h = reviewed(policy, &s);

	(void)state;
	if (h.n)
		fail_msg("%s: %s", h.path, h.text);
	assert_int_equal(s.warnings, 0);
	assert_int_equal(s.wrong, 0);
	assert_int_equal(s.walls, 5);
	assert_int_equal(s.unneeded, 0);
	/* policy.md: never any field */
	assert_int_equal(~s.receivers & (nrm_bit(NRM_ROLE_END_) - 2),
			 nrm_bit(NRM_ROLE_IMMIGRATION_ENFORCEMENT) | nrm_bit(NRM_ROLE_DONOR) |
				 nrm_bit(NRM_ROLE_NATIONAL_RAPPORTEUR) | nrm_bit(NRM_ROLE_AUDITOR));
	assert_true(s.examined > 50u * 1000 * 1000);
	nrm_policy_source_close(policy);
}

/* A passage of the shipped policy replaced, and the one remark that it earns. */
static const struct fault {
	const char *from, *to;
	const char *path, *other, *text;
} faults[] = {
	{"fields: [family_name, exploitation_form, evidence_reference, claim_details]",
	 "fields: [family_name, exploitation_form, evidence_reference, claim_details, "
	 "offence_record]",
	 "needed[23]", "secrecy[3]", "offence_record is secret for labour_inspection"},
	{"- {services: [rent_support], fields: [finances]}",
	 "- {services: [rent_support], fields: [finances], recipients: [shelter, education]}\n"
	 "- {services: [rent_support], fields: [infection_status], recipients: [education]}",
	 "needed[5]", "secrecy[1]",
	 "infection_status is secret for education, but for a consent that names it"},
	{"{services: [childcare], fields: [dependants]}",
	 "{services: [childcare], fields: [skills]}", "needed[12]", "",
	 "can never matter: other rows say all of it"},
	{"- {services: [rent_support], fields: [finances]}",
	 "- {services: [rent_support], fields: [finances]}\n"
	 "- {services: [rent_support], fields: [skills], recipients: [foreign_nrm, police]}\n"
	 "# ",
	 NULL, NULL, NULL},
	{"- fields: [infection_status]  ",
	 "- fields: [offence_record]\n  only: [legal_aid, shelter]\n- fields: [infection_status]  ",
	 "secrecy[1]", "secrecy[4]", "can never matter: the other line hides all of it"},
	{"- fields: [exploitation]  ",
	 "- fields: [infection_status]\n  only: [health]\n- fields: [exploitation]  ", "secrecy[1]",
	 "secrecy[2]", "can never matter: the other line hides all of it"},
	{"but: {fields: [present_location, handover_point], roles: [police],",
	 "but: {fields: [present_location, handover_point], roles: [health],", "secrecy[0]", "",
	 "its \"but\" can never apply: nothing is hidden from these roles"},
	{"{services: [follow_up], purposes: [assistance, return]}",
	 "{services: [follow_up], purposes: [assistance]}", "purposes.rows[4]",
	 "purposes.otherwise", "can never matter: says what holds otherwise"},
	{"days: 1095}", "days: 90}", "consent.longer[0]", "consent.days", "is not longer"},
	{"hours: 24}", "hours: 72}", "deadlines.rows[1]", "deadlines.hours",
	 "can never matter: says what holds otherwise"},
	{"without_guardian: [guardianship_appointment, best_interests_assessment, interpretation]",
	 "without_guardian: [guardianship_appointment, interpretation]", "children.own_word",
	 "children.without_guardian",
	 "the child's own word suffices for best_interests_assessment, yet it would wait for a "
	 "guardian"},
	{"asks_for_guardian: [guardianship_appointment]",
	 "asks_for_guardian: [guardianship_appointment, safety_plan]", "children.asks_for_guardian",
	 "children.without_guardian",
	 "safety_plan asks for a guardian and would wait until there is one"},
	{"review_days: 7", "review_days: 30", "consent.review_days", "consent.crisis_days",
	 "every consent of the crisis phase is due for review at once"},
	{"any_never_covers: [infection_testing, safe_return, legal,",
	 "any_never_covers: [infection_testing, legal,", "return.services",
	 "consent.any_never_covers", "a consent to any service would cover safe_return"},
	{"told_to_all: [legal_status_update]", "told_to_all: [legal_status_update]", NULL, NULL,
	 NULL},
	{"told: [legal_aid, guardian, ngo_case_manager, coordinator]",
	 "told: [immigration_enforcement]", "reflection.told", "reflection.messages",
	 "nobody may be told of an expulsion"},
	{"recipients: [coordinator, ombudsman, national_rapporteur, auditor]",
	 "recipients: [auditor]", "complaints.fields", "secrecy",
	 "secret for everybody who may be complained to"},
	{"services: [guardianship_appointment, best_interests_assessment]\n  recipients:",
	 "services: []\n  recipients:", "child_protection", "",
	 "can never apply: expected services and recipients, or neither"},
	{"- {from: [police, prosecutor, court], to: [labour_inspection], except: [labour_claim]}",
	 "- {from: [any], to: [labour_inspection]}", "needed[23]", "firewall",
	 "can never apply to labour_claim: no role may write to labour_inspection about it"},
	{"- {from: [police, prosecutor, court], to: [labour_inspection], except: [labour_claim]}",
	 "- {from: [police, prosecutor, court], to: [labour_inspection], except: [any]}",
	 "firewall[4]", "", "can never fire: every service is excepted"},
	{"legal_duty: []",
	 "legal_duty: [{services: [civil_status], recipients: [police], fields: [offence_record]}]",
	 "legal_duty[0]", "secrecy[3]", "offence_record is secret for police"},
};

static void each_fault_earns_its_remark(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *f = &faults[i];
		struct nrm_policy_source *policy = with(f->from, f->to);
		const struct heard h = reviewed_lines(policy);
		if (h.n != (f->path != NULL))
			fail_msg("%s: %u remarks, the last %s: %s", f->to, h.n, h.path, h.text);
		if (f->path) {
			assert_string_equal(h.path, f->path);
			assert_string_equal(h.other, f->other);
			assert_string_equal(h.text, f->text);
			assert_false(h.wrong);
			assert_true(nrm_policy_source_line(policy, h.path) > 1);
		}
		nrm_policy_source_close(policy);
	}
}

/*
 * No file has walls that the decision does not keep. That the review would see it is shown with a
 * policy whose walls changed after it was compiled.
 */
static void a_wall_that_does_not_hold_is_wrong(void **state)
{
	struct nrm_policy_source *policy = opened("policy.yaml", shipped);
	struct nrm_wall *first = &policy->draft.policy->wall[0];
	struct nrm_policy_summary s;
	struct heard h;

	(void)state;
	*first = (struct nrm_wall){.from = nrm_bit(NRM_ROLE_DONOR),
				   .to = nrm_bit(NRM_ROLE_IMMIGRATION_ENFORCEMENT)};
	h = reviewed(policy, &s);
	assert_int_equal(s.wrong, 1);
	assert_true(h.wrong);
	assert_string_equal(h.path, "firewall");
	assert_string_equal(h.text, "something reaches immigration_enforcement");
	nrm_policy_source_close(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_one_is_without_fault),
		cmocka_unit_test(each_fault_earns_its_remark),
		cmocka_unit_test(a_wall_that_does_not_hold_is_wrong),
	};

	return cmocka_run_group_tests(tests, read_shipped, forget_shipped);
}
