/*
 * Profiles: what kind of agency this is (agents/profiles/). Police, shelter and hospital run the
 * same agent; a profile says which roles and services are expected of it, what its forms ask for
 * and how fast it means to answer. It grants nothing: the directory and the policy decide.
 */
#ifndef NRM_AGENT_PROFILE_H
#define NRM_AGENT_PROFILE_H

#include "proto/directory/directory.h"
#include "proto/yaml/yaml.h"

struct nrm_profile {
	char name[64];
	nrm_mask roles, services;
	nrm_mask form[NRM_SERVICE_END_];	 /* by service: the fields that its form asks for */
	uint32_t answer_hours[NRM_SERVICE_END_]; /* by service; 0: no deadline of its own */
};

/* On failure `error` has one line. */
enum nrm_err nrm_profile_read(const char *path, struct nrm_profile *ret_profile,
			      char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

/*
 * What the profile expects and the directory does not say of this agency: roles and services that
 * are missing there. Both zero when all is well, or when the directory does not know the agency at
 * all.
 */
void nrm_profile_compare(const struct nrm_profile *profile, const struct nrm_participant *self,
			 nrm_mask *ret_roles, nrm_mask *ret_services);

#endif
