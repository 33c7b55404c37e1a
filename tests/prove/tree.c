/*
 * Hashes, roots and the growing edge: leaves of up to LEAF bytes, a list of up to LEAVES of them, a growing tree of any
 * size that can grow.
 */
#include "proto/base/limits.h"
#include "tests/prove/hashes.h"

enum { LEAVES = 40 };

static uint8_t bytes[NRM_MAX_LEAF];
static struct nrm_hash leaves[LEAVES];

/* With `ones` one bits at the end, and the zero before them: so many subtrees does one leaf complete. */
static void append(unsigned ones)
{
	const uint64_t rest = any_between(0, (UINT64_MAX >> ones) >> 1);
	struct nrm_frontier f;
	struct nrm_hash leaf = any_hash(), completed[64];

	any_bytes(&f, sizeof(f));
	f.size = (rest << ones << 1) + ((1ull << ones) - 1);
	(void)nrm_frontier_append(&f, &leaf, completed);
}

void every_input(void)
{
	struct nrm_frontier f;

	any_bytes(bytes, sizeof(bytes));
	any_bytes(leaves, sizeof(leaves));
	(void)nrm_leaf_hash(nrm_slice(bytes, any_between(0, sizeof(bytes))));
	for (size_t n = 0; n <= LEAVES; n++)
		(void)nrm_tree_root(leaves + LEAVES - n, n);
	for (unsigned ones = 0; ones < 64; ones++)
		append(ones);
	nrm_frontier_init(&f);
	any_bytes(&f, sizeof(f));
	(void)nrm_frontier_root(&f);
	(void)nrm_frontier_load(&f, any_u64(), any_node, NULL);
}
