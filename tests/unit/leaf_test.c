/*
 * Leaves and views: bytes made by another implementation of Protocol Buffers, what is refused, and who is told what.
 */
#include "proto/wire/leaf.h"
#include "tests/unit/messages.h"

#define TIMES_4(x)  x x x x
#define TIMES_32(x) TIMES_4(TIMES_4(x x))
#define H	    TIMES_32("68") /* thirty-two times one letter, in hexadecimal */
#define K	    TIMES_32("6b")
#define T	    TIMES_32("74")
#define ONE	    TIMES_32("31")
#define TWO	    TIMES_32("32")
#define THREE	    TIMES_32("33")
#define PROOF	    "080310011a20" H "1a20" K "2240" TIMES_32("7373")
#define MESSAGE_ID  "019ab3c4d5e670008001020304050607"

static const char leaf_start[] = "080110e0c4880e1801";
static const char leaf_rest[] = "220454482e612a0454482e62300f380140014a20" H "5220" K "5a20" T
				"6220" ONE "6a20" TWO "7220" THREE;
static const char view_hex[] =
	"0a10" MESSAGE_ID
	"1080c8e2e1c133180320022804320201383a05081b12011b3a06081c1202062b40034a0201085202080352"
	"0208085a0201146210636f6e73656e742d636f6e73656e742d6a20" H "728a01" PROOF
	"7a0361636b82018a01" PROOF
	"8a011030313233343536373839616263646566900102980105a0010caa0120" K "b0010dba010454482e73"
	"c00102c80101d00105d80101e0010be80101f00101f80101800202880203"; /* what is counted by */

static bool is(struct nrm_slice slice, const char *hex)
{
	return nrm_slice_equal(slice, messages_unhex(hex));
}

static struct nrm_slice golden_leaf(void)
{
	char hex[1024];

	snprintf(hex, sizeof(hex), "%s%s", leaf_start, leaf_rest);
	return messages_unhex(hex);
}

static struct nrm_leaf good_leaf(void)
{
	struct nrm_leaf leaf;

	assert_int_equal(nrm_leaf_decode(golden_leaf(), &messages_arena, &leaf), NRM_OK);
	return leaf;
}

static struct nrm_view good_view(void)
{
	struct nrm_view view;

	assert_int_equal(nrm_view_decode(messages_unhex(view_hex), &messages_arena, &view), NRM_OK);
	return view;
}

static struct nrm_slice encoded_view(const struct nrm_view *view)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_view_encode(view, &buf), NRM_OK);
	return messages_keep(&buf);
}

static void test_leaf(void **state)
{
	struct nrm_leaf leaf = good_leaf();
	struct nrm_buf buf = {0};

	(void)state;
	assert_int_equal(leaf.minute, 29500000);
	assert_int_equal(leaf.kind, NRM_EVENT_REFERRAL);
	assert_true(is(leaf.sender, "54482e61") && is(leaf.recipient, "54482e62"));
	assert_int_equal(leaf.service, NRM_SERVICE_COUNSELLING);
	assert_int_equal(leaf.outcome, NRM_OUTCOME_FORWARD);
	assert_int_equal(leaf.reason, NRM_REASON_OK);
	assert_true(is(leaf.policy_digest, H) && is(leaf.directory_digest, K) &&
		    is(leaf.case_tag, T));
	assert_true(is(leaf.sender_view, ONE) && is(leaf.recipient_view, TWO) &&
		    is(leaf.oversight_view, THREE));
	assert_int_equal(nrm_leaf_encode(&leaf, &buf), NRM_OK);
	assert_slices(nrm_buf_slice(&buf), golden_leaf());
	nrm_buf_done(&buf);
}

/* Judged alike when written and when read; what is not written cannot be tried in reading. */
static enum nrm_err written(struct nrm_leaf leaf)
{
	struct nrm_buf buf = {0};
	enum nrm_err err = nrm_leaf_encode(&leaf, &buf);

	if (err == NRM_OK)
		err = nrm_leaf_decode(nrm_buf_slice(&buf), &messages_arena, &leaf);
	else
		assert_int_equal(buf.len, 0);
	nrm_buf_done(&buf);
	return err;
}

