/*
 * Why one of a group stands for all of it. Of a message in the space, nrm_decide() reads
 *
 * - of the sender, its roles and nothing else that could differ: in rule 5, whether they meet the
 *   `from` of each pair; and, since the sender recorded the consent, whether they meet
 *   consent.pressed.recorders and lie within consent.sent_away_by (consent.c). Two sender roles on
 *   the same side of all of these masks, in every policy here, fare alike;
 * - the purpose in rule 13 only, whether purposes[service] has it: the consent is to the same
 *   purpose, whichever;
 * - the reason of an emergency in rule 14 only, whether emergency.reasons has it: nobody refused,
 *   nothing is withdrawn;
 * - of a message that needs no ground (complaint, notification, an answer without fields) neither
 *   purpose nor ground.
 *
 * tests/unit/policy_diff_test.c holds the grouped walk against the walk of each.
 */
#include "broker/policy/space.h"

#include <string.h>

#define NOW	(1700000000ull * 1000)
#define HOUR_MS (3600ull * 1000)
#define DAY_MS	(24 * HOUR_MS)
#define HOME	1u /* our own country, by any number */

#define EVERY_FIELD (((nrm_mask)1 << NRM_FIELD_END_) - 2)

/* Handles. */
enum { SENDER = 1, RECIPIENT, PARTIES };

static const struct kind {
	enum nrm_message_type type;
	bool grounded; /* needs a ground: declares fields and is no complaint */
	bool bare;     /* carries no field */
} kinds[NRM_SPACE_KINDS] = {
	[NRM_SPACE_REFERRAL] = {NRM_MESSAGE_TYPE_REFERRAL, true, false},
	[NRM_SPACE_UPDATE] = {NRM_MESSAGE_TYPE_UPDATE, true, false},
	[NRM_SPACE_RESPONSE] = {NRM_MESSAGE_TYPE_RESPONSE, true, false},
	[NRM_SPACE_NOTICE] = {NRM_MESSAGE_TYPE_NOTICE, true, false},
	[NRM_SPACE_COMPLAINT] = {NRM_MESSAGE_TYPE_COMPLAINT, false, false},
	[NRM_SPACE_NOTIFICATION] = {NRM_MESSAGE_TYPE_NOTIFICATION, false, true},
	[NRM_SPACE_PLAIN_ANSWER] = {NRM_MESSAGE_TYPE_RESPONSE, false, true},
};

/* Codes that fare alike, one mask a group. */
struct groups {
	nrm_mask group[64];
	uint32_t n;
};

struct walk {
	const struct nrm_policy *const *policy;
	uint32_t n;
	bool each;
	struct groups senders;
	struct nrm_party party[PARTIES];
	struct nrm_card card;
	struct nrm_consent consent;
	struct nrm_facts facts;
	struct nrm_message message;
	struct nrm_space_point point;
	nrm_space_visit *visit;
	void *of;
	uint64_t examined;
};

/* Whether any policy here can tell two codes apart. */
typedef bool apart(const struct walk *w, uint32_t a, uint32_t b);

static bool across(nrm_mask mask, uint32_t a, uint32_t b)
{
	return nrm_has(mask, a) != nrm_has(mask, b);
}

static bool senders_apart(const struct walk *w, uint32_t a, uint32_t b)
{
	for (uint32_t i = 0; i < w->n; i++) {
		const struct nrm_policy *p = w->policy[i];
		if (across(p->pressure.recorders, a, b) || across(p->return_recorders, a, b))
			return true;
		for (uint32_t j = 0; j < p->n_walls; j++)
			if (across(p->wall[j].from, a, b))
				return true;
	}
	return false;
}

static bool purposes_apart(const struct walk *w, uint32_t a, uint32_t b)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (across(w->policy[i]->purposes[w->point.service], a, b))
			return true;
	return false;
}

static bool grounds_apart(const struct walk *w, uint32_t a, uint32_t b)
{
	const uint32_t first = NRM_SPACE_EMERGENCY;

	if (a < first || b < first)
		return a != b;
	for (uint32_t i = 0; i < w->n; i++)
		if (across(w->policy[i]->emergency.reasons, a - first + 1, b - first + 1))
			return true;
	return false;
}

/* Codes from `from` on, up to `end`, in groups; a group is told by its lowest code. */
static struct groups group(const struct walk *w, uint32_t from, uint32_t end, apart *differ)
{
	struct groups all = {.n = 0};
	uint32_t g;

	for (uint32_t code = from; code < end; code++) {
		for (g = 0; g < all.n; g++)
			if (!w->each && !differ(w, (uint32_t)__builtin_ctzll(all.group[g]), code))
				break;
		all.group[g] |= nrm_bit(code);
		all.n += g == all.n;
	}
	return all;
}

static uint32_t lowest(nrm_mask mask)
{
	return (uint32_t)__builtin_ctzll(mask);
}

static uint32_t size(nrm_mask mask)
{
	return (uint32_t)__builtin_popcountll(mask);
}

static void stand_on(struct walk *w, uint32_t ground)
{
	static const enum nrm_basis bases[] = {
		[NRM_SPACE_NO_GROUND] = NRM_BASIS_NONE,
		[NRM_SPACE_CONSENT_TO_ANYTHING] = NRM_BASIS_CONSENT,
		[NRM_SPACE_CONSENT_BY_NAME] = NRM_BASIS_CONSENT,
		[NRM_SPACE_CHILD_PROTECTION] = NRM_BASIS_CHILD_PROTECTION,
		[NRM_SPACE_LEGAL_DUTY] = NRM_BASIS_LEGAL_DUTY,
	};
	const bool emergency = ground >= NRM_SPACE_EMERGENCY;

	w->message.basis = emergency ? NRM_BASIS_EMERGENCY : bases[ground];
	w->message.emergency = emergency ? ground - NRM_SPACE_EMERGENCY + 1 : NRM_EMERGENCY_ABSENT;
	w->consent.named_fields = ground == NRM_SPACE_CONSENT_BY_NAME ? EVERY_FIELD : 0;
}

