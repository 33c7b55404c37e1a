#include "proto/wire/item_tree.h"

static enum nrm_err node_of(void *from, unsigned level, uint64_t index, struct nrm_hash *out)
{
	const struct nrm_item_tree *tree = from;

	if (level > NRM_MAX_PROOF_PATH || index >= tree->n >> level)
		return NRM_ERR_ARGUMENT;
	*out = tree->level[level][index];
	return NRM_OK;
}

enum nrm_err nrm_item_tree_build(const struct nrm_slice *item, size_t n, struct nrm_arena *arena,
				 struct nrm_item_tree *ret_tree)
{
	struct nrm_item_tree tree = {.n = n};
	enum nrm_err err;

	if (n == 0 || n > NRM_MAX_SIGNED_ITEMS)
		return NRM_ERR_LIMIT;
	for (unsigned level = 0; n >> level; level++) {
		size_t width = n >> level;
		struct nrm_hash *hash = nrm_arena_alloc(arena, width * sizeof(*hash));
		if (!hash)
			return NRM_ERR_NOMEM;
		for (size_t i = 0; i < width; i++)
			hash[i] = level == 0 ? nrm_leaf_hash(item[i])
					     : nrm_node_hash(&tree.level[level - 1][2 * i],
							     &tree.level[level - 1][2 * i + 1]);
		tree.level[level] = hash;
	}
	err = nrm_root_at(n, node_of, &tree, &tree.root);
	if (err == NRM_OK)
		*ret_tree = tree;
	return err;
}

enum nrm_err nrm_item_tree_proof(const struct nrm_item_tree *tree, size_t index,
				 struct nrm_slice signature, struct nrm_arena *arena,
				 struct nrm_proof *ret_proof)
{
	struct nrm_hash path[64];
	size_t len;
	enum nrm_err err = nrm_inclusion_path(index, tree->n, node_of, (void *)tree, path, &len);

	if (err != NRM_OK)
		return err;
	struct nrm_hash *hash = nrm_arena_copy(arena, path, len * sizeof(*path));
	struct nrm_slice *list = nrm_arena_alloc(arena, len * sizeof(*list));
	if (!hash || !list)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < len; i++)
		list[i] = nrm_slice(hash[i].bytes, NRM_HASH_LEN);
	*ret_proof = (struct nrm_proof){(uint32_t)tree->n, (uint32_t)index, {list, len}, signature};
	return NRM_OK;
}
