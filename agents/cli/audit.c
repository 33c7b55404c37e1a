/*
 * nrm audit verify|show: checks the trail in a broker's data folder, or tells what happened. It works in a child
 * process, because reading a file that was cut short can end a process with a signal.
 */
#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/auditor/story.h"
#include "agents/auditor/verify.h"
#include "agents/cli/cli.h"
#include "proto/base/hex.h"
#include "proto/directory/identity.h"

struct options {
	const char *trail;
	const char *authority;
	bool json, case_ids;
};

enum { OPTION_CASE_IDS = 256 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 't':
		options->trail = arg;
		return 0;
	case 'a':
		options->authority = arg;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case OPTION_CASE_IDS:
		options->case_ids = true;
		return 0;
	case ARGP_KEY_END:
		if (!options->trail)
			argp_error(
				state,
				"--trail PATH is needed: the broker's data folder or a copy of it");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What is read: the store, and the case keys when they are there. */
struct trail {
	struct nrm_store *store;
	struct nrm_case_keys *keys;
};

static void trail_close(struct trail *trail)
{
	nrm_case_keys_close(trail->keys);
	nrm_store_close(trail->store);
}

static int trail_open(const char *folder, struct trail *trail)
{
	const struct nrm_store_options options = {
		.tables = nrm_broker_tables, .n_tables = NRM_BROKER_TABLES, .read_only = true};
	char path[4096];
	enum nrm_err err;

	snprintf(path, sizeof(path), "%s/" NRM_BROKER_STORE, folder);
	err = nrm_store_open(path, &options, &trail->store);
	if (err != NRM_OK)
		return nrm_cli_fail("%s: could not check: %s", path, nrm_err_text(err));
	snprintf(path, sizeof(path), "%s/" NRM_BROKER_CASE_KEYS, folder);
	err = access(path, F_OK) == 0 ? nrm_case_keys_open(path, true, &trail->keys) : NRM_OK;
	if (err != NRM_OK) {
		trail_close(trail);
		return nrm_cli_fail("%s: could not check: %s", path, nrm_err_text(err));
	}
	return 0;
}

static void print_fault(const struct nrm_audit_fault *fault)
{
	printf("does not verify: ");
	if (fault->leaf == NRM_NO_LEAF)
		printf("%s\n", fault->what);
	else if (fault->leaves == 1)
		printf("leaf %" PRIu64 ": %s\n", fault->leaf, fault->what);
	else
		printf("leaves %" PRIu64 " to %" PRIu64 ": %s\n", fault->leaf + 1 - fault->leaves,
		       fault->leaf, fault->what);
	if (fault->expected[0])
		printf("  expected %s\n  found    %s\n", fault->expected, fault->found);
}

static void print_report(const struct nrm_audit_report *r)
{
	char root[2 * NRM_HASH_LEN + 1];

	printf("%" PRIu64 " leaves; %" PRIu64 " records in clear\n", r->leaves, r->clear);
	if (r->cases || r->closed)
		printf("%" PRIu64 " records of %" PRIu64 " cases opened; %" PRIu64
		       " of forgotten cases stay closed%s\n",
		       r->opened, r->cases, r->closed,
		       r->complete || r->fault.what
			       ? ""
			       : ", too many to look for leaves left out of a case");
	else
		printf("no record of a case was opened: no case keys at hand, or no case\n");
	if (r->signer[0])
		printf("checkpoint of %" PRIu64 " leaves, signed by %s; %" PRIu64
		       " leaves came after it\n",
		       r->checkpoint.size, r->signer,
		       r->leaves > r->checkpoint.size ? r->leaves - r->checkpoint.size : 0);
	printf("directory version %" PRIu64 " names the key: %s\n", r->directory_version,
	       r->authorised ? "signed by the authority given"
			     : "NOT checked, it comes from this folder; give --authority");
	if (r->fault.what) {
		print_fault(&r->fault);
		return;
	}
	nrm_hex(r->root.bytes, NRM_HASH_LEN, root);
	printf("root %s\nverifies\n", root);
}

static void print_report_json(const struct nrm_audit_report *r)
{
	char root[2 * NRM_HASH_LEN + 1];
	json_t *o = json_pack("{s:b, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:b}", "verifies",
			      !r->fault.what, "leaves", (json_int_t)r->leaves, "authorised",
			      r->authorised, "directory_version", (json_int_t)r->directory_version,
			      "clear", (json_int_t)r->clear, "opened", (json_int_t)r->opened,
			      "closed", (json_int_t)r->closed, "cases", (json_int_t)r->cases,
			      "complete", r->complete);

	if (r->signer[0])
		json_object_set_new(o, "checkpoint",
				    json_pack("{s:s, s:I}", "signer", r->signer, "size",
					      (json_int_t)r->checkpoint.size));
	if (r->fault.what) {
		json_t *fault = json_pack("{s:s, s:s, s:s}", "what", r->fault.what, "expected",
					  r->fault.expected, "found", r->fault.found);
		if (r->fault.leaf != NRM_NO_LEAF)
			json_object_set_new(fault, "leaf", json_integer((json_int_t)r->fault.leaf));
		json_object_set_new(o, "fault", fault);
	} else {
		nrm_hex(r->root.bytes, NRM_HASH_LEN, root);
		json_object_set_new(o, "root", json_string(root));
	}
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static int verify(const struct trail *trail, const struct options *options)
{
	struct nrm_audit_report report;
	uint8_t authority[NRM_KEY_LEN];
	char error[NRM_YAML_ERROR_LEN];

	if (options->authority &&
	    nrm_authority_public(options->authority, authority, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	enum nrm_err err = nrm_audit_verify(trail->store, trail->keys,
					    options->authority ? authority : NULL, &report);
	if (err == NRM_ERR_NOT_FOUND)
		return nrm_cli_fail(
			"could not check: there is no directory or no signed checkpoint yet");
	if (err != NRM_OK)
		return nrm_cli_fail("could not check: %s", nrm_err_text(err));
	(options->json ? print_report_json : print_report)(&report);
	return report.fault.what ? 1 : 0;
}

static int show(const struct trail *trail, const struct options *options)
{
	const struct nrm_story_options story = {.json = options->json,
						.case_ids = options->case_ids};
	enum nrm_err err = nrm_story(trail->store, trail->keys, &story, stdout);

	return err == NRM_OK ? 0 : nrm_cli_fail("could not read the trail: %s", nrm_err_text(err));
}

/* Does the work in a child. A signal there means that the files do not hold what they should. */
static int in_child(int (*work)(const struct trail *, const struct options *),
		    const struct options *options)
{
	struct trail trail = {0};
	int status;

	fflush(NULL);
	pid_t child = fork();
	if (child < 0)
		return nrm_cli_fail("could not check: no new process");
	if (child == 0) {
		prctl(PR_SET_DUMPABLE, 0); /* case keys stay out of core files */
		signal(SIGBUS, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		status = trail_open(options->trail, &trail);
		if (status == 0) {
			status = work(&trail, options);
			trail_close(&trail);
		}
		if (fflush(stdout) != 0)
			status = 2;
		_exit(status);
	}
	if (waitpid(child, &status, 0) != child)
		return nrm_cli_fail("could not check: lost the process that reads");
	if (WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGPIPE) /* whoever read the answer has read enough */
		return 0;
	if (WIFSIGNALED(status))
		return nrm_cli_fail("%s: could not check: reading ended with signal %d (%s): a "
				    "file is cut short or "
				    "damaged",
				    options->trail, WTERMSIG(status), strsignal(WTERMSIG(status)));
	return WEXITSTATUS(status);
}

static const struct argp_option verify_options[] = {
	{"trail", 't', "PATH", 0, "the broker's data folder, live or copied", 0},
	{"authority", 'a', "HEX|FILE", 0,
	 "the national authority's public key, to check who named the trail's key", 0},
	{"json", 'j', NULL, 0, "one JSON object", 0},
	{0},
};

static const struct argp_option show_options[] = {
	{"trail", 't', "PATH", 0, "the broker's data folder, live or copied", 0},
	{"json", 'j', NULL, 0, "one JSON object a leaf", 0},
	{"case-ids", OPTION_CASE_IDS, NULL, 0, "show case ids in clear", 0},
	{0},
};

static int run(const struct argp *argp, int (*work)(const struct trail *, const struct options *),
	       int argc, char **argv)
{
	struct options options = {0};

	argp_err_exit_status = 2;
	if (argp_parse(argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return in_child(work, &options);
}

static int audit_verify(int argc, char **argv)
{
	static const struct argp argp = {verify_options,
					 parse,
					 NULL,
					 "Recomputes the whole trail and compares it with its "
					 "signed checkpoint and, with the case keys at hand, "
					 "with the records.\vExit status: 0 it verifies, 1 it does "
					 "not, 2 it could not be checked.",
					 NULL,
					 NULL,
					 NULL};

	return run(&argp, verify, argc, argv);
}

static int audit_show(int argc, char **argv)
{
	static const struct argp argp = {show_options,
					 parse,
					 NULL,
					 "Tells what happened, leaf by leaf: who dealt with whom "
					 "about which service and, with the case keys at hand, "
					 "what oversight may know. Never a field's value.",
					 NULL,
					 NULL,
					 NULL};

	return run(&argp, show, argc, argv);
}

int nrm_cmd_audit(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"verify", "check the trail", audit_verify},
		{"show", "tell what happened", audit_show},
		{NULL, NULL, NULL},
	};

	return nrm_cli_dispatch(commands, argc, argv);
}
