/*
 * The auditor on a small trail: it verifies as made, and no longer once anything in it was touched. Each test spoils
 * one thing and says what the auditor must find.
 */
#include "tests/unit/small_trail.h"

#include "agents/auditor/verify.h"

static const uint64_t now_ms = (MINUTE + LEAVES) * 60000;
static const struct nrm_audit_options on_trust;

static struct nrm_audit_report audit(struct trail *t)
{
	const struct nrm_audit_options options = {.authority = t->authority, .now_ms = now_ms};
	struct nrm_audit_report report;

	assert_int_equal(nrm_audit_verify(t->store, t->keys, &options, &report), NRM_OK);
	return report;
}

static void expect_fault(struct trail *t, uint64_t leaf, const char *what)
{
	struct nrm_audit_report report = audit(t);

	assert_non_null(report.fault.what);
	assert_string_equal(report.fault.what, what);
	assert_int_equal(report.fault.leaf, leaf);
}

static void verifies_as_made(void **state)
{
	struct trail *t = *state;
	struct nrm_audit_report report = audit(t);
	struct nrm_hash root = nrm_frontier_root(&t->frontier);

	assert_null(report.fault.what);
	assert_int_equal(report.leaves, LEAVES);
	assert_int_equal(report.head.checkpoint.size, SIGNED);
	assert_string_equal(report.head.signer, "nrm/XX");
	assert_int_equal(report.directory_version, 2);
	assert_true(report.authorised);
	assert_true(report.complete);
	assert_int_equal(report.clear, 1);
	assert_int_equal(report.cases, CASES - 1);
	assert_int_equal(report.opened + report.closed, LEAVES - 1);
	assert_int_equal(report.closed, 6);
	assert_memory_equal(&report.root, &root, sizeof(root));
}

static void verifies_without_keys_or_authority(void **state)
{
	struct trail *t = *state;
	struct nrm_audit_report report;

	assert_int_equal(nrm_audit_verify(t->store, NULL, &on_trust, &report), NRM_OK);
	assert_null(report.fault.what);
	assert_false(report.authorised);
	assert_int_equal(report.opened, 0);
}

static void finds_a_changed_leaf(void **state)
{
	struct row row = read_row(*state, 5);

	row.leaf.data[row.leaf.len - 1] ^= 1; /* in oversight's digest */
	write_row(*state, 5, &row);
	expect_fault(*state, 5, "the hash kept of a subtree is not that of its leaves");
}

/* An even one completes no subtree: its record tells. */
static void finds_a_changed_leaf_by_its_record(void **state)
{
	struct row row = read_row(*state, 4);

	row.leaf.data[row.leaf.len - 1] ^= 1;
	write_row(*state, 4, &row);
	expect_fault(*state, 4, "oversight's view does not match its digest");
}

/* Of a forgotten case nobody can read the record: the tree alone has to tell. */
static void finds_a_changed_leaf_of_a_forgotten_case(void **state)
{
	struct trail *t = *state;
	struct row row = read_row(t, 6);

	row.leaf.data[row.leaf.len - 1] ^= 1;
	write_row(t, 6, &row);
	struct nrm_audit_report report = audit(t);
	assert_string_equal(report.fault.what,
			    "the hash kept of a subtree is not that of its leaves");
	assert_int_equal(report.fault.leaf, 7);
	assert_int_equal(report.fault.leaves, 2);
	assert_int_equal(strlen(report.fault.expected), 2 * NRM_HASH_LEN);
	assert_string_not_equal(report.fault.expected, report.fault.found);
}

static void finds_a_leaf_that_is_not_canonical(void **state)
{
	struct row row = read_row(*state, 3);

	nrm_buf_put(&row.leaf, "\x78\x01", 2); /* field 15, unknown */
	write_row(*state, 3, &row);
	struct nrm_audit_report report = audit(*state);
	assert_int_equal(report.fault.leaf, 3);
}

