#include "agents/auditor/export.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/auditor/export_parts.h"
#include "proto/base/limits.h"

/* What lies in the folder, for who finds it. */
static const char about[] =
	"The trail of a national referral mechanism: who dealt with whom about which service, and "
	"when;\n"
	"nothing of a person.\n"
	"\n"
	"checkpoint     how many leaves there are and their root, signed (C2SP tlog-checkpoint)\n"
	"witnessed      the last such head that a quorum of agencies vouched for (C2SP "
	"tlog-cosignature)\n"
	"tile/          the leaves (tile/entries) and the hashes of their tree (C2SP tlog-tiles)\n"
	"directory/     every directory of participants, as the national authority signed it: it "
	"names the\n"
	"               keys that sign checkpoints\n"
	"policy/        every policy that decisions were made under\n"
	"timestamps/    of checkpoints, by a timestamping authority (RFC 3161), where there are "
	"any\n"
	"views/         only where they were asked for: what oversight may know of each leaf. "
	"Whoever has\n"
	"               them knows cases; they are to be guarded like the case keys.\n"
	"\n"
	"`nrm audit verify --export FOLDER --authority KEY` verifies it, and so can any program "
	"that knows the\n"
	"formats of c2sp.org; section 20 of the protocol (PROTOCOL.md) tells the rest.\n";

/* --- beginning --- */

/* What the folder holds already must be the beginning of this trail. */
static enum nrm_err check_before(struct nrm_exporting *e, struct nrm_txn *txn)
{
	const struct nrm_slice note = nrm_buf_slice(&e->old_note);
	struct nrm_head head;
	enum nrm_err err;

	if (note.len == 0)
		return NRM_OK;
	e->faults.file = NRM_EXPORT_CHECKPOINT;
	nrm_trust_open(&e->trust, note, 0, &e->faults, &head);
	if (e->faults.first.what)
		return NRM_OK;
	if (head.checkpoint.size > e->head.checkpoint.size) {
		nrm_fault_number(&e->faults, NRM_NO_LEAF,
				 "the trail is shorter than what was exported (in leaves)",
				 head.checkpoint.size, e->head.checkpoint.size);
		return NRM_OK;
	}
	err = nrm_tile_edge_load(&e->edge, head.checkpoint.size, nrm_trail_node, txn);
	if (err != NRM_OK)
		return err;
	const struct nrm_hash root = nrm_tile_edge_root(&e->edge);
	if (memcmp(&root, &head.checkpoint.root, sizeof(root)) != 0)
		nrm_fault_hash(&e->faults, NRM_NO_LEAF, 1,
			       "what was exported is not the beginning of this trail: the root at "
			       "that size is another",
			       &head.checkpoint.root, nrm_slice(root.bytes, NRM_HASH_LEN));
	e->report.before = head.checkpoint.size;
	return NRM_OK;
}

static enum nrm_err start(struct nrm_exporting *e, const char *path)
{
	struct nrm_slice note, vouched, directory = {0};
	struct nrm_txn *txn;
	uint64_t size;
	enum nrm_err err;

	if ((err = nrm_folder_open(path, true, &e->folder)))
		return err;
	if (flock(e->folder.fd, LOCK_EX | LOCK_NB) != 0)
		return NRM_ERR_AGAIN;
	if (!e->options->views && nrm_folder_has(&e->folder, NRM_EXPORT_VIEWS))
		return NRM_ERR_EXISTS;
	err = nrm_folder_read(&e->folder, NRM_EXPORT_CHECKPOINT, NRM_MAX_NOTE, &e->old_note);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	if ((err = nrm_audit_snapshot(&e->reader, &txn)) || (err = nrm_trail_size(txn, &size)))
		return err;
	err = nrm_audit_newest(txn, 'd', &directory);
	if (err != NRM_OK && (err != NRM_ERR_NOT_FOUND || e->options->n_given == 0))
		return err;
	if ((err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note)) ||
	    (err = nrm_trust_make(&e->trust, directory, NULL, e->options->given,
				  e->options->n_given)))
		return err;
	if ((err = nrm_audit_vouched(txn, &vouched)))
		return err;
	nrm_buf_put(&e->note, note.data, note.len);
	nrm_buf_put(&e->vouched, vouched.data, vouched.len);
	nrm_trust_open(&e->trust, note, 0, &e->faults, &e->head);
	e->report.leaves = e->head.checkpoint.size;
	if (!e->faults.first.what && e->report.leaves > size)
		nrm_fault_number(&e->faults, size,
				 "the trail is shorter than its signed checkpoint",
				 e->report.leaves, size);
	if (e->faults.first.what)
		return NRM_OK;
	e->report.after = size - e->report.leaves;
	return e->note.err == NRM_OK ? check_before(e, txn) : e->note.err;
}

