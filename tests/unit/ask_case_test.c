/* A case asked about by its parties: what each may see of the card and of the consents, and what nobody else learns. */
#include "broker/books/state.h"
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	for (int agency = 0; agency < WORLD_AGENCIES; agency++)
		world_connect(&w, agency, 100);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static struct nrm_slice id_of(int agency)
{
	return nrm_slice_str(w.country.agency[agency].id);
}

/* The whole answer, as bytes. */
static struct nrm_slice asked_bytes(int agency, struct nrm_slice case_id)
{
	struct nrm_to_broker frame = {.kind = NRM_ASK,
				      .is.ask = {.kind = NRM_ASK_CASE, .case_id = case_id}};
	struct nrm_buf bytes = {0};

	world_send(&w, agency, &frame);
	struct nrm_to_agent heard = world_expect(&w, agency, NRM_ANSWER_CASE);
	assert_int_equal(nrm_to_agent_encode(&heard, &bytes), NRM_OK);
	struct nrm_slice kept =
		nrm_slice(nrm_arena_copy(&w.arena, bytes.data, bytes.len), bytes.len);
	nrm_buf_done(&bytes);
	return kept;
}

static struct nrm_case_answer asked(int agency)
{
	struct nrm_to_agent heard;

	assert_int_equal(
		nrm_to_agent_decode(asked_bytes(agency, world_case(&w, 'a')), &w.arena, &heard),
		NRM_OK);
	return heard.is.case_file;
}

/* The fact of a kind, or NULL where the answer has none. */
static const struct nrm_stated_fact *fact(const struct nrm_case_answer *answer, enum nrm_fact kind)
{
	for (size_t i = 0; i < answer->card.n; i++)
		if (answer->card.fact[i].kind == kind)
			return &answer->card.fact[i];
	return NULL;
}

static const struct nrm_consent_on_file *consent(const struct nrm_case_answer *answer,
						 struct nrm_slice id)
{
	for (size_t i = 0; i < answer->n_consents; i++)
		if (nrm_slice_equal(answer->consent[i].grant.consent_id, id))
			return &answer->consent[i];
	return NULL;
}

