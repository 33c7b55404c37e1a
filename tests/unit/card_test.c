/* Who may state which fact, and what an admitted claim does to the card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "broker/core/card.h"
#include "broker/core/decide.h"
#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"

#define SELF	   7u
#define ROLE(name) nrm_bit(NRM_ROLE_##name)
#define EVERY_ROLE (nrm_bit(NRM_ROLE_END_) - 2)

static struct nrm_policy *policy;

static struct nrm_party holder(nrm_mask roles)
{
	return (struct nrm_party){.known = true, .active = true, .roles = roles};
}

static nrm_mask who_may(bool manages, const struct nrm_card *card, const struct nrm_claim *claim)
{
	nrm_mask roles = 0;

	for (uint32_t r = 1; r < NRM_ROLE_END_; r++) {
		const struct nrm_party party = holder(nrm_bit(r));
		if (nrm_may_state(policy, &party, SELF, manages, card, claim))
			roles |= nrm_bit(r);
	}
	return roles;
}

static void each_fact_has_its_witnesses(void **state)
{
	const nrm_mask guards = ROLE(COORDINATOR) | ROLE(NGO_CASE_MANAGER) |
				ROLE(CHILD_PROTECTION) | ROLE(GUARDIAN);
	const nrm_mask no_adult = ROLE(IMMIGRATION_ENFORCEMENT) | ROLE(DONOR) |
				  ROLE(NATIONAL_RAPPORTEUR) | ROLE(AUDITOR);
	const struct {
		struct nrm_claim claim;
		nrm_mask roles;
	} cases[] = {
		{{.kind = NRM_FACT_AGE_CLASS, .age_class = NRM_AGE_CLASS_CHILD}, EVERY_ROLE},
		{{.kind = NRM_FACT_AGE_CLASS, .age_class = NRM_AGE_CLASS_UNKNOWN}, EVERY_ROLE},
		{{.kind = NRM_FACT_AGE_CLASS, .age_class = NRM_AGE_CLASS_ADULT},
		 EVERY_ROLE & ~no_adult},
		{{.kind = NRM_FACT_ADULT_SINCE, .time = 1}, EVERY_ROLE & ~no_adult},
		{{.kind = NRM_FACT_GUARDIAN, .guardian = NRM_GUARDIAN_NONE},
		 ROLE(GUARDIAN) | ROLE(CHILD_PROTECTION) | ROLE(COURT) | ROLE(COORDINATOR)},
		{{.kind = NRM_FACT_GUARDIAN,
		  .guardian = NRM_GUARDIAN_PARTICIPANT,
		  .participant = 3},
		 ROLE(GUARDIAN) | ROLE(CHILD_PROTECTION) | ROLE(COURT) | ROLE(COORDINATOR)},
		{{.kind = NRM_FACT_COMPLICIT_PARENT, .yes = true}, guards},
		{{.kind = NRM_FACT_EXCLUDED, .participant = 3}, guards},
		{{.kind = NRM_FACT_LAST_THREAT, .time = 1}, guards | ROLE(POLICE) | ROLE(SHELTER)},
		{{.kind = NRM_FACT_REFUSED}, 0},
		{{.kind = NRM_FACT_CONTACT}, 0},
		{{.kind = NRM_FACT_ASYLUM_SEEKER, .yes = true}, 0},
		{{.kind = NRM_FACT_CONSULATE_WISHED, .yes = true}, 0},
		{{.kind = NRM_FACT_REFLECTION_UNTIL, .time = 1},
		 ROLE(RESIDENCE_AUTHORITY) | ROLE(COORDINATOR)},
		{{.kind = NRM_FACT_RECEIVING_MANAGER, .participant = SELF}, EVERY_ROLE},
		{{.kind = NRM_FACT_RECEIVING_MANAGER, .participant = SELF + 1}, 0},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_BEST_INTERESTS},
		 ROLE(CHILD_PROTECTION) | ROLE(GUARDIAN) | ROLE(COURT) | ROLE(NGO_CASE_MANAGER)},
		{{.kind = NRM_FACT_ASSESSMENT,
		  .assessment = NRM_ASSESSMENT_BEST_INTERESTS_DETERMINATION},
		 ROLE(CHILD_PROTECTION) | ROLE(GUARDIAN) | ROLE(COURT) | ROLE(NGO_CASE_MANAGER)},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_SECURITY_RISK},
		 ROLE(POLICE) | ROLE(SHELTER) | ROLE(NGO_CASE_MANAGER)},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_FAMILY_RISK},
		 ROLE(SOCIAL_SERVICES) | ROLE(CHILD_PROTECTION) | ROLE(NGO_CASE_MANAGER)},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_INCLUSION},
		 ROLE(SOCIAL_SERVICES) | ROLE(CHILD_PROTECTION) | ROLE(NGO_CASE_MANAGER)},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_VOLUNTARY_RETURN},
		 ROLE(LEGAL_AID) | ROLE(SOCIAL_SERVICES) | ROLE(NGO_CASE_MANAGER)},
		{{.kind = NRM_FACT_ASSESSMENT,
		  .assessment = NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED},
		 0},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_COURT_DECISION},
		 ROLE(COURT)},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_ABSENT}, 0},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_END_}, 0},
		{{.kind = NRM_FACT_ASSESSMENT, .assessment = 99}, 0},
		{{.kind = NRM_FACT_ABSENT}, 0},
		{{.kind = NRM_FACT_END_}, 0},
		{{.kind = 99}, 0},
	};
	const struct nrm_card card = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (who_may(false, &card, &cases[i].claim) != cases[i].roles)
			fail_msg("case %zu: %llx", i,
				 (unsigned long long)who_may(false, &card, &cases[i].claim));
}

static void managers_state_what_is_theirs(void **state)
{
	const struct nrm_card card = {0};
	const enum nrm_fact theirs[] = {NRM_FACT_REFUSED, NRM_FACT_CONTACT, NRM_FACT_ASYLUM_SEEKER,
					NRM_FACT_CONSULATE_WISHED};

	(void)state;
	for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
		assert_int_equal(who_may(true, &card, &(struct nrm_claim){.kind = theirs[i]}),
				 EVERY_ROLE);
	assert_int_equal(
		who_may(true, &card, &(struct nrm_claim){.kind = NRM_FACT_REFLECTION_UNTIL}),
		ROLE(RESIDENCE_AUTHORITY) | ROLE(COORDINATOR));
}

static void parents_only_after_an_assessment(void **state)
{
	const struct nrm_claim parents = {.kind = NRM_FACT_GUARDIAN,
					  .guardian = NRM_GUARDIAN_PARENTS};
	struct nrm_card card = {0};

	(void)state;
	assert_int_equal(who_may(true, &card, &parents), 0);
	card.assessed[NRM_ASSESSMENT_FAMILY_RISK] = 1;
	assert_int_equal(who_may(true, &card, &parents),
			 ROLE(COURT) | ROLE(CHILD_PROTECTION) | ROLE(SOCIAL_SERVICES));
}

static void parents_only_after_every_assessment_named(void **state)
{
	const struct nrm_claim parents = {.kind = NRM_FACT_GUARDIAN,
					  .guardian = NRM_GUARDIAN_PARENTS};
	const struct nrm_party court = holder(ROLE(COURT));
	struct nrm_policy strict = *policy;
	struct nrm_card card = {0};

	(void)state;
	strict.parents_after = ~0ull;
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++) {
		assert_false(nrm_may_state(&strict, &court, SELF, false, &card, &parents));
		card.assessed[a] = 1;
	}
	assert_true(nrm_may_state(&strict, &court, SELF, false, &card, &parents));
}

static void only_the_receiving_manager_accepts(void **state)
{
	const struct nrm_claim accepted = {.kind = NRM_FACT_ASSESSMENT,
					   .assessment = NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED};
	struct nrm_card card = {.receiving_manager = SELF};

	(void)state;
	assert_int_equal(who_may(false, &card, &accepted), EVERY_ROLE);
	card.receiving_manager = SELF + 1;
	assert_int_equal(who_may(true, &card, &accepted), 0);
}

/* Handle 1 is a participant like any other, 0 is nobody, who states nothing of itself. */
static void nobody_speaks_for_itself(void **state)
{
	const struct nrm_claim accepted = {.kind = NRM_FACT_ASSESSMENT,
					   .assessment = NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED};
	const struct nrm_party party = holder(ROLE(SHELTER));

	(void)state;
	for (uint32_t self = 0; self < 2; self++) {
		const struct nrm_claim takes_over = {.kind = NRM_FACT_RECEIVING_MANAGER,
						     .participant = self};
		const struct nrm_card card = {.receiving_manager = self};
		const bool somebody = self != 0;
		assert_int_equal(nrm_may_state(policy, &party, self, false, &card, &takes_over),
				 somebody);
		assert_int_equal(nrm_may_state(policy, &party, self, false, &card, &accepted),
				 somebody);
	}
}

