/*
 * Intake: a frame becomes a parcel that says who sent it, what it is, and what of it holds.
 */
#include <stdlib.h>

#include "broker/intake/intake.h"
#include "tests/unit/agencies.h"

#define ITEMS 3

static struct country country;
static struct nrm_directory *directory;
static struct nrm_arena arena = {.ceiling = 16u * 1024 * 1024};

static int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	country_init(&country, 2);
	directory = country_directory(&country, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nrm_directory_free(directory);
	country_done(&country);
	nrm_arena_done(&arena);
	return 0;
}

/* A referral of agency 0 to agency 1 without fields, number `i`. */
static struct nrm_slice statement(uint8_t i)
{
	static const uint8_t case_id[NRM_CASE_ID_LEN] = {1}, random[10] = {0};
	uint8_t *message_id = nrm_arena_alloc(&arena, NRM_MESSAGE_ID_LEN);
	struct nrm_buf buf = {0};

	nrm_message_id_make(1000 + i, random, message_id);
	const struct nrm_statement s = {
		.version = NRM_PROTOCOL_VERSION,
		.message_id = nrm_slice(message_id, NRM_MESSAGE_ID_LEN),
		.case_id = nrm_slice(case_id, sizeof(case_id)),
		.sender = nrm_slice_str(country.agency[0].id),
		.recipient = nrm_slice_str(country.agency[1].id),
		.type = NRM_MESSAGE_TYPE_REFERRAL,
		.service = NRM_SERVICE_EMERGENCY_SHELTER,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.phase = NRM_PHASE_CRISIS,
		.issued_at_ms = 1000,
		.expires_at_ms = 2000,
		.basis = NRM_BASIS_CONSENT,
		.body.referral = {.urgency = NRM_URGENCY_URGENT},
	};
	assert_int_equal(nrm_statement_encode(&s, &buf), NRM_OK);
	struct nrm_slice bytes = nrm_slice(nrm_arena_copy(&arena, buf.data, buf.len), buf.len);
	nrm_buf_done(&buf);
	return bytes;
}

static struct nrm_slice sign(size_t agency, const char *domain, const struct nrm_slice *item,
			     size_t n)
{
	struct nrm_hash leaf[ITEMS], root;
	uint8_t *signature = nrm_arena_alloc(&arena, NRM_SIGNATURE_LEN);

	for (size_t i = 0; i < n; i++)
		leaf[i] = nrm_leaf_hash(item[i]);
	root = nrm_tree_root(leaf, n);
	assert_int_equal(nrm_batch_sign(country.agency[agency].signing, domain, (uint32_t)n,
					root.bytes, signature),
			 NRM_OK);
	return nrm_slice(signature, NRM_SIGNATURE_LEN);
}

static struct nrm_slice encode(const struct nrm_to_broker *frame)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_to_broker_encode(frame, &buf), NRM_OK);
	struct nrm_slice bytes = nrm_slice(nrm_arena_copy(&arena, buf.data, buf.len), buf.len);
	nrm_buf_done(&buf);
	return bytes;
}

/* A Submit of ITEMS envelopes, each signed alone by `signer`. */
static struct nrm_slice submit(size_t signer)
{
	struct nrm_envelope envelope[ITEMS];

	for (uint8_t i = 0; i < ITEMS; i++) {
		struct nrm_slice bytes = statement(i);
		envelope[i] = (struct nrm_envelope){
			.statement = bytes,
			.has_proof = true,
			.proof = {.size = 1,
				  .signature = sign(signer, NRM_DOMAIN_STATEMENTS, &bytes, 1)},
		};
	}
	return encode(
		&(struct nrm_to_broker){.kind = NRM_SUBMIT, .is.submit = {envelope, ITEMS, {0}}});
}

static struct nrm_slice acknowledge(size_t signer)
{
	static const uint8_t digest[32] = {3};
	struct nrm_slice ack[ITEMS];

	for (size_t i = 0; i < ITEMS; i++) {
		struct nrm_buf buf = {0};
		const struct nrm_ack_body body = {
			.statement_digest = nrm_slice(digest, 32),
			.leaf_hash = nrm_slice(digest, 32),
			.time_ms = 1000 + i,
			.status = NRM_ACK_OK,
		};
		assert_int_equal(nrm_ack_encode(&body, &buf), NRM_OK);
		ack[i] = nrm_slice(nrm_arena_copy(&arena, buf.data, buf.len), buf.len);
		nrm_buf_done(&buf);
	}
	return encode(&(struct nrm_to_broker){
		.kind = NRM_ACKNOWLEDGE,
		.is.acknowledge = {{ack, ITEMS}, sign(signer, NRM_DOMAIN_ACKS, ack, ITEMS)},
	});
}

static struct nrm_parcel take(const uint8_t *transport, struct nrm_slice bytes)
{
	struct nrm_parcel p = {.kind = NRM_PARCEL_FRAME, .session = 1, .bytes = bytes};

	memcpy(p.transport, transport, NRM_KEY_LEN);
	nrm_intake(&p, directory);
	assert_ptr_equal(p.directory, directory);
	if (p.err != NRM_OK)
		assert_true(!p.verified && !p.item_err && !p.ack && !p.ack_proof);
	return p;
}

