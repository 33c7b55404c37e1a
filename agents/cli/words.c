#include "agents/cli/words.h"

#include <stdio.h>
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/preview_words.h"

static const struct {
	const char *code, *words;
} reasons[] = {
	{"OK", "all rules are met"},
	{"UNKNOWN_PARTICIPANT", "an agency is not in the directory, or is suspended"},
	{"FIELDS_NOT_ALLOWED", "this kind of message may carry no data of a person"},
	{"EXCLUDED", "an agency is excluded from this case"},
	{"NOT_OFFERED", "the recipient does not offer this service"},
	{"FIREWALL", "what services know must not reach this recipient"},
	{"CHILD_DETENTION", "no child is referred to a place of detention"},
	{"DETENTION", "nobody is referred to a place of detention"},
	{"COMPLAINT_ROUTE",
	 "a complaint goes to an oversight body, never to the body complained about"},
	{"CONDITIONAL_HELP", "help may not depend on this"},
	{"DISCRIMINATORY", "this is never a ground for refusing help"},
	{"NO_APPEAL_ROUTE", "a refusal must say where it can be appealed"},
	{"CONTACT_PREFERENCE", "the person does not wish to be contacted this way"},
	{"CONSULATE_NOT_WISHED", "the person does not wish contact with a consulate"},
	{"REFLECTION_PERIOD", "the person is in the reflection period"},
	{"WRONG_PURPOSE", "this service does not serve that purpose"},
	{"BASIS_NOT_ALLOWED", "this ground does not allow it here"},
	{"NO_CONSENT", "no consent of the person covers this"},
	{"CONSENT_WITHDRAWN", "the person withdrew the consent"},
	{"CONSENT_EXPIRED", "the consent is not valid at this time"},
	{"CONSENT_INVALID", "the consent does not count as it was given"},
	{"COUNTRY_NOT_COVERED", "the consent does not name that country"},
	{"GUARDIAN_MISSING", "a guardian must be appointed first"},
	{"BEST_INTERESTS_MISSING", "the child's best interests must be assessed first"},
	{"ASYLUM_PENDING", "the person seeks asylum"},
	{"RETURN_EVIDENCE_MISSING", "evidence that the return is safe is missing"},
	{"SECRET", "must stay secret from this recipient"},
	{"NOT_NEEDED", "not needed for this service"},
	{"NOT_CONSENTED", "not consented to"},
	{"FACT_NOT_ALLOWED", "this agency may not state this fact"},
	{"NO_CASE", "there is no such case"},
	{"DIRECTORY_EXPIRED", "the directory must be renewed by the authority"},
	{"EXPIRED", "it expired before it could be delivered"},
};

const char *nrm_words_reason(const char *code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].code, code) == 0)
			return reasons[i].words;
	return code;
}

const char *nrm_words_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

void nrm_words_line(const char *name, const char *value)
{
	printf("  %-12s %s\n", name, value);
}

void nrm_words_list(const char *name, const json_t *list)
{
	const json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	printf("  %-12s", name);
	json_array_foreach(list, i, item) printf(" %s", json_string_value(item));
	putchar('\n');
}

/* Withheld fields, those with the same reason together. */
static void print_withheld(const json_t *withheld)
{
	static const char *const order[] = {"SECRET", "NOT_NEEDED", "NOT_CONSENTED"};
	const char *field;
	json_t *reason;

	for (size_t i = 0; i < 3; i++) {
		bool any = false;

		json_object_foreach((json_t *)withheld, field, reason)
		{
			if (strcmp(json_string_value(reason), order[i]) != 0)
				continue;
			if (!any)
				printf("  %-12s", "withheld");
			printf(" %s", field);
			any = true;
		}
		if (any)
			printf(": %s\n", nrm_words_reason(order[i]));
	}
}

/* In a sentence where a message stands. */
static const struct {
	const char *state, *words;
	int status;
} states[] = {
	{"spooled", "saved here; it goes out as soon as the broker can be reached", 0},
	{"forwarded", "forwarded", 0},
	{"delivered", "forwarded and received", 0},
	{"recorded", "recorded", 0},
	{"held", "held until what is missing is there", 1},
	{"refused", "refused", 1},
	{"returned", "returned: the recipient could not take it", 1},
};

static size_t find_state(const json_t *message)
{
	const char *state = nrm_words_text(message, "state");
	size_t i = 0;

	while (i + 1 < sizeof(states) / sizeof(states[0]) && strcmp(states[i].state, state) != 0)
		i++;
	return i;
}

void nrm_words_fate(const json_t *message)
{
	const char *reason = json_string_value(json_object_get(message, "reason"));
	const char *refusal = json_string_value(json_object_get(message, "refusal"));

	nrm_words_line("state", states[find_state(message)].words);
	if (refusal)
		nrm_words_line("because", refusal);
	else if (reason && strcmp(reason, "OK") != 0)
		printf("  %-12s %s (%s)\n", "because", nrm_words_reason(reason), reason);
	nrm_words_list("missing", json_object_get(message, "missing"));
	nrm_words_list("forwarded", json_object_get(message, "forwarded"));
	print_withheld(json_object_get(message, "withheld"));
	nrm_words_list("now due", json_object_get(message, "obligations"));
	if (json_is_string(json_object_get(message, "acknowledged")))
		printf("  %-12s %s, %s\n", "acknowledged", nrm_words_text(message, "acknowledged"),
		       nrm_words_text(message, "acknowledged_at"));
}

int nrm_words_sent(const struct nrm_agent_target *target, const char *what, json_t *answer)
{
	int status = states[find_state(answer)].status;

	if (target->json) {
		nrm_agent_print_json(answer);
	} else {
		printf("%s to %s\n", what, nrm_words_text(answer, "to"));
		nrm_words_line("message", nrm_words_text(answer, "message_id"));
		nrm_words_line("case", nrm_words_text(answer, "case_id"));
		if (json_object_get(answer, "consent_id"))
			nrm_words_line("consent", nrm_words_text(answer, "consent_id"));
		nrm_words_fate(answer);
		nrm_words_difference(answer);
	}
	json_decref(answer);
	return status;
}
