/*
 * The pass over cases: heads are gone through in order, and each case whose head is another one than last time is read whole, from
 * its last leaf to its first, for what its leaves wait for. What was later is met first, so one walk tells it all.
 */
#include <stdlib.h>

#include "agents/page/index.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"
#include "proto/trail/rows.h"

#define HEADS_A_SLICE 16384u
#define CASES_A_SLICE 512u
#define MS_A_SLICE    20u
#define PAIRS	      64u /* of agencies that answered each other, in one case */

/* Two agencies, the second of which answered or confirmed to the first later than where the walk stands. */
struct pair {
	uint16_t asked_by, answered_by;
};

struct case_walk {
	struct nrm_index *index;
	uint32_t slot;
	struct pair answered[PAIRS], erased[PAIRS];
	size_t n_answered, n_erased;
	bool ahead; /* of the columns: to be read again */
};

static void add_pair(struct pair *pair, size_t *n, uint16_t asked_by, uint16_t answered_by)
{
	if (*n < PAIRS)
		pair[(*n)++] = (struct pair){asked_by, answered_by};
}

static bool has_pair(const struct pair *pair, size_t n, uint16_t asked_by, uint16_t answered_by)
{
	for (size_t i = 0; i < n; i++)
		if (pair[i].asked_by == asked_by && pair[i].answered_by == answered_by)
			return true;
	return false;
}

/* Types that somebody acknowledges once they are forwarded; statements to the broker itself are none. */
#define DELIVERABLE                                                          \
	(1u << NRM_MESSAGE_TYPE_REFERRAL | 1u << NRM_MESSAGE_TYPE_RESPONSE | \
	 1u << NRM_MESSAGE_TYPE_UPDATE | 1u << NRM_MESSAGE_TYPE_COMPLAINT |  \
	 1u << NRM_MESSAGE_TYPE_NOTIFICATION | 1u << NRM_MESSAGE_TYPE_NOTICE)

/* What a forwarded message waits for, with what was met later in mind. */
static uint8_t marks_of(const struct case_walk *w, const struct nrm_view *view, enum nrm_event kind,
			uint16_t sender, uint16_t recipient)
{
	const bool order = kind == NRM_EVENT_ERASURE_ORDER && view->earlier != 0;
	uint8_t marks = 0;

	if (view->outcome != NRM_OUTCOME_FORWARD ||
	    !(kind <= NRM_EVENT_NOTICE || kind == NRM_EVENT_REDECISION))
		return 0;
	if (view->type < 32 && (DELIVERABLE >> view->type & 1 || order))
		marks |= NRM_MARK_DELIVERABLE;
	if (view->emergency && view->obligations >> NRM_OBLIGATION_REVIEW_BY_COORDINATOR & 1)
		marks |= NRM_MARK_EMERGENCY;
	if (view->type == NRM_MESSAGE_TYPE_REFERRAL &&
	    !has_pair(w->answered, w->n_answered, sender, recipient))
		marks |= NRM_MARK_AWAITS_ANSWER;
	if (order && !has_pair(w->erased, w->n_erased, sender, recipient))
		marks |= NRM_MARK_AWAITS_ERASURE;
	return marks;
}

/* An earlier leaf of this case, of which a later one speaks: what it is told now stays when the walk comes to it. */
static void tell_earlier(struct case_walk *w, uint64_t index, const struct nrm_view *view,
			 enum nrm_event kind)
{
	struct nrm_columns *c = &w->index->columns;

	if (view->earlier == 0 || view->earlier > index)
		return;
	const uint64_t earlier = view->earlier - 1;
	if (kind == NRM_EVENT_ACKNOWLEDGEMENT)
		nrm_columns_tell(c, earlier, w->slot,
				 nrm_columns_marks(c, earlier) | NRM_MARK_ACKNOWLEDGED);
	else if (kind == NRM_EVENT_REDECISION || kind == NRM_EVENT_RETURN)
		nrm_columns_tell(c, earlier, w->slot,
				 nrm_columns_marks(c, earlier) | NRM_MARK_REPLACED);
}

static enum nrm_err visit_leaf(void *context, const struct nrm_case_leaf *of_case)
{
	struct case_walk *w = context;
	struct nrm_columns *c = &w->index->columns;
	const uint64_t i = of_case->index;
	struct nrm_view view;

	if (of_case->fault)
		return NRM_OK; /* told as a leaf without a record; verification says why */
	if (i >= c->n) {
		w->ahead = true;
		return NRM_OK;
	}
	const struct nrm_column_chunk *chunk = c->chunk[i / NRM_COLUMN_CHUNK];
	const uint32_t at = i % NRM_COLUMN_CHUNK;
	const enum nrm_event kind = (enum nrm_event)chunk->kind[at];
	const uint16_t sender = chunk->sender[at], recipient = chunk->recipient[at];

