/* Z85 against the vector of ZeroMQ RFC 32, and what it must refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/z85.h"
#include "proto/crypto/crypto.h"

static const uint8_t published[8] = {0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b};

static void published_vector(void **state)
{
	char text[11];
	uint8_t bytes[8];

	(void)state;
	assert_int_equal(nrm_z85(published, 8, text), NRM_OK);
	assert_string_equal(text, "HelloWorld");
	assert_int_equal(nrm_unz85("HelloWorld", bytes, 8), NRM_OK);
	assert_memory_equal(bytes, published, 8);
	assert_int_equal(nrm_z85(published, 0, text), NRM_OK);
	assert_string_equal(text, "");
}

/* The pair that libzmq's own tests use: our X25519 and Z85 agree with CURVE. */
static void curve_pair(void **state)
{
	uint8_t secret[NRM_KEY_LEN], public[NRM_KEY_LEN];
	char text[NRM_Z85_KEY_LEN + 1];

	(void)state;
	assert_int_equal(nrm_crypto_init(), NRM_OK);
	assert_int_equal(
		nrm_unz85("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6", secret, sizeof(secret)),
		NRM_OK);
	assert_int_equal(nrm_x25519_public(secret, public), NRM_OK);
	assert_int_equal(nrm_z85(public, sizeof(public), text), NRM_OK);
	assert_string_equal(text, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
}

static void round_trip(void **state)
{
	uint8_t bytes[256], back[256];
	char text[321];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)(i * 167 + 13);
	for (size_t len = 0; len <= 256; len += 4) {
		assert_int_equal(nrm_z85(bytes, len, text), NRM_OK);
		assert_int_equal(strlen(text), len / 4 * 5);
		assert_int_equal(nrm_unz85(text, back, len), NRM_OK);
		assert_memory_equal(back, bytes, len);
	}
}

static void refused(void **state)
{
	char text[16];
	uint8_t bytes[8];

	(void)state;
	assert_int_equal(nrm_z85(published, 7, text), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_unz85("HelloWorl", bytes, 8), NRM_ERR_FORMAT);
	assert_int_equal(nrm_unz85("HelloWorld0", bytes, 8), NRM_ERR_FORMAT);
	assert_int_equal(nrm_unz85("Hello", bytes, 8), NRM_ERR_FORMAT);
	assert_int_equal(nrm_unz85("Hello World", bytes, 8), NRM_ERR_FORMAT);
	assert_int_equal(nrm_unz85("Hello,orld", bytes, 8), NRM_ERR_FORMAT);
	assert_int_equal(nrm_unz85("Hello\xc3\xb6rld", bytes, 8), NRM_ERR_FORMAT);
	assert_int_equal(nrm_unz85("%nSc0", bytes, 4), NRM_OK); /* 2^32 - 1 */
	assert_memory_equal(bytes, "\xff\xff\xff\xff", 4);
	assert_int_equal(nrm_unz85("%nSc1", bytes, 4), NRM_ERR_FORMAT);
	assert_int_equal(nrm_unz85("#####", bytes, 4), NRM_ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vector),
		cmocka_unit_test(curve_pair),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
