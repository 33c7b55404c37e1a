/*
 * YAML: each refusal with its place, decoding, positions, suggestions; every truncation of a good file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/limits.h"
#include "proto/yaml/yaml.h"

enum kind { KIND_NGO = 1, KIND_GOVERNMENT = 2 };

struct agency {
	char *id;
	enum kind kind;
	char **roles;
	unsigned roles_count;
	bool detention;
	uint16_t port;
	int8_t offset;
	uint64_t services;
	char *note;
};

struct country {
	char *country;
	struct agency *agencies;
	unsigned agencies_count;
};

static const cyaml_strval_t kinds[] = {{"ngo", KIND_NGO}, {"government", KIND_GOVERNMENT}};
#define NRM_X_(name, number, code, area) {code, (int64_t)1 << number},
static const cyaml_strval_t services[] = {NRM_SERVICES(NRM_X_)};
#undef NRM_X_
static const cyaml_schema_value_t text = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 32)};
static const cyaml_schema_field_t agency_fields[] = {
	CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct agency, id, 1, NRM_MAX_ID),
	CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct agency, kind, kinds, 2),
	CYAML_FIELD_SEQUENCE("roles", CYAML_FLAG_POINTER, struct agency, roles, &text, 1, 3),
	CYAML_FIELD_BOOL("detention", CYAML_FLAG_OPTIONAL, struct agency, detention),
	CYAML_FIELD_UINT("port", CYAML_FLAG_OPTIONAL, struct agency, port),
	CYAML_FIELD_INT("offset", CYAML_FLAG_OPTIONAL, struct agency, offset),
	CYAML_FIELD_FLAGS("services", CYAML_FLAG_OPTIONAL, struct agency, services, services,
			  sizeof(services) / sizeof(services[0])),
	CYAML_FIELD_STRING_PTR("note", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, struct agency,
			       note, 0, 20),
	CYAML_FIELD_IGNORE("comment", CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_END};
static const cyaml_schema_value_t agency_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct agency, agency_fields)};
static const cyaml_schema_field_t country_fields[] = {
	CYAML_FIELD_STRING_PTR("country", CYAML_FLAG_POINTER, struct country, country, 2, 2),
	CYAML_FIELD_SEQUENCE("agencies", CYAML_FLAG_POINTER, struct country, agencies,
			     &agency_schema, 0, 100000),
	CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct country, country_fields)};

static const char good[] = "# a country\n"
			   "country: TH\n"
			   "agencies:\n"
			   "- id: TH.police-1\n"
			   "  kind: government\n"
			   "  roles: [police]\n"
			   "  port: 65535\n"
			   "  offset: -128\n"
			   "- id: TH.shelter-1\n"
			   "  kind: ngo\n"
			   "  roles:\n"
			   "  - shelter\n"
			   "  - \"ngo_case_manager\"\n"
			   "  detention: true\n"
			   "  services: [emergency_shelter, interpretation]\n"
			   "  note:\n"
			   "  comment: {any: [thing, 1]}\n";

static enum nrm_err decode(struct nrm_yaml *yaml, const char *bytes, size_t len,
			   struct country **ret_country)
{
	void *value = NULL;

	nrm_yaml_init(yaml);
	enum nrm_err err = nrm_yaml_load_bytes(yaml, "t.yaml", nrm_slice(bytes, len));
	if (err == NRM_OK)
		err = nrm_yaml_decode(yaml, &schema, &value);
	*ret_country = value;
	return err;
}

static void refused(const char *bytes, size_t len, enum nrm_err expected, const char *line)
{
	struct nrm_yaml yaml;
	struct country *country;

	assert_int_equal(decode(&yaml, bytes, len, &country), expected);
	assert_null(country);
	assert_string_equal(nrm_yaml_error(&yaml), line);
	nrm_yaml_done(&yaml);
}

static void test_good(void **state)
{
	struct nrm_yaml yaml;
	struct country *c;

	(void)state;
	assert_int_equal(decode(&yaml, good, strlen(good), &c), NRM_OK);
	assert_string_equal(nrm_yaml_error(&yaml), "");
	assert_string_equal(c->country, "TH");
	assert_int_equal(c->agencies_count, 2);
	assert_string_equal(c->agencies[0].id, "TH.police-1");
	assert_int_equal(c->agencies[0].kind, KIND_GOVERNMENT);
	assert_int_equal(c->agencies[0].port, 65535);
	assert_int_equal(c->agencies[0].offset, -128);
	assert_false(c->agencies[0].detention);
	assert_int_equal(c->agencies[1].roles_count, 2);
	assert_string_equal(c->agencies[1].roles[1], "ngo_case_manager");
	assert_true(c->agencies[1].detention);
	assert_true(c->agencies[1].services ==
		    (nrm_bit(NRM_SERVICE_EMERGENCY_SHELTER) | nrm_bit(NRM_SERVICE_INTERPRETATION)));
	assert_null(c->agencies[1].note);
	nrm_yaml_free_decoded(&schema, c);
	nrm_yaml_free_decoded(&schema, NULL);
	nrm_yaml_done(&yaml);
}

static void test_positions(void **state)
{
	static const struct {
		const char *path;
		uint32_t line, column;
		enum nrm_err err;
	} places[] = {
		{"", 2, 1, NRM_OK},
		{"country", 2, 10, NRM_OK},
		{"agencies", 3, 1, NRM_OK},
		{"agencies[0]", 4, 3, NRM_OK},
		{"agencies[0].id", 4, 7, NRM_OK},
		{"agencies[0].roles", 6, 3, NRM_OK},
		{"agencies[0].roles[0]", 6, 11, NRM_OK},
		{"agencies[1].roles[1]", 13, 5, NRM_OK},
		{"agencies[1].comment.any[1]", 17, 25, NRM_OK},
		{"agencies[1].valid_until", 9, 3, NRM_ERR_NOT_FOUND},
		{"agencies[2]", 3, 1, NRM_ERR_NOT_FOUND},
		{"agencies[10]", 3, 1, NRM_ERR_NOT_FOUND},
		{"countr", 2, 1, NRM_ERR_NOT_FOUND},
	};
	struct nrm_yaml yaml;
	uint32_t line, column;

	(void)state;
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_position(&yaml, "", &line, &column), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice_str(good)), NRM_OK);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(nrm_yaml_position(&yaml, places[i].path, &line, &column),
				 places[i].err);
		assert_int_equal(line, places[i].line);
		assert_int_equal(column, places[i].column);
	}
	nrm_yaml_done(&yaml);

	nrm_yaml_init(&yaml); /* keys with dots and brackets in them */
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml",
					     nrm_slice_str("a: 1\na.b:\n  c: 2\na[0]: 3\n")),
			 NRM_OK);
	assert_int_equal(nrm_yaml_position(&yaml, "a.b.c", &line, &column), NRM_OK);
	assert_int_equal(line, 3);
	assert_int_equal(nrm_yaml_position(&yaml, "a[0]", &line, &column), NRM_OK);
	assert_int_equal(line, 4);
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
		     "t.yaml:2:4: invalid trailing UTF-8 octet"),
		CASE("a: \xff\n", NRM_ERR_FORMAT, "t.yaml:1:4: invalid leading UTF-8 octet"),
		CASE("\xff\xfe"
		     "a\0:\0 \0b\0",
		     NRM_ERR_FORMAT, "t.yaml:1:1: invalid leading UTF-8 octet"),
		CASE("a:\n\tb: 1\n", NRM_ERR_FORMAT,
		     "t.yaml:2:1: found character that cannot start any token while scanning for "
		     "the next token"),
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
	assert_non_null(strstr(nrm_yaml_error(&yaml), ": nested too deeply"));
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

