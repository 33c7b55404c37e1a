#include "agents/auditor/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hex.h"
#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/wire/directory_wire.h"

/* Tags that are tried for leaves that no chain led to: half a minute of work. */
#define MOST_TAGS 50000000u

struct check {
	struct nrm_audit_report report;
	struct nrm_audit_fault later; /* room for faults that are not the first */
	struct nrm_audit_reader reader;
	const struct nrm_case_keys *keys;
	struct nrm_arena arena;
	struct nrm_buf view; /* being encoded */
	uint8_t *unread;     /* a bit a leaf: its record is sealed and has not been opened */
};

/* Records a fault unless one of an earlier leaf is known; what belongs to no leaf comes last. */
static struct nrm_audit_fault *fault(struct check *c, uint64_t leaf, const char *what)
{
	struct nrm_audit_fault *first = &c->report.fault;

	if (first->what && first->leaf <= leaf)
		return &c->later;
	*first = (struct nrm_audit_fault){.what = what, .leaf = leaf, .leaves = 1};
	return first;
}

static void fault_hash(struct check *c, uint64_t leaf, uint32_t leaves, const char *what,
		       const uint8_t *expected, struct nrm_slice found)
{
	struct nrm_audit_fault *f = fault(c, leaf, what);

	f->leaves = leaves;
	nrm_hex(expected, NRM_HASH_LEN, f->expected);
	if (found.len == NRM_HASH_LEN)
		nrm_hex(found.data, found.len, f->found);
	else
		snprintf(f->found, sizeof(f->found), "%zu bytes", found.len);
}

static void fault_number(struct check *c, uint64_t leaf, const char *what, uint64_t expected,
			 uint64_t found)
{
	struct nrm_audit_fault *f = fault(c, leaf, what);

	snprintf(f->expected, sizeof(f->expected), "%" PRIu64, expected);
	snprintf(f->found, sizeof(f->found), "%" PRIu64, found);
}

/* The newest directory of the store: the last row of those that start with 'd'. */
static enum nrm_err newest_directory(struct nrm_txn *txn, struct nrm_arena *arena,
				     struct nrm_document *ret_document)
{
	struct nrm_slice key, value, newest = {0};
	struct nrm_cursor *cursor;
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_DOCUMENTS, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, nrm_slice("d", 1), &key, &value);
	while (err == NRM_OK && key.data[0] == 'd') {
		newest = value;
		err = nrm_cursor_next(cursor, &key, &value);
	}
	if (err == NRM_OK || err == NRM_ERR_NOT_FOUND)
		err = newest.len ? nrm_document_decode(newest, arena, ret_document)
				 : NRM_ERR_NOT_FOUND;
	nrm_cursor_close(cursor);
	return err;
}

static enum nrm_err check_authority(struct check *c, const struct nrm_document *document,
				    const uint8_t *authority)
{
	struct nrm_verifying_key *key;
	enum nrm_err err = nrm_verifying_key_new(authority, &key);

	if (err != NRM_OK)
		return err;
	err = nrm_document_verify(key, NRM_DOMAIN_DIRECTORY, document->document,
				  document->signature);
	nrm_verifying_key_free(key);
	c->report.authorised = err == NRM_OK;
	if (err != NRM_OK)
		fault(c, NRM_NO_LEAF, "the newest directory is not signed by the authority given");
	return NRM_OK;
}

/* Whether `note` opens under one of the directory's verifier keys: the trail's current one and its predecessors. */
static enum nrm_err open_note(struct check *c, struct nrm_slice note, const struct nrm_slices *keys)
{
	struct nrm_note_key key;
	uint64_t cosigned;
	enum nrm_err err = NRM_ERR_SIGNATURE;

	for (size_t i = 0; err != NRM_OK && i < keys->n; i++) {
		err = nrm_note_key_parse(keys->item[i], &key);
		if (err == NRM_OK)
			err = nrm_note_open(note, &key, NULL, 0, &c->report.checkpoint, &cosigned);
	}
	if (err == NRM_OK)
		snprintf(c->report.signer, sizeof(c->report.signer), "%s", key.name);
	return err;
}

