/* nrm accept ID, nrm decline ID --reason CODE [--appeal-to ID] [--ask-again TIME] */
#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/words.h"

struct arguments {
	struct nrm_agent_target target;
	const char *reason, *appeal_to, *ask_again;
};

static const struct argp_option decline_options[] = {
	{"reason", 'r', "CODE", 0,
	 "why: no_capacity, not_our_service, out_of_area, person_declined, …", 0},
	{"appeal-to", 'p', "ID", 0, "the body that hears an appeal", 0},
	{"ask-again", 'g', "TIME", 0,
	 "when the person wishes to be asked again (2026-05-01T00:00:00Z)", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->target;
		return 0;
	case 'r':
		a->reason = arg;
		return 0;
	case 'p':
		a->appeal_to = arg;
		return 0;
	case 'g':
		a->ask_again = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void set(json_t *request, const char *key, const char *text)
{
	if (text)
		json_object_set_new(request, key, json_string(text));
}

static int respond(int argc, char **argv, const char *op, const char *doc,
		   const struct argp_option *options)
{
	static const struct argp_child children[] = {{&nrm_agent_target_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	const struct argp argp = {.options = options,
				  .parser = parse,
				  .args_doc = "ID",
				  .doc = doc,
				  .children = children};
	struct arguments a = {.target.takes = "ID"};
	json_t *answer;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	json_t *request = json_pack("{ss ss sI}", "op", op, "message_id", a.target.argument, "wait",
				    (json_int_t)a.target.wait);
	set(request, "reason", a.reason);
	set(request, "appeal_to", a.appeal_to);
	set(request, "ask_again", a.ask_again);
	int status = nrm_agent_call(&a.target, request, &answer);
	return status ? status : nrm_words_sent(&a.target, op, answer);
}

int nrm_cmd_accept(int argc, char **argv)
{
	return respond(argc, argv, "accept", "Accepts the referral ID.", NULL);
}

int nrm_cmd_decline(int argc, char **argv)
{
	return respond(argc, argv, "decline", "Declines the referral ID, with a reason.",
		       decline_options);
}
