/*
 * Case keys: filled ahead, forgotten on the disk itself, kept over a restart; damaged or loose
 * files refused.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/buf.h"
#include "proto/store/case_keys.h"

struct fixture {
	char folder[64], path[96];
	struct nrm_case_keys *keys;
};

static int with_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/nrm-keys-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/case-keys", f->folder);
	*state = f;
	return 0;
}

static int on_disk(void **state)
{
	struct fixture *f;

	if (with_folder(state) != 0)
		return -1;
	f = *state;
	return nrm_case_keys_open(f->path, false, &f->keys) != NRM_OK;
}

static int in_memory(void **state)
{
	struct fixture *f;

	if (with_folder(state) != 0)
		return -1;
	f = *state;
	return nrm_case_keys_open(NULL, false, &f->keys) != NRM_OK;
}

static int remove_all(void **state)
{
	struct fixture *f = *state;

	nrm_case_keys_close(f->keys);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void reopen(struct fixture *f)
{
	nrm_case_keys_close(f->keys);
	f->keys = NULL;
	assert_int_equal(nrm_case_keys_open(f->path, false, &f->keys), NRM_OK);
}

/* Whether the file holds these bytes anywhere. */
static bool file_has(const char *path, const uint8_t *bytes, size_t len)
{
	static uint8_t content[1 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, content, sizeof(content));

	close(fd);
	assert_true(n > 0);
	return memmem(content, (size_t)n, bytes, len) != NULL;
}

static off_t file_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void test_fill(void **state)
{
	struct fixture *f = *state;
	uint8_t a[32] = {0}, b[32] = {0};

	assert_int_equal(nrm_case_keys_count(f->keys), 0);
	assert_int_equal(nrm_case_keys_get(f->keys, 0, a), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_case_keys_fill(f->keys, 0), NRM_OK);
	assert_int_equal(nrm_case_keys_count(f->keys), NRM_CASE_KEYS_AHEAD);
	assert_int_equal(nrm_case_keys_get(f->keys, 0, a), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, NRM_CASE_KEYS_AHEAD - 1, b), NRM_OK);
	assert_memory_not_equal(a, b, 32);
	assert_int_equal(nrm_case_keys_get(f->keys, NRM_CASE_KEYS_AHEAD, b), NRM_ERR_NOT_FOUND);

	assert_int_equal(nrm_case_keys_fill(f->keys, NRM_CASE_KEYS_AHEAD / 2),
			 NRM_OK); /* half are left: enough */
	assert_int_equal(nrm_case_keys_count(f->keys), NRM_CASE_KEYS_AHEAD);
	assert_int_equal(nrm_case_keys_fill(f->keys, NRM_CASE_KEYS_AHEAD / 2 + 1), NRM_OK);
	assert_int_equal(nrm_case_keys_count(f->keys), 2 * NRM_CASE_KEYS_AHEAD);
	assert_int_equal(nrm_case_keys_get(f->keys, 0, b),
			 NRM_OK); /* filling changes no key that was there */
	assert_memory_equal(a, b, 32);
	assert_int_equal(nrm_case_keys_fill(f->keys, UINT32_MAX), NRM_ERR_ARGUMENT);

	assert_int_equal(nrm_case_keys_fill(f->keys, 10000), NRM_OK); /* far behind: caught up */
	assert_int_equal(nrm_case_keys_get(f->keys, 10000 + NRM_CASE_KEYS_AHEAD / 2 - 1, b),
			 NRM_OK);
}

static void test_forget(void **state)
{
	struct fixture *f = *state;
	uint8_t key[32], other[32], again[32] = {1};

	assert_int_equal(nrm_case_keys_fill(f->keys, 0), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, 7, key), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, 8, other), NRM_OK);
	assert_int_equal(nrm_case_keys_forget(f->keys, 7), NRM_OK);
	assert_int_equal(nrm_case_keys_forget(f->keys, 7), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, 7, again), NRM_ERR_NOT_FOUND);
	assert_int_equal(again[0], 1);
	assert_int_equal(nrm_case_keys_get(f->keys, 8, again), NRM_OK);
	assert_memory_equal(again, other, 32);
	assert_int_equal(nrm_case_keys_forget(f->keys, NRM_CASE_KEYS_AHEAD), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_case_keys_fill(f->keys, NRM_CASE_KEYS_AHEAD),
			 NRM_OK); /* filling brings none back */
	assert_int_equal(nrm_case_keys_get(f->keys, 7, again), NRM_ERR_NOT_FOUND);
}

