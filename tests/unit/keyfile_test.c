#include "tests/unit/vectors.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/crypto/keyfile.h"

static char folder[] = "/tmp/nrm-keyfile-XXXXXX", path[64];
static const uint8_t SECRET[NRM_KEY_LEN] = {0x9d, 1, 2, 3, [31] = 0x60};

static int set_up(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK || !mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/key", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int no_file(void **state)
{
	(void)state;
	return unlink(path) == 0 || access(path, F_OK) != 0 ? 0 : -1;
}

static void file_put(const void *bytes, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void file_get(struct nrm_buf *buf)
{
	nrm_buf_init(buf);
	assert_int_equal(nrm_file_read(path, NRM_MAX_KEY_FILE, true, buf), NRM_OK);
}

static enum nrm_err read_key(enum nrm_key_algorithm algorithm, const char *passphrase,
			     uint8_t secret[static NRM_KEY_LEN])
{
	return nrm_keyfile_read(path, algorithm, passphrase, secret);
}

static void keys_come_back(void **state)
{
	static const char *const passphrases[] = {NULL, "a passphrase"};
	static const enum nrm_key_algorithm other[] = {
		[NRM_ED25519] = NRM_X25519, [NRM_X25519] = NRM_ED25519};
	uint8_t secret[NRM_KEY_LEN];
	struct stat st;

	for (int algorithm = NRM_ED25519; algorithm <= NRM_X25519; algorithm++) {
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(nrm_keyfile_write(path, algorithm, SECRET, passphrases[i]),
					 NRM_OK);
			assert_int_equal(stat(path, &st), 0);
			assert_int_equal(st.st_mode & 07777, 0600);
			memset(secret, 0, sizeof(secret));
			assert_int_equal(read_key(algorithm, passphrases[i], secret), NRM_OK);
			assert_memory_equal(secret, SECRET, sizeof(secret));
			assert_int_equal(read_key(other[algorithm], passphrases[i], secret),
					 NRM_ERR_FORMAT);
			assert_int_equal(no_file(state), 0);
		}
	}
}

static void a_file_that_is_there_is_left_alone(void **state)
{
	uint8_t secret[NRM_KEY_LEN];

	(void)state;
	assert_int_equal(nrm_keyfile_write(path, NRM_X25519, SECRET, NULL), NRM_OK);
	assert_int_equal(nrm_keyfile_write(path, NRM_X25519, (uint8_t[NRM_KEY_LEN]){7}, NULL),
			 NRM_ERR_EXISTS);
	assert_int_equal(read_key(NRM_X25519, NULL, secret), NRM_OK);
	assert_memory_equal(secret, SECRET, sizeof(secret));
	assert_int_equal(nrm_keyfile_write("/nowhere/at/all", NRM_X25519, SECRET, NULL),
			 NRM_ERR_IO);
}

static void a_passphrase_hides_the_key_and_is_needed(void **state)
{
	uint8_t secret[NRM_KEY_LEN] = {0}, none[NRM_KEY_LEN] = {0};
	struct nrm_buf text;

	(void)state;
	assert_int_equal(nrm_keyfile_write(path, NRM_ED25519, SECRET, "right"), NRM_OK);
	file_get(&text);
	assert_non_null(memmem(text.data, text.len, "BEGIN ENCRYPTED PRIVATE KEY", 27));
	nrm_buf_wipe(&text);
	assert_int_equal(read_key(NRM_ED25519, NULL, secret), NRM_ERR_KEY);
	assert_int_equal(read_key(NRM_ED25519, "wrong", secret), NRM_ERR_KEY);
	assert_int_equal(read_key(NRM_ED25519, "", secret), NRM_ERR_KEY);
	assert_memory_equal(secret, none, sizeof(secret));
	assert_int_equal(read_key(NRM_ED25519, "right", secret), NRM_OK);
}

/* RFC 8410 section 10.3: an Ed25519 private key. */
static void reads_the_published_key(void **state)
{
	static const char pem[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
		"-----END PRIVATE KEY-----\n";
	uint8_t secret[NRM_KEY_LEN];
	struct nrm_buf text;

	(void)state;
	file_put(pem, strlen(pem), 0600);
	assert_int_equal(read_key(NRM_ED25519, NULL, secret), NRM_OK);
	assert_bytes(nrm_slice(secret, sizeof(secret)),
		     unhex("d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(nrm_keyfile_write(path, NRM_ED25519, secret, NULL), NRM_OK);
	file_get(&text);
	assert_bytes(nrm_buf_slice(&text), nrm_slice_str(pem));
	nrm_buf_wipe(&text);
}

static void loose_permissions_are_refused(void **state)
{
	static const mode_t loose[] = {0640, 0620, 0604, 0602, 0666}, tight[] = {0600, 0400, 0700};
	uint8_t secret[NRM_KEY_LEN];

	(void)state;
	assert_int_equal(nrm_keyfile_write(path, NRM_X25519, SECRET, NULL), NRM_OK);
	for (size_t i = 0; i < sizeof(loose) / sizeof(loose[0]); i++) {
		assert_int_equal(chmod(path, loose[i]), 0);
		assert_int_equal(read_key(NRM_X25519, NULL, secret), NRM_ERR_PERMISSION);
	}
	for (size_t i = 0; i < sizeof(tight) / sizeof(tight[0]); i++) {
		assert_int_equal(chmod(path, tight[i]), 0);
		assert_int_equal(read_key(NRM_X25519, NULL, secret), NRM_OK);
	}
}

static void what_is_no_regular_file_is_refused(void **state)
{
	uint8_t secret[NRM_KEY_LEN];

	(void)state;
	assert_int_equal(read_key(NRM_X25519, NULL, secret), NRM_ERR_NOT_FOUND);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_key(NRM_X25519, NULL, secret), NRM_ERR_PERMISSION);
	assert_int_equal(nrm_keyfile_read(folder, NRM_X25519, NULL, secret), NRM_ERR_PERMISSION);
}

/* Every truncation but the last newline's, more than one key, text around it, and every bit flip of the frame. */
static void anything_but_one_key_is_refused(void **state)
{
	uint8_t secret[NRM_KEY_LEN], twice[2048];
	struct nrm_buf text;

	(void)state;
	assert_int_equal(nrm_keyfile_write(path, NRM_ED25519, SECRET, NULL), NRM_OK);
	file_get(&text);
	for (size_t len = 0; len + 1 < text.len; len++) {
		file_put(text.data, len, 0600);
		assert_int_equal(read_key(NRM_ED25519, NULL, secret), NRM_ERR_FORMAT);
	}
	memcpy(twice, text.data, text.len);
	memcpy(twice + text.len, text.data, text.len);
	file_put(twice, 2 * text.len, 0600);
	assert_int_equal(read_key(NRM_ED25519, NULL, secret), NRM_ERR_FORMAT);
	file_put(twice, text.len + 1, 0600);
	assert_int_equal(read_key(NRM_ED25519, NULL, secret), NRM_ERR_FORMAT);
	memcpy(twice + 2, text.data, text.len);
	memcpy(twice, "#\n", 2);
	file_put(twice, text.len + 2, 0600);
	assert_int_equal(read_key(NRM_ED25519, NULL, secret), NRM_ERR_FORMAT);
	file_put(text.data, text.len, 0600);
	assert_int_equal(read_key(NRM_ED25519, NULL, secret), NRM_OK);
	nrm_buf_wipe(&text);
}

static void files_are_read_up_to_their_limit(void **state)
{
	uint8_t bytes[10000];
	struct nrm_buf buf = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	file_put(bytes, sizeof(bytes), 0644);
	assert_int_equal(nrm_file_read(path, sizeof(bytes), false, &buf), NRM_OK);
	assert_bytes(nrm_buf_slice(&buf), nrm_slice(bytes, sizeof(bytes)));
	assert_int_equal(nrm_file_read(path, sizeof(bytes) - 1, false, &buf), NRM_ERR_LIMIT);
	assert_int_equal(buf.len, 0);
	assert_int_equal(nrm_file_read(path, sizeof(bytes), true, &buf), NRM_ERR_PERMISSION);
	assert_int_equal(nrm_file_read(folder, 100, false, &buf), NRM_ERR_IO);
	file_put("", 0, 0644);
	assert_int_equal(nrm_file_read(path, 0, false, &buf), NRM_OK);
	assert_int_equal(buf.len, 0);
	nrm_buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keys_come_back, no_file),
		cmocka_unit_test_setup(a_file_that_is_there_is_left_alone, no_file),
		cmocka_unit_test_setup(a_passphrase_hides_the_key_and_is_needed, no_file),
		cmocka_unit_test_setup(reads_the_published_key, no_file),
		cmocka_unit_test_setup(loose_permissions_are_refused, no_file),
		cmocka_unit_test_setup(what_is_no_regular_file_is_refused, no_file),
		cmocka_unit_test_setup(anything_but_one_key_is_refused, no_file),
		cmocka_unit_test_setup(files_are_read_up_to_their_limit, no_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
