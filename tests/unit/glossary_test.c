/* config/vocabulary.yaml says something of every code in every language; how it is looked up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "proto/base/utf8.h"
#include "tests/unit/small_glossary.h"

#define SHIPPED NRM_SOURCE "/config/vocabulary.yaml"

static char error[NRM_GLOSSARY_ERROR_LEN];

static struct nrm_glossary *load_shipped(void)
{
	struct nrm_glossary *g = NULL;

	if (nrm_glossary_load(SHIPPED, &g, error) != NRM_OK)
		fail_msg("%s", error);
	return g;
}

static void assert_text(const char *text, const char *what, const char *code, size_t language)
{
	if (!*text || !nrm_utf8_line_ok(nrm_slice_str(text)))
		fail_msg("%s of %s in language %zu: %s", what, code, language, text);
}

static void every_code_in_every_language(void **state)
{
	static const char *const tags[] = {"en", "es", "fr", "km"};
	struct nrm_glossary *g = load_shipped();

	(void)state;
	assert_int_equal(nrm_glossary_languages(g), 4);
	for (size_t l = 0; l < 4; l++) {
		assert_string_equal(nrm_glossary_tag(g, l), tags[l]);
		for (size_t k = 0; k < SMALL_SECTIONS; k++)
			for (uint32_t c = 0; c <= nrm_code_count(small_sections[k].kind); c++) {
				const char *code = nrm_code_name(small_sections[k].kind, c);
				if (!code) /* nothing is number 0, but the outcome refuse */
					continue;
				assert_text(nrm_label(g, small_sections[k].kind, c, l), "label",
					    code, l);
				assert_text(nrm_explanation(g, small_sections[k].kind, c, l),
					    "explanation", code, l);
				assert_false(nrm_text_reviewed(g, small_sections[k].kind, c, l));
			}
		for (uint32_t p = 1; p < NRM_PHRASE_END_; p++)
			assert_text(nrm_phrase(g, (enum nrm_phrase)p, l), "phrase", "phrase", l);
	}
	assert_string_equal(nrm_label(g, NRM_VOCABULARY_OUTCOME, NRM_OUTCOME_REFUSE, 0), "Refused");
	nrm_glossary_free(g);
}

/* Two codes of a kind that read alike could not be told apart on a screen. */
static void labels_differ(void **state)
{
	struct nrm_glossary *g = load_shipped();

	(void)state;
	for (size_t l = 0; l < nrm_glossary_languages(g); l++)
		for (size_t k = 0; k < SMALL_SECTIONS; k++)
			for (uint32_t c = 1; c <= nrm_code_count(small_sections[k].kind); c++)
				for (uint32_t d = 1; d < c; d++)
					if (strcmp(nrm_label(g, small_sections[k].kind, c, l),
						   nrm_label(g, small_sections[k].kind, d, l)) == 0)
						fail_msg(
							"%s and %s are both \"%s\"",
							nrm_code_name(small_sections[k].kind, c),
							nrm_code_name(small_sections[k].kind, d),
							nrm_label(g, small_sections[k].kind, c, l));
	nrm_glossary_free(g);
}

