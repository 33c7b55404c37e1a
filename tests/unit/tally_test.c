/* What a leaf adds to what oversight counts, and the rows that sums are kept in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/trail/sums.h"

#define MINUTE	29493120u /* 2026-01-29 */
#define COUNTRY ('X' << 8 | 'A')

static struct {
	struct nrm_tally_cell cell[64];
	size_t n;
	enum nrm_err answer;
} told;

static enum nrm_err take(void *context, const struct nrm_tally_cell *cell)
{
	(void)context;
	assert_true(told.n < 64);
	told.cell[told.n++] = *cell;
	return told.answer;
}

static struct nrm_leaf leaf;
static struct nrm_view view;

/* A referral by police that went on to a shelter with two fields, on consent. */
static int begin(void **state)
{
	static const struct nrm_slice consent = {(const uint8_t *)"consent-consent-", 16};

	(void)state;
	leaf = (struct nrm_leaf){.minute = MINUTE,
				 .kind = NRM_EVENT_REFERRAL,
				 .sender = nrm_slice_str("XA.police"),
				 .recipient = nrm_slice_str("XA.shelter"),
				 .service = NRM_SERVICE_EMERGENCY_SHELTER,
				 .outcome = NRM_OUTCOME_FORWARD,
				 .reason = NRM_REASON_OK};
	view = (struct nrm_view){.type = NRM_MESSAGE_TYPE_REFERRAL,
				 .outcome = NRM_OUTCOME_FORWARD,
				 .reason = NRM_REASON_OK,
				 .forwarded = nrm_bit(NRM_FIELD_GIVEN_NAME),
				 .rules = 1u << 20,
				 .consent_id = {&consent, 1},
				 .basis = NRM_BASIS_CONSENT};
	told.n = 0;
	told.answer = NRM_OK;
	return 0;
}

static void count(uint64_t answered)
{
	told.n = 0;
	assert_int_equal(nrm_tally(&leaf, &view, COUNTRY, answered, take, NULL), NRM_OK);
}

/* The amount of an indicator's detail, which must be the agency's; 0 when it was not told. */
static uint64_t amount(enum nrm_tally tally, uint32_t detail, const char *agency)
{
	for (size_t i = 0; i < told.n; i++) {
		const struct nrm_tally_cell *c = &told.cell[i];

		if (c->tally != tally || c->detail != detail)
			continue;
		assert_true(nrm_slice_equal(c->agency, nrm_slice_str(agency)));
		assert_int_equal(c->service, leaf.service);
		assert_int_equal(c->month, (2026 - 1970) * 12);
		return c->amount;
	}
	return 0;
}

#define POLICE	"XA.police"
#define SHELTER "XA.shelter"

static void a_referral_on_consent(void **state)
{
	(void)state;
	view.withheld[0].reason = NRM_REASON_SECRET;
	view.withheld[0].fields = nrm_bit(3) | nrm_bit(9) | nrm_bit(50);
	view.obligations = 1u << NRM_OBLIGATION_REVIEW_CONSENT;
	count(0);
	assert_int_equal(amount(NRM_TALLY_FORWARDED, NRM_BASIS_CONSENT, POLICE), 1);
	assert_int_equal(amount(NRM_TALLY_WITHHELD, NRM_REASON_SECRET, SHELTER), 3);
	assert_int_equal(amount(NRM_TALLY_DUTIES, NRM_OBLIGATION_REVIEW_CONSENT, POLICE), 1);
	assert_int_equal(told.n, 3);
}

