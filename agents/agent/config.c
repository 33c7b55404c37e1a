#include "agents/agent/config.h"

#include <libgen.h>
#include <stdio.h>
#include <sys/un.h>

#include "proto/base/hex.h"
#include "proto/base/id.h"
#include "proto/base/z85.h"
#include "proto/crypto/keyfile.h"
#include "proto/directory/identity.h"

#define NEEDED	 CYAML_FLAG_POINTER
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

struct broker_text {
	char *endpoint, *key;
};

struct config_text {
	char *id, *keys, *passphrase_file, *authority, *data, *socket, *profile;
	struct broker_text broker;
};

static const cyaml_schema_field_t broker_fields[] = {
	CYAML_FIELD_STRING_PTR("endpoint", NEEDED, struct broker_text, endpoint, 1, 255),
	CYAML_FIELD_STRING_PTR("key", NEEDED, struct broker_text, key, 1, PATH_MAX - 1),
	CYAML_FIELD_END};

#define PATH_FIELD(name, flags) \
	CYAML_FIELD_STRING_PTR(#name, flags, struct config_text, name, 1, PATH_MAX - 1)

static const cyaml_schema_field_t fields[] = {
	CYAML_FIELD_STRING_PTR("id", NEEDED, struct config_text, id, 1, 255),
	PATH_FIELD(keys, NEEDED),
	PATH_FIELD(passphrase_file, OPTIONAL),
	CYAML_FIELD_MAPPING("broker", CYAML_FLAG_DEFAULT, struct config_text, broker,
			    broker_fields),
	PATH_FIELD(authority, NEEDED),
	PATH_FIELD(data, NEEDED),
	PATH_FIELD(socket, OPTIONAL),
	PATH_FIELD(profile, OPTIONAL),
	CYAML_FIELD_END};

static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_text, fields)};

/* One configuration being read. */
struct reading {
	struct nrm_yaml *yaml;
	const struct config_text *text;
	const char *folder;
	struct nrm_agent_config *config;
};

/* A path as written, from the folder of the configuration. An absent one is "". */
static enum nrm_err resolve(struct reading *r, const char *key, const char *written,
			    char out[static PATH_MAX])
{
	int n = 0;

	if (written && written[0] == '/')
		n = snprintf(out, PATH_MAX, "%s", written);
	else if (written)
		n = snprintf(out, PATH_MAX, "%s/%s", r->folder, written);
	return n >= PATH_MAX ? nrm_yaml_fail(r->yaml, key, "expected a shorter path") : NRM_OK;
}

/* The broker's key: 40 characters of Z85, 64 hexadecimal digits, or a file with the former. */
static enum nrm_err broker_key(struct reading *r)
{
	const char *text = r->text->broker.key;
	struct nrm_buf file = {0};
	char path[PATH_MAX];

	if (nrm_unz85(text, r->config->broker, NRM_KEY_LEN) == NRM_OK ||
	    nrm_unhex(text, r->config->broker, NRM_KEY_LEN) == NRM_OK)
		return NRM_OK;
	enum nrm_err err = resolve(r, "broker.key", text, path);
	if (err)
		return err;
	err = nrm_file_read(path, NRM_MAX_KEY_FILE, false, &file);
	nrm_buf_put_u8(&file, 0);
	if (err == NRM_OK)
		err = file.err;
	if (err == NRM_OK) {
		file.data[strcspn((char *)file.data, "\r\n")] = 0;
		err = nrm_unz85((char *)file.data, r->config->broker, NRM_KEY_LEN);
	}
	nrm_buf_done(&file);
	return err ? nrm_yaml_fail(r->yaml, "broker.key",
				   "expected a key (40 characters of Z85 or 64 hexadecimal "
				   "digits), or the path of the broker's transport.public")
		   : NRM_OK;
}

static enum nrm_err authority_key(struct reading *r)
{
	char path[PATH_MAX], why[NRM_YAML_ERROR_LEN];

	if (nrm_unhex(r->text->authority, r->config->authority, NRM_KEY_LEN) == NRM_OK)
		return NRM_OK;
	enum nrm_err err = resolve(r, "authority", r->text->authority, path);
	if (err)
		return err;
	return nrm_authority_public(path, r->config->authority, why)
		       ? nrm_yaml_fail(r->yaml, "authority",
				       "expected 64 hexadecimal digits, or the path of the "
				       "authority's authority.pub")
		       : NRM_OK;
}

static enum nrm_err take(struct reading *r)
{
	struct nrm_agent_config *c = r->config;
	const struct config_text *t = r->text;
	enum nrm_err err;

	if (!nrm_participant_id_ok(nrm_slice_str(t->id)))
		return nrm_yaml_fail(r->yaml, "id",
				     "expected a participant's id like TH.shelter-1");
	snprintf(c->id, sizeof(c->id), "%s", t->id);
	snprintf(c->endpoint, sizeof(c->endpoint), "%s", t->broker.endpoint);
	if (strncmp(c->endpoint, "tcp://", 6) != 0 || !strchr(c->endpoint + 6, ':'))
		return nrm_yaml_fail(r->yaml, "broker.endpoint", "expected tcp://HOST:PORT");
	err = resolve(r, "keys", t->keys, c->keys);
	if (err == NRM_OK)
		err = resolve(r, "passphrase_file", t->passphrase_file, c->passphrase);
	if (err == NRM_OK)
		err = resolve(r, "data", t->data, c->data);
	if (err == NRM_OK)
		err = resolve(r, "profile", t->profile, c->profile);
	if (err == NRM_OK && t->socket)
		err = resolve(r, "socket", t->socket, c->socket);
	else if (err == NRM_OK &&
		 snprintf(c->socket, PATH_MAX, "%s/agent.sock", c->data) >= PATH_MAX)
		err = nrm_yaml_fail(r->yaml, "data", "expected a shorter path");
	if (err == NRM_OK && strlen(c->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		err = nrm_yaml_fail(r->yaml, t->socket ? "socket" : "data",
				    "expected a path of the socket of at most %zu bytes",
				    sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	if (err == NRM_OK)
		err = broker_key(r);
	return err ? err : authority_key(r);
}

enum nrm_err nrm_agent_config_read(const char *path, struct nrm_agent_config *ret_config,
				   char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_agent_config config = {.id = ""};
	struct nrm_yaml yaml;
	struct reading r = {.yaml = &yaml, .config = &config};
	char folder[PATH_MAX];
	void *text = NULL;

	nrm_yaml_init(&yaml);
	snprintf(folder, sizeof(folder), "%s", path);
	r.folder = dirname(folder);
	enum nrm_err err = nrm_yaml_load_file(&yaml, path);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&yaml, &schema, &text);
	if (err == NRM_OK) {
		r.text = text;
		err = take(&r);
	}
	if (err)
		snprintf(error, NRM_YAML_ERROR_LEN, "%s", nrm_yaml_error(&yaml));
	else
		*ret_config = config;
	nrm_yaml_free_decoded(&schema, text);
	nrm_yaml_done(&yaml);
	return err;
}
