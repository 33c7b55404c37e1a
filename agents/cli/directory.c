/* nrm directory: compiles and signs the directory of participants, verifies one, shows one. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/cli/authority.h"
#include "agents/cli/cli.h"
#include "agents/cli/directory_show.h"
#include "proto/base/file.h"
#include "proto/base/hex.h"
#include "proto/crypto/sign.h"
#include "proto/directory/directory.h"
#include "proto/directory/identity.h"
#include "proto/directory/participants.h"
#include "proto/wire/directory_wire.h"

struct arguments {
	const char *file, *key_dir, *out, *authority, *passphrase_file;
	struct nrm_participants_options options;
	bool json;
};

/* Options of the three commands, told apart by the table that each gives to argp. */
static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'k':
		a->key_dir = arg;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case 'K':
		a->options.keys = arg;
		return 0;
	case 'e':
		a->options.endpoint = arg;
		return 0;
	case 'p':
		a->passphrase_file = arg;
		return 0;
	case 'a':
		a->authority = arg;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->file)
			argp_error(state, "expected one FILE");
		a->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->file)
			argp_error(state, "expected FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The version only rises: a changed directory may not take the number of the one it replaces. */
static enum nrm_err check_version(const char *out, const struct nrm_directory *fresh,
				  const uint8_t *authority, char *error)
{
	struct nrm_directory *old;
	enum nrm_err err = NRM_OK;

	if (nrm_directory_read(out, authority, &old, NULL) != NRM_OK)
		return NRM_OK; /* none there, or one that nobody could have taken */
	if (nrm_directory_version(fresh) <= nrm_directory_version(old) &&
	    memcmp(nrm_directory_digest(fresh), nrm_directory_digest(old), NRM_HASH_LEN) != 0) {
		snprintf(error, NRM_YAML_ERROR_LEN,
			 "version: expected more than %llu, which %.256s has",
			 (unsigned long long)nrm_directory_version(old), out);
		err = NRM_ERR_VERSION;
	}
	nrm_directory_free(old);
	return err;
}

static enum nrm_err sign(const struct arguments *a, const struct nrm_signing_key *key, char *error)
{
	uint8_t signature[NRM_SIGNATURE_LEN], authority[NRM_KEY_LEN];
	struct nrm_directory *directory = NULL;
	struct nrm_buf bytes, file;
	char digest[2 * NRM_HASH_LEN + 1];

	nrm_buf_init(&bytes);
	nrm_buf_init(&file);
	nrm_signing_key_public(key, authority);
	enum nrm_err err = nrm_participants_compile(a->file, &a->options, authority, &bytes, error);
	if (err != NRM_OK)
		goto out;
	struct nrm_document document = {nrm_buf_slice(&bytes),
					nrm_slice(signature, sizeof(signature))};
	snprintf(error, NRM_YAML_ERROR_LEN, "%.512s: cannot be written", a->out);
	err = nrm_document_sign(key, NRM_DOMAIN_DIRECTORY, document.document, signature);
	/* What is written is what everybody will open. */
	if (err == NRM_OK)
		err = nrm_directory_open(&document, authority, &directory, error);
	if (err == NRM_OK)
		err = check_version(a->out, directory, authority, error);
	if (err == NRM_OK)
		err = nrm_document_encode(&document, &file);
	if (err == NRM_OK)
		err = nrm_file_replace(a->out, 0644, nrm_buf_slice(&file));
	if (err != NRM_OK)
		goto out;
	nrm_hex(nrm_directory_digest(directory), NRM_HASH_LEN, digest);
	printf("%s: directory version %llu with %zu participants, digest %s\n", a->out,
	       (unsigned long long)nrm_directory_version(directory), nrm_directory_count(directory),
	       digest);
out:
	nrm_directory_free(directory);
	nrm_buf_done(&bytes);
	nrm_buf_done(&file);
	return err;
}

static int run_sign(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"key", 'k', "AUTHORITY-DIR", 0, "Key folder of the national authority", 0},
		{"out", 'o', "FILE", 0, "Where the signed directory goes", 0},
		{"keys", 'K', "DIR", 0,
		 "Folder that relative `keys:` start from (default: that of PARTICIPANTS.yaml)", 0},
		{"endpoint", 'e', "tcp://HOST:PORT", 0,
		 "The broker's endpoint, in place of the file's", 0},
		{"passphrase-file", 'p', "FILE", 0,
		 "The authority's passphrase is the first line of FILE (else NRM_PASSPHRASE, if "
		 "set)",
		 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options,
		parse,
		"PARTICIPANTS.yaml",
		"Compile the file of participants and sign it as the directory.",
		NULL,
		NULL,
		NULL};
	struct nrm_signing_key *key = NULL;
	struct arguments a = {.file = NULL};
	char error[NRM_YAML_ERROR_LEN];

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	if (!a.key_dir || !a.out)
		return nrm_cli_fail("expected --key AUTHORITY-DIR and --out FILE");
	enum nrm_err err = nrm_cli_authority_load(a.key_dir, a.passphrase_file, &key, error);
	if (err == NRM_OK)
		err = sign(&a, key, error);
	nrm_signing_key_free(key);
	return err == NRM_OK ? 0 : nrm_cli_fail("%s", error);
}

static int run_verify(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"authority", 'a', "HEX-OR-FILE", 0, "The authority's public key, or authority.pub",
		 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options,
		parse,
		"FILE",
		"Verify a signed directory and everything it says. Exit status 0: it holds; "
		"1: it does not; 2: it could not be read.",
		NULL,
		NULL,
		NULL};
	struct arguments a = {.file = NULL};
	char error[NRM_YAML_ERROR_LEN], digest[2 * NRM_HASH_LEN + 1];
	uint8_t authority[NRM_KEY_LEN];
	struct nrm_directory *d;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	if (!a.authority)
		return nrm_cli_fail("expected --authority HEX-OR-FILE");
	if (nrm_authority_public(a.authority, authority, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	enum nrm_err err = nrm_directory_read(a.file, authority, &d, error);
	if (err != NRM_OK) {
		nrm_cli_fail("%s", error);
		return err == NRM_ERR_NOT_FOUND || err == NRM_ERR_IO || err == NRM_ERR_NOMEM ? 2
											     : 1;
	}
	nrm_hex(nrm_directory_digest(d), NRM_HASH_LEN, digest);
	printf("%s: good, version %llu with %zu participants, digest %s\n", a.file,
	       (unsigned long long)nrm_directory_version(d), nrm_directory_count(d), digest);
	nrm_directory_free(d);
	return 0;
}

static int run_show(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"authority", 'a', "HEX-OR-FILE", 0,
		 "Verify under this key first; else nothing is proved", 0},
		{"json", 'j', NULL, 0, "Print JSON", 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options, parse, "FILE", "Show who takes part, by a signed directory.",
		NULL,	 NULL,	NULL};
	struct arguments a = {.file = NULL};
	char error[NRM_YAML_ERROR_LEN];
	uint8_t authority[NRM_KEY_LEN];

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	if (a.authority && nrm_authority_public(a.authority, authority, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	return nrm_cli_directory_show(a.file, a.authority ? authority : NULL, a.json);
}

int nrm_cmd_directory(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"sign", "compile a file of participants and sign it", run_sign},
		{"verify", "verify a signed directory", run_verify},
		{"show", "show who takes part", run_show},
		{NULL, NULL, NULL}};

	return nrm_cli_dispatch(commands, argc, argv);
}
