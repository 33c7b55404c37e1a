#include "tests/unit/vectors.h"

#include <pthread.h>

#include "proto/crypto/crypto.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *seed, *public_key, *message, *signature;
} rfc_8032[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	 "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	 "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
	{"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	 "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	 "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
	 "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};

static void ed25519_meets_rfc_8032(void **state)
{
	struct nrm_signing_key *key[COUNT(rfc_8032)];
	uint8_t public_key[NRM_KEY_LEN], signature[NRM_SIGNATURE_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(rfc_8032); i++) {
		assert_int_equal(nrm_signing_key_new(unhex(rfc_8032[i].seed).data, &key[i]),
				 NRM_OK);
		nrm_signing_key_public(key[i], public_key);
		assert_bytes(nrm_slice(public_key, sizeof(public_key)),
			     unhex(rfc_8032[i].public_key));
	}
	/* Twice over, so that every key signs after another one has. */
	for (size_t i = 0; i < 2 * COUNT(rfc_8032); i++) {
		size_t k = i % COUNT(rfc_8032);
		assert_int_equal(nrm_sign(key[k], unhex(rfc_8032[k].message), signature), NRM_OK);
		assert_bytes(nrm_slice(signature, sizeof(signature)), unhex(rfc_8032[k].signature));
	}
	for (size_t i = 0; i < COUNT(rfc_8032); i++)
		nrm_signing_key_free(key[i]);
}

static struct nrm_verifying_key *verifier(const uint8_t *public_key)
{
	struct nrm_verifying_key *key = NULL;

	assert_int_equal(nrm_verifying_key_new(public_key, &key), NRM_OK);
	return key;
}

static void ed25519_refuses_every_changed_bit(void **state)
{
	struct nrm_verifying_key *key = verifier(unhex(rfc_8032[2].public_key).data);
	struct nrm_slice message = unhex(rfc_8032[2].message);
	uint8_t signature[NRM_SIGNATURE_LEN + 1] = {0}, changed[2];

	(void)state;
	memcpy(signature, unhex(rfc_8032[2].signature).data, NRM_SIGNATURE_LEN);
	for (size_t bit = 0; bit < 8 * NRM_SIGNATURE_LEN; bit++) {
		signature[bit / 8] ^= 1u << bit % 8;
		assert_int_equal(nrm_verify(key, message, nrm_slice(signature, NRM_SIGNATURE_LEN)),
				 NRM_ERR_SIGNATURE);
		signature[bit / 8] ^= 1u << bit % 8;
	}
	for (size_t bit = 0; bit < 8 * sizeof(changed); bit++) {
		memcpy(changed, message.data, sizeof(changed));
		changed[bit / 8] ^= 1u << bit % 8;
		assert_int_equal(nrm_verify(key, nrm_slice(changed, sizeof(changed)),
					    nrm_slice(signature, NRM_SIGNATURE_LEN)),
				 NRM_ERR_SIGNATURE);
	}
	for (size_t len = 0; len <= sizeof(signature); len++)
		assert_int_equal(nrm_verify(key, message, nrm_slice(signature, len)),
				 len == NRM_SIGNATURE_LEN ? NRM_OK : NRM_ERR_SIGNATURE);
	nrm_verifying_key_free(key);
}

static void ed25519_refuses_small_order_keys(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(vectors("ed25519_small_order")), 14);
	json_array_foreach(vectors("ed25519_small_order"), i, v)
	{
		const uint8_t *public_key = vector_fixed(v, "public_key", NRM_KEY_LEN);
		struct nrm_verifying_key *key = NULL;
		assert_true(nrm_ed25519_small_order(public_key));
		assert_int_equal(nrm_verifying_key_new(public_key, &key), NRM_ERR_KEY);
		assert_null(key);
	}
	for (i = 0; i < COUNT(rfc_8032); i++)
		assert_false(nrm_ed25519_small_order(unhex(rfc_8032[i].public_key).data));
}

/* Which small y belong to no point was computed apart, by Euler's criterion with d and an inverse. */
static void ed25519_refuses_what_is_no_point(void **state)
{
	static const uint8_t no_point[] = {2, 7, 8, 11, 12, 13, 17, 20, 22, 31, 34, 36, 38};
	uint8_t y[NRM_KEY_LEN] = {0};
	struct nrm_verifying_key *key;

	(void)state;
	for (size_t i = 2, k = 0; i < 40; i++) {
		bool point = k == COUNT(no_point) || i != no_point[k];
		k += !point;
		for (int sign = 0; sign < 2; sign++) {
			y[0] = (uint8_t)i;
			y[31] = sign ? 0x80 : 0;
			key = NULL;
			assert_int_equal(nrm_verifying_key_new(y, &key),
					 point ? NRM_OK : NRM_ERR_KEY);
			nrm_verifying_key_free(key);
		}
	}
	/* y + p for y from 0 to 18: never the canonical encoding. */
	memset(y, 0xff, sizeof(y));
	y[31] = 0x7f;
	for (unsigned first = 0xed; first <= 0xff; first++) {
		y[0] = (uint8_t)first;
		assert_int_equal(nrm_verifying_key_new(y, &key), NRM_ERR_KEY);
	}
}

/* A key is shared; each thread verifies right and wrong signatures with it and with one of its own. */
struct work {
	struct nrm_verifying_key *shared;
	const uint8_t *own_public_key;
	struct nrm_slice shared_signature, own_signature;
};

static void *verify_much(void *given)
{
	const struct work *work = given;
	struct nrm_slice shared_message = nrm_slice("", 0), own_message = nrm_slice("\x72", 1);
	struct nrm_verifying_key *own = NULL;
	intptr_t wrong = nrm_verifying_key_new(work->own_public_key, &own) != NRM_OK;

	for (int i = 0; i < 50 && !wrong; i++) {
		wrong += nrm_verify(work->shared, shared_message, work->shared_signature) != NRM_OK;
		wrong += nrm_verify(own, own_message, work->own_signature) != NRM_OK;
		wrong += nrm_verify(work->shared, own_message, work->own_signature) !=
			 NRM_ERR_SIGNATURE;
		wrong += nrm_verify(own, shared_message, work->shared_signature) !=
			 NRM_ERR_SIGNATURE;
	}
	nrm_verifying_key_free(own);
	nrm_crypto_thread_done();
	return (void *)wrong;
}

static void verifying_key_serves_several_threads(void **state)
{
	struct work work = {verifier(unhex(rfc_8032[0].public_key).data),
			    unhex(rfc_8032[1].public_key).data, unhex(rfc_8032[0].signature),
			    unhex(rfc_8032[1].signature)};
	pthread_t thread[4];

	(void)state;
	for (size_t i = 0; i < COUNT(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, verify_much, &work), 0);
	for (size_t i = 0; i < COUNT(thread); i++) {
		void *wrong;
		assert_int_equal(pthread_join(thread[i], &wrong), 0);
		assert_null(wrong);
	}
	nrm_verifying_key_free(work.shared);
}

static void x25519_meets_rfc_7748(void **state)
{
	static const struct {
		const char *scalar, *u, *out;
	} example[] = {
		{"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
		 "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
		 "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
		{"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
		 "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
		 "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
	};
	const uint8_t *alice =
		unhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a").data;
	const uint8_t *bob =
		unhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb").data;
	uint8_t a[NRM_KEY_LEN], b[NRM_KEY_LEN], shared[NRM_KEY_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(example); i++) {
		assert_int_equal(
			nrm_x25519(unhex(example[i].scalar).data, unhex(example[i].u).data, shared),
			NRM_OK);
		assert_bytes(nrm_slice(shared, sizeof(shared)), unhex(example[i].out));
	}
	assert_int_equal(nrm_x25519_public(alice, a), NRM_OK);
	assert_bytes(nrm_slice(a, sizeof(a)),
		     unhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
	assert_int_equal(nrm_x25519_public(bob, b), NRM_OK);
	assert_bytes(nrm_slice(b, sizeof(b)),
		     unhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
	struct nrm_slice want =
		unhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	assert_int_equal(nrm_x25519(alice, b, shared), NRM_OK);
	assert_bytes(nrm_slice(shared, sizeof(shared)), want);
	assert_int_equal(nrm_x25519(bob, a, shared), NRM_OK);
	assert_bytes(nrm_slice(shared, sizeof(shared)), want);
}

/* RFC 7748 section 5.2: the function applied a thousand times to its own results. */
static void x25519_iterates_as_in_rfc_7748(void **state)
{
	uint8_t k[NRM_KEY_LEN] = {9}, u[NRM_KEY_LEN] = {9}, out[NRM_KEY_LEN];

	(void)state;
	for (int i = 1; i <= 1000; i++) {
		assert_int_equal(nrm_x25519(k, u, out), NRM_OK);
		memcpy(u, k, sizeof(u));
		memcpy(k, out, sizeof(k));
		if (i == 1)
			assert_bytes(nrm_slice(k, sizeof(k)),
				     unhex("422c8e7a6227d7bca1350b3e2bb7279f"
					   "7897b87bb6854b783c60e80311ae3079"));
	}
	assert_bytes(nrm_slice(k, sizeof(k)),
		     unhex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
}

static void x25519_refuses_an_all_zero_result(void **state)
{
	const uint8_t *secret = unhex(rfc_8032[0].seed).data;
	uint8_t shared[NRM_KEY_LEN], before[NRM_KEY_LEN];
	const json_t *v;
	size_t i;

	(void)state;
	memset(shared, 0x5a, sizeof(shared));
	memcpy(before, shared, sizeof(before));
	assert_true(json_array_size(vectors("x25519_refused")) > 0);
	json_array_foreach(vectors("x25519_refused"), i, v)
	{
		const uint8_t *peer = vector_fixed(v, "public_key", NRM_KEY_LEN);
		assert_int_equal(nrm_x25519(secret, peer, shared), NRM_ERR_KEY);
		assert_memory_equal(shared, before, sizeof(shared));
	}
}

static int set_up(void **state)
{
	(void)state;
	return nrm_crypto_init() == NRM_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ed25519_meets_rfc_8032),
		cmocka_unit_test(ed25519_refuses_every_changed_bit),
		cmocka_unit_test(ed25519_refuses_small_order_keys),
		cmocka_unit_test(ed25519_refuses_what_is_no_point),
		cmocka_unit_test(verifying_key_serves_several_threads),
		cmocka_unit_test(x25519_meets_rfc_7748),
		cmocka_unit_test(x25519_iterates_as_in_rfc_7748),
		cmocka_unit_test(x25519_refuses_an_all_zero_result),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
