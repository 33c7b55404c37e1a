#include "tests/unit/vectors.h"

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/merkle/merkle.h"

static struct nrm_signing_key *signer(const json_t *v, const char *key)
{
	struct nrm_signing_key *made = NULL;

	assert_int_equal(nrm_signing_key_new(vector_fixed(v, key, NRM_KEY_LEN), &made), NRM_OK);
	return made;
}

static struct nrm_verifying_key *verifier(const json_t *v, const char *key)
{
	struct nrm_verifying_key *made = NULL;

	assert_int_equal(nrm_verifying_key_new(vector_fixed(v, key, NRM_KEY_LEN), &made), NRM_OK);
	return made;
}

static struct nrm_hash root_of(const json_t *items)
{
	struct nrm_hash leaf[NRM_MAX_SIGNED_ITEMS + 1];
	size_t n = json_array_size(items);

	assert_true(n <= sizeof(leaf) / sizeof(leaf[0]));
	for (size_t i = 0; i < n; i++)
		leaf[i] = nrm_leaf_hash(vector_item(items, i));
	return nrm_tree_root(leaf, n);
}

/* The preimage is the vectors' own, so that a signature cannot match for another reason. */
static void check_batch(const json_t *v, const char *items, const char *domain, const char *other)
{
	struct nrm_signing_key *secret = signer(v, "signing_seed");
	struct nrm_verifying_key *key = verifier(v, "signing_public");
	struct nrm_hash root = root_of(vector_get(v, items));
	uint32_t size = (uint32_t)json_array_size(vector_get(v, items));
	struct nrm_slice want = vector_bytes(v, "signature");
	uint8_t signature[NRM_SIGNATURE_LEN];

	assert_memory_equal(root.bytes, vector_fixed(v, "root", NRM_HASH_LEN), NRM_HASH_LEN);
	assert_int_equal(nrm_batch_sign(secret, domain, size, root.bytes, signature), NRM_OK);
	assert_bytes(nrm_slice(signature, sizeof(signature)), want);
	assert_int_equal(nrm_sign(secret, vector_bytes(v, "preimage"), signature), NRM_OK);
	assert_bytes(nrm_slice(signature, sizeof(signature)), want);

	assert_int_equal(nrm_batch_verify(key, domain, size, root.bytes, want), NRM_OK);
	assert_int_equal(nrm_batch_verify(key, other, size, root.bytes, want), NRM_ERR_SIGNATURE);
	assert_int_equal(
		nrm_batch_verify(key, domain, size % NRM_MAX_SIGNED_ITEMS + 1, root.bytes, want),
		NRM_ERR_SIGNATURE);
	root.bytes[31] ^= 1;
	assert_int_equal(nrm_batch_verify(key, domain, size, root.bytes, want), NRM_ERR_SIGNATURE);
	nrm_signing_key_free(secret);
	nrm_verifying_key_free(key);
}

static void statements_meet_their_vectors(void **state)
{
	const json_t *v, *p;
	size_t i, k;

	(void)state;
	json_array_foreach(vectors("statements"), i, v)
	{
		check_batch(v, "statements", NRM_DOMAIN_STATEMENTS, NRM_DOMAIN_ACKS);
		uint64_t size = vector_number(v, "size");
		const uint8_t *root = vector_fixed(v, "root", NRM_HASH_LEN);
		json_array_foreach(vector_get(v, "proofs"), k, p)
		{
			uint64_t index = vector_number(p, "index");
			json_t *hashes = vector_get(p, "path");
			size_t len = json_array_size(hashes);
			struct nrm_hash path[NRM_MAX_PROOF_PATH], found;
			struct nrm_hash leaf = nrm_leaf_hash(
				vector_item(vector_get(v, "statements"), (size_t)index));
			assert_true(len <= NRM_MAX_PROOF_PATH);
			for (size_t h = 0; h < len; h++)
				memcpy(path[h].bytes, vector_item(hashes, h).data, NRM_HASH_LEN);
			assert_memory_equal(leaf.bytes,
					    vector_fixed(p, "statement_digest", NRM_HASH_LEN),
					    NRM_HASH_LEN);
			assert_int_equal(nrm_inclusion_root(&leaf, index, size, path, len, &found),
					 NRM_OK);
			assert_memory_equal(found.bytes, root, NRM_HASH_LEN);
		}
	}
}

