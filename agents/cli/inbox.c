/* nrm inbox, nrm outbox */
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/words.h"

/* All pages of a list as one. */
static int read_all(const struct nrm_agent_target *target, const char *op, json_t **ret_messages)
{
	json_t *messages = json_array(), *after = json_null();
	int status;

	do {
		json_t *answer;

		status = nrm_agent_call(target, json_pack("{ss so}", "op", op, "after", after),
					&answer);
		if (status) {
			json_decref(messages);
			return status;
		}
		json_array_extend(messages, json_object_get(answer, "messages"));
		after = json_incref(json_object_get(answer, "after"));
		json_decref(answer);
	} while (json_is_string(after));
	json_decref(after);
	*ret_messages = messages;
	return 0;
}

static void print_received(const json_t *m)
{
	printf("%-32s  %-20s  %-12s  %-24s  %-24s  %2zu fields, %lld withheld  %s\n",
	       nrm_words_text(m, "message_id"), nrm_words_text(m, "received"),
	       nrm_words_text(m, "type"), nrm_words_text(m, "from"), nrm_words_text(m, "service"),
	       json_array_size(json_object_get(m, "forwarded")),
	       (long long)json_integer_value(json_object_get(m, "withheld_count")),
	       strcmp(nrm_words_text(m, "status"), "ok") == 0 ? nrm_words_text(m, "answered")
							      : nrm_words_text(m, "status"));
}

static void print_sent(const json_t *m)
{
	const char *why = nrm_words_text(m, "refusal");

	if (strcmp(why, "-") == 0)
		why = nrm_words_text(m, "reason");
	printf("%-32s  %-20s  %-13s  %-24s  %-24s  %-9s  %s\n", nrm_words_text(m, "message_id"),
	       nrm_words_text(m, "issued"), nrm_words_text(m, "type"), nrm_words_text(m, "to"),
	       nrm_words_text(m, "service"), nrm_words_text(m, "state"), why);
}

static int list(int argc, char **argv, const char *op, const char *doc,
		void (*print)(const json_t *message))
{
	struct nrm_agent_target target;
	json_t *messages, *message;
	size_t i;

	nrm_agent_options(argc, argv, NULL, doc, &target);
	int status = read_all(&target, op, &messages);
	if (status)
		return status;
	if (target.json)
		nrm_agent_print_json(messages);
	else
		json_array_foreach(messages, i, message) print(message);
	json_decref(messages);
	return 0;
}

int nrm_cmd_inbox(int argc, char **argv)
{
	return list(argc, argv, "inbox", "Lists what this agency received, oldest first.",
		    print_received);
}

int nrm_cmd_outbox(int argc, char **argv)
{
	return list(argc, argv, "outbox",
		    "Lists what this agency sent and what became of it, oldest first.", print_sent);
}
