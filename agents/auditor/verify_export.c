/* Verifying an export: the leaves of its bundles, its tiles, its views (PROTOCOL.md, "Export"). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/auditor/folder.h"
#include "agents/auditor/verify_parts.h"
#include "proto/base/limits.h"
#include "proto/trail/tiles.h"

struct walk {
	struct nrm_check check;
	struct nrm_folder folder;
	struct nrm_tile_edge edge;
	struct nrm_buf bundle, hashes, views, tile;
	char path[4][NRM_TILE_PATH]; /* of the four */
	struct nrm_reader view;	     /* what is left of the views of this bundle */
	enum nrm_err err;	     /* what keeps the check from being made */
};

/* A file's absence, or a length that it cannot have, is a fault; what else goes wrong ends the check. */
static bool file_fault(struct walk *w, enum nrm_err err, const char *path, uint64_t leaf)
{
	if (err == NRM_OK)
		return false;
	w->check.faults.file = path;
	if (err == NRM_ERR_NOT_FOUND)
		nrm_fault(&w->check.faults, leaf, "the file is missing");
	else if (err == NRM_ERR_LIMIT)
		nrm_fault(&w->check.faults, leaf, "the file is larger than it can be");
	else
		w->err = err;
	w->check.faults.file = NULL;
	return true;
}

static void length_fault(struct walk *w, const char *path, uint64_t leaf, size_t expected,
			 size_t found)
{
	w->check.faults.file = path;
	nrm_fault_number(&w->check.faults, leaf, "the file has not the length it must have (bytes)",
			 expected, found);
	w->check.faults.file = NULL;
}

/* Reads a tile and its length; false when a fault was recorded or the check cannot go on. */
static bool read_tile(struct walk *w, unsigned level, uint64_t number, unsigned width,
		      uint64_t leaf, char path[static NRM_TILE_PATH], struct nrm_buf *out)
{
	char full[NRM_TILE_PATH];

	nrm_buf_clear(out);
	enum nrm_err err = nrm_folder_tile(&w->folder, level, number, width, path, out);
	if (file_fault(w, err, path, leaf))
		return false;
	nrm_tile_path(level, number, NRM_TILE_WIDTH, full);
	const unsigned has = strcmp(full, path) == 0 ? NRM_TILE_WIDTH : width;
	if (level == NRM_TILE_ENTRIES || out->len == has * NRM_HASH_LEN)
		return true;
	length_fault(w, path, leaf, has * NRM_HASH_LEN, out->len);
	return false;
}

/* A tile of leaves' hashes is compared leaf by leaf, those above it here: each hash stands for 256^level leaves. */
static enum nrm_err compare_tile(void *walk, unsigned level, uint64_t number,
				 const struct nrm_hash *hash, unsigned width)
{
	struct walk *w = walk;
	const uint64_t each = 1ull << 8 * level;

	if (level == 0 || !read_tile(w, level, number, width, w->edge.size, w->path[3], &w->tile))
		return w->err;
	w->check.faults.file = w->path[3];
	for (unsigned i = 0; i < width; i++) {
		const struct nrm_slice found =
			nrm_slice(w->tile.data + i * NRM_HASH_LEN, NRM_HASH_LEN);
		const uint64_t last = (number * NRM_TILE_WIDTH + i + 1) * each - 1;
		if (memcmp(found.data, hash[i].bytes, NRM_HASH_LEN) != 0)
			nrm_fault_hash(&w->check.faults, last, each,
				       "a hash of the tile is not that of its leaves", &hash[i],
				       found);
	}
	w->check.faults.file = NULL;
	return NRM_OK;
}

/* What oversight may know of a leaf, when it is there: its digest must be the one that the leaf states. */
static void check_view(struct walk *w, uint64_t index, const struct nrm_leaf *leaf)
{
	const struct nrm_slice entry = nrm_take(&w->view, nrm_take_u32(&w->view));
	struct nrm_check *c = &w->check;
	struct nrm_hash digest;
	struct nrm_view view;

	c->faults.file = w->path[2];
	if (w->view.failed || (entry.len > 0 && entry.len < NRM_SALT_LEN)) {
		nrm_fault(&c->faults, index, "the file of views ends before the leaf's");
	} else if (entry.len == 0) {
		c->report.closed++;
	} else {
		const struct nrm_slice bytes =
			nrm_slice(entry.data + NRM_SALT_LEN, entry.len - NRM_SALT_LEN);
		nrm_view_digest(entry.data, bytes, digest.bytes);
		if (!nrm_slice_equal(leaf->oversight_view, nrm_slice(digest.bytes, NRM_HASH_LEN)))
			nrm_fault_hash(&c->faults, index, 1,
				       "oversight's view does not match its digest", &digest,
				       leaf->oversight_view);
		else if (nrm_view_decode(bytes, &c->arena, &view) != NRM_OK)
			nrm_fault(&c->faults, index, "oversight's view is malformed");
		leaf->case_tag.len ? c->report.opened++ : c->report.clear++;
	}
	c->faults.file = NULL;
}

