/*
 * YAML: decoding, positions, codes and times; every truncation and bit flip of a good file.
 */
#include <unistd.h>

#include "tests/unit/yaml_country.h"

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
		{"agencies[1].comment.any[1]", 17, 26, NRM_OK},
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
	static const char *const near[] = {"shelte", "sheltter", "shltr", "shetler", "hselter"};
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_ROLE, near[i], &code),
				 NRM_ERR_UNKNOWN_CODE);
		assert_non_null(strstr(nrm_yaml_error(&yaml), "\"shelter\""));
	}
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_ROLE, "zzz", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:12:5: agencies[1].roles[0]: unknown role \"zzz\": expected "
			    "one of the 28 in config/vocabulary.yaml");
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_FACT, "zzz", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_non_null(strstr(nrm_yaml_error(&yaml), ": expected age_class, adult_since, "));
	assert_non_null(strstr(nrm_yaml_error(&yaml), " assessment or receiving_manager"));
	assert_int_equal(nrm_yaml_code(&yaml, path, NRM_VOCABULARY_PURPOSE, "zzz", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:12:5: agencies[1].roles[0]: unknown purpose \"zzz\": "
			    "expected assistance, protection, justice or return");
	static const char *const words[] = {"red", "green"};
	assert_int_equal(nrm_yaml_word(&yaml, path, "colour", words, 2, "gren", &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_string_equal(nrm_yaml_error(&yaml), "t.yaml:12:5: agencies[1].roles[0]: unknown "
						   "colour \"gren\", did you mean \"green\"?");
	assert_int_equal(nrm_yaml_word(&yaml, path, "colour", words, 2, NULL, &code),
			 NRM_ERR_UNKNOWN_CODE);
	assert_int_equal(code, 77);
	assert_int_equal(nrm_yaml_word(&yaml, path, "colour", words, 2, "green", &code), NRM_OK);
	assert_int_equal(code, 1);
	code = 77;
	nrm_yaml_fail(&yaml, path, "\"%s\" is %s", "a\nb\033[1m", "\xe2\x80\xae");
	assert_string_equal(nrm_yaml_error(&yaml),
			    "t.yaml:12:5: agencies[1].roles[0]: \"a?b?[1m\" is ???");
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

/*
 * Any beginning of a good file is read or refused with a line, and leaks nothing; so is any bit
 * flip.
 */
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
		cmocka_unit_test(test_good),   cmocka_unit_test(test_positions),
		cmocka_unit_test(test_file),   cmocka_unit_test(test_codes_and_times),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
