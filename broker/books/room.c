/*
 * When the disk runs full, new work is refused while acknowledgements still commit: a file of preallocated space is
 * held back and given up for them (on a full disk LMDB cannot even delete).
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "broker/books/state.h"

#define RESERVE "reserve"

static bool hold(struct nrm_books *books)
{
	off_t bytes = (off_t)books->options.reserve_bytes;

	return books->reserve < 0 || bytes == 0 || posix_fallocate(books->reserve, 0, bytes) == 0;
}

void nrm_room_open(struct nrm_books *books)
{
	char path[4096];

	books->reserve = -1;
	if (!books->folder || books->options.reserve_bytes == 0)
		return;
	snprintf(path, sizeof(path), "%s/" RESERVE, books->folder);
	books->reserve = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

void nrm_room_close(struct nrm_books *books)
{
	if (books->reserve >= 0)
		close(books->reserve);
	books->reserve = -1;
}

void nrm_room_release(struct nrm_books *books)
{
	books->full = true;
	/* If it cannot be given up there is nothing else to give. */
	if (books->reserve >= 0 && ftruncate(books->reserve, 0) != 0)
		return;
}

/* Room in the database's own ceiling, where there is one: a sixteenth, or 64 MiB, is kept for acknowledgements. */
static bool map_has_room(const struct nrm_books *books)
{
	const uint64_t enough = 64u << 20;
	uint64_t used, most;

	nrm_store_room(books->store, &used, &most);
	return most == 0 || used + (most / 16 < enough ? most / 16 : enough) < most;
}

/*
 * Half a reserve beside the one that is held, or room for two once it has been given up: so that giving it up does
 * not look like room.
 */
static bool disk_has_room(const struct nrm_books *books)
{
	uint64_t reserve = books->options.reserve_bytes;
	struct statvfs disk;

	if (!books->folder || statvfs(books->folder, &disk) != 0)
		return true;
	return (uint64_t)disk.f_bavail * disk.f_frsize >= (books->full ? 2 * reserve : reserve / 2);
}

void nrm_room_look(struct nrm_books *books)
{
	books->full = !map_has_room(books) || !disk_has_room(books) || !hold(books);
	if (books->full)
		nrm_room_release(books);
}
