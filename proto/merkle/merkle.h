/*
 * The tree of RFC 9162 section 2.1: roots, inclusion and consistency proofs, and one proof for many
 * leaves. Pure: hashes come from the caller, who knows where they are kept.
 */
#ifndef NRM_MERKLE_MERKLE_H
#define NRM_MERKLE_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"
#include "proto/base/slice.h"
#include "proto/crypto/crypto.h"

struct nrm_hash {
	uint8_t bytes[NRM_HASH_LEN];
};

/* SHA-256(0x00 leaf) (section 2.1.1). */
struct nrm_hash nrm_leaf_hash(struct nrm_slice leaf);
/* SHA-256(0x01 left right). */
struct nrm_hash nrm_node_hash(const struct nrm_hash *left, const struct nrm_hash *right);
/* The root of `n` leaf hashes, n ≥ 0 (SHA-256 of nothing for 0). */
struct nrm_hash nrm_tree_root(const struct nrm_hash *leaves, size_t n);

/*
 * The right edge of a growing tree: the roots of its complete subtrees, largest first.
 * Appending costs O(1) on average and never looks back.
 */
struct nrm_frontier {
	uint64_t size;		  /* leaves so far */
	struct nrm_hash peak[64]; /* one for each bit set in size, from the highest */
};
void nrm_frontier_init(struct nrm_frontier *f);
/*
 * Appends a leaf hash. `completed` (room for 64) receives the hashes of the subtrees that this leaf completes:
 * completed[0] is the leaf itself, completed[k] the subtree of 2^k leaves that ends with it; returns how many
 * (1 + the number of trailing one bits of the leaf's index). A store that keeps them with the leaf can serve
 * every proof: node (level, index) stands with leaf ((index + 1) << level) - 1, at place `level`.
 */
size_t nrm_frontier_append(struct nrm_frontier *f, const struct nrm_hash *leaf,
			   struct nrm_hash *completed);
struct nrm_hash nrm_frontier_root(const struct nrm_frontier *f);

/*
 * Where a complete subtree's hash is to be found: node `index` of level `level` covers leaves
 * [index << level, (index + 1) << level). The callback answers NRM_OK, or an error that is passed on.
 */
typedef enum nrm_err (*nrm_node_source)(void *from, unsigned level, uint64_t index,
					struct nrm_hash *out);

/* Rebuilds the frontier of a tree of `size` leaves from a source. */
enum nrm_err nrm_frontier_load(struct nrm_frontier *f, uint64_t size, nrm_node_source source,
			       void *from) NRM_MUST_USE;

/* The root of the first `size` leaves. */
enum nrm_err nrm_root_at(uint64_t size, nrm_node_source source, void *from,
			 struct nrm_hash *ret_root) NRM_MUST_USE;

/*
 * Inclusion path of leaf `index` in a tree of `size` (section 2.1.3.1), from the leaf's sibling upward; `path` has
 * room for 64. NRM_ERR_ARGUMENT unless index < size.
 */
enum nrm_err nrm_inclusion_path(uint64_t index, uint64_t size, nrm_node_source source, void *from,
				struct nrm_hash *path, size_t *ret_len) NRM_MUST_USE;
/* Section 2.1.3.2; NRM_ERR_PROOF unless it holds exactly. */
enum nrm_err nrm_inclusion_verify(const struct nrm_hash *leaf, uint64_t index, uint64_t size,
				  const struct nrm_hash *path, size_t len,
				  const struct nrm_hash *root) NRM_MUST_USE;
/* The root that a path leads to; NRM_ERR_PROOF when its length is not the exact one. */
enum nrm_err nrm_inclusion_root(const struct nrm_hash *leaf, uint64_t index, uint64_t size,
				const struct nrm_hash *path, size_t len,
				struct nrm_hash *ret_root) NRM_MUST_USE;

/* Consistency path from `first` to `second` leaves (section 2.1.4.1), room for 64; empty when first is 0 or equals second. NRM_ERR_ARGUMENT unless first ≤ second. */
enum nrm_err nrm_consistency_path(uint64_t first, uint64_t second, nrm_node_source source,
				  void *from, struct nrm_hash *path, size_t *ret_len) NRM_MUST_USE;
/* Section 2.1.4.2; from 0 anything is consistent with an empty path and the empty tree's root. NRM_ERR_PROOF otherwise. */
enum nrm_err nrm_consistency_verify(uint64_t first, uint64_t second, const struct nrm_hash *path,
				    size_t len, const struct nrm_hash *first_root,
				    const struct nrm_hash *second_root) NRM_MUST_USE;

/*
 * One proof for many leaves (PROTOCOL.md, "Proofs"). `index` is strictly ascending, n ≥ 1, each < size. The proof is
 * the list of hashes that a verifier needs besides the leaves' own, in the order in which this recursion, over the
 * RFC 9162 split, asks for them:
 *     root(range): range holds none of the leaves -> next hash of the list
 *                  range is one leaf              -> that leaf's hash
 *                  otherwise                      -> node_hash(root(left part), root(right part))
 * where the left part of a range of n > 1 leaves has the largest power of two that is < n.
 * For a single leaf it holds the hashes of the inclusion path, left to right.
 */
enum nrm_err nrm_multiproof(const uint64_t *index, size_t n, uint64_t size, nrm_node_source source,
			    void *from, struct nrm_hash **ret_nodes,
			    size_t *ret_len) NRM_MUST_USE; /* free(*ret_nodes) */
/* NRM_ERR_PROOF unless it leads to `root` and uses every node. `leaf[i]` is the hash of leaf `index[i]`. */
enum nrm_err nrm_multiproof_verify(const uint64_t *index, const struct nrm_hash *leaf, size_t n,
				   uint64_t size, const struct nrm_hash *nodes, size_t len,
				   const struct nrm_hash *root) NRM_MUST_USE;

#endif
