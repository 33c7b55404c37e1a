/*
 * The agent's api: what can be asked, what is refused, and that an answer of ok is on disk.
 */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hex.h"
#include "tests/unit/agent_api_world.h"

/* The request is refused, its problem names `key`, and nothing was sent. */
static void refused(struct nrm_api *a, const char *request, const char *key)
{
	struct nrm_api_wait wait;
	json_t *answer = ask(a, request, &wait);

	assert_true(json_is_false(json_object_get(answer, "ok")));
	if (strncmp(text(answer, "error"), key, strlen(key)) != 0)
		fail_msg("expected a problem with %s: %s", key, text(answer, "error"));
	assert_int_equal(wait.seconds, 0);
	json_decref(answer);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
}

#define REFER                                                                               \
	"'op': 'refer', 'to': 'XX.agency-001', 'service': 'emergency_shelter', 'purpose': " \
	"'assistance', "                                                                    \
	"'urgency': 'urgent', 'basis': 'consent'"

/* The statement that is submitted next. */
static struct nrm_statement submitted(void)
{
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);

	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 1);
	return world_submitted(&frame.is.submit.envelope[0]).statement;
}

static void test_refer(void **state)
{
	struct nrm_api_wait wait;

	(void)state;
	json_t *answer =
		ask(&api[0],
		    "{" REFER ", 'case': 'red', 'wait': 5, 'region': 'XX-1', 'phase': 'crisis', "
		    "'contact_by': 'phone', 'fields': {'given_name': 'Sokha', 'languages': ''}}",
		    &wait);
	assert_ok(answer);
	assert_string_equal(text(answer, "state"), "spooled");
	assert_int_equal(wait.seconds, 5);
	assert_false(nrm_api_settle(&api[0], answer, &wait));

	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	assert_int_equal(m.envelope.n_fields, 2);
	assert_int_equal(m.statement.phase, NRM_PHASE_CRISIS);
	assert_int_equal(m.statement.body.referral.contact_by, NRM_CHANNEL_PHONE);
	assert_int_equal(m.statement.issued_at_ms, WORLD_NOW);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_true(nrm_api_settle(&api[0], answer, &wait));
	assert_string_equal(text(answer, "state"), "forwarded");
	assert_string_equal(text(answer, "reason"), "OK");
	assert_string_equal(text(json_object_get(answer, "withheld"), "languages"), "NOT_NEEDED");
	json_decref(answer);

	/* the recipient reads what was forwarded, and the sender what it sent */
	world_deliver(world_delivery(&m, &e));
	answer = ask(&api[1], "{'op': 'inbox'}", NULL);
	const json_t *row = json_array_get(json_object_get(answer, "messages"), 0);
	assert_string_equal(text(row, "from"), "XX.agency-000");
	assert_null(json_object_get(row, "fields")); /* values are shown one message at a time */
	char show[128];
	snprintf(show, sizeof(show), "{'op': 'show', 'message_id': '%s'}", text(row, "message_id"));
	json_t *shown = ask(&api[1], show, NULL);
	const json_t *fields = json_object_get(json_object_get(shown, "message"), "fields");
	assert_string_equal(text(fields, "given_name"), "Sokha");
	assert_int_equal(json_object_size(fields), 1);
	json_decref(shown);
	shown = ask(&api[0], show, NULL);
	fields = json_object_get(json_object_get(shown, "message"), "fields");
	assert_int_equal(json_object_size(fields), 2);
	json_decref(shown);
	json_decref(answer);
}

static void test_cases_by_name(void **state)
{
	uint8_t red[16], red_again[16];

	(void)state;
	json_decref(ask(&api[0], "{" REFER ", 'case': 'red'}", NULL));
	memcpy(red, submitted().case_id.data, 16);
	json_decref(ask(&api[0], "{" REFER ", 'case': 'red'}", NULL));
	memcpy(red_again, submitted().case_id.data, 16);
	assert_memory_equal(red, red_again, 16);
	json_decref(ask(&api[0], "{" REFER ", 'case': 'new'}", NULL));
	assert_memory_not_equal(submitted().case_id.data, red, 16);
	json_decref(ask(&api[0], "{" REFER ", 'case': '000102030405060708090a0b0c0d0e0f'}", NULL));
	assert_int_equal(submitted().case_id.data[15], 15);
	json_t *answer = ask(
		&api[0],
		"{'op': 'case_name', 'name': 'blue', 'case': '000102030405060708090a0b0c0d0e0f'}",
		NULL);
	assert_ok(answer);
	json_decref(answer);
	json_decref(ask(&api[0], "{" REFER ", 'case': 'blue'}", NULL));
	assert_int_equal(submitted().case_id.data[15], 15);
}

