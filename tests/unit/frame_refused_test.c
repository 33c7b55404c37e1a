/*
 * Frames that are refused: by their counts, their members, their bytes, their direction, and every spoilt one.
 */
#include "tests/unit/frames.h"

static void test_submit_forms(void **state)
{
	struct nrm_to_broker f = submit(3, true), own = submit(3, false);
	struct nrm_envelope mixed[3];

	(void)state;
	expect("one signature", at_broker(f), NRM_OK);
	expect("own proofs", at_broker(own), NRM_OK);
	f.is.submit.signature.len = 0;
	expect("neither", at_broker(f), NRM_ERR_FORMAT);
	f.is.submit.signature = nrm_slice(signature, 63);
	expect("short signature", at_broker(f), NRM_ERR_FORMAT);
	own.is.submit.signature = a_signature;
	expect("both", at_broker(own), NRM_ERR_FORMAT);
	memcpy(mixed, own.is.submit.envelope, sizeof(mixed));
	mixed[1].has_proof = false;
	own.is.submit.envelope = mixed;
	expect("both, mixed", at_broker(own), NRM_ERR_FORMAT);
	own.is.submit.signature.len = 0;
	expect("one without", at_broker(own), NRM_ERR_FORMAT);
	own.is.submit.n = 0;
	expect("nothing", at_broker(own), NRM_ERR_FORMAT);
}

static void test_counts(void **state)
{
	static const uint64_t index[NRM_MAX_FRAME_ITEMS + 1];
	static struct nrm_slice ack[NRM_MAX_FRAME_ITEMS + 1];
	struct nrm_to_broker f = submit(1, false), acks = acknowledge(), ask = ask_status();
	struct nrm_envelope *e =
		nrm_arena_alloc(&messages_arena, (NRM_MAX_FRAME_ITEMS + 1) * sizeof(*e));
	struct nrm_message_ref *ref =
		nrm_arena_alloc(&messages_arena, (NRM_MAX_FRAME_ITEMS + 1) * sizeof(*ref));

	(void)state;
	for (size_t i = 0; i <= NRM_MAX_FRAME_ITEMS; i++) {
		e[i] = f.is.submit.envelope[0];
		ref[i] = ask.is.ask.message[0];
		ack[i] = an_ack(NRM_ACK_OK);
	}
	f.is.submit.envelope = e, f.is.submit.n = NRM_MAX_FRAME_ITEMS;
	expect("256 envelopes", at_broker(f), NRM_OK);
	f.is.submit.n++;
	expect("257 envelopes", at_broker(f), NRM_ERR_LIMIT);
	acks.is.acknowledge.ack = (struct nrm_slices){ack, NRM_MAX_FRAME_ITEMS};
	expect("256 acks", at_broker(acks), NRM_OK);
	acks.is.acknowledge.ack.n++;
	expect("257 acks", at_broker(acks), NRM_ERR_LIMIT);
	acks.is.acknowledge.ack.n = 0;
	expect("no ack", at_broker(acks), NRM_ERR_FORMAT);
	ask.is.ask.message = ref, ask.is.ask.n_messages = NRM_MAX_FRAME_ITEMS;
	expect("256 questions", at_broker(ask), NRM_OK);
	ask.is.ask.n_messages++;
	expect("257 questions", at_broker(ask), NRM_ERR_LIMIT);
	ask = ask_proofs(), ask.is.ask.index = index,
	ask.is.ask.n_indexes = NRM_MAX_FRAME_ITEMS + 1;
	expect("257 indexes", at_broker(ask), NRM_ERR_LIMIT);

	expect("256 receipts", at_agent(receipt(NRM_MAX_FRAME_ITEMS)), NRM_OK);
	expect("257 receipts", at_agent(receipt(NRM_MAX_FRAME_ITEMS + 1)), NRM_ERR_LIMIT);
	expect("no receipt", at_agent(receipt(0)), NRM_ERR_FORMAT);
	expect("257 deliveries", at_agent(deliver(NRM_MAX_FRAME_ITEMS + 1)), NRM_ERR_LIMIT);
	expect("no delivery", at_agent(deliver(0)), NRM_ERR_FORMAT);
}

