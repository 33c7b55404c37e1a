/*
 * Frames of both directions, acks, and what is refused of them.
 */
#include "tests/unit/messages.h"
#include "tests/unit/vectors.h"

static const uint8_t hash[NRM_HASH_LEN] = "a hash of thirty-two bytes here";
static const uint8_t signature[NRM_SIGNATURE_LEN] = "a signature";
static const struct nrm_slice a_hash = {hash, sizeof(hash)};
static const struct nrm_slice a_signature = {signature, sizeof(signature)};

/* Fails with the name of the case. */
static void expect(const char *what, enum nrm_err got, enum nrm_err want)
{
	if (got != want)
		fail_msg("%s: %s", what, nrm_err_text(got));
}

static struct nrm_slice to_broker(const struct nrm_to_broker *frame)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_to_broker_encode(frame, &buf), NRM_OK);
	return messages_keep(&buf);
}

static struct nrm_slice to_agent(const struct nrm_to_agent *frame)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_to_agent_encode(frame, &buf), NRM_OK);
	return messages_keep(&buf);
}

static enum nrm_err at_broker(struct nrm_to_broker frame)
{
	struct nrm_to_broker got;

	return nrm_to_broker_decode(to_broker(&frame), &messages_arena, &got);
}

static enum nrm_err at_agent(struct nrm_to_agent frame)
{
	struct nrm_to_agent got;

	return nrm_to_agent_decode(to_agent(&frame), &messages_arena, &got);
}

/* One good frame of each kind. */
static struct nrm_to_broker hello(void)
{
	return (struct nrm_to_broker){NRM_HELLO,
				      {.hello = {1, 2, 3, nrm_slice_str("checkpoint"), 64}}};
}

static struct nrm_to_broker submit(size_t n, bool shared)
{
	struct nrm_envelope *e = nrm_arena_alloc(&messages_arena, n * sizeof(*e));

	assert_non_null(e);
	for (size_t i = 0; i < n; i++) {
		e[i] = messages_envelope((uint8_t)i, 1 + i % 3);
		if (!shared)
			e[i] = messages_signed(e[i]);
	}
	return (struct nrm_to_broker){
		NRM_SUBMIT,
		{.submit = {e, n, shared ? messages_batch_signature(e, n) : nrm_slice(NULL, 0)}}};
}

static struct nrm_slice an_ack(enum nrm_ack status)
{
	struct nrm_ack_body ack = {a_hash, nrm_bit(NRM_FIELD_GENDER) | nrm_bit(NRM_FIELD_WISHES), a_hash, MESSAGES_NOW,
				   status};
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_ack_encode(&ack, &buf), NRM_OK);
	return messages_keep(&buf);
}

static struct nrm_to_broker acknowledge(void)
{
	static struct nrm_slice ack[2];

	ack[0] = an_ack(NRM_ACK_OK);
	ack[1] = an_ack(NRM_ACK_CANNOT_OPEN);
	return (struct nrm_to_broker){
		NRM_ACKNOWLEDGE, {.acknowledge = {{ack, 2}, messages_signature(NRM_DOMAIN_ACKS, ack, 2)}}};
}

static struct nrm_to_broker ask_proofs(void)
{
	static const uint64_t index[] = {0, 7, 300};

	return (struct nrm_to_broker){
		NRM_ASK, {.ask = {.kind = NRM_ASK_PROOFS, .from_size = 5, .index = index, .n_indexes = 3}}};
}

static struct nrm_to_broker ask_status(void)
{
	static struct nrm_message_ref ref[2];

	for (uint8_t i = 0; i < 2; i++)
		ref[i] = (struct nrm_message_ref){messages_id(i), nrm_slice(hash, 16)};
	return (struct nrm_to_broker){NRM_ASK,
				      {.ask = {.kind = NRM_ASK_STATUS, .message = ref, .n_messages = 2}}};
}

static struct nrm_to_agent welcome(void)
{
	const struct nrm_document document = {nrm_slice_str("document"), a_signature};

	return (struct nrm_to_agent){
		NRM_WELCOME,
		{.welcome = {1, MESSAGES_NOW, 1024, document, document, nrm_slice_str("checkpoint")}}};
}

static struct nrm_to_agent receipt(size_t n)
{
	struct nrm_receipt_item *item = nrm_arena_alloc(&messages_arena, n * sizeof(*item));

