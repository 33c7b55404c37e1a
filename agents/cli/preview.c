/* nrm preview FILE */
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/form.h"
#include "agents/cli/preview_words.h"
#include "agents/cli/words.h"

struct arguments {
	struct nrm_agent_target target;
	const char *case_name, *language;
};

static const struct argp_option options[] = {
	{"case", 'c', "CASE", 0, "in place of the file's: new, an id, or a local name", 0},
	{"language", 'l', "TAG", 0, "en, es, fr, km … (default: the environment's)", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->target;
		return 0;
	case 'c':
		a->case_name = arg;
		return 0;
	case 'l':
		a->language = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int nrm_cmd_preview(int argc, char **argv)
{
	static const struct argp_child children[] = {{&nrm_agent_target_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE",
		.doc = "Says what the broker would decide on the referral described in FILE, and "
		       "what of it would arrive, without sending it. Exit status 1 when it would "
		       "not go on.",
		.children = children};
	struct arguments a = {.target.takes = "FILE"};
	json_t *answer;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	json_t *request = nrm_form_read(a.target.argument, &nrm_referral_form);
	if (!request)
		return 2;
	json_object_set_new(request, "op", json_string("preview"));
	if (a.case_name)
		json_object_set_new(request, "case", json_string(a.case_name));
	json_object_set_new(request, "wait", json_integer(a.target.wait));
	int status = nrm_agent_call(&a.target, request, &answer);
	if (status)
		return status;
	if (a.target.json)
		nrm_agent_print_json(answer);
	else
		nrm_words_preview(answer, a.language);
	status = strcmp(nrm_words_text(answer, "outcome"), "forward") != 0;
	json_decref(answer);
	return status;
}
