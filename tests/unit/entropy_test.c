/* The stream of salts and nonces: the same for the same seed, never twice the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker/books/entropy.h"

static const uint8_t seed[32] = "thirty-two bytes of a fresh seed";

static void one_seed_gives_one_stream(void **state)
{
	static uint8_t first[2048], again[2048];
	struct nrm_entropy a, b;

	(void)state;
	nrm_entropy_init(&a, seed);
	nrm_entropy_init(&b, seed);
	for (size_t len = 0; len <= 2048; len += len / 3 + 1) {
		nrm_entropy_take(&a, first, len);
		nrm_entropy_take(&b, again, len);
		assert_memory_equal(first, again, len);
	}
	nrm_entropy_init(&a, seed);
	nrm_entropy_init(&b, seed);
	nrm_entropy_take(&a, first, 2048);
	for (size_t at = 0; at < 2048; at += 64) /* in pieces, one after the other */
		nrm_entropy_take(&b, again + at, 64);
	assert_memory_equal(first, again, 2048);
	nrm_entropy_take(&a, first, 32);
	nrm_entropy_init(&b, seed); /* begins anew */
	nrm_entropy_take(&b, again, 32);
	assert_memory_not_equal(first, again, 32);
}

static void a_seed_of_another_bit_gives_another_stream(void **state)
{
	uint8_t other[32], x[32], y[32];
	struct nrm_entropy a, b;

	(void)state;
	nrm_entropy_init(&a, seed);
	nrm_entropy_take(&a, x, sizeof(x));
	for (size_t bit = 0; bit < 256; bit++) {
		memcpy(other, seed, sizeof(other));
		other[bit / 8] ^= (uint8_t)(1u << bit % 8);
		nrm_entropy_init(&b, other);
		nrm_entropy_take(&b, y, sizeof(y));
		assert_memory_not_equal(x, y, sizeof(x));
	}
}

#define NONCES 20000

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, NRM_AEAD_NONCE_LEN);
}

/* Sizes that do not divide a block, so that blocks end in the middle of a request. */
static void no_nonce_comes_twice(void **state)
{
	uint8_t(*nonce)[NRM_AEAD_NONCE_LEN] = malloc(NONCES * sizeof(*nonce)), skipped[31];
	static const uint8_t zeros[NRM_AEAD_NONCE_LEN];
	struct nrm_entropy e;

	(void)state;
	assert_non_null(nonce);
	nrm_entropy_init(&e, seed);
	for (size_t i = 0; i < NONCES; i++) {
		nrm_entropy_take(&e, nonce[i], sizeof(nonce[i]));
		nrm_entropy_take(&e, skipped, i % sizeof(skipped));
	}
	qsort(nonce, NONCES, sizeof(*nonce), compare);
	assert_memory_not_equal(nonce[0], zeros, sizeof(zeros));
	for (size_t i = 1; i < NONCES; i++)
		assert_memory_not_equal(nonce[i - 1], nonce[i], sizeof(nonce[i]));
	free(nonce);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_seed_gives_one_stream),
		cmocka_unit_test(a_seed_of_another_bit_gives_another_stream),
		cmocka_unit_test(no_nonce_comes_twice),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	int failed = cmocka_run_group_tests_name("entropy", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
