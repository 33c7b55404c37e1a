/* Indicators as JSON, as CSV and as tables for people. */
#include <inttypes.h>
#include <string.h>

#include "agents/auditor/indicators.h"

static const char *const by_names[] = {[NRM_BY_MONTH] = "month",
				       [NRM_BY_AGENCY] = "agency",
				       [NRM_BY_SERVICE] = "service",
				       [NRM_BY_ROLE] = "role"};

void nrm_indicator_detail(const struct nrm_indicators *indicators, enum nrm_tally tally,
			  uint32_t detail, char out[static NRM_DETAIL_TEXT_LEN])
{
	const struct nrm_indicator *i = &indicators->indicator[tally];
	const enum nrm_tally_detail kind = nrm_tally_detail_of(tally);
	const uint16_t code = detail < i->n_details ? i->detail[detail] : 0;
	const char *name = NULL;

	if (detail >= i->n_details)
		name = "total";
	else if (nrm_tally_vocabulary(kind) != NRM_VOCABULARY_COUNT)
		name = nrm_code_name(nrm_tally_vocabulary(kind), code);
	else if (kind == NRM_DETAIL_DURATION && code && code < NRM_DURATION_END_)
		name = nrm_duration_code((enum nrm_duration)code);
	else if (kind == NRM_DETAIL_NOTHING)
		name = "-";
	if (name)
		snprintf(out, NRM_DETAIL_TEXT_LEN, "%s", name);
	else if (kind == NRM_DETAIL_RULE)
		snprintf(out, NRM_DETAIL_TEXT_LEN, "rule_%u", code);
	else if (kind == NRM_DETAIL_COUNTRY && code >> 8 >= 'A' && code >> 8 <= 'Z')
		snprintf(out, NRM_DETAIL_TEXT_LEN, "%c%c", code >> 8, code & 0x7f);
	else
		snprintf(out, NRM_DETAIL_TEXT_LEN, "%u", code);
}

static void spell(const struct nrm_figure *f, char out[static 24])
{
	if (f->shown == NRM_SHOWN)
		snprintf(out, 24, "%" PRIu64, f->count);
	else
		snprintf(out, 24, "%s", f->shown == NRM_SHOWN_SMALL ? "<5" : "-");
}

/* --- JSON --- */

static json_t *figure_json(const struct nrm_figure *f)
{
	char text[24];

	if (f->shown == NRM_SHOWN)
		return json_integer((json_int_t)f->count);
	spell(f, text);
	return json_string(text);
}

/* One line: what it is, a figure for each column that is not zero, the total. */
static json_t *line_json(const struct nrm_indicators *in, enum nrm_tally tally, uint32_t detail)
{
	char name[NRM_DETAIL_TEXT_LEN];
	json_t *by = json_object();

	nrm_indicator_detail(in, tally, detail, name);
	for (uint32_t c = 0; c < in->n_columns; c++) {
		const struct nrm_figure *f = nrm_indicator_figure(in, tally, detail, c);

		if (f->count)
			json_object_set_new(by, in->column[c], figure_json(f));
	}
	return json_pack("{s:s, s:o, s:o}", "detail", name, "by", by, "total",
			 figure_json(nrm_indicator_figure(in, tally, detail, in->n_columns)));
}

static json_t *indicator_json(const struct nrm_indicators *in, enum nrm_tally tally)
{
	const uint32_t n = in->indicator[tally].n_details;
	json_t *lines = json_array();

	for (uint32_t d = 0; d < n; d++)
		json_array_append_new(lines, line_json(in, tally, d));
	json_t *all = line_json(in, tally, n);
	json_t *object = json_pack("{s:s, s:s, s:b, s:o}", "code", nrm_tally_code(tally), "counts",
				   nrm_tally_text(tally), "must_be_zero",
				   nrm_tally_must_be_zero(tally), "details", lines);
	json_object_set(object, "by", json_object_get(all, "by"));
	json_object_set(object, "total", json_object_get(all, "total"));
	json_decref(all);
	return object;
}

static json_t *group_json(const struct nrm_aggregate_group *g)
{
	const char *service = nrm_code_name(NRM_VOCABULARY_SERVICE, g->service);
	json_t *counts = g->withheld ? json_null() : json_object();

	for (uint32_t code = 1; code <= nrm_aggregate_codes(g->kind); code++)
		if (g->count[code - 1])
			json_object_set_new(counts, nrm_aggregate_code(g->kind, code),
					    json_integer(g->count[code - 1]));
	return json_pack("{s:s, s:s, s:o}", "service", service ? service : "-", "kind",
			 nrm_aggregate_kind_code(g->kind), "counts", counts);
}

