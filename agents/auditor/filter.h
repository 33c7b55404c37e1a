/* Which leaves are told of. */
#ifndef NRM_AUDITOR_FILTER_H
#define NRM_AUDITOR_FILTER_H

#include "agents/auditor/reader.h"

/* Zeroed: all of them. What is set must hold, all of it. */
struct nrm_filter {
	/* what the leaf itself says */
	uint64_t from_minute,
		until_minute;	      /* Unix time in minutes, [from, until); until 0: no end */
	struct nrm_slice participant; /* sender or recipient */
	enum nrm_service service;
	bool has_outcome;
	enum nrm_outcome outcome;
	enum nrm_reason reason; /* as told */

	/* what only its record says: a leaf whose record cannot be read does not pass */
	uint32_t rule; /* 1-20: one that took part in the decision */
	enum nrm_reason true_reason;
	const uint8_t *case_id; /* 16 bytes, or NULL */
};

bool nrm_filter_asks_records(const struct nrm_filter *filter);
/* The first two groups of members; time too. */
bool nrm_filter_leaf(const struct nrm_filter *filter, const struct nrm_leaf *leaf);
bool nrm_filter_view(const struct nrm_filter *filter, const struct nrm_view *view);

/* The first leaf below `size` that is of `minute` or later, else `size`. Leaves are in order of time. Errors of nrm_audit_row(). */
enum nrm_err nrm_leaf_at_minute(struct nrm_audit_reader *reader, uint64_t minute, uint64_t size,
				uint64_t *ret_index) NRM_MUST_USE;

#endif
