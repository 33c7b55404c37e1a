/*
 * The agent's configuration, one YAML file (config/agent.yaml is the commented example). Paths in
 * it are relative to the folder it lies in.
 */
#ifndef NRM_AGENT_CONFIG_H
#define NRM_AGENT_CONFIG_H

#include <limits.h>

#include "proto/base/limits.h"
#include "proto/crypto/crypto.h"
#include "proto/yaml/yaml.h"

struct nrm_agent_config {
	char id[NRM_MAX_ID + 1];
	char keys[PATH_MAX];	   /* folder of `nrm key new` */
	char passphrase[PATH_MAX]; /* file whose first line opens the key files; "": none */
	char endpoint[256];
	uint8_t broker[NRM_KEY_LEN];	/* its CURVE key */
	uint8_t authority[NRM_KEY_LEN]; /* pinned */
	char data[PATH_MAX];
	char socket[PATH_MAX];	/* fits a Unix address; by default agent.sock in `data` */
	char profile[PATH_MAX]; /* "": none */
};

/*
 * On failure `error` has one line with file, line, key and what was expected, and nothing was
 * changed. NRM_ERR_FORMAT and others.
 */
enum nrm_err nrm_agent_config_read(const char *path, struct nrm_agent_config *ret_config,
				   char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
