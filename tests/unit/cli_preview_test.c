/*
 * `nrm preview` and `nrm case show` as people read them: in the words of the vocabulary, in a language of theirs, or in
 * codes; and a verdict that differs from the preview.
 */
#include "agents/cli/cli.h"
#include "tests/unit/cli_world.h"
#include "tests/unit/preview_world.h"

static int begin(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	preview_init();
	preview_hand_policy();
	api = preview_api;
	setenv("NRM_VOCABULARY", NRM_SOURCE "/config/vocabulary.yaml", 1);
	setenv("LC_ALL", "C", 1);
	return cli_serve();
}

static int end(void **state)
{
	(void)state;
	cli_stop();
	world_done();
	return 0;
}

#define REFERRAL_FILE                                                                           \
	"to: XX.agency-001\nservice: medical_checkup\npurpose: assistance\ncase: " PREVIEW_CASE \
	"\nurgency: urgent\nbasis: consent\nfields:\n  given_name: Sokha\n"                     \
	"  offence_record: theft of rice\n  skills: weaving\n  health_conditions: burnt arm\n"

static int preview(const char *option, const char *value)
{
	char *argv[] = {
		(char[]){"nrm preview"}, file, (char[]){"--wait"}, (char[]){"0"}, (char *)option,
		(char *)value,		 NULL};

	write_file(REFERRAL_FILE);
	return run(nrm_cmd_preview, argv);
}

static int words(int (*command)(int, char **), const char *first, const char *second)
{
	char *argv[] = {(char[]){"nrm"}, (char *)first,	 (char[]){"--wait"},
			(char[]){"0"},	 (char *)second, NULL};

	return run(command, argv);
}

static void no_value_is_told(void)
{
	char text[8192];
	FILE *f = fopen(told, "r");
	size_t n = fread(text, 1, sizeof(text) - 1, f);

	fclose(f);
	text[n] = 0;
	assert_null(strstr(text, "Sokha"));
	assert_null(strstr(text, "theft"));
	assert_null(strstr(text, "weaving"));
	assert_null(strstr(text, "burnt"));
}

static void test_in_words(void **state)
{
	(void)state;
	preview_kept(&preview_tell_of(WORLD_NOW - 3)->answer, WORLD_NOW - 3);
	assert_int_equal(preview("--language", "en"), 0);
	assert_true(tells("What will arrive"));
	assert_true(tells("Given name"));
	assert_true(tells("What will be withheld, and why"));
	assert_true(tells("What is missing"));
	assert_true(tells("as it told at 2026-02-02T02:39:59Z"));
	assert_true(tells("The broker's decision is the one that counts."));
	assert_false(tells("given_name"));
	no_value_is_told();
}

static void test_in_another_language(void **state)
{
	(void)state;
	assert_int_equal(preview("--language", "es"), 1);
	assert_false(tells("The broker's decision is the one that counts."));
	no_value_is_told();
	setenv("LC_ALL", "fr_FR.UTF-8", 1);
	assert_int_equal(preview(NULL, NULL), 1);
	assert_false(tells("The broker's decision is the one that counts."));
	setenv("LC_ALL", "tlh", 1); /* a language that the vocabulary has not */
	assert_int_equal(preview(NULL, NULL), 1);
	assert_true(tells("The broker's decision is the one that counts."));
}

static void test_in_codes(void **state)
{
	(void)state;
	setenv("NRM_VOCABULARY", "/nowhere/vocabulary.yaml", 1);
	assert_int_equal(preview(NULL, NULL), 1);
	assert_true(tells("NO_CONSENT"));
	assert_true(tells("given_name"));
	assert_int_equal(preview("--json", NULL), 1);
	assert_true(tells("\"reason\":\"NO_CONSENT\""));
	assert_true(tells("\"knowledge\":\"none\""));
	no_value_is_told();
}

static void test_mistakes(void **state)
{
	char *nothing[] = {(char[]){"nrm preview"}, file, NULL};

	(void)state;
	write_file("to: XX.agency-001\nservice: hotel\npurpose: assistance\nurgency: "
		   "urgent\nbasis: consent\n");
	assert_int_equal(run(nrm_cmd_preview, nothing), 2);
	assert_true(tells(".yaml:2:"));
}

static void test_a_difference_is_shown(void **state)
{
	char *argv[] = {(char[]){"nrm refer"}, file, (char[]){"--wait"}, (char[]){"0"}, NULL};
	struct nrm_view refused = {.outcome = NRM_OUTCOME_REFUSE,
				   .reason = NRM_REASON_CONSENT_WITHDRAWN};
	char id[2 * NRM_MESSAGE_ID_LEN + 1];

	(void)state;
	preview_kept(&preview_tell_of(WORLD_NOW - 3)->answer, WORLD_NOW - 3);
	nrm_exchange_disconnected(world.side[0].x);
	write_file(REFERRAL_FILE);
	assert_int_equal(run(nrm_cmd_refer, argv), 0);
	assert_false(tells("decided otherwise"));
	nrm_exchange_connected(world.side[0].x);
	world_greet(&world.side[0], (struct nrm_slice){0});
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	refused.message_id = m.view.message_id;
	refused.time_ms = WORLD_NOW;
	refused.type = m.view.type;
	m.view = refused;
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	nrm_hex(m.statement.message_id.data, NRM_MESSAGE_ID_LEN, id);
	assert_int_equal(words(nrm_cmd_show, id, NULL), 0);
	assert_true(tells("The broker decided otherwise than this preview:"));
	assert_true(tells("What will arrive"));
}

static int case_show(const char *name, const char *option)
{
	char *argv[] = {(char[]){"nrm case"}, (char[]){"show"}, (char *)name, (char[]){"--wait"},
			(char[]){"0"},	      (char *)option,	NULL};

	return run(nrm_cmd_case, argv);
}

static void test_case_show(void **state)
{
	struct preview_told *of = preview_tell_of(WORLD_NOW - 3);

	(void)state;
	assert_int_equal(case_show("red", NULL), 2);
	assert_true(tells("no case has this name here"));
	assert_int_equal(case_show(PREVIEW_CASE, NULL), 1);
	assert_true(tells("told nothing before"));
	of->fact[1] = (struct nrm_stated_fact){.kind = NRM_FACT_ASYLUM_SEEKER, .is.yes = false};
	of->fact[2] = (struct nrm_stated_fact){
		.kind = NRM_FACT_ASSESSMENT,
		.is.assessment = {NRM_ASSESSMENT_SECURITY_RISK, WORLD_NOW}};
	of->answer.card.n = 3;
	preview_kept(&of->answer, WORLD_NOW - 3);
	assert_int_equal(case_show(PREVIEW_CASE, NULL), 0);
	assert_true(tells("age_class    adult"));
	assert_true(tells("asylum_seeker no"));
	assert_true(tells("security_risk 2026-02-02T02:40:00Z"));
	assert_true(tells("consent 07000000000000000000000000000000"));
	assert_true(tells("recorders    XX.agency-000"));
	assert_int_equal(case_show(PREVIEW_CASE, "--json"), 0);
	assert_true(tells("\"known\":true"));
	of->answer = (struct nrm_case_answer){.case_id = of->answer.case_id, .time_ms = WORLD_NOW};
	preview_kept(&of->answer, WORLD_NOW - 2);
	assert_int_equal(case_show(PREVIEW_CASE, NULL), 1);
	assert_true(tells("the broker has no such case for this agency"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_in_words), T(test_in_another_language),	 T(test_in_codes),
		T(test_mistakes), T(test_a_difference_is_shown), T(test_case_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
