/*
 * Statements that have not exactly one meaning, or a member of bad form: each is refused with its error.
 */
#include "tests/unit/messages.h"

#define M	   "019ab3c4d5e670008001020304050607" /* a message id, in hexadecimal */
#define CONSENT_ID "636f6e73656e742d636f6e73656e742d" /* "consent-consent-" */

static enum nrm_err decode(struct nrm_slice bytes, struct nrm_statement *ret_statement)
{
	return nrm_statement_decode(bytes, &messages_arena, ret_statement);
}

/* A body of one type under another. */
static void test_body_of_other_type(void **state)
{
	(void)state;
	for (uint8_t type = 0; type < NRM_MESSAGE_TYPE_END_; type++) {
		struct nrm_slice bytes =
			messages_around(NRM_MESSAGE_TYPE_WITHDRAWAL, nrm_slice(NULL, 0));
		uint8_t *at = memmem((void *)bytes.data, bytes.len, "\x30\x05\x38", 3);
		struct nrm_statement s;
		assert_non_null(at);
		at[1] = type;
		/* A zero is left out in the canonical form, so it is refused as bytes before it is as a type. */
		assert_int_equal(decode(bytes, &s), type == NRM_MESSAGE_TYPE_WITHDRAWAL ? NRM_OK
						    : type == 0 ? NRM_ERR_CANONICAL
								: NRM_ERR_BODY);
	}
}

/* No type, and no body. */
static void test_no_type(void **state)
{
	struct nrm_slice bytes = messages_around(NRM_MESSAGE_TYPE_WITHDRAWAL, nrm_slice(NULL, 0));
	uint8_t *type = memmem((void *)bytes.data, bytes.len, "\x30\x05\x38", 3);
	struct nrm_statement s;

	(void)state;
	assert_int_equal(decode(nrm_slice(bytes.data, bytes.len - 3), &s), NRM_ERR_BODY);
	assert_non_null(type);
	memmove(type, type + 2, (size_t)(bytes.data + bytes.len - type - 2));
	assert_int_equal(decode(nrm_slice(bytes.data, bytes.len - 2), &s), NRM_ERR_BODY);
}

