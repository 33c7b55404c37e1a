/* The broker's books: one referral from submission to acknowledgement, and everything that may go otherwise. */
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	world_connect(&w, POLICE, 100);
	world_connect(&w, SHELTER, 100);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static uint64_t leaves(void)
{
	struct nrm_books_figures figures;

	nrm_books_figures(w.books, &figures);
	return figures.leaves;
}

static uint64_t waiting(void)
{
	struct nrm_books_figures figures;

	nrm_books_figures(w.books, &figures);
	return figures.waiting;
}

static void adult_consents(void)
{
	world_adult(&w);
	world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
}

static void a_consented_referral_is_delivered_minimised_and_acknowledged(void **state)
{
	const struct nrm_verified *verified;
	struct nrm_envelope envelope;
	struct nrm_to_agent frame;
	struct nrm_view view;

	(void)state;
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_int_equal(view.forwarded, WORLD_NEEDED);
	assert_int_equal(view.withheld_count, 1);
	assert_int_equal(view.withheld[0].reason, NRM_REASON_SECRET);
	assert_int_equal(view.withheld[0].fields, 1ull << NRM_FIELD_OFFENCE_RECORD);
	assert_int_equal(view.rules, 0); /* which rules fired is for oversight alone */

	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(frame.is.deliver.n, 1);
	const struct nrm_delivery *d = &frame.is.deliver.item[0];
	assert_int_equal(d->envelope.n_fields, 3);
	const struct nrm_participant *police =
		nrm_directory_find(w.directory, nrm_slice_str(w.country.agency[POLICE].id));
	assert_int_equal(nrm_envelope_verify(&d->envelope, police->verifying, &w.arena, &verified),
			 NRM_OK);
	assert_int_equal(nrm_verified_fields(verified), WORLD_NEEDED);
	assert_int_equal(waiting(), 1);

	world_acknowledge(&w, SHELTER, d, WORLD_NEEDED, NRM_ACK_OK);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_true(view.ack.len > 0 && view.has_ack_signature);
	assert_int_equal(view.earlier, d->index + 1);
	assert_int_equal(waiting(), 0);
	world_expect_silence(&w, SHELTER);
}

static void without_consent_it_is_refused_and_recorded(void **state)
{
	struct nrm_envelope envelope = world_referral(&w);
	uint64_t before = leaves();

	(void)state;
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_NO_CONSENT);
	assert_int_equal(leaves(), before + 1);
	assert_int_equal(waiting(), 0);
	world_expect_silence(&w, SHELTER);
}

static void a_repeat_gets_the_same_receipt_and_has_no_effect(void **state)
{
	struct nrm_to_agent first, second;
	struct nrm_envelope envelope;

	(void)state;
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	first = world_expect(&w, POLICE, NRM_RECEIPT);
	world_expect(&w, SHELTER, NRM_DELIVER);
	uint64_t before = leaves();
	w.now += 20ull * 24 * 3600 * 1000; /* looked up before time and policy */
	world_submit(&w, POLICE, &envelope);
	second = world_expect(&w, POLICE, NRM_RECEIPT);
	const struct nrm_receipt_item *a = first.is.receipt.item, *b = second.is.receipt.item;
	assert_int_equal(a->index, b->index);
	assert_true(nrm_slice_equal(a->leaf, b->leaf));
	assert_true(nrm_slice_equal(a->view, b->view));
	assert_true(nrm_slice_equal(a->salt, b->salt));
	assert_int_equal(leaves(), before);
	world_expect_silence(&w, SHELTER);
}

