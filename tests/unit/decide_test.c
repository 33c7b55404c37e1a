/* Rule by rule: what each stops, and its twin that goes on. Zeroed inputs refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "broker/core/decide.h"
#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"

#define DAY   (24ull * 3600 * 1000)
#define NOW   (20000 * DAY)
#define HOME  0x5448
#define OTHER 0x4b48

enum { NOBODY, SHELTER, HOSPITAL, POLICE, ENFORCEMENT, HOLDING, OMBUDSMAN, EMBASSY, LAWYER, GUARDIAN, ABROAD, ALL };

#define ROLE(name)    nrm_bit(NRM_ROLE_##name)
#define SERVICE(name) nrm_bit(NRM_SERVICE_##name)
#define FIELD(name)   nrm_bit(NRM_FIELD_##name)

static struct nrm_policy *policy;

/* A case that is forwarded: a shelter refers an adult to a hospital, with her consent. Each test breaks it. */
struct world {
	struct nrm_party party[ALL];
	struct nrm_card card;
	struct nrm_consent consent[2];
	struct nrm_facts facts;
	struct nrm_message message;
	uint64_t now;
};

static struct nrm_party party(nrm_mask roles, nrm_mask offers)
{
	return (struct nrm_party){.known = true, .active = true, .country = HOME, .roles = roles, .offers = offers};
}

static void make(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->party[SHELTER] = party(ROLE(SHELTER) | ROLE(NGO_CASE_MANAGER), SERVICE(EMERGENCY_SHELTER));
	w->party[HOSPITAL] = party(ROLE(HEALTH), SERVICE(MEDICAL_CHECKUP) | SERVICE(EMERGENCY_MEDICAL));
	w->party[POLICE] = party(ROLE(POLICE), SERVICE(POLICE_PROTECTION));
	w->party[ENFORCEMENT] = party(ROLE(IMMIGRATION_ENFORCEMENT) | ROLE(HEALTH), SERVICE(MEDICAL_CHECKUP));
	w->party[HOLDING] = party(ROLE(HEALTH), SERVICE(MEDICAL_CHECKUP));
	w->party[HOLDING].detention = true;
	w->party[OMBUDSMAN] = party(ROLE(OMBUDSMAN), 0);
	w->party[EMBASSY] = party(ROLE(CONSULAR), SERVICE(MEDICAL_CHECKUP));
	w->party[LAWYER] = party(ROLE(LEGAL_AID), SERVICE(LEGAL_ADVICE));
	w->party[GUARDIAN] = party(ROLE(GUARDIAN), SERVICE(GUARDIANSHIP_APPOINTMENT));
	w->party[ABROAD] = party(ROLE(HEALTH) | ROLE(SHELTER), SERVICE(MEDICAL_CHECKUP) | SERVICE(SAFE_RETURN));
	w->party[ABROAD].country = OTHER;
	w->card.age_class = NRM_AGE_CLASS_ADULT;
	w->consent[0] = (struct nrm_consent){
		.given_by = NRM_GIVEN_BY_ADULT,
		.services = SERVICE(MEDICAL_CHECKUP),
		.any_recipient = true,
		.any_field = true,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.phase = NRM_PHASE_RECOVERY,
		.from = NOW - DAY,
		.until = NOW + 30 * DAY,
		.heard = NRM_HEARD_HEARD,
		.understood = true,
		.recorder = {SHELTER},
		.n_recorders = 1,
	};
	w->facts = (struct nrm_facts){HOME, w->party, ALL, &w->card, w->consent, 1, false};
	w->message = (struct nrm_message){
		.type = NRM_MESSAGE_TYPE_REFERRAL,
		.sender = SHELTER,
		.recipient = HOSPITAL,
		.service = NRM_SERVICE_MEDICAL_CHECKUP,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.basis = NRM_BASIS_CONSENT,
		.fields = FIELD(GIVEN_NAME) | FIELD(SKILLS),
	};
	w->now = NOW;
}

static struct nrm_verdict decide(const struct world *w)
{
	struct nrm_verdict v;

	memset(&v, 0xa5, sizeof(v));
	nrm_decide(policy, &w->facts, &w->message, w->now, &v);
	return v;
}

/* ---- Ways to change the case ---- */

