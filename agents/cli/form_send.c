/* The commands that send one form to the agent. */
#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/form.h"
#include "agents/cli/words.h"

struct arguments {
	struct nrm_agent_target target;
	const char *case_name;
};

static const struct argp_option options[] = {
	{"case", 'c', "CASE", 0, "in place of the file's: new, an id, or a local name", 0},
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
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int nrm_form_send(int argc, char **argv, const struct nrm_form *form)
{
	static const struct argp_child children[] = {{&nrm_agent_target_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	const struct argp argp = {.options = options,
				  .parser = parse,
				  .args_doc = "FILE",
				  .doc = form->doc,
				  .children = children};
	struct arguments a = {.target.takes = "FILE"};
	json_t *answer;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	json_t *request = nrm_form_read(a.target.argument, form);
	if (!request)
		return 2;
	if (a.case_name)
		json_object_set_new(request, "case", json_string(a.case_name));
	json_object_set_new(request, "wait", json_integer(a.target.wait));
	int status = nrm_agent_call(&a.target, request, &answer);
	return status ? status : nrm_words_sent(&a.target, form->what, answer);
}
