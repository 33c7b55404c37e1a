#include "broker/core/card.h"

#include "broker/core/matter.h"

/* ---- Who may state what (policy.md, "Facts on a case") ---- */

static bool age_admitted(const struct nrm_policy *policy, const struct nrm_party *sender,
			 bool adult)
{
	const bool may_say_adult = !sender->detention && !(sender->roles & policy->adult_not_by);

	return !adult || may_say_adult;
}

/* Parents stand in only after the assessments that the policy names (K3). */
static bool parents_admitted(const struct nrm_policy *policy, const struct nrm_party *sender,
			     const struct nrm_card *card)
{
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++)
		if (nrm_has(policy->parents_after, a) && card->assessed[a] == 0)
			return false;
	return (sender->roles & policy->parents_by) != 0;
}

static bool assessment_admitted(const struct nrm_policy *policy, const struct nrm_party *sender,
				uint32_t self, const struct nrm_card *card,
				enum nrm_assessment assessment)
{
	if (assessment == NRM_ASSESSMENT_ABSENT || assessment >= NRM_ASSESSMENT_END_)
		return false;
	if (nrm_has(policy->assessments_by_itself, assessment) && self != 0 &&
	    card->receiving_manager == self)
		return true;
	return (sender->roles & policy->assessment_by[assessment]) != 0;
}

bool nrm_may_state(const struct nrm_policy *policy, const struct nrm_party *sender, uint32_t self,
		   bool manages, const struct nrm_card *card, const struct nrm_claim *claim)
{
	if (!sender->known || !sender->active || claim->kind == NRM_FACT_ABSENT ||
	    claim->kind >= NRM_FACT_END_)
		return false;
	if (claim->kind == NRM_FACT_ASSESSMENT)
		return assessment_admitted(policy, sender, self, card, claim->assessment);
	if (claim->kind == NRM_FACT_GUARDIAN && claim->guardian == NRM_GUARDIAN_PARENTS)
		return parents_admitted(policy, sender, card);
	if (nrm_has(policy->facts_by_managers, claim->kind) && manages)
		return true;
	if (nrm_has(policy->facts_by_itself, claim->kind) && self != 0 &&
	    claim->participant == self)
		return true;
	if (!((sender->roles | nrm_bit(0)) & policy->fact_by[claim->kind]))
		return false;
	return age_admitted(policy, sender,
			    claim->kind == NRM_FACT_ADULT_SINCE ||
				    (claim->kind == NRM_FACT_AGE_CLASS &&
				     claim->age_class == NRM_AGE_CLASS_ADULT));
}

bool nrm_may_record_consent(const struct nrm_policy *policy, const struct nrm_party *sender)
{
	return sender->known && sender->active && !(sender->roles & policy->consent_not_by);
}

bool nrm_may_withdraw(const struct nrm_policy *policy, const struct nrm_party *sender,
		      bool party_to_case)
{
	return sender->known && sender->active &&
	       (party_to_case || (sender->roles & policy->withdrawal_also_by));
}

bool nrm_may_forget(const struct nrm_policy *policy, const struct nrm_party *sender)
{
	return sender->known && sender->active && (sender->roles & policy->forgotten_by);
}

/* ---- What an admitted claim does to the card ---- */

/*
 * Doubt about age prevails, in whatever order claims arrive: nothing but a decision makes an adult of a person whose
 * age was doubted, and a doubt that arises after a decision counts again (K1).
 */
