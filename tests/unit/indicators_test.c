/*
 * What the broker counts and an auditor reads of it: with every transaction, through undone ones, restarts, forgotten cases and
 * lost keys; and that a recount finds what was changed.
 */
#include "agents/auditor/indicators.h"
#include "tests/unit/forget_world.h"

#include <assert.h>

static char folder[] = "/tmp/nrm-indicators-XXXXXX";
static struct world w;
static struct nrm_audit_reader reader;
static struct nrm_recount counted;
static struct nrm_faults faults;

static int begin(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	memset(&w, 0, sizeof(w));
	world_init(&w, folder);
	world_connect(&w, NGO, 1000);
	return 0;
}

static int begin_in_memory(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	world_init(&w, NULL);
	world_connect(&w, NGO, 1000);
	return 0;
}

static int end_in_memory(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	world_done(&w);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static struct nrm_indicators ask(enum nrm_by by)
{
	const uint16_t month = nrm_month_of(WORLD_START / 60000);
	const struct nrm_indicators_question question = {month, (uint16_t)(month + 1), by};
	struct nrm_indicators indicators;

	nrm_audit_reader_init(&reader, w.books->store);
	assert_int_equal(nrm_indicators_read(&reader, w.books->keys, &question, &indicators),
			 NRM_OK);
	nrm_audit_reader_done(&reader);
	return indicators;
}

/* The total of an indicator. */
static uint64_t total(enum nrm_tally tally)
{
	struct nrm_indicators in = ask(NRM_BY_MONTH);
	const uint64_t count =
		nrm_indicator_figure(&in, tally, in.indicator[tally].n_details, in.n_columns)
			->count;

	nrm_indicators_done(&in);
	return count;
}

/* NULL when all matches, else what does not. */
static const char *recount(void)
{
	memset(&faults, 0, sizeof(faults));
	nrm_audit_reader_init(&reader, w.books->store);
	assert_int_equal(nrm_indicators_recount(&reader, w.books->keys, NULL, &faults, &counted),
			 NRM_OK);
	nrm_audit_reader_done(&reader);
	return faults.first.what;
}

static void refers_often(char letter, int n)
{
	for (int i = 0; i < n; i++)
		world_refers(&w, letter);
}

static void counted_with_every_transaction(void **state)
{
	struct nrm_statement st;

	(void)state;
	assert_int_equal(total(NRM_TALLY_FORWARDED), 0);
	world_opens(&w, 'a');
	refers_often('a', 6);
	assert_int_equal(total(NRM_TALLY_FORWARDED), 6);
	assert_int_equal(total(NRM_TALLY_CONSENTS_GIVEN), 1);
	assert_int_equal(total(NRM_TALLY_WITHHELD), 6); /* the offence record */
	assert_int_equal(total(NRM_TALLY_ACKNOWLEDGED), 0);
	assert_int_equal(total(NRM_TALLY_WITHOUT_BASIS), 0);
	world_connect(&w, SHELTER, 1);
	struct nrm_to_agent frame = world_expect(&w, SHELTER, NRM_DELIVER);
	world_acknowledge(&w, SHELTER, &frame.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_receipt(&w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_int_equal(total(NRM_TALLY_ACKNOWLEDGED), 1);
	st = world_statement(&w, SHELTER, w.country.agency[NGO].id, NRM_MESSAGE_TYPE_RESPONSE);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	struct nrm_statement asked;
	assert_int_equal(
		nrm_statement_decode(frame.is.deliver.item[0].envelope.statement, &w.arena, &asked),
		NRM_OK);
	st.body.response = (struct nrm_response){.in_reply_to = asked.message_id,
						 .answer = NRM_ANSWER_DECLINE,
						 .decline = NRM_DECLINE_NO_CAPACITY};
	w.now += 2 * 3600 * 1000;
	struct nrm_envelope answer = world_envelope(&w, SHELTER, NGO, st, NULL, 0);
	world_submit(&w, SHELTER, &answer);
	world_receipt(&w, SHELTER, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_int_equal(total(NRM_TALLY_DECLINED), 1);
	struct nrm_indicators in = ask(NRM_BY_AGENCY);
	assert_int_equal(in.indicator[NRM_TALLY_RESPONSE_TIME].n_details, 1);
	assert_int_equal(in.indicator[NRM_TALLY_RESPONSE_TIME].detail[0], NRM_DURATION_FOUR_HOURS);
	nrm_indicators_done(&in);
	assert_null(recount());
	assert_true(counted.forgotten == 0 && counted.leaves == world_figures(&w).leaves);
}

/* A repeat, and what is refused without a trace, counts nothing. */
static void nothing_is_counted_twice(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	struct nrm_envelope envelope = world_refers(&w, 'a');
	world_submit(&w, NGO, &envelope);
	world_receipt(&w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_int_equal(total(NRM_TALLY_FORWARDED), 1);
	envelope.proof.size = 2;
	world_submit(&w, NGO, &envelope);
	assert_int_equal(total(NRM_TALLY_FORWARDED), 1);
	assert_null(recount());
}

static void an_undone_transaction_counts_nothing(void **state)
{
	const struct nrm_leaf leaf = {.minute = WORLD_START / 60000, .kind = NRM_EVENT_FORGETTING};
	const struct nrm_view view = {.time_ms = 1};
	uint8_t entropy[32];

	(void)state;
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
	assert_int_equal(nrm_books_tally(w.books, &leaf, &view), NRM_OK);
	assert_int_equal(nrm_tallies_write(w.books), NRM_OK);
	assert_int_equal(nrm_books_undo(w.books), NRM_OK);
	world_refers(&w, 'a');
	assert_int_equal(total(NRM_TALLY_FORGOTTEN), 0);
	assert_int_equal(total(NRM_TALLY_FORWARDED), 2);
	assert_null(recount());
}

static void restart(void)
{
	world_close(&w);
	world_open(&w);
	world_connect(&w, NGO, 1000);
}

static void after_a_restart_it_goes_on(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	const uint32_t slot = w.books->tallies_slot;
	restart();
	assert_int_equal(w.books->tallies_slot, slot);
	world_refers(&w, 'a');
	assert_int_equal(total(NRM_TALLY_FORWARDED), 2);
	assert_null(recount());
}

static void forgotten_cases_stay_counted(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	world_opens(&w, 'b');
	refers_often('a', 3);
	refers_often('b', 2);
	const uint32_t slot = w.books->tallies_slot;
	world_forgets(&w, 'a');
	assert_int_equal(total(NRM_TALLY_FORWARDED), 6); /* with the order to the shelter */
	assert_int_equal(total(NRM_TALLY_ERASURES_ORDERED), 1);
	assert_int_equal(total(NRM_TALLY_FORGOTTEN), 1);
	assert_null(recount());
	assert_true(counted.forgotten >= 5);
	restart();
	assert_int_equal(w.books->tallies_slot, slot);
	assert_int_equal(total(NRM_TALLY_FORWARDED), 6);
	assert_null(recount());
}

/* --- what was changed is found --- */

/* Adds to a sum behind the broker's back, or takes away. */
static void change_sum(enum nrm_tally tally, uint32_t detail, int by)
{
	const uint64_t row =
		nrm_sum_row(nrm_month_of(WORLD_START / 60000),
			    nrm_roll_find(&w.books->roll, nrm_slice_str(w.country.agency[NGO].id)));
	const uint32_t cell = nrm_sum_cell(tally, NRM_SERVICE_EMERGENCY_SHELTER, (uint16_t)detail);
	uint8_t key[NRM_TALLY_KEY_LEN], nonce[NRM_AEAD_NONCE_LEN] = {7}, sealed[4096];
	struct nrm_buf plain = {0};
	struct nrm_slice value;
	struct nrm_txn *txn;

	nrm_tally_key(row, key);
	assert_int_equal(nrm_txn_begin(w.books->store, true, &txn), NRM_OK);
	assert_int_equal(nrm_get(txn, NRM_TABLE_TALLIES, nrm_slice(key, sizeof(key)), &value),
			 NRM_OK);
	assert_int_equal(nrm_row_open(w.books->tallies_key, NRM_ROW_TALLY, row, value, &plain),
			 NRM_OK);
	for (size_t i = 0; i < plain.len; i += NRM_TALLY_CELL_LEN) {
		struct nrm_reader r = nrm_reader(nrm_slice(plain.data + i, NRM_TALLY_CELL_LEN));

		if (nrm_take_u32(&r) == cell)
			nrm_store_u32(plain.data + i + 4, (uint32_t)((int)nrm_take_u32(&r) + by));
	}
	assert_int_equal(nrm_row_seal(w.books->tallies_key, NRM_ROW_TALLY, row, nonce,
				      nrm_buf_slice(&plain), sealed),
			 NRM_OK);
	assert_int_equal(nrm_put(txn, NRM_TABLE_TALLIES, nrm_slice(key, sizeof(key)),
				 nrm_slice(sealed, plain.len + NRM_ROW_OVERHEAD)),
			 NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	nrm_buf_done(&plain);
}

static void a_changed_sum_is_found(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	refers_often('a', 3);
	assert_null(recount());
	change_sum(NRM_TALLY_FORWARDED, NRM_BASIS_CONSENT, -1);
	assert_non_null(recount());
	assert_non_null(strstr(faults.first.expected, "3 (forwarded, 2026-02"));
	assert_string_equal(faults.first.found, "2");
	change_sum(NRM_TALLY_FORWARDED, NRM_BASIS_CONSENT, 2);
	assert_non_null(recount());
	assert_string_equal(faults.first.found, "4");
	change_sum(NRM_TALLY_FORWARDED, NRM_BASIS_CONSENT, -1);
	assert_null(recount());
	/* Beside a forgotten case: as much higher as its leaves allow, no further. */
	world_opens(&w, 'b');
	refers_often('b', 2);
	world_forgets(&w, 'b');
	assert_null(recount());
	change_sum(NRM_TALLY_FORWARDED, NRM_BASIS_CONSENT, 100);
	assert_non_null(recount());
	change_sum(NRM_TALLY_FORWARDED, NRM_BASIS_CONSENT, -103);
	assert_non_null(recount());
}

static void a_row_of_another_place_is_found(void **state)
{
	const struct nrm_indicators_question question = {0, 1000, NRM_BY_MONTH};
	struct nrm_indicators in;
	struct nrm_slice key, value;
	struct nrm_cursor *cursor;
	struct nrm_txn *txn;
	uint8_t copy[NRM_TALLY_KEY_LEN], row[4096];

	(void)state;
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	assert_int_equal(nrm_txn_begin(w.books->store, true, &txn), NRM_OK);
	assert_int_equal(nrm_cursor_open(txn, NRM_TABLE_TALLIES, &cursor), NRM_OK);
	assert_int_equal(nrm_cursor_seek(cursor, nrm_slice(NULL, 0), &key, &value), NRM_OK);
	memcpy(copy, key.data, sizeof(copy));
	memcpy(row, value.data, value.len);
	copy[1]--; /* the month before */
	const size_t len = value.len;
	nrm_cursor_close(cursor);
	assert_int_equal(
		nrm_put(txn, NRM_TABLE_TALLIES, nrm_slice(copy, sizeof(copy)), nrm_slice(row, len)),
		NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	nrm_audit_reader_init(&reader, w.books->store);
	assert_int_equal(nrm_indicators_read(&reader, w.books->keys, &question, &in),
			 NRM_ERR_CORRUPT);
	nrm_audit_reader_done(&reader);
}

/* Whoever has no keys learns nothing, and is told so. */
static void without_the_key(void **state)
{
	const struct nrm_indicators_question question = {0, 1000, NRM_BY_MONTH};
	struct nrm_case_keys *none;
	struct nrm_indicators in;
	char path[128];

	(void)state;
	world_opens(&w, 'a');
	snprintf(path, sizeof(path), "%s/other-keys", folder);
	assert_int_equal(nrm_case_keys_open(path, false, &none), NRM_OK);
	nrm_audit_reader_init(&reader, w.books->store);
	assert_int_equal(nrm_indicators_read(&reader, none, &question, &in), NRM_ERR_NOT_FOUND);
	nrm_audit_reader_done(&reader);
	nrm_case_keys_close(none);
}

/* A broker whose key of the sums is lost counts anew from then on, under another; the recount says that something is missing. */
static void a_lost_key_begins_anew(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	const uint32_t slot = w.books->tallies_slot;
	assert_int_equal(nrm_case_keys_forget(w.books->keys, slot), NRM_OK);
	restart();
	assert_int_not_equal(w.books->tallies_slot, slot);
	world_refers(&w, 'a');
	assert_int_equal(total(NRM_TALLY_FORWARDED), 1);
	assert_non_null(recount());
}

static void the_question_is_checked(void **state)
{
	struct nrm_indicators_question question = {10, 9, NRM_BY_MONTH};
	struct nrm_indicators in;

	(void)state;
	nrm_audit_reader_init(&reader, w.books->store);
	question.until = 5000;
	assert_int_equal(nrm_indicators_read(&reader, w.books->keys, &question, &in),
			 NRM_ERR_ARGUMENT);
	question = (struct nrm_indicators_question){10, 10, NRM_BY_END_};
	assert_int_equal(nrm_indicators_read(&reader, w.books->keys, &question, &in),
			 NRM_ERR_ARGUMENT);
	nrm_audit_reader_done(&reader);
}

/* All ways to ask tell the same totals, and nothing small. */
static void told_in_all_ways(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	refers_often('a', 7);
	world_orders(&w, NGO, 'z'); /* refused */
	for (enum nrm_by by = 0; by < NRM_BY_END_; by++) {
		struct nrm_indicators in = ask(by);
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		nrm_indicators_csv(&in, out);
		fclose(out);
		assert_non_null(strstr(text, "forwarded,consent,total,7\r\n"));
		assert_non_null(strstr(text, "forwarded_without_basis,total,total,0\r\n"));
		assert_non_null(strstr(text, "refused_by_reason,EXCLUDED,total,<5\r\n"));
		assert_null(strstr(text, ",1\r\n"));
		free(text);
		json_t *json = nrm_indicators_json(&in);
		assert_int_equal(json_array_size(json_object_get(json, "columns")), in.n_columns);
		assert_int_equal(json_array_size(json_object_get(json, "indicators")),
				 NRM_TALLY_END_ - 1);
		json_decref(json);
		out = open_memstream(&text, &len);
		nrm_indicators_text(&in, NULL, 0, out);
		fclose(out);
		assert_non_null(strstr(text, "forwarded_without_basis"));
		free(text);
		nrm_indicators_done(&in);
	}
}

static void response_times(void **state)
{
	struct nrm_response_times *times;
	const uint16_t month = nrm_month_of(WORLD_START / 60000);
	struct nrm_arena arena;
	size_t n;

	(void)state;
	for (int i = 0; i < 9; i++) {
		const struct nrm_leaf leaf = {.minute = WORLD_START / 60000,
					      .kind = NRM_EVENT_RESPONSE,
					      .service = i < 6 ? NRM_SERVICE_COUNSELLING
							       : NRM_SERVICE_CHILDCARE,
					      .sender = nrm_slice_str(w.country.agency[NGO].id)};
		const struct nrm_view view = {.outcome = NRM_OUTCOME_FORWARD,
					      .type = NRM_MESSAGE_TYPE_RESPONSE,
					      .answer = NRM_ANSWER_ACCEPT,
					      .answers = 1};
		uint8_t entropy[32];

		world_entropy(&w, entropy);
		assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
		assert_int_equal(nrm_books_tally(w.books, &leaf, &view), NRM_OK);
		w.books->changed = true;
		assert_int_equal(nrm_books_commit(w.books), NRM_OK);
	}
	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	nrm_audit_reader_init(&reader, w.books->store);
	assert_int_equal(
		nrm_response_times_read(&reader, w.books->keys, month, month, &arena, &times, &n),
		NRM_OK);
	assert_int_equal(n, 2);
	assert_int_equal(times[0].service, NRM_SERVICE_COUNSELLING);
	assert_int_equal(times[0].median, NRM_DURATION_HOUR);
	assert_int_equal(times[1].median, NRM_DURATION_ABSENT);
	assert_int_not_equal(times[0].answers.shown, NRM_SHOWN); /* or the other could be told */
	assert_int_equal(times[1].answers.shown, NRM_SHOWN_SMALL);
	nrm_audit_reader_done(&reader);
	nrm_arena_done(&arena);
}

int main(void)
{
#define ON_DISK(f) cmocka_unit_test_setup_teardown(f, begin, end)
#define TEST(f)	   cmocka_unit_test_setup_teardown(f, begin_in_memory, end_in_memory)
	const struct CMUnitTest tests[] = {
		TEST(counted_with_every_transaction),
		TEST(nothing_is_counted_twice),
		TEST(an_undone_transaction_counts_nothing),
		ON_DISK(after_a_restart_it_goes_on),
		ON_DISK(forgotten_cases_stay_counted),
		TEST(a_changed_sum_is_found),
		TEST(a_row_of_another_place_is_found),
		ON_DISK(without_the_key),
		ON_DISK(a_lost_key_begins_anew),
		TEST(the_question_is_checked),
		TEST(told_in_all_ways),
		TEST(response_times),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("indicators", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
