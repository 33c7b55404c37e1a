/* Rules 1-12: those that stop any message, whatever its ground. */
#include "broker/core/matter.h"

/* What a type of message is to the rules. None of it: it does not pass between agencies. */
enum trait {
	BARE = 1,	 /* carries no field */
	PASSES = 2,	 /* and goes on without further rule */
	FREE = 4,	 /* needs no ground even with fields */
	WITH_FIELDS = 8, /* needs one when it declares fields */
	ALWAYS = 16,	 /* needs one in any case */
};

static const uint8_t traits[NRM_MESSAGE_TYPE_END_] = {
	[NRM_MESSAGE_TYPE_REFERRAL] = ALWAYS,
	[NRM_MESSAGE_TYPE_UPDATE] = ALWAYS,
	[NRM_MESSAGE_TYPE_RESPONSE] = WITH_FIELDS,
	[NRM_MESSAGE_TYPE_NOTICE] = WITH_FIELDS,
	[NRM_MESSAGE_TYPE_COMPLAINT] = FREE,
	[NRM_MESSAGE_TYPE_NOTIFICATION] = BARE,
	[NRM_MESSAGE_TYPE_WITHDRAWAL] = BARE | PASSES,
	[NRM_MESSAGE_TYPE_ERASURE_ORDER] = BARE | PASSES,
	[NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION] = BARE | PASSES,
};

static uint8_t traits_of(const struct nrm_message *message)
{
	return message->type < NRM_MESSAGE_TYPE_END_ ? traits[message->type] : 0;
}

bool nrm_needs_ground(const struct nrm_policy *policy, const struct nrm_message *message)
{
	const uint8_t t = traits_of(message);
	const bool groundless = nrm_has(policy->groundless_services, message->service) &&
				(message->fields & ~policy->groundless_fields) == 0;

	return !groundless && ((t & ALWAYS) || ((t & WITH_FIELDS) && message->fields != 0));
}

const struct nrm_party *nrm_party_of(const struct nrm_facts *facts, uint32_t handle)
{
	static const struct nrm_party unknown;

	return handle != 0 && handle < facts->n_parties ? &facts->party[handle] : &unknown;
}

bool nrm_is_excluded(const struct nrm_card *card, uint32_t handle)
{
	for (uint32_t i = 0; i < card->n_excluded && i < NRM_MAX_CASE_EXCLUDED; i++)
		if (card->excluded[i] == handle)
			return true;
	return false;
}

bool nrm_at_home(const struct nrm_facts *facts, const struct nrm_party *party)
{
	return party->country != 0 && party->country == facts->country;
}

static bool takes_part(const struct nrm_party *party)
{
	return party->known && party->active;
}

/* 1 */
enum nrm_reason nrm_rule_participants(const struct nrm_matter *m)
{
	return takes_part(m->sender) && takes_part(m->recipient) ? NRM_REASON_ABSENT
								 : NRM_REASON_UNKNOWN_PARTICIPANT;
}

/* 2: a type that does not pass between agencies at all may not carry anything either */
enum nrm_reason nrm_rule_fields_allowed(const struct nrm_matter *m)
{
	const uint8_t t = traits_of(m->message);
	const bool refused = t == 0 || ((t & BARE) && m->message->fields != 0);

	return refused ? NRM_REASON_FIELDS_NOT_ALLOWED : NRM_REASON_ABSENT;
}

enum nrm_reason nrm_rule_bare(const struct nrm_matter *m)
{
	return traits_of(m->message) & PASSES ? NRM_REASON_OK : NRM_REASON_ABSENT;
}

/* 3 (F4) */
enum nrm_reason nrm_rule_excluded(const struct nrm_matter *m)
{
	const bool excluded = m->facts->outsider || nrm_is_excluded(m->card, m->message->sender) ||
			      nrm_is_excluded(m->card, m->message->recipient);

	return excluded ? NRM_REASON_EXCLUDED : NRM_REASON_ABSENT;
}

/* 4 */
enum nrm_reason nrm_rule_offered(const struct nrm_matter *m)
{
	const bool refused = m->message->type == NRM_MESSAGE_TYPE_REFERRAL &&
			     !nrm_has(m->recipient->offers, m->message->service);

	return refused ? NRM_REASON_NOT_OFFERED : NRM_REASON_ABSENT;
}

/* A response without fields to who referred: it tells no more than that the referral was read. */
static bool is_plain_answer(const struct nrm_message *message)
{
	return message->type == NRM_MESSAGE_TYPE_RESPONSE && message->fields == 0 &&
	       message->in_reply;
}

