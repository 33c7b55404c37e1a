/*
 * The exchange, without sockets: a referral goes from one agency's outbox to the other's inbox and
 * its acknowledgement comes back; whatever the broker forges is refused and reported; whatever
 * crashes, nothing is lost or doubled.
 */
#include <stdlib.h>

#include "tests/unit/agent_world.h"

static int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	world_init();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

static void greet_both(void)
{
	world_greet(&world.side[0], (struct nrm_slice){0});
	world_greet(&world.side[1], (struct nrm_slice){0});
}

/* Refers, and takes the Submit at the broker. */
static struct submitted refer(uint8_t number)
{
	world_refer(number);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 1);
	return world_submitted(&frame.is.submit.envelope[0]);
}

/* The acknowledgement's leaf for an Acknowledge of one ack, `ack_bytes` as it came. */
static struct entry ack_leaf(struct submitted *m, const struct nrm_to_broker *frame,
			     uint64_t decision)
{
	struct nrm_view view = *world_view(m);

	assert_int_equal(frame->kind, NRM_ACKNOWLEDGE);
	view.ack = frame->is.acknowledge.ack.item[0];
	view.has_ack_signature = true;
	view.ack_signature =
		(struct nrm_proof){.size = 1, .signature = frame->is.acknowledge.signature};
	view.earlier = decision + 1;
	return world_leaf(&m->statement, NRM_EVENT_ACKNOWLEDGEMENT, &view, NULL);
}

static void test_a_referral_end_to_end(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);

	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_SPOOLED);
	world_receipt(world_receipt_item(&m.statement, &e));
	struct nrm_fate fate = world_fate(m.statement.message_id);
	assert_int_equal(fate.stage, NRM_STAGE_DECIDED);
	assert_int_equal(fate.outcome, NRM_OUTCOME_FORWARD);
	assert_int_equal(fate.forwarded, nrm_bit(NRM_FIELD_GIVEN_NAME));
	assert_int_equal(fate.not_needed, nrm_bit(NRM_FIELD_LANGUAGES));
	assert_int_equal(world_figures(&world.side[0]).waiting, 1);
	assert_int_equal(world_figures(&world.side[0]).queued, 0);

	world_deliver(world_delivery(&m, &e));
	assert_int_equal(world_figures(&world.side[1]).received, 1);
	struct nrm_to_broker ack = world_next(&world.side[1], WORLD_NOW);
	struct entry acked = ack_leaf(&m, &ack, e.index);
	world_receipt(world_receipt_item(&m.statement, &acked));
	fate = world_fate(m.statement.message_id);
	assert_int_equal(fate.ack, NRM_ACK_OK);
	assert_false(fate.returned);
	assert_int_equal(world_figures(&world.side[0]).waiting, 0);

	assert_int_equal(world_proofs(&world.side[0], 0, e.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).unproved, 1);
	assert_int_equal(world_proofs(&world.side[0], 2, acked.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).unproved, 0);
	assert_int_equal(world_figures(&world.side[0]).checkpoint_size, 2);
	assert_int_equal(world.side[0].findings + world.side[1].findings, 0);
}

static void test_what_was_received_opens_and_what_was_sent_shows(void **state)
{
	struct nrm_received received;
	struct nrm_slice envelope, copy;
	struct nrm_statement statement;
	struct nrm_values values;
	struct nrm_buf store = {0};
	struct nrm_txn *txn;
	uint64_t place;

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_deliver(world_delivery(&m, &e));

	assert_int_equal(nrm_txn_begin(world.side[1].store, false, &txn), NRM_OK);
	assert_int_equal(nrm_inbox_find(txn, m.statement.message_id, &place), NRM_OK);
	assert_int_equal(nrm_inbox_get(txn, place, &received), NRM_OK);
	assert_int_equal(nrm_message_open(&world.side[1].identity, received.envelope, &world.arena,
					  &store, &statement, &values),
			 NRM_OK);
	assert_true(nrm_slice_equal(values.of[NRM_FIELD_GIVEN_NAME], nrm_slice_str("Sokha")));
	assert_null(values.of[NRM_FIELD_LANGUAGES].data);
	assert_int_equal(received.withheld_count, 1);
	nrm_txn_abort(txn);

	nrm_buf_wipe(&store);
	assert_int_equal(nrm_txn_begin(world.side[0].store, false, &txn), NRM_OK);
	assert_int_equal(nrm_outbox_get(txn, m.statement.message_id, &envelope, &copy), NRM_OK);
	assert_int_equal(nrm_message_open(&world.side[0].identity, envelope, &world.arena, &store,
					  &statement, &values),
			 NRM_ERR_OPEN); /* what is sealed to another */
	assert_int_equal(nrm_message_open(&world.side[0].identity, copy, &world.arena, &store,
					  &statement, &values),
			 NRM_OK);
	assert_true(nrm_slice_equal(values.of[NRM_FIELD_LANGUAGES], nrm_slice_str("km")));
	nrm_txn_abort(txn);
	nrm_buf_wipe(&store);
}

