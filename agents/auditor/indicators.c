#include "agents/auditor/indicators.h"

#include <stdlib.h>

#include "agents/auditor/parity.h"
#include "agents/auditor/tallied.h"

#define MAX_MONTHS	 1200u
#define INDICATORS_ARENA (256u * 1024 * 1024)
#define UNUSED		 UINT32_MAX

/* One way to lay the sums out: which column a value (of month, participant, service, role) has. */
struct layout {
	uint32_t n_values;
	uint32_t *column; /* by value; UNUSED: none */
	uint32_t n_columns;
	const char **name; /* by column */
};

struct answer {
	const struct nrm_tallied *tallied;
	struct nrm_indicators *indicators;
	struct layout layout[NRM_BY_END_];
	struct nrm_arena *arena;
};

static uint32_t value_of(const struct answer *a, enum nrm_by by, const struct nrm_sum *sum)
{
	switch (by) {
	case NRM_BY_MONTH:
		return (uint32_t)(sum->row >> 32) - a->indicators->question.from;
	case NRM_BY_AGENCY:
		return (uint32_t)sum->row;
	case NRM_BY_SERVICE:
		return nrm_sum_service(sum);
	default:
		return a->tallied->party[(uint32_t)sum->row].role;
	}
}

static const char *name_of(const struct answer *a, enum nrm_by by, uint32_t value)
{
	char month[NRM_MONTH_TEXT_LEN + 1];
	const char *name = NULL;

	switch (by) {
	case NRM_BY_MONTH:
		nrm_month_format((uint16_t)(a->indicators->question.from + value), month);
		return nrm_arena_copy(a->arena, month, NRM_MONTH_TEXT_LEN);
	case NRM_BY_AGENCY:
		name = a->tallied->party[value].id;
		return nrm_arena_copy(a->arena, name, strlen(name));
	case NRM_BY_SERVICE:
		name = nrm_code_name(NRM_VOCABULARY_SERVICE, value);
		break;
	default:
		name = nrm_code_name(NRM_VOCABULARY_ROLE, value);
		break;
	}
	return name ? name : "-";
}

struct named {
	uint32_t value;
	const char *name;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* Columns for the values that occur, ascending by name. Months are all there. */
static enum nrm_err lay_out(struct answer *a, enum nrm_by by, uint32_t n_values)
{
	const struct nrm_sums *sums = &a->tallied->sums;
	struct layout *l = &a->layout[by];
	struct named *named = nrm_arena_alloc(a->arena, (n_values + 1) * sizeof(*named));

	l->n_values = n_values;
	l->column = nrm_arena_alloc(a->arena, (n_values + 1) * sizeof(*l->column));
	l->name = nrm_arena_alloc(a->arena, (n_values + 1) * sizeof(*l->name));
	if (!l->column || !l->name || !named)
		return NRM_ERR_LIMIT;
	for (uint32_t v = 0; v < n_values; v++)
		l->column[v] = by == NRM_BY_MONTH ? 0 : UNUSED;
	for (uint32_t i = 0; i < sums->n; i++) {
		const uint32_t value = value_of(a, by, &sums->sum[i]);

		if (value >= n_values || nrm_sum_tally(&sums->sum[i]) == NRM_TALLY_ABSENT ||
		    nrm_sum_tally(&sums->sum[i]) >= NRM_TALLY_END_)
			return NRM_ERR_CORRUPT;
		l->column[value] = 0;
	}
	for (uint32_t v = 0; v < n_values; v++) {
		if (l->column[v] == UNUSED)
			continue;
		named[l->n_columns] = (struct named){v, name_of(a, by, v)};
		if (!named[l->n_columns++].name)
			return NRM_ERR_LIMIT;
	}
	qsort(named, l->n_columns, sizeof(*named), compare_names);
	for (uint32_t c = 0; c < l->n_columns; c++) {
		l->column[named[c].value] = c;
		l->name[c] = named[c].name;
	}
	return NRM_OK;
}

/* The details of an indicator that occur, ascending. NRM_ERR_LIMIT when they are too many to be suppressed. */
static enum nrm_err find_details(struct answer *a, enum nrm_tally tally, struct nrm_indicator *out)
{
	const struct nrm_sums *sums = &a->tallied->sums;
	uint16_t *detail =
		nrm_arena_alloc(a->arena, (NRM_SUPPRESS_MAX_DETAILS + 1) * sizeof(*detail));
	uint32_t n = 0;

