/*
 * The exchange, without sockets: a referral goes from one agency's outbox to the other's inbox and
 * its acknowledgement comes back; whatever crashes, nothing is lost or doubled.
 */
#include "tests/unit/exchange_world.h"

static void test_a_referral_end_to_end(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);

	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_SPOOLED);
	world_receipt(world_receipt_item(&m.statement, &e));
	struct nrm_fate fate = world_fate(m.statement.message_id);
	assert_int_equal(fate.stage, NRM_STAGE_DECIDED);
	assert_int_equal(fate.outcome, NRM_OUTCOME_FORWARD);
	assert_int_equal(fate.forwarded, nrm_bit(NRM_FIELD_GIVEN_NAME));
	assert_int_equal(fate.not_needed, nrm_bit(NRM_FIELD_LANGUAGES));
	assert_int_equal(world_figures(&world.side[0]).waiting, 1);
	assert_int_equal(world_figures(&world.side[0]).queued, 0);

	world_deliver(world_delivery(&m, &e));
	assert_int_equal(world_figures(&world.side[1]).received, 1);
	struct nrm_to_broker ack = world_next(&world.side[1], WORLD_NOW);
	struct entry acked = ack_leaf(&m, &ack, e.index);
	world_receipt(world_receipt_item(&m.statement, &acked));
	fate = world_fate(m.statement.message_id);
	assert_int_equal(fate.ack, NRM_ACK_OK);
	assert_false(fate.returned);
	assert_int_equal(world_figures(&world.side[0]).waiting, 0);

	assert_int_equal(world_proofs(&world.side[0], 0, e.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).unproved, 1);
	assert_int_equal(world_proofs(&world.side[0], 2, acked.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).unproved, 0);
	assert_int_equal(world_figures(&world.side[0]).checkpoint_size, 2);
	assert_int_equal(world.side[0].findings + world.side[1].findings, 0);
}

static void test_what_was_received_opens_and_what_was_sent_shows(void **state)
{
	struct nrm_received received;
	struct nrm_slice envelope, copy;
	struct nrm_statement statement;
	struct nrm_values values;
	struct nrm_buf store = {0};
	struct nrm_txn *txn;
	uint64_t place;

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_deliver(world_delivery(&m, &e));

	assert_int_equal(nrm_txn_begin(world.side[1].store, false, &txn), NRM_OK);
	assert_int_equal(nrm_inbox_find(txn, m.statement.message_id, &place), NRM_OK);
	assert_int_equal(nrm_inbox_get(txn, place, &received), NRM_OK);
	assert_int_equal(nrm_message_open(&world.side[1].identity, received.envelope, &world.arena,
					  &store, &statement, &values),
			 NRM_OK);
	assert_true(nrm_slice_equal(values.of[NRM_FIELD_GIVEN_NAME], nrm_slice_str("Sokha")));
	assert_null(values.of[NRM_FIELD_LANGUAGES].data);
	assert_int_equal(received.withheld_count, 1);
	nrm_txn_abort(txn);

	nrm_buf_wipe(&store);
	assert_int_equal(nrm_txn_begin(world.side[0].store, false, &txn), NRM_OK);
	assert_int_equal(nrm_outbox_get(txn, m.statement.message_id, &envelope, &copy), NRM_OK);
	assert_int_equal(nrm_message_open(&world.side[0].identity, envelope, &world.arena, &store,
					  &statement, &values),
			 NRM_ERR_OPEN); /* what is sealed to another */
	assert_int_equal(nrm_message_open(&world.side[0].identity, copy, &world.arena, &store,
					  &statement, &values),
			 NRM_OK);
	assert_true(nrm_slice_equal(values.of[NRM_FIELD_LANGUAGES], nrm_slice_str("km")));
	nrm_txn_abort(txn);
	nrm_buf_wipe(&store);
}

static void test_directories(void **state)
{
	(void)state;
	greet_both();
	struct nrm_to_agent frame = {.kind = NRM_ANSWER_DIRECTORY};
	struct nrm_directory *newer = country_directory(&world.country, 2);
	uint8_t signature[NRM_SIGNATURE_LEN];

	frame.is.directory = nrm_directory_document(newer);
	memcpy(signature, frame.is.directory.signature.data, sizeof(signature));
	signature[1] ^= 1;
	frame.is.directory.signature = nrm_slice(signature, sizeof(signature));
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_DIRECTORY);
	assert_int_equal(nrm_directory_version(nrm_exchange_directory(world.side[0].x)), 1);

	frame.is.directory = nrm_directory_document(newer);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	assert_int_equal(nrm_directory_version(nrm_exchange_directory(world.side[0].x)), 2);
	frame.is.directory = nrm_directory_document(world.directory);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	assert_int_equal(world.side[0].findings, 2); /* an older one is refused */
	world_restart(&world.side[0]);
	assert_int_equal(nrm_directory_version(nrm_exchange_directory(world.side[0].x)), 2);
	nrm_directory_free(newer);
}

static void test_a_store_of_another_participant_is_refused(void **state)
{
	struct nrm_exchange_options options = {.store = world.side[0].store,
					       .identity = &world.side[1].identity};
	struct nrm_exchange *x;

	(void)state;
	assert_int_equal(nrm_exchange_new(&options, &x), NRM_ERR_ID);
}

static void test_submit_credit(void **state)
{
	struct nrm_to_agent frame = {.kind = NRM_WELCOME};

	(void)state;
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, NRM_HELLO);
	world_refer(1);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind,
			 0); /* not before the Welcome */
	frame.is.welcome.version = 1;
	frame.is.welcome.time_ms = WORLD_NOW;
	frame.is.welcome.submit_credit = 1;
	frame.is.welcome.directory = nrm_directory_document(world.directory);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	world_refer(2);
	struct nrm_to_broker submit = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(submit.is.submit.n, 1);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
	struct submitted m = world_submitted(&submit.is.submit.envelope[0]);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).is.submit.n, 1);
}

