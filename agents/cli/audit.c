/* nrm audit: one source file a subcommand. */
#include "agents/cli/audit.h"

#include <stddef.h>

#include "agents/cli/cli.h"

int nrm_cmd_audit(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"verify", "check the trail, or an export of it", nrm_audit_cmd_verify},
		{"show", "tell what happened, leaf by leaf", nrm_audit_cmd_show},
		{"follow", "tell of leaves as they come", nrm_audit_cmd_follow},
		{"case", "a person's own record: who received what about her", nrm_audit_cmd_case},
		{"indicators", "what oversight counts, by month, agency and service",
		 nrm_audit_cmd_indicators},
		{"export", "write the trail into a plain folder that anybody can verify",
		 nrm_audit_cmd_export},
		{"prove", "write a proof of one leaf that stands alone", nrm_audit_cmd_prove},
		{"check", "check such a proof", nrm_audit_cmd_check},
		{"stamp", "have the checkpoint stamped by a timestamping authority",
		 nrm_audit_cmd_stamp},
		{"check-fork", "check an agency's alarm about the trail", nrm_audit_cmd_fork},
		{"serve", "serve the auditor's page", nrm_audit_cmd_serve},
		{"password", "set a password for the page", nrm_audit_cmd_password},
		{NULL, NULL, NULL},
	};

	return nrm_cli_dispatch(commands, argc, argv);
}