static void neither_the_detained_nor_the_suspended_are_heard(void **state)
{
	const struct nrm_claim adult = {.kind = NRM_FACT_AGE_CLASS,
					.age_class = NRM_AGE_CLASS_ADULT};
	const struct nrm_claim doubt = {.kind = NRM_FACT_AGE_CLASS,
					.age_class = NRM_AGE_CLASS_CHILD};
	const struct nrm_card card = {0};
	struct nrm_party party = holder(ROLE(SHELTER));

	(void)state;
	assert_true(nrm_may_state(policy, &party, SELF, false, &card, &adult));
	assert_true(nrm_may_record_consent(policy, &party));
	party.detention = true;
	assert_false(nrm_may_state(policy, &party, SELF, false, &card, &adult));
	assert_true(nrm_may_state(policy, &party, SELF, false, &card, &doubt));
	party.active = false;
	assert_false(nrm_may_state(policy, &party, SELF, false, &card, &doubt));
	assert_false(nrm_may_record_consent(policy, &party));
	assert_false(nrm_may_withdraw(policy, &party, true));
}

/* ---- What a claim does ---- */

static void say_age(struct nrm_card *card, enum nrm_role role, enum nrm_age_class age,
		    uint64_t issued)
{
	const struct nrm_party sender = holder(nrm_bit(role));
	const struct nrm_claim claim = {.kind = NRM_FACT_AGE_CLASS, .age_class = age};

	assert_true(nrm_card_apply(policy, card, &claim, &sender, issued));
}

