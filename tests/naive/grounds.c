#include "tests/naive/rules.h"

enum nrm_reason nrm_naive_rule_13(const struct nrm_naive_question *q)
{
	const enum nrm_purpose purpose = q->message.purpose;

	if (purpose >= NRM_PURPOSE_END_ || !q->t->purpose[q->message.service][purpose])
		return NRM_REASON_WRONG_PURPOSE;
	return NRM_REASON_ABSENT;
}

/* The person said no: to the service, or by withdrawing a consent that covered it. */
static bool said_no(const struct nrm_naive_question *q)
{
	if ((q->card->refused >> q->message.service & 1) != 0)
		return true;
	for (size_t i = 0; i < q->facts->n_consents && i < NRM_MAX_CASE_CONSENTS; i++) {
		const struct nrm_consent *consent = &q->facts->consent[i];

		if (nrm_naive_covers(q, consent) && nrm_naive_withdrawn(q, consent))
			return true;
	}
	return false;
}

static bool emergency_allowed(const struct nrm_naive_question *q)
{
	const bool to_health = nrm_naive_has_role(q->recipient, NRM_ROLE_HEALTH);

	if (!q->t->emergency_service[q->message.service] &&
	    !(q->message.service == NRM_SERVICE_PSYCHIATRIC_CARE && to_health))
		return false;
	if (q->message.emergency == NRM_EMERGENCY_ABSENT)
		return false;
	if (!nrm_naive_is_ours(q->facts, q->recipient))
		return false;
	return q->message.emergency == NRM_EMERGENCY_CANNOT_DECIDE || !said_no(q);
}

static bool child_protection_allowed(const struct nrm_naive_question *q)
{
	return q->t->child_service[q->message.service] && q->child &&
	       nrm_naive_holds(q->recipient, q->t->child_recipient) &&
	       nrm_naive_is_ours(q->facts, q->recipient);
}

enum nrm_reason nrm_naive_rule_14(const struct nrm_naive_question *q)
{
	bool allowed = true;

	if (q->message.basis == NRM_BASIS_EMERGENCY)
		allowed = emergency_allowed(q);
	else if (q->message.basis == NRM_BASIS_CHILD_PROTECTION)
		allowed = child_protection_allowed(q);
	else if (q->message.basis == NRM_BASIS_LEGAL_DUTY)
		allowed = false; /* no rows are shipped */
	return allowed ? NRM_REASON_ABSENT : NRM_REASON_BASIS_NOT_ALLOWED;
}

enum nrm_reason nrm_naive_rule_17(const struct nrm_naive_question *q)
{
	if (q->child && !q->guarded && !q->t->without_guardian[q->message.service])
		return NRM_REASON_GUARDIAN_MISSING;
	return NRM_REASON_ABSENT;
}

enum nrm_reason nrm_naive_rule_18(const struct nrm_naive_question *q)
{
	const uint64_t date = q->card->assessed[NRM_ASSESSMENT_BEST_INTERESTS];

	if (!q->child || q->t->without_best_interests[q->message.service])
		return NRM_REASON_ABSENT;
	if (date == 0 || date > q->now)
		return NRM_REASON_BEST_INTERESTS_MISSING;
	return NRM_REASON_ABSENT;
}

/* Dated up to now, at most 90 days old, after the last threat. */
static bool evident(const struct nrm_naive_question *q, enum nrm_assessment assessment)
{
	const uint64_t date = q->card->assessed[assessment];

	if (assessment == NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED &&
	    q->card->receiving_manager != q->message.recipient)
		return false;
	if (date == 0 || date > q->now)
		return false;
	if (q->now - date > 90 * (uint64_t)NAIVE_DAY_MS)
		return false;
	return date > q->card->last_threat;
}

enum nrm_reason nrm_naive_rule_19(const struct nrm_naive_question *q, uint32_t *ret_missing)
{
	uint32_t missing = 0;

	if (q->message.service != NRM_SERVICE_SAFE_RETURN)
		return NRM_REASON_ABSENT;
	if (q->card->asylum_seeker)
		return NRM_REASON_ASYLUM_PENDING;
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++) {
		const bool asked = q->t->evidence[a] || (q->child && q->t->evidence_child[a]);

		if (asked && !evident(q, (enum nrm_assessment)a))
			missing |= 1u << a;
	}
	if (missing == 0)
		return NRM_REASON_ABSENT;
	*ret_missing = missing;
	return NRM_REASON_RETURN_EVIDENCE_MISSING;
}
