/* nrm audit indicators: what oversight counts, by month, agency, service or role; or counted anew and compared. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agents/auditor/indicators.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/time.h"

struct options {
	struct nrm_audit_source source;
	struct nrm_indicators_question question;
	bool from_given, until_given, recount;
	enum { AS_TEXT, AS_CSV, AS_JSON } as;
	const char *language, *vocabulary;
};

enum {
	OPTION_FROM = NRM_AUDIT_OPTION,
	OPTION_UNTIL,
	OPTION_BY,
	OPTION_AS,
	OPTION_RECOUNT,
	OPTION_LANGUAGE,
	OPTION_VOCABULARY
};

/* The index of a word in a list that ends with NULL; what was expected is said otherwise. */
static int one_of(const char *const *words, const char *option, const char *text,
		  struct argp_state *state)
{
	char expected[128] = "";
	int i = 0;

	for (; words[i]; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
		snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), "%s%s",
			 i ? ", " : "", words[i]);
	}
	argp_error(state, "--%s: expected one of %s, found \"%s\"", option, expected, text);
	return 0;
}

static uint16_t month_of(const char *option, const char *text, struct argp_state *state)
{
	uint16_t month = 0;

	if (nrm_month_parse(text, &month) != NRM_OK)
		argp_error(state, "--%s: expected a month, 2026-11, found \"%s\"", option, text);
	return month;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const by[] = {"month", "agency", "service", "role", NULL};
	static const char *const as[] = {"text", "csv", "json", NULL};
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->source;
		return 0;
	case OPTION_FROM:
		o->question.from = month_of("from", arg, state);
		o->from_given = true;
		return 0;
	case OPTION_UNTIL:
		o->question.until = month_of("until", arg, state);
		o->until_given = true;
		return 0;
	case OPTION_BY:
		o->question.by = (enum nrm_by)one_of(by, "by", arg, state);
		return 0;
	case OPTION_AS:
		o->as = one_of(as, "as", arg, state);
		return 0;
	case OPTION_RECOUNT:
		o->recount = true;
		return 0;
	case OPTION_LANGUAGE:
		o->language = arg;
		return 0;
	case OPTION_VOCABULARY:
		o->vocabulary = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int failed(const struct options *o, enum nrm_err err)
{
	if (err == NRM_ERR_NOT_FOUND)
		return nrm_cli_fail("%s: could not check: the key of the sums is not among the "
				    "case keys",
				    o->source.trail);
	if (err == NRM_ERR_CORRUPT) {
		printf("does not verify: the sums do not open, or are malformed\n");
		return 1;
	}
	return nrm_cli_fail("%s: could not check: %s", o->source.trail, nrm_err_text(err));
}

static int write_text(const struct options *o, const struct nrm_indicators *indicators)
{
	const char *file = o->vocabulary ? o->vocabulary : nrm_glossary_default();
	char error[NRM_GLOSSARY_ERROR_LEN];
	struct nrm_glossary *glossary;

	if (nrm_glossary_load(file, &glossary, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	nrm_indicators_text(indicators, glossary, nrm_glossary_language(glossary, o->language),
			    stdout);
	nrm_glossary_free(glossary);
	return ferror(stdout) ? 2 : 0;
}

static int write_json(const struct nrm_indicators *indicators)
{
	json_t *json = nrm_indicators_json(indicators);
	const bool written = json && json_dumpf(json, stdout, JSON_INDENT(1)) == 0 &&
			     fputc('\n', stdout) != EOF;

	json_decref(json);
	return written ? 0 : nrm_cli_fail("could not write the answer");
}

static int answer(const struct options *o, struct nrm_audit_reader *reader)
{
	struct nrm_indicators indicators;
	int status = 0;
	enum nrm_err err = nrm_indicators_read(reader, o->source.keys, &o->question, &indicators);

	if (err == NRM_ERR_ARGUMENT)
		return nrm_cli_fail("--until lies before --from, or a hundred years after it");
	if (err != NRM_OK)
		return failed(o, err);
	if (o->as == AS_CSV)
		nrm_indicators_csv(&indicators, stdout);
	else
		status = o->as == AS_JSON ? write_json(&indicators) : write_text(o, &indicators);
	nrm_indicators_done(&indicators);
	return status;
}

static int recount(const struct options *o, struct nrm_audit_reader *reader)
{
	struct nrm_faults faults = {.file = NULL};
	struct nrm_recount counted;
	enum nrm_err err =
		nrm_indicators_recount(reader, o->source.keys, nrm_audit_bar(), &faults, &counted);

	nrm_progress_clear(nrm_audit_bar());
	if (err != NRM_OK)
		return failed(o, err);
	if (faults.first.what)
		return nrm_audit_print_fault("does not match", &faults.first);
	printf("matches: %" PRIu64 " leaves, %" PRIu64 " sums", counted.leaves, counted.cells);
	if (counted.forgotten)
		printf("; %" PRIu64 " leaves of forgotten cases are in the sums alone",
		       counted.forgotten);
	fputc('\n', stdout);
	return 0;
}

static int work(void *context)
{
	struct options *o = context;
	struct nrm_audit_reader reader;

	if (!o->source.keys)
		return nrm_cli_fail("%s: the case keys are needed: --keys FILE", o->source.trail);
	nrm_audit_reader_init(&reader, o->source.store);
	const int status = o->recount ? recount(o, &reader) : answer(o, &reader);
	nrm_audit_reader_done(&reader);
	return status;
}

/* Without --until up to this month, without --from the year before that. */
static void set_period(struct options *o)
{
	if (!o->until_given)
		o->question.until = nrm_month_of(nrm_time_now_ms() / 60000);
	if (!o->from_given)
		o->question.from = o->question.until < 11 ? 0 : o->question.until - 11;
}

int nrm_audit_cmd_indicators(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"from", OPTION_FROM, "MONTH", 0,
		 "the first month, 2026-01 (default: a year up to the last one)", 3},
		{"until", OPTION_UNTIL, "MONTH", 0, "the last month (default: this one)", 3},
		{"by", OPTION_BY, "WHAT", 0, "month (default), agency, service or role", 3},
		{"as", OPTION_AS, "FORM", 0, "text (default), csv or json", 3},
		{"recount", OPTION_RECOUNT, NULL, 0,
		 "count all leaves and records anew and compare: exit status 1 when it does not "
		 "match",
		 3},
		{"language", OPTION_LANGUAGE, "TAG", 0,
		 "a language of the vocabulary (default: the environment's)", 4},
		{"vocabulary", OPTION_VOCABULARY, "FILE", 0, "the vocabulary's texts", 4},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.doc = "Tells what oversight counts, from the sums that the broker keeps. Counts "
		       "of 1 "
		       "to 4, and those that would give them away, are not shown.",
		.children = children};
	struct options options = {.question.by = NRM_BY_MONTH};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	set_period(&options);
	return nrm_audit_run(&options.source, work, &options);
}