static const struct {
	const char *what;
	enum nrm_message_type type;
	const char *hex;
	enum nrm_err err;
} bad_bodies[] = {
	{"unknown element", NRM_MESSAGE_TYPE_WITHDRAWAL, "980601", NRM_ERR_UNKNOWN_ELEMENT},
	{"unknown element two levels down", NRM_MESSAGE_TYPE_CASE_CARD, "0a071a0508011a0178",
	 NRM_ERR_UNKNOWN_ELEMENT},
	{"empty member that is left out", NRM_MESSAGE_TYPE_WITHDRAWAL, "0a00", NRM_ERR_CANONICAL},
	{"explicit zero", NRM_MESSAGE_TYPE_NOTIFICATION, "1000", NRM_ERR_CANONICAL},
	{"long varint", NRM_MESSAGE_TYPE_NOTIFICATION, "108100", NRM_ERR_CANONICAL},
	{"varint beyond 32 bits", NRM_MESSAGE_TYPE_NOTIFICATION, "108180808010", NRM_ERR_CANONICAL},
	{"scalar twice", NRM_MESSAGE_TYPE_NOTIFICATION, "10011001", NRM_ERR_CANONICAL},
	{"elements out of order", NRM_MESSAGE_TYPE_NOTIFICATION, "10010a025448", NRM_ERR_CANONICAL},
	{"true that is not one", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "2002",
	 NRM_ERR_CANONICAL},
	{"list that is not packed", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "180f",
	 NRM_ERR_CANONICAL},
	{"list in two parts", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a010f1a0114",
	 NRM_ERR_CANONICAL},
	{"empty list", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a00", NRM_ERR_CANONICAL},
	{"zero byte in a string", NRM_MESSAGE_TYPE_NOTIFICATION, "0a0354004810", NRM_ERR_FORMAT},
	{"string with a zero byte", NRM_MESSAGE_TYPE_NOTIFICATION, "0a03540048", NRM_ERR_CANONICAL},
	{"two facts in one", NRM_MESSAGE_TYPE_CASE_CARD, "0a0408021001", NRM_ERR_CANONICAL},
	{"fact that says nothing", NRM_MESSAGE_TYPE_CASE_CARD, "0a00", NRM_ERR_FORMAT},
	{"wrong wire type", NRM_MESSAGE_TYPE_NOTIFICATION, "12021010", NRM_ERR_FORMAT},

	{"unknown code", NRM_MESSAGE_TYPE_REFERRAL, "0804", NRM_ERR_UNKNOWN_CODE},
	{"negative code", NRM_MESSAGE_TYPE_REFERRAL, "08ffffffffffffffffff01",
	 NRM_ERR_UNKNOWN_CODE},
	{"unknown code in a list", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a020f3e",
	 NRM_ERR_UNKNOWN_CODE},
	{"zero in a list", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a020f00",
	 NRM_ERR_UNKNOWN_CODE},
	{"unknown code in a list in a fact", NRM_MESSAGE_TYPE_CASE_CARD, "0a0542030a0106",
	 NRM_ERR_UNKNOWN_CODE},
	{"age class zero", NRM_MESSAGE_TYPE_CASE_CARD, "0a020800", NRM_ERR_UNKNOWN_CODE},
	{"guardian of no kind", NRM_MESSAGE_TYPE_CASE_CARD, "0a021a00", NRM_ERR_UNKNOWN_CODE},
	{"assessment of no kind", NRM_MESSAGE_TYPE_CASE_CARD, "0a0462021009", NRM_ERR_UNKNOWN_CODE},
	{"outcome in no domain", NRM_MESSAGE_TYPE_UPDATE, "0a10" M "1a021001",
	 NRM_ERR_UNKNOWN_CODE},
	{"outcome without progress", NRM_MESSAGE_TYPE_UPDATE, "0a10" M "1a020801",
	 NRM_ERR_UNKNOWN_CODE},

	{"code twice", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a020f0f",
	 NRM_ERR_DUPLICATE},
	{"recipient twice", NRM_MESSAGE_TYPE_CONSENT_GRANT,
	 "0a10" CONSENT_ID "2a0454482e612a0454482e61", NRM_ERR_DUPLICATE},
	{"country twice", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "5a024b485a024b48",
	 NRM_ERR_DUPLICATE},
	{"fact twice", NRM_MESSAGE_TYPE_CASE_CARD, "0a0208020a020801", NRM_ERR_DUPLICATE},
	{"excluded twice", NRM_MESSAGE_TYPE_CASE_CARD, "0a062a0454482e780a062a0454482e78",
	 NRM_ERR_DUPLICATE},
	{"assessment twice", NRM_MESSAGE_TYPE_CASE_CARD,
	 "0a06620408041009"
	 "0a0462020804",
	 NRM_ERR_DUPLICATE},
	{"domain twice", NRM_MESSAGE_TYPE_UPDATE, "0a10" M "1a04080510011a0408051002",
	 NRM_ERR_DUPLICATE},
	{"message twice", NRM_MESSAGE_TYPE_ERASURE_ORDER, "1210" M "1210" M, NRM_ERR_DUPLICATE},

	{"linked case of 15 bytes", NRM_MESSAGE_TYPE_REFERRAL, "2a0f666564636261393837363534333231",
	 NRM_ERR_ID},
	{"statement on file of version 4", NRM_MESSAGE_TYPE_REFERRAL,
	 "2210019ab3c4d5e640008001020304050607", NRM_ERR_ID},
	{"no in_reply_to", NRM_MESSAGE_TYPE_RESPONSE, "1001", NRM_ERR_ID},
	{"appeal to nobody", NRM_MESSAGE_TYPE_RESPONSE, "0a10" M "220454483a61", NRM_ERR_ID},
	{"no about", NRM_MESSAGE_TYPE_UPDATE, "1001", NRM_ERR_ID},
	{"no consent id", NRM_MESSAGE_TYPE_CONSENT_GRANT, "1001", NRM_ERR_ID},
	{"recipient of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "2a0474682e61",
	 NRM_ERR_ID},
	{"interpreter of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "92010169",
	 NRM_ERR_ID},
	{"guardian of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "aa010169",
	 NRM_ERR_ID},
	{"country of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "5a024b68",
	 NRM_ERR_FORMAT},
	{"language of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT,
	 "0a10" CONSENT_ID "9a01016b9a01016b", NRM_ERR_CANONICAL},
	{"language with a space", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "9a01036b6d20",
	 NRM_ERR_FORMAT},
	{"withdrawn id of 1 byte", NRM_MESSAGE_TYPE_WITHDRAWAL, "0a0101", NRM_ERR_ID},
	{"guardian without id", NRM_MESSAGE_TYPE_CASE_CARD, "0a041a020803", NRM_ERR_ID},
	{"parents with an id", NRM_MESSAGE_TYPE_CASE_CARD, "0a0a1a080802120454482e67", NRM_ERR_ID},
	{"excluded nobody", NRM_MESSAGE_TYPE_CASE_CARD, "0a022a00", NRM_ERR_ID},
	{"complaint about nobody", NRM_MESSAGE_TYPE_COMPLAINT, "1210" M, NRM_ERR_ID},
	{"region of bad form", NRM_MESSAGE_TYPE_NOTIFICATION, "0a0174", NRM_ERR_FORMAT},
	{"erasing a bad id", NRM_MESSAGE_TYPE_ERASURE_ORDER, "120101", NRM_ERR_ID},
	{"confirming no order", NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION, "1805", NRM_ERR_ID},
	{"legal ground in small letters", NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION, "0a10" M "120161",
	 NRM_ERR_FORMAT},
	{"notice about a bad id", NRM_MESSAGE_TYPE_NOTICE, "120101", NRM_ERR_ID},
};

static void test_bad_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_bodies) / sizeof(*bad_bodies); i++) {
		struct nrm_statement s;
		enum nrm_err err = decode(
			messages_around(bad_bodies[i].type, messages_unhex(bad_bodies[i].hex)), &s);
		if (err != bad_bodies[i].err)
			fail_msg("%s: %s", bad_bodies[i].what, nrm_err_text(err));
	}
}

