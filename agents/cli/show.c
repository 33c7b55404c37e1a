/* nrm show ID */
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/preview_words.h"
#include "agents/cli/words.h"

/* Members that are printed where they have a value, in this order. */
static const char *const lines[] = {
	"message_id",  "case_id",  "from",	     "to",	  "service",   "purpose",
	"phase",       "urgency",  "region",	     "basis",	  "emergency", "contact_by",
	"in_reply_to", "answer",   "decline_reason", "appeal_to", "ask_again", "consent_id",
	"issued",      "received", "answered"};

static void print_fields(const json_t *fields)
{
	const char *name;
	json_t *value;

	if (json_object_size(fields))
		puts("  fields");
	json_object_foreach((json_t *)fields, name, value)
		printf("    %-24s %s\n", name,
		       json_is_string(value) ? json_string_value(value) : "(not text)");
}

static void print_message(const json_t *m)
{
	bool received = strcmp(nrm_words_text(m, "direction"), "in") == 0;
	long long withheld = json_integer_value(json_object_get(m, "withheld_count"));
	long long proved = json_integer_value(json_object_get(m, "proved_in"));

	printf("%s, %s\n", nrm_words_text(m, "type"), received ? "received" : "sent");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (json_is_string(json_object_get(m, lines[i])))
			nrm_words_line(lines[i], nrm_words_text(m, lines[i]));
	if (!received)
		nrm_words_fate(m);
	if (received && withheld)
		printf("  %-12s %lld fields; the sender knows which and why\n", "withheld",
		       withheld);
	print_fields(json_object_get(m, "fields"));
	if (json_is_string(json_object_get(m, "unopened")))
		nrm_words_line("unopened", nrm_words_text(m, "unopened"));
	if (proved)
		printf("  %-12s proved in the trail of %lld leaves\n", "proof", proved);
	else if (json_is_integer(json_object_get(m, "leaf")))
		nrm_words_line("proof", "not there yet");
	nrm_words_difference(m);
}

int nrm_cmd_show(int argc, char **argv)
{
	struct nrm_agent_target target;
	json_t *answer;

	nrm_agent_options(argc, argv, "ID",
			  "Shows one message that was sent or received, with its fields.", &target);
	int status = nrm_agent_call(
		&target, json_pack("{ss ss}", "op", "show", "message_id", target.argument),
		&answer);
	if (status)
		return status;
	if (target.json)
		nrm_agent_print_json(json_object_get(answer, "message"));
	else
		print_message(json_object_get(answer, "message"));
	json_decref(answer);
	return 0;
}
