#include "tests/naive/rules.h"

const struct nrm_party *nrm_naive_party(const struct nrm_facts *facts, uint32_t handle)
{
	static const struct nrm_party nobody;

	return handle == 0 || handle >= facts->n_parties ? &nobody : &facts->party[handle];
}

bool nrm_naive_has_role(const struct nrm_party *party, enum nrm_role role)
{
	return (party->roles >> role & 1) != 0;
}

bool nrm_naive_holds(const struct nrm_party *party, const bool roles[NAIVE_ROLES])
{
	for (uint32_t role = 1; role < NAIVE_ROLES; role++)
		if (roles[role] && nrm_naive_has_role(party, (enum nrm_role)role))
			return true;
	return false;
}

bool nrm_naive_offers(const struct nrm_party *party, enum nrm_service service)
{
	return service != NRM_SERVICE_ABSENT && (party->offers >> service & 1) != 0;
}

bool nrm_naive_excluded(const struct nrm_card *card, uint32_t handle)
{
	for (uint32_t i = 0; i < card->n_excluded && i < NRM_MAX_CASE_EXCLUDED; i++)
		if (card->excluded[i] == handle)
			return true;
	return false;
}

bool nrm_naive_is_ours(const struct nrm_facts *facts, const struct nrm_party *party)
{
	return party->country != 0 && party->country == facts->country;
}

static bool active(const struct nrm_party *party)
{
	return party->known && party->active;
}

static bool is_type(const struct nrm_naive_question *q, enum nrm_message_type type)
{
	return q->message.type == type;
}

enum nrm_reason nrm_naive_rule_1(const struct nrm_naive_question *q)
{
	if (!active(q->sender) || !active(q->recipient))
		return NRM_REASON_UNKNOWN_PARTICIPANT;
	return NRM_REASON_ABSENT;
}

/* Rule 2's three, which go to anybody and never carry a field. */
static bool without_fields(const struct nrm_naive_question *q)
{
	return is_type(q, NRM_MESSAGE_TYPE_WITHDRAWAL) ||
	       is_type(q, NRM_MESSAGE_TYPE_ERASURE_ORDER) ||
	       is_type(q, NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION);
}

/* A consent, a case card or none is nothing that one agency writes to another. */
static bool between_agencies(const struct nrm_naive_question *q)
{
	return !is_type(q, NRM_MESSAGE_TYPE_CONSENT_GRANT) &&
	       !is_type(q, NRM_MESSAGE_TYPE_CASE_CARD) && !is_type(q, NRM_MESSAGE_TYPE_ABSENT);
}

enum nrm_reason nrm_naive_rule_2(const struct nrm_naive_question *q)
{
	if (!between_agencies(q))
		return NRM_REASON_FIELDS_NOT_ALLOWED;
	if (without_fields(q))
		return q->message.fields != 0 ? NRM_REASON_FIELDS_NOT_ALLOWED : NRM_REASON_OK;
	if (is_type(q, NRM_MESSAGE_TYPE_NOTIFICATION) && q->message.fields != 0)
		return NRM_REASON_FIELDS_NOT_ALLOWED;
	return NRM_REASON_ABSENT;
}

enum nrm_reason nrm_naive_rule_3(const struct nrm_naive_question *q)
{
	if (q->facts->outsider)
		return NRM_REASON_EXCLUDED;
	if (nrm_naive_excluded(q->card, q->message.sender) ||
	    nrm_naive_excluded(q->card, q->message.recipient))
		return NRM_REASON_EXCLUDED;
	return NRM_REASON_ABSENT;
}

enum nrm_reason nrm_naive_rule_4(const struct nrm_naive_question *q)
{
	if (is_type(q, NRM_MESSAGE_TYPE_REFERRAL) &&
	    !nrm_naive_offers(q->recipient, q->message.service))
		return NRM_REASON_NOT_OFFERED;
	return NRM_REASON_ABSENT;
}

/* A bare answer to a referral of the recipient's own: exempt from rules 5 and 11. */
static bool bare_reply(const struct nrm_naive_question *q)
{
	return is_type(q, NRM_MESSAGE_TYPE_RESPONSE) && q->message.fields == 0 &&
	       q->message.in_reply &&
	       !nrm_naive_has_role(q->recipient, NRM_ROLE_IMMIGRATION_ENFORCEMENT);
}

static bool wall_stands(const struct nrm_naive_question *q, const struct nrm_naive_wall *wall)
{
	const struct nrm_party contributors = {.roles = q->card->contributed};

	if (wall->except[q->message.service] || !nrm_naive_holds(q->recipient, wall->to))
		return false;
	return wall->from_anyone || nrm_naive_holds(q->sender, wall->from) ||
	       nrm_naive_holds(&contributors, wall->from);
}

