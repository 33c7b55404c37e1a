#include "tests/properties/allowed.h"

static bool among(uint32_t handle, const uint32_t *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] == handle)
			return true;
	return false;
}

bool allowed_needs_ground(const struct nrm_policy *policy, const struct input *in)
{
	const struct nrm_message *m = &in->message;

	if (nrm_has(policy->groundless_services, m->service) &&
	    (m->fields | policy->groundless_fields) == policy->groundless_fields)
		return false;
	if (m->type == NRM_MESSAGE_TYPE_REFERRAL || m->type == NRM_MESSAGE_TYPE_UPDATE)
		return true;
	return (m->type == NRM_MESSAGE_TYPE_RESPONSE || m->type == NRM_MESSAGE_TYPE_NOTICE) &&
	       m->fields != 0;
}

/* ---- Needed ---- */

static nrm_mask rows(const struct nrm_policy *policy, enum nrm_service service, nrm_mask roles)
{
	nrm_mask fields = policy->needed[service][0];

	for (uint32_t role = 1; role < NRM_ROLE_END_; role++)
		if (roles >> role & 1)
			fields |= policy->needed[service][role];
	return fields;
}

nrm_mask allowed_needed(const struct nrm_policy *policy, const struct input *in)
{
	const struct nrm_message *m = &in->message;
	const struct nrm_party *to = input_party(in, m->recipient);
	nrm_mask fields = policy->reply_fields;

	if (m->type == NRM_MESSAGE_TYPE_COMPLAINT)
		return policy->complaint_fields;
	if (m->service != 0 && m->service < NRM_SERVICE_END_) {
		if (m->basis == NRM_BASIS_EMERGENCY && allowed_needs_ground(policy, in))
			return policy->emergency.minimum[m->service];
		if ((to->offers | policy->told_to_all) >> m->service & 1)
			return rows(policy, m->service, to->roles);
	}
	if (m->type == NRM_MESSAGE_TYPE_NOTICE)
		return 0;
	if (to->roles & policy->reply_carers)
		fields |= policy->carers_fields;
	return fields;
}

/* ---- Consents that count ---- */

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t allowed_end(const struct nrm_policy *policy, const struct input *in,
		     const struct nrm_consent *c)
{
	const enum nrm_service service = in->message.service;
	uint64_t days = policy->crisis_lifetime_ms;

	if ((c->phase == NRM_PHASE_RECOVERY || c->phase == NRM_PHASE_INCLUSION) &&
	    service < NRM_SERVICE_END_)
		days = policy->lifetime_ms[service];
	return sum(c->from, days) < c->until ? sum(c->from, days) : c->until;
}

static bool covers(const struct nrm_policy *policy, const struct input *in,
		   const struct nrm_consent *c)
{
	const struct nrm_message *m = &in->message;
	const bool service = nrm_has(c->services, m->service) ||
			     (c->any_service && nrm_has(policy->any_covers, m->service));
	const bool recipient = c->any_recipient ||
			       among(m->recipient, c->recipient, c->n_recipients) ||
			       (c->recipient_roles & input_party(in, m->recipient)->roles);

	return service && recipient && c->purpose != 0 && c->purpose == m->purpose;
}

static bool in_force(const struct nrm_policy *policy, const struct input *in,
		     const struct nrm_consent *c)
{
	return (c->withdrawn_at == 0 || c->withdrawn_at > in->now) && c->from != 0 &&
	       c->from <= in->now && in->now < allowed_end(policy, in, c);
}

/* At least one of those who recorded it is known and is one whose word counts for this service. */
static bool recorded(const struct nrm_policy *policy, const struct input *in,
		     const struct nrm_consent *c)
{
	const bool pressed = nrm_has(policy->pressure.services, in->message.service);
	const bool away = nrm_has(policy->returns, in->message.service);
	bool known = false, free_of_pressure = false, free_to_stay = false;

	for (uint32_t i = 0; i < c->n_recorders; i++) {
		const struct nrm_party *by = input_party(in, c->recorder[i]);
		known |= by->known;
		free_of_pressure |= by->known && !(by->roles & policy->pressure.recorders);
		free_to_stay |= by->known && !by->detention &&
				(by->roles | policy->return_recorders) != policy->return_recorders;
	}
	return known && (!pressed || free_of_pressure) && (!away || free_to_stay);
}

static bool effective_guardian(const struct input *in)
{
	const struct nrm_card *card = &in->card;
	const struct nrm_party *p = input_party(in, card->guardian_party);

	if (card->guardian == NRM_GUARDIAN_PARENTS)
		return !card->complicit_parent;
	return card->guardian == NRM_GUARDIAN_PARTICIPANT && p->known && p->active &&
	       !among(card->guardian_party, card->excluded, card->n_excluded);
}