static void state_fact(int from, struct nrm_statement st)
{
	world_state(&w, from, st);
	world_receipt(&w, from, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
}

static void exclude(int by, int agency)
{
	const struct nrm_stated_fact excluded = {.kind = NRM_FACT_EXCLUDED,
						 .is.participant = id_of(agency)};

	state_fact(by, world_card(&w, by, &excluded, 1));
}

/* `from` refers to `to`, which becomes a party. */
static void involve(int from, int to, enum nrm_service service)
{
	struct nrm_statement st = world_referral_of(&w, from);

	st.recipient = id_of(to);
	st.service = service;
	struct nrm_envelope envelope = world_envelope(&w, from, to, st, world_fields, 1);
	world_submit(&w, from, &envelope);
	world_receipt(&w, from, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_expect(&w, to, NRM_DELIVER);
}

/* The ngo opens the case, with a consent each for the shelter and the hospital, and refers to both. */
static void open_by_ngo(struct nrm_slice *for_shelter, struct nrm_slice *for_hospital)
{
	state_fact(NGO, world_card(&w, NGO, &world_is_adult, 1));
	*for_shelter = world_consent(&w, NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	*for_hospital = world_consent(&w, NGO, HOSPITAL, NRM_SERVICE_MEDICAL_CHECKUP);
	involve(NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	involve(NGO, HOSPITAL, NRM_SERVICE_MEDICAL_CHECKUP);
}

static void the_card_is_told_as_it_counts(void **state)
{
	static const uint32_t codes[] = {NRM_SERVICE_COUNSELLING}, channels[] = {NRM_CHANNEL_PHONE};
	const struct nrm_stated_fact facts[] = {
		world_is_adult,
		{.kind = NRM_FACT_ADULT_SINCE, .is.time_ms = 11},
		{.kind = NRM_FACT_GUARDIAN, .is.guardian = {.kind = NRM_GUARDIAN_NONE}},
		{.kind = NRM_FACT_COMPLICIT_PARENT, .is.yes = true},
		{.kind = NRM_FACT_LAST_THREAT, .is.time_ms = 12},
		{.kind = NRM_FACT_REFUSED, .is.codes = {codes, 1}},
		{.kind = NRM_FACT_CONTACT, .is.codes = {channels, 1}},
		{.kind = NRM_FACT_ASYLUM_SEEKER, .is.yes = false},
		{.kind = NRM_FACT_CONSULATE_WISHED, .is.yes = true},
		{.kind = NRM_FACT_ASSESSMENT, .is.assessment = {NRM_ASSESSMENT_SECURITY_RISK, 13}},
		{.kind = NRM_FACT_RECEIVING_MANAGER, .is.participant = id_of(NGO)},
	};

	(void)state;
	state_fact(NGO, world_card(&w, NGO, &facts[0], 1));
	struct nrm_case_answer answer = asked(NGO);
	assert_true(answer.known && answer.manages && answer.time_ms == w.now);
	/* What was never stated is absent: there is the age, and the reflection period that began by itself. */
	assert_int_equal(answer.card.n, 2);
	assert_int_equal(fact(&answer, NRM_FACT_REFLECTION_UNTIL)->is.time_ms,
			 WORLD_START + 92 * WORLD_DAY);
	assert_int_equal(answer.contributed, 0);

	for (size_t i = 1; i < sizeof(facts) / sizeof(*facts); i++)
		if (facts[i].kind != NRM_FACT_GUARDIAN) /* not an ngo's to state */
			state_fact(NGO, world_card(&w, NGO, &facts[i], 1));
	answer = asked(NGO);
	assert_int_equal(answer.card.n, sizeof(facts) / sizeof(*facts));
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		assert_true(facts[i].kind == NRM_FACT_GUARDIAN || fact(&answer, facts[i].kind));
	assert_int_equal(fact(&answer, NRM_FACT_AGE_CLASS)->is.age_class, NRM_AGE_CLASS_ADULT);
	assert_int_equal(fact(&answer, NRM_FACT_REFUSED)->is.codes.code[0], codes[0]);
	assert_int_equal(fact(&answer, NRM_FACT_CONTACT)->is.codes.code[0], channels[0]);
	assert_false(fact(&answer, NRM_FACT_ASYLUM_SEEKER)->is.yes);
	assert_true(fact(&answer, NRM_FACT_CONSULATE_WISHED)->is.yes);
	assert_int_equal(fact(&answer, NRM_FACT_ASSESSMENT)->is.assessment.date_ms, 13);
	assert_true(nrm_slice_equal(fact(&answer, NRM_FACT_RECEIVING_MANAGER)->is.participant,
				    id_of(NGO)));
}

static void a_consent_is_told_as_it_was_granted(void **state)
{
	static const struct nrm_slice country[] = {{(const uint8_t *)"KH", 2},
						   {(const uint8_t *)"LA", 2}};
	struct nrm_statement st = world_grant(&w, NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	struct nrm_consent_grant *g = &st.body.consent_grant;

	(void)state;
	state_fact(NGO, world_card(&w, NGO, &world_is_adult, 1));
	g->country = (struct nrm_slices){country, 2};
	g->guardian = nrm_slice_str("XX.nobody-here");
	state_fact(NGO, st);
	involve(NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	struct nrm_statement again = st;
	again.message_id = world_id(&w);
	again.sender = id_of(SHELTER);
	state_fact(SHELTER, again);

	struct nrm_case_answer answer = asked(NGO);
	assert_int_equal(answer.contributed, nrm_bit(NRM_ROLE_NGO_CASE_MANAGER));
	const struct nrm_consent_on_file *told = consent(&answer, g->consent_id);
	assert_non_null(told);
	assert_int_equal(told->grant.given_by, NRM_GIVEN_BY_ADULT);
	assert_true(told->grant.service.n == 1 &&
		    told->grant.service.code[0] == g->service.code[0]);
	assert_true(told->grant.recipient.n == 1 &&
		    nrm_slice_equal(told->grant.recipient.item[0], id_of(SHELTER)));
	assert_true(told->grant.any_field && !told->grant.any_service &&
		    !told->grant.any_recipient);
	assert_true(told->grant.country.n == 2 &&
		    nrm_slice_equal(told->grant.country.item[1], country[1]));
	assert_int_equal(told->grant.purpose, NRM_PURPOSE_ASSISTANCE);
	assert_true(told->grant.from_ms == g->from_ms && told->grant.until_ms == g->until_ms);
	assert_int_equal(told->grant.heard, NRM_HEARD_HEARD);
	assert_true(told->grant.understood && !told->grant.interpreter_conflict);
	assert_true(told->grant.guardian.len == 0 && told->guardian_unknown);
	assert_int_equal(told->phase, NRM_PHASE_RECOVERY);
	assert_int_equal(told->withdrawn_at_ms, 0);
	assert_int_equal(told->recorder.n, 2);
	assert_true(nrm_slice_equal(told->recorder.item[0], id_of(NGO)) &&
		    nrm_slice_equal(told->recorder.item[1], id_of(SHELTER)));
	w.now += 1000;
	state_fact(SHELTER, world_withdrawal(&w, SHELTER, g->consent_id));
	answer = asked(NGO);
	assert_int_equal(consent(&answer, g->consent_id)->withdrawn_at_ms, w.now);
}

/* An unknown case, one that the asker is no party to, and one that it is excluded from: the same in every byte. */
static void who_is_no_party_learns_nothing(void **state)
{
	struct nrm_slice shelter, hospital, answer[3];

	(void)state;
	open_by_ngo(&shelter, &hospital);
	assert_true(asked(SHELTER).known);
	exclude(NGO, SHELTER);
	answer[0] = asked_bytes(SHELTER, world_case(&w, 'a'));
	answer[1] = asked_bytes(LABOUR, world_case(&w, 'a'));
	world_close(&w);
	world_open(&w);
	world_connect(&w, LABOUR, 100);
	answer[2] = asked_bytes(LABOUR, world_case(&w, 'a')); /* these books know no case at all */
	for (int i = 0; i < 3; i++)
		assert_true(nrm_slice_equal(answer[i], answer[0]));
	assert_false(asked(LABOUR).known);
}

/* What only managers, and who may state it, may know. */
static void exclusions_and_complicit_parents_are_for_some(void **state)
{
	const struct nrm_stated_fact parent = {.kind = NRM_FACT_COMPLICIT_PARENT, .is.yes = true};
	struct nrm_slice shelter, hospital;
	struct nrm_case_answer answer;

	(void)state;
	open_by_ngo(&shelter, &hospital);
	exclude(NGO, LABOUR);
	state_fact(NGO, world_card(&w, NGO, &parent, 1));
	answer = asked(NGO); /* by its role */
	assert_true(
		nrm_slice_equal(fact(&answer, NRM_FACT_EXCLUDED)->is.participant, id_of(LABOUR)));
	assert_true(fact(&answer, NRM_FACT_COMPLICIT_PARENT)->is.yes);
	answer = asked(SHELTER);
	assert_false(answer.manages);
	assert_null(fact(&answer, NRM_FACT_EXCLUDED));
	assert_null(fact(&answer, NRM_FACT_COMPLICIT_PARENT));
	assert_non_null(fact(&answer, NRM_FACT_AGE_CLASS));
}

/* The police opened the case and manage it, until the ngo takes it over. */
static void managers_know_them_as_long_as_they_manage(void **state)
{
	struct nrm_case_answer answer;
	struct nrm_case *c;

	(void)state;
	world_adult(&w);
	world_consent(&w, POLICE, NGO, NRM_SERVICE_FOLLOW_UP);
	involve(POLICE, NGO, NRM_SERVICE_FOLLOW_UP);
	exclude(NGO, LABOUR);
	answer = asked(POLICE);
	assert_non_null(fact(&answer, NRM_FACT_EXCLUDED));
	assert_int_equal(nrm_case_find(&w.books->cases, NULL, world_case(&w, 'a').data, &c),
			 NRM_OK);
	c->party[0].part = NRM_CASE_OPENED; /* as when the ngo accepts */
	answer = asked(POLICE);
	assert_null(fact(&answer, NRM_FACT_EXCLUDED));
}

/* Those that it recorded or confirmed, and those that reach it by id, by a role or by any; not the rest. */
static void consents_are_seen_by_whom_they_concern(void **state)
{
	static const uint32_t health[] = {NRM_ROLE_HEALTH};
	struct nrm_slice shelter, hospital;
	struct nrm_statement by_role = world_grant(&w, NGO, SHELTER, NRM_SERVICE_MEDICAL_CHECKUP),
			     by_any = world_grant(&w, NGO, SHELTER, NRM_SERVICE_MEDICAL_CHECKUP);
	struct nrm_case_answer answer;

	(void)state;
	open_by_ngo(&shelter, &hospital);
	by_role.body.consent_grant.recipient.n = 0;
	by_role.body.consent_grant.recipient_role = (struct nrm_codes){health, 1};
	state_fact(NGO, by_role);
	by_any.body.consent_grant.recipient.n = 0;
	by_any.body.consent_grant.any_recipient = true;
	state_fact(NGO, by_any);
	struct nrm_slice role = by_role.body.consent_grant.consent_id,
			 any = by_any.body.consent_grant.consent_id;
	/* The shelter records one for the labour inspectorate, which is no party yet. */
	struct nrm_slice labour = world_consent(&w, SHELTER, LABOUR, NRM_SERVICE_LABOUR_CLAIM);

	answer = asked(NGO); /* manages: all of them */
	assert_int_equal(answer.n_consents, 5);
	answer = asked(SHELTER);
	assert_int_equal(answer.n_consents, 3);
	assert_true(consent(&answer, shelter) && consent(&answer, any) && consent(&answer, labour));
	answer = asked(HOSPITAL);
	assert_int_equal(answer.n_consents, 3);
	assert_true(consent(&answer, hospital) && consent(&answer, role) && consent(&answer, any));
}

/* A coordinator that is a party sees all of them, and no more than anybody when it is none. */
static void coordinators_see_every_consent(void **state)
{
	struct nrm_slice shelter, hospital;

	(void)state;
	world_close(&w);
	nrm_directory_free(w.directory);
	w.country.agency[LABOUR].role = NRM_ROLE_COORDINATOR;
	w.directory = country_directory(&w.country, 1);
	world_open(&w);
	for (int agency = 0; agency < WORLD_AGENCIES; agency++)
		world_connect(&w, agency, 100);
	open_by_ngo(&shelter, &hospital);
	assert_false(asked(LABOUR).known);
	world_consent(&w, NGO, LABOUR, NRM_SERVICE_LABOUR_CLAIM);
	involve(NGO, LABOUR, NRM_SERVICE_LABOUR_CLAIM);
	struct nrm_case_answer answer = asked(LABOUR);
	assert_true(answer.known && !answer.manages);
	assert_int_equal(answer.n_consents, 3);
}

/* Who may not know the exclusions is told what its messages to the excluded are told. */
static void a_consent_to_the_excluded_alone_reads_as_withdrawn(void **state)
{
	struct nrm_slice shelter, hospital;
	struct nrm_case_answer answer;

	(void)state;
	open_by_ngo(&shelter, &hospital);
	struct nrm_slice labour = world_consent(&w, SHELTER, LABOUR, NRM_SERVICE_LABOUR_CLAIM);
	answer = asked(SHELTER);
	assert_int_equal(consent(&answer, labour)->withdrawn_at_ms, 0);
	w.now += 1000;
	exclude(NGO, LABOUR);
	answer = asked(SHELTER);
	assert_int_equal(consent(&answer, labour)->withdrawn_at_ms, w.now);
	assert_int_equal(consent(&answer, shelter)->withdrawn_at_ms, 0);
	answer = asked(NGO);
	assert_int_equal(consent(&answer, labour)->withdrawn_at_ms, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_card_is_told_as_it_counts),
		TEST(a_consent_is_told_as_it_was_granted),
		TEST(who_is_no_party_learns_nothing),
		TEST(exclusions_and_complicit_parents_are_for_some),
		TEST(managers_know_them_as_long_as_they_manage),
		TEST(consents_are_seen_by_whom_they_concern),
		TEST(coordinators_see_every_consent),
		TEST(a_consent_to_the_excluded_alone_reads_as_withdrawn),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("ask_case", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
