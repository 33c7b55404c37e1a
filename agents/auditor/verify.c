/* What is checked of every trail, and the walk over a store's leaves. */
#include "agents/auditor/verify_parts.h"

#include <stdlib.h>

#include "agents/auditor/folder.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"

/* --- of every trail --- */

static void begin_since(struct nrm_check *c)
{
	struct nrm_faults faults = {.file = "the remembered checkpoint"};
	struct nrm_head head;

	nrm_trust_open(&c->trust, c->options->since, 0, &faults, &head);
	if (faults.first.what) {
		*nrm_fault(&c->faults, NRM_NO_LEAF, faults.first.what) = faults.first;
		return;
	}
	c->since = head.checkpoint;
	c->report.since = c->since.size;
	if (c->report.head.signer[0] && c->report.head.checkpoint.size < c->since.size)
		nrm_fault_number(&c->faults, NRM_NO_LEAF,
				 "the checkpoint is older than the one remembered (in leaves)",
				 c->since.size, c->report.head.checkpoint.size);
}

enum nrm_err nrm_check_begin(struct nrm_check *c, struct nrm_slice signed_directory,
			     struct nrm_slice note)
{
	const struct nrm_audit_options *o = c->options;
	enum nrm_err err =
		nrm_trust_make(&c->trust, signed_directory, o->authority, o->given, o->n_given);

	if (err != NRM_OK)
		return err;
	c->report.keys_given = c->trust.keys_given;
	c->report.directory_version = c->trust.directory_version;
	c->report.authorised = c->trust.authorised;
	if (o->authority && c->trust.directory_version && !c->trust.authorised)
		nrm_fault(&c->faults, NRM_NO_LEAF,
			  "the newest directory is not signed by the authority given");
	nrm_trust_open(&c->trust, note, 0, &c->faults, &c->report.head);
	if (o->since.len > 0)
		begin_since(c);
	return NRM_OK;
}

/* A leaf may be ahead of the reader's clock by as much as a statement may be ahead of the broker's. */
static void check_future(struct nrm_check *c, uint64_t index, uint64_t minute)
{
	const uint64_t latest = (c->options->now_ms + NRM_MAX_AHEAD_MS) / 60000;
	char latest_text[NRM_TIME_TEXT_LEN + 1], found[NRM_TIME_TEXT_LEN + 1];

	if (!c->options->now_ms || minute <= latest)
		return;
	nrm_time_format(latest * 60000, latest_text);
	nrm_time_format(minute < UINT64_MAX / 60000 ? minute * 60000 : UINT64_MAX, found);
	nrm_fault_text(&c->faults, index,
		       "the leaf is dated in the future", /* expected: at the latest */
		       nrm_slice_str(latest_text), nrm_slice_str(found));
}

bool nrm_check_leaf(struct nrm_check *c, uint64_t index, struct nrm_slice bytes,
		    struct nrm_leaf *ret_leaf)
{
	if (nrm_leaf_decode(bytes, &c->arena, ret_leaf) != NRM_OK) {
		nrm_fault(&c->faults, index, "the leaf is not in its canonical encoding");
		return false;
	}
	if (ret_leaf->minute < c->minute)
		nrm_fault_number(&c->faults, index,
				 "the leaf is dated before the one it follows (in minutes)",
				 c->minute, ret_leaf->minute);
	check_future(c, index, ret_leaf->minute);
	nrm_rules_check(&c->rules, index, ret_leaf, &c->faults);
	c->minute = ret_leaf->minute;
	return true;
}

void nrm_check_since(struct nrm_check *c, const struct nrm_hash *root)
{
	if (memcmp(root, &c->since.root, sizeof(*root)) != 0)
		nrm_fault_hash(&c->faults, NRM_NO_LEAF, 1,
			       "the trail is not the one remembered: its root at that size is "
			       "another",
			       &c->since.root, nrm_slice(root->bytes, NRM_HASH_LEN));
}

void nrm_check_root(struct nrm_check *c, const struct nrm_hash *root)
{
	const struct nrm_hash *signed_root = &c->report.head.checkpoint.root;

	if (c->report.head.signer[0] && memcmp(root, signed_root, sizeof(*root)) != 0)
		nrm_fault_hash(&c->faults, NRM_NO_LEAF, 1,
			       "the root at the checkpoint's size is not the signed one",
			       signed_root, nrm_slice(root->bytes, NRM_HASH_LEN));
}

