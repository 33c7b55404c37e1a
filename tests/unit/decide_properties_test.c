/* Properties that hold for every input (policy.md), over seeded random ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "broker/core/decide.h"
#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"
#include "tests/unit/decide_random.h"

#define ROUNDS 200000

static struct nrm_verdict decide(const struct nrm_policy *p, const struct world *w)
{
	struct nrm_verdict v;

	nrm_decide(p, &w->facts, &w->message, w->now, &v);
	return v;
}

static const struct nrm_party *recipient(const struct world *w)
{
	return w->message.recipient < PARTIES ? &w->party[w->message.recipient] : &w->party[0];
}

static bool is_rule_2s(enum nrm_message_type type)
{
	return type == NRM_MESSAGE_TYPE_WITHDRAWAL || type == NRM_MESSAGE_TYPE_ERASURE_ORDER ||
	       type == NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION;
}

/* ---- Bounds on what is forwarded ---- */

/* What those consents that passed allow, and what of it is named to this very participant. */
static void union_of(const struct world *w, uint64_t passed, nrm_mask *fields, nrm_mask *named)
{
	*fields = *named = 0;
	for (uint32_t i = 0; i < w->facts.n_consents; i++) {
		const struct nrm_consent *c = &w->consent[i];
		if (!(passed & 1ull << i))
			continue;
		for (uint32_t f = 0; f < 64; f++)
			if (c->any_field || c->named_fields & 1ull << f ||
			    (f < NRM_FIELD_END_ && nrm_has(c->categories, nrm_field_category(f))))
				*fields |= 1ull << f;
		for (uint32_t r = 0; r < c->n_recipients; r++)
			if (c->recipient[r] == w->message.recipient)
				*named |= c->named_fields;
	}
}

static void check_bounds(const struct world *w, const struct nrm_verdict *v)
{
	const enum nrm_service service = w->message.service;
	const bool emergency = v->obligations & 1u << NRM_OBLIGATION_REVIEW_BY_COORDINATOR &&
			       w->message.basis == NRM_BASIS_EMERGENCY;
	const nrm_mask liftable = nrm_bit(NRM_FIELD_INFECTION_STATUS) |
				  policy->category[NRM_CATEGORY_LOCATION];
	const nrm_mask needed =
		emergency ? policy->emergency.minimum[service]
			  : nrm_needed(policy, recipient(w), service, w->message.type);
	nrm_mask fields, named;

	union_of(w, v->consents, &fields, &named);
	if (v->outcome != NRM_OUTCOME_FORWARD) {
		assert_int_equal(v->forwarded | v->secret | v->not_needed | v->not_consented, 0);
		return;
	}
	assert_int_equal(v->forwarded | v->secret | v->not_needed | v->not_consented,
			 w->message.fields);
	assert_int_equal(__builtin_popcountll(v->forwarded) + __builtin_popcountll(v->secret) +
				 __builtin_popcountll(v->not_needed) +
				 __builtin_popcountll(v->not_consented),
			 __builtin_popcountll(w->message.fields));
	assert_int_equal(v->forwarded & ~needed, 0);
	assert_int_equal(
		v->forwarded & nrm_secret(policy, recipient(w), service) & ~(named & liftable), 0);
	if (v->consents != 0)
		assert_int_equal(v->forwarded & ~fields, 0);
	else if (v->forwarded != 0) /* then something else carried it */
		assert_true(emergency || w->message.basis == NRM_BASIS_CHILD_PROTECTION ||
			    w->message.type == NRM_MESSAGE_TYPE_COMPLAINT ||
			    (w->message.fields & ~policy->groundless_fields) == 0);
}

static void check_enforcement(const struct world *w, const struct nrm_verdict *v)
{
	if (!nrm_has(recipient(w)->roles, NRM_ROLE_IMMIGRATION_ENFORCEMENT))
		return;
	assert_int_equal(v->forwarded, 0);
	assert_true(v->outcome != NRM_OUTCOME_FORWARD || is_rule_2s(w->message.type));
}

static void bounds_hold(void **state)
{
	uint32_t forwards = 0, fields = 0, reasons[NRM_REASON_END_] = {0};
	struct world w;

	(void)state;
	seed = 1;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		draw_world(&w);
		const struct nrm_verdict v = decide(policy, &w);
		check_bounds(&w, &v);
		check_enforcement(&w, &v);
		forwards += v.outcome == NRM_OUTCOME_FORWARD;
		fields += v.forwarded != 0;
		reasons[v.reason]++;
	}
	/* the inputs reach what they are to test */
	assert_true(forwards > ROUNDS / 20);
	assert_true(fields > ROUNDS / 100);
	for (uint32_t r = NRM_REASON_OK; r <= NRM_REASON_RETURN_EVIDENCE_MISSING; r++)
		if (reasons[r] == 0)
			fail_msg("no input was answered %s",
				 nrm_code_name(NRM_VOCABULARY_REASON, r));
}

/* ---- Order ---- */

static void turn(uint32_t *list, uint32_t n)
{
	for (uint32_t i = 0; i + 1 < n; i++) {
		const uint32_t first = list[i];
		list[i] = list[i + 1];
		list[i + 1] = first;
	}
}

static void reverse_consents(struct world *w)
{
	const uint32_t n = (uint32_t)w->facts.n_consents;

	for (uint32_t i = 0; i < n / 2; i++) {
		const struct nrm_consent c = w->consent[i];
		w->consent[i] = w->consent[n - 1 - i];
		w->consent[n - 1 - i] = c;
	}
	for (uint32_t i = 0; i < n; i++) {
		turn(w->consent[i].recipient, w->consent[i].n_recipients);
		turn(w->consent[i].recorder, w->consent[i].n_recorders);
	}
	turn(w->card.excluded, w->card.n_excluded);
}

