/* Exporting: what lies in the folder, that a later export only adds, and what it refuses. */
#include "tests/unit/export_world.h"

#include <fcntl.h>
#include <sys/file.h>

#include "agents/auditor/folder.h"

static void grow(struct trail *t, uint64_t size)
{
	while (t->frontier.size < size)
		append(t, (int)((t->frontier.size - 1) % FORGOTTEN), MINUTE + LEAVES);
	put_checkpoint(t, AGENCIES_MAX);
}

static void writes_a_folder_that_verifies(void **state)
{
	static const char *const files[] = {
		"checkpoint",	      TILE_OF_17,	 ENTRIES_OF_17, "directory/1.signed",
		"directory/2.signed", "policy/2.signed", "README",	"timestamps"};
	struct exported *e = *state;
	struct nrm_export_report exported = export_to(e, false);

	assert_null(exported.fault.what);
	assert_int_equal(exported.before, 0);
	assert_int_equal(exported.leaves, SIGNED);
	assert_int_equal(exported.after, LEAVES - SIGNED);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_true(is_there(e, files[i]));
	assert_false(is_there(e, NRM_EXPORT_VIEWS));
	struct nrm_audit_report report = verify_folder(e);
	assert_null(report.fault.what);
	assert_int_equal(report.leaves, SIGNED);
	assert_int_equal(report.documents, 3);
	assert_true(report.authorised);
	assert_false(report.views);
	assert_memory_equal(&report.root, &report.head.checkpoint.root, sizeof(report.root));
}

/* u16(length) and the leaf's bytes; hashes of 32 bytes. */
static void writes_bundles_and_tiles_as_specified(void **state)
{
	struct exported *e = *state;

	export_to(e, false);
	struct nrm_buf entries = read_all(e, ENTRIES_OF_17), tile = read_all(e, TILE_OF_17);
	struct nrm_reader r = nrm_reader(nrm_buf_slice(&entries));
	assert_int_equal(tile.len, SIGNED * NRM_HASH_LEN);
	for (uint64_t i = 0; i < SIGNED; i++) {
		struct row row = read_row(e->trail, i);
		struct nrm_slice entry = nrm_take(&r, nrm_take_u16(&r));
		assert_true(nrm_slice_equal(entry, nrm_buf_slice(&row.leaf)));
		assert_memory_equal(tile.data + i * NRM_HASH_LEN, e->trail->leaf[i].bytes,
				    NRM_HASH_LEN);
		nrm_buf_done(&row.leaf);
		nrm_buf_done(&row.completed);
		nrm_buf_done(&row.record);
	}
	assert_int_equal(nrm_reader_end(&r), NRM_OK);
	nrm_buf_done(&entries);
	nrm_buf_done(&tile);
}

static void only_adds(void **state)
{
	struct exported *e = *state;

	export_to(e, false);
	struct nrm_buf before = read_all(e, ENTRIES_OF_17);
	grow(e->trail, 40);
	struct nrm_export_report exported = export_to(e, false);
	assert_int_equal(exported.before, SIGNED);
	assert_int_equal(exported.leaves, 40);
	assert_null(verify_folder(e).fault.what);
	/* Partial tiles of a checkpoint stay for as long as the full ones are not there. */
	struct nrm_buf after = read_all(e, ENTRIES_OF_17);
	assert_true(nrm_slice_equal(nrm_buf_slice(&before), nrm_buf_slice(&after)));
	assert_true(is_there(e, "tile/entries/000.p/40"));
	nrm_buf_done(&before);
	nrm_buf_done(&after);
	exported = export_to(e, false);
	assert_int_equal(exported.before, 40);
	assert_null(verify_folder(e).fault.what);
}

static void puts_full_tiles_in_place_of_partial_ones(void **state)
{
	struct exported *e = *state;

	export_to(e, false);
	grow(e->trail, 200);
	export_to(e, false);
	grow(e->trail, 300);
	export_to(e, false);
	assert_null(verify_folder(e).fault.what);
	assert_true(is_there(e, "tile/0/000"));
	assert_true(is_there(e, "tile/entries/000"));
	assert_true(is_there(e, "tile/0/001.p/44"));
	assert_true(is_there(e, "tile/1/000.p/1"));
	assert_false(is_there(e, "tile/0/000.p"));
	assert_false(is_there(e, "tile/entries/000.p"));
}

/* What an interruption leaves: newer files than the checkpoint that counts. */
static void is_valid_when_it_was_interrupted(void **state)
{
	struct exported *e = *state;

	export_to(e, false);
	struct nrm_buf old = read_all(e, "checkpoint");
	grow(e->trail, 300);
	export_to(e, false); /* which took the partial tiles of 17 away, too */
	write_file(e, "checkpoint", old.data, old.len);
	write_file(e, ".new", "half a fi", 9);
	struct nrm_audit_report report = verify_folder(e);
	assert_null(report.fault.what);
	assert_int_equal(report.leaves, SIGNED);
	/* The next export begins where the checkpoint is, over what there may be. */
	write_file(e, "tile/0/000", "half a tile", 11);
	write_file(e, "tile/entries/001.p/44", "", 0);
	assert_int_equal(export_to(e, false).before, SIGNED);
	assert_null(verify_folder(e).fault.what);
	assert_int_equal(verify_folder(e).leaves, 300);
	nrm_buf_done(&old);
}

