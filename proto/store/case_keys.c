/*
 * File: 16 bytes of magic, the number of filled slots (u32, big endian), 12 zeros, then slots of
 * 32 bytes. Slots are written and synced before the number that covers them is, so an interrupted
 * filling leaves only bytes past the last slot, which the next one overwrites.
 */
#include "proto/store/case_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/buf.h"
#include "proto/base/file.h"

#define HEADER_LEN 32
#define COUNT_AT   16
static const uint8_t magic[16] = "nrm case keys 1";

struct nrm_case_keys {
	int fd; /* of the file; of anonymous memory for the twin */
	uint32_t count;
	bool read_only;
	bool numbered; /* keys follow from their slots: in memory only */
};

static enum nrm_err failed(void)
{
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return NRM_ERR_FULL;
	return errno == ENOENT ? NRM_ERR_NOT_FOUND : NRM_ERR_IO;
}

static off_t place(uint32_t slot)
{
	return HEADER_LEN + (off_t)slot * NRM_KEY_LEN;
}

static enum nrm_err write_synced(int fd, const void *bytes, size_t len, off_t at)
{
	const uint8_t *p = bytes;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed();
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return fdatasync(fd) == 0 ? NRM_OK : failed();
}

static void make_header(uint32_t count, uint8_t header[static HEADER_LEN])
{
	memset(header, 0, HEADER_LEN);
	memcpy(header, magic, sizeof(magic));
	nrm_store_u32(header + COUNT_AT, count);
}

static enum nrm_err read_header(struct nrm_case_keys *keys, off_t size)
{
	static const uint8_t zeros[HEADER_LEN - COUNT_AT - 4];
	uint8_t header[HEADER_LEN];

	if (size < HEADER_LEN || pread(keys->fd, header, sizeof(header), 0) != sizeof(header))
		return NRM_ERR_CORRUPT;
	struct nrm_reader r = nrm_reader(nrm_slice(header + COUNT_AT, HEADER_LEN - COUNT_AT));
	uint32_t count = nrm_take_u32(&r);
	if (memcmp(header, magic, sizeof(magic)) != 0 ||
	    memcmp(r.rest.data, zeros, sizeof(zeros)) != 0)
		return NRM_ERR_CORRUPT;
	if (size < place(count) || size > place(count) + (off_t)NRM_CASE_KEYS_AHEAD * NRM_KEY_LEN)
		return NRM_ERR_CORRUPT;
	keys->count = count;
	return NRM_OK;
}

/* A new file appears whole or not at all. */
static enum nrm_err create_file(const char *path)
{
	uint8_t header[HEADER_LEN];

	make_header(0, header);
	return nrm_file_replace(path, 0600, nrm_slice(header, sizeof(header)));
}

static enum nrm_err open_file(struct nrm_case_keys *keys, const char *path)
{
	struct stat st;

