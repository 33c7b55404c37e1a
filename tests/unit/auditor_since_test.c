/*
 * The auditor on a small trail, further: what senders and recipients signed, the rules that leaves name, time, and going on
 * from a checkpoint that was remembered.
 */
#include "tests/unit/small_trail.h"

#include "agents/auditor/verify.h"

static const uint64_t now_ms = (MINUTE + LEAVES) * 60000;

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
	const struct nrm_audit_options options = {
		.authority = t->authority, .since = nrm_buf_slice(remembered), .note = ret_note};
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
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
