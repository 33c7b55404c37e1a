/* What a crash or an old copy leaves of a forgetting is finished at the next start; and the index of cases is made then. */
#include "tests/unit/forget_books.h"

#include <assert.h>

static void forgotten_at_the_next_start(void **state)
{
	struct nrm_case_keys *keys;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/case-keys", folder);
	world_opens(&w, 'a');
	world_opens(&w, 'b');
	world_refers(&w, 'b');
	const uint32_t slot = world_find_case(&w, 'a')->slot, labels = w.books->labels_slot;
	struct nrm_buf before = folder_file(folder, "case-keys");
	/* Killed before, between and after the two keys were overwritten: as an older copy of them is put back. */
	for (unsigned done = 0; done < 4; done++) {
		if (done == 0)
			world_forgets(&w, 'a');
		world_close(&w);
		folder_put(folder, "case-keys", &before);
		assert_int_equal(nrm_case_keys_open(path, false, &keys), NRM_OK);
		if (done & 1)
			assert_int_equal(nrm_case_keys_forget(keys, slot), NRM_OK);
		if (done & 2)
			assert_int_equal(nrm_case_keys_forget(keys, labels), NRM_OK);
		nrm_case_keys_close(keys);
		world_open(&w);
		world_connect(&w, NGO, 1000);
		assert_false(has_key(slot));
		assert_false(has_key(labels));
		assert_true(has_key(w.books->labels_slot));
		assert_false(is_known(NGO, 'a'));
		assert_true(is_known(NGO, 'b'));
		assert_int_equal(world_figures(&w).waiting, 1);
	}
	nrm_buf_done(&before);
}

static void an_order_that_was_not_committed_did_nothing(void **state)
{
	(void)state;
	world_opens(&w, 'a');
	world_refers(&w, 'a');
	const uint32_t slot = world_find_case(&w, 'a')->slot, labels = w.books->labels_slot;
	uint8_t entropy[32];

	/* Everything but the commit. */
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
	assert_int_equal(nrm_books_label(w.books), NRM_OK);
	struct nrm_case *c;
	assert_int_equal(nrm_case_find(&w.books->cases, w.books->txn, world_case(&w, 'a').data, &c),
			 NRM_OK);
	assert_int_equal(nrm_case_forget(&w.books->cases, w.books->txn, c), NRM_OK);
	assert_int_equal(nrm_books_undo(w.books), NRM_OK);
	assert_true(has_key(slot));
	assert_int_equal(w.books->labels_slot, labels);
	assert_true(is_known(NGO, 'a'));
	assert_int_equal(world_figures(&w).waiting, 1);
	world_forgets(&w, 'a');
	assert_false(has_key(slot));
}

/* A copy of the keys that is older than some cases: those are lost, and no slot is given out twice. */
static void keys_older_than_the_cases(void **state)
{
	struct nrm_buf few = {0};

	(void)state;
	world_opens(&w, 'a');
	world_opens(&w, 'b');
	const uint32_t lost = world_find_case(&w, 'b')->slot;
	world_close(&w);
	struct nrm_buf keys = folder_file(folder, "case-keys");
	nrm_buf_put(&few, keys.data, 32 + (size_t)lost * 32);
	nrm_store_u32(few.data + 16, lost);
	folder_put(folder, "case-keys", &few);
	world_open(&w);
	world_connect(&w, NGO, 1000);
	assert_true(is_known(NGO, 'a'));
	assert_false(is_known(NGO, 'b'));
	world_opens(&w, 'c');
	assert_int_equal(world_find_case(&w, 'c')->slot, lost + 1);
	restart();
	assert_true(is_known(NGO, 'a'));
	assert_true(is_known(NGO, 'c'));
	assert_false(has_key(lost));
	nrm_buf_done(&keys);
	nrm_buf_done(&few);
}

/* Books from before there was an index, or whose copy of the keys lacks its key: it is made at the start, once. */
static void books_without_an_index_get_one(void **state)
{
	struct nrm_case_keys *keys;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/case-keys", folder);
	world_opens(&w, 'a');
	world_opens(&w, 'b');
	world_opens(&w, 'c');
	world_forgets(&w, 'c');
	const uint32_t before = w.books->index_slot;
	const uint64_t cases = world_figures(&w).cases;
	for (int lost = 0; lost < 2; lost++) {
		const uint32_t slot = w.books->index_slot;
		uint8_t entropy[32];

		world_entropy(&w, entropy);
		assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
		if (!lost)
			assert_int_equal(nrm_delete(w.books->txn, NRM_TABLE_STATE,
						    nrm_slice_str(NRM_STATE_CASE_INDEX)),
					 NRM_OK);
		w.books->changed = true;
		assert_int_equal(nrm_books_commit(w.books), NRM_OK);
		world_close(&w);
		assert_int_equal(nrm_case_keys_open(path, false, &keys), NRM_OK);
		if (lost)
			assert_int_equal(nrm_case_keys_forget(keys, slot), NRM_OK);
		nrm_case_keys_close(keys);
		world_open(&w);
		world_connect(&w, NGO, 1000);
		assert_int_equal(world_figures(&w).indexed, cases);
		assert_int_equal(world_figures(&w).cases, cases);
		assert_int_not_equal(w.books->index_slot, slot);
		assert_false(has_key(slot)); /* no case's, nobody's */
		assert_true(has_key(w.books->index_slot));
		assert_true(is_known(NGO, 'a'));
		assert_true(is_known(NGO, 'b'));
		assert_false(is_known(NGO, 'c'));
	}
	assert_int_not_equal(w.books->index_slot, before);
	restart();
	assert_int_equal(world_figures(&w).indexed, 0);
	assert_true(is_known(NGO, 'b'));
	world_forgets(&w, 'b');
	assert_false(is_known(NGO, 'b'));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(forgotten_at_the_next_start),
		TEST(an_order_that_was_not_committed_did_nothing),
		TEST(keys_older_than_the_cases),
		TEST(books_without_an_index_get_one),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("forgetting, interrupted", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