/* As large as it may be, with as many items and as many keys as fit: read; one byte more: refused. */
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

static void test_file(void **state)
{
	char path[] = "/tmp/nrm-yaml-XXXXXX", line[128];
	int fd = mkstemp(path);
	struct nrm_yaml yaml;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, good, strlen(good)), (ssize_t)strlen(good));
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_file(&yaml, path), NRM_OK);
	assert_int_equal(nrm_yaml_fail(&yaml, "country", "expected %s", "KH"), NRM_ERR_FORMAT);
	snprintf(line, sizeof(line), "%s:2:10: country: expected KH", path);
	assert_string_equal(nrm_yaml_error(&yaml), line);
	nrm_yaml_done(&yaml);

	assert_int_equal(ftruncate(fd, 10 * 1024 * 1024), 0);
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_file(&yaml, path), NRM_ERR_LIMIT);
	nrm_yaml_done(&yaml);
	close(fd);
	unlink(path);

	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_file(&yaml, path), NRM_ERR_NOT_FOUND);
	snprintf(line, sizeof(line), "%s: cannot be read: No such file or directory", path);
	assert_string_equal(nrm_yaml_error(&yaml), line);
	nrm_yaml_done(&yaml);

	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_file(&yaml, "/"), NRM_ERR_IO);
	assert_string_equal(nrm_yaml_error(&yaml), "/: cannot be read: Is a directory");
	nrm_yaml_done(&yaml);
}

