/*
 * Two agencies of which the first, a shelter, asks what would become of a referral to the second, a hospital; and a
 * broker of the test's own that tells of the case what the test has it tell. Persons and agencies are invented.
 */
#ifndef NRM_TESTS_PREVIEW_WORLD_H
#define NRM_TESTS_PREVIEW_WORLD_H

#include "agents/agent/api.h"
#include "proto/base/hex.h"
#include "tests/unit/agent_world.h"
#include "tests/unit/policies.h"

#define PREVIEW_CASE "000102030405060708090a0b0c0d0e0f"
#define DAY_MS	     (24ull * 3600 * 1000)

static struct nrm_api preview_api;
static uint8_t preview_case[NRM_CASE_ID_LEN], preview_consent[NRM_CONSENT_ID_LEN] = {7};

/* The signed policy arrives. */
static inline void preview_hand_policy(void)
{
	uint8_t signature[NRM_SIGNATURE_LEN];
	char *text = policy_shipped();
	const struct nrm_to_agent frame = {
		.kind = NRM_POLICY,
		.is.policy = policy_document(text, NRM_DOMAIN_POLICY, signature)};

	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	assert_non_null(nrm_exchange_policy(world.side[0].x));
	free(text);
}

static inline void preview_init(void)
{
	world_init();
	nrm_directory_free(world.directory);
	world.country.agency[0].role = NRM_ROLE_SHELTER;
	world.country.agency[1].role = NRM_ROLE_HEALTH;
	world.country.agency[1].offers = nrm_bit(NRM_SERVICE_MEDICAL_CHECKUP);
	world.country.agency[2].role = NRM_ROLE_POLICE;
	world.directory = country_directory(&world.country, 1);
	world_greet(&world.side[0], (struct nrm_slice){0});
	assert_int_equal(nrm_unhex(PREVIEW_CASE, preview_case, sizeof(preview_case)), NRM_OK);
	preview_api = (struct nrm_api){.store = world.side[0].store,
				       .identity = &world.side[0].identity,
				       .exchange = world.side[0].x,
				       .connected = true};
}

/* What the broker has on the case: an adult's consent that the shelter recorded, to names and languages, for the hospital. */
struct preview_told {
	struct nrm_stated_fact fact[4];
	uint32_t service[1], category[2];
	struct nrm_slice recipient, recorder;
	struct nrm_consent_on_file consent;
	struct nrm_case_answer answer;
};

static inline struct preview_told *preview_tell_of(uint64_t time_ms)
{
	struct preview_told *t = nrm_arena_alloc(&world.arena, sizeof(*t));

	assert_non_null(t);
	*t = (struct preview_told){
		.fact = {{.kind = NRM_FACT_AGE_CLASS, .is.age_class = NRM_AGE_CLASS_ADULT}},
		.service = {NRM_SERVICE_MEDICAL_CHECKUP},
		.category = {NRM_CATEGORY_IDENTITY, NRM_CATEGORY_CONTACT},
		.recipient = nrm_slice_str(world.country.agency[1].id),
		.recorder = nrm_slice_str(world.country.agency[0].id),
	};
	t->consent = (struct nrm_consent_on_file){
		.grant = {.consent_id = nrm_slice(preview_consent, NRM_CONSENT_ID_LEN),
			  .given_by = NRM_GIVEN_BY_ADULT,
			  .service = {t->service, 1},
			  .recipient = {&t->recipient, 1},
			  .category = {t->category, 2},
			  .purpose = NRM_PURPOSE_ASSISTANCE,
			  .from_ms = WORLD_NOW - DAY_MS,
			  .until_ms = WORLD_NOW + 30 * DAY_MS,
			  .heard = NRM_HEARD_HEARD,
			  .understood = true},
		.phase = NRM_PHASE_RECOVERY,
		.recorder = {&t->recorder, 1}};
	t->answer = (struct nrm_case_answer){.case_id = nrm_slice(preview_case, NRM_CASE_ID_LEN),
					     .time_ms = time_ms,
					     .known = true,
					     .card = {t->fact, 1},
					     .contributed = nrm_bit(NRM_ROLE_SHELTER),
					     .consent = &t->consent,
					     .n_consents = 1};
	return t;
}

static inline void preview_tell(const struct nrm_case_answer *answer, uint64_t now)
{
	const struct nrm_to_agent frame = {.kind = NRM_ANSWER_CASE, .is.case_file = *answer};

	assert_int_equal(world_tell(&world.side[0], &frame, now), NRM_OK);
}

/* The agent's next frame is the question about the case. */
static inline void preview_expect_question(void)
{
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);

	assert_int_equal(frame.kind, NRM_ASK);
	assert_int_equal(frame.is.ask.kind, NRM_ASK_CASE);
	assert_memory_equal(frame.is.ask.case_id.data, preview_case, NRM_CASE_ID_LEN);
}

/* What the broker told earlier, kept. */
static inline void preview_kept(const struct nrm_case_answer *answer, uint64_t now)
{
	assert_true(nrm_exchange_ask_case(world.side[0].x, preview_case, NULL));
	preview_expect_question();
	preview_tell(answer, now);
}

static inline int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	preview_init();
	preview_hand_policy();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

/* Asks at a time; quotes are written as ' for legibility. */
static inline json_t *ask_at(uint64_t now, const char *text, struct nrm_api_wait *wait)
{
	char json[2048];
	json_error_t error;

	assert_true(strlen(text) < sizeof(json));
	strcpy(json, text);
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_t *request = json_loads(json, 0, &error);
	if (!request)
		fail_msg("%s: %s", error.text, json);
	json_t *answer = nrm_api_answer(&preview_api, request, now, wait);
	json_decref(request);
	assert_non_null(answer);
	return answer;
}

/* At once, of what is known here. */
static inline json_t *ask(const char *text)
{
	struct nrm_api_wait wait;
	json_t *answer = ask_at(WORLD_NOW + 5, text, &wait);

	assert_int_equal(wait.seconds, 0);
	assert_null(wait.again);
	return answer;
}

static inline const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static inline void expect(json_t *answer, const char *knowledge, const char *outcome,
			  const char *reason)
{
	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("%s", text_of(answer, "error"));
	assert_string_equal(text_of(answer, "knowledge"), knowledge);
	assert_string_equal(text_of(answer, "reason"), reason);
	assert_string_equal(text_of(answer, "outcome"), outcome);
	json_decref(answer);
}

static inline void expect_failed(json_t *answer, const char *error)
{
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(text_of(answer, "error"), error);
	json_decref(answer);
}

#define REFERRAL                                                                             \
	"'to': 'XX.agency-001', 'service': 'medical_checkup', 'purpose': 'assistance', "     \
	"'urgency': 'urgent', 'fields': {'given_name': 'Sokha', 'health_conditions': 'none " \
	"known', 'offence_record': 'none', 'skills': 'weaving'}"
#define CONSENTED REFERRAL ", 'basis': 'consent'"
#define HERE	  ", 'case': '" PREVIEW_CASE "'"
#define PREVIEW	  "{'op': 'preview', " CONSENTED HERE "}"

#endif
