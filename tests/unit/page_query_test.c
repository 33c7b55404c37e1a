/* Paths and parameters of the auditor's page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agents/page/query.h"

static enum nrm_err take(struct nrm_page_query *q, const char *name, const char *value,
			 struct nrm_page_failure *failure)
{
	return nrm_query_take(q, nrm_slice_str(name), nrm_slice_str(value), failure);
}

/* A query of /api/leaves with one parameter. */
static enum nrm_err leaves(const char *name, const char *value, struct nrm_page_query *q,
			   struct nrm_page_failure *failure)
{
	enum nrm_err err = nrm_query_begin("/api/leaves", q, failure);

	if (err == NRM_OK)
		err = take(q, name, value, failure);
	return err == NRM_OK ? nrm_query_end(q, failure) : err;
}

static void test_paths(void **state)
{
	static const struct {
		const char *path;
		enum nrm_page_path is;
	} good[] = {
		{"/api/words", NRM_PAGE_WORDS},
		{"/api/status", NRM_PAGE_STATUS},
		{"/api/leaves", NRM_PAGE_LEAVES},
		{"/api/leaf/0", NRM_PAGE_LEAF},
		{"/api/leaf/9223372036854775807", NRM_PAGE_LEAF},
		{"/api/leaf/12/proof", NRM_PAGE_PROOF},
		{"/api/case/00112233445566778899aabbccddeeff", NRM_PAGE_CASE},
		{"/api/case/00112233-4455-6677-8899-AABBCCDDEEFF", NRM_PAGE_CASE},
		{"/api/indicators", NRM_PAGE_INDICATORS},
	};
	static const char *const none[] = {
		"",
		"/",
		"/api",
		"/api/",
		"/api/leave",
		"/api/leavess",
		"/api/leaves/",
		"/api/leaf",
		"/api/leaf/",
		"/api/leaf/1/",
		"/api//leaves",
		"/api/leaf//proof",
		"/api/leaf/proofs/x",
		"/api/leaf/1/2/proof",
		"/API/leaves",
		"/api/case/",
	};
	static const char *const bad[] = {
		"/api/leaf/x",
		"/api/leaf/-1",
		"/api/leaf/+1",
		"/api/leaf/01",
		"/api/leaf/1x",
		"/api/leaf/9223372036854775808",
		"/api/leaf/99999999999999999999999",
		"/api/leaf/%31",
		"/api/leaf/proof",
		"/api/case/00112233445566778899aabbccddeef",
		"/api/case/00112233445566778899aabbccddeefg",
		"/api/case/00112233-4455-6677-8899AABBCCDDEEFF-",
		"/api/case/0011223344556677-8899-aabb-ccdd-eeff",
	};
	struct nrm_page_failure failure;
	struct nrm_page_query q;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(nrm_query_begin(good[i].path, &q, &failure), NRM_OK);
		assert_int_equal(q.path, good[i].is);
	}
	assert_int_equal(nrm_query_begin("/api/leaf/12/proof", &q, &failure), NRM_OK);
	assert_int_equal(q.leaf, 12);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(nrm_query_begin(none[i], &q, &failure), NRM_ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		failure.what[0] = '\0';
		assert_int_equal(nrm_query_begin(bad[i], &q, &failure), NRM_ERR_FORMAT);
		assert_true(failure.what[0] && failure.expected[0]);
	}
}

