/*
 * The commands that send: files that people write become requests, and mistakes in them are told
 * with their place before the agent is asked.
 */
#include "agents/cli/cli.h"
#include "proto/base/hex.h"
#include "tests/unit/cli_world.h"

static int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	world_init();
	world_greet(&world.side[0], (struct nrm_slice){0});
	api = (struct nrm_api){.store = world.side[0].store,
			       .identity = &world.side[0].identity,
			       .exchange = world.side[0].x};
	return cli_serve();
}

static int teardown(void **state)
{
	(void)state;
	cli_stop();
	world_done();
	return 0;
}

static int refer(const char *content)
{
	char *argv[] = {(char[]){"nrm refer"}, file, (char[]){"--wait"}, (char[]){"0"}, NULL};

	write_file(content);
	return run(nrm_cmd_refer, argv);
}

static int two_words(int (*command)(int, char **), const char *word, const char *content)
{
	char *argv[] = {(char[]){"nrm"},    (char *)word,  file,
			(char[]){"--wait"}, (char[]){"0"}, NULL};

	write_file(content);
	return run(command, argv);
}

static struct nrm_statement submitted(void)
{
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);

	assert_int_equal(frame.kind, NRM_SUBMIT);
	return world_submitted(&frame.is.submit.envelope[frame.is.submit.n - 1]).statement;
}

#define HEAD                                                                              \
	"to: XX.agency-001\nservice: emergency_shelter\npurpose: assistance\ncase: red\n" \
	"urgency: urgent\n"

static void test_referrals(void **state)
{
	(void)state;
	assert_int_equal(
		refer(HEAD "basis: consent\nfields:\n  age_years: 31\n  given_name: Sokha\n"), 0);
	assert_true(tells("saved here"));
	struct nrm_statement s = submitted();
	assert_int_equal(s.basis, NRM_BASIS_CONSENT);
	assert_int_equal(s.commitment.n, 2);
	assert_int_equal(refer(HEAD "basis: emergency:life_threat\n"), 0);
	s = submitted();
	assert_int_equal(s.basis, NRM_BASIS_EMERGENCY);
	assert_int_equal(s.emergency, NRM_EMERGENCY_LIFE_THREAT);
	assert_int_equal(refer(HEAD "basis: {emergency: child_alone}\nregion: XX-1\n"), 0);
	s = submitted();
	assert_int_equal(s.emergency, NRM_EMERGENCY_CHILD_ALONE);
	assert_true(nrm_slice_equal(s.body.referral.region, nrm_slice_str("XX-1")));
}

/* A mistake, and what is said of its place. */
static const struct {
	const char *content, *where;
} mistakes[] = {
	{HEAD "basis: consent\nfields:\n  given_nam: x\n", ".yaml:8:"},
	{HEAD "basis: consent\nfields:\n  given_nam: x\n", "given_name"},
	{HEAD "basis: conscent\n", ".yaml:6:"},
	{HEAD "basis: emergency\n", "life_threat"},
	{HEAD "basis: emergency:rain\n", ".yaml:6:"},
	{HEAD "basis: {emergency: rain}\n", "basis.emergency"},
	{HEAD "basis: consent\ncontact_by: owl\n", ".yaml:7:"},
	{HEAD "basis: consent\nreplaces: that one\n", ".yaml:7:"},
	{HEAD "basis: consent\nregion: no/where\n", ".yaml:7:9: region: expected"},
	{HEAD "basis: consent\noverride: true\n", "override"},
	{"to: nobody\nservice: emergency_shelter\npurpose: assistance\ncase: red\nurgency: urgent\n"
	 "basis: consent\n",
	 ".yaml:1:"},
	{"to: XX.agency-001\n", "service"},
	{"- a list\n", ".yaml"},
};

static void test_mistakes_in_referrals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		assert_int_equal(refer(mistakes[i].content), 2);
		assert_true(tells(mistakes[i].where));
	}
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
}

