/*
 * What the page asks: a path and its parameters, read into one plain struct. Pure; nothing is looked up here.
 */
#ifndef NRM_PAGE_QUERY_H
#define NRM_PAGE_QUERY_H

#include "agents/auditor/indicators.h"
#include "agents/page/failure.h"
#include "proto/base/id.h"
#include "proto/base/limits.h"
#include "proto/vocabulary.h"

/* What there is to ask below /api/. */
enum nrm_page_path {
	NRM_PAGE_WORDS,
	NRM_PAGE_STATUS,
	NRM_PAGE_ATTENTION,
	NRM_PAGE_LEAVES,
	NRM_PAGE_LEAF,
	NRM_PAGE_PROOF,
	NRM_PAGE_CASE,
	NRM_PAGE_PARTICIPANTS,
	NRM_PAGE_FLOWS,
	NRM_PAGE_VOLUMES,
	NRM_PAGE_RESPONSE_TIMES,
	NRM_PAGE_WITHHELD,
	NRM_PAGE_INDICATORS,
	NRM_PAGE_PATHS
};

/* What may need somebody's attention. */
#define NRM_ATTENTIONS(X)                                  \
	X(REFUSALS, 1, "refusals")                         \
	X(EMERGENCY_UNREVIEWED, 2, "emergency_unreviewed") \
	X(UNACKNOWLEDGED, 3, "unacknowledged")             \
	X(UNANSWERED, 4, "unanswered")                     \
	X(ERASURES_UNANSWERED, 5, "erasures_unanswered")
#define NRM_X_(name, number, code) NRM_ATTENTION_##name = number,
enum nrm_attention { NRM_ATTENTION_ABSENT, NRM_ATTENTIONS(NRM_X_) NRM_ATTENTION_END_ };
#undef NRM_X_
const char *nrm_attention_name(enum nrm_attention kind);

/* Zeroed members were not asked for. It holds no pointer: between processes of one program it travels as it is. */
struct nrm_page_query {
	enum nrm_page_path path;
	uint32_t given;	       /* bit n: parameter n of query.c was there */
	uint64_t leaf;	       /* of LEAF and PROOF */
	uint64_t from_minute;  /* Unix time in minutes, [from, until) */
	uint64_t until_minute; /* 0: no end */
	uint32_t from_month,
		until_month; /* months since 1970-01, both included; from the same two */
	char participant[NRM_MAX_ID + 1], sender[NRM_MAX_ID + 1], recipient[NRM_MAX_ID + 1];
	enum nrm_service service;
	bool has_outcome;
	enum nrm_outcome outcome;
	enum nrm_reason reason; /* as told */
	enum nrm_event kind;
	uint32_t rule;
	enum nrm_reason true_reason;
	enum nrm_reason withheld; /* a field was, for this */
	enum nrm_role role;	  /* the recipient's first, in today's directory */
	bool has_case;
	uint8_t case_id[NRM_CASE_ID_LEN];
	enum nrm_attention attention;
	bool has_before;
	uint64_t before;
	uint32_t limit;
	bool csv;
	enum nrm_by by;
	char language[NRM_MAX_LANGUAGE_TAG + 1];
	char text[NRM_MAX_ID + 1]; /* q */
};

/*
 * Starts a query from a path ("/api/leaf/7"), as it came, escapes not undone: none of ours needs one. NRM_ERR_NOT_FOUND when there
 * is no such path, NRM_ERR_FORMAT when a number or an id in it is none; `failure` then says so.
 */
enum nrm_err nrm_query_begin(const char *path, struct nrm_page_query *ret_query,
			     struct nrm_page_failure *failure) NRM_MUST_USE;
/* Takes in one parameter, its escapes undone. NRM_ERR_FORMAT, and `failure`, for one that the path does not have, has twice, or of another form. */
enum nrm_err nrm_query_take(struct nrm_page_query *query, struct nrm_slice name,
			    struct nrm_slice value, struct nrm_page_failure *failure) NRM_MUST_USE;
/* Looks at all of it together. NRM_ERR_FORMAT. */
enum nrm_err nrm_query_end(struct nrm_page_query *query,
			   struct nrm_page_failure *failure) NRM_MUST_USE;

#endif