/* Takes size, checkpoint and directory from one snapshot: what is verified is the trail at this moment. */
static enum nrm_err start(struct check *c, const uint8_t *authority)
{
	struct nrm_directory_body directory;
	struct nrm_document document;
	struct nrm_slice note;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(&c->reader, &txn);

	if (err == NRM_OK)
		err = nrm_trail_size(txn, &c->report.leaves);
	if (err == NRM_OK)
		err = newest_directory(txn, &c->arena, &document);
	if (err == NRM_OK)
		err = nrm_directory_decode(document.document, &c->arena, &directory);
	if (err == NRM_OK)
		err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note);
	if (err == NRM_OK && authority)
		err = check_authority(c, &document, authority);
	if (err != NRM_OK)
		return err;
	c->report.directory_version = directory.version;
	if (open_note(c, note, &directory.trail.verifier_key) != NRM_OK)
		fault(c, NRM_NO_LEAF,
		      "the checkpoint is not signed by a key that the directory names");
	else if (c->report.checkpoint.size > c->report.leaves)
		fault_number(c, c->report.leaves, "the trail is shorter than its signed checkpoint",
			     c->report.checkpoint.size, c->report.leaves);
	nrm_arena_reset(&c->arena);
	c->unread = calloc(c->report.leaves / 8 + 1, 1);
	return c->unread ? NRM_OK : NRM_ERR_NOMEM;
}

/* Compares each view's digest: oversight's view, projected for each viewer, encoded and salted anew. */
static void check_views(struct check *c, uint64_t index, const struct nrm_leaf *leaf,
			const struct nrm_record *record, const struct nrm_view *oversight)
{
	static const char *const what[] = {"the sender's view does not match its digest",
					   "the recipient's view does not match its digest",
					   "oversight's view does not match its digest"};
	const struct nrm_slice stated[] = {leaf->sender_view, leaf->recipient_view,
					   leaf->oversight_view};
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_view view;

	for (unsigned i = NRM_VIEWER_SENDER; i <= NRM_VIEWER_OVERSIGHT; i++) {
		nrm_buf_clear(&c->view);
		if (nrm_view_project(oversight, leaf, (enum nrm_viewer)i, &view) &&
		    nrm_view_encode(&view, &c->view) != NRM_OK) {
			fault(c, index, what[i]);
			continue;
		}
		nrm_view_digest(record->salt[i].data, nrm_buf_slice(&c->view), digest);
		if (!nrm_slice_equal(nrm_slice(digest, sizeof(digest)), stated[i]))
			fault_hash(c, index, 1, what[i], digest, stated[i]);
	}
}

static void check_record(struct check *c, uint64_t index, const struct nrm_leaf *leaf,
			 const struct nrm_record *record)
{
	struct nrm_view view;

	if (nrm_view_decode(record->view, &c->arena, &view) != NRM_OK)
		fault(c, index, "oversight's view is malformed");
	else
		check_views(c, index, leaf, record, &view);
}

/* A record in clear is of a leaf of no case, a sealed one of a leaf with a case's tag. */
static void check_clear(struct check *c, uint64_t index, const struct nrm_leaf *leaf,
			struct nrm_slice bytes)
{
	struct nrm_record record;

	c->report.clear++;
	if (leaf->case_tag.len != 0)
		fault(c, index, "the record of a leaf with a case tag is not sealed");
	else if (nrm_record_decode(bytes, &record) != NRM_OK || record.previous != 0)
		fault(c, index, "the record is malformed");
	else
		check_record(c, index, leaf, &record);
}