static void test_requests_that_are_refused(void **state)
{
	(void)state;
	refused(&api[0], "{'op': 'shred'}", "op");
	refused(&api[0], "{'no': 'op'}", "op");
	refused(&api[0], "{" REFER ", 'case': 'x', 'override': true}", "override");
	refused(&api[0], "{" REFER ", 'case': 'x', 'consent_overridden': true}",
		"consent_overridden");
	refused(&api[0], "{" REFER "}", "case");
	refused(&api[0], "{" REFER ", 'case': ''}", "case");
	refused(&api[0], "{" REFER ", 'case': 'x', 'wait': -1}", "wait");
	refused(&api[0], "{" REFER ", 'case': 'x', 'wait': 'long'}", "wait");
	refused(&api[0], "{" REFER ", 'case': 'x', 'fields': ['given_name']}", "fields");
	refused(&api[0], "{" REFER ", 'case': 'x', 'fields': {'ethnicity': 'any'}}",
		"fields.ethnicity");
	refused(&api[0], "{" REFER ", 'case': 'x', 'fields': {'given_name': 7}}",
		"fields.given_name");
	refused(&api[0], "{" REFER ", 'case': 'x', 'region': 'no/where'}", "region");
	refused(&api[0], "{" REFER ", 'case': 'x', 'replaces': 'that one'}", "replaces");
	refused(&api[0], "{" REFER ", 'case': 'x', 'emergency': 'life_threat'}", "emergency");
	refused(&api[0],
		"{'op': 'refer', 'to': 'XX.agency-009', 'service': 'counselling', 'purpose': "
		"'assistance', "
		"'urgency': 'urgent', 'basis': 'none', 'case': 'x'}",
		"to");
	refused(&api[0],
		"{'op': 'refer', 'to': 'nobody', 'service': 'counselling', 'purpose': "
		"'assistance', "
		"'urgency': 'urgent', 'basis': 'none', 'case': 'x'}",
		"to");
	refused(&api[0],
		"{'op': 'refer', 'to': 'XX.agency-001', 'service': 'magic', 'purpose': "
		"'assistance', "
		"'urgency': 'urgent', 'basis': 'none', 'case': 'x'}",
		"service");
	refused(&api[0],
		"{'op': 'refer', 'to': 'XX.agency-001', 'service': 'counselling', 'purpose': "
		"'assistance', "
		"'urgency': 'urgent', 'basis': 'emergency', 'case': 'x'}",
		"emergency");
	refused(&api[0], "{'op': 'show', 'message_id': '00'}", "message_id");
	refused(&api[0], "{'op': 'show', 'message_id': '000102030405060708090a0b0c0d0e0f'}",
		"message_id");
	refused(&api[0], "{'op': 'accept', 'message_id': '000102030405060708090a0b0c0d0e0f'}",
		"message_id");
	refused(&api[0], "{'op': 'inbox', 'after': 'x'}", "after");
	refused(&api[0], "{'op': 'inbox', 'limit': 100000}", "limit");
	refused(&api[0],
		"{'op': 'consent_withdraw', 'consent_id': '000102030405060708090a0b0c0d0e0f'}",
		"case");
}

static void test_before_there_is_a_directory(void **state)
{
	struct nrm_identity *identity = &world.side[0].identity;
	struct nrm_exchange_options options = {.identity = identity};
	struct nrm_api early = {.identity = identity};

	(void)state;
	assert_int_equal(nrm_spool_open(NULL, &early.store), NRM_OK);
	options.store = early.store;
	assert_int_equal(nrm_exchange_new(&options, &early.exchange), NRM_OK);
	refused(&early, "{" REFER ", 'case': 'x'}", "no directory yet");
	json_t *answer = ask(&early, "{'op': 'status'}", NULL);
	assert_ok(answer);
	assert_int_equal(json_integer_value(json_object_get(answer, "directory_version")), 0);
	json_decref(answer);
	nrm_exchange_free(early.exchange);
	nrm_store_close(early.store);
}

