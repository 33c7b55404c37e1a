/*
 * The notary with its state on disk: what it signed is never unsigned by a restart or a crash, and a state that is not
 * its own, not whole or not private stops it.
 */
#include "tests/unit/folder.h"
#include "tests/unit/signer_trees.h"

static char error[NRM_NOTARY_ERROR_LEN];

static int set_up(void **state)
{
	(void)state;
	folder_make();
	error[0] = '\0';
	return nrm_notary_make_state(in_folder("last"), ORIGIN, seed, error);
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

static struct nrm_notary *open_notary(void)
{
	struct nrm_notary *notary;

	if (nrm_notary_open(in_folder("last"), ORIGIN, seed, &notary, error) != NRM_OK)
		fail_msg("%s", error);
	return notary;
}

/* It does not open, and says why in one line that names the file or its folder. */
static void assert_refuses(enum nrm_err expected, const char *says)
{
	struct nrm_notary *notary = NULL;

	assert_int_equal(nrm_notary_open(in_folder("last"), ORIGIN, seed, &notary, error),
			 expected);
	assert_null(notary);
	if (!strstr(error, test_folder) || !strstr(error, says) || strchr(error, '\n'))
		fail_msg("expected \"%s\", got \"%s\"", says, error);
}

static enum nrm_signer_refusal ask(struct nrm_notary *notary, struct nrm_hash *leaves,
				   uint64_t from, uint64_t size)
{
	const struct nrm_signing_request request = tree_request(leaves, from, size);
	enum nrm_signer_refusal refusal = nrm_notary_sign(notary, &request);

	if (refusal == NRM_SIGNER_SIGNED)
		assert_note_of(nrm_notary_note(notary), &request.head);
	return refusal;
}

static void remembers_across_restarts(void **state)
{
	struct nrm_notary *notary = open_notary();

	(void)state;
	assert_int_equal(nrm_notary_last(notary)->size, 0);
	assert_int_equal(ask(notary, leaf, 0, 6), NRM_SIGNER_SIGNED);
	nrm_notary_free(notary);
	notary = open_notary();
	assert_int_equal(nrm_notary_last(notary)->size, 6);
	assert_int_equal(ask(notary, other, 6, 6), NRM_SIGNER_FORKED);
	assert_int_equal(ask(notary, other, 6, 9), NRM_SIGNER_NOT_PROVED);
	assert_int_equal(ask(notary, leaf, 0, 9), NRM_SIGNER_NOT_PROVED);
	assert_int_equal(ask(notary, leaf, 5, 5), NRM_SIGNER_SHORTER);
	assert_int_equal(ask(notary, leaf, 6, 9), NRM_SIGNER_SIGNED);
	nrm_notary_free(notary);
}

/* The process died after the head was on disk and before the note was sent: who asks again gets the very same. */
static void signs_again_what_a_crash_kept_from_leaving(void **state)
{
	struct nrm_notary *notary = open_notary();
	char lost[NRM_MAX_HEAD + 1] = "";

	(void)state;
	assert_int_equal(ask(notary, leaf, 0, 6), NRM_SIGNER_SIGNED);
	memcpy(lost, nrm_notary_note(notary).data, nrm_notary_note(notary).len);
	nrm_notary_free(notary);
	char *kept = read_text("last");
	assert_string_equal(kept, lost);
	free(kept);
	notary = open_notary();
	assert_int_equal(ask(notary, leaf, 6, 6), NRM_SIGNER_SIGNED);
	assert_true(nrm_slice_equal(nrm_notary_note(notary), nrm_slice_str(lost)));
	nrm_notary_free(notary);
}

/* What cannot be written is not signed; nothing is remembered of it, on disk or in memory. */
static void signs_nothing_that_it_cannot_keep(void **state)
{
	struct nrm_notary *notary = open_notary();

	(void)state;
	assert_int_equal(ask(notary, leaf, 0, 3), NRM_SIGNER_SIGNED);
	assert_int_equal(mkdir(in_folder("last.new"), 0700), 0); /* where the new state is made */
	assert_int_equal(ask(notary, leaf, 3, 6), NRM_SIGNER_NOT_KEPT);
	assert_int_equal(nrm_notary_last(notary)->size, 3);
	assert_int_equal(ask(notary, leaf, 3, 3), NRM_SIGNER_SIGNED); /* it is kept already */
	assert_int_equal(rmdir(in_folder("last.new")), 0);
	assert_int_equal(ask(notary, leaf, 3, 6), NRM_SIGNER_SIGNED);
	nrm_notary_free(notary);
}

static void wants_its_state(void **state)
{
	(void)state;
	assert_int_equal(unlink(in_folder("last")), 0);
	assert_refuses(NRM_ERR_NOT_FOUND, "--new");
	assert_int_equal(nrm_notary_make_state(in_folder("last"), ORIGIN, seed, error), NRM_OK);
	nrm_notary_free(open_notary());
	assert_int_equal(nrm_notary_make_state(in_folder("nowhere/last"), ORIGIN, seed, error),
			 NRM_ERR_NOT_FOUND);
}

static void makes_no_second_state(void **state)
{
	struct nrm_notary *notary = open_notary();

	(void)state;
	assert_int_equal(ask(notary, leaf, 0, 6), NRM_SIGNER_SIGNED);
	nrm_notary_free(notary);
	assert_int_equal(nrm_notary_make_state(in_folder("last"), ORIGIN, seed, error),
			 NRM_ERR_EXISTS);
	assert_non_null(strstr(error, "there is a state already"));
	notary = open_notary();
	assert_int_equal(nrm_notary_last(notary)->size, 6);
	nrm_notary_free(notary);
}

static void wants_it_whole(void **state)
{
	struct nrm_notary *notary = open_notary();

	(void)state;
	assert_int_equal(ask(notary, leaf, 0, 6), NRM_SIGNER_SIGNED);
	nrm_notary_free(notary);
	char *good = read_text("last");
	const size_t len = strlen(good);
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(nrm_file_replace(in_folder("last"), 0600, nrm_slice(good, i)),
				 NRM_OK);
		assert_refuses(NRM_ERR_CORRUPT, "damaged");
	}
	for (size_t bit = 0; bit < 8 * len; bit++) {
		good[bit / 8] = (char)(good[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(nrm_file_replace(in_folder("last"), 0600, nrm_slice(good, len)),
				 NRM_OK);
		assert_refuses(NRM_ERR_CORRUPT, "damaged");
		good[bit / 8] = (char)(good[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(nrm_file_replace(in_folder("last"), 0600, nrm_slice(good, len)), NRM_OK);
	nrm_notary_free(open_notary());
	free(good);
}

static void wants_its_own(void **state)
{
	const uint8_t another[NRM_KEY_LEN] = {8};
	struct nrm_notary *notary;

	(void)state;
	assert_int_equal(nrm_notary_open(in_folder("last"), ORIGIN, another, &notary, error),
			 NRM_ERR_CORRUPT);
	assert_non_null(strstr(error, "of another key"));
	assert_int_equal(nrm_notary_open(in_folder("last"), "nrm/YY", seed, &notary, error),
			 NRM_ERR_CORRUPT);
	assert_int_equal(nrm_notary_open(in_folder("last"), "no name", seed, &notary, error),
			 NRM_ERR_FORMAT);
	nrm_notary_free(open_notary());
}

static void wants_it_private(void **state)
{
	static const mode_t open_to_others[] = {0640, 0620, 0604, 0602, 0666};

	(void)state;
	for (size_t i = 0; i < sizeof(open_to_others) / sizeof(*open_to_others); i++) {
		assert_int_equal(chmod(in_folder("last"), open_to_others[i]), 0);
		assert_refuses(NRM_ERR_PERMISSION, "only its owner");
	}
	assert_int_equal(chmod(in_folder("last"), 0600), 0);
	assert_int_equal(chmod(test_folder, 0770), 0);
	assert_refuses(NRM_ERR_PERMISSION, "only its owner may write");
	assert_int_equal(chmod(test_folder, 0750), 0);
	nrm_notary_free(open_notary());
}

static void works_with_it_alone(void **state)
{
	struct nrm_notary *notary = open_notary();

	(void)state;
	assert_refuses(NRM_ERR_AGAIN, "another process");
	assert_int_equal(nrm_notary_make_state(in_folder("other"), ORIGIN, seed, error),
			 NRM_ERR_AGAIN);
	nrm_notary_free(notary);
	nrm_notary_free(open_notary());
}

static void says_why_it_refuses(void **state)
{
	(void)state;
	for (int i = 0; i < NRM_SIGNER_REFUSAL_END_; i++)
		assert_non_null(nrm_signer_refusal_text((enum nrm_signer_refusal)i));
	assert_string_equal(nrm_signer_refusal_text((enum nrm_signer_refusal)99), "refused");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(remembers_across_restarts),
		TEST(signs_again_what_a_crash_kept_from_leaving),
		TEST(signs_nothing_that_it_cannot_keep),
		TEST(wants_its_state),
		TEST(makes_no_second_state),
		TEST(wants_it_whole),
		TEST(wants_its_own),
		TEST(wants_it_private),
		TEST(works_with_it_alone),
		TEST(says_why_it_refuses),
	};

	return cmocka_run_group_tests(tests, make_trees, NULL);
}
