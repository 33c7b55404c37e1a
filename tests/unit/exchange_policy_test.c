/* The agent and the policy: what it takes from the broker, what it refuses, what it keeps. */
#include "tests/unit/exchange_world.h"
#include "tests/unit/policies.h"

static uint8_t signature[NRM_SIGNATURE_LEN];

/* Answers the Hello with a Welcome that carries this policy; returns the digest that the Hello told of. */
static struct nrm_slice welcome(const struct nrm_document *policy)
{
	struct nrm_to_broker hello = world_next(&world.side[0], WORLD_NOW);
	struct nrm_to_agent frame = {.kind = NRM_WELCOME};

	assert_int_equal(hello.kind, NRM_HELLO);
	frame.is.welcome.version = 1;
	frame.is.welcome.time_ms = WORLD_NOW;
	frame.is.welcome.submit_credit = 100;
	frame.is.welcome.directory = nrm_directory_document(world.directory);
	if (policy)
		frame.is.welcome.policy = *policy;
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	return hello.is.hello.policy_digest;
}

/* The broker tells of this policy on a connection that stands; frees the text. */
static void push(char *text, const char *domain)
{
	struct nrm_to_agent frame = {.kind = NRM_POLICY,
				     .is.policy = policy_document(text, domain, signature)};

	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	free(text);
}

static const struct nrm_policy *held(void)
{
	return nrm_exchange_policy(world.side[0].x);
}

static void expect_refused(unsigned before)
{
	assert_int_equal(world.side[0].findings, before + 1);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_POLICY);
}

static void it_is_taken_told_of_and_kept(void **state)
{
	char *text = policy_text(3, false);
	struct nrm_document document = policy_document(text, NRM_DOMAIN_POLICY, signature);
	uint8_t digest[NRM_HASH_LEN];

	(void)state;
	assert_null(held());
	assert_int_equal(welcome(&document).len, 0);
	assert_int_equal(held()->version, 3);
	nrm_document_digest(NRM_DOMAIN_POLICY, document.document, digest);
	assert_memory_equal(held()->digest, digest, NRM_HASH_LEN);

	world_restart(&world.side[0]);
	assert_int_equal(held()->version, 3);
	assert_true(nrm_slice_equal(welcome(NULL), nrm_slice(digest, NRM_HASH_LEN)));
	assert_int_equal(held()->version, 3);
	assert_int_equal(world.side[0].findings, 0);
	free(text);
}

static void a_newer_one_replaces_it_and_no_other(void **state)
{
	uint8_t digest[NRM_HASH_LEN];

	(void)state;
	welcome(NULL);
	push(policy_text(3, false), NRM_DOMAIN_POLICY);
	assert_int_equal(held()->version, 3);
	push(policy_text(4, true), NRM_DOMAIN_POLICY);
	assert_int_equal(held()->version, 4);
	memcpy(digest, held()->digest, NRM_HASH_LEN);
	push(policy_text(4, true), NRM_DOMAIN_POLICY); /* again: nothing to tell of */
	assert_int_equal(world.side[0].findings, 0);

	push(policy_text(3, false), NRM_DOMAIN_POLICY);
	expect_refused(0);
	push(policy_text(4, false), NRM_DOMAIN_POLICY);
	expect_refused(1);
	assert_memory_equal(held()->digest, digest, NRM_HASH_LEN);
	world_restart(&world.side[0]);
	assert_memory_equal(held()->digest, digest, NRM_HASH_LEN);
}

static void what_the_authority_did_not_sign_is_refused(void **state)
{
	char *text = policy_text(3, false);
	struct nrm_document document = policy_document(text, NRM_DOMAIN_POLICY, signature);

	(void)state;
	signature[5] ^= 1;
	welcome(&document);
	expect_refused(0);
	assert_null(held());
	push(text, NRM_DOMAIN_DIRECTORY);
	expect_refused(1);
	push(policy_changed(policy_text(3, false), "consulates: [consular]", "consulates: [x]"),
	     NRM_DOMAIN_POLICY);
	expect_refused(2);
	assert_null(held());
	/* Work goes on, and a good one is still taken. */
	push(policy_text(3, false), NRM_DOMAIN_POLICY);
	assert_int_equal(held()->version, 3);
}

static void one_kept_that_no_longer_holds_is_asked_for_anew(void **state)
{
	struct nrm_txn *txn;

	(void)state;
	welcome(NULL);
	push(policy_text(3, false), NRM_DOMAIN_POLICY);
	assert_int_equal(nrm_txn_begin(world.side[0].store, true, &txn), NRM_OK);
	assert_int_equal(nrm_meta_put_pair(txn, NRM_META_POLICY, nrm_slice_str("format: 0\n"),
					   nrm_slice(signature, sizeof(signature))),
			 NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	world_restart(&world.side[0]);
	expect_refused(0);
	assert_null(held());
	assert_int_equal(welcome(NULL).len, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(it_is_taken_told_of_and_kept),
		TEST(a_newer_one_replaces_it_and_no_other),
		TEST(what_the_authority_did_not_sign_is_refused),
		TEST(one_kept_that_no_longer_holds_is_asked_for_anew),
	};

	return cmocka_run_group_tests_name("policies at an agent", tests, NULL, NULL);
}
