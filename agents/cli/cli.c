#include "agents/cli/cli.h"

#include <argp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int nrm_cli_fail(const char *format, ...)
{
	va_list ap;

	fputs("nrm: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 2;
}

static void list(const struct nrm_command *table, const char *program, FILE *out)
{
	fprintf(out, "Usage: %s COMMAND [OPTION...]\n\n", program);
	for (; table->name; table++)
		fprintf(out, "  %-10s %s\n", table->name, table->summary);
	fprintf(out, "\n%s COMMAND --help tells more.\n", program);
}

int nrm_cli_dispatch(const struct nrm_command *table, int argc, char **argv)
{
	char name[64];

	argp_err_exit_status = 2;
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)) {
		list(table, argv[0], stdout);
		return 0;
	}
	for (const struct nrm_command *c = table; argc > 1 && c->name; c++) {
		if (strcmp(argv[1], c->name) != 0)
			continue;
		snprintf(name, sizeof(name), "%s %s", argv[0], c->name);
		argv[1] = name;
		return c->run(argc - 1, argv + 1);
	}
	if (argc > 1)
		fprintf(stderr, "%s: there is no command \"%s\"\n\n", argv[0], argv[1]);
	list(table, argv[0], stderr);
	return 2;
}
