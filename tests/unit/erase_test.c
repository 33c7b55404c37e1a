/* An order to forget a case, at the agents: who may order it, what goes from the spools, what is confirmed. */
#include "tests/unit/exchange_world.h"
#include "tests/unit/policies.h"

static uint8_t signature[NRM_SIGNATURE_LEN];

/* Both are shelters. The policy lets such order it, or does not. */
static void hand_policy(struct side *side, bool may)
{
	char *text = policy_text(2, false);

	if (may)
		text = policy_changed(text, "forgetting: {by: [", "forgetting: {by: [shelter, ");
	struct nrm_to_agent frame = {
		.kind = NRM_POLICY,
		.is.policy = policy_document(text, NRM_DOMAIN_POLICY, signature)};
	assert_int_equal(world_tell(side, &frame, WORLD_NOW), NRM_OK);
	free(text);
}

/* A message of side 0, put in its outbox and taken at the broker. */
static struct submitted sends(struct nrm_statement st)
{
	static const struct nrm_values none;
	const uint8_t random[10] = {200};
	uint8_t *id = nrm_arena_alloc(&world.arena, NRM_MESSAGE_ID_LEN);
	struct nrm_buf envelope = {0}, copy = {0};
	struct nrm_txn *txn;

	nrm_message_id_make(WORLD_NOW + 200, random, id);
	st.version = NRM_PROTOCOL_VERSION;
	st.message_id = nrm_slice(id, NRM_MESSAGE_ID_LEN);
	st.sender = nrm_slice_str(world.country.agency[0].id);
	st.issued_at_ms = WORLD_NOW;
	st.expires_at_ms = WORLD_NOW + 1000000;
	st.basis = NRM_BASIS_NONE;
	assert_int_equal(nrm_message_build(&world.side[0].identity, &st, &none, NULL, &world.arena,
					   &envelope, &copy),
			 NRM_OK);
	assert_int_equal(nrm_txn_begin(world.side[0].store, true, &txn), NRM_OK);
	assert_int_equal(nrm_outbox_add(txn, id, nrm_buf_slice(&envelope), nrm_buf_slice(&copy)),
			 NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	nrm_buf_done(&envelope);
	nrm_buf_done(&copy);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	m.view = (struct nrm_view){.message_id = m.statement.message_id,
				   .time_ms = WORLD_NOW,
				   .type = m.statement.type,
				   .outcome = NRM_OUTCOME_FORWARD,
				   .reason = NRM_REASON_OK};
	return m;
}

static struct submitted orders(uint8_t of_case)
{
	static uint8_t case_id[NRM_CASE_ID_LEN];

	case_id[0] = of_case;
	return sends((struct nrm_statement){.type = NRM_MESSAGE_TYPE_ERASURE_ORDER,
					    .case_id = nrm_slice(case_id, sizeof(case_id)),
					    .recipient = nrm_directory_broker_id(world.directory)});
}

/* The broker hands it on: the leaf is the recipient's. */
static struct nrm_delivery handed_on(struct submitted *order)
{
	struct nrm_statement st = order->statement;

