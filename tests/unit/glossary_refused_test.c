/* What is wrong with a vocabulary is told exactly, and nothing of it is loaded. */
#include "tests/unit/folder.h"
#include "tests/unit/glossary_mistakes.h"

static void the_good_one_is_good(void **state)
{
	struct nrm_glossary *g = NULL;

	(void)state;
	if (nrm_glossary_load_bytes("v.yaml", nrm_slice(good.data, good.len - 1), &g, error) !=
	    NRM_OK)
		fail_msg("%s", error);
	nrm_glossary_free(g);
}

static void codes(void **state)
{
	static const struct mistake list[] = {
		{"code: police,", "code: polcie,", "polcie",
		 "roles[0].code: unknown role \"polcie\", did you mean \"police\"?",
		 NRM_ERR_UNKNOWN_CODE},
		{"code: police,", "code: hotel,", "hotel",
		 "roles[0].code: unknown role \"hotel\": expected one of the 28 in "
		 "config/vocabulary.yaml",
		 NRM_ERR_UNKNOWN_CODE},
		{"code: emergency_shelter,", "code: police,",
		 "police, texts: [{language: en, label: emergency",
		 "services[0].code: unknown service \"police\": expected one of the 61 in "
		 "config/vocabulary.yaml",
		 NRM_ERR_UNKNOWN_CODE},
		{"code: because,", "code: becouse,", "becouse",
		 "phrases[3].code: unknown phrase \"becouse\", did you mean \"because\"?",
		 NRM_ERR_UNKNOWN_CODE},
		{"code: prosecutor,", "code: police,",
		 "police, texts: [{language: en, label: prosecutor",
		 "roles[1].code: expected each role once, \"police\" stands above",
		 NRM_ERR_DUPLICATE},
		{"code: rule,", "code: because,", "because, texts: [{language: en, label: rule",
		 "phrases[10].code: expected each phrase once, \"because\" stands above",
		 NRM_ERR_DUPLICATE},
		{"code: police,", "code: \"\",", "\"\"",
		 "roles[0].code: expected text, found nothing", NRM_OK},
		{"{code: police,", "{", "{ texts", "roles[0]: expected the key \"code\"", NRM_OK},
	};

	(void)state;
	ASSERT_MISTAKES(list);
}

/* Takes a whole line out of the file. */
static char *without(const char *document, const char *code)
{
	char begin[64], *copy = strdup(document);

	snprintf(begin, sizeof(begin), "- {code: %s,", code);
	char *at = strstr(copy, begin);
	assert_non_null(at);
	char *next = strchr(at, '\n') + 1;
	memmove(at, next, strlen(next) + 1);
	return copy;
}

/* Of every section: its last code, and its last two, are missed by name. */
static void missing_codes(void **state)
{
	const char *document = (const char *)good.data;
	char line[256];

	(void)state;
	for (size_t s = 0; s <= SMALL_SECTIONS; s++) {
		const bool phrases = s == SMALL_SECTIONS;
		const char *key = phrases ? "phrases" : small_sections[s].key;
		const uint32_t last = phrases ? NRM_PHRASE_END_ - 1
					      : nrm_code_count(small_sections[s].kind);
		const char *kind = phrases ? "phrase" : nrm_vocabulary_name(small_sections[s].kind);
		const char *code[2];
		for (uint32_t i = 0; i < 2; i++)
			code[i] = phrases ? nrm_phrase(NULL, (enum nrm_phrase)(last - i), 0)
					  : nrm_code_name(small_sections[s].kind, last - i);
		/* the section's own line, behind a newline */
		char heading[64];
		snprintf(heading, sizeof(heading), "\n%s:\n", key);
		const char *at = strstr(document, heading);
		assert_non_null(at);
		unsigned row = 2;
		for (const char *p = document; p < at; p++)
			row += *p == '\n';
		char *section = strdup(at + 1);
		char *one = without(section, code[0]), *two = without(one, code[1]), *whole = NULL;
		assert_true(asprintf(&whole, "%.*s%s", (int)(at + 1 - document), document, one) >
			    0);
		snprintf(line, sizeof(line), "v.yaml:%u:1: %s: expected each %s, \"%s\" is missing",
			 row, key, kind, code[0]);
		refused(nrm_slice_str(whole), NRM_ERR_FORMAT, line);
		free(whole);
		assert_true(asprintf(&whole, "%.*s%s", (int)(at + 1 - document), document, two) >
			    0);
		snprintf(line, sizeof(line),
			 "v.yaml:%u:1: %s: expected each %s, \"%s\" and 1 more are missing", row,
			 key, kind, code[1]);
		refused(nrm_slice_str(whole), NRM_ERR_FORMAT, line);
		free(whole);
		free(section);
		free(one);
		free(two);
	}
}