static void nothing(struct world *w) { (void)w; }
static void suspend_recipient(struct world *w) { w->party[HOSPITAL].active = false; }
static void forget_recipient(struct world *w) { w->party[HOSPITAL].known = false; }
static void handle_out_of_range(struct world *w) { w->message.sender = ALL; }
static void withdrawal(struct world *w) { w->message.type = NRM_MESSAGE_TYPE_WITHDRAWAL; }
static void bare_withdrawal(struct world *w) { withdrawal(w); w->message.fields = 0; }
static void consent_grant(struct world *w) { bare_withdrawal(w); w->message.type = NRM_MESSAGE_TYPE_CONSENT_GRANT; }
static void no_type(struct world *w) { bare_withdrawal(w); w->message.type = NRM_MESSAGE_TYPE_ABSENT; }
static void strange_type(struct world *w) { bare_withdrawal(w); w->message.type = 999; }
static void exclude_recipient(struct world *w) { w->card.excluded[w->card.n_excluded++] = HOSPITAL; }
static void exclude_lawyer(struct world *w) { w->card.excluded[w->card.n_excluded++] = LAWYER; }
static void outsider(struct world *w) { w->facts.outsider = true; }
static void not_offered(struct world *w) { w->party[HOSPITAL].offers = SERVICE(CHRONIC_CARE); }
static void update_not_offered(struct world *w) { not_offered(w); w->message.type = NRM_MESSAGE_TYPE_UPDATE; }
static void to_enforcement(struct world *w) { w->message.recipient = ENFORCEMENT; }
static void to_police(struct world *w)
{
	w->message.recipient = POLICE;
	w->message.type = NRM_MESSAGE_TYPE_UPDATE;
}
static void answer_to_police(struct world *w)
{
	to_police(w);
	w->message.type = NRM_MESSAGE_TYPE_RESPONSE;
	w->message.answer = NRM_ANSWER_ACCEPT;
	w->message.in_reply = true;
	w->message.fields = 0;
}
static void unasked_answer(struct world *w) { answer_to_police(w); w->message.in_reply = false; }
static void answer_to_enforcement(struct world *w) { answer_to_police(w); w->message.recipient = ENFORCEMENT; }
static void contributed(struct world *w)
{
	to_police(w);
	w->message.sender = LAWYER;
	w->party[LAWYER].roles = ROLE(COORDINATOR);
	w->card.contributed = ROLE(HEALTH);
}
static void uncontributed(struct world *w) { contributed(w); w->card.contributed = 0; }
static void to_detention(struct world *w) { w->message.recipient = HOLDING; }
static void child_to_detention(struct world *w) { to_detention(w); w->card.age_class = NRM_AGE_CLASS_CHILD; }
static void update_to_detention(struct world *w) { to_detention(w); w->message.type = NRM_MESSAGE_TYPE_UPDATE; }
static void complaint(struct world *w)
{
	w->message.type = NRM_MESSAGE_TYPE_COMPLAINT;
	w->message.recipient = OMBUDSMAN;
	w->message.about = HOSPITAL;
}
static void complaint_about_itself(struct world *w) { complaint(w); w->message.about = OMBUDSMAN; }
static void complaint_to_hospital(struct world *w)
{
	complaint(w);
	w->message.recipient = HOSPITAL;
	w->message.about = POLICE;
}
static void decline(struct world *w, enum nrm_decline reason)
{
	w->message.type = NRM_MESSAGE_TYPE_RESPONSE;
	w->message.answer = NRM_ANSWER_DECLINE;
	w->message.decline = reason;
	w->message.fields = 0;
}
static void no_documents(struct world *w) { decline(w, NRM_DECLINE_NO_DOCUMENTS); w->message.appeal = true; }
static void status_no_documents(struct world *w)
{
	no_documents(w);
	w->message.service = NRM_SERVICE_RESIDENCE_PERMIT;
}
static void protected_ground(struct world *w)
{
	decline(w, NRM_DECLINE_PROTECTED_GROUND);
	w->message.service = NRM_SERVICE_RESIDENCE_PERMIT;
}
static void other_reason(struct world *w) { decline(w, NRM_DECLINE_OTHER); }
static void other_reason_with_appeal(struct world *w) { other_reason(w); w->message.appeal = true; }
static void no_capacity(struct world *w) { decline(w, NRM_DECLINE_NO_CAPACITY); }
static void status_no_capacity(struct world *w) { no_capacity(w); w->message.service = NRM_SERVICE_RESIDENCE_PERMIT; }
static void visit(struct world *w)
{
	w->message.contact_by = NRM_CHANNEL_VISIT;
	w->card.contact_stated = true;
	w->card.contact = 1u << NRM_CHANNEL_PHONE;
}
static void visit_allowed(struct world *w) { visit(w); w->card.contact |= 1u << NRM_CHANNEL_VISIT; }
static void strange_channel(struct world *w) { w->message.contact_by = 40; }
static void to_embassy(struct world *w) { w->message.recipient = EMBASSY; }
static void to_embassy_wished(struct world *w) { to_embassy(w); w->card.consulate_wished = true; }
static void asylum_to_embassy(struct world *w) { to_embassy_wished(w); w->card.asylum_seeker = true; }
static void expulsion(struct world *w)
{
	w->message.type = NRM_MESSAGE_TYPE_NOTICE;
	w->message.notice = NRM_NOTICE_KIND_EXPULSION;
	w->message.fields = 0;
}
static void expulsion_to_lawyer(struct world *w) { expulsion(w); w->message.recipient = LAWYER; }
static void expulsion_in_time(struct world *w) { expulsion(w); w->card.reflection_until = NOW; }
static void wrong_purpose(struct world *w) { w->message.purpose = w->consent[0].purpose = NRM_PURPOSE_JUSTICE; }
static void emergency(struct world *w)
{
	w->facts.n_consents = 0;
	w->message.basis = NRM_BASIS_EMERGENCY;
	w->message.service = NRM_SERVICE_EMERGENCY_MEDICAL;
	w->message.emergency = NRM_EMERGENCY_LIFE_THREAT;
}
static void emergency_without_reason(struct world *w) { emergency(w); w->message.emergency = 0; }
static void emergency_refused(struct world *w) { emergency(w); w->card.refused = SERVICE(EMERGENCY_MEDICAL); }
static void no_country_is_nobodys(struct world *w)
{
	emergency(w);
	w->facts.country = w->party[HOSPITAL].country = 0;
}
static void no_consent(struct world *w) { w->facts.n_consents = 0; }
static void strange_basis(struct world *w) { w->message.basis = 77; }
static void withdrawn(struct world *w) { w->consent[0].withdrawn_at = NOW; }
static void withdrawn_later(struct world *w) { w->consent[0].withdrawn_at = NOW + 1; }
static void expired(struct world *w) { w->consent[0].until = NOW; }
static void nearly_expired(struct world *w) { w->consent[0].until = NOW + 1; }
static void not_understood(struct world *w) { w->consent[0].understood = false; }
static void abroad(struct world *w) { w->message.recipient = ABROAD; }
static void abroad_named(struct world *w) { abroad(w); w->consent[0].country[w->consent[0].n_countries++] = OTHER; }
static void child(struct world *w)
{
	w->card.age_class = NRM_AGE_CLASS_CHILD;
	w->consent[0].given_by = NRM_GIVEN_BY_CHILD;
}
static void guarded(struct world *w)
{
	child(w);
	w->card.guardian = NRM_GUARDIAN_PARTICIPANT;
	w->card.guardian_party = GUARDIAN;
	w->consent[0].given_by = NRM_GIVEN_BY_CHILD_AND_GUARDIAN;
}
static void assessed(struct world *w) { guarded(w); w->card.assessed[NRM_ASSESSMENT_BEST_INTERESTS] = NOW; }
static void returning(struct world *w)
{
	abroad_named(w);
	w->message.service = NRM_SERVICE_SAFE_RETURN;
	w->consent[0].services = SERVICE(SAFE_RETURN);
	w->message.purpose = w->consent[0].purpose = NRM_PURPOSE_RETURN;
}
static void return_with_evidence(struct world *w)
{
	returning(w);
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++)
		w->card.assessed[a] = NOW - DAY;
	w->card.receiving_manager = ABROAD;
}
static void return_of_asylum_seeker(struct world *w)
{
	return_with_evidence(w);
	w->card.asylum_seeker = true;
	w->consent[0].recipient[w->consent[0].n_recipients++] = ABROAD;
}

