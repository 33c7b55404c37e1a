/* nrm audit check PROOF-FILE: a proof of one leaf, offline; it says what the leaf says. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agents/auditor/proof.h"
#include "agents/auditor/story.h"
#include "agents/cli/audit.h"
#include "agents/cli/audit_source.h"
#include "agents/cli/cli.h"
#include "proto/base/limits.h"

struct options {
	struct nrm_audit_belief belief;
	const char *proof, *directory;
};

enum { OPTION_DIRECTORY = NRM_AUDIT_OPTION };

/* Lines of base64 for the leaf, a path, and a checkpoint. */
#define MOST_BYTES (NRM_MAX_LEAF / 3 * 4 + NRM_MAX_TREE_PATH * 46 + NRM_MAX_NOTE + 256)

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->belief;
		return 0;
	case OPTION_DIRECTORY:
		o->directory = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->proof)
			argp_error(state, "one proof file is expected");
		o->proof = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->proof)
			argp_error(state, "a proof file is expected, or - for standard input");
		if (!o->directory && o->belief.n_keys == 0)
			argp_error(state, "a key is needed to check with: --key VERIFIER-KEY or "
					  "--directory FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_shown(const struct nrm_trust *trust, const struct nrm_proof_shown *shown)
{
	struct nrm_story_leaf told = {.index = shown->index, .slot = -1, .leaf_only = true};
	struct nrm_arena arena;

	printf("leaf %" PRIu64 " of a trail of %" PRIu64 " leaves, signed by %s\n", shown->index,
	       shown->head.checkpoint.size, shown->head.signer);
	for (size_t i = 0; i < trust->n_witnesses && shown->head.vouching; i++)
		if (nrm_trust_vouches(trust, i, nrm_buf_slice(&shown->note)))
			printf("vouched for by %s\n", trust->witness[i].name);
	if (!trust->keys_given)
		printf("directory version %" PRIu64 " names the key: %s\n",
		       trust->directory_version,
		       trust->authorised ? "signed by the authority given"
					 : "NOT checked; give --authority");
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	if (nrm_leaf_decode(nrm_buf_slice(&shown->leaf), &arena, &told.leaf) == NRM_OK)
		nrm_story_text(&told, false, stdout);
	nrm_arena_done(&arena);
}

static int answer(const struct options *o, const struct nrm_trust *trust, struct nrm_slice file)
{
	struct nrm_faults faults = {.file = NULL};
	struct nrm_proof_shown shown;

	if (o->belief.authority_text && trust->directory_version && !trust->authorised)
		nrm_fault(&faults, NRM_NO_LEAF,
			  "the directory is not signed by the authority given");
	enum nrm_err err = nrm_audit_check_proof(trust, file, o->belief.quorum, &faults, &shown);
	if (err != NRM_OK)
		return nrm_cli_fail("%s: could not check: %s", o->proof, nrm_err_text(err));
	int status = 0;
	if (faults.first.what) {
		status = nrm_audit_print_fault("does not verify", &faults.first);
	} else {
		print_shown(trust, &shown);
		puts("verifies");
	}
	nrm_buf_done(&shown.leaf);
	nrm_buf_done(&shown.note);
	return status;
}

static int check(struct options *o)
{
	struct nrm_audit_belief *b = &o->belief;
	struct nrm_buf file = {0}, directory = {0};
	const uint8_t *authority;
	struct nrm_trust trust;
	int status = nrm_audit_authority(b, &authority);

	if (status == 0)
		status = nrm_audit_read_file(o->proof, MOST_BYTES, &file);
	if (status == 0 && o->directory)
		status = nrm_audit_read_file(o->directory, NRM_MAX_DIRECTORY + NRM_MAX_HEAD,
					     &directory);
	if (status != 0)
		goto out;
	enum nrm_err err =
		nrm_trust_make(&trust, nrm_buf_slice(&directory), authority, b->key, b->n_keys);
	if (err != NRM_OK) {
		status = nrm_cli_fail("%s: could not check: %s",
				      o->directory ? o->directory : "--key",
				      err == NRM_ERR_NOT_FOUND ? "no key of a trail is given"
							       : nrm_err_text(err));
		goto out;
	}
	status = answer(o, &trust, nrm_buf_slice(&file));
	nrm_trust_done(&trust);
out:
	nrm_buf_done(&file);
	nrm_buf_done(&directory);
	return status;
}

int nrm_audit_cmd_check(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"directory", OPTION_DIRECTORY, "FILE", 0,
		 "a signed directory that names the trail's key and the witnesses'", 0},
		{0},
	};
	static const struct argp_child children[] = {{&nrm_audit_belief_argp, 0, NULL, 0},
						     {NULL, 0, NULL, 0}};
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.args_doc = "PROOF-FILE",
		.doc = "Checks a proof of one leaf, as `nrm audit prove` writes it, without "
		       "anything "
		       "but the file and a key, and tells what the leaf says.\vExit status: 0 it "
		       "verifies, 1 it does not, 2 it could not be checked.",
		.children = children};
	struct options options = {.proof = NULL};

	if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
		return 2;
	return check(&options);
}
