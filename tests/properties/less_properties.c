/*
 * Properties of two verdicts: what takes something away from an input or a policy never adds a forwarded field
 * and never turns hold or refuse into forward.
 */
#include "tests/properties/allowed.h"
#include "tests/properties/properties.h"

static enum finding shares_no_more(struct trial *t, const struct nrm_policy *policy)
{
	const struct nrm_verdict *before = &t->verdict, *after = &t->after;

	t->after = input_decide(policy, &t->other);
	t->compared = true;
	if ((after->forwarded & ~before->forwarded) ||
	    (after->outcome == NRM_OUTCOME_FORWARD && before->outcome != NRM_OUTCOME_FORWARD))
		return FAILS;
	return after->forwarded == before->forwarded && after->outcome == before->outcome ? IDLE
											  : HOLDS;
}

/* ---- Consents ---- */

/* A copy of the input and one of its consents to change, more often one that passed; NULL without any. */
static struct nrm_consent *a_consent(struct trial *t)
{
	const uint64_t passed = t->verdict.consents & (nrm_bit(CONSENTS) - 1);

	if (t->in->n_consents == 0)
		return NULL;
	t->other = *t->in;
	if (passed != 0 && !one_in(&t->random, 4))
		return &t->other.consent[one_of(&t->random, passed)];
	return &t->other.consent[below(&t->random, t->in->n_consents)];
}

static bool withdrawn(const struct trial *t, const struct nrm_consent *c)
{
	return c->withdrawn_at != 0 && c->withdrawn_at <= t->in->now;
}

/*
 * The one exception, of rule 14: a withdrawn consent is the person's own no, which an emergency respects as far as it
 * reaches. To narrow what such a consent covers is to make the no smaller, not the yes.
 */
static bool stands_as_a_no(const struct trial *t, const struct nrm_consent *c)
{
	return t->in->message.basis == NRM_BASIS_EMERGENCY && withdrawn(t, c);
}

enum finding consent_withdrawn(struct trial *t)
{
	struct nrm_consent *c = a_consent(t);

	if (!c || withdrawn(t, c) || t->in->now == 0)
		return IDLE;
	c->withdrawn_at = t->in->now;
	if (one_in(&t->random, 2))
		c->withdrawn_at -= draw(&t->random) % t->in->now;
	return shares_no_more(t, t->policy);
}

/*
 * Narrowing takes words off a list. To put a field's name in the place of its category is more than that: policy.md
 * lifts secrecy where a consent names the very field.
 */
enum finding consent_to_fewer_fields(struct trial *t)
{
	struct nrm_consent *c = a_consent(t);

	if (!c)
		return IDLE;
	if (!one_in(&t->random, 4))
		c->any_field = false;
	if (!one_in(&t->random, 4))
		c->named_fields &= draw(&t->random);
	if (!one_in(&t->random, 4))
		c->categories &= draw(&t->random);
	return shares_no_more(t, t->policy);
}

enum finding consent_to_fewer_services(struct trial *t)
{
	struct nrm_consent *c = a_consent(t);

	if (!c || stands_as_a_no(t, c))
		return IDLE;
	if (!one_in(&t->random, 4))
		c->any_service = false;
	if (!one_in(&t->random, 4))
		c->services &= draw(&t->random);
	return shares_no_more(t, t->policy);
}

enum finding consent_to_fewer_recipients(struct trial *t)
{
	struct nrm_consent *c = a_consent(t);

	if (!c || stands_as_a_no(t, c))
		return IDLE;
	if (!one_in(&t->random, 4))
		c->any_recipient = false;
	if (!one_in(&t->random, 4))
		c->recipient_roles &= draw(&t->random);
	if (c->n_recipients > 0 && !one_in(&t->random, 4)) {
		const uint32_t gone = below(&t->random, c->n_recipients--);
		c->recipient[gone] = c->recipient[c->n_recipients];
	}
	return shares_no_more(t, t->policy);
}

enum finding consent_to_fewer_countries(struct trial *t)
{
	struct nrm_consent *c = a_consent(t);

	if (!c || c->n_countries == 0)
		return IDLE;
	const uint32_t gone = below(&t->random, c->n_countries--);
	c->country[gone] = c->country[c->n_countries];
	return shares_no_more(t, t->policy);
}

enum finding consent_ends_earlier(struct trial *t)
{
	struct nrm_consent *c = a_consent(t);
	const uint64_t until = c ? any_moment(&t->random, t->in->now) : 0;

	if (!c || until >= c->until)
		return IDLE;
	c->until = until;
	return shares_no_more(t, t->policy);
}

enum finding consent_taken_away(struct trial *t)
{
	struct nrm_consent *c = a_consent(t);

	if (!c || stands_as_a_no(t, c))
		return IDLE;
	*c = t->other.consent[--t->other.n_consents];
	return shares_no_more(t, t->policy);
}

/* ---- The policy ---- */

