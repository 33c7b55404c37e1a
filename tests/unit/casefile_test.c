/*
 * A case as an agency knows it, against the broker that told of it: what the agency computes from an answer is what the
 * broker decides, as long as it was told everything; and what it states itself counts as the broker will take it.
 */
#include "agents/agent/casefile.h"
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;
static struct nrm_casefile file;

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	for (int agency = 0; agency < WORLD_AGENCIES; agency++)
		world_connect(&w, agency, 100);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static struct nrm_slice id_of(int agency)
{
	return nrm_slice_str(w.country.agency[agency].id);
}

/* An empty file of an agency's. */
static struct nrm_casefile *fresh(int agency)
{
	assert_int_equal(nrm_casefile_init(&file, w.directory, w.policy->rules, id_of(agency),
					   w.now, &w.arena),
			 NRM_OK);
	file.manages = true;
	return &file;
}

/* With what the broker tells that agency now. */
static struct nrm_casefile *asked(int agency)
{
	struct nrm_to_broker frame = {
		.kind = NRM_ASK, .is.ask = {.kind = NRM_ASK_CASE, .case_id = world_case(&w, 'a')}};

	world_send(&w, agency, &frame);
	struct nrm_to_agent heard = world_expect(&w, agency, NRM_ANSWER_CASE);
	assert_true(heard.is.case_file.known);
	nrm_casefile_told(fresh(agency), &heard.is.case_file);
	return &file;
}

static nrm_mask mask_of(const enum nrm_field *field, size_t n)
{
	nrm_mask mask = 0;

	for (size_t i = 0; i < n; i++)
		mask |= nrm_bit(field[i]);
	return mask;
}

static struct nrm_verdict foresee(const struct nrm_casefile *f, const struct nrm_statement *st,
				  nrm_mask fields)
{
	const struct nrm_message message = nrm_casefile_message(f, st, fields);
	struct nrm_verdict v;

	nrm_casefile_decide(f, &message, w.now, &v);
	return v;
}

static const enum nrm_field fields[] = {NRM_FIELD_GIVEN_NAME, NRM_FIELD_LANGUAGES,
					NRM_FIELD_OFFENCE_RECORD, NRM_FIELD_SKILLS};

/* Sends it, and holds the broker's verdict to what the sender foresaw. */
static enum nrm_reason agrees(int from, int to, enum nrm_service service, enum nrm_basis basis)
{
	struct nrm_statement st = world_referral_of(&w, from);
	struct nrm_to_agent frame;
	struct nrm_leaf leaf;

	st.recipient = id_of(to);
	st.service = service;
	st.basis = basis;
	st.emergency = basis == NRM_BASIS_EMERGENCY ? NRM_EMERGENCY_LIFE_THREAT : 0;
	const struct nrm_verdict v = foresee(asked(from), &st, mask_of(fields, 4));
	struct nrm_envelope envelope = world_envelope(&w, from, to, st, fields, 4);
	world_submit(&w, from, &envelope);
	frame = world_expect(&w, from, NRM_RECEIPT);
	const struct nrm_view view = world_view(&w, &frame.is.receipt.item[0], &leaf);
	assert_string_equal(nrm_code_name(NRM_VOCABULARY_REASON, v.told),
			    nrm_code_name(NRM_VOCABULARY_REASON, view.reason));
	assert_int_equal(v.outcome, view.outcome);
	assert_int_equal(v.forwarded, view.forwarded);
	for (size_t i = 0; i < 3; i++) {
		if (view.withheld[i].reason == NRM_REASON_SECRET)
			assert_int_equal(v.secret, view.withheld[i].fields);
		if (view.withheld[i].reason == NRM_REASON_NOT_NEEDED)
			assert_int_equal(v.not_needed, view.withheld[i].fields);
		if (view.withheld[i].reason == NRM_REASON_NOT_CONSENTED)
			assert_int_equal(v.not_consented, view.withheld[i].fields);
	}
	if (view.reason != NRM_REASON_CONSENT_WITHDRAWN)
		assert_int_equal(v.obligations, view.obligations);
	while (world_hear(&w, to, &frame))
		;
	return view.reason;
}