	if (nrm_view_decode(of_case->record.view, &w->index->arena, &view) == NRM_OK) {
		const uint8_t later = nrm_columns_marks(c, i) &
				      (NRM_MARK_ACKNOWLEDGED | NRM_MARK_REPLACED);
		nrm_columns_tell(c, i, w->slot,
				 later | marks_of(w, &view, kind, sender, recipient));
		tell_earlier(w, i, &view, kind);
		if (kind == NRM_EVENT_RESPONSE && view.outcome == NRM_OUTCOME_FORWARD)
			add_pair(w->answered, &w->n_answered, recipient, sender);
		if (kind == NRM_EVENT_ERASURE_CONFIRMATION)
			add_pair(w->erased, &w->n_erased, recipient, sender);
	}
	nrm_arena_reset(&w->index->arena);
	return NRM_OK;
}

/* A case whose head has changed. */
struct changed {
	uint32_t slot;
	uint64_t head;
};

static enum nrm_err read_case(struct nrm_index *index, const struct changed *changed)
{
	struct case_walk w = {.index = index, .slot = changed->slot};
	enum nrm_err err = nrm_case_walk(&index->reader, index->keys, changed->slot, UINT64_MAX,
					 visit_leaf, &w);

	if (err == NRM_OK && !w.ahead)
		index->seen[changed->slot] = changed->head;
	return err;
}

/* Slots [first, end) have no head: what was known of them is forgotten. */
static void forget_between(struct nrm_index *index, uint32_t first, uint32_t end)
{
	for (uint32_t slot = first; slot < end && slot < index->n_seen; slot++) {
		if (index->seen[slot] == 0)
			continue;
		nrm_columns_forget(&index->columns, slot);
		index->seen[slot] = 0;
	}
}

static enum nrm_err make_room(struct nrm_index *index, uint32_t slot)
{
	if (slot < index->n_seen)
		return NRM_OK;
	const uint32_t room = slot < UINT32_MAX / 2 ? 2 * slot + 1024 : UINT32_MAX;
	uint64_t *grown = realloc(index->seen, room * sizeof(*grown));
	if (!grown)
		return NRM_ERR_NOMEM;
	memset(grown + index->n_seen, 0, (room - index->n_seen) * sizeof(*grown));
	index->seen = grown;
	index->n_seen = room;
	return NRM_OK;
}

/* One head. Its beginning is the nonce it was sealed with: another one each time it is written. */
static enum nrm_err look_at_head(struct nrm_index *index, struct nrm_slice key,
				 struct nrm_slice row, struct changed *changed, size_t *n)
{
	struct nrm_reader r = nrm_reader(key), bytes = nrm_reader(row);
	const uint32_t slot = nrm_take_u32(&r);
	const uint64_t head = nrm_take_u64(&bytes);

	if (r.failed || bytes.failed || slot == UINT32_MAX)
		return NRM_OK; /* verification says so */
	forget_between(index, index->next_slot, slot);
	index->next_slot = slot + 1;
	enum nrm_err err = make_room(index, slot);
	if (err == NRM_OK && index->seen[slot] != head)
		changed[(*n)++] = (struct changed){slot, head};
	return err;
}

/* Goes on through the heads. NRM_ERR_NOT_FOUND at their end. */
static enum nrm_err find_changed(struct nrm_index *index, struct changed *changed, size_t *n)
{
	struct nrm_slice key, row;
	struct nrm_cursor *cursor;
	struct nrm_txn *txn;
	uint8_t from[4];
	enum nrm_err err = nrm_audit_snapshot(&index->reader, &txn);

	if (err == NRM_OK)
		err = nrm_cursor_open(txn, NRM_TABLE_HEADS, &cursor);
	if (err != NRM_OK)
		return err;
	nrm_store_u32(from, index->next_slot);
	err = nrm_cursor_seek(cursor, nrm_slice(from, sizeof(from)), &key, &row);
	for (uint32_t i = 0; err == NRM_OK && i < HEADS_A_SLICE && *n < CASES_A_SLICE; i++) {
		err = look_at_head(index, key, row, changed, n);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	return err;
}

static void end_pass(struct nrm_index *index)
{
	const uint64_t now = nrm_time_monotonic_ms();

	forget_between(index, index->next_slot, index->n_seen);
	index->passing = false;
	index->cases_known = true;
	index->pass_ended_ms = now;
	index->pass_took_ms = now - index->pass_began_ms;
}

enum nrm_err nrm_index_cases(struct nrm_index *index, uint64_t now, bool *ret_more)
{
	struct changed changed[CASES_A_SLICE];
	size_t n = 0, i = 0;
	enum nrm_err err = find_changed(index, changed, &n);
	const bool last = err == NRM_ERR_NOT_FOUND;

	if (last)
		err = NRM_OK;
	while (err == NRM_OK && i < n && (i == 0 || nrm_time_monotonic_ms() < now + MS_A_SLICE))
		err = read_case(index, &changed[i++]);
	if (err == NRM_OK && i < n)
		index->next_slot = changed[i].slot; /* the next slice goes on there */
	else if (err == NRM_OK && last)
		end_pass(index);
	if (err == NRM_OK)
		*ret_more = index->passing;
	return err;
}
