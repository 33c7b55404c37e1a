#include "agents/auditor/fork.h"

#include <stdio.h>

#include "agents/auditor/folder.h"
#include "agents/auditor/reader.h"
#include "proto/base/limits.h"

/* Both heads, as keys of the trail signed them. */
static void open_heads(const struct nrm_trust *trust, const struct nrm_alarm *alarm,
		       struct nrm_faults *faults, struct nrm_fork_report *r)
{
	faults->file = "kept";
	nrm_trust_open(trust, alarm->kept, 0, faults, &r->kept);
	faults->file = "shown";
	nrm_trust_open(trust, alarm->shown, 0, faults, &r->shown);
	faults->file = NULL;
}

static void check_reporter(struct nrm_slice file, const struct nrm_alarm *alarm,
			   const struct nrm_directory *directory, struct nrm_faults *faults,
			   struct nrm_fork_report *r)
{
	const struct nrm_participant *p = nrm_directory_find(directory, alarm->reporter);

	snprintf(r->reporter, sizeof(r->reporter), "%.*s", (int)alarm->reporter.len,
		 (const char *)alarm->reporter.data);
	if (!p)
		nrm_fault_text(faults, NRM_NO_LEAF,
			       "the alarm is of nobody that the directory names",
			       nrm_slice_str("a participant"), alarm->reporter);
	else if (nrm_alarm_verify(file, p->verifying) != NRM_OK)
		nrm_fault_text(faults, NRM_NO_LEAF,
			       "the alarm is not signed by the agency that it names",
			       alarm->reporter, nrm_slice_str("another signature"));
}

/* A trail with the number of its leaves. */
struct tree {
	nrm_node_source node;
	void *from;
	uint64_t size;
};

static enum nrm_err place(const struct tree *tree, const struct nrm_checkpoint *head,
			  enum nrm_fork_place *ret_place)
{
	struct nrm_hash root;

	if (head->size > tree->size) {
		*ret_place = NRM_FORK_BEYOND;
		return NRM_OK;
	}
	enum nrm_err err = nrm_root_at(head->size, tree->node, tree->from, &root);
	if (err == NRM_OK)
		*ret_place = memcmp(&root, &head->root, sizeof(root)) == 0 ? NRM_FORK_HAS
									   : NRM_FORK_OTHER;
	return err;
}

static enum nrm_err place_both(const struct tree *tree, struct nrm_fork_report *r)
{
	enum nrm_err err = place(tree, &r->kept.checkpoint, &r->kept_at);

	return err == NRM_OK ? place(tree, &r->shown.checkpoint, &r->shown_at) : err;
}

static enum nrm_err beside_store(struct nrm_store *store, struct nrm_fork_report *r)
{
	struct tree tree = {.node = nrm_trail_node};
	struct nrm_audit_reader reader;
	struct nrm_txn *txn;

	nrm_audit_reader_init(&reader, store);
	enum nrm_err err = nrm_audit_snapshot(&reader, &txn);
	if (err == NRM_OK)
		err = nrm_trail_size(txn, &tree.size);
	tree.from = txn;
	if (err == NRM_OK)
		err = place_both(&tree, r);
	nrm_audit_reader_done(&reader);
	return err;
}

static enum nrm_err beside_export(const char *path, const struct nrm_trust *trust,
				  struct nrm_faults *faults, struct nrm_fork_report *r)
{
	struct nrm_folder folder = {-1};
	struct nrm_tile_source tiles = {0, nrm_folder_hashes, &folder};
	struct tree tree = {.node = nrm_tile_node, .from = &tiles};
	struct nrm_buf note = {0};
	struct nrm_head head;
	enum nrm_err err;

	if ((err = nrm_folder_open(path, false, &folder)) ||
	    (err = nrm_folder_read(&folder, NRM_EXPORT_CHECKPOINT, NRM_MAX_NOTE, &note)))
		goto out;
	faults->file = NRM_EXPORT_CHECKPOINT;
	nrm_trust_open(trust, nrm_buf_slice(&note), 0, faults, &head);
	if (!faults->first.what) {
		tree.size = tiles.size = head.checkpoint.size;
		err = place_both(&tree, r);
	}
out:
	nrm_folder_close(&folder);
	nrm_buf_done(&note);
	return err;
}

/* Two roots of one size; or one that is not the trail's at hand, which the same key signed. */
static bool is_fork(const struct nrm_fork_report *r)
{
	const struct nrm_checkpoint *a = &r->kept.checkpoint, *b = &r->shown.checkpoint;

	return (a->size == b->size && memcmp(&a->root, &b->root, sizeof(a->root)) != 0) ||
	       r->kept_at == NRM_FORK_OTHER || r->shown_at == NRM_FORK_OTHER;
}

enum nrm_err nrm_audit_check_fork(struct nrm_slice file, const struct nrm_directory *directory,
				  const struct nrm_trust *trust, struct nrm_store *store,
				  const char *path, struct nrm_fork_report *ret_report)
{
	struct nrm_fork_report r = {.forked = false};
	struct nrm_faults faults = {.file = NULL};
	struct nrm_buf notes = {0};
	struct nrm_alarm alarm;
	enum nrm_err err = nrm_alarm_read(file, &notes, &alarm);

	if (err != NRM_OK)
		goto out;
	r.time_ms = alarm.time_ms;
	r.kind = alarm.kind;
	check_reporter(file, &alarm, directory, &faults, &r);
	open_heads(trust, &alarm, &faults, &r);
	if (!faults.first.what && store)
		err = beside_store(store, &r);
	else if (!faults.first.what && path)
		err = beside_export(path, trust, &faults, &r);
	r.fault = faults.first;
	r.forked = !r.fault.what && is_fork(&r);
	if (err == NRM_OK)
		*ret_report = r;
out:
	nrm_buf_done(&notes);
	return err;
}