static void test_to_broker_refused(void **state)
{
	struct nrm_to_broker f = hello();
	static const uint64_t falling[] = {7, 6}, twice[] = {7, 7};
	static uint8_t note[NRM_MAX_NOTE + 1];
	struct nrm_message_ref ref = {messages_id(1), {hash, 15}};

	(void)state;
	f.is.hello.min_version = 0;
	expect("version 0", at_broker(f), NRM_ERR_FORMAT);
	f.is.hello.min_version = 3;
	expect("no version", at_broker(f), NRM_ERR_FORMAT);
	f = hello(), f.is.hello.checkpoint = nrm_slice(note, sizeof(note));
	expect("large checkpoint", at_broker(f), NRM_ERR_LIMIT);
	f = hello(), f.is.hello.policy_digest.len = 31;
	expect("short digest of a policy", at_broker(f), NRM_ERR_FORMAT);
	f.is.hello.policy_digest = nrm_slice(note, 33);
	expect("long digest of a policy", at_broker(f), NRM_ERR_FORMAT);
	f.is.hello.policy_digest.len = 0;
	expect("no policy", at_broker(f), NRM_OK);
	f = acknowledge(), f.is.acknowledge.signature.len = 63;
	expect("short signature of acks", at_broker(f), NRM_ERR_FORMAT);
	f = ask_proofs(), f.is.ask.index = falling, f.is.ask.n_indexes = 2;
	expect("falling indexes", at_broker(f), NRM_ERR_CANONICAL);
	f.is.ask.index = twice;
	expect("index twice", at_broker(f), NRM_ERR_DUPLICATE);
	f = ask_status(), f.is.ask.message = &ref, f.is.ask.n_messages = 1;
	expect("short case id", at_broker(f), NRM_ERR_ID);
	ref = (struct nrm_message_ref){nrm_slice(hash, 16), nrm_slice(hash, 16)};
	expect("bad message id", at_broker(f), NRM_ERR_ID);
	f = (struct nrm_to_broker){NRM_COSIGNATURE, {.cosignature = nrm_slice(note, 0)}};
	expect("no note", at_broker(f), NRM_ERR_FORMAT);
	f.is.cosignature = nrm_slice(note, sizeof(note));
	expect("large note", at_broker(f), NRM_ERR_LIMIT);
}

static void test_to_agent_refused(void **state)
{
	static uint8_t large[NRM_MAX_LEAF + 1];
	struct nrm_to_agent f = welcome();
	struct nrm_receipt_item item;
	struct nrm_delivery d;
	struct nrm_message_status status = {nrm_slice(hash, 16), true, false};
	struct nrm_slice list[NRM_MAX_TREE_PATH + 1];

	(void)state;
	f.is.welcome.version = 0;
	expect("version 0", at_agent(f), NRM_ERR_FORMAT);
	f = welcome(), f.is.welcome.policy.signature.len = 0;
	expect("unsigned policy", at_agent(f), NRM_ERR_FORMAT);
	f = (struct nrm_to_agent){NRM_POLICY, {.policy = {nrm_slice_str("p"), a_signature}}};
	f.is.policy.signature.len = 63;
	expect("policy with a short signature", at_agent(f), NRM_ERR_FORMAT);
	f = welcome(), f.is.welcome.directory.signature.len = 63;
	expect("short signature", at_agent(f), NRM_ERR_FORMAT);

	f = receipt(1), item = f.is.receipt.item[0], f.is.receipt.item = &item;
	item.salt.len = 31;
	expect("short salt", at_agent(f), NRM_ERR_FORMAT);
	item.salt.len = 32, item.leaf.len = 0;
	expect("no leaf", at_agent(f), NRM_ERR_FORMAT);
	item.leaf = nrm_slice(large, sizeof(large));
	expect("large leaf", at_agent(f), NRM_ERR_LIMIT);
	item.leaf.len = 4, item.message_id.len = 15;
	expect("short message id", at_agent(f), NRM_ERR_ID);

	f = deliver(1), d = f.is.deliver.item[0], f.is.deliver.item = &d;
	d.envelope.has_proof = false;
	expect("no proof", at_agent(f), NRM_ERR_FORMAT);
	d.envelope.has_proof = true, d.view.len = 0;
	expect("empty view", at_agent(f), NRM_OK);
	d.salt.len = 0;
	expect("no salt", at_agent(f), NRM_ERR_FORMAT);

	for (size_t i = 0; i <= NRM_MAX_TREE_PATH; i++)
		list[i] = a_hash;
	f = proofs(), f.is.proofs.consistency = (struct nrm_slices){list, NRM_MAX_TREE_PATH + 1};
	expect("long consistency", at_agent(f), NRM_ERR_LIMIT);
	list[0].len = 31, f.is.proofs.consistency.n = 1;
	expect("short hash", at_agent(f), NRM_ERR_FORMAT);
	f = proofs(), f.is.proofs.node = (struct nrm_slices){list, 1};
	expect("short node", at_agent(f), NRM_ERR_FORMAT);
	f = proofs(), f.is.proofs.checkpoint.len = 0;
	expect("no checkpoint", at_agent(f), NRM_ERR_FORMAT);

	f = statuses(), f.is.status.message = &status, f.is.status.n = 1;
	expect("status of a bad id", at_agent(f), NRM_ERR_ID);
	f = refused_item(), f.is.refused.message_id.len = 3;
	expect("refused bad id", at_agent(f), NRM_ERR_ID);
	f.is.refused.message_id.len = 0, f.is.refused.code = NRM_REFUSAL_ABSENT;
	expect("refused for nothing", at_agent(f), NRM_ERR_UNKNOWN_CODE);
	f.is.refused.code = NRM_REFUSAL_END_;
	expect("refused for what is unknown", at_agent(f), NRM_ERR_UNKNOWN_CODE);
}

