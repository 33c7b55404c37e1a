#include "agents/auditor/proof.h"

#include <stdlib.h>

#include "agents/auditor/folder.h"
#include "proto/base/limits.h"

/* Where a leaf and its tree are taken from. */
struct origin {
	struct nrm_slice directory, note;
	nrm_node_source node;
	void *from;
	enum nrm_err (*leaf)(void *from, uint64_t index, struct nrm_buf *out);
	void *leaves;
};

static enum nrm_err write_proof(const struct origin *origin, uint64_t index,
				const struct nrm_checkpoint *checkpoint, struct nrm_faults *faults,
				struct nrm_buf *out)
{
	struct nrm_hash path[NRM_MAX_TREE_PATH];
	struct nrm_buf leaf = {0};
	enum nrm_err err;
	size_t len;

	err = origin->leaf(origin->leaves, index, &leaf);
	if (err == NRM_OK)
		err = nrm_inclusion_path(index, checkpoint->size, origin->node, origin->from, path,
					 &len);
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT || err == NRM_ERR_LIMIT) {
		nrm_fault(faults, index, "the leaf, or a hash of its proof, is not there");
		err = NRM_OK;
	} else if (err == NRM_OK) {
		const struct nrm_hash hash = nrm_leaf_hash(nrm_buf_slice(&leaf));
		err = nrm_inclusion_verify(&hash, index, checkpoint->size, path, len,
					   &checkpoint->root);
		if (err == NRM_ERR_PROOF) {
			nrm_fault(faults, index,
				  "the leaf does not lead to the root that was signed");
			err = NRM_OK;
		} else if (err == NRM_OK) {
			err = nrm_proof_file_write(nrm_buf_slice(&leaf), index, path, len,
						   origin->note, out);
		}
	}
	nrm_buf_done(&leaf);
	return err;
}

static enum nrm_err prove(const struct origin *origin, uint64_t index,
			  const struct nrm_note_key *given, size_t n_given, struct nrm_buf *out,
			  struct nrm_prove_report *report)
{
	struct nrm_faults faults = {.file = NULL};
	struct nrm_trust trust;
	enum nrm_err err = nrm_trust_make(&trust, origin->directory, NULL, given, n_given);

	if (err != NRM_OK)
		return err;
	nrm_trust_open(&trust, origin->note, 0, &faults, &report->head);
	if (!faults.first.what)
		err = index < report->head.checkpoint.size
			      ? write_proof(origin, index, &report->head.checkpoint, &faults, out)
			      : NRM_ERR_ARGUMENT;
	report->fault = faults.first;
	nrm_trust_done(&trust);
	return err;
}

/* --- from a store --- */

static enum nrm_err store_leaf(void *reader, uint64_t index, struct nrm_buf *out)
{
	struct nrm_trail_row row;
	enum nrm_err err = nrm_audit_row(reader, index, &row);

	if (err == NRM_OK)
		nrm_buf_put(out, row.leaf.data, row.leaf.len);
	return err == NRM_OK ? out->err : err;
}

enum nrm_err nrm_audit_prove(struct nrm_store *store, uint64_t index,
			     const struct nrm_note_key *given, size_t n_given, struct nrm_buf *out,
			     struct nrm_prove_report *ret_report)
{
	struct nrm_prove_report report = {.head = {.signer = ""}};
	struct origin origin = {.node = nrm_trail_node, .leaf = store_leaf};
	struct nrm_audit_reader reader;
	struct nrm_slice vouched;
	struct nrm_txn *txn;

	nrm_audit_reader_init(&reader, store);
	enum nrm_err err = nrm_audit_snapshot(&reader, &txn);
	if (err == NRM_OK)
		err = nrm_audit_newest(txn, 'd', &origin.directory);
	if (err == NRM_ERR_NOT_FOUND && n_given > 0)
		err = NRM_OK;
	if (err == NRM_OK)
		err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT),
			      &origin.note);
	if (err == NRM_OK)
		err = nrm_audit_vouched(txn, &vouched);
	if (err == NRM_OK && index < nrm_stated_size(vouched))
		origin.note = vouched; /* a court asks who vouches for it */
	origin.from = txn;
	origin.leaves = &reader;
	if (err == NRM_OK)
		err = prove(&origin, index, given, n_given, out, &report);
	nrm_audit_reader_done(&reader);
	if (err == NRM_OK || err == NRM_ERR_ARGUMENT)
		*ret_report = report;
	return err;
}

/* --- from an export --- */

static enum nrm_err bundled_leaf(void *tiles, uint64_t index, struct nrm_buf *out)
{
	const struct nrm_tile_source *of = tiles;
	const uint64_t number = index / NRM_TILE_WIDTH;
	struct nrm_slice leaf = {0};
	char path[NRM_TILE_PATH];
	struct nrm_buf bundle = {0};
	enum nrm_err err = nrm_folder_tile(of->from, NRM_TILE_ENTRIES, number,
					   nrm_tile_width(NRM_TILE_ENTRIES, number, of->size), path,
					   &bundle);

