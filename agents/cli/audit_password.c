/* nrm audit password: who may see the auditor's page. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <argp.h>

#include "agents/cli/audit.h"
#include "agents/cli/cli.h"
#include "agents/page/credentials.h"

struct options {
	const char *name, *file;
};

enum { OPTION_CREDENTIALS = 400 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPTION_CREDENTIALS:
		o->file = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->name)
			argp_error(state, "one name is expected");
		o->name = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->name || !o->file)
			argp_error(state, "a name and --credentials FILE are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Reads a line from standard input without its newline; a terminal does not show it. False at its end, or when it is too long. */
static bool read_line(const char *prompt, char line[static NRM_MAX_PASSWORD + 2])
{
	struct termios before, silent;
	const bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;

	if (terminal) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
		fputs(prompt, stderr);
	}
	const bool read = fgets(line, NRM_MAX_PASSWORD + 2, stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (!read)
		return false;
	const size_t len = strcspn(line, "\n");
	const bool whole = line[len] == '\n' || len <= NRM_MAX_PASSWORD;
	line[len] = '\0';
	return whole;
}

static int set(const struct options *o)
{
	char line[NRM_MAX_PASSWORD + 2] = "", again[NRM_MAX_PASSWORD + 2] = "";
	char error[NRM_CREDENTIALS_ERROR_LEN];
	int status = 0;

	setvbuf(stdin, NULL, _IONBF, 0); /* no copy of it stays in a buffer */
	if (!read_line("Password: ", line))
		status = nrm_cli_fail("a password of 1 to %u bytes is expected on standard input",
				      NRM_MAX_PASSWORD);
	else if (isatty(STDIN_FILENO) && (!read_line("Again: ", again) || strcmp(line, again) != 0))
		status = nrm_cli_fail("the two are not the same");
	else if (nrm_credentials_set(o->file, nrm_slice_str(o->name), nrm_slice_str(line), error) !=
		 NRM_OK)
		status = nrm_cli_fail("%s", error);
	nrm_wipe(line, sizeof(line));
	nrm_wipe(again, sizeof(again));
	return status;
}

int nrm_audit_cmd_password(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"credentials", OPTION_CREDENTIALS, "FILE", 0,
		 "the file of `nrm audit serve --credentials`; made when it is not there", 0},
		{0},
	};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.args_doc = "NAME",
		.doc = "Sets somebody's password for the auditor's page. It is asked for on the "
		       "terminal, or read as one line from standard input. A page that is served "
		       "takes it over when it is started again."};
	struct options options = {.name = NULL};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return set(&options);
}
