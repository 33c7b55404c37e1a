/* Properties of two verdicts: what does not matter. */
#include "tests/properties/properties.h"

/* Numbers 0 to n - 1 in any order. */
static void shuffle(struct random *r, uint32_t *list, uint32_t n)
{
	for (uint32_t i = n; i > 1; i--) {
		const uint32_t j = below(r, i), last = list[i - 1];
		list[i - 1] = list[j];
		list[j] = last;
	}
}

static enum finding says_the_same(struct trial *t)
{
	t->after = input_decide(t->policy, &t->other);
	t->compared = true;
	return same_verdict(&t->after, &t->verdict) ? HOLDS : FAILS;
}

/* Only its list of those that passed moves with them. */
enum finding order_of_consents(struct trial *t)
{
	uint32_t place[CONSENTS];
	uint64_t passed = 0;

	if (t->in->n_consents < 2)
		return IDLE;
	t->other = *t->in;
	for (uint32_t i = 0; i < t->in->n_consents; i++)
		place[i] = i;
	shuffle(&t->random, place, t->in->n_consents);
	for (uint32_t i = 0; i < t->in->n_consents; i++) {
		t->other.consent[i] = t->in->consent[place[i]];
		passed |= (t->verdict.consents >> place[i] & 1) << i;
	}
	t->verdict.consents = passed;
	return says_the_same(t);
}

/* And one of the entries once more, where there is room. */
static void disturb(struct random *r, uint32_t *list, uint32_t *n, uint32_t max)
{
	if (*n > 0 && *n < max && one_in(r, 2)) {
		list[*n] = list[below(r, *n)];
		(*n)++;
	}
	shuffle(r, list, *n);
}

static void turn(struct nrm_consent *c)
{
	for (uint32_t i = 0; i < c->n_countries / 2; i++) {
		const uint16_t country = c->country[i];
		c->country[i] = c->country[c->n_countries - 1 - i];
		c->country[c->n_countries - 1 - i] = country;
	}
}

enum finding order_of_lists(struct trial *t)
{
	t->other = *t->in;
	for (uint32_t i = 0; i < t->other.n_consents; i++) {
		struct nrm_consent *c = &t->other.consent[i];
		disturb(&t->random, c->recipient, &c->n_recipients, NRM_MAX_CONSENT_RECIPIENTS);
		disturb(&t->random, c->recorder, &c->n_recorders, NRM_MAX_CONSENT_RECORDERS);
		turn(c);
	}
	disturb(&t->random, t->other.card.excluded, &t->other.card.n_excluded,
		NRM_MAX_CASE_EXCLUDED);
	return says_the_same(t);
}

static void rename_all(uint32_t *list, uint32_t n, const uint32_t name[static PARTIES])
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] < PARTIES)
			list[i] = name[list[i]];
}

/* Each participant but the unknown one gets another handle. */
enum finding order_of_handles(struct trial *t)
{
	uint32_t name[PARTIES];
	struct input *o = &t->other;

	*o = *t->in;
	for (uint32_t i = 0; i < PARTIES; i++)
		name[i] = i;
	shuffle(&t->random, name + 1, PARTIES - 1);
	for (uint32_t i = 1; i < PARTIES; i++)
		o->party[name[i]] = t->in->party[i];
	rename_all(&o->message.sender, 1, name);
	rename_all(&o->message.recipient, 1, name);
	rename_all(&o->message.about, 1, name);
	rename_all(&o->card.guardian_party, 1, name);
	rename_all(&o->card.receiving_manager, 1, name);
	rename_all(o->card.excluded, o->card.n_excluded, name);
	for (uint32_t i = 0; i < o->n_consents; i++) {
		rename_all(o->consent[i].recipient, o->consent[i].n_recipients, name);
		rename_all(o->consent[i].recorder, o->consent[i].n_recorders, name);
		rename_all(&o->consent[i].guardian, 1, name);
	}
	return says_the_same(t);
}

static void litter(struct random *r, uint32_t *list, uint32_t n, uint32_t max)
{
	while (n < max)
		list[n++] = below(r, PARTIES);
}

/* Lists end where their counts say; and when a fact was stated is no matter of the decision. */
enum finding behind_the_lists(struct trial *t)
{
	struct input *o = &t->other;

	*o = *t->in;
	for (uint32_t i = o->n_consents; i > 0 && i < CONSENTS; i++) {
		o->consent[i] = o->consent[below(&t->random, i)];
		o->consent[i].any_field = o->consent[i].any_recipient = true;
	}
	for (uint32_t i = 0; i < CONSENTS; i++) {
		struct nrm_consent *c = &o->consent[i];
		litter(&t->random, c->recipient, c->n_recipients, NRM_MAX_CONSENT_RECIPIENTS);
		litter(&t->random, c->recorder, c->n_recorders, NRM_MAX_CONSENT_RECORDERS);
		for (uint32_t k = c->n_countries; k < NRM_MAX_CONSENT_COUNTRIES; k++)
			c->country[k] = one_in(&t->random, 2) ? HOME : ABROAD;
	}
	litter(&t->random, o->card.excluded, o->card.n_excluded, NRM_MAX_CASE_EXCLUDED);
	for (uint32_t f = 0; f < NRM_FACT_END_; f++)
		o->card.stated[f] = draw(&t->random);
	o->card.age_decided = one_in(&t->random, 2);
	return says_the_same(t);
}