static void test_credit_is_granted_anew(void **state)
{
	bool granted = false;

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	for (int i = 0; i < 64; i++)
		world_deliver(world_delivery(&m, &e));
	for (int i = 0; i < 2; i++) {
		struct nrm_to_broker frame = world_next(&world.side[1], WORLD_NOW);
		if (frame.kind == NRM_CREDIT) {
			assert_int_equal(frame.is.credit, 64);
			granted = true;
		}
	}
	assert_true(granted);
}

static void test_a_delivery_twice(void **state)
{
	struct nrm_received received;
	struct nrm_txn *txn;
	uint64_t place;

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	m.view.forwarded |= nrm_bit(NRM_FIELD_LANGUAGES);
	m.view.withheld[0].reason = NRM_REASON_ABSENT;
	m.view.withheld[0].fields = 0;
	m.view.withheld_count = 0;
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	for (int i = 0; i < 3; i++) {
		world_deliver(world_delivery(&m, &e));
		assert_int_equal(world_figures(&world.side[1]).received, 1);
		assert_int_equal(world_next(&world.side[1], WORLD_NOW).kind, NRM_ACKNOWLEDGE);
	}
	/* decided anew in between, for less: the later decision counts */
	m.view.forwarded = nrm_bit(NRM_FIELD_GIVEN_NAME);
	m.view.withheld_count = 1;
	e = world_leaf(&m.statement, NRM_EVENT_REDECISION, world_view(&m), NULL);
	world_deliver(world_delivery(&m, &e));
	assert_int_equal(world_figures(&world.side[1]).received, 1);
	assert_int_equal(nrm_txn_begin(world.side[1].store, false, &txn), NRM_OK);
	assert_int_equal(nrm_inbox_find(txn, m.statement.message_id, &place), NRM_OK);
	assert_int_equal(nrm_inbox_get(txn, place, &received), NRM_OK);
	assert_int_equal(received.forwarded, nrm_bit(NRM_FIELD_GIVEN_NAME));
	nrm_txn_abort(txn);
}

/* Everything between two commits is lost at each point in turn; in the end all is there, once. */
static void test_a_crash_at_any_point(void **state)
{
	(void)state;
	for (int crash = 0; crash < 6; crash++) {
		world_done();
		world_init();
		greet_both();
		struct nrm_slice id = world_refer(1);
		if (crash == 0) /* committed, not sent */
			world_restart(&world.side[0]),
				world_greet(&world.side[0], (struct nrm_slice){0});
		struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
		if (crash == 1) { /* sent, no receipt */
			world_restart(&world.side[0]);
			world_greet(&world.side[0], (struct nrm_slice){0});
			frame = world_next(&world.side[0], WORLD_NOW);
		}
		struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
		struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
		for (int i = 0; i < (crash == 2 ? 2 : 1); i++) { /* the receipt comes twice */
			world_receipt(world_receipt_item(&m.statement, &e));
			if (crash == 2)
				world_restart(&world.side[0]);
		}
		world_deliver(world_delivery(&m, &e));
		if (crash == 3) { /* committed, not acknowledged */
			world_restart(&world.side[1]);
			world_greet(&world.side[1], (struct nrm_slice){0});
			world_deliver(world_delivery(&m, &e));
		}
		frame = world_next(&world.side[1], WORLD_NOW);
		struct entry acked = ack_leaf(&m, &frame, e.index);
		if (crash == 4) { /* the acknowledgement's receipt is lost: it is asked for */
			world_restart(&world.side[0]);
			world_greet(&world.side[0], (struct nrm_slice){0});
			frame = world_next(&world.side[0], WORLD_NOW);
			assert_int_equal(frame.kind, NRM_ASK);
			assert_int_equal(frame.is.ask.kind, NRM_ASK_STATUS);
			assert_int_equal(frame.is.ask.n_messages, 1);
			assert_true(nrm_slice_equal(frame.is.ask.message[0].message_id, id));
		}
		world_receipt(world_receipt_item(&m.statement, &acked));
		if (crash == 5) { /* nothing is open after it, but for the proofs */
			world_restart(&world.side[0]);
			world_greet(&world.side[0], (struct nrm_slice){0});
			frame = world_next(&world.side[0], WORLD_NOW);
			assert_int_equal(frame.is.ask.kind, NRM_ASK_PROOFS);
			assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
		}
		assert_int_equal(world_fate(id).ack, NRM_ACK_OK);
		assert_int_equal(world_figures(&world.side[0]).queued, 0);
		assert_int_equal(world_figures(&world.side[0]).waiting, 0);
		assert_int_equal(world_figures(&world.side[1]).received, 1);
		assert_int_equal(world.side[0].findings + world.side[1].findings, 0);
	}
}

static void test_frames_that_do_not_decode(void **state)
{
	(void)state;
	greet_both();
	assert_int_equal(
		nrm_exchange_receive(world.side[0].x, nrm_slice_str("\xff\xff"), WORLD_NOW),
		NRM_ERR_CLOSED);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_FRAME);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_referral_end_to_end),
		T(test_what_was_received_opens_and_what_was_sent_shows),
		T(test_directories),
		T(test_a_store_of_another_participant_is_refused),
		T(test_submit_credit),
		T(test_credit_is_granted_anew),
		T(test_a_delivery_twice),
		T(test_a_crash_at_any_point),
		T(test_frames_that_do_not_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
