/* nrm aggregate --month 2026-10 [--send] */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/words.h"

struct options {
	struct nrm_agent_target target;
	const char *month;
	bool send;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->target;
		return 0;
	case 'm':
		o->month = arg;
		return 0;
	case 's':
		o->send = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are expected");
		return EINVAL;
	case ARGP_KEY_END:
		if (!o->month)
			argp_error(state, "--month MONTH is needed: 2026-10");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_group(json_t *group)
{
	json_t *counts = json_object_get(group, "counts");
	const char *code;
	json_t *count;

	printf("  %s, %s:", nrm_words_text(group, "service"), nrm_words_text(group, "kind"));
	if (json_is_null(counts))
		fputs(" not told, for a count of it is small", stdout);
	json_object_foreach(counts, code, count)
		printf(" %s %lld", code, (long long)json_integer_value(count));
	putchar('\n');
}

static void print(const json_t *answer)
{
	const char *state = json_string_value(json_object_get(answer, "state"));
	size_t i;
	json_t *group;

	printf("%s: cases that this agency was asked to help; no count of 1 to 4 leaves it\n",
	       nrm_words_text(answer, "month"));
	json_array_foreach(json_object_get(answer, "groups"), i, group) print_group(group);
	if (i == 0)
		puts("  none");
	if (!state)
		puts("not sent: --send sends it to the broker, which records it in the trail");
	else if (strcmp(state, "recorded") == 0)
		printf("recorded as leaf %lld of the trail\n",
		       (long long)json_integer_value(json_object_get(answer, "leaf")));
	else if (strcmp(state, "refused") == 0)
		printf("refused by the broker: %s\n", nrm_words_text(answer, "refusal"));
	else
		puts("on its way to the broker");
}

int nrm_cmd_aggregate(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"month", 'm', "MONTH", 0, "which month, 2026-10", 0},
		{"send", 's', NULL, 0, "sign and send it, once the month is over", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_agent_target_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {.options = own,
					 .parser = parse,
					 .doc = "Counts whom this agency was asked to help in a "
						"month, by service and by sex, age "
						"class and form of exploitation, and shows what it "
						"would tell oversight. Counts "
						"alone leave, and none of 1 to 4.",
					 .children = children};
	struct options o = {.month = NULL};
	json_t *answer;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0)
		return 2;
	const int status = nrm_agent_call(
		&o.target,
		json_pack("{ss ss sb}", "op", "aggregate", "month", o.month, "send", o.send),
		&answer);
	if (status)
		return status;
	if (o.target.json)
		nrm_agent_print_json(answer);
	else
		print(answer);
	json_decref(answer);
	return 0;
}