static void check_entry(struct walk *w, uint64_t index, struct nrm_slice bytes)
{
	const unsigned place = (unsigned)(index % NRM_TILE_WIDTH);
	const struct nrm_slice stated =
		nrm_slice(w->hashes.data + place * NRM_HASH_LEN, NRM_HASH_LEN);
	const struct nrm_hash hash = nrm_leaf_hash(bytes);
	struct nrm_check *c = &w->check;
	struct nrm_leaf leaf;

	c->faults.file = w->path[0];
	if (memcmp(hash.bytes, stated.data, NRM_HASH_LEN) != 0)
		nrm_fault_hash(&c->faults, index, 1, "the hash in the tile is not that of the leaf",
			       &hash, stated);
	if (nrm_check_leaf(c, index, bytes, &leaf) && w->view.rest.data)
		check_view(w, index, &leaf);
	c->faults.file = NULL;
	if (index >= c->since.size)
		w->err = nrm_tile_edge_append(&w->edge, &hash, compare_tile, w);
	nrm_arena_reset(&c->arena);
}

static bool read_views(struct walk *w, uint64_t number)
{
	w->view = nrm_reader(nrm_slice(NULL, 0));
	if (!w->check.report.views)
		return true;
	nrm_view_path(number, w->path[2]);
	nrm_buf_clear(&w->views);
	enum nrm_err err = nrm_folder_read(&w->folder, w->path[2],
					   NRM_TILE_WIDTH * (4 + NRM_SALT_LEN + NRM_MAX_LEAF),
					   &w->views);
	if (file_fault(w, err, w->path[2], number * NRM_TILE_WIDTH))
		return false;
	/* A file without bytes is one that ends too early, not one that is not there. */
	w->view = nrm_reader(
		nrm_slice(w->views.len ? w->views.data : (const uint8_t *)"", w->views.len));
	return true;
}

static bool stopped(const struct walk *w, uint64_t index)
{
	const struct nrm_audit_fault *fault = &w->check.faults.first;

	return w->err != NRM_OK || (fault->what && fault->leaf <= index);
}

static void check_bundle(struct walk *w, uint64_t number, unsigned width)
{
	const uint64_t first = number * NRM_TILE_WIDTH;
	char full[NRM_TILE_PATH];

	if (!read_tile(w, NRM_TILE_ENTRIES, number, width, first, w->path[0], &w->bundle) ||
	    !read_tile(w, 0, number, width, first, w->path[1], &w->hashes) ||
	    !read_views(w, number))
		return;
	struct nrm_reader entries = nrm_reader(nrm_buf_slice(&w->bundle));
	for (unsigned i = 0; i < width; i++) {
		const struct nrm_slice bytes = nrm_take(&entries, nrm_take_u16(&entries));
		if (entries.failed) {
			w->check.faults.file = w->path[0];
			nrm_fault_number(&w->check.faults, first + i,
					 "the file ends before the leaf does (leaves in it)", width,
					 i);
			w->check.faults.file = NULL;
			return;
		}
		check_entry(w, first + i, bytes);
		if (stopped(w, first + i))
			return;
	}
	nrm_tile_path(NRM_TILE_ENTRIES, number, NRM_TILE_WIDTH, full);
	if (entries.rest.len > 0 && (width == NRM_TILE_WIDTH || strcmp(full, w->path[0]) != 0))
		length_fault(w, w->path[0], first + width - 1, w->bundle.len - entries.rest.len,
			     w->bundle.len);
}

/* The right edge of what the remembered checkpoint vouches for, out of the tiles. */
static void resume(struct walk *w)
{
	struct nrm_tile_source tiles = {w->check.report.leaves, nrm_folder_hashes, &w->folder};
	const enum nrm_err err =
		nrm_tile_edge_load(&w->edge, w->check.since.size, nrm_tile_node, &tiles);

	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT || err == NRM_ERR_LIMIT) {
		nrm_fault(&w->check.faults, w->check.since.size - 1,
			  "tiles up to the remembered checkpoint are missing or cut short");
		return;
	}
	w->err = err;
	if (err != NRM_OK)
		return;
	const struct nrm_hash root = nrm_tile_edge_root(&w->edge);
	nrm_check_since(&w->check, &root);
}

