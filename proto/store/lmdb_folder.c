#include "proto/store/lmdb_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

enum nrm_err nrm_lmdb_sync_folder(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	return rc == 0 ? NRM_OK : nrm_lmdb_err(saved);
}

enum nrm_err nrm_lmdb_prepare_folder(const char *path)
{
	struct stat st;
	bool made = mkdir(path, 0700) == 0;

	if (!made && errno != EEXIST)
		return nrm_lmdb_err(errno);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return nrm_lmdb_err(errno);
	enum nrm_err err = fstat(fd, &st) == 0 ? NRM_OK : NRM_ERR_IO;
	if (err == NRM_OK && (st.st_mode & (S_IRWXG | S_IRWXO)))
		err = NRM_ERR_PERMISSION;
	if (err == NRM_OK && made)
		err = nrm_lmdb_sync_folder(fd, "..");
	close(fd);
	return err;
}

unsigned nrm_lmdb_reader_flags(const char *path)
{
	char lock[4096];
	int n = snprintf(lock, sizeof(lock), "%s/lock.mdb", path);
	bool locked = n > 0 && (size_t)n < sizeof(lock) && access(lock, W_OK) == 0;

	return MDB_RDONLY | (locked ? 0u : MDB_NOLOCK);
}
