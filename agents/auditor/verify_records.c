/* Records against their leaves, and cases read whole. */
#include <stdlib.h>

#include "agents/auditor/verify_parts.h"

/* Tags that are tried for leaves that no chain led to: half a minute of work. */
#define MOST_TAGS 50000000u

/* Compares each view's digest: oversight's view, projected for each viewer, encoded and salted anew. */
static void check_views(struct nrm_check *c, uint64_t index, const struct nrm_leaf *leaf,
			const struct nrm_record *record, const struct nrm_view *oversight)
{
	static const char *const what[] = {"the sender's view does not match its digest",
					   "the recipient's view does not match its digest",
					   "oversight's view does not match its digest"};
	const struct nrm_slice stated[] = {leaf->sender_view, leaf->recipient_view,
					   leaf->oversight_view};
	struct nrm_hash digest;
	struct nrm_view view;

	for (unsigned i = NRM_VIEWER_SENDER; i <= NRM_VIEWER_OVERSIGHT; i++) {
		nrm_buf_clear(&c->view);
		if (nrm_view_project(oversight, leaf, (enum nrm_viewer)i, &view) &&
		    nrm_view_encode(&view, &c->view) != NRM_OK) {
			nrm_fault(&c->faults, index, what[i]);
			continue;
		}
		nrm_view_digest(record->salt[i], nrm_buf_slice(&c->view), digest.bytes);
		if (!nrm_slice_equal(nrm_slice(digest.bytes, NRM_HASH_LEN), stated[i]))
			nrm_fault_hash(&c->faults, index, 1, what[i], &digest, stated[i]);
	}
}

void nrm_check_record(struct nrm_check *c, uint64_t index, const struct nrm_leaf *leaf,
		      const struct nrm_record *record, struct nrm_view *ret_view)
{
	struct nrm_view view;

	if (nrm_view_decode(record->view, &c->arena, &view) != NRM_OK) {
		nrm_fault(&c->faults, index, "oversight's view is malformed");
		return;
	}
	check_views(c, index, leaf, record, &view);
	if (ret_view)
		*ret_view = view;
}

static enum nrm_err is_there(struct nrm_check *c, uint32_t slot, bool *ret_there)
{
	struct nrm_slice row;
	struct nrm_txn *txn;
	uint8_t key[4];

	nrm_store_u32(key, slot);
	enum nrm_err err = nrm_audit_snapshot(&c->reader, &txn);
	if (err == NRM_OK)
		err = nrm_get(txn, NRM_TABLE_CASES, nrm_slice(key, sizeof(key)), &row);
	*ret_there = err == NRM_OK;
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* Who asks for the case by its id must be led to it; beside a running broker it may have been forgotten meanwhile. */
static enum nrm_err check_index(struct nrm_check *c, const struct nrm_case_leaf *first,
				struct nrm_slice case_id)
{
	uint32_t slot = 0;
	bool there;
	enum nrm_err err = case_id.len == NRM_CASE_ID_LEN
				   ? nrm_case_indexed(&c->reader, c->keys, case_id.data, &slot)
				   : NRM_ERR_NOT_FOUND;

	if (err == NRM_ERR_AGAIN || (err == NRM_OK && slot == first->slot))
		return NRM_OK;
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND && err != NRM_ERR_CORRUPT)
		return err;
	err = is_there(c, first->slot, &there);
	if (err == NRM_OK && there)
		nrm_fault(&c->faults, first->index,
			  "the index of cases does not lead to the case that begins here");
	return err;
}

static enum nrm_err check_case_leaf(void *context, const struct nrm_case_leaf *of_case)
{
	const uint64_t index = of_case->index;
	struct nrm_check *c = context;
	enum nrm_err err = NRM_OK;
	struct nrm_leaf leaf;
	struct nrm_view view;
	struct nrm_hash tag;

	if (of_case->fault) {
		nrm_fault(&c->faults, index, of_case->fault);
		return NRM_OK;
	}
	if (nrm_leaf_decode(of_case->leaf, &c->arena, &leaf) == NRM_OK) {
		nrm_case_tag(of_case->case_key, index, tag.bytes);
		if (!nrm_slice_equal(leaf.case_tag, nrm_slice(tag.bytes, NRM_HASH_LEN)))
			nrm_fault_hash(&c->faults, index, 1, "the case tag is not the case's", &tag,
				       leaf.case_tag);
		view = (struct nrm_view){0};
		nrm_check_record(c, index, &leaf, &of_case->record, &view);
		c->report.opened++;
		c->unread[index / 8] &= (uint8_t) ~(1u << index % 8);
		if (c->signers)
			err = nrm_check_signatures(c, index, &leaf, &view);
		if (err == NRM_OK && of_case->record.previous == 0) {
			c->report.cases++;
			err = check_index(c, of_case,
					  view.case_id); /* the leaf may be gone from memory then */
		}
	} /* a leaf that does not decode is the scan's to report */
	nrm_arena_reset(&c->arena);
	return err;
}

/* A leaf with a tag that no chain led to. */
struct stray {
	uint64_t index;
	uint8_t tag[NRM_HASH_LEN];
};

static enum nrm_err read_strays(struct nrm_check *c, struct stray *stray)
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
static enum nrm_err check_strays(struct nrm_check *c)
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
				nrm_fault(&c->faults, stray[i].index,
					  "the leaf belongs to a case whose chain leaves it out");
		}
	}
	nrm_wipe(key, sizeof(key));
	free(stray);
	return err;
}

enum nrm_err nrm_check_cases(struct nrm_check *c)
{
	enum nrm_err err = nrm_cases_walk(&c->reader, c->keys, c->report.leaves,
					  c->options->progress, check_case_leaf, c);

	if (err != NRM_OK || c->faults.first.what)
		return err;
	for (uint64_t i = 0; i < c->report.leaves; i++)
		c->report.closed += c->unread[i / 8] >> i % 8 & 1;
	c->report.complete = c->report.closed * nrm_case_keys_count(c->keys) <= MOST_TAGS;
	return c->report.complete && c->report.closed ? check_strays(c) : NRM_OK;
}
