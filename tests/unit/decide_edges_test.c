/*
 * The edges of what a decision is given: codes that are none, times near zero, lists filled to the brim and counted
 * beyond it, lines that no shipped policy has.
 */
#include "tests/unit/decide_world.h"

/* What is not there, where its number, or a time early enough, might pass for something that is. */
static void strange_service(struct world *w)
{
	w->message.service = NRM_SERVICE_END_;
	w->party[HOSPITAL].offers = w->consent[0].services = ~0ull;
}
static void soon_after_the_epoch(struct world *w)
{
	w->now = 5 * DAY;
	w->consent[0].from = 1;
	w->consent[0].until = w->now + DAY;
}
static void no_start(struct world *w)
{
	soon_after_the_epoch(w);
	w->consent[0].from = 0;
}
static void given_while_a_child(struct world *w)
{
	soon_after_the_epoch(w);
	w->consent[0].given_by = NRM_GIVEN_BY_CHILD_AND_GUARDIAN;
	w->card.adult_since = 1;
}
static void not_known_since_when_adult(struct world *w)
{
	given_while_a_child(w);
	w->card.adult_since = 0;
}
static void strange_giver(struct world *w)
{
	w->card.age_class = NRM_AGE_CLASS_CHILD;
	w->consent[0].given_by = NRM_GIVEN_BY_END_;
}
static void strange_categories(struct world *w)
{
	w->consent[0].any_field = false;
	w->consent[0].categories = ~0ull;
}
static void country_one(struct world *w)
{
	w->message.recipient = ABROAD;
	w->party[ABROAD].country = w->consent[0].country[w->consent[0].n_countries++] = 1;
}
static void no_country(struct world *w)
{
	country_one(w);
	w->party[ABROAD].country = w->consent[0].country[0] = 0;
}

/* Counts that say more than their lists can hold; in each twin the last place decides. */
static void beyond_the_recipients(struct world *w)
{
	w->consent[0].any_recipient = false;
	w->consent[0].n_recipients = NRM_MAX_CONSENT_RECIPIENTS + 1;
}
static void last_recipient(struct world *w)
{
	beyond_the_recipients(w);
	w->consent[0].recipient[NRM_MAX_CONSENT_RECIPIENTS - 1] = HOSPITAL;
}
static void beyond_the_recorders(struct world *w)
{
	w->consent[0].recorder[0] = NOBODY;
	w->consent[0].n_recorders = NRM_MAX_CONSENT_RECORDERS + 1;
}
static void last_recorder(struct world *w)
{
	beyond_the_recorders(w);
	w->consent[0].recorder[NRM_MAX_CONSENT_RECORDERS - 1] = SHELTER;
}
static void beyond_the_countries(struct world *w)
{
	w->message.recipient = ABROAD;
	w->consent[0].n_countries = NRM_MAX_CONSENT_COUNTRIES + 1;
}
static void last_country(struct world *w)
{
	beyond_the_countries(w);
	w->consent[0].country[NRM_MAX_CONSENT_COUNTRIES - 1] = OTHER;
}
static void beyond_the_parties(struct world *w)
{
	w->facts.n_parties = HOSPITAL;
}
static void last_party(struct world *w)
{
	w->facts.n_parties = HOSPITAL + 1;
}
static void beyond_the_excluded(struct world *w)
{
	w->card.n_excluded = NRM_MAX_CASE_EXCLUDED + 1;
}
static void last_excluded(struct world *w)
{
	beyond_the_excluded(w);
	w->card.excluded[NRM_MAX_CASE_EXCLUDED - 1] = HOSPITAL;
}