	if (!detail)
		return NRM_ERR_LIMIT;
	for (uint32_t i = 0; i < sums->n; i++) {
		const uint16_t new_one = (uint16_t)sums->sum[i].cell;
		uint32_t at = 0;

		if (nrm_sum_tally(&sums->sum[i]) != tally)
			continue;
		while (at < n && detail[at] < new_one)
			at++;
		if (at < n && detail[at] == new_one)
			continue;
		if (n == NRM_SUPPRESS_MAX_DETAILS)
			return NRM_ERR_LIMIT;
		memmove(detail + at + 1, detail + at, (n - at) * sizeof(*detail));
		detail[at] = new_one;
		n++;
	}
	out->detail = detail;
	out->n_details = n;
	return NRM_OK;
}

static uint32_t line_of(const struct nrm_indicator *indicator, uint16_t detail)
{
	uint32_t line = 0;

	while (indicator->detail[line] != detail)
		line++;
	return line;
}

/* All ways to lay one indicator out are suppressed together, whichever was asked for. */
static enum nrm_err make(struct answer *a, enum nrm_tally tally)
{
	struct nrm_indicator *indicator = &a->indicators->indicator[tally];
	struct nrm_suppress_table table[NRM_BY_END_];
	const struct nrm_sums *sums = &a->tallied->sums;

	indicator->tally = tally;
	enum nrm_err err = find_details(a, tally, indicator);
	if (err != NRM_OK)
		return err;
	for (int by = 0; by < NRM_BY_END_; by++) {
		const uint32_t n_columns = a->layout[by].n_columns;

		table[by].n_columns = n_columns;
		table[by].figure = nrm_arena_alloc(a->arena, (indicator->n_details + 1ul) *
								     (n_columns + 1ul) *
								     sizeof(struct nrm_figure));
		if (!table[by].figure)
			return NRM_ERR_LIMIT;
	}
	for (uint32_t i = 0; i < sums->n; i++) {
		const struct nrm_sum *sum = &sums->sum[i];

		if (nrm_sum_tally(sum) != tally)
			continue;
		const uint32_t line = line_of(indicator, (uint16_t)sum->cell);
		for (int by = 0; by < NRM_BY_END_; by++) {
			const struct layout *l = &a->layout[by];
			const uint32_t column = l->column[value_of(a, (enum nrm_by)by, sum)];

			table[by].figure[line * (l->n_columns + 1ul) + column].count += sum->amount;
		}
	}
	err = nrm_suppress(table, NRM_BY_END_, indicator->n_details);
	indicator->figure = table[a->indicators->question.by].figure;
	return err;
}

enum nrm_err nrm_indicators_read(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
				 const struct nrm_indicators_question *question,
				 struct nrm_indicators *ret_indicators)
{
	struct nrm_tallied tallied;
	struct answer a = {
		.tallied = &tallied, .indicators = ret_indicators, .arena = &ret_indicators->arena};

	if (question->by >= NRM_BY_END_ || question->until < question->from ||
	    (uint32_t)(question->until - question->from) >= MAX_MONTHS)
		return NRM_ERR_ARGUMENT;
	*ret_indicators = (struct nrm_indicators){.question = *question};
	nrm_arena_init(a.arena, INDICATORS_ARENA);
	enum nrm_err err =
		nrm_tallied_read(reader, keys, question->from, question->until, &tallied);
	const uint32_t n_values[NRM_BY_END_] = {
		[NRM_BY_MONTH] = question->until - question->from + 1u,
		[NRM_BY_AGENCY] = tallied.n_parties,
		[NRM_BY_SERVICE] = NRM_SERVICE_END_,
		[NRM_BY_ROLE] = NRM_ROLE_END_,
	};
	for (int by = 0; err == NRM_OK && by < NRM_BY_END_; by++)
		err = lay_out(&a, (enum nrm_by)by, n_values[by]);
	for (enum nrm_tally t = 1; err == NRM_OK && t < NRM_TALLY_END_; t++)
		err = make(&a, t);
	if (err == NRM_OK)
		err = nrm_parity_read(reader, ret_indicators);
	nrm_tallied_done(&tallied);
	if (err != NRM_OK) {
		nrm_arena_done(a.arena);
		return err;
	}
	ret_indicators->n_columns = a.layout[question->by].n_columns;
	ret_indicators->column = a.layout[question->by].name;
	return NRM_OK;
}

void nrm_indicators_done(struct nrm_indicators *indicators)
{
	nrm_arena_done(&indicators->arena);
}

const struct nrm_figure *nrm_indicator_figure(const struct nrm_indicators *indicators,
					      enum nrm_tally tally, uint32_t detail,
					      uint32_t column)
{
	return &indicators->indicator[tally]
			.figure[detail * (indicators->n_columns + 1ul) + column];
}

/* --- times to an answer --- */

/* Where the counts of one service in one month are, by duration. */
struct times {
	uint64_t count[NRM_DURATION_END_];
};

static enum nrm_duration median(const struct times *t, uint64_t answers)
{
	enum nrm_duration d = NRM_DURATION_ABSENT;
	uint64_t below = 0;

