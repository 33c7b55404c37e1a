/* Sessions: who speaks for whom, credit, what is in flight, what is owed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker/books/session.h"

static struct nrm_sessions sessions;

static int set_up(void **state)
{
	(void)state;
	nrm_sessions_init(&sessions);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	nrm_sessions_done(&sessions);
	return 0;
}

static struct nrm_session *session_of(uint64_t id)
{
	struct nrm_session *session = nrm_session_of(&sessions, id);

	assert_non_null(session);
	assert_int_equal(session->id, id);
	return session;
}

/* A session with credit for `credit` deliveries. */
static struct nrm_session *ready(uint32_t credit)
{
	struct nrm_session *session = session_of(1);

	session->credit = credit;
	return session;
}

static struct nrm_hash hash_of(uint64_t place)
{
	struct nrm_hash hash = {0};

	nrm_store_u64(hash.bytes, place + 1);
	return hash;
}

static void deliver(struct nrm_session *session, uint64_t place, size_t bytes)
{
	const struct nrm_in_flight delivery = {
		.place = place, .leaf_hash = hash_of(place), .bytes = bytes};

	assert_int_equal(nrm_session_deliver(session, &delivery), NRM_OK);
}

static struct nrm_in_flight *in_flight(struct nrm_session *session, uint64_t place)
{
	const struct nrm_hash hash = hash_of(place);

	return nrm_session_in_flight(session, nrm_slice(hash.bytes, sizeof(hash.bytes)));
}

static void land(struct nrm_session *session, uint64_t place)
{
	struct nrm_in_flight *delivery = in_flight(session, place);

	assert_non_null(delivery);
	assert_int_equal(delivery->place, place);
	nrm_session_landed(session, delivery);
	assert_null(in_flight(session, place));
}

static void sessions_are_found_by_their_connection(void **state)
{
	/* Ids that share a bucket. */
	const uint64_t a = 5, b = a + NRM_SESSION_BUCKETS, c = b + NRM_SESSION_BUCKETS;

	(void)state;
	assert_null(nrm_session_find(&sessions, a));
	struct nrm_session *first = session_of(a), *middle = session_of(b), *last = session_of(c);
	assert_int_equal(sessions.n, 3);
	assert_ptr_equal(session_of(b), middle); /* found, not made again */
	assert_int_equal(sessions.n, 3);
	nrm_session_end(&sessions, middle);
	assert_int_equal(sessions.n, 2);
	assert_ptr_equal(nrm_session_find(&sessions, a), first);
	assert_null(nrm_session_find(&sessions, b));
	assert_ptr_equal(nrm_session_find(&sessions, c), last);
}

static void one_session_speaks_for_a_participant_the_newest(void **state)
{
	struct nrm_session *older = session_of(1), *newer = session_of(2);
	const uint32_t far = 1000;

	(void)state;
	assert_null(nrm_session_for(&sessions, 7));
	assert_int_equal(nrm_session_speaks_for(&sessions, older, 7), NRM_OK);
	assert_ptr_equal(nrm_session_for(&sessions, 7), older);
	assert_null(nrm_session_for(&sessions, 0));
	assert_null(nrm_session_for(&sessions, 6));
	assert_null(nrm_session_for(&sessions, far));
	assert_int_equal(nrm_session_speaks_for(&sessions, newer, 7), NRM_OK);
	assert_ptr_equal(nrm_session_for(&sessions, 7), newer);
	assert_int_equal(older->party, 0);
	assert_int_equal(nrm_session_speaks_for(&sessions, newer, 7), NRM_OK); /* again */
	assert_int_equal(newer->party, 7);
	/* The end of the old one takes nothing from the new one; that of the new one does. */
	nrm_session_end(&sessions, older);
	assert_ptr_equal(nrm_session_for(&sessions, 7), newer);
	nrm_session_end(&sessions, newer);
	assert_null(nrm_session_for(&sessions, 7));
	assert_int_equal(nrm_session_speaks_for(&sessions, session_of(3), far), NRM_OK);
	assert_int_equal(nrm_session_for(&sessions, far)->id, 3);
}

static void credit_is_spent_by_deliveries(void **state)
{
	struct nrm_session *session = ready(2);

	(void)state;
	assert_false(nrm_session_has_credit(session_of(9), 0)); /* none given */
	assert_true(nrm_session_has_credit(session, 100));
	deliver(session, 0, 100);
	assert_int_equal(session->credit, 1);
	deliver(session, 1, 100);
	assert_int_equal(session->credit, 0);
	assert_false(nrm_session_has_credit(session, 0));
	land(session, 0); /* an acknowledgement gives no credit */
	assert_false(nrm_session_has_credit(session, 0));
	session->credit = 1;
	assert_true(nrm_session_has_credit(session, 0));
	session->closing = true;
	assert_false(nrm_session_has_credit(session, 0));
}

