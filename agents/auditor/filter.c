#include "agents/auditor/filter.h"

#include "proto/base/limits.h"

bool nrm_filter_asks_records(const struct nrm_filter *filter)
{
	return filter->rule || filter->true_reason || filter->case_id;
}

bool nrm_filter_leaf(const struct nrm_filter *f, const struct nrm_leaf *leaf)
{
	if (leaf->minute < f->from_minute || (f->until_minute && leaf->minute >= f->until_minute))
		return false;
	if (f->participant.len && !nrm_slice_equal(f->participant, leaf->sender) &&
	    !nrm_slice_equal(f->participant, leaf->recipient))
		return false;
	if (f->service && leaf->service != f->service)
		return false;
	/* only what was decided on has an outcome */
	if (f->has_outcome && (!leaf->reason || leaf->outcome != f->outcome))
		return false;
	return !f->reason || leaf->reason == f->reason;
}

bool nrm_filter_view(const struct nrm_filter *f, const struct nrm_view *view)
{
	if (f->rule && !(view->rules >> f->rule & 1))
		return false;
	if (f->true_reason && view->reason != f->true_reason)
		return false;
	return !f->case_id ||
	       nrm_slice_equal(view->case_id, nrm_slice(f->case_id, NRM_CASE_ID_LEN));
}

enum nrm_err nrm_leaf_at_minute(struct nrm_audit_reader *reader, uint64_t minute, uint64_t size,
				uint64_t *ret_index)
{
	uint64_t low = 0, high = size;
	enum nrm_err err = NRM_OK;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	while (err == NRM_OK && low < high) {
		const uint64_t middle = low + (high - low) / 2;
		struct nrm_trail_row row;
		struct nrm_leaf leaf;

		if ((err = nrm_audit_row(reader, middle, &row)) ||
		    (err = nrm_leaf_decode(row.leaf, &arena, &leaf)))
			break;
		if (leaf.minute < minute)
			low = middle + 1;
		else
			high = middle;
		nrm_arena_reset(&arena);
	}
	nrm_arena_done(&arena);
	if (err == NRM_OK)
		*ret_index = low;
	return err;
}
