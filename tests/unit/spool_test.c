/* The spool: rows of what was sent, received and told, in memory and on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/agent/spool.h"

static char folder[64];

struct fixture {
	struct nrm_store *store;
	bool on_disk;
};

static int open_in(void **state, bool on_disk)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || nrm_crypto_init() != NRM_OK)
		return -1;
	snprintf(folder, sizeof(folder), "/tmp/nrm-spool-XXXXXX");
	if (on_disk && !mkdtemp(folder))
		return -1;
	f->on_disk = on_disk;
	*state = f;
	return nrm_spool_open(on_disk ? folder : NULL, &f->store) == NRM_OK ? 0 : -1;
}

static int open_memory(void **state)
{
	return open_in(state, false);
}

static int open_disk(void **state)
{
	return open_in(state, true);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	char path[128];

	nrm_store_close(f->store);
	for (size_t i = 0; f->on_disk && i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	if (f->on_disk)
		rmdir(folder);
	free(f);
	return 0;
}

static struct nrm_txn *begin(struct fixture *f)
{
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(f->store, true, &txn), NRM_OK);
	return txn;
}

static const uint8_t id1[16] = {1, 1}, id2[16] = {1, 2}, case_id[16] = {9};
#define ID(n) nrm_slice(n, 16)
#define CASE  nrm_slice(case_id, 16)

static void test_outbox_queue_and_fate(void **state)
{
	struct fixture *f = *state;
	struct nrm_slice envelope, copy;
	struct nrm_fate fate;
	uint8_t id[16];
	uint64_t place, rows;
	struct nrm_txn *txn = begin(f);

	assert_int_equal(nrm_outbox_add(txn, id1, nrm_slice_str("envelope"), nrm_slice_str("copy")),
			 NRM_OK);
	assert_int_equal(nrm_outbox_add(txn, id2, nrm_slice_str("second"), nrm_slice_str("")),
			 NRM_OK);
	assert_int_equal(nrm_outbox_add(txn, id1, nrm_slice_str("x"), nrm_slice_str("y")),
			 NRM_ERR_EXISTS);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);

	txn = begin(f);
	assert_int_equal(nrm_outbox_get(txn, ID(id1), &envelope, &copy), NRM_OK);
	assert_true(nrm_slice_equal(envelope, nrm_slice_str("envelope")));
	assert_true(nrm_slice_equal(copy, nrm_slice_str("copy")));
	assert_int_equal(nrm_queue_next(txn, 0, &place, id), NRM_OK);
	assert_memory_equal(id, id1, 16);
	assert_int_equal(nrm_queue_next(txn, place + 1, &place, id), NRM_OK);
	assert_memory_equal(id, id2, 16);
	assert_int_equal(nrm_queue_next(txn, place + 1, &place, id), NRM_ERR_NOT_FOUND);

	/* forwarded: out of the queue, waiting for its acknowledgement; acknowledged: no longer */
	assert_int_equal(nrm_fate_get(txn, ID(id1), &fate), NRM_OK);
	fate.stage = NRM_STAGE_DECIDED;
	fate.outcome = NRM_OUTCOME_FORWARD;
	fate.not_needed = 1ull << 57;
	assert_int_equal(nrm_fate_put(txn, ID(id1), CASE, &fate, true), NRM_OK);
	assert_int_equal(nrm_queue_next(txn, 0, &place, id), NRM_OK);
	assert_memory_equal(id, id2, 16);
	assert_int_equal(nrm_count(txn, NRM_SPOOL_WAITING, &rows), NRM_OK);
	assert_int_equal(rows, 1);
	assert_int_equal(nrm_fate_get(txn, ID(id1), &fate), NRM_OK);
	assert_int_equal(fate.not_needed, 1ull << 57);
	fate.ack = NRM_ACK_OK;
	assert_int_equal(nrm_fate_put(txn, ID(id1), CASE, &fate, true), NRM_OK);
	assert_int_equal(nrm_count(txn, NRM_SPOOL_WAITING, &rows), NRM_OK);
	assert_int_equal(rows, 0);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

/*
 * A place is never given twice, though the queue ran empty in between: it would name two messages.
 */
static void test_places_are_never_reused(void **state)
{
	struct fixture *f = *state;
	struct nrm_fate fate, second;
	struct nrm_txn *txn = begin(f);

	assert_int_equal(nrm_outbox_add(txn, id1, nrm_slice_str("a"), nrm_slice_str("b")), NRM_OK);
	assert_int_equal(nrm_fate_get(txn, ID(id1), &fate), NRM_OK);
	fate.stage = NRM_STAGE_REFUSED;
	assert_int_equal(nrm_fate_put(txn, ID(id1), CASE, &fate, true), NRM_OK);
	assert_int_equal(nrm_outbox_add(txn, id2, nrm_slice_str("a"), nrm_slice_str("b")), NRM_OK);
	assert_int_equal(nrm_fate_get(txn, ID(id2), &second), NRM_OK);
	assert_true(second.queue > fate.queue);
	nrm_txn_abort(txn);
}

