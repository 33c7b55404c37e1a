#include "tests/unit/vectors.h"

#include "proto/trail/seal.h"

static void case_tags_meet_their_vectors(void **state)
{
	uint8_t tag[NRM_HASH_LEN], other[NRM_HASH_LEN];
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("case_tags"), i, v)
	{
		const uint8_t *key = vector_fixed(v, "case_key", NRM_KEY_LEN);
		uint64_t leaf = vector_number(v, "leaf_index");
		nrm_case_tag(key, leaf, tag);
		assert_memory_equal(tag, vector_fixed(v, "tag", NRM_HASH_LEN), sizeof(tag));
		nrm_case_tag(key, leaf + 1, other);
		assert_memory_not_equal(tag, other, sizeof(tag));
	}
	assert_true(i > 0);
}

static void view_digests_meet_their_vectors(void **state)
{
	uint8_t digest[NRM_HASH_LEN], salt[NRM_SALT_LEN];
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("views"), i, v)
	{
		memcpy(salt, vector_fixed(v, "salt", NRM_SALT_LEN), sizeof(salt));
		nrm_view_digest(salt, vector_bytes(v, "view"), digest);
		assert_memory_equal(digest, vector_fixed(v, "digest", NRM_HASH_LEN),
				    sizeof(digest));
		salt[0] ^= 1;
		nrm_view_digest(salt, vector_bytes(v, "view"), digest);
		assert_memory_not_equal(digest, vector_fixed(v, "digest", NRM_HASH_LEN),
					sizeof(digest));
	}
	assert_true(i > 0);
}

static int set_up(void **state)
{
	(void)state;
	return nrm_crypto_init() == NRM_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_tags_meet_their_vectors),
		cmocka_unit_test(view_digests_meet_their_vectors),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
