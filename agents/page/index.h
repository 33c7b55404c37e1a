/*
 * The reader's knowledge of a trail: columns that follow it, filled in slices so that queries are answered in between, and for
 * whoever holds case keys which case each leaf is of and what waits for something. One thread, one store.
 */
#ifndef NRM_PAGE_INDEX_H
#define NRM_PAGE_INDEX_H

#include "agents/auditor/reader.h"
#include "agents/page/columns.h"
#include "proto/wire/directory_wire.h"

struct nrm_index {
	struct nrm_store *store;	/* borrowed */
	const char *keys_file;		/* NULL: records stay closed */
	struct nrm_case_keys *keys;	/* opened anew before each pass: there may be more */
	struct nrm_audit_reader reader; /* holds no snapshot between slices */
	struct nrm_columns columns;
	uint64_t size; /* of the trail when it was last looked at */
	struct nrm_arena arena;

	/* the pass over cases: */
	uint64_t *
		seen; /* by slot: the beginning of the case's head as it was read last; 0: not yet */
	uint32_t n_seen; /* room of it */
	bool passing;
	uint32_t next_slot;
	uint64_t looked_at;				     /* leaves when the last pass began */
	bool cases_known;				     /* one pass was completed */
	uint64_t pass_began_ms, pass_ended_ms, pass_took_ms; /* CLOCK_MONOTONIC */

	/* the newest directory, decoded: */
	struct nrm_arena directory_arena;
	struct nrm_directory_body directory;
	uint64_t documents; /* rows when it was read */
};

void nrm_index_init(struct nrm_index *index, struct nrm_store *store, const char *keys_file);
void nrm_index_done(struct nrm_index *index);

/*
 * Does a slice of what there is to do at `now` (CLOCK_MONOTONIC, milliseconds), some ten milliseconds. *ret_busy: there is more now; otherwise look again in a second. Errors of the
 * store and of opening the case keys, NRM_ERR_NOMEM; what is wrong with single leaves is none: they are listed as unreadable.
 */
enum nrm_err nrm_index_step(struct nrm_index *index, uint64_t now, bool *ret_busy) NRM_MUST_USE;

/* Whether every leaf of the trail as it was last looked at is in the columns. */
bool nrm_index_whole(const struct nrm_index *index);
/* The participant in the newest directory; NULL when it is not there. */
const struct nrm_participant_entry *nrm_index_participant(const struct nrm_index *index,
							  struct nrm_slice id);

/* index_cases.c: a slice of the pass over cases. *ret_more: there is more of it. */
enum nrm_err nrm_index_cases(struct nrm_index *index, uint64_t now, bool *ret_more) NRM_MUST_USE;

#endif
