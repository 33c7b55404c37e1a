/*
 * The signer's configuration, one YAML file (config/signer.yaml is the commented example). Paths in it are relative to the
 * folder it lies in.
 */
#ifndef NRM_BROKER_SIGNER_CONFIG_H
#define NRM_BROKER_SIGNER_CONFIG_H

#include <limits.h>
#include <sys/types.h>

#include "proto/base/log.h"
#include "proto/trail/note.h"
#include "proto/yaml/yaml.h"

struct nrm_signer_config {
	char origin[NRM_MAX_KEY_NAME + 1]; /* nrm/COUNTRY */
	char key[PATH_MAX];		   /* trail.pem of `nrm key new` */
	char passphrase[PATH_MAX];	   /* file whose first line opens it; "": as the broker's */
	char state[PATH_MAX];
	char socket[PATH_MAX]; /* fits a socket's address */
	uid_t user;	       /* who may ask */
	enum nrm_log_level log_level;
};

/* On failure `error` has one line with file, line, key and what was expected, and nothing was changed. NRM_ERR_FORMAT and others. */
enum nrm_err nrm_signer_config_read(const char *path, struct nrm_signer_config *ret_config,
				    char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
