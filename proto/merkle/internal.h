/* Shared by the files of this folder. */
#ifndef NRM_MERKLE_INTERNAL_H
#define NRM_MERKLE_INTERNAL_H

#include "proto/merkle/merkle.h"

/* The largest power of two that is less than n, for n > 1: where RFC 9162 splits a tree of n leaves. */
static inline uint64_t split(uint64_t n)
{
	return 1ull << (63 - __builtin_clzll(n - 1));
}

static inline bool hash_equal(const struct nrm_hash *a, const struct nrm_hash *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* The root of leaves [first, first + n), n ≥ 1, a part that splitting leads to. */
enum nrm_err nrm_range_root(uint64_t first, uint64_t n, nrm_node_source source, void *from,
			    struct nrm_hash *ret_root) NRM_MUST_USE;

#endif
