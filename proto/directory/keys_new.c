/* Making key folders. Secrets are drawn, written, and forgotten; public.yaml comes last. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file.h"
#include "proto/base/hex.h"
#include "proto/base/id.h"
#include "proto/base/z85.h"
#include "proto/crypto/sign.h"
#include "proto/directory/folder.h"
#include "proto/directory/identity.h"
#include "proto/directory/public_keys.h"
#include "proto/trail/note.h"

/* Makes the folder where needed, and sees that none of `names` (NULL ends them) is in it. */
static enum nrm_err prepare(struct nrm_folder *folder, const char *const *names)
{
	if (mkdir(folder->dir, 0700) != 0 && errno != EEXIST) {
		snprintf(folder->error, NRM_YAML_ERROR_LEN, "%.512s: cannot be created",
			 folder->dir);
		return NRM_ERR_IO;
	}
	for (; *names; names++)
		if (access(nrm_folder_path(folder, *names), F_OK) == 0)
			return nrm_folder_fail(folder, NRM_ERR_EXISTS);
	return NRM_OK;
}

static enum nrm_err bad_id(struct nrm_folder *folder, const char *expected)
{
	snprintf(folder->error, NRM_YAML_ERROR_LEN, "expected %s", expected);
	return NRM_ERR_ID;
}

static enum nrm_err create(struct nrm_folder *folder, const char *name, mode_t mode,
			   struct nrm_slice bytes)
{
	enum nrm_err err = nrm_file_create(nrm_folder_path(folder, name), mode, bytes);

	return err == NRM_OK ? NRM_OK : nrm_folder_fail(folder, err);
}

static enum nrm_err new_signing(struct nrm_folder *folder, const char *name,
				struct nrm_signing_key **ret_key)
{
	uint8_t seed[NRM_KEY_LEN];

	nrm_random(seed, sizeof(seed));
	enum nrm_err err = nrm_keyfile_write(nrm_folder_path(folder, name), NRM_ED25519, seed,
					     folder->passphrase);
	if (err == NRM_OK)
		err = nrm_signing_key_new(seed, ret_key);
	nrm_wipe(seed, sizeof(seed));
	return err == NRM_OK ? NRM_OK : nrm_folder_fail(folder, err);
}

static enum nrm_err new_sealing(struct nrm_folder *folder, uint8_t public[static NRM_KEY_LEN])
{
	uint8_t secret[NRM_KEY_LEN];

	nrm_random(secret, sizeof(secret));
	enum nrm_err err = nrm_keyfile_write(nrm_folder_path(folder, NRM_SEALING_FILE), NRM_X25519,
					     secret, folder->passphrase);
	if (err == NRM_OK)
		err = nrm_x25519_public(secret, public);
	nrm_wipe(secret, sizeof(secret));
	return err == NRM_OK ? NRM_OK : nrm_folder_fail(folder, err);
}

static enum nrm_err create_z85(struct nrm_folder *folder, const char *name, mode_t mode,
			       const uint8_t *key)
{
	char text[NRM_Z85_KEY_LEN + 1];
	enum nrm_err err = nrm_z85(key, NRM_KEY_LEN, text);

	text[NRM_Z85_KEY_LEN] = '\n';
	if (err == NRM_OK)
		err = create(folder, name, mode, nrm_slice(text, sizeof(text)));
	nrm_wipe(text, sizeof(text));
	return err;
}

/* A CURVE pair is an ordinary X25519 pair. */
static enum nrm_err new_transport(struct nrm_folder *folder, uint8_t public[static NRM_KEY_LEN])
{
	uint8_t secret[NRM_KEY_LEN];

	nrm_random(secret, sizeof(secret));
	enum nrm_err err = nrm_x25519_public(secret, public);
	if (err == NRM_OK)
		err = create_z85(folder, NRM_TRANSPORT_SECRET_FILE, 0600, secret);
	if (err == NRM_OK)
		err = create_z85(folder, NRM_TRANSPORT_PUBLIC_FILE, 0644, public);
	nrm_wipe(secret, sizeof(secret));
	return err;
}

static enum nrm_err create_public(struct nrm_folder *folder, const struct nrm_public_keys *keys)
{
	struct nrm_buf text;

	nrm_buf_init(&text);
	nrm_public_keys_write(keys, &text);
	enum nrm_err err = text.err == NRM_OK ? create(folder, NRM_PUBLIC_KEYS_FILE, 0644,
						       nrm_buf_slice(&text))
					      : nrm_folder_fail(folder, text.err);
	nrm_buf_done(&text);
	return err;
}