static void without_a_ground(void **state)
{
	const struct nrm_slices consents = view.consent_id;

	(void)state;
	view.consent_id.n = 0;
	count(0);
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 1);
	view.groundless = true;
	count(0);
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 0);
	view.groundless = false;
	view.basis = NRM_BASIS_NONE;
	view.consent_id = consents;
	count(0);
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 1);
	view.basis = NRM_BASIS_EMERGENCY;
	count(0); /* no reason was stated */
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 1);
	view.emergency = NRM_EMERGENCY_LIFE_THREAT;
	count(0);
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 0);
	assert_int_equal(amount(NRM_TALLY_EMERGENCY, NRM_EMERGENCY_LIFE_THREAT, POLICE), 1);
	view.basis = NRM_BASIS_CHILD_PROTECTION;
	count(0); /* of no child */
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 1);
	view.child = true;
	count(0);
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 0);
	/* An answer without fields needs none. */
	view.basis = NRM_BASIS_NONE;
	view.child = false;
	view.forwarded = 0;
	leaf.kind = NRM_EVENT_RESPONSE;
	view.type = NRM_MESSAGE_TYPE_RESPONSE;
	count(0);
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 0);
	/* And what was refused shared nothing. */
	leaf.kind = NRM_EVENT_REFERRAL;
	view.type = NRM_MESSAGE_TYPE_REFERRAL;
	view.outcome = NRM_OUTCOME_REFUSE;
	count(0);
	assert_int_equal(amount(NRM_TALLY_WITHOUT_BASIS, 0, POLICE), 0);
}

static void a_child(void **state)
{
	(void)state;
	view.child = true;
	view.guardian = NRM_SAFEGUARD_PRESENT;
	view.assessment = NRM_SAFEGUARD_NOT_ASKED;
	count(0);
	assert_int_equal(told.n, 1);
	view.guardian = NRM_SAFEGUARD_MISSING;
	count(0);
	assert_int_equal(amount(NRM_TALLY_CHILD_UNGUARDED, 0, POLICE), 1);
	view.assessment = NRM_SAFEGUARD_MISSING;
	leaf.kind = NRM_EVENT_REDECISION; /* when it was delivered, too */
	count(0);
	assert_int_equal(amount(NRM_TALLY_CHILD_UNGUARDED, 0, POLICE), 1);
	assert_int_equal(amount(NRM_TALLY_CHILD_UNASSESSED, 0, POLICE), 1);
	assert_int_equal(amount(NRM_TALLY_FORWARDED, NRM_BASIS_CONSENT, POLICE), 0);
	leaf.kind = NRM_EVENT_REFERRAL;
	view.outcome = NRM_OUTCOME_HOLD;
	view.reason = NRM_REASON_GUARDIAN_MISSING;
	count(0);
	assert_int_equal(amount(NRM_TALLY_HELD, NRM_REASON_GUARDIAN_MISSING, POLICE), 1);
	assert_int_equal(told.n, 1);
}

static void a_refusal_has_its_rule(void **state)
{
	(void)state;
	view.outcome = NRM_OUTCOME_REFUSE;
	view.reason = NRM_REASON_EXCLUDED; /* the true one, whatever was told */
	view.rules = 1u << 3 | 1u << 12;
	count(0);
	assert_int_equal(amount(NRM_TALLY_REFUSED_RULE, 3, POLICE), 1);
	assert_int_equal(amount(NRM_TALLY_REFUSED_RULE, 12, POLICE), 0);
	assert_int_equal(amount(NRM_TALLY_REFUSED_REASON, NRM_REASON_EXCLUDED, POLICE), 1);
	view.rules = 1u << 12;
	count(0);
	assert_int_equal(amount(NRM_TALLY_REFUSED_RULE, 12, POLICE), 1);
}

