#include "agents/auditor/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/limits.h"

#define FRESH	".new" /* a file that is being written */
#define SIGNED	".signed"
#define ENTRIES "tile/entries"

enum nrm_err nrm_folder_open(const char *path, bool make, struct nrm_folder *ret_folder)
{
	if (make && mkdir(path, 0755) != 0 && errno != EEXIST)
		return NRM_ERR_IO;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? NRM_ERR_NOT_FOUND : NRM_ERR_IO;
	ret_folder->fd = fd;
	return NRM_OK;
}

void nrm_folder_close(struct nrm_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	folder->fd = -1;
}

bool nrm_folder_has(const struct nrm_folder *folder, const char *name)
{
	return faccessat(folder->fd, name, F_OK, 0) == 0;
}

static enum nrm_err read_all(int fd, size_t most, struct nrm_buf *out)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NRM_ERR_IO;
	if (st.st_size < 0 || (uint64_t)st.st_size > most)
		return NRM_ERR_LIMIT;
	const size_t begin = out->len, len = (size_t)st.st_size;
	uint8_t *bytes = nrm_buf_grow(out, len);
	if (!bytes)
		return out->err;
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, bytes + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			out->len = begin;
			return NRM_ERR_IO;
		}
		done += (size_t)n;
	}
	return NRM_OK;
}

enum nrm_err nrm_folder_read(const struct nrm_folder *folder, const char *name, size_t most,
			     struct nrm_buf *out)
{
	/* Without waiting: what is no plain file is no part of an export. */
	int fd = openat(folder->fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? NRM_ERR_NOT_FOUND : NRM_ERR_IO;
	enum nrm_err err = read_all(fd, most, out);
	close(fd);
	return err;
}

static enum nrm_err make_folders(int fd, const char *name)
{
	char path[NRM_TILE_PATH];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof(path), "%.*s", (int)(slash - name), name);
		if (mkdirat(fd, path, 0755) != 0 && errno != EEXIST)
			return NRM_ERR_IO;
	}
	return NRM_OK;
}

static bool write_all(int fd, struct nrm_slice bytes)
{
	for (size_t done = 0; done < bytes.len;) {
		ssize_t n = write(fd, bytes.data + done, bytes.len - done);
		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

enum nrm_err nrm_folder_write(const struct nrm_folder *folder, const char *name, mode_t mode,
			      struct nrm_slice bytes)
{
	unlinkat(folder->fd, FRESH, 0); /* of a run that was interrupted */
	int fd = openat(folder->fd, FRESH, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return NRM_ERR_IO;
	bool done = write_all(fd, bytes);
	done = close(fd) == 0 && done;
	if (done && renameat(folder->fd, FRESH, folder->fd, name) != 0)
		done = errno == ENOENT && make_folders(folder->fd, name) == NRM_OK &&
		       renameat(folder->fd, FRESH, folder->fd, name) == 0;
	return done ? NRM_OK : NRM_ERR_IO;
}

enum nrm_err nrm_folder_sync(const struct nrm_folder *folder)
{
	return syncfs(folder->fd) == 0 ? NRM_OK : NRM_ERR_IO;
}

enum nrm_err nrm_folder_tile(const struct nrm_folder *folder, unsigned level, uint64_t number,
			     unsigned width, char path[static NRM_TILE_PATH], struct nrm_buf *out)
{
	const size_t most = level == NRM_TILE_ENTRIES ? NRM_TILE_WIDTH * (2 + NRM_MAX_LEAF)
						      : NRM_TILE_WIDTH * NRM_HASH_LEN;

	nrm_tile_path(level, number, width, path);
	enum nrm_err err = nrm_folder_read(folder, path, most, out);
	if (err != NRM_ERR_NOT_FOUND || width == NRM_TILE_WIDTH)
		return err;
	nrm_tile_path(level, number, NRM_TILE_WIDTH, path);
	err = nrm_folder_read(folder, path, most, out);
	if (err == NRM_ERR_NOT_FOUND)
		nrm_tile_path(level, number, width, path);
	return err;
}

enum nrm_err nrm_folder_hashes(void *folder, unsigned level, uint64_t number, unsigned width,
			       struct nrm_hash *hash)
{
	char path[NRM_TILE_PATH];
	struct nrm_buf bytes = {0};
	enum nrm_err err = nrm_folder_tile(folder, level, number, width, path, &bytes);

	if (err == NRM_OK && bytes.len != width * NRM_HASH_LEN &&
	    bytes.len != NRM_TILE_WIDTH * NRM_HASH_LEN)
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK)
		memcpy(hash, bytes.data, width * NRM_HASH_LEN);
	nrm_buf_done(&bytes);
	return err;
}

uint64_t nrm_stated_size(struct nrm_slice note)
{
	const uint8_t *line = note.len ? memchr(note.data, '\n', note.len) : NULL;
	uint64_t size = 0;

	for (line = line ? line + 1 : NULL; line && line < note.data + note.len; line++) {
		if (*line < '0' || *line > '9' || size > (UINT64_MAX - 9) / 10)
			break;
		size = size * 10 + (uint64_t)(*line - '0');
	}
	return size;
}

void nrm_stamped_path(uint64_t size, char out[static NRM_TILE_PATH])
{
	snprintf(out, NRM_TILE_PATH, NRM_EXPORT_TIMESTAMPS "/%" PRIu64 ".note", size);
}

void nrm_view_path(uint64_t bundle, char out[static NRM_TILE_PATH])
{
	char path[NRM_TILE_PATH];

	nrm_tile_path(NRM_TILE_ENTRIES, bundle, NRM_TILE_WIDTH, path);
	snprintf(out, NRM_TILE_PATH, NRM_EXPORT_VIEWS "%s", path + strlen(ENTRIES));
}

void nrm_document_path(const char *kind, uint64_t version, char out[static NRM_TILE_PATH])
{
	snprintf(out, NRM_TILE_PATH, "%.10s/%" PRIu64 "%s", kind, version,
		 strcmp(kind, NRM_EXPORT_TIMESTAMPS) == 0 ? ".tsr" : SIGNED);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The version that a file's name states; false for other files. */
static bool version_of(const char *kind, const char *name, uint64_t *ret_version)
{
	char path[NRM_TILE_PATH];

	if (name[0] < '0' || name[0] > '9' || strlen(name) > 32)
		return false;
	errno = 0;
	uint64_t version = strtoull(name, NULL, 10);
	nrm_document_path(kind, version, path);
	if (errno || strcmp(path + strlen(kind) + 1, name) != 0)
		return false;
	*ret_version = version;
	return true;
}

enum nrm_err nrm_folder_versions(const struct nrm_folder *folder, const char *kind,
				 uint64_t **ret_version, size_t *ret_n)
{
	int fd = openat(folder->fd, kind, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	uint64_t *list = NULL, version;
	enum nrm_err err = NRM_OK;
	size_t n = 0;

	if (!dir && fd >= 0)
		close(fd);
	if (!dir && errno != ENOENT)
		return NRM_ERR_IO;
	for (struct dirent *e; dir && err == NRM_OK && (e = readdir(dir));) {
		if (!version_of(kind, e->d_name, &version))
			continue;
		uint64_t *grown = realloc(list, (n + 1) * sizeof(*list));
		if (!grown) {
			err = NRM_ERR_NOMEM;
			break;
		}
		list = grown;
		list[n++] = version;
	}
	if (dir)
		closedir(dir);
	if (err != NRM_OK) {
		free(list);
		return err;
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), ascending);
	*ret_version = list;
	*ret_n = n;
	return NRM_OK;
}