/* One message stands for those of its groups. */
static void examine(struct walk *w, nrm_mask senders, nrm_mask purposes, nrm_mask grounds)
{
	struct nrm_verdict verdict[2];

	w->party[SENDER].roles = nrm_bit(lowest(senders));
	w->message.purpose = w->consent.purpose = lowest(purposes);
	stand_on(w, lowest(grounds));
	w->point.senders = senders;
	w->point.purposes = (uint32_t)purposes;
	w->point.grounds = (uint32_t)grounds;
	w->point.messages = (uint64_t)size(senders) * size(purposes) * size(grounds);
	for (uint32_t i = 0; i < w->n; i++)
		nrm_decide(w->policy[i], &w->facts, &w->message, NOW, &verdict[i]);
	w->examined += w->point.messages;
	w->visit(w->of, &w->point, verdict);
}

static void walk_grounds(struct walk *w, const struct groups *purposes,
			 const struct groups *grounds)
{
	for (uint32_t s = 0; s < w->senders.n; s++)
		for (uint32_t p = 0; p < purposes->n; p++)
			for (uint32_t g = 0; g < grounds->n; g++)
				examine(w, w->senders.group[s], purposes->group[p],
					grounds->group[g]);
}

/* All of a kind from and to whoever, for one service, age and recipient. */
static void walk_kinds(struct walk *w, const struct groups *purposes, const struct groups *grounds)
{
	const struct groups all_purposes = {{(nrm_bit(NRM_PURPOSE_END_) - 2)}, 1};
	const struct groups all_grounds = {{nrm_bit(NRM_SPACE_GROUNDS) - 1}, 1};

	for (uint32_t k = 0; k < NRM_SPACE_KINDS; k++) {
		const bool alike = !kinds[k].grounded && !w->each;
		w->point.kind = k;
		w->message.type = kinds[k].type;
		w->message.fields = kinds[k].bare ? 0 : EVERY_FIELD;
		walk_grounds(w, alike ? &all_purposes : purposes, alike ? &all_grounds : grounds);
	}
}

static void be(struct walk *w, bool child)
{
	w->point.child = child;
	w->card.age_class = child ? NRM_AGE_CLASS_CHILD : NRM_AGE_CLASS_ADULT;
	w->card.guardian = child ? NRM_GUARDIAN_PARENTS : NRM_GUARDIAN_ABSENT;
	w->consent.given_by = child ? NRM_GIVEN_BY_CHILD_AND_GUARDIAN : NRM_GIVEN_BY_ADULT;
}

static void walk_service(struct walk *w, enum nrm_service service)
{
	struct groups purposes, grounds;

	w->point.service = w->message.service = service;
	purposes = group(w, 1, NRM_PURPOSE_END_, purposes_apart);
	grounds = group(w, 0, NRM_SPACE_GROUNDS, grounds_apart);
	for (uint32_t r = 1; r < NRM_ROLE_END_; r++)
		for (uint32_t i = 0; i < 4; i++) {
			w->point.recipient = r;
			w->point.offering = i & 1;
			w->party[RECIPIENT].roles = nrm_bit(r);
			w->party[RECIPIENT].offers = w->point.offering ? nrm_bit(service) : 0;
			be(w, i & 2);
			walk_kinds(w, &purposes, &grounds);
		}
}

/* Everything that could stand in the way besides the policy is out of it. */
static void prepare(struct walk *w)
{
	const struct nrm_party ours = {.known = true, .active = true, .country = HOME};

	w->party[SENDER] = w->party[RECIPIENT] = ours;
	w->card.consulate_wished = true;
	w->card.receiving_manager = RECIPIENT;
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++)
		w->card.assessed[a] = NOW - HOUR_MS;
	w->consent = (struct nrm_consent){
		.services = ~0ull,
		.recipient = {RECIPIENT},
		.n_recipients = 1,
		.any_field = true,
		.phase = NRM_PHASE_CRISIS,
		.from = NOW - HOUR_MS,
		.until = NOW + 20 * DAY_MS,
		.heard = NRM_HEARD_HEARD,
		.understood = true,
		.recorder = {SENDER},
		.n_recorders = 1,
	};
	w->message.sender = SENDER;
	w->message.recipient = RECIPIENT;
	w->message.in_reply = true;
	w->message.answer = NRM_ANSWER_ACCEPT;
	w->facts = (struct nrm_facts){.country = HOME,
				      .party = w->party,
				      .n_parties = PARTIES,
				      .card = &w->card,
				      .consent = &w->consent,
				      .n_consents = 1};
}

uint64_t nrm_space_walk(const struct nrm_policy *const *policy, uint32_t n, nrm_mask services,
			bool each, nrm_space_visit *visit, void *of)
{
	struct walk w = {.policy = policy, .n = n, .each = each, .visit = visit, .of = of};

	prepare(&w);
	w.senders = group(&w, 1, NRM_ROLE_END_, senders_apart);
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		if (nrm_has(services, s))
			walk_service(&w, s);
	return w.examined;
}
