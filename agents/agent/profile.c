#include "agents/agent/profile.h"

#include <stdio.h>

#define NEEDED	  CYAML_FLAG_POINTER
#define OPTIONAL  (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define WORD	  64u
#define MAX_HOURS (365u * 24)

struct form_text {
	char *service;
	char **fields;
	unsigned fields_count;
};

struct deadline_text {
	char *service;
	uint32_t hours;
};

struct profile_text {
	char *name;
	char **roles, **services;
	unsigned roles_count, services_count;
	struct form_text *forms;
	unsigned forms_count;
	struct deadline_text *deadlines;
	unsigned deadlines_count;
};

static const cyaml_schema_value_t word = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, WORD)};

static const cyaml_schema_field_t form_fields[] = {
	CYAML_FIELD_STRING_PTR("service", NEEDED, struct form_text, service, 1, WORD),
	CYAML_FIELD_SEQUENCE("fields", NEEDED, struct form_text, fields, &word, 1, 63),
	CYAML_FIELD_END};
static const cyaml_schema_value_t form = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct form_text, form_fields)};

static const cyaml_schema_field_t deadline_fields[] = {
	CYAML_FIELD_STRING_PTR("service", NEEDED, struct deadline_text, service, 1, WORD),
	CYAML_FIELD_UINT("hours", CYAML_FLAG_DEFAULT, struct deadline_text, hours),
	CYAML_FIELD_END};
static const cyaml_schema_value_t deadline = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct deadline_text, deadline_fields)};

static const cyaml_schema_field_t fields[] = {
	CYAML_FIELD_STRING_PTR("name", NEEDED, struct profile_text, name, 1, WORD - 1),
	CYAML_FIELD_SEQUENCE("roles", NEEDED, struct profile_text, roles, &word, 1, 63),
	CYAML_FIELD_SEQUENCE("services", OPTIONAL, struct profile_text, services, &word, 0, 63),
	CYAML_FIELD_SEQUENCE("forms", OPTIONAL, struct profile_text, forms, &form, 0, 63),
	CYAML_FIELD_SEQUENCE("deadlines", OPTIONAL, struct profile_text, deadlines, &deadline, 0,
			     63),
	CYAML_FIELD_END};

static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct profile_text, fields)};

/* A list of codes as a set; `path` is of the list. */
static enum nrm_err codes(struct nrm_yaml *yaml, const char *path, enum nrm_vocabulary kind,
			  char *const *text, unsigned n, nrm_mask *ret_mask)
{
	nrm_mask mask = 0;

	for (unsigned i = 0; i < n; i++) {
		char item[NRM_YAML_PATH_LEN];
		uint32_t code;

		snprintf(item, sizeof(item), "%s[%u]", path, i);
		enum nrm_err err = nrm_yaml_code(yaml, item, kind, text[i], &code);
		if (err)
			return err;
		mask |= nrm_bit(code);
	}
	*ret_mask = mask;
	return NRM_OK;
}

/* A service that this profile offers: forms and deadlines are for those. */
static enum nrm_err offered(struct nrm_yaml *yaml, const char *path, const char *text,
			    const struct nrm_profile *profile, uint32_t *ret_service)
{
	uint32_t service;
	enum nrm_err err = nrm_yaml_code(yaml, path, NRM_VOCABULARY_SERVICE, text, &service);

	if (err)
		return err;
	if (!(profile->services & nrm_bit(service)))
		return nrm_yaml_fail(yaml, path, "expected one of this profile's services");
	*ret_service = service;
	return NRM_OK;
}

static enum nrm_err take(struct nrm_yaml *yaml, const struct profile_text *t, struct nrm_profile *p)
{
	char path[NRM_YAML_PATH_LEN];
	uint32_t service;
	enum nrm_err err =
		codes(yaml, "roles", NRM_VOCABULARY_ROLE, t->roles, t->roles_count, &p->roles);

	snprintf(p->name, sizeof(p->name), "%s", t->name);
	if (err == NRM_OK)
		err = codes(yaml, "services", NRM_VOCABULARY_SERVICE, t->services,
			    t->services_count, &p->services);
	for (unsigned i = 0; err == NRM_OK && i < t->forms_count; i++) {
		err = offered(yaml, nrm_yaml_at(yaml, "forms[%u].service", i), t->forms[i].service,
			      p, &service);
		snprintf(path, sizeof(path), "forms[%u].fields", i);
		if (err == NRM_OK)
			err = codes(yaml, path, NRM_VOCABULARY_FIELD, t->forms[i].fields,
				    t->forms[i].fields_count, &p->form[service]);
	}
	for (unsigned i = 0; err == NRM_OK && i < t->deadlines_count; i++) {
		err = offered(yaml, nrm_yaml_at(yaml, "deadlines[%u].service", i),
			      t->deadlines[i].service, p, &service);
		if (err == NRM_OK &&
		    (t->deadlines[i].hours == 0 || t->deadlines[i].hours > MAX_HOURS))
			err = nrm_yaml_fail(yaml, nrm_yaml_at(yaml, "deadlines[%u].hours", i),
					    "expected 1 to %u hours", MAX_HOURS);
		if (err == NRM_OK)
			p->answer_hours[service] = t->deadlines[i].hours;
	}
	return err;
}

enum nrm_err nrm_profile_read(const char *path, struct nrm_profile *ret_profile,
			      char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_profile profile = {.name = ""};
	struct nrm_yaml yaml;
	void *text = NULL;

	nrm_yaml_init(&yaml);
	enum nrm_err err = nrm_yaml_load_file(&yaml, path);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&yaml, &schema, &text);
	if (err == NRM_OK)
		err = take(&yaml, text, &profile);
	if (err)
		snprintf(error, NRM_YAML_ERROR_LEN, "%s", nrm_yaml_error(&yaml));
	else
		*ret_profile = profile;
	nrm_yaml_free_decoded(&schema, text);
	nrm_yaml_done(&yaml);
	return err;
}

void nrm_profile_compare(const struct nrm_profile *profile, const struct nrm_participant *self,
			 nrm_mask *ret_roles, nrm_mask *ret_services)
{
	*ret_roles = self ? profile->roles & ~self->roles : 0;
	*ret_services = self ? profile->services & ~self->offers : 0;
}
