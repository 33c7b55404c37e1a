/* Rules 13-20, one by one: what each stops, and its twin that goes on. */
#include "tests/unit/decide_world.h"

static void wrong_purpose(struct world *w)
{
	w->message.purpose = w->consent[0].purpose = NRM_PURPOSE_JUSTICE;
}
static void emergency(struct world *w)
{
	w->facts.n_consents = 0;
	w->message.basis = NRM_BASIS_EMERGENCY;
	w->message.service = NRM_SERVICE_EMERGENCY_MEDICAL;
	w->message.emergency = NRM_EMERGENCY_LIFE_THREAT;
}
static void emergency_without_reason(struct world *w)
{
	emergency(w);
	w->message.emergency = 0;
}
static void emergency_refused(struct world *w)
{
	emergency(w);
	w->card.refused = SERVICE(EMERGENCY_MEDICAL);
}
static void no_country_is_nobodys(struct world *w)
{
	emergency(w);
	w->facts.country = w->party[HOSPITAL].country = 0;
}
static void no_consent(struct world *w)
{
	w->facts.n_consents = 0;
}
static void strange_basis(struct world *w)
{
	w->message.basis = NRM_BASIS_END_;
}
static void withdrawn(struct world *w)
{
	w->consent[0].withdrawn_at = NOW;
}
static void withdrawn_later(struct world *w)
{
	w->consent[0].withdrawn_at = NOW + 1;
}
static void expired(struct world *w)
{
	w->consent[0].until = NOW;
}
static void nearly_expired(struct world *w)
{
	w->consent[0].until = NOW + 1;
}
static void not_understood(struct world *w)
{
	w->consent[0].understood = false;
}
static void abroad(struct world *w)
{
	w->message.recipient = ABROAD;
}
static void abroad_named(struct world *w)
{
	abroad(w);
	w->consent[0].country[w->consent[0].n_countries++] = OTHER;
}
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
static void assessed(struct world *w)
{
	guarded(w);
	w->card.assessed[NRM_ASSESSMENT_BEST_INTERESTS] = NOW;
}
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
static void return_of_a_child_seeking_asylum(struct world *w)
{
	guarded(w);
	return_of_asylum_seeker(w);
	w->card.assessed[NRM_ASSESSMENT_BEST_INTERESTS] = 0;
}

static const struct change cases[] = {
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
	CASE(return_of_a_child_seeking_asylum, 18, BEST_INTERESTS_MISSING),
};

static void each_rule_and_its_twin(void **state)
{
	(void)state;
	check_changes(cases, sizeof(cases) / sizeof(cases[0]));
}

static void zeroed_inputs_refuse(void **state)
{
	(void)state;
	check_zeroed(cases, sizeof(cases) / sizeof(cases[0]));
}