/* ---- what a broker may forge ---- */

static void other_service(struct nrm_leaf *leaf)
{
	leaf->service = NRM_SERVICE_COUNSELLING;
}

static void other_recipient(struct nrm_leaf *leaf)
{
	leaf->recipient = nrm_slice_str("XX.agency-002");
}

static void other_outcome(struct nrm_leaf *leaf)
{
	leaf->outcome = NRM_OUTCOME_REFUSE;
}

static void other_view(struct nrm_leaf *leaf)
{
	static const uint8_t wrong[NRM_HASH_LEN] = {9};

	leaf->sender_view = leaf->recipient_view = nrm_slice(wrong, sizeof(wrong));
}

static void (*const forged_leaves[])(struct nrm_leaf *) = {other_service, other_recipient,
							   other_outcome, other_view};

static void refused_receipt(struct submitted *m, struct nrm_receipt_item item)
{
	unsigned before = world.side[0].findings;

	world_receipt(item);
	assert_int_equal(world.side[0].findings, before + 1);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_RECEIPT);
	assert_int_equal(world_fate(m->statement.message_id).stage, NRM_STAGE_SPOOLED);
	assert_int_equal(world_figures(&world.side[0]).unproved, 0);
}

static void test_forged_receipts(void **state)
{
	static const uint8_t salt[NRM_SALT_LEN] = {3};

	(void)state;
	greet_both();
	struct submitted m = refer(1), other;
	for (size_t i = 0; i < sizeof(forged_leaves) / sizeof(forged_leaves[0]); i++) {
		struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m),
					    forged_leaves[i]);
		refused_receipt(&m, world_receipt_item(&m.statement, &e));
	}
	struct entry good = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	struct nrm_receipt_item item = world_receipt_item(&m.statement, &good);
	item.salt = nrm_slice(salt, sizeof(salt));
	refused_receipt(&m, item);
	struct entry kind = world_leaf(&m.statement, NRM_EVENT_RESPONSE, world_view(&m), NULL);
	refused_receipt(&m, world_receipt_item(&m.statement, &kind));

	/* of another statement, of more fields than were declared, of fewer than were */
	other = m;
	other.digest[0] ^= 1;
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&other), NULL);
	refused_receipt(&m, world_receipt_item(&m.statement, &e));
	other = m;
	other.view.forwarded |= nrm_bit(NRM_FIELD_SUSPECTS);
	e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&other), NULL);
	refused_receipt(&m, world_receipt_item(&m.statement, &e));
	other = m;
	other.view.withheld[0].reason = NRM_REASON_ABSENT;
	other.view.withheld[0].fields = 0;
	other.view.withheld_count = 0;
	e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&other), NULL);
	refused_receipt(&m, world_receipt_item(&m.statement, &e));

	world_receipt(world_receipt_item(&m.statement, &good));
	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_DECIDED);
}

static void refused_delivery(struct nrm_delivery delivery)
{
	unsigned before = world.side[1].findings;

	world_deliver(delivery);
	assert_int_equal(world.side[1].findings, before + 1);
	assert_int_equal(world.side[1].last_finding, NRM_FOUND_DELIVERY);
	assert_int_equal(world_figures(&world.side[1]).received, 0);
	assert_int_equal(world_next(&world.side[1], WORLD_NOW).kind,
			 0); /* nothing is acknowledged */
}

