/*
 * What a broker may forge in a receipt, a delivery or an acknowledgement is refused and reported.
 */
#include "tests/unit/exchange_world.h"

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

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_forged_receipts),
		T(test_forged_deliveries),
		T(test_failed_deliveries_are_returned),
		T(test_forged_acknowledgements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
