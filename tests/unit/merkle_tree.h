/*
 * The tree that the tests of proto/merkle prove things of, grown once leaf by leaf.
 */
#ifndef NRM_TESTS_MERKLE_TREE_H
#define NRM_TESTS_MERKLE_TREE_H

#include "tests/unit/vectors.h"

#include "proto/merkle/merkle.h"

#define MAX_LEAVES 300
#define PATH_ROOM  (64 + 1) /* for one hash too many */

/* Leaf i is the two bytes of i; node[level][index] is filled by appending, as a store would be. */
static struct nrm_hash leaf[MAX_LEAVES], node[64][MAX_LEAVES];
static bool have[64][MAX_LEAVES];

/* A source may only be asked for what is complete in a tree of this size, and fails when told to. */
struct tree {
	uint64_t size;
	int fail_after; /* answers before the first failure; -1: never */
};

static inline enum nrm_err stored(void *from, unsigned level, uint64_t index, struct nrm_hash *out)
{
	struct tree *tree = from;

	assert_true(level < 64 && index < MAX_LEAVES && have[level][index]);
	assert_true((index + 1) << level <= tree->size);
	if (tree->fail_after == 0)
		return NRM_ERR_IO;
	tree->fail_after -= tree->fail_after > 0;
	*out = node[level][index];
	return NRM_OK;
}

static inline struct tree tree_of(uint64_t size)
{
	return (struct tree){size, -1};
}

static inline int tree_set_up(void **state)
{
	struct nrm_frontier f;
	struct nrm_hash completed[64];

	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	nrm_frontier_init(&f);
	for (size_t i = 0; i < MAX_LEAVES; i++) {
		leaf[i] = nrm_leaf_hash(nrm_slice((uint8_t[]){(uint8_t)(i >> 8), (uint8_t)i}, 2));
		size_t n = nrm_frontier_append(&f, &leaf[i], completed);
		for (size_t level = 0; level < n; level++) {
			size_t index = ((i + 1) >> level) - 1;
			assert_int_equal(((index + 1) << level) - 1, i);
			node[level][index] = completed[level];
			have[level][index] = true;
		}
	}
	return 0;
}

static inline void assert_hash(struct nrm_hash got, struct nrm_hash want)
{
	assert_memory_equal(got.bytes, want.bytes, sizeof(got.bytes));
}

#endif
