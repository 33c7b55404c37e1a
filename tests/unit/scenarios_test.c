/* Every scenario file under tests/scenarios, against the shipped policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/policy/policy_file.h"
#include "broker/policy/scenario.h"
#include "proto/crypto/crypto.h"

static struct nrm_policy *policy;
static char error[NRM_SCENARIO_ERROR_LEN];

static int load(void **state)
{
	(void)state;
	if (nrm_crypto_init() == NRM_OK &&
	    nrm_policy_load(NRM_SOURCE "/config/policy.yaml", &policy, error) == NRM_OK)
		return 0;
	print_error("%s\n", error);
	return 1;
}

static int unload(void **state)
{
	(void)state;
	nrm_policy_free(policy);
	nrm_crypto_thread_done();
	return 0;
}

static void all_pass(void **state)
{
	struct nrm_scenario_counts counts = {0};
	glob_t files;

	(void)state;
	assert_int_equal(glob(NRM_TESTS "/scenarios/*.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		if (nrm_scenarios_run(policy, files.gl_pathv[i], stderr, &counts, error) != NRM_OK)
			fail_msg("%s", error);
	globfree(&files);
	assert_int_equal(counts.failed, 0);
	assert_true(counts.passed >= 77);
}

/* Runs one small file; what it reports is in `report`. */
static enum nrm_err run_text(const char *text, struct nrm_scenario_counts *counts,
			     char report[static 4096])
{
	char path[] = "/tmp/nrm-scenario-XXXXXX";
	const int fd = mkstemp(path);
	FILE *out = fmemopen(report, 4096, "w");
	enum nrm_err err;

	assert_true(fd >= 0 && out);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	memset(counts, 0, sizeof(*counts));
	memset(error, 0, sizeof(error));
	err = nrm_scenarios_run(policy, path, out, counts, error);
	fclose(out);
	unlink(path);
	return err;
}

#define HEAD                                                                            \
	"country: TH\n"                                                                 \
	"participants:\n"                                                               \
	"- {id: TH.shelter-1, roles: [shelter], services: [emergency_shelter]}\n"       \
	"- {id: TH.hospital-1, roles: [health], services: [emergency_medical]}\n"       \
	"cases:\n"                                                                      \
	"- name: an emergency\n"                                                        \
	"  now: 2026-05-01T10:00:00Z\n"                                                 \
	"  card: {age_class: adult}\n"                                                  \
	"  message: {type: referral, sender: TH.shelter-1, recipient: TH.hospital-1,\n" \
	"    service: emergency_medical, purpose: assistance, basis: emergency,\n"      \
	"    emergency_reason: life_threat, fields: [given_name, skills]}\n"            \
	"  expect: "

static void a_met_expectation_passes(void **state)
{
	struct nrm_scenario_counts counts;
	char report[4096] = "";

	(void)state;
	assert_int_equal(
		run_text(HEAD
			 "{outcome: forward, reason: OK, forwarded: [given_name],\n"
			 "    withheld: {skills: NOT_NEEDED}, obligations: [tell_the_subject],\n"
			 "    forwarded_excludes: [skills], missing: []}\n",
			 &counts, report),
		NRM_OK);
	assert_int_equal(counts.passed, 1);
	assert_int_equal(counts.failed, 0);
	assert_string_equal(report, "");
}

static void an_unmet_one_is_reported(void **state)
{
	static const struct {
		const char *expect, *says;
	} cases[] = {
		{"{outcome: refuse}", "outcome: expected refuse, got forward"},
		{"{outcome: hold}", "outcome: expected hold, got forward"},
		{"{reason: NO_CONSENT}", "reason: expected NO_CONSENT, got OK"},
		{"{forwarded: []}", "forwarded: expected [], got [given_name]"},
		{"{forwarded_includes: [skills]}",
		 "forwarded: expected at least [skills], got [given_name]"},
		{"{forwarded_excludes: [given_name]}", "forwarded: expected none of [given_name]"},
		{"{withheld: {skills: SECRET}}", "skills: expected SECRET, got NOT_NEEDED"},
		{"{withheld: {given_name: SECRET}}", "given_name: expected SECRET, got nothing"},
		{"{obligations: [inform_guardian]}",
		 "obligations: expected at least [inform_guardian], got ["},
		{"{missing: [inclusion]}", "missing: expected [inclusion], got []"},
	};
	struct nrm_scenario_counts counts;
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char report[4096] = "";
		snprintf(text, sizeof(text), HEAD "%s\n", cases[i].expect);
		assert_int_equal(run_text(text, &counts, report), NRM_OK);
		assert_int_equal(counts.passed, 0);
		assert_int_equal(counts.failed, 1);
		assert_non_null(strstr(report, ": an emergency\n"));
		assert_non_null(strstr(report, cases[i].says));
	}
}

static void bad_files_are_errors(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{HEAD "{outcome: forwad}\n",
		 ":12:21: cases[0].expect.outcome: unknown outcome \"forwad\""},
		{HEAD "{outcome: forward, forwarded: [name]}\n",
		 "cases[0].expect.forwarded[0]: unknown field"},
		{HEAD "{outcome: forward}\n  colour: red\n",
		 ":13:3: cases[0]: unknown key \"colour\""},
		{"country: Thailand\nparticipants: []\ncases: []\n",
		 ":1:10: country: expected a country"},
		{"country: TH\nparticipants:\n- {id: shelter, roles: [], services: []}\ncases: "
		 "[]\n",
		 ":3:8: participants[0].id: expected an id"},
		{"country: TH\nparticipants:\n- {id: TH.a, roles: [], services: []}\n"
		 "- {id: TH.a, roles: [], services: []}\ncases: []\n",
		 ":4:8: participants[1].id: listed twice"},
		{"country: TH\nparticipants: []\ncases:\n- {name: x, now: today, message: {type: "
		 "notice},\n"
		 "   expect: {}}\n",
		 ":4:18: cases[0].now: "},
	};
	struct nrm_scenario_counts counts;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char report[4096] = "";
		assert_int_not_equal(run_text(cases[i].text, &counts, report), NRM_OK);
		if (!strstr(error, cases[i].says))
			fail_msg("case %zu: %s", i, error);
		assert_int_equal(counts.passed + counts.failed, 0);
	}
	assert_int_equal(nrm_scenarios_run(policy, "/nonexistent.yaml", stderr, &counts, error),
			 NRM_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pass),
		cmocka_unit_test(a_met_expectation_passes),
		cmocka_unit_test(an_unmet_one_is_reported),
		cmocka_unit_test(bad_files_are_errors),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