static void test_inbox_takes_each_once(void **state)
{
	struct fixture *f = *state;
	struct nrm_received in = {.index = 5,
				  .status = NRM_ACK_OK,
				  .envelope = nrm_slice_str("five")},
			    got;
	struct nrm_slice a = nrm_slice_str("TH.a"), b = nrm_slice_str("TH.b");
	uint64_t place, other;
	bool is_new;
	struct nrm_txn *txn = begin(f);

	assert_int_equal(nrm_inbox_put(txn, ID(id1), a, &in, &is_new), NRM_OK);
	assert_true(is_new);
	assert_int_equal(nrm_inbox_find(txn, ID(id1), &place), NRM_OK);
	assert_int_equal(nrm_inbox_reply(txn, place, id2), NRM_OK);
	in.envelope = nrm_slice_str("four");
	in.index = 4;
	assert_int_equal(nrm_inbox_put(txn, ID(id1), a, &in, &is_new), NRM_OK);
	assert_false(is_new);
	assert_int_equal(nrm_inbox_get(txn, place, &got), NRM_OK);
	assert_true(nrm_slice_equal(got.envelope, nrm_slice_str("five")));
	in.index = 6;
	in.envelope = nrm_slice_str("six");
	assert_int_equal(nrm_inbox_put(txn, ID(id1), a, &in, &is_new), NRM_OK);
	assert_false(is_new);
	assert_int_equal(nrm_inbox_get(txn, place, &got), NRM_OK);
	assert_true(nrm_slice_equal(got.envelope, nrm_slice_str("six")));
	assert_memory_equal(got.reply, id2, 16); /* our answer stays */

	/* another sender's message under the same id is another one; the id alone names none */
	assert_int_equal(nrm_inbox_put(txn, ID(id1), b, &in, &is_new), NRM_OK);
	assert_true(is_new);
	assert_int_equal(nrm_inbox_find(txn, ID(id1), &other), NRM_ERR_DUPLICATE);
	assert_int_equal(nrm_inbox_find(txn, ID(id2), &other), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

static void test_leaves_and_their_proofs(void **state)
{
	struct fixture *f = *state;
	struct nrm_kept_leaf leaf = {nrm_slice_str("leaf"), nrm_slice_str("salt"),
				     nrm_slice_str("view"), 0},
			     got;
	uint64_t rows;
	struct nrm_txn *txn = begin(f);

	assert_int_equal(nrm_leaf_keep(txn, 300, &leaf, 77), NRM_OK);
	assert_int_equal(nrm_leaf_keep(txn, 300, &leaf, 78), NRM_OK);
	leaf.leaf = nrm_slice_str("another");
	assert_int_equal(nrm_leaf_keep(txn, 300, &leaf, 77), NRM_ERR_EXISTS);
	assert_int_equal(nrm_count(txn, NRM_SPOOL_UNPROVED, &rows), NRM_OK);
	assert_int_equal(rows, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(nrm_leaf_proved(txn, 300, 301 + (uint64_t)i), NRM_OK);
		assert_int_equal(nrm_leaf_get(txn, 300, &got), NRM_OK);
		assert_int_equal(got.proved, 301);
		assert_true(nrm_slice_equal(got.view, nrm_slice_str("view")));
	}
	assert_int_equal(nrm_count(txn, NRM_SPOOL_UNPROVED, &rows), NRM_OK);
	assert_int_equal(rows, 0);
	assert_int_equal(nrm_leaf_proved(txn, 301, 302), NRM_ERR_NOT_FOUND);
	nrm_txn_abort(txn);
}

static void test_what_is_committed_survives_and_what_is_not_does_not(void **state)
{
	struct fixture *f = *state;
	struct nrm_slice first, second, envelope, copy;
	struct nrm_txn *txn = begin(f);

	assert_int_equal(nrm_outbox_add(txn, id1, nrm_slice_str("kept"), nrm_slice_str("copy")),
			 NRM_OK);
	assert_int_equal(nrm_meta_put_pair(txn, NRM_META_DIRECTORY, nrm_slice_str("document"),
					   nrm_slice_str("signature")),
			 NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	txn = begin(f);
	assert_int_equal(nrm_outbox_add(txn, id2, nrm_slice_str("lost"), nrm_slice_str("copy")),
			 NRM_OK);
	nrm_txn_abort(txn);
	nrm_store_close(f->store);

	assert_int_equal(nrm_spool_open(folder, &f->store), NRM_OK);
	txn = begin(f);
	assert_int_equal(nrm_outbox_get(txn, ID(id1), &envelope, &copy), NRM_OK);
	assert_int_equal(nrm_outbox_get(txn, ID(id2), &envelope, &copy), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_meta_get_pair(txn, NRM_META_DIRECTORY, &first, &second), NRM_OK);
	assert_true(nrm_slice_equal(first, nrm_slice_str("document")));
	assert_true(nrm_slice_equal(second, nrm_slice_str("signature")));
	nrm_txn_abort(txn);
}

/* What is told of a case replaces what was told before, but for this: that it was there once. */
static void test_what_is_told_of_a_case(void **state)
{
	struct fixture *f = *state;
	struct nrm_kept_case kept;
	struct nrm_txn *txn = begin(f);

	assert_int_equal(nrm_case_file_get(txn, ID(id1), &kept), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_case_file_keep(txn, ID(id1), 5, false, nrm_slice_str("no")), NRM_OK);
	assert_int_equal(nrm_case_file_get(txn, ID(id1), &kept), NRM_OK);
	assert_true(kept.received_ms == 5 && !kept.existed);
	assert_int_equal(nrm_case_file_keep(txn, ID(id1), 6, true, nrm_slice_str("yes")), NRM_OK);
	assert_int_equal(nrm_case_file_keep(txn, ID(id1), 7, false, nrm_slice_str("gone")), NRM_OK);
	assert_int_equal(nrm_case_file_get(txn, ID(id1), &kept), NRM_OK);
	assert_true(kept.received_ms == 7 && kept.existed);
	assert_true(nrm_slice_equal(kept.frame, nrm_slice_str("gone")));
	assert_int_equal(nrm_case_file_get(txn, ID(id2), &kept), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_put(txn, NRM_SPOOL_CASE_FILES, ID(id2), nrm_slice_str("short")),
			 NRM_OK);
	assert_int_equal(nrm_case_file_get(txn, ID(id2), &kept), NRM_ERR_CORRUPT);
	nrm_txn_abort(txn);
}

/* In the order of stating, whatever the ids are, and of one case only. */
static void test_what_was_stated_of_a_case(void **state)
{
	struct fixture *f = *state;
	uint8_t id[NRM_MESSAGE_ID_LEN];
	struct nrm_txn *txn = begin(f);
	uint64_t place = 0;

	assert_int_equal(nrm_stated_next(txn, ID(id1), &place, id), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_stated_add(txn, ID(id1), 300, ID(id1)), NRM_OK);
	assert_int_equal(nrm_stated_add(txn, ID(id1), 7, ID(id2)), NRM_OK);
	assert_int_equal(nrm_stated_add(txn, ID(id2), 8, ID(id1)), NRM_OK);
	assert_int_equal(nrm_stated_next(txn, ID(id1), &place, id), NRM_OK);
	assert_true(place == 7 && memcmp(id, id2, sizeof(id)) == 0);
	assert_int_equal(nrm_stated_next(txn, ID(id1), &place, id), NRM_OK);
	assert_true(place == 300 && memcmp(id, id1, sizeof(id)) == 0);
	assert_int_equal(nrm_stated_next(txn, ID(id1), &place, id), NRM_ERR_NOT_FOUND);
	nrm_txn_abort(txn);
}

/* Rows that are damaged are said to be. */
static void test_damaged_rows(void **state)
{
	struct fixture *f = *state;
	struct nrm_slice a, b;
	struct nrm_received received;
	struct nrm_fate fate;
	struct nrm_txn *txn = begin(f);

	assert_int_equal(nrm_put(txn, NRM_SPOOL_FATE, ID(id1), nrm_slice_str("short")), NRM_OK);
	assert_int_equal(nrm_fate_get(txn, ID(id1), &fate), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_put(txn, NRM_SPOOL_OUTBOX, ID(id1), nrm_slice("\0\0\0\x09short", 9)),
			 NRM_OK);
	assert_int_equal(nrm_outbox_get(txn, ID(id1), &a, &b), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_inbox_read(nrm_slice_str("short"), &received), NRM_ERR_CORRUPT);
	nrm_txn_abort(txn);
}

int main(void)
{
#define BOTH(f)                                                    \
	cmocka_unit_test_setup_teardown(f, open_memory, teardown), \
		cmocka_unit_test_setup_teardown(f, open_disk, teardown)
	const struct CMUnitTest tests[] = {
		BOTH(test_outbox_queue_and_fate),
		BOTH(test_places_are_never_reused),
		BOTH(test_inbox_takes_each_once),
		BOTH(test_leaves_and_their_proofs),
		BOTH(test_what_is_told_of_a_case),
		BOTH(test_what_was_stated_of_a_case),
		BOTH(test_damaged_rows),
		cmocka_unit_test_setup_teardown(
			test_what_is_committed_survives_and_what_is_not_does_not, open_disk,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
