/* What may be changed of an input, each a matter of some rule. */
#include "tests/properties/input.h"

uint64_t any_moment(struct random *r, uint64_t now)
{
	static const int spans[] = {0, 0, 0, 7, 30, 90, 180, 1095};
	const uint64_t span = (uint64_t)spans[below(r, sizeof(spans) / sizeof(spans[0]))] * DAY;
	const uint64_t any = draw(r) % (400 * DAY);

	switch (below(r, 8)) {
	case 0:
		return 0;
	case 1:
		return one_in(r, 16) ? UINT64_MAX : now + any;
	case 2:
		return now - any;
	case 3:
		return now + span - 1 + below(r, 3);
	default:
		return now - span - 1 + below(r, 3);
	}
}

static void mutate_party(struct input *in, struct random *r)
{
	struct nrm_party *p = &in->party[one_in(r, 4)	? 1 + below(r, PARTIES - 1)
					 : one_in(r, 3) ? SENDER
							: RECIPIENT];

	switch (below(r, 10)) {
	case 0:
		*p = (struct nrm_party){0};
		break;
	case 1:
		p->active = false;
		break;
	case 2:
	case 3:
		p->detention = true;
		break;
	case 4:
	case 5:
		p->country = one_in(r, 8) ? 0 : ABROAD;
		break;
	case 6:
		p->offers = one_in(r, 2) ? 0 : p->offers & ~nrm_bit(in->message.service);
		break;
	case 7:
		p->roles |= nrm_bit(1 + below(r, NRM_ROLE_END_ - 1));
		break;
	case 8:
		p->roles |= nrm_bit(one_in(r, 2) ? NRM_ROLE_IMMIGRATION_ENFORCEMENT
						 : NRM_ROLE_CONSULAR);
		break;
	default:
		p->roles = one_in(r, 8) ? 0 : nrm_bit(1 + below(r, NRM_ROLE_END_ - 1));
	}
}

static void mutate_child(struct input *in, struct random *r)
{
	struct nrm_card *c = &in->card;

	switch (below(r, 7)) {
	case 0:
	case 1:
		c->age_class = below(r, NRM_AGE_CLASS_END_);
		break;
	case 2:
		c->guardian = below(r, NRM_GUARDIAN_END_);
		break;
	case 3:
		c->guardian_party = below(r, PARTIES + 1);
		break;
	case 4:
		c->complicit_parent = true;
		break;
	case 5:
		c->adult_since = any_moment(r, in->now);
		break;
	default:
		c->assessed[NRM_ASSESSMENT_BEST_INTERESTS] = any_moment(r, in->now);
	}
}

static void mutate_card(struct input *in, struct random *r)
{
	struct nrm_card *c = &in->card;

	switch (in->message.service == NRM_SERVICE_SAFE_RETURN ? 6 + below(r, 6) : below(r, 11)) {
	case 0:
		c->excluded[c->n_excluded++] = 1 + below(r, PARTIES - 1);
		break;
	case 1:
		c->refused |= nrm_bit(in->message.service);
		break;
	case 2:
		c->contact_stated = true;
		c->contact = (uint32_t)draw(r) & 0x3e;
		break;
	case 3:
	case 4:
		c->consulate_wished = false;
		break;
	case 5:
		c->reflection_until = any_moment(r, in->now);
		break;
	case 6:
		c->asylum_seeker = true;
		break;
	case 7:
		c->last_threat = one_in(r, 2) ? any_moment(r, in->now)
					      : c->assessed[1 + below(r, 8)] - 1 + below(r, 3);
		break;
	case 8:
		c->receiving_manager = below(r, PARTIES);
		break;
	case 9:
		c->contributed |= nrm_bit(1 + below(r, NRM_ROLE_END_ - 1));
		break;
	default:
		c->assessed[1 + below(r, NRM_ASSESSMENT_END_ - 1)] = any_moment(r, in->now);
	}
}

