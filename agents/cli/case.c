/* nrm case state FILE, nrm case name NAME [ID], nrm case forget CASE; nrm case show CASE is in case_show.c. */
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/case_show.h"
#include "agents/cli/cli.h"
#include "agents/cli/form.h"
#include "agents/cli/words.h"

struct assessments_text {
	char *at[NRM_ASSESSMENT_END_];
};

/* The keys of a card in policy.md, and the case. */
struct card_text {
	char *case_name, *age_class, *adult_since, *guardian, *last_threat, *reflection_until,
		*receiving_manager;
	bool *complicit_parent, *asylum_seeker, *consulate_wished;
	struct nrm_form_list excluded, refused, contact;
	struct assessments_text assessments;
};

#define NRM_X_(name, number, code) \
	CYAML_FIELD_STRING_PTR(code, NRM_FORM_OPTIONAL, struct assessments_text, at[number], 1, 64),
static const cyaml_schema_field_t assessment_fields[] = {NRM_ASSESSMENTS(NRM_X_) CYAML_FIELD_END};
#undef NRM_X_

#define WORD(key, member) \
	CYAML_FIELD_STRING_PTR(key, NRM_FORM_OPTIONAL, struct card_text, member, 1, 255)
#define YES(key) CYAML_FIELD_BOOL_PTR(#key, NRM_FORM_OPTIONAL, struct card_text, key)
#define LIST(key)                                                                                  \
	CYAML_FIELD_SEQUENCE_COUNT(#key, NRM_FORM_OPTIONAL, struct card_text, key.item, key.count, \
				   &nrm_form_word, 0, 63)
static const cyaml_schema_field_t fields[] = {
	WORD("case", case_name),
	WORD("age_class", age_class),
	WORD("adult_since", adult_since),
	WORD("guardian", guardian),
	YES(complicit_parent),
	LIST(excluded),
	WORD("last_threat", last_threat),
	LIST(refused),
	LIST(contact),
	YES(asylum_seeker),
	YES(consulate_wished),
	WORD("reflection_until", reflection_until),
	CYAML_FIELD_MAPPING("assessments", CYAML_FLAG_OPTIONAL, struct card_text, assessments,
			    assessment_fields),
	WORD("receiving_manager", receiving_manager),
	CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct card_text, fields)};

#define AT(member) offsetof(struct card_text, member)
static const struct nrm_form_member members[] = {
	{"age_class", NRM_FORM_CODE, AT(age_class), NRM_VOCABULARY_AGE_CLASS, 0},
	{"adult_since", NRM_FORM_TIME, AT(adult_since), 0, 0},
	{"complicit_parent", NRM_FORM_YES, AT(complicit_parent), 0, 0},
	{"excluded", NRM_FORM_CODES, AT(excluded), 0, NRM_ONLY_PARTICIPANTS},
	{"last_threat", NRM_FORM_TIME, AT(last_threat), 0, 0},
	{"refused", NRM_FORM_CODES, AT(refused), NRM_VOCABULARY_SERVICE, 0},
	{"contact", NRM_FORM_CODES, AT(contact), NRM_VOCABULARY_CHANNEL, 0},
	{"asylum_seeker", NRM_FORM_YES, AT(asylum_seeker), 0, 0},
	{"consulate_wished", NRM_FORM_YES, AT(consulate_wished), 0, 0},
	{"reflection_until", NRM_FORM_TIME, AT(reflection_until), 0, 0},
	{"receiving_manager", NRM_FORM_PARTICIPANT, AT(receiving_manager), 0, 0},
	{NULL, 0, 0, 0, 0},
};

static enum nrm_err fill_guardian(struct nrm_yaml *yaml, const char *guardian, json_t *facts)
{
	static const struct nrm_form_member participant = {"guardian", NRM_FORM_PARTICIPANT, 0, 0,
							   0};
	const struct nrm_form_member one[] = {participant, {NULL, 0, 0, 0, 0}};

	if (guardian && strcmp(guardian, "none") != 0 && strcmp(guardian, "parents") != 0)
		return nrm_form_fill(yaml, one, &guardian, facts);
	if (guardian)
		json_object_set_new(facts, "guardian", json_string(guardian));
	return NRM_OK;
}