static void finds_who_is_behind_a_key(void **state)
{
	struct nrm_slice hello = encode(&(struct nrm_to_broker){
		.kind = NRM_HELLO, .is.hello = {.min_version = 1, .max_version = 1, .credit = 9}});

	(void)state;
	for (size_t i = 0; i < country.n; i++) {
		struct nrm_parcel p = take(country.agency[i].transport_public, hello);
		assert_int_equal(p.err, NRM_OK);
		assert_true(
			nrm_slice_equal(p.participant->id, nrm_slice_str(country.agency[i].id)));
		assert_int_equal(p.frame.kind, NRM_HELLO);
		assert_int_equal(p.frame.is.hello.credit, 9);
		nrm_arena_done(&p.arena);
	}
	struct nrm_parcel p = take(country.broker_public, hello);
	assert_null(p.participant);
	assert_int_equal(p.err, NRM_ERR_NOT_FOUND);
	nrm_arena_done(&p.arena);
}

static void verifies_what_is_submitted(void **state)
{
	struct nrm_parcel p = take(country.agency[0].transport_public, submit(0));

	(void)state;
	assert_int_equal(p.err, NRM_OK);
	assert_int_equal(p.frame.is.submit.n, ITEMS);
	for (size_t i = 0; i < ITEMS; i++) {
		assert_int_equal(p.item_err[i], NRM_OK);
		assert_int_equal(nrm_verified_statement(p.verified[i])->type,
				 NRM_MESSAGE_TYPE_REFERRAL);
	}
	nrm_arena_done(&p.arena);
	/* The same bytes from another connection: the signer is not who is behind it. */
	p = take(country.agency[1].transport_public, submit(0));
	assert_int_equal(p.err, NRM_OK);
	for (size_t i = 0; i < ITEMS; i++) {
		assert_int_equal(p.item_err[i], NRM_ERR_SIGNATURE);
		assert_null(p.verified[i]);
	}
	nrm_arena_done(&p.arena);
}

static void verifies_what_is_acknowledged(void **state)
{
	struct nrm_parcel p = take(country.agency[1].transport_public, acknowledge(1));

	(void)state;
	assert_int_equal(p.err, NRM_OK);
	for (size_t i = 0; i < ITEMS; i++) {
		assert_int_equal(p.ack[i].time_ms, 1000 + i);
		assert_int_equal(p.ack_proof[i].size, ITEMS);
		assert_int_equal(p.ack_proof[i].index, i);
	}
	nrm_arena_done(&p.arena);
	p = take(country.agency[1].transport_public, acknowledge(0));
	assert_int_equal(p.err, NRM_ERR_SIGNATURE);
	nrm_arena_done(&p.arena);
}

/* Whether everything in the parcel holds. */
static bool all_good(const struct nrm_parcel *p)
{
	if (p->err != NRM_OK)
		return false;
	for (size_t i = 0; p->frame.kind == NRM_SUBMIT && i < p->frame.is.submit.n; i++)
		if (p->item_err[i] != NRM_OK)
			return false;
	return true;
}

static void refuses_every_truncation_and_bit_flip(void **state)
{
	const struct nrm_slice good[] = {submit(0), acknowledge(0)};

	(void)state;
	for (size_t g = 0; g < 2; g++) {
		uint8_t *bad = nrm_arena_copy(&arena, good[g].data, good[g].len);
		for (size_t len = 0; len < good[g].len; len++) {
			/* A copy of just that length lets the sanitizer see a read beyond it. */
			uint8_t *cut = malloc(len ? len : 1);
			assert_non_null(cut);
			memcpy(cut, bad, len);
			struct nrm_parcel p =
				take(country.agency[0].transport_public, nrm_slice(cut, len));
			assert_false(all_good(&p));
			nrm_arena_done(&p.arena);
			free(cut);
		}
		for (size_t bit = 0; bit < good[g].len * 8; bit++) {
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
			struct nrm_parcel p = take(country.agency[0].transport_public,
						   nrm_slice(bad, good[g].len));
			assert_false(all_good(&p));
			nrm_arena_done(&p.arena);
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
}

static void one_bad_envelope_spoils_no_other(void **state)
{
	struct nrm_slice frame = submit(0);
	uint8_t *bad = nrm_arena_copy(&arena, frame.data, frame.len);

	(void)state;
	bad[frame.len - 1] ^= 1; /* the last byte of the last signature */
	struct nrm_parcel p = take(country.agency[0].transport_public, nrm_slice(bad, frame.len));
	assert_int_equal(p.err, NRM_OK);
	assert_int_equal(p.item_err[0], NRM_OK);
	assert_int_equal(p.item_err[1], NRM_OK);
	assert_int_equal(p.item_err[2], NRM_ERR_SIGNATURE);
	nrm_arena_done(&p.arena);
}

static void refuses_a_frame_of_the_other_direction(void **state)
{
	const struct nrm_to_agent refused = {.kind = NRM_REFUSED,
					     .is.refused = {.code = NRM_REFUSAL_BUSY}};
	struct nrm_buf buf = {0};

	(void)state;
	assert_int_equal(nrm_to_agent_encode(&refused, &buf), NRM_OK);
	struct nrm_parcel p = take(country.agency[0].transport_public, nrm_buf_slice(&buf));
	assert_int_not_equal(p.err, NRM_OK);
	nrm_arena_done(&p.arena);
	nrm_buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_who_is_behind_a_key),
		cmocka_unit_test(verifies_what_is_submitted),
		cmocka_unit_test(verifies_what_is_acknowledged),
		cmocka_unit_test(refuses_every_truncation_and_bit_flip),
		cmocka_unit_test(one_bad_envelope_spoils_no_other),
		cmocka_unit_test(refuses_a_frame_of_the_other_direction),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
