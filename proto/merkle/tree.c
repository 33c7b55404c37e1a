/* Hashes, roots and the growing edge (RFC 9162 section 2.1.1). */
#include <stdbool.h>
#include <string.h>

#include "proto/merkle/internal.h"

struct nrm_hash nrm_leaf_hash(struct nrm_slice leaf)
{
	struct nrm_hash h;

	nrm_sha256((struct nrm_slice[]){nrm_slice("\x00", 1), leaf}, 2, h.bytes);
	return h;
}

struct nrm_hash nrm_node_hash(const struct nrm_hash *left, const struct nrm_hash *right)
{
	uint8_t node[1 + 2 * NRM_HASH_LEN] = {0x01};
	struct nrm_hash h;

	memcpy(node + 1, left->bytes, NRM_HASH_LEN);
	memcpy(node + 1 + NRM_HASH_LEN, right->bytes, NRM_HASH_LEN);
	nrm_sha256_one(nrm_slice(node, sizeof(node)), h.bytes);
	return h;
}

static struct nrm_hash empty_root(void)
{
	struct nrm_hash h;

	nrm_sha256(NULL, 0, h.bytes);
	return h;
}

struct nrm_hash nrm_tree_root(const struct nrm_hash *leaves, size_t n)
{
	if (n == 0)
		return empty_root();
	if (n == 1)
		return leaves[0];
	size_t k = split(n);
	struct nrm_hash left = nrm_tree_root(leaves, k);
	struct nrm_hash right = nrm_tree_root(leaves + k, n - k);
	return nrm_node_hash(&left, &right);
}

void nrm_frontier_init(struct nrm_frontier *f)
{
	*f = (struct nrm_frontier){0};
}

static size_t peaks(uint64_t size)
{
	return (size_t)__builtin_popcountll(size);
}

/* Adding a leaf is adding one to a binary number: each carry joins two subtrees. */
size_t nrm_frontier_append(struct nrm_frontier *f, const struct nrm_hash *leaf,
			   struct nrm_hash *completed)
{
	size_t top = peaks(f->size), level = 0;

	completed[0] = *leaf;
	for (uint64_t carry = f->size; carry & 1; carry >>= 1, level++)
		completed[level + 1] = nrm_node_hash(&f->peak[--top], &completed[level]);
	f->peak[top] = completed[level];
	f->size++;
	return level + 1;
}

struct nrm_hash nrm_frontier_root(const struct nrm_frontier *f)
{
	size_t top = peaks(f->size);

	if (top == 0)
		return empty_root();
	struct nrm_hash root = f->peak[--top];
	while (top > 0)
		root = nrm_node_hash(&f->peak[--top], &root);
	return root;
}

enum nrm_err nrm_frontier_load(struct nrm_frontier *f, uint64_t size, nrm_node_source source,
			       void *from)
{
	struct nrm_frontier made = {.size = size};
	uint64_t first = 0;
	size_t n = 0;

	for (unsigned level = 64; level-- > 0;) {
		if (!(size >> level & 1))
			continue;
		enum nrm_err err = source(from, level, first >> level, &made.peak[n++]);
		if (err != NRM_OK)
			return err;
		first += 1ull << level;
	}
	*f = made;
	return NRM_OK;
}

enum nrm_err nrm_range_root(uint64_t first, uint64_t n, nrm_node_source source, void *from,
			    struct nrm_hash *ret_root)
{
	struct nrm_hash root, left;
	bool begun = false;

	/* From the right, the smallest complete subtree first: all stand on multiples of their size. */
	for (uint64_t end = first + n; n > 0; n &= n - 1) {
		unsigned level = (unsigned)__builtin_ctzll(n);
		end -= 1ull << level;
		enum nrm_err err = source(from, level, end >> level, &left);
		if (err != NRM_OK)
			return err;
		root = begun ? nrm_node_hash(&left, &root) : left;
		begun = true;
	}
	*ret_root = root;
	return NRM_OK;
}

enum nrm_err nrm_root_at(uint64_t size, nrm_node_source source, void *from,
			 struct nrm_hash *ret_root)
{
	if (size > 0)
		return nrm_range_root(0, size, source, from, ret_root);
	*ret_root = empty_root();
	return NRM_OK;
}