static void an_id_used_for_another_message_is_refused(void **state)
{
	struct nrm_statement st = world_statement(&w, POLICE, w.country.agency[SHELTER].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	uint64_t before;

	(void)state;
	world_adult(&w);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	struct nrm_envelope envelope = world_envelope(&w, POLICE, SHELTER, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_expect(&w, POLICE, NRM_RECEIPT);
	before = leaves();
	st.phase = NRM_PHASE_CRISIS;
	envelope = world_envelope(&w, POLICE, SHELTER, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_ID_REUSED);
	st.case_id = world_case(&w, 'b');
	envelope = world_envelope(&w, POLICE, SHELTER, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_ID_REUSED);
	assert_int_equal(leaves(), before);
}

/* What is refused with a code leaves no trace. */
static void refused_without_a_trace(struct nrm_statement st, int as, enum nrm_refusal code)
{
	uint64_t before = leaves();
	struct nrm_envelope envelope = world_envelope(&w, as, SHELTER, st, NULL, 0);

	world_submit(&w, as, &envelope);
	world_expect_refused(&w, as, code);
	assert_int_equal(leaves(), before);
}

static void what_is_not_well_formed_in_time_or_route_leaves_no_trace(void **state)
{
	const char *shelter = w.country.agency[SHELTER].id;
	struct nrm_statement good, st;

	(void)state;
	world_adult(&w);
	good = world_statement(&w, POLICE, shelter, NRM_MESSAGE_TYPE_REFERRAL);
	good.service = NRM_SERVICE_EMERGENCY_SHELTER;
	refused_without_a_trace(good, SHELTER, NRM_REFUSAL_NOT_YOUR_IDENTITY);
	struct nrm_envelope forged = world_envelope(&w, SHELTER, SHELTER, good, NULL, 0);
	world_submit(&w, POLICE, &forged);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_BAD_SIGNATURE);
	st = good;
	st.issued_at_ms += 6 * 60 * 1000;
	st.expires_at_ms += 6 * 60 * 1000;
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_NOT_YET);
	st = good;
	st.issued_at_ms -= 2000;
	st.expires_at_ms = w.now;
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_EXPIRED);
	st = good;
	st.recipient = nrm_slice_str("XX.nrm");
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_WRONG_RECIPIENT);
	st = good;
	st.recipient = st.sender;
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_WRONG_RECIPIENT);
}

static void fields_sealed_to_an_unknown_key_are_to_be_sealed_again(void **state)
{
	struct nrm_statement st = world_statement(&w, POLICE, w.country.agency[SHELTER].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	struct nrm_envelope envelope;

	(void)state;
	world_adult(&w);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	envelope = world_envelope(&w, POLICE, HOSPITAL, st, world_fields, 1);
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_STALE_KEY);
}

static void a_frame_before_hello_or_one_that_cannot_be_read_is_refused(void **state)
{
	struct nrm_envelope envelope = world_referral(&w);

	(void)state;
	w.session[HOSPITAL] = ++w.sessions;
	world_bytes(&w, HOSPITAL, nrm_slice_str("no frame"));
	world_expect_refused(&w, HOSPITAL, NRM_REFUSAL_MALFORMED);
	w.session[POLICE] = ++w.sessions;
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_NO_SESSION);
}

