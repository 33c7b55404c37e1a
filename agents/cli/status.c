/* nrm status */
#include <string.h>

#include "agents/cli/agent_call.h"
#include "agents/cli/cli.h"
#include "agents/cli/words.h"

static long long number(const json_t *s, const char *key)
{
	return json_integer_value(json_object_get(s, key));
}

static void print_status(const json_t *s)
{
	const char *name;
	json_t *count;

	printf("%s  %s\n", nrm_words_text(s, "id"), nrm_words_text(s, "name"));
	nrm_words_line("broker", json_is_true(json_object_get(s, "connected")) ? "connected"
									       : "not reached now");
	printf("  %-12s version %lld, valid until %s%s\n", "directory",
	       number(s, "directory_version"), nrm_words_text(s, "directory_valid_until"),
	       json_is_true(json_object_get(s, "active")) ? ""
							  : "; this agency is not active in it");
	if (number(s, "policy_version"))
		printf("  %-12s version %lld, signed by the authority\n", "policy",
		       number(s, "policy_version"));
	printf("  %-12s %lld waiting for the broker, %lld forwarded and not acknowledged\n", "sent",
	       number(s, "queued"), number(s, "unacknowledged"));
	printf("  %-12s %lld\n", "received", number(s, "received"));
	printf("  %-12s checked up to %lld leaves", "trail", number(s, "checkpoint_size"));
	if (number(s, "unproved"))
		printf("; %lld without proof yet, since %s", number(s, "unproved"),
		       nrm_words_text(s, "oldest_unproved"));
	putchar('\n');
	if (json_is_string(json_object_get(s, "cosigned")))
		nrm_words_line("vouched", nrm_words_text(s, "cosigned"));
	if (json_is_object(json_object_get(s, "alarm")))
		nrm_words_line("ALARM",
			       "the trail contradicts itself: call the coordinator and hand over "
			       "what `nrm alarm export` writes");
	if (number(s, "overdue"))
		printf("  %-12s proofs that did not come within an hour: %lld; call the "
		       "coordinator\n",
		       "ALARM", number(s, "overdue"));
	json_object_foreach(json_object_get((json_t *)s, "findings"), name, count)
		printf("  %-12s %s: %lld\n", "noticed", name, (long long)json_integer_value(count));
}

int nrm_cmd_status(int argc, char **argv)
{
	struct nrm_agent_target target;
	json_t *answer;

	nrm_agent_options(
		argc, argv, NULL,
		"Says how this agency's agent is doing. Exit status 1 when there is an alarm.",
		&target);
	int status = nrm_agent_call(&target, json_pack("{ss}", "op", "status"), &answer);
	if (status)
		return status;
	if (target.json)
		nrm_agent_print_json(answer);
	else
		print_status(answer);
	status = json_is_object(json_object_get(answer, "alarm")) || number(answer, "overdue");
	json_decref(answer);
	return status;
}
