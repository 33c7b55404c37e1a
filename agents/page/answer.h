/*
 * Answers to queries, made in the reader. Internal to agents/page.
 */
#ifndef NRM_PAGE_ANSWER_H
#define NRM_PAGE_ANSWER_H

#include <jansson.h>

#include "agents/page/frame.h"
#include "agents/page/index.h"
#include "agents/page/query.h"
#include "agents/page/serve.h"

/* What the reader has in its hands. */
struct nrm_reading {
	const struct nrm_serve_options *options;
	struct nrm_store *store;
	struct nrm_index index;
	struct {
		uint64_t size; /* of the head whose timestamp this is; 0: not looked at */
		uint64_t time_ms;
		bool checked;
	} stamp;
};

/* An answer in the making; zeroed: none yet. */
struct nrm_reply {
	unsigned status;
	enum nrm_frame_kind kind;
	struct nrm_buf body;
};

/* Takes the JSON over. */
void nrm_reply_json(struct nrm_reply *reply, json_t *taken);
/* CSV, as a stream that nrm_reply_csv_end() closes; NULL without memory: then the reply says so. */
struct nrm_csv {
	FILE *stream;
	char *text;
	size_t len;
};
FILE *nrm_reply_csv(struct nrm_reply *reply, struct nrm_csv *csv);
void nrm_reply_csv_end(struct nrm_reply *reply, struct nrm_csv *csv);
/* A cell, quoted where it has to be, and no formula to a spreadsheet; `end` follows it. */
void nrm_csv_text(FILE *out, struct nrm_slice text, char end);

/* That there is no answer, and why. */
void nrm_reply_failure(struct nrm_reply *reply, unsigned status,
		       const struct nrm_page_failure *failure);
/* Whether records can be read, of `all` cases where that is asked; otherwise the reply says so, as 503. */
bool nrm_reply_open(struct nrm_reply *reply, const struct nrm_reading *r, bool all);
void nrm_reply_error(struct nrm_reply *reply, enum nrm_err err); /* 503: reading failed */

/* The answers, one for each path but words. */
void nrm_answer_status(struct nrm_reading *r, const struct nrm_page_query *q,
		       struct nrm_reply *reply);
void nrm_answer_attention(struct nrm_reading *r, const struct nrm_page_query *q,
			  struct nrm_reply *reply);
void nrm_answer_leaves(struct nrm_reading *r, const struct nrm_page_query *q,
		       struct nrm_reply *reply);
void nrm_answer_leaf(struct nrm_reading *r, const struct nrm_page_query *q,
		     struct nrm_reply *reply);
void nrm_answer_proof(struct nrm_reading *r, const struct nrm_page_query *q,
		      struct nrm_reply *reply);
void nrm_answer_case(struct nrm_reading *r, const struct nrm_page_query *q,
		     struct nrm_reply *reply);
void nrm_answer_participants(struct nrm_reading *r, const struct nrm_page_query *q,
			     struct nrm_reply *reply);
void nrm_answer_flows(struct nrm_reading *r, const struct nrm_page_query *q,
		      struct nrm_reply *reply);
void nrm_answer_volumes(struct nrm_reading *r, const struct nrm_page_query *q,
			struct nrm_reply *reply);
void nrm_answer_response_times(struct nrm_reading *r, const struct nrm_page_query *q,
			       struct nrm_reply *reply);
void nrm_answer_withheld(struct nrm_reading *r, const struct nrm_page_query *q,
			 struct nrm_reply *reply);
void nrm_answer_indicators(struct nrm_reading *r, const struct nrm_page_query *q,
			   struct nrm_reply *reply);

/* What is asked of columns: all of it but case and attention. */
void nrm_answer_filter(const struct nrm_reading *r, const struct nrm_page_query *q,
		       struct nrm_column_filter *ret_filter);
/* Narrows a filter to what waits for something; how long a thing may take is in README.md. */
void nrm_attention_filter(enum nrm_attention kind, uint64_t now_ms,
			  struct nrm_column_filter *filter);
/* The kinds that only records tell. */
bool nrm_attention_asks_records(enum nrm_attention kind);

/* --- pieces of JSON (json.c) --- */

void nrm_json_code(json_t *object, const char *key, enum nrm_vocabulary kind, uint32_t number);
void nrm_json_text(json_t *object, const char *key, struct nrm_slice text);
/* "2026-11-23T04:05Z", "2026-11-23T04:05:06Z", "2026-11-23". */
void nrm_json_minute(json_t *object, const char *key, uint64_t minute);
void nrm_json_second(json_t *object, const char *key, uint64_t ms);
void nrm_json_day(json_t *object, const char *key, uint64_t minute);
json_t *nrm_json_codes(enum nrm_vocabulary kind, nrm_mask mask);
json_t *nrm_json_hexes(const struct nrm_slices *list);
json_t *nrm_json_base64(struct nrm_slice bytes);
/* [{"reason": …, "fields": […]}]. */
json_t *nrm_json_withheld(const enum nrm_reason *reason, const nrm_mask *fields, size_t n);
/* A participant's id as `key` and its display name as `key`_name. */
void nrm_json_party(const struct nrm_reading *r, json_t *object, const char *key,
		    struct nrm_slice id);

/*
 * answer_leaf.c: one leaf with its record, as far as that opens; with its bytes where `whole`. What is asked of records is in `q` (rule,
 * true reason; participants where they are too many for columns); *ret_leaf is NULL where it does not pass. Errors of reading.
 */
enum nrm_err nrm_page_leaf(struct nrm_reading *r, uint64_t index, const struct nrm_page_query *q,
			   bool whole, json_t **ret_leaf) NRM_MUST_USE;

#endif
