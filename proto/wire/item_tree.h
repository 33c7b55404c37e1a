/*
 * The tree over the items that one signature covers (protocol.md, "Signing"; RFC 9162 section 2.1): its
 * root, and a proof for each item. Internal to proto/wire.
 */
#ifndef NRM_WIRE_ITEM_TREE_H
#define NRM_WIRE_ITEM_TREE_H

#include "proto/base/limits.h"
#include "proto/merkle/merkle.h"
#include "proto/wire/envelope.h"

struct nrm_item_tree {
	size_t n;
	const struct nrm_hash
		*level[NRM_MAX_PROOF_PATH + 1]; /* complete subtrees of 2^level items */
	struct nrm_hash root;
};

/* Builds it over 1-256 items (NRM_ERR_LIMIT), in `arena`; level[0] holds the items' leaf hashes. NRM_ERR_NOMEM. */
enum nrm_err nrm_item_tree_build(const struct nrm_slice *item, size_t n, struct nrm_arena *arena,
				 struct nrm_item_tree *ret_tree) NRM_MUST_USE;

/* The proof of item `index` by itself, under `signature` (borrowed). NRM_ERR_ARGUMENT, NRM_ERR_NOMEM. */
enum nrm_err nrm_item_tree_proof(const struct nrm_item_tree *tree, size_t index,
				 struct nrm_slice signature, struct nrm_arena *arena,
				 struct nrm_proof *ret_proof) NRM_MUST_USE;

#endif
