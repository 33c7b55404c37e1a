/* nrm audit verify: a broker's store or an export, whole or from a remembered checkpoint. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "agents/auditor/verify.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/file.h"
#include "proto/base/hex.h"
#include "proto/base/time.h"

struct options {
	struct nrm_audit_source source;
	struct nrm_audit_belief belief;
	const char *since, *remember, *tsa_ca;
	bool signatures, witnesses, json;
	struct nrm_buf vouchers; /* of a verification that has been made */
};

enum {
	OPTION_SINCE = NRM_AUDIT_OPTION,
	OPTION_REMEMBER,
	OPTION_SIGNATURES,
	OPTION_WITNESSES,
	OPTION_TSA_CA
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		o->source.export_too = true;
		state->child_inputs[0] = &o->source;
		state->child_inputs[1] = &o->belief;
		return 0;
	case OPTION_SINCE:
		o->since = arg;
		return 0;
	case OPTION_REMEMBER:
		o->remember = arg;
		return 0;
	case OPTION_SIGNATURES:
		o->signatures = true;
		return 0;
	case OPTION_TSA_CA:
		o->tsa_ca = arg;
		return 0;
	case OPTION_WITNESSES:
		o->witnesses = true;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_END:
		if (o->signatures && (o->source.export || o->source.without_keys))
			argp_error(state, "--signatures needs --trail and the case keys: what was "
					  "signed is in the records");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_records(const struct nrm_audit_report *r, bool of_export)
{
	if (of_export && !r->views) {
		printf("no views: what oversight may know was not exported\n");
		return;
	}
	if (!of_export)
		printf("%" PRIu64 " records in clear\n", r->clear);
	if (of_export)
		printf("%" PRIu64 " views match their leaves; %" PRIu64
		       " leaves of forgotten cases have none\n",
		       r->clear + r->opened, r->closed);
	else if (r->cases || r->closed)
		printf("%" PRIu64 " records of %" PRIu64 " cases opened; %" PRIu64
		       " of forgotten cases stay closed%s\n",
		       r->opened, r->cases, r->closed,
		       r->complete || r->fault.what
			       ? ""
			       : ", too many to look for leaves left out of a case");
	else
		printf("no record of a case was opened: no case keys at hand, or no case\n");
}

static void print_signatures(const struct nrm_audit_report *r)
{
	const struct nrm_audit_signatures *s = &r->signatures;

	printf("signatures: %" PRIu64 " statements by their senders and %" PRIu64
	       " acknowledgements by their recipients verify; %" PRIu64
	       " leaves are the broker's own\n",
	       s->statements, s->acks, s->broker);
	if (s->unknown)
		printf("  %" PRIu64 " could not be checked: no directory of their time that the "
		       "authority signed\n",
		       s->unknown);
	if (r->closed)
		printf("  %" PRIu64 " could not be checked: of forgotten cases\n", r->closed);
	printf("  A statement is held by its digest: that it was signed is shown, what it said is "
	       "not.\n");
}

/* Who vouches, for how much of it. */
static void print_vouched(const struct nrm_audit_report *r, const struct options *o)
{
	const uint64_t size = r->vouched.checkpoint.size;

	printf("%" PRIu32 " witnesses vouch for %s", r->vouched.vouching,
	       size == r->head.checkpoint.size ? "it" : "the first ");
	if (size != r->head.checkpoint.size)
		printf("%" PRIu64 " leaves", size);
	if (r->quorum)
		printf("; %" PRIu32 " are asked for", r->quorum);
	putchar('\n');
	if (o->witnesses)
		fwrite(o->vouchers.data, 1, o->vouchers.len, stdout);
}

static void print_stamps(const struct nrm_audit_report *r, const struct options *o)
{
	char time[NRM_TIME_TEXT_LEN + 1];

	if (r->stamps && !o->tsa_ca)
		printf("%" PRIu64 " timestamp%s NOT checked; give --tsa-ca\n", r->stamps,
		       r->stamps == 1 ? " was" : "s were");
	if (!r->stamped_size)
		return;
	nrm_time_format(r->stamped_ms, time);
	printf("%" PRIu64 " timestamp%s; the first %" PRIu64 " leaves were there at %s\n",
	       r->stamps, r->stamps == 1 ? "" : "s", r->stamped_size, time);
}

static void print_report(const struct nrm_audit_report *r, const struct options *o)
{
	const struct nrm_head *head = &r->head;
	char root[2 * NRM_HASH_LEN + 1];

	printf("%" PRIu64 " leaves\n", r->leaves);
	if (r->since)
		printf("the first %" PRIu64 " are those of the remembered checkpoint\n", r->since);
	print_records(r, o->source.export);
	if (o->signatures)
		print_signatures(r);
	if (head->signer[0]) {
		printf("checkpoint of %" PRIu64 " leaves, signed by %s; %" PRIu64
		       " leaves came after it\n",
		       head->checkpoint.size, head->signer,
		       r->leaves > head->checkpoint.size ? r->leaves - head->checkpoint.size : 0);
		print_vouched(r, o);
		print_stamps(r, o);
	}
	if (r->keys_given)
		printf("the key was given\n");
	else
		printf("directory version %" PRIu64 " names the key: %s\n", r->directory_version,
		       r->authorised ? "signed by the authority given"
				     : "NOT checked, it comes from this folder; give --authority");
	if (r->fault.what) {
		nrm_audit_print_fault("does not verify", &r->fault);
		return;
	}
	nrm_hex(r->root.bytes, NRM_HASH_LEN, root);
	printf("root %s\nverifies\n", root);
}

static json_t *fault_json(const struct nrm_audit_fault *fault)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "what", fault->what, "expected", fault->expected,
			      "found", fault->found);

	if (fault->leaf != NRM_NO_LEAF)
		json_object_set_new(o, "leaf", json_integer((json_int_t)fault->leaf));
	if (fault->file[0])
		json_object_set_new(o, "file", json_string(fault->file));
	return o;
}

