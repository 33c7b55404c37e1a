/* What the sums beside the trail tell: response times, what was withheld, indicators. Small counts are suppressed. */
#include <stdio.h>

#include "agents/auditor/indicators.h"
#include "agents/page/answer.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"

/* The period that is asked for: up to this month, and a year of it, where nothing else is said. */
static void set_period(const struct nrm_page_query *q, uint16_t *ret_from, uint16_t *ret_until)
{
	*ret_until = q->until_minute ? q->until_month : nrm_month_of(nrm_time_now_ms() / 60000);
	*ret_from = q->from_minute    ? q->from_month
		    : *ret_until < 11 ? 0
				      : (uint16_t)(*ret_until - 11);
}

/* Says why there are none; a period that lies in the future has an end before its beginning. */
static void fail(struct nrm_reply *reply, enum nrm_err err)
{
	struct nrm_page_failure failure;

	if (err != NRM_ERR_ARGUMENT && err != NRM_ERR_NOT_FOUND) {
		nrm_reply_error(reply, err);
		return;
	}
	if (err == NRM_ERR_ARGUMENT)
		nrm_page_fail(&failure, nrm_slice_str("none of them"),
			      "months up to this one, at most a hundred years", "the period");
	else
		nrm_page_fail(&failure, nrm_slice_str("none"), "a broker that keeps sums",
			      "the key of the sums is not among the case keys");
	nrm_reply_failure(reply, err == NRM_ERR_ARGUMENT ? 400 : 503, &failure);
}

/* Reads the sums and suppresses; false when the reply says why not. */
static bool read_sums(struct nrm_reading *r, const struct nrm_page_query *q, enum nrm_by by,
		      struct nrm_indicators *ret_sums, struct nrm_reply *reply)
{
	struct nrm_indicators_question question = {.by = by};

	if (!nrm_reply_open(reply, r, false))
		return false;
	set_period(q, &question.from, &question.until);
	const enum nrm_err err =
		nrm_indicators_read(&r->index.reader, r->index.keys, &question, ret_sums);
	if (err != NRM_OK)
		fail(reply, err);
	return err == NRM_OK;
}

/* A count, or null where it is not shown. */
static json_t *figure_json(const struct nrm_figure *figure)
{
	return figure->shown == NRM_SHOWN ? json_integer((json_int_t)figure->count) : json_null();
}

static void figure_csv(const struct nrm_figure *figure, FILE *out)
{
	if (figure->shown == NRM_SHOWN)
		fprintf(out, "%llu", (unsigned long long)figure->count);
	else
		fputs(figure->shown == NRM_SHOWN_SMALL ? "<5" : "-", out);
}

void nrm_answer_indicators(struct nrm_reading *r, const struct nrm_page_query *q,
			   struct nrm_reply *reply)
{
	struct nrm_indicators sums;
	struct nrm_csv csv;

	if (!read_sums(r, q, q->by, &sums, reply))
		return;
	if (!q->csv) {
		nrm_reply_json(reply, nrm_indicators_json(&sums));
	} else if (nrm_reply_csv(reply, &csv)) {
		nrm_indicators_csv(&sums, csv.stream);
		nrm_reply_csv_end(reply, &csv);
	}
	nrm_indicators_done(&sums);
}

/* --- withheld --- */

static json_t *cells_json(const struct nrm_indicators *sums)
{
	const struct nrm_indicator *withheld = &sums->indicator[NRM_TALLY_WITHHELD];
	char reason[NRM_DETAIL_TEXT_LEN];
	json_t *cells = json_array();

	for (uint32_t d = 0; d < withheld->n_details; d++) {
		nrm_indicator_detail(sums, NRM_TALLY_WITHHELD, d, reason);
		for (uint32_t c = 0; c < sums->n_columns; c++)
			json_array_append_new(cells,
					      json_pack("{s:s, s:s, s:o}", "role", sums->column[c],
							"reason", reason, "count",
							figure_json(nrm_indicator_figure(
								sums, NRM_TALLY_WITHHELD, d, c))));
	}
	return cells;
}