/* --- tiles and bundles --- */

static enum nrm_err write_tile(void *exporting, unsigned level, uint64_t number,
			       const struct nrm_hash *hash, unsigned width)
{
	const struct nrm_exporting *e = exporting;
	char path[NRM_TILE_PATH];

	nrm_tile_path(level, number, width, path);
	return nrm_folder_write(&e->folder, path, 0644, nrm_slice(hash, width * sizeof(*hash)));
}

static enum nrm_err write_bundle(struct nrm_exporting *e, uint64_t number)
{
	char path[NRM_TILE_PATH];

	nrm_tile_path(NRM_TILE_ENTRIES, number,
		      nrm_tile_width(NRM_TILE_ENTRIES, number, e->report.leaves), path);
	return e->bundle.err != NRM_OK
		       ? e->bundle.err
		       : nrm_folder_write(&e->folder, path, 0644, nrm_buf_slice(&e->bundle));
}

/* Reads one leaf into the bundle. One that was exported before must be the one that it was. */
static enum nrm_err take_leaf(struct nrm_exporting *e, uint64_t index)
{
	struct nrm_trail_row row;
	enum nrm_err err = nrm_audit_row(&e->reader, index, &row);

	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT) {
		nrm_fault(&e->faults, index,
			  err == NRM_ERR_CORRUPT ? "the row of the leaf is malformed"
						 : "the leaf is missing");
		return NRM_OK;
	}
	if (err != NRM_OK)
		return err;
	const struct nrm_hash hash = nrm_leaf_hash(row.leaf);
	const struct nrm_hash *was = &e->edge.tile[0][index % NRM_TILE_WIDTH];
	if (index < e->report.before && memcmp(&hash, was, sizeof(hash)) != 0)
		nrm_fault_hash(&e->faults, index, 1, "the leaf is not the one that was exported",
			       &hash, nrm_slice(was->bytes, NRM_HASH_LEN));
	nrm_buf_put_u16(&e->bundle, (uint16_t)row.leaf.len);
	nrm_buf_put(&e->bundle, row.leaf.data, row.leaf.len);
	return index < e->report.before ? NRM_OK
					: nrm_tile_edge_append(&e->edge, &hash, write_tile, e);
}

/* Whole bundles from the one in which the old export ended. */
static enum nrm_err write_leaves(struct nrm_exporting *e)
{
	const uint64_t size = e->report.leaves;
	enum nrm_err err = NRM_OK;

	if (e->report.before == size)
		return NRM_OK;
	for (uint64_t index = e->report.before / NRM_TILE_WIDTH * NRM_TILE_WIDTH; index < size;
	     index++) {
		nrm_progress_tell(e->options->progress, "leaves", index, size);
		err = take_leaf(e, index);
		if (err != NRM_OK || e->faults.first.what)
			return err;
		if (index % NRM_TILE_WIDTH != NRM_TILE_WIDTH - 1 && index + 1 < size)
			continue;
		err = write_bundle(e, index / NRM_TILE_WIDTH);
		if (err != NRM_OK)
			return err;
		nrm_buf_clear(&e->bundle);
	}
	const struct nrm_hash root = nrm_tile_edge_root(&e->edge),
			      *signed_root = &e->head.checkpoint.root;
	if (memcmp(&root, signed_root, sizeof(root)) != 0)
		nrm_fault_hash(&e->faults, NRM_NO_LEAF, 1,
			       "the root at the checkpoint's size is not the signed one",
			       signed_root, nrm_slice(root.bytes, NRM_HASH_LEN));
	return e->faults.first.what ? NRM_OK : nrm_tile_edge_partials(&e->edge, write_tile, e);
}