static void goes_on_from_a_remembered_checkpoint(void **state)
{
	struct exported *e = *state;
	struct nrm_audit_report report;

	export_to(e, false);
	struct nrm_buf remembered = read_all(e, "checkpoint");
	const struct nrm_audit_options options = {.authority = e->trail->authority,
						  .since = nrm_buf_slice(&remembered)};
	for (uint64_t size = LEAVES; size < 600; size += 97) {
		grow(e->trail, size);
		export_to(e, false);
		assert_int_equal(nrm_audit_verify_export(e->folder, &options, &report), NRM_OK);
		assert_null(report.fault.what);
		assert_int_equal(report.since, SIGNED);
		assert_int_equal(report.leaves, size);
	}
	nrm_buf_done(&remembered);
}

static struct nrm_buf stored_checkpoint(struct trail *t)
{
	struct nrm_buf bytes = {0};
	struct nrm_slice note;
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(t->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note),
			 NRM_OK);
	nrm_buf_put(&bytes, note.data, note.len);
	nrm_txn_abort(txn);
	return bytes;
}

static void does_not_go_on_from_a_fork(void **state)
{
	struct exported *e = *state;
	struct nrm_frontier real = e->trail->frontier;
	struct nrm_audit_report report;

	e->trail->frontier.peak[0].bytes[0] ^= 1; /* another 20 leaves, signed as well */
	put_checkpoint(e->trail, AGENCIES_MAX);
	struct nrm_buf fork = stored_checkpoint(e->trail);
	const struct nrm_audit_options options = {.since = nrm_buf_slice(&fork)};
	e->trail->frontier = real;
	grow(e->trail, 300);
	export_to(e, false);
	assert_int_equal(nrm_audit_verify_export(e->folder, &options, &report), NRM_OK);
	assert_string_equal(
		report.fault.what,
		"the trail is not the one remembered: its root at that size is another");
	nrm_buf_done(&fork);
}

static void does_not_add_to_another_trail(void **state)
{
	struct exported *e = *state;
	struct nrm_frontier real = e->trail->frontier;

	e->trail->frontier.peak[0].bytes[0] ^= 1; /* of the same 20 leaves another root */
	put_checkpoint(e->trail, AGENCIES_MAX);
	struct nrm_export_report exported = export_to(e, false);
	assert_string_equal(exported.fault.what,
			    "the root at the checkpoint's size is not the signed one");
	assert_false(is_there(e, "checkpoint"));
	struct nrm_buf forged = {0};
	struct nrm_slice note;
	struct nrm_txn *txn;
	assert_int_equal(nrm_txn_begin(e->trail->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note),
			 NRM_OK);
	nrm_buf_put(&forged, note.data, note.len);
	nrm_txn_abort(txn);
	e->trail->frontier = real;
	grow(e->trail, LEAVES);
	write_file(e, "checkpoint", forged.data, forged.len);
	exported = export_to(e, false);
	assert_string_equal(
		exported.fault.what,
		"what was exported is not the beginning of this trail: the root at that size is "
		"another");
	assert_string_equal(exported.fault.file, "checkpoint");
	nrm_buf_done(&forged);
}

static void notices_that_the_trail_became_shorter(void **state)
{
	struct exported *e = *state;
	struct nrm_buf newer;

	export_to(e, false);
	struct nrm_buf old = read_all(e, "checkpoint");
	grow(e->trail, 30);
	export_to(e, false);
	newer = read_all(e, "checkpoint");
	put(e->trail, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), nrm_buf_slice(&old));
	struct nrm_export_report exported = export_to(e, false);
	assert_string_equal(exported.fault.what,
			    "the trail is shorter than what was exported (in leaves)");
	struct nrm_buf now = read_all(e, "checkpoint");
	assert_true(nrm_slice_equal(nrm_buf_slice(&now), nrm_buf_slice(&newer)));
	nrm_buf_done(&old);
	nrm_buf_done(&newer);
	nrm_buf_done(&now);
}

static void does_not_export_what_does_not_verify(void **state)
{
	struct exported *e = *state;
	struct row row = read_row(e->trail, 6);

	row.leaf.data[row.leaf.len - 1] ^= 1;
	write_row(e->trail, 6, &row);
	assert_string_equal(export_to(e, false).fault.what,
			    "the root at the checkpoint's size is not the signed one");
	delete_row(e->trail, 6);
	struct nrm_export_report exported = export_to(e, false);
	assert_string_equal(exported.fault.what, "the leaf is missing");
	assert_int_equal(exported.fault.leaf, 6);
	assert_false(is_there(e, "checkpoint"));
}