static const struct {
	const char *name;
	void (*change)(struct world *w);
	uint32_t rule;
	enum nrm_reason reason;
} cases[] = {
#define CASE(change, rule, reason) {#change, change, rule, NRM_REASON_##reason}
	CASE(nothing, 20, OK),
	CASE(suspend_recipient, 1, UNKNOWN_PARTICIPANT),
	CASE(forget_recipient, 1, UNKNOWN_PARTICIPANT),
	CASE(handle_out_of_range, 1, UNKNOWN_PARTICIPANT),
	CASE(withdrawal, 2, FIELDS_NOT_ALLOWED),
	CASE(bare_withdrawal, 2, OK),
	CASE(consent_grant, 2, FIELDS_NOT_ALLOWED),
	CASE(no_type, 2, FIELDS_NOT_ALLOWED),
	CASE(strange_type, 2, FIELDS_NOT_ALLOWED),
	CASE(exclude_recipient, 3, EXCLUDED),
	CASE(outsider, 3, EXCLUDED),
	CASE(exclude_lawyer, 20, OK),
	CASE(not_offered, 4, NOT_OFFERED),
	CASE(update_not_offered, 20, OK),
	CASE(to_enforcement, 5, FIREWALL),
	CASE(to_police, 5, FIREWALL),
	CASE(answer_to_police, 20, OK),
	CASE(unasked_answer, 5, FIREWALL),
	CASE(answer_to_enforcement, 5, FIREWALL),
	CASE(contributed, 5, FIREWALL),
	CASE(uncontributed, 20, OK),
	CASE(to_detention, 6, DETENTION),
	CASE(child_to_detention, 6, CHILD_DETENTION),
	CASE(update_to_detention, 20, OK),
	CASE(complaint, 20, OK),
	CASE(complaint_about_itself, 7, COMPLAINT_ROUTE),
	CASE(complaint_to_hospital, 7, COMPLAINT_ROUTE),
	CASE(no_documents, 8, CONDITIONAL_HELP),
	CASE(status_no_documents, 20, OK),
	CASE(protected_ground, 8, DISCRIMINATORY),
	CASE(other_reason, 9, NO_APPEAL_ROUTE),
	CASE(other_reason_with_appeal, 20, OK),
	CASE(no_capacity, 20, OK),
	CASE(status_no_capacity, 9, NO_APPEAL_ROUTE),
	CASE(visit, 10, CONTACT_PREFERENCE),
	CASE(visit_allowed, 20, OK),
	CASE(strange_channel, 10, CONTACT_PREFERENCE),
	CASE(to_embassy, 11, CONSULATE_NOT_WISHED),
	CASE(to_embassy_wished, 20, OK),
	CASE(asylum_to_embassy, 11, CONSULATE_NOT_WISHED),
	CASE(expulsion, 12, REFLECTION_PERIOD),
	CASE(expulsion_to_lawyer, 20, OK),
	CASE(expulsion_in_time, 20, OK),
	CASE(wrong_purpose, 13, WRONG_PURPOSE),
	CASE(emergency, 20, OK),
	CASE(emergency_without_reason, 14, BASIS_NOT_ALLOWED),
	CASE(emergency_refused, 14, BASIS_NOT_ALLOWED),
	CASE(no_country_is_nobodys, 14, BASIS_NOT_ALLOWED),
	CASE(no_consent, 15, NO_CONSENT),
	CASE(strange_basis, 15, NO_CONSENT),
	CASE(withdrawn, 16, CONSENT_WITHDRAWN),
	CASE(withdrawn_later, 20, OK),
	CASE(expired, 16, CONSENT_EXPIRED),
	CASE(nearly_expired, 20, OK),
	CASE(not_understood, 16, CONSENT_INVALID),
	CASE(abroad, 16, COUNTRY_NOT_COVERED),
	CASE(abroad_named, 20, OK),
	CASE(child, 17, GUARDIAN_MISSING),
	CASE(guarded, 18, BEST_INTERESTS_MISSING),
	CASE(assessed, 20, OK),
	CASE(returning, 19, RETURN_EVIDENCE_MISSING),
	CASE(return_of_asylum_seeker, 19, ASYLUM_PENDING),
	CASE(return_with_evidence, 20, OK),
#undef CASE
};

