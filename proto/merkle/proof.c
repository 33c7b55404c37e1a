/* Inclusion and consistency (RFC 9162 sections 2.1.3 and 2.1.4). */
#include <stdbool.h>
#include <string.h>

#include "proto/merkle/internal.h"

/* A consistency path of a tree beyond this could be longer than the 64 hashes there is room for. */
#define MAX_SIZE (1ull << 63)

/* Paths are found from the root down and given from the leaf up. */
static void reverse(struct nrm_hash *path, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		const struct nrm_hash low = path[i], high = path[len - 1 - i];
		path[i] = high;
		path[len - 1 - i] = low;
	}
}

enum nrm_err nrm_inclusion_path(uint64_t index, uint64_t size, nrm_node_source source, void *from,
				struct nrm_hash *path, size_t *ret_len)
{
	uint64_t first = 0, n = size;
	size_t len = 0;
	enum nrm_err err;

	if (index >= size)
		return NRM_ERR_ARGUMENT;
	while (n > 1) {
		uint64_t k = split(n);
		if (index - first < k) {
			err = nrm_range_root(first + k, n - k, source, from, &path[len++]);
			n = k;
		} else {
			err = nrm_range_root(first, k, source, from, &path[len++]);
			first += k;
			n -= k;
		}
		if (err != NRM_OK)
			return err;
	}
	reverse(path, len);
	*ret_len = len;
	return NRM_OK;
}

enum nrm_err nrm_inclusion_root(const struct nrm_hash *leaf, uint64_t index, uint64_t size,
				const struct nrm_hash *path, size_t len, struct nrm_hash *ret_root)
{
	struct nrm_hash root = *leaf;

	if (index >= size)
		return NRM_ERR_PROOF;
	uint64_t node = index, last = size - 1; /* of the level that `root` is at */
	for (size_t i = 0; i < len; i++) {
		if (last == 0)
			return NRM_ERR_PROOF;
		/* A last node without a sibling is carried up to where it has one. */
		if (node == last)
			for (; !(node & 1); node >>= 1)
				last >>= 1;
		root = node & 1 ? nrm_node_hash(&path[i], &root) : nrm_node_hash(&root, &path[i]);
		node >>= 1;
		last >>= 1;
	}
	if (last != 0)
		return NRM_ERR_PROOF;
	*ret_root = root;
	return NRM_OK;
}

enum nrm_err nrm_inclusion_verify(const struct nrm_hash *leaf, uint64_t index, uint64_t size,
				  const struct nrm_hash *path, size_t len,
				  const struct nrm_hash *root)
{
	struct nrm_hash found;
	enum nrm_err err = nrm_inclusion_root(leaf, index, size, path, len, &found);

	if (err != NRM_OK)
		return err;
	return hash_equal(&found, root) ? NRM_OK : NRM_ERR_PROOF;
}

enum nrm_err nrm_consistency_path(uint64_t first, uint64_t second, nrm_node_source source,
				  void *from, struct nrm_hash *path, size_t *ret_len)
{
	uint64_t begin = 0, n = second, old = first; /* this part, and how much of it is old */
	size_t len = 0;
	enum nrm_err err;

	if (first > second || second > MAX_SIZE)
		return NRM_ERR_ARGUMENT;
	while (old > 0 && old < n) {
		uint64_t k = split(n);
		if (old <= k) {
			err = nrm_range_root(begin + k, n - k, source, from, &path[len++]);
			n = k;
		} else {
			err = nrm_range_root(begin, k, source, from, &path[len++]);
			begin += k;
			old -= k;
			n -= k;
		}
		if (err != NRM_OK)
			return err;
	}
	/* The old tree's own root is known to the verifier: its last part goes only if it is not all. */
	if (begin > 0) {
		err = nrm_range_root(begin, n, source, from, &path[len++]);
		if (err != NRM_OK)
			return err;
	}
	reverse(path, len);
	*ret_len = len;
	return NRM_OK;
}

/* Section 2.1.4.2 for 0 < first < second. */
static bool consistent(uint64_t first, uint64_t second, const struct nrm_hash *path, size_t len,
		       const struct nrm_hash *first_root, const struct nrm_hash *second_root)
{
	uint64_t node = first - 1, last = second - 1;
	size_t i = 0;

	for (; node & 1; node >>= 1)
		last >>= 1;
	/* A first tree that is complete is its own starting point, and not in the path. */
	if (node > 0 && len == 0)
		return false;
	struct nrm_hash old = node > 0 ? path[i++] : *first_root, new = old;
	for (; i < len; i++) {
		if (last == 0)
			return false;
		if ((node & 1) || node == last) {
			for (; !(node & 1); node >>= 1)
				last >>= 1;
			old = nrm_node_hash(&path[i], &old);
			new = nrm_node_hash(&path[i], &new);
		} else {
			new = nrm_node_hash(&new, &path[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	return last == 0 && hash_equal(&old, first_root) && hash_equal(&new, second_root);
}

enum nrm_err nrm_consistency_verify(uint64_t first, uint64_t second, const struct nrm_hash *path,
				    size_t len, const struct nrm_hash *first_root,
				    const struct nrm_hash *second_root)
{
	struct nrm_hash empty = nrm_tree_root(NULL, 0);
	bool holds;

	if (first > second)
		holds = false;
	else if (first == second)
		holds = len == 0 && hash_equal(first_root, second_root) &&
			(first > 0 || hash_equal(first_root, &empty));
	else if (first == 0)
		holds = len == 0 && hash_equal(first_root, &empty);
	else
		holds = consistent(first, second, path, len, first_root, second_root);
	return holds ? NRM_OK : NRM_ERR_PROOF;
}
