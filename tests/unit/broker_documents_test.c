/* What a broker makes of its files when it is told to read them again: new, unchanged, older, bad. */
#include "tests/unit/books_world.h"

#include <assert.h>

#include "broker/documents.h"
#include "proto/wire/directory_wire.h"
#include "tests/unit/folder.h"

static struct world w;
static struct nrm_broker_config config;
static struct nrm_identity identity;
static struct nrm_broker_documents documents;
static char error[NRM_YAML_ERROR_LEN];
static bool changed;

static void write_document(const char *name, const struct nrm_document *document)
{
	struct nrm_buf file = {0};

	assert_int_equal(nrm_document_encode(document, &file), NRM_OK);
	assert_int_equal(nrm_file_replace(in_folder(name), 0644, nrm_buf_slice(&file)), NRM_OK);
	nrm_buf_done(&file);
}

/* Signs a policy's text into its place, and frees it. */
static void write_policy(char *text)
{
	uint8_t signature[NRM_SIGNATURE_LEN];
	const struct nrm_document document = policy_document(text, NRM_DOMAIN_POLICY, signature);

	write_document("policy", &document);
	free(text);
}

static void write_directory(uint64_t version)
{
	struct nrm_directory *directory = country_directory(&w.country, version);
	const struct nrm_document document = nrm_directory_document(directory);

	write_document("directory", &document);
	nrm_directory_free(directory);
}

static int set_up(void **state)
{
	(void)state;
	folder_make();
	world_init(&w, NULL);
	memset(&config, 0, sizeof(config));
	snprintf(config.id, sizeof(config.id), "XX.nrm");
	snprintf(config.policy, sizeof(config.policy), "%s", in_folder("policy"));
	snprintf(config.directory, sizeof(config.directory), "%s", in_folder("directory"));
	policy_authority(config.authority);
	struct nrm_signing_key *trail = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_WITNESS);
	nrm_signing_key_public(trail, identity.trail_public);
	nrm_signing_key_free(trail);
	memcpy(identity.transport_public, w.country.broker_public, NRM_KEY_LEN);
	write_policy(policy_text(1, false));
	write_directory(1);
	documents.config = &config;
	documents.identity = &identity;
	if (nrm_documents_load(&documents, error) != NRM_OK)
		fail_msg("%s", error);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	nrm_documents_done(&documents);
	folder_remove();
	return 0;
}

static enum nrm_err adopt(void *with, const struct nrm_documents *fresh)
{
	uint8_t entropy[32];

	assert_ptr_equal(with, &w);
	world_entropy(&w, entropy);
	return nrm_books_adopt(w.books, fresh, w.now, entropy, &w.effects);
}

static enum nrm_err reload_policy(void)
{
	error[0] = '\0';
	changed = false;
	return nrm_documents_reload_policy(&documents, adopt, &w, &changed, error);
}

static void a_newer_policy_comes_into_force_and_the_old_one_stays_readable(void **state)
{
	const struct nrm_signed_policy *old = documents.in_force.policy;

	(void)state;
	uint64_t leaves = world_figures(&w).leaves;
	write_policy(policy_text(2, true));
	assert_int_equal(reload_policy(), NRM_OK);
	assert_true(changed);
	assert_int_equal(documents.in_force.policy->rules->version, 2);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
	assert_int_equal(old->rules->version, 1);
}

static void an_unchanged_file_is_no_error_and_nothing_new(void **state)
{
	uint64_t leaves = world_figures(&w).leaves;

	(void)state;
	assert_int_equal(reload_policy(), NRM_OK);
	assert_false(changed);
	changed = true;
	assert_int_equal(nrm_documents_reload_directory(&documents, adopt, &w, &changed, error),
			 NRM_OK);
	assert_false(changed);
	assert_int_equal(world_figures(&w).leaves, leaves);
	assert_int_equal(documents.n_policies, 1);
	assert_int_equal(documents.n_directories, 1);
}