static const struct change cases[] = {
	CASE(strange_service, 13, WRONG_PURPOSE),
	CASE(soon_after_the_epoch, 20, OK),
	CASE(no_start, 16, CONSENT_EXPIRED),
	CASE(given_while_a_child, 20, OK),
	CASE(not_known_since_when_adult, 16, CONSENT_INVALID),
	CASE(strange_giver, 16, CONSENT_INVALID),
	CASE(strange_categories, 20, OK),
	CASE(country_one, 20, OK),
	CASE(no_country, 16, COUNTRY_NOT_COVERED),
	CASE(beyond_the_recipients, 15, NO_CONSENT),
	CASE(last_recipient, 20, OK),
	CASE(beyond_the_recorders, 16, CONSENT_INVALID),
	CASE(last_recorder, 20, OK),
	CASE(beyond_the_countries, 16, COUNTRY_NOT_COVERED),
	CASE(last_country, 20, OK),
	CASE(beyond_the_parties, 1, UNKNOWN_PARTICIPANT),
	CASE(last_party, 20, OK),
	CASE(beyond_the_excluded, 20, OK),
	CASE(last_excluded, 3, EXCLUDED),
};

static void each_edge_and_its_twin(void **state)
{
	(void)state;
	check_changes(cases, sizeof(cases) / sizeof(cases[0]));
}

static void zeroed_inputs_refuse(void **state)
{
	(void)state;
	check_zeroed(cases, sizeof(cases) / sizeof(cases[0]));
}

static struct nrm_verdict under(const struct nrm_policy *other, const struct world *w)
{
	struct nrm_verdict v;

	nrm_decide(other, &w->facts, &w->message, w->now, &v);
	return v;
}

/* The last line that a policy can hold counts when the count reaches it, and no count reaches further. */
static void the_last_line_of_a_policy(void **state)
{
	struct nrm_policy with = *policy;
	struct world w;

	(void)state;
	make(&w);
	w.message.basis = NRM_BASIS_LEGAL_DUTY;
	w.message.fields = nrm_bit(0) | FIELD(GIVEN_NAME);
	with.n_walls = NRM_MAX_WALLS + 1;
	with.n_duties = NRM_MAX_DUTIES + 1;
	assert_int_equal(under(&with, &w).reason, NRM_REASON_BASIS_NOT_ALLOWED);
	with.wall[NRM_MAX_WALLS - 1] = (struct nrm_wall){.from = ~0ull, .to = ~0ull};
	with.duty[NRM_MAX_DUTIES - 1] = (struct nrm_duty){~0ull, ~0ull, FIELD(GIVEN_NAME)};
	with.secrecy[NRM_MAX_SECRECIES - 1] = (struct nrm_secrecy){.fields = ~0ull};
	with.n_walls = NRM_MAX_WALLS - 1;
	with.n_duties = NRM_MAX_DUTIES - 1;
	with.n_secrecies = NRM_MAX_SECRECIES - 1;
	assert_int_equal(under(&with, &w).reason, NRM_REASON_BASIS_NOT_ALLOWED);
	with.n_duties = NRM_MAX_DUTIES + 1;
	assert_int_equal(under(&with, &w).forwarded, FIELD(GIVEN_NAME));
	with.n_secrecies = NRM_MAX_SECRECIES + 1;
	assert_int_equal(under(&with, &w).secret, w.message.fields);
	with.secrecy[NRM_MAX_SECRECIES - 1].liftable = true; /* but nobody lifts it */
	assert_int_equal(nrm_secret(&with, &w.party[HOSPITAL], w.message.service), ~0ull);
	with.n_walls = NRM_MAX_WALLS + 1;
	assert_int_equal(under(&with, &w).reason, NRM_REASON_FIREWALL);
}

