/*
 * Verification: proofs and signatures, one for a batch or one each, against the golden vectors and what must not verify.
 */
#include "proto/wire/item_tree.h"
#include "tests/unit/messages.h"
#include "tests/unit/vectors.h"

static const nrm_mask all = ~(nrm_mask)0;

static const struct nrm_slice none = {NULL, 0};

static struct nrm_slice encoded(const struct nrm_envelope *e, nrm_mask keep)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_envelope_encode(e, keep, &buf), NRM_OK);
	return messages_keep(&buf);
}

/* As a recipient judges it: fields may be missing. */
static enum nrm_err receive(struct nrm_slice bytes, struct nrm_arena *arena,
			    const struct nrm_verified **ret_verified)
{
	struct nrm_envelope e;
	enum nrm_err err = nrm_envelope_decode(bytes, arena, &e);

	return err == NRM_OK ? nrm_envelope_verify(&e, sender_public, arena, ret_verified) : err;
}

/* As the broker judges it: fields match their commitments one to one. */
static enum nrm_err submit(const struct nrm_envelope *e, struct nrm_slice signature)
{
	const struct nrm_verified *v;
	enum nrm_err err;

	nrm_submit_verify(e, 1, signature, sender_public, &messages_arena, &v, &err);
	assert_true((v != NULL) == (err == NRM_OK));
	return err;
}

/* The key of somebody who signed nothing here. */
static struct nrm_verifying_key *other_key(void)
{
	struct nrm_verifying_key *other;
	struct nrm_signing_key *key;
	uint8_t public_key[NRM_KEY_LEN];

	assert_int_equal(
		nrm_signing_key_new((const uint8_t *)"another police station's own key", &key),
		NRM_OK);
	nrm_signing_key_public(key, public_key);
	nrm_signing_key_free(key);
	assert_int_equal(nrm_verifying_key_new(public_key, &other), NRM_OK);
	return other;
}

static void test_other_key(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, 1));
	struct nrm_verifying_key *other = other_key();
	const struct nrm_verified *v = NULL;

	(void)state;
	assert_int_equal(nrm_envelope_verify(&e, other, &messages_arena, &v), NRM_ERR_SIGNATURE);
	nrm_verifying_key_free(other);
	e.has_proof = false;
	assert_int_equal(nrm_envelope_verify(&e, sender_public, &messages_arena, &v),
			 NRM_ERR_PROOF);
	assert_int_equal(submit(&e, none), NRM_ERR_PROOF);
}

/* A well-signed statement that is not well-formed is refused for what it is. */
static void test_bad_statement(void **state)
{
	struct nrm_statement s = messages_statement(1);
	struct nrm_envelope e = {0};

	(void)state;
	s.expires_at_ms = s.issued_at_ms - 1;
	e.statement = messages_encoded(&s);
	e = messages_signed(e);
	assert_int_equal(submit(&e, none), NRM_ERR_TIME);
	s = messages_statement(1), s.version = 2;
	e.statement = messages_encoded(&s);
	e = messages_signed(e);
	assert_int_equal(submit(&e, none), NRM_ERR_VERSION);
}

/* Under one signature for all, each gets a proof of its own that holds alone. */
static void test_batches(void **state)
{
	static const size_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 63, 64, 255, 256};
	static struct nrm_envelope e[256];
	static const struct nrm_verified *v[256];
	static enum nrm_err err[256];

	(void)state;
	for (size_t i = 0; i < 256; i++)
		e[i] = messages_envelope((uint8_t)i, i % 3);
	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		size_t n = sizes[k];
		nrm_submit_verify(e, n, messages_batch_signature(e, n), sender_public,
				  &messages_arena, v, err);
		for (size_t i = 0; i < n; i++) {
			const struct nrm_verified *alone;
			assert_int_equal(err[i], NRM_OK);
			assert_int_equal(nrm_verified_envelope(v[i])->proof.size, n);
			assert_int_equal(receive(encoded(nrm_verified_envelope(v[i]), all),
						 &messages_arena, &alone),
					 NRM_OK);
			assert_memory_equal(nrm_verified_digest(alone), nrm_verified_digest(v[i]),
					    32);
		}
	}
}

