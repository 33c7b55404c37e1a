/* Which lines are behind a verdict: those that, said otherwise, would lead to another. */
#include <stdio.h>
#include <string.h>

#include "broker/policy/explain_parts.h"

/* The policy with one of its lines said otherwise, for the service of the message. */
typedef void alter(struct nrm_policy *p, enum nrm_service service);

/* A line said otherwise. */
#define ALTER(name, what)                                                \
	static void name(struct nrm_policy *p, enum nrm_service service) \
	{                                                                \
		(void)service;                                           \
		what;                                                    \
	}

static const uint64_t ever = 1000ull * 365 * 24 * 3600 * 1000;

ALTER(all_oversee, p->oversight = NRM_ANYONE)
ALTER(none_oversees, p->oversight = 0)
ALTER(no_conditions, p->declines.conditional = 0)
ALTER(no_discrimination, p->declines.discriminatory = 0)
ALTER(no_status_service, p->status_services = 0)
ALTER(all_by_the_person, p->declines.by_the_person = ~0ull)
ALTER(all_for_capacity, p->declines.for_capacity = ~0ull)
ALTER(no_consulates, p->consulates = 0)
ALTER(no_expulsions, p->expulsions = 0)
ALTER(all_defend, p->defenders = NRM_ANYONE)
ALTER(none_defends, p->defenders = 0)
ALTER(all_purposes, p->purposes[service] = ~0ull)
ALTER(all_in_emergency, p->emergency.recipients[service] = NRM_ANYONE)
ALTER(none_in_emergency, p->emergency.recipients[service] = 0)
ALTER(all_emergencies, p->emergency.reasons = ~0ull)
ALTER(no_emergency, p->emergency.reasons = 0)
ALTER(all_against_refusal, p->emergency.against_refusal = ~0ull)
ALTER(none_against_refusal, p->emergency.against_refusal = 0)
ALTER(all_protect, p->child_protection.services = ~0ull)
ALTER(none_protects, p->child_protection.services = 0)
ALTER(all_protectors, p->child_protection.recipients = NRM_ANYONE)
ALTER(one_duty, p->n_duties = 1; p->duty[0] = ((struct nrm_duty){~0ull, ~0ull, ~0ull}))
ALTER(no_duty, p->n_duties = 0)
ALTER(all_covered, p->any_covers = ~0ull)
ALTER(long_crisis, p->crisis_lifetime_ms = ever)
ALTER(long_life, p->lifetime_ms[service] = ever)
ALTER(no_pressure, p->pressure.services = 0)
ALTER(chosen_return, p->return_recorders = 0)
ALTER(long_youth, p->young_adult_ms = ever)
ALTER(child_decides_all, p->child_decides = ~0ull)
ALTER(all_without_guardian, p->without_guardian = ~0ull)
ALTER(all_without_best_interests, p->without_best_interests = ~0ull)
ALTER(no_return, p->returns = 0)
ALTER(no_evidence, p->evidence = 0)
ALTER(no_child_evidence, p->child_evidence = 0)
ALTER(fresh_ever, p->evidence_ms = ever)
ALTER(none_groundless, p->groundless_services = 0)

/*
 * Tables whose rows name services: the row of the message's service, where there is one, stands for
 * the path.
 */
enum table { NO_TABLE, PURPOSES, EMERGENCY, LONGER, DUTY };

