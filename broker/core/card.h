/*
 * The case card: the facts on a case that decisions rest on, and how a stated fact changes it
 * (policy.md, "Facts on a case"). Pure.
 */
#ifndef NRM_CORE_CARD_H
#define NRM_CORE_CARD_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/limits.h"
#include "proto/vocabulary.h"

struct nrm_policy;
struct nrm_party;

/* All zero is the card of a case of which nothing is known. */
struct nrm_card {
	enum nrm_age_class age_class; /* absent counts as unknown (K1) */
	bool age_decided;	      /* by a court, child_protection, guardian or coordinator */
	uint64_t adult_since;
	enum nrm_guardian guardian;
	uint32_t guardian_party; /* handle, for guardian `participant` */
	bool complicit_parent;
	uint32_t excluded[NRM_MAX_CASE_EXCLUDED];
	uint32_t n_excluded;
	nrm_mask refused; /* services */
	bool contact_stated;
	uint32_t contact; /* mask of enum nrm_channel; counts only if stated */
	bool asylum_seeker;
	bool consulate_wished;
	uint64_t reflection_until;
	uint64_t last_threat;
	uint32_t receiving_manager; /* handle */
	uint64_t assessed[NRM_ASSESSMENT_END_];
	nrm_mask contributed; /* roles of everyone who sent or received something of the case */
	/* when each was stated (issue time): one issued earlier does not replace it */
	uint64_t stated[NRM_FACT_END_];
	uint64_t assessed_stated[NRM_ASSESSMENT_END_];
};

/* One stated fact, participants as handles. */
struct nrm_claim {
	enum nrm_fact kind;
	enum nrm_age_class age_class;
	enum nrm_guardian guardian;
	enum nrm_assessment assessment;
	uint32_t participant; /* guardian, excluded, receiving_manager */
	uint64_t time;	/* adult_since, last_threat, reflection_until; date of an assessment */
	bool yes;	/* complicit_parent, asylum_seeker, consulate_wished */
	uint64_t codes; /* mask: refused services, allowed channels */
};

/* Whether a participant is excluded from the case (F4). */
bool nrm_is_excluded(const struct nrm_card *card, uint32_t handle);

/*
 * Whether the policy lets `sender` state this (policy.md's table). `manages`: the sender is a manager of the
 * case (who opened it, until an ngo_case_manager, social_services, child_protection or guardian accepted it).
 * `self` is the sender's handle, for facts that only the participant itself may state.
 */
bool nrm_may_state(const struct nrm_policy *policy, const struct nrm_party *sender, uint32_t self,
		   bool manages, const struct nrm_card *card, const struct nrm_claim *claim);

/* Whether the policy lets `sender` record a consent, and a withdrawal. */
bool nrm_may_record_consent(const struct nrm_policy *policy, const struct nrm_party *sender);
bool nrm_may_withdraw(const struct nrm_policy *policy, const struct nrm_party *sender,
		      bool party_to_case);

/* Whether the policy lets `sender` have a case forgotten that it is a party to. */
bool nrm_may_forget(const struct nrm_policy *policy, const struct nrm_party *sender);

/*
 * Applies an admitted claim issued at `issued`: the latest by issue time counts; exclusions only add; reflection_until only
 * grows; child or unknown prevails over adult until an authority decides. `sender` tells whether one does.
 * Returns false, changing nothing, when a list is full.
 */
bool nrm_card_apply(const struct nrm_policy *policy, struct nrm_card *card,
		    const struct nrm_claim *claim, const struct nrm_party *sender, uint64_t issued);

#endif
