#include "broker/signer_config.h"

#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/config_parts.h"

#define NEEDED	 CYAML_FLAG_POINTER
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

struct config_text {
	char *origin, *key, *passphrase_file, *state, *socket, *user, *log_level;
};

#define TEXT_FIELD(name, flags) \
	CYAML_FIELD_STRING_PTR(#name, flags, struct config_text, name, 1, PATH_MAX - 1)

static const cyaml_schema_field_t fields[] = {TEXT_FIELD(origin, NEEDED),
					      TEXT_FIELD(key, NEEDED),
					      TEXT_FIELD(passphrase_file, OPTIONAL),
					      TEXT_FIELD(state, NEEDED),
					      TEXT_FIELD(socket, NEEDED),
					      TEXT_FIELD(user, OPTIONAL),
					      TEXT_FIELD(log_level, OPTIONAL),
					      CYAML_FIELD_END};

static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_text, fields)};

/* The characters that the name of a key may have (proto/trail/note.h). */
static enum nrm_err take_origin(struct nrm_yaml *yaml, const struct config_text *t,
				struct nrm_signer_config *c)
{
	const size_t len = strlen(t->origin);

	for (size_t i = 0; i < len; i++)
		if (t->origin[i] <= ' ' || t->origin[i] > '~' || t->origin[i] == '+')
			return nrm_yaml_fail(yaml, "origin",
					     "expected the trail's name in the directory, as "
					     "nrm/COUNTRY, without spaces");
	if (len > NRM_MAX_KEY_NAME)
		return nrm_yaml_fail(yaml, "origin", "expected at most %d characters",
				     NRM_MAX_KEY_NAME);
	memcpy(c->origin, t->origin, len + 1);
	return NRM_OK;
}

/* Our own user when none is named. */
static enum nrm_err take_user(struct nrm_yaml *yaml, const struct config_text *t,
			      struct nrm_signer_config *c)
{
	c->user = geteuid();
	if (!t->user)
		return NRM_OK;
	const size_t digits = strspn(t->user, "0123456789");
	const struct passwd *entry = getpwnam(t->user);
	if (entry)
		c->user = entry->pw_uid;
	else if (t->user[digits] == '\0' && digits <= 9)
		c->user = (uid_t)strtoul(t->user, NULL, 10);
	else
		return nrm_yaml_fail(yaml, "user",
				     "expected the name or number of a user of this machine");
	return NRM_OK;
}

static enum nrm_err take(struct nrm_yaml *yaml, const struct config_text *t, const char *folder,
			 struct nrm_signer_config *c)
{
	enum nrm_err err = take_origin(yaml, t, c);

	if (err == NRM_OK)
		err = nrm_config_path(yaml, folder, "key", t->key, c->key);
	if (err == NRM_OK)
		err = nrm_config_path(yaml, folder, "passphrase_file", t->passphrase_file,
				      c->passphrase);
	if (err == NRM_OK)
		err = nrm_config_path(yaml, folder, "state", t->state, c->state);
	if (err == NRM_OK)
		err = nrm_config_socket(yaml, folder, "socket", t->socket, c->socket);
	if (err == NRM_OK)
		err = take_user(yaml, t, c);
	return err == NRM_OK ? nrm_config_log_level(yaml, t->log_level, &c->log_level) : err;
}

enum nrm_err nrm_signer_config_read(const char *path, struct nrm_signer_config *ret_config,
				    char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_signer_config config = {.user = 0};
	struct nrm_yaml yaml;
	char folder[PATH_MAX];
	void *text = NULL;

	nrm_yaml_init(&yaml);
	snprintf(folder, sizeof(folder), "%s", path);
	enum nrm_err err = nrm_yaml_load_file(&yaml, path);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&yaml, &schema, &text);
	if (err == NRM_OK)
		err = take(&yaml, text, dirname(folder), &config);
	if (err == NRM_OK)
		*ret_config = config;
	else
		snprintf(error, NRM_YAML_ERROR_LEN, "%s", nrm_yaml_error(&yaml));
	nrm_yaml_free_decoded(&schema, text);
	nrm_yaml_done(&yaml);
	return err;
}
