/* Passwords of the page: scrypt against RFC 7914, the file, what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/page/credentials.h"
#include "proto/base/hex.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/password.h"

/* RFC 7914 section 12, and its cost of 1 GiB refused. */
static void test_vectors(void **state)
{
	static const struct {
		const char *text, *salt;
		uint32_t log2_n, r, p;
		const char *hex;
	} vectors[] = {
		{"", "", 4, 1, 1,
		 "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f83"
		 "26a"
		 "753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
		{"password", "NaCl", 10, 8, 16,
		 "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886"
		 "ff1"
		 "09279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
		{"pleaseletmein", "SodiumChloride", 14, 8, 1,
		 "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf6"
		 "2d4"
		 "9705242a9af9e61e85dc0d651e40dfcf017b45575887"},
	};
	uint8_t out[64];
	char hex[129];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(nrm_scrypt(nrm_slice_str(vectors[i].text),
					    nrm_slice_str(vectors[i].salt), vectors[i].log2_n,
					    vectors[i].r, vectors[i].p, out, sizeof(out)),
				 NRM_OK);
		nrm_hex(out, sizeof(out), hex);
		assert_string_equal(hex, vectors[i].hex);
	}
	assert_int_equal(nrm_scrypt(nrm_slice_str("pleaseletmein"), nrm_slice_str("SodiumChloride"),
				    20, 8, 1, out, sizeof(out)),
			 NRM_ERR_LIMIT);
	assert_int_equal(nrm_scrypt(nrm_slice_str("x"), nrm_slice_str("y"), 10, 0, 1, out, 64),
			 NRM_ERR_LIMIT);
	assert_int_equal(nrm_scrypt(nrm_slice_str("x"), nrm_slice_str("y"), 10, 8, 17, out, 64),
			 NRM_ERR_LIMIT);
}

static char path[64], error[NRM_CREDENTIALS_ERROR_LEN];

static int make_path(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/nrm-page-XXXXXX");
	close(mkstemp(path));
	return unlink(path);
}

static int remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static enum nrm_err set(const char *name, const char *password)
{
	return nrm_credentials_set(path, nrm_slice_str(name), nrm_slice_str(password), error);
}

static bool right(struct nrm_credentials *c, const char *name, const char *password)
{
	return nrm_credentials_check(c, nrm_slice_str(name), nrm_slice_str(password));
}

static bool remembered(const struct nrm_credentials *c, const char *name, const char *password)
{
	return nrm_credentials_remembered(c, nrm_slice_str(name), nrm_slice_str(password));
}

static void test_asking(void **state)
{
	struct nrm_credentials *c;

	(void)state;
	assert_int_equal(set("ann", "fern water"), NRM_OK);
	assert_int_equal(set("ben", "fern water"), NRM_OK);
	assert_int_equal(nrm_credentials_load(path, &c, error), NRM_OK);
	assert_false(remembered(c, "ann", "fern water"));
	assert_false(right(c, "ann", "fern wate"));
	assert_false(right(c, "ann", ""));
	assert_false(right(c, "an", "nfern water"));
	assert_false(right(c, "nobody", "fern water"));
	assert_false(right(c, "", ""));
	assert_false(remembered(c, "", ""));
	assert_true(right(c, "ann", "fern water"));
	assert_true(remembered(c, "ann", "fern water"));
	assert_false(remembered(c, "ann", "fern wate"));
	assert_false(remembered(c, "ben", "fern water")); /* nobody asked yet */
	assert_true(right(c, "ben", "fern water"));
	nrm_credentials_wipe(c);
	assert_false(remembered(c, "ann", "fern water"));
	nrm_credentials_free(c);
}

static void test_setting(void **state)
{
	struct nrm_credentials *c;
	struct nrm_buf text = {0};
	struct stat st;

	(void)state;
	assert_int_equal(set("ann", "old"), NRM_OK);
	assert_int_equal(set("ben", "other"), NRM_OK);
	assert_int_equal(set("ann", "new"), NRM_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(nrm_credentials_load(path, &c, error), NRM_OK);
	assert_false(right(c, "ann", "old"));
	assert_true(right(c, "ann", "new"));
	assert_true(right(c, "ben", "other"));
	nrm_credentials_free(c);
	assert_int_equal(nrm_file_read(path, 4096, true, &text), NRM_OK);
	assert_null(memmem(text.data, text.len, "new", 3));
	nrm_buf_done(&text);
	assert_int_equal(set("a:b", "x"), NRM_ERR_ARGUMENT);
	assert_int_equal(set("", "x"), NRM_ERR_ARGUMENT);
	assert_int_equal(set("ann", ""), NRM_ERR_ARGUMENT);
	chmod(path, 0640);
	assert_int_equal(set("ann", "x"), NRM_ERR_PERMISSION);
	assert_int_equal(nrm_credentials_load(path, &c, error), NRM_ERR_PERMISSION);
	assert_non_null(strstr(error, "0600"));
}

#define SALT "00112233445566778899aabbccddeeff"
#define GOOD "ann:scrypt:15:8:1:" SALT ":" SALT SALT

static enum nrm_err parse(const char *text, size_t len)
{
	struct nrm_credentials *c = NULL;
	enum nrm_err err = nrm_credentials_parse("file", nrm_slice(text, len), &c, error);

	nrm_credentials_free(c);
	return err;
}

static void test_form(void **state)
{
	static const struct {
		const char *text, *says;
		enum nrm_err err;
	} bad[] = {
		{"", "file:1: expected at least one", NRM_ERR_FORMAT},
		{"\n", "file:1: expected name:scrypt", NRM_ERR_FORMAT},
		{GOOD "\n\n", "file:2: expected name:scrypt", NRM_ERR_FORMAT},
		{GOOD "\n" GOOD "\n", "file:2: this name", NRM_ERR_DUPLICATE},
		{GOOD "0\n", "file:1:", NRM_ERR_FORMAT},
		{GOOD " \n", "file:1:", NRM_ERR_FORMAT},
		{" " GOOD "\n", "file:1:", NRM_ERR_FORMAT},
		{"ann:bcrypt:15:8:1:" SALT ":" SALT SALT, "file:1:", NRM_ERR_FORMAT},
		{"ann:scrypt:15:8:1:" SALT ":" SALT, "file:1:", NRM_ERR_FORMAT},
		{":scrypt:15:8:1:" SALT ":" SALT SALT, "file:1:", NRM_ERR_FORMAT},
		{"ann:scrypt:1:8:1:" SALT ":" SALT SALT, "file:1: expected costs", NRM_ERR_LIMIT},
		{"ann:scrypt:20:8:1:" SALT ":" SALT SALT, "file:1: expected costs", NRM_ERR_LIMIT},
		{"ann:scrypt:15:0:1:" SALT ":" SALT SALT, "file:1: expected costs", NRM_ERR_LIMIT},
		{"ann:scrypt:15:8:99:" SALT ":" SALT SALT, "file:1: expected costs", NRM_ERR_LIMIT},
	};
	struct nrm_buf many = {0};

	(void)state;
	assert_int_equal(parse(GOOD, strlen(GOOD)), NRM_OK);
	assert_int_equal(parse(GOOD "\n", strlen(GOOD) + 1), NRM_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i].text, strlen(bad[i].text)), bad[i].err);
		assert_ptr_equal(strstr(error, bad[i].says), error);
	}
	for (size_t len = 0; len < strlen(GOOD); len++)
		assert_int_not_equal(parse(GOOD, len), NRM_OK);
	assert_int_not_equal(parse(GOOD "\0", strlen(GOOD) + 1), NRM_OK);
	for (int i = 0; i < 65; i++) {
		char line[160];
		const int n = snprintf(line, sizeof(line), "n%d%s\n", i, GOOD + 3);
		nrm_buf_put(&many, line, (size_t)n);
	}
	assert_int_equal(parse((char *)many.data, many.len), NRM_ERR_LIMIT);
	assert_non_null(strstr(error, "file:65: expected at most 64"));
	nrm_buf_done(&many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test_setup_teardown(test_asking, make_path, remove_path),
		cmocka_unit_test_setup_teardown(test_setting, make_path, remove_path),
		cmocka_unit_test(test_form),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
