#include "agents/auditor/story.h"

#include <stdlib.h>

#include "proto/base/limits.h"
#include "proto/trail/rows.h"
#include "proto/wire/frame.h"

/* What the walk over the cases found out about a leaf. */
struct known {
	uint64_t acknowledged; /* leaf index + 1 */
	uint32_t slot;	       /* + 1; 0: unknown */
	enum nrm_ack ack;
};

struct story {
	struct nrm_audit_reader reader;
	const struct nrm_case_keys *keys;
	struct nrm_arena arena;
	struct nrm_buf plain; /* an opened record */
	uint64_t size;
	struct known *known; /* [size] */
};

static enum nrm_ack ack_status(struct nrm_slice bytes, struct nrm_arena *arena)
{
	struct nrm_ack_body ack;

	return nrm_ack_decode(bytes, arena, &ack) == NRM_OK ? ack.status : NRM_ACK_ABSENT;
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
	return NRM_OK;
}

/* Oversight's view of a leaf, when its record can be opened. */
static bool oversight(struct story *s, uint64_t index, const struct nrm_trail_row *row,
		      struct nrm_view *ret_view)
{
	struct nrm_slice bytes = row->record;
	struct nrm_record record;
	uint8_t case_key[NRM_KEY_LEN], row_key[NRM_KEY_LEN];
	bool ok = true;

	if (row->record_kind == NRM_RECORD_SEALED) {
		uint32_t slot = s->known[index].slot;

		nrm_buf_clear(&s->plain);
		ok = slot != 0 && nrm_case_keys_get(s->keys, slot - 1, case_key) == NRM_OK;
		if (ok) {
			nrm_row_key(case_key, row_key);
			ok = nrm_row_open(row_key, NRM_ROW_RECORD, index, bytes, &s->plain) ==
			     NRM_OK;
			bytes = nrm_buf_slice(&s->plain);
		}
		nrm_wipe(case_key, sizeof(case_key));
		nrm_wipe(row_key, sizeof(row_key));
	}
	return ok && nrm_record_decode(bytes, &record) == NRM_OK &&
	       nrm_view_decode(record.view, &s->arena, ret_view) == NRM_OK;
}

static enum nrm_err tell(struct story *s, uint64_t index, const struct nrm_story_options *options,
			 FILE *out)
{
	const struct known *known = &s->known[index];
	struct nrm_story_leaf told = {.index = index,
				      .slot = (int64_t)known->slot - 1,
				      .acknowledged = known->acknowledged,
				      .ack = known->ack};
	struct nrm_trail_row row;
	struct nrm_view view;
	enum nrm_err err = nrm_audit_row(&s->reader, index, &row);

	if (err == NRM_ERR_NOT_FOUND ||
	    (err == NRM_OK && nrm_leaf_decode(row.leaf, &s->arena, &told.leaf) != NRM_OK))
		err = NRM_ERR_CORRUPT;
	if (err != NRM_OK)
		return err;
	if (oversight(s, index, &row, &view))
		told.oversight = &view;
	if (options->json)
		err = nrm_story_json(&told, options->case_ids, out);
	else
		nrm_story_text(&told, options->case_ids, out);
	nrm_arena_reset(&s->arena);
	return err == NRM_OK && ferror(out) ? NRM_ERR_IO : err;
}

enum nrm_err nrm_story(struct nrm_store *store, const struct nrm_case_keys *keys,
		       const struct nrm_story_options *options, FILE *out)
{
	struct story s = {.keys = keys};
	struct nrm_txn *txn;

	nrm_audit_reader_init(&s.reader, store);
	nrm_arena_init(&s.arena, NRM_MAX_FRAME_ARENA);
	enum nrm_err err = nrm_audit_snapshot(&s.reader, &txn);
	if (err == NRM_OK)
		err = nrm_trail_size(txn, &s.size);
	if (err == NRM_OK && !(s.known = calloc(s.size + 1, sizeof(*s.known))))
		err = NRM_ERR_NOMEM;
	if (err == NRM_OK && keys)
		err = nrm_cases_walk(&s.reader, keys, s.size, note_leaf, &s);
	for (uint64_t i = 0; err == NRM_OK && i < s.size; i++)
		err = tell(&s, i, options, out);
	nrm_audit_reader_done(&s.reader);
	nrm_arena_done(&s.arena);
	nrm_buf_wipe(&s.plain);
	free(s.known);
	return err;
}
