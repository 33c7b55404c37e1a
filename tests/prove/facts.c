#include "tests/prove/facts.h"

struct nrm_policy any_policy(void)
{
	struct nrm_policy policy;

	any_bytes(&policy, sizeof(policy));
	for (size_t i = 0; i < NRM_MAX_WALLS; i++)
		policy.wall[i].absolute = any_bool();
	for (size_t i = 0; i < NRM_MAX_SECRECIES; i++) {
		policy.secrecy[i].liftable = any_bool();
		policy.secrecy[i].but.offering = any_bool();
	}
	return policy;
}

struct nrm_party any_party(void)
{
	struct nrm_party party;

	any_bytes(&party, sizeof(party));
	party.known = any_bool();
	party.active = any_bool();
	party.detention = any_bool();
	return party;
}

struct nrm_consent any_consent(void)
{
	struct nrm_consent consent;

	any_bytes(&consent, sizeof(consent));
	consent.any_service = any_bool();
	consent.any_recipient = any_bool();
	consent.any_field = any_bool();
	consent.understood = any_bool();
	consent.interpreter_conflict = any_bool();
	consent.guardian_unknown = any_bool();
	return consent;
}

struct nrm_card any_card(void)
{
	struct nrm_card card;

	any_bytes(&card, sizeof(card));
	card.age_decided = any_bool();
	card.complicit_parent = any_bool();
	card.contact_stated = any_bool();
	card.asylum_seeker = any_bool();
	card.consulate_wished = any_bool();
	return card;
}

struct nrm_message any_message(void)
{
	struct nrm_message message;

	any_bytes(&message, sizeof(message));
	message.appeal = any_bool();
	message.in_reply = any_bool();
	return message;
}
