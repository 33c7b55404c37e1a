/*
 * Previews through the agent's api: each outcome and each reason to withhold, with knowledge that is fresh, kept, our
 * own, or none.
 */
#include "tests/unit/preview_world.h"

static void there_is_none_without_a_policy(void **state)
{
	(void)state;
	world_done();
	preview_init(); /* a broker that hands out no policy */
	expect_failed(ask(PREVIEW), "the broker has not handed out its policy yet");
	/* A referral goes out all the same, and nothing is asked for it. */
	struct nrm_api_wait wait;
	json_t *answer = ask_at(WORLD_NOW, "{'op': 'refer', " CONSENTED HERE "}", &wait);
	assert_true(json_is_true(json_object_get(answer, "ok")));
	assert_null(json_object_get(answer, "preview"));
	json_decref(answer);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, NRM_SUBMIT);
}

static void it_is_read_as_strictly_as_a_referral(void **state)
{
	(void)state;
	expect_failed(ask("{'op': 'preview', " CONSENTED HERE ", 'override': true}"),
		      "override: not a part of this request");
	expect_failed(ask("{'op': 'preview', " CONSENTED "}"), "case: missing, expected a text");
}

static void of_a_case_nobody_knows_nothing_is_known(void **state)
{
	(void)state;
	expect(ask(PREVIEW), "none", "refuse", "NO_CONSENT");
	expect(ask("{'op': 'preview', " CONSENTED ", 'case': 'new'}"), "none", "refuse",
	       "NO_CONSENT");
	expect(ask("{'op': 'preview', " CONSENTED ", 'case': 'never-named'}"), "none", "refuse",
	       "NO_CONSENT");
	/* No name was given to a case by that, and nothing was sent. */
	expect_failed(ask("{'op': 'case_show', 'case': 'never-named'}"),
		      "case: no case has this name here; expected its id or a name");
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
}

static void what_the_broker_just_told_is_fresh(void **state)
{
	struct nrm_api_wait wait;
	json_t *answer =
		ask_at(WORLD_NOW, "{'op': 'preview', 'wait': 5, " CONSENTED HERE "}", &wait);

	(void)state;
	assert_int_equal(wait.seconds, 5);
	assert_string_equal(text_of(answer, "knowledge"), "none");
	assert_false(nrm_api_settle(&preview_api, answer, &wait));
	preview_expect_question();
	preview_tell(&preview_tell_of(WORLD_NOW - 3)->answer, WORLD_NOW);
	assert_true(nrm_api_settle(&preview_api, answer, &wait));
	nrm_api_wait_done(&wait);

	const json_t *withheld = json_object_get(answer, "withheld"),
		     *needed = json_object_get(answer, "consent_needed");
	assert_string_equal(text_of(withheld, "offence_record"), "SECRET");
	assert_string_equal(text_of(withheld, "skills"), "NOT_NEEDED");
	assert_string_equal(text_of(withheld, "health_conditions"), "NOT_CONSENTED");
	assert_int_equal(json_object_size(withheld), 3);
	assert_int_equal(json_array_size(json_object_get(answer, "forwarded")), 1);
	assert_int_equal(json_array_size(json_object_get(answer, "rules")), 1);
	assert_string_equal(text_of(answer, "known_at"), "2026-02-02T02:39:59Z");
	/* The consent with which the hospital would learn of her health as well. */
	assert_int_equal(json_array_size(json_object_get(needed, "data")), 2);
	assert_string_equal(text_of(needed, "outcome"), "forward");
	char *all = json_dumps(answer, 0);
	assert_null(strstr(all, "Sokha"));
	assert_null(strstr(all, "weaving"));
	free(all);
	expect(answer, "fresh", "forward", "OK");
}

static void without_a_connection_it_rests_on_what_was_kept(void **state)
{
	struct preview_told *told = preview_tell_of(WORLD_NOW - 3);

	(void)state;
	preview_kept(&told->answer, WORLD_NOW);
	nrm_exchange_disconnected(world.side[0].x);
	expect(ask("{'op': 'preview', 'wait': 5, " CONSENTED HERE "}"), "kept", "forward", "OK");
	json_t *shown = ask("{'op': 'case_show', 'case': '" PREVIEW_CASE "'}");
	assert_string_equal(text_of(shown, "knowledge"), "kept");
	json_decref(shown);
}