enum nrm_err nrm_agency_keys_new(const char *dir, const char *id, const char *passphrase,
				 char error[static NRM_YAML_ERROR_LEN])
{
	static const char *const names[] = {NRM_SIGNING_FILE,
					    NRM_SEALING_FILE,
					    NRM_WITNESS_FILE,
					    NRM_TRANSPORT_SECRET_FILE,
					    NRM_TRANSPORT_PUBLIC_FILE,
					    NRM_PUBLIC_KEYS_FILE,
					    NRM_SEALING_OLD_FILE,
					    NRM_TRAIL_FILE,
					    NULL};
	struct nrm_folder folder = {.dir = dir, .passphrase = passphrase, .error = error};
	struct nrm_signing_key *signing = NULL, *witness = NULL;
	uint8_t key[4][NRM_KEY_LEN], proof[4][NRM_SIGNATURE_LEN], own[NRM_SIGNATURE_LEN];
	struct nrm_key_entry entry[4];

	if (!nrm_participant_id_ok(nrm_slice_str(id)) || strcmp(id + 2, ".nrm") == 0)
		return bad_id(&folder,
			      "an id such as TH.police-bangkok (COUNTRY.nrm is the broker's)");
	enum nrm_err err = prepare(&folder, names);
	if (err == NRM_OK)
		err = new_signing(&folder, NRM_SIGNING_FILE, &signing);
	if (err == NRM_OK)
		err = new_sealing(&folder, key[1]);
	if (err == NRM_OK)
		err = new_transport(&folder, key[2]);
	if (err == NRM_OK)
		err = new_signing(&folder, NRM_WITNESS_FILE, &witness);
	if (err != NRM_OK)
		goto out;
	nrm_signing_key_public(signing, key[0]);
	nrm_signing_key_public(witness, key[3]);
	for (uint8_t i = 0; i < 4 && err == NRM_OK; i++) {
		enum nrm_key_kind kind = (enum nrm_key_kind)(NRM_KEY_KIND_SIGNING + i);
		err = nrm_possession_sign(signing, nrm_slice_str(id), (uint8_t)kind, key[i],
					  proof[i]);
		entry[i] = (struct nrm_key_entry){
			.kind = kind,
			.key = nrm_slice(key[i], NRM_KEY_LEN),
			.possession = nrm_slice(proof[i], NRM_SIGNATURE_LEN)};
	}
	if (err == NRM_OK)
		err = nrm_possession_sign(witness, nrm_slice_str(id), NRM_KEY_KIND_WITNESS, key[3],
					  own);
	entry[3].own_possession = nrm_slice(own, NRM_SIGNATURE_LEN);
	if (err != NRM_OK)
		err = nrm_folder_fail(&folder, err);
	else
		err = create_public(&folder, &(struct nrm_public_keys){.id = nrm_slice_str(id),
								       .key = entry,
								       .n_keys = 4});
out:
	nrm_signing_key_free(signing);
	nrm_signing_key_free(witness);
	return err;
}

enum nrm_err nrm_broker_keys_new(const char *dir, const char *id, const char *passphrase,
				 char error[static NRM_YAML_ERROR_LEN])
{
	static const char *const names[] = {
		NRM_TRAIL_FILE,	      NRM_TRANSPORT_SECRET_FILE, NRM_TRANSPORT_PUBLIC_FILE,
		NRM_PUBLIC_KEYS_FILE, NRM_SIGNING_FILE,		 NULL};
	struct nrm_folder folder = {.dir = dir, .passphrase = passphrase, .error = error};
	struct nrm_signing_key *trail = NULL;
	uint8_t transport[NRM_KEY_LEN], public[NRM_KEY_LEN];
	char name[] = "nrm/??";
	struct nrm_note_key log;
	struct nrm_buf text;

	if (!nrm_participant_id_ok(nrm_slice_str(id)) || strcmp(id + 2, ".nrm") != 0)
		return bad_id(&folder, "the broker's reserved id, COUNTRY.nrm, such as TH.nrm");
	nrm_buf_init(&text);
	enum nrm_err err = prepare(&folder, names);
	if (err == NRM_OK)
		err = new_signing(&folder, NRM_TRAIL_FILE, &trail);
	if (err == NRM_OK)
		err = new_transport(&folder, transport);
	if (err != NRM_OK)
		goto out;
	nrm_signing_key_public(trail, public);
	memcpy(name + 4, id, 2);
	err = nrm_note_key_make(name, 0x01, public, &log);
	if (err == NRM_OK)
		nrm_note_key_format(&log, &text);
	if (err != NRM_OK || (err = text.err) != NRM_OK)
		err = nrm_folder_fail(&folder, err);
	else
		err = create_public(&folder,
				    &(struct nrm_public_keys){
					    .id = nrm_slice_str(id),
					    .transport_key = nrm_slice(transport, NRM_KEY_LEN),
					    .verifier_key = nrm_buf_slice(&text)});
out:
	nrm_signing_key_free(trail);
	nrm_buf_done(&text);
	return err;
}

enum nrm_err nrm_authority_keys_new(const char *dir, const char *passphrase,
				    char error[static NRM_YAML_ERROR_LEN])
{
	static const char *const names[] = {NRM_AUTHORITY_FILE, NRM_AUTHORITY_PUBLIC_FILE, NULL};
	struct nrm_folder folder = {.dir = dir, .passphrase = passphrase, .error = error};
	struct nrm_signing_key *key = NULL;
	uint8_t public[NRM_KEY_LEN];
	char hex[2 * NRM_KEY_LEN + 1];

	enum nrm_err err = prepare(&folder, names);
	if (err == NRM_OK)
		err = new_signing(&folder, NRM_AUTHORITY_FILE, &key);
	if (err != NRM_OK)
		return err;
	nrm_signing_key_public(key, public);
	nrm_signing_key_free(key);
	nrm_hex(public, sizeof(public), hex);
	hex[2 * NRM_KEY_LEN] = '\n';
	return create(&folder, NRM_AUTHORITY_PUBLIC_FILE, 0644, nrm_slice(hex, sizeof(hex)));
}
