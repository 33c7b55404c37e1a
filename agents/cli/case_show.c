/* nrm case show CASE */
#include "agents/cli/case_show.h"
#include "agents/cli/agent_call.h"
#include "agents/cli/words.h"

/* A fact of the card: a word, yes or no, a list, or assessments with their dates. */
static void print_fact(const char *key, const json_t *value)
{
	const char *name;
	json_t *date;

	if (json_is_boolean(value)) {
		nrm_words_line(key, json_is_true(value) ? "yes" : "no");
	} else if (json_is_array(value)) {
		if (json_array_size(value) == 0)
			nrm_words_line(key, "none");
		nrm_words_list(key, value);
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)value, name, date)
			nrm_words_line(name, json_string_value(date));
	} else {
		nrm_words_line(key, json_string_value(value));
	}
}

/* Members of a consent that are printed where they have a value, in this order. */
static const char *const lines[] = {"given_by", "purpose", "phase", "heard",
				    "guardian", "from",	   "until", "withdrawn_at"};

static void print_consent(const json_t *consent)
{
	printf("consent %s\n", nrm_words_text(consent, "consent_id"));
	nrm_words_list("services", json_object_get(consent, "services"));
	nrm_words_list("recipients", json_object_get(consent, "recipients"));
	nrm_words_list("data", json_object_get(consent, "data"));
	nrm_words_list("countries", json_object_get(consent, "countries"));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (json_is_string(json_object_get(consent, lines[i])))
			nrm_words_line(lines[i], nrm_words_text(consent, lines[i]));
	if (!json_is_true(json_object_get(consent, "understood")))
		nrm_words_line("understood", "no");
	if (json_is_true(json_object_get(consent, "interpreter_conflict")))
		nrm_words_line("interpreter", "in conflict");
	nrm_words_list("recorders", json_object_get(consent, "recorders"));
}

static void print_case(const json_t *answer)
{
	const json_t *consent;
	const char *key;
	json_t *fact;
	size_t i;

	printf("case %s\n", nrm_words_text(answer, "case_id"));
	if (!json_object_get(answer, "known")) {
		nrm_words_line("unknown",
			       "the broker cannot be asked now, and told nothing before");
		return;
	}
	nrm_words_line("as of", nrm_words_text(answer, "known_at"));
	if (!json_is_true(json_object_get(answer, "known"))) {
		nrm_words_line("unknown", "the broker has no such case for this agency");
		return;
	}
	if (json_is_true(json_object_get(answer, "manages")))
		nrm_words_line("part", "this agency manages it");
	json_object_foreach(json_object_get((json_t *)answer, "card"), key, fact)
		print_fact(key, fact);
	nrm_words_list("contributed", json_object_get(answer, "contributed"));
	json_array_foreach(json_object_get(answer, "consents"), i, consent) print_consent(consent);
}

int nrm_case_show(int argc, char **argv)
{
	static const char doc[] = "Shows what the broker holds on a case that this agency is a "
				  "party to, as far as it may see it: the card and the consents. "
				  "CASE is an id, or a local name. Exit status 1 when the broker "
				  "has no such case for it.";
	struct nrm_agent_target target;
	json_t *answer;

	nrm_agent_options(argc, argv, "CASE", doc, &target);
	int status = nrm_agent_call(&target,
				    json_pack("{ss ss si}", "op", "case_show", "case",
					      target.argument, "wait", (int)target.wait),
				    &answer);
	if (status)
		return status;
	if (target.json)
		nrm_agent_print_json(answer);
	else
		print_case(answer);
	status = !json_is_true(json_object_get(answer, "known"));
	json_decref(answer);
	return status;
}
