/*
 * Random cases, drawn from a seed, biased so that every rule is reached and many are
 * forwarded. Included by one test program.
 */
#ifndef NRM_TESTS_DECIDE_RANDOM_H
#define NRM_TESTS_DECIDE_RANDOM_H

#include <string.h>

#include "broker/core/decide.h"

#define PARTIES	 12
#define CONSENTS 4
#define DAY	 (24ull * 3600 * 1000)
#define NOW	 (20000 * DAY)

struct world {
	struct nrm_party party[PARTIES];
	struct nrm_card card;
	struct nrm_consent consent[CONSENTS];
	struct nrm_facts facts;
	struct nrm_message message;
	uint64_t now;
};

static struct nrm_policy *policy;
static uint64_t seed;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(draw() % n);
}

static bool one_in(uint32_t n)
{
	return below(n) == 0;
}

/* Any code of a kind, now and then none or one that does not exist. */
static uint32_t code(uint32_t end)
{
	return one_in(40) ? (one_in(2) ? 0 : end + below(80)) : 1 + below(end - 1);
}

static uint64_t some_time(void)
{
	const uint64_t spread[] = {1, DAY, 60 * DAY, 400 * DAY};
	const uint64_t d = draw() % spread[below(4)];

	return one_in(30) ? 0 : one_in(60) ? UINT64_MAX : one_in(2) ? NOW - d : NOW + d;
}

static uint16_t country(void)
{
	return one_in(20) ? 0 : one_in(4) ? 0x4b48 : 0x5448;
}

static void draw_party(struct nrm_party *p, enum nrm_service service)
{
	p->known = !one_in(40);
	p->active = !one_in(40);
	p->detention = one_in(20);
	p->country = country();
	p->roles = nrm_bit(code(NRM_ROLE_END_)) | (one_in(3) ? nrm_bit(code(NRM_ROLE_END_)) : 0);
	p->offers = draw() | (one_in(4) ? 0 : nrm_bit(service));
}

static void draw_card(struct nrm_card *c)
{
	c->age_class = one_in(3) ? code(NRM_AGE_CLASS_END_) : NRM_AGE_CLASS_ADULT;
	c->adult_since = some_time();
	c->guardian = code(NRM_GUARDIAN_END_);
	c->guardian_party = below(PARTIES + 2);
	c->complicit_parent = one_in(4);
	c->n_excluded = one_in(8) ? 1 + below(3) : 0;
	for (uint32_t i = 0; i < c->n_excluded; i++)
		c->excluded[i] = below(PARTIES);
	c->refused = one_in(6) ? draw() : 0;
	c->contact_stated = one_in(8);
	c->contact = (uint32_t)draw();
	c->asylum_seeker = one_in(6);
	c->consulate_wished = one_in(2);
	c->reflection_until = some_time();
	c->last_threat = one_in(2) ? 0 : some_time();
	c->receiving_manager = below(PARTIES);
	for (uint32_t a = 0; a < NRM_ASSESSMENT_END_; a++)
		c->assessed[a] = one_in(4) ? some_time() : NOW - 1;
	c->contributed = one_in(3) ? nrm_bit(code(NRM_ROLE_END_)) : 0;
}

static void draw_message(struct nrm_message *m)
{
	m->type = one_in(2) ? NRM_MESSAGE_TYPE_REFERRAL : code(NRM_MESSAGE_TYPE_END_);
	m->sender = one_in(60) ? (uint32_t)draw() : below(PARTIES);
	m->recipient = one_in(60) ? (uint32_t)draw() : below(PARTIES);
	m->service = one_in(5) ? NRM_SERVICE_EMERGENCY_MEDICAL : code(NRM_SERVICE_END_);
	m->purpose =
		m->service < NRM_SERVICE_END_ && !one_in(10)
			? (enum nrm_purpose)__builtin_ctzll(policy->purposes[m->service] | 1u << 5)
			: code(NRM_PURPOSE_END_);
	m->basis = one_in(3) ? code(NRM_BASIS_END_) : NRM_BASIS_CONSENT;
	m->emergency = code(NRM_EMERGENCY_END_);
	m->fields = one_in(5) ? 0 : one_in(4) ? policy->groundless_fields : draw();
	m->contact_by = one_in(5) ? code(NRM_CHANNEL_END_) : 0;
	m->answer = code(NRM_ANSWER_END_);
	m->decline = code(NRM_DECLINE_END_);
	m->appeal = one_in(2);
	m->in_reply = one_in(2);
	m->about = below(PARTIES);
	m->notice = one_in(6) ? code(NRM_NOTICE_KIND_END_) : 0;
}

/* Biased towards covering the message, so that many are forwarded. */
static void draw_consent(struct nrm_consent *c, const struct nrm_message *m, bool adult)
{
	c->given_by = adult && !one_in(5) ? NRM_GIVEN_BY_ADULT : code(NRM_GIVEN_BY_END_);
	c->services = draw() | (one_in(6) ? 0 : nrm_bit(m->service));
	c->any_service = one_in(4);
	c->n_recipients = below(4);
	for (uint32_t i = 0; i < c->n_recipients; i++)
		c->recipient[i] = one_in(2) ? m->recipient : below(PARTIES);
	c->recipient_roles = draw() & draw();
	c->any_recipient = one_in(2);
	c->named_fields = draw();
	c->categories = draw();
	c->any_field = one_in(6);
	c->n_countries = below(3);
	for (uint32_t i = 0; i < c->n_countries; i++)
		c->country[i] = country();
	c->purpose = one_in(8) ? code(NRM_PURPOSE_END_) : m->purpose;
	c->phase = code(NRM_PHASE_END_);
	c->from = one_in(6) ? some_time() : NOW - 1 - below(10) * DAY;
	c->until = one_in(6) ? some_time() : NOW + 1 + below(60) * DAY;
	c->withdrawn_at = one_in(10) ? some_time() : 0;
	c->heard = one_in(4) ? code(NRM_HEARD_END_) : NRM_HEARD_HEARD;
	c->understood = !one_in(12);
	c->interpreter_conflict = one_in(12);
	c->guardian = one_in(4) ? below(PARTIES) : 0;
	c->guardian_unknown = one_in(20);
	c->n_recorders = 1 + below(3);
	for (uint32_t i = 0; i < c->n_recorders; i++)
		c->recorder[i] = below(PARTIES);
}

static void draw_world(struct world *w)
{
	memset(w, 0, sizeof(*w));
	draw_message(&w->message);
	for (uint32_t i = 1; i < PARTIES; i++)
		draw_party(&w->party[i], w->message.service);
	draw_card(&w->card);
	for (uint32_t i = 0; i < CONSENTS; i++)
		draw_consent(&w->consent[i], &w->message, w->card.age_class == NRM_AGE_CLASS_ADULT);
	w->facts = (struct nrm_facts){
		0x5448, w->party, PARTIES, &w->card, w->consent, below(CONSENTS + 1), one_in(40)};
	w->now = one_in(50) ? some_time() : NOW;
}

#endif
