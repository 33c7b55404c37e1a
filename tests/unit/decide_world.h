/*
 * A case that is forwarded, for tests that break it: a shelter refers an adult to a hospital, with her
 * consent. Included by one test program each.
 */
#ifndef NRM_TESTS_DECIDE_WORLD_H
#define NRM_TESTS_DECIDE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "broker/core/decide.h"
#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"

#define DAY   (24ull * 3600 * 1000)
#define NOW   (20000 * DAY)
#define HOME  0x5448
#define OTHER 0x4b48

enum {
	NOBODY,
	SHELTER,
	HOSPITAL,
	POLICE,
	ENFORCEMENT,
	HOLDING,
	OMBUDSMAN,
	EMBASSY,
	LAWYER,
	GUARDIAN,
	ABROAD,
	ALL
};

#define ROLE(name)    nrm_bit(NRM_ROLE_##name)
#define SERVICE(name) nrm_bit(NRM_SERVICE_##name)
#define FIELD(name)   nrm_bit(NRM_FIELD_##name)

static struct nrm_policy *policy;

struct world {
	struct nrm_party party[ALL];
	struct nrm_card card;
	struct nrm_consent consent[2];
	struct nrm_facts facts;
	struct nrm_message message;
	uint64_t now;
};

static struct nrm_party party(nrm_mask roles, nrm_mask offers)
{
	return (struct nrm_party){
		.known = true, .active = true, .country = HOME, .roles = roles, .offers = offers};
}

static void make(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->party[SHELTER] =
		party(ROLE(SHELTER) | ROLE(NGO_CASE_MANAGER), SERVICE(EMERGENCY_SHELTER));
	w->party[HOSPITAL] =
		party(ROLE(HEALTH), SERVICE(MEDICAL_CHECKUP) | SERVICE(EMERGENCY_MEDICAL));
	w->party[POLICE] = party(ROLE(POLICE), SERVICE(POLICE_PROTECTION));
	w->party[ENFORCEMENT] =
		party(ROLE(IMMIGRATION_ENFORCEMENT) | ROLE(HEALTH), SERVICE(MEDICAL_CHECKUP));
	w->party[HOLDING] = party(ROLE(HEALTH), SERVICE(MEDICAL_CHECKUP));
	w->party[HOLDING].detention = true;
	w->party[OMBUDSMAN] = party(ROLE(OMBUDSMAN), 0);
	w->party[EMBASSY] = party(ROLE(CONSULAR), SERVICE(MEDICAL_CHECKUP));
	w->party[LAWYER] = party(ROLE(LEGAL_AID), SERVICE(LEGAL_ADVICE));
	w->party[GUARDIAN] = party(ROLE(GUARDIAN), SERVICE(GUARDIANSHIP_APPOINTMENT));
	w->party[ABROAD] = party(ROLE(HEALTH) | ROLE(SHELTER),
				 SERVICE(MEDICAL_CHECKUP) | SERVICE(SAFE_RETURN));
	w->party[ABROAD].country = OTHER;
	w->card.age_class = NRM_AGE_CLASS_ADULT;
	w->consent[0] = (struct nrm_consent){
		.given_by = NRM_GIVEN_BY_ADULT,
		.services = SERVICE(MEDICAL_CHECKUP),
		.any_recipient = true,
		.any_field = true,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.phase = NRM_PHASE_RECOVERY,
		.from = NOW - DAY,
		.until = NOW + 30 * DAY,
		.heard = NRM_HEARD_HEARD,
		.understood = true,
		.recorder = {SHELTER},
		.n_recorders = 1,
	};
	w->facts = (struct nrm_facts){HOME, w->party, ALL, &w->card, w->consent, 1, false};
	w->message = (struct nrm_message){
		.type = NRM_MESSAGE_TYPE_REFERRAL,
		.sender = SHELTER,
		.recipient = HOSPITAL,
		.service = NRM_SERVICE_MEDICAL_CHECKUP,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.basis = NRM_BASIS_CONSENT,
		.fields = FIELD(GIVEN_NAME) | FIELD(SKILLS),
	};
	w->now = NOW;
}

static struct nrm_verdict decide(const struct world *w)
{
	struct nrm_verdict v;

	memset(&v, 0xa5, sizeof(v));
	nrm_decide(policy, &w->facts, &w->message, w->now, &v);
	return v;
}

/* One way to break it, or to break it and mend it again: the rule that fires then, and its reason. */
struct change {
	const char *name;
	void (*change)(struct world *w);
	uint32_t rule;
	enum nrm_reason reason;
};
#define CASE(change, rule, reason)                         \
	{                                                  \
#change, change, rule, NRM_REASON_##reason \
	}

static enum nrm_outcome outcome_of(enum nrm_reason reason)
{
	return reason == NRM_REASON_OK ? NRM_OUTCOME_FORWARD
	       : reason == NRM_REASON_GUARDIAN_MISSING ||
			       reason == NRM_REASON_BEST_INTERESTS_MISSING ||
			       reason == NRM_REASON_RETURN_EVIDENCE_MISSING
		       ? NRM_OUTCOME_HOLD
		       : NRM_OUTCOME_REFUSE;
}

static void check_changes(const struct change *cases, size_t n)
{
	struct world w;

	for (size_t i = 0; i < n; i++) {
		make(&w);
		cases[i].change(&w);
		const struct nrm_verdict v = decide(&w);
		if (v.reason != cases[i].reason || !(v.rules & 1u << cases[i].rule))
			fail_msg("%s: %s by rules %x", cases[i].name,
				 nrm_code_name(NRM_VOCABULARY_REASON, v.reason), v.rules);
		assert_int_equal(v.outcome, outcome_of(v.reason));
		assert_int_equal(v.told, v.reason == NRM_REASON_EXCLUDED
						 ? NRM_REASON_CONSENT_WITHDRAWN
						 : v.reason);
		assert_true(v.outcome == NRM_OUTCOME_FORWARD || v.forwarded == 0);
		assert_true((v.missing != 0) == (v.reason == NRM_REASON_RETURN_EVIDENCE_MISSING));
	}
}

/* Nothing goes on under no policy, on no facts, and no message is none that goes on. */
static void check_zeroed(const struct change *cases, size_t n)
{
	static const struct nrm_policy no_policy;
	static const struct nrm_facts no_facts;
	static const struct nrm_message no_message;
	static const struct nrm_verdict zeroed;
	struct nrm_verdict v;
	struct world w;

	assert_int_equal(zeroed.outcome, NRM_OUTCOME_REFUSE);
	for (size_t i = 0; i < n; i++) {
		make(&w);
		cases[i].change(&w);
		nrm_decide(&no_policy, &w.facts, &w.message, NOW, &v);
		assert_memory_equal(&v, &zeroed, sizeof(v));
		nrm_decide(policy, &no_facts, &w.message, NOW, &v);
		assert_int_equal(v.outcome, NRM_OUTCOME_REFUSE);
		nrm_decide(policy, &w.facts, &no_message, NOW, &v);
		assert_int_equal(v.outcome, NRM_OUTCOME_REFUSE);
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

#endif