static void test_values(void **state)
{
	struct nrm_page_failure failure;
	struct nrm_page_query q;

	(void)state;
	assert_int_equal(leaves("participant", "XA.police", &q, &failure), NRM_OK);
	assert_string_equal(q.participant, "XA.police");
	assert_int_equal(q.limit, 50);
	assert_int_equal(leaves("service", "follow_up", &q, &failure), NRM_OK);
	assert_int_equal(q.service, NRM_SERVICE_FOLLOW_UP);
	assert_int_equal(leaves("outcome", "refuse", &q, &failure), NRM_OK);
	assert_true(q.has_outcome && q.outcome == NRM_OUTCOME_REFUSE);
	assert_int_equal(leaves("outcome", "hold", &q, &failure), NRM_OK);
	assert_int_equal(q.outcome, NRM_OUTCOME_HOLD);
	assert_int_equal(leaves("kind", "acknowledgement", &q, &failure), NRM_OK);
	assert_int_equal(q.kind, NRM_EVENT_ACKNOWLEDGEMENT);
	assert_int_equal(leaves("attention", "unanswered", &q, &failure), NRM_OK);
	assert_int_equal(q.attention, NRM_ATTENTION_UNANSWERED);
	assert_int_equal(leaves("rule", "20", &q, &failure), NRM_OK);
	assert_int_equal(q.rule, 20);
	assert_int_equal(leaves("withheld", "NOT_NEEDED", &q, &failure), NRM_OK);
	assert_int_equal(q.withheld, NRM_REASON_NOT_NEEDED);
	assert_int_equal(leaves("role", "shelter", &q, &failure), NRM_OK);
	assert_int_equal(q.role, NRM_ROLE_SHELTER);
	assert_int_equal(leaves("before", "0", &q, &failure), NRM_OK);
	assert_true(q.has_before && q.before == 0);
	assert_int_equal(leaves("limit", "500", &q, &failure), NRM_OK);
	assert_int_equal(q.limit, 500);
	assert_int_equal(leaves("case", "00112233445566778899aabbccddeeff", &q, &failure), NRM_OK);
	assert_true(q.has_case && q.case_id[15] == 0xff);
	/* a form's empty field */
	assert_int_equal(leaves("case", "", &q, &failure), NRM_OK);
	assert_false(q.has_case);
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		uint64_t first, end;
		unsigned month;
	} good[] = {
		{"1970-01", 0, 31 * 1440, 0},
		{"1970-02", 31 * 1440, 59 * 1440, 1},
		{"1971-12", (365 + 334) * 1440, 730 * 1440, 23},
		{"1972-02", (730 + 31) * 1440, (730 + 60) * 1440, 25},
		{"1970-01-02", 1440, 2880, 0},
		{"1970-01-02T00:05Z", 1445, 1445, 0},
		{"1970-01-02T00:05:59Z", 1445, 1445, 0},
		{"1970-01-02T00:05:59.999Z", 1445, 1445, 0},
	};
	static const char *const bad[] = {
		"1",
		"1970",
		"1970-1",
		"1970-13",
		"1970-00",
		"1970-01-32",
		"1971-02-29",
		"1970-01-02T",
		"1970-01-02T00:05",
		"1970-01-02T24:05Z",
		"1970-01-02 00:05Z",
		"197O-01",
		"10000-01",
		"1970-01-02T00:05:59+00:00",
		"-970-01",
	};
	struct nrm_page_failure failure;
	struct nrm_page_query q;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(leaves("from", good[i].text, &q, &failure), NRM_OK);
		assert_int_equal(q.from_minute, good[i].first);
		assert_int_equal(q.from_month, good[i].month);
		assert_int_equal(leaves("until", good[i].text, &q, &failure), NRM_OK);
		assert_int_equal(q.until_minute, good[i].end);
		assert_int_equal(q.until_month, good[i].month);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(leaves("until", bad[i], &q, &failure), NRM_ERR_FORMAT);
	/* every way to cut a good one short or to change a byte of it is another time or none: never a crash */
	for (size_t len = 0; len < 24; len++)
		for (int byte = 0; byte < 256; byte++) {
			char text[] = "1970-01-02T00:05:59.999Z";
			text[len] = (char)byte;
			assert_int_equal(nrm_query_begin("/api/leaves", &q, &failure), NRM_OK);
			const enum nrm_err err = nrm_query_take(&q, nrm_slice_str("from"),
								nrm_slice(text, len + 1), &failure);
			assert_true(err == NRM_OK || err == NRM_ERR_FORMAT);
		}
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *value;
	} bad[] = {
		{"colour", "red"},
		{"q", "x"},
		{"csv", ""},
		{"", "x"},
		{"from ", "2026-01"},
		{"service", "soup"},
		{"service", "Follow_up"},
		{"outcome", "maybe"},
		{"reason", "refuse"},
		{"rule", "0"},
		{"rule", "21"},
		{"rule", "1.0"},
		{"limit", "0"},
		{"limit", "501"},
		{"limit", " 5"},
		{"participant", "police"},
		{"participant", "XA.<b>"},
		{"before", "-1"},
		{"before", "18446744073709551616"},
		{"attention", "everything"},
		{"case", "blue-door"},
		{"true_reason", "ok"},
		{"withheld", "shelter"},
		{"role", "NOT_NEEDED"},
	};
	struct nrm_page_failure failure;
	struct nrm_page_query q;
	char long_id[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(leaves(bad[i].name, bad[i].value, &q, &failure), NRM_ERR_FORMAT);
		assert_true(failure.what[0] && failure.expected[0]);
	}
	memset(long_id, 'a', sizeof(long_id));
	memcpy(long_id, "XA.", 3);
	long_id[sizeof(long_id) - 1] = '\0';
	assert_int_equal(leaves("sender", long_id, &q, &failure), NRM_ERR_FORMAT);
	/* twice */
	assert_int_equal(nrm_query_begin("/api/leaves", &q, &failure), NRM_OK);
	assert_int_equal(take(&q, "limit", "3", &failure), NRM_OK);
	assert_int_equal(take(&q, "limit", "3", &failure), NRM_ERR_FORMAT);
	assert_non_null(strstr(failure.what, "limit"));
	/* an end that is no later than the beginning */
	assert_int_equal(nrm_query_begin("/api/flows", &q, &failure), NRM_OK);
	assert_int_equal(take(&q, "from", "2026-03-02", &failure), NRM_OK);
	assert_int_equal(take(&q, "until", "2026-03-01", &failure), NRM_OK);
	assert_int_equal(nrm_query_end(&q, &failure), NRM_ERR_FORMAT);
	/* zero bytes end nothing */
	assert_int_equal(nrm_query_begin("/api/leaves", &q, &failure), NRM_OK);
	assert_int_equal(nrm_query_take(&q, nrm_slice("limit\0x", 7), nrm_slice_str("3"), &failure),
			 NRM_ERR_FORMAT);
	assert_int_equal(nrm_query_take(&q, nrm_slice_str("limit"), nrm_slice("3\0", 2), &failure),
			 NRM_ERR_FORMAT);
	assert_int_equal(nrm_query_take(&q, nrm_slice_str("service"), nrm_slice("follow_up\0", 10),
					&failure),
			 NRM_ERR_FORMAT);
}