#define CONSENT                                                                                \
	"'op': 'consent_grant', 'case': 'red', 'given_by': 'adult', 'purpose': 'assistance', " \
	"'services': ['counselling', 'emergency_shelter'], 'recipients': ['XX.agency-001', "   \
	"'health'], "                                                                          \
	"'data': ['identity', 'risk_level', 'any'], 'understood': true"

static void test_consent(void **state)
{
	char withdraw[128];

	(void)state;
	json_t *answer = ask(
		&api[0], "{" CONSENT ", 'days': 30, 'countries': ['KH'], 'heard': 'heard'}", NULL);
	assert_ok(answer);
	struct nrm_statement s = submitted();
	const struct nrm_consent_grant *g = &s.body.consent_grant;
	assert_int_equal(s.type, NRM_MESSAGE_TYPE_CONSENT_GRANT);
	assert_true(nrm_slice_equal(s.recipient, nrm_slice_str("XX.nrm")));
	assert_int_equal(s.basis, NRM_BASIS_NONE);
	assert_int_equal(g->service.n, 2);
	assert_int_equal(g->service.code[0], NRM_SERVICE_EMERGENCY_SHELTER); /* ascending */
	assert_int_equal(g->recipient.n, 1);
	assert_int_equal(g->recipient_role.n, 1);
	assert_int_equal(g->category.code[0], NRM_CATEGORY_IDENTITY);
	assert_int_equal(g->field.code[0], NRM_FIELD_RISK_LEVEL);
	assert_true(g->any_field);
	assert_true(g->from_ms <= WORLD_NOW);
	assert_int_equal(g->until_ms - g->from_ms, 30ull * 86400000);

	/* withdrawn by its id alone, in its case */
	snprintf(withdraw, sizeof(withdraw), "{'op': 'consent_withdraw', 'consent_id': '%s'}",
		 text(answer, "consent_id"));
	uint8_t case_id[16], consent_id[16];
	memcpy(case_id, s.case_id.data, 16);
	memcpy(consent_id, g->consent_id.data, 16);
	json_decref(answer);
	answer = ask(&api[0], withdraw, NULL);
	assert_ok(answer);
	json_decref(answer);
	s = submitted();
	assert_int_equal(s.type, NRM_MESSAGE_TYPE_WITHDRAWAL);
	assert_memory_equal(s.case_id.data, case_id, 16);
	assert_memory_equal(s.body.withdrawal.data, consent_id, 16);

	refused(&api[0], "{" CONSENT "}", "until");
	refused(&api[0], "{" CONSENT ", 'days': 30, 'until': '2027-01-01T00:00:00Z'}", "days");
	refused(&api[0], "{" CONSENT ", 'until': '2020-01-01T00:00:00Z'}", "until");
	refused(&api[0], "{" CONSENT ", 'days': 30, 'countries': ['Cambodia']}", "countries");
	refused(&api[0],
		"{" CONSENT
		", 'days': 30, 'language': 'a-language-tag-that-goes-on-for-far-too-long'}",
		"language");
}

static void test_case_card(void **state)
{
	(void)state;
	json_t *answer = ask(&api[0],
			     "{'op': 'case_state', 'case': 'red', 'facts': {'age_class': 'child', "
			     "'guardian': 'XX.agency-001', 'asylum_seeker': false, 'contact': "
			     "['phone', 'visit'], "
			     "'excluded': ['XX.agency-002'], 'refused': [], 'last_threat': "
			     "'2026-01-01T00:00:00Z', "
			     "'assessments': {'best_interests': '2026-01-02T00:00:00Z'}}}",
			     NULL);
	assert_ok(answer);
	json_decref(answer);
	struct nrm_statement s = submitted();
	assert_int_equal(s.type, NRM_MESSAGE_TYPE_CASE_CARD);
	assert_int_equal(s.body.case_card.n, 8);
	refused(&api[0], "{'op': 'case_state', 'case': 'red', 'facts': {}}", "facts");
	refused(&api[0], "{'op': 'case_state', 'case': 'red', 'facts': {'mood': 'good'}}",
		"facts.mood");
	refused(&api[0], "{'op': 'case_state', 'case': 'red', 'facts': {'guardian': 'someone'}}",
		"facts.guardian");
	refused(&api[0],
		"{'op': 'case_state', 'case': 'red', 'facts': {'assessments': {'mood': "
		"'2026-01-02T00:00:00Z'}}}",
		"facts.assessments.mood");
	refused(&api[0],
		"{'op': 'case_state', 'case': 'red', 'facts': {'last_threat': 'yesterday'}}",
		"facts.last_threat");
}