/* `n` copies of an element after `before`, the last bytes of each counted up so that they differ. */
static enum nrm_err many(enum nrm_message_type type, const char *before, const char *element,
			 size_t n)
{
	struct nrm_slice head = messages_unhex(before), item = messages_unhex(element);
	struct nrm_buf body = {0};
	struct nrm_statement s;

	nrm_buf_put(&body, head.data, head.len);
	for (size_t i = 0; i < n; i++) {
		nrm_buf_put(&body, item.data, item.len);
		body.data[body.len - 1] = (uint8_t)('a' + i % 20);
		body.data[body.len - 2] = (uint8_t)('a' + i / 20);
	}
	return decode(messages_around(type, messages_keep(&body)), &s);
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(many(NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID, "2a0654482e787878",
			      NRM_MAX_CONSENT_RECIPIENTS),
			 NRM_OK);
	assert_int_equal(many(NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID, "2a0654482e787878",
			      NRM_MAX_CONSENT_RECIPIENTS + 1),
			 NRM_ERR_LIMIT);
	assert_int_equal(
		many(NRM_MESSAGE_TYPE_CASE_CARD, "", "0a072a0554482e7878", NRM_MAX_CARD_FACTS),
		NRM_OK);
	assert_int_equal(
		many(NRM_MESSAGE_TYPE_CASE_CARD, "", "0a072a0554482e7878", NRM_MAX_CARD_FACTS + 1),
		NRM_ERR_LIMIT);
	assert_int_equal(many(NRM_MESSAGE_TYPE_ERASURE_ORDER, "", "1210" M, NRM_MAX_ERASURES),
			 NRM_OK);
	assert_int_equal(many(NRM_MESSAGE_TYPE_ERASURE_ORDER, "", "1210" M, NRM_MAX_ERASURES + 1),
			 NRM_ERR_LIMIT);
	/* 16 KiB: no message is longer, in or out. */
	assert_int_equal(many(NRM_MESSAGE_TYPE_ERASURE_ORDER, "", "1210" M, 900), NRM_ERR_LIMIT);
}

/* The header: one member spoiled at a time, through the encoder, which does not check. */
static enum nrm_err judged(struct nrm_statement s)
{
	struct nrm_statement ignored;