static void scan(struct walk *w)
{
	struct nrm_check *c = &w->check;
	const uint64_t size = c->report.leaves, since = c->since.size;

	if (since > 0)
		resume(w);
	/* From the bundle of the last leaf remembered, which says from when on the others may be. */
	for (uint64_t number = (since ? since - 1 : 0) / NRM_TILE_WIDTH;
	     number * NRM_TILE_WIDTH < size; number++) {
		nrm_progress_tell(c->options->progress, "leaves", number * NRM_TILE_WIDTH, size);
		if (stopped(w, NRM_NO_LEAF))
			return;
		check_bundle(w, number, nrm_tile_width(NRM_TILE_ENTRIES, number, size));
	}
	if (!stopped(w, NRM_NO_LEAF))
		w->err = nrm_tile_edge_partials(&w->edge, compare_tile, w);
	if (stopped(w, NRM_NO_LEAF))
		return;
	c->report.root = nrm_tile_edge_root(&w->edge);
	nrm_check_root(c, &c->report.root);
}

/* The documents that leaves name; of the directories the newest is kept in `newest`. */
static enum nrm_err read_documents(struct walk *w, const char *kind, struct nrm_buf *newest)
{
	struct nrm_check *c = &w->check;
	char path[NRM_TILE_PATH];
	uint64_t *version;
	size_t n;
	enum nrm_err err = nrm_folder_versions(&w->folder, kind, &version, &n);

	if (err != NRM_OK)
		return err;
	for (size_t i = 0; err == NRM_OK && i < n; i++) {
		nrm_buf_clear(newest);
		nrm_document_path(kind, version[i], path);
		err = nrm_folder_read(&w->folder, path, NRM_MAX_DIRECTORY + NRM_MAX_HEAD, newest);
		if (err == NRM_ERR_LIMIT) {
			file_fault(w, err, path, NRM_NO_LEAF);
			err = NRM_OK;
			continue;
		}
		c->faults.file = path;
		if (err == NRM_OK)
			err = nrm_rules_add(&c->rules, kind[0], nrm_buf_slice(newest),
					    c->options->authority != NULL, &c->faults);
		c->faults.file = NULL;
		c->report.documents += err == NRM_OK;
	}
	free(version);
	return err;
}

static enum nrm_err start(struct walk *w, const char *path)
{
	struct nrm_buf directory = {0}, policy = {0}, note = {0}, vouched = {0};
	struct nrm_tile_source tiles = {0, nrm_folder_hashes, &w->folder};
	struct nrm_check *c = &w->check;
	enum nrm_err err;

	if ((err = nrm_folder_open(path, false, &w->folder)) ||
	    (err = nrm_folder_read(&w->folder, NRM_EXPORT_CHECKPOINT, NRM_MAX_NOTE, &note)) ||
	    (err = read_documents(w, NRM_EXPORT_POLICY, &policy)) ||
	    (err = read_documents(w, NRM_EXPORT_DIRECTORY, &directory)))
		goto out;
	c->faults.file = NRM_EXPORT_CHECKPOINT;
	err = nrm_check_begin(c, nrm_buf_slice(&directory), nrm_buf_slice(&note));
	c->faults.file = NRM_EXPORT_WITNESSED;
	if (err == NRM_OK)
		err = nrm_folder_read(&w->folder, NRM_EXPORT_WITNESSED, NRM_MAX_NOTE, &vouched);
	tiles.size = c->report.head.checkpoint.size;
	if (err == NRM_OK || err == NRM_ERR_NOT_FOUND)
		err = nrm_check_vouched(c, nrm_buf_slice(&note), nrm_buf_slice(&vouched),
					nrm_tile_node, &tiles);
	c->faults.file = NULL;
	if (err == NRM_OK)
		err = nrm_check_stamps(c, &w->folder, nrm_tile_node, &tiles);
	if (err == NRM_OK && c->options->note)
		nrm_buf_put(c->options->note, note.data, note.len);
	c->report.leaves = c->report.head.checkpoint.size;
	c->report.views = nrm_folder_has(&w->folder, NRM_EXPORT_VIEWS);
out:
	nrm_buf_done(&directory);
	nrm_buf_done(&policy);
	nrm_buf_done(&note);
	nrm_buf_done(&vouched);
	return err;
}

enum nrm_err nrm_audit_verify_export(const char *path, const struct nrm_audit_options *options,
				     struct nrm_audit_report *ret_report)
{
	struct walk *w = calloc(1, sizeof(*w));

	if (!w)
		return NRM_ERR_NOMEM;
	w->folder.fd = -1;
	w->check.options = options;
	nrm_arena_init(&w->check.arena, NRM_MAX_DIRECTORY_ARENA);
	w->err = start(w, path);
	if (!stopped(w, NRM_NO_LEAF)) /* a head that is not believed says nothing of a size */
		scan(w);
	w->check.report.fault = w->check.faults.first;
	const enum nrm_err err = w->err;
	if (err == NRM_OK)
		*ret_report = w->check.report;
	nrm_folder_close(&w->folder);
	nrm_check_done(&w->check);
	nrm_buf_done(&w->bundle);
	nrm_buf_done(&w->hashes);
	nrm_buf_done(&w->views);
	nrm_buf_done(&w->tile);
	free(w);
	return err;
}
