/*
 * What only the store on disk has: files, permissions, other processes, full disks.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/store_fixture.h"

static int no_store(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/nrm-store-XXXXXX");
	*state = f;
	return mkdtemp(f->folder) ? 0 : -1;
}

static void test_reopen(void **state)
{
	struct fixture *f = *state;
	struct nrm_store_options third = reading;
	static const char *const unknown[] = {"leaves", "people", "nobody"};
	struct stat st;
	char path[96];

	struct nrm_txn *txn = begin(f->store, true);
	put(txn, PEOPLE, "k", "kept");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	txn = begin(f->store, true);
	put(txn, PEOPLE, "k", "lost");
	nrm_txn_abort(txn);
	nrm_store_close(f->store);
	f->store = NULL;

	snprintf(path, sizeof(path), "%s/data.mdb", f->folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(nrm_store_open(f->folder, &options, &f->store), NRM_OK);
	nrm_store_check_readers(f->store);
	txn = begin(f->store, false);
	assert_row(txn, PEOPLE, "k", "kept");
	nrm_txn_abort(txn);
	nrm_store_close(f->store);
	f->store = NULL;

	assert_int_equal(nrm_store_open(f->folder, &reading, &f->store), NRM_OK);
	assert_int_equal(nrm_txn_begin(f->store, true, &txn), NRM_ERR_ARGUMENT);
	txn = begin(f->store, false);
	assert_row(txn, PEOPLE, "k", "kept");
	nrm_txn_abort(txn);
	nrm_store_close(f->store);
	f->store = NULL;

	third.tables = unknown;
	third.n_tables = 3;
	assert_int_equal(nrm_store_open(f->folder, &third, &f->store), NRM_ERR_NOT_FOUND);
	assert_null(f->store);
}

/* A reader may know of more tables than there are yet: they are empty. */
static void test_later_tables(void **state)
{
	const char *const more[] = {"leaves", "people", "later", "latest"};
	struct nrm_store_options later = {
		.tables = more, .n_tables = 4, .n_later = 2, .read_only = true};
	struct fixture *f = *state;
	struct nrm_slice key, value;
	struct nrm_cursor *cursor;
	uint64_t rows = 7;

	struct nrm_txn *txn = begin(f->store, true);
	put(txn, PEOPLE, "k", "kept");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	nrm_store_close(f->store);
	f->store = NULL;
	assert_int_equal(nrm_store_open(f->folder, &later, &f->store), NRM_OK);
	txn = begin(f->store, false);
	assert_row(txn, PEOPLE, "k", "kept");
	for (unsigned table = 2; table < 4; table++) {
		assert_int_equal(nrm_get(txn, table, nrm_slice_str("k"), &value),
				 NRM_ERR_NOT_FOUND);
		assert_int_equal(nrm_count(txn, table, &rows), NRM_OK);
		assert_int_equal(rows, 0);
		assert_int_equal(nrm_cursor_open(txn, table, &cursor), NRM_OK);
		assert_int_equal(nrm_cursor_seek(cursor, nrm_slice(NULL, 0), &key, &value),
				 NRM_ERR_NOT_FOUND);
		assert_int_equal(nrm_cursor_last(cursor, &key, &value), NRM_ERR_NOT_FOUND);
		nrm_cursor_close(cursor);
	}
	nrm_txn_abort(txn);
	nrm_store_close(f->store);
	f->store = NULL;
	later.n_later = 1;
	assert_int_equal(nrm_store_open(f->folder, &later, &f->store), NRM_ERR_NOT_FOUND);
	assert_null(f->store);
	/* Who writes makes them. */
	later.read_only = false;
	assert_int_equal(nrm_store_open(f->folder, &later, &f->store), NRM_OK);
	txn = begin(f->store, true);
	put(txn, 3, "k", "new");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

static void test_refused_folders(void **state)
{
	struct fixture *f = *state;
	struct nrm_store *store = NULL;
	struct stat st;
	char path[96];

	assert_int_equal(nrm_store_open(f->folder, &reading, &store), NRM_ERR_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/missing/below", f->folder);
	assert_int_equal(nrm_store_open(path, &options, &store), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_store_open(path, &reading, &store), NRM_ERR_NOT_FOUND);

	for (unsigned mode = 0701; mode <= 0740; mode = mode == 0701 ? 0740 : 0777) {
		assert_int_equal(chmod(f->folder, mode), 0);
		assert_int_equal(nrm_store_open(f->folder, &options, &store), NRM_ERR_PERMISSION);
	}
	snprintf(path, sizeof(path), "%s/data.mdb", f->folder);
	assert_int_equal(access(path, F_OK), -1); /* and nothing was made */

	assert_int_equal(chmod(f->folder, 0700), 0);
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	char garbage[8192];
	memset(garbage, 'g', sizeof(garbage));
	assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
	close(fd);
	assert_int_equal(nrm_store_open(f->folder, &options, &store), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_store_open(f->folder, &reading, &store), NRM_ERR_CORRUPT);
	assert_null(store);
	close_fixture(state);

	assert_int_equal(no_store(state), 0); /* a missing folder is made, closed to others */
	f = *state;
	assert_int_equal(rmdir(f->folder), 0);
	assert_int_equal(nrm_store_open(f->folder, &options, &f->store), NRM_OK);
	assert_int_equal(stat(f->folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

/* A copied folder has no lock.mdb, and reading it makes none. */
static void test_copy(void **state)
{
	struct fixture *f = *state;
	char path[96];

	struct nrm_txn *txn = begin(f->store, true);
	put(txn, PEOPLE, "k", "kept");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	nrm_store_close(f->store);
	f->store = NULL;
	snprintf(path, sizeof(path), "%s/lock.mdb", f->folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(chmod(f->folder, 0755), 0);

	assert_int_equal(nrm_store_open(f->folder, &reading, &f->store), NRM_OK);
	nrm_store_check_readers(f->store);
	txn = begin(f->store, false);
	assert_row(txn, PEOPLE, "k", "kept");
	nrm_txn_abort(txn);
	assert_int_equal(access(path, F_OK), -1);
}

struct link {
	int to_child[2], to_parent[2];
};

static void tell(int fd)
{
	if (write(fd, "!", 1) != 1)
		_exit(9);
}

static bool told(int fd)
{
	char c;

	return read(fd, &c, 1) == 1;
}

static bool child_sees(struct nrm_txn *txn, const char *value)
{
	struct nrm_slice found;

	return nrm_get(txn, PEOPLE, nrm_slice_str("k"), &found) == NRM_OK &&
	       nrm_slice_equal(found, nrm_slice_str(value));
}

/* Exit status: the number of the step that went wrong. */
static int auditor(const char *folder, struct link *l)
{
	struct nrm_store *store;
	struct nrm_txn *txn;

	if (!told(l->to_child[0]) || nrm_store_open(folder, &reading, &store) != NRM_OK)
		return 1;
	if (nrm_txn_begin(store, false, &txn) != NRM_OK || !child_sees(txn, "first"))
		return 2;
	tell(l->to_parent[1]);
	if (!told(l->to_child[0]) ||
	    !child_sees(txn, "first")) /* the writer has gone on; the snapshot stays */
		return 3;
	nrm_txn_abort(txn);
	if (nrm_txn_begin(store, false, &txn) != NRM_OK || !child_sees(txn, "last"))
		return 4;
	nrm_txn_abort(txn);
	nrm_store_close(store);
	return 0;
}

static void test_reader_in_another_process(void **state)
{
	struct fixture *f = *state;
	struct link l;
	char value[16];
	int status;

	assert_int_equal(pipe(l.to_child) | pipe(l.to_parent), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(auditor(f->folder, &l));
	close(l.to_parent[1]);
	assert_int_equal(nrm_store_open(f->folder, &options, &f->store), NRM_OK);
	struct nrm_txn *txn = begin(f->store, true);
	put(txn, PEOPLE, "k", "first");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	tell(l.to_child[1]);
	assert_true(told(l.to_parent[0]));
	for (int i = 0; i < 50; i++) {
		txn = begin(f->store, true);
		snprintf(value, sizeof(value), i < 49 ? "%d" : "last", i);
		put(txn, PEOPLE, "k", value);
		assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	}
	tell(l.to_child[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(l.to_parent[0]);
	close(l.to_child[0]);
	close(l.to_child[1]);
}

static int dying_writer(const char *folder)
{
	struct nrm_store *store;
	struct nrm_txn *txn;

	for (int i = 0; i < 2; i++) {
		if (i == 0 && nrm_store_open(folder, &options, &store) != NRM_OK)
			return 1;
		if (nrm_txn_begin(store, true, &txn) != NRM_OK ||
		    nrm_put(txn, PEOPLE, nrm_slice_str("k"), nrm_slice_str(i ? "lost" : "kept")) !=
			    NRM_OK)
			return 2;
		if (i == 0 && nrm_txn_commit(txn) != NRM_OK)
			return 3;
	}
	raise(SIGKILL);
	return 4;
}

static void test_killed_writer(void **state)
{
	struct fixture *f = *state;
	int status;

	pid_t child = fork();
	if (child == 0)
		_exit(dying_writer(f->folder));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(nrm_store_open(f->folder, &options, &f->store), NRM_OK);
	struct nrm_txn *txn = begin(f->store, true); /* the dead writer's lock is free */
	assert_row(txn, PEOPLE, "k", "kept");
	put(txn, PEOPLE, "k", "next");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

/*
 * A file that may not grow, as on a full disk: the commit fails, nothing of it is there, and work
 * goes on when it may.
 */
static int cramped_writer(const char *folder)
{
	static uint8_t value[200000];
	struct nrm_store *store;
	struct nrm_txn *txn;
	struct nrm_slice found;
	struct rlimit limit, old;

	signal(SIGXFSZ, SIG_IGN);
	if (nrm_store_open(folder, &options, &store) != NRM_OK ||
	    nrm_txn_begin(store, true, &txn) != NRM_OK ||
	    nrm_put(txn, PEOPLE, nrm_slice_str("k"), nrm_slice_str("kept")) != NRM_OK ||
	    nrm_txn_commit(txn) != NRM_OK)
		return 1;
	if (getrlimit(RLIMIT_FSIZE, &old) != 0)
		return 2;
	limit = (struct rlimit){65536, old.rlim_max};
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 3;
	for (int i = 0; i < 3; i++) {
		if (nrm_txn_begin(store, true, &txn) != NRM_OK ||
		    nrm_delete(txn, PEOPLE, nrm_slice_str("k")) != NRM_OK ||
		    nrm_put(txn, PEOPLE, nrm_slice_str("l"), nrm_slice(value, sizeof(value))) !=
			    NRM_OK)
			return 4;
		enum nrm_err err = nrm_txn_commit(txn);
		if (err != NRM_ERR_FULL && err != NRM_ERR_IO)
			return 5;
	}
	if (setrlimit(RLIMIT_FSIZE, &old) != 0 || nrm_txn_begin(store, true, &txn) != NRM_OK ||
	    !child_sees(txn, "kept") ||
	    nrm_get(txn, PEOPLE, nrm_slice_str("l"), &found) != NRM_ERR_NOT_FOUND)
		return 6;
	if (nrm_put(txn, PEOPLE, nrm_slice_str("l"), nrm_slice(value, sizeof(value))) != NRM_OK ||
	    nrm_txn_commit(txn) != NRM_OK)
		return 7;
	nrm_store_close(store);
	return 0;
}

static void test_file_that_cannot_grow(void **state)
{
	struct fixture *f = *state;
	int status;

	pid_t child = fork();
	if (child == 0)
		_exit(cramped_writer(f->folder));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(nrm_store_open(f->folder, &options, &f->store), NRM_OK);
	struct nrm_txn *txn = begin(f->store, false);
	assert_row(txn, PEOPLE, "k", "kept");
	nrm_txn_abort(txn);
}

/* How often the file holds these bytes. */
static size_t file_count(const struct fixture *f, const char *bytes)
{
	static uint8_t content[8 << 20];
	char path[96];
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/data.mdb", f->folder);
	int fd = open(path, O_RDONLY);
	ssize_t len = read(fd, content, sizeof(content));
	close(fd);
	assert_in_range(len, 1, sizeof(content) - 1);
	for (const uint8_t *at = content;
	     (at = memmem(at, (size_t)(content + len - at), bytes, strlen(bytes))); at++)
		n++;
	return n;
}

static void put_many(struct fixture *f, const char *value)
{
	struct nrm_txn *txn = begin(f->store, true);
	char key[16];

	for (int i = 0; i < 500; i++) {
		snprintf(key, sizeof(key), "k%03d", i);
		put(txn, PEOPLE, key, value);
	}
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

/* Every row of a secret goes, in pages that are given back and in pages that stay; others stay as they are. */
static void test_scrub(void **state)
{
	struct fixture *f = *state;
	struct nrm_txn *txn;
	static char rest[6000];
	char key[16];

	memset(rest, 'r', sizeof(rest) - 1);
	for (int round = 0; round < 5; round++) {
		put_many(f, "a secret of somebody");
		txn = begin(f->store, true);
		put(txn, PEOPLE, "long", rest); /* over pages of its own */
		for (int i = 0; i < 500; i++) {
			snprintf(key, sizeof(key), "k%03d", i);
			if (i % 7 == round)
				put(txn, PEOPLE, key, "kept");
			else
				assert_int_equal(nrm_delete(txn, PEOPLE, nrm_slice_str(key)),
						 NRM_OK);
		}
		assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	}
	assert_true(file_count(f, "secret of some") > 100);
	assert_int_equal(nrm_store_scrub(f->store), NRM_OK);
	assert_int_equal(file_count(f, "secret of some"), 0);
	txn = begin(f->store, false);
	for (int i = 4; i < 500; i += 7) {
		snprintf(key, sizeof(key), "k%03d", i);
		assert_row(txn, PEOPLE, key, "kept");
	}
	assert_row(txn, PEOPLE, "long", rest);
	nrm_txn_abort(txn);
	put_many(f, "work as ever");
	assert_int_equal(nrm_store_scrub(f->store), NRM_OK);
	txn = begin(f->store, false);
	assert_row(txn, PEOPLE, "k499", "work as ever");
	nrm_txn_abort(txn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reopen, on_disk, close_fixture),
		cmocka_unit_test_setup_teardown(test_later_tables, on_disk, close_fixture),
		cmocka_unit_test_setup_teardown(test_refused_folders, no_store, close_fixture),
		cmocka_unit_test_setup_teardown(test_copy, on_disk, close_fixture),
		cmocka_unit_test_setup_teardown(test_reader_in_another_process, no_store,
						close_fixture),
		cmocka_unit_test_setup_teardown(test_killed_writer, no_store, close_fixture),
		cmocka_unit_test_setup_teardown(test_scrub, on_disk, close_fixture),
		cmocka_unit_test_setup_teardown(test_file_that_cannot_grow, no_store,
						close_fixture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