static bool adults_own(const struct nrm_policy *policy, const struct input *in,
		       const struct nrm_consent *c)
{
	const uint64_t since = in->card.adult_since;

	if (c->given_by == NRM_GIVEN_BY_ADULT || c->given_by == NRM_GIVEN_BY_ADULT_WITH_SUPPORTER)
		return true;
	return c->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN && c->heard == NRM_HEARD_HEARD &&
	       since != 0 && since <= in->now && in->now < sum(since, policy->young_adult_ms);
}

static bool childs_own(const struct nrm_policy *policy, const struct input *in,
		       const struct nrm_consent *c)
{
	const struct nrm_card *card = &in->card;
	const bool guarded = effective_guardian(in);
	const bool heard = c->heard == NRM_HEARD_HEARD;
	const bool not_capable = c->heard == NRM_HEARD_NOT_CAPABLE;
	const bool unfit =
		c->guardian_unknown ||
		(c->guardian != 0 && (!input_party(in, c->guardian)->known ||
				      among(c->guardian, card->excluded, card->n_excluded)));
	const bool by_guardian =
		(c->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN && (heard || not_capable)) ||
		(c->given_by == NRM_GIVEN_BY_GUARDIAN && not_capable);

	if (guarded && by_guardian && !unfit)
		return true;
	return (!guarded || nrm_has(policy->child_decides, in->message.service)) && heard &&
	       c->given_by != 0 && c->given_by < NRM_GIVEN_BY_END_ &&
	       !(c->given_by == NRM_GIVEN_BY_PARENT && card->complicit_parent);
}

static bool reaches(const struct input *in, const struct nrm_consent *c)
{
	const uint16_t country = input_party(in, in->message.recipient)->country;

	if (country == HOME)
		return true;
	for (uint32_t i = 0; i < c->n_countries; i++)
		if (country != 0 && c->country[i] == country)
			return !in->card.asylum_seeker ||
			       among(in->message.recipient, c->recipient, c->n_recipients);
	return false;
}

bool allowed_consent(const struct nrm_policy *policy, const struct input *in,
		     const struct nrm_consent *c)
{
	return covers(policy, in, c) && in_force(policy, in, c) && c->understood &&
	       !c->interpreter_conflict && recorded(policy, in, c) && reaches(in, c) &&
	       (in->card.age_class == NRM_AGE_CLASS_ADULT ? adults_own(policy, in, c)
							  : childs_own(policy, in, c));
}

nrm_mask allowed_consented(const struct nrm_policy *policy, const struct input *in)
{
	nrm_mask fields = 0;

	for (uint32_t i = 0; i < in->n_consents; i++) {
		const struct nrm_consent *c = &in->consent[i];
		if (!allowed_consent(policy, in, c))
			continue;
		fields |= c->named_fields | (c->any_field ? ~0ull : 0);
		for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
			if (nrm_has(c->categories, nrm_field_category(f)))
				fields |= nrm_bit(f);
	}
	return fields;
}

/* ---- Secret ---- */

/* Fields that a consent which counts names one by one, to the recipient by name. */
static nrm_mask lifted(const struct nrm_policy *policy, const struct input *in)
{
	nrm_mask fields = 0;

	if (in->message.basis != NRM_BASIS_CONSENT || !allowed_needs_ground(policy, in))
		return 0;
	for (uint32_t i = 0; i < in->n_consents; i++) {
		const struct nrm_consent *c = &in->consent[i];
		if (among(in->message.recipient, c->recipient, c->n_recipients) &&
		    allowed_consent(policy, in, c))
			fields |= c->named_fields;
	}
	return fields;
}

nrm_mask allowed_secret(const struct nrm_policy *policy, const struct input *in)
{
	const struct nrm_party *to = input_party(in, in->message.recipient);
	const enum nrm_service service = in->message.service;
	const nrm_mask named = lifted(policy, in);
	nrm_mask fields = 0;

	for (uint32_t i = 0; i < policy->n_secrecies; i++) {
		const struct nrm_secrecy *s = &policy->secrecy[i];
		nrm_mask line = s->fields;
		if ((s->only == NRM_ANYONE || (s->only & to->roles)) && !(s->never & to->roles))
			continue;
		if (nrm_has(s->but.services, service) &&
		    (s->but.roles == NRM_ANYONE || (s->but.roles & to->roles)) &&
		    (!s->but.offering || nrm_has(to->offers, service)))
			line &= ~s->but.fields;
		fields |= s->liftable ? line & ~named : line;
	}
	return fields;
}
