/*
 * The national authority's key, for the commands that sign its documents.
 */
#ifndef NRM_CLI_AUTHORITY_H
#define NRM_CLI_AUTHORITY_H

#include "proto/crypto/crypto.h"
#include "proto/yaml/yaml.h"

/*
 * Loads it from its folder, with the passphrase that is the first line of a file (NULL: NRM_PASSPHRASE, or none).
 * nrm_signing_key_free() it. Errors of nrm_passphrase_find() and nrm_authority_load().
 */
enum nrm_err nrm_cli_authority_load(const char *dir, const char *passphrase_file,
				    struct nrm_signing_key **ret_key,
				    char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