static void doubt_about_age_prevails(void **state)
{
	static const struct {
		struct {
			enum nrm_role role;
			enum nrm_age_class age;
			uint64_t issued;
		} said[4];
		enum nrm_age_class then;
	} cases[] = {
#define P	NRM_ROLE_POLICE
#define K	NRM_ROLE_COURT
#define ADULT	NRM_AGE_CLASS_ADULT
#define CHILD	NRM_AGE_CLASS_CHILD
#define UNKNOWN NRM_AGE_CLASS_UNKNOWN
		{{{P, ADULT, 1}}, ADULT},
		{{{P, ADULT, 1}, {P, CHILD, 2}}, CHILD},
		{{{P, CHILD, 1}, {P, ADULT, 2}}, CHILD},
		{{{P, ADULT, 2}, {P, CHILD, 1}}, CHILD}, /* late, but it was never decided */
		{{{P, UNKNOWN, 1}, {P, ADULT, 2}}, UNKNOWN},
		{{{P, CHILD, 1}, {K, ADULT, 2}}, ADULT},
		{{{K, ADULT, 2}, {P, CHILD, 1}}, ADULT},		/* decided since */
		{{{K, ADULT, 2}, {P, ADULT, 3}, {P, CHILD, 1}}, ADULT}, /* still decided */
		{{{K, ADULT, 2}, {P, CHILD, 3}}, CHILD},		/* doubted anew */
		{{{K, ADULT, 2}, {P, CHILD, 3}, {P, ADULT, 4}}, CHILD},
		{{{K, ADULT, 2}, {P, CHILD, 3}, {P, ADULT, 4}, {K, ADULT, 5}}, ADULT},
		{{{P, CHILD, 3}, {K, ADULT, 2}}, CHILD},
		{{{K, CHILD, 1}, {P, ADULT, 2}}, CHILD},
		{{{K, CHILD, 1}, {K, ADULT, 2}}, ADULT},
		{{{P, NRM_AGE_CLASS_ABSENT, 1}, {P, ADULT, 2}}, UNKNOWN},
		{{{P, 99, 1}}, UNKNOWN},
		{{{K, CHILD, 2}, {K, ADULT, 2}}, ADULT}, /* same time: by commit order */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nrm_card card = {0};
		for (size_t s = 0; s < 4 && cases[i].said[s].issued; s++)
			say_age(&card, cases[i].said[s].role, cases[i].said[s].age,
				cases[i].said[s].issued);
		if (card.age_class != cases[i].then)
			fail_msg("case %zu: %d", i, (int)card.age_class);
	}
}

