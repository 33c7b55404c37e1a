#include "tests/naive/naive.h"

#include <string.h>

#include "tests/naive/rules.h"

static uint32_t obligation(enum nrm_obligation due)
{
	return 1u << due;
}

/* Puts down what a rule says; true when it ends the decision. */
static bool ends(struct nrm_verdict *verdict, unsigned int rule, enum nrm_reason reason)
{
	if (reason == NRM_REASON_ABSENT)
		return false;
	verdict->reason = reason;
	verdict->rules |= 1u << rule;
	return true;
}

static enum nrm_outcome outcome_of(enum nrm_reason reason)
{
	switch (reason) {
	case NRM_REASON_OK:
		return NRM_OUTCOME_FORWARD;
	case NRM_REASON_GUARDIAN_MISSING:
	case NRM_REASON_BEST_INTERESTS_MISSING:
	case NRM_REASON_RETURN_EVIDENCE_MISSING:
		return NRM_OUTCOME_HOLD;
	default:
		return NRM_OUTCOME_REFUSE;
	}
}

/* Rules 1-12; true when the decision is over. */
static bool ends_for_any_message(const struct nrm_naive_question *q, struct nrm_verdict *v)
{
	if (ends(v, 1, nrm_naive_rule_1(q)) || ends(v, 2, nrm_naive_rule_2(q)) ||
	    ends(v, 3, nrm_naive_rule_3(q)) || ends(v, 4, nrm_naive_rule_4(q)) ||
	    ends(v, 5, nrm_naive_rule_5(q)) || ends(v, 6, nrm_naive_rule_6(q)) ||
	    ends(v, 7, nrm_naive_rule_7(q)))
		return true;
	if (ends(v, 8, nrm_naive_rule_8(q))) {
		v->obligations |= obligation(NRM_OBLIGATION_ALERT_COORDINATOR);
		v->obligations |= obligation(NRM_OBLIGATION_SUGGEST_PROVIDER);
		return true;
	}
	return ends(v, 9, nrm_naive_rule_9(q)) || ends(v, 10, nrm_naive_rule_10(q)) ||
	       ends(v, 11, nrm_naive_rule_11(q)) || ends(v, 12, nrm_naive_rule_12(q));
}

/* Rules 15-19, which emergency, child protection and legal duty skip. */
static bool ends_for_consent(const struct nrm_naive_question *q, struct nrm_verdict *v)
{
	uint64_t passed;
	const enum nrm_reason reason = nrm_naive_rules_15_16(q, &passed);

	return ends(v, reason == NRM_REASON_NO_CONSENT ? 15 : 16, reason) ||
	       ends(v, 17, nrm_naive_rule_17(q)) || ends(v, 18, nrm_naive_rule_18(q)) ||
	       ends(v, 19, nrm_naive_rule_19(q, &v->missing));
}

/* Rules 13-19; true when the decision is over. */
static bool ends_for_ground(const struct nrm_naive_question *q, struct nrm_verdict *v)
{
	const bool asks_for_guardian = q->message.service == NRM_SERVICE_GUARDIANSHIP_APPOINTMENT;

	if (q->child && !q->guarded && !asks_for_guardian)
		v->obligations |= obligation(NRM_OBLIGATION_REQUEST_GUARDIANSHIP);
	if (ends(v, 13, nrm_naive_rule_13(q)) || ends(v, 14, nrm_naive_rule_14(q)))
		return true;
	switch (q->message.basis) {
	case NRM_BASIS_EMERGENCY:
	case NRM_BASIS_CHILD_PROTECTION:
	case NRM_BASIS_LEGAL_DUTY:
		v->obligations |= obligation(NRM_OBLIGATION_REVIEW_BY_COORDINATOR);
		v->obligations |= obligation(NRM_OBLIGATION_TELL_THE_SUBJECT);
		return false;
	default:
		return ends_for_consent(q, v);
	}
}

