/* nrm key: makes key folders and shows what is public in them. */
#include <argp.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/cli/cli.h"
#include "agents/cli/public_key.h"
#include "proto/base/id.h"
#include "proto/directory/identity.h"
#include "proto/directory/public_keys.h"
#include "proto/trail/note.h"

#define BUNDLE_MEMORY (64u * 1024)

enum owner { AGENCY, BROKER, AUTHORITY };

/* A folder's public keys as rows: one more than an agency can have is never needed. */
struct shown {
	char id[NRM_MAX_ID + 1]; /* "" for the authority */
	struct {
		const char *kind;
		uint8_t key[NRM_KEY_LEN];
	} row[5];
	size_t n;
	char verifier_key[256]; /* the broker's, else "" */
};

static void add(struct shown *s, const char *kind, const uint8_t *key)
{
	s->row[s->n].kind = kind;
	memcpy(s->row[s->n++].key, key, NRM_KEY_LEN);
}

/* Reads public.yaml, or authority.pub; secret files are not touched. */
static enum nrm_err collect(const char *dir, struct shown *s, char *error)
{
	struct nrm_public_keys keys;
	struct nrm_arena arena;
	uint8_t authority[NRM_KEY_LEN];
	struct nrm_note_key log;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/authority.pub", dir);
	if (access(path, F_OK) == 0) {
		enum nrm_err err = nrm_authority_public(path, authority, error);
		if (err == NRM_OK)
			add(s, "authority", authority);
		return err;
	}
	nrm_arena_init(&arena, BUNDLE_MEMORY);
	snprintf(path, sizeof(path), "%s/" NRM_PUBLIC_KEYS_FILE, dir);
	enum nrm_err err = nrm_public_keys_read(path, &arena, &keys, error);
	if (err != NRM_OK)
		goto out;
	memcpy(s->id, keys.id.data, keys.id.len);
	for (size_t i = 0; i < keys.n_keys; i++)
		add(s, nrm_code_name(NRM_VOCABULARY_KEY_KIND, keys.key[i].kind),
		    keys.key[i].key.data);
	if (keys.n_keys == 0) {
		add(s, "transport", keys.transport_key.data);
		err = nrm_note_key_parse(keys.verifier_key, &log);
		if (err != NRM_OK)
			goto out;
		add(s, "trail", log.public_key);
		snprintf(s->verifier_key, sizeof(s->verifier_key), "%.*s",
			 (int)keys.verifier_key.len, (const char *)keys.verifier_key.data);
	}
out:
	nrm_arena_done(&arena);
	return err;
}

static void print_json(const struct shown *s)
{
	json_t *keys = json_array(), *root = json_object();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(keys, nrm_cli_key_json(s->row[i].kind, s->row[i].key));
	if (*s->id)
		json_object_set_new(root, "id", json_string(s->id));
	json_object_set_new(root, "keys", keys);
	if (*s->verifier_key)
		json_object_set_new(root, "verifier_key", json_string(s->verifier_key));
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

static void print_table(const struct shown *s)
{
	struct nrm_cli_key_text text;

	if (*s->id)
		printf("%s\n", s->id);
	printf("  %-10s %-16s  %s\n", "key", "fingerprint", "public key");
	for (size_t i = 0; i < s->n; i++) {
		nrm_cli_key_text(s->row[i].key, &text);
		printf("  %-10s %-16s  %s\n", s->row[i].kind, text.fingerprint, text.hex);
	}
	if (*s->verifier_key)
		printf("  verifier key of the trail: %s\n", s->verifier_key);
}

static int show(const char *dir, bool json)
{
	struct shown s = {.n = 0};
	char error[NRM_YAML_ERROR_LEN];

	if (collect(dir, &s, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	(json ? print_json : print_table)(&s);
	return 0;
}

struct new_arguments {
	enum owner owner;
	const char *id, *dir, *passphrase_file;
};

static error_t parse_new(int key, char *arg, struct argp_state *state)
{
	struct new_arguments *a = state->input;

	switch (key) {
	case 'b':
	case 'a':
		if (a->owner != AGENCY)
			argp_error(state, "--broker and --authority exclude each other");
		a->owner = key == 'b' ? BROKER : AUTHORITY;
		return 0;
	case 'p':
		a->passphrase_file = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "expected ID and DIR, nothing more");
		a->id = a->dir;
		a->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->dir || (!a->id && a->owner != AUTHORITY))
			argp_error(state, "expected ID and DIR");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run_new(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"broker", 'b', NULL, 0, "Keys of the broker's office; ID is COUNTRY.nrm", 0},
		{"authority", 'a', NULL, 0,
		 "The national authority's signing key; ID may be left out", 0},
		{"passphrase-file", 'p', "FILE", 0,
		 "Encrypt the PEM files under the first line of FILE (else under NRM_PASSPHRASE, "
		 "if set)",
		 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options,
		parse_new,
		"ID DIR",
		"Make fresh keys for ID (such as TH.police-bangkok) in the folder DIR. "
		"DIR/public.yaml is then what "
		"the national authority needs. Existing files are never overwritten.",
		NULL,
		NULL,
		NULL};
	struct new_arguments a = {.owner = AGENCY};
	char error[NRM_YAML_ERROR_LEN];
	const char *passphrase = NULL;
	struct nrm_buf keep;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	nrm_buf_init(&keep);
	enum nrm_err err = nrm_passphrase_find(a.passphrase_file, &keep, &passphrase, error);
	if (err == NRM_OK && a.owner == AUTHORITY && a.id &&
	    !nrm_participant_id_ok(nrm_slice_str(a.id))) {
		snprintf(error, sizeof(error), "expected an id such as TH.authority, or none");
		err = NRM_ERR_ID;
	}
	if (err == NRM_OK)
		err = a.owner == AUTHORITY ? nrm_authority_keys_new(a.dir, passphrase, error)
		      : a.owner == BROKER  ? nrm_broker_keys_new(a.dir, a.id, passphrase, error)
					   : nrm_agency_keys_new(a.dir, a.id, passphrase, error);
	nrm_buf_wipe(&keep);
	return err == NRM_OK ? show(a.dir, false) : nrm_cli_fail("%s", error);
}

struct show_arguments {
	const char *dir;
	bool json;
};

static error_t parse_show(int key, char *arg, struct argp_state *state)
{
	struct show_arguments *a = state->input;

	switch (key) {
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->dir)
			argp_error(state, "expected one DIR");
		a->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->dir)
			argp_error(state, "expected DIR");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run_show(int argc, char **argv)
{
	static const struct argp_option options[] = {{"json", 'j', NULL, 0, "Print JSON", 0},
						     {NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options,
		parse_show,
		"DIR",
		"Show the public keys of a folder that `nrm key new` made, with fingerprints "
		"to compare by telephone (16 hexadecimal digits of SHA-256).",
		NULL,
		NULL,
		NULL};
	struct show_arguments a = {.dir = NULL};

	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	return show(a.dir, a.json);
}

int nrm_cmd_key(int argc, char **argv)
{
	static const struct nrm_command commands[] = {
		{"new", "make the keys of an agency, a broker or an authority", run_new},
		{"show", "show public keys and fingerprints", run_show},
		{NULL, NULL, NULL}};

	return nrm_cli_dispatch(commands, argc, argv);
}
