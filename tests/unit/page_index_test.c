/* The reader's knowledge of a small trail, and the answers it makes of it: leaves as they come, cases, what waits, forgetting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agents/page/reader.h"
#include "tests/unit/small_trail.h"

static char keys_path[160];

static void begin(struct trail *t, struct nrm_reading *r, struct nrm_serve_options *options,
		  bool with_keys)
{
	snprintf(keys_path, sizeof(keys_path), "%s", in_folder(t, NRM_BROKER_CASE_KEYS));
	*options = (struct nrm_serve_options){.trail = t->folder,
					      .keys_file = with_keys ? keys_path : NULL};
	*r = (struct nrm_reading){.options = options, .store = t->store};
	nrm_index_init(&r->index, t->store, options->keys_file);
}

/* Follows the trail until there is nothing to do. */
static void follow(struct nrm_reading *r)
{
	bool busy = true;

	r->index.pass_took_ms = 0; /* a pass may begin at once */
	for (int i = 0; busy && i < 1000; i++)
		assert_int_equal(nrm_index_step(&r->index, 1, &busy), NRM_OK);
	assert_false(busy);
	assert_true(nrm_index_whole(&r->index));
}

/* The answer to a path with up to two parameters. */
static json_t *ask(struct nrm_reading *r, unsigned status, const char *path, const char *name,
		   const char *value, const char *name2, const char *value2)
{
	struct nrm_page_failure failure;
	struct nrm_page_query q;
	struct nrm_reply reply = {.status = 0};

	assert_int_equal(nrm_query_begin(path, &q, &failure), NRM_OK);
	if (name)
		assert_int_equal(
			nrm_query_take(&q, nrm_slice_str(name), nrm_slice_str(value), &failure),
			NRM_OK);
	if (name2)
		assert_int_equal(
			nrm_query_take(&q, nrm_slice_str(name2), nrm_slice_str(value2), &failure),
			NRM_OK);
	assert_int_equal(nrm_query_end(&q, &failure), NRM_OK);
	nrm_page_answer(r, &q, &reply);
	nrm_audit_reader_done(&r->index.reader);
	assert_int_equal(reply.status, status);
	json_t *o = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
	assert_non_null(o);
	nrm_buf_done(&reply.body);
	return o;
}

static json_int_t total(struct nrm_reading *r, const char *name, const char *value)
{
	json_t *o = ask(r, 200, "/api/leaves", name, value, NULL, NULL);
	const json_int_t n = json_integer_value(json_object_get(o, "total"));

	json_decref(o);
	return n;
}

/* Leaf i is of case (i - 1) % 3 in slots 0, 1, 2, of which the last is forgotten; see small_trail.h. */
static void test_cases(void **state)
{
	struct nrm_serve_options options;
	struct trail *t = *state;
	struct nrm_reading r;

	begin(t, &r, &options, true);
	follow(&r);
	assert_true(r.index.cases_known);
	assert_int_equal(nrm_columns_slot(&r.index.columns, 0), -1);
	for (uint64_t i = 1; i < LEAVES; i++) {
		const unsigned slot = (i - 1) % CASES;
		const uint8_t marks = nrm_columns_marks(&r.index.columns, i);
		const bool referral = (i - 1) / CASES % 2 == 0;

		assert_int_equal(nrm_columns_slot(&r.index.columns, i),
				 slot == FORGOTTEN ? -1 : (int)slot);
		if (slot == FORGOTTEN || !referral || i == 8) {
			assert_int_equal(marks & ~(NRM_MARK_OUTCOME | NRM_MARK_ACKNOWLEDGED), 0);
			continue;
		}
		assert_true(marks & NRM_MARK_DELIVERABLE);
		assert_true(marks & NRM_MARK_AWAITS_ANSWER);
		assert_int_equal(!!(marks & NRM_MARK_ACKNOWLEDGED), i + CASES < LEAVES);
	}
	nrm_index_done(&r.index);
}

