/*
 * Monthly statements of agencies: their one form, what the broker does with them, and what an auditor reads of them.
 */
#include "agents/auditor/indicators.h"
#include "broker/books/state.h"
#include "proto/crypto/sign.h"
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;
static struct nrm_arena arena;
static uint16_t month;

static const struct nrm_aggregate_group groups[] = {
	{NRM_SERVICE_EMERGENCY_SHELTER, NRM_AGGREGATE_SEX, false, {7, 0, 0, 5}},
	{NRM_SERVICE_EMERGENCY_SHELTER, NRM_AGGREGATE_AGE, true, {0}},
	{NRM_SERVICE_COUNSELLING, NRM_AGGREGATE_FORM, false, {0, 5, 0, 0, 0, 0, 0, 0, 6}},
};

static int begin(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	world_init(&w, NULL);
	world_connect(&w, SHELTER, 10);
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	month = nrm_month_of(WORLD_START / 60000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	nrm_arena_done(&arena);
	world_done(&w);
	return 0;
}

static struct nrm_aggregate good(void)
{
	return (struct nrm_aggregate){.message_id = world_id(&w),
				      .agency = nrm_slice_str(w.country.agency[SHELTER].id),
				      .month = month,
				      .made_ms = w.now,
				      .group = groups,
				      .n_groups = 3};
}

static struct nrm_slice encoded(const struct nrm_aggregate *aggregate)
{
	struct nrm_buf bytes = {0};

	assert_int_equal(nrm_aggregate_encode(aggregate, &bytes), NRM_OK);
	const struct nrm_slice kept =
		nrm_slice(nrm_arena_copy(&w.arena, bytes.data, bytes.len), bytes.len);
	nrm_buf_done(&bytes);
	return kept;
}

static enum nrm_err decode(struct nrm_slice bytes)
{
	struct nrm_aggregate aggregate;

	nrm_arena_reset(&arena);
	return nrm_aggregate_decode(bytes, &arena, &aggregate);
}

static void there_and_back(void **state)
{
	const struct nrm_aggregate a = good();
	const struct nrm_slice bytes = encoded(&a);
	struct nrm_aggregate b;

	(void)state;
	assert_int_equal(nrm_aggregate_decode(bytes, &arena, &b), NRM_OK);
	assert_true(nrm_slice_equal(a.message_id, b.message_id) &&
		    nrm_slice_equal(a.agency, b.agency));
	assert_int_equal(b.month, month);
	assert_int_equal(b.n_groups, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(b.group[i].service, groups[i].service);
		assert_int_equal(b.group[i].withheld, groups[i].withheld);
		assert_memory_equal(b.group[i].count, groups[i].count, sizeof(groups[i].count));
	}
	/* Every truncation is refused or another statement; every flipped bit is refused or its own encoding. */
	for (size_t len = 0; len < bytes.len; len++)
		if (decode(nrm_slice(bytes.data, len)) == NRM_OK)
			assert_true(len > 0);
	uint8_t *spoilt = nrm_arena_copy(&w.arena, bytes.data, bytes.len);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		spoilt[bit / 8] ^= (uint8_t)(1u << bit % 8);
		nrm_arena_reset(&arena);
		if (nrm_aggregate_decode(nrm_slice(spoilt, bytes.len), &arena, &b) == NRM_OK) {
			struct nrm_buf again = {0};

			assert_int_equal(nrm_aggregate_encode(&b, &again), NRM_OK);
			assert_true(nrm_slice_equal(nrm_buf_slice(&again),
						    nrm_slice(spoilt, bytes.len)));
			nrm_buf_done(&again);
		}
		spoilt[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void what_must_not_be_told_is_no_statement(void **state)
{
	struct nrm_aggregate_group g[2] = {groups[0], groups[1]};
	struct nrm_aggregate a = good();

	(void)state;
	a.group = g;
	a.n_groups = 2;
	assert_int_equal(decode(encoded(&a)), NRM_OK);
	g[0].count[1] = 4;
	assert_int_equal(decode(encoded(&a)), NRM_ERR_FORMAT);
	g[0] = groups[1]; /* twice the same */
	assert_int_equal(decode(encoded(&a)), NRM_ERR_FORMAT);
	g[0] = groups[2]; /* out of order */
	assert_int_equal(decode(encoded(&a)), NRM_ERR_FORMAT);
	g[0] = groups[0];
	memset(g[0].count, 0, sizeof(g[0].count)); /* of nobody */
	assert_int_equal(decode(encoded(&a)), NRM_ERR_FORMAT);
	g[0] = groups[0];
	g[0].service = NRM_SERVICE_END_;
	a.n_groups = 1;
	assert_int_equal(decode(encoded(&a)), NRM_ERR_UNKNOWN_CODE);
	a = good();
	a.message_id.len = 15;
	assert_int_equal(decode(encoded(&a)), NRM_ERR_ID);
	a = good();
	a.agency = nrm_slice_str("nobody");
	assert_int_equal(decode(encoded(&a)), NRM_ERR_ID);
	a = good();
	a.n_groups = 0; /* nobody asked: a statement as well */
	assert_int_equal(decode(encoded(&a)), NRM_OK);
}

static void withheld_whole(void **state)
{
	struct nrm_aggregate_group g = groups[0];

	(void)state;
	nrm_aggregate_withhold(&g);
	assert_false(g.withheld);
	assert_int_equal(g.count[0], 7);
	g.count[1] = 1;
	nrm_aggregate_withhold(&g);
	assert_true(g.withheld);
	for (size_t i = 0; i < NRM_AGGREGATE_CODES; i++)
		assert_int_equal(g.count[i], 0);
}

/* What its agency is told of the leaf: which statement it was, and nothing else; others nothing. */
static void its_view(void **state)
{
	static const uint8_t digest[NRM_HASH_LEN] = {9};
	const struct nrm_view o = {.message_id = world_id(&w),
				   .time_ms = w.now,
				   .outcome = NRM_OUTCOME_FORWARD,
				   .reason = NRM_REASON_OK,
				   .rules = 2,
				   .earlier = 7,
				   .child = true,
				   .document_digest = nrm_slice(digest, sizeof(digest)),
				   .document_version = month};
	const struct nrm_leaf leaf = {.kind = NRM_EVENT_AGGREGATE,
				      .outcome = NRM_OUTCOME_FORWARD,
				      .reason = NRM_REASON_OK};
	struct nrm_view v, want = o;

	(void)state;
	want.rules = 0;
	want.earlier = 0;
	want.child = false;
	assert_true(nrm_view_project(&o, &leaf, NRM_VIEWER_SENDER, &v));
	assert_memory_equal(&v, &want, sizeof(v));
	assert_false(nrm_view_project(&o, &leaf, NRM_VIEWER_RECIPIENT, &v));
}

/* --- at the broker --- */

static void send_signed(int by, const struct nrm_aggregate *aggregate)
{
	struct nrm_to_broker frame = {.kind = NRM_AGGREGATE};
	uint8_t signature[NRM_SIGNATURE_LEN];

	frame.is.aggregate.document = encoded(aggregate);
	assert_int_equal(nrm_document_sign(w.country.agency[by].signing, NRM_DOMAIN_AGGREGATE,
					   frame.is.aggregate.document, signature),
			 NRM_OK);
	frame.is.aggregate.signature = nrm_slice(signature, sizeof(signature));
	world_send(&w, SHELTER, &frame);
}

/* The leaf that it was recorded as. */
static uint64_t recorded(const struct nrm_aggregate *aggregate)
{
	struct nrm_to_agent frame = world_expect(&w, SHELTER, NRM_RECEIPT);
	struct nrm_leaf leaf;

	struct nrm_view view = world_view(&w, &frame.is.receipt.item[0], &leaf);
	assert_int_equal(leaf.kind, NRM_EVENT_AGGREGATE);
	assert_int_equal(leaf.case_tag.len, 0);
	assert_true(nrm_slice_equal(leaf.sender, aggregate->agency));
	assert_true(nrm_slice_equal(view.message_id, aggregate->message_id));
	assert_int_equal(view.document_version, aggregate->month);
	return frame.is.receipt.item[0].index;
}

static struct nrm_indicators ask(void)
{
	const struct nrm_indicators_question question = {(uint16_t)(month - 1), month,
							 NRM_BY_MONTH};
	struct nrm_audit_reader reader;
	struct nrm_indicators in;

	nrm_audit_reader_init(&reader, w.books->store);
	assert_int_equal(nrm_indicators_read(&reader, w.books->keys, &question, &in), NRM_OK);
	nrm_audit_reader_done(&reader);
	return in;
}

static void recorded_once(void **state)
{
	struct nrm_aggregate a = good();

	(void)state;
	send_signed(SHELTER, &a);
	const uint64_t leaf = recorded(&a);
	const uint64_t leaves = world_figures(&w).leaves;
	send_signed(SHELTER, &a);
	assert_int_equal(recorded(&a), leaf);
	assert_int_equal(world_figures(&w).leaves, leaves);
	assert_int_equal(world_figures(&w).cases, 0);
	struct nrm_indicators in = ask();
	assert_int_equal(in.n_parity, 1);
	assert_true(in.parity[0].verified);
	assert_int_equal(in.parity[0].leaf, leaf);
	assert_string_equal(in.parity[0].agency, w.country.agency[SHELTER].id);
	assert_int_equal(in.parity[0].n_groups, 3);
	assert_int_equal(in.parity[0].group[0].count[0], 7);
	assert_int_equal(in.indicator[NRM_TALLY_STATEMENTS].n_details, 1);
	nrm_indicators_done(&in);
	/* A correction takes its place; both are leaves. */
	a = good();
	a.n_groups = 1;
	send_signed(SHELTER, &a);
	assert_int_equal(recorded(&a), leaf + 1);
	a = good();
	a.month--;
	send_signed(SHELTER, &a);
	recorded(&a);
	in = ask();
	assert_int_equal(in.n_parity, 2);
	assert_int_equal(in.parity[0].month, month - 1);
	assert_int_equal(in.parity[1].n_groups, 1);
	nrm_indicators_done(&in);
}

static void who_may_not_and_when(void **state)
{
	struct nrm_aggregate a = good();

	(void)state;
	send_signed(POLICE, &a); /* another's signature */
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_BAD_SIGNATURE);
	a.agency = nrm_slice_str(w.country.agency[POLICE].id);
	send_signed(POLICE, &a); /* another's statement */
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_BAD_ID);
	a = good();
	a.month++;
	send_signed(SHELTER, &a);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_NOT_YET);
	a = good();
	a.made_ms = w.now + NRM_MAX_AHEAD_MS + 1;
	send_signed(SHELTER, &a);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_NOT_YET);
	a = good();
	a.month -= 25;
	send_signed(SHELTER, &a);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_EXPIRED);
	struct nrm_indicators in = ask();
	assert_int_equal(in.n_parity, 0);
	nrm_indicators_done(&in);
}

