/* Rules 13-19: those for messages that need a ground. */
#include "broker/core/matter.h"

/* 13 */
enum nrm_reason nrm_rule_purpose(const struct nrm_matter *m)
{
	const enum nrm_service service = m->message->service;
	const bool fits = service < NRM_SERVICE_END_ &&
			  nrm_has(m->policy->purposes[service], m->message->purpose);

	return fits ? NRM_REASON_ABSENT : NRM_REASON_WRONG_PURPOSE;
}

/* Never abroad, and against the person's own no only for one who cannot decide. */
static bool emergency_allowed(const struct nrm_matter *m)
{
	const enum nrm_service service = m->message->service;
	const bool own_no = nrm_has(m->card->refused, service) || nrm_any_withdrawn(m);
	const nrm_mask reasons = m->policy->emergency.reasons &
				 (own_no ? m->policy->emergency.against_refusal : ~0ull);

	return service < NRM_SERVICE_END_ &&
	       (m->policy->emergency.recipients[service] & (m->recipient->roles | nrm_bit(0))) &&
	       nrm_has(reasons, m->message->emergency) && nrm_at_home(m->facts, m->recipient);
}

/* K6 */
static bool child_protection_allowed(const struct nrm_matter *m)
{
	return m->minor && nrm_has(m->policy->child_protection.services, m->message->service) &&
	       (m->policy->child_protection.recipients & m->recipient->roles) &&
	       nrm_at_home(m->facts, m->recipient);
}

static bool applies(struct nrm_duty duty, const struct nrm_matter *m)
{
	return nrm_has(duty.services, m->message->service) && (duty.roles & m->recipient->roles);
}

/* Our law obliges nobody to tell another country (X1). */
static bool legal_duty_allowed(const struct nrm_matter *m)
{
	for (uint32_t i = 0; i < m->policy->n_duties && i < NRM_MAX_DUTIES; i++)
		if (applies(m->policy->duty[i], m))
			return nrm_at_home(m->facts, m->recipient);
	return false;
}

nrm_mask nrm_duty_fields(const struct nrm_matter *m)
{
	nrm_mask fields = 0;

	for (uint32_t i = 0; i < m->policy->n_duties && i < NRM_MAX_DUTIES; i++)
		if (applies(m->policy->duty[i], m))
			fields |= m->policy->duty[i].fields;
	return fields;
}

static bool (*const other_grounds[NRM_BASIS_END_])(const struct nrm_matter *) = {
	[NRM_BASIS_EMERGENCY] = emergency_allowed,
	[NRM_BASIS_CHILD_PROTECTION] = child_protection_allowed,
	[NRM_BASIS_LEGAL_DUTY] = legal_duty_allowed,
};

bool nrm_other_ground(const struct nrm_matter *m)
{
	return m->message->basis < NRM_BASIS_END_ && other_grounds[m->message->basis];
}

/* 14 */
enum nrm_reason nrm_rule_basis(const struct nrm_matter *m)
{
	if (!nrm_other_ground(m) || other_grounds[m->message->basis](m))
		return NRM_REASON_ABSENT;
	return NRM_REASON_BASIS_NOT_ALLOWED;
}

static const enum nrm_reason standings[] = {
	[NRM_STANDING_NOT_COVERING] = NRM_REASON_NO_CONSENT,
	[NRM_STANDING_WITHDRAWN] = NRM_REASON_CONSENT_WITHDRAWN,
	[NRM_STANDING_OUT_OF_TIME] = NRM_REASON_CONSENT_EXPIRED,
	[NRM_STANDING_VOID] = NRM_REASON_CONSENT_INVALID,
	[NRM_STANDING_ABROAD] = NRM_REASON_COUNTRY_NOT_COVERED,
	[NRM_STANDING_PASSED] = NRM_REASON_ABSENT,
};

/* 15 (C1): no ground, an unknown one, or nobody consented to this */
enum nrm_reason nrm_rule_no_consent(const struct nrm_matter *m)
{
	return m->consented.furthest == NRM_STANDING_NOT_COVERING ? NRM_REASON_NO_CONSENT
								  : NRM_REASON_ABSENT;
}

/* 16: the reason is that of the consent that got furthest */
enum nrm_reason nrm_rule_consent(const struct nrm_matter *m)
{
	return standings[m->consented.furthest];
}

bool nrm_has_guardian(const struct nrm_facts *facts, const struct nrm_card *card)
{
	const struct nrm_party *party = nrm_party_of(facts, card->guardian_party);

	if (card->guardian == NRM_GUARDIAN_PARENTS)
		return !card->complicit_parent;
	return card->guardian == NRM_GUARDIAN_PARTICIPANT && party->known && party->active &&
	       !nrm_is_excluded(card, card->guardian_party);
}

/* 17 (K4) */
enum nrm_reason nrm_rule_guardian(const struct nrm_matter *m)
{
	const bool held = m->minor && !m->guarded &&
			  !nrm_has(m->policy->without_guardian, m->message->service);

	return held ? NRM_REASON_GUARDIAN_MISSING : NRM_REASON_ABSENT;
}

static bool dated(const struct nrm_matter *m, enum nrm_assessment assessment)
{
	return m->card->assessed[assessment] != 0 && m->card->assessed[assessment] <= m->now;
}

/* 18 (K2) */
enum nrm_reason nrm_rule_best_interests(const struct nrm_matter *m)
{
	const bool held = m->minor &&
			  !nrm_has(m->policy->without_best_interests, m->message->service) &&
			  !dated(m, NRM_ASSESSMENT_BEST_INTERESTS);

	return held ? NRM_REASON_BEST_INTERESTS_MISSING : NRM_REASON_ABSENT;
}

/* 19 (X2) */
enum nrm_reason nrm_rule_asylum(const struct nrm_matter *m)
{
	const bool refused = nrm_has(m->policy->returns, m->message->service) &&
			     m->card->asylum_seeker;

	return refused ? NRM_REASON_ASYLUM_PENDING : NRM_REASON_ABSENT;
}

uint32_t nrm_missing_evidence(const struct nrm_matter *m)
{
	const nrm_mask wanted = m->policy->evidence | (m->minor ? m->policy->child_evidence : 0);
	uint32_t missing = 0;

	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++) {
		const uint64_t date = m->card->assessed[a];
		const bool fresh = dated(m, a) && m->now - date <= m->policy->evidence_ms &&
				   date > m->card->last_threat;
		const bool theirs = a != NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED ||
				    m->card->receiving_manager == m->message->recipient;
		if (nrm_has(wanted, a) && !(fresh && theirs))
			missing |= 1u << a;
	}
	return missing;
}

enum nrm_reason nrm_rule_evidence(const struct nrm_matter *m)
{
	const bool held = nrm_has(m->policy->returns, m->message->service) &&
			  nrm_missing_evidence(m) != 0;

	return held ? NRM_REASON_RETURN_EVIDENCE_MISSING : NRM_REASON_ABSENT;
}