/* An answer that the broker refused is no answer: the referral stays open. */
static void test_answers(void **state)
{
	char request[160], show[128];

	(void)state;
	json_decref(ask(&api[0],
			"{" REFER
			", 'case': 'red', 'fields': {'given_name': 'Sokha', 'languages': 'km'}}",
			NULL));
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_deliver(world_delivery(&m, &e));
	char id[33];
	nrm_hex(m.statement.message_id.data, 16, id);
	snprintf(request, sizeof(request),
		 "{'op': 'accept', 'message_id': '%s', 'reason': 'no_capacity'}", id);
	refused(&api[1], request, "reason");
	snprintf(request, sizeof(request), "{'op': 'decline', 'message_id': '%s'}", id);
	refused(&api[1], request, "reason");
	snprintf(request, sizeof(request),
		 "{'op': 'decline', 'message_id': '%s', 'reason': 'no_capacity'}", id);
	json_t *answer = ask(&api[1], request, NULL);
	assert_ok(answer);

	assert_int_equal(world_next(&world.side[1], WORLD_NOW).kind, NRM_ACKNOWLEDGE);
	frame = world_next(&world.side[1], WORLD_NOW);
	struct submitted reply = world_submitted(&frame.is.submit.envelope[0]);
	assert_int_equal(reply.statement.body.response.decline, NRM_DECLINE_NO_CAPACITY);
	assert_true(
		nrm_slice_equal(reply.statement.body.response.in_reply_to, m.statement.message_id));
	assert_true(nrm_slice_equal(reply.statement.case_id, m.statement.case_id));
	snprintf(show, sizeof(show), "{'op': 'show', 'message_id': '%s'}", id);
	json_t *shown = ask(&api[1], show, NULL);
	assert_string_equal(text(json_object_get(shown, "message"), "answered"), "decline");
	json_decref(shown);
	json_decref(answer);

	struct nrm_to_agent no = {.kind = NRM_REFUSED};
	no.is.refused.code = NRM_REFUSAL_EXPIRED;
	no.is.refused.message_id = reply.statement.message_id;
	assert_int_equal(world_tell(&world.side[1], &no, WORLD_NOW), NRM_OK);
	shown = ask(&api[1], show, NULL);
	assert_string_equal(text(json_object_get(shown, "message"), "answered"), "");
	json_decref(shown);
}

static void test_lists_in_pages(void **state)
{
	char request[128];

	(void)state;
	for (int i = 0; i < 5; i++)
		json_decref(ask(&api[0], "{" REFER ", 'case': 'new'}", NULL));
	json_t *answer = ask(&api[0], "{'op': 'outbox', 'limit': 2}", NULL);
	size_t total = 0, pages = 0;
	for (;;) {
		total += json_array_size(json_object_get(answer, "messages"));
		pages++;
		if (!json_is_string(json_object_get(answer, "after")))
			break;
		snprintf(request, sizeof(request), "{'op': 'outbox', 'limit': 2, 'after': '%s'}",
			 text(answer, "after"));
		json_decref(answer);
		answer = ask(&api[0], request, NULL);
	}
	json_decref(answer);
	assert_int_equal(total, 5);
	assert_int_equal(pages, 3);
}

/* An agent says by itself that the broker is late with a proof. */
static void test_status(void **state)
{
	json_t *request = json_pack("{ss}", "op", "status");
	struct nrm_api_wait wait;

	(void)state;
	json_decref(ask(&api[0],
			"{" REFER
			", 'case': 'red', 'fields': {'given_name': 'Sokha', 'languages': 'km'}}",
			NULL));
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	for (int late = 0; late < 2; late++) {
		json_t *answer = nrm_api_answer(&api[0], request,
						WORLD_NOW + NRM_MAX_UNPROVED_MS + late, &wait);

		assert_ok(answer);
		assert_int_equal(json_integer_value(json_object_get(answer, "unproved")), 1);
		assert_int_equal(json_integer_value(json_object_get(answer, "overdue")), late);
		assert_true(json_is_null(json_object_get(answer, "alarm")));
		json_decref(answer);
	}
	json_decref(request);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_refer),
		T(test_cases_by_name),
		T(test_requests_that_are_refused),
		T(test_before_there_is_a_directory),
		T(test_consent),
		T(test_case_card),
		T(test_answers),
		T(test_lists_in_pages),
		T(test_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