static void test_forged_deliveries(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1), other = m;
	for (size_t i = 0; i < sizeof(forged_leaves) / sizeof(forged_leaves[0]); i++) {
		struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m),
					    forged_leaves[i]);
		refused_delivery(world_delivery(&m, &e));
	}
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	struct nrm_delivery delivery = world_delivery(&m, &e);
	delivery.keep = 0; /* fewer fields than the trail says */
	refused_delivery(delivery);
	delivery = world_delivery(&m, &e);
	delivery.keep |= nrm_bit(NRM_FIELD_LANGUAGES); /* more */
	refused_delivery(delivery);
	delivery.keep = nrm_bit(NRM_FIELD_LANGUAGES); /* another */
	refused_delivery(delivery);

	uint8_t signature[NRM_SIGNATURE_LEN];
	memcpy(signature, m.envelope.proof.signature.data, sizeof(signature));
	signature[3] ^= 1;
	other.envelope.proof.signature = nrm_slice(signature, sizeof(signature));
	refused_delivery(world_delivery(&other, &e));

	world_deliver(world_delivery(&m, &e));
	assert_int_equal(world_figures(&world.side[1]).received, 1);
}

/*
 * A field that is not the one committed to, and one that does not open: taken, and acknowledged as
 * what it is.
 */
static void test_failed_deliveries_are_returned(void **state)
{
	struct nrm_ack_body ack;

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	struct nrm_sealed_field field[2] = {m.envelope.field[0], m.envelope.field[1]};
	uint8_t salt[16] = {0};
	field[0].salt = nrm_slice(salt, sizeof(salt));
	struct submitted other = m;
	other.envelope.field = field;
	world_deliver(world_delivery(&other, &e));
	struct nrm_to_broker frame = world_next(&world.side[1], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_ACKNOWLEDGE);
	assert_int_equal(nrm_ack_decode(frame.is.acknowledge.ack.item[0], &world.arena, &ack),
			 NRM_OK);
	assert_int_equal(ack.status, NRM_ACK_BAD_COMMITMENT);

	agency_secret(2, NRM_KEY_KIND_SEALING, world.side[1].identity.sealing[0]);
	m = refer(2);
	e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_deliver(world_delivery(&m, &e));
	frame = world_next(&world.side[1], WORLD_NOW);
	assert_int_equal(nrm_ack_decode(frame.is.acknowledge.ack.item[0], &world.arena, &ack),
			 NRM_OK);
	assert_int_equal(ack.status, NRM_ACK_CANNOT_OPEN);

	world_receipt(world_receipt_item(&m.statement, &e));
	struct entry acked = ack_leaf(&m, &frame, e.index);
	world_receipt(world_receipt_item(&m.statement, &acked));
	assert_true(world_fate(m.statement.message_id).returned);
	assert_int_equal(world_figures(&world.side[0]).waiting, 0);
}

/* An acknowledgement that the recipient did not sign, or signed for something else. */
static void test_forged_acknowledgements(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	world_deliver(world_delivery(&m, &e));
	struct nrm_to_broker good = world_next(&world.side[1], WORLD_NOW), bad = good;
	uint8_t signature[NRM_SIGNATURE_LEN];

	memcpy(signature, good.is.acknowledge.signature.data, sizeof(signature));
	signature[0] ^= 1;
	bad.is.acknowledge.signature = nrm_slice(signature, sizeof(signature));
	struct entry forged = ack_leaf(&m, &bad, e.index);
	world_receipt(world_receipt_item(&m.statement, &forged));
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_ACK);

	/* for more than the broker said it forwarded: one of its two views is a lie */
	struct nrm_ack_body ack;
	struct nrm_buf more = {0};
	assert_int_equal(nrm_ack_decode(good.is.acknowledge.ack.item[0], &world.arena, &ack),
			 NRM_OK);
	ack.forwarded |= nrm_bit(NRM_FIELD_LANGUAGES);
	assert_int_equal(nrm_ack_encode(&ack, &more), NRM_OK);
	struct nrm_slice more_bytes = world_keep(&more);
	struct nrm_hash root = nrm_leaf_hash(more_bytes);
	assert_int_equal(nrm_batch_sign(world.side[1].identity.signing, NRM_DOMAIN_ACKS, 1,
					root.bytes, signature),
			 NRM_OK);
	bad.is.acknowledge.ack = (struct nrm_slices){&more_bytes, 1};
	forged = ack_leaf(&m, &bad, e.index);
	world_receipt(world_receipt_item(&m.statement, &forged));
	assert_int_equal(world.side[0].findings, 2);

	/* one of another decision's leaf */
	struct entry again = world_leaf(&m.statement, NRM_EVENT_REDECISION, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &again));
	forged = ack_leaf(&m, &good, again.index);
	world_receipt(world_receipt_item(&m.statement, &forged));
	assert_int_equal(world.side[0].findings, 3);
	assert_int_equal(world_fate(m.statement.message_id).ack, 0);
	assert_int_equal(world_figures(&world.side[0]).waiting, 1);
}