/* Partial tiles of the old checkpoint whose full ones are there now. */
static void remove_partials(const struct nrm_exporting *e)
{
	char path[NRM_TILE_PATH];

	for (unsigned level = 0; level <= NRM_TILE_ENTRIES; level++) {
		const uint64_t number = level == NRM_TILE_ENTRIES
						? e->report.before / NRM_TILE_WIDTH
						: e->report.before >> 8 * level >> 8;

		if (nrm_tile_width(level, number, e->report.before) == 0 ||
		    nrm_tile_width(level, number, e->report.leaves) < NRM_TILE_WIDTH)
			continue;
		for (unsigned width = 1; width < NRM_TILE_WIDTH; width++) {
			nrm_tile_path(level, number, width, path);
			unlinkat(e->folder.fd, path, 0);
		}
		*strrchr(path, '/') = '\0';
		unlinkat(e->folder.fd, path, AT_REMOVEDIR);
	}
}

/* --- the rest --- */

/* Each signed document as the store has it; they never change. */
static enum nrm_err write_documents(struct nrm_exporting *e)
{
	struct nrm_slice key = nrm_slice(NULL, 0), value;
	struct nrm_cursor *cursor = NULL;
	char path[NRM_TILE_PATH];
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(&e->reader, &txn);

	if (err == NRM_OK)
		err = nrm_cursor_open(txn, NRM_TABLE_DOCUMENTS, &cursor);
	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, key, &key, &value);
	while (err == NRM_OK) {
		if (key.len == 9) {
			nrm_document_path(key.data[0] == 'd' ? NRM_EXPORT_DIRECTORY
							     : NRM_EXPORT_POLICY,
					  nrm_load_u64(key.data + 1), path);
			if (!nrm_folder_has(&e->folder, path))
				err = nrm_folder_write(&e->folder, path, 0644, value);
		}
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &value);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

static enum nrm_err write_all(struct nrm_exporting *e)
{
	enum nrm_err err = write_leaves(e);

	if (err == NRM_OK && !e->faults.first.what)
		err = write_documents(e);
	if (err == NRM_OK && !e->faults.first.what && e->options->views)
		err = nrm_export_views(e);
	if (err != NRM_OK || e->faults.first.what)
		return err;
	mkdirat(e->folder.fd, NRM_EXPORT_TIMESTAMPS, 0755);
	if ((err = nrm_folder_write(&e->folder, "README", 0644, nrm_slice_str(about))) ||
	    (err = nrm_folder_sync(&e->folder)) ||
	    (err = nrm_folder_write(&e->folder, NRM_EXPORT_CHECKPOINT, 0644,
				    nrm_buf_slice(&e->note))) ||
	    (e->vouched.len > 0 && (err = nrm_folder_write(&e->folder, NRM_EXPORT_WITNESSED, 0644,
							   nrm_buf_slice(&e->vouched)))) ||
	    (err = nrm_folder_sync(&e->folder)))
		return err;
	remove_partials(e);
	return NRM_OK;
}

enum nrm_err nrm_audit_export(struct nrm_store *store, const struct nrm_case_keys *keys,
			      const char *path, const struct nrm_export_options *options,
			      struct nrm_export_report *ret_report)
{
	struct nrm_exporting *e = calloc(1, sizeof(*e));
	enum nrm_err err = NRM_ERR_ARGUMENT;

	if (!e)
		return NRM_ERR_NOMEM;
	e->options = options;
	e->keys = keys;
	e->folder.fd = -1;
	nrm_audit_reader_init(&e->reader, store);
	if (options->views && !keys)
		goto out;
	err = start(e, path);
	if (err == NRM_OK && !e->faults.first.what)
		err = write_all(e);
	e->report.fault = e->faults.first;
	if (err == NRM_OK)
		*ret_report = e->report;
out:
	nrm_audit_reader_done(&e->reader);
	nrm_folder_close(&e->folder);
	nrm_trust_done(&e->trust);
	nrm_buf_done(&e->old_note);
	nrm_buf_done(&e->note);
	nrm_buf_done(&e->vouched);
	nrm_buf_done(&e->bundle);
	free(e);
	return err;
}
