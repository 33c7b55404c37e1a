/* An agency's monthly statement: counted from what it received, sent until it is recorded, and believed to be so by its leaf. */
#include "agents/agent/aggregate.h"
#include "proto/crypto/sign.h"
#include "proto/trail/tally.h"
#include "tests/unit/agent_api_world.h"

#define JANUARY (WORLD_NOW - 20ull * 24 * 3600 * 1000)
#define ASK	"{'op': 'aggregate', 'month': '2026-01'}"
#define SEND	"{'op': 'aggregate', 'month': '2026-01', 'send': true}"

static uint8_t received;

/* A referral about a case lies in the inbox of side 1. */
static void receive(uint8_t case_number, const char *gender, const char *age, const char *born,
		    const char *form, uint64_t when)
{
	uint8_t random[10] = {++received}, id[NRM_MESSAGE_ID_LEN];
	uint8_t case_id[NRM_CASE_ID_LEN] = {case_number};
	struct nrm_values values = {.of = {[NRM_FIELD_GIVEN_NAME] = nrm_slice_str("Sokha")}};
	struct nrm_received in = {.received_ms = when, .status = NRM_ACK_OK};
	struct nrm_buf envelope = {0}, copy = {0};
	struct nrm_txn *txn;
	bool is_new;

	if (gender)
		values.of[NRM_FIELD_GENDER] = nrm_slice_str(gender);
	if (age)
		values.of[NRM_FIELD_AGE_YEARS] = nrm_slice_str(age);
	if (born)
		values.of[NRM_FIELD_BIRTH_DATE] = nrm_slice_str(born);
	if (form)
		values.of[NRM_FIELD_EXPLOITATION_FORM] = nrm_slice_str(form);
	nrm_message_id_make(when, random, id);
	const struct nrm_statement s = {
		.version = NRM_PROTOCOL_VERSION,
		.message_id = nrm_slice(id, sizeof(id)),
		.case_id = nrm_slice(case_id, sizeof(case_id)),
		.sender = nrm_slice_str(world.country.agency[0].id),
		.recipient = nrm_slice_str(world.country.agency[1].id),
		.type = NRM_MESSAGE_TYPE_REFERRAL,
		.service = NRM_SERVICE_EMERGENCY_SHELTER,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.issued_at_ms = when,
		.expires_at_ms = when + 1000000,
		.basis = NRM_BASIS_CONSENT,
		.body.referral = {.urgency = NRM_URGENCY_URGENT},
	};
	assert_int_equal(nrm_message_build(&world.side[0].identity, &s, &values,
					   world.side[1].identity.sealing_public[0], &world.arena,
					   &envelope, &copy),
			 NRM_OK);
	in.envelope = nrm_buf_slice(&envelope);
	assert_int_equal(nrm_txn_begin(world.side[1].store, true, &txn), NRM_OK);
	assert_int_equal(nrm_inbox_put(txn, s.message_id, s.sender, &in, &is_new), NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	nrm_buf_done(&envelope);
	nrm_buf_done(&copy);
}

/* Six women and five children of unknown sex, one of whom was referred twice. */
static void receive_eleven(void)
{
	for (uint8_t i = 1; i <= 6; i++)
		receive(i, i & 1 ? "female" : "Female", i & 1 ? "34" : NULL,
			i & 1 ? NULL : "1990-05-01", "Forced Labour", JANUARY);
	for (uint8_t i = 7; i <= 11; i++)
		receive(i, "does not say", "9", NULL, "something else entirely", JANUARY);
	receive(11, NULL, NULL, NULL, NULL, JANUARY);
}

static const json_t *group(const json_t *answer, size_t i)
{
	return json_array_get(json_object_get(answer, "groups"), i);
}

static long long counted(const json_t *answer, size_t i, const char *code)
{
	return json_integer_value(
		json_object_get(json_object_get(group(answer, i), "counts"), code));
}

static void counted_by_case(void **state)
{
	(void)state;
	receive_eleven();
	receive(12, "male", "40", NULL, "forced_labour", WORLD_NOW); /* another month */
	json_t *answer = ask(&api[1], ASK, NULL);
	assert_ok(answer);
	assert_int_equal(json_array_size(json_object_get(answer, "groups")), 3);
	assert_string_equal(text(group(answer, 0), "kind"), "sex");
	assert_int_equal(counted(answer, 0, "female"), 6);
	assert_int_equal(counted(answer, 0, "unknown"), 5);
	assert_int_equal(counted(answer, 1, "adult"), 6);
	assert_int_equal(counted(answer, 1, "child"), 5);
	assert_int_equal(counted(answer, 2, "forced_labour"), 6);
	assert_int_equal(counted(answer, 2, "unknown"), 5);
	assert_null(json_object_get(answer, "state"));
	json_decref(answer);
	/* One more, of another sex: that group is told no more, for it would be found out. */
	receive(13, "male", "40", NULL, "forced_labour", JANUARY);
	answer = ask(&api[1], ASK, NULL);
	assert_true(json_is_null(json_object_get(group(answer, 0), "counts")));
	assert_int_equal(counted(answer, 1, "adult"), 7);
	json_decref(answer);
}

static void nothing_of_a_person_leaves(void **state)
{
	struct nrm_arena arena;
	struct nrm_aggregate aggregate;

	(void)state;
	receive_eleven();
	json_decref(ask(&api[1], SEND, NULL));
	struct nrm_to_broker frame = world_next(&world.side[1], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_AGGREGATE);
	const struct nrm_slice document = frame.is.aggregate.document;
	assert_null(memmem(document.data, document.len, "Sokha", 5));
	assert_null(memmem(document.data, document.len, "emale", 5));
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_aggregate_decode(document, &arena, &aggregate), NRM_OK);
	assert_int_equal(aggregate.month, (2026 - 1970) * 12);
	assert_int_equal(aggregate.n_groups, 3);
	nrm_arena_done(&arena);
}