enum nrm_reason nrm_naive_rule_5(const struct nrm_naive_question *q)
{
	if (bare_reply(q))
		return NRM_REASON_ABSENT;
	for (size_t i = 0; i < NAIVE_WALLS; i++) {
		if (i > 0 && is_type(q, NRM_MESSAGE_TYPE_NOTIFICATION))
			break;
		if (wall_stands(q, &q->t->wall[i]))
			return NRM_REASON_FIREWALL;
	}
	return NRM_REASON_ABSENT;
}

enum nrm_reason nrm_naive_rule_6(const struct nrm_naive_question *q)
{
	if (!is_type(q, NRM_MESSAGE_TYPE_REFERRAL) || !q->recipient->detention)
		return NRM_REASON_ABSENT;
	return q->child ? NRM_REASON_CHILD_DETENTION : NRM_REASON_DETENTION;
}

enum nrm_reason nrm_naive_rule_7(const struct nrm_naive_question *q)
{
	if (!is_type(q, NRM_MESSAGE_TYPE_COMPLAINT))
		return NRM_REASON_ABSENT;
	if (!nrm_naive_holds(q->recipient, q->t->oversight))
		return NRM_REASON_COMPLAINT_ROUTE;
	if (q->message.about == q->message.recipient)
		return NRM_REASON_COMPLAINT_ROUTE;
	return NRM_REASON_ABSENT;
}

bool nrm_naive_declines(const struct nrm_naive_question *q)
{
	return is_type(q, NRM_MESSAGE_TYPE_RESPONSE) && q->message.answer == NRM_ANSWER_DECLINE;
}

enum nrm_reason nrm_naive_rule_8(const struct nrm_naive_question *q)
{
	if (!nrm_naive_declines(q))
		return NRM_REASON_ABSENT;
	if (q->message.decline == NRM_DECLINE_PROTECTED_GROUND)
		return NRM_REASON_DISCRIMINATORY;
	if (q->t->conditional[q->message.decline] && !q->t->on_status[q->message.service])
		return NRM_REASON_CONDITIONAL_HELP;
	return NRM_REASON_ABSENT;
}

enum nrm_reason nrm_naive_rule_9(const struct nrm_naive_question *q)
{
	if (!nrm_naive_declines(q) || q->message.appeal)
		return NRM_REASON_ABSENT;
	if (q->message.decline == NRM_DECLINE_PERSON_DECLINED)
		return NRM_REASON_ABSENT;
	if (q->t->elsewhere[q->message.decline] && !q->t->on_status[q->message.service])
		return NRM_REASON_ABSENT;
	return NRM_REASON_NO_APPEAL_ROUTE;
}

enum nrm_reason nrm_naive_rule_10(const struct nrm_naive_question *q)
{
	const enum nrm_channel channel = q->message.contact_by;

	if (channel == NRM_CHANNEL_ABSENT)
		return NRM_REASON_ABSENT;
	if (channel >= NRM_CHANNEL_END_)
		return NRM_REASON_CONTACT_PREFERENCE;
	if (q->card->contact_stated && (q->card->contact >> channel & 1) == 0)
		return NRM_REASON_CONTACT_PREFERENCE;
	return NRM_REASON_ABSENT;
}

enum nrm_reason nrm_naive_rule_11(const struct nrm_naive_question *q)
{
	if (!nrm_naive_has_role(q->recipient, NRM_ROLE_CONSULAR) || bare_reply(q))
		return NRM_REASON_ABSENT;
	if (q->card->consulate_wished && !q->card->asylum_seeker)
		return NRM_REASON_ABSENT;
	return NRM_REASON_CONSULATE_NOT_WISHED;
}

bool nrm_naive_expels(const struct nrm_naive_question *q)
{
	if (q->message.notice != NRM_NOTICE_KIND_EXPULSION &&
	    q->message.notice != NRM_NOTICE_KIND_REMOVAL)
		return false;
	return q->card->reflection_until == 0 || q->now < q->card->reflection_until;
}

enum nrm_reason nrm_naive_rule_12(const struct nrm_naive_question *q)
{
	if (nrm_naive_expels(q) && !nrm_naive_holds(q->recipient, q->t->defender))
		return NRM_REASON_REFLECTION_PERIOD;
	return NRM_REASON_ABSENT;
}

bool nrm_naive_needs_ground(const struct nrm_naive_question *q)
{
	bool more_than_interpreter = false;

	if (is_type(q, NRM_MESSAGE_TYPE_COMPLAINT) || is_type(q, NRM_MESSAGE_TYPE_NOTIFICATION) ||
	    without_fields(q) || !between_agencies(q))
		return false;
	for (uint32_t field = 0; field < NAIVE_FIELDS; field++)
		if ((q->message.fields >> field & 1) != 0 && !q->t->to_find_interpreter[field])
			more_than_interpreter = true;
	if (q->message.service == NRM_SERVICE_INTERPRETATION && !more_than_interpreter)
		return false;
	return is_type(q, NRM_MESSAGE_TYPE_REFERRAL) || is_type(q, NRM_MESSAGE_TYPE_UPDATE) ||
	       q->message.fields != 0;
}