/* 5 (F1-F3): judged on every role that contributed, so that it holds across hops */
enum nrm_reason nrm_rule_firewall(const struct nrm_matter *m)
{
	const nrm_mask from = m->sender->roles | m->card->contributed | nrm_bit(0);
	const nrm_mask to = m->recipient->roles | nrm_bit(0);
	const bool excused = is_plain_answer(m->message) ||
			     m->message->type == NRM_MESSAGE_TYPE_NOTIFICATION;

	for (uint32_t i = 0; i < m->policy->n_walls && i < NRM_MAX_WALLS; i++) {
		const struct nrm_wall wall = m->policy->wall[i];
		if ((wall.from & from) && (wall.to & to) &&
		    !nrm_has(wall.except, m->message->service) && (wall.absolute || !excused))
			return NRM_REASON_FIREWALL;
	}
	return NRM_REASON_ABSENT;
}

/* 6 (K5) */
enum nrm_reason nrm_rule_detention(const struct nrm_matter *m)
{
	if (m->message->type != NRM_MESSAGE_TYPE_REFERRAL || !m->recipient->detention)
		return NRM_REASON_ABSENT;
	return m->minor ? NRM_REASON_CHILD_DETENTION : NRM_REASON_DETENTION;
}

/* 7 (P7) */
enum nrm_reason nrm_rule_complaint(const struct nrm_matter *m)
{
	const bool refused = m->message->type == NRM_MESSAGE_TYPE_COMPLAINT &&
			     (!(m->recipient->roles & m->policy->oversight) ||
			      m->message->about == m->message->recipient);

	return refused ? NRM_REASON_COMPLAINT_ROUTE : NRM_REASON_ABSENT;
}

bool nrm_declines(const struct nrm_message *message, nrm_mask reasons)
{
	return message->type == NRM_MESSAGE_TYPE_RESPONSE &&
	       message->answer == NRM_ANSWER_DECLINE && nrm_has(reasons, message->decline);
}

/* 8 (U1, U2) */
enum nrm_reason nrm_rule_decline(const struct nrm_matter *m)
{
	if (nrm_declines(m->message, m->policy->declines.discriminatory))
		return NRM_REASON_DISCRIMINATORY;
	if (nrm_declines(m->message, m->policy->declines.conditional) &&
	    !nrm_has(m->policy->status_services, m->message->service))
		return NRM_REASON_CONDITIONAL_HELP;
	return NRM_REASON_ABSENT;
}

/* 9 (P8) */
enum nrm_reason nrm_rule_appeal(const struct nrm_matter *m)
{
	const struct nrm_message *message = m->message;
	const bool on_status = nrm_has(m->policy->status_services, message->service);

	if (message->type != NRM_MESSAGE_TYPE_RESPONSE || message->answer != NRM_ANSWER_DECLINE ||
	    message->appeal || nrm_declines(message, m->policy->declines.by_the_person) ||
	    (!on_status && nrm_declines(message, m->policy->declines.for_capacity)))
		return NRM_REASON_ABSENT;
	return NRM_REASON_NO_APPEAL_ROUTE;
}

/* 10 (M7): no list stated allows all channels, an empty one allows none */
enum nrm_reason nrm_rule_contact(const struct nrm_matter *m)
{
	const enum nrm_channel by = m->message->contact_by;
	const bool allowed = by == NRM_CHANNEL_ABSENT ||
			     (by < NRM_CHANNEL_END_ &&
			      (!m->card->contact_stated || nrm_has(m->card->contact, by)));

	return allowed ? NRM_REASON_ABSENT : NRM_REASON_CONTACT_PREFERENCE;
}

/* 11 (X4) */
enum nrm_reason nrm_rule_consulate(const struct nrm_matter *m)
{
	const bool refused = (m->recipient->roles & m->policy->consulates) &&
			     (!m->card->consulate_wished || m->card->asylum_seeker) &&
			     !is_plain_answer(m->message);

	return refused ? NRM_REASON_CONSULATE_NOT_WISHED : NRM_REASON_ABSENT;
}

bool nrm_expels_too_soon(const struct nrm_matter *m)
{
	return nrm_has(m->policy->expulsions, m->message->notice) &&
	       (m->card->reflection_until == 0 || m->now < m->card->reflection_until);
}

/* 12 (P6) */
enum nrm_reason nrm_rule_reflection(const struct nrm_matter *m)
{
	const bool refused = nrm_expels_too_soon(m) &&
			     !(m->recipient->roles & m->policy->defenders);

	return refused ? NRM_REASON_REFLECTION_PERIOD : NRM_REASON_ABSENT;
}