static void finds_a_changed_stored_hash(void **state)
{
	struct row row = read_row(*state, 7);

	row.completed.data[2 * NRM_HASH_LEN] ^= 1;
	write_row(*state, 7, &row);
	expect_fault(*state, 7, "the hash kept of a subtree is not that of its leaves");
	row = read_row(*state, 7);
	row.completed.data[2 * NRM_HASH_LEN] ^= 1;
	write_row(*state, 7, &row);
	assert_null(audit(*state).fault.what);
	row = read_row(*state, 7);
	row.completed.len -= NRM_HASH_LEN;
	write_row(*state, 7, &row);
	expect_fault(*state, 7, "the number of hashes kept with the leaf is wrong");
}

static void finds_a_removed_leaf(void **state)
{
	delete_row(*state, 9);
	expect_fault(*state, 9, "the leaf is missing");
}

static void finds_a_shortened_trail(void **state)
{
	for (uint64_t i = LEAVES; i-- > SIGNED - 1;)
		delete_row(*state, i);
	expect_fault(*state, SIGNED - 1, "the trail is shorter than its signed checkpoint");
}

static void finds_swapped_leaves(void **state)
{
	struct row a = read_row(*state, 8),
		   b = read_row(*state, 12); /* both complete one subtree */

	write_row(*state, 8, &b);
	write_row(*state, 12, &a);
	struct nrm_audit_report report = audit(*state);
	assert_int_equal(report.fault.leaf, 8);
}

static void finds_a_changed_record(void **state)
{
	struct row row = read_row(*state, 10);

	row.record.data[row.record.len - 1] ^= 1;
	write_row(*state, 10, &row);
	expect_fault(*state, 10, "the record does not open with the key of its case");
}

/* The operator has the case keys: a record may be exchanged for another that opens. */
static void finds_a_rewritten_record(void **state)
{
	struct trail *t = *state;
	struct row row = read_row(t, 10);
	uint8_t case_key[NRM_KEY_LEN], row_key[NRM_KEY_LEN];
	struct nrm_buf plain = {0};

	assert_int_equal(nrm_case_keys_get(t->keys, 0, case_key), NRM_OK);
	nrm_row_key(case_key, row_key);
	assert_int_equal(
		nrm_row_open(row_key, NRM_ROW_RECORD, 10, nrm_buf_slice(&row.record), &plain),
		NRM_OK);
	plain.data[8 + 2] ^= 1; /* of the message id, which the view begins with */
	seal(t, 0, NRM_ROW_RECORD, 10, nrm_buf_slice(&plain), &row.record);
	write_row(t, 10, &row);
	nrm_buf_done(&plain);
	expect_fault(t, 10, "the sender's view does not match its digest");
}

static void finds_a_changed_clear_record(void **state)
{
	struct row row = read_row(*state, 0);

	row.record.data[row.record.len - 1] ^= 2; /* the document's version */
	write_row(*state, 0, &row);
	expect_fault(*state, 0, "oversight's view does not match its digest");
}

/* A case's row that leads to another case's leaf, whose record is made to open with this case's key. */
static void finds_a_wrong_case_tag(void **state)
{
	struct trail *t = *state;
	struct row row = read_row(t, LEAVES - 1);
	uint8_t case_key[NRM_KEY_LEN], row_key[NRM_KEY_LEN];
	struct nrm_buf plain = {0};
	const uint32_t slot = (LEAVES - 2) % CASES, other = 1 - slot;

	assert_true(slot < FORGOTTEN);
	assert_int_equal(nrm_case_keys_get(t->keys, slot, case_key), NRM_OK);
	nrm_row_key(case_key, row_key);
	assert_int_equal(nrm_row_open(row_key, NRM_ROW_RECORD, LEAVES - 1,
				      nrm_buf_slice(&row.record), &plain),
			 NRM_OK);
	nrm_store_u64(plain.data, t->last[other]); /* the case's previous leaf */
	seal(t, other, NRM_ROW_RECORD, LEAVES - 1, nrm_buf_slice(&plain), &row.record);
	write_row(t, LEAVES - 1, &row);
	put_case(t, other, LEAVES);
	put_case(t, slot, t->last[slot] - CASES);
	nrm_buf_done(&plain);
	expect_fault(t, LEAVES - 1, "the case tag is not the case's");
}

