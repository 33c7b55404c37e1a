#include "tests/unit/merkle_tree.h"

#define EXHAUSTIVE 64

static struct nrm_hash vector_hash(const json_t *list, size_t i)
{
	struct nrm_slice bytes = vector_item(list, i);
	struct nrm_hash h;

	assert_int_equal(bytes.len, sizeof(h.bytes));
	memcpy(h.bytes, bytes.data, sizeof(h.bytes));
	return h;
}

static size_t vector_path(const json_t *v, struct nrm_hash *path)
{
	json_t *list = vector_get(v, "path");

	assert_true(json_array_size(list) <= 64);
	for (size_t i = 0; i < json_array_size(list); i++)
		path[i] = vector_hash(list, i);
	return json_array_size(list);
}

/* The tree of the vectors' nine leaves, computed without help of what is tested. */
static enum nrm_err vector_source(void *from, unsigned level, uint64_t index, struct nrm_hash *out)
{
	struct nrm_hash *leaves = from;

	*out = nrm_tree_root(leaves + (index << level), (size_t)1 << level);
	return NRM_OK;
}

static size_t vector_leaves(struct nrm_hash *leaves)
{
	json_t *list = vectors("merkle.leaves");

	for (size_t i = 0; i < json_array_size(list); i++)
		leaves[i] = nrm_leaf_hash(vector_item(list, i));
	return json_array_size(list);
}

static void meets_the_published_roots_and_paths(void **state)
{
	struct nrm_hash leaves[16], path[PATH_ROOM], want[64], root, first;
	size_t n = vector_leaves(leaves), len, i;
	json_t *roots = vectors("merkle.roots");
	const json_t *v;

	(void)state;
	assert_int_equal(n, 9);
	for (i = 0; i < n; i++)
		assert_hash(leaves[i], vector_hash(vectors("merkle.leaf_hashes"), i));
	for (i = 0; i <= n; i++)
		assert_hash(nrm_tree_root(leaves, i), vector_hash(roots, i));
	json_array_foreach(vectors("merkle.inclusion"), i, v)
	{
		uint64_t size = vector_number(v, "size"), index = vector_number(v, "index");
		assert_int_equal(nrm_inclusion_path(index, size, vector_source, leaves, path, &len),
				 NRM_OK);
		assert_int_equal(len, vector_path(v, want));
		assert_memory_equal(path, want, len * sizeof(path[0]));
		root = vector_hash(roots, size);
		assert_int_equal(
			nrm_inclusion_verify(&leaves[index], index, size, path, len, &root),
			NRM_OK);
	}
	json_array_foreach(vectors("merkle.consistency"), i, v)
	{
		uint64_t from = vector_number(v, "first"), to = vector_number(v, "second");
		assert_int_equal(nrm_consistency_path(from, to, vector_source, leaves, path, &len),
				 NRM_OK);
		assert_int_equal(len, vector_path(v, want));
		assert_memory_equal(path, want, len * sizeof(path[0]));
		first = vector_hash(roots, from);
		root = vector_hash(roots, to);
		assert_int_equal(nrm_consistency_verify(from, to, path, len, &first, &root),
				 NRM_OK);
	}
}

static void refuses_the_refused_vectors(void **state)
{
	struct nrm_hash leaves[16], path[PATH_ROOM], root, first;
	json_t *roots = vectors("merkle.roots");
	const json_t *v;
	size_t i;

	(void)state;
	vector_leaves(leaves);
	json_array_foreach(vectors("merkle.inclusion_refused"), i, v)
	{
		uint64_t size = vector_number(v, "size"), index = vector_number(v, "index");
		size_t len = vector_path(v, path);
		root = vector_hash(roots, size);
		if (nrm_inclusion_verify(&leaves[index], index, size, path, len, &root) == NRM_OK)
			fail_msg("accepted: %s", vector_text(v, "what"));
	}
	json_array_foreach(vectors("merkle.consistency_refused"), i, v)
	{
		uint64_t from = vector_number(v, "first"), to = vector_number(v, "second");
		size_t len = vector_path(v, path);
		first = vector_hash(roots, from);
		root = vector_hash(roots, to);
		if (nrm_consistency_verify(from, to, path, len, &first, &root) == NRM_OK)
			fail_msg("accepted: %s", vector_text(v, "what"));
	}
}

