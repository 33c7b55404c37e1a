/*
 * From mailbox to recipient: what changed between acceptance and delivery counts, order is kept, the slow do not hold
 * up the others, and what expires is returned once.
 */
#include "broker/books/state.h"
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	world_connect(&w, POLICE, 100);
	world_connect(&w, NGO, 100);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

/* Refers to the shelter, of which it is told this. */
static void refer(int from, enum nrm_reason told)
{
	struct nrm_envelope envelope =
		world_envelope(&w, from, SHELTER, world_referral_of(&w, from), world_fields, 4);

	world_submit(&w, from, &envelope);
	world_receipt(&w, from, told == NRM_REASON_OK ? NRM_OUTCOME_FORWARD : NRM_OUTCOME_REFUSE,
		      told);
}

static void state_fact(int from, struct nrm_statement st)
{
	world_state(&w, from, st);
	world_receipt(&w, from, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
}

static struct nrm_delivery delivered_to(int agency)
{
	struct nrm_to_agent frame = world_expect(&w, agency, NRM_DELIVER);

	assert_int_equal(frame.is.deliver.n, 1);
	return frame.is.deliver.item[0];
}

/* What the recipient holds verifies, and is this; its view says how much was withheld. */
static void assert_carries(const struct nrm_delivery *d, int from, nrm_mask fields)
{
	const struct nrm_participant *sender =
		nrm_directory_find(w.directory, nrm_slice_str(w.country.agency[from].id));
	const struct nrm_verified *verified;
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_leaf leaf;
	struct nrm_view view;

	assert_int_equal(nrm_envelope_verify(&d->envelope, sender->verifying, &w.arena, &verified),
			 NRM_OK);
	assert_int_equal(nrm_verified_fields(verified), fields);
	assert_int_equal(nrm_leaf_decode(d->leaf, &w.arena, &leaf), NRM_OK);
	nrm_view_digest(d->salt.data, d->view, digest);
	assert_memory_equal(digest, leaf.recipient_view.data, NRM_HASH_LEN);
	assert_int_equal(nrm_view_decode(d->view, &w.arena, &view), NRM_OK);
	assert_int_equal(view.forwarded, fields);
	assert_int_equal(view.withheld_count, 4 - (uint32_t)__builtin_popcountll(fields));
}

static const nrm_mask only_name = 1ull << NRM_FIELD_GIVEN_NAME;

/* A second consent, to the given name alone. */
static struct nrm_statement narrow_consent(void)
{
	static const uint32_t name = NRM_FIELD_GIVEN_NAME;
	struct nrm_statement st = world_grant(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);

	st.body.consent_grant.any_field = false;
	st.body.consent_grant.field = (struct nrm_codes){&name, 1};
	return st;
}

static void a_consent_that_narrows_while_it_waits_narrows_what_is_delivered(void **state)
{
	struct nrm_slice wide;
	struct nrm_view view;

	(void)state;
	world_adult(&w);
	wide = world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	state_fact(POLICE, narrow_consent());
	refer(POLICE, NRM_REASON_OK);
	state_fact(POLICE, world_withdrawal(&w, POLICE, wide));
	world_connect(&w, SHELTER, 10);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_int_equal(view.forwarded, only_name);
	assert_int_equal(view.withheld_count, 3);
	assert_true(view.earlier > 0);
	struct nrm_delivery first = delivered_to(SHELTER);
	assert_carries(&first, POLICE, only_name);
	/* The narrower row is the one that is kept, and decided on no further while nothing changes. */
	uint64_t leaves = world_figures(&w).leaves;
	world_disconnect(&w, SHELTER);
	world_connect(&w, SHELTER, 10);
	struct nrm_delivery again = delivered_to(SHELTER);
	assert_carries(&again, POLICE, only_name);
	assert_true(nrm_slice_equal(again.leaf, first.leaf));
	assert_int_equal(world_figures(&w).leaves, leaves);
	/* A wider consent later brings back nothing. */
	world_disconnect(&w, SHELTER);
	world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	world_connect(&w, SHELTER, 10);
	again = delivered_to(SHELTER);
	assert_carries(&again, POLICE, only_name);
	/* And it is acknowledged for what it carries, not for what it once was to carry. */
	world_acknowledge(&w, SHELTER, &again, WORLD_NEEDED, NRM_ACK_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_ACK);
	world_acknowledge(&w, SHELTER, &again, only_name, NRM_ACK_OK);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_true(view.ack.len > 0);
	assert_int_equal(world_figures(&w).waiting, 0);
}

/* It does not go out, its sender is told why, and nothing of it is left. */
static void assert_given_back(int sender, enum nrm_reason told)
{
	struct nrm_view view = world_receipt(&w, sender, NRM_OUTCOME_REFUSE, told);

	assert_int_equal(view.forwarded, 0);
	assert_true(view.earlier > 0);
	world_expect_silence(&w, SHELTER);
	assert_int_equal(world_figures(&w).waiting, 0);
	world_disconnect(&w, SHELTER);
	world_connect(&w, SHELTER, 10);
	world_expect_silence(&w, SHELTER);
	world_expect_silence(&w, sender);
}

static void a_withdrawal_while_it_waits_stops_it(void **state)
{
	(void)state;
	world_adult_consents(&w);
	refer(POLICE, NRM_REASON_OK);
	w.now += 1000;
	state_fact(POLICE, world_withdrawal(&w, POLICE, nrm_slice(NULL, 0)));
	world_connect(&w, SHELTER, 10);
	assert_given_back(POLICE, NRM_REASON_CONSENT_WITHDRAWN);
}

static void a_withdrawal_after_a_lost_delivery_stops_the_next_one(void **state)
{
	(void)state;
	world_connect(&w, SHELTER, 10);
	world_adult_consents(&w);
	refer(POLICE, NRM_REASON_OK);
	delivered_to(SHELTER);
	world_disconnect(&w, SHELTER);
	state_fact(POLICE, world_withdrawal(&w, POLICE, nrm_slice(NULL, 0)));
	world_connect(&w, SHELTER, 10);
	assert_given_back(POLICE, NRM_REASON_CONSENT_WITHDRAWN);
}

static void a_consent_that_runs_out_while_it_waits_stops_it(void **state)
{
	struct nrm_statement st;

	(void)state;
	world_adult(&w);
	st = world_grant(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	st.body.consent_grant.until_ms = w.now + WORLD_DAY;
	state_fact(POLICE, st);
	refer(POLICE, NRM_REASON_OK);
	w.now += WORLD_DAY - 1;
	world_connect(&w, SHELTER, 10);
	delivered_to(SHELTER); /* at the last moment */
	w.now++;
	world_disconnect(&w, SHELTER);
	world_connect(&w, SHELTER, 10);
	assert_given_back(POLICE, NRM_REASON_CONSENT_EXPIRED);
}

static void an_exclusion_while_it_waits_stops_it(void **state)
{
	const struct nrm_stated_fact excluded = {
		.kind = NRM_FACT_EXCLUDED,
		.is.participant = nrm_slice_str(w.country.agency[SHELTER].id)};

	(void)state;
	state_fact(NGO, world_card(&w, NGO, &world_is_adult, 1));
	world_consent(&w, NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	refer(NGO, NRM_REASON_OK);
	state_fact(NGO, world_card(&w, NGO, &excluded, 1));
	world_connect(&w, SHELTER, 10);
	assert_given_back(NGO, NRM_REASON_CONSENT_WITHDRAWN); /* as it is told */
	refer(NGO, NRM_REASON_CONSENT_WITHDRAWN);	      /* a new one too */
}

/* ---- order, and who waits for whom ---- */

static void the_order_of_acceptance_is_kept_for_each_recipient(void **state)
{
	uint64_t index = 0;
	struct nrm_to_agent frame;

	(void)state;
	world_adult_consents(&w);
	for (int i = 0; i < 5; i++)
		refer(POLICE, NRM_REASON_OK);
	world_connect(&w, SHELTER, 3);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(frame.is.deliver.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(frame.is.deliver.item[i].index > index);
		index = frame.is.deliver.item[i].index;
	}
	/* Credit comes together with a new one, which does not overtake those that wait. */
	nrm_session_find(&w.books->sessions, w.session[SHELTER])->credit = 3;
	refer(POLICE, NRM_REASON_OK);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(frame.is.deliver.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(frame.is.deliver.item[i].index > index);
		index = frame.is.deliver.item[i].index;
	}
}

static void a_slow_recipient_stops_nobody_else(void **state)
{
	static const enum nrm_field name = NRM_FIELD_GIVEN_NAME;
	struct nrm_statement st;
	struct nrm_envelope envelope;

	(void)state;
	world_adult_consents(&w);
	world_consent(&w, POLICE, HOSPITAL, NRM_SERVICE_MEDICAL_CHECKUP);
	world_connect(&w, SHELTER, 0);
	world_connect(&w, HOSPITAL, 10);
	for (int i = 0; i < 5; i++) {
		refer(POLICE, NRM_REASON_OK);
		st = world_referral_of(&w, POLICE);
		st.recipient = nrm_slice_str(w.country.agency[HOSPITAL].id);
		st.service = NRM_SERVICE_MEDICAL_CHECKUP;
		envelope = world_envelope(&w, POLICE, HOSPITAL, st, &name, 1);
		world_submit(&w, POLICE, &envelope);
		world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
		delivered_to(HOSPITAL);
		world_expect_silence(&w, SHELTER);
	}
	assert_false(nrm_books_pending(w.books));
	assert_int_equal(world_figures(&w).waiting, 10);
}

static void bytes_in_flight_stop_one_connection_only_until_it_acknowledges(void **state)
{
	struct nrm_session *session;
	struct nrm_to_agent frame;

	(void)state;
	world_adult_consents(&w);
	world_connect(&w, SHELTER, 100);
	refer(POLICE, NRM_REASON_OK);
	struct nrm_delivery first = delivered_to(SHELTER);
	session = nrm_session_find(&w.books->sessions, w.session[SHELTER]);
	session->bytes_in_flight += NRM_MAX_IN_FLIGHT; /* as if there were many more */
	refer(POLICE, NRM_REASON_OK);
	world_expect_silence(&w, SHELTER);
	assert_int_equal(session->credit, 99);
	session->bytes_in_flight -= NRM_MAX_IN_FLIGHT;
	assert_true(nrm_books_pending(w.books));
	world_acknowledge(&w, SHELTER, &first, WORLD_NEEDED, NRM_ACK_OK);
	assert_true(world_hear(&w, SHELTER, &frame));
	assert_int_equal(frame.kind, NRM_DELIVER);
	assert_false(nrm_books_pending(w.books));
}

/* ---- expiry ---- */

static void what_expires_is_returned_once(void **state)
{
	uint64_t leaves;

	(void)state;
	world_adult_consents(&w);
	refer(POLICE, NRM_REASON_OK);
	refer(POLICE, NRM_REASON_OK);
	w.now += 7 * WORLD_DAY - 2000;
	world_tick(&w); /* a second before */
	assert_int_equal(world_figures(&w).waiting, 2);
	world_expect(&w, POLICE, NRM_PROOFS);
	leaves = world_figures(&w).leaves;
	for (int tick = 0; tick < 3; tick++)
		world_tick(&w);
	struct nrm_to_agent frame = world_expect(&w, POLICE, NRM_RECEIPT);
	assert_int_equal(frame.is.receipt.n, 2);
	for (size_t i = 0; i < 2; i++) {
		struct nrm_leaf leaf;
		struct nrm_view view = world_view(&w, &frame.is.receipt.item[i], &leaf);

		assert_int_equal(leaf.kind, NRM_EVENT_RETURN);
		assert_int_equal(view.outcome, NRM_OUTCOME_REFUSE);
		assert_int_equal(view.reason, NRM_REASON_EXPIRED);
	}
	assert_int_equal(world_figures(&w).leaves, leaves + 2);
	assert_int_equal(world_figures(&w).waiting, 0);
	world_expect(&w, POLICE, NRM_PROOFS);
	world_connect(&w, SHELTER, 10);
	world_expect_silence(&w, SHELTER);
	world_expect_silence(&w, POLICE);
}

static void what_expired_is_not_delivered_even_before_a_tick(void **state)
{
	(void)state;
	world_adult_consents(&w);
	refer(POLICE, NRM_REASON_OK);
	w.now += 7 * WORLD_DAY;
	world_connect(&w, SHELTER, 10);
	assert_given_back(POLICE, NRM_REASON_EXPIRED);
}

/* Whoever has it may still acknowledge it: it is taken back only when that connection is gone. */
static void what_is_in_flight_does_not_expire(void **state)
{
	struct nrm_delivery d;
	struct nrm_view view;

	(void)state;
	world_adult_consents(&w);
	world_connect(&w, SHELTER, 10);
	refer(POLICE, NRM_REASON_OK);
	d = delivered_to(SHELTER);
	w.now += 8 * WORLD_DAY;
	world_tick(&w);
	world_expect(&w, POLICE, NRM_PROOFS);
	world_expect(&w, SHELTER, NRM_PROOFS);
	assert_int_equal(world_figures(&w).waiting, 1);
	world_acknowledge(&w, SHELTER, &d, WORLD_NEEDED, NRM_ACK_OK);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_true(view.ack.len > 0);
	world_tick(&w);
	assert_int_equal(world_figures(&w).waiting, 0);
}

static void returning_what_expired_is_bounded_and_goes_on(void **state)
{
	static const uint64_t left[] = {6, 2, 0, 0};
	uint8_t entropy[32];

	(void)state;
	world_adult_consents(&w);
	for (int i = 0; i < 10; i++)
		refer(POLICE, NRM_REASON_OK);
	w.now += 7 * WORLD_DAY;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		world_entropy(&w, entropy);
		assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
		assert_int_equal(nrm_books_return_expired(w.books, 4), NRM_OK);
		assert_int_equal(nrm_books_commit(w.books), NRM_OK);
		assert_int_equal(nrm_effects_make(w.books, &w.effects), NRM_OK);
		assert_int_equal(world_figures(&w).waiting, left[i]);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_consent_that_narrows_while_it_waits_narrows_what_is_delivered),
		TEST(a_withdrawal_while_it_waits_stops_it),
		TEST(a_withdrawal_after_a_lost_delivery_stops_the_next_one),
		TEST(a_consent_that_runs_out_while_it_waits_stops_it),
		TEST(an_exclusion_while_it_waits_stops_it),
		TEST(the_order_of_acceptance_is_kept_for_each_recipient),
		TEST(a_slow_recipient_stops_nobody_else),
		TEST(bytes_in_flight_stop_one_connection_only_until_it_acknowledges),
		TEST(what_expires_is_returned_once),
		TEST(what_expired_is_not_delivered_even_before_a_tick),
		TEST(what_is_in_flight_does_not_expire),
		TEST(returning_what_expired_is_bounded_and_goes_on),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
