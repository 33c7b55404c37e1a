/*
 * What goes with a referral that is sent: the preview that was made then, held against the broker's verdict; and the
 * questions about cases that it is made from.
 */
#include "agents/agent/preview.h"
#include "tests/unit/preview_world.h"

static struct submitted submitted(void)
{
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);

	assert_int_equal(frame.kind, NRM_SUBMIT);
	return world_submitted(&frame.is.submit.envelope[frame.is.submit.n - 1]);
}

static void decided(struct submitted *m, const struct nrm_view *verdict)
{
	const struct nrm_view made = m->view;

	m->view = *verdict;
	m->view.message_id = made.message_id;
	m->view.time_ms = made.time_ms;
	m->view.type = made.type;
	struct entry e = world_leaf(&m->statement, NRM_EVENT_REFERRAL, world_view(m), NULL);
	world_receipt(world_receipt_item(&m->statement, &e));
}

static const struct nrm_view as_foreseen = {
	.outcome = NRM_OUTCOME_FORWARD,
	.reason = NRM_REASON_OK,
	.forwarded = 1ull << NRM_FIELD_GIVEN_NAME,
	.withheld = {{NRM_REASON_SECRET, 1ull << NRM_FIELD_OFFENCE_RECORD},
		     {NRM_REASON_NOT_NEEDED, 1ull << NRM_FIELD_SKILLS},
		     {NRM_REASON_NOT_CONSENTED, 1ull << NRM_FIELD_HEALTH_CONDITIONS}},
	.withheld_count = 3};
static const struct nrm_view refused = {.outcome = NRM_OUTCOME_REFUSE,
					.reason = NRM_REASON_CONSENT_WITHDRAWN};

/* What is shown of a message: whether the broker differed from the preview, and how that preview was. */
static void expect_shown(const char *message_id, bool differs, const char *knowledge,
			 const char *outcome)
{
	char request[128];

	snprintf(request, sizeof(request), "{'op': 'show', 'message_id': '%s'}", message_id);
	json_t *answer = ask(request);
	const json_t *m = json_object_get(answer, "message"), *p = json_object_get(m, "preview");
	assert_int_equal(json_is_true(json_object_get(m, "preview_differs")), differs);
	assert_string_equal(text_of(p, "knowledge"), knowledge);
	assert_string_equal(text_of(p, "outcome"), outcome);
	json_decref(answer);
}

static json_t *refer(uint64_t now, struct nrm_api_wait *wait)
{
	json_t *answer = ask_at(now, "{'op': 'refer', 'wait': 5, " CONSENTED HERE "}", wait);

	assert_true(json_is_true(json_object_get(answer, "ok")));
	return answer;
}

/* While connected the agent asks before it sends, and compares with what it was told then. */
static void the_verdict_is_held_against_a_preview_made_just_before(void **state)
{
	static const struct {
		const struct nrm_view *verdict;
		bool differs;
	} verdicts[] = {{&as_foreseen, false}, {&refused, true}};
	struct nrm_api_wait wait;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *answer = refer(WORLD_NOW, &wait);

		preview_expect_question();
		struct submitted m = submitted();
		preview_tell(&preview_tell_of(WORLD_NOW)->answer, WORLD_NOW);
		assert_false(nrm_api_settle(&preview_api, answer, &wait));
		decided(&m, verdicts[i].verdict);
		assert_true(nrm_api_settle(&preview_api, answer, &wait));
		assert_int_equal(json_is_true(json_object_get(answer, "preview_differs")),
				 verdicts[i].differs);
		/* An answer repeats the preview only where it has something else to say. */
		assert_int_equal(json_is_object(json_object_get(answer, "preview")),
				 verdicts[i].differs);
		expect_shown(text_of(answer, "message_id"), verdicts[i].differs, "fresh",
			     "forward");
		json_decref(answer);
	}
}

/* Sent without a connection it is compared with what was known then, whatever is heard of the case later. */
static void what_others_changed_meanwhile_shows(void **state)
{
	struct nrm_api_wait wait;

	(void)state;
	preview_kept(&preview_tell_of(WORLD_NOW - 5)->answer, WORLD_NOW);
	nrm_exchange_disconnected(world.side[0].x);
	json_t *answer = refer(WORLD_NOW + 5, &wait);
	assert_string_equal(text_of(json_object_get(answer, "preview"), "outcome"), "forward");
	assert_true(json_is_false(json_object_get(answer, "preview_differs"))); /* not decided */
	nrm_exchange_connected(world.side[0].x);
	world_greet(&world.side[0], (struct nrm_slice){0});
	struct submitted m = submitted();
	decided(&m, &refused);
	assert_true(nrm_api_settle(&preview_api, answer, &wait));
	assert_true(json_is_true(json_object_get(answer, "preview_differs")));
	expect_shown(text_of(answer, "message_id"), true, "kept", "forward");
	json_decref(answer);
}

/* An answer that comes after the verdict explains it, and changes no preview. */
static void a_late_answer_changes_no_preview(void **state)
{
	struct nrm_api_wait wait;
	json_t *answer = refer(WORLD_NOW, &wait);

	(void)state;
	preview_expect_question();
	struct submitted m = submitted();
	decided(&m, &refused);
	preview_tell(&preview_tell_of(WORLD_NOW)->answer, WORLD_NOW);
	expect_shown(text_of(answer, "message_id"), true, "none", "refuse");
	json_decref(answer);
}

