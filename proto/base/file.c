#include "proto/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, struct nrm_slice bytes)
{
	for (size_t done = 0; done < bytes.len;) {
		ssize_t n = write(fd, bytes.data + done, bytes.len - done);
		if (n <= 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Makes the name durable. */
static enum nrm_err sync_folder(const char *path)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return NRM_ERR_IO;
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NRM_ERR_IO;
	int failed = fsync(fd);
	close(fd);
	return failed ? NRM_ERR_IO : NRM_OK;
}

enum nrm_err nrm_file_create(const char *path, mode_t mode, struct nrm_slice bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return errno == EEXIST ? NRM_ERR_EXISTS : NRM_ERR_IO;
	bool done = fchmod(fd, mode) == 0 && write_all(fd, bytes) && fsync(fd) == 0;
	enum nrm_err err = close(fd) == 0 && done ? sync_folder(path) : NRM_ERR_IO;
	if (err != NRM_OK)
		unlink(path);
	return err;
}

enum nrm_err nrm_file_replace(const char *path, mode_t mode, struct nrm_slice bytes)
{
	char fresh[PATH_MAX];

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return NRM_ERR_IO;
	unlink(fresh); /* of a run that was interrupted */
	enum nrm_err err = nrm_file_create(fresh, mode, bytes);
	if (err != NRM_OK)
		return NRM_ERR_IO;
	if (rename(fresh, path) == 0)
		return sync_folder(path);
	unlink(fresh);
	return NRM_ERR_IO;
}
