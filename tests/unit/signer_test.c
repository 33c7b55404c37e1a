/*
 * The local signer: signs what continues the last head, nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker/signer/signer.h"
#include "proto/base/limits.h"

#define ORIGIN "nrm/XX"
#define LEAVES 16

static const uint8_t seed[NRM_KEY_LEN] = {7};
static struct nrm_hash leaf[LEAVES], other[LEAVES]; /* the trail, and a fork of it from leaf 3 on */

static int make_trees(void **state)
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

static enum nrm_err node(void *from, unsigned level, uint64_t index, struct nrm_hash *out)
{
	const struct nrm_hash *leaves = from;

	*out = nrm_tree_root(leaves + (index << level), (size_t)1 << level);
	return NRM_OK;
}

static struct nrm_checkpoint head(const struct nrm_hash *leaves, uint64_t size)
{
	return (struct nrm_checkpoint){ORIGIN, size, nrm_tree_root(leaves, size)};
}

/* Asks for a signature of the first `size` of `leaves` with an honest path from `from`; the note must open to that head. */
static enum nrm_err ask(struct nrm_local_signer *local, const struct nrm_hash *leaves,
			uint64_t from, uint64_t size)
{
	struct nrm_signer signer = nrm_local_signer_interface(local);
	struct nrm_checkpoint cp = head(leaves, size), opened;
	struct nrm_hash path[NRM_MAX_TREE_PATH];
	struct nrm_signing_key *secret;
	struct nrm_note_key key;
	struct nrm_buf note = {0};
	uint8_t public_key[NRM_KEY_LEN];
	uint64_t cosigned;
	size_t n = 0;

	if (from <= size)
		assert_int_equal(
			nrm_consistency_path(from, size, node, (void *)(uintptr_t)leaves, path, &n),
			NRM_OK);
	enum nrm_err err = signer.sign(signer.self, &cp, from, path, n, &note);
	if (err == NRM_OK) {
		assert_int_equal(nrm_signing_key_new(seed, &secret), NRM_OK);
		nrm_signing_key_public(secret, public_key);
		nrm_signing_key_free(secret);
		assert_int_equal(nrm_note_key_make(ORIGIN, 0x01, public_key, &key), NRM_OK);
		assert_int_equal(
			nrm_note_open(nrm_buf_slice(&note), &key, NULL, 0, &opened, &cosigned),
			NRM_OK);
		assert_int_equal(opened.size, size);
		assert_memory_equal(&opened.root, &cp.root, sizeof(cp.root));
	} else {
		assert_int_equal(note.len, 0);
	}
	nrm_buf_done(&note);
	return err;
}

static struct nrm_local_signer *new_signer(void)
{
	struct nrm_local_signer *local;

	assert_int_equal(nrm_local_signer_new(ORIGIN, seed, &local), NRM_OK);
	return local;
}

static void signs_a_growing_trail(void **state)
{
	struct nrm_local_signer *local = new_signer();

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 1), NRM_OK);
	for (uint64_t size = 2; size <= LEAVES; size++)
		assert_int_equal(ask(local, leaf, size - 1, size), NRM_OK);
	assert_int_equal(ask(local, leaf, LEAVES, LEAVES), NRM_OK); /* the same again */
	nrm_local_signer_free(local);
}

static void refuses_another_root_for_ever(void **state)
{
	struct nrm_local_signer *local = new_signer();

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 6), NRM_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(local, other, 6, 6), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 6, 9), NRM_OK); /* the honest trail goes on */
	assert_int_equal(ask(local, other, 9, 9), NRM_ERR_PROOF);
	assert_int_equal(ask(local, other, 6, 6), NRM_ERR_PROOF);
	nrm_local_signer_free(local);
}

static void refuses_what_is_not_consistent(void **state)
{
	struct nrm_local_signer *local = new_signer();
	struct nrm_signer signer = nrm_local_signer_interface(local);
	struct nrm_checkpoint cp = head(leaf, 9);
	struct nrm_hash path[NRM_MAX_TREE_PATH];
	struct nrm_buf note = {0};
	size_t n;

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 6), NRM_OK);
	assert_int_equal(ask(local, other, 6, 9), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 0, 9),
			 NRM_ERR_PROOF); /* from another head than the last */
	assert_int_equal(ask(local, leaf, 5, 9), NRM_ERR_PROOF);
	assert_int_equal(nrm_consistency_path(6, 9, node, leaf, path, &n), NRM_OK);
	assert_int_equal(signer.sign(signer.self, &cp, 6, path, n - 1, &note), NRM_ERR_PROOF);
	path[0].bytes[0] ^= 1;
	assert_int_equal(signer.sign(signer.self, &cp, 6, path, n, &note), NRM_ERR_PROOF);
	assert_int_equal(note.len, 0);
	assert_int_equal(ask(local, leaf, 6, 9), NRM_OK);
	nrm_local_signer_free(local);
}

static void refuses_a_smaller_head(void **state)
{
	struct nrm_local_signer *local = new_signer();

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 6), NRM_OK);
	assert_int_equal(ask(local, leaf, 6, 5), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 0, 5), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 5, 5), NRM_ERR_PROOF);
	nrm_local_signer_free(local);
}

static void refuses_another_origin(void **state)
{
	struct nrm_local_signer *local = new_signer(), *none = NULL;
	struct nrm_signer signer = nrm_local_signer_interface(local);
	struct nrm_checkpoint cp = head(leaf, 1);
	struct nrm_buf note = {0};

	(void)state;
	strcpy(cp.origin, "nrm/YY");
	assert_int_equal(signer.sign(signer.self, &cp, 0, NULL, 0, &note), NRM_ERR_ARGUMENT);
	assert_int_equal(note.len, 0);
	assert_int_not_equal(nrm_local_signer_new("no such name", seed, &none), NRM_OK);
	assert_null(none);
	nrm_local_signer_free(local);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_a_growing_trail),
		cmocka_unit_test(refuses_another_root_for_ever),
		cmocka_unit_test(refuses_what_is_not_consistent),
		cmocka_unit_test(refuses_a_smaller_head),
		cmocka_unit_test(refuses_another_origin),
	};

	return cmocka_run_group_tests(tests, make_trees, NULL);
}
