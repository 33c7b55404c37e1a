/*
 * Overwriting what LMDB has freed. LMDB gives a page back by listing its number in its table 0, under the transaction that
 * freed it, and leaves the bytes. A page is nobody's once every reader and the last but one commit are past that transaction:
 * the writer, whom the lock keeps to one at a time, may take it then, and so may we write zeros over it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/store/lmdb_scrub.h"

#define MAX_PAGE_BYTES 65536u

/* A line of mdb_reader_list(): process, thread, transaction or "-". The only way that LMDB tells of them. */
static int look_at_reader(const char *line, void *of)
{
	size_t *oldest = of, thread, txn;
	int process;

	if (sscanf(line, "%d %zx %zu", &process, &thread, &txn) == 3 && txn < *oldest)
		*oldest = txn;
	return 0;
}

/* Writes zeros over one page, unless it holds nothing else. */
static int wipe_page(int fd, size_t page, size_t page_bytes)
{
	static const uint8_t zeros[MAX_PAGE_BYTES];
	uint8_t bytes[MAX_PAGE_BYTES];
	const off_t at = (off_t)(page * page_bytes);

	/* A page at the end that was never written is not there. */
	ssize_t n = pread(fd, bytes, page_bytes, at);
	if (n <= 0 || memcmp(bytes, zeros, (size_t)n) == 0)
		return n < 0 ? EIO : 0;
	return pwrite(fd, zeros, (size_t)n, at) == n ? 0 : EIO;
}

/* A row of table 0: a count and so many page numbers. */
static int wipe_row(int fd, const MDB_val *row, size_t page_bytes)
{
	size_t n, page;
	int rc = 0;

	memcpy(&n, row->mv_data, sizeof(n));
	if (n > row->mv_size / sizeof(n) - 1)
		return MDB_CORRUPTED;
	for (size_t i = 1; rc == 0 && i <= n; i++) {
		memcpy(&page, (const char *)row->mv_data + i * sizeof(page), sizeof(page));
		rc = wipe_page(fd, page, page_bytes);
	}
	return rc;
}

static int wipe_before(MDB_txn *txn, size_t oldest, int fd, size_t page_bytes)
{
	MDB_cursor *cursor;
	MDB_val key, row;
	size_t freed_by;
	int rc = mdb_cursor_open(txn, 0, &cursor);

	if (rc != MDB_SUCCESS)
		return rc;
	while ((rc = mdb_cursor_get(cursor, &key, &row, MDB_NEXT)) == MDB_SUCCESS) {
		memcpy(&freed_by, key.mv_data, sizeof(freed_by));
		if (freed_by >= oldest) {
			rc = MDB_NOTFOUND;
			break;
		}
		rc = wipe_row(fd, &row, page_bytes);
		if (rc != MDB_SUCCESS)
			break;
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
}

int nrm_lmdb_scrub(MDB_env *env, bool *ret_all)
{
	MDB_stat stat;
	MDB_txn *txn;
	int fd, dead;

	mdb_reader_check(env, &dead);
	int rc = mdb_env_stat(env, &stat);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_get_fd(env, &fd);
	if (rc == MDB_SUCCESS && stat.ms_psize > MAX_PAGE_BYTES)
		rc = MDB_INCOMPATIBLE;
	if (rc == MDB_SUCCESS)
		rc = mdb_txn_begin(env, NULL, 0, &txn);
	if (rc != MDB_SUCCESS)
		return rc;
	const size_t last = mdb_txn_id(txn) - 1;
	size_t oldest = last;
	rc = mdb_reader_list(env, look_at_reader, &oldest);
	if (rc >= 0)
		rc = wipe_before(txn, oldest, fd, stat.ms_psize);
	mdb_txn_abort(txn);
	if (rc == MDB_SUCCESS && fdatasync(fd) != 0)
		rc = EIO;
	if (rc == MDB_SUCCESS)
		*ret_all = oldest == last;
	return rc;
}
