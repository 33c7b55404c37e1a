/* Times that people write, in scenario and participants files: RFC 3339 in UTC, and no other form at any key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/policy/policy_file.h"
#include "broker/policy/scenario.h"
#include "proto/crypto/crypto.h"
#include "proto/directory/participants.h"

/* Each "@" is a place where a time stands. */
static const char scenario[] =
	"country: TH\n"
	"participants:\n"
	"- {id: TH.shelter-1, roles: [shelter], services: [emergency_shelter]}\n"
	"cases:\n"
	"- name: with every time there is\n"
	"  now: @\n"
	"  card: {adult_since: @, reflection_until: @, last_threat: @, assessments: {inclusion: "
	"@}}\n"
	"  consents:\n"
	"  - {id: c1, given_by: adult, services: [any], recipients: [any], data: [any],\n"
	"     from: @, until: @, withdrawn_at: @}\n"
	"  message: {type: notice, sender: TH.shelter-1, recipient: TH.shelter-1}\n"
	"  expect: {}\n";
static const char *const scenario_paths[] = {
	"cases[0].now",
	"cases[0].card.adult_since",
	"cases[0].card.reflection_until",
	"cases[0].card.last_threat",
	"cases[0].card.assessments.inclusion",
	"cases[0].consents[0].from",
	"cases[0].consents[0].until",
	"cases[0].consents[0].withdrawn_at",
};

static const char participants[] =
	"country: TH\n"
	"version: 1\n"
	"valid_from: @\n"
	"valid_until: @\n"
	"broker: {id: TH.nrm, endpoint: 'tcp://127.0.0.1:7100', keys: broker}\n"
	"participants:\n"
	"- {id: TH.shelter, name: x, kind: ngo, roles: [shelter], valid_from: @, valid_until: @, "
	"keys: shelter}\n";
static const char *const participants_paths[] = {
	"valid_from",
	"valid_until",
	"participants[0].valid_from",
	"participants[0].valid_until",
};

static const char *const not_rfc_3339_utc[] = {
	"2026-05-01",
	"2026-05-01 10:00:00Z",
	"2026-05-01T10:00:00",
	"2026-05-01T10:00:00z",
	"2026-05-01t10:00:00Z",
	"2026-05-01T10:00:00+00:00",
	"2026-05-01T17:00:00+07:00",
	"2026-05-01T10:00:00-00:00",
	"2026-05-01T10:00Z",
	"2026-05-01T10Z",
	"20260501T100000Z",
	"2026-W18-5T10:00:00Z",
	"2026-5-1T10:00:00Z",
	"2026-05-01T10:00:00,000Z",
	"2026-05-01T10:00:00.1Z",
	"2026-05-01T10:00:00.123456Z",
	"2026-05-01T24:00:00Z",
	"2026-05-01T23:60:00Z",
	"2026-06-30T23:59:60Z",
	"2026-13-01T10:00:00Z",
	"2026-00-01T10:00:00Z",
	"2026-02-29T10:00:00Z",
	"2026-04-31T10:00:00Z",
	"2026-05-00T10:00:00Z",
	"1969-12-31T23:59:59Z",
	"02026-05-01T10:00:00Z",
	"12026-05-01T10:00:00Z",
	"+2026-05-01T10:00:00Z",
	"1777629600",
	"1777629600000",
	"tomorrow",
	"01/05/2026",
	"May 1, 2026 10:00:00 Z",
	"Fri, 01 May 2026 10:00:00 GMT",
	"\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6-05-01T10:00:00Z",
};
#define FORMS (sizeof(not_rfc_3339_utc) / sizeof(not_rfc_3339_utc[0]))

/* The text with a time at each place: `odd` at number `which`, a good one elsewhere. Where the odd one stands, too. */
static char *filled(const char *text, size_t which, const char *odd, unsigned *row,
		    unsigned *column)
{
	char *out = calloc(1, strlen(text) + 2048), *end = out;
	size_t place = 0;

	assert_non_null(out);
	*row = *column = 1;
	for (bool before = true; *text; text++) {
		const char *put = place == which ? odd : "2026-05-01T10:00:00Z";
		if (*text == '@') {
			before &= place++ != which;
			end += sprintf(end, "\"%s\"", put);
			*column += before ? (unsigned)strlen(put) + 2 : 0;
		} else {
			*end++ = *text;
			*row += before && *text == '\n';
			*column = before ? *text == '\n' ? 1 : *column + 1 : *column;
		}
	}
	return out;
}

static void assert_refused(const char *error, const char *name, unsigned row, unsigned column,
			   const char *path)
{
	char line[512];

	snprintf(line, sizeof(line), "%s:%u:%u: %s: expected a time like 2026-05-01T10:00:00Z",
		 name, row, column, path);
	assert_string_equal(error, line);
}

static void in_scenarios(void **state)
{
	struct nrm_policy *policy = NULL;
	char error[NRM_SCENARIO_ERROR_LEN];
	unsigned row, column;

	(void)state;
	assert_int_equal(nrm_policy_load(NRM_SOURCE "/config/policy.yaml", &policy, error), NRM_OK);
	const size_t n = sizeof(scenario_paths) / sizeof(scenario_paths[0]);
	for (size_t place = 0; place <= n; place++) /* the last: none is odd */
		for (size_t form = 0; form < (place < n ? FORMS : 1); form++) {
			char *text = filled(scenario, place, not_rfc_3339_utc[form], &row, &column);
			struct nrm_scenario_counts counts = {0};
			const enum nrm_err err = nrm_scenarios_run_bytes(
				policy, "s.yaml", nrm_slice_str(text), stderr, &counts, error);
			assert_int_equal(err, place < n ? NRM_ERR_FORMAT : NRM_OK);
			assert_int_equal(counts.passed, place < n ? 0 : 1);
			if (place < n)
				assert_refused(error, "s.yaml", row, column, scenario_paths[place]);
			free(text);
		}
	nrm_policy_free(policy);
}

static void in_participants(void **state)
{
	static const uint8_t authority[NRM_KEY_LEN];
	const struct nrm_participants_options options = {.keys = NRM_TESTS "/fuzz/keys"};
	char error[NRM_YAML_ERROR_LEN];
	unsigned row, column;

	(void)state;
	for (size_t place = 0; place < sizeof(participants_paths) / sizeof(participants_paths[0]);
	     place++)
		for (size_t form = 0; form < FORMS; form++) {
			char *text =
				filled(participants, place, not_rfc_3339_utc[form], &row, &column);
			struct nrm_buf out;
			nrm_buf_init(&out);
			assert_int_equal(
				nrm_participants_compile_bytes("p.yaml", nrm_slice_str(text),
							       &options, authority, &out, error),
				NRM_ERR_FORMAT);
			assert_refused(error, "p.yaml", row, column, participants_paths[place]);
			assert_int_equal(out.len, 0);
			nrm_buf_done(&out);
			free(text);
		}
}

static int init(void **state)
{
	(void)state;
	return nrm_crypto_init() != NRM_OK;
}

static int done(void **state)
{
	(void)state;
	nrm_crypto_thread_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_scenarios),
		cmocka_unit_test(in_participants),
	};

	return cmocka_run_group_tests(tests, init, done);
}
