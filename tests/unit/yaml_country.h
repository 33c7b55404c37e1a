/*
 * A small schema with every kind of value, for the tests of YAML.
 */
#ifndef NRM_TESTS_YAML_COUNTRY_H
#define NRM_TESTS_YAML_COUNTRY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/limits.h"
#include "proto/yaml/yaml.h"

enum kind { KIND_NGO = 1, KIND_GOVERNMENT = 2 };

struct agency {
	char *id;
	enum kind kind;
	char **roles;
	unsigned roles_count;
	bool detention;
	uint16_t port;
	int8_t offset;
	uint64_t services;
	char *note;
};

struct country {
	char *country;
	struct agency *agencies;
	unsigned agencies_count;
};

static const cyaml_strval_t kinds[] = {{"ngo", KIND_NGO}, {"government", KIND_GOVERNMENT}};
#define NRM_X_(name, number, code, area) {code, (int64_t)1 << number},
static const cyaml_strval_t services[] = {NRM_SERVICES(NRM_X_)};
#undef NRM_X_
static const cyaml_schema_value_t word = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 32)};
static const cyaml_schema_field_t agency_fields[] = {
	CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct agency, id, 1, NRM_MAX_ID),
	CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct agency, kind, kinds, 2),
	CYAML_FIELD_SEQUENCE("roles", CYAML_FLAG_POINTER, struct agency, roles, &word, 1, 3),
	CYAML_FIELD_BOOL("detention", CYAML_FLAG_OPTIONAL, struct agency, detention),
	CYAML_FIELD_UINT("port", CYAML_FLAG_OPTIONAL, struct agency, port),
	CYAML_FIELD_INT("offset", CYAML_FLAG_OPTIONAL, struct agency, offset),
	CYAML_FIELD_FLAGS("services", CYAML_FLAG_OPTIONAL, struct agency, services, services,
			  sizeof(services) / sizeof(services[0])),
	CYAML_FIELD_STRING_PTR("note", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, struct agency,
			       note, 0, 20),
	CYAML_FIELD_IGNORE("comment", CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_END};
static const cyaml_schema_value_t agency_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct agency, agency_fields)};
static const cyaml_schema_field_t country_fields[] = {
	CYAML_FIELD_STRING_PTR("country", CYAML_FLAG_POINTER, struct country, country, 2, 2),
	CYAML_FIELD_SEQUENCE("agencies", CYAML_FLAG_POINTER, struct country, agencies,
			     &agency_schema, 0, 100000),
	CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct country, country_fields)};

static inline enum nrm_err decode(struct nrm_yaml *yaml, const char *bytes, size_t len,
				  struct country **ret_country)
{
	void *value = NULL;

	nrm_yaml_init(yaml);
	enum nrm_err err = nrm_yaml_load_bytes(yaml, "t.yaml", nrm_slice(bytes, len));
	if (err == NRM_OK)
		err = nrm_yaml_decode(yaml, &schema, &value);
	*ret_country = value;
	return err;
}

#endif
