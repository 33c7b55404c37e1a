/*
 * The trail as the exchange sees it: proofs are checked, asked for and missed; a head that
 * contradicts the one kept ends all trust.
 */
#include "tests/unit/exchange_world.h"

static void break_node(struct nrm_to_agent *frame)
{
	static const uint8_t wrong[NRM_HASH_LEN] = {5};
	static const struct nrm_slice node = {wrong, NRM_HASH_LEN};

	frame->is.proofs.node = (struct nrm_slices){&node, 1};
}

static void break_path(struct nrm_to_agent *frame)
{
	break_node(frame);
	frame->is.proofs.consistency = frame->is.proofs.node;
}

static void break_signature(struct nrm_to_agent *frame)
{
	uint8_t *note = nrm_arena_copy(&world.arena, frame->is.proofs.checkpoint.data,
				       frame->is.proofs.checkpoint.len);

	note[frame->is.proofs.checkpoint.len - 20] ^= 1;
	frame->is.proofs.checkpoint.data = note;
}

/* Two leaves known to the sender, the first of them proved. */
static struct entry two_leaves(void)
{
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_int_equal(world_proofs(&world.side[0], 0, e.index, NULL), NRM_OK);
	m = refer(2);
	e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	return e;
}

static void test_forged_proofs(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, break_node), NRM_OK);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_PROOF);
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, break_signature), NRM_OK);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_CHECKPOINT);
	assert_int_equal(world_figures(&world.side[0]).unproved, 1);
	assert_int_equal(world_figures(&world.side[0]).checkpoint_size, 1);
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).unproved, 0);
}

/*
 * After an alarm nothing goes out and nothing is taken in, after a restart too, until people say
 * so.
 */
static void distrusts(struct side *side)
{
	assert_int_equal(side->last_finding, NRM_FOUND_FORK);
	for (int i = 0; i < 2; i++) {
		assert_true(world_figures(side).alarm);
		assert_int_equal(world_next(side, WORLD_NOW).kind, 0);
		assert_int_equal(nrm_exchange_receive(side->x, nrm_slice_str("x"), WORLD_NOW),
				 NRM_ERR_CLOSED);
		world_restart(side);
	}
	nrm_exchange_free(side->x);
	assert_int_equal(nrm_exchange_trust_again(side->store), NRM_OK);
	world_open(side);
	nrm_exchange_connected(side->x);
	assert_int_equal(world_next(side, WORLD_NOW).kind, NRM_HELLO);
}

static void test_an_inconsistent_head_is_an_alarm(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, break_path), NRM_ERR_CLOSED);
	distrusts(&world.side[0]);
}

static void test_a_forked_head_is_an_alarm(void **state)
{
	(void)state;
	two_leaves();
	world.leaf[0].bytes[0] ^= 1;
	nrm_exchange_disconnected(world.side[0].x);
	nrm_exchange_connected(world.side[0].x);
	struct nrm_to_agent frame = {.kind = NRM_WELCOME};
	frame.is.welcome.version = 1;
	frame.is.welcome.time_ms = WORLD_NOW;
	frame.is.welcome.checkpoint = world_note(1);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_ERR_CLOSED);
	distrusts(&world.side[0]);
}

static void test_a_shorter_trail_is_an_alarm(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, NULL), NRM_OK);
	struct nrm_to_agent frame = {.kind = NRM_PROOFS};
	frame.is.proofs.checkpoint = world_note(1);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_ERR_CLOSED);
	distrusts(&world.side[0]);
}

/* The next question but those about messages. */
static void asks_for_proof(struct side *side, uint64_t now, uint64_t index)
{
	struct nrm_to_broker ask = world_next(side, now);

	while (ask.kind == NRM_ASK && ask.is.ask.kind == NRM_ASK_STATUS)
		ask = world_next(side, now);
	assert_int_equal(ask.kind, NRM_ASK);
	assert_int_equal(ask.is.ask.kind, NRM_ASK_PROOFS);
	assert_int_equal(ask.is.ask.from_size, 1);
	assert_int_equal(ask.is.ask.n_indexes, 1);
	assert_int_equal(ask.is.ask.index[0], index);
}

/* A head that starts elsewhere proves nothing and is asked for again. */
static void test_a_head_from_elsewhere_is_asked_for_again(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	world_leaf(&(struct nrm_statement){.sender = nrm_slice_str("XX.agency-000")},
		   NRM_EVENT_GENESIS,
		   &(struct nrm_view){.outcome = NRM_OUTCOME_FORWARD, .reason = NRM_REASON_OK},
		   NULL);
	assert_int_equal(world_proofs(&world.side[0], 2, e.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).checkpoint_size, 1);
	assert_int_equal(world.side[0].findings, 0);
	asks_for_proof(&world.side[0], WORLD_NOW, e.index);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0); /* and but once */
}

