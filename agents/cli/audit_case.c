/* nrm audit case ID: a person's own record, in a language of the vocabulary. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agents/auditor/person.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/hex.h"
#include "proto/base/id.h"
#include "proto/base/time.h"

struct options {
	struct nrm_audit_source source;
	const char *id_text, *language, *vocabulary;
	uint8_t case_id[NRM_CASE_ID_LEN];
	bool html;
};

enum { OPTION_AS = NRM_AUDIT_OPTION, OPTION_LANGUAGE, OPTION_VOCABULARY };

static void set_id(struct options *o, const char *text, struct argp_state *state)
{
	if (o->id_text)
		argp_error(state, "one case id is expected");
	o->id_text = text;
	if (nrm_unhex(text, o->case_id, sizeof(o->case_id)) != NRM_OK)
		argp_error(state, "expected the 32 hexadecimal digits of a case id");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->source;
		return 0;
	case OPTION_AS:
		o->html = strcmp(arg, "html") == 0;
		if (!o->html && strcmp(arg, "text") != 0)
			argp_error(state, "--as: expected text or html, found \"%s\"", arg);
		return 0;
	case OPTION_LANGUAGE:
		o->language = arg;
		return 0;
	case OPTION_VOCABULARY:
		o->vocabulary = arg;
		return 0;
	case ARGP_KEY_ARG:
		set_id(o, arg, state);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a case id is expected");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int write_record(const struct options *o, const struct nrm_person_record *record)
{
	const char *file = o->vocabulary ? o->vocabulary : nrm_glossary_default();
	struct nrm_person_telling telling = {.now_ms = nrm_time_now_ms()};
	char error[NRM_GLOSSARY_ERROR_LEN];
	struct nrm_glossary *glossary;

	if (nrm_glossary_load(file, &glossary, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	telling.glossary = glossary;
	telling.language = nrm_glossary_language(glossary, o->language);
	(o->html ? nrm_person_html : nrm_person_text)(record, &telling, stdout);
	nrm_glossary_free(glossary);
	return ferror(stdout) ? 2 : 0;
}

static int tell(void *context)
{
	const struct options *o = context;
	struct nrm_person_record record;

	if (!o->source.keys)
		return nrm_cli_fail("%s: the case keys are needed: --keys FILE", o->source.trail);
	const enum nrm_err err = nrm_person_read(o->source.store, o->source.keys, o->case_id,
						 nrm_audit_bar(), &record);
	nrm_progress_clear(nrm_audit_bar());
	if (err == NRM_ERR_NOT_FOUND) {
		fputs("nrm: there is no case of this id here, or it was forgotten\n", stderr);
		return 1;
	}
	if (err == NRM_ERR_CORRUPT)
		return nrm_cli_fail("the case cannot be read whole: `nrm audit verify` says why");
	if (err != NRM_OK)
		return nrm_cli_fail("could not read the case: %s", nrm_err_text(err));
	const int status = write_record(o, &record);
	nrm_person_done(&record);
	return status;
}

int nrm_audit_cmd_case(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"as", OPTION_AS, "FORM", 0,
		 "text (default) or html, a page that needs nothing else", 0},
		{"language", OPTION_LANGUAGE, "TAG", 0,
		 "a language of the vocabulary (default: the environment's)", 0},
		{"vocabulary", OPTION_VOCABULARY, "FILE", 0, "the vocabulary's texts", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {.options = own,
					 .parser = parse,
					 .args_doc = "CASE-ID",
					 .doc = "Tells a person who received which of her fields, "
						"when, under which consent, and "
						"what was withheld and why; never a field's value. "
						"It gives true reasons: it "
						"is for her, or whom she chooses.",
					 .children = children};
	struct options options = {.html = false};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return nrm_audit_run(&options.source, tell, &options);
}