/* What agencies stated, as they did. */
static json_t *parity_json(const struct nrm_indicators *in)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->n_parity; i++) {
		const struct nrm_parity *p = &in->parity[i];
		char month[NRM_MONTH_TEXT_LEN + 1];
		json_t *groups = json_array();

		nrm_month_format(p->month, month);
		for (size_t g = 0; g < p->n_groups; g++)
			json_array_append_new(groups, group_json(&p->group[g]));
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:I, s:b, s:o}", "month", month,
						"agency", p->agency, "leaf", (json_int_t)p->leaf,
						"verified", p->verified, "groups", groups));
	}
	return list;
}

json_t *nrm_indicators_json(const struct nrm_indicators *in)
{
	char from[NRM_MONTH_TEXT_LEN + 1], until[NRM_MONTH_TEXT_LEN + 1];
	json_t *columns = json_array(), *list = json_array();

	nrm_month_format(in->question.from, from);
	nrm_month_format(in->question.until, until);
	for (uint32_t c = 0; c < in->n_columns; c++)
		json_array_append_new(columns, json_string(in->column[c]));
	for (enum nrm_tally t = 1; t < NRM_TALLY_END_; t++)
		json_array_append_new(list, indicator_json(in, t));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "from", from, "until", until, "by",
			 by_names[in->question.by], "columns", columns, "indicators", list,
			 "parity", parity_json(in));
}

/* --- CSV: names and codes hold no comma and no quote --- */

static void csv_line(const struct nrm_indicators *in, enum nrm_tally tally, uint32_t detail,
		     FILE *out)
{
	char name[NRM_DETAIL_TEXT_LEN], text[24];

	nrm_indicator_detail(in, tally, detail, name);
	for (uint32_t c = 0; c <= in->n_columns; c++) {
		const struct nrm_figure *f = nrm_indicator_figure(in, tally, detail, c);

		if (f->count == 0 && c < in->n_columns)
			continue;
		spell(f, text);
		fprintf(out, "%s,%s,%s,%s\r\n", nrm_tally_code(tally), name,
			c < in->n_columns ? in->column[c] : "total", text);
	}
}

/* One group of a statement: a line for each code that was counted, "-" for a group that is not told. */
static void csv_group(const struct nrm_parity *p, const struct nrm_aggregate_group *g, FILE *out)
{
	const char *service = nrm_code_name(NRM_VOCABULARY_SERVICE, g->service);
	char month[NRM_MONTH_TEXT_LEN + 1];

	nrm_month_format(p->month, month);
	for (uint32_t code = 1; code <= nrm_aggregate_codes(g->kind); code++)
		if (g->count[code - 1])
			fprintf(out, "parity_%s%s,%s,%s %s %s,%u\r\n",
				nrm_aggregate_kind_code(g->kind), p->verified ? "" : "_unverified",
				nrm_aggregate_code(g->kind, code), p->agency, month,
				service ? service : "-", g->count[code - 1]);
	if (g->withheld)
		fprintf(out, "parity_%s%s,total,%s %s %s,-\r\n", nrm_aggregate_kind_code(g->kind),
			p->verified ? "" : "_unverified", p->agency, month,
			service ? service : "-");
}

void nrm_indicators_csv(const struct nrm_indicators *in, FILE *out)
{
	fprintf(out, "indicator,detail,%s,count\r\n", by_names[in->question.by]);
	for (enum nrm_tally t = 1; t < NRM_TALLY_END_; t++)
		for (uint32_t d = 0; d <= in->indicator[t].n_details; d++)
			csv_line(in, t, d, out);
	for (size_t i = 0; i < in->n_parity; i++)
		for (size_t g = 0; g < in->parity[i].n_groups; g++)
			csv_group(&in->parity[i], &in->parity[i].group[g], out);
}

/* --- for people --- */

struct telling {
	const struct nrm_indicators *in;
	const struct nrm_glossary *glossary;
	size_t language;
	FILE *out;
};

