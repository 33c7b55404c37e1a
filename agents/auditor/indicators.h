/*
 * Indicators: what an auditor must be able to answer (requirements.md section 5), from the sums that the broker keeps beside
 * the trail, by month, agency, service or role of agency, with small counts suppressed (suppress.h). Everything in a table
 * may be published; no table names a person or a case.
 */
#ifndef NRM_AUDITOR_INDICATORS_H
#define NRM_AUDITOR_INDICATORS_H

#include <jansson.h>
#include <stdio.h>

#include "agents/auditor/reader.h"
#include "agents/auditor/suppress.h"
#include "proto/glossary/glossary.h"
#include "proto/trail/tally.h"
#include "proto/wire/aggregate.h"

/* What the columns of a table are. */
enum nrm_by {
	NRM_BY_MONTH,
	NRM_BY_AGENCY, /* participant id: the one who sent; of answers, deliveries and what was withheld, README.md */
	NRM_BY_SERVICE, /* its code; "-" for what is about none */
	NRM_BY_ROLE, /* the code of the agency's first role in today's directory; "-" when it is no longer there */
	NRM_BY_END_
};

struct nrm_indicators_question {
	uint16_t from, until; /* months since January 1970, both included */
	enum nrm_by by;
};

/* One indicator: its details down, the columns across, with a total of each and of all. */
struct nrm_indicator {
	enum nrm_tally tally;
	uint32_t n_details;
	const uint16_t *detail; /* ascending; what they are: nrm_tally_detail_of() */
	/* (n_details + 1) * (n_columns + 1), line by line; the last line and the last of each line are totals */
	const struct nrm_figure *figure;
};

/* What an agency stated of a month: parity of service, which the broker cannot see. Suppressed at its source, group by group. */
struct nrm_parity {
	uint16_t month;
	const char *agency;
	uint64_t leaf;
	bool verified; /* signed by the agency's key in today's directory, and what its leaf commits to */
	const struct nrm_aggregate_group *group;
	size_t n_groups;
};

struct nrm_indicators {
	struct nrm_indicators_question question;
	uint32_t n_columns;
	const char *const
		*column; /* "2026-11", participant id, code of a service or role; ascending */
	struct nrm_indicator
		indicator[NRM_TALLY_END_]; /* by number; one without details counted nothing */
	const struct nrm_parity *parity;   /* by month and agency's number */
	size_t n_parity;
	struct nrm_arena arena; /* holds it all */
};

/*
 * Answers a question: reads the rows of these months, sums and suppresses. *ret_indicators is the caller's, to be done with.
 * NRM_ERR_ARGUMENT for a period that is none, NRM_ERR_NOT_FOUND without the key of the sums in `keys`, NRM_ERR_CORRUPT for a row
 * that does not open, NRM_ERR_LIMIT; errors of the store.
 */
enum nrm_err nrm_indicators_read(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
				 const struct nrm_indicators_question *question,
				 struct nrm_indicators *ret_indicators) NRM_MUST_USE;
void nrm_indicators_done(struct nrm_indicators *indicators);

/* The figure of a detail (n_details: the total) in a column (n_columns: the total). */
const struct nrm_figure *nrm_indicator_figure(const struct nrm_indicators *indicators,
					      enum nrm_tally tally, uint32_t detail,
					      uint32_t column);
/* Spells a detail as a code ("life_threat", "rule_7", "TH", "within_24h"); "total" for n_details. */
#define NRM_DETAIL_TEXT_LEN 40
void nrm_indicator_detail(const struct nrm_indicators *indicators, enum nrm_tally tally,
			  uint32_t detail, char out[static NRM_DETAIL_TEXT_LEN]);

/*
 * The whole answer as JSON (a new reference, NULL without memory; README.md has its form), as CSV (indicator, detail, column,
 * count) and as a table for people, in a language of the glossary (NULL: codes). A suppressed count is "<5" or "-".
 */
json_t *nrm_indicators_json(const struct nrm_indicators *indicators);
void nrm_indicators_csv(const struct nrm_indicators *indicators, FILE *out);
void nrm_indicators_text(const struct nrm_indicators *indicators,
			 const struct nrm_glossary *glossary, size_t language, FILE *out);

/* Times to an answer of one service in one month. */
struct nrm_response_times {
	uint16_t month;
	enum nrm_service service;
	struct nrm_figure answers;
	enum nrm_duration median; /* NRM_DURATION_ABSENT under NRM_SUPPRESS_BELOW answers */
};
/*
 * Of each month and service with an answer, ascending; *ret_times lies in `arena`. Counts are suppressed over months and services
 * together. Errors of nrm_indicators_read().
 */
enum nrm_err nrm_response_times_read(struct nrm_audit_reader *reader,
				     const struct nrm_case_keys *keys, uint16_t from,
				     uint16_t until, struct nrm_arena *arena,
				     struct nrm_response_times **ret_times,
				     size_t *ret_n) NRM_MUST_USE;

/*
 * Computes every sum anew from the leaves and records of the whole trail and compares. Figures of forgotten cases stay in
 * the sums and cannot be found again: where `forgotten` is set a sum may be higher than the records, never lower. NRM_OK with fault->what
 * set when something does not match, NULL when all does; else why it could not be checked.
 */
struct nrm_recount {
	uint64_t leaves, cells; /* read, compared */
	uint64_t forgotten;	/* leaves whose record cannot be opened any more */
};
enum nrm_err nrm_indicators_recount(struct nrm_audit_reader *reader,
				    const struct nrm_case_keys *keys,
				    const struct nrm_audit_progress *progress,
				    struct nrm_faults *faults,
				    struct nrm_recount *ret_recount) NRM_MUST_USE;

#endif
