/*
 * What the broker tells of a case, on the wire: as another implementation encodes it, at its largest, and refused.
 */
#include "tests/unit/frames.h"

static struct nrm_to_agent decoded(const char *hex)
{
	struct nrm_to_agent f;

	assert_int_equal(nrm_to_agent_decode(messages_unhex(hex), &messages_arena, &f), NRM_OK);
	assert_slices(to_agent(&f), messages_unhex(hex));
	return f;
}

static bool is(struct nrm_slice slice, const char *text)
{
	return nrm_slice_equal(slice, nrm_slice_str(text));
}

/* Encoded by protoc. */
static void test_golden(void **state)
{
	struct nrm_slice bytes = messages_unhex("2a1422120a1030313233343536373839616263646566");
	struct nrm_to_broker question;

	(void)state;
	assert_int_equal(nrm_to_broker_decode(bytes, &messages_arena, &question), NRM_OK);
	assert_true(question.kind == NRM_ASK && question.is.ask.kind == NRM_ASK_CASE);
	assert_true(is(question.is.ask.case_id, "0123456789abcdef"));
	assert_slices(to_broker(&question), bytes);

	struct nrm_to_agent f = decoded(
		"2a6f1a6d0a1030313233343536373839616263646566100118072202080222022000220d2a0b54482e"
		"706f6c6963652d312a02010d323a0a160a106665646362613938373635343332313010065001100"
		"21a0b54482e706f6c6963652d311a0c54482e7368656c7465722d3120ac022801");
	const struct nrm_case_answer *a = &f.is.case_file;
	assert_int_equal(f.kind, NRM_ANSWER_CASE);
	assert_true(is(a->case_id, "0123456789abcdef") && a->known && a->time_ms == 7);
	assert_int_equal(a->card.n, 3);
	assert_int_equal(a->card.fact[0].is.age_class, NRM_AGE_CLASS_CHILD);
	assert_int_equal(a->card.fact[1].kind, NRM_FACT_COMPLICIT_PARENT);
	assert_false(a->card.fact[1].is.yes);
	assert_true(is(a->card.fact[2].is.participant, "TH.police-1"));
	assert_int_equal(a->contributed, nrm_bit(NRM_ROLE_POLICE) | nrm_bit(NRM_ROLE_SHELTER));
	assert_int_equal(a->n_consents, 1);
	const struct nrm_consent_on_file *c = a->consent;
	assert_true(is(c->grant.consent_id, "fedcba9876543210") && c->grant.any_field);
	assert_int_equal(c->grant.given_by, NRM_GIVEN_BY_CHILD);
	assert_int_equal(c->phase, NRM_PHASE_RECOVERY);
	assert_true(c->recorder.n == 2 && is(c->recorder.item[1], "TH.shelter-1"));
	assert_true(c->withdrawn_at_ms == 300 && c->guardian_unknown);

	f = decoded("2a161a140a10303132333435363738396162636465661807");
	assert_true(!f.is.case_file.known && f.is.case_file.time_ms == 7);
	assert_int_equal(f.is.case_file.card.n + f.is.case_file.n_consents, 0);
}

/* A consent in which every list is as long as can be. */
static struct nrm_consent_on_file longest(uint8_t number)
{
	static uint32_t codes[63];
	static struct nrm_slice id[NRM_MAX_CONSENT_RECIPIENTS], country[NRM_MAX_CONSENT_COUNTRIES];
	static char text[NRM_MAX_CONSENT_RECIPIENTS][NRM_MAX_ID + 1];
	static const char *const countries[] = {"KH", "LA", "MM", "VN", "MY", "SG", "CN", "ID"};
	uint8_t *consent_id = nrm_arena_alloc(&messages_arena, 16);
	struct nrm_codes all[NRM_VOCABULARY_COUNT] = {0};
	static const enum nrm_vocabulary kinds[] = {NRM_VOCABULARY_SERVICE, NRM_VOCABULARY_ROLE,
						    NRM_VOCABULARY_FIELD, NRM_VOCABULARY_CATEGORY};

	consent_id[0] = number;
	for (uint32_t i = 0; i < 63; i++)
		codes[i] = i + 1;
	for (size_t i = 0; i < 4; i++)
		for (all[kinds[i]].code = codes;
		     nrm_code_name(kinds[i], (uint32_t)all[kinds[i]].n + 1);)
			all[kinds[i]].n++;
	for (size_t i = 0; i < NRM_MAX_CONSENT_RECIPIENTS; i++) {
		snprintf(text[i], sizeof(text[i]), "TH.%060zu", i);
		id[i] = nrm_slice_str(text[i]);
	}
	for (size_t i = 0; i < NRM_MAX_CONSENT_COUNTRIES; i++)
		country[i] = nrm_slice_str(countries[i]);
	return (struct nrm_consent_on_file){
		.grant = {.consent_id = nrm_slice(consent_id, 16),
			  .given_by = NRM_GIVEN_BY_CHILD,
			  .service = all[NRM_VOCABULARY_SERVICE],
			  .any_service = true,
			  .recipient = {id, NRM_MAX_CONSENT_RECIPIENTS},
			  .recipient_role = all[NRM_VOCABULARY_ROLE],
			  .any_recipient = true,
			  .field = all[NRM_VOCABULARY_FIELD],
			  .category = all[NRM_VOCABULARY_CATEGORY],
			  .any_field = true,
			  .country = {country, NRM_MAX_CONSENT_COUNTRIES},
			  .purpose = NRM_PURPOSE_RETURN,
			  .from_ms = UINT64_MAX,
			  .until_ms = UINT64_MAX,
			  .heard = NRM_HEARD_NOT_CAPABLE,
			  .understood = true,
			  .interpreter_conflict = true,
			  .guardian = id[0]},
		.phase = NRM_PHASE_INCLUSION,
		.recorder = {id, NRM_MAX_CONSENT_RECORDERS},
		.withdrawn_at_ms = UINT64_MAX,
		.guardian_unknown = true};
}