static void root_load_and_root_at_agree_with_append(void **state)
{
	struct nrm_hash completed[64], root;
	struct nrm_frontier f, loaded;

	(void)state;
	nrm_frontier_init(&f);
	for (size_t size = 0; size <= MAX_LEAVES; size++) {
		struct tree tree = tree_of(size);
		struct nrm_hash want = nrm_tree_root(leaf, size);
		assert_hash(nrm_frontier_root(&f), want);
		assert_int_equal(nrm_root_at(size, stored, &tree, &root), NRM_OK);
		assert_hash(root, want);
		assert_int_equal(nrm_frontier_load(&loaded, size, stored, &tree), NRM_OK);
		assert_int_equal(loaded.size, size);
		assert_memory_equal(loaded.peak, f.peak,
				    (size_t)__builtin_popcountll(size) * sizeof(f.peak[0]));
		if (size < MAX_LEAVES) {
			nrm_frontier_append(&f, &leaf[size], completed);
			nrm_frontier_append(&loaded, &leaf[size], completed);
			assert_hash(nrm_frontier_root(&loaded), nrm_frontier_root(&f));
		}
	}
}

static enum nrm_err verify_at(size_t index, size_t size, const struct nrm_hash *path, size_t len,
			      const struct nrm_hash *root)
{
	return nrm_inclusion_verify(&leaf[index], index, size, path, len, root);
}

/* Nothing but this path proves this leaf at this index of this tree. */
static void refuse_other_inclusions(size_t index, size_t size, struct nrm_hash *path, size_t len,
				    const struct nrm_hash *root)
{
	struct nrm_hash other = *root;

	for (size_t k = 0; k < EXHAUSTIVE + 2; k++)
		if (k != index)
			assert_int_equal(
				nrm_inclusion_verify(&leaf[index], k, size, path, len, root),
				NRM_ERR_PROOF);
	for (size_t k = 0; k < size; k++)
		if (k != index)
			assert_int_equal(
				nrm_inclusion_verify(&leaf[k], index, size, path, len, root),
				NRM_ERR_PROOF);
	for (size_t l = 0; l < len; l++)
		assert_int_equal(verify_at(index, size, path, l, root), NRM_ERR_PROOF);
	for (size_t k = 0; k < len; k++) { /* one missing from the middle; one changed */
		struct nrm_hash fewer[PATH_ROOM];
		memcpy(fewer, path, k * sizeof(path[0]));
		memcpy(fewer + k, path + k + 1, (len - k - 1) * sizeof(path[0]));
		assert_int_equal(verify_at(index, size, fewer, len - 1, root), NRM_ERR_PROOF);
		path[k].bytes[k % 32] ^= 0x10;
		assert_int_equal(verify_at(index, size, path, len, root), NRM_ERR_PROOF);
		path[k].bytes[k % 32] ^= 0x10;
	}
	path[len] = *root;
	assert_int_equal(verify_at(index, size, path, len + 1, root), NRM_ERR_PROOF);
	other.bytes[0] ^= 1;
	assert_int_equal(verify_at(index, size, path, len, &other), NRM_ERR_PROOF);
}

static void every_inclusion_to_64_holds_and_no_other(void **state)
{
	struct nrm_hash path[PATH_ROOM], found;
	size_t len;

	(void)state;
	for (size_t size = 1; size <= EXHAUSTIVE; size++) {
		struct nrm_hash root = nrm_tree_root(leaf, size);
		for (size_t index = 0; index < size; index++) {
			struct tree tree = tree_of(size);
			assert_int_equal(nrm_inclusion_path(index, size, stored, &tree, path, &len),
					 NRM_OK);
			assert_int_equal(verify_at(index, size, path, len, &root), NRM_OK);
			assert_int_equal(
				nrm_inclusion_root(&leaf[index], index, size, path, len, &found),
				NRM_OK);
			assert_hash(found, root);
			refuse_other_inclusions(index, size, path, len, &root);
		}
		struct tree tree = tree_of(size);
		assert_int_equal(nrm_inclusion_path(size, size, stored, &tree, path, &len),
				 NRM_ERR_ARGUMENT);
	}
}