static void withdraw(struct nrm_slice consent)
{
	struct nrm_statement st =
		world_statement(&w, POLICE, "XX.nrm", NRM_MESSAGE_TYPE_WITHDRAWAL);
	struct nrm_envelope envelope;

	st.body.withdrawal = consent;
	envelope = world_envelope(&w, POLICE, SHELTER, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
}

static void consent_withdrawn_while_it_waits_stops_it(void **state)
{
	struct nrm_envelope envelope;
	struct nrm_view view;

	(void)state;
	world_disconnect(&w, SHELTER);
	world_adult(&w);
	struct nrm_slice consent =
		world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	w.now += 1000;
	withdraw(consent);
	world_connect(&w, SHELTER, 10);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(view.forwarded, 0);
	assert_true(view.earlier > 0);
	assert_int_equal(waiting(), 0);
	world_expect_silence(&w, SHELTER);
}

static void what_is_in_flight_comes_again_after_a_lost_connection(void **state)
{
	struct nrm_to_agent first, again;
	struct nrm_envelope envelope;

	(void)state;
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	first = world_expect(&w, SHELTER, NRM_DELIVER);
	world_disconnect(&w, SHELTER);
	world_connect(&w, SHELTER, 10);
	again = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(first.is.deliver.item[0].index, again.is.deliver.item[0].index);
	assert_true(nrm_slice_equal(first.is.deliver.item[0].leaf, again.is.deliver.item[0].leaf));
	assert_true(nrm_slice_equal(first.is.deliver.item[0].view, again.is.deliver.item[0].view));
	world_expect_silence(&w, SHELTER);
	/* What the old connection held is acknowledged on the new one once, and not twice. */
	world_acknowledge(&w, SHELTER, &again.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	assert_int_equal(waiting(), 0);
	world_acknowledge(&w, SHELTER, &again.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_ACK);
}

static void a_wrong_acknowledgement_changes_nothing(void **state)
{
	struct nrm_to_agent frame;
	struct nrm_envelope envelope;
	uint64_t before;

	(void)state;
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	before = leaves();
	world_acknowledge(&w, SHELTER, &frame.is.deliver.item[0], 0, NRM_ACK_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_ACK);
	world_acknowledge(&w, POLICE, &frame.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK); /* of the referral */
	world_expect_refused(&w, POLICE, NRM_REFUSAL_UNKNOWN_ACK);
	assert_int_equal(leaves(), before);
	assert_int_equal(waiting(), 1);
}

static void what_cannot_be_opened_goes_back_to_its_sender(void **state)
{
	struct nrm_to_agent frame;
	struct nrm_envelope envelope;

	(void)state;
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_expect(&w, POLICE, NRM_RECEIPT);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	world_acknowledge(&w, SHELTER, &frame.is.deliver.item[0], WORLD_NEEDED,
			  NRM_ACK_CANNOT_OPEN);
	frame = world_expect(&w, POLICE, NRM_RECEIPT);
	struct nrm_leaf leaf;
	struct nrm_view view = world_view(&w, &frame.is.receipt.item[0], &leaf);
	assert_int_equal(leaf.kind, NRM_EVENT_ACKNOWLEDGEMENT);
	assert_int_equal(view.outcome, NRM_OUTCOME_REFUSE);
	assert_int_equal(waiting(), 0);
}

static void credit_is_the_most_that_is_delivered(void **state)
{
	struct nrm_to_broker more = {.kind = NRM_CREDIT, .is.credit = 1};
	struct nrm_to_agent frame;

	(void)state;
	world_disconnect(&w, SHELTER);
	adult_consents();
	for (int i = 0; i < 3; i++) {
		struct nrm_envelope envelope = world_referral(&w);
		world_submit(&w, POLICE, &envelope);
		world_expect(&w, POLICE, NRM_RECEIPT);
	}
	world_connect(&w, SHELTER, 2);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(frame.is.deliver.n, 2);
	assert_true(frame.is.deliver.item[0].index < frame.is.deliver.item[1].index);
	world_expect_silence(&w, SHELTER);
	world_send(&w, SHELTER, &more);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(frame.is.deliver.n, 1);
	assert_false(nrm_books_pending(w.books));
}

static void an_outsider_is_told_what_withdrawn_consent_is_told(void **state)
{
	struct nrm_statement st = world_statement(&w, HOSPITAL, w.country.agency[SHELTER].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	struct nrm_envelope envelope;
	struct nrm_view view;

	(void)state;
	adult_consents();
	world_connect(&w, HOSPITAL, 10);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	st.purpose = NRM_PURPOSE_ASSISTANCE;
	st.basis = NRM_BASIS_CONSENT;
	envelope = world_envelope(&w, HOSPITAL, SHELTER, st, world_fields, 2);
	world_submit(&w, HOSPITAL, &envelope);
	view = world_receipt(&w, HOSPITAL, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(view.withheld_count, 0);
	assert_int_equal(view.obligations, 0);
	world_expect_silence(&w, SHELTER);
}

static void proofs_hold_under_the_signed_head(void **state)
{
	struct nrm_to_agent frame;
	struct nrm_envelope envelope;
	struct nrm_checkpoint head;
	struct nrm_hash leaf[16], node[64];
	uint64_t cosigned;

	(void)state;
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	frame = world_expect(&w, POLICE, NRM_RECEIPT);
	const struct nrm_receipt_item *item = &frame.is.receipt.item[0];
	world_tick(&w);
	frame = world_expect(&w, POLICE, NRM_PROOFS);
	assert_int_equal(nrm_note_open(frame.is.proofs.checkpoint,
				       nrm_directory_log_key(w.directory), NULL, 0, &head,
				       &cosigned),
			 NRM_OK);
	assert_int_equal(head.size, leaves());
	assert_true(frame.is.proofs.n_indexes == 3); /* case card, consent, referral */
	assert_int_equal(frame.is.proofs.index[2], item->index);
	for (size_t i = 0; i < frame.is.proofs.node.n; i++)
		memcpy(node[i].bytes, frame.is.proofs.node.item[i].data, NRM_HASH_LEN);
	leaf[2] = nrm_leaf_hash(item->leaf);
	/* The other two are known from their receipts; here only that a wrong one fails. */
	leaf[0] = leaf[1] = leaf[2];
	assert_int_equal(nrm_multiproof_verify(frame.is.proofs.index, leaf, 3, head.size, node,
					       frame.is.proofs.node.n, &head.root),
			 NRM_ERR_PROOF);
	struct nrm_to_broker ask = {.kind = NRM_ASK};
	ask.is.ask.kind = NRM_ASK_PROOFS;
	ask.is.ask.index = &item->index;
	ask.is.ask.n_indexes = 1;
	world_send(&w, POLICE, &ask);
	frame = world_expect(&w, POLICE, NRM_PROOFS);
	for (size_t i = 0; i < frame.is.proofs.node.n; i++)
		memcpy(node[i].bytes, frame.is.proofs.node.item[i].data, NRM_HASH_LEN);
	assert_int_equal(nrm_multiproof_verify(frame.is.proofs.index, &leaf[2], 1, head.size, node,
					       frame.is.proofs.node.n, &head.root),
			 NRM_OK);
	world_tick(&w);
	world_expect_silence(&w, POLICE);
}

static void who_was_away_learns_by_asking_what_became_of_a_message(void **state)
{
	struct nrm_to_broker ask = {.kind = NRM_ASK};
	struct nrm_message_ref ref;
	struct nrm_to_agent frame;
	struct nrm_envelope envelope;

	(void)state;
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_expect(&w, POLICE, NRM_RECEIPT);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	struct nrm_statement st;
	assert_int_equal(nrm_statement_decode(envelope.statement, &w.arena, &st), NRM_OK);
	ref = (struct nrm_message_ref){st.message_id, st.case_id};
	ask.is.ask.kind = NRM_ASK_STATUS;
	ask.is.ask.message = &ref;
	ask.is.ask.n_messages = 1;
	world_send(&w, POLICE, &ask);
	struct nrm_to_agent status = world_expect(&w, POLICE, NRM_ANSWER_STATUS);
	assert_true(status.is.status.message[0].known && status.is.status.message[0].waiting);
	world_disconnect(&w, POLICE);
	world_acknowledge(&w, SHELTER, &frame.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_connect(&w, POLICE, 10);
	world_send(&w, POLICE, &ask);
	struct nrm_view view = world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_true(view.ack.len > 0);
	status = world_expect(&w, POLICE, NRM_ANSWER_STATUS);
	assert_true(status.is.status.message[0].known && !status.is.status.message[0].waiting);
	/* Somebody else learns nothing. */
	world_send(&w, SHELTER, &ask);
	status = world_expect(&w, SHELTER, NRM_ANSWER_STATUS);
	assert_false(status.is.status.message[0].known);
}

static void a_message_that_expires_while_it_waits_is_returned(void **state)
{
	struct nrm_envelope envelope;

	(void)state;
	world_disconnect(&w, SHELTER);
	adult_consents();
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_tick(&w);
	world_expect(&w, POLICE, NRM_PROOFS);
	assert_int_equal(waiting(), 1);
	w.now += 8ull * 24 * 3600 * 1000;
	world_tick(&w);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_EXPIRED);
	assert_int_equal(waiting(), 0);
}

static void a_suspended_participant_gets_nothing_from_then_on(void **state)
{
	struct nrm_directory *before = w.directory;
	struct nrm_envelope envelope;
	uint8_t entropy[32];

	(void)state;
	adult_consents();
	w.country.agency[SHELTER].suspended = true;
	w.directory = country_directory(&w.country, 2);
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_set_directory(w.books, w.directory, w.now, entropy, &w.effects),
			 NRM_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_PARTICIPANT);
	assert_true(w.effects.effect[w.effects.n - 1].close);
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_UNKNOWN_PARTICIPANT);
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_set_directory(w.books, before, w.now, entropy, &w.effects),
			 NRM_ERR_VERSION);
	nrm_directory_free(before);
}

static void immigration_gets_no_case_data(void **state)
{
	struct nrm_statement st = world_statement(&w, POLICE, w.country.agency[IMMIGRATION].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	struct nrm_envelope envelope;

	(void)state;
	world_adult(&w);
	world_consent(&w, POLICE, IMMIGRATION, NRM_SERVICE_EMERGENCY_SHELTER);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	st.purpose = NRM_PURPOSE_ASSISTANCE;
	st.basis = NRM_BASIS_CONSENT;
	envelope = world_envelope(&w, POLICE, IMMIGRATION, st, world_fields, 2);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_FIREWALL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_consented_referral_is_delivered_minimised_and_acknowledged),
		TEST(without_consent_it_is_refused_and_recorded),
		TEST(a_repeat_gets_the_same_receipt_and_has_no_effect),
		TEST(an_id_used_for_another_message_is_refused),
		TEST(what_is_not_well_formed_in_time_or_route_leaves_no_trace),
		TEST(fields_sealed_to_an_unknown_key_are_to_be_sealed_again),
		TEST(a_frame_before_hello_or_one_that_cannot_be_read_is_refused),
		TEST(consent_withdrawn_while_it_waits_stops_it),
		TEST(what_is_in_flight_comes_again_after_a_lost_connection),
		TEST(a_wrong_acknowledgement_changes_nothing),
		TEST(what_cannot_be_opened_goes_back_to_its_sender),
		TEST(credit_is_the_most_that_is_delivered),
		TEST(an_outsider_is_told_what_withdrawn_consent_is_told),
		TEST(proofs_hold_under_the_signed_head),
		TEST(who_was_away_learns_by_asking_what_became_of_a_message),
		TEST(a_message_that_expires_while_it_waits_is_returned),
		TEST(a_suspended_participant_gets_nothing_from_then_on),
		TEST(immigration_gets_no_case_data),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("books", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