static void test_leaf_refused(void **state)
{
	const struct nrm_leaf good = good_leaf();
	struct nrm_leaf l = good;

	(void)state;
	assert_int_equal(written(good), NRM_OK);
	l.sender.len = l.recipient.len = l.case_tag.len = 0;
	assert_int_equal(written(l), NRM_OK);
	l = good, l.kind = NRM_EVENT_ABSENT;
	assert_int_equal(written(l), NRM_ERR_UNKNOWN_CODE);
	l = good, l.kind = NRM_EVENT_END_;
	assert_int_equal(written(l), NRM_ERR_UNKNOWN_CODE);
	l = good, l.service = NRM_SERVICE_END_;
	assert_int_equal(written(l), NRM_ERR_UNKNOWN_CODE);
	l = good, l.sender = nrm_slice_str("TH");
	assert_int_equal(written(l), NRM_ERR_ID);
	l = good, l.recipient = good.oversight_view;
	assert_int_equal(written(l), NRM_ERR_ID);
	l = good, l.policy_digest.len = 0;
	assert_int_equal(written(l), NRM_ERR_FORMAT);
	l = good, l.directory_digest.len = 31;
	assert_int_equal(written(l), NRM_ERR_FORMAT);
	l = good, l.case_tag.len = 31;
	assert_int_equal(written(l), NRM_ERR_FORMAT);
	l = good, l.sender_view.len = 0;
	assert_int_equal(written(l), NRM_ERR_FORMAT);
	l = good, l.recipient_view.len = 0;
	assert_int_equal(written(l), NRM_ERR_FORMAT);
	l = good, l.oversight_view.len = 0;
	assert_int_equal(written(l), NRM_ERR_FORMAT);
}

static void test_leaf_bytes_refused(void **state)
{
	static const struct {
		const char *start, *end;
		enum nrm_err err;
	} spoilt[] = {
		{"080110e0c4880e1801", "", NRM_OK},
		{"080210e0c4880e1801", "7801", NRM_ERR_VERSION},
		{"10e0c4880e1801", "", NRM_ERR_FORMAT},
		{"080110e0c4880e1801", "7801", NRM_ERR_UNKNOWN_ELEMENT},
		{"080110e0c4880e1815", "", NRM_ERR_UNKNOWN_CODE},
		{"080110e0c4880e", "", NRM_ERR_UNKNOWN_CODE},
		{"080110e0c4888e001801", "", NRM_ERR_CANONICAL},
		{"10e0c4880e08011801", "", NRM_ERR_CANONICAL},
	};
	static uint8_t large[NRM_MAX_LEAF + 1];
	struct nrm_leaf leaf;
	struct nrm_view view;

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		char hex[1024];
		snprintf(hex, sizeof(hex), "%s%s%s", spoilt[i].start, leaf_rest, spoilt[i].end);
		assert_int_equal(nrm_leaf_decode(messages_unhex(hex), &messages_arena, &leaf),
				 spoilt[i].err);
	}
	assert_int_equal(nrm_leaf_decode(nrm_slice(large, sizeof(large)), &messages_arena, &leaf),
			 NRM_ERR_LIMIT);
	assert_int_equal(nrm_view_decode(nrm_slice(large, sizeof(large)), &messages_arena, &view),
			 NRM_ERR_LIMIT);
}