static const struct line {
	enum nrm_reason reason; /* that it may be behind */
	const char *path;
	alter *alter;
	enum table table;
} lines[] = {
	{NRM_REASON_COMPLAINT_ROUTE, "complaints.recipients", all_oversee, NO_TABLE},
	{NRM_REASON_CONDITIONAL_HELP, "declines.conditional", no_conditions, NO_TABLE},
	{NRM_REASON_DISCRIMINATORY, "declines.discriminatory", no_discrimination, NO_TABLE},
	{NRM_REASON_NO_APPEAL_ROUTE, "declines.status_services", no_status_service, NO_TABLE},
	{NRM_REASON_NO_APPEAL_ROUTE, "declines.by_the_person", all_by_the_person, NO_TABLE},
	{NRM_REASON_NO_APPEAL_ROUTE, "declines.for_capacity", all_for_capacity, NO_TABLE},
	{NRM_REASON_CONSULATE_NOT_WISHED, "consulates", no_consulates, NO_TABLE},
	{NRM_REASON_REFLECTION_PERIOD, "reflection.messages", no_expulsions, NO_TABLE},
	{NRM_REASON_REFLECTION_PERIOD, "reflection.told", all_defend, NO_TABLE},
	{NRM_REASON_WRONG_PURPOSE, "purposes.otherwise", all_purposes, PURPOSES},
	{NRM_REASON_BASIS_NOT_ALLOWED, "emergency.services", all_in_emergency, EMERGENCY},
	{NRM_REASON_BASIS_NOT_ALLOWED, "emergency.reasons", all_emergencies, NO_TABLE},
	{NRM_REASON_BASIS_NOT_ALLOWED, "emergency.against_her_own_no", all_against_refusal,
	 NO_TABLE},
	{NRM_REASON_BASIS_NOT_ALLOWED, "child_protection.services", all_protect, NO_TABLE},
	{NRM_REASON_BASIS_NOT_ALLOWED, "child_protection.recipients", all_protectors, NO_TABLE},
	{NRM_REASON_BASIS_NOT_ALLOWED, "legal_duty", one_duty, DUTY},
	{NRM_REASON_NO_CONSENT, "consent.any_never_covers", all_covered, NO_TABLE},
	{NRM_REASON_CONSENT_EXPIRED, "consent.crisis_days", long_crisis, NO_TABLE},
	{NRM_REASON_CONSENT_EXPIRED, "consent.days", long_life, LONGER},
	{NRM_REASON_CONSENT_INVALID, "consent.pressed", no_pressure, NO_TABLE},
	{NRM_REASON_CONSENT_INVALID, "consent.sent_away_by", chosen_return, NO_TABLE},
	{NRM_REASON_CONSENT_INVALID, "consent.young_adult_days", long_youth, NO_TABLE},
	{NRM_REASON_CONSENT_INVALID, "children.own_word", child_decides_all, NO_TABLE},
	{NRM_REASON_GUARDIAN_MISSING, "children.without_guardian", all_without_guardian, NO_TABLE},
	{NRM_REASON_BEST_INTERESTS_MISSING, "children.without_best_interests",
	 all_without_best_interests, NO_TABLE},
	{NRM_REASON_ASYLUM_PENDING, "return.services", no_return, NO_TABLE},
	{NRM_REASON_RETURN_EVIDENCE_MISSING, "return.services", no_return, NO_TABLE},
	{NRM_REASON_RETURN_EVIDENCE_MISSING, "return.evidence", no_evidence, NO_TABLE},
	{NRM_REASON_RETURN_EVIDENCE_MISSING, "return.evidence_for_a_child", no_child_evidence,
	 NO_TABLE},
	{NRM_REASON_RETURN_EVIDENCE_MISSING, "return.fresh_days", fresh_ever, NO_TABLE},
	{NRM_REASON_OK, "complaints.recipients", none_oversees, NO_TABLE},
	{NRM_REASON_OK, "reflection.told", none_defends, NO_TABLE},
	{NRM_REASON_OK, "without_ground", none_groundless, NO_TABLE},
	{NRM_REASON_OK, "emergency.services", none_in_emergency, EMERGENCY},
	{NRM_REASON_OK, "emergency.reasons", no_emergency, NO_TABLE},
	{NRM_REASON_OK, "emergency.against_her_own_no", none_against_refusal, NO_TABLE},
	{NRM_REASON_OK, "child_protection.services", none_protects, NO_TABLE},
	{NRM_REASON_OK, "legal_duty", no_duty, DUTY},
};
#define N_LINES (sizeof(lines) / sizeof(lines[0]))

/*
 * What else decides: what the case, the message and the directory say. Told where no line of the
 * policy is found.
 */
static const struct {
	enum nrm_reason reason;
	const char *path;
} facts[] = {
	{NRM_REASON_FIELDS_NOT_ALLOWED, "message.fields"},
	{NRM_REASON_EXCLUDED, "card.excluded"},
	{NRM_REASON_NOT_OFFERED, "message.recipient"},
	{NRM_REASON_CHILD_DETENTION, "message.recipient"},
	{NRM_REASON_DETENTION, "message.recipient"},
	{NRM_REASON_COMPLAINT_ROUTE, "message.about"},
	{NRM_REASON_NO_APPEAL_ROUTE, "message.appeal"},
	{NRM_REASON_CONTACT_PREFERENCE, "card.contact"},
	{NRM_REASON_WRONG_PURPOSE, "message.purpose"},
	{NRM_REASON_BASIS_NOT_ALLOWED, "message.recipient"},
	{NRM_REASON_NO_CONSENT, "message.basis"},
	{NRM_REASON_COUNTRY_NOT_COVERED, "message.recipient"},
};

static void alter_one(struct nrm_inquiry *q, const struct line *l)
{
	if (q->message->service < NRM_SERVICE_END_)
		l->alter(&q->altered, q->message->service);
}

