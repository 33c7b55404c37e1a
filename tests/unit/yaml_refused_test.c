/*
 * YAML: each refusal with its line, column and key.
 */
#include "tests/unit/yaml_country.h"

static void refused(const char *bytes, size_t len, enum nrm_err expected, const char *line)
{
	struct nrm_yaml yaml;
	struct country *country;

	assert_int_equal(decode(&yaml, bytes, len, &country), expected);
	assert_null(country);
	assert_string_equal(nrm_yaml_error(&yaml), line);
	nrm_yaml_done(&yaml);
}

#define AGENCY "country: TH\nagencies:\n- id: TH.x\n  kind: ngo\n  roles: [police]\n"

/* What has no place in configuration, whatever its schema. */
static void test_refused_by_events(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum nrm_err err;
		const char *line;
	} cases[] = {
#define CASE(text, err, line) {text, sizeof(text) - 1, err, line}
		CASE("", NRM_ERR_FORMAT, "t.yaml:1:1: expected a document"),
		CASE("# nothing\n", NRM_ERR_FORMAT, "t.yaml:1:1: expected a document"),
		CASE("a: 1\n---\nb: 2\n", NRM_ERR_FORMAT, "t.yaml:2:1: expected one document only"),
		CASE("a: &x 1\n", NRM_ERR_FORMAT, "t.yaml:1:4: expected no anchor (&)"),
		CASE("a: &x [1]\n", NRM_ERR_FORMAT, "t.yaml:1:4: expected no anchor (&)"),
		CASE("a:\n  b: &x {c: 1}\n", NRM_ERR_FORMAT,
		     "t.yaml:2:6: a: expected no anchor (&)"),
		CASE("a:\n- *x\n", NRM_ERR_FORMAT, "t.yaml:2:3: a: expected no alias (*)"),
		CASE("a: !!str 1\n", NRM_ERR_FORMAT, "t.yaml:1:4: expected no tag (!)"),
		CASE("a: !x [1]\n", NRM_ERR_FORMAT, "t.yaml:1:4: expected no tag (!)"),
		CASE("a: !x {b: 1}\n", NRM_ERR_FORMAT, "t.yaml:1:4: expected no tag (!)"),
		CASE("a: \"x\\0y\"\n", NRM_ERR_FORMAT, "t.yaml:1:4: expected no NUL character"),
		CASE("a: 1\nb: x\0y\n", NRM_ERR_FORMAT,
		     "t.yaml:2:5: control characters are not allowed"),
		CASE("a: 1\nb: \xc3\x28\n", NRM_ERR_FORMAT,
		     "t.yaml:2:5: invalid trailing UTF-8 octet"),
		CASE("a: \xff\n", NRM_ERR_FORMAT, "t.yaml:1:4: invalid leading UTF-8 octet"),
		CASE("\xff\xfe"
		     "a\0:\0 \0b\0",
		     NRM_ERR_FORMAT, "t.yaml:1:1: invalid leading UTF-8 octet"),
		CASE("a:\n\tb: 1\n", NRM_ERR_FORMAT,
		     "t.yaml:2:1: expected spaces where the line begins, found a tab"),
		CASE("a:\n  \tb: 1\n", NRM_ERR_FORMAT,
		     "t.yaml:2:3: expected spaces where the line begins, found a tab"),
		CASE("a: @b\n\tc: 1\n", NRM_ERR_FORMAT,
		     "t.yaml:1:4: found character that cannot start any token while scanning for "
		     "the next token"),
		CASE("\xef\xbb\xbf"
		     "a: 1\n",
		     NRM_ERR_FORMAT, "t.yaml:1:1: expected UTF-8 without a byte order mark"),
		CASE("[a]: 1\n", NRM_ERR_FORMAT, "t.yaml:1:1: expected a plain word as a key"),
		CASE("? {a: 1}\n: 1\n", NRM_ERR_FORMAT,
		     "t.yaml:1:3: expected a plain word as a key"),
		CASE("a: 1\nb: 2\na: 3\n", NRM_ERR_DUPLICATE,
		     "t.yaml:3:1: a: the key occurs twice, first in line 1"),
		CASE("x:\n- {k: 1, l: 2, l: 3, k: 4}\n", NRM_ERR_DUPLICATE,
		     "t.yaml:2:16: x[0].l: the key occurs twice, first in line 2"),
		CASE("\"a\\e[2J\": 1\n\"a\\e[2J\": 2\n", NRM_ERR_DUPLICATE,
		     "t.yaml:2:1: a?[2J: the key occurs twice, first in line 1"),
		CASE("a: [1, 2\n", NRM_ERR_FORMAT,
		     "t.yaml:2:1: did not find expected ',' or ']' while parsing a flow sequence"),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].bytes, cases[i].len, cases[i].err, cases[i].line);
}

