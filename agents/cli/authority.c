#include "agents/cli/authority.h"

#include "proto/directory/identity.h"

enum nrm_err nrm_cli_authority_load(const char *dir, const char *passphrase_file,
				    struct nrm_signing_key **ret_key,
				    char error[static NRM_YAML_ERROR_LEN])
{
	const char *passphrase = NULL;
	struct nrm_buf keep;

	nrm_buf_init(&keep);
	enum nrm_err err = nrm_passphrase_find(passphrase_file, &keep, &passphrase, error);
	if (err == NRM_OK)
		err = nrm_authority_load(dir, passphrase, ret_key, error);
	nrm_buf_wipe(&keep);
	return err;
}
