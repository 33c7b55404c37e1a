#include "tests/properties/input.h"

#include <string.h>

/* ---- A message that goes on ---- */

/* Services that some rule treats apart. */
static const uint8_t apart[] = {
	NRM_SERVICE_EMERGENCY_SHELTER,
	NRM_SERVICE_EMERGENCY_MEDICAL,
	NRM_SERVICE_POLICE_PROTECTION,
	NRM_SERVICE_PSYCHIATRIC_CARE,
	NRM_SERVICE_SAFE_RETURN,
	NRM_SERVICE_SAFE_RETURN,
	NRM_SERVICE_SAFE_RETURN,
	NRM_SERVICE_GUARDIANSHIP_APPOINTMENT,
	NRM_SERVICE_INTERPRETATION,
	NRM_SERVICE_BEST_INTERESTS_ASSESSMENT,
	NRM_SERVICE_INFECTION_TESTING,
	NRM_SERVICE_LEGAL_STATUS_UPDATE,
	NRM_SERVICE_VICTIM_CERTIFICATION,
	NRM_SERVICE_RESIDENCE_PERMIT,
	NRM_SERVICE_CRIMINAL_STATEMENT,
	NRM_SERVICE_LABOUR_CLAIM,
	NRM_SERVICE_FAMILY_RISK_ASSESSMENT,
	NRM_SERVICE_SECURITY_RISK_ASSESSMENT,
};

static const uint8_t types[] = {
	NRM_MESSAGE_TYPE_REFERRAL,	NRM_MESSAGE_TYPE_REFERRAL,
	NRM_MESSAGE_TYPE_REFERRAL,	NRM_MESSAGE_TYPE_REFERRAL,
	NRM_MESSAGE_TYPE_REFERRAL,	NRM_MESSAGE_TYPE_REFERRAL,
	NRM_MESSAGE_TYPE_REFERRAL,	NRM_MESSAGE_TYPE_REFERRAL,
	NRM_MESSAGE_TYPE_REFERRAL,	NRM_MESSAGE_TYPE_REFERRAL,
	NRM_MESSAGE_TYPE_UPDATE,	NRM_MESSAGE_TYPE_UPDATE,
	NRM_MESSAGE_TYPE_RESPONSE,	NRM_MESSAGE_TYPE_RESPONSE,
	NRM_MESSAGE_TYPE_RESPONSE,	NRM_MESSAGE_TYPE_NOTICE,
	NRM_MESSAGE_TYPE_NOTICE,	NRM_MESSAGE_TYPE_COMPLAINT,
	NRM_MESSAGE_TYPE_NOTIFICATION,	NRM_MESSAGE_TYPE_WITHDRAWAL,
	NRM_MESSAGE_TYPE_ERASURE_ORDER, NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION,
};

static nrm_mask some_fields(struct random *r, const struct nrm_policy *policy)
{
	switch (below(r, 8)) {
	case 0:
		return ALL_FIELDS;
	case 1:
		return 0;
	case 2:
		return policy->groundless_fields;
	case 3:
		return policy->secrecy[below(r, policy->n_secrecies)].fields & ALL_FIELDS;
	case 4:
		return draw(r) & draw(r) & ALL_FIELDS;
	default:
		return draw(r) & ALL_FIELDS;
	}
}

static void draw_ground(struct random *r, const struct nrm_policy *policy, struct nrm_message *m)
{
	m->basis = NRM_BASIS_CONSENT;
	if (one_in(r, 6))
		m->service = apart[below(r, 4)];
	else if (one_in(r, 12))
		m->service = one_of(r, policy->child_protection.services);
	else
		return;
	m->basis = policy->emergency.recipients[m->service] ? NRM_BASIS_EMERGENCY
							    : NRM_BASIS_CHILD_PROTECTION;
	m->emergency = one_of(r, policy->emergency.reasons);
}

