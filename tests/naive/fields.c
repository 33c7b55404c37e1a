#include "tests/naive/rules.h"

/* Rows apply to a recipient that offers the service; anyone else gets the return set, or nothing. */
static bool needed_for_service(const struct nrm_naive_question *q, uint32_t field)
{
	const enum nrm_service service = q->message.service;

	if (nrm_naive_offers(q->recipient, service) || q->t->needed_by_anyone[service]) {
		if (q->t->needed[service][0][field])
			return true;
		for (uint32_t role = 1; role < NAIVE_ROLES; role++)
			if (q->t->needed[service][role][field] &&
			    nrm_naive_has_role(q->recipient, (enum nrm_role)role))
				return true;
		return false;
	}
	if (q->message.type == NRM_MESSAGE_TYPE_NOTICE)
		return false;
	return q->t->return_set[field] ||
	       (q->t->return_set_carer[field] && nrm_naive_holds(q->recipient, q->t->carer));
}

static bool in_minimum(const struct nrm_naive_question *q, uint32_t field)
{
	return q->t->minimum[field] ||
	       (q->t->minimum_medical[field] && q->t->medical_emergency[q->message.service]);
}

static bool on_emergency(const struct nrm_naive_question *q)
{
	return nrm_naive_needs_ground(q) && q->message.basis == NRM_BASIS_EMERGENCY;
}

static bool needed(const struct nrm_naive_question *q, uint32_t field)
{
	if (q->message.type == NRM_MESSAGE_TYPE_COMPLAINT)
		return q->t->complaint[field];
	if (on_emergency(q))
		return in_minimum(q, field);
	return needed_for_service(q, field);
}

/* A consent that passed names the very field and the very participant. */
static bool lifted(const struct nrm_naive_question *q, uint64_t passed, uint32_t field)
{
	for (size_t i = 0; i < NRM_MAX_CASE_CONSENTS; i++)
		if ((passed >> i & 1) != 0 &&
		    (q->facts->consent[i].named_fields >> field & 1) != 0 &&
		    nrm_naive_names_recipient(q, &q->facts->consent[i]))
			return true;
	return false;
}

static bool withheld_by_only(const struct nrm_naive_question *q, uint64_t passed, uint32_t field)
{
	if (!q->t->restricted[field] || nrm_naive_holds(q->recipient, q->t->only[field]))
		return false;
	if (q->t->police_may[field] && q->t->police_protects[q->message.service] &&
	    nrm_naive_has_role(q->recipient, NRM_ROLE_POLICE))
		return false;
	return !(q->t->lifted_by_name[field] && lifted(q, passed, field));
}

static bool withheld_by_never(const struct nrm_naive_question *q, uint32_t field)
{
	if (nrm_naive_holds(q->recipient, q->t->no_field))
		return nrm_code_name(NRM_VOCABULARY_FIELD, field) != NULL;
	if (field == NRM_FIELD_EXPLOITATION_FORM &&
	    q->message.service == NRM_SERVICE_VICTIM_CERTIFICATION &&
	    nrm_naive_offers(q->recipient, NRM_SERVICE_VICTIM_CERTIFICATION))
		return false;
	return nrm_naive_holds(q->recipient, q->t->never[field]);
}

/* Whatever is needed counts as consented, but where consent is the ground. */
static bool consented(const struct nrm_naive_question *q, uint64_t passed, uint32_t field)
{
	const enum nrm_category category = nrm_field_category((enum nrm_field)field);

	if (!nrm_naive_needs_ground(q) || q->message.basis != NRM_BASIS_CONSENT)
		return true;
	for (size_t i = 0; i < NRM_MAX_CASE_CONSENTS; i++) {
		const struct nrm_consent *consent = &q->facts->consent[i];

		if ((passed >> i & 1) == 0)
			continue;
		if (consent->any_field || (consent->named_fields >> field & 1) != 0)
			return true;
		if (category != NRM_CATEGORY_ABSENT && (consent->categories >> category & 1) != 0)
			return true;
	}
	return false;
}

void nrm_naive_fields(const struct nrm_naive_question *q, struct nrm_verdict *verdict)
{
	const uint64_t passed = verdict->consents;

	for (uint32_t field = 0; field < NAIVE_FIELDS; field++) {
		const nrm_mask bit = (nrm_mask)1 << field;

		if ((q->message.fields & bit) == 0)
			continue;
		if (withheld_by_only(q, passed, field) || withheld_by_never(q, field))
			verdict->secret |= bit;
		else if (!needed(q, field))
			verdict->not_needed |= bit;
		else if (!consented(q, passed, field))
			verdict->not_consented |= bit;
		else
			verdict->forwarded |= bit;
	}
}
