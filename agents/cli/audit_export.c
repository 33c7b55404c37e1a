/* nrm audit export DIR: the trail as a plain folder that anybody can verify. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agents/auditor/export.h"
#include "agents/auditor/stamp.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"

struct options {
	struct nrm_audit_source source;
	struct nrm_audit_belief belief;
	const char *folder;
	bool views;
};

enum { OPTION_VIEWS = NRM_AUDIT_OPTION };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->source;
		state->child_inputs[1] = &o->belief;
		return 0;
	case OPTION_VIEWS:
		o->views = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->folder)
			argp_error(state, "one folder is expected");
		o->folder = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "the folder to export to is expected");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int could_not(const struct options *o, enum nrm_err err)
{
	switch (err) {
	case NRM_ERR_NOT_FOUND:
		return nrm_cli_fail("%s: there is no directory or no signed checkpoint yet",
				    o->source.trail);
	case NRM_ERR_AGAIN:
		return nrm_cli_fail("%s: another export is writing to it", o->folder);
	case NRM_ERR_EXISTS:
		return nrm_cli_fail(
			"%s/views: the folder has oversight's views: give --views, which "
			"takes out those of cases forgotten since, or remove them",
			o->folder);
	case NRM_ERR_ARGUMENT:
		return nrm_cli_fail("--views needs the case keys: who may not open records cannot "
				    "export them");
	default:
		return nrm_cli_fail("%s: could not export: %s", o->folder, nrm_err_text(err));
	}
}

/* Those beside the trail. */
static enum nrm_err copy_stamps(const struct options *o)
{
	struct nrm_folder from = {-1}, to = {-1};
	uint64_t copied;
	enum nrm_err err = nrm_folder_open(o->source.trail, false, &from);

	if (err == NRM_OK)
		err = nrm_folder_open(o->folder, false, &to);
	if (err == NRM_OK)
		err = nrm_audit_copy_stamps(&from, &to, &copied);
	nrm_folder_close(&from);
	nrm_folder_close(&to);
	return err;
}

static int export(void *context)
{
	const struct options *o = context;
	const struct nrm_export_options asked = {.given = o->belief.key,
						 .n_given = o->belief.n_keys,
						 .views = o->views,
						 .progress = nrm_audit_bar()};
	struct nrm_export_report r;
	const enum nrm_err err =
		nrm_audit_export(o->source.store, o->source.keys, o->folder, &asked, &r);

	nrm_progress_clear(asked.progress);
	if (err != NRM_OK)
		return could_not(o, err);
	if (r.fault.what)
		return nrm_audit_print_fault("not exported, the trail does not verify", &r.fault);
	if (copy_stamps(o) != NRM_OK)
		return nrm_cli_fail("%s: the timestamps could not be copied", o->folder);
	printf("%s: %" PRIu64 " leaves, %" PRIu64 " of them new; %" PRIu64
	       " more await a signed checkpoint\n",
	       o->folder, r.leaves, r.leaves - r.before, r.after);
	if (o->views)
		printf("views of %" PRIu64 " leaves, without %" PRIu64
		       " of forgotten cases: guard this folder like the case keys\n",
		       r.views, r.closed);
	return 0;
}

int nrm_audit_cmd_export(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"views", OPTION_VIEWS, NULL, 0,
		 "add what oversight may know of each leaf (needs the case keys); forgetting a "
		 "case "
		 "does not reach this copy until it is exported again",
		 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {&nrm_audit_belief_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.args_doc = "DIR",
		.doc = "Writes the trail up to its signed checkpoint into a plain folder (C2SP "
		       "tlog-tiles), beside the running broker. A second export into the same "
		       "folder "
		       "only adds; one that is interrupted leaves the folder as valid as it was.",
		.children = children};
	struct options options = {.views = false};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return nrm_audit_run(&options.source, export, &options);
}
