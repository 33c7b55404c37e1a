/*
 * proto/base: hexadecimal, identifiers, times, files, error texts.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/file.h"
#include "proto/base/hex.h"
#include "proto/base/id.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"

static void test_errors(void **state)
{
	(void)state;
	assert_string_equal(nrm_err_text(NRM_OK), "ok");
	for (int i = 0; i < NRM_ERR_END_; i++) {
		assert_non_null(nrm_err_text((enum nrm_err)i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(nrm_err_text((enum nrm_err)i),
						nrm_err_text((enum nrm_err)j));
	}
	assert_string_equal(nrm_err_text(NRM_ERR_END_), "unknown error");
	assert_string_equal(nrm_err_text((enum nrm_err) - 1), "unknown error");
}

static void test_hex(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
	static const char *const bad[] = {"",
					  "00fa5ff",
					  "000fa5ff0",
					  "000fa5fg",
					  "000fa5f ",
					  "0x0fa5ff",
					  "000fa5\xff"
					  "f"};
	char text[9];
	uint8_t out[4] = {7, 7, 7, 7};

	(void)state;
	nrm_hex(bytes, 4, text);
	assert_string_equal(text, "000fa5ff");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(nrm_unhex(bad[i], out, 4), NRM_ERR_FORMAT);
	assert_memory_equal(out, "\7\7\7\7", 4);
	assert_int_equal(nrm_unhex("000FA5fF", out, 4), NRM_OK);
	assert_memory_equal(out, bytes, 4);
	nrm_hex(NULL, 0, text);
	assert_string_equal(text, "");
	assert_int_equal(nrm_unhex("", out, 0), NRM_OK);
	for (unsigned b = 0; b < 256; b++) {
		uint8_t in = (uint8_t)b;
		nrm_hex(&in, 1, text);
		assert_int_equal(nrm_unhex(text, out, 1), NRM_OK);
		assert_int_equal(out[0], b);
	}
}

static void test_participant_ids(void **state)
{
	static const char *const good[] = {"TH.a", "TH.police-bangkok", "KH.0-9"};
	static const char *const bad[] = {"",		"TH",	      "TH.",	   "T.police",
					  "THA.police", "th.police",  "T1.police", "TH-x",
					  "TH.Police",	"TH.a_b",     "TH.a b",	   "TH.a.b",
					  " TH.a",	"TH.\xc3\xa9"};
	char longest[65] = "TH.";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(nrm_participant_id_ok(nrm_slice_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(nrm_participant_id_ok(nrm_slice_str(bad[i])));
	assert_false(nrm_participant_id_ok(nrm_slice("TH.a\0", 5)));
	memset(longest + 3, 'x', 61);
	assert_true(nrm_participant_id_ok(nrm_slice(longest, 63)));
	assert_false(nrm_participant_id_ok(nrm_slice(longest, 64)));
}

static void test_countries_and_regions(void **state)
{
	(void)state;
	assert_true(nrm_country_ok(nrm_slice_str("TH")));
	assert_int_equal(nrm_country_code(nrm_slice_str("TH")), 'T' << 8 | 'H');
	static const char *const bad[] = {"", "T", "THA", "th", "T1", "T "};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(nrm_country_ok(nrm_slice_str(bad[i])));
		assert_int_equal(nrm_country_code(nrm_slice_str(bad[i])), 0);
	}

	assert_true(nrm_region_ok(nrm_slice_str("")));
	assert_true(nrm_region_ok(nrm_slice_str("TH-10")));
	assert_true(nrm_region_ok(nrm_slice_str("ABCDEFGH-1234567")));
	assert_false(nrm_region_ok(nrm_slice_str("ABCDEFGH-12345678")));
	assert_false(nrm_region_ok(nrm_slice_str("th-10")));
	assert_false(nrm_region_ok(nrm_slice_str("TH 10")));
}

/* RFC 9562 section 5.7 and the example of its appendix A.6. */
static void test_message_ids(void **state)
{
	static const uint8_t random[10] = {0x0c, 0xc3, 0x18, 0xc4, 0xdc,
					   0x0c, 0x0c, 0x07, 0x39, 0x8f};
	uint8_t id[16], earlier[16], ones[10];
	char text[33];

	(void)state;
	nrm_message_id_make(0x017F22E279B0ull, random, id);
	nrm_hex(id, 16, text);
	assert_string_equal(text, "017f22e279b07cc398c4dc0c0c07398f");
	assert_true(nrm_message_id_ok(nrm_slice(id, 16)));
	assert_false(nrm_message_id_ok(nrm_slice(id, 15)));
	assert_false(nrm_message_id_ok(nrm_slice(NULL, 0)));
	for (unsigned bit = 0; bit < 128;
	     bit++) { /* version and variant, and nothing else, decide */
		id[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		bool fixed = (bit >= 48 && bit < 52) || bit == 64 || bit == 65;
		assert_int_equal(nrm_message_id_ok(nrm_slice(id, 16)), !fixed);
		id[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	}

	memset(ones, 0xff,
	       sizeof(ones)); /* a later time sorts later, whatever the random bytes are */
	nrm_message_id_make(0x017F22E279AFull, ones, earlier);
	assert_true(memcmp(earlier, id, 16) < 0);
	assert_true(nrm_message_id_ok(nrm_slice(earlier, 16)));
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T00:00:00.001Z", 1},
		{"2000-02-29T23:59:59Z", 951868799000},
		{"2026-05-01T10:00:00Z", 1777629600000},
		{"2026-05-01T10:00:00.250Z", 1777629600250},
		{"2100-03-01T00:00:00Z", 4107542400000},
		{"9999-12-31T23:59:59.999Z", 253402300799999},
	};
	static const char *const bad[] = {
		"",
		"2026-05-01",
		"2026-05-01T10:00:00",
		"2026-05-01 10:00:00Z",
		"2026-05-01t10:00:00Z",
		"2026-05-01T10:00:00z",
		"2026-05-01T10:00:00+00:00",
		"2026-05-01T10:00:00.25Z",
		"2026-05-01T10:00:00,250Z",
		"2026-05-01T10:00:00.2500Z",
		"1969-12-31T23:59:59Z",
		"2026-00-01T10:00:00Z",
		"2026-13-01T10:00:00Z",
		"2026-04-31T10:00:00Z",
		"2026-02-29T10:00:00Z",
		"2100-02-29T10:00:00Z",
		"2026-05-00T10:00:00Z",
		"2026-05-01T24:00:00Z",
		"2026-05-01T10:60:00Z",
		"2026-05-01T10:00:60Z",
		"2026-05-01T10:00:-1Z",
		"+026-05-01T10:00:00Z",
		" 2026-05-01T10:00:00Z",
		"2026/05/01T10:00:00Z",
	};
	char text[NRM_TIME_TEXT_LEN + 1];
	uint64_t ms = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(nrm_time_parse(bad[i], &ms), NRM_ERR_FORMAT);
	assert_int_equal(ms, 42);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(nrm_time_parse(good[i].text, &ms), NRM_OK);
		assert_true(ms == good[i].ms);
		nrm_time_format(ms, text); /* to the second */
		assert_int_equal(strlen(text), 20);
		assert_memory_equal(text, good[i].text, 19);
		assert_int_equal(text[19], 'Z');
	}
	for (uint64_t day = 0; day < 366 * 140; day++) { /* every date up to 2110 there and back */
		nrm_time_format(day * 86400000 + 1, text);
		assert_int_equal(nrm_time_parse(text, &ms), NRM_OK);
		assert_true(ms == day * 86400000);
	}
	nrm_time_format(253402300800000, text); /* year 10000 and beyond have no text */
	assert_string_equal(text, "(no time)");
	nrm_time_format(UINT64_MAX, text);
	assert_string_equal(text, "(no time)");

	uint64_t monotonic = nrm_time_monotonic_ms();
	assert_true(nrm_time_monotonic_ms() >= monotonic);
	assert_true(nrm_time_now_ms() > 1700000000000);
}