static void test_lists(void **state)
{
	struct nrm_serve_options options;
	struct trail *t = *state;
	struct nrm_reading r;

	begin(t, &r, &options, true);
	follow(&r);
	assert_int_equal(total(&r, "kind", "directory"), 1);
	assert_int_equal(total(&r, "participant", "XX.agency-001"), LEAVES - 1);
	assert_int_equal(total(&r, "sender", "XX.agency-001"), 0);
	assert_int_equal(total(&r, "participant", "XX.nobody"), 0);
	assert_int_equal(total(&r, "reason", "CONSENT_WITHDRAWN"), 1);
	assert_int_equal(total(&r, "outcome", "refuse"), 1);
	/* long ago: all that waits has waited too long; of leaves 1, 2, 7, 13, 14 and 19 only the last was not acknowledged */
	assert_int_equal(total(&r, "attention", "unanswered"), 6);
	assert_int_equal(total(&r, "attention", "unacknowledged"), 1);
	assert_int_equal(total(&r, "attention", "refusals"), 0);

	/* what only records say, a page at a time */
	json_t *o = ask(&r, 200, "/api/leaves", "true_reason", "EXCLUDED", NULL, NULL);
	assert_int_equal(json_array_size(json_object_get(o, "leaves")), 1);
	assert_true(json_is_null(json_object_get(o, "total")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "scanned"), "done")),
			 LEAVES);
	json_decref(o);
	json_int_t before = LEAVES, n = 0;
	for (bool more = true; more;) {
		char text[24];

		snprintf(text, sizeof(text), "%lld", (long long)before);
		struct nrm_page_failure failure;
		struct nrm_page_query q;
		struct nrm_reply reply = {.status = 0};
		assert_int_equal(nrm_query_begin("/api/leaves", &q, &failure), NRM_OK);
		assert_int_equal(
			nrm_query_take(&q, nrm_slice_str("rule"), nrm_slice_str("20"), &failure),
			NRM_OK);
		assert_int_equal(
			nrm_query_take(&q, nrm_slice_str("before"), nrm_slice_str(text), &failure),
			NRM_OK);
		q.limit = 1;
		assert_int_equal(nrm_query_end(&q, &failure), NRM_OK);
		nrm_page_answer(&r, &q, &reply);
		o = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
		const json_t *leaves = json_object_get(o, "leaves");
		n += (json_int_t)json_array_size(leaves);
		more = json_is_integer(json_object_get(o, "before"));
		if (more) {
			assert_true(json_integer_value(json_object_get(o, "before")) < before);
			before = json_integer_value(json_object_get(o, "before"));
		}
		json_decref(o);
		nrm_buf_done(&reply.body);
	}
	assert_int_equal(n, 7); /* referrals 1 2 7 8 13 14 19 */
	json_decref(ask(&r, 200, "/api/leaves", "before", "0", NULL, NULL));
	nrm_index_done(&r.index);
}

static void test_leaf(void **state)
{
	struct nrm_serve_options options;
	struct trail *t = *state;
	struct nrm_reading r;

	begin(t, &r, &options, true);
	follow(&r);
	json_t *o = ask(&r, 200, "/api/leaf/1", NULL, NULL, NULL, NULL);
	const json_t *record = json_object_get(o, "record"), *proof = json_object_get(o, "proof");
	assert_string_equal(json_string_value(json_object_get(record, "ack")), "ok");
	assert_true(json_is_string(json_object_get(record, "acknowledged")));
	assert_int_equal(json_integer_value(json_object_get(proof, "size")), SIGNED);
	assert_true(json_array_size(json_object_get(proof, "keys")) >= 1);
	json_decref(o);
	/* forgotten: the leaf alone */
	o = ask(&r, 200, "/api/leaf/3", NULL, NULL, NULL, NULL);
	assert_null(json_object_get(o, "record"));
	json_decref(o);
	/* not yet under a checkpoint */
	o = ask(&r, 200, "/api/leaf/18", NULL, NULL, NULL, NULL);
	assert_true(json_is_null(json_object_get(o, "proof")));
	json_decref(o);
	json_decref(ask(&r, 404, "/api/leaf/18/proof", NULL, NULL, NULL, NULL));
	json_decref(ask(&r, 404, "/api/leaf/20", NULL, NULL, NULL, NULL));
	/* what cannot be read is told as that */
	delete_row(t, 5);
	o = ask(&r, 200, "/api/leaf/5", NULL, NULL, NULL, NULL);
	assert_true(json_is_true(json_object_get(o, "unreadable")));
	json_decref(o);
	nrm_index_done(&r.index);
}