static void reconnect(struct side *side)
{
	nrm_exchange_disconnected(side->x);
	nrm_exchange_connected(side->x);
	world_greet(side, (struct nrm_slice){0});
}

/*
 * What a broker owed to a connection is lost with it, so the first questions of the next one are
 * about all that is open; what goes out meanwhile delays them by nothing.
 */
static void test_a_fresh_connection_asks_at_once(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	asks_for_proof(&world.side[0], WORLD_NOW, e.index);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW + 59999).kind, 0);

	reconnect(&world.side[0]);
	world_refer(3);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, NRM_SUBMIT);
	struct nrm_to_broker ask = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(ask.kind, NRM_ASK);
	assert_int_equal(ask.is.ask.kind, NRM_ASK_STATUS);
	assert_int_equal(ask.is.ask.n_messages, 2); /* neither is acknowledged */
	asks_for_proof(&world.side[0], WORLD_NOW, e.index);

	assert_int_equal(world_proofs(&world.side[0], 1, e.index, NULL), NRM_OK);
	reconnect(&world.side[0]);
	do
		ask = world_next(&world.side[0], WORLD_NOW);
	while (ask.kind == NRM_SUBMIT || ask.is.ask.kind == NRM_ASK_STATUS);
	assert_int_equal(ask.kind, 0); /* all is proved */
}

/* More leaves than a frame may ask for: frame after frame, each leaf once. */
static void test_many_proofs_are_asked_for_in_frames(void **state)
{
	const struct nrm_kept_leaf leaf = {.leaf = nrm_slice_str("leaf")};
	uint64_t asked = 0;
	struct nrm_txn *txn;

	(void)state;
	assert_int_equal(nrm_txn_begin(world.side[0].store, true, &txn), NRM_OK);
	for (uint64_t i = 0; i < 600; i++)
		assert_int_equal(nrm_leaf_keep(txn, i, &leaf, WORLD_NOW), NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	greet_both();
	for (int frames = 0; frames < 3; frames++) {
		struct nrm_to_broker ask = world_next(&world.side[0], WORLD_NOW);

		assert_int_equal(ask.is.ask.kind, NRM_ASK_PROOFS);
		for (size_t i = 0; i < ask.is.ask.n_indexes; i++)
			assert_int_equal(ask.is.ask.index[i], asked++);
	}
	assert_int_equal(asked, 600);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
}

/* No proof within an hour is an alarm, told once; it ends with the proof. */
static void test_a_proof_that_does_not_come(void **state)
{
	const uint64_t hour = NRM_MAX_UNPROVED_MS;
	struct side *side = &world.side[0];
	struct nrm_exchange_figures figures;

	(void)state;
	struct entry e = two_leaves();
	nrm_exchange_watch(side->x, WORLD_NOW + hour);
	assert_int_equal(side->findings, 0);
	nrm_exchange_disconnected(side->x); /* no way out for a broker */
	nrm_exchange_watch(side->x, WORLD_NOW + hour + 60000);
	assert_int_equal(side->findings, 1);
	assert_int_equal(side->last_finding, NRM_FOUND_OVERDUE);
	assert_int_equal(nrm_exchange_figures(side->x, WORLD_NOW + hour + 1, &figures), NRM_OK);
	assert_int_equal(figures.overdue, 1);
	assert_int_equal(figures.oldest_unproved_ms, WORLD_NOW);
	nrm_exchange_watch(side->x, WORLD_NOW + 2 * hour);
	assert_int_equal(side->findings, 1);

	assert_int_equal(world_proofs(side, 1, e.index, NULL), NRM_OK);
	assert_int_equal(nrm_exchange_figures(side->x, WORLD_NOW + 2 * hour, &figures), NRM_OK);
	assert_int_equal(figures.overdue, 0);
	nrm_exchange_watch(side->x, WORLD_NOW + 3 * hour);
	assert_int_equal(side->findings, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_forged_proofs),
		T(test_an_inconsistent_head_is_an_alarm),
		T(test_a_forked_head_is_an_alarm),
		T(test_a_shorter_trail_is_an_alarm),
		T(test_a_head_from_elsewhere_is_asked_for_again),
		T(test_a_fresh_connection_asks_at_once),
		T(test_many_proofs_are_asked_for_in_frames),
		T(test_a_proof_that_does_not_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