static void apply(struct nrm_card *card, struct nrm_claim claim, uint64_t issued)
{
	const struct nrm_party sender = holder(ROLE(COORDINATOR));

	assert_true(nrm_card_apply(policy, card, &claim, &sender, issued));
}

static void the_latest_issued_counts(void **state)
{
	struct nrm_card card = {0};

	(void)state;
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_REFUSED, .codes = 6}, 10);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_REFUSED, .codes = 2}, 9);
	assert_int_equal(card.refused, 6);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_REFUSED, .codes = 2},
	      10); /* same time: by commit order */
	assert_int_equal(card.refused, 2);
	assert_false(card.contact_stated);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_CONTACT, .codes = 0}, 1);
	assert_true(card.contact_stated);
	apply(&card,
	      (struct nrm_claim){.kind = NRM_FACT_ASSESSMENT,
				 .assessment = NRM_ASSESSMENT_INCLUSION,
				 .time = 5},
	      7);
	apply(&card,
	      (struct nrm_claim){.kind = NRM_FACT_ASSESSMENT,
				 .assessment = NRM_ASSESSMENT_INCLUSION,
				 .time = 6},
	      6);
	assert_int_equal(card.assessed[NRM_ASSESSMENT_INCLUSION], 5);
	apply(&card,
	      (struct nrm_claim){.kind = NRM_FACT_ASSESSMENT,
				 .assessment = NRM_ASSESSMENT_INCLUSION,
				 .time = 4},
	      7);
	assert_int_equal(card.assessed[NRM_ASSESSMENT_INCLUSION], 4);
	apply(&card,
	      (struct nrm_claim){.kind = NRM_FACT_ASSESSMENT,
				 .assessment = NRM_ASSESSMENT_FAMILY_RISK,
				 .time = 6},
	      6);
	assert_int_equal(card.assessed[NRM_ASSESSMENT_FAMILY_RISK], 6);
	apply(&card,
	      (struct nrm_claim){.kind = NRM_FACT_GUARDIAN,
				 .guardian = NRM_GUARDIAN_PARTICIPANT,
				 .participant = 4},
	      1);
	assert_int_equal(card.guardian_party, 4);
	apply(&card,
	      (struct nrm_claim){
		      .kind = NRM_FACT_GUARDIAN, .guardian = NRM_GUARDIAN_NONE, .participant = 4},
	      2);
	assert_int_equal(card.guardian, NRM_GUARDIAN_NONE);
	assert_int_equal(card.guardian_party, 0);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_LAST_THREAT, .time = 3}, 1);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_ADULT_SINCE, .time = 4}, 1);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_ASYLUM_SEEKER, .yes = true}, 1);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_CONSULATE_WISHED, .yes = true}, 1);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_COMPLICIT_PARENT, .yes = true}, 1);
	assert_true(card.last_threat == 3 && card.adult_since == 4 && card.asylum_seeker &&
		    card.consulate_wished && card.complicit_parent);
}

