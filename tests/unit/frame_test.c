/*
 * Frames of both directions: each kind arrives as it left.
 */
#include "tests/unit/frames.h"

/* Every kind arrives as it left; the members are compared through the bytes they encode to. */
static void test_round_trips(void **state)
{
	const struct nrm_to_broker up[] = {TO_BROKER};
	const struct nrm_to_agent down[] = {TO_AGENT};

	(void)state;
	for (size_t i = 0; i < sizeof(up) / sizeof(*up); i++) {
		struct nrm_slice bytes = to_broker(&up[i]);
		struct nrm_to_broker got;
		assert_int_equal(nrm_to_broker_decode(bytes, &messages_arena, &got), NRM_OK);
		assert_int_equal(got.kind, up[i].kind);
		assert_slices(to_broker(&got), bytes);
	}
	for (size_t i = 0; i < sizeof(down) / sizeof(*down); i++) {
		struct nrm_slice bytes = to_agent(&down[i]);
		struct nrm_to_agent got;
		assert_int_equal(nrm_to_agent_decode(bytes, &messages_arena, &got), NRM_OK);
		assert_int_equal(got.kind, down[i].kind);
		assert_slices(to_agent(&got), bytes);
	}
}

/* Frames encoded by another implementation of Protocol Buffers: what each member is, and that it is encoded alike. */
#define TIMES_4(x)  x x x x
#define TIMES_16(x) TIMES_4(TIMES_4(x))
#define S	    TIMES_16("73737373")
#define H	    TIMES_16("6868")
#define K	    TIMES_16("6b6b")
#define C	    TIMES_16("636363")
#define M	    "019ab3c4d5e670008001020304050607"

static bool is(struct nrm_slice slice, const char *text)
{
	return nrm_slice_equal(slice, nrm_slice_str(text));
}

static bool is_hex(struct nrm_slice slice, const char *hex)
{
	return nrm_slice_equal(slice, messages_unhex(hex));
}

static struct nrm_to_broker golden_up(const char *hex)
{
	struct nrm_to_broker f;

	assert_int_equal(nrm_to_broker_decode(messages_unhex(hex), &messages_arena, &f), NRM_OK);
	assert_slices(to_broker(&f), messages_unhex(hex));
	return f;
}

static struct nrm_to_agent golden_down(const char *hex)
{
	struct nrm_to_agent f;

	assert_int_equal(nrm_to_agent_decode(messages_unhex(hex), &messages_arena, &f), NRM_OK);
	assert_slices(to_agent(&f), messages_unhex(hex));
	return f;
}

static void test_golden_to_broker(void **state)
{
	struct nrm_to_broker f = golden_up("0a14080110021803220a636865636b706f696e742840");

	(void)state;
	assert_true(f.kind == NRM_HELLO && f.is.hello.min_version == 1 &&
		    f.is.hello.max_version == 2);
	assert_true(f.is.hello.directory_version == 3 && f.is.hello.credit == 64);
	assert_true(is(f.is.hello.checkpoint, "checkpoint"));
	f = golden_up("0a26080110023220" H);
	assert_true(f.kind == NRM_HELLO && is_hex(f.is.hello.policy_digest, H));

	f = golden_up("2a0a0a08080512040007ac02");
	assert_true(f.kind == NRM_ASK && f.is.ask.kind == NRM_ASK_PROOFS &&
		    f.is.ask.from_size == 5);
	assert_true(f.is.ask.n_indexes == 3 && f.is.ask.index[0] == 0 && f.is.ask.index[2] == 300);

	f = golden_up("2a2812260a240a10" M "121030313233343536373839616263646566");
	assert_true(f.is.ask.kind == NRM_ASK_STATUS && f.is.ask.n_messages == 1);
	assert_true(is_hex(f.is.ask.message[0].message_id, M) &&
		    is(f.is.ask.message[0].case_id, "0123456789abcdef"));

	f = golden_up("1290010a4c0a0273741a4608061210303132333435363738396162636465661a30" C
		      "1240" S);
	assert_true(f.kind == NRM_SUBMIT && f.is.submit.n == 1 && is_hex(f.is.submit.signature, S));
	const struct nrm_envelope *e = f.is.submit.envelope;
	assert_true(is(e->statement, "st") && !e->has_proof && e->n_fields == 1);
	assert_true(e->field[0].field == NRM_FIELD_GENDER &&
		    is(e->field[0].salt, "0123456789abcdef"));
	assert_true(is_hex(e->field[0].ciphertext, C));

	f = golden_up("1a480a01610a01621240" S);
	assert_true(f.kind == NRM_ACKNOWLEDGE && f.is.acknowledge.ack.n == 2);
	assert_true(is(f.is.acknowledge.ack.item[1], "b") && is_hex(f.is.acknowledge.signature, S));
}

