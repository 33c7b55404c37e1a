#include "broker/config_parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum nrm_err nrm_config_path(struct nrm_yaml *yaml, const char *folder, const char *key,
			     const char *written, char out[static PATH_MAX])
{
	int n = 0;

	out[0] = '\0';
	if (written && written[0] == '/')
		n = snprintf(out, PATH_MAX, "%s", written);
	else if (written)
		n = snprintf(out, PATH_MAX, "%s/%s", folder, written);
	return n >= PATH_MAX ? nrm_yaml_fail(yaml, key, "expected a shorter path") : NRM_OK;
}

enum nrm_err nrm_config_socket(struct nrm_yaml *yaml, const char *folder, const char *key,
			       const char *written, char out[static PATH_MAX])
{
	const size_t room = sizeof(((struct sockaddr_un *)0)->sun_path);
	enum nrm_err err = nrm_config_path(yaml, folder, key, written, out);

	if (err == NRM_OK && strlen(out) >= room)
		err = nrm_yaml_fail(yaml, key,
				    "expected a path of at most %zu bytes, as sockets have",
				    room - 1);
	return err;
}

enum nrm_err nrm_config_log_level(struct nrm_yaml *yaml, const char *written,
				  enum nrm_log_level *ret_level)
{
	static const char *const levels[] = {
		[NRM_LOG_ERROR] = "error",
		[NRM_LOG_WARNING] = "warning",
		[NRM_LOG_INFO] = "info",
		[NRM_LOG_DEBUG] = "debug",
	};

	for (unsigned i = NRM_LOG_ERROR; i <= NRM_LOG_DEBUG; i++)
		if (strcmp(written ? written : levels[NRM_LOG_INFO], levels[i]) == 0) {
			*ret_level = i;
			return NRM_OK;
		}
	return nrm_yaml_fail(yaml, "log_level", "expected error, warning, info or debug");
}