static void test_forget_on_disk(void **state)
{
	struct fixture *f = *state;
	uint8_t key[32], other[32], again[32];

	assert_int_equal(nrm_case_keys_fill(f->keys, 0), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, 7, key), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, 8, other), NRM_OK);
	assert_true(file_has(f->path, key, 32));
	assert_int_equal(nrm_case_keys_forget(f->keys, 7), NRM_OK);
	for (size_t i = 0; i + 8 <= 32; i += 8)
		assert_false(file_has(f->path, key + i, 8));
	assert_true(file_has(f->path, other, 32));

	reopen(f);
	assert_int_equal(nrm_case_keys_count(f->keys), NRM_CASE_KEYS_AHEAD);
	assert_int_equal(nrm_case_keys_get(f->keys, 7, again), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_case_keys_get(f->keys, 8, again), NRM_OK);
	assert_memory_equal(again, other, 32);
}

static void test_read_only(void **state)
{
	struct fixture *f = *state;
	struct nrm_case_keys *auditor = NULL;
	uint8_t key[32], seen[32];

	assert_int_equal(nrm_case_keys_fill(f->keys, 0), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, 3, key), NRM_OK);
	assert_int_equal(nrm_case_keys_open(f->path, true, &auditor), NRM_OK);
	assert_int_equal(nrm_case_keys_get(auditor, 3, seen), NRM_OK);
	assert_memory_equal(key, seen, 32);
	assert_int_equal(nrm_case_keys_fill(auditor, 2000), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_case_keys_forget(auditor, 3), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_case_keys_forget(f->keys, 3), NRM_OK); /* seen at once */
	assert_int_equal(nrm_case_keys_get(auditor, 3, seen), NRM_ERR_NOT_FOUND);
	nrm_case_keys_close(auditor);

	auditor = NULL;
	unlink(f->path);
	assert_int_equal(nrm_case_keys_open(f->path, true, &auditor), NRM_ERR_NOT_FOUND);
	assert_null(auditor);
	assert_int_equal(access(f->path, F_OK), -1);
}

static void test_permissions(void **state)
{
	static const mode_t loose[] = {0640, 0604, 0620, 0601};
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	nrm_case_keys_close(f->keys);
	f->keys = NULL;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(chmod(f->path, loose[i]), 0);
		assert_int_equal(nrm_case_keys_open(f->path, false, &f->keys), NRM_ERR_PERMISSION);
		assert_int_equal(nrm_case_keys_open(f->path, true, &f->keys), NRM_ERR_PERMISSION);
	}
	assert_null(f->keys);
	assert_int_equal(chmod(f->path, 0400), 0);
	assert_int_equal(nrm_case_keys_open(f->path, true, &f->keys), NRM_OK);
}

static void assert_corrupt(struct fixture *f)
{
	struct nrm_case_keys *keys = NULL;

	assert_int_equal(nrm_case_keys_open(f->path, false, &keys), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_case_keys_open(f->path, true, &keys), NRM_ERR_CORRUPT);
	assert_null(keys);
}

static void test_damaged_length(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(nrm_case_keys_fill(f->keys, 0), NRM_OK);
	off_t size = file_size(f->path);
	assert_int_equal(truncate(f->path, size - 1), 0);
	assert_corrupt(f);
	assert_int_equal(truncate(f->path, size + 32 * (off_t)NRM_CASE_KEYS_AHEAD + 1), 0);
	assert_corrupt(f);
	for (off_t len = 0; len <= 32; len++) {
		assert_int_equal(truncate(f->path, len), 0);
		assert_corrupt(f);
	}
}