/* ---- the trail ---- */

static void break_node(struct nrm_to_agent *frame)
{
	static const uint8_t wrong[NRM_HASH_LEN] = {5};
	static const struct nrm_slice node = {wrong, NRM_HASH_LEN};

	frame->is.proofs.node = (struct nrm_slices){&node, 1};
}

static void break_path(struct nrm_to_agent *frame)
{
	break_node(frame);
	frame->is.proofs.consistency = frame->is.proofs.node;
}

static void break_signature(struct nrm_to_agent *frame)
{
	uint8_t *note = nrm_arena_copy(&world.arena, frame->is.proofs.checkpoint.data,
				       frame->is.proofs.checkpoint.len);

	note[frame->is.proofs.checkpoint.len - 20] ^= 1;
	frame->is.proofs.checkpoint.data = note;
}

/* Two leaves known to the sender, the first of them proved. */
static struct entry two_leaves(void)
{
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_int_equal(world_proofs(&world.side[0], 0, e.index, NULL), NRM_OK);
	m = refer(2);
	e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	return e;
}

static void test_forged_proofs(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, break_node), NRM_OK);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_PROOF);
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, break_signature), NRM_OK);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_CHECKPOINT);
	assert_int_equal(world_figures(&world.side[0]).unproved, 1);
	assert_int_equal(world_figures(&world.side[0]).checkpoint_size, 1);
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).unproved, 0);
}

/*
 * After an alarm nothing goes out and nothing is taken in, after a restart too, until people say
 * so.
 */
static void distrusts(struct side *side)
{
	assert_int_equal(side->last_finding, NRM_FOUND_FORK);
	for (int i = 0; i < 2; i++) {
		assert_true(world_figures(side).alarm);
		assert_int_equal(world_next(side, WORLD_NOW).kind, 0);
		assert_int_equal(nrm_exchange_receive(side->x, nrm_slice_str("x"), WORLD_NOW),
				 NRM_ERR_CLOSED);
		world_restart(side);
	}
	nrm_exchange_free(side->x);
	assert_int_equal(nrm_exchange_trust_again(side->store), NRM_OK);
	world_open(side);
	nrm_exchange_connected(side->x);
	assert_int_equal(world_next(side, WORLD_NOW).kind, NRM_HELLO);
}

static void test_an_inconsistent_head_is_an_alarm(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, break_path), NRM_ERR_CLOSED);
	distrusts(&world.side[0]);
}

static void test_a_forked_head_is_an_alarm(void **state)
{
	(void)state;
	two_leaves();
	world.leaf[0].bytes[0] ^= 1;
	nrm_exchange_disconnected(world.side[0].x);
	nrm_exchange_connected(world.side[0].x);
	struct nrm_to_agent frame = {.kind = NRM_WELCOME};
	frame.is.welcome.version = 1;
	frame.is.welcome.time_ms = WORLD_NOW;
	frame.is.welcome.checkpoint = world_note(1);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_ERR_CLOSED);
	distrusts(&world.side[0]);
}

static void test_a_shorter_trail_is_an_alarm(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	assert_int_equal(world_proofs(&world.side[0], 1, e.index, NULL), NRM_OK);
	struct nrm_to_agent frame = {.kind = NRM_PROOFS};
	frame.is.proofs.checkpoint = world_note(1);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_ERR_CLOSED);
	distrusts(&world.side[0]);
}

