/*
 * Statements: bytes made by another implementation of Protocol Buffers read as they should and come back the same; whatever
 * has not exactly one meaning is refused with its error.
 */
#include "tests/unit/messages.h"

#define M "019ab3c4d5e670008001020304050607" /* message ids */
#define N "019ab3c4d5e670018001020304050608"
#define CONSENT_ID "636f6e73656e742d636f6e73656e742d" /* "consent-consent-" */

/* A statement with every member, and a notice. */
/* clang-format off */
#define WHOLE \
	"08011210" M "1a1030313233343536373839616263646566220b54482e706f6c6963652d312a0c54482e7368656c7" \
	"465722d31300b380f400248025080c8e2e1c13358c09787e2c1336204080210046a08727272727272727272206b6b6" \
	"b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b7a206565656565656565656565656565656" \
	"5656565656565656565656565656565658201206868686868686868686868686868686868686868686868686868686" \
	"8686868688201206b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b8a0110" N \
	"f2011808021210" N "184d2008"
/* clang-format on */

static bool is(struct nrm_slice slice, const char *text)
{
	return nrm_slice_equal(slice, nrm_slice_str(text));
}

static bool is_hex(struct nrm_slice slice, const char *hex)
{
	return nrm_slice_equal(slice, messages_unhex(hex));
}

static enum nrm_err decode(struct nrm_slice bytes, struct nrm_statement *ret_statement)
{
	return nrm_statement_decode(bytes, &messages_arena, ret_statement);
}