	assert_non_null(item);
	for (size_t i = 0; i < n; i++)
		item[i] = (struct nrm_receipt_item){messages_id((uint8_t)i), i, nrm_slice_str("leaf"), a_hash,
						    nrm_slice_str("view")};
	return (struct nrm_to_agent){NRM_RECEIPT, {.receipt = {item, n}}};
}

static struct nrm_to_agent deliver(size_t n)
{
	struct nrm_delivery *item = nrm_arena_alloc(&messages_arena, n * sizeof(*item));

	assert_non_null(item);
	for (size_t i = 0; i < n; i++)
		item[i] = (struct nrm_delivery){i + 1, nrm_slice_str("leaf"), a_hash, nrm_slice_str("view"),
						messages_signed(messages_envelope((uint8_t)i, 3)), ~(nrm_mask)0};
	return (struct nrm_to_agent){NRM_DELIVER, {.deliver = {item, n}}};
}

static struct nrm_to_agent proofs(void)
{
	static const uint64_t index[] = {1, 2, UINT64_MAX};
	static struct nrm_slice list[2];

	list[0] = list[1] = a_hash;
	return (struct nrm_to_agent){
		NRM_PROOFS, {.proofs = {nrm_slice_str("checkpoint"), 9, {list, 2}, index, 3, {list, 1}}}};
}

static struct nrm_to_agent statuses(void)
{
	static struct nrm_message_status status[2];

	status[0] = (struct nrm_message_status){messages_id(0), true, true};
	status[1] = (struct nrm_message_status){messages_id(1), false, false};
	return (struct nrm_to_agent){NRM_ANSWER_STATUS, {.status = {status, 2}}};
}

static struct nrm_to_agent refused_item(void)
{
	return (struct nrm_to_agent){NRM_REFUSED,
				     {.refused = {NRM_REFUSAL_ID_REUSED, nrm_slice_str("why"), messages_id(3), 4, 5}}};
}

#define TO_BROKER                                                                                                      \
	hello(), submit(2, true), submit(2, false), acknowledge(), ask_proofs(), ask_status(),                         \
		(struct nrm_to_broker){NRM_CREDIT, {.credit = 64}}, (struct nrm_to_broker){NRM_CREDIT, {.credit = 0}}, \
		(struct nrm_to_broker){NRM_ASK, {.ask = {.kind = NRM_ASK_DIRECTORY}}},                                 \
		(struct nrm_to_broker){NRM_ASK, {.ask = {.kind = NRM_ASK_PROOFS}}},                                    \
		(struct nrm_to_broker){NRM_COSIGNATURE, {.cosignature = nrm_slice_str("note")}}
#define TO_AGENT                                                                                                       \
	welcome(), (struct nrm_to_agent){NRM_WELCOME, {.welcome = {.version = 1}}}, receipt(2), deliver(2), proofs(),  \
		statuses(), (struct nrm_to_agent){NRM_ANSWER_STATUS, {.status = {NULL, 0}}},                           \
		(struct nrm_to_agent){NRM_ANSWER_DIRECTORY,                                                            \
				      {.directory = {nrm_slice_str("directory"), a_signature}}},                       \
		refused_item(), (struct nrm_to_agent){NRM_REFUSED, {.refused = {.code = NRM_REFUSAL_BUSY}}}

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