static void check_row(struct check *c, struct nrm_frontier *frontier,
		      const struct nrm_trail_row *row, uint64_t *minute)
{
	struct nrm_hash completed[64], hash = nrm_leaf_hash(row->leaf);
	const uint64_t index = frontier->size;
	size_t n = nrm_frontier_append(frontier, &hash, completed);
	struct nrm_leaf leaf;

	if (row->completed.len != n * NRM_HASH_LEN)
		fault_number(c, index, "the number of hashes kept with the leaf is wrong", n,
			     row->completed.len / NRM_HASH_LEN);
	for (size_t i = 0; i < n && row->completed.len == n * NRM_HASH_LEN; i++) {
		struct nrm_slice stated =
			nrm_slice(row->completed.data + i * NRM_HASH_LEN, NRM_HASH_LEN);
		if (!nrm_slice_equal(stated, nrm_slice(completed[i].bytes, NRM_HASH_LEN)))
			fault_hash(c, index, 1u << (i < 31 ? i : 31),
				   i ? "the hash kept of a subtree is not that of its leaves"
				     : "the hash kept with the leaf is not that of the leaf",
				   completed[i].bytes, stated);
	}
	if (nrm_leaf_decode(row->leaf, &c->arena, &leaf) != NRM_OK) {
		fault(c, index, "the leaf is not in its canonical encoding");
		return;
	}
	if (leaf.minute < *minute)
		fault_number(c, index, "the leaf is dated before the one it follows (in minutes)",
			     *minute, leaf.minute);
	*minute = leaf.minute;
	if (row->record_kind == NRM_RECORD_CLEAR)
		check_clear(c, index, &leaf, row->record);
	else if (leaf.case_tag.len == 0)
		fault(c, index, "the record of a leaf without case tag is sealed");
	else
		c->unread[index / 8] |= (uint8_t)(1u << index % 8);
}

/* Goes through the leaves in order, up to the first that does not hold. */
static enum nrm_err scan(struct check *c)
{
	struct nrm_frontier frontier;
	struct nrm_hash signed_root = {0};
	uint64_t minute = 0;

	nrm_frontier_init(&frontier);
	for (uint64_t index = 0;; index++) {
		struct nrm_trail_row row;

		if (index == c->report.checkpoint.size)
			signed_root = nrm_frontier_root(&frontier);
		if (index == c->report.leaves)
			break;
		enum nrm_err err = nrm_audit_row(&c->reader, index, &row);
		if (err == NRM_ERR_NOT_FOUND)
			fault(c, index, "the leaf is missing");
		else if (err == NRM_ERR_CORRUPT)
			fault(c, index, "the row of the leaf is malformed");
		else if (err != NRM_OK)
			return err;
		else
			check_row(c, &frontier, &row, &minute);
		nrm_arena_reset(&c->arena);
		if (c->report.fault.what && c->report.fault.leaf <= index)
			return NRM_OK;
	}
	c->report.root = nrm_frontier_root(&frontier);
	if (c->report.signer[0] &&
	    memcmp(&signed_root, &c->report.checkpoint.root, sizeof(signed_root)) != 0)
		fault_hash(c, NRM_NO_LEAF, 1,
			   "the root at the checkpoint's size is not the signed one",
			   c->report.checkpoint.root.bytes,
			   nrm_slice(signed_root.bytes, NRM_HASH_LEN));
	return NRM_OK;
}

static enum nrm_err check_case_leaf(void *context, const struct nrm_case_leaf *of_case)
{
	const uint64_t index = of_case->index;
	uint8_t tag[NRM_HASH_LEN];
	struct check *c = context;
	struct nrm_leaf leaf;

	if (of_case->fault) {
		fault(c, index, of_case->fault);
		return NRM_OK;
	}
	if (of_case->record.previous == 0)
		c->report.cases++;
	if (nrm_leaf_decode(of_case->leaf, &c->arena, &leaf) == NRM_OK) {
		nrm_case_tag(of_case->case_key, index, tag);
		if (!nrm_slice_equal(leaf.case_tag, nrm_slice(tag, sizeof(tag))))
			fault_hash(c, index, 1, "the case tag is not the case's", tag,
				   leaf.case_tag);
		check_record(c, index, &leaf, &of_case->record);
		c->report.opened++;
		c->unread[index / 8] &= (uint8_t) ~(1u << index % 8);
	} /* a leaf that does not decode is the scan's to report */
	nrm_arena_reset(&c->arena);
	return NRM_OK;
}