static void state_fact(int from, struct nrm_statement st)
{
	world_state(&w, from, st);
	world_receipt(&w, from, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
}

static struct nrm_statement age(int from, enum nrm_age_class age_class)
{
	struct nrm_stated_fact f = {.kind = NRM_FACT_AGE_CLASS, .is.age_class = age_class};

	return world_card(&w, from, nrm_arena_copy(&w.arena, &f, sizeof(f)), 1);
}

/* The ngo manages the case, so that it is told everything. */
static void a_manager_foresees_what_the_broker_decides(void **state)
{
	const struct nrm_stated_fact excluded = {.kind = NRM_FACT_EXCLUDED,
						 .is.participant = id_of(HOSPITAL)};
	const struct nrm_stated_fact assessed = {
		.kind = NRM_FACT_ASSESSMENT,
		.is.assessment = {NRM_ASSESSMENT_BEST_INTERESTS, WORLD_START}};
	struct nrm_statement some = world_grant(&w, NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	static const uint32_t name[] = {NRM_FIELD_GIVEN_NAME};
	const enum nrm_service shelter = NRM_SERVICE_EMERGENCY_SHELTER,
			       medical = NRM_SERVICE_MEDICAL_CHECKUP;

	(void)state;
	state_fact(NGO, age(NGO, NRM_AGE_CLASS_ADULT));
	assert_int_equal(agrees(NGO, SHELTER, shelter, NRM_BASIS_CONSENT), NRM_REASON_NO_CONSENT);
	assert_int_equal(agrees(NGO, SHELTER, medical, NRM_BASIS_CONSENT), NRM_REASON_NOT_OFFERED);
	assert_int_equal(agrees(NGO, IMMIGRATION, shelter, NRM_BASIS_CONSENT), NRM_REASON_FIREWALL);
	assert_int_equal(agrees(NGO, SHELTER, shelter, NRM_BASIS_EMERGENCY), NRM_REASON_OK);

	some.body.consent_grant.any_field = false;
	some.body.consent_grant.field = (struct nrm_codes){name, 1};
	state_fact(NGO, some);
	assert_int_equal(agrees(NGO, SHELTER, shelter, NRM_BASIS_CONSENT), NRM_REASON_OK);
	state_fact(NGO, world_withdrawal(&w, NGO, some.body.consent_grant.consent_id));
	assert_int_equal(agrees(NGO, SHELTER, shelter, NRM_BASIS_CONSENT),
			 NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(agrees(NGO, SHELTER, shelter, NRM_BASIS_EMERGENCY),
			 NRM_REASON_BASIS_NOT_ALLOWED);

	world_consent(&w, NGO, HOSPITAL, medical);
	assert_int_equal(agrees(NGO, HOSPITAL, medical, NRM_BASIS_CONSENT), NRM_REASON_OK);
	state_fact(NGO, age(NGO, NRM_AGE_CLASS_CHILD));
	assert_int_equal(agrees(NGO, HOSPITAL, medical, NRM_BASIS_CONSENT),
			 NRM_REASON_GUARDIAN_MISSING);
	state_fact(NGO, world_card(&w, NGO, &assessed, 1));
	assert_int_equal(agrees(NGO, HOSPITAL, medical, NRM_BASIS_CONSENT),
			 NRM_REASON_GUARDIAN_MISSING);
	state_fact(NGO, world_card(&w, NGO, &excluded, 1));
	assert_int_equal(agrees(NGO, HOSPITAL, medical, NRM_BASIS_CONSENT),
			 NRM_REASON_CONSENT_WITHDRAWN);
	w.now += 100 * WORLD_DAY;
	world_consent(&w, NGO, SHELTER, shelter);
	w.now += 100 * WORLD_DAY;
	assert_int_equal(agrees(NGO, SHELTER, shelter, NRM_BASIS_CONSENT),
			 NRM_REASON_CONSENT_EXPIRED);
}

/* Who may not know the exclusions is not told of them; what it is told fits what it is told of its message. */
static void others_foresee_what_they_are_told(void **state)
{
	const struct nrm_stated_fact excluded = {.kind = NRM_FACT_EXCLUDED,
						 .is.participant = id_of(HOSPITAL)};
	const enum nrm_service medical = NRM_SERVICE_MEDICAL_CHECKUP;

	(void)state;
	state_fact(NGO, age(NGO, NRM_AGE_CLASS_ADULT));
	world_consent(&w, NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	agrees(NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER, NRM_BASIS_CONSENT);
	world_consent(&w, SHELTER, HOSPITAL, medical);
	assert_int_equal(agrees(SHELTER, HOSPITAL, medical, NRM_BASIS_CONSENT), NRM_REASON_OK);
	state_fact(NGO, world_card(&w, NGO, &excluded, 1));
	assert_int_equal(agrees(SHELTER, HOSPITAL, medical, NRM_BASIS_CONSENT),
			 NRM_REASON_CONSENT_WITHDRAWN);
}

static struct nrm_verdict shelter_verdict(const struct nrm_casefile *f)
{
	const struct nrm_statement st = world_referral_of(&w, POLICE);

	return foresee(f, &st, nrm_bit(NRM_FIELD_GIVEN_NAME) | nrm_bit(NRM_FIELD_SKILLS));
}

static void what_is_stated_counts_on_top(void **state)
{
	struct nrm_statement grant =
		world_grant(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	struct nrm_statement adult = age(POLICE, NRM_AGE_CLASS_ADULT);
	struct nrm_casefile *f = fresh(POLICE);
	struct nrm_verdict v;

	(void)state;
	assert_int_equal(shelter_verdict(f).reason, NRM_REASON_NO_CONSENT);
	nrm_casefile_stated(f, &grant);
	assert_int_equal(shelter_verdict(f).outcome, NRM_OUTCOME_HOLD); /* of unknown age */
	nrm_casefile_stated(f, &adult);
	v = shelter_verdict(f);
	assert_int_equal(v.outcome, NRM_OUTCOME_FORWARD);
	assert_int_equal(v.forwarded, nrm_bit(NRM_FIELD_GIVEN_NAME));
	nrm_casefile_stated(f, &grant); /* again: it is the same consent */
	assert_int_equal(f->n_consents, 1);
	assert_int_equal(f->consent[0].n_recorders, 1);
	struct nrm_statement other = world_withdrawal(&w, POLICE, world_id(&w));
	nrm_casefile_stated(f, &other);
	assert_int_equal(shelter_verdict(f).outcome, NRM_OUTCOME_FORWARD);
	struct nrm_statement all = world_withdrawal(&w, POLICE, nrm_slice(NULL, 0));
	nrm_casefile_stated(f, &all);
	assert_int_equal(shelter_verdict(f).reason, NRM_REASON_CONSENT_WITHDRAWN);
	w.now += 1000;
	struct nrm_statement again = world_withdrawal(&w, POLICE, nrm_slice(NULL, 0));
	nrm_casefile_stated(f, &again); /* withdrawn is withdrawn, from the first time on */
	assert_int_equal(f->consent[0].withdrawn_at, all.issued_at_ms);
}

/* What the broker would not take changes nothing here either: all of a card or none of it. */
static void what_may_not_be_stated_does_not_count(void **state)
{
	const struct nrm_stated_fact facts[] = {
		{.kind = NRM_FACT_LAST_THREAT, .is.time_ms = 5},
		{.kind = NRM_FACT_EXCLUDED, .is.participant = id_of(HOSPITAL)},
		{.kind = NRM_FACT_EXCLUDED, .is.participant = nrm_slice_str("XX.nobody-here")},
	};
	struct nrm_statement st = world_card(&w, POLICE, facts, 2);
	struct nrm_casefile *f = fresh(POLICE);

	(void)state;
	nrm_casefile_stated(f, &st);
	assert_int_equal(f->card.last_threat + f->card.n_excluded, 0);
	st.body.case_card.n = 1;
	nrm_casefile_stated(f, &st);
	assert_int_equal(f->card.last_threat, 5);
	f = fresh(NGO);
	st = world_card(&w, NGO, facts, 3);
	nrm_casefile_stated(f, &st);
	assert_int_equal(f->card.n_excluded, 0);
	st.body.case_card.n = 2;
	nrm_casefile_stated(f, &st);
	assert_int_equal(f->card.n_excluded, 1);
	f = fresh(IMMIGRATION);
	st = world_grant(&w, IMMIGRATION, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	bool may = nrm_may_record_consent(w.policy->rules, &f->party[f->self]);
	nrm_casefile_stated(f, &st);
	assert_int_equal(f->n_consents, may);
}

/* An acceptance told beside its receiving manager stands, in whichever order they come. */
static void the_receiving_managers_acceptance_is_kept(void **state)
{
	const struct nrm_stated_fact facts[] = {
		{.kind = NRM_FACT_ASSESSMENT,
		 .is.assessment = {NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED, 7}},
		{.kind = NRM_FACT_RECEIVING_MANAGER, .is.participant = id_of(NGO)},
		{.kind = NRM_FACT_GUARDIAN,
		 .is.guardian = {NRM_GUARDIAN_PARTICIPANT, nrm_slice_str("XX.gone-since")}},
	};
	const struct nrm_case_answer answer = {.known = true, .card = {facts, 3}};
	struct nrm_casefile *f = fresh(POLICE);

	(void)state;
	nrm_casefile_told(f, &answer);
	assert_int_equal(f->card.assessed[NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED], 7);
	/* A participant of an earlier directory is somebody, and not in it. */
	assert_int_equal(f->card.guardian_party, f->n_parties);
}

static struct nrm_wanted_consent wanted(const struct nrm_casefile *f,
					const struct nrm_statement *st, nrm_mask declared)
{
	const struct nrm_message message = nrm_casefile_message(f, st, declared);
	struct nrm_wanted_consent c = {0};
	struct nrm_verdict v;

	nrm_casefile_decide(f, &message, w.now, &v);
	if (!nrm_casefile_wants(f, &message, &v, w.now, &c))
		assert_int_equal(c.given_by, 0);
	return c;
}

static void the_consent_that_is_wanting_is_named(void **state)
{
	const nrm_mask declared = nrm_bit(NRM_FIELD_GIVEN_NAME) | nrm_bit(NRM_FIELD_SKILLS) |
				  nrm_bit(NRM_FIELD_OFFENCE_RECORD);
	struct nrm_statement adult = age(POLICE, NRM_AGE_CLASS_ADULT),
			     st = world_referral_of(&w, POLICE),
			     grant = world_grant(&w, POLICE, SHELTER,
						 NRM_SERVICE_EMERGENCY_SHELTER);
	struct nrm_casefile *f = fresh(POLICE);
	struct nrm_wanted_consent c;

	(void)state;
	/* Of unknown age: the child's own word counts while there is no guardian, who is the next thing to be missing. */
	c = wanted(f, &st, declared);
	assert_true(nrm_has(c.given_by, NRM_GIVEN_BY_CHILD));
	assert_false(nrm_has(c.given_by, NRM_GIVEN_BY_ADULT));
	assert_int_equal(c.outcome, NRM_OUTCOME_HOLD);
	assert_int_equal(c.reason, NRM_REASON_GUARDIAN_MISSING);

	nrm_casefile_stated(f, &adult);
	c = wanted(f, &st, declared);
	assert_int_equal(c.fields, nrm_bit(NRM_FIELD_GIVEN_NAME)); /* needed, and not secret */
	assert_int_equal(c.given_by,
			 nrm_bit(NRM_GIVEN_BY_ADULT) | nrm_bit(NRM_GIVEN_BY_ADULT_WITH_SUPPORTER));
	assert_int_equal(c.country, 0);
	assert_false(c.by_another);
	assert_int_equal(c.outcome, NRM_OUTCOME_FORWARD);

	nrm_casefile_stated(f, &grant); /* to everything: nothing is wanting any more */
	assert_int_equal(wanted(f, &st, declared).given_by, 0);
	st.basis = NRM_BASIS_EMERGENCY; /* refused or not, no consent is what it lacks */
	assert_int_equal(wanted(f, &st, declared).given_by, 0);

	/* Police alone do not record a consent in the legal area. */
	st = world_referral_of(&w, POLICE);
	st.recipient = id_of(LABOUR);
	st.service = NRM_SERVICE_LABOUR_CLAIM;
	c = wanted(f, &st, declared);
	assert_true(c.by_another);
	assert_int_equal(c.outcome, NRM_OUTCOME_FORWARD);
}

static void under_an_outdated_directory_emergencies_alone_pass(void **state)
{
	struct nrm_statement st = world_referral_of(&w, POLICE);
	struct nrm_casefile *f = fresh(POLICE);

	(void)state;
	w.now = nrm_directory_valid_until(w.directory);
	assert_int_equal(foresee(f, &st, 0).told, NRM_REASON_DIRECTORY_EXPIRED);
	st.basis = NRM_BASIS_EMERGENCY;
	assert_int_not_equal(foresee(f, &st, 0).told, NRM_REASON_DIRECTORY_EXPIRED);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_manager_foresees_what_the_broker_decides),
		TEST(others_foresee_what_they_are_told),
		TEST(what_is_stated_counts_on_top),
		TEST(what_may_not_be_stated_does_not_count),
		TEST(the_receiving_managers_acceptance_is_kept),
		TEST(the_consent_that_is_wanting_is_named),
		TEST(under_an_outdated_directory_emergencies_alone_pass),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("casefile", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
