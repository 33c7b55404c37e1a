#include "agents/cli/audit_source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/cli/cli.h"
#include "proto/base/time.h"
#include "proto/directory/identity.h"
#include "proto/trail/trail.h"

enum {
	OPTION_EXPORT = 300,
	OPTION_KEYS,
	OPTION_WITHOUT_KEYS,
	OPTION_KEY,
	OPTION_WITNESS,
	OPTION_QUORUM
};

/* --- options --- */

static error_t parse_source(int key, char *arg, struct argp_state *state)
{
	struct nrm_audit_source *source = state->input;

	switch (key) {
	case 't':
		source->trail = arg;
		return 0;
	case OPTION_EXPORT:
		if (!source->export_too)
			argp_error(state,
				   "this command reads a broker's data folder: --trail PATH");
		source->export = arg;
		return 0;
	case OPTION_KEYS:
		source->keys_file = arg;
		return 0;
	case OPTION_WITHOUT_KEYS:
		source->without_keys = true;
		return 0;
	case ARGP_KEY_END:
		if (source->optional ? source->trail && source->export
				     : !source->trail == !source->export)
			argp_error(state,
				   source->export_too
					   ? "one of --trail PATH and --export DIR is needed"
					   : "--trail PATH is needed: the broker's data folder or "
					     "a copy of it");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option source_options[] = {
	{"trail", 't', "PATH", 0, "the broker's data folder, live or copied", 1},
	{"export", OPTION_EXPORT, "DIR", 0, "an export, where the command reads one", 1},
	{"keys", OPTION_KEYS, "FILE", 0,
	 "the case keys, when they are not beside the trail (PATH/" NRM_BROKER_CASE_KEYS ")", 1},
	{"without-keys", OPTION_WITHOUT_KEYS, NULL, 0, "only what leaves say: no record is opened",
	 1},
	{0},
};
const struct argp nrm_audit_source_argp = {.options = source_options, .parser = parse_source};

static void add_key(struct nrm_audit_belief *belief, const char *text, uint8_t type,
		    struct argp_state *state)
{
	struct nrm_note_key key;

	if (nrm_note_key_parse(nrm_slice_str(text), &key) != NRM_OK || key.type != type)
		argp_error(state, "%s: expected a verifier key of a %s: name+id+base64", text,
			   type == NRM_NOTE_LOG ? "trail" : "witness");
	else if (belief->n_keys == NRM_MAX_GIVEN_KEYS)
		argp_error(state, "at most %d keys can be given", NRM_MAX_GIVEN_KEYS);
	else
		belief->key[belief->n_keys++] = key;
}

static error_t parse_belief(int key, char *arg, struct argp_state *state)
{
	struct nrm_audit_belief *belief = state->input;
	char *end;

	switch (key) {
	case 'a':
		belief->authority_text = arg;
		return 0;
	case OPTION_KEY:
		add_key(belief, arg, NRM_NOTE_LOG, state);
		return 0;
	case OPTION_WITNESS:
		add_key(belief, arg, NRM_NOTE_WITNESS, state);
		return 0;
	case OPTION_QUORUM:
		belief->quorum = (uint32_t)strtoul(arg, &end, 10);
		if (*arg < '0' || *arg > '9' || *end)
			argp_error(state, "--quorum: expected a number, found \"%s\"", arg);
		belief->quorum_given = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option belief_options[] = {
	{"authority", 'a', "HEX|FILE", 0,
	 "the national authority's public key, to check who named the trail's key", 2},
	{"key", OPTION_KEY, "VERIFIER-KEY", 0,
	 "the trail's key, in place of those that the directory names; may be repeated", 2},
	{"witness", OPTION_WITNESS, "VERIFIER-KEY", 0,
	 "a witness's key, in place of those of the directory's agencies; may be repeated", 2},
	{"quorum", OPTION_QUORUM, "N", 0, "witnesses that must vouch for the checkpoint", 2},
	{0},
};
const struct argp nrm_audit_belief_argp = {.options = belief_options, .parser = parse_belief};

int nrm_audit_authority(struct nrm_audit_belief *belief, const uint8_t **ret_authority)
{
	char error[NRM_YAML_ERROR_LEN];

	*ret_authority = NULL;
	if (!belief->authority_text)
		return 0;
	if (nrm_authority_public(belief->authority_text, belief->authority, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	*ret_authority = belief->authority;
	return 0;
}

/* --- the process that reads --- */

static void source_close(struct nrm_audit_source *source)
{
	nrm_case_keys_close(source->keys);
	nrm_store_close(source->store);
}

static int open_keys(struct nrm_audit_source *source)
{
	char path[4096];

	if (source->without_keys)
		return 0;
	snprintf(path, sizeof(path), "%s/" NRM_BROKER_CASE_KEYS, source->trail);
	if (!source->keys_file && access(path, F_OK) != 0)
		return 0;
	const char *file = source->keys_file ? source->keys_file : path;
	enum nrm_err err = nrm_case_keys_open(file, true, &source->keys);
	return err == NRM_OK ? 0 : nrm_cli_fail("%s: could not check: %s", file, nrm_err_text(err));
}

static int source_open(struct nrm_audit_source *source)
{
	const struct nrm_store_options options = {.tables = nrm_broker_tables,
						  .n_tables = NRM_BROKER_TABLES,
						  .n_later = NRM_BROKER_LATER,
						  .read_only = true};
	char path[4096];

	if (!source->trail)
		return 0;
	snprintf(path, sizeof(path), "%s/" NRM_BROKER_STORE, source->trail);
	enum nrm_err err = nrm_store_open(path, &options, &source->store);
	if (err != NRM_OK)
		return nrm_cli_fail("%s: could not check: %s", path, nrm_err_text(err));
	return open_keys(source);
}

static int read_in_child(struct nrm_audit_source *source, int (*work)(void *context), void *context)
{
	prctl(PR_SET_DUMPABLE, 0); /* case keys stay out of core files */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGINT, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	int status = source_open(source);
	if (status == 0)
		status = work(context);
	source_close(source);
	nrm_progress_clear(nrm_audit_bar());
	return fflush(stdout) == 0 ? status : 2;
}

static volatile pid_t reading; /* the child, while it works */

/* What is interrupted is the work, which ends in its own way. */
static void pass_on(int signal_number)
{
	if (reading > 0)
		kill(reading, signal_number);
}

int nrm_audit_run(struct nrm_audit_source *source, int (*work)(void *context), void *context)
{
	const struct sigaction forward = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	struct sigaction before;
	int status;

	fflush(NULL);
	sigaction(SIGINT, &forward, &before);
	reading = fork();
	if (reading < 0)
		return nrm_cli_fail("could not check: no new process");
	if (reading == 0)
		_exit(read_in_child(source, work, context));
	while (waitpid(reading, &status, 0) != reading)
		if (errno != EINTR)
			return nrm_cli_fail("could not check: lost the process that reads");
	reading = 0;
	sigaction(SIGINT, &before, NULL);
	if (WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGPIPE) /* whoever read the answer has read enough */
		return 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		return nrm_cli_fail("interrupted");
	if (WIFSIGNALED(status))
		return nrm_cli_fail("%s: could not check: reading ended with signal %d (%s): a "
				    "file is cut short or damaged",
				    source->trail ? source->trail : source->export,
				    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return WEXITSTATUS(status);
}

/* --- showing --- */

static void tell(void *context, const char *what, uint64_t done, uint64_t of)
{
	static const char full[] = "##############################";
	static uint64_t last_ms;
	static bool shown;
	const uint64_t now = nrm_time_monotonic_ms();

	(void)context;
	if (!what) {
		if (shown)
			fputs("\r\033[K", stderr);
		shown = false;
		return;
	}
	if (now < last_ms + 100) /* ten times a second at most */
		return;
	last_ms = now;
	shown = true;
	const int width = (int)sizeof(full) - 1;
	const int part = of ? (int)((double)done / (double)of * width) : width;
	fprintf(stderr, "\r\033[K%s  [%-*.*s] %3d%%  %" PRIu64 " of %" PRIu64, what, width, part,
		full, of ? (int)((double)done / (double)of * 100) : 100, done, of);
	fflush(stderr);
}

const struct nrm_audit_progress *nrm_audit_bar(void)
{
	static const struct nrm_audit_progress bar = {tell, NULL};

	return isatty(2) ? &bar : NULL;
}

int nrm_audit_print_fault(const char *answer, const struct nrm_audit_fault *fault)
{
	nrm_progress_clear(nrm_audit_bar());
	printf("%s: ", answer);
	if (fault->file[0])
		printf("%s: ", fault->file);
	if (fault->leaf == NRM_NO_LEAF)
		printf("%s\n", fault->what);
	else if (fault->leaves == 1)
		printf("leaf %" PRIu64 ": %s\n", fault->leaf, fault->what);
	else
		printf("leaves %" PRIu64 " to %" PRIu64 ": %s\n", fault->leaf + 1 - fault->leaves,
		       fault->leaf, fault->what);
	if (fault->expected[0])
		printf("  expected %s\n  found    %s\n", fault->expected, fault->found);
	return 1;
}

int nrm_audit_read_file(const char *path, size_t most, struct nrm_buf *out)
{
	const bool in = strcmp(path, "-") == 0;
	int fd = in ? 0 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && out->len <= most) {
		uint8_t *room = nrm_buf_grow(out, 4096);
		if (!room)
			break;
		do {
			n = read(fd, room, 4096);
		} while (n < 0 && errno == EINTR);
		out->len -= 4096 - (size_t)(n > 0 ? n : 0);
	}
	const int why = errno;
	if (fd > 0)
		close(fd);
	if (fd < 0 || n < 0)
		return nrm_cli_fail("%s: could not read: %s", path, strerror(why));
	if (out->err != NRM_OK)
		return nrm_cli_fail("%s: could not read: %s", path, nrm_err_text(out->err));
	return out->len <= most
		       ? 0
		       : nrm_cli_fail("%s: expected at most %zu bytes, found more", path, most);
}