static void apply_age(const struct nrm_policy *policy, struct nrm_card *card,
		      const struct nrm_claim *claim, const struct nrm_party *sender,
		      uint64_t issued)
{
	uint64_t *stated = &card->stated[NRM_FACT_AGE_CLASS];
	const bool decides = (sender->roles & policy->age_decided_by) != 0;
	const bool doubts = claim->age_class != NRM_AGE_CLASS_ADULT;
	const bool child = claim->age_class == NRM_AGE_CLASS_CHILD;
	const bool was_adult = card->age_class == NRM_AGE_CLASS_ADULT;
	const bool replaces = issued >= *stated || (doubts && was_adult && !card->age_decided);
	const bool stands = decides || doubts || card->age_class == NRM_AGE_CLASS_ABSENT ||
			    (was_adult && !card->age_decided);

	if (!replaces || !stands)
		return;
	card->age_class = !doubts ? NRM_AGE_CLASS_ADULT
			  : child ? NRM_AGE_CLASS_CHILD
				  : NRM_AGE_CLASS_UNKNOWN;
	card->age_decided = decides;
	*stated = issued;
}

/* Who takes the person over anew has not accepted yet (X2). */
static void apply_receiving_manager(struct nrm_card *card, uint32_t participant)
{
	if (card->receiving_manager == participant)
		return;
	card->receiving_manager = participant;
	card->assessed[NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED] = 0;
	card->assessed_stated[NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED] = 0;
}

static bool apply_exclusion(struct nrm_card *card, uint32_t participant, uint64_t issued)
{
	if (nrm_is_excluded(card, participant))
		return true;
	if (card->n_excluded >= NRM_MAX_CASE_EXCLUDED)
		return false;
	card->excluded[card->n_excluded++] = participant;
	card->stated[NRM_FACT_EXCLUDED] = issued;
	return true;
}

static void apply_assessment(struct nrm_card *card, const struct nrm_claim *claim, uint64_t issued)
{
	if (claim->assessment >= NRM_ASSESSMENT_END_ ||
	    issued < card->assessed_stated[claim->assessment])
		return;
	card->assessed[claim->assessment] = claim->time;
	card->assessed_stated[claim->assessment] = issued;
}

/* Facts of which simply the latest counts. */
static void apply_latest(struct nrm_card *card, const struct nrm_claim *claim)
{
	switch (claim->kind) {
	case NRM_FACT_ADULT_SINCE:
		card->adult_since = claim->time;
		break;
	case NRM_FACT_GUARDIAN:
		card->guardian = claim->guardian;
		card->guardian_party =
			claim->guardian == NRM_GUARDIAN_PARTICIPANT ? claim->participant : 0;
		break;
	case NRM_FACT_COMPLICIT_PARENT:
		card->complicit_parent = claim->yes;
		break;
	case NRM_FACT_LAST_THREAT:
		card->last_threat = claim->time;
		break;
	case NRM_FACT_REFUSED:
		card->refused = claim->codes;
		break;
	case NRM_FACT_CONTACT:
		card->contact = (uint32_t)claim->codes;
		card->contact_stated = true;
		break;
	case NRM_FACT_ASYLUM_SEEKER:
		card->asylum_seeker = claim->yes;
		break;
	case NRM_FACT_CONSULATE_WISHED:
		card->consulate_wished = claim->yes;
		break;
	case NRM_FACT_RECEIVING_MANAGER:
		apply_receiving_manager(card, claim->participant);
		break;
	default:
		break;
	}
}

bool nrm_card_apply(const struct nrm_policy *policy, struct nrm_card *card,
		    const struct nrm_claim *claim, const struct nrm_party *sender, uint64_t issued)
{
	if (claim->kind == NRM_FACT_ABSENT || claim->kind >= NRM_FACT_END_)
		return true;
	if (claim->kind == NRM_FACT_EXCLUDED)
		return apply_exclusion(card, claim->participant, issued);
	if (claim->kind == NRM_FACT_AGE_CLASS) {
		apply_age(policy, card, claim, sender, issued);
	} else if (claim->kind == NRM_FACT_ASSESSMENT) {
		apply_assessment(card, claim, issued);
	} else if (claim->kind == NRM_FACT_REFLECTION_UNTIL) {
		if (claim->time > card->reflection_until)
			card->reflection_until = claim->time;
	} else if (issued >= card->stated[claim->kind]) {
		apply_latest(card, claim);
		card->stated[claim->kind] = issued;
	}
	return true;
}