/* Bytes that no encoder of ours makes. */
static void test_bytes_refused(void **state)
{
	static const struct {
		const char *hex;
		enum nrm_err broker, agent;
	} spoilt[] = {
		{"", NRM_ERR_FORMAT, NRM_ERR_FORMAT},
		{"ff", NRM_ERR_FORMAT, NRM_ERR_FORMAT},
		{"4200", NRM_ERR_UNKNOWN_ELEMENT, NRM_ERR_UNKNOWN_ELEMENT},
		{"22020840", NRM_OK, NRM_ERR_FORMAT}, /* Credit */
		{"2204083a1001", NRM_ERR_UNKNOWN_ELEMENT, NRM_ERR_FORMAT},
		{"2203084000", NRM_ERR_FORMAT, NRM_ERR_FORMAT},
		{"220308c000", NRM_ERR_CANONICAL, NRM_ERR_FORMAT},	 /* a long varint */
		{"2202080022020840", NRM_ERR_CANONICAL, NRM_ERR_FORMAT}, /* twice */
		{"220208402a021a00", NRM_ERR_CANONICAL, NRM_ERR_FORMAT}, /* two members */
		{"2a021a00", NRM_OK, NRM_ERR_ID}, /* Ask for the directory; Answer of no case */
		{"2a00", NRM_ERR_FORMAT, NRM_ERR_FORMAT}, /* Ask nothing, Answer nothing */
		{"12050a030a0161", NRM_ERR_FORMAT, NRM_ERR_FORMAT}, /* Submit without signature */
		{"2a020a00", NRM_OK, NRM_OK},	      /* Ask no proofs, or an empty Answer: alike */
		{"0a06080110021801", NRM_OK, NRM_OK}, /* Hello and Welcome: alike */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct nrm_slice bytes = messages_unhex(spoilt[i].hex);
		struct nrm_to_broker up;
		struct nrm_to_agent down;
		expect(spoilt[i].hex, nrm_to_broker_decode(bytes, &messages_arena, &up),
		       spoilt[i].broker);
		expect(spoilt[i].hex, nrm_to_agent_decode(bytes, &messages_arena, &down),
		       spoilt[i].agent);
	}
}

