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
	expect_fault(*state, 5, "the hash kept with the leaf is not that of the leaf");
}

static void finds_a_changed_leaf_with_its_hash(void **state)
{
	struct row row = read_row(*state, 4);

	row.leaf.data[row.leaf.len - 1] ^= 1;
	struct nrm_hash hash = nrm_leaf_hash(nrm_buf_slice(&row.leaf));
	memcpy(row.completed.data, hash.bytes, NRM_HASH_LEN);
	write_row(*state, 4, &row);
	expect_fault(*state, 4, "oversight's view does not match its digest");
}

/* Of a forgotten case nobody can read the record: the tree alone has to tell. */
static void finds_a_changed_leaf_of_a_forgotten_case(void **state)
{
	struct trail *t = *state;
	struct row row = read_row(t, 6);

	row.leaf.data[row.leaf.len - 1] ^= 1;
	struct nrm_hash hash = nrm_leaf_hash(nrm_buf_slice(&row.leaf));
	memcpy(row.completed.data, hash.bytes, NRM_HASH_LEN);
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
	struct nrm_hash hash = nrm_leaf_hash(nrm_buf_slice(&row.leaf));
	memcpy(row.completed.data, hash.bytes, NRM_HASH_LEN);
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
	plain.data[8] ^= 1; /* the salt of the sender's view */
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
	assert_int_equal(nrm_audit_verify(empty.store, NULL, &on_trust, &report), NRM_ERR_NOT_FOUND);
	put_directory(&empty);
	assert_int_equal(nrm_audit_verify(empty.store, NULL, &on_trust, &report), NRM_ERR_NOT_FOUND);
	nrm_store_close(empty.store);
}

/* --- signatures --- */

static struct nrm_audit_report audit_signatures(struct trail *t)
{
	const struct nrm_audit_options options = {.authority = t->authority, .signatures = true};
	struct nrm_audit_report report;

	assert_int_equal(nrm_audit_verify(t->store, t->keys, &options, &report), NRM_OK);
	return report;
}

static void verifies_signatures(void **state)
{
	struct nrm_audit_report report = audit_signatures(*state);

	assert_null(report.fault.what);
	assert_int_equal(report.signatures.statements + report.signatures.acks, report.opened);
	assert_int_equal(report.signatures.statements, 7);
	assert_int_equal(report.signatures.broker, 0);
	assert_int_equal(report.signatures.unknown, 0);
}

static void finds_a_statement_that_another_signed(void **state)
{
	struct trail *t = *state;

	t->sender_key = 1;
	append(t, 0, MINUTE + LEAVES); /* a referral: leaf 20 */
	assert_null(audit(t).fault.what);
	struct nrm_audit_report report = audit_signatures(t);
	assert_string_equal(report.fault.what,
			    "the sender's signature of the statement does not verify");
	assert_int_equal(report.fault.leaf, LEAVES);
}

static void finds_an_acknowledgement_that_another_signed(void **state)
{
	struct trail *t = *state;

	t->recipient_key = 0;
	append(t, 1, MINUTE + LEAVES);
	append(t, 0, MINUTE + LEAVES);
	append(t, 1, MINUTE + LEAVES); /* of the three that follow one is an acknowledgement */
	append(t, 0, MINUTE + LEAVES);
	append(t, 1, MINUTE + LEAVES);
	struct nrm_audit_report report = audit_signatures(t);
	assert_string_equal(report.fault.what,
			    "the recipient's signature of the acknowledgement does not verify");
}

static void finds_an_acknowledgement_of_something_else(void **state)
{
	struct trail *t = *state;

	t->leaf[19] = t->leaf[1]; /* leaf 22 says that it is about leaf 19 */
	for (int i = 0; i < 3; i++)
		append(t, i % 2, MINUTE + LEAVES);
	struct nrm_audit_report report = audit_signatures(t);
	assert_string_equal(report.fault.what,
			    "the acknowledgement is about another statement or leaf");
	assert_int_equal(report.fault.leaf, 22);
}

static void counts_what_nobody_vouches_for(void **state)
{
	struct trail *t = *state;
	struct nrm_signing_key *other = agency_signing_key(1, NRM_KEY_KIND_SIGNING);
	struct nrm_audit_report report;

	nrm_signing_key_public(other, t->authority);
	nrm_signing_key_free(other);
	report = audit_signatures(t);
	assert_string_equal(report.fault.what,
			    "the newest directory is not signed by the authority given");
	assert_int_equal(report.signatures.unknown, report.opened);
}

/* --- the rules that leaves name, time, and what was remembered --- */

static void finds_a_policy_that_is_gone(void **state)
{
	struct trail *t = *state;

	t->policy.bytes[0] ^= 1;
	append(t, 0, MINUTE + LEAVES);
	expect_fault(t, LEAVES, "the policy that the leaf was written under is not there");
	t->policy.bytes[0] ^= 1;
	t->directory.bytes[0] ^= 1;
	append(t, 0, MINUTE + LEAVES);
	struct nrm_audit_report report = audit(t);
	assert_int_equal(report.fault.leaf, LEAVES);
}