static void refuse_is_an_outcome(void **state)
{
	char *document = without((const char *)good.data, "refuse");

	(void)state;
	assert_int_equal(nrm_glossary_load_bytes("v.yaml", nrm_slice_str(document),
						 &(struct nrm_glossary *){NULL}, error),
			 NRM_ERR_FORMAT);
	assert_non_null(strstr(error, ": outcomes: expected each outcome, \"refuse\" is missing"));
	free(document);
}

#define FRENCH ", {language: fr, label: police-fr, explanation: what police is, reviewed: true}"

static void languages(void **state)
{
	static const struct mistake list[] = {
		{FRENCH, "", "texts: [{language: en, label: police-en",
		 "roles[0].texts: expected a text in each language, \"fr\" is missing", NRM_OK},
		{"language: fr, label: police", "language: de, label: police", "de, label",
		 "roles[0].texts[1].language: unknown language \"de\": expected en or fr",
		 NRM_ERR_UNKNOWN_CODE},
		{"language: fr, label: police", "language: en, label: police",
		 "en, label: police-fr",
		 "roles[0].texts[1].language: expected each language once, \"en\" stands above",
		 NRM_ERR_DUPLICATE},
		{"{language: fr, label: police", "{label: police", "{label: police",
		 "roles[0].texts[1]: expected the key \"language\"", NRM_OK},
		{"- {tag: fr, name: that of fr}\n", "", "fr, label: police",
		 "roles[0].texts[1].language: unknown language \"fr\": expected en",
		 NRM_ERR_UNKNOWN_CODE},
		{"- {tag: fr,", "- {tag: fr, name: twice}\n- {tag: fr,", "fr, name: that",
		 "languages[2].tag: expected each language once, \"fr\" stands above",
		 NRM_ERR_DUPLICATE},
		{"tag: fr", "tag: FR", "FR",
		 "languages[1].tag: expected two or three small letters (ISO 639)", NRM_OK},
		{"tag: fr", "tag: fr-CA", "fr-CA",
		 "languages[1].tag: expected two or three small letters (ISO 639)", NRM_OK},
		{"tag: fr", "tag: f", "f,",
		 "languages[1].tag: expected two or three small letters (ISO 639)", NRM_OK},
		{"tag: en", "tag: enm", "languages:",
		 "languages: expected \"en\", which is spoken where no other is", NRM_OK},
		{"name: that of fr", "name: \"fr\\e[1m\"", "\"fr\\e[1m\"",
		 "languages[1].name: expected one line of text, without control characters and "
		 "without marks that turn its direction",
		 NRM_OK},
		{"languages:\n- {tag: en, name: that of en}\n- {tag: fr, name: that of fr}\n",
		 "languages: []\n", "languages: []",
		 "languages: expected at least 1 in the list, found 0", NRM_OK},
	};

	(void)state;
	ASSERT_MISTAKES(list);
}
static void shapes(void **state)
{
	static const struct mistake list[] = {
		{"format: 1", "format: 2", "2", "format: expected 1", NRM_OK},
		{"format: 1", "format: one", "one",
		 "format: expected a whole number from 0 to 4294967295", NRM_OK},
		{"format: 1\n", "", "languages:", "expected the key \"format\"", NRM_OK},
		{"roles:\n", "rules:\n", "rules:", "unknown key \"rules\", did you mean \"roles\"?",
		 NRM_OK},
		{"roles:\n", "roles: []\nroles:\n", "roles:\n-",
		 "roles: the key occurs twice, first in line 5", NRM_ERR_DUPLICATE},
		{"roles:\n", "roles: []\nmore:\n",
		 "roles:", "roles: expected at least 1 in the list, found 0", NRM_OK},
		{"{code: police,", "{colour: red, code: police,", "colour",
		 "roles[0]: unknown key \"colour\": expected code or texts", NRM_OK},
		{"{code: police,", "{code: police, code: police,", "code: police, texts",
		 "roles[0].code: the key occurs twice, first in line 6", NRM_ERR_DUPLICATE},
		{"- {tag: en", "\t- {tag: en", "\t",
		 "expected spaces where the line begins, found a tab", NRM_OK},
		{"label: police-en", "label: &a police", "&a",
		 "roles[0].texts[0]: expected no anchor (&)", NRM_OK},
		{"label: police-en", "label: *a", "*a", "roles[0].texts[0]: expected no alias (*)",
		 NRM_OK},
		{"label: police-en", "label: !!str police", "!!str",
		 "roles[0].texts[0]: expected no tag (!)", NRM_OK},
		{"label: police-en", "label: [police]", "label: [",
		 "roles[0].texts[0].label: expected a single value, found a list", NRM_OK},
	};

	(void)state;
	ASSERT_MISTAKES(list);
	refused(nrm_slice("", 0), NRM_ERR_FORMAT, "v.yaml:1:1: expected a document");
}