static void test_golden_to_agent(void **state)
{
	struct nrm_to_agent f =
		golden_down("0a970108011007180822450a01641240" S "2a450a01701240" S "320163");

	(void)state;
	assert_true(f.kind == NRM_WELCOME && f.is.welcome.version == 1 &&
		    f.is.welcome.time_ms == 7);
	assert_true(f.is.welcome.submit_credit == 8 && is(f.is.welcome.checkpoint, "c"));
	assert_true(is(f.is.welcome.directory.document, "d") &&
		    is_hex(f.is.welcome.directory.signature, S));
	assert_true(is(f.is.welcome.policy.document, "p") &&
		    is_hex(f.is.welcome.policy.signature, S));

	f = golden_down("3a450a01701240" S);
	assert_true(f.kind == NRM_POLICY && is(f.is.policy.document, "p") &&
		    is_hex(f.is.policy.signature, S));

	f = golden_down("123e0a3c0a10" M "10091a016c2220" H "2a0176");
	assert_true(f.kind == NRM_RECEIPT && f.is.receipt.n == 1);
	const struct nrm_receipt_item *r = f.is.receipt.item;
	assert_true(is_hex(r->message_id, M) && r->index == 9 && is(r->leaf, "l"));
	assert_true(is_hex(r->salt, H) && is(r->view, "v"));

	f = golden_down("1a9d010a9a01080912016c1a20" H "2201762a6e0a0273741268080210011a20" K
			"2240" S);
	assert_true(f.kind == NRM_DELIVER && f.is.deliver.n == 1);
	const struct nrm_delivery *d = f.is.deliver.item;
	assert_true(d->index == 9 && is(d->leaf, "l") && is_hex(d->salt, H) && is(d->view, "v"));
	assert_true(is(d->envelope.statement, "st") && d->envelope.has_proof &&
		    d->envelope.n_fields == 0);
	const struct nrm_proof *proof = &d->envelope.proof;
	assert_true(proof->size == 2 && proof->index == 1 && is_hex(proof->signature, S));
	assert_true(proof->path.n == 1 && is_hex(proof->path.item[0], K));

	f = golden_down("224d0a016310031a20" H "220204052a20" K);
	assert_true(f.kind == NRM_PROOFS && is(f.is.proofs.checkpoint, "c") &&
		    f.is.proofs.from_size == 3);
	assert_true(f.is.proofs.consistency.n == 1 && is_hex(f.is.proofs.consistency.item[0], H));
	assert_true(f.is.proofs.n_indexes == 2 && f.is.proofs.index[1] == 5);
	assert_true(f.is.proofs.node.n == 1 && is_hex(f.is.proofs.node.item[0], K));

	f = golden_down("2a180a160a140a10" M "1001");
	assert_true(f.kind == NRM_ANSWER_STATUS && f.is.status.n == 1);
	assert_true(is_hex(f.is.status.message[0].message_id, M));
	assert_true(f.is.status.message[0].known && !f.is.status.message[0].waiting);

	f = golden_down("2a4712450a01641240" S);
	assert_true(f.kind == NRM_ANSWER_DIRECTORY && is(f.is.directory.document, "d"));

	f = golden_down("321b081212037768791a10" M "2004");
	assert_true(f.kind == NRM_REFUSED && f.is.refused.code == NRM_REFUSAL_ID_REUSED);
	assert_true(is(f.is.refused.text, "why") && is_hex(f.is.refused.message_id, M));
	assert_true(f.is.refused.item == 4);
}