static void order_does_not_matter(void **state)
{
	struct nrm_policy turned = *policy;
	struct world w;

	(void)state;
	for (uint32_t i = 0; i < policy->n_walls; i++)
		turned.wall[i] = policy->wall[policy->n_walls - 1 - i];
	for (uint32_t i = 0; i < policy->n_secrecies; i++)
		turned.secrecy[i] = policy->secrecy[policy->n_secrecies - 1 - i];
	seed = 2;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		draw_world(&w);
		const struct nrm_verdict v = decide(policy, &w);
		reverse_consents(&w);
		struct nrm_verdict r = decide(&turned, &w);
		assert_int_equal(__builtin_popcountll(r.consents),
				 __builtin_popcountll(v.consents));
		r.consents = v.consents;
		assert_memory_equal(&r, &v, sizeof(v));
	}
}

/* ---- Less given is never more shared ---- */

static struct nrm_consent *any_consent(struct world *w)
{
	return &w->consent[w->facts.n_consents ? below((uint32_t)w->facts.n_consents) : 0];
}

static void withdraw(struct world *w, struct nrm_policy *p)
{
	(void)p;
	any_consent(w)->withdrawn_at = w->now ? w->now : 1;
}

static void expire(struct world *w, struct nrm_policy *p)
{
	(void)p;
	any_consent(w)->until = w->now;
}

static void narrow(struct world *w, struct nrm_policy *p)
{
	struct nrm_consent *c = any_consent(w);

	(void)p;
	if (c->withdrawn_at != 0) /* to narrow what was withdrawn is to withdraw less */
		return;
	switch (below(7)) {
	case 0:
		c->services &= draw();
		break;
	case 1:
		c->any_service = c->any_recipient = false;
		break;
	case 2:
		c->recipient_roles &= draw();
		break;
	case 3:
		c->n_recipients = 0;
		break;
	case 4:
		c->any_field = false;
		break;
	case 5:
		c->named_fields &= draw();
		c->categories &= draw();
		break;
	default:
		c->n_countries = 0;
	}
}

static void exclude(struct world *w, struct nrm_policy *p)
{
	(void)p;
	w->card.excluded[w->card.n_excluded++] = one_in(2) ? w->message.sender
							   : w->message.recipient;
}

static void need_less(struct world *w, struct nrm_policy *p)
{
	if (w->message.service >= NRM_SERVICE_END_)
		return;
	for (uint32_t r = 0; r < NRM_ROLE_END_; r++)
		p->needed[w->message.service][r] &= draw();
	p->reply_fields &= draw();
	p->carers_fields &= draw();
	p->complaint_fields &= draw();
	p->emergency.minimum[w->message.service] &= draw();
}

static void build_a_wall(struct world *w, struct nrm_policy *p)
{
	(void)w;
	p->wall[p->n_walls++] =
		(struct nrm_wall){.from = draw() & draw(), .to = draw() & draw(), .except = draw()};
}

static void keep_a_secret(struct world *w, struct nrm_policy *p)
{
	(void)w;
	p->secrecy[p->n_secrecies++] =
		(struct nrm_secrecy){.fields = draw(), .only = draw(), .never = draw()};
}

static void less_is_never_more(void **state)
{
	static void (*const changes[])(struct world *, struct nrm_policy *) = {
		withdraw, expire, narrow, exclude, need_less, build_a_wall, keep_a_secret,
	};
	const uint32_t n = sizeof(changes) / sizeof(changes[0]);
	struct nrm_policy less;
	struct world w;
	uint32_t lost = 0;

	(void)state;
	seed = 3;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		draw_world(&w);
		less = *policy;
		const struct nrm_verdict before = decide(policy, &w);
		changes[i % n](&w, &less);
		w.facts.consent = w.consent;
		const struct nrm_verdict after = decide(&less, &w);
		assert_int_equal(after.forwarded & ~before.forwarded, 0);
		assert_true(after.outcome != NRM_OUTCOME_FORWARD ||
			    before.outcome == NRM_OUTCOME_FORWARD);
		lost += after.forwarded != before.forwarded || after.outcome != before.outcome;
	}
	assert_true(lost > ROUNDS / 100);
}

/* Past the end of every consent, nothing that rests on consent goes on. */
static void time_ends_every_consent(void **state)
{
	struct world w;

	(void)state;
	seed = 4;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		draw_world(&w);
		if (w.message.basis != NRM_BASIS_CONSENT ||
		    w.message.type != NRM_MESSAGE_TYPE_REFERRAL ||
		    w.message.service == NRM_SERVICE_INTERPRETATION)
			continue;
		for (uint32_t c = 0; c < CONSENTS; c++)
			if (w.consent[c].from > NOW + 500 * DAY)
				w.consent[c].from = NOW;
		w.now = NOW +
			2000 * DAY; /* longer than any consent lives from the last day drawn */
		assert_int_not_equal(decide(policy, &w).outcome, NRM_OUTCOME_FORWARD);
	}
}

static int load(void **state)
{
	char error[NRM_POLICY_ERROR_LEN];

	(void)state;
	return nrm_crypto_init() == NRM_OK && nrm_policy_load(NRM_SOURCE "/config/policy.yaml",
							      &policy, error) == NRM_OK
		       ? 0
		       : 1;
}

static int unload(void **state)
{
	(void)state;
	nrm_policy_free(policy);
	nrm_crypto_thread_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_hold),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(less_is_never_more),
		cmocka_unit_test(time_ends_every_consent),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