/* A leaf with a tag that no chain led to. */
struct stray {
	uint64_t index;
	uint8_t tag[NRM_HASH_LEN];
};

static enum nrm_err read_strays(struct check *c, struct stray *stray)
{
	enum nrm_err err = NRM_OK;

	for (uint64_t i = 0; err == NRM_OK && i < c->report.leaves; i++) {
		struct nrm_trail_row row;
		struct nrm_leaf leaf;

		if (!(c->unread[i / 8] >> i % 8 & 1))
			continue;
		err = nrm_audit_row(&c->reader, i, &row);
		if (err == NRM_OK)
			err = nrm_leaf_decode(row.leaf, &c->arena, &leaf);
		if (err == NRM_OK) {
			stray->index = i;
			memcpy(stray->tag, leaf.case_tag.data, NRM_HASH_LEN);
			stray++;
		}
		nrm_arena_reset(&c->arena);
	}
	return err;
}

/* What no chain led to must bear the tag of no case whose key is at hand: nothing was left out of a case. */
static enum nrm_err check_strays(struct check *c)
{
	uint8_t key[NRM_KEY_LEN], tag[NRM_HASH_LEN];
	const uint64_t n = c->report.closed;
	struct stray *stray = calloc(n, sizeof(*stray));
	enum nrm_err err = stray ? read_strays(c, stray) : NRM_ERR_NOMEM;

	for (uint32_t slot = 0; err == NRM_OK && slot < nrm_case_keys_count(c->keys); slot++) {
		if (nrm_case_keys_get(c->keys, slot, key) != NRM_OK)
			continue;
		for (uint64_t i = 0; i < n; i++) {
			nrm_case_tag(key, stray[i].index, tag);
			if (memcmp(tag, stray[i].tag, sizeof(tag)) == 0)
				fault(c, stray[i].index,
				      "the leaf belongs to a case whose chain leaves it out");
		}
	}
	nrm_wipe(key, sizeof(key));
	free(stray);
	return err;
}

static enum nrm_err check_cases(struct check *c)
{
	enum nrm_err err =
		nrm_cases_walk(&c->reader, c->keys, c->report.leaves, check_case_leaf, c);

	if (err != NRM_OK || c->report.fault.what)
		return err;
	for (uint64_t i = 0; i < c->report.leaves; i++)
		c->report.closed += c->unread[i / 8] >> i % 8 & 1;
	c->report.complete = c->report.closed * nrm_case_keys_count(c->keys) <= MOST_TAGS;
	return c->report.complete && c->report.closed ? check_strays(c) : NRM_OK;
}

enum nrm_err nrm_audit_verify(struct nrm_store *store, const struct nrm_case_keys *keys,
			      const uint8_t *authority, struct nrm_audit_report *ret_report)
{
	struct check c = {.keys = keys};

	nrm_audit_reader_init(&c.reader, store);
	nrm_arena_init(&c.arena, NRM_MAX_DIRECTORY_ARENA);
	enum nrm_err err = start(&c, authority);
	if (err == NRM_OK)
		err = scan(&c);
	if (err == NRM_OK && keys)
		err = check_cases(&c);
	for (int table = 0; err == NRM_OK && table < NRM_BROKER_TABLES; table++)
		err = nrm_audit_read_through(&c.reader, (enum nrm_broker_table)table);
	if (err == NRM_OK)
		*ret_report = c.report;
	nrm_audit_reader_done(&c.reader);
	nrm_arena_done(&c.arena);
	nrm_buf_done(&c.view);
	free(c.unread);
	return err;
}