/* Rule 20, and what its forward brings. */
static void forward(const struct nrm_naive_question *q, struct nrm_verdict *v)
{
	ends(v, 20, NRM_REASON_OK);
	nrm_naive_fields(q, v);
	for (size_t i = 0; i < NRM_MAX_CASE_CONSENTS; i++)
		if ((v->consents >> i & 1) != 0 &&
		    nrm_naive_end(q, &q->facts->consent[i]) - q->now < 7 * (uint64_t)NAIVE_DAY_MS)
			v->obligations |= obligation(NRM_OBLIGATION_REVIEW_CONSENT);
	if (nrm_naive_needs_ground(q) && q->child && q->guardian_participant)
		v->obligations |= obligation(NRM_OBLIGATION_INFORM_GUARDIAN);
}

static void decide(const struct nrm_naive_question *q, struct nrm_verdict *v)
{
	if (nrm_naive_needs_ground(q)) /* what a consent is worth, whichever rule decides */
		nrm_naive_rules_15_16(q, &v->consents);
	if (ends_for_any_message(q, v))
		return;
	if (nrm_naive_expels(q)) {
		v->obligations |= obligation(NRM_OBLIGATION_ALERT_EXPULSION);
		v->rules |= 1u << 12;
	}
	if (nrm_naive_declines(q) && q->t->elsewhere[q->message.decline])
		v->obligations |= obligation(NRM_OBLIGATION_SUGGEST_PROVIDER);
	if (nrm_naive_needs_ground(q) && ends_for_ground(q, v))
		return;
	forward(q, v);
}

/* None, nobody active, somebody excluded, or complicit parents: there is no effective guardian. */
static void find_guardian(struct nrm_naive_question *q)
{
	const struct nrm_party *guardian = nrm_naive_party(q->facts, q->card->guardian_party);

	if (q->card->guardian == NRM_GUARDIAN_PARENTS)
		q->guarded = !q->card->complicit_parent;
	if (q->card->guardian == NRM_GUARDIAN_PARTICIPANT) {
		q->guarded = guardian->known && guardian->active &&
			     !nrm_naive_excluded(q->card, q->card->guardian_party);
		q->guardian_participant = q->guarded;
	}
}

/* A code that the vocabulary does not have counts as absent. */
static void leave_out_unknown_codes(struct nrm_message *m)
{
	if (m->type >= NRM_MESSAGE_TYPE_END_)
		m->type = NRM_MESSAGE_TYPE_ABSENT;
	if (m->service >= NRM_SERVICE_END_)
		m->service = NRM_SERVICE_ABSENT;
	if (m->emergency >= NRM_EMERGENCY_END_)
		m->emergency = NRM_EMERGENCY_ABSENT;
	if (m->decline >= NRM_DECLINE_END_)
		m->decline = NRM_DECLINE_ABSENT;
}

void nrm_naive_decide(const struct nrm_facts *facts, const struct nrm_message *message,
		      uint64_t now, struct nrm_verdict *ret_verdict)
{
	static const struct nrm_card empty_card;
	struct nrm_naive_question q = {
		.t = nrm_naive_tables(),
		.facts = facts,
		.card = facts->card != NULL ? facts->card : &empty_card,
		.message = *message,
		.now = now,
		.sender = nrm_naive_party(facts, message->sender),
		.recipient = nrm_naive_party(facts, message->recipient),
	};

	leave_out_unknown_codes(&q.message);
	q.child = q.card->age_class != NRM_AGE_CLASS_ADULT;
	find_guardian(&q);

	memset(ret_verdict, 0, sizeof(*ret_verdict));
	decide(&q, ret_verdict);
	ret_verdict->outcome = outcome_of(ret_verdict->reason);
	ret_verdict->told = ret_verdict->reason == NRM_REASON_EXCLUDED
				    ? NRM_REASON_CONSENT_WITHDRAWN
				    : ret_verdict->reason;
}