/* Frames encoded by another implementation of Protocol Buffers. */
static void test_golden(void **state)
{
	struct nrm_to_broker up;
	struct nrm_to_agent down;

	(void)state;
	assert_int_equal(nrm_to_broker_decode(messages_unhex("0a11080110021803220a636865636b706f696e742840"),
					      &messages_arena, &up),
			 NRM_ERR_FORMAT); /* a length that is one short */
	assert_int_equal(nrm_to_broker_decode(messages_unhex("0a14080110021803220a636865636b706f696e742840"),
					      &messages_arena, &up),
			 NRM_OK);
	assert_int_equal(up.kind, NRM_HELLO);
	assert_int_equal(up.is.hello.min_version, 1);
	assert_int_equal(up.is.hello.max_version, 2);
	assert_int_equal(up.is.hello.directory_version, 3);
	assert_true(nrm_slice_equal(up.is.hello.checkpoint, nrm_slice_str("checkpoint")));
	assert_int_equal(up.is.hello.credit, 64);

	assert_int_equal(nrm_to_broker_decode(messages_unhex("2a0a0a0808051204000" "7ac02"), &messages_arena, &up), NRM_OK);
	assert_int_equal(up.is.ask.kind, NRM_ASK_PROOFS);
	assert_int_equal(up.is.ask.from_size, 5);
	assert_int_equal(up.is.ask.n_indexes, 3);
	assert_int_equal(up.is.ask.index[2], 300);

	assert_int_equal(nrm_to_agent_decode(messages_unhex("321d08121203776879"
							    "1a10019c1b6d7400700080000000000000032004"
							    "2805"),
					     &messages_arena, &down),
			 NRM_OK);
	assert_int_equal(down.kind, NRM_REFUSED);
	assert_int_equal(down.is.refused.code, NRM_REFUSAL_ID_REUSED);
	assert_true(nrm_slice_equal(down.is.refused.text, nrm_slice_str("why")));
	assert_int_equal(down.is.refused.item, 4);
	assert_int_equal(down.is.refused.index, 5);
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
	assert_int_equal(nrm_envelope_verify(&got.is.deliver.item[0].envelope, sender_public, &messages_arena, &v), NRM_OK);
	assert_true(nrm_verified_fields(v) == nrm_bit(2));
}

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
	struct nrm_envelope *e = nrm_arena_alloc(&messages_arena, (NRM_MAX_FRAME_ITEMS + 1) * sizeof(*e));
	struct nrm_message_ref *ref = nrm_arena_alloc(&messages_arena, (NRM_MAX_FRAME_ITEMS + 1) * sizeof(*ref));

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
	ask = ask_proofs(), ask.is.ask.index = index, ask.is.ask.n_indexes = NRM_MAX_FRAME_ITEMS + 1;
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
		{"3a00", NRM_ERR_UNKNOWN_ELEMENT, NRM_ERR_UNKNOWN_ELEMENT},
		{"22020840", NRM_OK, NRM_ERR_FORMAT},		    /* Credit */
		{"2204083a1001", NRM_ERR_UNKNOWN_ELEMENT, NRM_ERR_FORMAT},
		{"2203084000", NRM_ERR_FORMAT, NRM_ERR_FORMAT},
		{"220308c000", NRM_ERR_CANONICAL, NRM_ERR_FORMAT},  /* a long varint */
		{"2202080022020840", NRM_ERR_CANONICAL, NRM_ERR_FORMAT}, /* twice */
		{"220208402a021a00", NRM_ERR_CANONICAL, NRM_ERR_FORMAT}, /* two members */
		{"2a021a00", NRM_OK, NRM_ERR_UNKNOWN_ELEMENT},		    /* Ask for the directory */
		{"2a00", NRM_ERR_FORMAT, NRM_ERR_FORMAT},	    /* Ask nothing, Answer nothing */
		{"12050a030a0161", NRM_ERR_FORMAT, NRM_ERR_FORMAT}, /* Submit without signature */
		{"2a020a00", NRM_OK, NRM_OK},			    /* Ask no proofs, or an empty Answer: alike */
		{"0a06080110021801", NRM_OK, NRM_OK},		    /* Hello and Welcome: alike */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct nrm_slice bytes = messages_unhex(spoilt[i].hex);
		struct nrm_to_broker up;
		struct nrm_to_agent down;
		expect(spoilt[i].hex, nrm_to_broker_decode(bytes, &messages_arena, &up), spoilt[i].broker);
		expect(spoilt[i].hex, nrm_to_agent_decode(bytes, &messages_arena, &down), spoilt[i].agent);
	}
}

