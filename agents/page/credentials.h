/*
 * Who may see the page: a file of lines `name:scrypt:LOG2_N:R:P:SALT:HASH` (hexadecimal), mode 0600. A name and password that were
 * right once are remembered by a keyed digest, so that only the first request pays for scrypt. One thread.
 */
#ifndef NRM_PAGE_CREDENTIALS_H
#define NRM_PAGE_CREDENTIALS_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/crypto/crypto.h"

#define NRM_CREDENTIALS_ERROR_LEN 256

struct nrm_credentials;

/*
 * Reads the file; at least one name, each once. `error` receives a line with file, line and what was expected. NRM_ERR_NOT_FOUND,
 * NRM_ERR_PERMISSION when others may read it, NRM_ERR_FORMAT, NRM_ERR_DUPLICATE, NRM_ERR_LIMIT, NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_credentials_load(const char *path, struct nrm_credentials **ret_credentials,
				  char error[static NRM_CREDENTIALS_ERROR_LEN]) NRM_MUST_USE;
/* The same from bytes, which errors call `name`. */
enum nrm_err nrm_credentials_parse(const char *name, struct nrm_slice bytes,
				   struct nrm_credentials **ret_credentials,
				   char error[static NRM_CREDENTIALS_ERROR_LEN]) NRM_MUST_USE;
void nrm_credentials_free(struct nrm_credentials *credentials); /* wipes what is in memory */
/* Wipes them where they are: then nobody's password is right. For a process that has them by a fork. */
void nrm_credentials_wipe(struct nrm_credentials *credentials);

/* Whether they were right before: at once, and in a time that does not tell. */
bool nrm_credentials_remembered(const struct nrm_credentials *credentials, struct nrm_slice name,
				struct nrm_slice password);
/* Whether they are right: some 0.1 s, as long for a name that is not there. */
bool nrm_credentials_check(struct nrm_credentials *credentials, struct nrm_slice name,
			   struct nrm_slice password);

/* [A-Za-z0-9._@-]{1,63} */
bool nrm_credentials_name_ok(struct nrm_slice name);
/*
 * Sets a password in the file, which is made when it is not there; other lines stay. NRM_ERR_ARGUMENT for a name or password that cannot be
 * one (1 to NRM_MAX_PASSWORD bytes); errors of loading and writing.
 */
enum nrm_err nrm_credentials_set(const char *path, struct nrm_slice name, struct nrm_slice password,
				 char error[static NRM_CREDENTIALS_ERROR_LEN]) NRM_MUST_USE;

#endif
