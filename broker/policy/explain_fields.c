/* Which lines let a field through, and which keep it back. */
#include <string.h>

#include "broker/policy/explain_parts.h"

/* A policy under which nobody needs anything. */
static void forget_needs(struct nrm_policy *p)
{
	memset(p->needed, 0, sizeof(p->needed));
	memset(p->emergency.minimum, 0, sizeof(p->emergency.minimum));
	p->complaint_fields = p->reply_fields = p->carers_fields = 0;
}

static void set_minimum(struct nrm_policy *policy, const struct nrm_policy_row *row)
{
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		if (nrm_has(row->services, s))
			policy->emergency.minimum[s] |= row->fields;
}

/* Lists that let fields through, and what they say. */
static const struct {
	const char *path;
	size_t fields; /* where in struct nrm_policy */
} lists[] = {
	{"replies.fields", offsetof(struct nrm_policy, reply_fields)},
	{"replies.carers_fields", offsetof(struct nrm_policy, carers_fields)},
	{"complaints.fields", offsetof(struct nrm_policy, complaint_fields)},
};

static nrm_mask *fields_of(struct nrm_policy *policy, size_t list)
{
	return (nrm_mask *)((char *)policy + lists[list].fields);
}

static void add_each(struct nrm_inquiry *q, enum nrm_because_kind kind, nrm_mask fields,
		     enum nrm_reason reason, const char *path)
{
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		if (nrm_has(fields, f))
			nrm_inquiry_add(q, kind, f, reason, path);
}

/* Fields that a need alone, and no other, still lets through. */
static nrm_mask let_through(struct nrm_inquiry *q)
{
	return nrm_inquiry_ask(q)->forwarded & q->explanation->verdict.forwarded;
}

static void explain_rows(struct nrm_inquiry *q, const char *list, const struct nrm_rows *rows,
			 void (*set)(struct nrm_policy *, const struct nrm_policy_row *))
{
	char path[NRM_POLICY_PATH_LEN];

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct nrm_policy_row row = nrm_policy_source_row(q->source, list, rows, i);
		forget_needs(nrm_inquiry_begin(q));
		set(&q->altered, &row);
		add_each(q, NRM_BECAUSE_ARRIVES, let_through(q), NRM_REASON_OK,
			 nrm_inquiry_row(list, i, path));
	}
}

static void explain_forwarded(struct nrm_inquiry *q)
{
	const struct nrm_policy *policy = q->source->draft.policy;
	const struct nrm_policy_text *text = q->source->draft.text;

	explain_rows(q, "needed", &text->needed, nrm_policy_set_needed);
	explain_rows(q, "emergency.minimum", &text->emergency.minimum, set_minimum);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		forget_needs(nrm_inquiry_begin(q));
		*fields_of(&q->altered, i) = *fields_of((struct nrm_policy *)policy, i);
		add_each(q, NRM_BECAUSE_ARRIVES, let_through(q), NRM_REASON_OK, lists[i].path);
	}
}

/* Each line of secrecy as if it were the only one. */
static void explain_secret(struct nrm_inquiry *q)
{
	const struct nrm_policy *policy = q->source->draft.policy;
	const nrm_mask secret = q->explanation->verdict.secret;
	char path[NRM_POLICY_PATH_LEN];

	for (uint32_t i = 0; i < policy->n_secrecies; i++) {
		nrm_inquiry_begin(q)->n_secrecies = 1;
		q->altered.secrecy[0] = policy->secrecy[i];
		add_each(q, NRM_BECAUSE_WITHHELD, nrm_inquiry_ask(q)->secret & secret,
			 NRM_REASON_SECRET, nrm_inquiry_row("secrecy", i, path));
	}
}

static void need_all(struct nrm_policy *p)
{
	memset(p->needed, 0xff, sizeof(p->needed));
}

static void need_all_at_once(struct nrm_policy *p)
{
	memset(p->emergency.minimum, 0xff, sizeof(p->emergency.minimum));
}

static void need_all_in_reply(struct nrm_policy *p)
{
	p->reply_fields = ~0ull;
}

static void need_all_of_complaints(struct nrm_policy *p)
{
	p->complaint_fields = ~0ull;
}

static void oblige_to_all(struct nrm_policy *p)
{
	for (uint32_t i = 0; i < p->n_duties; i++)
		p->duty[i].fields = ~0ull;
}

/*
 * The list that has no row for a field: if it named every field, this one would be left out for it
 * no more.
 */
static const struct {
	const char *path;
	enum nrm_reason reason;
	void (*widen)(struct nrm_policy *);
} silent[] = {
	{"needed", NRM_REASON_NOT_NEEDED, need_all},
	{"emergency.minimum", NRM_REASON_NOT_NEEDED, need_all_at_once},
	{"replies.fields", NRM_REASON_NOT_NEEDED, need_all_in_reply},
	{"complaints.fields", NRM_REASON_NOT_NEEDED, need_all_of_complaints},
	{"legal_duty", NRM_REASON_NOT_CONSENTED, oblige_to_all},
};

static void explain_left_out(struct nrm_inquiry *q, nrm_mask fields, enum nrm_reason reason)
{
	for (size_t i = 0; fields && i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (silent[i].reason != reason)
			continue;
		silent[i].widen(nrm_inquiry_begin(q));
		const struct nrm_verdict *v = nrm_inquiry_ask(q);
		const nrm_mask still = reason == NRM_REASON_NOT_NEEDED ? v->not_needed
								       : v->not_consented;
		add_each(q, NRM_BECAUSE_WITHHELD, fields & ~still, reason, silent[i].path);
		fields &= still;
	}
	add_each(q, NRM_BECAUSE_WITHHELD, fields, reason, "");
}

void nrm_explain_fields(struct nrm_inquiry *q)
{
	const struct nrm_verdict *v = &q->explanation->verdict;

	if (v->outcome != NRM_OUTCOME_FORWARD)
		return;
	explain_forwarded(q);
	explain_secret(q);
	explain_left_out(q, v->not_needed, NRM_REASON_NOT_NEEDED);
	explain_left_out(q, v->not_consented, NRM_REASON_NOT_CONSENTED);
}