static void spelled_where_there_is_no_text(void **state)
{
	struct nrm_glossary *g = load_shipped();

	(void)state;
	for (const struct nrm_glossary *of = g;; of = NULL) { /* a kind not covered; no glossary */
		assert_string_equal(nrm_label(of, NRM_VOCABULARY_ACK, NRM_ACK_OK, 0), "ok");
		assert_string_equal(nrm_explanation(of, NRM_VOCABULARY_ACK, NRM_ACK_OK, 0), "");
		assert_false(nrm_text_reviewed(of, NRM_VOCABULARY_ACK, NRM_ACK_OK, 0));
		assert_string_equal(nrm_label(of, NRM_VOCABULARY_ROLE, NRM_ROLE_END_, 0), "");
		assert_string_equal(nrm_label(of, NRM_VOCABULARY_ROLE, NRM_ROLE_ABSENT, 0), "");
		assert_string_equal(nrm_label(of, NRM_VOCABULARY_COUNT, 1, 0), "");
		assert_string_equal(nrm_explanation(of, NRM_VOCABULARY_COUNT, 1, 0), "");
		assert_string_equal(nrm_phrase(of, NRM_PHRASE_ABSENT, 0), "");
		assert_string_equal(nrm_phrase(of, NRM_PHRASE_END_, 0), "");
		assert_null(nrm_htcds(of, NRM_FIELD_END_));
		if (!of)
			break;
	}
	assert_string_equal(nrm_label(NULL, NRM_VOCABULARY_ROLE, NRM_ROLE_POLICE, 3), "police");
	assert_string_equal(nrm_label(NULL, NRM_VOCABULARY_OUTCOME, NRM_OUTCOME_REFUSE, 0),
			    "refuse");
	assert_string_equal(nrm_phrase(NULL, NRM_PHRASE_BECAUSE, 0), "because");
	assert_null(nrm_htcds(NULL, NRM_FIELD_GIVEN_NAME));
	assert_int_equal(nrm_glossary_languages(NULL), 0);
	assert_string_equal(nrm_glossary_tag(NULL, 0), "en");
	assert_int_equal(nrm_glossary_language(NULL, "fr"), 0);
	nrm_glossary_free(g);
	nrm_glossary_free(NULL);
}

static void the_language_asked_for(void **state)
{
	static const struct {
		const char *wanted, *tag;
	} cases[] = {
		{"fr", "fr"},	    {"fr_CA.UTF-8", "fr"}, {"FR-ca", "fr"}, {"km_KH", "km"},
		{"es@euro", "es"},  {"C", "en"},	   {"", "en"},	    {"POSIX", "en"},
		{"de_DE", "en"},    {"frr", "en"},	   {"f", "en"},	    {"_fr", "en"},
		{"en.UTF-8", "en"},
	};
	struct nrm_glossary *g = load_shipped();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(nrm_glossary_tag(g, nrm_glossary_language(g, cases[i].wanted)),
				    cases[i].tag);
	unsetenv("LC_ALL");
	unsetenv("LC_MESSAGES");
	unsetenv("LANG");
	assert_string_equal(nrm_glossary_tag(g, nrm_glossary_language(g, NULL)), "en");
	setenv("LANG", "km_KH.UTF-8", 1);
	assert_string_equal(nrm_glossary_tag(g, nrm_glossary_language(g, NULL)), "km");
	setenv("LC_MESSAGES", "es_MX", 1);
	assert_string_equal(nrm_glossary_tag(g, nrm_glossary_language(g, NULL)), "es");
	setenv("LC_ALL", "", 1);
	assert_string_equal(nrm_glossary_tag(g, nrm_glossary_language(g, NULL)), "es");
	setenv("LC_ALL", "fr_FR", 1);
	assert_string_equal(nrm_glossary_tag(g, nrm_glossary_language(g, NULL)), "fr");
	nrm_glossary_free(g);
}

/* Names of HTCDS 2.0 (IOM, CC BY 4.0) that say something about a person or what was done to her. */
static const char *const htcds_names[] = {
	"prs_FirstName",
	"prs_MiddleName",
	"prs_SecondName",
	"prs_Birthdate",
	"prs_Gender",
	"prs_MaritalStatus",
	"prs_NumberOfChildren",
	"prs_PrimaryLanguage",
	"prs_SecondaryLanguage",
	"prs_HighestLevelOfEducation",
	"prs_Citizenship",
	"prs_IdentityNumber",
	"prs_Title",
	"prs_Email",
	"prs_HomePhone",
	"prs_MobilePhone",
	"prs_MailingCity",
	"prs_MailingCountry",
	"prs_MailingState",
	"prs_MailingStreet",
	"prs_MailingPostalCode",
	"vic_TraffickingStatus",
	"vic_RelationshipToTrafficker",
	"vic_AgeWhenTrafficked",
	"vic_RecruitmentWebsitesAndApps",
	"vic_ExploitationWebsitesAndApps",
	"vic_MethodOfRecruitment",
	"vic_LocationOfRecruitment",
	"vic_LocationOfExploitation",
	"vic_MethodsOfControl",
	"vic_TypeOfExploitation",
	"vic_ForcedLabourIndustry",
	"vic_TypeOfSexExploitation",
};

