/*
 * The sums anew, from every leaf and the record that it commits to, by the function that the broker counts with. What cannot be
 * opened any more leaves room for a sum to be higher than the records show, as far as its leaf could have added to it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "agents/auditor/indicators.h"
#include "agents/auditor/tallied.h"

struct recounting {
	const struct nrm_tallied *tallied;
	struct nrm_audit_reader *answered; /* for leaves that responses answer */
	struct nrm_faults *faults;
	struct nrm_sums counted;
	struct nrm_sums room; /* cells without tally and detail: what forgotten leaves could add */
	uint8_t *seen;	      /* a bit a leaf: its record was counted */
	struct nrm_arena arena;
	struct nrm_recount *out;
	uint64_t index; /* of the leaf under way */
};

static enum nrm_err add_cell(void *context, const struct nrm_tally_cell *cell)
{
	struct recounting *r = context;

	return nrm_sums_add(&r->counted,
			    nrm_sum_row(cell->month, nrm_tallied_party(r->tallied, cell->agency)),
			    nrm_sum_cell(cell->tally, cell->service, cell->detail), cell->amount);
}

/* The minute of the leaf that a response answers; 0 when it names none that is there. */
static enum nrm_err answered_at(struct recounting *r, const struct nrm_view *view,
				uint64_t *ret_minute)
{
	struct nrm_trail_row row;
	struct nrm_leaf leaf;

	*ret_minute = 0;
	if (!view->answers)
		return NRM_OK;
	enum nrm_err err = view->answers > r->index
				   ? NRM_ERR_NOT_FOUND
				   : nrm_audit_row(r->answered, view->answers - 1, &row);
	if (err == NRM_OK)
		err = nrm_leaf_decode(row.leaf, &r->arena, &leaf);
	if (err == NRM_OK)
		*ret_minute = leaf.minute;
	else if (err == NRM_ERR_NOT_FOUND)
		nrm_fault(r->faults, r->index, "it answers a leaf that is not before it");
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* Whether the view is the one that the leaf commits to. */
static bool is_committed(const struct nrm_leaf *leaf, const struct nrm_record *record)
{
	uint8_t digest[NRM_HASH_LEN];

	nrm_view_digest(record->salt[NRM_VIEWER_OVERSIGHT], record->view, digest);
	return memcmp(digest, leaf->oversight_view.data, NRM_HASH_LEN) == 0;
}

static enum nrm_err count(struct recounting *r, uint64_t index, struct nrm_slice bytes,
			  const struct nrm_record *record)
{
	struct nrm_leaf leaf;
	struct nrm_view view;
	uint64_t answered;

	nrm_arena_reset(&r->arena);
	r->index = index;
	if (nrm_leaf_decode(bytes, &r->arena, &leaf) != NRM_OK ||
	    nrm_view_decode(record->view, &r->arena, &view) != NRM_OK) {
		nrm_fault(r->faults, index, "the leaf or its record is malformed");
		return NRM_OK;
	}
	if (!is_committed(&leaf, record)) {
		nrm_fault(r->faults, index, "the record is not the one that the leaf commits to");
		return NRM_OK;
	}
	r->seen[index / 8] |= (uint8_t)(1u << index % 8);
	enum nrm_err err = answered_at(r, &view, &answered);
	return err == NRM_OK ? nrm_tally(&leaf, &view, r->tallied->country, answered, add_cell, r)
			     : err;
}

static enum nrm_err visit(void *context, const struct nrm_case_leaf *leaf)
{
	struct recounting *r = context;

	if (leaf->fault) {
		nrm_fault(r->faults, leaf->index, leaf->fault);
		return NRM_OK;
	}
	return count(r, leaf->index, leaf->leaf, &leaf->record);
}

/* What a leaf without its record could have added to, for either of its agencies. */
static enum nrm_err make_room(struct recounting *r, struct nrm_slice bytes)
{
	struct nrm_leaf leaf;

	nrm_arena_reset(&r->arena);
	if (nrm_leaf_decode(bytes, &r->arena, &leaf) != NRM_OK)
		return NRM_OK;
	const uint16_t month = nrm_month_of(leaf.minute);
	const uint32_t cell = nrm_sum_cell(NRM_TALLY_ABSENT, leaf.service, 0);
	const uint64_t from = nrm_sum_row(month, nrm_tallied_party(r->tallied, leaf.sender)),
		       to = nrm_sum_row(month, nrm_tallied_party(r->tallied, leaf.recipient));
	enum nrm_err err = nrm_sums_add(&r->room, from, cell, 1);
	if (err == NRM_OK && to != from)
		err = nrm_sums_add(&r->room, to, cell, 1);
	r->out->forgotten++;
	return err;
}

/* Every leaf once: those of no case are counted, those whose case was not met are what was forgotten. */
static enum nrm_err read_leaves(struct recounting *r, struct nrm_audit_reader *reader,
				const struct nrm_audit_progress *progress)
{
	const uint64_t size = r->tallied->size;
	enum nrm_err err = NRM_OK;

	for (uint64_t i = 0; err == NRM_OK && i < size; i++) {
		struct nrm_record record;
		struct nrm_trail_row row;

		nrm_progress_tell(progress, "counting leaves", i, size);
		err = nrm_audit_row(reader, i, &row);
		if (err != NRM_OK || r->seen[i / 8] >> (i % 8) & 1)
			continue;
		if (row.record_kind == NRM_RECORD_SEALED)
			err = make_room(r, row.leaf);
		else if (nrm_record_read(&row, i, NULL, NULL, &record) == NRM_OK)
			err = count(r, i, row.leaf, &record);
		else
			nrm_fault(r->faults, i, "the record is malformed");
	}
	return err;
}

/* --- comparing --- */

static void differ(struct recounting *r, const struct nrm_sum *sum, uint64_t counted, uint64_t kept)
{
	char month[NRM_MONTH_TEXT_LEN + 1], text[2][NRM_FAULT_VALUE];
	const enum nrm_tally tally = nrm_sum_tally(sum);
	const uint32_t party = (uint32_t)sum->row;

	nrm_month_format((uint16_t)(sum->row >> 32), month);
	snprintf(text[0], sizeof(text[0]), "%llu (%s, %s, %s)", (unsigned long long)counted,
		 tally > NRM_TALLY_ABSENT && tally < NRM_TALLY_END_ ? nrm_tally_code(tally) : "?",
		 month, party < r->tallied->n_parties ? r->tallied->party[party].id : "?");
	snprintf(text[1], sizeof(text[1]), "%llu", (unsigned long long)kept);
	nrm_fault_text(r->faults, NRM_NO_LEAF,
		       "a sum is not what the leaves and their records give",
		       nrm_slice_str(text[0]), nrm_slice_str(text[1]));
}

/* A leaf adds one to a cell, but for fields: as many as were withheld. */
static uint64_t room_for(const struct recounting *r, const struct nrm_sum *sum)
{
	const uint64_t leaves = nrm_sums_amount(
		&r->room, sum->row, nrm_sum_cell(NRM_TALLY_ABSENT, nrm_sum_service(sum), 0));

	return nrm_sum_tally(sum) == NRM_TALLY_WITHHELD ? leaves * NRM_FIELD_END_ : leaves;
}

static void compare(struct recounting *r)
{
	const struct nrm_sums *kept = &r->tallied->sums, *counted = &r->counted;

	for (uint32_t i = 0; i < counted->n; i++) {
		const struct nrm_sum *sum = &counted->sum[i];
		const uint64_t amount = nrm_sums_amount(kept, sum->row, sum->cell);

		if (amount < sum->amount)
			differ(r, sum, sum->amount, amount);
	}
	for (uint32_t i = 0; i < kept->n; i++) {
		const struct nrm_sum *sum = &kept->sum[i];
		const uint64_t amount = nrm_sums_amount(counted, sum->row, sum->cell);

		r->out->cells++;
		if (sum->amount > amount + room_for(r, sum))
			differ(r, sum, amount, sum->amount);
	}
}

enum nrm_err nrm_indicators_recount(struct nrm_audit_reader *reader,
				    const struct nrm_case_keys *keys,
				    const struct nrm_audit_progress *progress,
				    struct nrm_faults *faults, struct nrm_recount *ret_recount)
{
	struct nrm_audit_reader answered;
	struct nrm_tallied tallied;
	struct recounting r = {
		.tallied = &tallied, .answered = &answered, .faults = faults, .out = ret_recount};

	*ret_recount = (struct nrm_recount){.leaves = 0};
	nrm_audit_reader_init(&answered, reader->store);
	nrm_arena_init(&r.arena, NRM_MAX_FRAME_ARENA);
	enum nrm_err err = nrm_tallied_read(reader, keys, 0, UINT16_MAX, &tallied);
	if (err == NRM_OK && !(r.seen = calloc(tallied.size / 8 + 1, 1)))
		err = NRM_ERR_NOMEM;
	if (err == NRM_OK)
		err = nrm_cases_walk(reader, keys, tallied.size, progress, visit, &r);
	if (err == NRM_OK)
		err = read_leaves(&r, reader, progress);
	if (err == NRM_OK) {
		ret_recount->leaves = tallied.size;
		compare(&r);
	}
	free(r.seen);
	nrm_sums_done(&r.counted);
	nrm_sums_done(&r.room);
	nrm_arena_done(&r.arena);
	nrm_audit_reader_done(&answered);
	nrm_tallied_done(&tallied);
	return err;
}
