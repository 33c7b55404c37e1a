/*
 * Who may get what: the table, the spreadsheet and the page hold what the decision says, and
 * nothing breaks out of the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agents/cli/policy_show.h"
#include "broker/core/decide.h"
#include "tests/unit/shipped_policy.h"

#define ROLES	 (NRM_ROLE_END_ - 1)
#define FIELDS	 (NRM_FIELD_END_ - 1)
#define SERVICES (NRM_SERVICE_END_ - 1)
#define ALL	 (nrm_bit(NRM_SERVICE_END_) - 2)

static struct nrm_glossary *glossary;

static int begin(void **state)
{
	char error[NRM_GLOSSARY_ERROR_LEN];

	return read_shipped(state) != 0 ||
	       nrm_glossary_load(NRM_SOURCE "/config/vocabulary.yaml", &glossary, error) != NRM_OK;
}

static int end(void **state)
{
	nrm_glossary_free(glossary);
	return forget_shipped(state);
}

/* What a form writes; free() it. */
static char *shown(void (*form)(const struct nrm_show *, FILE *),
		   const struct nrm_policy_source *source, nrm_mask services, const char *language,
		   bool colour)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	const struct nrm_show show = {source,	     services,
				      glossary,	     nrm_glossary_language(glossary, language),
				      1700000000000, colour};

	form(&show, out);
	fclose(out);
	return text;
}

static uint32_t count(const char *text, const char *what)
{
	const size_t len = strlen(what);
	uint32_t n = 0;

	/* strstr() under the address sanitizer measures the whole page each time */
	for (; *text; text++)
		n += *text == *what && strncmp(text, what, len) == 0;
	return n;
}

static void a_table_is_narrow_and_plain(void **state)
{
	struct nrm_policy_source *policy = opened("policy.yaml", shipped);
	char *table = shown(nrm_show_table, policy, ALL, "en", false);

	(void)state;
	for (const char *line = table; *line; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 100);
	assert_null(strchr(table, '\033'));
	assert_non_null(strstr(table, "\nshelter                  N N N N"));
	assert_null(strstr(table, "\nimmigration_enforcement"));
	assert_non_null(strstr(table, "get nothing: immigration_enforcement"));
	free(table);
	table = shown(nrm_show_table, policy, nrm_bit(NRM_SERVICE_RECREATION), "en", true);
	assert_non_null(strchr(table, '\033'));
	assert_int_equal(count(table, "get nothing:"), 1);
	free(table);
	nrm_policy_source_close(policy);
}

/* A policy under which all need all of everything is as wide as it gets. */
static void the_widest_table_fits(void **state)
{
	struct nrm_policy_source *policy = with("- {services: [rent_support], fields: [finances]}",
						"- {services: [rent_support], fields: [any]}");
	char *table = shown(nrm_show_table, policy, nrm_bit(NRM_SERVICE_RENT_SUPPORT), "km", false);

	(void)state;
	for (const char *line = table; *line; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 100);
	free(table);
	nrm_policy_source_close(policy);
}

static void a_spreadsheet_has_a_line_for_each_cell(void **state)
{
	struct nrm_policy_source *policy = opened("policy.yaml", shipped);
	char *csv = shown(nrm_show_csv, policy, ALL, "en", false);
	uint32_t needed = 0, both = 0, secret = 0;

	(void)state;
	for (uint32_t s = 1; s <= SERVICES; s++)
		for (uint32_t r = 1; r <= ROLES; r++) {
			const struct nrm_reach reach =
				nrm_policy_reach(nrm_policy_source_policy(policy), r, s);
			const nrm_mask fields = nrm_bit(NRM_FIELD_END_) - 2;
			needed += __builtin_popcountll(reach.needed & ~reach.secret & fields);
			both += __builtin_popcountll(reach.needed & reach.secret & fields);
			secret += __builtin_popcountll(reach.secret & ~reach.needed & fields);
		}
	assert_int_equal(count(csv, "\n"), 1 + SERVICES * ROLES * FIELDS);
	assert_int_equal(count(csv, ",needed\n"), needed);
	assert_int_equal(count(csv, ",needed_but_secret\n"), both);
	assert_int_equal(count(csv, ",secret\n"), secret);
	assert_non_null(strstr(csv, "\nlegal_advice,legal_aid,offence_record,needed\n"));
	assert_non_null(strstr(csv, "\nlegal_advice,police,offence_record,secret\n"));
	assert_non_null(
		strstr(csv, "\nemergency_shelter,police,present_location,needed_but_secret\n"));
	assert_non_null(strstr(csv, "\nemergency_shelter,shelter,skills,not_needed\n"));
	free(csv);
	nrm_policy_source_close(policy);
}

static void a_page_has_a_grid_for_each_service(void **state)
{
	struct nrm_policy_source *policy = opened("policy.yaml", shipped);
	char *page = shown(nrm_show_page, policy, ALL, "fr", false);

	(void)state;
	/* and one more for who does not offer the service */
	assert_int_equal(count(page, "<table class=grid"), SERVICES + 1);
	assert_int_equal(count(page, "<th scope=row"), (SERVICES + 1) * ROLES);
	assert_int_equal(count(page, "<th scope=col "), (SERVICES + 1) * FIELDS);
	/* each grid has one cell more, over the roles */
	assert_int_equal(count(page, "<td"), (SERVICES + 1) * (ROLES * FIELDS + 1));
	assert_int_equal(count(page, "<html lang=\"fr\">"), 1);
	assert_int_equal(count(page, "<script") + count(page, "src=") + count(page, "http"), 0);
	free(page);
	page = shown(nrm_show_page, policy, nrm_bit(NRM_SERVICE_RECREATION), "en", false);
	assert_int_equal(count(page, "<table class=grid"), 2);
	free(page);
	nrm_policy_source_close(policy);
}

/* A name of a file may hold anything. */
static void nothing_breaks_out_of_the_page(void **state)
{
	struct nrm_policy_source *policy = opened("<script>\"a\" & 'b'</script>.yaml", shipped);
	char *page = shown(nrm_show_page, policy, 0, "en", false);

	(void)state;
	assert_null(strstr(page, "<script"));
	assert_non_null(strstr(page, "&lt;script&gt;&quot;a&quot; &amp; 'b'&lt;/script&gt;.yaml"));
	free(page);
	nrm_policy_source_close(policy);
}

/* A role behind the absolute wall gets nothing, even where no line of secrecy says so. */
static void behind_the_wall_all_is_secret(void **state)
{
	struct nrm_policy_source *policy =
		with("never: [statistics, immigration_enforcement]", "never: [statistics]");
	const struct nrm_policy *p = nrm_policy_source_policy(policy);

	(void)state;
	for (uint32_t s = 1; s <= SERVICES; s++) {
		const struct nrm_reach reach =
			nrm_policy_reach(p, NRM_ROLE_IMMIGRATION_ENFORCEMENT, s);
		assert_int_equal(reach.needed & ~reach.secret, 0);
		assert_int_not_equal(nrm_policy_reach(p, NRM_ROLE_SHELTER, s).needed &
					     ~nrm_policy_reach(p, NRM_ROLE_SHELTER, s).secret,
				     0);
	}
	nrm_policy_source_close(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_narrow_and_plain),
		cmocka_unit_test(the_widest_table_fits),
		cmocka_unit_test(a_spreadsheet_has_a_line_for_each_cell),
		cmocka_unit_test(a_page_has_a_grid_for_each_service),
		cmocka_unit_test(nothing_breaks_out_of_the_page),
		cmocka_unit_test(behind_the_wall_all_is_secret),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
