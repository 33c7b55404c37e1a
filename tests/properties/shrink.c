#include "tests/properties/shrink.h"

#include <string.h>

/* How many changes a property that draws one may draw to fail on a plainer input. */
#define TWISTS 12

/* A number somewhere in the input, and what it is at its plainest; of a mask each bit is taken out by itself. */
struct knob {
	size_t at;
	uint8_t size;
	bool mask;
	uint64_t plain;
};
#define PLAIN(type, member, value)                                                \
	{                                                                         \
		offsetof(type, member), sizeof(((type *)0)->member), false, value \
	}
#define MASK(type, member)                                                   \
	{                                                                    \
		offsetof(type, member), sizeof(((type *)0)->member), true, 0 \
	}

enum { NOW, YESTERDAY, TOMORROW, TIMES }; /* plain times, as numbers above any other */
#define TIME(name) (UINT64_MAX - name)

static const struct knob of_party[] = {
	PLAIN(struct nrm_party, active, true),	PLAIN(struct nrm_party, detention, 0),
	PLAIN(struct nrm_party, country, HOME), MASK(struct nrm_party, roles),
	MASK(struct nrm_party, offers),
};
static const struct knob of_card[] = {
	PLAIN(struct nrm_card, age_class, NRM_AGE_CLASS_ADULT),
	PLAIN(struct nrm_card, adult_since, 0),
	PLAIN(struct nrm_card, guardian, 0),
	PLAIN(struct nrm_card, guardian_party, 0),
	PLAIN(struct nrm_card, complicit_parent, 0),
	MASK(struct nrm_card, refused),
	PLAIN(struct nrm_card, contact_stated, 0),
	PLAIN(struct nrm_card, contact, 0),
	PLAIN(struct nrm_card, asylum_seeker, 0),
	PLAIN(struct nrm_card, consulate_wished, 0),
	PLAIN(struct nrm_card, reflection_until, 0),
	PLAIN(struct nrm_card, last_threat, 0),
	PLAIN(struct nrm_card, receiving_manager, 0),
	MASK(struct nrm_card, contributed),
	PLAIN(struct nrm_card, age_decided, 0),
};
static const struct knob of_consent[] = {
	PLAIN(struct nrm_consent, given_by, NRM_GIVEN_BY_ADULT),
	MASK(struct nrm_consent, services),
	PLAIN(struct nrm_consent, any_service, 0),
	MASK(struct nrm_consent, recipient_roles),
	PLAIN(struct nrm_consent, any_recipient, 0),
	MASK(struct nrm_consent, named_fields),
	MASK(struct nrm_consent, categories),
	PLAIN(struct nrm_consent, any_field, 0),
	PLAIN(struct nrm_consent, phase, NRM_PHASE_RECOVERY),
	PLAIN(struct nrm_consent, from, TIME(YESTERDAY)),
	PLAIN(struct nrm_consent, until, TIME(TOMORROW)),
	PLAIN(struct nrm_consent, withdrawn_at, TIME(NOW)),
	PLAIN(struct nrm_consent, withdrawn_at, 0),
	PLAIN(struct nrm_consent, heard, NRM_HEARD_HEARD),
	PLAIN(struct nrm_consent, understood, true),
	PLAIN(struct nrm_consent, interpreter_conflict, 0),
	PLAIN(struct nrm_consent, guardian, 0),
	PLAIN(struct nrm_consent, guardian_unknown, 0),
};
static const struct knob of_message[] = {
	PLAIN(struct nrm_message, type, NRM_MESSAGE_TYPE_REFERRAL),
	PLAIN(struct nrm_message, basis, NRM_BASIS_CONSENT),
	PLAIN(struct nrm_message, emergency, 0),
	MASK(struct nrm_message, fields),
	PLAIN(struct nrm_message, contact_by, 0),
	PLAIN(struct nrm_message, answer, 0),
	PLAIN(struct nrm_message, decline, 0),
	PLAIN(struct nrm_message, appeal, 0),
	PLAIN(struct nrm_message, in_reply, 0),
	PLAIN(struct nrm_message, about, 0),
	PLAIN(struct nrm_message, notice, 0),
};
#define COUNT(table) (uint32_t)(sizeof(table) / sizeof((table)[0]))

struct search {
	const struct property *property;
	struct trial *t;
	const struct nrm_policy *policy;
	struct input *in; /* the plainest so far that fails */
	bool plainer;	  /* than at the beginning of the round */
};

