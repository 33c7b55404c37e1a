/*
 * What the configurations of the broker and of the signer have in common.
 */
#ifndef NRM_BROKER_CONFIG_PARTS_H
#define NRM_BROKER_CONFIG_PARTS_H

#include <limits.h>

#include "proto/base/log.h"
#include "proto/yaml/yaml.h"

/*
 * A path as written under `key`, from the folder of the configuration; an absent one (NULL) is "". NRM_ERR_FORMAT with the
 * document's error line when it is too long.
 */
enum nrm_err nrm_config_path(struct nrm_yaml *yaml, const char *folder, const char *key,
			     const char *written, char out[static PATH_MAX]) NRM_MUST_USE;

/* The same for the path of a Unix socket, which has room for 107 bytes. */
enum nrm_err nrm_config_socket(struct nrm_yaml *yaml, const char *folder, const char *key,
			       const char *written, char out[static PATH_MAX]) NRM_MUST_USE;

/* The level under the key log_level; info when it is absent. */
enum nrm_err nrm_config_log_level(struct nrm_yaml *yaml, const char *written,
				  enum nrm_log_level *ret_level) NRM_MUST_USE;

#endif