static void draw_message(struct random *r, const struct nrm_policy *policy, struct nrm_message *m)
{
	m->type = types[below(r, sizeof(types))];
	m->sender = SENDER;
	m->recipient = RECIPIENT;
	m->service = one_in(r, 2) ? apart[below(r, sizeof(apart))]
				  : 1 + below(r, NRM_SERVICE_END_ - 1);
	draw_ground(r, policy, m);
	m->purpose = one_of(r, policy->purposes[m->service]);
	m->fields = some_fields(r, policy);
	if (m->type == NRM_MESSAGE_TYPE_RESPONSE) {
		m->answer = 1 + below(r, NRM_ANSWER_END_ - 1);
		m->decline = m->answer == NRM_ANSWER_DECLINE ? 1 + below(r, NRM_DECLINE_END_ - 1)
							     : 0;
		m->appeal = !one_in(r, 3);
		m->in_reply = !one_in(r, 3);
	} else if (m->type == NRM_MESSAGE_TYPE_COMPLAINT) {
		m->about = STRANGER;
	} else if (m->type == NRM_MESSAGE_TYPE_NOTICE) {
		m->notice = one_in(r, 2) ? one_of(r, policy->expulsions)
					 : 1 + below(r, NRM_NOTICE_KIND_END_ - 1);
	} else if (m->type != NRM_MESSAGE_TYPE_REFERRAL && m->type != NRM_MESSAGE_TYPE_UPDATE) {
		m->fields = 0;
	}
}

static bool walled(const struct nrm_policy *policy, const struct input *in)
{
	for (uint32_t i = 0; i < policy->n_walls; i++)
		if ((policy->wall[i].from & in->party[SENDER].roles) &&
		    (policy->wall[i].to & in->party[RECIPIENT].roles) &&
		    !nrm_has(policy->wall[i].except, in->message.service))
			return true;
	return false;
}

static nrm_mask some_roles(struct random *r)
{
	return nrm_bit(1 + below(r, NRM_ROLE_END_ - 1)) |
	       (one_in(r, 4) ? nrm_bit(1 + below(r, NRM_ROLE_END_ - 1)) : 0);
}

static nrm_mask receiving_roles(struct random *r, const struct nrm_policy *policy,
				const struct nrm_message *m)
{
	if (m->type == NRM_MESSAGE_TYPE_COMPLAINT)
		return nrm_bit(one_of(r, policy->oversight));
	if (m->basis == NRM_BASIS_CHILD_PROTECTION)
		return nrm_bit(one_of(r, policy->child_protection.recipients));
	if (m->basis == NRM_BASIS_EMERGENCY && m->service == NRM_SERVICE_PSYCHIATRIC_CARE)
		return nrm_bit(NRM_ROLE_HEALTH);
	return some_roles(r);
}

static void draw_parties(struct random *r, const struct nrm_policy *policy, struct input *in)
{
	for (uint32_t i = 1; i < PARTIES; i++)
		in->party[i] = (struct nrm_party){.known = true,
						  .active = true,
						  .country = HOME,
						  .roles = some_roles(r),
						  .offers = draw(r) & draw(r) & ALL_SERVICES};
	in->party[RECORDER].roles = nrm_bit(NRM_ROLE_SHELTER);
	in->party[GUARDIAN].roles = nrm_bit(NRM_ROLE_GUARDIAN);
	in->party[RECIPIENT].offers |= nrm_bit(in->message.service);
	in->party[RECIPIENT].country = one_in(r, 8) ? ABROAD : HOME;
	in->party[RECIPIENT].roles = receiving_roles(r, policy, &in->message);
	for (uint32_t tries = 20; tries > 0 && walled(policy, in); tries--) {
		in->party[SENDER].roles = some_roles(r);
		in->party[RECIPIENT].roles = receiving_roles(r, policy, &in->message);
	}
}

static void draw_card(struct random *r, struct input *in)
{
	struct nrm_card *c = &in->card;
	const bool child = one_in(r, 3) || in->message.basis == NRM_BASIS_CHILD_PROTECTION;

	c->age_class = !child	      ? NRM_AGE_CLASS_ADULT
		       : one_in(r, 2) ? NRM_AGE_CLASS_CHILD
				      : NRM_AGE_CLASS_UNKNOWN;
	c->guardian = one_in(r, 3) ? NRM_GUARDIAN_PARENTS : NRM_GUARDIAN_PARTICIPANT;
	c->guardian_party = c->guardian == NRM_GUARDIAN_PARTICIPANT ? GUARDIAN : NOBODY;
	c->consulate_wished = true;
	c->reflection_until = one_in(r, 4) ? any_moment(r, in->now) : in->now - below(r, 40) * DAY;
	c->receiving_manager = RECIPIENT;
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++)
		c->assessed[a] = in->now - below(r, 80) * DAY;
	c->contributed = one_in(r, 4) ? in->party[SENDER].roles : 0;
}