static void an_answer(void **state)
{
	static const struct {
		uint64_t minutes;
		enum nrm_duration is;
	} times[] = {{0, NRM_DURATION_HOUR},	      {60, NRM_DURATION_HOUR},
		     {61, NRM_DURATION_FOUR_HOURS},   {1440, NRM_DURATION_DAY},
		     {1441, NRM_DURATION_THREE_DAYS}, {4321, NRM_DURATION_WEEK},
		     {43200, NRM_DURATION_MONTH},     {43201, NRM_DURATION_LONGER}};

	(void)state;
	leaf.kind = NRM_EVENT_RESPONSE;
	view.type = NRM_MESSAGE_TYPE_RESPONSE;
	view.answer = NRM_ANSWER_DECLINE;
	view.decline = NRM_DECLINE_NO_CAPACITY;
	count(0);
	assert_int_equal(amount(NRM_TALLY_ANSWERS, NRM_ANSWER_DECLINE, POLICE), 1);
	assert_int_equal(amount(NRM_TALLY_DECLINED, NRM_DECLINE_NO_CAPACITY, POLICE), 1);
	assert_int_equal(told.n, 3);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		count(MINUTE - times[i].minutes);
		assert_int_equal(amount(NRM_TALLY_RESPONSE_TIME, times[i].is, POLICE), 1);
		assert_int_equal(told.n, 4);
	}
	view.answer = NRM_ANSWER_ACCEPT;
	count(MINUTE + 1); /* before it was asked: of no time */
	assert_int_equal(told.n, 2);
}

static void what_comes_after(void **state)
{
	static const struct {
		enum nrm_event kind;
		enum nrm_outcome outcome;
		enum nrm_tally tally;
		const char *agency;
		uint32_t detail;
	} later[] = {
		{NRM_EVENT_ACKNOWLEDGEMENT, NRM_OUTCOME_FORWARD, NRM_TALLY_ACKNOWLEDGED, SHELTER,
		 0},
		{NRM_EVENT_ACKNOWLEDGEMENT, NRM_OUTCOME_REFUSE, NRM_TALLY_UNUSABLE, SHELTER, 0},
		{NRM_EVENT_RETURN, NRM_OUTCOME_REFUSE, NRM_TALLY_RETURNED, SHELTER, 0},
		{NRM_EVENT_REDECISION, NRM_OUTCOME_REFUSE, NRM_TALLY_STOPPED, POLICE,
		 NRM_REASON_CONSENT_WITHDRAWN},
		{NRM_EVENT_COMPLAINT, NRM_OUTCOME_FORWARD, NRM_TALLY_COMPLAINTS, POLICE, 0},
		{NRM_EVENT_NOTIFICATION, NRM_OUTCOME_FORWARD, NRM_TALLY_NOTIFICATIONS, POLICE, 0},
		{NRM_EVENT_NOTICE, NRM_OUTCOME_FORWARD, NRM_TALLY_NOTICES, POLICE,
		 NRM_NOTICE_KIND_EXPULSION},
		{NRM_EVENT_UPDATE, NRM_OUTCOME_FORWARD, NRM_TALLY_STEPS, POLICE, NRM_STEP_REOPEN},
		{NRM_EVENT_ERASURE_ORDER, NRM_OUTCOME_FORWARD, NRM_TALLY_ERASURES_ORDERED, SHELTER,
		 0},
		{NRM_EVENT_ERASURE_CONFIRMATION, NRM_OUTCOME_FORWARD, NRM_TALLY_ERASURES_CONFIRMED,
		 POLICE, 0},
		{NRM_EVENT_FORGETTING, NRM_OUTCOME_FORWARD, NRM_TALLY_FORGOTTEN, POLICE, 0},
	};

	(void)state;
	view.notice = NRM_NOTICE_KIND_EXPULSION;
	view.step = NRM_STEP_REOPEN;
	view.reason = NRM_REASON_CONSENT_WITHDRAWN;
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
		leaf.kind = later[i].kind;
		leaf.outcome = view.outcome = later[i].outcome;
		count(0);
		assert_int_equal(amount(later[i].tally, later[i].detail, later[i].agency), 1);
	}
	leaf.kind = NRM_EVENT_ERASURE_CONFIRMATION;
	leaf.outcome = view.outcome = NRM_OUTCOME_FORWARD;
	view.kept_by_law = true;
	count(0);
	assert_int_equal(amount(NRM_TALLY_ERASURES_KEPT, 0, POLICE), 1);
	assert_int_equal(amount(NRM_TALLY_ERASURES_CONFIRMED, 0, POLICE), 0);
	leaf.kind = NRM_EVENT_DIRECTORY;
	count(0);
	assert_int_equal(told.n, 0);
}