static void too_much(void **state)
{
	const size_t len = 10 * 1024 * 1024;
	struct nrm_glossary *untouched = (struct nrm_glossary *)&good, *g = untouched;
	char *document = malloc(len), line[600], deep[1000];

	(void)state;
	memset(deep, '[', sizeof(deep));
	refused(nrm_slice(deep, sizeof(deep)), NRM_ERR_LIMIT,
		"v.yaml:1:33: [0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
		"[0][0][0][0][0][0][0][0][0]: nested too deeply: expected at most 32 levels");

	assert_non_null(document);
	memset(document, '\n', len);
	memcpy(document, good.data, good.len - 1);
	refused(nrm_slice(document, len), NRM_ERR_LIMIT, "v.yaml: expected at most 1048576 bytes");
	folder_make();
	const char *path = in_folder("vocabulary.yaml");
	assert_int_equal(nrm_file_replace(path, 0644, nrm_slice(document, len)), NRM_OK);
	assert_int_equal(nrm_glossary_load(path, &g, error), NRM_ERR_LIMIT);
	snprintf(line, sizeof(line), "%s: expected at most 1048576 bytes", path);
	assert_string_equal(error, line);
	path = in_folder("missing.yaml");
	assert_int_equal(nrm_glossary_load(path, &g, error), NRM_ERR_NOT_FOUND);
	snprintf(line, sizeof(line), "%s: cannot be read: No such file or directory", path);
	assert_string_equal(error, line);
	assert_ptr_equal(g, untouched);
	folder_remove();
	free(document);
}

static void every_truncation(void **state)
{
	struct nrm_glossary *g = NULL;

	(void)state;
	for (size_t n = 0; n < good.len - 2; n += 997) {
		*error = '\0';
		assert_int_not_equal(
			nrm_glossary_load_bytes("v.yaml", nrm_slice(good.data, n), &g, error),
			NRM_OK);
		assert_null(g);
		assert_memory_equal(error, "v.yaml:", 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_good_one_is_good),
		cmocka_unit_test(codes),
		cmocka_unit_test(missing_codes),
		cmocka_unit_test(refuse_is_an_outcome),
		cmocka_unit_test(languages),
		cmocka_unit_test(shapes),
		cmocka_unit_test(too_much),
		cmocka_unit_test(every_truncation),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
