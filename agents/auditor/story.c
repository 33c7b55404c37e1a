#include "agents/auditor/story.h"

#include <stdlib.h>

#include "proto/base/limits.h"
#include "proto/wire/frame.h"

/* What the walk over the cases found out about a leaf. */
struct known {
	uint64_t acknowledged; /* leaf index + 1 */
	uint32_t slot;	       /* + 1; 0: unknown */
	enum nrm_ack ack;
};

struct story {
	struct nrm_audit_reader reader;
	const struct nrm_case_keys *keys; /* NULL: only what leaves say */
	const struct nrm_story_options *options;
	FILE *out;
	struct nrm_arena arena;
	struct nrm_buf plain; /* an opened record */
	uint64_t size;
	struct known *known; /* [size]; NULL without keys */
	uint64_t *of_case;   /* leaves of the one case that is asked for, the last one first */
	size_t n_of_case;
};

static enum nrm_ack ack_status(struct nrm_slice bytes, struct nrm_arena *arena)
{
	struct nrm_ack_body ack;

	return nrm_ack_decode(bytes, arena, &ack) == NRM_OK ? ack.status : NRM_ACK_ABSENT;
}

static enum nrm_err list_leaf(struct story *s, uint64_t index)
{
	if ((s->n_of_case & (s->n_of_case - 1)) == 0) { /* a power of two: full */
		size_t room = s->n_of_case ? 2 * s->n_of_case : 1;
		uint64_t *grown = realloc(s->of_case, room * sizeof(*grown));
		if (!grown)
			return NRM_ERR_NOMEM;
		s->of_case = grown;
	}
	s->of_case[s->n_of_case++] = index;
	return NRM_OK;
}

static enum nrm_err note_leaf(void *context, const struct nrm_case_leaf *of_case)
{
	struct story *s = context;
	struct nrm_view view;

	if (of_case->fault)
		return NRM_OK; /* told as a leaf without a record; `nrm audit verify` says why */
	struct known *known = &s->known[of_case->index];
	known->slot = of_case->slot + 1;
	if (nrm_view_decode(of_case->record.view, &s->arena, &view) == NRM_OK && view.ack.len) {
		known->ack = ack_status(view.ack, &s->arena);
		if (view.earlier > 0 && view.earlier <= of_case->index) {
			s->known[view.earlier - 1].acknowledged = of_case->index + 1;
			s->known[view.earlier - 1].ack = known->ack;
		}
	}
	nrm_arena_reset(&s->arena);
	return s->options->filter.case_id ? list_leaf(s, of_case->index) : NRM_OK;
}

/* Oversight's view of a leaf, when its record can be opened. */
static bool oversight(struct story *s, uint64_t index, const struct nrm_trail_row *row,
		      struct nrm_view *ret_view)
{
	const uint32_t slot = s->known ? s->known[index].slot : 0;
	struct nrm_record record;

	if (row->record_kind != NRM_RECORD_CLEAR && slot == 0)
		return false;
	return nrm_record_open(s->keys, slot - 1, index, row, &s->plain, &record) &&
	       nrm_view_decode(record.view, &s->arena, ret_view) == NRM_OK;
}

static enum nrm_err write_leaf(struct story *s, const struct nrm_story_leaf *told)
{
	enum nrm_err err = NRM_OK;

	nrm_progress_clear(s->options->progress);
	if (s->options->json)
		err = nrm_story_json(told, s->options->case_ids, s->out);
	else
		nrm_story_text(told, s->options->case_ids, s->out);
	if (s->options->progress || s->options->at_once)
		fflush(s->out);
	return err == NRM_OK && ferror(s->out) ? NRM_ERR_IO : err;
}

static enum nrm_err tell(struct story *s, uint64_t index)
{
	struct nrm_story_leaf told = {.index = index, .slot = -1};
	const struct nrm_filter *filter = &s->options->filter;
	struct nrm_trail_row row;
	struct nrm_view view;
	enum nrm_err err = nrm_audit_row(&s->reader, index, &row);

	if (err == NRM_ERR_NOT_FOUND ||
	    (err == NRM_OK && nrm_leaf_decode(row.leaf, &s->arena, &told.leaf) != NRM_OK))
		err = NRM_ERR_CORRUPT;
	if (err != NRM_OK)
		return err;
	if (nrm_filter_leaf(filter, &told.leaf)) {
		if (s->known) {
			told.slot = (int64_t)s->known[index].slot - 1;
			told.acknowledged = s->known[index].acknowledged;
			told.ack = s->known[index].ack;
		}
		told.leaf_only = !s->keys;
		told.oversight = oversight(s, index, &row, &view) ? &view : NULL;
		if (!nrm_filter_asks_records(filter) ||
		    (told.oversight && nrm_filter_view(filter, told.oversight)))
			err = write_leaf(s, &told);
	}
	nrm_arena_reset(&s->arena);
	return err;
}

