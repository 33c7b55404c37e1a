/* Texts and names that a vocabulary may not have. */
#include "tests/unit/glossary_mistakes.h"

#include "proto/base/limits.h"

#define NOT_A_LINE                                                                               \
	"expected one line of text, without control characters and without marks that turn its " \
	"direction"
#define LABEL	    "roles[0].texts[0].label: "
#define EXPLANATION "roles[0].texts[0].explanation: "

static void texts(void **state)
{
	static const struct mistake list[] = {
		{"label: police-en", "label: \"\"", "\"\"", LABEL "expected text, found nothing",
		 NRM_OK},
		{"label: police-en", "label: \" \"", "\" \"",
		 LABEL "expected no space at either end", NRM_OK},
		{"label: police-en", "label: \"police \"", "\"police \"",
		 LABEL "expected no space at either end", NRM_OK},
		{"label: police-en, ", "", "{language: en, explanation: what police",
		 "roles[0].texts[0]: expected the key \"label\"", NRM_OK},
		{"explanation: what police is, ", "", "{language: en, label: police-en",
		 "roles[0].texts[0]: expected the key \"explanation\"", NRM_OK},
		{"explanation: what police is", "explanation: ''", "''",
		 EXPLANATION "expected text, found nothing", NRM_OK},
		{"reviewed: false", "reviewed: no", "no}",
		 "roles[0].texts[0].reviewed: expected true or false", NRM_OK},
		{", reviewed: false", "", "{language: en, label: police-en",
		 "roles[0].texts[0]: expected the key \"reviewed\"", NRM_OK},
		{"label: because-en,", "label: because, explanation: x,", "explanation: x",
		 "phrases[3].texts[0]: unknown key \"explanation\": expected language, label or "
		 "reviewed",
		 NRM_OK},
		{"label: police-en", "label: \"a\\x07\"", "\"a\\x07\"", LABEL NOT_A_LINE, NRM_OK},
		{"label: police-en", "label: \"a\\nb\"", "\"a\\nb\"", LABEL NOT_A_LINE, NRM_OK},
		{"label: police-en", "label: \"a\\u0085\"", "\"a\\u0085\"", LABEL NOT_A_LINE,
		 NRM_OK},
		{"label: police-en", "label: \"a\\u2028\"", "\"a\\u2028\"", LABEL NOT_A_LINE,
		 NRM_OK},
		{"label: police-en", "label: \"a\\u202eb\"", "\"a\\u202eb\"", LABEL NOT_A_LINE,
		 NRM_OK},
		{"label: police-en",
		 "label: \xe2\x80\xae"
		 "b",
		 "\xe2\x80\xae", LABEL NOT_A_LINE, NRM_OK},
		{"label: police-en", "label: \"\\u2066b\"", "\"\\u2066b\"", LABEL NOT_A_LINE,
		 NRM_OK},
		{"label: police-en", "label: \"\\u200fb\"", "\"\\u200fb\"", LABEL NOT_A_LINE,
		 NRM_OK},
		{"explanation: what police is", "explanation: \"a\\e[1m\"", "\"a\\e[1m\"",
		 EXPLANATION NOT_A_LINE, NRM_OK},
		{"label: because-en", "label: \"a\\rb\"", "\"a\\rb\"",
		 "phrases[3].texts[0].label: " NOT_A_LINE, NRM_OK},
		{"label: police-en", "label: a\x07", "\x07", "control characters are not allowed",
		 NRM_OK},
		{"label: police-en", "label: a\xff", "\xff", "invalid leading UTF-8 octet", NRM_OK},
		{"label: police-en", "label: a\xc3(", "(, expl", "invalid trailing UTF-8 octet",
		 NRM_OK},
		{"label: police-en", "label: a\xc0\xaf", "\xc0",
		 "invalid length of a UTF-8 sequence", NRM_OK},
		{"label: police-en", "label: a\xed\xa0\x80", "\xed", "invalid Unicode character",
		 NRM_OK},
	};

	(void)state;
	ASSERT_MISTAKES(list);
}

/* `key` of the first text of police, with one byte too many and with just as many as may be. */
static void assert_ceiling(const char *from, const char *key, size_t max)
{
	char *filling = malloc(max + 2), *to = NULL, *says = NULL;
	struct nrm_glossary *g = NULL;

	assert_non_null(filling);
	memset(filling, 'x', max + 1);
	filling[max + 1] = '\0';
	assert_true(asprintf(&to, "%s: %s", key, filling) > 0);
	assert_true(asprintf(&says, "roles[0].texts[0].%s: expected text of at most %zu bytes", key,
			     max) > 0);
	const struct mistake list[] = {{from, to, filling, says, NRM_OK}};
	ASSERT_MISTAKES(list);
	to[strlen(to) - 1] = '\0';
	char *document = changed(from, to);
	assert_int_equal(nrm_glossary_load_bytes("v.yaml", nrm_slice_str(document), &g, error),
			 NRM_OK);
	nrm_glossary_free(g);
	free(document);
	free(filling);
	free(says);
	free(to);
}

static void ceilings(void **state)
{
	(void)state;
	assert_ceiling("label: police-en", "label", NRM_MAX_LABEL);
	assert_ceiling("explanation: what police is", "explanation", NRM_MAX_EXPLANATION);
}

#define HTCDS "fields[0].htcds: expected a name of HTCDS 2.0, such as prs_FirstName"

static void names_of_htcds(void **state)
{
	static const struct mistake list[] = {
		{"{code: given_name,", "{code: given_name, htcds: con_Consent,", "con_", HTCDS,
		 NRM_OK},
		{"{code: given_name,", "{code: given_name, htcds: prs_firstName,", "prs_", HTCDS,
		 NRM_OK},
		{"{code: given_name,", "{code: given_name, htcds: prs_,", "prs_", HTCDS, NRM_OK},
		{"{code: given_name,", "{code: given_name, htcds: PRS_FirstName,", "PRS", HTCDS,
		 NRM_OK},
		{"{code: given_name,", "{code: given_name, htcds: prs_First Name,", "prs_", HTCDS,
		 NRM_OK},
		{"{code: given_name,", "{code: given_name, htcds: vic_Type2,", "vic_", HTCDS,
		 NRM_OK},
		{"{code: given_name,", "{code: given_name, htcds: '',", "''",
		 "fields[0].htcds: expected text, found nothing", NRM_OK},
		{"{code: police,", "{code: police, htcds: prs_FirstName,", "htcds",
		 "roles[0]: unknown key \"htcds\": expected code or texts", NRM_OK},
	};
	char *document = changed("{code: given_name,", "{code: given_name, htcds: prs_FirstName,");
	struct nrm_glossary *g = NULL;

	(void)state;
	ASSERT_MISTAKES(list);
	assert_int_equal(nrm_glossary_load_bytes("v.yaml", nrm_slice_str(document), &g, error),
			 NRM_OK);
	assert_string_equal(nrm_htcds(g, NRM_FIELD_GIVEN_NAME), "prs_FirstName");
	assert_null(nrm_htcds(g, NRM_FIELD_FAMILY_NAME));
	nrm_glossary_free(g);
	free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(names_of_htcds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