/* Under the root of another size, no path passes, even where both sizes' paths are as long. */
static void inclusion_holds_for_one_size_only(void **state)
{
	struct nrm_hash path[PATH_ROOM];
	size_t len;

	(void)state;
	for (size_t size = 1; size <= EXHAUSTIVE; size++) {
		for (size_t index = 0; index < size; index++) {
			struct tree tree = tree_of(size);
			assert_int_equal(nrm_inclusion_path(index, size, stored, &tree, path, &len),
					 NRM_OK);
			for (size_t other = 0; other <= EXHAUSTIVE; other++) {
				struct nrm_hash root = nrm_tree_root(leaf, other);
				if (other != size)
					assert_int_equal(verify_at(index, other, path, len, &root),
							 NRM_ERR_PROOF);
			}
		}
	}
}

static void refuse_other_consistencies(size_t first, size_t second, struct nrm_hash *path,
				       size_t len, const struct nrm_hash *old,
				       const struct nrm_hash *new)
{
	struct nrm_hash wrong = *old;

	for (size_t l = 0; l < len; l++)
		assert_int_equal(nrm_consistency_verify(first, second, path, l, old, new),
				 NRM_ERR_PROOF);
	for (size_t k = 0; k < len; k++) {
		struct nrm_hash fewer[PATH_ROOM];
		memcpy(fewer, path, k * sizeof(path[0]));
		memcpy(fewer + k, path + k + 1, (len - k - 1) * sizeof(path[0]));
		assert_int_equal(nrm_consistency_verify(first, second, fewer, len - 1, old, new),
				 NRM_ERR_PROOF);
		path[k].bytes[31] ^= 0x80;
		assert_int_equal(nrm_consistency_verify(first, second, path, len, old, new),
				 NRM_ERR_PROOF);
		path[k].bytes[31] ^= 0x80;
	}
	path[len] = *new;
	assert_int_equal(nrm_consistency_verify(first, second, path, len + 1, old, new),
			 NRM_ERR_PROOF);
	wrong.bytes[5] ^= 1;
	assert_int_equal(nrm_consistency_verify(first, second, path, len, &wrong, new),
			 NRM_ERR_PROOF);
	wrong = *new;
	wrong.bytes[5] ^= 1;
	if (first > 0) /* from nothing anything is consistent */
		assert_int_equal(nrm_consistency_verify(first, second, path, len, old, &wrong),
				 NRM_ERR_PROOF);
	for (size_t other = 1; other <= EXHAUSTIVE; other++)
		if (other != first && first > 0)
			assert_int_equal(nrm_consistency_verify(other, second, path, len, old, new),
					 NRM_ERR_PROOF);
}

static void every_consistency_to_64_holds_and_no_other(void **state)
{
	struct nrm_hash path[PATH_ROOM];
	size_t len;

	(void)state;
	for (size_t second = 0; second <= EXHAUSTIVE; second++) {
		struct nrm_hash new = nrm_tree_root(leaf, second);
		for (size_t first = 0; first <= second; first++) {
			struct nrm_hash old = nrm_tree_root(leaf, first);
			struct tree tree = tree_of(second);
			assert_int_equal(
				nrm_consistency_path(first, second, stored, &tree, path, &len),
				NRM_OK);
			assert_int_equal(
				nrm_consistency_verify(first, second, path, len, &old, &new),
				NRM_OK);
			if (first == 0 || first == second)
				assert_int_equal(len, 0);
			if (first < second) {
				assert_int_equal(nrm_consistency_verify(second, first, path, len,
									&new, &old),
						 NRM_ERR_PROOF);
				assert_int_equal(nrm_consistency_path(second, first, stored, &tree,
								      path, &len),
						 NRM_ERR_ARGUMENT);
			}
			assert_int_equal(
				nrm_consistency_path(first, second, stored, &tree, path, &len),
				NRM_OK);
			refuse_other_consistencies(first, second, path, len, &old, &new);
		}
	}
}

