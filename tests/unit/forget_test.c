/* Forgetting a case: who may, what goes, what is stopped and what is answered. */
#include "tests/unit/forget_books.h"

#include <assert.h>

#include "proto/trail/rows.h"

static void nothing_of_it_is_left(void **state)
{
	struct nrm_to_agent delivery;

	(void)state;
	world_connect(&w, SHELTER, 1000);
	world_opens(&w, 'a');
	world_opens(&w, 'b');
	const struct nrm_envelope referral = world_refers(&w, 'a');
	delivery = world_expect(&w, SHELTER, NRM_DELIVER);
	world_acknowledge(&w, SHELTER, &delivery.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_receipt(&w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	const uint32_t slot = world_find_case(&w, 'a')->slot;
	const uint64_t leaves = world_figures(&w).leaves, cases = world_figures(&w).cases;
	assert_true(is_known(NGO, 'a'));
	assert_true(has_key(slot));

	world_forgets(&w, 'a');
	assert_false(has_key(slot));
	assert_null(world_find_case(&w, 'a'));
	assert_false(is_known(NGO, 'a'));
	assert_true(is_known(NGO, 'b'));
	/* The order's own case is there in its place: its decision, the forgetting, the shelter's order. */
	assert_int_equal(world_figures(&w).cases, cases);
	assert_int_equal(world_figures(&w).leaves, leaves + 3);
	/* What was sent under its id is neither known nor to be sent again. */
	world_submit(&w, NGO, &referral);
	world_expect_refused(&w, NGO, NRM_REFUSAL_ID_REUSED);
	restart();
	assert_false(has_key(slot));
	assert_null(world_find_case(&w, 'a'));
	assert_true(is_known(NGO, 'b'));
}

static void its_leaf_belongs_to_no_case(void **state)
{
	struct nrm_trail_row row;
	struct nrm_txn *txn;
	struct nrm_leaf leaf;

	(void)state;
	world_opens(&w, 'a');
	const uint64_t leaves = world_figures(&w).leaves;
	world_forgets(&w, 'a');
	assert_int_equal(world_figures(&w).leaves, leaves + 2); /* nobody else had anything of it */
	assert_int_equal(nrm_txn_begin(w.books->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_trail_read(txn, leaves + 1, &row), NRM_OK);
	assert_int_equal(nrm_leaf_decode(row.leaf, &w.arena, &leaf), NRM_OK);
	assert_int_equal(leaf.kind, NRM_EVENT_FORGETTING);
	assert_int_equal(leaf.case_tag.len + leaf.sender.len + leaf.recipient.len, 0);
	assert_int_equal(row.record_kind, NRM_RECORD_CLEAR);
	assert_int_equal(nrm_trail_read(txn, leaves, &row), NRM_OK);
	assert_int_equal(nrm_leaf_decode(row.leaf, &w.arena, &leaf), NRM_OK);
	assert_int_equal(leaf.kind, NRM_EVENT_ERASURE_ORDER);
	nrm_txn_abort(txn);
}

/* Of case and sender only the policy's answer shows, never whether there is such a case. */
static void who_may_not_is_refused_alike(void **state)
{
	struct nrm_view view[3];

	(void)state;
	world_connect(&w, SHELTER, 1000);
	world_opens(&w, 'a');
	world_refers(&w, 'a'); /* which makes the shelter a party */
	world_expect(&w, SHELTER, NRM_DELIVER);
	world_state(&w, POLICE, world_of_case(&w, 'p', world_card(&w, POLICE, &world_is_adult, 1)));
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	const uint32_t slot = world_find_case(&w, 'a')->slot;

	/* A role that may not: of its own case, of another's, of none. */
	world_orders(&w, SHELTER, 'a');
	view[0] = world_receipt(&w, SHELTER, NRM_OUTCOME_REFUSE, NRM_REASON_FACT_NOT_ALLOWED);
	world_orders(&w, SHELTER, 'p');
	world_receipt(&w, SHELTER, NRM_OUTCOME_REFUSE, NRM_REASON_FACT_NOT_ALLOWED);
	world_orders(&w, SHELTER, 'x');
	world_receipt(&w, SHELTER, NRM_OUTCOME_REFUSE, NRM_REASON_FACT_NOT_ALLOWED);
	/* One that may: of another's case, of none, of one that is forgotten. */
	world_orders(&w, NGO, 'p');
	view[0] = world_receipt(&w, NGO, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	world_orders(&w, NGO, 'x');
	view[1] = world_receipt(&w, NGO, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	assert_non_null(world_find_case(&w, 'p'));
	assert_null(world_find_case(&w, 'x'));
	assert_true(has_key(slot));
	world_forgets(&w, 'a');
	world_orders(&w, NGO, 'a');
	view[2] = world_receipt(&w, NGO, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(view[i].obligations, 0);
		assert_int_equal(view[i].earlier, 0);
		assert_int_equal(view[i].withheld_count, 0);
	}
}

static void an_order_names_nothing_but_the_case(void **state)
{
	struct nrm_statement st;
	struct nrm_envelope envelope;

	(void)state;
	world_opens(&w, 'a');
	const uint64_t leaves = world_figures(&w).leaves;
	st = world_order(&w, NGO, 'a');
	st.body.erasure_order.consent_id = world_id(&w);
	envelope = world_envelope(&w, NGO, SHELTER, st, NULL, 0);
	world_submit(&w, NGO, &envelope);
	world_expect_refused(&w, NGO, NRM_REFUSAL_BODY_MISMATCH);
	st = world_order(&w, NGO, 'a');
	st.message_id = world_case(&w, 'a'); /* the order's case would be the one to be forgotten */
	uint8_t *id = nrm_arena_copy(&w.arena, st.message_id.data, 16);
	id[6] = 0x70 | (id[6] & 15);
	id[8] = 0x80 | (id[8] & 63);
	st.message_id = st.case_id = nrm_slice(id, 16);
	envelope = world_envelope(&w, NGO, SHELTER, st, NULL, 0);
	world_submit(&w, NGO, &envelope);
	world_receipt(&w, NGO, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
	assert_non_null(world_find_case(&w, 'a'));
}

/* An order is answered alike however often it comes, and cannot itself be made unheard of. */
static void the_order_is_remembered(void **state)
{
	struct nrm_to_agent first, again;

	(void)state;
	world_opens(&w, 'a');
	const struct nrm_envelope order = world_orders(&w, NGO, 'a');
	first = world_expect(&w, NGO, NRM_RECEIPT);
	const uint64_t leaves = world_figures(&w).leaves;
	restart();
	world_submit(&w, NGO, &order);
	again = world_expect(&w, NGO, NRM_RECEIPT);
	assert_true(nrm_slice_equal(first.is.receipt.item[0].leaf, again.is.receipt.item[0].leaf));
	assert_true(nrm_slice_equal(first.is.receipt.item[0].view, again.is.receipt.item[0].view));
	assert_int_equal(world_figures(&w).leaves, leaves);

	struct nrm_statement st = world_order(&w, NGO, 'a'), ordered;
	assert_int_equal(nrm_statement_decode(order.statement, &w.arena, &ordered), NRM_OK);
	st.case_id = ordered.message_id;
	const struct nrm_envelope next = world_envelope(&w, NGO, SHELTER, st, NULL, 0);
	world_submit(&w, NGO, &next);
	world_receipt(&w, NGO, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
}

static void what_is_on_its_way_is_stopped(void **state)
{
	struct nrm_to_agent frame;

	(void)state;
	world_opens(&w, 'a');
	world_opens(&w, 'b');
	world_refers(&w, 'a');
	world_refers(&w, 'b');
	world_refers(&w, 'a');
	assert_int_equal(world_figures(&w).waiting, 3);
	const struct nrm_envelope order = world_forgets(&w, 'a');
	assert_int_equal(world_figures(&w).waiting, 2); /* the other's, and the order */
	restart();
	assert_int_equal(world_figures(&w).waiting, 2);
	world_connect(&w, SHELTER, 1000);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(frame.is.deliver.n, 2);
	const struct nrm_delivery *got = frame.is.deliver.item;
	world_acknowledge(&w, SHELTER, &got[0], WORLD_NEEDED, NRM_ACK_OK);
	world_receipt(&w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	/* The order comes as it was signed; that it arrived is in the trail, and nothing is said of it. */
	assert_true(nrm_slice_equal(got[1].envelope.statement, order.statement));
	const uint64_t leaves = world_figures(&w).leaves;
	world_acknowledge(&w, SHELTER, &got[1], 0, NRM_ACK_OK);
	world_expect_silence(&w, NGO);
	world_expect_silence(&w, SHELTER);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
	assert_int_equal(world_figures(&w).waiting, 0);
}

static void what_is_in_flight_needs_no_acknowledgement_any_more(void **state)
{
	struct nrm_to_agent first, order;

	(void)state;
	world_connect(&w, SHELTER, 1000);
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	first = world_expect(&w, SHELTER, NRM_DELIVER);
	world_forgets(&w, 'a');
	order = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(world_figures(&w).waiting, 1);
	world_acknowledge(&w, SHELTER, &first.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_ACK);
	world_acknowledge(&w, SHELTER, &order.is.deliver.item[0], 0, NRM_ACK_OK);
	assert_int_equal(world_figures(&w).waiting, 0);
}

static void an_order_that_nobody_takes_ends_as_a_leaf(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	world_forgets(&w, 'a');
	const uint64_t leaves = world_figures(&w).leaves;
	w.now += 8 * WORLD_DAY;
	world_tick(&w);
	assert_int_equal(w.err, NRM_OK);
	assert_int_equal(world_figures(&w).waiting, 0);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
}

/* Who had something of it without being a party is told as well; who had not is not. */
static void all_who_had_something_of_it_are_told(void **state)
{
	struct nrm_to_agent frame;
	struct nrm_statement st;
	struct nrm_envelope envelope;

	(void)state;
	world_connect(&w, SHELTER, 1000);
	world_connect(&w, HOSPITAL, 1000);
	world_connect(&w, LABOUR, 1000);
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	world_expect(&w, SHELTER, NRM_DELIVER);
	st = world_of_case(&w, 'a',
			   world_statement(&w, POLICE, w.country.agency[HOSPITAL].id,
					   NRM_MESSAGE_TYPE_WITHDRAWAL));
	envelope = world_envelope(&w, POLICE, HOSPITAL, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_expect(&w, HOSPITAL, NRM_DELIVER);
	world_forgets(&w, 'a');
	static const int told[] = {SHELTER, HOSPITAL, POLICE};
	for (size_t i = 0; i < 3; i++) {
		frame = world_expect(&w, told[i], NRM_DELIVER);
		assert_int_equal(nrm_statement_decode(frame.is.deliver.item[0].envelope.statement,
						      &w.arena, &st),
				 NRM_OK);
		assert_int_equal(st.type, NRM_MESSAGE_TYPE_ERASURE_ORDER);
		/* Of the order's own case, as all that is written of it. */
		struct nrm_leaf leaf;
		assert_int_equal(nrm_leaf_decode(frame.is.deliver.item[0].leaf, &w.arena, &leaf),
				 NRM_OK);
		assert_int_equal(leaf.case_tag.len, NRM_HASH_LEN);
	}
	world_expect_silence(&w, LABOUR);
}

/* The answer belongs to the order, not to the case, and reaches who ordered. */
static void confirmations_are_kept_with_the_order(void **state)
{
	struct nrm_statement st, ordered;
	struct nrm_envelope envelope;
	struct nrm_to_agent frame;

	(void)state;
	world_connect(&w, SHELTER, 1000);
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	world_expect(&w, SHELTER, NRM_DELIVER);
	const struct nrm_envelope order = world_forgets(&w, 'a');
	world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(nrm_statement_decode(order.statement, &w.arena, &ordered), NRM_OK);
	st = world_statement(&w, SHELTER, w.country.agency[NGO].id,
			     NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION);
	st.case_id = st.body.erasure_confirmation.order = ordered.message_id;
	envelope = world_envelope(&w, SHELTER, NGO, st, NULL, 0);
	const uint64_t cases = world_figures(&w).cases;
	world_submit(&w, SHELTER, &envelope);
	world_receipt(&w, SHELTER, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	frame = world_expect(&w, NGO, NRM_DELIVER);
	assert_true(
		nrm_slice_equal(frame.is.deliver.item[0].envelope.statement, envelope.statement));
	assert_int_equal(world_figures(&w).cases, cases);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(nothing_of_it_is_left),
		TEST(its_leaf_belongs_to_no_case),
		TEST(who_may_not_is_refused_alike),
		TEST(an_order_names_nothing_but_the_case),
		TEST(the_order_is_remembered),
		TEST(what_is_on_its_way_is_stopped),
		TEST(what_is_in_flight_needs_no_acknowledgement_any_more),
		TEST(an_order_that_nobody_takes_ends_as_a_leaf),
		TEST(all_who_had_something_of_it_are_told),
		TEST(confirmations_are_kept_with_the_order),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("forgetting", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