/* What the broker answers to a statement. */
static void answer_with(struct nrm_slice document, uint16_t month, bool spoil)
{
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_arena arena;
	struct nrm_aggregate aggregate;
	struct nrm_view view = {.time_ms = WORLD_NOW,
				.outcome = NRM_OUTCOME_FORWARD,
				.reason = NRM_REASON_OK,
				.document_digest = nrm_slice(digest, sizeof(digest)),
				.document_version = month};
	const struct nrm_statement about = {.sender = nrm_slice_str(world.country.agency[1].id)};

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_aggregate_decode(document, &arena, &aggregate), NRM_OK);
	nrm_document_digest(NRM_DOMAIN_AGGREGATE, document, digest);
	digest[0] ^= spoil;
	view.message_id = aggregate.message_id;
	struct entry e = world_leaf(&about, NRM_EVENT_AGGREGATE, &view, NULL);
	const struct nrm_receipt_item item = {aggregate.message_id, e.index, e.leaf, e.salt,
					      e.view[0]};
	const struct nrm_to_agent frame = {.kind = NRM_RECEIPT, .is.receipt = {&item, 1}};
	assert_int_equal(world_tell(&world.side[1], &frame, WORLD_NOW), NRM_OK);
	nrm_arena_done(&arena);
}

static void assert_state(const char *expected)
{
	json_t *answer = ask(&api[1], ASK, NULL);

	assert_string_equal(text(answer, "state"), expected);
	json_decref(answer);
}

static struct nrm_slice sent(void)
{
	struct nrm_to_broker frame = world_next(&world.side[1], WORLD_NOW);

	assert_int_equal(frame.kind, NRM_AGGREGATE);
	return frame.is.aggregate.document;
}

static void recorded_when_its_leaf_says_so(void **state)
{
	struct nrm_buf out = {0};

	(void)state;
	receive_eleven();
	json_t *answer = ask(&api[1], SEND, NULL);
	assert_ok(answer);
	assert_string_equal(text(answer, "state"), "spooled");
	json_decref(answer);
	const struct nrm_slice first = sent();
	assert_int_equal(nrm_exchange_next(world.side[1].x, WORLD_NOW, &out), NRM_ERR_AGAIN);
	/* The connection breaks: it goes out again, the very same. */
	world_restart(&world.side[1]);
	api[1].exchange = world.side[1].x;
	world_greet(&world.side[1], (struct nrm_slice){0});
	const struct nrm_slice again = sent();
	assert_true(nrm_slice_equal(first, again));
	answer_with(again, 672, true);
	assert_state("spooled");
	answer_with(again, 673, false);
	assert_state("spooled");
	answer_with(again, 672, false);
	assert_state("recorded");
	assert_int_equal(world_figures(&world.side[1]).unproved, 1);
	/* Once recorded the same is not sent again, its proof is asked for; another statement is. */
	json_decref(ask(&api[1], SEND, NULL));
	assert_int_equal(world_next(&world.side[1], WORLD_NOW).kind, NRM_ASK);
	assert_int_equal(nrm_exchange_next(world.side[1].x, WORLD_NOW, &out), NRM_ERR_AGAIN);
	receive(20, "female", "40", NULL, "forced_labour", JANUARY);
	json_decref(ask(&api[1], SEND, NULL));
	assert_false(nrm_slice_equal(sent(), again));
	nrm_buf_done(&out);
}

static void refused_for_good(void **state)
{
	struct nrm_to_agent frame = {.kind = NRM_REFUSED};
	struct nrm_aggregate aggregate;
	struct nrm_buf out = {0};
	struct nrm_arena arena;

	(void)state;
	json_decref(ask(&api[1], SEND, NULL));
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_aggregate_decode(sent(), &arena, &aggregate), NRM_OK);
	frame.is.refused.code = NRM_REFUSAL_EXPIRED;
	frame.is.refused.message_id = aggregate.message_id;
	assert_int_equal(world_tell(&world.side[1], &frame, WORLD_NOW), NRM_OK);
	assert_state("refused");
	nrm_exchange_aggregate_soon(world.side[1].x);
	assert_int_equal(nrm_exchange_next(world.side[1].x, WORLD_NOW, &out), NRM_ERR_AGAIN);
	nrm_arena_done(&arena);
}

static void a_month_must_be_over(void **state)
{
	(void)state;
	json_t *answer =
		ask(&api[1], "{'op': 'aggregate', 'month': '2026-02', 'send': true}", NULL);
	assert_non_null(strstr(text(answer, "error"), "not over"));
	json_decref(answer);
	answer = ask(&api[1], "{'op': 'aggregate', 'month': '2026-02'}", NULL);
	assert_ok(answer);
	json_decref(answer);
	answer = ask(&api[1], "{'op': 'aggregate', 'month': 'February'}", NULL);
	assert_non_null(strstr(text(answer, "error"), "expected a month"));
	json_decref(answer);
	answer = ask(&api[1], "{'op': 'aggregate', 'month': '2026-01', 'override': true}", NULL);
	assert_false(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(counted_by_case),
		TEST(nothing_of_a_person_leaves),
		TEST(recorded_when_its_leaf_says_so),
		TEST(refused_for_good),
		TEST(a_month_must_be_over),
	};

	return cmocka_run_group_tests_name("aggregates of an agency", tests, NULL, NULL);
}