static void finds_a_leaf_left_out_of_its_case(void **state)
{
	struct trail *t = *state;

	put_case(t, 0, t->last[0] - CASES); /* forgets to mention the last one */
	expect_fault(t, t->last[0] - 1, "the leaf belongs to a case whose chain leaves it out");
}

static void finds_a_damaged_head_of_a_case(void **state)
{
	static const uint8_t key[4] = {0};

	put(*state, NRM_TABLE_HEADS, nrm_slice(key, sizeof(key)),
	    nrm_slice_str("nonsense that is long enough to open"));
	expect_fault(*state, NRM_NO_LEAF, "the head of a case does not open with its key");
}

static void finds_a_leaf_dated_back(void **state)
{
	append(*state, 0, MINUTE);
	expect_fault(*state, LEAVES, "the leaf is dated before the one it follows (in minutes)");
}

static void finds_a_checkpoint_of_another_tree(void **state)
{
	struct trail *t = *state;
	struct nrm_frontier real = t->frontier;

	t->frontier.peak[0].bytes[0] ^= 1;
	put_checkpoint(t, AGENCIES_MAX);
	t->frontier = real;
	expect_fault(t, NRM_NO_LEAF, "the root at the checkpoint's size is not the signed one");
	put_checkpoint(t, AGENCIES_MAX);
	assert_null(audit(t).fault.what);
}

static void finds_a_checkpoint_of_a_stranger(void **state)
{
	put_checkpoint(*state, 1);
	expect_fault(*state, NRM_NO_LEAF,
		     "the checkpoint is not signed by a key that the directory names");
}

static void finds_the_wrong_authority(void **state)
{
	struct trail *t = *state;
	struct nrm_signing_key *other = agency_signing_key(1, NRM_KEY_KIND_SIGNING);

	nrm_signing_key_public(other, t->authority);
	nrm_signing_key_free(other);
	expect_fault(t, NRM_NO_LEAF, "the newest directory is not signed by the authority given");
}

static void says_when_nothing_is_signed(void **state)
{
	struct trail empty = {0};
	struct nrm_audit_report report;

	(void)state;
	assert_int_equal(nrm_store_open_memory(&tables, &empty.store), NRM_OK);
	assert_int_equal(nrm_audit_verify(empty.store, NULL, &on_trust, &report),
			 NRM_ERR_NOT_FOUND);
	put_directory(&empty);
	assert_int_equal(nrm_audit_verify(empty.store, NULL, &on_trust, &report),
			 NRM_ERR_NOT_FOUND);
	nrm_store_close(empty.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(in_memory, verifies_as_made),
		ON(on_disk, verifies_as_made),
		ON(in_memory, verifies_without_keys_or_authority),
		ON(in_memory, finds_a_changed_leaf),
		ON(in_memory, finds_a_changed_leaf_by_its_record),
		ON(in_memory, finds_a_changed_leaf_of_a_forgotten_case),
		ON(in_memory, finds_a_leaf_that_is_not_canonical),
		ON(in_memory, finds_a_changed_stored_hash),
		ON(in_memory, finds_a_removed_leaf),
		ON(in_memory, finds_a_shortened_trail),
		ON(in_memory, finds_swapped_leaves),
		ON(in_memory, finds_a_changed_record),
		ON(in_memory, finds_a_rewritten_record),
		ON(in_memory, finds_a_changed_clear_record),
		ON(in_memory, finds_a_wrong_case_tag),
		ON(in_memory, finds_a_leaf_left_out_of_its_case),
		ON(in_memory, finds_a_damaged_head_of_a_case),
		ON(in_memory, finds_a_leaf_dated_back),
		ON(in_memory, finds_a_checkpoint_of_another_tree),
		ON(in_memory, finds_a_checkpoint_of_a_stranger),
		ON(in_memory, finds_the_wrong_authority),
		cmocka_unit_test(says_when_nothing_is_signed),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
