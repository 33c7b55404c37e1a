/*
 * The one command `nrm`: a table of subcommands, one source file each. A subcommand parses its own
 * options with argp and returns the exit status: 0 done, 1 the answer is no (refused, does not verify,
 * a test failed), 2 bad usage, bad input or could not be done.
 */
#ifndef NRM_CLI_CLI_H
#define NRM_CLI_CLI_H

struct nrm_command {
	const char *name;		   /* "refer" */
	const char *summary;		   /* one line for `nrm --help` */
	int (*run)(int argc, char **argv); /* argv[0] is "nrm refer" */
};

/* For commands with a second word: finds argv[1] in a table that ends with a NULL name, or prints what there is (exit 2). */
int nrm_cli_dispatch(const struct nrm_command *table, int argc, char **argv);

/* Prints "nrm: …" to standard error and returns 2. */
int nrm_cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

int nrm_cmd_key(int argc, char **argv);	      /* key.c */
int nrm_cmd_directory(int argc, char **argv); /* directory.c */
int nrm_cmd_policy(int argc, char **argv);    /* policy.c */
int nrm_cmd_audit(int argc, char **argv);     /* audit.c */
int nrm_cmd_refer(int argc, char **argv);     /* refer.c */
int nrm_cmd_preview(int argc, char **argv);   /* preview.c */
int nrm_cmd_inbox(int argc, char **argv);     /* inbox.c */
int nrm_cmd_outbox(int argc, char **argv);    /* inbox.c */
int nrm_cmd_show(int argc, char **argv);      /* show.c */
int nrm_cmd_accept(int argc, char **argv);    /* respond.c */
int nrm_cmd_decline(int argc, char **argv);   /* respond.c */
int nrm_cmd_consent(int argc, char **argv);   /* consent.c */
int nrm_cmd_case(int argc, char **argv);      /* case.c */
int nrm_cmd_status(int argc, char **argv);    /* status.c */
int nrm_cmd_aggregate(int argc, char **argv);
int nrm_cmd_alarm(int argc, char **argv); /* alarm.c */

#endif