static void the_empty_tree_has_one_root(void **state)
{
	struct nrm_hash empty = nrm_tree_root(NULL, 0);

	(void)state;
	assert_int_equal(nrm_consistency_verify(0, 0, NULL, 0, &empty, &empty), NRM_OK);
	assert_int_equal(nrm_consistency_verify(0, 0, NULL, 0, &leaf[0], &leaf[0]), NRM_ERR_PROOF);
	assert_int_equal(nrm_consistency_verify(0, 1, NULL, 0, &empty, &leaf[0]), NRM_OK);
	assert_int_equal(nrm_consistency_verify(0, 1, NULL, 0, &leaf[0], &leaf[0]), NRM_ERR_PROOF);
}

/* Subtrees that hash their own place: a tree too large to build. */
static enum nrm_err imagined(void *from, unsigned level, uint64_t index, struct nrm_hash *out)
{
	(void)from;
	if (level == 0) {
		*out = nrm_leaf_hash(nrm_slice(&index, sizeof(index)));
		return NRM_OK;
	}
	*out = (struct nrm_hash){{(uint8_t)level}};
	memcpy(out->bytes + 1, &index, sizeof(index));
	return NRM_OK;
}

static void the_largest_sizes_fit_the_room(void **state)
{
	struct nrm_hash path[64], root, leaf_hash;
	const uint64_t largest = UINT64_MAX, half = 1ull << 63;
	size_t len;

	(void)state;
	assert_int_equal(nrm_inclusion_path(1, largest, imagined, NULL, path, &len), NRM_OK);
	assert_int_equal(len, 64);
	assert_int_equal(imagined(NULL, 0, largest - 1, &leaf_hash), NRM_OK);
	assert_int_equal(nrm_inclusion_path(largest - 1, largest, imagined, NULL, path, &len),
			 NRM_OK);
	assert_int_equal(len, 63);
	assert_int_equal(nrm_root_at(largest, imagined, NULL, &root), NRM_OK);
	assert_int_equal(nrm_inclusion_verify(&leaf_hash, largest - 1, largest, path, len, &root),
			 NRM_OK);
	assert_int_equal(nrm_consistency_path(3, half, imagined, NULL, path, &len), NRM_OK);
	assert_int_equal(len, 64);
	assert_int_equal(nrm_consistency_path(3, half + 1, imagined, NULL, path, &len),
			 NRM_ERR_ARGUMENT);
}

static void a_failing_source_is_passed_on(void **state)
{
	struct nrm_hash path[64], root;
	struct nrm_frontier f;
	size_t len;

	(void)state;
	for (int after = 0; after < 2; after++) {
		struct tree tree = {45, after};
		assert_int_equal(nrm_root_at(45, stored, &tree, &root), NRM_ERR_IO);
		tree.fail_after = after;
		assert_int_equal(nrm_frontier_load(&f, 45, stored, &tree), NRM_ERR_IO);
		tree.fail_after = after;
		assert_int_equal(nrm_inclusion_path(7, 45, stored, &tree, path, &len), NRM_ERR_IO);
		tree.fail_after = after;
		assert_int_equal(nrm_consistency_path(7, 45, stored, &tree, path, &len),
				 NRM_ERR_IO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meets_the_published_roots_and_paths),
		cmocka_unit_test(refuses_the_refused_vectors),
		cmocka_unit_test(root_load_and_root_at_agree_with_append),
		cmocka_unit_test(every_inclusion_to_64_holds_and_no_other),
		cmocka_unit_test(inclusion_holds_for_one_size_only),
		cmocka_unit_test(every_consistency_to_64_holds_and_no_other),
		cmocka_unit_test(the_empty_tree_has_one_root),
		cmocka_unit_test(the_largest_sizes_fit_the_room),
		cmocka_unit_test(a_failing_source_is_passed_on),
	};

	return cmocka_run_group_tests(tests, tree_set_up, NULL);
}
