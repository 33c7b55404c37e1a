/* What a message rests on beside its ground, for the record that auditors count by. */
#include "broker/core/matter.h"

/* A service that the policy asks a child's safeguard for, and no ground that goes without (K4: help in an emergency is not delayed). */
static bool asked(const struct nrm_matter *m, nrm_mask without)
{
	return m->minor && m->needs_ground && !nrm_other_ground(m) &&
	       !nrm_has(without, m->message->service);
}

void nrm_protect(const struct nrm_policy *policy, const struct nrm_facts *facts,
		 const struct nrm_message *message, uint64_t now,
		 struct nrm_protection *ret_protection)
{
	static const struct nrm_card nothing_known;
	struct nrm_matter m = {
		.policy = policy,
		.message = message,
		.card = facts->card ? facts->card : &nothing_known,
		.needs_ground = nrm_needs_ground(policy, message),
	};
	const uint64_t assessed = m.card->assessed[NRM_ASSESSMENT_BEST_INTERESTS];

	m.minor = m.card->age_class != NRM_AGE_CLASS_ADULT;
	*ret_protection = (struct nrm_protection){
		.groundless = !m.needs_ground,
		.child = m.minor,
		.guardian_asked = asked(&m, policy->without_guardian),
		.guarded = nrm_has_guardian(facts, m.card),
		.assessment_asked = asked(&m, policy->without_best_interests),
		.assessed = assessed != 0 && assessed <= now,
	};
}