static void test_refused_by_schema(void **state)
{
	static const struct {
		const char *text;
		const char *line;
	} cases[] = {
		{"- 1\n", "t.yaml:1:1: expected a mapping, found a list"},
		{"country: TH\n", "t.yaml:1:1: expected the key \"agencies\""},
		{"country: TH\nagencies:\n",
		 "t.yaml:2:10: agencies: expected a list, found nothing"},
		{"country: [TH]\nagencies: []\n",
		 "t.yaml:1:1: country: expected a single value, found a list"},
		{"country:\nagencies: []\n", "t.yaml:1:9: country: expected text, found nothing"},
		{"country: T\nagencies: []\n",
		 "t.yaml:1:10: country: expected text of at least 2 bytes"},
		{"country: THA\nagencies: []\n",
		 "t.yaml:1:10: country: expected text of at most 2 bytes"},
		{"country: TH\nagencys: []\n",
		 "t.yaml:2:1: unknown key \"agencys\", did you mean \"agencies\"?"},
		{"country: TH\nx: []\n",
		 "t.yaml:2:1: unknown key \"x\": expected country or agencies"},
		{AGENCY "  kind: x\n",
		 "t.yaml:6:3: agencies[0].kind: the key occurs twice, first in line 4"},
		{AGENCY "  detention: yes\n",
		 "t.yaml:6:14: agencies[0].detention: expected true or false"},
		{AGENCY "  detention: flase\n",
		 "t.yaml:6:14: agencies[0].detention: expected true or false"},
		{AGENCY "  port: 65536\n",
		 "t.yaml:6:9: agencies[0].port: expected a whole number from 0 to 65535"},
		{AGENCY "  port: -1\n",
		 "t.yaml:6:9: agencies[0].port: expected a whole number from 0 to 65535"},
		{AGENCY "  port: 12x\n",
		 "t.yaml:6:9: agencies[0].port: expected a whole number from 0 to 65535"},
		{AGENCY "  port: 010\n",
		 "t.yaml:6:9: agencies[0].port: expected a whole number from 0 to 65535"},
		{AGENCY "  port: 99999999999999999999\n",
		 "t.yaml:6:9: agencies[0].port: expected a whole number from 0 to 65535"},
		{AGENCY "  offset: 128\n",
		 "t.yaml:6:11: agencies[0].offset: expected a whole number from -128 to 127"},
		{AGENCY "  offset: -129\n",
		 "t.yaml:6:11: agencies[0].offset: expected a whole number from -128 to 127"},
		{AGENCY "  offset: -\n", NULL},
		{AGENCY "  services: [emergency_shelter, interpretaton]\n",
		 "t.yaml:6:33: agencies[0].services[1]: unknown value \"interpretaton\", did you "
		 "mean "
		 "\"interpretation\"?"},
		{AGENCY "  services: [[recreation]]\n",
		 "t.yaml:6:14: agencies[0].services[0]: expected a single value, found a list"},
		{"country: TH\nagencies:\n- id: TH.x\n  kind: private\n  roles: [police]\n",
		 "t.yaml:4:9: agencies[0].kind: unknown value \"private\": expected ngo or "
		 "government"},
		{"country: TH\nagencies:\n- id: TH.x\n  kind: ngo\n  roles: []\n",
		 "t.yaml:5:3: agencies[0].roles: expected at least 1 in the list, found 0"},
		{"country: TH\nagencies:\n- id: TH.x\n  kind: ngo\n  roles: [a, b, c, d]\n",
		 "t.yaml:5:3: agencies[0].roles: expected at most 3 in the list, found 4"},
		{"country: TH\nagencies:\n- id: TH.x\n  roles: [a]\n",
		 "t.yaml:3:3: agencies[0]: expected the key \"kind\""},
		{"country: TH\nagencies:\n- TH.x\n",
		 "t.yaml:3:3: agencies[0]: expected a mapping, found a single value"},
		{"country: TH\nagencies: "
		 "[]\n\"\\e]0;long-long-long-long-long-long-long-long-long\": 1\n",
		 "t.yaml:3:1: unknown key \"?]0;long-long-long-long-long-long-long-lon...\": "
		 "expected country or "
		 "agencies"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nrm_yaml yaml;
		struct country *country;
		enum nrm_err err = decode(&yaml, cases[i].text, strlen(cases[i].text), &country);
		assert_true(err == NRM_ERR_FORMAT || err == NRM_ERR_DUPLICATE);
		assert_null(country);
		if (cases[i].line)
			assert_string_equal(nrm_yaml_error(&yaml), cases[i].line);
		nrm_yaml_done(&yaml);
	}
}

static void test_nesting(void **state)
{
	static char deep[NRM_MAX_YAML];
	char text[2 * NRM_MAX_YAML_DEPTH + 1] = "";
	struct nrm_yaml yaml;

	(void)state;
	for (unsigned depth = NRM_MAX_YAML_DEPTH - 1; depth <= NRM_MAX_YAML_DEPTH + 1; depth++) {
		size_t n = depth < NRM_MAX_YAML_DEPTH ? depth : NRM_MAX_YAML_DEPTH;
		memset(text, '[', n);
		memset(text + n, ']', n);
		nrm_yaml_init(&yaml);
		assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice(text, 2 * n)),
				 NRM_OK);
		nrm_yaml_done(&yaml);
	}
	memset(deep, '[', sizeof(deep));
	nrm_yaml_init(&yaml);
	assert_int_equal(
		nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice(deep, NRM_MAX_YAML_DEPTH + 1)),
		NRM_ERR_LIMIT);
	assert_non_null(strstr(nrm_yaml_error(&yaml), "t.yaml:1:33: "));
	assert_non_null(
		strstr(nrm_yaml_error(&yaml), ": nested too deeply: expected at most 32 levels"));
	nrm_yaml_done(&yaml);
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice(deep, sizeof(deep))),
			 NRM_ERR_LIMIT);
	nrm_yaml_done(&yaml);
}

