/* nrm audit prove LEAF: a proof of one leaf that stands alone. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/auditor/proof.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/file.h"

struct options {
	struct nrm_audit_source source;
	struct nrm_audit_belief belief;
	const char *leaf_text, *out;
	uint64_t leaf;
};

static void set_leaf(struct options *o, const char *text, struct argp_state *state)
{
	char *end;

	if (o->leaf_text)
		argp_error(state, "one leaf is expected");
	o->leaf_text = text;
	errno = 0;
	o->leaf = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		argp_error(state, "%s: expected the number of a leaf", text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		o->source.export_too = true;
		state->child_inputs[0] = &o->source;
		state->child_inputs[1] = &o->belief;
		return 0;
	case 'o':
		o->out = arg;
		return 0;
	case ARGP_KEY_ARG:
		set_leaf(o, arg, state);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "the number of a leaf is expected");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int write_out(const struct options *o, const struct nrm_buf *file)
{
	if (!o->out)
		return fwrite(file->data, 1, file->len, stdout) == file->len ? 0 : 2;
	if (nrm_file_replace(o->out, 0644, nrm_buf_slice(file)) != NRM_OK)
		return nrm_cli_fail("%s: could not be written", o->out);
	return 0;
}

static int prove(void *context)
{
	const struct options *o = context;
	const char *where = o->source.export ? o->source.export : o->source.trail;
	const struct nrm_audit_belief *b = &o->belief;
	struct nrm_prove_report report;
	struct nrm_buf file = {0};
	enum nrm_err err = o->source.export
				   ? nrm_audit_prove_export(o->source.export, o->leaf, b->key,
							    b->n_keys, &file, &report)
				   : nrm_audit_prove(o->source.store, o->leaf, b->key, b->n_keys,
						     &file, &report);
	int status;

	if (err == NRM_ERR_ARGUMENT)
		status = nrm_cli_fail("leaf %" PRIu64
				      " is not under the signed checkpoint, which has "
				      "%" PRIu64 " leaves",
				      o->leaf, report.head.checkpoint.size);
	else if (err == NRM_ERR_NOT_FOUND)
		status = nrm_cli_fail("%s: could not prove: there is no checkpoint, or no key to "
				      "check it with",
				      where);
	else if (err != NRM_OK)
		status = nrm_cli_fail("%s: could not prove: %s", where, nrm_err_text(err));
	else if (report.fault.what)
		status = nrm_audit_print_fault("not proved, the trail does not verify",
					       &report.fault);
	else
		status = write_out(o, &file);
	nrm_buf_done(&file);
	return status;
}

int nrm_audit_cmd_prove(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"out", 'o', "FILE", 0, "write it here, not to standard output (*.tlog-proof)", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {&nrm_audit_belief_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {.options = own,
					 .parser = parse,
					 .args_doc = "LEAF",
					 .doc = "Writes a proof that a leaf is in the trail, which "
						"anybody can check offline and "
						"years later with the trail's key (C2SP "
						"tlog-proof). `nrm audit show` has the "
						"numbers of leaves.",
					 .children = children};
	struct options options = {.leaf = 0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return nrm_audit_run(&options.source, prove, &options);
}
