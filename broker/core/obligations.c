/* What falls due after a verdict (policy.md, at the rules that say so). */
#include "broker/core/matter.h"

/* A rule's number tells how far the matter came: past rule 12 means beyond what stops any message. */
enum { RULE_DECLINE = 8, RULE_REFLECTION = 12 };

static bool forwarded_on(const struct nrm_matter *m, enum nrm_outcome outcome)
{
	return outcome == NRM_OUTCOME_FORWARD && m->needs_ground;
}

uint32_t nrm_obligations(const struct nrm_matter *m, uint32_t number, enum nrm_outcome outcome)
{
	const bool beyond = number > RULE_REFLECTION;
	const bool declined_badly = number == RULE_DECLINE;
	const bool no_room = beyond && nrm_declines(m->message, m->policy->declines.for_capacity);
	const bool forwarded = forwarded_on(m, outcome);
	const bool reviewed = forwarded && nrm_other_ground(m);
	const bool unguarded = beyond && m->needs_ground && m->minor && !m->guarded;
	const bool by_participant = m->guarded && m->card->guardian == NRM_GUARDIAN_PARTICIPANT;
	const struct {
		enum nrm_obligation obligation;
		bool due;
	} table[] = {
		{NRM_OBLIGATION_REVIEW_CONSENT, forwarded && m->consented.ends_soon},
		{NRM_OBLIGATION_REVIEW_BY_COORDINATOR, reviewed},
		{NRM_OBLIGATION_TELL_THE_SUBJECT, reviewed},
		{NRM_OBLIGATION_ALERT_COORDINATOR, declined_badly},
		{NRM_OBLIGATION_SUGGEST_PROVIDER, declined_badly || no_room},
		{NRM_OBLIGATION_ALERT_EXPULSION, beyond && nrm_expels_too_soon(m)},
		{NRM_OBLIGATION_REQUEST_GUARDIANSHIP,
		 unguarded && !nrm_has(m->policy->asks_for_guardian, m->message->service)},
		{NRM_OBLIGATION_INFORM_GUARDIAN, forwarded && m->minor && by_participant},
	};
	uint32_t due = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].due)
			due |= 1u << table[i].obligation;
	return due;
}
