/*
 * A key folder, as `nrm key new` makes it, and the keys loaded from it.
 *
 *	an agency         signing.pem sealing.pem [sealing-old.pem] witness.pem
 *	                  transport.secret transport.public public.yaml
 *	the broker        [trail.pem] transport.secret transport.public public.yaml
 *	the authority     authority.pem authority.pub
 *
 * trail.pem belongs to the signer, and moves to where it runs when that is a process of its own.
 *
 * PEM files are PKCS#8 (proto/crypto/keyfile.h), with a passphrase where one is given. Transport
 * keys are 40 characters of Z85 and a newline, as ZeroMQ's tools write them: CURVE knows no
 * passphrase. Secret files have mode 0600 and are refused when others may read them.
 */
#ifndef NRM_DIRECTORY_IDENTITY_H
#define NRM_DIRECTORY_IDENTITY_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/crypto/crypto.h"
#include "proto/yaml/yaml.h"

struct nrm_identity {
	char id[NRM_MAX_ID + 1];
	struct nrm_signing_key *signing, *witness; /* NULL in the broker's folder */
	struct nrm_signing_key
		*trail; /* the broker's only: signs checkpoints; NULL when it is elsewhere */
	uint8_t trail_public[NRM_KEY_LEN]; /* zeros in an agency's folder */
	uint8_t sealing[2][NRM_KEY_LEN];   /* secrets, the current one first */
	uint8_t sealing_public[2][NRM_KEY_LEN];
	uint32_t n_sealing; /* 2 while a retired key still opens old messages; 0: broker */
	uint8_t transport[NRM_KEY_LEN]; /* CURVE secret */
	uint8_t transport_public[NRM_KEY_LEN];
};

/*
 * Loads the secret keys of a folder of an agency or of the broker, and holds them to its
 * public.yaml. `passphrase` NULL: none. On failure `error` has one line that names the file.
 * NRM_ERR_NOT_FOUND, NRM_ERR_PERMISSION, NRM_ERR_FORMAT, NRM_ERR_KEY (passphrase wrong, or a secret
 * that does not belong to public.yaml). Free with nrm_identity_free().
 */
enum nrm_err nrm_identity_load(const char *dir, const char *passphrase,
			       struct nrm_identity **ret_identity,
			       char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

/* Wipes the secrets and frees it. NULL is allowed. */
void nrm_identity_free(struct nrm_identity *identity);

/*
 * Makes fresh keys for `id` in `dir`, which is created (0700) when it is not there. NRM_ERR_ID;
 * NRM_ERR_EXISTS, with nothing changed, when one of the files is there already; NRM_ERR_IO.
 */
enum nrm_err nrm_agency_keys_new(const char *dir, const char *id, const char *passphrase,
				 char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;
/*
 * The same for the broker: `id` is the reserved one, COUNTRY.nrm; the trail's key is named
 * nrm/COUNTRY.
 */
enum nrm_err nrm_broker_keys_new(const char *dir, const char *id, const char *passphrase,
				 char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;
/*
 * The same for the national authority: one signing key, its public half as hexadecimal digits in
 * authority.pub.
 */
enum nrm_err nrm_authority_keys_new(const char *dir, const char *passphrase,
				    char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

/*
 * Loads the authority's signing key from its folder; nrm_signing_key_free() it. Errors as
 * nrm_identity_load().
 */
enum nrm_err nrm_authority_load(const char *dir, const char *passphrase,
				struct nrm_signing_key **ret_key,
				char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

/*
 * Reads the authority's public key: 64 hexadecimal digits, or the path of a file that holds them.
 */
enum nrm_err nrm_authority_public(const char *hex_or_path, uint8_t ret_key[static NRM_KEY_LEN],
				  char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

/*
 * Finds the passphrase: the first line of `file` (a secret file) when that is not NULL, else
 * NRM_PASSPHRASE of the environment, else none. *ret_passphrase points into `keep` or is NULL;
 * nrm_buf_wipe() that after use.
 */
enum nrm_err nrm_passphrase_find(const char *file, struct nrm_buf *keep,
				 const char **ret_passphrase,
				 char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
