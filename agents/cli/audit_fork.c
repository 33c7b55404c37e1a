/* nrm audit check-fork FILE: an agency's alarm, offline, and beside a trail where one is at hand. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agents/auditor/fork.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/hex.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"
#include "proto/wire/directory_wire.h"

struct options {
	struct nrm_audit_source source;
	struct nrm_audit_belief belief;
	const char *alarm, *directory;
};

enum { OPTION_DIRECTORY = NRM_AUDIT_OPTION };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		o->source.export_too = o->source.optional = true;
		o->source.without_keys = true;
		state->child_inputs[0] = &o->source;
		state->child_inputs[1] = &o->belief;
		return 0;
	case OPTION_DIRECTORY:
		o->directory = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->alarm)
			argp_error(state, "one alarm file is expected");
		o->alarm = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->alarm)
			argp_error(state, "an alarm file is expected, or - for standard input");
		if (!o->directory || !o->belief.authority_text)
			argp_error(state,
				   "--directory FILE and --authority HEX|FILE are needed: they "
				   "name the agency's key and the trail's");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_head(const char *when, const struct nrm_head *head, enum nrm_fork_place place)
{
	static const char *const places[] = {"", "; the trail at hand has it",
					     "; the trail at hand has ANOTHER root there",
					     "; the trail at hand is shorter"};
	char root[2 * NRM_HASH_LEN + 1];

	nrm_hex(head->checkpoint.root.bytes, NRM_HASH_LEN, root);
	printf("%s %" PRIu64 " leaves, root %s, signed by %s%s\n", when, head->checkpoint.size,
	       root, head->signer, places[place]);
}

static int print_report(const struct nrm_fork_report *r)
{
	char time[NRM_TIME_TEXT_LEN + 1];

	if (r->fault.what)
		return nrm_audit_print_fault("does not verify", &r->fault);
	nrm_time_format(r->time_ms, time);
	printf("alarm of %s, %s, signed by it: %s\n", r->reporter, time, nrm_alarm_text(r->kind));
	print_head("first seen:", &r->kept, r->kept_at);
	print_head("then seen: ", &r->shown, r->shown_at);
	if (r->forked) {
		puts("FORK: the trail's key signed two trees that do not agree");
		return 0;
	}
	if (r->kept_at == NRM_FORK_UNKNOWN)
		puts("two heads of different sizes show no fork by themselves: compare them with "
		     "the "
		     "trail, --trail PATH or --export DIR");
	else if (r->kept_at == NRM_FORK_BEYOND || r->shown_at == NRM_FORK_BEYOND)
		puts("the trail at hand lacks leaves that were signed: it was cut, or set back to "
		     "an "
		     "older copy, or is an older export");
	else
		puts("the trail at hand has both heads: no fork is shown; an old head was shown "
		     "anew");
	return 1;
}

static int read_directory(struct options *o, struct nrm_directory **ret_directory,
			  struct nrm_trust *trust)
{
	struct nrm_buf bytes = {0};
	const uint8_t *authority;
	char why[256];
	int status = nrm_audit_authority(&o->belief, &authority);

	if (status == 0)
		status =
			nrm_audit_read_file(o->directory, NRM_MAX_DIRECTORY + NRM_MAX_HEAD, &bytes);
	if (status == 0 &&
	    nrm_directory_read(o->directory, authority, ret_directory, why) != NRM_OK)
		status = nrm_cli_fail("could not check: %s", why);
	if (status == 0) {
		enum nrm_err err = nrm_trust_make(trust, nrm_buf_slice(&bytes), authority,
						  o->belief.key, o->belief.n_keys);
		if (err != NRM_OK) {
			nrm_directory_free(*ret_directory);
			status = nrm_cli_fail("%s: could not check: %s", o->directory,
					      nrm_err_text(err));
		}
	}
	nrm_buf_done(&bytes);
	return status;
}

static int check(void *context)
{
	struct options *o = context;
	struct nrm_directory *directory;
	struct nrm_fork_report report;
	struct nrm_buf file = {0};
	struct nrm_trust trust;
	int status = read_directory(o, &directory, &trust);

	if (status)
		return status;
	status = nrm_audit_read_file(o->alarm, NRM_MAX_ALARM, &file);
	if (status == 0) {
		enum nrm_err err = nrm_audit_check_fork(nrm_buf_slice(&file), directory, &trust,
							o->source.store, o->source.export, &report);
		status = err == NRM_OK ? print_report(&report)
				       : nrm_cli_fail("%s: could not check: %s", o->alarm,
						      err == NRM_ERR_FORMAT ? "the file is no alarm"
									    : nrm_err_text(err));
	}
	nrm_buf_done(&file);
	nrm_trust_done(&trust);
	nrm_directory_free(directory);
	return status;
}

int nrm_audit_cmd_fork(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"directory", OPTION_DIRECTORY, "FILE", 0,
		 "the signed directory: it names the agency's key and the trail's", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {&nrm_audit_belief_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.args_doc = "ALARM-FILE",
		.doc = "Checks an alarm that `nrm alarm export` wrote at an agency: needs no "
		       "network and "
		       "no broker. With a trail at hand it is told which of the two heads is that "
		       "trail's.\vExit status: 0 a fork is shown, 1 the file shows none or does "
		       "not "
		       "verify, 2 it could not be checked.",
		.children = children};
	struct options options = {.alarm = NULL};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return nrm_audit_run(&options.source, check, &options);
}
