/*
 * Statements: bytes made by another implementation of Protocol Buffers read as they should and come back the same.
 */
#include "tests/unit/messages.h"

#define M	   "019ab3c4d5e670008001020304050607" /* message ids, in hexadecimal */
#define N	   "019ab3c4d5e670018001020304050608"
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
	assert_true(is(s.recipient_key, "rrrrrrrr") &&
		    is(s.key_check, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"));
	assert_true(is(s.encapsulated_key, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"));
	assert_int_equal(s.commitment.n, 2);
	assert_true(is(s.commitment.item[1], "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"));
	assert_true(is_hex(s.replaces, N) && is_hex(s.body.notice.about, N));
	assert_int_equal(s.body.notice.kind, NRM_NOTICE_KIND_REMOVAL);
	assert_int_equal(s.body.notice.until_ms, 77);
	assert_int_equal(s.body.notice.reason, NRM_REASON_DETENTION);
	assert_slices(messages_encoded(&s), bytes);
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

	return is_hex(g->consent_id, CONSENT_ID) &&
	       g->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN && g->service.n == 2 &&
	       g->service.code[0] == NRM_SERVICE_COUNSELLING &&
	       g->service.code[1] == NRM_SERVICE_RECREATION && g->any_service &&
	       g->recipient.n == 2 && is(g->recipient.item[0], "TH.a") &&
	       is(g->recipient.item[1], "KH.b") && g->recipient_role.n == 1 &&
	       g->recipient_role.code[0] == NRM_ROLE_HEALTH && g->any_recipient &&
	       g->field.n == 2 && g->field.code[0] == NRM_FIELD_WISHES &&
	       g->field.code[1] == NRM_FIELD_AGE_YEARS && g->category.n == 1 &&
	       g->category.code[0] == NRM_CATEGORY_HEALTH && g->any_field && g->country.n == 1 &&
	       is(g->country.item[0], "KH") && g->purpose == NRM_PURPOSE_RETURN &&
	       g->from_ms == 1 && g->until_ms == 2 && g->heard == NRM_HEARD_HEARD &&
	       g->understood && g->interpreter_conflict && is(g->interpreter, "TH.i") &&
	       is(g->language, "km-KH") && g->mode == NRM_MODE_REMOTE && is(g->guardian, "TH.g");
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
	{NRM_MESSAGE_TYPE_REFERRAL,
	 "0802120554482d313018042210" M "2a1066656463626139383736353433323130", referral},
	{NRM_MESSAGE_TYPE_RESPONSE, "0a10" M "10021801220a54482e636f7572742d312863", response},
	{NRM_MESSAGE_TYPE_UPDATE, "0a10" M "10031a060805100318071a04080a10012003", update},
	{NRM_MESSAGE_TYPE_CONSENT_GRANT,
	 "0a10" CONSENT_ID "10031a020f1420012a0454482e612a044b482e6232010b3801420238054a010850015a0"
	 "24b486004680170027801"
	 "80010188010192010454482e699a01056b6d2d4b48a00103aa010454482e67",
	 consent_grant},
	{NRM_MESSAGE_TYPE_WITHDRAWAL, "0a10" CONSENT_ID, withdrawal},
	{NRM_MESSAGE_TYPE_WITHDRAWAL, "", withdrawal_of_all},
	{NRM_MESSAGE_TYPE_CASE_CARD,
	 "0a0208020a0210010a0a1a080803120454482e670a0220000a062a0454482e780a062a0454482e790a0330ac0"
	 "20a053a030a01140a06"
	 "42040a0202010a0248010a0250010a0258000a066204080410090a04620208050a066a044b482e6d",
	 case_card},
	{NRM_MESSAGE_TYPE_COMPLAINT, "0a0454482e701210" M, complaint},
	{NRM_MESSAGE_TYPE_NOTIFICATION, "0a0554482d313010ac02", notification},
	{NRM_MESSAGE_TYPE_ERASURE_ORDER, "0a10" CONSENT_ID "1210" M "1210" N, erasure_order},
	{NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION, "0a10" M "1209504450412e32342d311805",
	 erasure_confirmation},
	{NRM_MESSAGE_TYPE_NOTICE, "08021210" N "184d2008", notice},
};

static void test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		struct nrm_slice bytes =
			messages_around(bodies[i].type, messages_unhex(bodies[i].hex));
		struct nrm_statement s;
		assert_int_equal(decode(bytes, &s), NRM_OK);
		assert_int_equal(s.type, bodies[i].type);
		if (!bodies[i].reads_as(&s))
			fail_msg("body %zu is not read as it should", i);
		assert_slices(messages_encoded(&s), bytes);
	}
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
		messages_spoil(messages_around(bodies[i].type, messages_unhex(bodies[i].hex)),
			       refused_or_itself, NULL);
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
		cmocka_unit_test(test_whole),	cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_spoiled), cmocka_unit_test(test_encode_limit),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