static const char *detail_label(const struct telling *t, enum nrm_tally tally, uint32_t detail,
				char code[static NRM_DETAIL_TEXT_LEN])
{
	const struct nrm_indicator *i = &t->in->indicator[tally];
	const enum nrm_vocabulary kind = nrm_tally_vocabulary(nrm_tally_detail_of(tally));

	nrm_indicator_detail(t->in, tally, detail, code);
	if (detail < i->n_details && t->glossary && kind != NRM_VOCABULARY_COUNT)
		return nrm_label(t->glossary, kind, i->detail[detail], t->language);
	return code;
}

static const char *column_label(const struct telling *t, uint32_t column)
{
	const enum nrm_vocabulary kind = t->in->question.by == NRM_BY_SERVICE
						 ? NRM_VOCABULARY_SERVICE
					 : t->in->question.by == NRM_BY_ROLE ? NRM_VOCABULARY_ROLE
									     : NRM_VOCABULARY_COUNT;
	const char *name = t->in->column[column];
	const uint32_t code =
		kind == NRM_VOCABULARY_COUNT ? 0 : nrm_code_number(kind, name, strlen(name));

	return code && t->glossary ? nrm_label(t->glossary, kind, code, t->language) : name;
}

/* The total, then what it is made of. */
static void tell_line(const struct telling *t, enum nrm_tally tally, uint32_t detail)
{
	const uint32_t n = t->in->n_columns;
	char code[NRM_DETAIL_TEXT_LEN], text[24];

	spell(nrm_indicator_figure(t->in, tally, detail, n), text);
	fprintf(t->out, "  %8s  %s\n", text, detail_label(t, tally, detail, code));
	for (uint32_t c = 0; c < n; c++) {
		const struct nrm_figure *f = nrm_indicator_figure(t->in, tally, detail, c);

		if (f->count == 0)
			continue;
		spell(f, text);
		fprintf(t->out, "  %8s    %8s  %s\n", "", text, column_label(t, c));
	}
}

static void tell(const struct telling *t, enum nrm_tally tally)
{
	const uint32_t n = t->in->indicator[tally].n_details;

	fprintf(t->out, "%s: %s%s\n", nrm_tally_code(tally), nrm_tally_text(tally),
		nrm_tally_must_be_zero(tally) ? " (must be 0)" : "");
	if (nrm_tally_detail_of(tally) != NRM_DETAIL_NOTHING)
		for (uint32_t d = 0; d < n; d++)
			tell_line(t, tally, d);
	tell_line(t, tally, n);
	fputc('\n', t->out);
}

static void tell_group(const struct telling *t, const struct nrm_aggregate_group *g)
{
	fprintf(t->out, "    %s, %s:",
		nrm_label(t->glossary, NRM_VOCABULARY_SERVICE, g->service, t->language),
		nrm_aggregate_kind_code(g->kind));
	for (uint32_t code = 1; code <= nrm_aggregate_codes(g->kind); code++)
		if (g->count[code - 1])
			fprintf(t->out, " %s %u", nrm_aggregate_code(g->kind, code),
				g->count[code - 1]);
	fputs(g->withheld ? " -\n" : "\n", t->out);
}

static void tell_parity(const struct telling *t)
{
	char month[NRM_MONTH_TEXT_LEN + 1];

	fputs("parity: what agencies stated of whom they were asked to help\n", t->out);
	for (size_t i = 0; i < t->in->n_parity; i++) {
		const struct nrm_parity *p = &t->in->parity[i];

		nrm_month_format(p->month, month);
		fprintf(t->out, "  %s %s%s\n", month, p->agency,
			p->verified ? "" : " (DOES NOT VERIFY)");
		for (size_t g = 0; g < p->n_groups; g++)
			tell_group(t, &p->group[g]);
	}
	if (t->in->n_parity == 0)
		fputs("         0  statements\n", t->out);
}

void nrm_indicators_text(const struct nrm_indicators *in, const struct nrm_glossary *glossary,
			 size_t language, FILE *out)
{
	const struct telling t = {in, glossary, language, out};
	char from[NRM_MONTH_TEXT_LEN + 1], until[NRM_MONTH_TEXT_LEN + 1];

	nrm_month_format(in->question.from, from);
	nrm_month_format(in->question.until, until);
	fprintf(out,
		"%s to %s, by %s. <5: one to four; -: not shown, or small ones could be "
		"computed.\n\n",
		from, until, by_names[in->question.by]);
	for (enum nrm_tally tally = 1; tally < NRM_TALLY_END_; tally++)
		tell(&t, tally);
	tell_parity(&t);
}