void nrm_check_done(struct nrm_check *c)
{
	nrm_audit_reader_done(&c->reader);
	nrm_trust_done(&c->trust);
	nrm_rules_done(&c->rules);
	nrm_signers_free(c->signers);
	nrm_arena_done(&c->arena);
	nrm_buf_done(&c->view);
	free(c->unread);
}

/* --- of a store --- */

static enum nrm_err keep_note(struct nrm_check *c, struct nrm_slice note)
{
	if (!c->options->note)
		return NRM_OK;
	nrm_buf_put(c->options->note, note.data, note.len);
	return c->options->note->err;
}

/* Every directory and policy, which leaves name by their digests. */
static enum nrm_err load_rules(struct nrm_check *c, struct nrm_txn *txn)
{
	struct nrm_slice key = nrm_slice(NULL, 0), value;
	struct nrm_cursor *cursor;
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_DOCUMENTS, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, key, &key, &value);
	while (err == NRM_OK) {
		err = nrm_rules_add(&c->rules, (char)key.data[0], value,
				    c->options->authority != NULL, &c->faults);
		c->report.documents++;
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &value);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

static enum nrm_err check_stamps(struct nrm_check *c, struct nrm_txn *txn)
{
	struct nrm_folder folder = {-1};
	enum nrm_err err = c->options->folder ? nrm_folder_open(c->options->folder, false, &folder)
					      : NRM_OK;

	if (err == NRM_OK && folder.fd >= 0)
		err = nrm_check_stamps(c, &folder, nrm_trail_node, txn);
	nrm_folder_close(&folder);
	return err;
}

/* Takes size, checkpoint and directory from one snapshot: what is verified is the trail at this moment. */
static enum nrm_err start(struct nrm_check *c)
{
	struct nrm_slice note, vouched, directory = {0};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(&c->reader, &txn);

	if (err == NRM_OK)
		err = nrm_trail_size(txn, &c->report.leaves);
	if (err == NRM_OK)
		err = nrm_audit_newest(txn, 'd', &directory);
	if (err == NRM_ERR_NOT_FOUND && c->options->n_given > 0)
		err = NRM_OK;
	if (err == NRM_OK)
		err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note);
	if (err == NRM_OK)
		err = nrm_check_begin(c, directory, note);
	if (err == NRM_OK)
		err = nrm_audit_vouched(txn, &vouched);
	if (err == NRM_OK)
		err = nrm_check_vouched(c, note, vouched, nrm_trail_node, txn);
	if (err == NRM_OK)
		err = check_stamps(c, txn);
	if (err == NRM_OK)
		err = load_rules(c, txn);
	if (err == NRM_OK)
		err = keep_note(c, note);
	if (err != NRM_OK)
		return err;
	if (c->report.head.signer[0] && c->report.head.checkpoint.size > c->report.leaves)
		nrm_fault_number(&c->faults, c->report.leaves,
				 "the trail is shorter than its signed checkpoint",
				 c->report.head.checkpoint.size, c->report.leaves);
	if (c->keys && !(c->unread = calloc(c->report.leaves / 8 + 1, 1)))
		return NRM_ERR_NOMEM;
	return c->options->signatures && c->keys ? nrm_signers_load(c) : NRM_OK;
}

/* A record in clear is of a leaf of no case, a sealed one of a leaf with a case's tag. */
static void check_clear(struct nrm_check *c, uint64_t index, const struct nrm_leaf *leaf,
			const struct nrm_trail_row *row)
{
	struct nrm_record record;

	c->report.clear++;
	if (leaf->case_tag.len != 0)
		nrm_fault(&c->faults, index, "the record of a leaf with a case tag is not sealed");
	else if (nrm_record_read(row, index, NULL, NULL, &record) != NRM_OK || record.previous != 0)
		nrm_fault(&c->faults, index, "the record is malformed");
	else
		nrm_check_record(c, index, leaf, &record, NULL);
}

static void check_hashes(struct nrm_check *c, struct nrm_frontier *frontier,
			 const struct nrm_trail_row *row)
{
	struct nrm_hash completed[64], hash = nrm_leaf_hash(row->leaf);
	const uint64_t index = frontier->size;
	const size_t n = nrm_frontier_append(frontier, &hash, completed) - 1;

	if (row->completed.len != n * NRM_HASH_LEN) {
		nrm_fault_number(&c->faults, index,
				 "the number of hashes kept with the leaf is wrong", n,
				 row->completed.len / NRM_HASH_LEN);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct nrm_slice stated =
			nrm_slice(row->completed.data + i * NRM_HASH_LEN, NRM_HASH_LEN);
		if (!nrm_slice_equal(stated, nrm_slice(completed[i + 1].bytes, NRM_HASH_LEN)))
			nrm_fault_hash(&c->faults, index, 2ull << i,
				       "the hash kept of a subtree is not that of its leaves",
				       &completed[i + 1], stated);
	}
}