static void fields_are_sorted(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	w.message.fields |= FIELD(SHELTER_ADDRESS) | FIELD(OFFENCE_RECORD) | FIELD(FAMILY_NAME);
	w.consent[0].any_field = false;
	w.consent[0].named_fields = FIELD(GIVEN_NAME) | FIELD(SHELTER_ADDRESS) |
				    FIELD(OFFENCE_RECORD);
	const struct nrm_verdict v = decide(&w);
	assert_int_equal(v.forwarded, FIELD(GIVEN_NAME));
	assert_int_equal(v.secret, FIELD(OFFENCE_RECORD));
	assert_int_equal(v.not_needed, FIELD(SKILLS) | FIELD(SHELTER_ADDRESS));
	assert_int_equal(v.not_consented, FIELD(FAMILY_NAME));
	assert_int_equal(v.consents, 1);
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
	with.duty[with.n_duties++] =
		(struct nrm_duty){SERVICE(MEDICAL_CHECKUP), ROLE(HEALTH), FIELD(GIVEN_NAME)};
	w.message.fields = FIELD(GIVEN_NAME) | FIELD(FAMILY_NAME) | FIELD(SKILLS);
	nrm_decide(&with, &w.facts, &w.message, NOW, &v);
	assert_int_equal(v.reason, NRM_REASON_OK);
	assert_int_equal(v.forwarded, FIELD(GIVEN_NAME));
	assert_int_equal(v.not_consented, FIELD(FAMILY_NAME));
	assert_int_equal(v.obligations, 1u << NRM_OBLIGATION_REVIEW_BY_COORDINATOR |
						1u << NRM_OBLIGATION_TELL_THE_SUBJECT);
	with.duty[0].services = SERVICE(CHRONIC_CARE);
	nrm_decide(&with, &w.facts, &w.message, NOW, &v);
	assert_int_equal(v.reason, NRM_REASON_BASIS_NOT_ALLOWED);
	with.duty[0] = (struct nrm_duty){SERVICE(MEDICAL_CHECKUP), ROLE(POLICE), FIELD(GIVEN_NAME)};
	nrm_decide(&with, &w.facts, &w.message, NOW, &v);
	assert_int_equal(v.reason, NRM_REASON_BASIS_NOT_ALLOWED);
	with.duty[0].roles = ROLE(HEALTH);
	w.message.recipient = ABROAD;
	nrm_decide(&with, &w.facts, &w.message, NOW, &v);
	assert_int_equal(v.reason, NRM_REASON_BASIS_NOT_ALLOWED);
}

static void seven_days_left(struct world *w)
{
	w->consent[0].until = NOW + 7 * DAY;
}
static void fewer_days_left(struct world *w)
{
	w->consent[0].until = NOW + 7 * DAY - 1;
}
static void crisis_nearly_over(struct world *w)
{
	w->consent[0].phase = NRM_PHASE_CRISIS;
	w->consent[0].from = NOW - 23 * DAY - 1;
}
static void parents_stand_in(struct world *w)
{
	assessed(w);
	w->card.guardian = NRM_GUARDIAN_PARENTS;
}
static void excluded_guardian(struct world *w)
{
	assessed(w);
	w->card.excluded[w->card.n_excluded++] = GUARDIAN;
}
static void guardian_of_an_adult(struct world *w)
{
	assessed(w);
	w->card.age_class = NRM_AGE_CLASS_ADULT;
	w->consent[0].given_by = NRM_GIVEN_BY_ADULT;
}
static void emergency_of_a_child(struct world *w)
{
	emergency(w);
	w->card.age_class = NRM_AGE_CLASS_UNKNOWN;
}
static void full_and_out_of_consent(struct world *w)
{
	w->message.type = NRM_MESSAGE_TYPE_RESPONSE;
	w->message.answer = NRM_ANSWER_DECLINE;
	w->message.decline = NRM_DECLINE_OUT_OF_AREA;
	w->facts.n_consents = 0;
}

static void exactly_what_falls_due(void **state)
{
#define DUE(name) (1u << NRM_OBLIGATION_##name)
	static const struct {
		void (*change)(struct world *w);
		uint32_t obligations;
	} due[] = {
		{seven_days_left, 0},
		{fewer_days_left, DUE(REVIEW_CONSENT)},
		{crisis_nearly_over, DUE(REVIEW_CONSENT)},
		{child, DUE(REQUEST_GUARDIANSHIP)},
		{guarded, 0}, /* held: nothing was forwarded to tell of */
		{assessed, DUE(INFORM_GUARDIAN)},
		{parents_stand_in, 0},
		{excluded_guardian, DUE(REQUEST_GUARDIANSHIP)},
		{guardian_of_an_adult, 0},
		{emergency, DUE(REVIEW_BY_COORDINATOR) | DUE(TELL_THE_SUBJECT)},
		{emergency_of_a_child,
		 DUE(REVIEW_BY_COORDINATOR) | DUE(TELL_THE_SUBJECT) | DUE(REQUEST_GUARDIANSHIP)},
		{emergency_refused, 0},
		{full_and_out_of_consent, DUE(SUGGEST_PROVIDER)},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++) {
		make(&w);
		due[i].change(&w);
		if (decide(&w).obligations != due[i].obligations)
			fail_msg("case %zu: %x", i, decide(&w).obligations);
	}
}