static enum nrm_outcome outcome_of(enum nrm_reason reason)
{
	return reason == NRM_REASON_OK ? NRM_OUTCOME_FORWARD
	       : reason == NRM_REASON_GUARDIAN_MISSING || reason == NRM_REASON_BEST_INTERESTS_MISSING ||
			       reason == NRM_REASON_RETURN_EVIDENCE_MISSING
		       ? NRM_OUTCOME_HOLD
		       : NRM_OUTCOME_REFUSE;
}

static void each_rule_and_its_twin(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(&w);
		cases[i].change(&w);
		const struct nrm_verdict v = decide(&w);
		if (v.reason != cases[i].reason || !(v.rules & 1u << cases[i].rule))
			fail_msg("%s: %s by rules %x", cases[i].name, nrm_code_name(NRM_VOCABULARY_REASON, v.reason),
				 v.rules);
		assert_int_equal(v.outcome, outcome_of(v.reason));
		assert_int_equal(v.told, v.reason == NRM_REASON_EXCLUDED ? NRM_REASON_CONSENT_WITHDRAWN : v.reason);
		assert_true(v.outcome == NRM_OUTCOME_FORWARD || v.forwarded == 0);
		assert_true((v.missing != 0) == (v.reason == NRM_REASON_RETURN_EVIDENCE_MISSING));
	}
}

