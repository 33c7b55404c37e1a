/* The life of a referral in the broker's books: submission, delivery, acknowledgement, credit, sessions, proofs. */
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

static void a_consented_referral_is_delivered_minimised_and_acknowledged(void **state)
{
	const struct nrm_verified *verified;
	struct nrm_envelope envelope;
	struct nrm_to_agent frame;
	struct nrm_view view;

	(void)state;
	world_adult_consents(&w);
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
	assert_int_equal(world_figures(&w).waiting, 1);

	world_acknowledge(&w, SHELTER, d, WORLD_NEEDED, NRM_ACK_OK);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	assert_true(view.ack.len > 0 && view.has_ack_signature);
	assert_int_equal(view.earlier, d->index + 1);
	assert_int_equal(world_figures(&w).waiting, 0);
	world_expect_silence(&w, SHELTER);
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
	world_state(&w, POLICE, world_withdrawal(&w, POLICE, consent));
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_connect(&w, SHELTER, 10);
	view = world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(view.forwarded, 0);
	assert_true(view.earlier > 0);
	assert_int_equal(world_figures(&w).waiting, 0);
	world_expect_silence(&w, SHELTER);
}

static void what_is_in_flight_comes_again_after_a_lost_connection(void **state)
{
	struct nrm_to_agent first, again;
	struct nrm_envelope envelope;

	(void)state;
	world_adult_consents(&w);
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
	assert_int_equal(world_figures(&w).waiting, 0);
	world_acknowledge(&w, SHELTER, &again.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_ACK);
}

static void what_cannot_be_opened_goes_back_to_its_sender(void **state)
{
	struct nrm_to_agent frame;
	struct nrm_envelope envelope;

	(void)state;
	world_adult_consents(&w);
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
	assert_int_equal(world_figures(&w).waiting, 0);
}

static void credit_is_the_most_that_is_delivered(void **state)
{
	struct nrm_to_broker more = {.kind = NRM_CREDIT, .is.credit = 1};
	struct nrm_to_agent frame;

	(void)state;
	world_disconnect(&w, SHELTER);
	world_adult_consents(&w);
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

static void proofs_hold_under_the_signed_head(void **state)
{
	struct nrm_to_agent frame;
	struct nrm_envelope envelope;
	struct nrm_checkpoint head;
	struct nrm_hash leaf[16], node[64];
	uint64_t cosigned;

	(void)state;
	world_adult_consents(&w);
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
	assert_int_equal(head.size, world_figures(&w).leaves);
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
	world_adult_consents(&w);
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
	world_adult_consents(&w);
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_tick(&w);
	world_expect(&w, POLICE, NRM_PROOFS);
	assert_int_equal(world_figures(&w).waiting, 1);
	w.now += 8 * WORLD_DAY;
	world_tick(&w);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_EXPIRED);
	assert_int_equal(world_figures(&w).waiting, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_consented_referral_is_delivered_minimised_and_acknowledged),
		TEST(consent_withdrawn_while_it_waits_stops_it),
		TEST(what_is_in_flight_comes_again_after_a_lost_connection),
		TEST(what_cannot_be_opened_goes_back_to_its_sender),
		TEST(credit_is_the_most_that_is_delivered),
		TEST(proofs_hold_under_the_signed_head),
		TEST(who_was_away_learns_by_asking_what_became_of_a_message),
		TEST(a_message_that_expires_while_it_waits_is_returned),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("books", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