	while (2 * below < answers)
		below += t->count[++d];
	return d;
}

static enum nrm_err gather_times(const struct nrm_sums *sums, uint16_t from, struct times *times,
				 struct nrm_figure *figure)
{
	for (uint32_t i = 0; i < sums->n; i++) {
		const struct nrm_sum *sum = &sums->sum[i];
		const uint32_t duration = sum->cell & 0xffff;

		if (nrm_sum_tally(sum) != NRM_TALLY_RESPONSE_TIME)
			continue;
		if (duration == 0 || duration >= NRM_DURATION_END_ ||
		    nrm_sum_service(sum) >= NRM_SERVICE_END_)
			return NRM_ERR_CORRUPT;
		const size_t line = (size_t)(sum->row >> 32) - from;
		times[line * NRM_SERVICE_END_ + nrm_sum_service(sum)].count[duration] +=
			sum->amount;
		figure[line * (NRM_SERVICE_END_ + 1) + nrm_sum_service(sum)].count += sum->amount;
	}
	return NRM_OK;
}

enum nrm_err nrm_response_times_read(struct nrm_audit_reader *reader,
				     const struct nrm_case_keys *keys, uint16_t from,
				     uint16_t until, struct nrm_arena *arena,
				     struct nrm_response_times **ret_times, size_t *ret_n)
{
	const uint32_t n_months = until - from + 1u;
	struct nrm_response_times *out;
	struct nrm_tallied tallied;
	size_t n = 0;

	if (until < from || n_months > NRM_SUPPRESS_MAX_DETAILS)
		return NRM_ERR_ARGUMENT;
	struct times *times = nrm_arena_alloc(arena, n_months * NRM_SERVICE_END_ * sizeof(*times));
	struct nrm_suppress_table table = {
		.n_columns = NRM_SERVICE_END_,
		.figure = nrm_arena_alloc(arena, (n_months + 1ul) * (NRM_SERVICE_END_ + 1ul) *
							 sizeof(struct nrm_figure))};
	out = nrm_arena_alloc(arena, n_months * NRM_SERVICE_END_ * sizeof(*out));
	if (!times || !table.figure || !out)
		return NRM_ERR_LIMIT;
	enum nrm_err err = nrm_tallied_read(reader, keys, from, until, &tallied);
	if (err == NRM_OK)
		err = gather_times(&tallied.sums, from, times, table.figure);
	nrm_tallied_done(&tallied);
	if (err == NRM_OK)
		err = nrm_suppress(&table, 1, n_months);
	if (err != NRM_OK)
		return err;
	for (uint32_t m = 0; m < n_months; m++)
		for (uint32_t s = 0; s < NRM_SERVICE_END_; s++) {
			const struct nrm_figure *f =
				&table.figure[m * (NRM_SERVICE_END_ + 1ul) + s];

			if (f->count == 0)
				continue;
			out[n++] = (struct nrm_response_times){
				.month = (uint16_t)(from + m),
				.service = (enum nrm_service)s,
				.answers = *f,
				.median = f->count < NRM_SUPPRESS_BELOW
						  ? NRM_DURATION_ABSENT
						  : median(&times[m * NRM_SERVICE_END_ + s],
							   f->count),
			};
		}
	*ret_times = out;
	*ret_n = n;
	return NRM_OK;
}
