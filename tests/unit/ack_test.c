/*
 * Acks, the signature over a frame of them, and what is said of an error.
 */
#include "tests/unit/frames.h"
#include "tests/unit/vectors.h"

static void test_ack(void **state)
{
	/* By another implementation: two fields, "cannot open". */
	struct nrm_slice bytes =
		messages_unhex("0a20"
			       "6868686868686868686868686868686868686868686868686868686868686868"
			       "120201381a20"
			       "6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b"
			       "2080c8e2e1c1332802");
	struct nrm_ack_body ack = {0};
	struct nrm_buf buf = {0};

	(void)state;
	assert_int_equal(nrm_ack_decode(bytes, &messages_arena, &ack), NRM_OK);
	assert_int_equal(ack.statement_digest.data[31], 'h');
	assert_int_equal(ack.leaf_hash.data[31], 'k');
	assert_true(ack.forwarded == (nrm_bit(1) | nrm_bit(56)));
	assert_int_equal(ack.time_ms, 1770000000000);
	assert_int_equal(ack.status, NRM_ACK_CANNOT_OPEN);
	assert_int_equal(nrm_ack_encode(&ack, &buf), NRM_OK);
	assert_slices(nrm_buf_slice(&buf), bytes);
	nrm_buf_done(&buf);
}

static enum nrm_err ack_judged(struct nrm_ack_body ack)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_ack_encode(&ack, &buf), NRM_OK);
	return nrm_ack_decode(messages_keep(&buf), &messages_arena, &ack);
}

static void test_ack_refused(void **state)
{
	struct nrm_ack_body good = {a_hash, 0, a_hash, 1, NRM_ACK_OK}, a = good;
	struct nrm_slice bytes = an_ack(NRM_ACK_OK);
	uint8_t *list = memmem((void *)bytes.data, bytes.len, "\x12\x02\x06\x38", 4);

	(void)state;
	expect("no field", ack_judged(good), NRM_OK);
	a.statement_digest.len = 31;
	expect("short digest", ack_judged(a), NRM_ERR_FORMAT);
	a = good, a.leaf_hash.len = 0;
	expect("no leaf hash", ack_judged(a), NRM_ERR_FORMAT);
	a = good, a.status = NRM_ACK_ABSENT;
	expect("no status", ack_judged(a), NRM_ERR_UNKNOWN_CODE);
	a.status = NRM_ACK_END_;
	expect("unknown status", ack_judged(a), NRM_ERR_UNKNOWN_CODE);
	a = good, a.forwarded = nrm_bit(NRM_FIELD_END_);
	expect("unknown field", ack_judged(a), NRM_ERR_UNKNOWN_CODE);
	expect("nothing", nrm_ack_decode(nrm_slice(NULL, 0), &messages_arena, &a), NRM_ERR_FORMAT);
	assert_non_null(list);
	list[2] = 0x38, list[3] = 0x06;
	expect("fields not ascending", nrm_ack_decode(bytes, &messages_arena, &a),
	       NRM_ERR_CANONICAL);
	list[3] = 0x38;
	expect("field twice", nrm_ack_decode(bytes, &messages_arena, &a), NRM_ERR_DUPLICATE);
}

static size_t ack_items(const json_t *v, struct nrm_slice *item)
{
	const json_t *list = vector_get(v, "acks");
	size_t n = json_array_size(list);

	assert_true(n <= 256);
	for (size_t i = 0; i < n; i++)
		item[i] = vector_item(list, i);
	return n;
}

/* The golden acks: each gets a proof that holds alone, under its own domain only. */
static void test_ack_vectors(void **state)
{
	struct nrm_slice item[256];
	struct nrm_proof proof[256];
	struct nrm_verifying_key *key;
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("acks.accepted"), i, v)
	{
		size_t n = ack_items(v, item);
		assert_int_equal(nrm_verifying_key_new(vector_fixed(v, "signing_public", 32), &key),
				 NRM_OK);
		assert_int_equal(nrm_acks_verify((struct nrm_slices){item, n},
						 vector_bytes(v, "signature"), key, &messages_arena,
						 proof),
				 NRM_OK);
		for (size_t j = 0; j < n; j++) {
			struct nrm_hash leaf = nrm_leaf_hash(item[j]);
			assert_int_equal(
				nrm_proof_verify(&proof[j], NRM_DOMAIN_ACKS, leaf.bytes, key),
				NRM_OK);
			assert_int_equal(
				nrm_proof_verify(&proof[j], NRM_DOMAIN_STATEMENTS, leaf.bytes, key),
				NRM_ERR_SIGNATURE);
		}
		nrm_verifying_key_free(key);
	}
}

static void test_ack_vectors_refused(void **state)
{
	struct nrm_slice item[256];
	struct nrm_proof proof[256];
	struct nrm_verifying_key *key;
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("acks.refused"), i, v)
	{
		struct nrm_slices acks = {item, ack_items(v, item)};
		assert_int_equal(nrm_verifying_key_new(vector_fixed(v, "signing_public", 32), &key),
				 NRM_OK);
		if (nrm_acks_verify(acks, vector_bytes(v, "signature"), key, &messages_arena,
				    proof) == NRM_OK)
			fail_msg("accepted: %s", vector_text(v, "what"));
		nrm_verifying_key_free(key);
	}
}

static void test_refusal_codes(void **state)
{
	(void)state;
	assert_int_equal(nrm_refusal_of(NRM_OK), NRM_REFUSAL_ABSENT);
	assert_int_equal(nrm_refusal_of(NRM_ERR_SIGNATURE), NRM_REFUSAL_BAD_SIGNATURE);
	assert_int_equal(nrm_refusal_of(NRM_ERR_PROOF), NRM_REFUSAL_BAD_PATH);
	assert_int_equal(nrm_refusal_of(NRM_ERR_VERSION), NRM_REFUSAL_VERSION_TOO_NEW);
	assert_int_equal(nrm_refusal_of(NRM_ERR_END_), NRM_REFUSAL_MALFORMED);
	for (enum nrm_err err = NRM_OK + 1; err < NRM_ERR_END_; err++)
		assert_int_not_equal(nrm_refusal_of(err), NRM_REFUSAL_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ack),	      cmocka_unit_test(test_ack_refused),
		cmocka_unit_test(test_ack_vectors),   cmocka_unit_test(test_ack_vectors_refused),
		cmocka_unit_test(test_refusal_codes),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