/* Nobody needs it, nothing makes it secret, no law names it: it goes nowhere. */
static void a_bit_that_names_no_field(void **state)
{
	struct nrm_policy with = *policy;
	struct nrm_verdict v;
	struct world w;

	(void)state;
	make(&w);
	w.message.fields = nrm_bit(0) | FIELD(GIVEN_NAME);
	v = decide(&w);
	assert_int_equal(v.forwarded, FIELD(GIVEN_NAME));
	assert_int_equal(v.not_needed, nrm_bit(0));
	w.message.basis = NRM_BASIS_LEGAL_DUTY;
	with.needed[NRM_SERVICE_MEDICAL_CHECKUP][0] = ~0ull;
	with.duty[with.n_duties++] =
		(struct nrm_duty){SERVICE(MEDICAL_CHECKUP), ROLE(HEALTH), FIELD(GIVEN_NAME)};
	v = under(&with, &w);
	assert_int_equal(v.forwarded, FIELD(GIVEN_NAME));
	assert_int_equal(v.not_consented, nrm_bit(0));
}

/* A service or role that does not exist has no row, whatever bits a participant's masks have. */
static void who_offers_nothing_gets_the_return_set(void **state)
{
	const struct nrm_party every = party(~0ull, ~0ull), police = party(ROLE(POLICE), 0);
	const enum nrm_service checkup = NRM_SERVICE_MEDICAL_CHECKUP;
	nrm_mask all = 0;

	(void)state;
	for (uint32_t role = 0; role < NRM_ROLE_END_; role++)
		all |= policy->needed[checkup][role];
	assert_int_equal(nrm_needed(policy, &every, checkup, NRM_MESSAGE_TYPE_UPDATE), all);
	assert_int_equal(nrm_needed(policy, &every, NRM_SERVICE_END_, NRM_MESSAGE_TYPE_UPDATE),
			 policy->reply_fields | policy->carers_fields);
	assert_int_equal(nrm_needed(policy, &police, checkup, NRM_MESSAGE_TYPE_UPDATE),
			 policy->reply_fields);
	assert_int_equal(nrm_needed(policy, &police, checkup, NRM_MESSAGE_TYPE_NOTICE), 0);
}

static void fields_of_every_duty_that_applies(void **state)
{
	const struct nrm_duty name = {SERVICE(MEDICAL_CHECKUP), ROLE(HEALTH), FIELD(GIVEN_NAME)};
	struct nrm_policy with = *policy;
	struct world w;

	(void)state;
	make(&w);
	w.message.basis = NRM_BASIS_LEGAL_DUTY;
	with.needed[NRM_SERVICE_MEDICAL_CHECKUP][0] = ~0ull;
	with.duty[0] = with.duty[1] = name;
	with.duty[1].fields = FIELD(SKILLS);
	with.n_duties = 1;
	assert_int_equal(under(&with, &w).forwarded, FIELD(GIVEN_NAME));
	with.n_duties = 2;
	assert_int_equal(under(&with, &w).forwarded, FIELD(GIVEN_NAME) | FIELD(SKILLS));
}

/* "Whoever" is one without any role, too; anything else takes a role that is held. */
static void emergency_recipients(void **state)
{
	struct nrm_policy with = *policy;
	struct world w;

	(void)state;
	make(&w);
	w.message.basis = NRM_BASIS_EMERGENCY;
	w.message.service = NRM_SERVICE_EMERGENCY_MEDICAL;
	w.message.emergency = NRM_EMERGENCY_LIFE_THREAT;
	w.party[HOSPITAL].roles = 0;
	assert_int_equal(decide(&w).reason, NRM_REASON_OK);
	with.emergency.recipients[NRM_SERVICE_EMERGENCY_MEDICAL] = NRM_ANYONE - nrm_bit(0);
	assert_int_equal(under(&with, &w).reason, NRM_REASON_BASIS_NOT_ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_edge_and_its_twin),
		cmocka_unit_test(zeroed_inputs_refuse),
		cmocka_unit_test(the_last_line_of_a_policy),
		cmocka_unit_test(a_bit_that_names_no_field),
		cmocka_unit_test(who_offers_nothing_gets_the_return_set),
		cmocka_unit_test(fields_of_every_duty_that_applies),
		cmocka_unit_test(emergency_recipients),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