static void test_batches_refused(void **state)
{
	struct nrm_envelope e[5], swapped;
	const struct nrm_verified *v[5];
	enum nrm_err err[5];
	struct nrm_slice signature;
	struct nrm_statement s = messages_statement(2);

	(void)state;
	for (uint8_t i = 0; i < 5; i++)
		e[i] = messages_envelope(i, 1);
	s.case_id.len = 15;
	e[2].statement = messages_encoded(&s); /* one is no good: the others are */
	signature = messages_batch_signature(e, 5);
	nrm_submit_verify(e, 5, signature, sender_public, &messages_arena, v, err);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(err[i], i == 2 ? NRM_ERR_ID : NRM_OK);
		assert_true((v[i] == NULL) == (i == 2));
	}

	nrm_submit_verify(e, 4, signature, sender_public, &messages_arena, v,
			  err); /* one left out */
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(err[i], NRM_ERR_SIGNATURE);
	swapped = e[0], e[0] = e[1], e[1] = swapped;
	nrm_submit_verify(e, 5, signature, sender_public, &messages_arena, v, err);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(err[i], NRM_ERR_SIGNATURE);
	nrm_submit_verify(e, 5, nrm_slice(signature.data, 63), sender_public, &messages_arena, v,
			  err);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(err[i], NRM_ERR_SIGNATURE);

	swapped = messages_signed(e[3]); /* its own proof, under a signature for all */
	assert_int_equal(submit(&swapped, messages_batch_signature(&swapped, 1)), NRM_ERR_FORMAT);
}

/* Proofs of their own in one Submit: batches of before, single ones, and one that is broken. */
static void test_own_proofs(void **state)
{
	struct nrm_envelope e[6];
	const struct nrm_verified *v[6];
	enum nrm_err err[6];

	(void)state;
	for (uint8_t i = 0; i < 6; i++)
		e[i] = messages_envelope(i, 1);
	nrm_submit_verify(e, 4, messages_batch_signature(e, 4), sender_public, &messages_arena, v,
			  err);
	for (size_t i = 0; i < 4; i++)
		e[i] = *nrm_verified_envelope(v[i]);
	e[4] = messages_signed(e[4]);
	e[5] = messages_signed(e[5]);
	nrm_submit_verify(e, 6, none, sender_public, &messages_arena, v, err);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(err[i], NRM_OK);

	uint8_t signature[NRM_SIGNATURE_LEN];
	memcpy(signature, e[1].proof.signature.data, sizeof(signature));
	signature[0] ^= 1;
	e[1].proof.signature = nrm_slice(signature, sizeof(signature));
	e[2].proof.index = 1;
	e[3].proof.path.n--;
	e[4].has_proof = false;
	e[5].proof.size = 2;
	nrm_submit_verify(e, 6, none, sender_public, &messages_arena, v, err);
	assert_int_equal(err[0], NRM_OK);
	assert_int_equal(err[1], NRM_ERR_SIGNATURE);
	assert_int_equal(err[2], NRM_ERR_SIGNATURE); /* it leads to another root */
	assert_int_equal(err[3], NRM_ERR_PROOF);
	assert_int_equal(err[4], NRM_ERR_PROOF);
	assert_int_equal(err[5], NRM_ERR_PROOF);
}

/* At the recipient: one check for a batch, but what verified under one key says nothing of another. */
static void test_deliveries(void **state)
{
	struct nrm_verifying_key *other = other_key();
	const struct nrm_verifying_key *key[5] = {sender_public, sender_public, NULL, sender_public,
						  other};
	struct nrm_envelope e[4];
	struct nrm_delivery d[5] = {0};
	const struct nrm_verified *v[5];
	enum nrm_err err[5];

	(void)state;
	for (uint8_t i = 0; i < 4; i++)
		e[i] = messages_envelope(i, 2);
	nrm_submit_verify(e, 4, messages_batch_signature(e, 4), sender_public, &messages_arena, v,
			  err);
	for (size_t i = 0; i < 4; i++)
		d[i].envelope = *nrm_verified_envelope(v[i]);
	d[1].envelope.n_fields = 1; /* withheld */
	d[3].envelope.field = e[2].field;
	d[4].envelope = d[0].envelope;
	nrm_deliver_verify(d, 5, key, &messages_arena, v, err);
	assert_int_equal(err[0], NRM_OK);
	assert_int_equal(err[1], NRM_OK);
	assert_true(nrm_verified_fields(v[1]) == nrm_bit(1));
	assert_int_equal(err[2], NRM_ERR_KEY);
	assert_int_equal(err[3], NRM_ERR_COMMITMENT);
	assert_int_equal(err[4], NRM_ERR_SIGNATURE);
	for (size_t i = 2; i < 5; i++)
		assert_null(v[i]);
	nrm_verifying_key_free(other);
}

static struct nrm_proof proof_of(const json_t *v, uint32_t size, struct nrm_slice signature)
{
	const json_t *path = vector_get(v, "path");
	size_t n = json_array_size(path);
	struct nrm_slice *item = nrm_arena_alloc(&messages_arena, n * sizeof(*item));