	return decode(messages_encoded(&s), &ignored);
}

static void test_header(void **state)
{
	const struct nrm_statement good = messages_statement(1);
	struct nrm_statement s = good;

	(void)state;
	assert_int_equal(judged(good), NRM_OK);
	s.version = NRM_PROTOCOL_VERSION + 1;
	assert_int_equal(judged(s), NRM_ERR_VERSION);
	s.version = 0;
	assert_int_equal(judged(s), NRM_ERR_FORMAT);
	s = good, s.message_id.len = 0;
	assert_int_equal(judged(s), NRM_ERR_ID);
	s = good, s.message_id = s.case_id; /* no UUIDv7 */
	assert_int_equal(judged(s), NRM_ERR_ID);
	s = good, s.case_id.len = 15;
	assert_int_equal(judged(s), NRM_ERR_ID);
	s = good, s.sender = nrm_slice_str("TH.Police");
	assert_int_equal(judged(s), NRM_ERR_ID);
	s = good, s.sender.len = 0;
	assert_int_equal(judged(s), NRM_ERR_ID);
	s = good, s.recipient = nrm_slice_str("shelter");
	assert_int_equal(judged(s), NRM_ERR_ID);
	s = good, s.replaces = s.message_id;
	assert_int_equal(judged(s), NRM_OK);
	s.replaces.len = 8;
	assert_int_equal(judged(s), NRM_ERR_ID);
	s = good, s.service = NRM_SERVICE_END_;
	assert_int_equal(judged(s), NRM_ERR_UNKNOWN_CODE);
	s = good, s.service = NRM_SERVICE_ABSENT, s.purpose = NRM_PURPOSE_ABSENT,
	s.phase = NRM_PHASE_ABSENT, s.basis = NRM_BASIS_ABSENT;
	assert_int_equal(judged(s), NRM_OK); /* the core judges these */
	s = good, s.emergency = NRM_EMERGENCY_LIFE_THREAT;
	assert_int_equal(judged(s), NRM_ERR_FORMAT);
	s.basis = NRM_BASIS_EMERGENCY;
	assert_int_equal(judged(s), NRM_OK);
}

static void test_times(void **state)
{
	struct nrm_statement s = messages_statement(1);

	(void)state;
	s.expires_at_ms = s.issued_at_ms;
	assert_int_equal(judged(s), NRM_OK);
	s.expires_at_ms = s.issued_at_ms - 1;
	assert_int_equal(judged(s), NRM_ERR_TIME);
	s.expires_at_ms = s.issued_at_ms + NRM_MAX_LIFETIME_MS;
	assert_int_equal(judged(s), NRM_OK);
	s.expires_at_ms++;
	assert_int_equal(judged(s), NRM_ERR_TIME);
	s.issued_at_ms = UINT64_MAX;
	s.expires_at_ms = 1;
	assert_int_equal(judged(s), NRM_ERR_TIME);
}

static void test_sealing_members(void **state)
{
	static uint8_t hash[NRM_MAX_FIELDS + 1][NRM_HASH_LEN];
	struct nrm_slice list[NRM_MAX_FIELDS + 1];
	struct nrm_statement good = messages_statement(1), s;

	(void)state;
	for (size_t i = 0; i <= NRM_MAX_FIELDS; i++) {
		hash[i][0] = (uint8_t)i;
		list[i] = nrm_slice(hash[i], NRM_HASH_LEN);
	}
	good.recipient_key = nrm_slice(hash, 8);
	good.key_check = nrm_slice(hash, 32);
	good.encapsulated_key = nrm_slice(hash, 32);
	good.commitment = (struct nrm_slices){list, 2};
	assert_int_equal(judged(good), NRM_OK);
	s = good, s.commitment.n = NRM_MAX_FIELDS;
	assert_int_equal(judged(s), NRM_OK);
	s.commitment.n++;
	assert_int_equal(judged(s), NRM_ERR_LIMIT);
	s = good, s.commitment.n = 0;
	assert_int_equal(judged(s), NRM_ERR_FORMAT);
	s = good, s.recipient_key.len = 0;
	assert_int_equal(judged(s), NRM_ERR_FORMAT);
	s = good, s.key_check.len = 31;
	assert_int_equal(judged(s), NRM_ERR_FORMAT);
	s = good, s.encapsulated_key.len = 0;
	assert_int_equal(judged(s), NRM_ERR_FORMAT);
	list[1].len = 31;
	assert_int_equal(judged(good), NRM_ERR_FORMAT);
	list[1] = list[0];
	assert_int_equal(judged(good), NRM_ERR_DUPLICATE);
	list[0] = nrm_slice(hash[2], NRM_HASH_LEN);
	assert_int_equal(judged(good), NRM_ERR_CANONICAL);
}

