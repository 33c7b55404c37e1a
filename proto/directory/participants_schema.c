#include "proto/directory/participants_schema.h"

#include "proto/base/limits.h"

#define WORD  64u  /* codes, ids and times; what they are is checked afterwards */
#define KEY   255u /* a verifier key's text */
#define PATHS 4096u

#define NEEDED	 CYAML_FLAG_POINTER
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

static const cyaml_schema_value_t word = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, WORD)};
static const cyaml_schema_value_t key_text = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, KEY)};

static const cyaml_schema_field_t regional_fields[] = {
	CYAML_FIELD_STRING_PTR("service", NEEDED, struct nrm_regional_text, service, 1, WORD),
	CYAML_FIELD_SEQUENCE("regions", NEEDED, struct nrm_regional_text, regions, &word, 1, 256),
	CYAML_FIELD_END};
static const cyaml_schema_value_t regional = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_regional_text, regional_fields)};

static const cyaml_schema_field_t participant_fields[] = {
	CYAML_FIELD_STRING_PTR("id", NEEDED, struct nrm_participant_text, id, 1, WORD),
	CYAML_FIELD_STRING_PTR("name", NEEDED, struct nrm_participant_text, name, 1,
			       NRM_MAX_DISPLAY_NAME),
	CYAML_FIELD_STRING_PTR("kind", NEEDED, struct nrm_participant_text, kind, 1, WORD),
	CYAML_FIELD_SEQUENCE("roles", NEEDED, struct nrm_participant_text, roles, &word, 1, 63),
	CYAML_FIELD_SEQUENCE("services", OPTIONAL, struct nrm_participant_text, services, &word, 0,
			     63),
	CYAML_FIELD_SEQUENCE("regional_services", OPTIONAL, struct nrm_participant_text,
			     regional_services, &regional, 0, 63),
	CYAML_FIELD_STRING_PTR("country", OPTIONAL, struct nrm_participant_text, country, 1, WORD),
	CYAML_FIELD_BOOL("detention", CYAML_FLAG_OPTIONAL, struct nrm_participant_text, detention),
	CYAML_FIELD_STRING_PTR("status", OPTIONAL, struct nrm_participant_text, status, 1, WORD),
	CYAML_FIELD_STRING_PTR("valid_from", OPTIONAL, struct nrm_participant_text, valid_from, 1,
			       WORD),
	CYAML_FIELD_STRING_PTR("valid_until", OPTIONAL, struct nrm_participant_text, valid_until, 1,
			       WORD),
	CYAML_FIELD_UINT_PTR("max_version", OPTIONAL, struct nrm_participant_text, max_version),
	CYAML_FIELD_STRING_PTR("keys", NEEDED, struct nrm_participant_text, keys, 1, PATHS),
	CYAML_FIELD_END};
static const cyaml_schema_value_t participant = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_participant_text, participant_fields)};

static const cyaml_schema_field_t broker_fields[] = {
	CYAML_FIELD_STRING_PTR("id", NEEDED, struct nrm_broker_text, id, 1, WORD),
	CYAML_FIELD_STRING_PTR("endpoint", NEEDED, struct nrm_broker_text, endpoint, 1,
			       NRM_MAX_ENDPOINT),
	CYAML_FIELD_STRING_PTR("transport_key", OPTIONAL, struct nrm_broker_text, transport_key, 1,
			       WORD),
	CYAML_FIELD_STRING_PTR("keys", OPTIONAL, struct nrm_broker_text, keys, 1, PATHS),
	CYAML_FIELD_END};

static const cyaml_schema_field_t trail_fields[] = {
	CYAML_FIELD_STRING_PTR("origin", OPTIONAL, struct nrm_trail_text, origin, 1, 127),
	CYAML_FIELD_STRING_PTR("verifier_key", OPTIONAL, struct nrm_trail_text, verifier_key, 1,
			       KEY),
	CYAML_FIELD_STRING_PTR("public_key", OPTIONAL, struct nrm_trail_text, public_key, 1, WORD),
	CYAML_FIELD_SEQUENCE("earlier_keys", OPTIONAL, struct nrm_trail_text, earlier_keys,
			     &key_text, 0, NRM_MAX_VERIFIER_KEYS - 1),
	CYAML_FIELD_STRING_PTR("old_head", OPTIONAL, struct nrm_trail_text, old_head, 1,
			       NRM_MAX_NOTE),
	CYAML_FIELD_END};

static const cyaml_schema_field_t fields[] = {
	CYAML_FIELD_STRING_PTR("country", NEEDED, struct nrm_participants_text, country, 1, WORD),
	CYAML_FIELD_UINT("version", CYAML_FLAG_DEFAULT, struct nrm_participants_text, version),
	CYAML_FIELD_STRING_PTR("valid_from", NEEDED, struct nrm_participants_text, valid_from, 1,
			       WORD),
	CYAML_FIELD_STRING_PTR("valid_until", NEEDED, struct nrm_participants_text, valid_until, 1,
			       WORD),
	CYAML_FIELD_MAPPING("broker", CYAML_FLAG_DEFAULT, struct nrm_participants_text, broker,
			    broker_fields),
	CYAML_FIELD_MAPPING_PTR("trail", OPTIONAL, struct nrm_participants_text, trail,
				trail_fields),
	CYAML_FIELD_UINT("witness_quorum", CYAML_FLAG_OPTIONAL, struct nrm_participants_text,
			 witness_quorum),
	CYAML_FIELD_STRING_PTR("successor_authority", OPTIONAL, struct nrm_participants_text,
			       successor_authority, 1, WORD),
	CYAML_FIELD_SEQUENCE("participants", NEEDED, struct nrm_participants_text, participants,
			     &participant, 1, NRM_MAX_PARTICIPANTS),
	CYAML_FIELD_END};

const cyaml_schema_value_t nrm_participants_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct nrm_participants_text, fields)};