static void fields_have_the_names_of_htcds(void **state)
{
	struct nrm_glossary *g = load_shipped();
	size_t named = 0;

	(void)state;
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
		const char *name = nrm_htcds(g, (enum nrm_field)f);
		size_t i = 0;
		if (!name)
			continue;
		while (i < sizeof(htcds_names) / sizeof(htcds_names[0]) &&
		       strcmp(htcds_names[i], name) != 0)
			i++;
		if (i == sizeof(htcds_names) / sizeof(htcds_names[0]))
			fail_msg("%s is no name of HTCDS 2.0", name);
		named++;
	}
	assert_true(named >= 8);
	assert_string_equal(nrm_htcds(g, NRM_FIELD_GIVEN_NAME), "prs_FirstName");
	assert_null(nrm_htcds(g, NRM_FIELD_WISHES));
	nrm_glossary_free(g);
}

/* A fifth language is lines in the file: nothing here or in the programs knows of it. */
static void a_further_language(void **state)
{
	static const char *const tags[] = {"lo", "en", "th", "my", "vie"};
	struct nrm_glossary *g = NULL;
	struct nrm_buf file;

	(void)state;
	nrm_buf_init(&file);
	small_glossary(&file, tags, 5);
	if (nrm_glossary_load_bytes("v.yaml", nrm_slice(file.data, file.len - 1), &g, error) !=
	    NRM_OK)
		fail_msg("%s", error);
	assert_int_equal(nrm_glossary_languages(g), 5);
	const size_t thai = nrm_glossary_language(g, "th_TH");
	assert_int_equal(thai, 2);
	assert_string_equal(nrm_label(g, NRM_VOCABULARY_ROLE, NRM_ROLE_POLICE, thai), "police-th");
	assert_string_equal(nrm_explanation(g, NRM_VOCABULARY_OUTCOME, NRM_OUTCOME_REFUSE, thai),
			    "what refuse is");
	assert_string_equal(nrm_phrase(g, NRM_PHRASE_BECAUSE, thai), "because-th");
	assert_true(nrm_text_reviewed(g, NRM_VOCABULARY_ROLE, NRM_ROLE_POLICE, thai));
	assert_false(nrm_text_reviewed(g, NRM_VOCABULARY_ROLE, NRM_ROLE_POLICE, 0));
	assert_int_equal(nrm_glossary_language(g, "vie"), 4);
	assert_int_equal(nrm_glossary_language(g, "km"), 1); /* English, wherever it stands */
	nrm_glossary_free(g);
	nrm_buf_done(&file);
}

static void the_file_to_use(void **state)
{
	(void)state;
	setenv("NRM_VOCABULARY", "elsewhere.yaml", 1);
	assert_string_equal(nrm_glossary_default(), "elsewhere.yaml");
	setenv("NRM_VOCABULARY", "", 1);
	assert_int_equal(chdir(NRM_SOURCE), 0);
	assert_string_equal(nrm_glossary_default(), "config/vocabulary.yaml");
	unsetenv("NRM_VOCABULARY");
	assert_int_equal(chdir("/"), 0);
	assert_string_equal(nrm_glossary_default(), "/etc/nrm/vocabulary.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_in_every_language),
		cmocka_unit_test(labels_differ),
		cmocka_unit_test(spelled_where_there_is_no_text),
		cmocka_unit_test(the_language_asked_for),
		cmocka_unit_test(fields_have_the_names_of_htcds),
		cmocka_unit_test(a_further_language),
		cmocka_unit_test(the_file_to_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
