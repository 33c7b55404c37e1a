/* A policy comes into force in the books: as a leaf, for the next message, and for those who are connected. */
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

/* Says Hello with the digest of the policy that the agency holds (NULL: none), and hears the Welcome. */
static struct nrm_to_agent hello(int agency, const uint8_t *digest)
{
	struct nrm_to_broker frame = {.kind = NRM_HELLO};

	frame.is.hello.min_version = frame.is.hello.max_version = 1;
	frame.is.hello.directory_version = 1;
	frame.is.hello.credit = 100;
	frame.is.hello.policy_digest = nrm_slice(digest, digest ? NRM_HASH_LEN : 0);
	w.session[agency] = ++w.sessions;
	world_send(&w, agency, &frame);
	return world_expect(&w, agency, NRM_WELCOME);
}

static enum nrm_err adopt(const struct nrm_signed_policy *policy)
{
	uint8_t entropy[32];

	world_entropy(&w, entropy);
	return nrm_books_adopt(w.books, &(struct nrm_documents){.policy = policy}, w.now, entropy,
			       &w.effects);
}

static void expect_policy(const struct nrm_document *got, const struct nrm_signed_policy *policy)
{
	assert_true(nrm_slice_equal(got->document, policy->document.document));
	assert_true(nrm_slice_equal(got->signature, policy->document.signature));
}

static void the_welcome_carries_it_to_who_holds_another(void **state)
{
	uint8_t other[NRM_HASH_LEN];
	struct nrm_to_agent frame = hello(POLICE, NULL);

	(void)state;
	expect_policy(&frame.is.welcome.policy, w.policy);
	memcpy(other, w.policy->rules->digest, NRM_HASH_LEN);
	frame = hello(POLICE, other);
	assert_int_equal(frame.is.welcome.policy.document.len, 0);
	other[NRM_HASH_LEN - 1] ^= 1;
	frame = hello(POLICE, other);
	expect_policy(&frame.is.welcome.policy, w.policy);
}

static void a_newer_one_is_a_leaf_and_reaches_who_is_connected(void **state)
{
	struct nrm_signed_policy *strict = policy_open(policy_text(2, true));
	struct nrm_envelope envelope;
	struct nrm_leaf leaf;

	(void)state;
	hello(POLICE, NULL);
	hello(SHELTER, NULL);
	world_adult_consents(&w);
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_expect(&w, SHELTER, NRM_DELIVER);

	uint64_t leaves = world_figures(&w).leaves;
	assert_int_equal(adopt(strict), NRM_OK);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
	struct nrm_to_agent pushed = world_expect(&w, POLICE, NRM_POLICY);
	expect_policy(&pushed.is.policy, strict);
	world_expect(&w, SHELTER, NRM_POLICY);

	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	struct nrm_to_agent frame = world_expect(&w, POLICE, NRM_RECEIPT);
	world_view(&w, &frame.is.receipt.item[0], &leaf);
	assert_int_equal(leaf.reason, NRM_REASON_FIREWALL);
	assert_memory_equal(leaf.policy_digest.data, strict->rules->digest, NRM_HASH_LEN);

	/* Nobody hears of it twice. */
	world_tick(&w);
	while (world_hear(&w, SHELTER, &frame))
		assert_int_not_equal(frame.kind, NRM_POLICY);
	world_close(&w);
	nrm_signed_policy_free(strict);
}

static void an_older_one_and_another_of_the_same_version_are_refused(void **state)
{
	struct nrm_signed_policy *second = policy_open(policy_text(2, false)),
				 *other = policy_open(policy_text(2, true)),
				 *third = policy_open(policy_text(3, true));
	struct nrm_to_agent frame;

	(void)state;
	hello(POLICE, NULL);
	assert_int_equal(adopt(second), NRM_OK);
	world_expect(&w, POLICE, NRM_POLICY);
	uint64_t leaves = world_figures(&w).leaves;
	assert_int_equal(adopt(w.policy), NRM_ERR_VERSION);
	assert_int_equal(adopt(other), NRM_ERR_VERSION);
	/* The one in force is still the second: it is handed out. */
	frame = hello(SHELTER, NULL);
	expect_policy(&frame.is.welcome.policy, second);
	assert_int_equal(adopt(second), NRM_OK); /* the very same is no change */
	assert_int_equal(world_figures(&w).leaves, leaves);
	world_expect_silence(&w, POLICE);
	assert_int_equal(adopt(third), NRM_OK);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
	world_close(&w);
	nrm_signed_policy_free(second);
	nrm_signed_policy_free(other);
	nrm_signed_policy_free(third);
}

static void one_that_nobody_signed_is_recorded_and_not_handed_out(void **state)
{
	char *text = policy_text(2, true);
	struct nrm_signed_policy plain = {.document = {.document = nrm_slice_str(text)}};
	char error[NRM_POLICY_ERROR_LEN];

	(void)state;
	assert_int_equal(nrm_policy_load_bytes("plain", nrm_slice_str(text), &plain.rules, error),
			 NRM_OK);
	hello(POLICE, NULL);
	uint64_t leaves = world_figures(&w).leaves;
	assert_int_equal(adopt(&plain), NRM_OK);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
	world_expect_silence(&w, POLICE);
	struct nrm_to_agent frame = hello(POLICE, NULL);
	assert_int_equal(frame.is.welcome.policy.document.len, 0);
	world_close(&w);
	nrm_policy_free(plain.rules);
	free(text);
}

static void directory_and_policy_may_come_together(void **state)
{
	struct nrm_directory *directory = country_directory(&w.country, 2);
	struct nrm_signed_policy *policy = policy_open(policy_text(2, false));
	const struct nrm_documents both = {directory, policy};
	uint8_t entropy[32];

	(void)state;
	world_entropy(&w, entropy);
	uint64_t leaves = world_figures(&w).leaves;
	assert_int_equal(nrm_books_adopt(w.books, &both, w.now, entropy, &w.effects), NRM_OK);
	assert_int_equal(world_figures(&w).leaves, leaves + 2);
	/* One of the two is not newer: neither is taken. */
	struct nrm_signed_policy *third = policy_open(policy_text(3, false));
	const struct nrm_documents half = {directory, third};
	assert_int_equal(nrm_books_adopt(w.books, &half, w.now, entropy, &w.effects),
			 NRM_ERR_VERSION);
	assert_int_equal(world_figures(&w).leaves, leaves + 2);
	world_close(&w);
	nrm_directory_free(directory);
	nrm_signed_policy_free(policy);
	nrm_signed_policy_free(third);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_welcome_carries_it_to_who_holds_another),
		TEST(a_newer_one_is_a_leaf_and_reaches_who_is_connected),
		TEST(an_older_one_and_another_of_the_same_version_are_refused),
		TEST(one_that_nobody_signed_is_recorded_and_not_handed_out),
		TEST(directory_and_policy_may_come_together),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("policies in the books", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
