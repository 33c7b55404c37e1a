/* Timestamps (RFC 3161): one that `openssl ts` made, damaged in every way; queries of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/keyfile.h"
#include "proto/crypto/timestamp.h"

#define VECTORS	   NRM_TESTS "/vectors/timestamp/"
#define STAMPED_MS 1795401263000u

static struct nrm_buf reply;
static uint8_t digest[NRM_HASH_LEN];
static char why[NRM_TIMESTAMP_WHY_LEN];

static int set_up(void **state)
{
	struct nrm_buf note = {0};

	(void)state;
	if (nrm_crypto_init() != NRM_OK ||
	    nrm_file_read(VECTORS "note", 65536, false, &note) != NRM_OK ||
	    nrm_file_read(VECTORS "reply.tsr", NRM_MAX_TIMESTAMP, false, &reply) != NRM_OK)
		return -1;
	nrm_sha256_one(nrm_buf_slice(&note), digest);
	nrm_buf_done(&note);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	nrm_buf_done(&reply);
	nrm_crypto_thread_done();
	return 0;
}

static enum nrm_err verify(struct nrm_slice bytes, const char *ca)
{
	return nrm_timestamp_verify(bytes, digest, ca, why);
}

static void a_good_one_verifies(void **state)
{
	uint64_t time_ms = 0;

	(void)state;
	assert_int_equal(verify(nrm_buf_slice(&reply), VECTORS "ca.pem"), NRM_OK);
	assert_int_equal(nrm_timestamp_time(nrm_buf_slice(&reply), &time_ms), NRM_OK);
	assert_int_equal(time_ms, STAMPED_MS);
}

static void others_do_not(void **state)
{
	(void)state;
	assert_int_equal(verify(nrm_buf_slice(&reply), VECTORS "stranger.pem"), NRM_ERR_PROOF);
	assert_true(strstr(why, "does not verify") != NULL);
	assert_int_equal(verify(nrm_buf_slice(&reply), VECTORS "nobody.pem"), NRM_ERR_KEY);
	assert_int_equal(verify(nrm_buf_slice(&reply), VECTORS "note"), NRM_ERR_KEY);
	digest[7] ^= 1;
	assert_int_equal(verify(nrm_buf_slice(&reply), VECTORS "ca.pem"), NRM_ERR_PROOF);
	digest[7] ^= 1;
}

/* No truncation verifies. Not every bit of a reply is signed, but none changes what it says. */
static void damage_changes_nothing(void **state)
{
	uint64_t time_ms;

	(void)state;
	for (size_t len = 0; len < reply.len; len++)
		assert_int_not_equal(verify(nrm_slice(reply.data, len), VECTORS "ca.pem"), NRM_OK);
	for (size_t bit = 0; bit < reply.len * 8; bit++) {
		reply.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (verify(nrm_buf_slice(&reply), VECTORS "ca.pem") == NRM_OK) {
			assert_int_equal(nrm_timestamp_time(nrm_buf_slice(&reply), &time_ms),
					 NRM_OK);
			assert_int_equal(time_ms, STAMPED_MS);
		}
		reply.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	nrm_buf_put_u8(&reply, 0);
	assert_int_equal(verify(nrm_buf_slice(&reply), VECTORS "ca.pem"), NRM_ERR_PROOF);
	reply.len--;
}

static void queries_are_fresh(void **state)
{
	struct nrm_buf one = {0}, two = {0};

	(void)state;
	assert_int_equal(nrm_timestamp_query(digest, &one), NRM_OK);
	assert_int_equal(nrm_timestamp_query(digest, &two), NRM_OK);
	assert_false(nrm_slice_equal(nrm_buf_slice(&one), nrm_buf_slice(&two)));
	assert_non_null(memmem(one.data, one.len, digest, sizeof(digest)));
	/* A reply to somebody else's query has another nonce. */
	assert_int_equal(nrm_timestamp_answers(nrm_buf_slice(&reply), nrm_buf_slice(&one), why),
			 NRM_ERR_PROOF);
	assert_int_equal(nrm_timestamp_answers(nrm_slice_str("x"), nrm_buf_slice(&one), why),
			 NRM_ERR_PROOF);
	nrm_buf_done(&one);
	nrm_buf_done(&two);
}

static void only_plain_http_is_asked(void **state)
{
	static const char *const wrong[] = {"",
					    "x",
					    "https://127.0.0.1/",
					    "ftp://127.0.0.1/",
					    "127.0.0.1:1",
					    "http://",
					    "http://127.0.0.1:99999/"};
	struct nrm_buf out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
			nrm_timestamp_fetch(wrong[i], nrm_slice_str("query"), 1, &out, why),
			NRM_ERR_ARGUMENT);
	assert_int_equal(
		nrm_timestamp_fetch("http://127.0.0.1:1/", nrm_slice_str("query"), 1, &out, why),
		NRM_ERR_IO);
	assert_int_equal(out.len, 0);
	nrm_buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_verifies),	    cmocka_unit_test(others_do_not),
		cmocka_unit_test(damage_changes_nothing),   cmocka_unit_test(queries_are_fresh),
		cmocka_unit_test(only_plain_http_is_asked),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
