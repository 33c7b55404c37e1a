/*
 * Who may get what, by the policy alone: for each service a grid of roles and fields. Whether a
 * message passes is another question (grounds, pairs of roles): this is the most that can arrive.
 */
#ifndef NRM_POLICY_REACH_H
#define NRM_POLICY_REACH_H

#include "broker/core/policy.h"

/*
 * Masks of fields: those that some row names for a role and service, and those that are secret for
 * the role whoever consented, but for what a consent by name lifts.
 */
struct nrm_reach {
	nrm_mask needed, secret;
};

/*
 * Of a role that offers a service; for NRM_SERVICE_ABSENT, of one that does not offer what a
 * message is about. For a role that nothing reaches all is secret.
 */
struct nrm_reach nrm_policy_reach(const struct nrm_policy *policy, enum nrm_role role,
				  enum nrm_service service);

/*
 * Roles that nothing reaches, from anyone, for any service: those behind an absolute wall without
 * exception.
 */
nrm_mask nrm_policy_walled_off(const struct nrm_policy *policy);

#endif