static void finds_a_leaf_from_the_future(void **state)
{
	struct trail *t = *state;

	append(t, 0, MINUTE + LEAVES + 5); /* as far ahead as a statement may be */
	assert_null(audit(t).fault.what);
	append(t, 0, MINUTE + LEAVES + 6);
	expect_fault(t, LEAVES + 1, "the leaf is dated in the future");
	append(t, 0, UINT64_MAX);
	expect_fault(t, LEAVES + 1, "the leaf is dated in the future");
}

static struct nrm_audit_report audit_since(struct trail *t, const struct nrm_buf *remembered,
					   struct nrm_buf *ret_note)
{
	const struct nrm_audit_options options = {.authority = t->authority,
						  .since = nrm_buf_slice(remembered),
						  .note = ret_note};
	struct nrm_audit_report report;

	assert_int_equal(nrm_audit_verify(t->store, NULL, &options, &report), NRM_OK);
	return report;
}

static void goes_on_from_what_it_remembers(void **state)
{
	struct nrm_buf nothing = {0}, first = {0}, second = {0};
	struct trail *t = *state;

	struct nrm_audit_report report = audit_since(t, &nothing, &first);
	assert_null(report.fault.what);
	assert_int_equal(report.since, 0);
	for (int i = 0; i < 30; i++)
		append(t, 0, MINUTE + LEAVES);
	put_checkpoint(t, AGENCIES_MAX);
	report = audit_since(t, &first, &second);
	assert_null(report.fault.what);
	assert_int_equal(report.since, SIGNED);
	assert_int_equal(report.leaves, LEAVES + 30);
	struct nrm_hash root = nrm_frontier_root(&t->frontier);
	assert_memory_equal(&report.root, &root, sizeof(root));
	nrm_buf_clear(&nothing);
	report = audit_since(t, &second, &nothing);
	assert_null(report.fault.what);
	assert_int_equal(report.since, LEAVES + 30);
	nrm_buf_done(&first);
	nrm_buf_done(&second);
	nrm_buf_done(&nothing);
}

static void does_not_go_on_from_another_trail(void **state)
{
	struct nrm_buf remembered = {0}, note = {0}, nothing = {0};
	struct trail *t = *state;
	struct nrm_frontier real = t->frontier;

	assert_null(audit_since(t, &nothing, &remembered).fault.what);
	remembered.data[remembered.len - 10] ^= 1; /* in the signature */
	struct nrm_audit_report report = audit_since(t, &remembered, &note);
	assert_string_equal(report.fault.file, "the remembered checkpoint");
	remembered.data[remembered.len - 10] ^= 1;

	put_checkpoint(t, AGENCIES_MAX); /* of 20 leaves, but other ones */
	t->frontier.peak[0].bytes[0] ^= 1;
	put_checkpoint(t, AGENCIES_MAX);
	nrm_buf_clear(&note);
	nrm_buf_clear(&remembered);
	report = audit_since(t, &nothing, &remembered);
	t->frontier = real;
	put_checkpoint(t, AGENCIES_MAX);
	report = audit_since(t, &remembered, &note);
	assert_string_equal(
		report.fault.what,
		"the trail is not the one remembered: its root at that size is another");
	assert_int_equal(strlen(report.fault.expected), 2 * NRM_HASH_LEN);
	nrm_buf_done(&remembered);
	nrm_buf_done(&note);
}

static void notices_an_older_checkpoint(void **state)
{
	struct nrm_buf older = {0}, newer = {0}, nothing = {0}, note = {0};
	struct trail *t = *state;

	assert_null(audit_since(t, &nothing, &older).fault.what);
	put_checkpoint(t, AGENCIES_MAX);
	assert_null(audit_since(t, &nothing, &newer).fault.what);
	put(t, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), nrm_buf_slice(&older));
	struct nrm_audit_report report = audit_since(t, &newer, &note);
	assert_string_equal(report.fault.what,
			    "the checkpoint is older than the one remembered (in leaves)");
	assert_string_equal(report.fault.expected, "20");
	assert_string_equal(report.fault.found, "17");
	nrm_buf_done(&older);
	nrm_buf_done(&newer);
	nrm_buf_done(&note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(in_memory, verifies_as_made),
		ON(on_disk, verifies_as_made),
		ON(in_memory, verifies_without_keys_or_authority),
		ON(in_memory, finds_a_changed_leaf),
		ON(in_memory, finds_a_changed_leaf_with_its_hash),
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
		ON(in_memory, verifies_signatures),
		ON(in_memory, finds_a_statement_that_another_signed),
		ON(in_memory, finds_an_acknowledgement_that_another_signed),
		ON(in_memory, finds_an_acknowledgement_of_something_else),
		ON(in_memory, counts_what_nobody_vouches_for),
		ON(in_memory, finds_a_policy_that_is_gone),
		ON(in_memory, finds_a_leaf_from_the_future),
		ON(on_disk, goes_on_from_what_it_remembers),
		ON(in_memory, does_not_go_on_from_another_trail),
		ON(in_memory, notices_an_older_checkpoint),
		cmocka_unit_test(says_when_nothing_is_signed),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
