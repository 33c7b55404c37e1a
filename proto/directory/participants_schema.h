/*
 * The shape of participants.yaml. Internal to proto/directory.
 */
#ifndef NRM_DIRECTORY_PARTICIPANTS_SCHEMA_H
#define NRM_DIRECTORY_PARTICIPANTS_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/yaml/yaml.h"

struct nrm_regional_text {
	char *service;
	char **regions;
	unsigned regions_count;
};

struct nrm_participant_text {
	char *id, *name, *kind;
	char **roles;
	unsigned roles_count;
	char **services; /* in every region */
	unsigned services_count;
	struct nrm_regional_text *regional_services;
	unsigned regional_services_count;
	char *country, *status, *valid_from, *valid_until, *keys;
	uint32_t *max_version;
	bool detention;
};

struct nrm_broker_text {
	char *id, *endpoint, *transport_key, *keys;
};

struct nrm_trail_text {
	char *origin, *verifier_key, *public_key, *old_head;
	char **earlier_keys;
	unsigned earlier_keys_count;
};

struct nrm_participants_text {
	uint64_t version;
	char *country, *valid_from, *valid_until, *successor_authority;
	struct nrm_broker_text broker;
	struct nrm_trail_text *trail;
	uint32_t witness_quorum;
	struct nrm_participant_text *participants;
	unsigned participants_count;
};

/* Makes a struct nrm_participants_text. */
extern const cyaml_schema_value_t nrm_participants_schema;

#endif
