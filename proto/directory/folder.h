/*
 * Files of a key folder, and errors that name them. Internal to proto/directory.
 */
#ifndef NRM_DIRECTORY_FOLDER_H
#define NRM_DIRECTORY_FOLDER_H

#include <limits.h>

#include "proto/crypto/keyfile.h"
#include "proto/yaml/yaml.h"

#define NRM_SIGNING_FILE	  "signing.pem"
#define NRM_SEALING_FILE	  "sealing.pem"
#define NRM_SEALING_OLD_FILE	  "sealing-old.pem"
#define NRM_WITNESS_FILE	  "witness.pem"
#define NRM_TRAIL_FILE		  "trail.pem"
#define NRM_TRANSPORT_SECRET_FILE "transport.secret"
#define NRM_TRANSPORT_PUBLIC_FILE "transport.public"
#define NRM_AUTHORITY_FILE	  "authority.pem"
#define NRM_AUTHORITY_PUBLIC_FILE "authority.pub"

/* A folder, the passphrase of its PEM files, and where its first failure is told. */
struct nrm_folder {
	const char *dir;
	const char *passphrase; /* or NULL */
	char *error;		/* NRM_YAML_ERROR_LEN bytes */
	char path[PATH_MAX];	/* of the file last named */
};

/* The path of one of its files, until the next call; "", which no file has, when it is too long. */
const char *nrm_folder_path(struct nrm_folder *folder, const char *name);

/* Writes "PATH: what failed" of the file last named; returns `err`. */
enum nrm_err nrm_folder_fail(struct nrm_folder *folder, enum nrm_err err) NRM_MUST_USE;

/* Reads the secret key of a PEM file; tells of a failure. Wipe `secret` after use. */
enum nrm_err nrm_folder_read_pem(struct nrm_folder *folder, const char *name,
				 enum nrm_key_algorithm algorithm,
				 uint8_t secret[static NRM_KEY_LEN]) NRM_MUST_USE;

#endif