static void test_others(void **state)
{
	struct nrm_page_failure failure;
	struct nrm_page_query q;

	(void)state;
	assert_int_equal(nrm_query_begin("/api/participants", &q, &failure), NRM_OK);
	assert_int_equal(take(&q, "q", "Fun\xc3\xa9raire", &failure), NRM_OK);
	assert_int_equal(nrm_query_begin("/api/participants", &q, &failure), NRM_OK);
	assert_int_equal(take(&q, "q", "\xff", &failure), NRM_ERR_FORMAT);
	assert_int_equal(nrm_query_begin("/api/indicators", &q, &failure), NRM_OK);
	assert_int_equal(take(&q, "by", "service", &failure), NRM_OK);
	assert_int_equal(q.by, NRM_BY_SERVICE);
	assert_int_equal(take(&q, "csv", "", &failure), NRM_OK);
	assert_true(q.csv);
	assert_int_equal(nrm_query_begin("/api/indicators", &q, &failure), NRM_OK);
	assert_int_equal(take(&q, "by", "person", &failure), NRM_ERR_FORMAT);
}

/* What is told of a request is fit for anybody's eyes. */
static void test_failure(void **state)
{
	struct nrm_page_failure failure;
	struct nrm_buf out = {0};
	char long_text[300];

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	nrm_page_fail(&failure, nrm_slice(long_text, sizeof(long_text)), "less", "too %s", "long");
	assert_int_equal(strlen(failure.found), sizeof(failure.found) - 1);
	nrm_page_fail(&failure, nrm_slice("a\0\"<\xff\n", 6), "text", "what");
	assert_string_equal(failure.found, "a?\"<??");
	nrm_page_failure_json(&failure, &out);
	nrm_buf_put_u8(&out, 0);
	assert_string_equal(
		(char *)out.data,
		"{\"error\":{\"what\":\"what\",\"expected\":\"text\",\"found\":\"a?\\\"<??\"}}");
	nrm_buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),  cmocka_unit_test(test_values),
		cmocka_unit_test(test_times),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_others), cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
