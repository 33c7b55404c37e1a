/* Facts stated to the broker: who may state what, consents and their confirmation, withdrawals, the case card. */
#include "broker/books/state.h"
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;

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

static uint32_t handle_of(int agency)
{
	return nrm_roll_find(&w.books->roll, nrm_slice_str(w.country.agency[agency].id));
}

/* The case of these tests as the books have it, from their cache. */
static const struct nrm_case *the_case(void)
{
	struct nrm_case *c;

	assert_int_equal(nrm_case_find(&w.books->cases, NULL, world_case(&w, 'a').data, &c),
			 NRM_OK);
	return c;
}

/* States it: a leaf is written whatever becomes of it, and its sender is told this. */
static void state_fact(int from, struct nrm_statement st, enum nrm_reason told)
{
	const uint64_t before = world_figures(&w).leaves;

	world_state(&w, from, st);
	world_receipt(&w, from, told == NRM_REASON_OK ? NRM_OUTCOME_FORWARD : NRM_OUTCOME_REFUSE,
		      told);
	assert_int_equal(world_figures(&w).leaves, before + 1);
}

/* The true reason, which oversight has, of the last leaf. */
static enum nrm_reason true_reason(void)
{
	struct nrm_entry entry;
	struct nrm_leaf leaf;
	struct nrm_view view;
	uint64_t previous;

	assert_int_equal(nrm_txn_begin(w.books->store, false, &w.books->txn), NRM_OK);
	assert_int_equal(nrm_ledger_read(w.books, world_figures(&w).leaves - 1, the_case(), &entry,
					 &leaf, &view, &previous),
			 NRM_OK);
	nrm_txn_abort(w.books->txn);
	w.books->txn = NULL;
	return view.reason;
}

/* The same words again, as somebody else's statement. */
static struct nrm_statement repeated_by(int agency, const struct nrm_statement *st)
{
	struct nrm_statement again = *st;

	again.message_id = world_id(&w);
	again.sender = nrm_slice_str(w.country.agency[agency].id);
	return again;
}