/* A consent that counts; whom and what it covers differs. */
static void draw_consent(struct random *r, const struct input *in, struct nrm_consent *c)
{
	const struct nrm_message *m = &in->message;
	const uint32_t to = below(r, 3);

	c->given_by =
		in->card.age_class == NRM_AGE_CLASS_ADULT
			? (one_in(r, 4) ? NRM_GIVEN_BY_ADULT_WITH_SUPPORTER : NRM_GIVEN_BY_ADULT)
			: NRM_GIVEN_BY_CHILD_AND_GUARDIAN;
	c->heard = NRM_HEARD_HEARD;
	c->guardian = one_in(r, 4) ? in->card.guardian_party : 0;
	c->services = nrm_bit(m->service) | (one_in(r, 3) ? draw(r) & ALL_SERVICES : 0);
	c->any_service = one_in(r, 4);
	c->any_recipient = to == 0;
	c->recipient_roles = to == 1 ? in->party[RECIPIENT].roles : 0;
	if (to == 2 || one_in(r, 3))
		c->recipient[c->n_recipients++] = m->recipient;
	c->any_field = one_in(r, 4);
	c->named_fields = one_in(r, 3) ? ALL_FIELDS : draw(r) & ALL_FIELDS;
	c->categories = one_in(r, 2) ? draw(r) & (nrm_bit(NRM_CATEGORY_END_) - 2) : 0;
	if (one_in(r, 2))
		c->country[c->n_countries++] = ABROAD;
	c->purpose = m->purpose;
	c->phase = 1 + below(r, NRM_PHASE_END_ - 1);
	c->from = in->now - below(r, 30) * DAY;
	c->until = in->now + 1 + below(r, 60) * DAY;
	c->understood = true;
	c->recorder[c->n_recorders++] = RECORDER;
	if (one_in(r, 3))
		c->recorder[c->n_recorders++] = STRANGER;
}

static void draw_sound(struct random *r, const struct nrm_policy *policy, struct input *in)
{
	draw_message(r, policy, &in->message);
	draw_parties(r, policy, in);
	draw_card(r, in);
	in->n_consents = one_in(r, 12) ? 0 : 1 + (one_in(r, 2) ? below(r, CONSENTS) : 0);
	for (uint32_t i = 0; i < in->n_consents; i++)
		draw_consent(r, in, &in->consent[i]);
	for (uint32_t i = below(r, 4); i > 0; i--)
		input_mutate(in, r);
}

/* ---- Anything whatever ---- */

/* Any code of a kind, now and then none or one that does not exist. */
static uint32_t any_code(struct random *r, uint32_t end)
{
	return one_in(r, 40) ? (one_in(r, 2) ? 0 : end + below(r, 80)) : 1 + below(r, end - 1);
}

static uint32_t any_handle(struct random *r)
{
	return one_in(r, 60) ? (uint32_t)draw(r) : below(r, PARTIES);
}

static uint16_t any_country(struct random *r)
{
	return one_in(r, 20) ? 0 : one_in(r, 4) ? ABROAD : HOME;
}

static void wild_party(struct random *r, struct nrm_party *p)
{
	if (one_in(r, 40)) /* unknown: all zero */
		return;
	p->known = true;
	p->active = !one_in(r, 40);
	p->detention = one_in(r, 20);
	p->country = any_country(r);
	p->roles = one_in(r, 30) ? draw(r) & ALL_ROLES : one_in(r, 30) ? 0 : some_roles(r);
	p->offers = draw(r) & ALL_SERVICES;
}

static void wild_card(struct random *r, struct nrm_card *c, uint64_t now)
{
	c->age_class = any_code(r, NRM_AGE_CLASS_END_);
	c->adult_since = any_moment(r, now);
	c->guardian = any_code(r, NRM_GUARDIAN_END_);
	c->guardian_party = any_handle(r);
	c->complicit_parent = one_in(r, 4);
	c->n_excluded = one_in(r, 8) ? 1 + below(r, 3) : 0;
	for (uint32_t i = 0; i < c->n_excluded; i++)
		c->excluded[i] = any_handle(r);
	c->refused = one_in(r, 6) ? draw(r) : 0;
	c->contact_stated = one_in(r, 8);
	c->contact = (uint32_t)draw(r);
	c->asylum_seeker = one_in(r, 6);
	c->consulate_wished = one_in(r, 2);
	c->reflection_until = any_moment(r, now);
	c->last_threat = one_in(r, 2) ? 0 : any_moment(r, now);
	c->receiving_manager = any_handle(r);
	for (uint32_t a = 0; a < NRM_ASSESSMENT_END_; a++)
		c->assessed[a] = any_moment(r, now);
	c->contributed = one_in(r, 3) ? draw(r) & draw(r) & draw(r) & ALL_ROLES : 0;
}

