/* nrm policy show: who may get what, as a matrix. */
#include "agents/cli/policy_show.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/cli/cli.h"
#include "agents/cli/policy.h"
#include "proto/base/time.h"

struct arguments {
	const char *policy, *as, *service, *out, *language;
};

typedef void show_form(const struct nrm_show *show, FILE *out);

static const struct {
	const char *name;
	show_form *write;
} forms[] = {
	{"table", nrm_show_table},
	{"terminal", nrm_show_table},
	{"html", nrm_show_page},
	{"csv", nrm_show_csv},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'p':
		a->policy = arg;
		return 0;
	case 'a':
		a->as = arg;
		return 0;
	case 's':
		a->service = arg;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case 'l':
		a->language = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are expected");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static show_form *form_of(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, name) == 0)
			return forms[i].write;
	return NULL;
}

static int write_out(const struct nrm_show *show, show_form *form, const char *path)
{
	FILE *out = path ? fopen(path, "w") : stdout;
	bool failed;

	if (!out)
		return nrm_cli_fail("%s: %s", path, strerror(errno));
	form(show, out);
	failed = ferror(out) != 0;
	failed |= (path ? fclose(out) : fflush(out)) != 0;
	return failed ? nrm_cli_fail("%s: could not be written", path ? path : "standard output")
		      : 0;
}

static int show(const struct arguments *a, show_form *form, nrm_mask services)
{
	struct nrm_policy_source *source = NULL;
	struct nrm_glossary *glossary = NULL;
	char error[NRM_GLOSSARY_ERROR_LEN];
	int status;

	if (nrm_policy_source_open(a->policy, &source, error) != NRM_OK ||
	    nrm_glossary_load(nrm_glossary_default(), &glossary, error) != NRM_OK) {
		nrm_policy_source_close(source);
		return nrm_cli_fail("%s", error);
	}
	status = write_out(
		&(struct nrm_show){.source = source,
				   .services = services,
				   .glossary = glossary,
				   .language = nrm_glossary_language(glossary, a->language),
				   .now = nrm_time_now_ms(),
				   .colour = !a->out && isatty(STDOUT_FILENO)},
		form, a->out);
	nrm_glossary_free(glossary);
	nrm_policy_source_close(source);
	return status;
}

int nrm_policy_cmd_show(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"policy", 'p', "FILE", 0,
		 "the policy (else $NRM_POLICY, " NRM_LOCAL_POLICY ", " NRM_INSTALLED_POLICY ")",
		 0},
		{"as", 'a', "FORM", 0, "table (the default), html or csv", 0},
		{"service", 's', "SERVICE", 0, "this one only", 0},
		{"out", 'o', "FILE", 0, "into a file", 0},
		{"language", 'l', "TAG", 0, "en, es, fr, km … (else the locale's)", 0},
		{0},
	};
	static const struct argp argp = {
		options, parse, NULL, "Shows which role may get which field for which service.",
		NULL,	 NULL,	NULL};
	struct arguments a = {.policy = nrm_policy_default(), .as = "table"};
	nrm_mask services = nrm_bit(NRM_SERVICE_END_) - 2;

	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	if (!form_of(a.as))
		return nrm_cli_fail("--as %s: expected table, html or csv", a.as);
	if (a.service) {
		services = nrm_bit(
			nrm_code_number(NRM_VOCABULARY_SERVICE, a.service, strlen(a.service)));
		if (services == nrm_bit(0))
			return nrm_cli_fail("--service %s: unknown service", a.service);
	}
	return show(&a, form_of(a.as), services);
}