/* `from`, who opened the case, refers to the shelter, which is a party from then on. */
static void involve_shelter(int from)
{
	struct nrm_envelope envelope =
		world_envelope(&w, from, SHELTER, world_referral_of(&w, from), world_fields, 2);

	world_submit(&w, from, &envelope);
	world_receipt(&w, from, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_expect(&w, SHELTER, NRM_DELIVER);
}

static struct nrm_statement shelter_consent(int recorder)
{
	return world_grant(&w, recorder, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
}

/* ---- consents ---- */

static void a_consent_is_recorded_as_it_was_granted(void **state)
{
	struct nrm_statement st = shelter_consent(POLICE);
	const struct nrm_consent_grant *g = &st.body.consent_grant;
	const struct nrm_consent *consent;
	const struct nrm_case *c;

	(void)state;
	world_adult(&w);
	state_fact(POLICE, st, NRM_REASON_OK);
	c = the_case();
	assert_int_equal(c->n_consents, 1);
	assert_memory_equal(c->consent_on_file[0].id, g->consent_id.data, NRM_CONSENT_ID_LEN);
	consent = &c->consent[0];
	assert_int_equal(consent->given_by, NRM_GIVEN_BY_ADULT);
	assert_int_equal(consent->services, nrm_bit(NRM_SERVICE_EMERGENCY_SHELTER));
	assert_int_equal(consent->n_recipients, 1);
	assert_int_equal(consent->recipient[0], handle_of(SHELTER));
	assert_true(consent->any_field && !consent->any_service && !consent->any_recipient);
	assert_int_equal(consent->purpose, NRM_PURPOSE_ASSISTANCE);
	assert_int_equal(consent->phase, NRM_PHASE_RECOVERY);
	assert_int_equal(consent->from, g->from_ms);
	assert_int_equal(consent->until, g->until_ms);
	assert_int_equal(consent->withdrawn_at, 0);
	assert_int_equal(consent->heard, NRM_HEARD_HEARD);
	assert_true(consent->understood && !consent->interpreter_conflict);
	assert_int_equal(consent->guardian, 0);
	assert_false(consent->guardian_unknown);
	assert_int_equal(consent->n_recorders, 1);
	assert_int_equal(consent->recorder[0], handle_of(POLICE));
}

static void names_that_the_directory_has_not_cover_nobody(void **state)
{
	struct nrm_statement st = shelter_consent(POLICE);
	const struct nrm_slice to[] = {nrm_slice_str("XX.nobody-here"),
				       nrm_slice_str(w.country.agency[SHELTER].id)};

	(void)state;
	st.body.consent_grant.recipient = (struct nrm_slices){to, 2};
	st.body.consent_grant.guardian = nrm_slice_str("XX.nobody-either");
	state_fact(POLICE, st, NRM_REASON_OK);
	assert_int_equal(the_case()->consent[0].n_recipients, 1);
	assert_int_equal(the_case()->consent[0].recipient[0], handle_of(SHELTER));
	assert_int_equal(the_case()->consent[0].guardian, 0);
	assert_true(the_case()->consent[0].guardian_unknown);
}

static void another_participant_confirms_it_with_the_same_words_only(void **state)
{
	struct nrm_statement st = shelter_consent(POLICE), other;

	(void)state;
	world_adult(&w);
	state_fact(POLICE, st, NRM_REASON_OK);
	involve_shelter(POLICE);
	other = repeated_by(SHELTER, &st);
	other.body.consent_grant.until_ms++;
	state_fact(SHELTER, other, NRM_REASON_FACT_NOT_ALLOWED);
	other = repeated_by(SHELTER, &st);
	other.phase = NRM_PHASE_INCLUSION;
	state_fact(SHELTER, other, NRM_REASON_FACT_NOT_ALLOWED);
	other = repeated_by(POLICE, &st); /* not even who recorded it may change it */
	other.body.consent_grant.any_recipient = true;
	other.body.consent_grant.recipient.n = 0;
	state_fact(POLICE, other, NRM_REASON_FACT_NOT_ALLOWED);
	assert_int_equal(the_case()->consent[0].n_recorders, 1);
	assert_false(the_case()->consent[0].any_recipient);
	for (int twice = 0; twice < 2; twice++) {
		state_fact(SHELTER, repeated_by(SHELTER, &st), NRM_REASON_OK);
		assert_int_equal(the_case()->n_consents, 1);
		assert_int_equal(the_case()->consent[0].n_recorders, 2);
		assert_int_equal(the_case()->consent[0].recorder[1], handle_of(SHELTER));
	}
	state_fact(POLICE, repeated_by(POLICE, &st), NRM_REASON_OK);
	assert_int_equal(the_case()->consent[0].n_recorders, 2);
}

static void who_is_no_party_confirms_nothing(void **state)
{
	struct nrm_statement st = shelter_consent(POLICE);

	(void)state;
	world_adult(&w);
	state_fact(POLICE, st, NRM_REASON_OK);
	state_fact(HOSPITAL, repeated_by(HOSPITAL, &st), NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(true_reason(), NRM_REASON_EXCLUDED);
	state_fact(HOSPITAL, shelter_consent(HOSPITAL), NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(the_case()->n_consents, 1);
	assert_int_equal(the_case()->consent[0].n_recorders, 1);
}

static void the_sixty_fifth_consent_is_refused(void **state)
{
	struct nrm_statement first = shelter_consent(POLICE);

	(void)state;
	state_fact(POLICE, first, NRM_REASON_OK);
	for (size_t n = 1; n < NRM_MAX_CASE_CONSENTS; n++)
		state_fact(POLICE, shelter_consent(POLICE), NRM_REASON_OK);
	state_fact(POLICE, shelter_consent(POLICE), NRM_REASON_FACT_NOT_ALLOWED);
	assert_int_equal(the_case()->n_consents, NRM_MAX_CASE_CONSENTS);
	/* What is there can still be said again, and withdrawn. */
	state_fact(POLICE, repeated_by(POLICE, &first), NRM_REASON_OK);
	state_fact(POLICE, world_withdrawal(&w, POLICE, nrm_slice(NULL, 0)), NRM_REASON_OK);
	for (size_t n = 0; n < NRM_MAX_CASE_CONSENTS; n++)
		assert_int_equal(the_case()->consent[n].withdrawn_at, w.now);
}

/* ---- withdrawals ---- */

static uint64_t withdrawn(uint32_t place)
{
	return the_case()->consent[place].withdrawn_at;
}

static void one_consent_is_withdrawn_or_all(void **state)
{
	struct nrm_slice id[3];
	uint64_t first;

	(void)state;
	world_adult(&w);
	for (size_t i = 0; i < 3; i++)
		id[i] = world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	first = w.now += 1000;
	state_fact(POLICE, world_withdrawal(&w, POLICE, id[1]), NRM_REASON_OK);
	assert_true(withdrawn(0) == 0 && withdrawn(1) == first && withdrawn(2) == 0);
	w.now += 1000;
	state_fact(POLICE, world_withdrawal(&w, POLICE, id[1]), NRM_REASON_OK);
	assert_true(withdrawn(0) == 0 && withdrawn(1) == first && withdrawn(2) == 0);
	state_fact(POLICE, world_withdrawal(&w, POLICE, world_id(&w)), NRM_REASON_FACT_NOT_ALLOWED);
	assert_true(withdrawn(0) == 0 && withdrawn(2) == 0);
	state_fact(POLICE, world_withdrawal(&w, POLICE, nrm_slice(NULL, 0)), NRM_REASON_OK);
	assert_true(withdrawn(0) == w.now && withdrawn(1) == first && withdrawn(2) == w.now);
}

static void any_party_may_withdraw_and_nobody_else(void **state)
{
	struct nrm_slice id;

	(void)state;
	world_adult(&w);
	id = world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	involve_shelter(POLICE);
	state_fact(HOSPITAL, world_withdrawal(&w, HOSPITAL, id), NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(withdrawn(0), 0);
	state_fact(SHELTER, world_withdrawal(&w, SHELTER, id), NRM_REASON_OK);
	assert_int_equal(withdrawn(0), w.now);
}

/* ---- the case card ---- */

static void all_facts_of_a_card_count_or_none(void **state)
{
	const struct nrm_stated_fact by_police[] = {
		{.kind = NRM_FACT_LAST_THREAT, .is.time_ms = WORLD_START - 5},
		world_is_adult,
		{.kind = NRM_FACT_EXCLUDED,
		 .is.participant = nrm_slice_str(w.country.agency[HOSPITAL].id)},
	};
	const struct nrm_card nothing = {.reflection_until = w.now + 92 * WORLD_DAY};

	(void)state;
	state_fact(POLICE, world_card(&w, POLICE, by_police, 3), NRM_REASON_FACT_NOT_ALLOWED);
	assert_int_equal(true_reason(), NRM_REASON_FACT_NOT_ALLOWED);
	assert_memory_equal(&the_case()->card, &nothing, sizeof(nothing));
	state_fact(POLICE, world_card(&w, POLICE, by_police, 2), NRM_REASON_OK);
	assert_int_equal(the_case()->card.age_class, NRM_AGE_CLASS_ADULT);
	assert_int_equal(the_case()->card.last_threat, WORLD_START - 5);
	assert_int_equal(the_case()->card.n_excluded, 0);
}

static void who_may_exclude_does(void **state)
{
	const struct nrm_stated_fact facts[] = {
		{.kind = NRM_FACT_EXCLUDED,
		 .is.participant = nrm_slice_str(w.country.agency[HOSPITAL].id)},
		{.kind = NRM_FACT_EXCLUDED, .is.participant = nrm_slice_str("XX.nobody-here")},
	};

	(void)state;
	state_fact(NGO, world_card(&w, NGO, facts, 2), NRM_REASON_FACT_NOT_ALLOWED);
	assert_int_equal(the_case()->card.n_excluded, 0);
	state_fact(NGO, world_card(&w, NGO, facts, 1), NRM_REASON_OK);
	assert_int_equal(the_case()->card.n_excluded, 1);
	assert_int_equal(the_case()->card.excluded[0], handle_of(HOSPITAL));
}

static void who_may_not_state_a_fact_is_told_so(void **state)
{
	(void)state;
	state_fact(IMMIGRATION, world_card(&w, IMMIGRATION, &world_is_adult, 1),
		   NRM_REASON_FACT_NOT_ALLOWED);
	assert_int_equal(the_case()->card.age_class, NRM_AGE_CLASS_ABSENT);
	/* Its statement opened the case: others are no party to it, and learn nothing by trying. */
	state_fact(POLICE, world_card(&w, POLICE, &world_is_adult, 1),
		   NRM_REASON_CONSENT_WITHDRAWN);
}

static void what_only_managers_may_state_the_others_may_not(void **state)
{
	const struct nrm_stated_fact asks_asylum = {.kind = NRM_FACT_ASYLUM_SEEKER, .is.yes = true};

	(void)state;
	world_adult_consents(&w);
	involve_shelter(POLICE);
	state_fact(SHELTER, world_card(&w, SHELTER, &asks_asylum, 1), NRM_REASON_FACT_NOT_ALLOWED);
	assert_false(the_case()->card.asylum_seeker);
	state_fact(POLICE, world_card(&w, POLICE, &asks_asylum, 1), NRM_REASON_OK);
	assert_true(the_case()->card.asylum_seeker);
}

/* An excluded participant and an outsider hear the same, in the same number of bytes. */
static void the_excluded_are_told_what_withdrawn_consent_is_told(void **state)
{
	const struct nrm_stated_fact excluded = {
		.kind = NRM_FACT_EXCLUDED,
		.is.participant = nrm_slice_str(w.country.agency[SHELTER].id)};
	const struct nrm_stated_fact threat = {.kind = NRM_FACT_LAST_THREAT,
					       .is.time_ms = WORLD_START};
	struct nrm_to_agent frame[2];

	(void)state;
	state_fact(NGO, world_card(&w, NGO, &world_is_adult, 1), NRM_REASON_OK);
	world_consent(&w, NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	involve_shelter(NGO);
	state_fact(SHELTER, world_card(&w, SHELTER, &world_is_adult, 1), NRM_REASON_OK);
	state_fact(NGO, world_card(&w, NGO, &excluded, 1), NRM_REASON_OK);
	state_fact(SHELTER, world_card(&w, SHELTER, &threat, 1), NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(true_reason(), NRM_REASON_EXCLUDED);
	assert_int_equal(the_case()->card.last_threat, 0);
	state_fact(SHELTER, shelter_consent(SHELTER), NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(the_case()->n_consents, 1);
	state_fact(SHELTER, world_withdrawal(&w, SHELTER, nrm_slice(NULL, 0)),
		   NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(withdrawn(0), 0);

	const int who[2] = {SHELTER, HOSPITAL};
	for (int i = 0; i < 2; i++) {
		world_state(&w, who[i], world_card(&w, who[i], &threat, 1));
		frame[i] = world_expect(&w, who[i], NRM_RECEIPT);
	}
	assert_int_equal(frame[0].is.receipt.item[0].leaf.len,
			 frame[1].is.receipt.item[0].leaf.len);
	assert_int_equal(frame[0].is.receipt.item[0].view.len,
			 frame[1].is.receipt.item[0].view.len);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_consent_is_recorded_as_it_was_granted),
		TEST(names_that_the_directory_has_not_cover_nobody),
		TEST(another_participant_confirms_it_with_the_same_words_only),
		TEST(who_is_no_party_confirms_nothing),
		TEST(the_sixty_fifth_consent_is_refused),
		TEST(one_consent_is_withdrawn_or_all),
		TEST(any_party_may_withdraw_and_nobody_else),
		TEST(all_facts_of_a_card_count_or_none),
		TEST(who_may_exclude_does),
		TEST(who_may_not_state_a_fact_is_told_so),
		TEST(what_only_managers_may_state_the_others_may_not),
		TEST(the_excluded_are_told_what_withdrawn_consent_is_told),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("facts", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