static void check_row(struct nrm_check *c, struct nrm_frontier *frontier,
		      const struct nrm_trail_row *row)
{
	const uint64_t index = frontier->size;
	struct nrm_leaf leaf;

	check_hashes(c, frontier, row);
	if (!nrm_check_leaf(c, index, row->leaf, &leaf))
		return;
	if (row->record_kind == NRM_RECORD_CLEAR)
		check_clear(c, index, &leaf, row);
	else if (leaf.case_tag.len == 0)
		nrm_fault(&c->faults, index, "the record of a leaf without case tag is sealed");
	else if (c->unread)
		c->unread[index / 8] |= (uint8_t)(1u << index % 8);
	nrm_audit_touch(row->record);
}

/* The right edge of what the remembered checkpoint vouches for, and the time of its last leaf. */
static enum nrm_err resume(struct nrm_check *c, struct nrm_frontier *frontier)
{
	struct nrm_trail_row row;
	struct nrm_leaf leaf;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(&c->reader, &txn);

	nrm_frontier_init(frontier);
	if (err != NRM_OK || c->since.size == 0)
		return err;
	err = nrm_frontier_load(frontier, c->since.size, nrm_trail_node, txn);
	if (err == NRM_OK)
		err = nrm_trail_read(txn, c->since.size - 1, &row);
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT) {
		nrm_fault(&c->faults, c->since.size - 1,
			  "the leaves up to the remembered checkpoint are not all there");
		return NRM_OK;
	}
	if (err != NRM_OK)
		return err;
	if (nrm_leaf_decode(row.leaf, &c->arena, &leaf) == NRM_OK)
		c->minute = leaf.minute;
	struct nrm_hash root = nrm_frontier_root(frontier);
	nrm_check_since(c, &root);
	return NRM_OK;
}

/* Goes through the leaves in order, up to the first that does not hold. */
static enum nrm_err scan(struct nrm_check *c)
{
	const uint64_t signed_size = c->report.head.checkpoint.size;
	struct nrm_hash signed_root = {0};
	struct nrm_frontier frontier;
	enum nrm_err err = resume(c, &frontier);

	if (err != NRM_OK || (c->since.size > 0 && c->faults.first.what))
		return err;
	for (uint64_t index = c->since.size;; index++) {
		struct nrm_trail_row row;

		if (index == signed_size)
			signed_root = nrm_frontier_root(&frontier);
		if (index == c->report.leaves)
			break;
		nrm_progress_tell(c->options->progress, "leaves", index, c->report.leaves);
		err = nrm_audit_row(&c->reader, index, &row);
		if (err == NRM_ERR_NOT_FOUND)
			nrm_fault(&c->faults, index, "the leaf is missing");
		else if (err == NRM_ERR_CORRUPT)
			nrm_fault(&c->faults, index, "the row of the leaf is malformed");
		else if (err != NRM_OK)
			return err;
		else
			check_row(c, &frontier, &row);
		nrm_arena_reset(&c->arena);
		if (c->faults.first.what && c->faults.first.leaf <= index)
			return NRM_OK;
	}
	c->report.root = nrm_frontier_root(&frontier);
	if (signed_size <= c->report.leaves)
		nrm_check_root(c, &signed_root);
	return NRM_OK;
}

enum nrm_err nrm_audit_verify(struct nrm_store *store, const struct nrm_case_keys *keys,
			      const struct nrm_audit_options *options,
			      struct nrm_audit_report *ret_report)
{
	struct nrm_check c = {.keys = keys, .options = options};

	nrm_audit_reader_init(&c.reader, store);
	nrm_arena_init(&c.arena, NRM_MAX_DIRECTORY_ARENA);
	enum nrm_err err = start(&c);
	if (err == NRM_OK)
		err = scan(&c);
	if (err == NRM_OK && keys)
		err = nrm_check_cases(&c);
	for (int table = 0; err == NRM_OK && table < NRM_BROKER_TABLES; table++)
		if (table != NRM_TABLE_TRAIL) /* which was gone through */
			err = nrm_audit_read_through(&c.reader, (enum nrm_broker_table)table);
	c.report.fault = c.faults.first;
	if (err == NRM_OK)
		*ret_report = c.report;
	nrm_check_done(&c);
	return err;
}
