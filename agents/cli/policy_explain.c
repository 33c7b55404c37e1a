/* nrm policy explain: what a policy says to a message, and which of its lines says so. */
#include "agents/cli/policy_explain.h"

#include <argp.h>
#include <string.h>

#include "agents/cli/cli.h"
#include "agents/cli/policy.h"

struct arguments {
	const char *policy, *language, *file, *name;
	bool json;
};

/* What is open while cases are told. */
struct explaining {
	struct nrm_policy_source *policy;
	struct nrm_scenarios *scenarios;
	struct nrm_glossary *glossary;
	json_t *told; /* NULL: print */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'p':
		a->policy = arg;
		return 0;
	case 'l':
		a->language = arg;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num >= 2)
			argp_error(state, "one scenario file and one case of it");
		*(state->arg_num == 0 ? &a->file : &a->name) = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which scenario file?");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static enum nrm_err explain_case(const struct explaining *x, const struct arguments *a,
				 uint32_t index, char *ret_error)
{
	struct nrm_facts facts;
	const struct nrm_message *message;
	struct nrm_explanation explanation;
	uint64_t now;
	enum nrm_err err =
		nrm_scenarios_case(x->scenarios, index, &facts, &message, &now, ret_error);

	if (err != NRM_OK)
		return err;
	err = nrm_explain(x->policy, &facts, message, now, &explanation);
	if (err != NRM_OK) {
		snprintf(ret_error, NRM_SCENARIO_ERROR_LEN, "%s", nrm_err_text(err));
		return err;
	}
	const struct nrm_told_case told = {
		.policy = x->policy,
		.scenarios = x->scenarios,
		.path = a->file,
		.index = index,
		.explanation = &explanation,
		.glossary = x->glossary,
		.language = x->glossary ? nrm_glossary_language(x->glossary, a->language) : 0};
	if (x->told)
		json_array_append_new(x->told, nrm_explain_json(&told));
	else
		nrm_explain_print(&told, stdout);
	nrm_explanation_done(&explanation);
	return NRM_OK;
}

static bool wanted(const struct explaining *x, const struct arguments *a, uint32_t index)
{
	return !a->name || strcmp(a->name, nrm_scenarios_name(x->scenarios, index)) == 0;
}

static int explain(const struct explaining *x, const struct arguments *a)
{
	char error[NRM_SCENARIO_ERROR_LEN];
	uint32_t n = 0;

	for (uint32_t i = 0; i < nrm_scenarios_count(x->scenarios); i++) {
		if (!wanted(x, a, i))
			continue;
		if (n++ > 0 && !x->told)
			putchar('\n');
		if (explain_case(x, a, i, error) != NRM_OK) {
			fflush(stdout);
			return nrm_cli_fail("%s", error);
		}
	}
	if (n == 0)
		return nrm_cli_fail("%s: no such case: expected the name of one of its %u cases",
				    a->file, nrm_scenarios_count(x->scenarios));
	if (x->told) {
		json_dumpf(x->told, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	return 0;
}

/* Opens all that is needed; 0, or the exit status. */
static int begin(struct explaining *x, const struct arguments *a)
{
	char error[NRM_GLOSSARY_ERROR_LEN];

	if (nrm_policy_source_open(a->policy, &x->policy, error) != NRM_OK ||
	    nrm_scenarios_open(a->file, &x->scenarios, error) != NRM_OK ||
	    nrm_glossary_load(nrm_glossary_default(), &x->glossary, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	x->told = a->json ? json_array() : NULL;
	return 0;
}

int nrm_policy_cmd_explain(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"policy", 'p', "FILE", 0,
		 "the policy (else $NRM_POLICY, " NRM_LOCAL_POLICY ", " NRM_INSTALLED_POLICY ")",
		 0},
		{"language", 'l', "TAG", 0, "en, es, fr, km … (else the locale's)", 0},
		{"json", 'j', NULL, 0, "as JSON", 0},
		{0},
	};
	static const struct argp argp = {
		options,
		parse,
		"FILE [NAME]",
		"Explains what a policy says to the cases of a scenario file, or to the one of "
		"that name.",
		NULL,
		NULL,
		NULL};
	struct arguments a = {.policy = nrm_policy_default()};
	struct explaining x = {0};
	int status;

	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	status = begin(&x, &a);
	if (status == 0)
		status = explain(&x, &a);
	json_decref(x.told);
	nrm_glossary_free(x.glossary);
	nrm_scenarios_close(x.scenarios);
	nrm_policy_source_close(x.policy);
	return status;
}