/* Any part of the verdict counts, not the outcome alone. */
static void a_field_withheld_for_another_reason_is_a_difference(void **state)
{
	const struct nrm_fate fate = {.stage = NRM_STAGE_DECIDED,
				      .outcome = NRM_OUTCOME_FORWARD,
				      .reason = NRM_REASON_OK,
				      .forwarded = 2,
				      .secret = 4,
				      .not_needed = 8,
				      .not_consented = 16};
	const struct nrm_preview same = {.outcome = NRM_OUTCOME_FORWARD,
					 .reason = NRM_REASON_OK,
					 .forwarded = 2,
					 .secret = 4,
					 .not_needed = 8,
					 .not_consented = 16};
	struct nrm_preview p[6] = {same, same, same, same, same, same};
	struct nrm_fate spooled = {.stage = NRM_STAGE_SPOOLED};

	(void)state;
	assert_false(nrm_preview_differs(&same, &fate));
	assert_false(nrm_preview_differs(&same, &spooled));
	p[0].outcome = NRM_OUTCOME_HOLD;
	p[1].reason = NRM_REASON_NO_CONSENT;
	p[2].forwarded = 0;
	p[3].secret = 0;
	p[4].not_needed = 0;
	p[5].not_consented = 0;
	for (size_t i = 0; i < 6; i++)
		assert_true(nrm_preview_differs(&p[i], &fate));
}

/* ---- the case itself ---- */

static void a_case_is_shown_as_the_broker_tells_it(void **state)
{
	struct nrm_api_wait wait;
	json_t *answer = ask_at(
		WORLD_NOW, "{'op': 'case_show', 'wait': 5, 'case': '" PREVIEW_CASE "'}", &wait);
	struct preview_told *told = preview_tell_of(WORLD_NOW);

	(void)state;
	assert_string_equal(text_of(answer, "knowledge"), "none");
	preview_expect_question();
	told->consent.withdrawn_at_ms = WORLD_NOW;
	told->fact[1] = (struct nrm_stated_fact){.kind = NRM_FACT_EXCLUDED,
						 .is.participant = nrm_slice_str("XX.agency-001")};
	told->fact[2] = (struct nrm_stated_fact){
		.kind = NRM_FACT_ASSESSMENT,
		.is.assessment = {NRM_ASSESSMENT_SECURITY_RISK, WORLD_NOW}};
	told->answer.card.n = 3;
	preview_tell(&told->answer, WORLD_NOW);
	assert_true(nrm_api_settle(&preview_api, answer, &wait));
	nrm_api_wait_done(&wait);
	assert_true(json_is_true(json_object_get(answer, "known")));
	assert_string_equal(text_of(answer, "knowledge"), "fresh");
	const json_t *card = json_object_get(answer, "card"),
		     *consent = json_array_get(json_object_get(answer, "consents"), 0);
	assert_string_equal(text_of(card, "age_class"), "adult");
	assert_string_equal(json_string_value(json_array_get(json_object_get(card, "excluded"), 0)),
			    "XX.agency-001");
	assert_string_equal(text_of(json_object_get(card, "assessments"), "security_risk"),
			    "2026-02-02T02:40:00Z");
	assert_null(json_object_get(card, "guardian"));
	assert_string_equal(text_of(consent, "consent_id"), "07000000000000000000000000000000");
	assert_string_equal(text_of(consent, "withdrawn_at"), "2026-02-02T02:40:00Z");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(consent, "recorders"), 0)),
		"XX.agency-000");
	json_decref(answer);
}

static void what_was_not_asked_for_is_not_taken(void **state)
{
	struct preview_told *told = preview_tell_of(WORLD_NOW);
	static const uint8_t another[NRM_CASE_ID_LEN] = {9};

	(void)state;
	preview_tell(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "none", "refuse", "NO_CONSENT");
	assert_true(nrm_exchange_ask_case(world.side[0].x, another, NULL));
	preview_tell(&told->answer, WORLD_NOW);
	expect(ask(PREVIEW), "none", "refuse", "NO_CONSENT");
	assert_true(nrm_exchange_asking(world.side[0].x, another));
}

/* Several who ask about one case share a question; more than can be kept are not asked. */
static void questions_are_shared_and_bounded(void **state)
{
	struct nrm_exchange *x = world.side[0].x;

	(void)state;
	for (int i = 0; i < 64; i++)
		assert_true(nrm_exchange_ask_case(x, preview_case, NULL));
	assert_false(nrm_exchange_ask_case(x, preview_case, NULL));
	preview_expect_question();
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
	preview_tell(&preview_tell_of(WORLD_NOW)->answer, WORLD_NOW);
	assert_false(nrm_exchange_asking(x, preview_case));
	assert_true(nrm_exchange_ask_case(x, preview_case, NULL));
	nrm_exchange_disconnected(x);
	assert_false(nrm_exchange_asking(x, preview_case));
	assert_false(nrm_exchange_ask_case(x, preview_case, NULL));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_verdict_is_held_against_a_preview_made_just_before),
		T(what_others_changed_meanwhile_shows),
		T(a_late_answer_changes_no_preview),
		T(a_field_withheld_for_another_reason_is_a_difference),
		T(a_case_is_shown_as_the_broker_tells_it),
		T(what_was_not_asked_for_is_not_taken),
		T(questions_are_shared_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