/* Names, and since when, of the lines. */
static json_t *vouchers_json(const struct options *o)
{
	const char *at = (const char *)o->vouchers.data, *end = at + o->vouchers.len;
	json_t *all = json_array();

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *name = at + strlen("  ");
		const char *space = memchr(name, ' ', (size_t)(newline - name));
		const char *since = space + strlen(" since ");

		json_array_append_new(all, json_pack("{s:s%, s:s%}", "name", name,
						     (size_t)(space - name), "since", since,
						     (size_t)(newline - since)));
		at = newline + 1;
	}
	return all;
}

static void print_report_json(const struct nrm_audit_report *r, const struct options *options)
{
	const struct nrm_audit_signatures *s = &r->signatures;
	char root[2 * NRM_HASH_LEN + 1];
	json_t *o = json_pack(
		"{s:b, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:b}", "verifies", !r->fault.what,
		"leaves", (json_int_t)r->leaves, "since", (json_int_t)r->since, "authorised",
		r->authorised, "directory_version", (json_int_t)r->directory_version, "clear",
		(json_int_t)r->clear, "opened", (json_int_t)r->opened, "closed",
		(json_int_t)r->closed, "cases", (json_int_t)r->cases, "complete", r->complete);

	if (r->head.signer[0])
		json_object_set_new(o, "checkpoint",
				    json_pack("{s:s, s:I, s:i}", "signer", r->head.signer, "size",
					      (json_int_t)r->head.checkpoint.size, "witnesses",
					      (int)r->head.vouching));
	if (r->vouched.signer[0])
		json_object_set_new(o, "vouched",
				    json_pack("{s:I, s:i, s:i}", "size",
					      (json_int_t)r->vouched.checkpoint.size, "witnesses",
					      (int)r->vouched.vouching, "quorum", (int)r->quorum));
	if (r->stamped_size)
		json_object_set_new(o, "stamped",
				    json_pack("{s:I, s:I, s:I}", "timestamps",
					      (json_int_t)r->stamps, "size",
					      (json_int_t)r->stamped_size, "time_ms",
					      (json_int_t)r->stamped_ms));
	if (options->witnesses)
		json_object_set_new(o, "vouchers", vouchers_json(options));
	if (options->signatures)
		json_object_set_new(o, "signatures",
				    json_pack("{s:I, s:I, s:I, s:I}", "statements",
					      (json_int_t)s->statements, "acknowledgements",
					      (json_int_t)s->acks, "broker", (json_int_t)s->broker,
					      "unknown", (json_int_t)s->unknown));
	if (r->fault.what) {
		json_object_set_new(o, "fault", fault_json(&r->fault));
	} else {
		nrm_hex(r->root.bytes, NRM_HASH_LEN, root);
		json_object_set_new(o, "root", json_string(root));
	}
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static int could_not(const struct options *o, enum nrm_err err)
{
	if (err == NRM_ERR_KEY && o->tsa_ca)
		return nrm_cli_fail("%s: could not check: no certificates (PEM) could be read",
				    o->tsa_ca);
	if (err == NRM_ERR_NOT_FOUND)
		return nrm_cli_fail(o->source.export
					    ? "%s: could not check: there is no such folder, no "
					      "checkpoint in it, or no directory and no --key"
					    : "%s: could not check: there is no directory or no "
					      "signed checkpoint yet",
				    o->source.export ? o->source.export : o->source.trail);
	return nrm_cli_fail("%s: could not check: %s",
			    o->source.export ? o->source.export : o->source.trail,
			    nrm_err_text(err));
}

static int verify(void *context)
{
	struct options *o = context;
	struct nrm_buf since = {0}, note = {0};
	struct nrm_audit_options asked = {
		.given = o->belief.key,
		.n_given = o->belief.n_keys,
		.quorum = o->belief.quorum,
		.now_ms = nrm_time_now_ms(),
		.directory_quorum = o->witnesses && !o->belief.quorum_given,
		.vouchers = o->witnesses ? &o->vouchers : NULL,
		.folder = o->source.trail,
		.tsa_ca = o->tsa_ca,
		.signatures = o->signatures,
		.progress = nrm_audit_bar(),
		.note = &note,
	};
	struct nrm_audit_report report;
	enum nrm_err err = NRM_OK;

	if (o->signatures && !o->source.keys)
		return nrm_cli_fail("could not check: --signatures needs the case keys");
	int status = nrm_audit_authority(&o->belief, &asked.authority);
	if (status == 0 && o->since)
		status = nrm_audit_read_file(o->since, NRM_MAX_NOTE, &since);
	if (status != 0)
		goto out;
	asked.since = nrm_buf_slice(&since);
	err = o->source.export ? nrm_audit_verify_export(o->source.export, &asked, &report)
			       : nrm_audit_verify(o->source.store, o->source.keys, &asked, &report);
	nrm_progress_clear(asked.progress);
	if (err != NRM_OK) {
		status = could_not(o, err);
		goto out;
	}
	(o->json ? print_report_json : print_report)(&report, o);
	status = report.fault.what ? 1 : 0;
	if (status == 0 && o->remember &&
	    nrm_file_replace(o->remember, 0644, nrm_buf_slice(&note)) != NRM_OK)
		status = nrm_cli_fail("%s: could not be written", o->remember);
out:
	nrm_buf_done(&since);
	nrm_buf_done(&note);
	nrm_buf_done(&o->vouchers);
	return status;
}

int nrm_audit_cmd_verify(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"since", OPTION_SINCE, "FILE", 0,
		 "a checkpoint kept from an earlier time: the trail must follow from it, and only "
		 "leaves since then are read",
		 0},
		{"remember", OPTION_REMEMBER, "FILE", 0,
		 "keep the checkpoint here once the trail has verified; may be the file of --since",
		 0},
		{"signatures", OPTION_SIGNATURES, NULL, 0,
		 "check every sender's and recipient's signature too, as far as the records hold "
		 "them",
		 0},
		{"witnesses", OPTION_WITNESSES, NULL, 0,
		 "tell which agencies vouch for the trail, and since when; fewer than --quorum, or "
		 "than the directory wants, is exit status 1",
		 0},
		{"tsa-ca", OPTION_TSA_CA, "FILE", 0,
		 "certificates (PEM) of timestamping authorities: every timestamp must verify", 0},
		{"json", 'j', NULL, 0, "one JSON object", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_source_argp, 0, NULL, 0},
						     {&nrm_audit_belief_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.doc = "Recomputes the whole trail and compares it with its signed checkpoint and, "
		       "with the case keys at hand, with the records.\vExit status: 0 it verifies, "
		       "1 "
		       "it does not, 2 it could not be checked.",
		.children = children};
	struct options options = {.json = false};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return nrm_audit_run(&options.source, verify, &options);
}