static void facts_stated_to_the_broker(void **state)
{
	(void)state;
	leaf.recipient = nrm_slice_str("XA.nrm");
	leaf.kind = NRM_EVENT_CONSENT_GRANT;
	count(0);
	assert_int_equal(amount(NRM_TALLY_CONSENTS_GIVEN, 0, POLICE), 1);
	assert_int_equal(told.n, 1);
	leaf.kind = NRM_EVENT_WITHDRAWAL;
	count(0);
	assert_int_equal(amount(NRM_TALLY_CONSENTS_WITHDRAWN, 0, POLICE), 1);
	leaf.recipient = nrm_slice_str("XA.nrm-office"); /* an agency of a name like it */
	count(0);
	assert_int_equal(amount(NRM_TALLY_CONSENTS_WITHDRAWN, 0, POLICE), 0);
}

static void across_a_border(void **state)
{
	const uint32_t other = 'L' << 8 | 'A';

	(void)state;
	leaf.recipient = nrm_slice_str("LA.nrm-office");
	count(0);
	assert_int_equal(amount(NRM_TALLY_ABROAD, other, POLICE), 1);
	view.outcome = NRM_OUTCOME_HOLD;
	count(0);
	assert_int_equal(amount(NRM_TALLY_ABROAD_STOPPED, other, POLICE), 1);
	leaf.recipient = nrm_slice_str(POLICE);
	leaf.sender = nrm_slice_str("LA.police");
	view.outcome = NRM_OUTCOME_FORWARD;
	count(0);
	assert_int_equal(amount(NRM_TALLY_ABROAD, other, "LA.police"), 1);
}

static void the_first_error_ends_it(void **state)
{
	(void)state;
	view.obligations = 6;
	told.answer = NRM_ERR_NOMEM;
	assert_int_equal(nrm_tally(&leaf, &view, COUNTRY, 0, take, NULL), NRM_ERR_NOMEM);
	assert_int_equal(told.n, 1);
}

static void months(void **state)
{
	static const char *const wrong[] = {"2026-13", "2026-00",  "2026-1", "2026/01",
					    "1969-12", "2026-01 ", "",	     "x026-01"};
	char text[NRM_MONTH_TEXT_LEN + 1];
	uint16_t month;

	(void)state;
	assert_int_equal(nrm_month_of(0), 0);
	assert_int_equal(nrm_month_of(31 * 24 * 60 - 1), 0);
	assert_int_equal(nrm_month_of(31 * 24 * 60), 1);
	assert_int_equal(nrm_month_of(UINT64_MAX), UINT16_MAX);
	nrm_month_format(nrm_month_of(MINUTE), text);
	assert_string_equal(text, "2026-01");
	assert_int_equal(nrm_month_parse(text, &month), NRM_OK);
	assert_int_equal(month, 56 * 12);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(nrm_month_parse(wrong[i], &month), NRM_ERR_FORMAT);
}

/* --- sums and rows --- */

static void sums(void **state)
{
	struct nrm_sums s = {0};

	(void)state;
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 1000; i++)
			assert_int_equal(nrm_sums_add(&s, i % 7, i * 31 % 1000, i), NRM_OK);
	assert_int_equal(s.n, 1000);
	assert_int_equal(nrm_sums_amount(&s, 999 % 7, 999 * 31 % 1000), 2 * 999);
	assert_int_equal(nrm_sums_amount(&s, 8, 1), 0);
	assert_int_equal(nrm_sums_add(&s, 8, 1, UINT64_MAX), NRM_OK);
	assert_int_equal(nrm_sums_add(&s, 8, 1, 5), NRM_OK);
	assert_int_equal(nrm_sums_amount(&s, 8, 1), UINT32_MAX);
	nrm_sums_sort(&s);
	for (uint32_t i = 1; i < s.n; i++)
		assert_true(s.sum[i - 1].row < s.sum[i].row || (s.sum[i - 1].row == s.sum[i].row &&
								s.sum[i - 1].cell < s.sum[i].cell));
	nrm_sums_clear(&s);
	assert_int_equal(nrm_sums_amount(&s, 8, 1), 0);
	assert_int_equal(nrm_sums_add(&s, 8, 1, 5), NRM_OK);
	assert_int_equal(nrm_sums_amount(&s, 8, 1), 5);
	nrm_sums_done(&s);
}