static void bytes_in_flight_have_a_ceiling_but_one_always_may(void **state)
{
	struct nrm_session *session = ready(100);

	(void)state;
	assert_true(nrm_session_has_credit(session, NRM_MAX_IN_FLIGHT + 1)); /* the only one */
	deliver(session, 0, NRM_MAX_IN_FLIGHT - 10);
	assert_true(nrm_session_has_credit(session, 10));
	assert_false(nrm_session_has_credit(session, 11));
	deliver(session, 1, 10);
	assert_false(nrm_session_has_credit(session, 1));
	assert_int_equal(session->bytes_in_flight, NRM_MAX_IN_FLIGHT);
	land(session, 0);
	assert_int_equal(session->bytes_in_flight, 10);
	assert_true(nrm_session_has_credit(session, NRM_MAX_IN_FLIGHT - 10));
	nrm_session_ground(session);
	assert_int_equal(session->bytes_in_flight, 0);
	assert_null(in_flight(session, 1));
}

static void they_land_in_any_order(void **state)
{
	struct nrm_session *session = ready(1000);
	uint64_t place;

	(void)state;
	assert_null(in_flight(session, 0));
	for (place = 0; place < 40; place++)
		deliver(session, place, 1);
	for (place = 0; place < 40; place++) /* 17 and 40 have nothing in common */
		land(session, place * 17 % 40);
	assert_int_equal(session->bytes_in_flight, 0);
	assert_int_equal(session->first_in_flight, session->end_in_flight);
	/* What comes and goes does so in the memory that is there. */
	const size_t room = session->cap_in_flight;
	for (place = 40; place < 1000; place++) {
		session->credit = 1;
		deliver(session, place, 1);
		land(session, place);
	}
	assert_int_equal(session->cap_in_flight, room);
}

/* An agent that keeps one back and acknowledges all others costs memory for those in flight only. */
static void one_that_never_lands_does_not_let_the_others_pile_up(void **state)
{
	struct nrm_session *session = ready(UINT32_MAX);

	(void)state;
	deliver(session, 0, 1);
	for (uint64_t place = 1; place < 10000; place++) {
		deliver(session, place, 1);
		deliver(session, place + 10000, 1);
		land(session, place + 10000);
		land(session, place);
		assert_non_null(in_flight(session, 0));
	}
	assert_int_equal(session->bytes_in_flight, 1);
	assert_true(session->cap_in_flight <= 64);
	land(session, 0);
	assert_int_equal(session->first_in_flight, session->end_in_flight);
}

static void what_is_said_stays_in_order(void **state)
{
	struct nrm_session *a = session_of(1), *b = session_of(2);
	struct nrm_reply reply[4] = {0};

	(void)state;
	nrm_session_say(&sessions, b, &reply[0]);
	nrm_session_say(&sessions, a, &reply[1]);
	nrm_session_say(&sessions, b, &reply[2]);
	nrm_session_say(&sessions, b, &reply[3]);
	assert_ptr_equal(sessions.replied, b); /* each once, in the order of their first words */
	assert_ptr_equal(b->next_replied, a);
	assert_null(a->next_replied);
	assert_ptr_equal(b->first_reply, &reply[0]);
	assert_ptr_equal(reply[0].next, &reply[2]);
	assert_ptr_equal(reply[2].next, &reply[3]);
	assert_null(reply[3].next);
	assert_ptr_equal(a->first_reply, &reply[1]);
	assert_null(reply[1].next);
}

static void owed_proofs_have_a_bound(void **state)
{
	const size_t most = 65536;
	struct nrm_session *session = session_of(1);

	(void)state;
	for (uint64_t leaf = 0; leaf < most + 10; leaf++)
		nrm_session_owe_proof(session, leaf);
	assert_int_equal(session->n_unproved, most);
	assert_int_equal(session->unproved[0], 0);
	assert_int_equal(session->unproved[most - 1], most - 1);
	session->n_unproved = 0; /* all proved */
	nrm_session_owe_proof(session, 77);
	assert_int_equal(session->n_unproved, 1);
	assert_int_equal(session->unproved[0], 77);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(sessions_are_found_by_their_connection),
		TEST(one_session_speaks_for_a_participant_the_newest),
		TEST(credit_is_spent_by_deliveries),
		TEST(bytes_in_flight_have_a_ceiling_but_one_always_may),
		TEST(they_land_in_any_order),
		TEST(one_that_never_lands_does_not_let_the_others_pile_up),
		TEST(what_is_said_stays_in_order),
		TEST(owed_proofs_have_a_bound),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
