#include "broker/config.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/config_parts.h"
#include "proto/base/hex.h"
#include "proto/base/id.h"
#include "proto/directory/identity.h"

#define NEEDED	 CYAML_FLAG_POINTER
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define GIB	 (1ull << 30)
#define MIB	 (1ull << 20)

struct config_text {
	char *id, *data, *keys, *passphrase_file, *signer, *authority, *directory, *policy;
	char *log_level;
	char **listen;
	unsigned listen_count;
	uint32_t *checkpoint_seconds, *verify_threads, *map_gib, *reserve_mib;
	bool unsigned_policy;
};

static const cyaml_schema_value_t endpoint = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 255)};

#define TEXT_FIELD(name, flags) \
	CYAML_FIELD_STRING_PTR(#name, flags, struct config_text, name, 1, PATH_MAX - 1)
#define NUMBER_FIELD(name) CYAML_FIELD_UINT_PTR(#name, OPTIONAL, struct config_text, name)

static const cyaml_schema_field_t fields[] = {
	TEXT_FIELD(id, NEEDED),
	CYAML_FIELD_SEQUENCE("listen", CYAML_FLAG_POINTER, struct config_text, listen, &endpoint, 1,
			     NRM_MAX_LISTEN),
	TEXT_FIELD(data, NEEDED),
	TEXT_FIELD(keys, NEEDED),
	TEXT_FIELD(passphrase_file, OPTIONAL),
	TEXT_FIELD(signer, OPTIONAL),
	TEXT_FIELD(authority, NEEDED),
	TEXT_FIELD(directory, NEEDED),
	TEXT_FIELD(policy, NEEDED),
	CYAML_FIELD_BOOL("unsigned_policy", CYAML_FLAG_OPTIONAL, struct config_text,
			 unsigned_policy),
	NUMBER_FIELD(checkpoint_seconds),
	NUMBER_FIELD(verify_threads),
	NUMBER_FIELD(map_gib),
	NUMBER_FIELD(reserve_mib),
	TEXT_FIELD(log_level, OPTIONAL),
	CYAML_FIELD_END};

static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_text, fields)};

/* One configuration being read. */
struct reading {
	struct nrm_yaml *yaml;
	const struct config_text *text;
	const char *folder;
};

static enum nrm_err take_id(struct reading *r, struct nrm_broker_config *c)
{
	const char *id = r->text->id;

	if (!nrm_participant_id_ok(nrm_slice_str(id)) || strcmp(id + 2, ".nrm") != 0)
		return nrm_yaml_fail(r->yaml, "id",
				     "expected the broker's reserved id, COUNTRY.nrm");
	snprintf(c->id, sizeof(c->id), "%s", id);
	return NRM_OK;
}

/* tcp://ADDRESS:PORT. libzmq would take a port over 65535 modulo 65536. */
static bool endpoint_ok(const char *written)
{
	const char *colon = strrchr(written, ':'), *port = colon + 1;
	size_t digits = colon ? strspn(port, "0123456789") : 0;

	if (strncmp(written, "tcp://", 6) != 0 || colon < written + 7)
		return false;
	if (strcmp(port, "*") == 0)
		return true;
	return digits > 0 && digits <= 5 && !port[digits] && strtoul(port, NULL, 10) - 1 < 65535;
}

static enum nrm_err take_listen(struct reading *r, struct nrm_broker_config *c)
{
	for (unsigned i = 0; i < r->text->listen_count; i++) {
		if (!endpoint_ok(r->text->listen[i]))
			return nrm_yaml_fail(r->yaml, nrm_yaml_at(r->yaml, "listen[%u]", i),
					     "expected tcp://ADDRESS:PORT, with a port from 1 to "
					     "65535, or * for any");
		snprintf(c->listen[i], sizeof(c->listen[i]), "%s", r->text->listen[i]);
	}
	c->n_listen = r->text->listen_count;
	return NRM_OK;
}

static enum nrm_err take_paths(struct reading *r, struct nrm_broker_config *c)
{
	const struct config_text *t = r->text;
	const struct {
		const char *key, *written;
		char *out;
	} paths[] = {
		{"data", t->data, c->data},
		{"keys", t->keys, c->keys},
		{"passphrase_file", t->passphrase_file, c->passphrase},
		{"directory", t->directory, c->directory},
		{"policy", t->policy, c->policy},
	};
	enum nrm_err err = NRM_OK;