/* A frame that went the wrong way is refused, whatever it is. */
static void test_wrong_direction(void **state)
{
	const struct nrm_to_broker up[] = {
		hello(),
		submit(2, true),
		submit(2, false),
		acknowledge(),
		ask_status(),
		{NRM_CREDIT, {.credit = 64}},
		{NRM_COSIGNATURE, {.cosignature = nrm_slice_str("note")}}};
	const struct nrm_to_agent down[] = {welcome(), receipt(2), deliver(2),
					    proofs(),  statuses(), refused_item()};

	(void)state;
	for (size_t i = 0; i < sizeof(up) / sizeof(*up); i++) {
		struct nrm_to_agent got;
		assert_int_not_equal(nrm_to_agent_decode(to_broker(&up[i]), &messages_arena, &got),
				     NRM_OK);
	}
	for (size_t i = 0; i < sizeof(down) / sizeof(*down); i++) {
		struct nrm_to_broker got;
		assert_int_not_equal(
			nrm_to_broker_decode(to_agent(&down[i]), &messages_arena, &got), NRM_OK);
	}
}

/* Spoilt frames that are signed: what still decodes does not verify. */
static void judge_signed(struct nrm_slice spoiled, size_t bit, void *with)
{
	const struct nrm_verified *v[4];
	struct nrm_proof proof[4];
	enum nrm_err err[4] = {NRM_OK, NRM_OK, NRM_OK, NRM_OK};
	struct nrm_arena arena;
	struct nrm_to_broker f;
	bool good = true;

	(void)with;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	if (nrm_to_broker_decode(spoiled, &arena, &f) != NRM_OK) {
		good = false;
	} else if (f.kind == NRM_SUBMIT) {
		assert_true(f.is.submit.n <= 4);
		nrm_submit_verify(f.is.submit.envelope, f.is.submit.n, f.is.submit.signature,
				  sender_public, &arena, v, err);
		for (size_t i = 0; i < f.is.submit.n; i++)
			good = good && err[i] == NRM_OK;
	} else if (f.kind == NRM_ACKNOWLEDGE) {
		assert_true(f.is.acknowledge.ack.n <= 4);
		good = nrm_acks_verify(f.is.acknowledge.ack, f.is.acknowledge.signature,
				       sender_public, &arena, proof) == NRM_OK;
	}
	nrm_arena_done(&arena);
	if (good)
		fail_msg("taken with bit %zu flipped, %zu bytes long", bit, spoiled.len);
}

/* Those that are not signed: what still decodes is its own one encoding. */
static void judge_up(struct nrm_slice spoiled, size_t bit, void *with)
{
	struct nrm_arena arena;
	struct nrm_to_broker f;
	struct nrm_buf again = {0};

	(void)bit;
	(void)with;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	if (nrm_to_broker_decode(spoiled, &arena, &f) == NRM_OK) {
		assert_int_equal(nrm_to_broker_encode(&f, &again), NRM_OK);
		assert_slices(nrm_buf_slice(&again), spoiled);
	}
	nrm_buf_done(&again);
	nrm_arena_done(&arena);
}

static void judge_down(struct nrm_slice spoiled, size_t bit, void *with)
{
	struct nrm_arena arena;
	struct nrm_to_agent f;
	struct nrm_buf again = {0};

	(void)bit;
	(void)with;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	if (nrm_to_agent_decode(spoiled, &arena, &f) == NRM_OK) {
		assert_int_equal(nrm_to_agent_encode(&f, &again), NRM_OK);
		assert_slices(nrm_buf_slice(&again), spoiled);
	}
	nrm_buf_done(&again);
	nrm_arena_done(&arena);
}

static void test_spoiled(void **state)
{
	const struct nrm_to_broker up[] = {TO_BROKER};
	const struct nrm_to_agent down[] = {TO_AGENT};

	(void)state;
	for (size_t i = 0; i < sizeof(up) / sizeof(*up); i++) {
		messages_spoil(to_broker(&up[i]), judge_up, NULL);
		if (up[i].kind == NRM_SUBMIT || up[i].kind == NRM_ACKNOWLEDGE)
			messages_spoil(to_broker(&up[i]), judge_signed, NULL);
	}
	for (size_t i = 0; i < sizeof(down) / sizeof(*down); i++)
		messages_spoil(to_agent(&down[i]), judge_down, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_submit_forms),	  cmocka_unit_test(test_counts),
		cmocka_unit_test(test_to_broker_refused), cmocka_unit_test(test_to_agent_refused),
		cmocka_unit_test(test_bytes_refused),	  cmocka_unit_test(test_wrong_direction),
		cmocka_unit_test(test_spoiled),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
