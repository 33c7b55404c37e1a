#include "agents/auditor/stamp.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/limits.h"

/* The note first: a reply alone would be of nothing. */
static enum nrm_err keep(const struct nrm_folder *folder, uint64_t size, struct nrm_slice note,
			 struct nrm_slice reply)
{
	char path[NRM_TILE_PATH];
	enum nrm_err err;

	nrm_stamped_path(size, path);
	err = nrm_folder_write(folder, path, 0644, note);
	nrm_document_path(NRM_EXPORT_TIMESTAMPS, size, path);
	if (err == NRM_OK)
		err = nrm_folder_write(folder, path, 0644, reply);
	return err == NRM_OK ? nrm_folder_sync(folder) : err;
}

static enum nrm_err ask(struct nrm_slice note, const char *url, unsigned seconds,
			const char *ca_file, struct nrm_buf *reply,
			char why[static NRM_TIMESTAMP_WHY_LEN])
{
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_buf query = {0};

	nrm_sha256_one(note, digest);
	enum nrm_err err = nrm_timestamp_query(digest, &query);
	if (err == NRM_OK)
		err = nrm_timestamp_fetch(url, nrm_buf_slice(&query), seconds, reply, why);
	if (err == NRM_OK)
		err = nrm_timestamp_answers(nrm_buf_slice(reply), nrm_buf_slice(&query), why);
	if (err == NRM_OK && ca_file)
		err = nrm_timestamp_verify(nrm_buf_slice(reply), digest, ca_file, why);
	nrm_buf_done(&query);
	return err;
}

enum nrm_err nrm_audit_stamp(const struct nrm_folder *folder, struct nrm_slice note,
			     const char *url, unsigned seconds, const char *ca_file,
			     struct nrm_stamp *ret_stamp, char why[static NRM_TIMESTAMP_WHY_LEN])
{
	struct nrm_stamp stamp = {.size = nrm_stated_size(note)};
	char path[NRM_TILE_PATH];
	struct nrm_buf reply = {0};
	enum nrm_err err;

	snprintf(why, NRM_TIMESTAMP_WHY_LEN, "the checkpoint is malformed");
	if (stamp.size == 0)
		return NRM_ERR_FORMAT;
	nrm_document_path(NRM_EXPORT_TIMESTAMPS, stamp.size, path);
	err = nrm_folder_read(folder, path, NRM_MAX_TIMESTAMP, &reply);
	stamp.there = err == NRM_OK;
	if (err == NRM_ERR_NOT_FOUND) {
		err = ask(note, url, seconds, ca_file, &reply, why);
		if (err == NRM_OK) {
			err = keep(folder, stamp.size, note, nrm_buf_slice(&reply));
			snprintf(why, NRM_TIMESTAMP_WHY_LEN, "%s: could not be written", path);
		}
	} else if (err != NRM_OK) {
		snprintf(why, NRM_TIMESTAMP_WHY_LEN, "%s: %s", path, nrm_err_text(err));
	}
	if (err == NRM_OK) {
		err = nrm_timestamp_time(nrm_buf_slice(&reply), &stamp.time_ms);
		snprintf(why, NRM_TIMESTAMP_WHY_LEN, "%s: no timestamp", path);
	}
	if (err == NRM_OK)
		*ret_stamp = stamp;
	nrm_buf_done(&reply);
	return err;
}

static enum nrm_err copy(const struct nrm_folder *from, const struct nrm_folder *to, uint64_t size)
{
	char note_path[NRM_TILE_PATH], path[NRM_TILE_PATH];
	struct nrm_buf note = {0}, reply = {0};
	enum nrm_err err;

	nrm_stamped_path(size, note_path);
	nrm_document_path(NRM_EXPORT_TIMESTAMPS, size, path);
	err = nrm_folder_read(from, note_path, NRM_MAX_NOTE, &note);
	if (err == NRM_OK)
		err = nrm_folder_read(from, path, NRM_MAX_TIMESTAMP, &reply);
	if (err == NRM_OK)
		err = keep(to, size, nrm_buf_slice(&note), nrm_buf_slice(&reply));
	nrm_buf_done(&note);
	nrm_buf_done(&reply);
	return err;
}

enum nrm_err nrm_audit_copy_stamps(const struct nrm_folder *from, const struct nrm_folder *to,
				   uint64_t *ret_n)
{
	char path[NRM_TILE_PATH];
	uint64_t *size, copied = 0;
	size_t n;
	enum nrm_err err = nrm_folder_versions(from, NRM_EXPORT_TIMESTAMPS, &size, &n);

	if (err != NRM_OK)
		return err;
	for (size_t i = 0; err == NRM_OK && i < n; i++) {
		nrm_document_path(NRM_EXPORT_TIMESTAMPS, size[i], path);
		if (nrm_folder_has(to, path))
			continue;
		err = copy(from, to, size[i]);
		copied++;
	}
	free(size);
	if (err == NRM_OK)
		*ret_n = copied;
	return err;
}