	assert_non_null(item);
	for (size_t i = 0; i < n; i++)
		item[i] = vector_item(path, i);
	return (struct nrm_proof){size, (uint32_t)vector_number(v, "index"), {item, n}, signature};
}

static struct nrm_verifying_key *key_of(const json_t *v)
{
	struct nrm_verifying_key *key;

	assert_int_equal(nrm_verifying_key_new(vector_fixed(v, "signing_public", 32), &key),
			 NRM_OK);
	return key;
}

/* The golden batches: roots, paths, and every proof; the paths computed here are those of the vectors. */
static void test_vectors(void **state)
{
	const json_t *v, *p;
	size_t i, j;

	(void)state;
	json_array_foreach(vectors("statements"), i, v)
	{
		struct nrm_verifying_key *key = key_of(v);
		const json_t *list = vector_get(v, "statements");
		struct nrm_slice signature = vector_bytes(v, "signature"), item[256];
		size_t n = json_array_size(list);
		struct nrm_item_tree tree;

		assert_true(n <= 256);
		for (j = 0; j < n; j++)
			item[j] = vector_item(list, j);
		assert_int_equal(nrm_item_tree_build(item, n, &messages_arena, &tree), NRM_OK);
		assert_memory_equal(tree.root.bytes, vector_fixed(v, "root", 32), 32);
		assert_int_equal(nrm_batch_verify(key, NRM_DOMAIN_STATEMENTS, (uint32_t)n,
						  tree.root.bytes, signature),
				 NRM_OK);
		json_array_foreach(vector_get(v, "proofs"), j, p)
		{
			struct nrm_proof want = proof_of(p, (uint32_t)n, signature), got;
			uint8_t digest[32];
			nrm_statement_digest(item[want.index], digest);
			assert_memory_equal(digest, vector_fixed(p, "statement_digest", 32), 32);
			assert_int_equal(
				nrm_proof_verify(&want, NRM_DOMAIN_STATEMENTS, digest, key),
				NRM_OK);
			assert_int_not_equal(nrm_proof_verify(&want, NRM_DOMAIN_ACKS, digest, key),
					     NRM_OK);
			assert_int_equal(nrm_item_tree_proof(&tree, want.index, signature,
							     &messages_arena, &got),
					 NRM_OK);
			assert_int_equal(got.path.n, want.path.n);
			for (size_t k = 0; k < got.path.n; k++)
				assert_slices(got.path.item[k], want.path.item[k]);
		}
		nrm_verifying_key_free(key);
	}
}

static void test_vectors_refused(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("statements_refused"), i, v)
	{
		struct nrm_proof proof = proof_of(v, (uint32_t)vector_number(v, "size"),
						  vector_bytes(v, "signature"));
		struct nrm_verifying_key *key = key_of(v);
		uint8_t digest[32];

		nrm_statement_digest(vector_bytes(v, "statement"), digest);
		if (nrm_proof_verify(&proof, NRM_DOMAIN_STATEMENTS, digest, key) == NRM_OK)
			fail_msg("accepted: %s", vector_text(v, "what"));
		nrm_verifying_key_free(key);
	}
}

/* Sizes of trees that no signature covers, and path items that are no hashes. */
static void test_tree_limits(void **state)
{
	static struct nrm_slice item[NRM_MAX_SIGNED_ITEMS + 1];
	struct nrm_item_tree tree;
	struct nrm_slice short_hash = {(const uint8_t *)"short", 5};
	struct nrm_proof proof = {2, 0, {&short_hash, 1}, none};
	uint8_t digest[32] = {0};

	(void)state;
	assert_int_equal(nrm_item_tree_build(item, 0, &messages_arena, &tree), NRM_ERR_LIMIT);
	assert_int_equal(
		nrm_item_tree_build(item, NRM_MAX_SIGNED_ITEMS + 1, &messages_arena, &tree),
		NRM_ERR_LIMIT);
	assert_int_equal(nrm_proof_verify(&proof, NRM_DOMAIN_STATEMENTS, digest, sender_public),
			 NRM_ERR_PROOF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_key),   cmocka_unit_test(test_bad_statement),
		cmocka_unit_test(test_batches),	    cmocka_unit_test(test_batches_refused),
		cmocka_unit_test(test_own_proofs),  cmocka_unit_test(test_deliveries),
		cmocka_unit_test(test_vectors),	    cmocka_unit_test(test_vectors_refused),
		cmocka_unit_test(test_tree_limits),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
