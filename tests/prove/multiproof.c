/*
 * One proof for several leaves, made and checked: each size of tree up to SIZE, each number of leaves up to LEAVES, any
 * indices; a proof of any hashes and of each length up to NODES.
 */
#include "tests/prove/hashes.h"

enum { SIZE = 16, LEAVES = 4, NODES = 8 };

static uint64_t indices[LEAVES];
static struct nrm_hash leaves[LEAVES], nodes[NODES];

/* What is read stands at the end of its array, so that one too many is one beyond it. */
static void make_and_check(uint64_t size, size_t n)
{
	const struct nrm_hash root = any_hash();
	struct nrm_hash *made;
	size_t len;

	(void)nrm_multiproof(indices + LEAVES - n, n, size, any_node, NULL, &made, &len);
	for (len = 0; len <= NODES; len++)
		(void)nrm_multiproof_verify(indices + LEAVES - n, leaves + LEAVES - n, n, size,
					    nodes + NODES - len, len, &root);
}

void every_input(void)
{
	any_bytes(indices, sizeof(indices));
	any_bytes(leaves, sizeof(leaves));
	any_bytes(nodes, sizeof(nodes));
	for (uint64_t size = 0; size <= SIZE; size++)
		for (size_t n = 0; n <= LEAVES; n++)
			make_and_check(size, n);
}
