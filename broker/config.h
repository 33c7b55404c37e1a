/*
 * The broker's configuration, one YAML file (config/broker.yaml is the commented example). Paths in it are relative to the
 * folder it lies in.
 */
#ifndef NRM_BROKER_CONFIG_H
#define NRM_BROKER_CONFIG_H

#include <limits.h>

#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/crypto/crypto.h"
#include "proto/yaml/yaml.h"

#define NRM_MAX_LISTEN 8

struct nrm_broker_config {
	char id[NRM_MAX_ID + 1]; /* COUNTRY.nrm */
	char listen[NRM_MAX_LISTEN][256];
	size_t n_listen;
	char data[PATH_MAX];
	char keys[PATH_MAX]; /* folder of `nrm key new` */
	char passphrase
		[PATH_MAX]; /* file whose first line opens trail.pem; "": none, or NRM_PASSPHRASE */
	char signer[PATH_MAX]; /* socket of nrm-signerd; "": trail.pem is used here */
	uint8_t authority[NRM_KEY_LEN];
	char directory[PATH_MAX];
	char policy[PATH_MAX];
	bool unsigned_policy; /* a test broker: a plain policy is taken too */
	unsigned checkpoint_seconds;
	unsigned verify_threads; /* 0: one a core */
	uint64_t map_bytes, reserve_bytes;
	enum nrm_log_level log_level;
};

/* On failure `error` has one line with file, line, key and what was expected, and nothing was changed. NRM_ERR_FORMAT and others. */
enum nrm_err nrm_broker_config_read(const char *path, struct nrm_broker_config *ret_config,
				    char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