static void test_view(void **state)
{
	struct nrm_view v = good_view();

	(void)state;
	assert_true(is(v.message_id, MESSAGE_ID));
	assert_int_equal(v.time_ms, 1770000000000);
	assert_int_equal(v.type, NRM_MESSAGE_TYPE_UPDATE);
	assert_int_equal(v.outcome, NRM_OUTCOME_HOLD);
	assert_int_equal(v.reason, NRM_REASON_EXCLUDED);
	assert_true(v.forwarded == (nrm_bit(NRM_FIELD_GIVEN_NAME) | nrm_bit(NRM_FIELD_WISHES)));
	assert_int_equal(v.withheld[0].reason, NRM_REASON_SECRET);
	assert_true(v.withheld[0].fields == nrm_bit(NRM_FIELD_SUSPECTS));
	assert_int_equal(v.withheld[1].reason, NRM_REASON_NOT_NEEDED);
	assert_true(v.withheld[1].fields ==
		    (nrm_bit(NRM_FIELD_GENDER) | nrm_bit(NRM_FIELD_RELIGION)));
	assert_int_equal(v.withheld[2].reason, NRM_REASON_ABSENT);
	assert_int_equal(v.withheld_count, 3);
	assert_int_equal(v.obligations,
			 1 << NRM_OBLIGATION_REVIEW_CONSENT | 1 << NRM_OBLIGATION_INFORM_GUARDIAN);
	assert_int_equal(v.missing,
			 1 << NRM_ASSESSMENT_SECURITY_RISK | 1 << NRM_ASSESSMENT_COURT_DECISION);
	assert_int_equal(v.rules, 1 << 1 | 1 << 20);
	assert_int_equal(v.consent_id.n, 1);
	assert_true(is(v.statement_digest, H) && is(v.document_digest, K) && is(v.ack, "61636b"));
	assert_true(v.has_signature && v.has_ack_signature);
	assert_int_equal(v.signature.size, 3);
	assert_int_equal(v.ack_signature.index, 1);
	assert_true(is(v.signature.path.item[1], K));
	assert_true(is(v.case_id, "30313233343536373839616263646566") && is(v.subject, "54482e73"));
	assert_int_equal(v.basis, NRM_BASIS_EMERGENCY);
	assert_int_equal(v.emergency, NRM_EMERGENCY_CHILD_ALONE);
	assert_int_equal(v.earlier, 12);
	assert_int_equal(v.document_version, 13);
	assert_int_equal(v.answer, NRM_ANSWER_DECLINE);
	assert_int_equal(v.decline, NRM_DECLINE_NO_CAPACITY);
	assert_int_equal(v.step, NRM_STEP_REOPEN);
	assert_int_equal(v.notice, NRM_NOTICE_KIND_EXPULSION);
	assert_int_equal(v.answers, 11);
	assert_true(v.kept_by_law && v.groundless && v.child);
	assert_int_equal(v.guardian, NRM_SAFEGUARD_NOT_ASKED);
	assert_int_equal(v.assessment, NRM_SAFEGUARD_MISSING);
	assert_slices(encoded_view(&v), messages_unhex(view_hex));
}

/* A reason in the middle that is not used leaves no gap. */
static void test_view_gap(void **state)
{
	struct nrm_view v = {.withheld[2] = {NRM_REASON_NOT_CONSENTED, nrm_bit(NRM_FIELD_FAMILY)}},
			got;

	(void)state;
	assert_int_equal(nrm_view_decode(encoded_view(&v), &messages_arena, &got), NRM_OK);
	assert_int_equal(got.withheld[0].reason, NRM_REASON_NOT_CONSENTED);
	assert_true(got.withheld[0].fields == nrm_bit(NRM_FIELD_FAMILY));
	assert_int_equal(got.withheld[2].reason, NRM_REASON_ABSENT);
	assert_int_equal(nrm_view_decode(nrm_slice(NULL, 0), &messages_arena, &got),
			 NRM_OK); /* of one who is told nothing */
}