static enum nrm_err fill_assessments(struct nrm_yaml *yaml, const struct assessments_text *t,
				     json_t *facts)
{
	json_t *dates = json_object();
	enum nrm_err err = NRM_OK;

	json_object_set_new(facts, "assessments", dates);
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_ && err == NRM_OK; a++) {
		const char *name = nrm_code_name(NRM_VOCABULARY_ASSESSMENT, a);
		uint64_t ms;

		if (!t->at[a])
			continue;
		err = nrm_yaml_time(yaml, nrm_yaml_at(yaml, "assessments.%s", name), t->at[a], &ms);
		json_object_set_new(dates, name, json_string(t->at[a]));
	}
	return err;
}

static enum nrm_err fill(struct nrm_yaml *yaml, const void *text, json_t *request)
{
	const struct card_text *t = text;
	json_t *facts = json_object();

	json_object_set_new(request, "facts", facts);
	if (t->case_name)
		json_object_set_new(request, "case", json_string(t->case_name));
	enum nrm_err err = nrm_form_fill(yaml, members, t, facts);
	if (err == NRM_OK)
		err = fill_guardian(yaml, t->guardian, facts);
	return err ? err : fill_assessments(yaml, &t->assessments, facts);
}

static int state(int argc, char **argv)
{
	static const struct nrm_form form = {.op = "case_state",
					     .what = "case card",
					     .doc = "States the facts of FILE (YAML: case, and the "
						    "keys of a case card) to the broker.",
					     .schema = &schema,
					     .request = fill};

	return nrm_form_send(argc, argv, &form);
}

struct arguments {
	struct nrm_agent_target target;
	const char *word[2];
};

static error_t parse(int key, char *arg, struct argp_state *parsing)
{
	struct arguments *a = parsing->input;

	switch (key) {
	case ARGP_KEY_INIT:
		parsing->child_inputs[0] = &a->target;
		return 0;
	case ARGP_KEY_ARG:
		if (parsing->arg_num >= 2)
			argp_error(parsing, "NAME and perhaps an ID are expected");
		a->word[parsing->arg_num] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(parsing, "a NAME is expected");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int name(int argc, char **argv)
{
	static const struct argp_child children[] = {{&nrm_agent_target_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {.parser = parse,
					 .args_doc = "NAME [ID]",
					 .doc = "Gives the case ID a NAME of this agency's own, or "
						"prints the id behind a NAME.",
					 .children = children};
	struct arguments a = {.word = {NULL, NULL}};
	json_t *answer;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	json_t *request = json_pack("{ss ss}", "op", "case_name", "name", a.word[0]);
	if (a.word[1])
		json_object_set_new(request, "case", json_string(a.word[1]));
	int status = nrm_agent_call(&a.target, request, &answer);
	if (status)
		return status;
	if (a.target.json)
		nrm_agent_print_json(answer);
	else
		puts(nrm_words_text(answer, "case_id"));
	json_decref(answer);
	return 0;
}

static int forget(int argc, char **argv)
{
	static const char doc[] =
		"Orders that a CASE (its id, or a name) be forgotten, for good: the broker "
		"destroys its key and hands the order on to "
		"every agency that had something of it; each erases what it has and confirms, "
		"which comes to the inbox. "
		"Only for roles that the policy lists, in a case that they are a party to.";
	struct nrm_agent_target target;
	json_t *answer;

	nrm_agent_options(argc, argv, "CASE", doc, &target);
	json_t *request = json_pack("{ss ss sI}", "op", "case_forget", "case", target.argument,
				    "wait", (json_int_t)target.wait);
	int status = nrm_agent_call(&target, request, &answer);
	return status ? status : nrm_words_sent(&target, "order to forget", answer);
}

int nrm_cmd_case(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"state", "state facts on a case", state},
		{"show", "show what the broker holds on a case", nrm_case_show},
		{"name", "give a case a local name", name},
		{"forget", "have a case forgotten, here and everywhere, for good", forget},
		{NULL, NULL, NULL},
	};

	return nrm_cli_dispatch(commands, argc, argv);
}
