/* nrm audit show, nrm audit follow: what happened, leaf by leaf, of all leaves or of some. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/auditor/story.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/hex.h"
#include "proto/base/id.h"
#include "proto/base/time.h"

#define DAY_MS (24ull * 3600 * 1000)

struct options {
	struct nrm_audit_source source;
	struct nrm_story_options story;
	uint8_t case_id[NRM_CASE_ID_LEN];
	bool follow;
};

enum {
	OPTION_CASE_IDS = NRM_AUDIT_OPTION,
	OPTION_FROM,
	OPTION_TO,
	OPTION_PARTICIPANT,
	OPTION_SERVICE,
	OPTION_OUTCOME,
	OPTION_REASON,
	OPTION_RULE,
	OPTION_TRUE_REASON,
	OPTION_CASE
};

/* A time, or a day: its midnight, or `end`: the one after it. */
static uint64_t minute_of(const char *text, bool end, struct argp_state *state)
{
	char whole[NRM_TIME_TEXT_LEN + 1];
	uint64_t ms = 0;

	if (nrm_time_parse(text, &ms) == NRM_OK)
		return ms / 60000;
	snprintf(whole, sizeof(whole), "%.10sT00:00:00Z", text);
	if (strlen(text) != 10 || nrm_time_parse(whole, &ms) != NRM_OK)
		argp_error(state, "%s: expected a time, 2026-05-01T10:00:00Z or 2026-05-01", text);
	return (ms + (end ? DAY_MS : 0)) / 60000;
}

static uint32_t code_of(enum nrm_vocabulary kind, const char *text, struct argp_state *state)
{
	const uint32_t number = nrm_code_number(kind, text, strlen(text));

	if (!number)
		argp_error(state, "%s: there is no such %s", text, nrm_vocabulary_name(kind));
	return number;
}

static void set_outcome(struct nrm_filter *filter, const char *text, struct argp_state *state)
{
	filter->has_outcome = true;
	filter->outcome = strcmp(text, nrm_code_name(NRM_VOCABULARY_OUTCOME, 0)) == 0
				  ? NRM_OUTCOME_REFUSE
				  : (enum nrm_outcome)code_of(NRM_VOCABULARY_OUTCOME, text, state);
}

static void set_rule(struct nrm_filter *filter, const char *text, struct argp_state *state)
{
	char *end;
	const unsigned long rule = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || rule < 1 || rule > 20)
		argp_error(state, "%s: expected the number of a rule, 1 to 20", text);
	filter->rule = (uint32_t)rule;
}

/* What the leaf says. */
static error_t parse_filter(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct nrm_filter *filter = &o->story.filter;

	switch (key) {
	case OPTION_FROM:
		filter->from_minute = minute_of(arg, false, state);
		return 0;
	case OPTION_TO:
		filter->until_minute = minute_of(arg, true, state);
		return 0;
	case OPTION_PARTICIPANT:
		filter->participant = nrm_slice_str(arg);
		if (!nrm_participant_id_ok(filter->participant))
			argp_error(state, "%s: expected a participant id", arg);
		return 0;
	case OPTION_SERVICE:
		filter->service = (enum nrm_service)code_of(NRM_VOCABULARY_SERVICE, arg, state);
		return 0;
	case OPTION_OUTCOME:
		set_outcome(filter, arg, state);
		return 0;
	case OPTION_REASON:
		filter->reason = (enum nrm_reason)code_of(NRM_VOCABULARY_REASON, arg, state);
		return 0;
	case 'j':
		o->story.json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What only records say. */
static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->source;
		state->child_inputs[1] = o;
		return 0;
	case OPTION_RULE:
		set_rule(&o->story.filter, arg, state);
		return 0;
	case OPTION_TRUE_REASON:
		o->story.filter.true_reason =
			(enum nrm_reason)code_of(NRM_VOCABULARY_REASON, arg, state);
		return 0;
	case OPTION_CASE:
		if (nrm_unhex(arg, o->case_id, sizeof(o->case_id)) != NRM_OK)
			argp_error(state,
				   "--case: expected the 32 hexadecimal digits of a case id");
		o->story.filter.case_id = o->case_id;
		return 0;
	case OPTION_CASE_IDS:
		o->story.case_ids = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static bool wait_a_second(void)
{
	if (!interrupted)
		sleep(1); /* which a signal ends */
	return !interrupted;
}

static int tell(void *context)
{
	struct options *o = context;
	const struct sigaction stop = {.sa_handler = interrupt}; /* calls are not restarted */
	enum nrm_err err;

	if (o->follow) {
		sigaction(SIGINT, &stop, NULL);
		sigaction(SIGTERM, &stop, NULL);
		err = nrm_story_follow(o->source.store, &o->story, wait_a_second, stdout);
	} else {
		o->story.progress = nrm_audit_bar();
		err = nrm_story(o->source.store, o->source.keys, &o->story, stdout);
	}
	if (err == NRM_ERR_NOT_FOUND && o->story.filter.case_id) {
		fputs("nrm: there is no case of this id here, or it was forgotten\n", stderr);
		return 1;
	}
	if (err == NRM_ERR_ARGUMENT)
		return nrm_cli_fail(
			"what only records say (--rule, --true-reason, --case) needs the "
			"case keys");
	return err == NRM_OK ? 0 : nrm_cli_fail("could not read the trail: %s", nrm_err_text(err));
}

static const struct argp_option filter_options[] = {
	{"from", OPTION_FROM, "TIME", 0, "leaves of this time or day, or later", 3},
	{"to", OPTION_TO, "TIME", 0, "leaves before this time, or up to the end of this day", 3},
	{"participant", OPTION_PARTICIPANT, "ID", 0, "its sender or its recipient", 3},
	{"service", OPTION_SERVICE, "CODE", 0, "what it was about", 3},
	{"outcome", OPTION_OUTCOME, "CODE", 0, "forward, hold or refuse", 3},
	{"reason", OPTION_REASON, "CODE", 0, "the reason as it was told", 3},
	{"json", 'j', NULL, 0, "one JSON object a leaf", 3},
	{0},
};
static const struct argp filter_argp = {.options = filter_options, .parser = parse_filter};

static int run(const struct argp *argp, bool follow, int argc, char **argv)
{
	struct options options = {.follow = follow};

	if (argp_parse(argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	options.source.without_keys |= follow;
	return nrm_audit_run(&options.source, tell, &options);
}

static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
					     {&filter_argp, 0, "Only leaves of", 0},
					     {NULL, 0, NULL, 0}};

int nrm_audit_cmd_show(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"rule", OPTION_RULE, "N", 0, "a rule that took part (case keys; a scan)", 4},
		{"true-reason", OPTION_TRUE_REASON, "CODE", 0,
		 "the true reason (case keys; a scan)", 4},
		{"case", OPTION_CASE, "ID", 0, "leaves of one case (case keys)", 4},
		{"case-ids", OPTION_CASE_IDS, NULL, 0, "show case ids in clear", 5},
		{0},
	};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.doc = "Tells what happened, leaf by leaf: who dealt with whom about which service "
		       "and, with the case keys at hand, what oversight may know. Never a field's "
		       "value.",
		.children = children};

	return run(&argp, false, argc, argv);
}

int nrm_audit_cmd_follow(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.doc = "Tells of leaves as they come, what they themselves say, beside the running "
		       "broker; looks every second, until it is interrupted.",
		.children = children};

	return run(&argp, true, argc, argv);
}
