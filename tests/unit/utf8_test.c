/* UTF-8: what is well-formed (RFC 3629), and what is fit for one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/base/utf8.h"

static void code_points(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t point;
	} cases[] = {
		{"a", 'a'},
		{"\x7f", 0x7f},
		{"\xc2\x80", 0x80},
		{"\xdf\xbf", 0x7ff},
		{"\xe0\xa0\x80", 0x800},
		{"\xe1\x9e\x80", 0x1780},
		{"\xed\x9f\xbf", 0xd7ff},
		{"\xee\x80\x80", 0xe000},
		{"\xef\xbf\xbf", 0xffff},
		{"\xf0\x90\x80\x80", 0x10000},
		{"\xf4\x8f\xbf\xbf", 0x10ffff},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nrm_slice rest = nrm_slice_str(cases[i].bytes);
		assert_int_equal(nrm_utf8_take(&rest), cases[i].point);
		assert_int_equal(rest.len, 0);
		for (size_t n = 1; n < strlen(cases[i].bytes); n++) { /* cut short */
			rest = nrm_slice(cases[i].bytes, n);
			assert_int_equal(nrm_utf8_take(&rest), NRM_UTF8_BAD);
		}
	}
	struct nrm_slice two = nrm_slice("\0b", 2);
	assert_int_equal(nrm_utf8_take(&two), 0);
	assert_int_equal(nrm_utf8_take(&two), 'b');
}

static void not_well_formed(void **state)
{
	static const char *const cases[] = {
		"\x80",
		"\xbf",
		"\xc0\xaf",
		"\xc1\xbf", /* overlong */
		"\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf", /* surrogates */
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xff",
		"\xc2(",
		"\xe1\x9e(",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nrm_slice rest = nrm_slice_str(cases[i]);
		assert_int_equal(nrm_utf8_take(&rest), NRM_UTF8_BAD);
		assert_false(nrm_utf8_line_ok(nrm_slice_str(cases[i])));
	}
}

static void fit_for_a_line(void **state)
{
	static const char *const fit[] = {
		"",
		"Police",
		"Espa\xc3\xb1ol",
		"\xe1\x9e\x97\xe1\x9e\xb6\xe2\x80\x8b\xe1\x9e\x9f", /* Khmer, with a zero-width space */
		"a\xc2\xa0:", /* a space that does not break */
		"\xf0\x9f\x99\x82",
	};
	static const char *const unfit[] = {
		"a\x1b[1m",	"a\nb",		"a\tb",		"\x7f",
		"\xc2\x85",	"\xd8\x9c",	"\xe2\x80\x8e", "\xe2\x80\x8f",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xae",
		"\xe2\x81\xa6", "\xe2\x81\xa9", "\xef\xbb\xbf", "\xef\xbf\xb9",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fit) / sizeof(fit[0]); i++)
		assert_true(nrm_utf8_line_ok(nrm_slice_str(fit[i])));
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++)
		assert_false(nrm_utf8_line_ok(nrm_slice_str(unfit[i])));
	assert_false(nrm_utf8_line_ok(nrm_slice("a\0b", 3)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_points),
		cmocka_unit_test(not_well_formed),
		cmocka_unit_test(fit_for_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