	struct nrm_reader entries = nrm_reader(nrm_buf_slice(&bundle));
	for (uint64_t i = 0; err == NRM_OK && i <= index % NRM_TILE_WIDTH; i++)
		leaf = nrm_take(&entries, nrm_take_u16(&entries));
	if (err == NRM_OK && entries.failed)
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK) {
		nrm_buf_put(out, leaf.data, leaf.len);
		err = out->err;
	}
	nrm_buf_done(&bundle);
	return err;
}

/* The newest directory, when there is one. */
static enum nrm_err newest_directory(const struct nrm_folder *folder, struct nrm_buf *out)
{
	char path[NRM_TILE_PATH];
	uint64_t *version;
	size_t n;
	enum nrm_err err = nrm_folder_versions(folder, NRM_EXPORT_DIRECTORY, &version, &n);

	if (err != NRM_OK || n == 0)
		return err;
	nrm_document_path(NRM_EXPORT_DIRECTORY, version[n - 1], path);
	free(version);
	return nrm_folder_read(folder, path, NRM_MAX_DIRECTORY + NRM_MAX_HEAD, out);
}

enum nrm_err nrm_audit_prove_export(const char *path, uint64_t index,
				    const struct nrm_note_key *given, size_t n_given,
				    struct nrm_buf *out, struct nrm_prove_report *ret_report)
{
	struct nrm_prove_report report = {.head = {.signer = ""}};
	struct nrm_buf directory = {0}, note = {0}, vouched = {0};
	struct nrm_folder folder = {-1};
	struct nrm_tile_source tiles = {0, nrm_folder_hashes, &folder};
	struct origin origin = {
		.node = nrm_tile_node, .from = &tiles, .leaf = bundled_leaf, .leaves = &tiles};
	enum nrm_err err;

	if ((err = nrm_folder_open(path, false, &folder)) ||
	    (err = nrm_folder_read(&folder, NRM_EXPORT_CHECKPOINT, NRM_MAX_NOTE, &note)) ||
	    (err = newest_directory(&folder, &directory)))
		goto out;
	err = nrm_folder_read(&folder, NRM_EXPORT_WITNESSED, NRM_MAX_NOTE, &vouched);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		goto out;
	tiles.size = nrm_stated_size(nrm_buf_slice(&note));
	origin.directory = nrm_buf_slice(&directory);
	origin.note =
		nrm_buf_slice(index < nrm_stated_size(nrm_buf_slice(&vouched)) ? &vouched : &note);
	err = prove(&origin, index, given, n_given, out, &report);
	if (err == NRM_OK || err == NRM_ERR_ARGUMENT)
		*ret_report = report;
out:
	nrm_folder_close(&folder);
	nrm_buf_done(&directory);
	nrm_buf_done(&note);
	nrm_buf_done(&vouched);
	return err;
}

/* --- checking --- */

/* The checkpoint stands after the first empty line. */
static struct nrm_slice note_of(struct nrm_slice file)
{
	const uint8_t *gap = file.len ? memmem(file.data, file.len, "\n\n", 2) : NULL;

	return gap ? nrm_slice(gap + 2, file.len - (size_t)(gap + 2 - file.data))
		   : nrm_slice(NULL, 0);
}

static void show(const struct nrm_trust *trust, struct nrm_slice file, struct nrm_faults *faults,
		 struct nrm_proof_shown *shown)
{
	struct nrm_proof_file proof = {.index = 0};
	enum nrm_err err = NRM_ERR_SIGNATURE;
	struct nrm_arena arena;
	struct nrm_leaf leaf;

	for (size_t i = 0; err == NRM_ERR_SIGNATURE && i < trust->n_logs; i++)
		err = nrm_proof_file_check(file, &trust->log[i], NULL, 0, &proof);
	if (err == NRM_ERR_PROOF)
		nrm_fault(faults, NRM_NO_LEAF,
			  "the leaf in the file does not lead to the root that was signed");
	else if (err != NRM_OK)
		nrm_fault(faults, NRM_NO_LEAF, "the file is no proof (C2SP tlog-proof@v1)");
	if (err != NRM_OK)
		return;
	shown->index = proof.index;
	shown->leaf = proof.leaf;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	if (nrm_leaf_decode(nrm_buf_slice(&proof.leaf), &arena, &leaf) != NRM_OK)
		nrm_fault(faults, proof.index, "the leaf is not in its canonical encoding");
	nrm_arena_done(&arena);
}

enum nrm_err nrm_audit_check_proof(const struct nrm_trust *trust, struct nrm_slice file,
				   uint32_t quorum, struct nrm_faults *faults,
				   struct nrm_proof_shown *ret_shown)
{
	const struct nrm_slice note = note_of(file);
	struct nrm_proof_shown shown = {.index = 0};

	if (note.len == 0)
		nrm_fault(faults, NRM_NO_LEAF, "the file is no proof (C2SP tlog-proof@v1)");
	else
		nrm_trust_open(trust, note, quorum, faults, &shown.head);
	nrm_buf_put(&shown.note, note.data, note.len);
	if (!faults->first.what)
		show(trust, file, faults, &shown);
	*ret_shown = shown;
	return shown.note.err;
}