static void notices_that_an_exported_leaf_changed(void **state)
{
	struct exported *e = *state;

	export_to(e, false);
	grow(e->trail, 40);
	struct row row = read_row(e->trail, 5);
	row.leaf.data[row.leaf.len - 1] ^= 1;
	write_row(e->trail, 5, &row);
	assert_string_equal(export_to(e, false).fault.what,
			    "what was exported is not the beginning of this trail: the root at "
			    "that size is another");
}

static void is_one_at_a_time(void **state)
{
	const struct nrm_export_options options = {.views = false};
	struct nrm_export_report report;
	struct exported *e = *state;
	int other = open(e->folder, O_RDONLY | O_DIRECTORY);

	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(nrm_audit_export(e->trail->store, NULL, e->folder, &options, &report),
			 NRM_ERR_AGAIN);
	close(other);
	assert_int_equal(nrm_audit_export(e->trail->store, NULL, e->folder, &options, &report),
			 NRM_OK);
}

/* --- views --- */

static void adds_views_for_who_holds_the_keys(void **state)
{
	const struct nrm_export_options with = {.views = true}, without = {.views = false};
	struct nrm_export_report exported;
	struct exported *e = *state;

	assert_int_equal(nrm_audit_export(e->trail->store, NULL, e->folder, &with, &exported),
			 NRM_ERR_ARGUMENT);
	exported = export_to(e, true);
	assert_int_equal(exported.views + exported.closed, SIGNED);
	assert_int_equal(exported.closed, 5); /* of the forgotten case */
	struct nrm_audit_report report = verify_folder(e);
	assert_null(report.fault.what);
	assert_true(report.views);
	assert_int_equal(report.clear, 1);
	assert_int_equal(report.opened, SIGNED - 1 - 5);
	assert_int_equal(report.closed, 5);
	assert_int_equal(
		nrm_audit_export(e->trail->store, e->trail->keys, e->folder, &without, &exported),
		NRM_ERR_EXISTS);
	grow(e->trail, 300);
	assert_int_equal(export_to(e, true).leaves, 300);
	assert_null(verify_folder(e).fault.what);
}

static void takes_out_the_views_of_a_case_forgotten_since(void **state)
{
	struct exported *e = *state;

	export_to(e, true);
	struct nrm_buf before = read_all(e, "views/000");
	assert_non_null(memmem(before.data, before.len, case_id, NRM_CASE_ID_LEN));
	for (uint32_t slot = 0; slot < CASES; slot++)
		assert_int_equal(nrm_case_keys_forget(e->trail->keys, slot), NRM_OK);
	export_to(e, true);
	struct nrm_buf after = read_all(e, "views/000");
	assert_null(memmem(after.data, after.len, case_id, NRM_CASE_ID_LEN));
	struct nrm_audit_report report = verify_folder(e);
	assert_null(report.fault.what);
	assert_int_equal(report.closed, SIGNED - 1);
	nrm_buf_done(&before);
	nrm_buf_done(&after);
}

static void finds_a_changed_view(void **state)
{
	struct exported *e = *state;

	export_to(e, true);
	struct nrm_buf views = read_all(e, "views/000");
	views.data[4] ^= 1; /* the first salt */
	write_file(e, "views/000", views.data, views.len);
	expect_folder_fault(e, "views/000", 0, "oversight's view does not match its digest");
	views.data[4] ^= 1;
	write_file(e, "views/000", views.data, views.len - 1);
	expect_folder_fault(e, "views/000", SIGNED - 1, "the file of views ends before the leaf's");
	assert_int_equal(unlink(place(e, "views/000")), 0);
	expect_folder_fault(e, "views/000", 0, "the file is missing");
	nrm_buf_done(&views);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPORT_TEST(writes_a_folder_that_verifies),
		EXPORT_TEST(writes_bundles_and_tiles_as_specified),
		EXPORT_TEST(only_adds),
		EXPORT_TEST(puts_full_tiles_in_place_of_partial_ones),
		EXPORT_TEST(is_valid_when_it_was_interrupted),
		EXPORT_TEST(goes_on_from_a_remembered_checkpoint),
		EXPORT_TEST(does_not_go_on_from_a_fork),
		EXPORT_TEST(does_not_add_to_another_trail),
		EXPORT_TEST(notices_that_the_trail_became_shorter),
		EXPORT_TEST(does_not_export_what_does_not_verify),
		EXPORT_TEST(notices_that_an_exported_leaf_changed),
		EXPORT_TEST(is_one_at_a_time),
		EXPORT_TEST(adds_views_for_who_holds_the_keys),
		EXPORT_TEST(takes_out_the_views_of_a_case_forgotten_since),
		EXPORT_TEST(finds_a_changed_view),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