static void a_connection_lost_while_it_waits_leaves_what_was_kept(void **state)
{
	struct nrm_api_wait wait;
	json_t *answer;

	(void)state;
	preview_kept(&preview_tell_of(WORLD_NOW - 3)->answer, WORLD_NOW);
	answer = ask_at(WORLD_NOW + 5, "{'op': 'preview', 'wait': 5, " CONSENTED HERE "}", &wait);
	preview_expect_question();
	nrm_exchange_disconnected(world.side[0].x);
	assert_true(nrm_api_settle(&preview_api, answer, &wait));
	nrm_api_wait_done(&wait);
	expect(answer, "kept", "forward", "OK");
}

/* Each outcome, as what the broker tells changes. */
static void what_was_told_decides(void **state)
{
	struct preview_told *told = preview_tell_of(WORLD_NOW);

	(void)state;
	told->fact[0].is.age_class = NRM_AGE_CLASS_CHILD;
	preview_kept(&told->answer, WORLD_NOW);
	json_t *answer = ask(PREVIEW);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(answer, "obligations"), 0)),
		"request_guardianship");
	expect(answer, "kept", "hold", "GUARDIAN_MISSING");

	told = preview_tell_of(WORLD_NOW + 1);
	told->consent.withdrawn_at_ms = WORLD_NOW;
	preview_kept(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "kept", "refuse", "CONSENT_WITHDRAWN");
	expect(ask("{'op': 'preview', " REFERRAL HERE ", 'basis': 'emergency', 'emergency': "
		   "'life_threat'}"),
	       "kept", "refuse", "BASIS_NOT_ALLOWED");

	told = preview_tell_of(WORLD_NOW + 2);
	told->fact[1] = (struct nrm_stated_fact){.kind = NRM_FACT_EXCLUDED,
						 .is.participant = nrm_slice_str("XX.agency-001")};
	told->answer.card.n = 2;
	preview_kept(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "kept", "refuse", "CONSENT_WITHDRAWN"); /* as it is told */
	expect(ask("{'op': 'preview', 'to': 'XX.agency-002', 'service': 'legal_advice', "
		   "'purpose': 'assistance', 'urgency': 'urgent', 'basis': 'consent'" HERE "}"),
	       "kept", "refuse", "NOT_OFFERED");
	expect(ask("{'op': 'preview', 'to': 'XX.nobody', 'service': 'legal_advice', "
		   "'purpose': 'assistance', 'urgency': 'urgent', 'basis': 'consent'" HERE "}"),
	       "kept", "refuse", "UNKNOWN_PARTICIPANT");
}

/* A case that the broker knew, and knows no more for us: we are out of it. One that it never knew is new. */
static void who_is_out_of_a_case_is_refused(void **state)
{
	struct preview_told *told = preview_tell_of(WORLD_NOW);
	const char *emergency = "{'op': 'preview', " REFERRAL HERE ", 'basis': 'child_protection'}";

	(void)state;
	told->answer =
		(struct nrm_case_answer){.case_id = told->answer.case_id, .time_ms = WORLD_NOW};
	preview_kept(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "kept", "refuse", "NO_CONSENT");
	preview_kept(&preview_tell_of(WORLD_NOW)->answer, WORLD_NOW);
	preview_kept(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "kept", "refuse", "CONSENT_WITHDRAWN");
	expect(ask(emergency), "kept", "refuse", "CONSENT_WITHDRAWN");
}

#define GRANT                                                                              \
	"{'op': 'consent_grant', 'given_by': 'adult', 'services': ['medical_checkup'], "   \
	"'recipients': ['health'], 'data': ['any'], 'purpose': 'assistance', 'days': 30, " \
	"'phase': 'recovery', 'understood': true" HERE "}"