static bool fails(struct search *s, struct input *in)
{
	const struct nrm_verdict verdict = input_decide(s->policy, in);
	const uint64_t twist = in->twist;

	for (uint32_t i = 0; i < TWISTS; i++) {
		in->twist = twist + i;
		if (property_try(s->property, s->t, s->policy, in, &verdict) == FAILS)
			return true;
	}
	return false;
}

static void keep_if_it_fails(struct search *s, struct input *candidate)
{
	if (!fails(s, candidate))
		return;
	*s->in = *candidate;
	s->plainer = true;
}

static void set(struct search *s, size_t at, uint32_t size, uint64_t value)
{
	struct input candidate = *s->in;
	char *number = (char *)&candidate + at;

	/* the low bytes come first on every machine that this runs on */
	if (memcmp(number, &value, size) == 0)
		return;
	memcpy(number, &value, size);
	keep_if_it_fails(s, &candidate);
}

static void turn_knob(struct search *s, size_t base, const struct knob *k)
{
	const uint64_t times[TIMES] = {s->in->now, s->in->now - DAY, s->in->now + DAY};
	const bool time = k->plain > TIME(TIMES);
	uint64_t value = 0;

	if (!k->mask) {
		memcpy(&value, (const char *)s->in + base + k->at, k->size);
		if (!time || value != 0) /* a time not stated is plain enough */
			set(s, base + k->at, k->size,
			    time ? times[UINT64_MAX - k->plain] : k->plain);
		return;
	}
	set(s, base + k->at, k->size, 0);
	for (uint32_t bit = 0; bit < 64; bit++) {
		memcpy(&value, (const char *)s->in + base + k->at, k->size);
		set(s, base + k->at, k->size, value & ~(1ull << bit));
	}
}

static void turn_all(struct search *s, size_t base, const struct knob *knob, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		turn_knob(s, base, &knob[i]);
}

/* The last entry of a list goes, and then the others, the last taking the place of each. */
static void shorten(struct search *s, size_t list, size_t count, uint32_t width)
{
	uint32_t n;

	memcpy(&n, (const char *)s->in + count, sizeof(n));
	for (uint32_t i = n; i-- > 0;) {
		struct input candidate = *s->in;
		memcpy(&n, (const char *)&candidate + count, sizeof(n));
		n--;
		memcpy((char *)&candidate + list + i * width, (char *)&candidate + list + n * width,
		       width);
		memset((char *)&candidate + list + n * width, 0, width);
		memcpy((char *)&candidate + count, &n, sizeof(n));
		keep_if_it_fails(s, &candidate);
	}
}

#define SHORTEN(s, base, type, list, count)                                       \
	shorten(s, (base) + offsetof(type, list), (base) + offsetof(type, count), \
		sizeof(((type *)0)->list[0]))

/* Best it is in no directory at all. */
static void round_of_party(struct search *s, uint32_t handle)
{
	struct input candidate = *s->in;

	if (!candidate.party[handle].known)
		return;
	candidate.party[handle] = (struct nrm_party){0};
	keep_if_it_fails(s, &candidate);
	if (s->in->party[handle].known)
		turn_all(s, offsetof(struct input, party) + handle * sizeof(struct nrm_party),
			 of_party, COUNT(of_party));
}

static void round_of(struct search *s)
{
	SHORTEN(s, 0, struct input, consent, n_consents);
	for (uint32_t i = 0; i < s->in->n_consents; i++) {
		const size_t base = offsetof(struct input, consent) +
				    i * sizeof(struct nrm_consent);
		turn_all(s, base, of_consent, COUNT(of_consent));
		SHORTEN(s, base, struct nrm_consent, recipient, n_recipients);
		SHORTEN(s, base, struct nrm_consent, country, n_countries);
		SHORTEN(s, base, struct nrm_consent, recorder, n_recorders);
	}
	turn_all(s, offsetof(struct input, message), of_message, COUNT(of_message));
	turn_all(s, offsetof(struct input, card), of_card, COUNT(of_card));
	SHORTEN(s, offsetof(struct input, card), struct nrm_card, excluded, n_excluded);
	for (uint32_t a = 0; a < NRM_ASSESSMENT_END_; a++)
		set(s, offsetof(struct input, card.assessed[a]), sizeof(uint64_t), 0);
	for (uint32_t i = 1; i < PARTIES; i++)
		round_of_party(s, i);
	set(s, offsetof(struct input, outsider), sizeof(bool), false);
}

void shrink(const struct property *property, struct trial *t, const struct nrm_policy *policy,
	    struct input *in)
{
	struct search s = {property, t, policy, in, true};

	while (s.plainer) {
		s.plainer = false;
		round_of(&s);
	}
	fails(&s, in);
}