/* A head that starts elsewhere proves nothing and is asked for again. */
static void test_a_head_from_elsewhere_is_asked_for_again(void **state)
{
	(void)state;
	struct entry e = two_leaves();
	world_leaf(&(struct nrm_statement){.sender = nrm_slice_str("XX.agency-000")},
		   NRM_EVENT_GENESIS,
		   &(struct nrm_view){.outcome = NRM_OUTCOME_FORWARD, .reason = NRM_REASON_OK},
		   NULL);
	assert_int_equal(world_proofs(&world.side[0], 2, e.index, NULL), NRM_OK);
	assert_int_equal(world_figures(&world.side[0]).checkpoint_size, 1);
	assert_int_equal(world.side[0].findings, 0);
	struct nrm_to_broker ask = world_next(&world.side[0], WORLD_NOW + 10000);
	while (ask.kind == NRM_ASK && ask.is.ask.kind == NRM_ASK_STATUS)
		ask = world_next(&world.side[0], WORLD_NOW + 10000);
	assert_int_equal(ask.kind, NRM_ASK);
	assert_int_equal(ask.is.ask.kind, NRM_ASK_PROOFS);
	assert_int_equal(ask.is.ask.from_size, 1);
	assert_int_equal(ask.is.ask.n_indexes, 1);
	assert_int_equal(ask.is.ask.index[0], e.index);
}

/* ---- the directory ---- */

static void test_directories(void **state)
{
	(void)state;
	greet_both();
	struct nrm_to_agent frame = {.kind = NRM_ANSWER_DIRECTORY};
	struct nrm_directory *newer = country_directory(&world.country, 2);
	uint8_t signature[NRM_SIGNATURE_LEN];

	frame.is.directory = nrm_directory_document(newer);
	memcpy(signature, frame.is.directory.signature.data, sizeof(signature));
	signature[1] ^= 1;
	frame.is.directory.signature = nrm_slice(signature, sizeof(signature));
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_DIRECTORY);
	assert_int_equal(nrm_directory_version(nrm_exchange_directory(world.side[0].x)), 1);

	frame.is.directory = nrm_directory_document(newer);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	assert_int_equal(nrm_directory_version(nrm_exchange_directory(world.side[0].x)), 2);
	frame.is.directory = nrm_directory_document(world.directory);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	assert_int_equal(world.side[0].findings, 2); /* an older one is refused */
	world_restart(&world.side[0]);
	assert_int_equal(nrm_directory_version(nrm_exchange_directory(world.side[0].x)), 2);
	nrm_directory_free(newer);
}

static void test_a_store_of_another_participant_is_refused(void **state)
{
	struct nrm_exchange_options options = {.store = world.side[0].store,
					       .identity = &world.side[1].identity};
	struct nrm_exchange *x;

	(void)state;
	assert_int_equal(nrm_exchange_new(&options, &x), NRM_ERR_ID);
}

/* ---- refusals, repeats, crashes ---- */

static void refuse(struct nrm_slice message_id, enum nrm_refusal code)
{
	struct nrm_to_agent frame = {.kind = NRM_REFUSED};

	frame.is.refused.code = code;
	frame.is.refused.text = nrm_slice_str("a test");
	frame.is.refused.message_id = message_id;
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
}

static void test_refused_for_good(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse(m.statement.message_id, NRM_REFUSAL_EXPIRED);
	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_REFUSED);
	assert_int_equal(world_fate(m.statement.message_id).refusal, NRM_REFUSAL_EXPIRED);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW + 100000).kind, 0);
	world_restart(&world.side[0]);
	world_greet(&world.side[0], (struct nrm_slice){0});
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
}

static void test_put_off_and_the_rest_of_the_case_with_it(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse(m.statement.message_id, NRM_REFUSAL_STORAGE_FULL);
	world_refer(2); /* the same case */
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
	assert_true(nrm_exchange_due(world.side[0].x, WORLD_NOW) <= 1000);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 2);
	struct submitted again = world_submitted(&frame.is.submit.envelope[0]);
	assert_true(nrm_slice_equal(again.envelope.statement,
				    m.envelope.statement)); /* the same bytes */
}