static void wild_message(struct random *r, struct nrm_message *m)
{
	m->type = any_code(r, NRM_MESSAGE_TYPE_END_);
	m->sender = any_handle(r);
	m->recipient = any_handle(r);
	m->service = any_code(r, NRM_SERVICE_END_);
	m->purpose = any_code(r, NRM_PURPOSE_END_);
	m->basis = any_code(r, NRM_BASIS_END_);
	m->emergency = any_code(r, NRM_EMERGENCY_END_);
	m->fields = one_in(r, 5) ? 0 : draw(r) & (one_in(r, 40) ? ~0ull : ALL_FIELDS);
	m->contact_by = one_in(r, 5) ? any_code(r, NRM_CHANNEL_END_) : 0;
	m->answer = any_code(r, NRM_ANSWER_END_);
	m->decline = any_code(r, NRM_DECLINE_END_);
	m->appeal = one_in(r, 2);
	m->in_reply = one_in(r, 2);
	m->about = any_handle(r);
	m->notice = one_in(r, 6) ? any_code(r, NRM_NOTICE_KIND_END_) : 0;
}

static void wild_consent(struct random *r, const struct input *in, struct nrm_consent *c)
{
	c->given_by = any_code(r, NRM_GIVEN_BY_END_);
	c->services = draw(r) & ALL_SERVICES;
	c->any_service = one_in(r, 4);
	c->n_recipients = below(r, 4);
	for (uint32_t i = 0; i < c->n_recipients; i++)
		c->recipient[i] = any_handle(r);
	c->recipient_roles = draw(r) & draw(r) & ALL_ROLES;
	c->any_recipient = one_in(r, 2);
	c->named_fields = draw(r) & ALL_FIELDS;
	c->categories = draw(r) & draw(r);
	c->any_field = one_in(r, 6);
	c->n_countries = below(r, 3);
	for (uint32_t i = 0; i < c->n_countries; i++)
		c->country[i] = any_country(r);
	c->purpose = one_in(r, 3) ? any_code(r, NRM_PURPOSE_END_) : in->message.purpose;
	c->phase = any_code(r, NRM_PHASE_END_);
	c->from = any_moment(r, in->now);
	c->until = any_moment(r, in->now);
	c->withdrawn_at = one_in(r, 4) ? any_moment(r, in->now) : 0;
	c->heard = any_code(r, NRM_HEARD_END_);
	c->understood = !one_in(r, 8);
	c->interpreter_conflict = one_in(r, 8);
	c->guardian = one_in(r, 2) ? any_handle(r) : 0;
	c->guardian_unknown = one_in(r, 20);
	c->n_recorders = below(r, 4);
	for (uint32_t i = 0; i < c->n_recorders; i++)
		c->recorder[i] = any_handle(r);
}

static void draw_wild(struct random *r, struct input *in)
{
	wild_message(r, &in->message);
	for (uint32_t i = 1; i < PARTIES; i++)
		wild_party(r, &in->party[i]);
	wild_card(r, &in->card, in->now);
	in->n_consents = below(r, CONSENTS + 1);
	for (uint32_t i = 0; i < in->n_consents; i++)
		wild_consent(r, in, &in->consent[i]);
	in->outsider = one_in(r, 20);
}

/* ---- Both ---- */

void input_draw(struct input *in, const struct nrm_policy *policy, uint64_t seed, uint64_t number)
{
	struct random r = random_of(seed, number);

	memset(in, 0, sizeof(*in));
	in->now = 20000 * DAY + below(&r, DAY);
	in->twist = draw(&r);
	if (one_in(&r, 6))
		draw_wild(&r, in);
	else
		draw_sound(&r, policy, in);
}

struct nrm_facts input_facts(const struct input *in)
{
	return (struct nrm_facts){HOME,	       in->party,      PARTIES,	    &in->card,
				  in->consent, in->n_consents, in->outsider};
}

struct nrm_verdict input_decide(const struct nrm_policy *policy, const struct input *in)
{
	const struct nrm_facts facts = input_facts(in);
	struct nrm_verdict v;

	nrm_decide(policy, &facts, &in->message, in->now, &v);
	return v;
}

const struct nrm_party *input_party(const struct input *in, uint32_t handle)
{
	static const struct nrm_party unknown;

	return handle != NOBODY && handle < PARTIES ? &in->party[handle] : &unknown;
}
