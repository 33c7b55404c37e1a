/* What is forwarded: declared, needed and consented, less what is secret (policy.md; M1-M5). */
#include "broker/core/matter.h"

/* Rows that apply to the recipient, joined; or the return set for who does not offer the service. */
nrm_mask nrm_needed(const struct nrm_policy *policy, const struct nrm_party *recipient,
		    enum nrm_service service, enum nrm_message_type type)
{
	nrm_mask fields = 0;

	if (type == NRM_MESSAGE_TYPE_COMPLAINT)
		return policy->complaint_fields;
	if (nrm_has(recipient->offers | policy->told_to_all, service) &&
	    service < NRM_SERVICE_END_) {
		for (uint32_t role = 0; role < NRM_ROLE_END_; role++)
			if (role == 0 || nrm_has(recipient->roles, role))
				fields |= policy->needed[service][role];
		return fields;
	}
	if (type == NRM_MESSAGE_TYPE_NOTICE)
		return 0;
	return policy->reply_fields |
	       (recipient->roles & policy->reply_carers ? policy->carers_fields : 0);
}

static nrm_mask secret_by(const struct nrm_secrecy *line, const struct nrm_party *recipient,
			  enum nrm_service service)
{
	const nrm_mask roles = recipient->roles | nrm_bit(0);
	const bool open = (line->only & roles) && !(line->never & roles);
	const bool but = nrm_has(line->but.services, service) && (line->but.roles & roles) &&
			 (!line->but.offering || nrm_has(recipient->offers, service));

	return open ? 0 : line->fields & ~(but ? line->but.fields : 0);
}

static nrm_mask secret(const struct nrm_policy *policy, const struct nrm_party *recipient,
		       enum nrm_service service, nrm_mask lifted)
{
	nrm_mask fields = 0;

	for (uint32_t i = 0; i < policy->n_secrecies && i < NRM_MAX_SECRECIES; i++) {
		const struct nrm_secrecy line = policy->secrecy[i];
		fields |= secret_by(&line, recipient, service) & ~(line.liftable ? lifted : 0);
	}
	return fields;
}

nrm_mask nrm_secret(const struct nrm_policy *policy, const struct nrm_party *recipient,
		    enum nrm_service service)
{
	return secret(policy, recipient, service, 0);
}

/* Only a valid ground brings a matter this far: rules 13-16 have seen to it. */
static nrm_mask consented(const struct nrm_matter *m)
{
	if (!m->needs_ground)
		return ~0ull;
	switch (m->message->basis) {
	case NRM_BASIS_EMERGENCY:
		return m->policy->emergency.minimum[m->message->service];
	case NRM_BASIS_CHILD_PROTECTION:
		return ~0ull;
	case NRM_BASIS_LEGAL_DUTY:
		return nrm_duty_fields(m);
	default:
		return m->consented.fields; /* none, where the ground is not consent */
	}
}

static nrm_mask needed(const struct nrm_matter *m)
{
	if (m->needs_ground && m->message->basis == NRM_BASIS_EMERGENCY)
		return m->policy->emergency.minimum[m->message->service];
	return nrm_needed(m->policy, m->recipient, m->message->service, m->message->type);
}

void nrm_sort_fields(const struct nrm_matter *m, struct nrm_verdict *verdict)
{
	nrm_mask rest = m->message->fields;

	verdict->secret = rest &
			  secret(m->policy, m->recipient, m->message->service, m->consented.lifted);
	rest &= ~verdict->secret;
	verdict->not_needed = rest & ~needed(m);
	rest &= ~verdict->not_needed;
	verdict->not_consented = rest & ~consented(m);
	verdict->forwarded = rest & ~verdict->not_consented;
}
