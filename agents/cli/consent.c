/* nrm consent grant FILE, nrm consent withdraw [ID] */
#include <errno.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/form.h"
#include "agents/cli/words.h"
#include "proto/base/limits.h"

struct consent_text {
	char *case_name, *id, *given_by, *purpose, *from, *until, *phase, *heard, *interpreter,
		*language, *mode, *guardian;
	bool *understood, *interpreter_conflict;
	uint32_t *days;
	struct nrm_form_list services, recipients, data, countries;
};

#define WORD(key, member, flags) \
	CYAML_FIELD_STRING_PTR(key, flags, struct consent_text, member, 1, 255)
#define YES(key) CYAML_FIELD_BOOL_PTR(#key, NRM_FORM_OPTIONAL, struct consent_text, key)
#define LIST(key, flags)                                                                  \
	CYAML_FIELD_SEQUENCE_COUNT(#key, flags, struct consent_text, key.item, key.count, \
				   &nrm_form_word, 0, 128)
static const cyaml_schema_field_t fields[] = {
	WORD("case", case_name, NRM_FORM_OPTIONAL),
	WORD("id", id, NRM_FORM_OPTIONAL),
	WORD("given_by", given_by, NRM_FORM_NEEDED),
	LIST(services, NRM_FORM_NEEDED),
	LIST(recipients, NRM_FORM_NEEDED),
	LIST(data, NRM_FORM_NEEDED),
	LIST(countries, NRM_FORM_OPTIONAL),
	WORD("purpose", purpose, NRM_FORM_NEEDED),
	WORD("from", from, NRM_FORM_OPTIONAL),
	WORD("until", until, NRM_FORM_OPTIONAL),
	CYAML_FIELD_UINT_PTR("days", NRM_FORM_OPTIONAL, struct consent_text, days),
	WORD("phase", phase, NRM_FORM_OPTIONAL),
	WORD("heard", heard, NRM_FORM_OPTIONAL),
	YES(understood),
	YES(interpreter_conflict),
	WORD("interpreter", interpreter, NRM_FORM_OPTIONAL),
	CYAML_FIELD_STRING_PTR("language", NRM_FORM_OPTIONAL, struct consent_text, language, 1,
			       NRM_MAX_LANGUAGE_TAG),
	WORD("mode", mode, NRM_FORM_OPTIONAL),
	WORD("guardian", guardian, NRM_FORM_OPTIONAL),
	CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct consent_text, fields)};

#define AT(member) offsetof(struct consent_text, member)
static const struct nrm_form_member members[] = {
	{"case", NRM_FORM_TEXT, AT(case_name), 0, 0},
	{"id", NRM_FORM_ID, AT(id), 0, 0},
	{"given_by", NRM_FORM_CODE, AT(given_by), NRM_VOCABULARY_GIVEN_BY, 0},
	{"services", NRM_FORM_CODES, AT(services), NRM_VOCABULARY_SERVICE, NRM_ALSO_ANY},
	{"recipients", NRM_FORM_CODES, AT(recipients), NRM_VOCABULARY_ROLE,
	 NRM_ALSO_ANY | NRM_ALSO_PARTICIPANTS},
	{"data", NRM_FORM_CODES, AT(data), NRM_VOCABULARY_FIELD,
	 NRM_ALSO_ANY | NRM_ALSO_CATEGORIES},
	{"countries", NRM_FORM_CODES, AT(countries), 0, NRM_ONLY_COUNTRIES},
	{"purpose", NRM_FORM_CODE, AT(purpose), NRM_VOCABULARY_PURPOSE, 0},
	{"from", NRM_FORM_TIME, AT(from), 0, 0},
	{"until", NRM_FORM_TIME, AT(until), 0, 0},
	{"days", NRM_FORM_NUMBER, AT(days), 0, 0},
	{"phase", NRM_FORM_CODE, AT(phase), NRM_VOCABULARY_PHASE, 0},
	{"heard", NRM_FORM_CODE, AT(heard), NRM_VOCABULARY_HEARD, 0},
	{"understood", NRM_FORM_YES, AT(understood), 0, 0},
	{"interpreter_conflict", NRM_FORM_YES, AT(interpreter_conflict), 0, 0},
	{"interpreter", NRM_FORM_PARTICIPANT, AT(interpreter), 0, 0},
	{"language", NRM_FORM_TEXT, AT(language), 0, 0},
	{"mode", NRM_FORM_CODE, AT(mode), NRM_VOCABULARY_MODE, 0},
	{"guardian", NRM_FORM_PARTICIPANT, AT(guardian), 0, 0},
	{NULL, 0, 0, 0, 0},
};

static enum nrm_err fill(struct nrm_yaml *yaml, const void *text, json_t *request)
{
	return nrm_form_fill(yaml, members, text, request);
}

static int grant(int argc, char **argv)
{
	static const struct nrm_form form = {
		.op = "consent_grant",
		.what = "consent",
		.doc = "Records the consent described in FILE (YAML). With the id of another "
		       "agency's "
		       "consent and the same content it confirms that one.",
		.schema = &schema,
		.request = fill};

	return nrm_form_send(argc, argv, &form);
}

struct arguments {
	struct nrm_agent_target target;
	const char *id, *case_name;
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
	case ARGP_KEY_ARG:
		if (a->id)
			argp_error(state, "one ID is expected");
		a->id = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->id && !a->case_name)
			argp_error(state,
				   "the ID of a consent is expected, or --case for all of a case");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int withdraw(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"case", 'c', "CASE", 0,
		 "its case, when another agency recorded it; alone: every consent of the case", 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp_child children[] = {{&nrm_agent_target_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[ID]",
		.doc = "Records that the person withdrew a consent: nothing more goes out on it.",
		.children = children};
	struct arguments a = {.id = NULL};
	json_t *answer;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	json_t *request =
		json_pack("{ss sI}", "op", "consent_withdraw", "wait", (json_int_t)a.target.wait);
	if (a.id)
		json_object_set_new(request, "consent_id", json_string(a.id));
	if (a.case_name)
		json_object_set_new(request, "case", json_string(a.case_name));
	int status = nrm_agent_call(&a.target, request, &answer);
	return status ? status : nrm_words_sent(&a.target, "withdrawal", answer);
}

int nrm_cmd_consent(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"grant", "record a person's consent", grant},
		{"withdraw", "record that it was withdrawn", withdraw},
		{NULL, NULL, NULL},
	};

	return nrm_cli_dispatch(commands, argc, argv);
}