static struct nrm_policy *a_policy(struct trial *t)
{
	t->other = *t->in;
	t->narrower = *t->policy;
	t->other_policy = true;
	return &t->narrower;
}

enum finding smaller_needed(struct trial *t)
{
	const enum nrm_service service = t->in->message.service;
	struct nrm_policy *p = a_policy(t);
	const nrm_mask less = draw(&t->random);

	if (service < NRM_SERVICE_END_) {
		for (uint32_t role = 0; role < NRM_ROLE_END_; role++)
			p->needed[service][role] &= less;
		p->emergency.minimum[service] &= less;
	}
	p->reply_fields &= less;
	p->carers_fields &= less;
	p->complaint_fields &= less;
	return shares_no_more(t, p);
}

enum finding more_walls(struct trial *t)
{
	struct nrm_policy *p = a_policy(t);
	struct random *r = &t->random;

	p->wall[p->n_walls++] = (struct nrm_wall){
		.from = one_in(r, 4) ? NRM_ANYONE : draw(r) & draw(r) & ALL_ROLES,
		.to = draw(r) & draw(r) & ALL_ROLES,
		.except = draw(r) & ALL_SERVICES,
		.absolute = one_in(r, 2),
	};
	return shares_no_more(t, p);
}

enum finding more_secrets(struct trial *t)
{
	struct nrm_policy *p = a_policy(t);
	struct random *r = &t->random;

	p->secrecy[p->n_secrecies++] = (struct nrm_secrecy){
		.fields = draw(r) & ALL_FIELDS,
		.only = one_in(r, 4) ? NRM_ANYONE : draw(r) & ALL_ROLES,
		.never = draw(r) & ALL_ROLES,
		.liftable = one_in(r, 2),
		.but = {.fields = draw(r) & ALL_FIELDS,
			.roles = one_in(r, 4) ? NRM_ANYONE : draw(r) & ALL_ROLES,
			.services = draw(r) & ALL_SERVICES,
			.offering = one_in(r, 2)},
	};
	return shares_no_more(t, p);
}

/* ---- Exclusions ---- */

static enum finding without(struct trial *t, uint32_t handle)
{
	struct nrm_card *card = &t->other.card;

	t->other = *t->in;
	card->excluded[card->n_excluded++] = handle;
	return shares_no_more(t, t->policy);
}

enum finding sender_excluded(struct trial *t)
{
	return without(t, t->in->message.sender);
}

enum finding recipient_excluded(struct trial *t)
{
	return without(t, t->in->message.recipient);
}

/* ---- Time ---- */

/*
 * Time does not only end: what begins later than now would open a way by itself (another consent, an assessment, coming
 * of age, the end of the reflection period). That is not what the property is about, so it is taken out first.
 */
static void begin_nothing(struct input *in)
{
	struct nrm_card *card = &in->card;

	for (uint32_t i = in->n_consents; i-- > 0;)
		if (in->consent[i].from > in->now)
			in->consent[i] = in->consent[--in->n_consents];
	for (uint32_t a = 0; a < NRM_ASSESSMENT_END_; a++)
		if (card->assessed[a] > in->now)
			card->assessed[a] = 0;
	if (card->adult_since > in->now)
		card->adult_since = 0;
	if (card->reflection_until > in->now)
		card->reflection_until = 0; /* none known: it has not ended */
}

static uint64_t later(struct trial *t, uint64_t end)
{
	const uint64_t then = end > t->in->now ? end : t->in->now;
	const uint64_t more = one_in(&t->random, 2) ? 0 : draw(&t->random) % (2000 * DAY);

	return more > UINT64_MAX - then ? UINT64_MAX : then + more;
}

static void start_anew(struct trial *t)
{
	t->start = *t->in;
	begin_nothing(&t->start);
	t->in = &t->start;
	t->verdict = input_decide(t->policy, t->in);
}

enum finding time_past_an_end(struct trial *t)
{
	start_anew(t);
	const struct nrm_consent *c = a_consent(t);
	if (!c)
		t->other = *t->in;
	t->other.now = later(t, c ? allowed_end(t->policy, t->in, c) : 0);
	return shares_no_more(t, t->policy);
}

enum finding time_past_all_ends(struct trial *t)
{
	uint64_t last = 0;

	if (t->in->message.basis != NRM_BASIS_CONSENT || !allowed_needs_ground(t->policy, t->in))
		return IDLE;
	for (uint32_t i = 0; i < t->in->n_consents; i++) {
		const uint64_t end = allowed_end(t->policy, t->in, &t->in->consent[i]);
		last = end > last ? end : last;
	}
	t->other = *t->in;
	t->other.now = later(t, last);
	t->after = input_decide(t->policy, &t->other);
	t->compared = true;
	if (t->after.outcome == NRM_OUTCOME_FORWARD)
		return FAILS;
	return t->verdict.outcome == NRM_OUTCOME_FORWARD ? HOLDS : IDLE;
}
