#include "broker/policy/reach.h"

#include "broker/core/decide.h"

nrm_mask nrm_policy_walled_off(const struct nrm_policy *policy)
{
	nrm_mask roles = 0;

	for (uint32_t i = 0; i < policy->n_walls; i++)
		if (policy->wall[i].absolute && policy->wall[i].from == NRM_ANYONE &&
		    policy->wall[i].except == 0)
			roles |= policy->wall[i].to;
	return roles;
}

struct nrm_reach nrm_policy_reach(const struct nrm_policy *policy, enum nrm_role role,
				  enum nrm_service service)
{
	const struct nrm_party party = {.known = true,
					.active = true,
					.roles = nrm_bit(role),
					.offers = service ? nrm_bit(service) : 0};
	const bool walled = nrm_has(nrm_policy_walled_off(policy), role);

	return (struct nrm_reach){
		.needed = nrm_needed(policy, &party, service, NRM_MESSAGE_TYPE_REFERRAL),
		.secret = walled ? ~0ull : nrm_secret(policy, &party, service),
	};
}
