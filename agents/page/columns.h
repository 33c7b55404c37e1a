/*
 * What leaves say of themselves, as columns in memory: 16 bytes a leaf, so that ten million are counted and listed by any
 * combination in a tenth of a second. Beside it, per leaf, which case it is of and what waits for something, as far as case keys
 * were at hand. One thread.
 */
#ifndef NRM_PAGE_COLUMNS_H
#define NRM_PAGE_COLUMNS_H

#include <stdbool.h>

#include "agents/page/parties.h"
#include "proto/vocabulary.h"

#define NRM_COLUMN_BLOCK 4096u /* leaves that are looked at together */
#define NRM_COLUMN_CHUNK (16u * NRM_COLUMN_BLOCK)

/* Marks: the outcome in the lowest two bits, then what records tell. */
#define NRM_MARK_OUTCOME	0x03u
#define NRM_MARK_ACKNOWLEDGED	0x04u /* the recipient has said that it came */
#define NRM_MARK_REPLACED	0x08u /* by a later decision, or given back */
#define NRM_MARK_EMERGENCY	0x10u /* forwarded on a ground that the coordinator has to review */
#define NRM_MARK_DELIVERABLE	0x20u /* forwarded to somebody who is to acknowledge it */
#define NRM_MARK_AWAITS_ANSWER	0x40u /* a referral without response */
#define NRM_MARK_AWAITS_ERASURE 0x80u /* an order to erase without confirmation */

struct nrm_column_chunk {
	uint32_t minute[NRM_COLUMN_CHUNK]; /* Unix time; never below the one before */
	uint32_t slot[NRM_COLUMN_CHUNK];   /* of the case, + 1; 0: none, not known, or forgotten */
	uint16_t sender[NRM_COLUMN_CHUNK], recipient[NRM_COLUMN_CHUNK];
	uint8_t service[NRM_COLUMN_CHUNK], reason[NRM_COLUMN_CHUNK], kind[NRM_COLUMN_CHUNK],
		marks[NRM_COLUMN_CHUNK];
};

/* Zeroed: none. */
struct nrm_columns {
	struct nrm_column_chunk **chunk;
	size_t n_chunks, room;
	uint64_t n; /* leaves */
	struct nrm_parties parties;
};

/* A leaf as columns have it. */
struct nrm_column_row {
	uint64_t minute;
	struct nrm_slice sender, recipient;
	enum nrm_service service;
	enum nrm_outcome outcome;
	enum nrm_reason reason; /* as told; 0: nothing was decided */
	enum nrm_event kind;	/* 0: the leaf cannot be read */
};

void nrm_columns_done(struct nrm_columns *columns);
/* Adds the next leaf. NRM_ERR_NOMEM. */
enum nrm_err nrm_columns_add(struct nrm_columns *columns,
			     const struct nrm_column_row *row) NRM_MUST_USE;
/* What records tell of a leaf: the case's slot, and marks other than the outcome in place of those there. */
void nrm_columns_tell(struct nrm_columns *columns, uint64_t index, uint32_t slot, uint8_t marks);
/* The case of a leaf, -1 when it is not known; its marks. */
int64_t nrm_columns_slot(const struct nrm_columns *columns, uint64_t index);
uint8_t nrm_columns_marks(const struct nrm_columns *columns, uint64_t index);
/* Everything that ties leaves to the case of a slot goes: its key is gone. */
void nrm_columns_forget(struct nrm_columns *columns, uint32_t slot);

/* Zeroed: all leaves. What is set must hold, all of it. */
struct nrm_column_filter {
	uint64_t from_minute, until_minute; /* [from, until); until 0: no end */
	bool has_participant, has_sender, has_recipient, has_outcome, has_case;
	uint16_t participant, sender, recipient; /* participant: either of the two */
	enum nrm_service service;
	enum nrm_outcome outcome; /* of what was decided */
	enum nrm_reason reason;
	enum nrm_event kind;
	uint32_t slot;
	uint8_t marks, of_marks; /* the marks among `of_marks` are just `marks` */
	uint64_t from, before;	 /* leaves of [from, before) only; before 0: no end */
};

/* A leaf that passed; false: enough. */
typedef bool (*nrm_column_visit)(void *context, const struct nrm_column_chunk *chunk, uint32_t at,
				 uint64_t index);
/* Visits what passes, the newest first. Returns how many were visited. */
uint64_t nrm_columns_scan(const struct nrm_columns *columns, const struct nrm_column_filter *filter,
			  nrm_column_visit visit, void *context);
/* The first leaf at or after `from` that is of this kind and of the case in `slot`; the number of leaves when there is none. */
uint64_t nrm_columns_next(const struct nrm_columns *columns, uint64_t from, uint32_t slot,
			  enum nrm_event kind);
/* How many pass. */
uint64_t nrm_columns_count(const struct nrm_columns *columns,
			   const struct nrm_column_filter *filter);

#endif