/* The checks that a receiver makes, on bare vectors: limits, path, signature. */
static enum nrm_err statement_check(const json_t *v)
{
	json_t *hashes = vector_get(v, "path");
	size_t len = json_array_size(hashes);
	struct nrm_hash path[64], root, leaf = nrm_leaf_hash(vector_bytes(v, "statement"));
	struct nrm_verifying_key *key = verifier(v, "signing_public");

	assert_true(len <= 64);
	for (size_t i = 0; i < len; i++) {
		struct nrm_slice h = vector_item(hashes, i);
		if (h.len != NRM_HASH_LEN) {
			nrm_verifying_key_free(key);
			return NRM_ERR_PROOF;
		}
		memcpy(path[i].bytes, h.data, NRM_HASH_LEN);
	}
	uint32_t size = (uint32_t)vector_number(v, "size");
	enum nrm_err err =
		nrm_inclusion_root(&leaf, vector_number(v, "index"), size, path, len, &root);
	if (err == NRM_OK)
		err = nrm_batch_verify(key, NRM_DOMAIN_STATEMENTS, size, root.bytes,
				       vector_bytes(v, "signature"));
	nrm_verifying_key_free(key);
	return err;
}

static void refused_statements_are_refused(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	assert_true(json_array_size(vectors("statements_refused")) > 0);
	json_array_foreach(vectors("statements_refused"), i, v) if (statement_check(v) == NRM_OK)
		fail_msg("accepted: %s", vector_text(v, "what"));
}

static void acks_meet_their_vectors(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("acks.accepted"), i, v)
		check_batch(v, "acks", NRM_DOMAIN_ACKS, NRM_DOMAIN_STATEMENTS);
	json_array_foreach(vectors("acks.refused"), i, v)
	{
		struct nrm_verifying_key *key = verifier(v, "signing_public");
		json_t *acks = vector_get(v, "acks");
		struct nrm_hash root = root_of(acks);
		if (nrm_batch_verify(key, NRM_DOMAIN_ACKS, (uint32_t)json_array_size(acks),
				     root.bytes, vector_bytes(v, "signature")) == NRM_OK)
			fail_msg("accepted: %s", vector_text(v, "what"));
		nrm_verifying_key_free(key);
	}
}

static void batches_have_1_to_256_items(void **state)
{
	const json_t *v = json_array_get(vectors("statements"), 0);
	const uint8_t *root = vector_fixed(v, "root", NRM_HASH_LEN);
	struct nrm_signing_key *secret = signer(v, "signing_seed");
	struct nrm_verifying_key *key = verifier(v, "signing_public");
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_slice made = nrm_slice(signature, sizeof(signature));

	(void)state;
	assert_int_equal(nrm_batch_sign(secret, NRM_DOMAIN_ACKS, 256, root, signature), NRM_OK);
	assert_int_equal(nrm_batch_verify(key, NRM_DOMAIN_ACKS, 256, root, made), NRM_OK);
	for (uint32_t size = 0; size <= 257; size += 257) {
		assert_int_equal(nrm_batch_sign(secret, NRM_DOMAIN_ACKS, size, root, signature),
				 NRM_ERR_LIMIT);
		assert_int_equal(nrm_batch_verify(key, NRM_DOMAIN_ACKS, size, root, made),
				 NRM_ERR_LIMIT);
	}
	nrm_signing_key_free(secret);
	nrm_verifying_key_free(key);
}

static const char *domain_of(const json_t *v)
{
	if (strcmp(vector_text(v, "kind"), "policy") == 0)
		return NRM_DOMAIN_POLICY;
	assert_string_equal(vector_text(v, "kind"), "directory");
	return NRM_DOMAIN_DIRECTORY;
}