/* A frame that went the wrong way is refused, whatever it is. */
static void test_wrong_direction(void **state)
{
	const struct nrm_to_broker up[] = {hello(),	 submit(2, true), submit(2, false),
					   acknowledge(), ask_status(),	  {NRM_CREDIT, {.credit = 64}},
					   {NRM_COSIGNATURE, {.cosignature = nrm_slice_str("note")}}};
	const struct nrm_to_agent down[] = {welcome(),	receipt(2),  deliver(2), proofs(),
					    statuses(), refused_item()};

	(void)state;
	for (size_t i = 0; i < sizeof(up) / sizeof(*up); i++) {
		struct nrm_to_agent got;
		assert_int_not_equal(nrm_to_agent_decode(to_broker(&up[i]), &messages_arena, &got), NRM_OK);
	}
	for (size_t i = 0; i < sizeof(down) / sizeof(*down); i++) {
		struct nrm_to_broker got;
		assert_int_not_equal(nrm_to_broker_decode(to_agent(&down[i]), &messages_arena, &got), NRM_OK);
	}
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
		field[i] = (struct nrm_sealed_field){(enum nrm_field)(i + 1), nrm_slice(bytes, 16),
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
	expect("an envelope over 256 KiB down", at_agent(down), NRM_ERR_LIMIT);
	e[1].field = d[1].envelope.field = field, e[1].n_fields = d[1].envelope.n_fields = 2;
	assert_int_equal(nrm_to_broker_encode(&up, &buf), NRM_ERR_LIMIT);
	assert_int_equal(nrm_to_agent_encode(&down, &buf), NRM_ERR_LIMIT);
	assert_int_equal(buf.len, 0);
	up.kind = 0, down.kind = 0;
	assert_int_equal(nrm_to_broker_encode(&up, &buf), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_to_agent_encode(&down, &buf), NRM_ERR_ARGUMENT);
	nrm_buf_done(&buf);
	assert_int_equal(nrm_to_broker_decode(nrm_slice(bytes, sizeof(bytes)), &messages_arena, &got), NRM_ERR_LIMIT);
	assert_int_equal(nrm_to_agent_decode(nrm_slice(bytes, sizeof(bytes)), &messages_arena, &got_down), NRM_ERR_LIMIT);
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
		nrm_submit_verify(f.is.submit.envelope, f.is.submit.n, f.is.submit.signature, sender_public, &arena, v,
				  err);
		for (size_t i = 0; i < f.is.submit.n; i++)
			good = good && err[i] == NRM_OK;
	} else if (f.kind == NRM_ACKNOWLEDGE) {
		assert_true(f.is.acknowledge.ack.n <= 4);
		good = nrm_acks_verify(f.is.acknowledge.ack, f.is.acknowledge.signature, sender_public, &arena, proof) ==
		       NRM_OK;
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

static void test_ack(void **state)
{
	/* By another implementation: two fields, "cannot open". */
	struct nrm_slice bytes = messages_unhex("0a20"
			       "6868686868686868686868686868686868686868686868686868686868686868"
			       "120201381a20"
			       "6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b"
			       "2080c8e2e1c1332802");
	struct nrm_ack_body ack = {0};
	struct nrm_buf buf = {0};

	(void)state;
	assert_int_equal(nrm_ack_decode(bytes, &messages_arena, &ack), NRM_OK);
	assert_int_equal(ack.statement_digest.data[31], 'h');
	assert_int_equal(ack.leaf_hash.data[31], 'k');
	assert_true(ack.forwarded == (nrm_bit(1) | nrm_bit(56)));
	assert_int_equal(ack.time_ms, 1770000000000);
	assert_int_equal(ack.status, NRM_ACK_CANNOT_OPEN);
	assert_int_equal(nrm_ack_encode(&ack, &buf), NRM_OK);
	assert_slices(nrm_buf_slice(&buf), bytes);
	nrm_buf_done(&buf);
}

static enum nrm_err ack_judged(struct nrm_ack_body ack)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_ack_encode(&ack, &buf), NRM_OK);
	return nrm_ack_decode(messages_keep(&buf), &messages_arena, &ack);
}

