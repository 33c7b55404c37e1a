#include "tests/unit/vectors.h"

#include "proto/crypto/crypto.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void sha256_meets_fips_180(void **state)
{
	static const struct {
		const char *message, *digest;
	} example[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	uint8_t out[NRM_HASH_LEN], a[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(example); i++) {
		nrm_sha256_one(nrm_slice_str(example[i].message), out);
		assert_bytes(nrm_slice(out, sizeof(out)), unhex(example[i].digest));
	}
	struct nrm_slice parts[1000];
	memset(a, 'a', sizeof(a));
	for (size_t i = 0; i < COUNT(parts); i++)
		parts[i] = nrm_slice(a, sizeof(a));
	nrm_sha256(parts, COUNT(parts), out);
	assert_bytes(nrm_slice(out, sizeof(out)),
		     unhex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

static void sha256_joins_parts(void **state)
{
	uint8_t whole[NRM_HASH_LEN], parts[NRM_HASH_LEN];

	(void)state;
	nrm_sha256_one(nrm_slice_str("one two"), whole);
	nrm_sha256((struct nrm_slice[]){nrm_slice_str("one"), nrm_slice(NULL, 0),
					nrm_slice_str(" "), nrm_slice_str("two")},
		   4, parts);
	assert_memory_equal(whole, parts, sizeof(whole));
	nrm_sha256((struct nrm_slice[]){nrm_slice_str("one"), nrm_slice_str("two")}, 2, parts);
	assert_memory_not_equal(whole, parts, sizeof(whole));
}

static void hmac_meets_rfc_4231(void **state)
{
	static const struct {
		const char *key, *message, *mac;
	} example[] = {
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
		 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
		 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "dddddddddddddddddddddddddddddddddddddddddddddddddd"
		 "dddddddddddddddddddddddddddddddddddddddddddddddddd",
		 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{"0102030405060708090a0b0c0d0e0f10111213141516171819",
		 "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
		 "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
		 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	};
	static const struct {
		const char *message, *mac;
	} long_key[] = {
		{"Test Using Larger Than Block-Size Key - Hash Key First",
		 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{"This is a test using a larger than block-size key and a larger than block-size "
		 "data. The key needs to be hashed before being used by the HMAC algorithm.",
		 "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	};
	uint8_t out[NRM_HASH_LEN], key[131];

	(void)state;
	for (size_t i = 0; i < COUNT(example); i++) {
		struct nrm_slice message = unhex(example[i].message);
		nrm_hmac(unhex(example[i].key), &message, 1, out);
		assert_bytes(nrm_slice(out, sizeof(out)), unhex(example[i].mac));
	}
	memset(key, 0xaa, sizeof(key));
	for (size_t i = 0; i < COUNT(long_key); i++) {
		struct nrm_slice message = nrm_slice_str(long_key[i].message);
		struct nrm_slice half[] = {nrm_slice(message.data, 20),
					   nrm_slice(message.data + 20, message.len - 20)};
		nrm_hmac(nrm_slice(key, sizeof(key)), half, 2, out);
		assert_bytes(nrm_slice(out, sizeof(out)), unhex(long_key[i].mac));
	}
}

static void hkdf_meets_rfc_5869(void **state)
{
	static const struct {
		const char *ikm, *salt, *info, *prk, *okm;
	} example[] = {
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
		 "f0f1f2f3f4f5f6f7f8f9",
		 "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
		 "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
		 "34007208d5b887185865"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
		 "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
		 "404142434445464748494a4b4c4d4e4f",
		 "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
		 "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
		 "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
		 "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
		 "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
		 "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
		 "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
		 "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
		 "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
		 "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
		 "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
		 "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
		 "9d201395faa4b61a96c8"},
	};
	uint8_t prk[NRM_HASH_LEN], okm[255 * NRM_HASH_LEN + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(example); i++) {
		struct nrm_slice want = unhex(example[i].okm);
		nrm_hkdf_extract(unhex(example[i].salt), unhex(example[i].ikm), prk);
		assert_bytes(nrm_slice(prk, sizeof(prk)), unhex(example[i].prk));
		assert_int_equal(nrm_hkdf_expand(prk, unhex(example[i].info), okm, want.len),
				 NRM_OK);
		assert_bytes(nrm_slice(okm, want.len), want);
	}
	assert_int_equal(nrm_hkdf_expand(prk, nrm_slice(NULL, 0), okm, sizeof(okm) - 1), NRM_OK);
	assert_int_equal(nrm_hkdf_expand(prk, nrm_slice(NULL, 0), okm, sizeof(okm)),
			 NRM_ERR_ARGUMENT);
}

/* Test cases 13 to 16 of the GCM specification that SP 800-38D refers to. */
static const struct {
	const char *key, *nonce, *aad, *plaintext, *ciphertext;
} gcm[] = {
	{"0000000000000000000000000000000000000000000000000000000000000000",
	 "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
	{"0000000000000000000000000000000000000000000000000000000000000000",
	 "000000000000000000000000", "", "00000000000000000000000000000000",
	 "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
	{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	 "cafebabefacedbaddecaf888", "",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
	 "b094dac5d93471bdec1a502270e3cc6c"},
	{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	 "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	 "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void aead_meets_the_gcm_specification(void **state)
{
	uint8_t out[128];

	(void)state;
	for (size_t i = 0; i < COUNT(gcm); i++) {
		const uint8_t *key = unhex(gcm[i].key).data, *nonce = unhex(gcm[i].nonce).data;
		struct nrm_slice aad = unhex(gcm[i].aad), plaintext = unhex(gcm[i].plaintext);
		struct nrm_slice ciphertext = unhex(gcm[i].ciphertext);
		assert_int_equal(nrm_aead_seal(key, nonce, aad, plaintext, out), NRM_OK);
		assert_bytes(nrm_slice(out, plaintext.len + NRM_AEAD_TAG_LEN), ciphertext);
		assert_int_equal(nrm_aead_open(key, nonce, aad, ciphertext, out), NRM_OK);
		assert_bytes(nrm_slice(out, plaintext.len), plaintext);
	}
}

static void aead_refuses_every_changed_bit_and_length(void **state)
{
	const uint8_t *key = unhex(gcm[3].key).data, *nonce = unhex(gcm[3].nonce).data;
	struct nrm_slice aad = unhex(gcm[3].aad), good = unhex(gcm[3].ciphertext);
	static const uint8_t zeros[128];
	uint8_t changed[128], out[128];

	(void)state;
	for (size_t bit = 0; bit < 8 * good.len; bit++) {
		memcpy(changed, good.data, good.len);
		changed[bit / 8] ^= 1u << bit % 8;
		memset(out, 0xff, sizeof(out));
		assert_int_equal(nrm_aead_open(key, nonce, aad, nrm_slice(changed, good.len), out),
				 NRM_ERR_OPEN);
		assert_memory_equal(out, zeros, good.len - NRM_AEAD_TAG_LEN);
	}
	for (size_t len = 0; len < good.len; len++)
		assert_int_equal(nrm_aead_open(key, nonce, aad, nrm_slice(good.data, len), out),
				 NRM_ERR_OPEN);
	aad.len--;
	assert_int_equal(nrm_aead_open(key, nonce, aad, good, out), NRM_ERR_OPEN);
	aad.len++;
	assert_int_equal(nrm_aead_open(unhex(gcm[0].key).data, nonce, aad, good, out),
			 NRM_ERR_OPEN);
	assert_int_equal(nrm_aead_open(key, unhex(gcm[0].nonce).data, aad, good, out),
			 NRM_ERR_OPEN);
	assert_int_equal(nrm_aead_open(key, nonce, aad, good, out), NRM_OK);
}

static void memory_is_wiped_compared_and_filled(void **state)
{
	uint8_t a[64], b[64], zero[64] = {0};

	(void)state;
	nrm_random(a, sizeof(a));
	nrm_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_false(nrm_equal_secret(a, b, sizeof(a)));
	memcpy(b, a, sizeof(b));
	assert_true(nrm_equal_secret(a, b, sizeof(a)));
	b[63] ^= 0x80;
	assert_false(nrm_equal_secret(a, b, sizeof(a)));
	assert_true(nrm_equal_secret(a, b, 63));
	nrm_wipe(a, sizeof(a));
	assert_memory_equal(a, zero, sizeof(a));
	nrm_wipe(NULL, 0);
}

static void thread_contexts_are_made_again(void **state)
{
	uint8_t before[NRM_HASH_LEN], after[NRM_HASH_LEN];

	(void)state;
	nrm_sha256_one(nrm_slice_str("abc"), before);
	nrm_crypto_thread_done();
	nrm_crypto_thread_done();
	nrm_sha256_one(nrm_slice_str("abc"), after);
	assert_memory_equal(before, after, sizeof(before));
	aead_meets_the_gcm_specification(state);
}

static int set_up(void **state)
{
	(void)state;
	return nrm_crypto_init() == NRM_OK && nrm_crypto_init() == NRM_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_meets_fips_180),
		cmocka_unit_test(sha256_joins_parts),
		cmocka_unit_test(hmac_meets_rfc_4231),
		cmocka_unit_test(hkdf_meets_rfc_5869),
		cmocka_unit_test(aead_meets_the_gcm_specification),
		cmocka_unit_test(aead_refuses_every_changed_bit_and_length),
		cmocka_unit_test(memory_is_wiped_compared_and_filled),
		cmocka_unit_test(thread_contexts_are_made_again),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