static void test_a_stale_key_is_sealed_again(void **state)
{
	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse(m.statement.message_id, NRM_REFUSAL_STALE_KEY);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_ASK);
	assert_int_equal(frame.is.ask.kind, NRM_ASK_DIRECTORY);
	frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	struct submitted again = world_submitted(&frame.is.submit.envelope[0]);
	assert_true(nrm_slice_equal(again.statement.message_id, m.statement.message_id));
	assert_false(
		nrm_slice_equal(again.statement.encapsulated_key, m.statement.encapsulated_key));
	struct entry e = world_leaf(&again.statement, NRM_EVENT_REFERRAL, world_view(&again), NULL);
	world_receipt(world_receipt_item(&again.statement, &e));
	world_deliver(world_delivery(&again, &e));
	assert_int_equal(world_figures(&world.side[1]).received, 1);
	assert_int_equal(world.side[1].findings, 0);
}

/*
 * A refusal that names no message: all are sent one by one, and the one that is to blame is found.
 */
static void test_a_nameless_refusal(void **state)
{
	(void)state;
	greet_both();
	struct nrm_slice first = world_refer(1), second = world_refer(2);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.is.submit.n, 2);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_MALFORMED);
	frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.is.submit.n, 1);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_MALFORMED);
	assert_int_equal(world_fate(first).stage, NRM_STAGE_REFUSED);
	assert_int_equal(world_fate(second).stage, NRM_STAGE_SPOOLED);
	frame = world_next(&world.side[0], WORLD_NOW + 1000);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 1);
}

/* What is about the connection is no message's fault, however few are in flight. */
static void test_a_refused_connection(void **state)
{
	struct nrm_to_agent frame = {.kind = NRM_REFUSED};

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_BUSY);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW + 1000).kind, NRM_SUBMIT);
	frame.is.refused.code = NRM_REFUSAL_UNKNOWN_PARTICIPANT;
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_ERR_CLOSED);
	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_SPOOLED);
	refuse((struct nrm_slice){0}, NRM_REFUSAL_UNKNOWN_ACK);
	assert_int_equal(world_fate(m.statement.message_id).stage, NRM_STAGE_SPOOLED);
}

static void test_submit_credit(void **state)
{
	struct nrm_to_agent frame = {.kind = NRM_WELCOME};

	(void)state;
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, NRM_HELLO);
	world_refer(1);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind,
			 0); /* not before the Welcome */
	frame.is.welcome.version = 1;
	frame.is.welcome.time_ms = WORLD_NOW;
	frame.is.welcome.submit_credit = 1;
	frame.is.welcome.directory = nrm_directory_document(world.directory);
	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
	world_refer(2);
	struct nrm_to_broker submit = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(submit.is.submit.n, 1);
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
	struct submitted m = world_submitted(&submit.is.submit.envelope[0]);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_int_equal(world_next(&world.side[0], WORLD_NOW).is.submit.n, 1);
}

static void test_a_delivery_twice(void **state)
{
	struct nrm_received received;
	struct nrm_txn *txn;
	uint64_t place;

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	m.view.forwarded |= nrm_bit(NRM_FIELD_LANGUAGES);
	m.view.withheld[0].reason = NRM_REASON_ABSENT;
	m.view.withheld[0].fields = 0;
	m.view.withheld_count = 0;
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	for (int i = 0; i < 3; i++) {
		world_deliver(world_delivery(&m, &e));
		assert_int_equal(world_figures(&world.side[1]).received, 1);
		assert_int_equal(world_next(&world.side[1], WORLD_NOW).kind, NRM_ACKNOWLEDGE);
	}
	/* decided anew in between, for less: the later decision counts */
	m.view.forwarded = nrm_bit(NRM_FIELD_GIVEN_NAME);
	m.view.withheld_count = 1;
	e = world_leaf(&m.statement, NRM_EVENT_REDECISION, world_view(&m), NULL);
	world_deliver(world_delivery(&m, &e));
	assert_int_equal(world_figures(&world.side[1]).received, 1);
	assert_int_equal(nrm_txn_begin(world.side[1].store, false, &txn), NRM_OK);
	assert_int_equal(nrm_inbox_find(txn, m.statement.message_id, &place), NRM_OK);
	assert_int_equal(nrm_inbox_get(txn, place, &received), NRM_OK);
	assert_int_equal(received.forwarded, nrm_bit(NRM_FIELD_GIVEN_NAME));
	nrm_txn_abort(txn);
}

