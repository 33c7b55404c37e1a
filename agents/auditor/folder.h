/*
 * An exported trail: a plain folder, as PROTOCOL.md ("Export") describes it.
 *
 *	checkpoint                    the signed note
 *	witnessed                     the note of the last head that a quorum of witnesses vouched for, where there is one
 *	tile/<L>/<N>[.p/<W>]          hashes; tile/entries/<N>[.p/<W>] leaves (C2SP tlog-tiles)
 *	directory/<V>.signed          every directory and policy that was ever in force, as the authority signed them
 *	policy/<V>.signed
 *	timestamps/<SIZE>.note .tsr   a checkpoint, and its timestamp by an authority (stamp.h)
 *	views/<N>                     for who holds the case keys: what oversight may know of the leaves of bundle N
 */
#ifndef NRM_AUDITOR_FOLDER_H
#define NRM_AUDITOR_FOLDER_H

#include <sys/types.h>

#include "proto/base/buf.h"
#include "proto/trail/tiles.h"

#define NRM_EXPORT_CHECKPOINT "checkpoint"
#define NRM_EXPORT_WITNESSED  "witnessed"
#define NRM_EXPORT_DIRECTORY  "directory"
#define NRM_EXPORT_POLICY     "policy"
#define NRM_EXPORT_TIMESTAMPS "timestamps"
#define NRM_EXPORT_VIEWS      "views"

/* An open folder; fd −1: none. */
struct nrm_folder {
	int fd;
};

/* `make`: it is made, 0755, when it is not there. NRM_ERR_NOT_FOUND, NRM_ERR_IO. */
enum nrm_err nrm_folder_open(const char *path, bool make,
			     struct nrm_folder *ret_folder) NRM_MUST_USE;
void nrm_folder_close(struct nrm_folder *folder);

/* Whether there is a folder or file of this name. */
bool nrm_folder_has(const struct nrm_folder *folder, const char *name);

/*
 * Appends a file's bytes to `out`. NRM_ERR_NOT_FOUND when there is no such file, NRM_ERR_LIMIT when it has more than `most`
 * bytes, NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_folder_read(const struct nrm_folder *folder, const char *name, size_t most,
			     struct nrm_buf *out) NRM_MUST_USE;
/* Puts a file in the place of what may be there, in one step, and makes the folders above it. Not synced. NRM_ERR_IO. */
enum nrm_err nrm_folder_write(const struct nrm_folder *folder, const char *name, mode_t mode,
			      struct nrm_slice bytes) NRM_MUST_USE;
/* Syncs all that was written to the folder's file system. NRM_ERR_IO. */
enum nrm_err nrm_folder_sync(const struct nrm_folder *folder) NRM_MUST_USE;

/*
 * Reads a tile or a bundle of entries, of which `width` hashes or entries count: the partial one of this width, or where
 * that was deleted the full one. `path` receives which it was (the one that was wanted, when there is none).
 * NRM_ERR_NOT_FOUND, NRM_ERR_LIMIT, NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_folder_tile(const struct nrm_folder *folder, unsigned level, uint64_t number,
			     unsigned width, char path[static NRM_TILE_PATH],
			     struct nrm_buf *out) NRM_MUST_USE;
/* A `read` of struct nrm_tile_source; `folder` is a struct nrm_folder. NRM_ERR_CORRUPT for a tile of another length. */
enum nrm_err nrm_folder_hashes(void *folder, unsigned level, uint64_t number, unsigned width,
			       struct nrm_hash *hash);

/* The size that a note states in its second line, 0 for none; whether it is to be believed is decided elsewhere. */
uint64_t nrm_stated_size(struct nrm_slice note);

/* Writes the name of a view file, of a note that was stamped, or of a signed document or timestamp (a document of its kind). */
void nrm_stamped_path(uint64_t size, char out[static NRM_TILE_PATH]);
void nrm_view_path(uint64_t bundle, char out[static NRM_TILE_PATH]);
void nrm_document_path(const char *kind, uint64_t version, char out[static NRM_TILE_PATH]);
/*
 * The versions in directory/ or policy/, or the sizes in timestamps/ (`kind`), ascending; free(*ret_version). None when there is no such folder.
 * NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_folder_versions(const struct nrm_folder *folder, const char *kind,
				 uint64_t **ret_version, size_t *ret_n) NRM_MUST_USE;

#endif
