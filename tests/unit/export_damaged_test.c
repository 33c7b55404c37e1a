/*
 * Exports that were cut short, changed or made up: each is told as not verifying, or as not checkable, and never ends the
 * program. Proofs of leaves likewise.
 */
#include "tests/unit/export_world.h"

#include <sys/stat.h>

#include "agents/auditor/folder.h"
#include "agents/auditor/proof.h"

static const char *const files[] = {"checkpoint",     TILE_OF_17,	    ENTRIES_OF_17,
				    "views/000",      "directory/1.signed", "directory/2.signed",
				    "policy/2.signed"};
#define FILES (sizeof(files) / sizeof(files[0]))

/* Whether the folder is taken for good. */
static bool verifies(struct exported *e)
{
	const struct nrm_audit_options options = {.authority = e->trail->authority};
	struct nrm_audit_report report;

	return nrm_audit_verify_export(e->folder, &options, &report) == NRM_OK &&
	       !report.fault.what;
}

static void meets_every_length(void **state)
{
	struct exported *e = *state;

	export_to(e, true);
	for (size_t f = 0; f < FILES; f++) {
		struct nrm_buf whole = read_all(e, files[f]);
		for (size_t len = 0; len < whole.len; len++) {
			write_file(e, files[f], whole.data, len);
			assert_false(verifies(e));
		}
		assert_int_equal(unlink(place(e, files[f])), 0);
		assert_int_equal(verifies(e), strcmp(files[f], "directory/1.signed") == 0);
		write_file(e, files[f], whole.data, whole.len);
		nrm_buf_done(&whole);
	}
	assert_true(verifies(e));
}

/* A signature that nobody asks about may be another; any other bit counts. */
static void meets_changed_bytes(void **state)
{
	struct exported *e = *state;

	export_to(e, true);
	for (size_t f = 0; f < FILES; f++) {
		struct nrm_buf bytes = read_all(e, files[f]);
		const bool document = strstr(files[f], "signed") != NULL;
		const bool newest = strcmp(files[f], "directory/2.signed") == 0;

		for (size_t i = 0; i < bytes.len; i += 1 + bytes.len / 1500) {
			bytes.data[i] ^= (uint8_t)(1u << i % 8);
			write_file(e, files[f], bytes.data, bytes.len);
			if (!document || newest)
				assert_false(verifies(e));
			else
				(void)verifies(e); /* what no leaf names may be anything */
			bytes.data[i] ^= (uint8_t)(1u << i % 8);
		}
		write_file(e, files[f], bytes.data, bytes.len);
		nrm_buf_done(&bytes);
	}
	assert_true(verifies(e));
}

static void meets_files_that_are_too_long(void **state)
{
	struct exported *e = *state;

	export_to(e, true);
	for (size_t f = 0; f < FILES; f++) {
		struct nrm_buf bytes = read_all(e, files[f]);
		const size_t len = bytes.len;

		nrm_buf_put_u8(&bytes, 0);
		write_file(e, files[f], bytes.data, bytes.len);
		/* Views may go on: a newer export that was interrupted. */
		assert_int_equal(verifies(e), strcmp(files[f], "views/000") == 0);
		assert_int_equal(truncate(place(e, files[f]), 1ll << 32), 0);
		assert_false(verifies(e));
		write_file(e, files[f], bytes.data, len);
		nrm_buf_done(&bytes);
	}
}

static void says_which_file_and_leaf(void **state)
{
	struct exported *e = *state;

	export_to(e, false);
	struct nrm_buf entries = read_all(e, ENTRIES_OF_17), tile = read_all(e, TILE_OF_17);
	entries.data[entries.len - 1] ^= 1;
	write_file(e, ENTRIES_OF_17, entries.data, entries.len);
	expect_folder_fault(e, ENTRIES_OF_17, SIGNED - 1,
			    "the hash in the tile is not that of the leaf");
	write_file(e, ENTRIES_OF_17, entries.data, entries.len - 1);
	expect_folder_fault(e, ENTRIES_OF_17, SIGNED - 1,
			    "the file ends before the leaf does (leaves in it)");
	assert_string_equal(verify_folder(e).fault.found, "16");
	write_file(e, TILE_OF_17, tile.data, tile.len - 1);
	expect_folder_fault(e, TILE_OF_17, 0, "the file has not the length it must have (bytes)");
	assert_string_equal(verify_folder(e).fault.expected, "544");
	assert_string_equal(verify_folder(e).fault.found, "543");
	assert_int_equal(truncate(place(e, TILE_OF_17), 1 << 30), 0);
	expect_folder_fault(e, TILE_OF_17, 0, "the file is larger than it can be");
	assert_int_equal(unlink(place(e, TILE_OF_17)), 0);
	expect_folder_fault(e, TILE_OF_17, 0, "the file is missing");
	nrm_buf_done(&entries);
	nrm_buf_done(&tile);
}