static void test_ack_refused(void **state)
{
	struct nrm_ack_body good = {a_hash, 0, a_hash, 1, NRM_ACK_OK}, a = good;
	struct nrm_slice bytes = an_ack(NRM_ACK_OK);
	uint8_t *list = memmem((void *)bytes.data, bytes.len, "\x12\x02\x06\x38", 4);

	(void)state;
	expect("no field", ack_judged(good), NRM_OK);
	a.statement_digest.len = 31;
	expect("short digest", ack_judged(a), NRM_ERR_FORMAT);
	a = good, a.leaf_hash.len = 0;
	expect("no leaf hash", ack_judged(a), NRM_ERR_FORMAT);
	a = good, a.status = NRM_ACK_ABSENT;
	expect("no status", ack_judged(a), NRM_ERR_UNKNOWN_CODE);
	a.status = NRM_ACK_END_;
	expect("unknown status", ack_judged(a), NRM_ERR_UNKNOWN_CODE);
	a = good, a.forwarded = nrm_bit(NRM_FIELD_END_);
	expect("unknown field", ack_judged(a), NRM_ERR_UNKNOWN_CODE);
	expect("nothing", nrm_ack_decode(nrm_slice(NULL, 0), &messages_arena, &a), NRM_ERR_FORMAT);
	assert_non_null(list);
	list[2] = 0x38, list[3] = 0x06;
	expect("fields not ascending", nrm_ack_decode(bytes, &messages_arena, &a), NRM_ERR_CANONICAL);
	list[3] = 0x38;
	expect("field twice", nrm_ack_decode(bytes, &messages_arena, &a), NRM_ERR_DUPLICATE);
}

static size_t ack_items(const json_t *v, struct nrm_slice *item)
{
	const json_t *list = vector_get(v, "acks");
	size_t n = json_array_size(list);

	assert_true(n <= 256);
	for (size_t i = 0; i < n; i++)
		item[i] = vector_item(list, i);
	return n;
}

/* The golden acks: each gets a proof that holds alone, under its own domain only. */
static void test_ack_vectors(void **state)
{
	struct nrm_slice item[256];
	struct nrm_proof proof[256];
	struct nrm_verifying_key *key;
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("acks.accepted"), i, v) {
		size_t n = ack_items(v, item);
		assert_int_equal(nrm_verifying_key_new(vector_fixed(v, "signing_public", 32), &key), NRM_OK);
		assert_int_equal(nrm_acks_verify((struct nrm_slices){item, n}, vector_bytes(v, "signature"), key,
						 &messages_arena, proof),
				 NRM_OK);
		for (size_t j = 0; j < n; j++) {
			struct nrm_hash leaf = nrm_leaf_hash(item[j]);
			assert_int_equal(nrm_proof_verify(&proof[j], NRM_DOMAIN_ACKS, leaf.bytes, key), NRM_OK);
			assert_int_equal(nrm_proof_verify(&proof[j], NRM_DOMAIN_STATEMENTS, leaf.bytes, key),
					 NRM_ERR_SIGNATURE);
		}
		nrm_verifying_key_free(key);
	}
}

static void test_ack_vectors_refused(void **state)
{
	struct nrm_slice item[256];
	struct nrm_proof proof[256];
	struct nrm_verifying_key *key;
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("acks.refused"), i, v) {
		struct nrm_slices acks = {item, ack_items(v, item)};
		assert_int_equal(nrm_verifying_key_new(vector_fixed(v, "signing_public", 32), &key), NRM_OK);
		if (nrm_acks_verify(acks, vector_bytes(v, "signature"), key, &messages_arena, proof) == NRM_OK)
			fail_msg("accepted: %s", vector_text(v, "what"));
		nrm_verifying_key_free(key);
	}
}

static void test_refusal_codes(void **state)
{
	(void)state;
	assert_int_equal(nrm_refusal_of(NRM_OK), NRM_REFUSAL_ABSENT);
	assert_int_equal(nrm_refusal_of(NRM_ERR_SIGNATURE), NRM_REFUSAL_BAD_SIGNATURE);
	assert_int_equal(nrm_refusal_of(NRM_ERR_PROOF), NRM_REFUSAL_BAD_PATH);
	assert_int_equal(nrm_refusal_of(NRM_ERR_VERSION), NRM_REFUSAL_VERSION_TOO_NEW);
	assert_int_equal(nrm_refusal_of(NRM_ERR_END_), NRM_REFUSAL_MALFORMED);
	for (enum nrm_err err = NRM_OK + 1; err < NRM_ERR_END_; err++)
		assert_int_not_equal(nrm_refusal_of(err), NRM_REFUSAL_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_deliver_keeps),
		cmocka_unit_test(test_submit_forms),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_to_broker_refused),
		cmocka_unit_test(test_to_agent_refused),
		cmocka_unit_test(test_bytes_refused),
		cmocka_unit_test(test_wrong_direction),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_ack_refused),
		cmocka_unit_test(test_ack_vectors),
		cmocka_unit_test(test_ack_vectors_refused),
		cmocka_unit_test(test_refusal_codes),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