static void fields_are_sorted(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	w.message.fields |= FIELD(SHELTER_ADDRESS) | FIELD(OFFENCE_RECORD) | FIELD(FAMILY_NAME);
	w.consent[0].any_field = false;
	w.consent[0].named_fields = FIELD(GIVEN_NAME) | FIELD(SHELTER_ADDRESS) | FIELD(OFFENCE_RECORD);
	const struct nrm_verdict v = decide(&w);
	assert_int_equal(v.forwarded, FIELD(GIVEN_NAME));
	assert_int_equal(v.secret, FIELD(OFFENCE_RECORD));
	assert_int_equal(v.not_needed, FIELD(SKILLS) | FIELD(SHELTER_ADDRESS));
	assert_int_equal(v.not_consented, FIELD(FAMILY_NAME));
	assert_int_equal(v.consents, 1);
}

static void an_alert_is_a_rule_that_fired(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	expulsion_to_lawyer(&w);
	assert_int_equal(decide(&w).rules, 1u << 12 | 1u << 20);
	assert_int_equal(decide(&w).obligations, 1u << NRM_OBLIGATION_ALERT_EXPULSION);
	expulsion_in_time(&w);
	assert_int_equal(decide(&w).rules, 1u << 20);
	assert_int_equal(decide(&w).obligations, 0);
}

/* No law is shipped: rows that a country adds reach who the law names, at home, and nothing that is not needed. */
static void legal_duty(void **state)
{
	struct nrm_policy with = *policy;
	struct nrm_verdict v;
	struct world w;

	(void)state;
	make(&w);
	no_consent(&w);
	w.message.basis = NRM_BASIS_LEGAL_DUTY;
	assert_int_equal(decide(&w).reason, NRM_REASON_BASIS_NOT_ALLOWED);
	with.duty[with.n_duties++] = (struct nrm_duty){SERVICE(MEDICAL_CHECKUP), ROLE(HEALTH), FIELD(GIVEN_NAME)};
	w.message.fields = FIELD(GIVEN_NAME) | FIELD(FAMILY_NAME) | FIELD(SKILLS);
	nrm_decide(&with, &w.facts, &w.message, NOW, &v);
	assert_int_equal(v.reason, NRM_REASON_OK);
	assert_int_equal(v.forwarded, FIELD(GIVEN_NAME));
	assert_int_equal(v.not_consented, FIELD(FAMILY_NAME));
	assert_int_equal(v.obligations,
			 1u << NRM_OBLIGATION_REVIEW_BY_COORDINATOR | 1u << NRM_OBLIGATION_TELL_THE_SUBJECT);
	w.message.recipient = ABROAD;
	nrm_decide(&with, &w.facts, &w.message, NOW, &v);
	assert_int_equal(v.reason, NRM_REASON_BASIS_NOT_ALLOWED);
}

static void zeroed_inputs_refuse(void **state)
{
	static const struct nrm_policy no_policy;
	static const struct nrm_facts no_facts;
	static const struct nrm_message no_message;
	static const struct nrm_verdict zeroed;
	struct nrm_verdict v;
	struct world w;

	(void)state;
	assert_int_equal(zeroed.outcome, NRM_OUTCOME_REFUSE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(&w);
		cases[i].change(&w);
		nrm_decide(&no_policy, &w.facts, &w.message, NOW, &v);
		assert_memory_equal(&v, &zeroed, sizeof(v));
		nrm_decide(policy, &no_facts, &w.message, NOW, &v);
		assert_int_equal(v.outcome, NRM_OUTCOME_REFUSE);
		nrm_decide(policy, &w.facts, &no_message, NOW, &v);
		assert_int_equal(v.outcome, NRM_OUTCOME_REFUSE);
	}
	make(&w);
	w.facts.card = NULL; /* nothing known of the case: child rules */
	assert_int_equal(decide(&w).reason, NRM_REASON_GUARDIAN_MISSING);
}

static int load(void **state)
{
	char error[NRM_POLICY_ERROR_LEN];

	(void)state;
	return nrm_crypto_init() == NRM_OK &&
			       nrm_policy_load(NRM_SOURCE "/config/policy.yaml", &policy, error) == NRM_OK
		       ? 0
		       : 1;
}

static int unload(void **state)
{
	(void)state;
	nrm_policy_free(policy);
	nrm_crypto_thread_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_and_its_twin), cmocka_unit_test(fields_are_sorted),
		cmocka_unit_test(an_alert_is_a_rule_that_fired), cmocka_unit_test(legal_duty),
		cmocka_unit_test(zeroed_inputs_refuse),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