/* Leaf and tile changed together: the signed root alone tells. */
static void finds_what_was_rewritten_whole(void **state)
{
	struct exported *e = *state;

	export_to(e, false);
	struct nrm_buf entries = read_all(e, ENTRIES_OF_17), tile = read_all(e, TILE_OF_17);
	struct nrm_reader r = nrm_reader(nrm_buf_slice(&entries));
	struct nrm_slice last = {0};
	for (uint64_t i = 0; i < SIGNED; i++)
		last = nrm_take(&r, nrm_take_u16(&r));
	entries.data[entries.len - 1] ^= 1;
	struct nrm_hash hash = nrm_leaf_hash(last);
	memcpy(tile.data + (SIGNED - 1) * NRM_HASH_LEN, hash.bytes, NRM_HASH_LEN);
	write_file(e, ENTRIES_OF_17, entries.data, entries.len);
	write_file(e, TILE_OF_17, tile.data, tile.len);
	expect_folder_fault(e, "", NRM_NO_LEAF,
			    "the root at the checkpoint's size is not the signed one");
	nrm_buf_done(&entries);
	nrm_buf_done(&tile);
}

static void finds_a_changed_hash_of_an_upper_tile(void **state)
{
	struct exported *e = *state;

	while (e->trail->frontier.size < 300)
		append(e->trail, 0, MINUTE + LEAVES);
	put_checkpoint(e->trail, AGENCIES_MAX);
	export_to(e, false);
	struct nrm_buf tile = read_all(e, "tile/1/000.p/1");
	tile.data[0] ^= 1;
	write_file(e, "tile/1/000.p/1", tile.data, tile.len);
	expect_folder_fault(e, "tile/1/000.p/1", 255,
			    "a hash of the tile is not that of its leaves");
	assert_int_equal(verify_folder(e).fault.leaves, 256);
	nrm_buf_done(&tile);
}

/* Sizes that a key may sign and nobody can have: the check ends at the first file that is not there. */
static void meets_absurd_sizes(void **state)
{
	struct exported *e = *state;
	struct nrm_frontier real = e->trail->frontier;
	struct nrm_slice note;
	struct nrm_txn *txn;

	export_to(e, false);
	static const uint64_t sizes[] = {0, 1ull << 20, 1ull << 56, UINT64_MAX};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		e->trail->frontier = (struct nrm_frontier){.size = sizes[i]};
		put_checkpoint(e->trail, AGENCIES_MAX);
		assert_int_equal(nrm_txn_begin(e->trail->store, false, &txn), NRM_OK);
		assert_int_equal(
			nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note),
			NRM_OK);
		write_file(e, "checkpoint", note.data, note.len);
		nrm_txn_abort(txn);
		assert_int_equal(verifies(e), sizes[i] == 0); /* an empty trail is one */
	}
	e->trail->frontier = real;
}

static void does_not_wait_for_what_is_no_file(void **state)
{
	const struct nrm_audit_options options = {.now_ms = 0};
	struct nrm_audit_report report;
	struct exported *e = *state;

	assert_int_equal(nrm_audit_verify_export("/nowhere/at/all", &options, &report),
			 NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_audit_verify_export(e->folder, &options, &report), NRM_ERR_NOT_FOUND);
	export_to(e, false);
	assert_int_equal(unlink(place(e, TILE_OF_17)), 0);
	assert_int_equal(mkfifo(place(e, TILE_OF_17), 0600), 0);
	assert_int_equal(nrm_audit_verify_export(e->folder, &options, &report), NRM_ERR_IO);
	assert_int_equal(unlink(place(e, "checkpoint")), 0);
	assert_int_equal(mkdir(place(e, "checkpoint"), 0700), 0);
	assert_int_equal(nrm_audit_verify_export(e->folder, &options, &report), NRM_ERR_IO);
	assert_int_equal(rmdir(place(e, "checkpoint")), 0);
}

/* --- proofs --- */

static struct nrm_buf prove(struct exported *e, uint64_t index)
{
	struct nrm_buf from_store = {0}, from_folder = {0};
	struct nrm_prove_report report;