static void test_view_bytes_refused(void **state)
{
	static const struct {
		const char *hex;
		enum nrm_err err;
	} spoilt[] = {
		{"0a0101", NRM_ERR_ID},
		{"900200", NRM_ERR_UNKNOWN_ELEMENT},
		{"c00100", NRM_ERR_CANONICAL},
		{"c00104", NRM_ERR_UNKNOWN_CODE},
		{"c80110", NRM_ERR_UNKNOWN_CODE},
		{"d00106", NRM_ERR_UNKNOWN_CODE},
		{"d80108", NRM_ERR_UNKNOWN_CODE},
		{"f00102", NRM_ERR_CANONICAL},
		{"800204", NRM_ERR_UNKNOWN_CODE},
		{"880204", NRM_ERR_UNKNOWN_CODE},
		{"3a04081b1801", NRM_ERR_UNKNOWN_ELEMENT},
		{"1000", NRM_ERR_CANONICAL},
		{"180c", NRM_ERR_UNKNOWN_CODE},
		{"32023801", NRM_ERR_CANONICAL}, /* not ascending */
		{"32020101", NRM_ERR_DUPLICATE},
		{"32013a", NRM_ERR_UNKNOWN_CODE},
		{"3a02081a", NRM_ERR_UNKNOWN_CODE}, /* no reason to withhold */
		{"3a0312011b", NRM_ERR_UNKNOWN_CODE},
		{"3a02081b3a02081b", NRM_ERR_DUPLICATE},
		{"3a06081c12022b06", NRM_ERR_CANONICAL},
		{"3a02081b3a02081c3a02081d3a02081b", NRM_ERR_LIMIT},
		{"5200", NRM_ERR_UNKNOWN_CODE},
		{"520208035202"
		 "0801",
		 NRM_ERR_CANONICAL},
		{"5202080352020803", NRM_ERR_CANONICAL},
		{"5a0115", NRM_ERR_UNKNOWN_CODE},
		{"5a0100", NRM_ERR_UNKNOWN_CODE},
		{"5a028002", NRM_ERR_UNKNOWN_CODE},
		{"5a020201", NRM_ERR_CANONICAL},
		{"620101", NRM_ERR_ID},
		{"6a0101", NRM_ERR_FORMAT},
		{"8a010101", NRM_ERR_ID},
		{"aa010101", NRM_ERR_FORMAT},
		{"ba010101", NRM_ERR_ID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct nrm_view view;
		enum nrm_err err =
			nrm_view_decode(messages_unhex(spoilt[i].hex), &messages_arena, &view);
		if (err != spoilt[i].err)
			fail_msg("%s: %s", spoilt[i].hex, nrm_err_text(err));
	}
}

static void test_view_limits(void **state)
{
	static struct nrm_slice id[NRM_MAX_CASE_CONSENTS + 1];
	struct nrm_view v = {.consent_id = {id, NRM_MAX_CASE_CONSENTS}}, got;
	struct nrm_buf buf = {0};

	(void)state;
	for (size_t i = 0; i <= NRM_MAX_CASE_CONSENTS; i++)
		id[i] = nrm_slice("consent-consent-", NRM_CONSENT_ID_LEN);
	assert_int_equal(nrm_view_decode(encoded_view(&v), &messages_arena, &got), NRM_OK);
	v.consent_id.n++;
	assert_int_equal(nrm_view_encode(&v, &buf), NRM_ERR_LIMIT);
	v = (struct nrm_view){.subject = {(const uint8_t *)view_hex, NRM_MAX_ID + 1}};
	assert_int_equal(nrm_view_encode(&v, &buf), NRM_ERR_LIMIT);
	v = (struct nrm_view){.has_signature = true,
			      .signature.path = {id, NRM_MAX_PROOF_PATH + 1}};
	assert_int_equal(nrm_view_encode(&v, &buf), NRM_ERR_LIMIT);
	assert_int_equal(buf.len, 0);
}

static void leaf_refused_or_itself(struct nrm_slice spoiled, size_t bit, void *with)
{
	struct nrm_leaf leaf;
	struct nrm_buf again = {0};

	(void)bit;
	(void)with;
	if (nrm_leaf_decode(spoiled, &messages_arena, &leaf) == NRM_OK) {
		assert_int_equal(nrm_leaf_encode(&leaf, &again), NRM_OK);
		assert_slices(nrm_buf_slice(&again), spoiled);
	}
	nrm_buf_done(&again);
}

static void view_refused_or_itself(struct nrm_slice spoiled, size_t bit, void *with)
{
	struct nrm_view view;
	struct nrm_buf again = {0};

	(void)bit;
	(void)with;
	if (nrm_view_decode(spoiled, &messages_arena, &view) == NRM_OK) {
		assert_int_equal(nrm_view_encode(&view, &again), NRM_OK);
		assert_slices(nrm_buf_slice(&again), spoiled);
	}
	nrm_buf_done(&again);
}

static void test_spoiled(void **state)
{
	(void)state;
	messages_spoil(golden_leaf(), leaf_refused_or_itself, NULL);
	messages_spoil(messages_unhex(view_hex), view_refused_or_itself, NULL);
}

/* What any party is told: compare with a view that holds just that. */
static struct nrm_view told(const struct nrm_view *o, const struct nrm_leaf *leaf)
{
	return (struct nrm_view){.message_id = o->message_id,
				 .time_ms = o->time_ms,
				 .type = o->type,
				 .outcome = leaf->outcome,
				 .reason = leaf->reason,
				 .statement_digest = o->statement_digest};
}

static void test_oversight(void **state)
{
	struct nrm_view o = good_view(), v;
	struct nrm_leaf leaf = good_leaf();

	(void)state;
	for (leaf.kind = 1; leaf.kind < NRM_EVENT_END_; leaf.kind++) {
		assert_true(nrm_view_project(&o, &leaf, NRM_VIEWER_OVERSIGHT, &v));
		assert_slices(encoded_view(&v), messages_unhex(view_hex));
	}
}

static void test_sender(void **state)
{
	struct nrm_view o = good_view(), v, want;
	struct nrm_leaf leaf = good_leaf();

	(void)state;
	leaf.outcome = NRM_OUTCOME_REFUSE;
	leaf.reason = o.reason;
	want = told(&o, &leaf);
	want.forwarded = o.forwarded;
	memcpy(want.withheld, o.withheld, sizeof(want.withheld));
	want.withheld_count = o.withheld_count;
	want.obligations = o.obligations;
	want.missing = o.missing;
	want.ack = o.ack;
	want.has_ack_signature = true;
	want.ack_signature = o.ack_signature;
	want.earlier = o.earlier;
	for (leaf.kind = 1; leaf.kind < NRM_EVENT_AGGREGATE; leaf.kind++) {
		bool party = leaf.kind <= NRM_EVENT_RETURN; /* the rest is the broker's own */
		assert_int_equal(nrm_view_project(&o, &leaf, NRM_VIEWER_SENDER, &v), party);
		if (party)
			assert_slices(encoded_view(&v), encoded_view(&want));
	}
}

/* Told another reason, the sender of an excluded one gets what a sender of a withdrawn consent gets, byte for byte. */
static void test_sender_told_otherwise(void **state)
{
	struct nrm_view o = good_view(), v, want;
	struct nrm_view withdrawn = {.message_id = o.message_id,
				     .time_ms = o.time_ms,
				     .type = o.type,
				     .reason = NRM_REASON_CONSENT_WITHDRAWN,
				     .statement_digest = o.statement_digest,
				     .withheld_count = 2,
				     .obligations = 1u << NRM_OBLIGATION_REQUEST_GUARDIANSHIP,
				     .rules = 1 << 16,
				     .earlier = o.earlier};
	struct nrm_leaf leaf = good_leaf();

	(void)state;
	leaf.outcome = NRM_OUTCOME_REFUSE;
	leaf.reason = NRM_REASON_CONSENT_WITHDRAWN;
	want = told(&o, &leaf);
	want.earlier = o.earlier;
	assert_true(nrm_view_project(&o, &leaf, NRM_VIEWER_SENDER, &v));
	assert_slices(encoded_view(&v), encoded_view(&want));
	assert_true(nrm_view_project(&withdrawn, &leaf, NRM_VIEWER_SENDER, &v));
	assert_slices(encoded_view(&v), encoded_view(&want));
}

static void test_recipient(void **state)
{
	struct nrm_view o = good_view(), v, want;
	struct nrm_leaf leaf = good_leaf();

	(void)state;
	want = told(&o, &leaf);
	want.forwarded = o.forwarded;
	want.withheld_count = o.withheld_count;
	for (leaf.kind = 1; leaf.kind < NRM_EVENT_END_; leaf.kind++)
		for (leaf.outcome = 0; leaf.outcome < NRM_OUTCOME_END_; leaf.outcome++) {
			bool forwards = leaf.outcome == NRM_OUTCOME_FORWARD &&
					(leaf.kind <= NRM_EVENT_NOTICE ||
					 leaf.kind == NRM_EVENT_REDECISION);
			assert_int_equal(nrm_view_project(&o, &leaf, NRM_VIEWER_RECIPIENT, &v),
					 forwards);
			if (forwards)
				assert_slices(encoded_view(&v), encoded_view(&want));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf),
		cmocka_unit_test(test_leaf_refused),
		cmocka_unit_test(test_leaf_bytes_refused),
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_view_gap),
		cmocka_unit_test(test_view_bytes_refused),
		cmocka_unit_test(test_view_limits),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_oversight),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_sender_told_otherwise),
		cmocka_unit_test(test_recipient),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