static void test_whole(void **state)
{
	struct nrm_slice bytes = messages_unhex(WHOLE);
	struct nrm_statement s;

	(void)state;
	assert_int_equal(decode(bytes, &s), NRM_OK);
	assert_int_equal(s.version, 1);
	assert_true(is_hex(s.message_id, M) && is(s.case_id, "0123456789abcdef"));
	assert_true(is(s.sender, "TH.police-1") && is(s.recipient, "TH.shelter-1"));
	assert_int_equal(s.type, NRM_MESSAGE_TYPE_NOTICE);
	assert_int_equal(s.service, NRM_SERVICE_COUNSELLING);
	assert_int_equal(s.purpose, NRM_PURPOSE_PROTECTION);
	assert_int_equal(s.phase, NRM_PHASE_RECOVERY);
	assert_int_equal(s.issued_at_ms, 1770000000000);
	assert_int_equal(s.expires_at_ms, 1770000600000);
	assert_int_equal(s.basis, NRM_BASIS_EMERGENCY);
	assert_int_equal(s.emergency, NRM_EMERGENCY_SUICIDE_RISK);
	assert_true(is(s.recipient_key, "rrrrrrrr") && is(s.key_check, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"));
	assert_true(is(s.encapsulated_key, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"));
	assert_int_equal(s.commitment.n, 2);
	assert_true(is(s.commitment.item[1], "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"));
	assert_true(is_hex(s.replaces, N) && is_hex(s.body.notice.about, N));
	assert_int_equal(s.body.notice.kind, NRM_NOTICE_KIND_REMOVAL);
	assert_int_equal(s.body.notice.until_ms, 77);
	assert_int_equal(s.body.notice.reason, NRM_REASON_DETENTION);
	assert_slices(messages_encoded(&s), bytes);
}

/* A statement of this type around the bytes of a body: the empty body it is made with stands last. */
static struct nrm_slice around(enum nrm_message_type type, struct nrm_slice body)
{
	struct nrm_statement s = messages_statement(1);
	struct nrm_buf buf = {0};

	s.type = type;
	memset(&s.body, 0, sizeof(s.body));
	assert_int_equal(nrm_statement_encode(&s, &buf), NRM_OK);
	assert_int_equal(buf.data[--buf.len], 0);
	assert_true(body.len < 128 * 128);
	if (body.len > 127)
		nrm_buf_put_u8(&buf, (uint8_t)(body.len | 0x80));
	nrm_buf_put_u8(&buf, (uint8_t)(body.len > 127 ? body.len >> 7 : body.len));
	nrm_buf_put(&buf, body.data, body.len);
	return messages_keep(&buf);
}

static bool referral(const struct nrm_statement *s)
{
	const struct nrm_referral *r = &s->body.referral;

	return r->urgency == NRM_URGENCY_URGENT && is(r->region, "TH-10") &&
	       r->contact_by == NRM_CHANNEL_SHELTER && is_hex(r->statement_on_file, M) &&
	       is(r->linked_case, "fedcba9876543210");
}

static bool response(const struct nrm_statement *s)
{
	const struct nrm_response *r = &s->body.response;

	return is_hex(r->in_reply_to, M) && r->answer == NRM_ANSWER_DECLINE &&
	       r->decline == NRM_DECLINE_NO_CAPACITY && is(r->appeal_to, "TH.court-1") &&
	       r->ask_again_at_ms == 99;
}

static bool update(const struct nrm_statement *s)
{
	const struct nrm_update *u = &s->body.update;

	return is_hex(u->about, M) && u->step == NRM_STEP_COMPLETE && u->n_outcomes == 2 &&
	       u->outcome[0].domain == NRM_DOMAIN_SAFETY &&
	       u->outcome[0].progress == NRM_PROGRESS_WORSENED && u->outcome[0].date_ms == 7 &&
	       u->outcome[1].domain == NRM_DOMAIN_FAMILY &&
	       u->outcome[1].progress == NRM_PROGRESS_IMPROVED && u->outcome[1].date_ms == 0 &&
	       u->contact_by == NRM_CHANNEL_POST;
}

static bool consent_grant(const struct nrm_statement *s)
{
	const struct nrm_consent_grant *g = &s->body.consent_grant;

	return is_hex(g->consent_id, CONSENT_ID) && g->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN &&
	       g->service.n == 2 && g->service.code[0] == NRM_SERVICE_COUNSELLING &&
	       g->service.code[1] == NRM_SERVICE_RECREATION && g->any_service && g->recipient.n == 2 &&
	       is(g->recipient.item[0], "TH.a") && is(g->recipient.item[1], "KH.b") &&
	       g->recipient_role.n == 1 && g->recipient_role.code[0] == NRM_ROLE_HEALTH &&
	       g->any_recipient && g->field.n == 2 && g->field.code[0] == NRM_FIELD_WISHES &&
	       g->field.code[1] == NRM_FIELD_AGE_YEARS && g->category.n == 1 &&
	       g->category.code[0] == NRM_CATEGORY_HEALTH && g->any_field && g->country.n == 1 &&
	       is(g->country.item[0], "KH") && g->purpose == NRM_PURPOSE_RETURN && g->from_ms == 1 &&
	       g->until_ms == 2 && g->heard == NRM_HEARD_HEARD && g->understood &&
	       g->interpreter_conflict && is(g->interpreter, "TH.i") && is(g->language, "km-KH") &&
	       g->mode == NRM_MODE_REMOTE && is(g->guardian, "TH.g");
}

static bool withdrawal(const struct nrm_statement *s)
{
	return is_hex(s->body.withdrawal, CONSENT_ID);
}

static bool withdrawal_of_all(const struct nrm_statement *s)
{
	return s->body.withdrawal.len == 0;
}

static bool case_card(const struct nrm_statement *s)
{
	const struct nrm_stated_fact *f = s->body.case_card.fact;

	return s->body.case_card.n == 15 && f[0].kind == NRM_FACT_AGE_CLASS &&
	       f[0].is.age_class == NRM_AGE_CLASS_CHILD && f[1].kind == NRM_FACT_ADULT_SINCE &&
	       f[1].is.time_ms == 1 && f[2].kind == NRM_FACT_GUARDIAN &&
	       f[2].is.guardian.kind == NRM_GUARDIAN_PARTICIPANT &&
	       is(f[2].is.guardian.participant, "TH.g") && f[3].kind == NRM_FACT_COMPLICIT_PARENT &&
	       !f[3].is.yes && f[4].kind == NRM_FACT_EXCLUDED && is(f[4].is.participant, "TH.x") &&
	       is(f[5].is.participant, "TH.y") && f[6].kind == NRM_FACT_LAST_THREAT &&
	       f[6].is.time_ms == 300 && f[7].kind == NRM_FACT_REFUSED && f[7].is.codes.n == 1 &&
	       f[7].is.codes.code[0] == NRM_SERVICE_RECREATION && f[8].kind == NRM_FACT_CONTACT &&
	       f[8].is.codes.n == 2 && f[8].is.codes.code[0] == NRM_CHANNEL_VISIT &&
	       f[9].kind == NRM_FACT_ASYLUM_SEEKER && f[9].is.yes &&
	       f[10].kind == NRM_FACT_CONSULATE_WISHED && f[10].is.yes &&
	       f[11].kind == NRM_FACT_REFLECTION_UNTIL && f[11].is.time_ms == 0 &&
	       f[12].kind == NRM_FACT_ASSESSMENT && f[12].is.assessment.date_ms == 9 &&
	       f[12].is.assessment.kind == NRM_ASSESSMENT_FAMILY_RISK &&
	       f[14].kind == NRM_FACT_RECEIVING_MANAGER && is(f[14].is.participant, "KH.m");
}

static bool complaint(const struct nrm_statement *s)
{
	return is(s->body.complaint.about, "TH.p") && is_hex(s->body.complaint.regarding, M);
}

static bool notification(const struct nrm_statement *s)
{
	return is(s->body.notification.region, "TH-10") && s->body.notification.persons == 300;
}

static bool erasure_order(const struct nrm_statement *s)
{
	return is_hex(s->body.erasure_order.consent_id, CONSENT_ID) &&
	       s->body.erasure_order.message_id.n == 2 &&
	       is_hex(s->body.erasure_order.message_id.item[1], N);
}

static bool erasure_confirmation(const struct nrm_statement *s)
{
	return is_hex(s->body.erasure_confirmation.order, M) &&
	       is(s->body.erasure_confirmation.legal_ground, "PDPA.24-1") &&
	       s->body.erasure_confirmation.kept_until_ms == 5;
}

static bool notice(const struct nrm_statement *s)
{
	return s->body.notice.kind == NRM_NOTICE_KIND_REMOVAL && is_hex(s->body.notice.about, N) &&
	       s->body.notice.until_ms == 77 && s->body.notice.reason == NRM_REASON_DETENTION;
}

/* Bodies, as protoc encodes them. */
static const struct {
	enum nrm_message_type type;
	const char *hex;
	bool (*reads_as)(const struct nrm_statement *);
} bodies[] = {
	{NRM_MESSAGE_TYPE_REFERRAL, "0802120554482d313018042210" M "2a1066656463626139383736353433323130", referral},
	{NRM_MESSAGE_TYPE_RESPONSE, "0a10" M "10021801220a54482e636f7572742d312863", response},
	{NRM_MESSAGE_TYPE_UPDATE, "0a10" M "10031a060805100318071a04080a10012003", update},
	{NRM_MESSAGE_TYPE_CONSENT_GRANT,
	 "0a10" CONSENT_ID "10031a020f1420012a0454482e612a044b482e6232010b3801420238054a010850015a024b486004680170027801"
	 "80010188010192010454482e699a01056b6d2d4b48a00103aa010454482e67",
	 consent_grant},
	{NRM_MESSAGE_TYPE_WITHDRAWAL, "0a10" CONSENT_ID, withdrawal},
	{NRM_MESSAGE_TYPE_WITHDRAWAL, "", withdrawal_of_all},
	{NRM_MESSAGE_TYPE_CASE_CARD,
	 "0a0208020a0210010a0a1a080803120454482e670a0220000a062a0454482e780a062a0454482e790a0330ac020a053a030a01140a06"
	 "42040a0202010a0248010a0250010a0258000a066204080410090a04620208050a066a044b482e6d",
	 case_card},
	{NRM_MESSAGE_TYPE_COMPLAINT, "0a0454482e701210" M, complaint},
	{NRM_MESSAGE_TYPE_NOTIFICATION, "0a0554482d313010ac02", notification},
	{NRM_MESSAGE_TYPE_ERASURE_ORDER, "0a10" CONSENT_ID "1210" M "1210" N, erasure_order},
	{NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION, "0a10" M "1209504450412e32342d311805", erasure_confirmation},
	{NRM_MESSAGE_TYPE_NOTICE, "08021210" N "184d2008", notice},
};

static void test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		struct nrm_slice bytes = around(bodies[i].type, messages_unhex(bodies[i].hex));
		struct nrm_statement s;
		assert_int_equal(decode(bytes, &s), NRM_OK);
		assert_int_equal(s.type, bodies[i].type);
		if (!bodies[i].reads_as(&s))
			fail_msg("body %zu is not read as it should", i);
		assert_slices(messages_encoded(&s), bytes);
	}
}

/* A body of one type under another. */
static void test_body_of_other_type(void **state)
{
	(void)state;
	for (uint8_t type = 0; type < NRM_MESSAGE_TYPE_END_; type++) {
		struct nrm_slice bytes = around(NRM_MESSAGE_TYPE_WITHDRAWAL, nrm_slice(NULL, 0));
		uint8_t *at = memmem((void *)bytes.data, bytes.len, "\x30\x05\x38", 3);
		struct nrm_statement s;
		assert_non_null(at);
		at[1] = type;
		/* A zero is left out in the canonical form, so it is refused as bytes before it is as a type. */
		assert_int_equal(decode(bytes, &s), type == NRM_MESSAGE_TYPE_WITHDRAWAL ? NRM_OK
						    : type == 0			 ? NRM_ERR_CANONICAL
										 : NRM_ERR_BODY);
	}
}

/* No type, and no body. */
static void test_no_type(void **state)
{
	struct nrm_slice bytes = around(NRM_MESSAGE_TYPE_WITHDRAWAL, nrm_slice(NULL, 0));
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
	{"unknown element two levels down", NRM_MESSAGE_TYPE_CASE_CARD, "0a071a0508011a0178", NRM_ERR_UNKNOWN_ELEMENT},
	{"empty member that is left out", NRM_MESSAGE_TYPE_WITHDRAWAL, "0a00", NRM_ERR_CANONICAL},
	{"explicit zero", NRM_MESSAGE_TYPE_NOTIFICATION, "1000", NRM_ERR_CANONICAL},
	{"long varint", NRM_MESSAGE_TYPE_NOTIFICATION, "108100", NRM_ERR_CANONICAL},
	{"varint beyond 32 bits", NRM_MESSAGE_TYPE_NOTIFICATION, "108180808010", NRM_ERR_CANONICAL},
	{"scalar twice", NRM_MESSAGE_TYPE_NOTIFICATION, "10011001", NRM_ERR_CANONICAL},
	{"elements out of order", NRM_MESSAGE_TYPE_NOTIFICATION, "10010a025448", NRM_ERR_CANONICAL},
	{"true that is not one", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "2002", NRM_ERR_CANONICAL},
	{"list that is not packed", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "180f", NRM_ERR_CANONICAL},
	{"list in two parts", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a010f1a0114", NRM_ERR_CANONICAL},
	{"empty list", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a00", NRM_ERR_CANONICAL},
	{"zero byte in a string", NRM_MESSAGE_TYPE_NOTIFICATION, "0a0354004810", NRM_ERR_FORMAT},
	{"string with a zero byte", NRM_MESSAGE_TYPE_NOTIFICATION, "0a03540048", NRM_ERR_CANONICAL},
	{"two facts in one", NRM_MESSAGE_TYPE_CASE_CARD, "0a0408021001", NRM_ERR_CANONICAL},
	{"fact that says nothing", NRM_MESSAGE_TYPE_CASE_CARD, "0a00", NRM_ERR_FORMAT},
	{"wrong wire type", NRM_MESSAGE_TYPE_NOTIFICATION, "12021010", NRM_ERR_FORMAT},

	{"unknown code", NRM_MESSAGE_TYPE_REFERRAL, "0804", NRM_ERR_UNKNOWN_CODE},
	{"negative code", NRM_MESSAGE_TYPE_REFERRAL, "08ffffffffffffffffff01", NRM_ERR_UNKNOWN_CODE},
	{"unknown code in a list", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a020f3e", NRM_ERR_UNKNOWN_CODE},
	{"zero in a list", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a020f00", NRM_ERR_UNKNOWN_CODE},
	{"unknown code in a list in a fact", NRM_MESSAGE_TYPE_CASE_CARD, "0a0542030a0106", NRM_ERR_UNKNOWN_CODE},
	{"age class zero", NRM_MESSAGE_TYPE_CASE_CARD, "0a020800", NRM_ERR_UNKNOWN_CODE},
	{"guardian of no kind", NRM_MESSAGE_TYPE_CASE_CARD, "0a021a00", NRM_ERR_UNKNOWN_CODE},
	{"assessment of no kind", NRM_MESSAGE_TYPE_CASE_CARD, "0a0462021009", NRM_ERR_UNKNOWN_CODE},
	{"outcome in no domain", NRM_MESSAGE_TYPE_UPDATE, "0a10" M "1a021001", NRM_ERR_UNKNOWN_CODE},
	{"outcome without progress", NRM_MESSAGE_TYPE_UPDATE, "0a10" M "1a020801", NRM_ERR_UNKNOWN_CODE},

	{"code twice", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "1a020f0f", NRM_ERR_DUPLICATE},
	{"recipient twice", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "2a0454482e612a0454482e61",
	 NRM_ERR_DUPLICATE},
	{"country twice", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "5a024b485a024b48", NRM_ERR_DUPLICATE},
	{"fact twice", NRM_MESSAGE_TYPE_CASE_CARD, "0a0208020a020801", NRM_ERR_DUPLICATE},
	{"excluded twice", NRM_MESSAGE_TYPE_CASE_CARD, "0a062a0454482e780a062a0454482e78", NRM_ERR_DUPLICATE},
	{"assessment twice", NRM_MESSAGE_TYPE_CASE_CARD, "0a06620408041009" "0a0462020804", NRM_ERR_DUPLICATE},
	{"domain twice", NRM_MESSAGE_TYPE_UPDATE, "0a10" M "1a04080510011a0408051002", NRM_ERR_DUPLICATE},
	{"message twice", NRM_MESSAGE_TYPE_ERASURE_ORDER, "1210" M "1210" M, NRM_ERR_DUPLICATE},

	{"linked case of 15 bytes", NRM_MESSAGE_TYPE_REFERRAL, "2a0f666564636261393837363534333231", NRM_ERR_ID},
	{"statement on file of version 4", NRM_MESSAGE_TYPE_REFERRAL, "2210019ab3c4d5e640008001020304050607", NRM_ERR_ID},
	{"no in_reply_to", NRM_MESSAGE_TYPE_RESPONSE, "1001", NRM_ERR_ID},
	{"appeal to nobody", NRM_MESSAGE_TYPE_RESPONSE, "0a10" M "220454483a61", NRM_ERR_ID},
	{"no about", NRM_MESSAGE_TYPE_UPDATE, "1001", NRM_ERR_ID},
	{"no consent id", NRM_MESSAGE_TYPE_CONSENT_GRANT, "1001", NRM_ERR_ID},
	{"recipient of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "2a0474682e61", NRM_ERR_ID},
	{"interpreter of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "92010169", NRM_ERR_ID},
	{"guardian of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "aa010169", NRM_ERR_ID},
	{"country of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "5a024b68", NRM_ERR_FORMAT},
	{"language of bad form", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "9a01016b9a01016b", NRM_ERR_CANONICAL},
	{"language with a space", NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID "9a01036b6d20", NRM_ERR_FORMAT},
	{"withdrawn id of 1 byte", NRM_MESSAGE_TYPE_WITHDRAWAL, "0a0101", NRM_ERR_ID},
	{"guardian without id", NRM_MESSAGE_TYPE_CASE_CARD, "0a041a020803", NRM_ERR_ID},
	{"parents with an id", NRM_MESSAGE_TYPE_CASE_CARD, "0a0a1a080802120454482e67", NRM_ERR_ID},
	{"excluded nobody", NRM_MESSAGE_TYPE_CASE_CARD, "0a022a00", NRM_ERR_ID},
	{"complaint about nobody", NRM_MESSAGE_TYPE_COMPLAINT, "1210" M, NRM_ERR_ID},
	{"region of bad form", NRM_MESSAGE_TYPE_NOTIFICATION, "0a0174", NRM_ERR_FORMAT},
	{"erasing a bad id", NRM_MESSAGE_TYPE_ERASURE_ORDER, "120101", NRM_ERR_ID},
	{"confirming no order", NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION, "1805", NRM_ERR_ID},
	{"legal ground in small letters", NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION, "0a10" M "120161", NRM_ERR_FORMAT},
	{"notice about a bad id", NRM_MESSAGE_TYPE_NOTICE, "120101", NRM_ERR_ID},
};

static void test_bad_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_bodies) / sizeof(*bad_bodies); i++) {
		struct nrm_statement s;
		enum nrm_err err = decode(around(bad_bodies[i].type, messages_unhex(bad_bodies[i].hex)), &s);
		if (err != bad_bodies[i].err)
			fail_msg("%s: %s", bad_bodies[i].what, nrm_err_text(err));
	}
}

/* `n` copies of an element after `before`, the last bytes of each counted up so that they differ. */
static enum nrm_err many(enum nrm_message_type type, const char *before, const char *element, size_t n)
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
	return decode(around(type, messages_keep(&body)), &s);
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(many(NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID, "2a0654482e787878",
			      NRM_MAX_CONSENT_RECIPIENTS), NRM_OK);
	assert_int_equal(many(NRM_MESSAGE_TYPE_CONSENT_GRANT, "0a10" CONSENT_ID, "2a0654482e787878",
			      NRM_MAX_CONSENT_RECIPIENTS + 1), NRM_ERR_LIMIT);
	assert_int_equal(many(NRM_MESSAGE_TYPE_CASE_CARD, "", "0a072a0554482e7878", NRM_MAX_CARD_FACTS), NRM_OK);
	assert_int_equal(many(NRM_MESSAGE_TYPE_CASE_CARD, "", "0a072a0554482e7878", NRM_MAX_CARD_FACTS + 1),
			 NRM_ERR_LIMIT);
	assert_int_equal(many(NRM_MESSAGE_TYPE_ERASURE_ORDER, "", "1210" M, NRM_MAX_ERASURES), NRM_OK);
	assert_int_equal(many(NRM_MESSAGE_TYPE_ERASURE_ORDER, "", "1210" M, NRM_MAX_ERASURES + 1), NRM_ERR_LIMIT);
	/* 16 KiB: no message is longer, in or out. */
	assert_int_equal(many(NRM_MESSAGE_TYPE_ERASURE_ORDER, "", "1210" M, 900), NRM_ERR_LIMIT);
}

static void test_encode_limit(void **state)
{
	static uint8_t region[NRM_MAX_STATEMENT];
	struct nrm_statement s = messages_statement(1);
	struct nrm_buf out = {0};

	(void)state;
	memset(region, 'A', sizeof(region));
	s.body.referral.region = nrm_slice(region, sizeof(region));
	nrm_buf_put(&out, "x", 1);
	assert_int_equal(nrm_statement_encode(&s, &out), NRM_ERR_LIMIT);
	s.type = NRM_MESSAGE_TYPE_ABSENT;
	assert_int_equal(nrm_statement_encode(&s, &out), NRM_ERR_ARGUMENT);
	s.type = NRM_MESSAGE_TYPE_END_;
	assert_int_equal(nrm_statement_encode(&s, &out), NRM_ERR_ARGUMENT);
	assert_int_equal(out.len, 1);
	nrm_buf_done(&out);
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
	s = good, s.service = NRM_SERVICE_ABSENT, s.purpose = NRM_PURPOSE_ABSENT, s.phase = NRM_PHASE_ABSENT,
	s.basis = NRM_BASIS_ABSENT;
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
	struct nrm_slice good = around(NRM_MESSAGE_TYPE_NOTIFICATION, nrm_slice(NULL, 0));
	static const struct {
		const char *before, *after;
		size_t skipped;
		enum nrm_err err;
	} spoilt[] = {
		{"", "", 0, NRM_OK},
		{"08", "", 1, NRM_OK},
		{"", "980601", 0, NRM_ERR_UNKNOWN_ELEMENT},
		{"0801", "", 0, NRM_ERR_CANONICAL},		/* the version twice */
		{"088100", "", 2, NRM_ERR_CANONICAL},		/* a long varint */
		{"", "0801", 2, NRM_ERR_CANONICAL},		/* the version last */
		{"", "c20100", 0, NRM_ERR_CANONICAL},		/* two bodies */
		{"", "6200", 0, NRM_ERR_CANONICAL},		/* the ground twice */
		{"0802", "980601", 2, NRM_ERR_VERSION},		/* what a newer version adds is not judged */
		{"08", "", 0, NRM_ERR_FORMAT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct nrm_slice before = messages_unhex(spoilt[i].before), after = messages_unhex(spoilt[i].after);
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

static void refused_or_itself(struct nrm_slice spoiled, size_t bit, void *with)
{
	struct nrm_arena arena;
	struct nrm_statement s;
	struct nrm_buf again = {0};

	(void)bit;
	(void)with;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	if (nrm_statement_decode(spoiled, &arena, &s) == NRM_OK) {
		assert_int_equal(nrm_statement_encode(&s, &again), NRM_OK);
		assert_slices(nrm_buf_slice(&again), spoiled);
	}
	nrm_buf_done(&again);
	nrm_arena_done(&arena);
}

/* Whatever is accepted is its own one encoding, whichever bit of a good statement flips. */
static void test_spoiled(void **state)
{
	(void)state;
	messages_spoil(messages_unhex(WHOLE), refused_or_itself, NULL);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		messages_spoil(around(bodies[i].type, messages_unhex(bodies[i].hex)), refused_or_itself, NULL);
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
	struct nrm_slice bytes = around(NRM_MESSAGE_TYPE_UPDATE, nrm_slice(outcomes, sizeof(outcomes)));
	nrm_arena_init(&arena, 64 * 1024);
	assert_int_equal(nrm_statement_decode(bytes, &arena, &s), NRM_ERR_LIMIT);
	assert_true(arena.used <= 64 * 1024);
	nrm_arena_done(&arena);
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_statement_decode(bytes, &arena, &s), NRM_ERR_UNKNOWN_CODE);
	nrm_arena_done(&arena);
}

static void test_digest(void **state)
{
	uint8_t digest[32], want[32];
	const struct nrm_slice parts[] = {nrm_slice("", 1), nrm_slice_str("bytes")};

	(void)state;
	nrm_statement_digest(nrm_slice_str("bytes"), digest);
	nrm_sha256(parts, 2, want);
	assert_memory_equal(digest, want, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_body_of_other_type),
		cmocka_unit_test(test_no_type),
		cmocka_unit_test(test_bad_bodies),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_encode_limit),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_sealing_members),
		cmocka_unit_test(test_bytes_around),
		cmocka_unit_test(test_empty_ground),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