static bool file_is(const char *path, const char *expected, mode_t mode)
{
	char content[64] = "";
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, content, sizeof(content) - 1);
	bool same = n == (ssize_t)strlen(expected) && strcmp(content, expected) == 0;
	same = same && fstat(fd, &st) == 0 && (st.st_mode & 0777) == mode;
	close(fd);
	return same;
}

static void test_files(void **state)
{
	char folder[] = "/tmp/nrm-base-XXXXXX", path[64], fresh[72];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	assert_int_equal(nrm_file_create(path, 0600, nrm_slice_str("one")), NRM_OK);
	assert_true(file_is(path, "one", 0600));
	assert_int_equal(nrm_file_create(path, 0600, nrm_slice_str("two")), NRM_ERR_EXISTS);
	assert_true(file_is(path, "one", 0600));
	assert_int_equal(nrm_file_create(fresh, 0600, nrm_slice_str("of an interrupted run")),
			 NRM_OK);
	assert_int_equal(nrm_file_replace(path, 0640, nrm_slice_str("three")), NRM_OK);
	assert_true(file_is(path, "three", 0640));
	assert_int_equal(access(fresh, F_OK), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(nrm_file_replace(path, 0600, nrm_slice(NULL, 0)),
			 NRM_OK); /* nothing there before */
	assert_true(file_is(path, "", 0600));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(nrm_file_create(path, 0600, nrm_slice_str("x")), NRM_ERR_IO);
	assert_int_equal(nrm_file_replace(path, 0600, nrm_slice_str("x")), NRM_ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_participant_ids),
		cmocka_unit_test(test_countries_and_regions),
		cmocka_unit_test(test_message_ids),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