/* Of whom it tells, and what. */
static void mutate_cover(struct input *in, struct nrm_consent *c, struct random *r)
{
	switch (below(r, 7)) {
	case 0:
		c->services = draw(r) & ALL_SERVICES & ~nrm_bit(in->message.service);
		break;
	case 1:
		c->any_recipient = false;
		break;
	case 2:
		c->n_recipients = 1;
		c->recipient[0] = below(r, PARTIES);
		break;
	case 3:
		c->recipient_roles = nrm_bit(1 + below(r, NRM_ROLE_END_ - 1));
		break;
	case 4:
		c->any_field = false;
		c->named_fields = draw(r) & draw(r) & ALL_FIELDS;
		break;
	case 5:
		c->n_countries = below(r, 2);
		c->country[0] = one_in(r, 2) ? HOME : 0x4d59;
		break;
	default:
		c->purpose = below(r, NRM_PURPOSE_END_);
	}
}

/* How it came to be. */
static void mutate_worth(struct nrm_consent *c, struct random *r)
{
	switch (below(r, 8)) {
	case 0:
		c->interpreter_conflict = true;
		break;
	case 1:
		c->understood = false;
		break;
	case 2:
		c->n_recorders = below(r, 3);
		c->recorder[0] = below(r, PARTIES);
		c->recorder[1] = below(r, PARTIES);
		break;
	case 3:
	case 4:
		c->given_by = below(r, NRM_GIVEN_BY_END_);
		break;
	case 5:
	case 6:
		c->heard = below(r, NRM_HEARD_END_);
		break;
	default:
		c->guardian = below(r, PARTIES);
		c->guardian_unknown = one_in(r, 3);
	}
}

static void mutate_consent(struct input *in, struct random *r)
{
	struct nrm_consent *c = &in->consent[in->n_consents ? below(r, in->n_consents) : 0];

	switch (below(r, 8)) {
	case 0:
		c->withdrawn_at = any_moment(r, in->now);
		break;
	case 1:
		c->from = any_moment(r, in->now);
		break;
	case 2:
		c->until = any_moment(r, in->now);
		break;
	case 3:
		c->phase = below(r, NRM_PHASE_END_);
		break;
	case 4:
	case 5:
		mutate_worth(c, r);
		break;
	default:
		mutate_cover(in, c, r);
	}
}

static void mutate_message(struct input *in, struct random *r)
{
	struct nrm_message *m = &in->message;

	switch (below(r, 12)) {
	case 0:
		m->type = below(r, NRM_MESSAGE_TYPE_END_);
		break;
	case 1:
		m->service = 1 + below(r, NRM_SERVICE_END_ - 1);
		break;
	case 2:
		m->purpose = below(r, NRM_PURPOSE_END_);
		break;
	case 3:
		m->basis = below(r, NRM_BASIS_END_);
		m->emergency = below(r, NRM_EMERGENCY_END_);
		break;
	case 4:
		m->fields = draw(r) & ALL_FIELDS;
		break;
	case 5:
		m->contact_by = 1 + below(r, NRM_CHANNEL_END_ - 1);
		in->card.contact_stated = !one_in(r, 3);
		in->card.contact |= (uint32_t)draw(r) & 0x3e;
		break;
	case 6:
		m->decline = below(r, NRM_DECLINE_END_);
		break;
	case 7:
		m->appeal = !m->appeal;
		break;
	case 8:
		m->in_reply = !m->in_reply;
		break;
	case 9:
		m->about = one_in(r, 2) ? m->recipient : below(r, PARTIES);
		break;
	case 10:
		m->notice = below(r, NRM_NOTICE_KIND_END_);
		break;
	default:
		m->sender = one_in(r, 2) ? m->recipient : below(r, PARTIES);
	}
}

void input_mutate(struct input *in, struct random *r)
{
	const uint32_t what = below(r, 20);

	if (what < 7)
		mutate_consent(in, r);
	else if (what < 10)
		mutate_child(in, r);
	else if (what < 13)
		mutate_card(in, r);
	else if (what < 16)
		mutate_party(in, r);
	else if (what < 19)
		mutate_message(in, r);
	else
		in->outsider = one_in(r, 3);
}