static void claims_of_nothing_change_nothing(void **state)
{
	static const struct nrm_card untouched;
	struct nrm_card card = {0};

	(void)state;
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_ABSENT, .time = 1, .yes = true}, 9);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_END_, .time = 1, .yes = true}, 9);
	apply(&card,
	      (struct nrm_claim){
		      .kind = NRM_FACT_ASSESSMENT, .assessment = NRM_ASSESSMENT_END_, .time = 1},
	      9);
	assert_memory_equal(&card, &untouched, sizeof(card));
}

static void reflection_only_grows(void **state)
{
	struct nrm_card card = {.reflection_until = 100};

	(void)state;
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_REFLECTION_UNTIL, .time = 99}, 5);
	assert_int_equal(card.reflection_until, 100);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_REFLECTION_UNTIL, .time = 101}, 1);
	assert_int_equal(card.reflection_until, 101);
}

static void exclusions_only_add(void **state)
{
	const struct nrm_party sender = holder(ROLE(COORDINATOR));
	struct nrm_claim claim = {.kind = NRM_FACT_EXCLUDED};
	struct nrm_card card = {0}, full;

	(void)state;
	for (claim.participant = 1; claim.participant <= NRM_MAX_CASE_EXCLUDED;
	     claim.participant++) {
		assert_true(nrm_card_apply(policy, &card, &claim, &sender, 5));
		assert_true(nrm_card_apply(policy, &card, &claim, &sender,
					   1)); /* again: no second entry */
	}
	assert_int_equal(card.n_excluded, NRM_MAX_CASE_EXCLUDED);
	assert_int_equal(card.stated[NRM_FACT_EXCLUDED], 5); /* when the last one was added */
	full = card;
	assert_false(nrm_card_apply(policy, &card, &claim, &sender, 9));
	assert_memory_equal(&card, &full, sizeof(card));
}

/* A new receiving manager has not accepted because the one before did. */
static void acceptance_does_not_pass_on(void **state)
{
	struct nrm_card card = {0};
	const struct nrm_claim accepted = {.kind = NRM_FACT_ASSESSMENT,
					   .assessment = NRM_ASSESSMENT_RECEIVING_MANAGER_ACCEPTED,
					   .time = 50};

	(void)state;
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_RECEIVING_MANAGER, .participant = 3}, 1);
	apply(&card, accepted, 2);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_RECEIVING_MANAGER, .participant = 3}, 3);
	assert_int_equal(card.assessed[accepted.assessment], 50);
	apply(&card, (struct nrm_claim){.kind = NRM_FACT_RECEIVING_MANAGER, .participant = 4}, 4);
	assert_int_equal(card.assessed[accepted.assessment], 0);
	apply(&card, accepted, 0); /* whenever it was issued: it is the first of this one */
	assert_int_equal(card.assessed[accepted.assessment], 50);
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
		cmocka_unit_test(each_fact_has_its_witnesses),
		cmocka_unit_test(managers_state_what_is_theirs),
		cmocka_unit_test(parents_only_after_an_assessment),
		cmocka_unit_test(parents_only_after_every_assessment_named),
		cmocka_unit_test(only_the_receiving_manager_accepts),
		cmocka_unit_test(nobody_speaks_for_itself),
		cmocka_unit_test(neither_the_detained_nor_the_suspended_are_heard),
		cmocka_unit_test(doubt_about_age_prevails),
		cmocka_unit_test(the_latest_issued_counts),
		cmocka_unit_test(claims_of_nothing_change_nothing),
		cmocka_unit_test(reflection_only_grows),
		cmocka_unit_test(exclusions_only_add),
		cmocka_unit_test(acceptance_does_not_pass_on),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