static void test_without_keys(void **state)
{
	struct nrm_serve_options options;
	struct trail *t = *state;
	struct nrm_reading r;

	begin(t, &r, &options, false);
	follow(&r);
	assert_int_equal(total(&r, "kind", "referral"), 10);
	json_decref(ask(&r, 503, "/api/leaves", "rule", "20", NULL, NULL));
	json_decref(ask(&r, 503, "/api/leaves", "attention", "unanswered", NULL, NULL));
	json_decref(ask(&r, 503, "/api/withheld", NULL, NULL, NULL, NULL));
	json_t *o = ask(&r, 200, "/api/leaf/1", NULL, NULL, NULL, NULL);
	assert_null(json_object_get(o, "record"));
	json_decref(o);
	o = ask(&r, 200, "/api/status", NULL, NULL, NULL, NULL);
	assert_string_equal(json_string_value(json_object_get(o, "records")), "closed");
	json_decref(o);
	nrm_index_done(&r.index);
}

/* Before all leaves are read only the status is told. */
static void test_not_yet(void **state)
{
	struct nrm_serve_options options;
	struct trail *t = *state;
	struct nrm_reading r;

	begin(t, &r, &options, true);
	r.index.size = LEAVES;
	json_decref(ask(&r, 503, "/api/leaves", NULL, NULL, NULL, NULL));
	json_t *o = ask(&r, 200, "/api/status", NULL, NULL, NULL, NULL);
	assert_int_equal(json_integer_value(json_object_get(o, "indexed")), 0);
	json_decref(o);
	nrm_index_done(&r.index);
}

/* What comes later, what is forgotten later, and a trail that gets shorter. */
static void test_followed(void **state)
{
	struct nrm_serve_options options;
	struct trail *t = *state;
	struct nrm_reading r;
	struct nrm_txn *txn;
	uint8_t key[4];

	begin(t, &r, &options, true);
	follow(&r);
	assert_int_equal(total(&r, "attention", "unacknowledged"), 1);
	for (uint64_t i = LEAVES; i < LEAVES + 6; i++)
		append(t, (int)((i - 1) % CASES == FORGOTTEN ? 0 : (i - 1) % CASES),
		       MINUTE + i / 2);
	follow(&r);
	assert_int_equal(r.index.columns.n, LEAVES + 6);
	assert_int_equal(nrm_columns_slot(&r.index.columns, LEAVES), 1);
	assert_true(nrm_columns_marks(&r.index.columns, 19) & NRM_MARK_ACKNOWLEDGED);

	assert_int_equal(nrm_case_keys_forget(t->keys, 1), NRM_OK);
	nrm_store_u32(key, 1);
	assert_int_equal(nrm_txn_begin(t->store, true, &txn), NRM_OK);
	assert_int_equal(nrm_delete(txn, NRM_TABLE_HEADS, nrm_slice(key, sizeof(key))), NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	append(t, -1, MINUTE + 40); /* the leaf of the forgetting, as it were */
	follow(&r);
	for (uint64_t i = 0; i < r.index.columns.n; i++)
		assert_int_not_equal(nrm_columns_slot(&r.index.columns, i), 1);
	assert_int_equal(nrm_columns_slot(&r.index.columns, 1), 0);

	delete_row(t, LEAVES + 6);
	bool busy;
	assert_int_equal(nrm_index_step(&r.index, 1, &busy), NRM_ERR_CORRUPT);
	nrm_index_done(&r.index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(on_disk, test_cases),   ON(on_disk, test_lists),
		ON(on_disk, test_leaf),	   ON(on_disk, test_without_keys),
		ON(on_disk, test_not_yet), ON(on_disk, test_followed),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
