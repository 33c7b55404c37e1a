/* nrm: everybody's one command. The subcommands are in agents/cli, one file each. */
#include <stdio.h>

#include "agents/cli/cli.h"
#include "proto/crypto/crypto.h"

static const struct nrm_command commands[] = {
	{"preview", "what would become of a referral, before it is sent", nrm_cmd_preview},
	{"refer", "send the referral described in a file", nrm_cmd_refer},
	{"inbox", "list what this agency received", nrm_cmd_inbox},
	{"outbox", "list what this agency sent, and what became of it", nrm_cmd_outbox},
	{"show", "show one message with its fields", nrm_cmd_show},
	{"accept", "accept a referral", nrm_cmd_accept},
	{"decline", "decline a referral, with a reason", nrm_cmd_decline},
	{"consent", "record a person's consent, or its withdrawal", nrm_cmd_consent},
	{"case", "state facts on a case, and show what the broker holds", nrm_cmd_case},
	{"status", "how this agency's agent is doing", nrm_cmd_status},
	{"aggregate", "what this agency tells oversight of a month: counts of nobody",
	 nrm_cmd_aggregate},
	{"alarm", "hand over the proof of a trail that contradicts itself", nrm_cmd_alarm},
	{"key", "make and show keys", nrm_cmd_key},
	{"directory", "sign, verify and show the directory of participants", nrm_cmd_directory},
	{"policy", "test a policy", nrm_cmd_policy},
	{"audit", "verify the trail and show what happened", nrm_cmd_audit},
	{NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	char name[] = "nrm";

	if (nrm_crypto_init() != NRM_OK)
		return nrm_cli_fail(
			"OpenSSL 3.0 with Ed25519, X25519, AES-256-GCM and SHA-256 is needed");
	argv[0] = name;
	int status = nrm_cli_dispatch(commands, argc, argv);
	nrm_crypto_thread_done();
	return status;
}
