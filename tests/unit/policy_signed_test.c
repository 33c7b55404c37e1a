/* A signed policy: what the authority signed is taken as it is, and nothing else. */
#include "tests/unit/folder.h"
#include "tests/unit/policies.h"

#include "proto/wire/directory_wire.h"

static uint8_t authority[NRM_KEY_LEN], signature[NRM_SIGNATURE_LEN];
static char *text, error[NRM_POLICY_ERROR_LEN];
static struct nrm_document document;
static struct nrm_buf file; /* the document as a file holds it */

static int set_up(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	folder_make();
	policy_authority(authority);
	text = policy_text(7, false);
	document = policy_document(text, NRM_DOMAIN_POLICY, signature);
	return nrm_document_encode(&document, &file) == NRM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(text);
	nrm_buf_done(&file);
	folder_remove();
	nrm_crypto_thread_done();
	return 0;
}

/* Reads these bytes as a file. */
static enum nrm_err read_bytes(struct nrm_slice bytes, bool plain_too,
			       struct nrm_signed_policy **ret_policy)
{
	error[0] = '\0';
	assert_int_equal(nrm_file_replace(in_folder("policy"), 0644, bytes), NRM_OK);
	return nrm_policy_read(in_folder("policy"), authority, plain_too, ret_policy, error);
}

static void what_the_authority_signed_is_taken_with_its_bytes(void **state)
{
	struct nrm_signed_policy *p = NULL;
	uint8_t digest[NRM_HASH_LEN];

	(void)state;
	assert_int_equal(read_bytes(nrm_buf_slice(&file), false, &p), NRM_OK);
	nrm_document_digest(NRM_DOMAIN_POLICY, nrm_slice_str(text), digest);
	assert_int_equal(p->rules->version, 7);
	assert_memory_equal(p->rules->digest, digest, NRM_HASH_LEN);
	assert_true(nrm_slice_equal(p->document.document, document.document));
	assert_true(nrm_slice_equal(p->document.signature, document.signature));
	assert_true(nrm_policy_is_signed(p));
	nrm_signed_policy_free(p);
	nrm_signed_policy_free(NULL);
}

/* The same without a file. */
static enum nrm_err open_bytes(struct nrm_slice bytes, struct nrm_signed_policy **ret_policy)
{
	struct nrm_document read;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	enum nrm_err err = nrm_document_decode(bytes, &arena, &read);
	if (err == NRM_OK)
		err = nrm_policy_open("policy", &read, authority, ret_policy, error);
	nrm_arena_done(&arena);
	return err;
}

/* Everywhere near the ends, where tags and signature are, and here and there in the text. */
static size_t after(size_t i, size_t len)
{
	return i < 200 || i + 200 > len ? i + 1 : i + 97;
}

static void every_truncation_is_refused(void **state)
{
	struct nrm_signed_policy *p = NULL;

	(void)state;
	for (size_t n = 0; n < file.len; n = after(n, file.len)) {
		assert_int_not_equal(open_bytes(nrm_slice(file.data, n), &p), NRM_OK);
		assert_null(p);
	}
}

static void every_flipped_bit_is_refused(void **state)
{
	struct nrm_signed_policy *p = NULL;

	(void)state;
	for (size_t i = 0; i < file.len; i = after(i, file.len))
		for (unsigned bit = 0; bit < 8; bit++) {
			file.data[i] ^= (uint8_t)(1u << bit);
			assert_int_not_equal(open_bytes(nrm_buf_slice(&file), &p), NRM_OK);
			file.data[i] ^= (uint8_t)(1u << bit);
			assert_null(p);
		}
}

static void of_another_authority_or_kind_it_is_none(void **state)
{
	struct nrm_signing_key *key = agency_signing_key(3, NRM_KEY_KIND_SIGNING);
	uint8_t other[NRM_KEY_LEN], directory[NRM_SIGNATURE_LEN];
	const struct nrm_document wrong = policy_document(text, NRM_DOMAIN_DIRECTORY, directory);
	const struct nrm_document unsigned_one = {.document = document.document};
	struct nrm_signed_policy *p = NULL;

	(void)state;
	nrm_signing_key_public(key, other);
	nrm_signing_key_free(key);
	assert_int_equal(nrm_policy_open("policy", &document, other, &p, error), NRM_ERR_SIGNATURE);
	assert_non_null(strstr(error, "policy: not signed as a policy by the authority"));
	assert_int_equal(nrm_policy_open("policy", &wrong, authority, &p, error),
			 NRM_ERR_SIGNATURE);
	assert_int_equal(nrm_policy_open("policy", &unsigned_one, authority, &p, error),
			 NRM_ERR_SIGNATURE);
	assert_int_equal(nrm_policy_open("policy", &document, (uint8_t[NRM_KEY_LEN]){0}, &p, error),
			 NRM_ERR_KEY);
	assert_null(p);
}