static void documents_meet_their_vectors(void **state)
{
	uint8_t signature[NRM_SIGNATURE_LEN], digest[NRM_HASH_LEN];
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("documents.accepted"), i, v)
	{
		struct nrm_signing_key *secret = signer(v, "authority_seed");
		struct nrm_verifying_key *key = verifier(v, "authority_public");
		struct nrm_slice document = vector_bytes(v, "document");
		assert_int_equal(nrm_document_sign(secret, domain_of(v), document, signature),
				 NRM_OK);
		assert_bytes(nrm_slice(signature, sizeof(signature)), vector_bytes(v, "signature"));
		assert_int_equal(nrm_document_verify(key, domain_of(v), document,
						     nrm_slice(signature, sizeof(signature))),
				 NRM_OK);
		nrm_document_digest(domain_of(v), document, digest);
		assert_memory_equal(digest, vector_fixed(v, "digest", NRM_HASH_LEN), NRM_HASH_LEN);
		nrm_sha256_one(vector_bytes(v, "preimage"), digest);
		assert_memory_equal(digest, vector_fixed(v, "digest", NRM_HASH_LEN), NRM_HASH_LEN);
		nrm_signing_key_free(secret);
		nrm_verifying_key_free(key);
	}
	json_array_foreach(vectors("documents.refused"), i, v)
	{
		struct nrm_verifying_key *key = verifier(v, "authority_public");
		if (nrm_document_verify(key, domain_of(v), vector_bytes(v, "document"),
					vector_bytes(v, "signature")) == NRM_OK)
			fail_msg("accepted: %s", vector_text(v, "what"));
		nrm_verifying_key_free(key);
	}
}

static void possession_binds_id_kind_and_key(void **state)
{
	const json_t *v = json_array_get(vectors("statements"), 0);
	struct nrm_signing_key *secret = signer(v, "signing_seed");
	struct nrm_verifying_key *key = verifier(v, "signing_public");
	struct nrm_slice id = nrm_slice_str("TH.police-bangkok");
	uint8_t owned[NRM_KEY_LEN] = {1, 2, 3}, signature[NRM_SIGNATURE_LEN],
		plain[NRM_SIGNATURE_LEN];
	struct nrm_slice made = nrm_slice(signature, sizeof(signature));
	struct nrm_buf preimage = {0};

	(void)state;
	nrm_buf_put_domain(&preimage, "nrm/v1/possession");
	nrm_buf_put_u8(&preimage, (uint8_t)id.len);
	nrm_buf_put(&preimage, id.data, id.len);
	nrm_buf_put_u8(&preimage, 2);
	nrm_buf_put(&preimage, owned, sizeof(owned));
	assert_int_equal(nrm_sign(secret, nrm_buf_slice(&preimage), plain), NRM_OK);
	nrm_buf_done(&preimage);

	assert_int_equal(nrm_possession_sign(secret, id, 2, owned, signature), NRM_OK);
	assert_memory_equal(signature, plain, sizeof(plain));
	assert_int_equal(nrm_possession_verify(key, id, 2, owned, made), NRM_OK);
	assert_int_equal(nrm_possession_verify(key, id, 1, owned, made), NRM_ERR_SIGNATURE);
	assert_int_equal(
		nrm_possession_verify(key, nrm_slice_str("TH.police-bangkop"), 2, owned, made),
		NRM_ERR_SIGNATURE);
	owned[31] ^= 1;
	assert_int_equal(nrm_possession_verify(key, id, 2, owned, made), NRM_ERR_SIGNATURE);

	char longest[NRM_MAX_ID + 1];
	memset(longest, 'a', sizeof(longest));
	assert_int_equal(
		nrm_possession_sign(secret, nrm_slice(longest, NRM_MAX_ID), 2, owned, plain),
		NRM_OK);
	assert_int_equal(
		nrm_possession_sign(secret, nrm_slice(longest, NRM_MAX_ID + 1), 2, owned, plain),
		NRM_ERR_ID);
	assert_int_equal(nrm_possession_verify(key, nrm_slice(longest, 0), 2, owned, made),
			 NRM_ERR_ID);
	nrm_signing_key_free(secret);
	nrm_verifying_key_free(key);
}

static int set_up(void **state)
{
	(void)state;
	return nrm_crypto_init() == NRM_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_meet_their_vectors),
		cmocka_unit_test(refused_statements_are_refused),
		cmocka_unit_test(acks_meet_their_vectors),
		cmocka_unit_test(batches_have_1_to_256_items),
		cmocka_unit_test(documents_meet_their_vectors),
		cmocka_unit_test(possession_binds_id_kind_and_key),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