/* Deliveries are redacted while they are encoded. */
static void test_deliver_keeps(void **state)
{
	struct nrm_to_agent frame = deliver(2), got;
	struct nrm_delivery item[2];
	const struct nrm_verified *v;

	(void)state;
	memcpy(item, frame.is.deliver.item, sizeof(item));
	item[0].keep = nrm_bit(2);
	frame.is.deliver.item = item;
	assert_int_equal(nrm_to_agent_decode(to_agent(&frame), &messages_arena, &got), NRM_OK);
	assert_int_equal(got.is.deliver.item[0].envelope.n_fields, 1);
	assert_int_equal(got.is.deliver.item[1].envelope.n_fields, 3);
	assert_int_equal(nrm_envelope_verify(&got.is.deliver.item[0].envelope, sender_public,
					     &messages_arena, &v),
			 NRM_OK);
	assert_true(nrm_verified_fields(v) == nrm_bit(2));
}

/* 320 KiB a frame and 256 KiB an envelope, both ways; what is over leaves the buffer as it was. */
static void test_sizes(void **state)
{
	static uint8_t bytes[NRM_MAX_FRAME + 1];
	struct nrm_sealed_field field[5];
	struct nrm_to_broker up = submit(2, false), got;
	struct nrm_to_agent down = deliver(2), got_down;
	struct nrm_envelope e[2];
	struct nrm_delivery d[2];
	struct nrm_buf buf = {0};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		field[i] =
			(struct nrm_sealed_field){(enum nrm_field)(i + 1), nrm_slice(bytes, 16),
						  nrm_slice(bytes, (i == 4 ? 36864 : 57344) + 16)};
	memcpy(e, up.is.submit.envelope, sizeof(e));
	memcpy(d, down.is.deliver.item, sizeof(d));
	e[0].field = d[0].envelope.field = field, e[0].n_fields = d[0].envelope.n_fields = 4;
	up.is.submit.envelope = e;
	down.is.deliver.item = d;
	expect("224 KiB", at_broker(up), NRM_OK);
	expect("224 KiB down", at_agent(down), NRM_OK);
	e[0].n_fields = d[0].envelope.n_fields = 5;
	expect("an envelope over 256 KiB", at_broker(up), NRM_ERR_LIMIT);
	assert_int_equal(nrm_to_agent_encode(&down, &buf),
			 NRM_ERR_LIMIT); /* refused where it is made */
	e[1].field = d[1].envelope.field = field, e[1].n_fields = d[1].envelope.n_fields = 2;
	assert_int_equal(nrm_to_broker_encode(&up, &buf), NRM_ERR_LIMIT);
	assert_int_equal(nrm_to_agent_encode(&down, &buf), NRM_ERR_LIMIT);
	assert_int_equal(buf.len, 0);
	up.kind = 0, down.kind = 0;
	assert_int_equal(nrm_to_broker_encode(&up, &buf), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_to_agent_encode(&down, &buf), NRM_ERR_ARGUMENT);
	nrm_buf_done(&buf);
	assert_int_equal(
		nrm_to_broker_decode(nrm_slice(bytes, sizeof(bytes)), &messages_arena, &got),
		NRM_ERR_LIMIT);
	assert_int_equal(
		nrm_to_agent_decode(nrm_slice(bytes, sizeof(bytes)), &messages_arena, &got_down),
		NRM_ERR_LIMIT);
}

/* 320 KiB of empty items would be a hundred thousand allocations: the ceiling holds. */
static void test_ceiling(void **state)
{
	struct nrm_buf buf = {0};
	struct nrm_arena arena;
	struct nrm_to_broker up;

	(void)state;
	nrm_buf_put(&buf, "\x12\xf8\xff\x13", 4); /* Submit of 327672 bytes */
	while (buf.len < NRM_MAX_FRAME - 4)
		nrm_buf_put(&buf, "\x0a\x00", 2);
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_to_broker_decode(nrm_buf_slice(&buf), &arena, &up), NRM_ERR_LIMIT);
	assert_true(arena.used <= NRM_MAX_FRAME_ARENA);
	nrm_arena_done(&arena);
	nrm_buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),	cmocka_unit_test(test_golden_to_broker),
		cmocka_unit_test(test_golden_to_agent), cmocka_unit_test(test_deliver_keeps),
		cmocka_unit_test(test_sizes),		cmocka_unit_test(test_ceiling),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