static void test_damaged_header(void **state)
{
	struct fixture *f = *state;
	uint8_t header[32], bad[32];

	assert_int_equal(nrm_case_keys_fill(f->keys, 0), NRM_OK);
	int fd = open(f->path, O_RDWR);
	assert_int_equal(pread(fd, header, 32, 0), 32);
	for (unsigned bit = 0; bit < 8 * 32; bit++) {
		memcpy(bad, header, 32);
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bit / 8 >= 18 && bit / 8 < 20)
			continue; /* low half of the count: any within the length will do */
		assert_int_equal(pwrite(fd, bad, 32, 0), 32);
		assert_corrupt(f);
	}
	assert_int_equal(pwrite(fd, header, 32, 0), 32);
	close(fd);
	reopen(f);
}

/*
 * A filling cut short leaves bytes past the last slot: they are no keys, and the next filling has
 * their place.
 */
static void test_interrupted_filling(void **state)
{
	struct fixture *f = *state;
	uint8_t key[32], junk[100];

	assert_int_equal(nrm_case_keys_fill(f->keys, 0), NRM_OK);
	off_t size = file_size(f->path);
	memset(junk, 'j', sizeof(junk));
	int fd = open(f->path, O_WRONLY);
	assert_int_equal(pwrite(fd, junk, sizeof(junk), size), sizeof(junk));
	close(fd);
	reopen(f);
	assert_int_equal(nrm_case_keys_count(f->keys), NRM_CASE_KEYS_AHEAD);
	assert_int_equal(nrm_case_keys_get(f->keys, NRM_CASE_KEYS_AHEAD, key), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_case_keys_fill(f->keys, NRM_CASE_KEYS_AHEAD), NRM_OK);
	assert_int_equal(nrm_case_keys_get(f->keys, NRM_CASE_KEYS_AHEAD, key), NRM_OK);
	assert_false(file_has(f->path, junk, 32));
}

static int cramped_filling(struct fixture *f)
{
	struct rlimit limit, old;
	uint8_t key[32];

	signal(SIGXFSZ, SIG_IGN);
	if (nrm_case_keys_fill(f->keys, 0) != NRM_OK || getrlimit(RLIMIT_FSIZE, &old) != 0)
		return 1;
	limit = (struct rlimit){(rlim_t)file_size(f->path) + 500, old.rlim_max};
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 2;
	if (nrm_case_keys_fill(f->keys, 1000) != NRM_ERR_FULL ||
	    nrm_case_keys_count(f->keys) != NRM_CASE_KEYS_AHEAD)
		return 3;
	if (nrm_case_keys_get(f->keys, 1000, key) != NRM_OK ||
	    nrm_case_keys_forget(f->keys, 5) != NRM_OK)
		return 4;
	if (setrlimit(RLIMIT_FSIZE, &old) != 0 || nrm_case_keys_fill(f->keys, 1000) != NRM_OK)
		return 5;
	return nrm_case_keys_get(f->keys, 1500, key) == NRM_OK ? 0 : 6;
}

static void test_no_room(void **state)
{
	struct fixture *f = *state;
	int status;

	pid_t child = fork();
	if (child == 0)
		_exit(cramped_filling(f));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_refused_paths(void **state)
{
	struct fixture *f = *state;
	struct nrm_case_keys *keys = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/missing/keys", f->folder);
	assert_int_equal(nrm_case_keys_open(path, false, &keys), NRM_ERR_IO);
	assert_int_equal(nrm_case_keys_open(path, true, &keys), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_case_keys_open("/dev/null", false, &keys), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_case_keys_open(f->folder, false, &keys), NRM_ERR_IO);
	assert_null(keys);
	nrm_case_keys_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fill, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_fill, in_memory, remove_all),
		cmocka_unit_test_setup_teardown(test_forget, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_forget, in_memory, remove_all),
		cmocka_unit_test_setup_teardown(test_forget_on_disk, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_read_only, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_permissions, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_damaged_length, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_damaged_header, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_interrupted_filling, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_no_room, on_disk, remove_all),
		cmocka_unit_test_setup_teardown(test_refused_paths, on_disk, remove_all),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
