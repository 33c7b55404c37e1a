/*
 * Overwriting what LMDB has freed. LMDB gives a page back by listing its number in its table 0, under the transaction that
 * freed it, and leaves the bytes. A page is nobody's once every reader and the last but one commit are past that transaction:
 * the writer, whom the lock keeps to one at a time, may take it then, and so may we write zeros over it. What lies between the
 * rows of a page in use is nobody's at any time: LMDB fills it with whatever its buffer held before.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/store/lmdb_scrub.h"

#define MAX_PAGE_BYTES 65536u
/*
 * In files of more pages than this (1 GiB of 4 KiB) only free pages are looked at, and those of one table: the others would take too
 * long.
 */
#define MAX_PAGES 262144u

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

/* --- pages in use: what lies between their rows --- */

/* A page's head in LMDB 0.9: its number, flags, and where the room between its index and its rows begins and ends. */
struct page_head {
	size_t number;
	uint16_t pad, flags, lower, upper;
};
#define BRANCH	 1u
#define LEAF	 2u
#define OVERFLOW 4u /* a long value: as many pages as `lower` and `upper` together say */

/* Marks the pages of the free list. */
static int mark_free(MDB_txn *txn, uint8_t *is_free, size_t n_pages)
{
	MDB_cursor *cursor;
	MDB_val key, row;
	size_t n, page;
	int rc = mdb_cursor_open(txn, 0, &cursor);

	if (rc != MDB_SUCCESS)
		return rc;
	while ((rc = mdb_cursor_get(cursor, &key, &row, MDB_NEXT)) == MDB_SUCCESS) {
		memcpy(&n, row.mv_data, sizeof(n));
		for (size_t i = 1; i <= n && i < row.mv_size / sizeof(n); i++) {
			memcpy(&page, (const char *)row.mv_data + i * sizeof(page), sizeof(page));
			if (page < n_pages)
				is_free[page] = 1;
		}
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
}

/* Wipes the room of one page in use; *ret_pages is how many pages it and what belongs to it take. */
static int wipe_room(int fd, size_t page, size_t page_bytes, size_t *ret_pages)
{
	static const uint8_t zeros[MAX_PAGE_BYTES];
	uint8_t bytes[MAX_PAGE_BYTES];
	struct page_head head;
	uint32_t run;
	const off_t at = (off_t)(page * page_bytes);

	if (pread(fd, bytes, page_bytes, at) != (ssize_t)page_bytes)
		return EIO;
	memcpy(&head, bytes, sizeof(head));
	if (head.number != page)
		return MDB_INCOMPATIBLE;
	*ret_pages = 1;
	if (head.flags == OVERFLOW) {
		memcpy(&run, bytes + offsetof(struct page_head, lower), sizeof(run));
		*ret_pages = run;
		return run > 0 ? 0 : MDB_INCOMPATIBLE;
	}
	if ((head.flags != BRANCH && head.flags != LEAF) || head.lower < sizeof(head) ||
	    head.lower > head.upper || head.upper > page_bytes)
		return MDB_INCOMPATIBLE;
	const size_t room = (size_t)(head.upper - head.lower);
	if (memcmp(bytes + head.lower, zeros, room) == 0)
		return 0;
	return pwrite(fd, zeros, room, at + head.lower) == (ssize_t)room ? 0 : EIO;
}

/* The pages that hold rows of one table; of short rows, which lie in the page where they are listed. */
static int wipe_rooms_of(MDB_txn *txn, MDB_dbi table, int fd, size_t page_bytes)
{
	size_t number, last = 0, pages;
	MDB_cursor *cursor;
	MDB_val key, row;
	int rc = mdb_cursor_open(txn, table, &cursor);

	if (rc != MDB_SUCCESS)
		return rc;
	while ((rc = mdb_cursor_get(cursor, &key, &row, MDB_NEXT)) == MDB_SUCCESS) {
		/* Its head has its number. */
		const uintptr_t in_page = (uintptr_t)key.mv_data & (page_bytes - 1);

		memcpy(&number, (const char *)key.mv_data - in_page, sizeof(number));
		if (number == last)
			continue;
		last = number;
		rc = wipe_room(fd, number, page_bytes, &pages);
		if (rc != MDB_SUCCESS)
			break;
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
}

/* Every page that is not free is one of a table, or begins a long value: page after page, from the first behind the two heads. */
static int wipe_all_rooms(MDB_env *env, MDB_txn *txn, int fd, size_t page_bytes)
{
	MDB_envinfo info;
	int rc = mdb_env_info(env, &info);
	const size_t n_pages = rc == MDB_SUCCESS ? info.me_last_pgno + 1 : 0;

	uint8_t *is_free = calloc(n_pages + 1, 1);
	if (!is_free)
		return ENOMEM;
	rc = mark_free(txn, is_free, n_pages);
	for (size_t page = 2, taken; rc == 0 && page < n_pages; page += taken) {
		taken = 1;
		if (!is_free[page])
			rc = wipe_room(fd, page, page_bytes, &taken);
	}
	free(is_free);
	return rc;
}

static int wipe_rooms(MDB_env *env, MDB_txn *txn, MDB_dbi table, int fd, size_t page_bytes)
{
	MDB_envinfo info;
	int rc = mdb_env_info(env, &info);

	if (rc == MDB_SUCCESS)
		rc = info.me_last_pgno < MAX_PAGES ? wipe_all_rooms(env, txn, fd, page_bytes)
						   : wipe_rooms_of(txn, table, fd, page_bytes);
	/* Another layout than the one known here: nothing more is done, and nothing was done wrong. */
	return rc == MDB_INCOMPATIBLE ? 0 : rc;
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

/* With the write lock held; `reading` sees the last commit, for LMDB shows the free list to readers only. */
static int scrub(MDB_env *env, MDB_txn *reading, MDB_dbi table, size_t oldest, int fd,
		 size_t page_bytes)
{
	int rc = wipe_before(reading, oldest, fd, page_bytes);

	if (rc == MDB_SUCCESS)
		rc = wipe_rooms(env, reading, table, fd, page_bytes);
	return rc == MDB_SUCCESS && fdatasync(fd) != 0 ? EIO : rc;
}

/* Pages are let go two commits after the one that freed them: so two that change no more than a number. */
static int commit_twice(MDB_env *env)
{
	MDB_val key = {sizeof("scrubbed") - 1, "scrubbed"};
	MDB_txn *txn;
	MDB_dbi names;
	int rc = MDB_SUCCESS;

	for (int i = 0; rc == MDB_SUCCESS && i < 2; i++) {
		rc = mdb_txn_begin(env, NULL, 0, &txn);
		if (rc != MDB_SUCCESS)
			return rc;
		size_t number = mdb_txn_id(txn);
		MDB_val value = {sizeof(number), &number};
		rc = mdb_dbi_open(txn, NULL, 0, &names);
		if (rc == MDB_SUCCESS)
			rc = mdb_put(txn, names, &key, &value, 0);
		if (rc == MDB_SUCCESS)
			rc = mdb_txn_commit(txn);
		else
			mdb_txn_abort(txn);
	}
	return rc;
}

int nrm_lmdb_scrub(MDB_env *env, MDB_dbi table, bool *ret_all)
{
	MDB_txn *lock, *reading;
	MDB_stat stat;
	int fd, dead;

	mdb_reader_check(env, &dead);
	int rc = mdb_env_stat(env, &stat);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_get_fd(env, &fd);
	if (rc == MDB_SUCCESS && stat.ms_psize > MAX_PAGE_BYTES)
		rc = MDB_INCOMPATIBLE;
	if (rc == MDB_SUCCESS)
		rc = commit_twice(env);
	if (rc == MDB_SUCCESS)
		rc = mdb_txn_begin(env, NULL, 0, &lock);
	if (rc != MDB_SUCCESS)
		return rc;
	const size_t last = mdb_txn_id(lock) - 1;
	size_t oldest = last;
	rc = mdb_reader_list(env, look_at_reader, &oldest);
	if (rc >= 0)
		rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &reading);
	if (rc == MDB_SUCCESS) {
		rc = scrub(env, reading, table, oldest, fd, stat.ms_psize);
		mdb_txn_abort(reading);
	}
	mdb_txn_abort(lock);
	if (rc == MDB_SUCCESS)
		*ret_all = oldest == last;
	return rc;
}