/* The row of a table that names the service; else the table, or what holds otherwise. */
static const char *row_of(struct nrm_inquiry *q, const struct line *l,
			  char path[static NRM_POLICY_PATH_LEN])
{
	const struct nrm_policy_text *t = q->source->draft.text;
	const struct {
		const char *list;
		const struct nrm_rows *rows;
	} tables[] = {
		[PURPOSES] = {"purposes.rows", &t->purposes.rows},
		[EMERGENCY] = {"emergency.services", &t->emergency.services},
		[LONGER] = {"consent.longer", &t->consent.longer},
		[DUTY] = {"legal_duty", &t->legal_duty},
	};

	if (l->table == NO_TABLE)
		return l->path;
	for (uint32_t i = 0; i < tables[l->table].rows->n; i++) {
		const struct nrm_policy_row row = nrm_policy_source_row(
			q->source, tables[l->table].list, tables[l->table].rows, i);
		if (nrm_has(row.services, q->message->service))
			return nrm_inquiry_row(tables[l->table].list, i, path);
	}
	return l->path;
}

static bool add_line(struct nrm_inquiry *q, const struct line *l)
{
	char path[NRM_POLICY_PATH_LEN];

	nrm_inquiry_add(q, NRM_BECAUSE_POLICY, 0, l->reason, row_of(q, l, path));
	return true;
}

/* Lines each of which alone would have changed the verdict. */
static bool explain_alone(struct nrm_inquiry *q, enum nrm_reason reason)
{
	bool found = false;

	for (size_t i = 0; i < N_LINES; i++) {
		if (lines[i].reason != reason)
			continue;
		nrm_inquiry_begin(q);
		alter_one(q, &lines[i]);
		nrm_inquiry_ask(q);
		if (nrm_inquiry_differs(q))
			found = add_line(q, &lines[i]);
	}
	return found;
}

/* Alters all lines of a reason but one, and tells whether that changes the verdict. */
static bool changes_without(struct nrm_inquiry *q, enum nrm_reason reason, size_t but)
{
	nrm_inquiry_begin(q);
	for (size_t i = 0; i < N_LINES; i++)
		if (lines[i].reason == reason && i != but)
			alter_one(q, &lines[i]);
	nrm_inquiry_ask(q);
	return nrm_inquiry_differs(q);
}

/* Lines that only together would have changed it: without any of them, the others do not. */
static bool explain_together(struct nrm_inquiry *q, enum nrm_reason reason)
{
	bool found = false;

	if (!changes_without(q, reason, N_LINES))
		return false;
	for (size_t i = 0; i < N_LINES; i++)
		if (lines[i].reason == reason && !changes_without(q, reason, i))
			found = add_line(q, &lines[i]);
	return found;
}

/* Each pair as if it were the only one. */
static bool explain_walls(struct nrm_inquiry *q)
{
	const struct nrm_policy *policy = q->source->draft.policy;
	char path[NRM_POLICY_PATH_LEN];
	bool found = false;

	for (uint32_t i = 0; i < policy->n_walls; i++) {
		nrm_inquiry_begin(q)->n_walls = 1;
		q->altered.wall[0] = policy->wall[i];
		if (nrm_inquiry_ask(q)->reason != NRM_REASON_FIREWALL)
			continue;
		nrm_inquiry_add(q, NRM_BECAUSE_POLICY, 0, NRM_REASON_FIREWALL,
				nrm_inquiry_row("firewall", i, path));
		found = true;
	}
	return found;
}

/* Who of the two is the unknown one: the other is put in its place. */
static void explain_participants(struct nrm_inquiry *q)
{
	const struct nrm_message *message = q->message;
	struct nrm_message twice = *message;

	nrm_inquiry_begin(q);
	q->message = &twice;
	twice.recipient = message->sender;
	if (nrm_inquiry_ask(q)->reason == NRM_REASON_UNKNOWN_PARTICIPANT)
		nrm_inquiry_add(q, NRM_BECAUSE_FACT, 0, NRM_REASON_UNKNOWN_PARTICIPANT,
				"message.sender");
	twice.sender = twice.recipient = message->recipient;
	if (nrm_inquiry_ask(q)->reason == NRM_REASON_UNKNOWN_PARTICIPANT)
		nrm_inquiry_add(q, NRM_BECAUSE_FACT, 0, NRM_REASON_UNKNOWN_PARTICIPANT,
				"message.recipient");
	q->message = message;
}

void nrm_explain_verdict(struct nrm_inquiry *q)
{
	const enum nrm_reason reason = q->explanation->verdict.reason;

	if (reason == NRM_REASON_UNKNOWN_PARTICIPANT) {
		explain_participants(q);
		return;
	}
	if (reason == NRM_REASON_FIREWALL ? explain_walls(q)
					  : explain_alone(q, reason) || explain_together(q, reason))
		return;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i].reason == reason)
			nrm_inquiry_add(q, NRM_BECAUSE_FACT, 0, reason, facts[i].path);
}
