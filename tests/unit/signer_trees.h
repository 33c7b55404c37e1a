/*
 * A trail, and a fork of it from its fourth leaf on, for the tests of the signer.
 */
#ifndef NRM_TESTS_SIGNER_TREES_H
#define NRM_TESTS_SIGNER_TREES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker/signer/notary.h"
#include "proto/base/limits.h"

#define ORIGIN "nrm/XX"
#define LEAVES 16

static const uint8_t seed[NRM_KEY_LEN] = {7};
static struct nrm_hash leaf[LEAVES], other[LEAVES];

static inline int make_trees(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	for (uint8_t i = 0; i < LEAVES; i++) {
		uint8_t bytes[2] = {i, 1};
		leaf[i] = nrm_leaf_hash(nrm_slice(bytes, 1));
		other[i] = i < 3 ? leaf[i] : nrm_leaf_hash(nrm_slice(bytes, 2));
	}
	return 0;
}

static inline enum nrm_err tree_node(void *from, unsigned level, uint64_t index,
				     struct nrm_hash *out)
{
	const struct nrm_hash *leaves = from;

	*out = nrm_tree_root(leaves + (index << level), (size_t)1 << level);
	return NRM_OK;
}

static inline struct nrm_checkpoint tree_head(const struct nrm_hash *leaves, uint64_t size)
{
	return (struct nrm_checkpoint){ORIGIN, size, nrm_tree_root(leaves, size)};
}

/* The first `size` of `leaves`, with an honest path from `from`, or none where there can be none. Lives until the next. */
static inline struct nrm_signing_request tree_request(struct nrm_hash *leaves, uint64_t from,
						      uint64_t size)
{
	static struct nrm_hash path[NRM_MAX_TREE_PATH];
	struct nrm_signing_request request = {tree_head(leaves, size), from, path, 0};

	if (from <= size)
		assert_int_equal(
			nrm_consistency_path(from, size, tree_node, leaves, path, &request.n),
			NRM_OK);
	return request;
}

/* The trail's key. */
static inline struct nrm_note_key tree_key(void)
{
	struct nrm_signing_key *secret;
	uint8_t public_key[NRM_KEY_LEN];
	struct nrm_note_key key;

	assert_int_equal(nrm_signing_key_new(seed, &secret), NRM_OK);
	nrm_signing_key_public(secret, public_key);
	nrm_signing_key_free(secret);
	assert_int_equal(nrm_note_key_make(ORIGIN, NRM_NOTE_LOG, public_key, &key), NRM_OK);
	return key;
}

/* The note bears the trail's signature, and is of this head. */
static inline void assert_note_of(struct nrm_slice note, const struct nrm_checkpoint *head)
{
	const struct nrm_note_key key = tree_key();
	struct nrm_checkpoint opened;
	uint64_t cosigned;

	assert_int_equal(nrm_note_open(note, &key, NULL, 0, &opened, &cosigned), NRM_OK);
	assert_int_equal(opened.size, head->size);
	assert_memory_equal(&opened.root, &head->root, sizeof(head->root));
}

#endif
