/*
 * What the broker refuses: for good, for now, for a stale key, or without saying which message it
 * means.
 */
#include "tests/unit/exchange_world.h"

static void refuse(struct nrm_slice message_id, enum nrm_refusal code)
{
	struct nrm_to_agent frame = {.kind = NRM_REFUSED};

	frame.is.refused.code = code;
	frame.is.refused.text = nrm_slice_str("a test");
	frame.is.refused.message_id = message_id;
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
}

static void test_refused_for_good(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse(m.statement.message_id, NRM_REFUSAL_EXPIRED);
	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_REFUSED);
	assert_int_equal(world_fate(m.statement.message_id).refusal, NRM_REFUSAL_EXPIRED);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW + 100000).kind, 0);
	world_restart(&world.side[0]);
	world_greet(&world.side[0], (struct nrm_slice){0});
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
}

static void test_put_off_and_the_rest_of_the_case_with_it(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse(m.statement.message_id, NRM_REFUSAL_STORAGE_FULL);
	world_refer(2); /* the same case */
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
	assert_true(nrm_exchange_due(world.side[0].x, WORLD_NOW) <= 1000);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 2);
	struct submitted again = world_submitted(&frame.is.submit.envelope[0]);
	assert_true(nrm_slice_equal(again.envelope.statement,
				    m.envelope.statement)); /* the same bytes */
}

static void test_a_stale_key_is_sealed_again(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse(m.statement.message_id, NRM_REFUSAL_STALE_KEY);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_ASK);
	assert_int_equal(frame.is.ask.kind, NRM_ASK_DIRECTORY);
	frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	struct submitted again = world_submitted(&frame.is.submit.envelope[0]);
	assert_true(nrm_slice_equal(again.statement.message_id, m.statement.message_id));
	assert_false(
		nrm_slice_equal(again.statement.encapsulated_key, m.statement.encapsulated_key));
	struct entry e = world_leaf(&again.statement, NRM_EVENT_REFERRAL, world_view(&again), NULL);
	world_receipt(world_receipt_item(&again.statement, &e));
	world_deliver(world_delivery(&again, &e));
	assert_int_equal(world_figures(&world.side[1]).received, 1);
	assert_int_equal(world.side[1].findings, 0);
}

/*
 * A refusal that names no message: all are sent one by one, and the one that is to blame is found.
 */
static void test_a_nameless_refusal(void **state)
{
	(void)state;
	greet_both();
	struct nrm_slice first = world_refer(1), second = world_refer(2);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.is.submit.n, 2);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_MALFORMED);
	frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.is.submit.n, 1);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_MALFORMED);
	assert_int_equal(world_fate(first).stage, NRM_STAGE_REFUSED);
	assert_int_equal(world_fate(second).stage, NRM_STAGE_SPOOLED);
	frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 1);
}

/* What is about the connection is no message's fault, however few are in flight. */
static void test_a_refused_connection(void **state)
{
	struct nrm_to_agent frame = {.kind = NRM_REFUSED};

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_BUSY);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW + 1000).kind, NRM_SUBMIT);
	frame.is.refused.code = NRM_REFUSAL_UNKNOWN_PARTICIPANT;
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_ERR_CLOSED);
	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_SPOOLED);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_UNKNOWN_ACK);
	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_SPOOLED);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_refused_for_good),
		T(test_put_off_and_the_rest_of_the_case_with_it),
		T(test_a_stale_key_is_sealed_again),
		T(test_a_nameless_refusal),
		T(test_a_refused_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
