#include "tests/unit/merkle_tree.h"

#include <stdlib.h>

static void refuse_other_multiproofs(uint64_t *index, struct nrm_hash *leaves, size_t n,
				     size_t size, struct nrm_hash *nodes, size_t len,
				     const struct nrm_hash *root)
{
	struct nrm_hash more[MAX_LEAVES + 1];

	for (size_t i = 0; i < len; i++)
		more[i] = nodes[i];
	more[len] = *root;
	assert_int_equal(nrm_multiproof_verify(index, leaves, n, size, more, len + 1, root),
			 NRM_ERR_PROOF);
	if (len > 0) {
		assert_int_equal(
			nrm_multiproof_verify(index, leaves, n, size, nodes, len - 1, root),
			NRM_ERR_PROOF);
		size_t k = (size_t)index[0] % len;
		more[k].bytes[7] ^= 4;
		assert_int_equal(nrm_multiproof_verify(index, leaves, n, size, more, len, root),
				 NRM_ERR_PROOF);
	}
	size_t k = size % n;
	leaves[k].bytes[9] ^= 2;
	assert_int_equal(nrm_multiproof_verify(index, leaves, n, size, nodes, len, root),
			 NRM_ERR_PROOF);
	leaves[k].bytes[9] ^= 2;
	index[k]++; /* another place, the next index's own, or the end of the tree */
	assert_int_equal(nrm_multiproof_verify(index, leaves, n, size, nodes, len, root),
			 NRM_ERR_PROOF);
	index[k]--;
	assert_int_equal(nrm_multiproof_verify(index, leaves, n - 1, size, nodes, len, root),
			 NRM_ERR_PROOF);
}

static void check_multiproof(uint64_t *index, size_t n, size_t size)
{
	struct nrm_hash leaves[MAX_LEAVES], root = nrm_tree_root(leaf, size), *nodes = NULL;
	struct tree tree = tree_of(size);
	size_t len;

	for (size_t i = 0; i < n; i++)
		leaves[i] = leaf[index[i]];
	assert_int_equal(nrm_multiproof(index, n, size, stored, &tree, &nodes, &len), NRM_OK);
	assert_int_equal(nrm_multiproof_verify(index, leaves, n, size, nodes, len, &root), NRM_OK);
	if (n == size)
		assert_int_equal(len, 0);
	refuse_other_multiproofs(index, leaves, n, size, nodes, len, &root);
	free(nodes);
}

static void multiproofs_of_all_subsets_to_10_hold(void **state)
{
	uint64_t index[10];

	(void)state;
	for (size_t size = 1; size <= 10; size++) {
		for (unsigned set = 1; set < 1u << size; set++) {
			size_t n = 0;
			for (size_t i = 0; i < size; i++)
				if (set >> i & 1)
					index[n++] = i;
			check_multiproof(index, n, size);
		}
	}
}

static void multiproofs_of_random_subsets_to_300_hold(void **state)
{
	uint64_t index[MAX_LEAVES];

	(void)state;
	srandom(9162);
	for (int round = 0; round < 400; round++) {
		size_t size = 1 + (size_t)random() % MAX_LEAVES, n = 0;
		long one_in = 1 + random() % 40;
		for (size_t i = 0; i < size; i++)
			if (random() % one_in == 0)
				index[n++] = i;
		if (n > 0)
			check_multiproof(index, n, size);
	}
}

/* For one leaf: the inclusion path, ordered left to right. */
static void multiproof_of_one_holds_its_path(void **state)
{
	struct nrm_hash path[PATH_ROOM], *nodes = NULL;
	size_t path_len, len;

	(void)state;
	for (uint64_t size = 1; size <= 20; size++) {
		for (uint64_t index = 0; index < size; index++) {
			struct tree tree = tree_of(size);
			assert_int_equal(
				nrm_multiproof(&index, 1, size, stored, &tree, &nodes, &len),
				NRM_OK);
			assert_int_equal(
				nrm_inclusion_path(index, size, stored, &tree, path, &path_len),
				NRM_OK);
			assert_int_equal(len, path_len);
			for (size_t i = 0; i < len; i++) {
				size_t found = 0;
				for (size_t k = 0; k < len; k++)
					found += memcmp(&nodes[i], &path[k], sizeof(path[k])) == 0;
				assert_int_equal(found, 1);
			}
			free(nodes);
		}
	}
}

static void multiproof_refuses_unsorted_and_outside_indices(void **state)
{
	static const uint64_t bad[][2] = {{1, 1}, {2, 1}, {3, 8}};
	struct nrm_hash leaves[2] = {leaf[1], leaf[2]}, root = nrm_tree_root(leaf, 8),
			*nodes = NULL;
	struct tree tree = tree_of(8);
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(nrm_multiproof(bad[i], 2, 8, stored, &tree, &nodes, &len),
				 NRM_ERR_ARGUMENT);
		assert_int_equal(nrm_multiproof_verify(bad[i], leaves, 2, 8, NULL, 0, &root),
				 NRM_ERR_PROOF);
	}
	assert_int_equal(nrm_multiproof(bad[0], 0, 8, stored, &tree, &nodes, &len),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_multiproof_verify(bad[0], leaves, 0, 8, &root, 1, &root),
			 NRM_ERR_PROOF);
	assert_null(nodes);
}

static void multiproof_passes_on_a_failing_source(void **state)
{
	const uint64_t index[] = {3, 40};
	struct nrm_hash *nodes = NULL;
	size_t len;

	(void)state;
	for (int after = 0; after < 2; after++) {
		struct tree tree = {45, after};
		assert_int_equal(nrm_multiproof(index, 2, 45, stored, &tree, &nodes, &len),
				 NRM_ERR_IO);
	}
	assert_null(nodes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(multiproofs_of_all_subsets_to_10_hold),
		cmocka_unit_test(multiproofs_of_random_subsets_to_300_hold),
		cmocka_unit_test(multiproof_of_one_holds_its_path),
		cmocka_unit_test(multiproof_refuses_unsorted_and_outside_indices),
		cmocka_unit_test(multiproof_passes_on_a_failing_source),
	};

	return cmocka_run_group_tests(tests, tree_set_up, NULL);
}