	for (size_t i = 0; err == NRM_OK && i < sizeof(paths) / sizeof(paths[0]); i++)
		err = nrm_config_path(r->yaml, r->folder, paths[i].key, paths[i].written,
				      paths[i].out);
	c->unsigned_policy = t->unsigned_policy;
	return err;
}

static enum nrm_err take_authority(struct reading *r, struct nrm_broker_config *c)
{
	char path[PATH_MAX], why[NRM_YAML_ERROR_LEN];

	if (nrm_unhex(r->text->authority, c->authority, NRM_KEY_LEN) == NRM_OK)
		return NRM_OK;
	enum nrm_err err =
		nrm_config_path(r->yaml, r->folder, "authority", r->text->authority, path);
	if (err == NRM_OK && nrm_authority_public(path, c->authority, why) != NRM_OK)
		err = nrm_yaml_fail(r->yaml, "authority",
				    "expected 64 hexadecimal digits, or the path of the "
				    "authority's authority.pub");
	return err;
}

static enum nrm_err take_numbers(struct reading *r, struct nrm_broker_config *c)
{
	const struct config_text *t = r->text;
	const struct {
		const char *key;
		const uint32_t *written;
		uint32_t least, most, by_default;
	} numbers[] = {
		{"checkpoint_seconds", t->checkpoint_seconds, 1, 60, 1},
		{"verify_threads", t->verify_threads, 0, 256, 0},
		{"map_gib", t->map_gib, 1, 65536, 256},
		{"reserve_mib", t->reserve_mib, 1, 65536, 64},
	};
	uint32_t value[4];

	for (size_t i = 0; i < 4; i++) {
		value[i] = numbers[i].written ? *numbers[i].written : numbers[i].by_default;
		if (value[i] < numbers[i].least || value[i] > numbers[i].most)
			return nrm_yaml_fail(r->yaml, numbers[i].key,
					     "expected a number from %u to %u", numbers[i].least,
					     numbers[i].most);
	}
	c->checkpoint_seconds = value[0];
	c->verify_threads = value[1];
	c->map_bytes = value[2] * GIB;
	c->reserve_bytes = value[3] * MIB;
	return NRM_OK;
}

/* unix:PATH; "" when it is left out and the key is here. */
static enum nrm_err take_signer(struct reading *r, struct nrm_broker_config *c)
{
	const char *written = r->text->signer;

	if (written && (strncmp(written, "unix:", 5) != 0 || written[5] == '\0'))
		return nrm_yaml_fail(r->yaml, "signer", "expected unix:PATH, the signer's socket");
	return nrm_config_socket(r->yaml, r->folder, "signer", written ? written + 5 : NULL,
				 c->signer);
}

static enum nrm_err take_log_level(struct reading *r, struct nrm_broker_config *c)
{
	return nrm_config_log_level(r->yaml, r->text->log_level, &c->log_level);
}

static enum nrm_err take(struct reading *r, struct nrm_broker_config *c)
{
	enum nrm_err (*const steps[])(struct reading *, struct nrm_broker_config *) = {
		take_id,      take_listen,    take_paths,     take_signer,
		take_numbers, take_log_level, take_authority,
	};
	enum nrm_err err = NRM_OK;

	for (size_t i = 0; err == NRM_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = steps[i](r, c);
	return err;
}

enum nrm_err nrm_broker_config_read(const char *path, struct nrm_broker_config *ret_config,
				    char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_broker_config config = {.n_listen = 0};
	struct nrm_yaml yaml;
	char folder[PATH_MAX];
	void *text = NULL;

	nrm_yaml_init(&yaml);
	snprintf(folder, sizeof(folder), "%s", path);
	enum nrm_err err = nrm_yaml_load_file(&yaml, path);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&yaml, &schema, &text);
	if (err == NRM_OK)
		err = take(&(struct reading){&yaml, text, dirname(folder)}, &config);
	if (err == NRM_OK)
		*ret_config = config;
	else
		snprintf(error, NRM_YAML_ERROR_LEN, "%s", nrm_yaml_error(&yaml));
	nrm_yaml_free_decoded(&schema, text);
	nrm_yaml_done(&yaml);
	return err;
}