static enum nrm_err tell_range(struct story *s, uint64_t first, uint64_t end)
{
	enum nrm_err err = NRM_OK;

	for (uint64_t i = first; err == NRM_OK && i < end; i++) {
		nrm_progress_tell(s->options->progress, "leaves", i - first, end - first);
		err = tell(s, i);
	}
	return err;
}

/* Reads the cases, or the one that is asked for. */
static enum nrm_err read_cases(struct story *s)
{
	const struct nrm_audit_progress *progress = s->options->progress;
	uint32_t slot;

	s->known = calloc(s->size + 1, sizeof(*s->known));
	if (!s->known)
		return NRM_ERR_NOMEM;
	if (!s->options->filter.case_id)
		return nrm_cases_walk(&s->reader, s->keys, s->size, progress, note_leaf, s);
	enum nrm_err err =
		nrm_case_slot(&s->reader, s->keys, s->options->filter.case_id, progress, &slot);
	return err == NRM_OK ? nrm_case_walk(&s->reader, s->keys, slot, s->size, note_leaf, s)
			     : err;
}

static enum nrm_err tell_all(struct story *s)
{
	const struct nrm_filter *filter = &s->options->filter;
	uint64_t first = 0, end = s->size;
	enum nrm_err err = NRM_OK;

	if (s->keys)
		err = read_cases(s);
	if (err == NRM_OK && filter->case_id) {
		for (size_t i = s->n_of_case; err == NRM_OK && i-- > 0;)
			err = tell(s, s->of_case[i]);
		return err;
	}
	if (err == NRM_OK && filter->from_minute)
		err = nrm_leaf_at_minute(&s->reader, filter->from_minute, s->size, &first);
	if (err == NRM_OK && filter->until_minute)
		err = nrm_leaf_at_minute(&s->reader, filter->until_minute, s->size, &end);
	return err == NRM_OK ? tell_range(s, first, end) : err;
}

static void begin(struct story *s, struct nrm_store *store)
{
	nrm_audit_reader_init(&s->reader, store);
	nrm_arena_init(&s->arena, NRM_MAX_FRAME_ARENA);
}

static void end(struct story *s)
{
	nrm_progress_clear(s->options->progress);
	nrm_audit_reader_done(&s->reader);
	nrm_arena_done(&s->arena);
	nrm_buf_wipe(&s->plain);
	free(s->known);
	free(s->of_case);
}

/* The size of the trail in a fresh snapshot. */
static enum nrm_err look(struct story *s)
{
	struct nrm_txn *txn;

	nrm_audit_reader_done(&s->reader);
	enum nrm_err err = nrm_audit_snapshot(&s->reader, &txn);
	return err == NRM_OK ? nrm_trail_size(txn, &s->size) : err;
}

enum nrm_err nrm_story(struct nrm_store *store, const struct nrm_case_keys *keys,
		       const struct nrm_story_options *options, FILE *out)
{
	struct story s = {.keys = keys, .options = options, .out = out};

	if (!keys && nrm_filter_asks_records(&options->filter))
		return NRM_ERR_ARGUMENT;
	begin(&s, store);
	enum nrm_err err = look(&s);
	if (err == NRM_OK)
		err = tell_all(&s);
	end(&s);
	return err;
}

enum nrm_err nrm_story_follow(struct nrm_store *store, const struct nrm_story_options *options,
			      bool (*wait)(void), FILE *out)
{
	struct nrm_story_options told = *options;
	struct story s = {.options = &told, .out = out};

	if (nrm_filter_asks_records(&options->filter))
		return NRM_ERR_ARGUMENT;
	told.at_once = true;
	begin(&s, store);
	enum nrm_err err = look(&s);
	for (uint64_t seen = s.size; err == NRM_OK; seen = s.size) {
		nrm_audit_reader_done(&s.reader); /* an old snapshot holds up the broker */
		if (!wait())
			break;
		err = look(&s);
		if (err == NRM_OK)
			err = tell_range(&s, seen, s.size);
	}
	end(&s);
	return err;
}