static void cells_csv(const struct nrm_indicators *sums, FILE *out)
{
	const struct nrm_indicator *withheld = &sums->indicator[NRM_TALLY_WITHHELD];
	char reason[NRM_DETAIL_TEXT_LEN];

	fputs("role,reason,count\n", out);
	for (uint32_t d = 0; d < withheld->n_details; d++) {
		nrm_indicator_detail(sums, NRM_TALLY_WITHHELD, d, reason);
		for (uint32_t c = 0; c < sums->n_columns; c++) {
			fprintf(out, "%s,%s,", sums->column[c], reason);
			figure_csv(nrm_indicator_figure(sums, NRM_TALLY_WITHHELD, d, c), out);
			fputc('\n', out);
		}
	}
}

void nrm_answer_withheld(struct nrm_reading *r, const struct nrm_page_query *q,
			 struct nrm_reply *reply)
{
	struct nrm_indicators sums;
	struct nrm_csv csv;

	if (!read_sums(r, q, NRM_BY_ROLE, &sums, reply))
		return;
	if (!q->csv) {
		nrm_reply_json(reply, json_pack("{s:o}", "cells", cells_json(&sums)));
	} else if (nrm_reply_csv(reply, &csv)) {
		cells_csv(&sums, csv.stream);
		nrm_reply_csv_end(reply, &csv);
	}
	nrm_indicators_done(&sums);
}

/* --- response times --- */

/* The middle of a duration, in minutes; of what is longer than all, where it begins. 0: no duration. */
static uint64_t middle(enum nrm_duration duration)
{
#define NRM_X_(name, number, code, minutes) [number] = minutes,
	static const uint64_t bound[NRM_DURATION_END_] = {NRM_DURATIONS(NRM_X_)};
#undef NRM_X_

	if (duration == NRM_DURATION_ABSENT || duration >= NRM_DURATION_END_)
		return 0;
	return bound[duration] == UINT64_MAX ? bound[duration - 1]
					     : (bound[duration - 1] + bound[duration]) / 2;
}

static json_t *time_json(const struct nrm_response_times *t)
{
	char month[NRM_MONTH_TEXT_LEN + 1];
	const char *service = nrm_code_name(NRM_VOCABULARY_SERVICE, t->service);

	nrm_month_format(t->month, month);
	return json_pack("{s:s, s:s?, s:o, s:s?, s:o}", "month", month, "service", service, "count",
			 figure_json(&t->answers), "median",
			 t->median ? nrm_duration_code(t->median) : NULL, "median_minutes",
			 t->median ? json_integer((json_int_t)middle(t->median)) : json_null());
}

static void time_csv(const struct nrm_response_times *t, FILE *out)
{
	char month[NRM_MONTH_TEXT_LEN + 1];
	const char *service = nrm_code_name(NRM_VOCABULARY_SERVICE, t->service);

	nrm_month_format(t->month, month);
	fprintf(out, "%s,%s,", month, service ? service : "");
	figure_csv(&t->answers, out);
	fprintf(out, ",%s\n", t->median ? nrm_duration_code(t->median) : "");
}

static void tell_times(const struct nrm_response_times *times, size_t n, bool as_csv,
		       struct nrm_reply *reply)
{
	struct nrm_csv csv;

	if (!as_csv) {
		json_t *rows = json_array();
		for (size_t i = 0; i < n; i++)
			json_array_append_new(rows, time_json(&times[i]));
		nrm_reply_json(reply, json_pack("{s:o}", "rows", rows));
	} else if (nrm_reply_csv(reply, &csv)) {
		fputs("month,service,count,median\n", csv.stream);
		for (size_t i = 0; i < n; i++)
			time_csv(&times[i], csv.stream);
		nrm_reply_csv_end(reply, &csv);
	}
}

void nrm_answer_response_times(struct nrm_reading *r, const struct nrm_page_query *q,
			       struct nrm_reply *reply)
{
	struct nrm_response_times *times;
	struct nrm_arena arena;
	uint16_t from, until;
	size_t n;

	if (!nrm_reply_open(reply, r, false))
		return;
	set_period(q, &from, &until);
	nrm_arena_init(&arena, NRM_MAX_RECORD_ARENA);
	const enum nrm_err err = nrm_response_times_read(&r->index.reader, r->index.keys, from,
							 until, &arena, &times, &n);
	if (err == NRM_OK)
		tell_times(times, n, q->csv, reply);
	else
		fail(reply, err);
	nrm_arena_done(&arena);
}