static void expect_refused(const char *says)
{
	uint64_t leaves = world_figures(&w).leaves;
	size_t n = documents.n_policies;

	assert_int_not_equal(reload_policy(), NRM_OK);
	if (!strstr(error, says) || !strstr(error, config.policy))
		fail_msg("expected %s, got: %s", says, error);
	assert_false(changed);
	assert_int_equal(documents.n_policies, n);
	assert_int_equal(world_figures(&w).leaves, leaves);
}

static void a_bad_file_is_refused_and_the_old_policy_stays(void **state)
{
	(void)state;
	write_policy(policy_changed(policy_text(2, false), "consulates: [consular]",
				    "consulates: [consulate]"));
	expect_refused("consulates[0]: unknown role \"consulate\"");
	assert_non_null(strstr(error, "policy:")); /* FILE:LINE:COLUMN */
	write_text("policy", "format: 1\n");
	expect_refused("nrm policy sign");
	assert_int_equal(unlink(config.policy), 0);
	expect_refused("not found");
	assert_int_equal(documents.in_force.policy->rules->version, 1);
	/* And once it is good again it is taken. */
	write_policy(policy_text(2, false));
	assert_int_equal(reload_policy(), NRM_OK);
	assert_true(changed);
}

static void an_older_policy_or_another_of_the_version_is_refused(void **state)
{
	(void)state;
	write_policy(policy_text(3, false));
	assert_int_equal(reload_policy(), NRM_OK);
	write_policy(policy_text(2, false));
	expect_refused("version: expected more than 3, which is in force");
	write_policy(policy_text(3, true));
	expect_refused("version: expected more than 3, which is in force");
	assert_int_equal(documents.in_force.policy->rules->version, 3);
}

static enum nrm_err adopt_and_fail(void *with, const struct nrm_documents *fresh)
{
	assert_int_equal(adopt(with, fresh), NRM_OK);
	return NRM_ERR_NOMEM;
}

static void what_fails_after_its_commit_is_kept_and_tried_again(void **state)
{
	uint64_t leaves = world_figures(&w).leaves;

	(void)state;
	write_policy(policy_text(2, false));
	assert_int_equal(
		nrm_documents_reload_policy(&documents, adopt_and_fail, &w, &changed, error),
		NRM_ERR_NOMEM);
	assert_int_equal(documents.in_force.policy->rules->version, 1);
	world_tick(&w); /* the books go on under the new one */
	assert_int_equal(reload_policy(), NRM_OK);
	assert_true(changed);
	assert_int_equal(documents.in_force.policy->rules->version, 2);
	assert_int_equal(world_figures(&w).leaves, leaves + 1);
}

static void a_test_broker_takes_a_plain_policy(void **state)
{
	char *text = policy_text(2, false);

	(void)state;
	write_text("policy", text);
	expect_refused("nrm policy sign");
	config.unsigned_policy = true;
	assert_int_equal(reload_policy(), NRM_OK);
	assert_true(changed);
	assert_false(nrm_policy_is_signed(documents.in_force.policy));
	free(text);
}

static void directories_are_read_again_alike(void **state)
{
	(void)state;
	write_directory(2);
	assert_int_equal(nrm_documents_reload_directory(&documents, adopt, &w, &changed, error),
			 NRM_OK);
	assert_true(changed);
	assert_int_equal(nrm_directory_version(documents.in_force.directory), 2);
	changed = false;
	write_directory(1);
	assert_int_equal(nrm_documents_reload_directory(&documents, adopt, &w, &changed, error),
			 NRM_ERR_VERSION);
	assert_non_null(strstr(error, "version: expected more than 2, which is in force"));
	assert_false(changed);
	assert_int_equal(nrm_directory_version(documents.in_force.directory), 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_newer_policy_comes_into_force_and_the_old_one_stays_readable),
		TEST(an_unchanged_file_is_no_error_and_nothing_new),
		TEST(a_bad_file_is_refused_and_the_old_policy_stays),
		TEST(an_older_policy_or_another_of_the_version_is_refused),
		TEST(what_fails_after_its_commit_is_kept_and_tried_again),
		TEST(a_test_broker_takes_a_plain_policy),
		TEST(directories_are_read_again_alike),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("documents of the broker", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