/* Bytes before and after a good statement of notification. */
static void test_bytes_around(void **state)
{
	struct nrm_slice good = messages_around(NRM_MESSAGE_TYPE_NOTIFICATION, nrm_slice(NULL, 0));
	static const struct {
		const char *before, *after;
		size_t skipped;
		enum nrm_err err;
	} spoilt[] = {
		{"", "", 0, NRM_OK},
		{"08", "", 1, NRM_OK},
		{"", "980601", 0, NRM_ERR_UNKNOWN_ELEMENT},
		{"0801", "", 0, NRM_ERR_CANONICAL},   /* the version twice */
		{"088100", "", 2, NRM_ERR_CANONICAL}, /* a long varint */
		{"", "0801", 2, NRM_ERR_CANONICAL},   /* the version last */
		{"", "c20100", 0, NRM_ERR_CANONICAL}, /* two bodies */
		{"", "6200", 0, NRM_ERR_CANONICAL},   /* the ground twice */
		{"0802", "980601", 2,
		 NRM_ERR_VERSION}, /* what a newer version adds is not judged */
		{"08", "", 0, NRM_ERR_FORMAT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct nrm_slice before = messages_unhex(spoilt[i].before),
				 after = messages_unhex(spoilt[i].after);
		struct nrm_buf buf = {0};
		struct nrm_statement s;
		nrm_buf_put(&buf, before.data, before.len);
		nrm_buf_put(&buf, good.data + spoilt[i].skipped, good.len - spoilt[i].skipped);
		nrm_buf_put(&buf, after.data, after.len);
		assert_int_equal(decode(messages_keep(&buf), &s), spoilt[i].err);
	}
}

/* A ground that says nothing is left out: there is one way to write that none is stated. */
static void test_empty_ground(void **state)
{
	struct nrm_statement s = messages_statement(1);
	struct nrm_buf buf = {0};

	(void)state;
	s.type = NRM_MESSAGE_TYPE_WITHDRAWAL;
	s.body.withdrawal = nrm_slice(NULL, 0);
	s.basis = NRM_BASIS_ABSENT;
	assert_int_equal(nrm_statement_encode(&s, &buf), NRM_OK);
	buf.len -= 3;
	nrm_buf_put(&buf, "\x62\x00\xc2\x01\x00", 5);
	assert_int_equal(decode(messages_keep(&buf), &s), NRM_ERR_CANONICAL);
}

/* Many empty elements cost no more memory than the ceiling. */
static void test_ceiling(void **state)
{
	static uint8_t outcomes[NRM_MAX_STATEMENT - 200];
	struct nrm_arena arena;
	struct nrm_statement s;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(outcomes); i += 2)
		outcomes[i] = 0x1a;
	struct nrm_slice bytes =
		messages_around(NRM_MESSAGE_TYPE_UPDATE, nrm_slice(outcomes, sizeof(outcomes)));
	nrm_arena_init(&arena, 64 * 1024);
	assert_int_equal(nrm_statement_decode(bytes, &arena, &s), NRM_ERR_LIMIT);
	assert_true(arena.used <= 64 * 1024);
	nrm_arena_done(&arena);
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_statement_decode(bytes, &arena, &s), NRM_ERR_UNKNOWN_CODE);
	nrm_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body_of_other_type),
		cmocka_unit_test(test_no_type),
		cmocka_unit_test(test_bad_bodies),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_sealing_members),
		cmocka_unit_test(test_bytes_around),
		cmocka_unit_test(test_empty_ground),
		cmocka_unit_test(test_ceiling),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