	assert_int_equal(nrm_audit_prove(e->trail->store, index, NULL, 0, &from_store, &report),
			 NRM_OK);
	assert_null(report.fault.what);
	assert_int_equal(nrm_audit_prove_export(e->folder, index, NULL, 0, &from_folder, &report),
			 NRM_OK);
	assert_null(report.fault.what);
	assert_true(nrm_slice_equal(nrm_buf_slice(&from_store), nrm_buf_slice(&from_folder)));
	nrm_buf_done(&from_folder);
	return from_store;
}

static struct nrm_trust trust_of(struct exported *e)
{
	struct nrm_buf directory = read_all(e, "directory/2.signed");
	struct nrm_trust trust;

	assert_int_equal(
		nrm_trust_make(&trust, nrm_buf_slice(&directory), e->trail->authority, NULL, 0),
		NRM_OK);
	nrm_buf_done(&directory);
	return trust;
}

static bool shows(const struct nrm_trust *trust, struct nrm_slice file, uint64_t *ret_index)
{
	struct nrm_faults faults = {.file = NULL};
	struct nrm_proof_shown shown;

	assert_int_equal(nrm_audit_check_proof(trust, file, 0, &faults, &shown), NRM_OK);
	*ret_index = shown.index;
	nrm_buf_done(&shown.leaf);
	nrm_buf_done(&shown.note);
	return !faults.first.what;
}

static void proves_each_leaf(void **state)
{
	struct exported *e = *state;
	struct nrm_buf none = {0};
	struct nrm_prove_report report;
	uint64_t shown;

	export_to(e, false);
	struct nrm_trust trust = trust_of(e);
	for (uint64_t index = 0; index < SIGNED; index++) {
		struct nrm_buf file = prove(e, index);
		assert_true(shows(&trust, nrm_buf_slice(&file), &shown));
		assert_int_equal(shown, index);
		nrm_buf_done(&file);
	}
	assert_int_equal(nrm_audit_prove(e->trail->store, SIGNED, NULL, 0, &none, &report),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(report.head.checkpoint.size, SIGNED);
	assert_int_equal(nrm_audit_prove_export(e->folder, UINT64_MAX, NULL, 0, &none, &report),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(none.len, 0);
	nrm_trust_done(&trust);
}

static void proves_nothing_once_changed(void **state)
{
	struct exported *e = *state;
	uint64_t shown;

	export_to(e, false);
	struct nrm_trust trust = trust_of(e);
	struct nrm_buf file = prove(e, 5);
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 1;
		assert_false(shows(&trust, nrm_buf_slice(&file), &shown));
		file.data[i] ^= 1;
		assert_false(shows(&trust, nrm_slice(file.data, i), &shown));
	}
	nrm_buf_done(&file);
	nrm_trust_done(&trust);
}

static void proves_nothing_of_a_changed_trail(void **state)
{
	struct nrm_buf none = {0};
	struct nrm_prove_report report;
	struct exported *e = *state;

	export_to(e, false);
	struct nrm_buf entries = read_all(e, ENTRIES_OF_17);
	entries.data[entries.len - 1] ^= 1;
	write_file(e, ENTRIES_OF_17, entries.data, entries.len);
	assert_int_equal(nrm_audit_prove_export(e->folder, SIGNED - 1, NULL, 0, &none, &report),
			 NRM_OK);
	assert_string_equal(report.fault.what,
			    "the leaf does not lead to the root that was signed");
	for (size_t len = 0; len < entries.len; len++) {
		write_file(e, ENTRIES_OF_17, entries.data, len);
		assert_int_equal(
			nrm_audit_prove_export(e->folder, SIGNED - 1, NULL, 0, &none, &report),
			NRM_OK);
		assert_non_null(report.fault.what);
	}
	assert_int_equal(none.len, 0);
	delete_row(e->trail, 4);
	assert_int_equal(nrm_audit_prove(e->trail->store, 5, NULL, 0, &none, &report), NRM_OK);
	assert_non_null(report.fault.what);
	nrm_buf_done(&entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPORT_TEST(meets_every_length),
		EXPORT_TEST(meets_changed_bytes),
		EXPORT_TEST(meets_files_that_are_too_long),
		EXPORT_TEST(says_which_file_and_leaf),
		EXPORT_TEST(finds_what_was_rewritten_whole),
		EXPORT_TEST(finds_a_changed_hash_of_an_upper_tile),
		EXPORT_TEST(meets_absurd_sizes),
		EXPORT_TEST(does_not_wait_for_what_is_no_file),
		EXPORT_TEST(proves_each_leaf),
		EXPORT_TEST(proves_nothing_once_changed),
		EXPORT_TEST(proves_nothing_of_a_changed_trail),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