static void test_billion_laughs(void **state)
{
	static const char text[] = "a: &a [x, x, x, x, x, x, x, x, x]\n"
				   "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
				   "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n";

	(void)state;
	refused(text, strlen(text), NRM_ERR_FORMAT, "t.yaml:1:4: expected no anchor (&)");
}

/*
 * As large as it may be, with as many items and as many keys as fit: read; one byte more: refused.
 */
static void test_size(void **state)
{
	static char bytes[NRM_MAX_YAML + 1];
	struct nrm_yaml yaml;
	size_t n = 0;

	(void)state;
	memset(bytes, '#', sizeof(bytes));
	memcpy(bytes, "a: 1\n", 5);
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice(bytes, NRM_MAX_YAML)),
			 NRM_OK);
	nrm_yaml_done(&yaml);
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice(bytes, NRM_MAX_YAML + 1)),
			 NRM_ERR_LIMIT);
	assert_string_equal(nrm_yaml_error(&yaml), "t.yaml: expected at most 1048576 bytes");
	nrm_yaml_done(&yaml);

	for (size_t i = 0; i < NRM_MAX_YAML; i++)
		bytes[i] = i == 0 ? '[' : i % 2 ? 'a' : ',';
	bytes[NRM_MAX_YAML - 1] = ']';
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice(bytes, NRM_MAX_YAML)),
			 NRM_OK);
	nrm_yaml_done(&yaml);

	for (unsigned i = 0; n + 12 < NRM_MAX_YAML; i++)
		n += (size_t)snprintf(bytes + n, sizeof(bytes) - n, "%x: 1\n", i % 80000);
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice(bytes, n)),
			 NRM_ERR_DUPLICATE);
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:80001:1: 0: the key occurs twice, first in line 1");
	nrm_yaml_done(&yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_by_events),
		cmocka_unit_test(test_refused_by_schema),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_billion_laughs),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