static struct nrm_consent_on_file consents[NRM_MAX_CASE_CONSENTS + 1];
static struct nrm_stated_fact facts[NRM_MAX_CASE_FACTS + 1];

static struct nrm_to_agent largest(void)
{
	struct nrm_to_agent f = case_file();
	char text[NRM_MAX_ID + 1];

	for (size_t i = 0; i <= NRM_MAX_CASE_CONSENTS; i++)
		consents[i] = longest((uint8_t)i);
	for (size_t i = 0; i <= NRM_MAX_CASE_FACTS; i++) {
		snprintf(text, sizeof(text), "TH.%060zu", i);
		facts[i] = (struct nrm_stated_fact){
			.kind = NRM_FACT_EXCLUDED,
			.is.participant = nrm_slice(
				nrm_arena_copy(&messages_arena, text, strlen(text)), strlen(text))};
	}
	f.is.case_file.consent = consents;
	f.is.case_file.n_consents = NRM_MAX_CASE_CONSENTS;
	f.is.case_file.card = (struct nrm_case_card){facts, NRM_MAX_CASE_FACTS};
	f.is.case_file.contributed = ~nrm_bit(0) & (nrm_bit(NRM_ROLE_END_) - 1);
	return f;
}

/* One frame holds it, and one frame's memory decodes it. */
static void test_largest(void **state)
{
	struct nrm_to_agent f = largest(), got;
	struct nrm_arena arena;

	(void)state;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_to_agent_decode(to_agent(&f), &arena, &got), NRM_OK);
	assert_int_equal(got.is.case_file.n_consents, NRM_MAX_CASE_CONSENTS);
	assert_int_equal(got.is.case_file.card.n, NRM_MAX_CASE_FACTS);
	nrm_arena_done(&arena);
	f.is.case_file.n_consents++;
	expect("65 consents", at_agent(f), NRM_ERR_LIMIT);
	f = largest(), f.is.case_file.card.n++;
	expect("65 facts", at_agent(f), NRM_ERR_LIMIT);
}

static void test_refused(void **state)
{
	const struct nrm_slice twice[] = {nrm_slice_str("TH.police-1"),
					  nrm_slice_str("TH.police-1")};
	const struct nrm_slice nobody[] = {nrm_slice_str("police")};
	struct nrm_to_broker question = ask_case();
	struct nrm_to_agent f = case_file();
	struct nrm_consent_on_file consent[2];

	(void)state;
	question.is.ask.case_id.len = 15;
	expect("short case id asked about", at_broker(question), NRM_ERR_ID);
	expect("good", at_agent(f), NRM_OK);
	f.is.case_file.case_id.len = 15;
	expect("short case id", at_agent(f), NRM_ERR_ID);
	f = case_file(), f.is.case_file.known = false;
	expect("facts of a case that is not known", at_agent(f), NRM_ERR_FORMAT);
	f.is.case_file.card.n = 0, f.is.case_file.n_consents = 0;
	expect("roles of a case that is not known", at_agent(f), NRM_ERR_FORMAT);
	f.is.case_file.contributed = 0;
	expect("part in a case that is not known", at_agent(f), NRM_ERR_FORMAT);
	f.is.case_file.manages = false;
	expect("nothing of a case that is not known", at_agent(f), NRM_OK);

	f = case_file(), memcpy(consent, f.is.case_file.consent, sizeof(consent));
	f.is.case_file.consent = consent;
	consent[1].grant.consent_id = consent[0].grant.consent_id;
	expect("consent twice", at_agent(f), NRM_ERR_DUPLICATE);
	consent[1].grant.consent_id.len = 15;
	expect("short consent id", at_agent(f), NRM_ERR_ID);
	f = case_file(), memcpy(consent, f.is.case_file.consent, sizeof(consent));
	f.is.case_file.consent = consent;
	consent[0].recorder = (struct nrm_slices){twice, 2};
	expect("recorder twice", at_agent(f), NRM_ERR_DUPLICATE);
	consent[0].recorder = (struct nrm_slices){nobody, 1};
	expect("recorder that is none", at_agent(f), NRM_ERR_ID);
	consent[0].recorder.n = 0;
	expect("no recorder", at_agent(f), NRM_ERR_FORMAT);
	consent[0] = longest(1), consent[0].recorder.n = NRM_MAX_CONSENT_RECORDERS + 1;
	expect("nine recorders", at_agent(f), NRM_ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
