/* One proof for many leaves (PROTOCOL.md, "Proofs"): the same recursion makes and checks it. */
#include <stdbool.h>
#include <stdlib.h>

#include "proto/base/buf.h"
#include "proto/merkle/internal.h"

/* How many of the ascending `index` lie before `end`. */
static size_t count_before(const uint64_t *index, size_t n, uint64_t end)
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;
		if (index[mid] < end)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

static bool indices_ok(const uint64_t *index, size_t n, uint64_t size)
{
	for (size_t i = 1; i < n; i++)
		if (index[i - 1] >= index[i])
			return false;
	return n > 0 && index[n - 1] < size;
}

struct prover {
	nrm_node_source source;
	void *from;
	struct nrm_buf nodes;
};

/* Appends what leaves [first, first + size) contribute, `n` of which are proved. */
static enum nrm_err prove(struct prover *p, uint64_t first, uint64_t size, const uint64_t *index,
			  size_t n)
{
	struct nrm_hash node;
	enum nrm_err err;

	if (n == 0) {
		err = nrm_range_root(first, size, p->source, p->from, &node);
		if (err != NRM_OK)
			return err;
		nrm_buf_put(&p->nodes, &node, sizeof(node));
		return p->nodes.err;
	}
	if (size == 1)
		return NRM_OK;
	uint64_t k = split(size);
	size_t left = count_before(index, n, first + k);
	err = prove(p, first, k, index, left);
	return err == NRM_OK ? prove(p, first + k, size - k, index + left, n - left) : err;
}

enum nrm_err nrm_multiproof(const uint64_t *index, size_t n, uint64_t size, nrm_node_source source,
			    void *from, struct nrm_hash **ret_nodes, size_t *ret_len)
{
	struct prover p = {.source = source, .from = from};

	if (!indices_ok(index, n, size))
		return NRM_ERR_ARGUMENT;
	enum nrm_err err = prove(&p, 0, size, index, n);
	if (err != NRM_OK) {
		nrm_buf_done(&p.nodes);
		return err;
	}
	*ret_len = p.nodes.len / sizeof(struct nrm_hash);
	*ret_nodes = (struct nrm_hash *)p.nodes.data;
	return NRM_OK;
}

struct verifier {
	const uint64_t *index;
	const struct nrm_hash *leaf;
	const struct nrm_hash *nodes;
	size_t len, used; /* nodes */
};

/* The root of leaves [first, first + size), of which index[i] to index[i + n - 1] are proved. */
static bool rebuild(struct verifier *v, uint64_t first, uint64_t size, size_t i, size_t n,
		    struct nrm_hash *ret_root)
{
	struct nrm_hash left_root, right_root;

	if (n == 0) {
		if (v->used == v->len)
			return false;
		*ret_root = v->nodes[v->used++];
		return true;
	}
	if (size == 1) {
		*ret_root = v->leaf[i];
		return true;
	}
	uint64_t k = split(size);
	size_t left = count_before(v->index + i, n, first + k);
	if (!rebuild(v, first, k, i, left, &left_root) ||
	    !rebuild(v, first + k, size - k, i + left, n - left, &right_root))
		return false;
	*ret_root = nrm_node_hash(&left_root, &right_root);
	return true;
}

enum nrm_err nrm_multiproof_verify(const uint64_t *index, const struct nrm_hash *leaf, size_t n,
				   uint64_t size, const struct nrm_hash *nodes, size_t len,
				   const struct nrm_hash *root)
{
	struct verifier v = {index, leaf, nodes, len, 0};
	struct nrm_hash found;

	if (!indices_ok(index, n, size) || !rebuild(&v, 0, size, 0, n, &found) || v.used < len)
		return NRM_ERR_PROOF;
	return hash_equal(&found, root) ? NRM_OK : NRM_ERR_PROOF;
}
