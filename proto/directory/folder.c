#include "proto/directory/folder.h"

#include <stdio.h>

const char *nrm_folder_path(struct nrm_folder *folder, const char *name)
{
	int len = snprintf(folder->path, sizeof(folder->path), "%s/%s", folder->dir, name);

	if (len >= (int)sizeof(folder->path))
		folder->path[0] = '\0';
	return folder->path;
}

enum nrm_err nrm_folder_fail(struct nrm_folder *folder, enum nrm_err err)
{
	const char *text = nrm_err_text(err);

	if (err == NRM_ERR_PERMISSION)
		text = "permissions are too loose, expected mode 0600";
	if (err == NRM_ERR_KEY)
		text = folder->passphrase ? "expected another passphrase" : "expected a passphrase";
	snprintf(folder->error, NRM_YAML_ERROR_LEN, "%.512s: %s", folder->path, text);
	return err;
}

enum nrm_err nrm_folder_read_pem(struct nrm_folder *folder, const char *name,
				 enum nrm_key_algorithm algorithm,
				 uint8_t secret[static NRM_KEY_LEN])
{
	enum nrm_err err = nrm_keyfile_read(nrm_folder_path(folder, name), algorithm,
					    folder->passphrase, secret);

	return err == NRM_OK ? NRM_OK : nrm_folder_fail(folder, err);
}