	if (!keys->read_only && access(path, F_OK) != 0 && errno == ENOENT) {
		enum nrm_err err = create_file(path);
		if (err != NRM_OK)
			return err;
	}
	keys->fd = open(path, (keys->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (keys->fd < 0 || fstat(keys->fd, &st) != 0)
		return failed();
	if (!S_ISREG(st.st_mode))
		return NRM_ERR_CORRUPT;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return NRM_ERR_PERMISSION;
	return read_header(keys, st.st_size);
}

static enum nrm_err open_anonymous(struct nrm_case_keys *keys)
{
	keys->fd = memfd_create("nrm-case-keys", MFD_CLOEXEC);
	return keys->fd < 0 ? failed() : NRM_OK;
}

enum nrm_err nrm_case_keys_open(const char *path, bool read_only, struct nrm_case_keys **ret_keys)
{
	struct nrm_case_keys *keys = malloc(sizeof(*keys));

	if (!keys)
		return NRM_ERR_NOMEM;
	*keys = (struct nrm_case_keys){.fd = -1, .read_only = read_only, .numbered = !path};
	enum nrm_err err = path ? open_file(keys, path) : open_anonymous(keys);
	if (err != NRM_OK) {
		nrm_case_keys_close(keys);
		return err;
	}
	*ret_keys = keys;
	return NRM_OK;
}

void nrm_case_keys_close(struct nrm_case_keys *keys)
{
	if (keys && keys->fd >= 0)
		close(keys->fd);
	free(keys);
}

uint32_t nrm_case_keys_count(const struct nrm_case_keys *keys)
{
	return keys->count;
}

/* Random keys; in memory they follow from their numbers, so that a simulation can be repeated. */
static void draw(const struct nrm_case_keys *keys,
		 uint8_t fresh[static NRM_CASE_KEYS_AHEAD * NRM_KEY_LEN])
{
	uint8_t number[4];

	if (!keys->numbered) {
		nrm_random(fresh, NRM_CASE_KEYS_AHEAD * NRM_KEY_LEN);
		return;
	}
	for (uint32_t i = 0; i < NRM_CASE_KEYS_AHEAD; i++) {
		nrm_store_u32(number, keys->count + i);
		nrm_sha256_one(nrm_slice(number, sizeof(number)), fresh + i * NRM_KEY_LEN);
	}
}

/* Adds the first `n` of the slots at `slots`, and then the number that covers them. */
static enum nrm_err add_slots(struct nrm_case_keys *keys, const uint8_t *slots, uint32_t n)
{
	uint8_t header[HEADER_LEN];
	enum nrm_err err =
		write_synced(keys->fd, slots, (size_t)n * NRM_KEY_LEN, place(keys->count));

	make_header(keys->count + n, header);
	if (err == NRM_OK)
		err = write_synced(keys->fd, header, sizeof(header), 0);
	if (err == NRM_OK)
		keys->count += n;
	return err;
}

enum nrm_err nrm_case_keys_fill(struct nrm_case_keys *keys, uint32_t used)
{
	uint8_t fresh[NRM_CASE_KEYS_AHEAD * NRM_KEY_LEN];
	enum nrm_err err = NRM_OK;

	if (keys->read_only || used > UINT32_MAX - 2 * NRM_CASE_KEYS_AHEAD)
		return NRM_ERR_ARGUMENT;
	while (err == NRM_OK && keys->count < used + NRM_CASE_KEYS_AHEAD / 2) {
		draw(keys, fresh);
		err = add_slots(keys, fresh, NRM_CASE_KEYS_AHEAD);
	}
	nrm_wipe(fresh, sizeof(fresh));
	return err;
}

enum nrm_err nrm_case_keys_skip(struct nrm_case_keys *keys, uint32_t used)
{
	static const uint8_t lost[NRM_CASE_KEYS_AHEAD * NRM_KEY_LEN];
	enum nrm_err err = NRM_OK;

	if (keys->read_only || used > UINT32_MAX - 2 * NRM_CASE_KEYS_AHEAD)
		return NRM_ERR_ARGUMENT;
	while (err == NRM_OK && keys->count < used) {
		uint32_t n = used - keys->count;

		err = add_slots(keys, lost, n < NRM_CASE_KEYS_AHEAD ? n : NRM_CASE_KEYS_AHEAD);
	}
	return err;
}

enum nrm_err nrm_case_keys_get(const struct nrm_case_keys *keys, uint32_t slot,
			       uint8_t key[static NRM_KEY_LEN])
{
	static const uint8_t forgotten[NRM_KEY_LEN];
	uint8_t bytes[NRM_KEY_LEN];
	enum nrm_err err = NRM_OK;

	if (slot >= keys->count)
		return NRM_ERR_NOT_FOUND;
	if (pread(keys->fd, bytes, sizeof(bytes), place(slot)) != sizeof(bytes))
		err = NRM_ERR_IO;
	else if (memcmp(bytes, forgotten, sizeof(bytes)) == 0)
		err = NRM_ERR_NOT_FOUND;
	else
		memcpy(key, bytes, sizeof(bytes));
	nrm_wipe(bytes, sizeof(bytes));
	return err;
}

enum nrm_err nrm_case_keys_forget(struct nrm_case_keys *keys, uint32_t slot)
{
	static const uint8_t zeros[NRM_KEY_LEN];

	if (keys->read_only)
		return NRM_ERR_ARGUMENT;
	if (slot >= keys->count)
		return NRM_ERR_NOT_FOUND;
	return write_synced(keys->fd, zeros, sizeof(zeros), place(slot));
}
