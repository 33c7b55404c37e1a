/* nrm audit stamp: has the head of the trail stamped by a timestamping authority (RFC 3161). A timer's job, once a day. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/auditor/stamp.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"
#include "proto/trail/trail.h"

#define PATIENCE 20u /* seconds */

struct options {
	struct nrm_audit_source source;
	const char *url, *ca;
	unsigned seconds;
};

enum { OPTION_TSA = NRM_AUDIT_OPTION, OPTION_CA, OPTION_TIMEOUT };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	char *end;

	switch (key) {
	case ARGP_KEY_INIT:
		o->source.export_too = o->source.without_keys = true;
		o->seconds = PATIENCE;
		state->child_inputs[0] = &o->source;
		return 0;
	case OPTION_TSA:
		o->url = arg;
		return 0;
	case OPTION_CA:
		o->ca = arg;
		return 0;
	case OPTION_TIMEOUT:
		o->seconds = (unsigned)strtoul(arg, &end, 10);
		if (*end || *arg < '0' || *arg > '9' || o->seconds == 0 || o->seconds > 3600)
			argp_error(state, "--timeout: expected 1 to 3600 seconds");
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are expected");
		return EINVAL;
	case ARGP_KEY_END:
		if (!o->url)
			argp_error(state, "--tsa URL is needed: the authority");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The last signed checkpoint. */
static enum nrm_err read_note(const struct options *o, const struct nrm_folder *folder,
			      struct nrm_buf *out)
{
	struct nrm_slice note;
	struct nrm_txn *txn;

	if (!o->source.store)
		return nrm_folder_read(folder, NRM_EXPORT_CHECKPOINT, NRM_MAX_NOTE, out);
	enum nrm_err err = nrm_txn_begin(o->source.store, false, &txn);
	if (err != NRM_OK)
		return err;
	err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note);
	if (err == NRM_OK) {
		nrm_buf_put(out, note.data, note.len);
		err = out->err;
	}
	nrm_txn_abort(txn);
	return err;
}

static int stamp(void *context)
{
	const struct options *o = context;
	const char *where = o->source.trail ? o->source.trail : o->source.export;
	char why[NRM_TIMESTAMP_WHY_LEN], time[NRM_TIME_TEXT_LEN + 1];
	struct nrm_folder folder = {-1};
	struct nrm_buf note = {0};
	struct nrm_stamp made;
	int status = 0;

	enum nrm_err err = nrm_folder_open(where, false, &folder);
	if (err == NRM_OK)
		err = read_note(o, &folder, &note);
	if (err != NRM_OK) {
		status = nrm_cli_fail("%s: could not be stamped: %s", where,
				      err == NRM_ERR_NOT_FOUND ? "no signed checkpoint yet"
							       : nrm_err_text(err));
	} else if (nrm_audit_stamp(&folder, nrm_buf_slice(&note), o->url, o->seconds, o->ca, &made,
				   why) != NRM_OK) {
		status = nrm_cli_fail("%s: could not be stamped: %s: %s", where, o->url, why);
	} else {
		nrm_time_format(made.time_ms, time);
		printf("%s/" NRM_EXPORT_TIMESTAMPS "/%" PRIu64 ".tsr: the head of %" PRIu64
		       " leaves was %s at %s\n",
		       where, made.size, made.size, made.there ? "stamped already" : "stamped",
		       time);
	}
	nrm_folder_close(&folder);
	nrm_buf_done(&note);
	return status;
}

int nrm_audit_cmd_stamp(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"tsa", OPTION_TSA, "URL", 0, "the authority: http://HOST[:PORT]/PATH", 0},
		{"tsa-ca", OPTION_CA, "FILE", 0,
		 "certificates (PEM) that must vouch for it, else nothing is kept", 0},
		{"timeout", OPTION_TIMEOUT, "SECONDS", 0, "wait this long for it (default: 20)", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {.options = own,
					 .parser = parse,
					 .doc = "Has the last signed checkpoint stamped (RFC 3161) "
						"and keeps note and timestamp in "
						"timestamps/ beside the trail or in the export. "
						"Run it from a timer once a day, "
						"and whenever it is wanted; the broker takes no "
						"part in it and waits for nothing. "
						"The authority is told a digest and nothing "
						"else.\vExit status: 0 it is stamped, "
						"2 it could not be: run it again later.",
					 .children = children};
	struct options options = {.url = NULL};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return nrm_audit_run(&options.source, stamp, &options);
}