static void nothing_known_means_child_rules(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	w.facts.card = NULL;
	assert_int_equal(decide(&w).reason, NRM_REASON_GUARDIAN_MISSING);
}

/* ---- What the record says a child had: a guardian, an assessment, and whether the policy asked for them (K1-K4) ---- */

static struct nrm_protection protection(const struct world *w)
{
	struct nrm_protection p;

	nrm_protect(policy, &w->facts, &w->message, w->now, &p);
	return p;
}

static void an_adult_is_asked_for_nothing(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	const struct nrm_protection p = protection(&w);
	assert_false(p.groundless || p.child || p.guardian_asked || p.assessment_asked);
	assert_false(p.guarded || p.assessed);
}

static void a_child_is_asked_for_both_and_doubt_is_a_child(void **state)
{
	static const enum nrm_age_class minor[] = {NRM_AGE_CLASS_CHILD, NRM_AGE_CLASS_UNKNOWN,
						   NRM_AGE_CLASS_ABSENT};
	struct world w;

	(void)state;
	make(&w);
	for (size_t i = 0; i < 3; i++) {
		w.card.age_class = minor[i];
		const struct nrm_protection p = protection(&w);
		assert_true(p.child && p.guardian_asked && p.assessment_asked);
		assert_false(p.guarded || p.assessed);
	}
	w.facts.card = NULL; /* nothing is known: no adult either */
	assert_true(protection(&w).child);
}

static void what_is_there_is_seen(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	w.card.age_class = NRM_AGE_CLASS_CHILD;
	w.card.guardian = NRM_GUARDIAN_PARTICIPANT;
	w.card.guardian_party = GUARDIAN;
	assert_true(protection(&w).guarded);
	w.party[GUARDIAN].active = false;
	assert_false(protection(&w).guarded);

	w.card.assessed[NRM_ASSESSMENT_BEST_INTERESTS] = NOW;
	assert_true(protection(&w).assessed);
	w.card.assessed[NRM_ASSESSMENT_BEST_INTERESTS] = NOW + 1; /* not yet */
	assert_false(protection(&w).assessed);
}

/* Finding a guardian needs none; help in an emergency waits for nobody. */
static void what_goes_without_is_not_asked(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	w.card.age_class = NRM_AGE_CLASS_CHILD;
	w.message.service = NRM_SERVICE_GUARDIANSHIP_APPOINTMENT;
	assert_false(protection(&w).guardian_asked || protection(&w).assessment_asked);
	w.message.service = NRM_SERVICE_NEEDS_ASSESSMENT;
	assert_true(protection(&w).guardian_asked);
	assert_false(protection(&w).assessment_asked);
	w.message.service = NRM_SERVICE_EMERGENCY_MEDICAL;
	w.message.basis = NRM_BASIS_EMERGENCY;
	assert_true(protection(&w).child);
	assert_false(protection(&w).guardian_asked || protection(&w).assessment_asked);
}

static void what_needs_no_ground_is_not_asked(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	w.card.age_class = NRM_AGE_CLASS_CHILD;
	w.message.type = NRM_MESSAGE_TYPE_COMPLAINT;
	const struct nrm_protection p = protection(&w);
	assert_true(p.groundless && p.child);
	assert_false(p.guardian_asked || p.assessment_asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_and_its_twin),
		cmocka_unit_test(zeroed_inputs_refuse),
		cmocka_unit_test(fields_are_sorted),
		cmocka_unit_test(legal_duty),
		cmocka_unit_test(exactly_what_falls_due),
		cmocka_unit_test(nothing_known_means_child_rules),
		cmocka_unit_test(an_adult_is_asked_for_nothing),
		cmocka_unit_test(a_child_is_asked_for_both_and_doubt_is_a_child),
		cmocka_unit_test(what_is_there_is_seen),
		cmocka_unit_test(what_goes_without_is_not_asked),
		cmocka_unit_test(what_needs_no_ground_is_not_asked),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