static void rows(void **state)
{
	const struct nrm_sum first[] = {{1, 5, 10}, {1, 7, 1}},
			     more[] = {{1, 4, 2}, {1, 7, 3}, {1, 9, 4}};
	struct nrm_buf row = {0}, merged = {0}, out = {0};
	struct nrm_sums s = {0};

	(void)state;
	assert_int_equal(nrm_tally_row_merge(nrm_buf_slice(&row), first, 2, &row), NRM_OK);
	assert_int_equal(row.len, 2 * NRM_TALLY_CELL_LEN);
	assert_int_equal(nrm_tally_row_merge(nrm_buf_slice(&row), more, 3, &merged), NRM_OK);
	assert_int_equal(nrm_tally_row_read(1, nrm_buf_slice(&merged), &s), NRM_OK);
	assert_int_equal(s.n, 4);
	assert_int_equal(nrm_sums_amount(&s, 1, 4), 2);
	assert_int_equal(nrm_sums_amount(&s, 1, 5), 10);
	assert_int_equal(nrm_sums_amount(&s, 1, 7), 4);
	assert_int_equal(nrm_sums_amount(&s, 1, 9), 4);
	/* Every truncation but those between cells, and cells out of order. */
	for (size_t len = 0; len < merged.len; len++) {
		const enum nrm_err want = len % NRM_TALLY_CELL_LEN ? NRM_ERR_CORRUPT : NRM_OK;

		nrm_buf_clear(&out);
		assert_int_equal(nrm_tally_row_merge(nrm_slice(merged.data, len), first, 2, &out),
				 want);
		assert_int_equal(nrm_tally_row_read(2, nrm_slice(merged.data, len), &s), want);
	}
	memcpy(merged.data, merged.data + NRM_TALLY_CELL_LEN, NRM_TALLY_CELL_LEN);
	assert_int_equal(nrm_tally_row_read(3, nrm_buf_slice(&merged), &s), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_tally_row_merge(nrm_buf_slice(&merged), first, 2, &out),
			 NRM_ERR_CORRUPT);
	nrm_buf_done(&row);
	nrm_buf_done(&merged);
	nrm_buf_done(&out);
	nrm_sums_done(&s);
}

static void keys(void **state)
{
	uint8_t key[NRM_TALLY_KEY_LEN + 1];
	uint64_t row;

	(void)state;
	nrm_tally_key(nrm_sum_row(672, 70000), key);
	assert_memory_equal(key, "\x02\xa0\x00\x01\x11\x70", 6);
	assert_int_equal(nrm_tally_key_read(nrm_slice(key, 6), &row), NRM_OK);
	assert_true(row == nrm_sum_row(672, 70000));
	assert_int_equal(nrm_tally_key_read(nrm_slice(key, 5), &row), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_tally_key_read(nrm_slice(key, 7), &row), NRM_ERR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_referral_on_consent, begin),
		cmocka_unit_test_setup(without_a_ground, begin),
		cmocka_unit_test_setup(a_child, begin),
		cmocka_unit_test_setup(a_refusal_has_its_rule, begin),
		cmocka_unit_test_setup(an_answer, begin),
		cmocka_unit_test_setup(what_comes_after, begin),
		cmocka_unit_test_setup(facts_stated_to_the_broker, begin),
		cmocka_unit_test_setup(across_a_border, begin),
		cmocka_unit_test_setup(the_first_error_ends_it, begin),
		cmocka_unit_test(months),
		cmocka_unit_test(sums),
		cmocka_unit_test(rows),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