static void test_consents_and_case_cards(void **state)
{
	(void)state;
	assert_int_equal(
		two_words(nrm_cmd_consent, "grant",
			  "case: red\ngiven_by: adult\nservices: [any]\n"
			  "recipients: [XX.agency-001, health]\ndata: [identity, risk_level]\n"
			  "purpose: assistance\ndays: 30\nunderstood: true\n"),
		0);
	struct nrm_statement s = submitted();
	assert_int_equal(s.type, NRM_MESSAGE_TYPE_CONSENT_GRANT);
	assert_true(s.body.consent_grant.any_service && s.body.consent_grant.understood);
	assert_int_equal(
		two_words(nrm_cmd_consent, "grant",
			  "case: red\ngiven_by: adult\nservices: [any]\nrecipients: [any]\n"
			  "data: [identity, colour]\npurpose: assistance\ndays: 30\n"),
		2);
	assert_true(tells(".yaml:5:"));
	assert_int_equal(
		two_words(nrm_cmd_consent, "grant",
			  "case: red\ngiven_by: adult\nservices: [any]\nrecipients: [any]\n"
			  "data: [any]\npurpose: assistance\ndays: 30\ncountries: [KH, Lao]\n"),
		2);
	assert_true(tells(".yaml:8:17: countries[1]: expected"));
	assert_int_equal(
		two_words(nrm_cmd_consent, "grant",
			  "case: red\ngiven_by: adult\nservices: [any]\nrecipients: [any]\n"
			  "data: [any]\npurpose: assistance\ndays: 30\n"
			  "language: a-tag-that-goes-on-for-far-too-long-a-tag\n"),
		2);
	assert_true(tells(".yaml:8:11: language: expected"));

	assert_int_equal(
		two_words(nrm_cmd_case, "state",
			  "case: red\nage_class: adult\nasylum_seeker: false\nrefused: []\n"
			  "assessments: {best_interests: 2026-01-01T00:00:00Z}\n"),
		0);
	s = submitted();
	assert_int_equal(s.type, NRM_MESSAGE_TYPE_CASE_CARD);
	assert_int_equal(s.body.case_card.n, 4);
	assert_int_equal(two_words(nrm_cmd_case, "state",
				   "case: red\nassessments: {best_interests: soon}\n"),
			 2);
	assert_true(tells("assessments.best_interests"));
	assert_int_equal(two_words(nrm_cmd_case, "state", "case: red\nexcluded: [any]\n"), 2);
	assert_true(tells(".yaml:2:12: excluded[0]: expected"));
	assert_int_equal(two_words(nrm_cmd_case, "state", "case: red\nguardian: someone\n"), 2);
	assert_true(tells(".yaml:2:"));
}

static void test_an_agent_that_is_not_there(void **state)
{
	(void)state;
	setenv("NRM_AGENT", "/tmp/nrm-no-such-agent", 1);
	assert_int_equal(refer(HEAD "basis: consent\n"), 2);
	assert_true(tells("cannot reach"));
	unsetenv("NRM_AGENT");
	assert_int_equal(refer(HEAD "basis: consent\n"), 2);
	assert_true(tells("NRM_AGENT"));
}

static void test_lists_and_one_message(void **state)
{
	char *inbox[] = {(char[]){"nrm inbox"}, NULL}, *outbox[] = {(char[]){"nrm outbox"}, NULL};
	char *status[] = {(char[]){"nrm status"}, NULL}, id[33];
	char *show[] = {(char[]){"nrm show"}, id, NULL};

	(void)state;
	assert_int_equal(refer(HEAD "basis: consent\nfields: {given_name: Sokha, languages: km}\n"),
			 0);
	nrm_hex(submitted().message_id.data, 16, id);
	assert_int_equal(run(nrm_cmd_outbox, outbox), 0);
	assert_true(tells(id));
	assert_int_equal(run(nrm_cmd_inbox, inbox), 0);
	assert_int_equal(run(nrm_cmd_show, show), 0);
	assert_true(tells("Sokha"));
	assert_int_equal(run(nrm_cmd_status, status), 0);
	assert_true(tells("XX.agency-000"));
	memset(id, '0', 32);
	assert_int_equal(run(nrm_cmd_show, show), 2);
}

/* Exit status 1 and a line of its own when the broker is late with a proof. */
static void test_an_alarm_in_status(void **state)
{
	char *status[] = {(char[]){"nrm status"}, NULL};

	(void)state;
	assert_int_equal(refer(HEAD "basis: consent\nfields: {given_name: Sokha, languages: km}\n"),
			 0);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_int_equal(run(nrm_cmd_status, status), 0);
	assert_true(tells("1 without proof yet"));
	set_clock(WORLD_NOW + NRM_MAX_UNPROVED_MS + 1);
	assert_int_equal(run(nrm_cmd_status, status), 1);
	assert_true(tells("ALARM        proofs that did not come within an hour: 1;"));
}

static void test_commands_that_are_not_there(void **state)
{
	char *nothing[] = {(char[]){"nrm consent"}, (char[]){"grnat"}, NULL};

	(void)state;
	assert_int_equal(run(nrm_cmd_consent, nothing), 2);
	assert_true(tells("nrm consent: there is no command \"grnat\""));
	nothing[1] = (char[]){"--help"};
	assert_int_equal(run(nrm_cmd_consent, nothing), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_referrals),
		T(test_mistakes_in_referrals),
		T(test_consents_and_case_cards),
		T(test_an_agent_that_is_not_there),
		T(test_lists_and_one_message),
		T(test_an_alarm_in_status),
		T(test_commands_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