static void a_plain_one_is_refused_unless_it_is_asked_for(void **state)
{
	struct nrm_signed_policy *p = NULL;

	(void)state;
	assert_int_equal(read_bytes(nrm_slice_str(text), false, &p), NRM_ERR_FORMAT);
	assert_non_null(strstr(error, "/policy: expected"));
	assert_non_null(strstr(error, "nrm policy sign"));
	assert_null(p);
	assert_int_equal(read_bytes(nrm_slice_str(text), true, &p), NRM_OK);
	assert_false(nrm_policy_is_signed(p));
	assert_true(nrm_slice_equal(p->document.document, nrm_slice_str(text)));
	assert_int_equal(p->rules->version, 7);
	nrm_signed_policy_free(p);
	p = NULL;
	/* Where a plain one may stand, a signed one must still be the authority's. */
	assert_int_equal(read_bytes(nrm_buf_slice(&file), true, &p), NRM_OK);
	assert_true(nrm_policy_is_signed(p));
	nrm_signed_policy_free(p);
	p = NULL;
	file.data[file.len - 1] ^= 1;
	assert_int_equal(read_bytes(nrm_buf_slice(&file), true, &p), NRM_ERR_SIGNATURE);
	file.data[file.len - 1] ^= 1;
	assert_int_equal(nrm_policy_read(in_folder("none"), authority, true, &p, error),
			 NRM_ERR_NOT_FOUND);
	assert_null(p);
}

/* A signature does not make a policy of what is none. */
static void a_signed_mistake_is_told_with_its_line(void **state)
{
	char *bad = policy_changed(policy_text(2, false), "consulates: [consular]",
				   "consulates: [consulate]");
	uint8_t own[NRM_SIGNATURE_LEN];
	const struct nrm_document signed_mistake = policy_document(bad, NRM_DOMAIN_POLICY, own);
	struct nrm_signed_policy *p = NULL;
	char where[64];
	unsigned line = 1;

	(void)state;
	for (const char *at = bad; at < strstr(bad, "consulates: "); at++)
		line += *at == '\n';
	snprintf(where, sizeof(where), "policy.signed:%u:", line);
	assert_int_equal(nrm_policy_open("policy.signed", &signed_mistake, authority, &p, error),
			 NRM_ERR_UNKNOWN_CODE);
	assert_non_null(strstr(error, where));
	assert_non_null(strstr(error, "consulates[0]: unknown role \"consulate\""));
	assert_null(p);
	free(bad);
}

static void one_that_is_too_large_is_refused(void **state)
{
	struct nrm_buf large = {0};
	uint8_t own[NRM_SIGNATURE_LEN];
	struct nrm_signed_policy *p = NULL;

	(void)state;
	nrm_buf_put(&large, text, strlen(text));
	while (large.len < NRM_MAX_POLICY)
		nrm_buf_put(&large, "#\n", 2);
	large.len = NRM_MAX_POLICY;
	nrm_buf_put_u8(&large, 0);
	struct nrm_document whole = policy_document((char *)large.data, NRM_DOMAIN_POLICY, own);
	assert_int_equal(nrm_policy_open("policy", &whole, authority, &p, error), NRM_OK);
	nrm_signed_policy_free(p);
	p = NULL;
	large.data[NRM_MAX_POLICY] = '#';
	nrm_buf_put_u8(&large, 0);
	whole = policy_document((char *)large.data, NRM_DOMAIN_POLICY, own);
	assert_int_equal(nrm_policy_open("policy", &whole, authority, &p, error), NRM_ERR_LIMIT);
	assert_int_not_equal(read_bytes(whole.document, true, &p), NRM_OK);
	assert_null(p);
	nrm_buf_done(&large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_authority_signed_is_taken_with_its_bytes),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(of_another_authority_or_kind_it_is_none),
		cmocka_unit_test(a_plain_one_is_refused_unless_it_is_asked_for),
		cmocka_unit_test(a_signed_mistake_is_told_with_its_line),
		cmocka_unit_test(one_that_is_too_large_is_refused),
	};

	return cmocka_run_group_tests_name("signed policy", tests, set_up, tear_down);
}