/* What we stated counts before the broker has it, and on top of what it told before it had it. */
static void what_we_stated_ourselves_counts(void **state)
{
	(void)state;
	nrm_exchange_disconnected(world.side[0].x);
	json_decref(ask(GRANT));
	expect(ask(PREVIEW), "own", "refuse", "CONSENT_INVALID"); /* of unknown age, not heard */
	json_decref(ask("{'op': 'case_state', 'facts': {'age_class': 'adult'}" HERE "}"));
	expect(ask(PREVIEW), "own", "forward", "OK");
	json_decref(ask("{'op': 'consent_withdraw'" HERE "}"));
	expect(ask(PREVIEW), "own", "refuse", "CONSENT_WITHDRAWN");
	json_t *shown = ask("{'op': 'case_show', 'case': '" PREVIEW_CASE "'}");
	assert_string_equal(text_of(shown, "knowledge"), "none"); /* of what the broker holds */
	assert_null(json_object_get(shown, "known"));
	json_decref(shown);
}

/* The broker decides on the consent that is submitted next. */
static void decide_on_grant(const struct nrm_view *verdict)
{
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);

	assert_int_equal(frame.kind, NRM_SUBMIT);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	struct nrm_view view = *verdict;
	view.message_id = m.view.message_id;
	view.time_ms = m.view.time_ms;
	view.type = m.view.type;
	m.view = view;
	struct entry e = world_leaf(&m.statement, NRM_EVENT_CONSENT_GRANT, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
}

static const struct nrm_view recorded = {.outcome = NRM_OUTCOME_FORWARD, .reason = NRM_REASON_OK};
static const struct nrm_view not_allowed = {.outcome = NRM_OUTCOME_REFUSE,
					    .reason = NRM_REASON_FACT_NOT_ALLOWED};

static void what_the_broker_decided_since_it_told_counts_too(void **state)
{
	struct preview_told *told = preview_tell_of(WORLD_NOW - 10);

	(void)state;
	told->answer.n_consents = 0;
	preview_kept(&told->answer, WORLD_NOW);
	json_decref(ask(GRANT));
	expect(ask(PREVIEW), "kept", "forward", "OK");
	decide_on_grant(&recorded);
	expect(ask(PREVIEW), "kept", "forward", "OK");
	/* Told after that, the broker's word is the whole of it. */
	told->answer.time_ms = WORLD_NOW + 1;
	preview_kept(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "kept", "refuse", "NO_CONSENT");
	/* And if it knows no case, in which it recorded something of ours, we are out of it. */
	told->answer =
		(struct nrm_case_answer){.case_id = told->answer.case_id, .time_ms = WORLD_NOW + 2};
	preview_kept(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "kept", "refuse", "CONSENT_WITHDRAWN");
}

static void what_the_broker_did_not_take_does_not_count(void **state)
{
	(void)state;
	json_decref(ask(GRANT));
	expect(ask(PREVIEW), "own", "refuse", "CONSENT_INVALID");
	decide_on_grant(&not_allowed);
	expect(ask(PREVIEW), "none", "refuse", "NO_CONSENT");
}

/* Nobody told of it before: that our statement was recorded there says that the case exists. */
static void a_case_that_took_our_statement_exists(void **state)
{
	const struct nrm_case_answer unknown = {.case_id = nrm_slice(preview_case, NRM_CASE_ID_LEN),
						.time_ms = WORLD_NOW + 2};

	(void)state;
	json_decref(ask(GRANT));
	decide_on_grant(&recorded);
	preview_kept(&unknown, WORLD_NOW);
	expect(ask(PREVIEW), "kept", "refuse", "CONSENT_WITHDRAWN");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(there_is_none_without_a_policy),
		T(it_is_read_as_strictly_as_a_referral),
		T(of_a_case_nobody_knows_nothing_is_known),
		T(what_the_broker_just_told_is_fresh),
		T(without_a_connection_it_rests_on_what_was_kept),
		T(a_connection_lost_while_it_waits_leaves_what_was_kept),
		T(what_was_told_decides),
		T(who_is_out_of_a_case_is_refused),
		T(what_we_stated_ourselves_counts),
		T(what_the_broker_decided_since_it_told_counts_too),
		T(what_the_broker_did_not_take_does_not_count),
		T(a_case_that_took_our_statement_exists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
