#include "proto/directory/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/base/hex.h"
#include "proto/base/z85.h"
#include "proto/directory/folder.h"
#include "proto/directory/public_keys.h"
#include "proto/trail/note.h"

#define PUBLIC_KEYS_MEMORY (64u * 1024)
#define MAX_PASSPHRASE	   1024u

void nrm_identity_free(struct nrm_identity *identity)
{
	if (!identity)
		return;
	nrm_signing_key_free(identity->signing);
	nrm_signing_key_free(identity->witness);
	nrm_signing_key_free(identity->trail);
	nrm_wipe(identity, sizeof(*identity));
	free(identity);
}

static enum nrm_err load_signing(struct nrm_folder *folder, const char *name,
				 struct nrm_signing_key **ret_key)
{
	uint8_t seed[NRM_KEY_LEN];
	enum nrm_err err = nrm_folder_read_pem(folder, name, NRM_ED25519, seed);

	if (err != NRM_OK)
		return err;
	err = nrm_signing_key_new(seed, ret_key);
	nrm_wipe(seed, sizeof(seed));
	return err == NRM_OK ? NRM_OK : nrm_folder_fail(folder, err);
}

static enum nrm_err load_sealing(struct nrm_folder *folder, const char *name,
				 struct nrm_identity *identity)
{
	uint32_t i = identity->n_sealing;
	enum nrm_err err = nrm_folder_read_pem(folder, name, NRM_X25519, identity->sealing[i]);

	if (err != NRM_OK)
		return err;
	err = nrm_x25519_public(identity->sealing[i], identity->sealing_public[i]);
	if (err != NRM_OK)
		return nrm_folder_fail(folder, err);
	identity->n_sealing++;
	return NRM_OK;
}

static enum nrm_err load_transport(struct nrm_folder *folder, struct nrm_identity *identity)
{
	struct nrm_buf text;

	nrm_buf_init(&text);
	enum nrm_err err = nrm_file_read(nrm_folder_path(folder, NRM_TRANSPORT_SECRET_FILE),
					 NRM_Z85_KEY_LEN + 1, true, &text);
	if (err == NRM_OK) {
		while (text.len > 0 && text.data[text.len - 1] == '\n')
			text.len--;
		nrm_buf_put_u8(&text, '\0');
		err = text.err;
	}
	if (err == NRM_OK)
		err = nrm_unz85((const char *)text.data, identity->transport, NRM_KEY_LEN);
	if (err == NRM_OK)
		err = nrm_x25519_public(identity->transport, identity->transport_public);
	nrm_buf_wipe(&text);
	return err == NRM_OK ? NRM_OK : nrm_folder_fail(folder, err);
}

static enum nrm_err mismatch(struct nrm_folder *folder, const char *kind)
{
	snprintf(folder->error, NRM_YAML_ERROR_LEN,
		 "%.512s: expected the %s key that belongs to the secret one",
		 nrm_folder_path(folder, NRM_PUBLIC_KEYS_FILE), kind);
	return NRM_ERR_KEY;
}

static bool is_public(const struct nrm_signing_key *secret, const uint8_t *public)
{
	uint8_t own[NRM_KEY_LEN];

	nrm_signing_key_public(secret, own);
	return memcmp(own, public, NRM_KEY_LEN) == 0;
}

static bool is_one_of(const struct nrm_identity *identity, const uint8_t *sealing)
{
	for (uint32_t i = 0; i < identity->n_sealing; i++)
		if (memcmp(identity->sealing_public[i], sealing, NRM_KEY_LEN) == 0)
			return true;
	return false;
}

/* Whether the agency holds the secret half of a key in its public.yaml. */
static bool holds(const struct nrm_identity *identity, const struct nrm_key_entry *key)
{
	switch (key->kind) {
	case NRM_KEY_KIND_SIGNING:
		return is_public(identity->signing, key->key.data);
	case NRM_KEY_KIND_SEALING:
		return is_one_of(identity, key->key.data);
	case NRM_KEY_KIND_TRANSPORT:
		return memcmp(identity->transport_public, key->key.data, NRM_KEY_LEN) == 0;
	case NRM_KEY_KIND_WITNESS:
		return is_public(identity->witness, key->key.data);
	default:
		return false;
	}
}

static enum nrm_err load_agency(struct nrm_folder *folder, const struct nrm_public_keys *keys,
				struct nrm_identity *identity)
{
	enum nrm_err err = load_signing(folder, NRM_SIGNING_FILE, &identity->signing);

	if (err == NRM_OK)
		err = load_signing(folder, NRM_WITNESS_FILE, &identity->witness);
	if (err == NRM_OK)
		err = load_sealing(folder, NRM_SEALING_FILE, identity);
	if (err == NRM_OK && access(nrm_folder_path(folder, NRM_SEALING_OLD_FILE), F_OK) == 0)
		err = load_sealing(folder, NRM_SEALING_OLD_FILE, identity);
	for (size_t i = 0; err == NRM_OK && i < keys->n_keys; i++)
		if (!holds(identity, &keys->key[i]))
			err = mismatch(folder,
				       nrm_code_name(NRM_VOCABULARY_KEY_KIND, keys->key[i].kind));
	return err;
}