/* Everything between two commits is lost at each point in turn; in the end all is there, once. */
static void test_a_crash_at_any_point(void **state)
{
	(void)state;
	for (int crash = 0; crash < 6; crash++) {
		world_done();
		world_init();
		greet_both();
		struct nrm_slice id = world_refer(1);
		if (crash == 0) /* committed, not sent */
			world_restart(&world.side[0]),
				world_greet(&world.side[0], (struct nrm_slice){0});
		struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
		if (crash == 1) { /* sent, no receipt */
			world_restart(&world.side[0]);
			world_greet(&world.side[0], (struct nrm_slice){0});
			frame = world_next(&world.side[0], WORLD_NOW);
		}
		struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
		struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
		for (int i = 0; i < (crash == 2 ? 2 : 1); i++) { /* the receipt comes twice */
			world_receipt(world_receipt_item(&m.statement, &e));
			if (crash == 2)
				world_restart(&world.side[0]);
		}
		world_deliver(world_delivery(&m, &e));
		if (crash == 3) { /* committed, not acknowledged */
			world_restart(&world.side[1]);
			world_greet(&world.side[1], (struct nrm_slice){0});
			world_deliver(world_delivery(&m, &e));
		}
		frame = world_next(&world.side[1], WORLD_NOW);
		struct entry acked = ack_leaf(&m, &frame, e.index);
		if (crash == 4) { /* the acknowledgement's receipt is lost: it is asked for */
			world_restart(&world.side[0]);
			world_greet(&world.side[0], (struct nrm_slice){0});
			frame = world_next(&world.side[0], WORLD_NOW);
			assert_int_equal(frame.kind, NRM_ASK);
			assert_int_equal(frame.is.ask.kind, NRM_ASK_STATUS);
			assert_int_equal(frame.is.ask.n_messages, 1);
			assert_true(nrm_slice_equal(frame.is.ask.message[0].message_id, id));
		}
		world_receipt(world_receipt_item(&m.statement, &acked));
		if (crash == 5) { /* nothing is open after it */
			world_restart(&world.side[0]);
			world_greet(&world.side[0], (struct nrm_slice){0});
			assert_int_equal(world_next(&world.side[0], WORLD_NOW).kind, 0);
		}
		assert_int_equal(world_fate(id).ack, NRM_ACK_OK);
		assert_int_equal(world_figures(&world.side[0]).queued, 0);
		assert_int_equal(world_figures(&world.side[0]).waiting, 0);
		assert_int_equal(world_figures(&world.side[1]).received, 1);
		assert_int_equal(world.side[0].findings + world.side[1].findings, 0);
	}
}

static void test_credit_is_granted_anew(void **state)
{
	bool granted = false;

	(void)state;
	greet_both();
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	for (int i = 0; i < 64; i++)
		world_deliver(world_delivery(&m, &e));
	for (int i = 0; i < 2; i++) {
		struct nrm_to_broker frame = world_next(&world.side[1], WORLD_NOW);
		if (frame.kind == NRM_CREDIT) {
			assert_int_equal(frame.is.credit, 64);
			granted = true;
		}
	}
	assert_true(granted);
}

static void test_frames_that_do_not_decode(void **state)
{
	(void)state;
	greet_both();
	assert_int_equal(
		nrm_exchange_receive(world.side[0].x, nrm_slice_str("\xff\xff"), WORLD_NOW),
		NRM_ERR_CLOSED);
	assert_int_equal(world.side[0].last_finding, NRM_FOUND_FRAME);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_referral_end_to_end),
		T(test_what_was_received_opens_and_what_was_sent_shows),
		T(test_forged_receipts),
		T(test_forged_deliveries),
		T(test_failed_deliveries_are_returned),
		T(test_forged_acknowledgements),
		T(test_forged_proofs),
		T(test_an_inconsistent_head_is_an_alarm),
		T(test_a_forked_head_is_an_alarm),
		T(test_a_shorter_trail_is_an_alarm),
		T(test_a_head_from_elsewhere_is_asked_for_again),
		T(test_directories),
		T(test_a_store_of_another_participant_is_refused),
		T(test_refused_for_good),
		T(test_put_off_and_the_rest_of_the_case_with_it),
		T(test_a_stale_key_is_sealed_again),
		T(test_a_nameless_refusal),
		T(test_a_refused_connection),
		T(test_submit_credit),
		T(test_a_delivery_twice),
		T(test_a_crash_at_any_point),
		T(test_credit_is_granted_anew),
		T(test_frames_that_do_not_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
