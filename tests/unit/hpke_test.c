#include "tests/unit/vectors.h"

#include "proto/crypto/hpke.h"

static struct nrm_hpke sender, recipient;

/* Both ends of the published vector's context. */
static int set_up(void **state)
{
	uint8_t encapsulated[NRM_KEY_LEN];

	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	const json_t *v = vectors("hpke");
	const uint8_t *enc = vector_fixed(v, "pkEm", NRM_KEY_LEN);
	assert_int_equal(nrm_hpke_sender(&sender, vector_fixed(v, "pkRm", NRM_KEY_LEN),
					 vector_bytes(v, "info"),
					 vector_fixed(v, "skEm", NRM_KEY_LEN), encapsulated),
			 NRM_OK);
	assert_memory_equal(encapsulated, enc, sizeof(encapsulated));
	assert_int_equal(nrm_hpke_recipient(&recipient, vector_fixed(v, "skRm", NRM_KEY_LEN), enc,
					    vector_bytes(v, "info")),
			 NRM_OK);
	assert_memory_equal(&sender, &recipient, sizeof(sender));
	return 0;
}

static void seals_and_opens_the_published_vector(void **state)
{
	uint8_t out[256];
	const json_t *v;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(vectors("hpke.encryptions")), 3);
	json_array_foreach(vectors("hpke.encryptions"), i, v)
	{
		struct nrm_slice aad = vector_bytes(v, "aad"), pt = vector_bytes(v, "pt");
		struct nrm_slice ct = vector_bytes(v, "ct");
		uint64_t sequence = vector_number(v, "sequence");
		assert_int_equal(nrm_hpke_seal(&sender, sequence, aad, pt, out), NRM_OK);
		assert_bytes(nrm_slice(out, pt.len + NRM_AEAD_TAG_LEN), ct);
		assert_int_equal(nrm_hpke_open(&recipient, sequence, aad, ct, out), NRM_OK);
		assert_bytes(nrm_slice(out, pt.len), pt);
		assert_int_equal(nrm_hpke_open(&recipient, sequence + 1, aad, ct, out),
				 NRM_ERR_OPEN);
		aad.len--;
		assert_int_equal(nrm_hpke_open(&recipient, sequence, aad, ct, out), NRM_ERR_OPEN);
	}
}

static void exports_the_published_vector(void **state)
{
	uint8_t out[256];
	const json_t *v;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(vectors("hpke.exports")), 3);
	json_array_foreach(vectors("hpke.exports"), i, v)
	{
		struct nrm_slice want = vector_bytes(v, "exported_value");
		assert_int_equal(want.len, vector_number(v, "L"));
		assert_int_equal(nrm_hpke_export(&recipient, vector_bytes(v, "exporter_context"),
						 out, want.len),
				 NRM_OK);
		assert_bytes(nrm_slice(out, want.len), want);
	}
	assert_int_equal(nrm_hpke_export(&sender, nrm_slice(NULL, 0), NULL, 255 * 32 + 1),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_hpke_export(&sender, nrm_slice(NULL, 0), NULL, 65536),
			 NRM_ERR_ARGUMENT);
}

/* The protocol's own use: the context of each sealing vector, seen from both ends. */
static void meets_the_sealing_vectors(void **state)
{
	uint8_t encapsulated[NRM_KEY_LEN], key_check[NRM_HASH_LEN];
	struct nrm_hpke s, r;
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("sealing"), i, v)
	{
		const uint8_t *enc = vector_fixed(v, "encapsulated_key", NRM_KEY_LEN);
		struct nrm_slice info = vector_bytes(v, "info");
		assert_int_equal(
			nrm_hpke_sender(
				&s, vector_fixed(v, "recipient_sealing_public", NRM_KEY_LEN), info,
				vector_fixed(v, "ephemeral_secret", NRM_KEY_LEN), encapsulated),
			NRM_OK);
		assert_memory_equal(encapsulated, enc, sizeof(encapsulated));
		assert_memory_equal(s.exporter_secret,
				    vector_fixed(v, "exporter_secret", NRM_HASH_LEN), NRM_HASH_LEN);
		assert_int_equal(
			nrm_hpke_recipient(&r,
					   vector_fixed(v, "recipient_sealing_secret", NRM_KEY_LEN),
					   enc, info),
			NRM_OK);
		assert_memory_equal(&s, &r, sizeof(s));
		assert_int_equal(nrm_hpke_export(&r, nrm_slice("nrm/v1/check", 13), key_check,
						 sizeof(key_check)),
				 NRM_OK);
		assert_memory_equal(key_check, vector_fixed(v, "key_check", NRM_HASH_LEN),
				    sizeof(key_check));
	}
}

static void fresh_senders_differ_and_are_understood(void **state)
{
	const json_t *v = vectors("hpke");
	const uint8_t *public_key = vector_fixed(v, "pkRm", NRM_KEY_LEN);
	const uint8_t *secret = vector_fixed(v, "skRm", NRM_KEY_LEN);
	uint8_t first[NRM_KEY_LEN], second[NRM_KEY_LEN];
	struct nrm_hpke a, b, r;

	(void)state;
	assert_int_equal(nrm_hpke_sender(&a, public_key, nrm_slice_str("x"), NULL, first), NRM_OK);
	assert_int_equal(nrm_hpke_sender(&b, public_key, nrm_slice_str("x"), NULL, second), NRM_OK);
	assert_memory_not_equal(first, second, sizeof(first));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_int_equal(nrm_hpke_recipient(&r, secret, first, nrm_slice_str("x")), NRM_OK);
	assert_memory_equal(&a, &r, sizeof(a));
	assert_int_equal(nrm_hpke_recipient(&r, secret, first, nrm_slice_str("y")), NRM_OK);
	assert_memory_not_equal(&a, &r, sizeof(a));
}

static void refuses_keys_with_an_all_zero_secret(void **state)
{
	const uint8_t *secret = vector_fixed(vectors("hpke"), "skRm", NRM_KEY_LEN);
	uint8_t encapsulated[NRM_KEY_LEN];
	struct nrm_hpke ctx;
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("x25519_refused"), i, v)
	{
		const uint8_t *peer = vector_fixed(v, "public_key", NRM_KEY_LEN);
		assert_int_equal(
			nrm_hpke_sender(&ctx, peer, nrm_slice(NULL, 0), NULL, encapsulated),
			NRM_ERR_KEY);
		assert_int_equal(nrm_hpke_recipient(&ctx, secret, peer, nrm_slice(NULL, 0)),
				 NRM_ERR_KEY);
	}
}

static void done_wipes(void **state)
{
	static const struct nrm_hpke zero;
	struct nrm_hpke copy = sender;

	(void)state;
	nrm_hpke_done(&copy);
	assert_memory_equal(&copy, &zero, sizeof(copy));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_and_opens_the_published_vector),
		cmocka_unit_test(exports_the_published_vector),
		cmocka_unit_test(meets_the_sealing_vectors),
		cmocka_unit_test(fresh_senders_differ_and_are_understood),
		cmocka_unit_test(refuses_keys_with_an_all_zero_secret),
		cmocka_unit_test(done_wipes),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