static enum nrm_err load_broker(struct nrm_folder *folder, const struct nrm_public_keys *keys,
				struct nrm_identity *identity)
{
	struct nrm_note_key log;
	enum nrm_err err = nrm_note_key_parse(keys->verifier_key, &log);

	if (err == NRM_OK)
		memcpy(identity->trail_public, log.public_key, NRM_KEY_LEN);
	if (err == NRM_OK && access(nrm_folder_path(folder, NRM_TRAIL_FILE), F_OK) == 0)
		err = load_signing(folder, NRM_TRAIL_FILE, &identity->trail);
	if (err == NRM_OK && identity->trail && !is_public(identity->trail, log.public_key))
		err = mismatch(folder, "trail");
	if (err == NRM_OK &&
	    memcmp(identity->transport_public, keys->transport_key.data, NRM_KEY_LEN) != 0)
		err = mismatch(folder, "transport");
	return err;
}

enum nrm_err nrm_identity_load(const char *dir, const char *passphrase,
			       struct nrm_identity **ret_identity,
			       char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_folder folder = {.dir = dir, .passphrase = passphrase, .error = error};
	struct nrm_identity *identity = calloc(1, sizeof(*identity));
	struct nrm_public_keys keys;
	struct nrm_arena arena;

	nrm_arena_init(&arena, PUBLIC_KEYS_MEMORY);
	enum nrm_err err = nrm_public_keys_read(nrm_folder_path(&folder, NRM_PUBLIC_KEYS_FILE),
						&arena, &keys, error);
	if (err == NRM_OK && !identity)
		err = nrm_folder_fail(&folder, NRM_ERR_NOMEM);
	if (err != NRM_OK)
		goto out;
	memcpy(identity->id, keys.id.data, keys.id.len);
	err = load_transport(&folder, identity);
	if (err == NRM_OK)
		err = (keys.n_keys > 0 ? load_agency : load_broker)(&folder, &keys, identity);
	if (err != NRM_OK)
		goto out;
	*ret_identity = identity;
	identity = NULL;
out:
	nrm_identity_free(identity);
	nrm_arena_done(&arena);
	return err;
}

enum nrm_err nrm_authority_load(const char *dir, const char *passphrase,
				struct nrm_signing_key **ret_key,
				char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_folder folder = {.dir = dir, .passphrase = passphrase, .error = error};

	return load_signing(&folder, NRM_AUTHORITY_FILE, ret_key);
}

/* The first line of a small file, terminated. */
static enum nrm_err read_line(const char *path, size_t max, bool secret, struct nrm_buf *line)
{
	enum nrm_err err = nrm_file_read(path, max, secret, line);

	if (err != NRM_OK)
		return err;
	nrm_buf_put_u8(line, '\0');
	if (line->err == NRM_OK)
		line->data[strcspn((const char *)line->data, "\r\n")] = '\0';
	return line->err;
}

enum nrm_err nrm_authority_public(const char *hex_or_path, uint8_t ret_key[static NRM_KEY_LEN],
				  char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_buf line;
	uint8_t key[NRM_KEY_LEN];

	nrm_buf_init(&line);
	enum nrm_err err = nrm_unhex(hex_or_path, key, NRM_KEY_LEN);
	if (err != NRM_OK &&
	    (err = read_line(hex_or_path, NRM_MAX_KEY_FILE, false, &line)) == NRM_OK)
		err = nrm_unhex((const char *)line.data, key, NRM_KEY_LEN);
	if (err == NRM_OK)
		memcpy(ret_key, key, NRM_KEY_LEN);
	else
		snprintf(error, NRM_YAML_ERROR_LEN,
			 "%.512s: expected 64 hexadecimal digits, or a file of them: %s",
			 hex_or_path, nrm_err_text(err));
	nrm_buf_done(&line);
	return err;
}

enum nrm_err nrm_passphrase_find(const char *file, struct nrm_buf *keep,
				 const char **ret_passphrase, char error[static NRM_YAML_ERROR_LEN])
{
	const char *environment = getenv("NRM_PASSPHRASE");

	if (!file) {
		*ret_passphrase = environment && *environment ? environment : NULL;
		return NRM_OK;
	}
	enum nrm_err err = read_line(file, MAX_PASSPHRASE, true, keep);
	if (err == NRM_OK && keep->data[0] == '\0')
		err = NRM_ERR_FORMAT;
	if (err == NRM_OK)
		*ret_passphrase = (const char *)keep->data;
	else
		snprintf(error, NRM_YAML_ERROR_LEN,
			 "%.512s: expected a passphrase as its first line, mode 0600: %s", file,
			 nrm_err_text(err));
	return err;
}
