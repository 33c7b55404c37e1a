/* nrm policy sign: the authority's word on a policy, after it was checked whole. */
#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "agents/cli/authority.h"
#include "agents/cli/cli.h"
#include "agents/cli/policy.h"
#include "broker/policy/policy_signed.h"
#include "proto/base/file.h"
#include "proto/base/hex.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "proto/wire/directory_wire.h"

#define ENDING ".yaml"

struct arguments {
	const char *file, *key_dir, *passphrase_file;
	char out[PATH_MAX];
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'k':
		a->key_dir = arg;
		return 0;
	case 'o':
		snprintf(a->out, sizeof(a->out), "%s", arg);
		return 0;
	case 'p':
		a->passphrase_file = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->file)
			argp_error(state, "expected one FILE");
		a->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->file || !a->key_dir)
			argp_error(state, "expected FILE and --key AUTHORITY-DIR");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Beside the file: policy.signed for policy.yaml. */
static void default_out(struct arguments *a)
{
	size_t len = strlen(a->file);

	if (len > strlen(ENDING) && strcmp(a->file + len - strlen(ENDING), ENDING) == 0)
		len -= strlen(ENDING);
	snprintf(a->out, sizeof(a->out), "%.*s.signed", (int)len, a->file);
}

/* The version only rises: a changed policy may not take the number of the one it replaces. */
static enum nrm_err check_version(const struct arguments *a, const struct nrm_policy *fresh,
				  const uint8_t *authority, char *error)
{
	char ignored[NRM_POLICY_ERROR_LEN];
	struct nrm_signed_policy *old;
	enum nrm_err err = NRM_OK;

	if (nrm_policy_read(a->out, authority, false, &old, ignored) != NRM_OK)
		return NRM_OK; /* none there, or one that nobody could have taken */
	if (fresh->version <= old->rules->version &&
	    memcmp(fresh->digest, old->rules->digest, sizeof(fresh->digest)) != 0) {
		snprintf(error, NRM_POLICY_ERROR_LEN,
			 "%.256s: version: expected more than %llu, which %.256s has", a->file,
			 (unsigned long long)old->rules->version, a->out);
		err = NRM_ERR_VERSION;
	}
	nrm_signed_policy_free(old);
	return err;
}

static enum nrm_err sign(const struct arguments *a, const struct nrm_signing_key *key, char *error)
{
	uint8_t signature[NRM_SIGNATURE_LEN], authority[NRM_KEY_LEN];
	char digest[2 * NRM_HASH_LEN + 1];
	struct nrm_signed_policy *policy = NULL;
	struct nrm_buf bytes = {0}, file = {0};

	nrm_signing_key_public(key, authority);
	enum nrm_err err = nrm_file_read(a->file, NRM_MAX_POLICY, false, &bytes);
	snprintf(error, NRM_POLICY_ERROR_LEN, "%.512s: %s", a->file, nrm_err_text(err));
	if (err != NRM_OK)
		goto out;
	const struct nrm_document document = {nrm_buf_slice(&bytes),
					      nrm_slice(signature, sizeof(signature))};
	err = nrm_document_sign(key, NRM_DOMAIN_POLICY, document.document, signature);
	/* What is written is what everybody will open. */
	if (err == NRM_OK)
		err = nrm_policy_open(a->file, &document, authority, &policy, error);
	if (err == NRM_OK)
		err = check_version(a, policy->rules, authority, error);
	if (err != NRM_OK)
		goto out;
	snprintf(error, NRM_POLICY_ERROR_LEN, "%.512s: cannot be written", a->out);
	err = nrm_document_encode(&document, &file);
	if (err == NRM_OK)
		err = nrm_file_replace(a->out, 0644, nrm_buf_slice(&file));
	if (err != NRM_OK)
		goto out;
	nrm_hex(policy->rules->digest, NRM_HASH_LEN, digest);
	printf("%s: policy version %llu, digest %s\n", a->out,
	       (unsigned long long)policy->rules->version, digest);
out:
	nrm_signed_policy_free(policy);
	nrm_buf_done(&bytes);
	nrm_buf_done(&file);
	return err;
}

int nrm_policy_cmd_sign(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"key", 'k', "AUTHORITY-DIR", 0, "Key folder of the national authority", 0},
		{"out", 'o', "FILE", 0,
		 "Where the signed policy goes (default: beside POLICY.yaml, as POLICY.signed)", 0},
		{"passphrase-file", 'p', "FILE", 0,
		 "The authority's passphrase is the first line of FILE (else NRM_PASSPHRASE, if "
		 "set)",
		 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options,       parse,
		"POLICY.yaml", "Check a policy and sign it, so that brokers take it.",
		NULL,	       NULL,
		NULL};
	struct nrm_signing_key *key = NULL;
	struct arguments a = {.file = NULL};
	char error[NRM_POLICY_ERROR_LEN];

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	if (a.out[0] == '\0')
		default_out(&a);
	enum nrm_err err = nrm_cli_authority_load(a.key_dir, a.passphrase_file, &key, error);
	if (err == NRM_OK)
		err = sign(&a, key, error);
	nrm_signing_key_free(key);
	return err == NRM_OK ? 0 : nrm_cli_fail("%s", error);
}