	st.recipient = nrm_slice_str(world.country.agency[1].id);
	const struct entry e = world_leaf(&st, NRM_EVENT_ERASURE_ORDER, world_view(order), NULL);
	return world_delivery(order, &e);
}

static uint64_t rows(struct side *side, unsigned table)
{
	struct nrm_txn *txn;
	uint64_t n;

	assert_int_equal(nrm_txn_begin(side->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_count(txn, table, &n), NRM_OK);
	nrm_txn_abort(txn);
	return n;
}

/* A referral of case 7, sent, decided on, delivered and acknowledged. */
static struct submitted referral(void)
{
	greet_both();
	struct submitted m = refer(1);
	const struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);

	world_receipt(world_receipt_item(&m.statement, &e));
	world_deliver(world_delivery(&m, &e));
	assert_int_equal(world_next(&world.side[1], WORLD_NOW).kind, NRM_ACKNOWLEDGE);
	assert_int_equal(rows(&world.side[1], NRM_SPOOL_INBOX), 1);
	assert_int_equal(rows(&world.side[1], NRM_SPOOL_LEAVES), 1);
	return m;
}

static void who_had_it_erases_and_confirms(void **state)
{
	struct side *side = &world.side[1];
	struct nrm_to_broker frame;
	struct nrm_statement st;

	(void)state;
	referral();
	hand_policy(side, true);
	struct submitted order = orders(7);
	const struct nrm_delivery delivery = handed_on(&order);
	for (int times = 0; times < 2; times++) { /* it may come again: once is enough */
		world_deliver(delivery);
		frame = world_next(side, WORLD_NOW);
		assert_int_equal(frame.kind, NRM_ACKNOWLEDGE);
		assert_int_equal(rows(side, NRM_SPOOL_INBOX), 1); /* the order */
		assert_int_equal(rows(side, NRM_SPOOL_INBOX_INDEX), 1);
		assert_int_equal(rows(side, NRM_SPOOL_LEAVES), 1);
		assert_int_equal(rows(side, NRM_SPOOL_OUTBOX), 1);
	}
	frame = world_next(side, WORLD_NOW);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(
		nrm_statement_decode(frame.is.submit.envelope[0].statement, &world.arena, &st),
		NRM_OK);
	assert_int_equal(st.type, NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION);
	assert_true(nrm_slice_equal(st.recipient, order.statement.sender));
	assert_true(nrm_slice_equal(st.case_id, order.statement.message_id));
	assert_true(
		nrm_slice_equal(st.body.erasure_confirmation.order, order.statement.message_id));
	assert_int_equal(side->findings, 0);
}

static void another_case_stays(void **state)
{
	struct side *side = &world.side[1];

	(void)state;
	referral();
	hand_policy(side, true);
	struct submitted order = orders(8);
	world_deliver(handed_on(&order));
	assert_int_equal(rows(side, NRM_SPOOL_INBOX), 2);
	assert_int_equal(rows(side, NRM_SPOOL_LEAVES), 2);
	assert_int_equal(rows(side, NRM_SPOOL_OUTBOX),
			 1); /* there was nothing: that is confirmed */
}

/* By a role that may not, or by nobody knows whose rules: nothing is erased, and people are told. */
static void who_may_not_order_it_is_not_obeyed(void **state)
{
	struct side *side = &world.side[1];
	bool with_policy = *state != NULL;

	referral();
	if (with_policy)
		hand_policy(side, false);
	struct submitted order = orders(7);
	world_deliver(handed_on(&order));
	assert_int_equal(side->last_finding, NRM_FOUND_ERASURE);
	assert_int_equal(rows(side, NRM_SPOOL_INBOX), 2);
	assert_int_equal(rows(side, NRM_SPOOL_OUTBOX), 0);
}

/* Only such an order may come to us while it is addressed to the broker, and only with a leaf of ours. */
static void nothing_else_is_handed_on(void **state)
{
	struct side *side = &world.side[1];

	(void)state;
	referral();
	hand_policy(side, true);
	struct submitted order = orders(7);
	const struct entry e = world_leaf(&order.statement, NRM_EVENT_ERASURE_ORDER,
					  world_view(&order), NULL); /* the broker's own leaf */
	world_deliver(world_delivery(&order, &e));
	assert_int_equal(side->last_finding, NRM_FOUND_DELIVERY);
	assert_int_equal(rows(side, NRM_SPOOL_INBOX), 1);
	assert_int_equal(rows(side, NRM_SPOOL_OUTBOX), 0);
}

static void who_ordered_it_erases_too(void **state)
{
	struct side *side = &world.side[0];
	struct nrm_txn *txn;
	struct nrm_fate fate;

	(void)state;
	const struct submitted m = referral();
	struct submitted order = orders(7);
	order.view.outcome = NRM_OUTCOME_REFUSE;
	order.view.reason = NRM_REASON_CONSENT_WITHDRAWN;
	struct entry e =
		world_leaf(&order.statement, NRM_EVENT_ERASURE_ORDER, world_view(&order), NULL);
	world_receipt(world_receipt_item(&order.statement, &e));
	assert_int_equal(rows(side, NRM_SPOOL_OUTBOX), 2); /* refused: nothing goes */
	order.view.outcome = NRM_OUTCOME_FORWARD;
	order.view.reason = NRM_REASON_OK;
	e = world_leaf(&order.statement, NRM_EVENT_ERASURE_ORDER, world_view(&order), NULL);
	world_receipt(world_receipt_item(&order.statement, &e));
	assert_int_equal(rows(side, NRM_SPOOL_OUTBOX), 1);
	assert_int_equal(rows(side, NRM_SPOOL_FATE), 1);
	assert_int_equal(rows(side, NRM_SPOOL_WAITING), 0);
	assert_int_equal(rows(side, NRM_SPOOL_QUEUE), 0);
	assert_int_equal(nrm_txn_begin(side->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_fate_get(txn, m.statement.message_id, &fate), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_fate_get(txn, order.statement.message_id, &fate), NRM_OK);
	nrm_txn_abort(txn);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const char with_policy[] = "yes";
	const struct CMUnitTest tests[] = {
		TEST(who_had_it_erases_and_confirms),
		TEST(another_case_stays),
		TEST(who_may_not_order_it_is_not_obeyed),
		{"who_may_not_order_it_by_the_policy", who_may_not_order_it_is_not_obeyed, setup,
		 teardown, (void *)(uintptr_t)with_policy},
		TEST(nothing_else_is_handed_on),
		TEST(who_ordered_it_erases_too),
	};

	return cmocka_run_group_tests_name("erasing", tests, NULL, NULL);
}
