/*
 * Checking a proof that somebody sent: any leaf, index, sizes and roots; a path of any hashes and of each length that
 * there is room for. It stands at the end of its array, so that one hash too many is one beyond it.
 */
#include "tests/prove/hashes.h"

void every_input(void)
{
	const struct nrm_hash leaf = any_hash(), first = any_hash(), second = any_hash();
	struct nrm_hash path[NRM_MAX_TREE_PATH], root;

	any_bytes(path, sizeof(path));
	for (size_t len = 0; len <= NRM_MAX_TREE_PATH; len++) {
		const struct nrm_hash *at = path + NRM_MAX_TREE_PATH - len;
		(void)nrm_inclusion_root(&leaf, any_u64(), any_u64(), at, len, &root);
		(void)nrm_inclusion_verify(&leaf, any_u64(), any_u64(), at, len, &first);
		(void)nrm_consistency_verify(any_u64(), any_u64(), at, len, &first, &second);
	}
}