/* What was changed beside the trail does not verify, and is told so. */
static void changed_beside_the_trail(void **state)
{
	struct nrm_aggregate a = good();
	uint8_t key[NRM_AGGREGATE_KEY_LEN], row[4096];
	struct nrm_slice value;
	struct nrm_txn *txn;

	(void)state;
	send_signed(SHELTER, &a);
	recorded(&a);
	nrm_aggregate_key(month, nrm_roll_find(&w.books->roll, a.agency), key);
	assert_int_equal(nrm_txn_begin(w.books->store, true, &txn), NRM_OK);
	assert_int_equal(nrm_get(txn, NRM_TABLE_AGGREGATES, nrm_slice(key, sizeof(key)), &value),
			 NRM_OK);
	memcpy(row, value.data, value.len);
	const size_t len = value.len;
	row[len - 1] ^= 1; /* of the signature */
	assert_int_equal(nrm_put(txn, NRM_TABLE_AGGREGATES, nrm_slice(key, sizeof(key)),
				 nrm_slice(row, len)),
			 NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	struct nrm_indicators in = ask();
	assert_int_equal(in.n_parity, 1);
	assert_false(in.parity[0].verified);
	nrm_indicators_done(&in);
	row[len - 1] ^= 1;
	row[7]--; /* another leaf */
	assert_int_equal(nrm_txn_begin(w.books->store, true, &txn), NRM_OK);
	assert_int_equal(nrm_put(txn, NRM_TABLE_AGGREGATES, nrm_slice(key, sizeof(key)),
				 nrm_slice(row, len)),
			 NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	in = ask();
	assert_false(in.parity[0].verified);
	nrm_indicators_done(&in);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(there_and_back),
		TEST(what_must_not_be_told_is_no_statement),
		TEST(withheld_whole),
		TEST(its_view),
		TEST(recorded_once),
		TEST(who_may_not_and_when),
		TEST(changed_beside_the_trail),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("aggregates", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