static void test_codes_and_times(void **state)
{
	struct nrm_yaml yaml;
	uint32_t code = 77;
	uint64_t ms = 77;

	(void)state;
	nrm_yaml_init(&yaml);
	assert_int_equal(nrm_yaml_load_bytes(&yaml, "t.yaml", nrm_slice_str(good)), NRM_OK);
	const char *path = nrm_yaml_at(&yaml, "agencies[%u].roles[%u]", 1u, 0u);
	assert_string_equal(path, "agencies[1].roles[0]");

	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_ROLE, "shleter", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_int_equal(code, 77);
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:12:5: agencies[1].roles[0]: unknown role \"shleter\", did "
			    "you mean \"shelter\"?");
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_ROLE, "zzz", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:12:5: agencies[1].roles[0]: unknown role \"zzz\"");
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_PURPOSE, "zzz", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:12:5: agencies[1].roles[0]: unknown purpose \"zzz\": "
			    "expected assistance, protection, justice or return");
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_ROLE, NULL, &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_ROLE, "", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_int_equal(code, 77);
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_ROLE, "shelter", &code), NRM_OK);
	assert_int_equal(code, NRM_ROLE_SHELTER);
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_OUTCOME, "refuse", &code),
			 NRM_OK);
	assert_int_equal(code, NRM_OUTCOME_REFUSE);
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_OUTCOME, "refused!!", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_non_null(strstr(nrm_yaml_error(&yaml), "\"refuse\""));

	assert_int_equal(nrm_yaml_time(&yaml, "country", "2026-05-01", &ms), NRM_ERR_FORMAT);
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:2:10: country: expected a time like 2026-05-01T10:00:00Z");
	assert_int_equal(nrm_yaml_time(&yaml, "country", NULL, &ms), NRM_ERR_FORMAT);
	assert_int_equal(ms, 77);
	assert_int_equal(nrm_yaml_time(&yaml, "country", "1970-01-01T00:00:01Z", &ms), NRM_OK);
	assert_int_equal(ms, 1000);
	nrm_yaml_done(&yaml);
}

/* Any beginning of a good file is read or refused with a line, and leaks nothing; so is any bit flip. */
static void test_damage(void **state)
{
	struct nrm_yaml yaml;
	struct country *country;
	char copy[sizeof(good)];

	(void)state;
	for (size_t len = 0; len < strlen(good); len++) {
		if (decode(&yaml, good, len, &country) != NRM_OK)
			assert_true(strncmp(nrm_yaml_error(&yaml), "t.yaml:", 7) == 0);
		nrm_yaml_free_decoded(&schema, country);
		nrm_yaml_done(&yaml);
	}
	for (size_t bit = 0; bit < 8 * strlen(good); bit++) {
		memcpy(copy, good, sizeof(good));
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		if (decode(&yaml, copy, strlen(good), &country) != NRM_OK)
			assert_true(strncmp(nrm_yaml_error(&yaml), "t.yaml:", 7) == 0);
		nrm_yaml_free_decoded(&schema, country);
		nrm_yaml_done(&yaml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_refused_by_events),
		cmocka_unit_test(test_refused_by_schema),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_billion_laughs),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_codes_and_times),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
