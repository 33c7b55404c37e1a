/*
 * Sealing: padding, keys, commitments, against the golden vectors and against what must not open.
 */
#include "tests/unit/messages.h"
#include "tests/unit/vectors.h"

static void test_padding_lengths(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("padding.lengths"), i, v)
		assert_int_equal(nrm_padded_len(vector_number(v, "plaintext_length")),
				 vector_number(v, "padded_length"));
	assert_int_equal(nrm_padded_len(vector_number(vectors("padding"), "too_long")), 0);
	assert_int_equal(nrm_padded_len(SIZE_MAX), 0);
}

static void test_padding(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("padding.padded"), i, v)
	{
		struct nrm_slice plaintext = vector_bytes(v, "plaintext"),
				 padded = vector_bytes(v, "padded"), got;
		uint8_t *out = malloc(padded.len);
		assert_non_null(out);
		assert_int_equal(nrm_padded_len(plaintext.len), padded.len);
		nrm_pad(plaintext, out);
		assert_bytes(nrm_slice(out, padded.len), padded);
		free(out);
		assert_int_equal(nrm_unpad(padded, &got), NRM_OK);
		assert_bytes(got, plaintext);
	}
}

static void test_padding_refused(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("padding.refused"), i, v)
	{
		struct nrm_slice got;
		if (nrm_unpad(vector_bytes(v, "padded"), &got) != NRM_ERR_PADDING)
			fail_msg("accepted: %s", vector_text(v, "what"));
	}
}

/* Every length there is comes back, and is padded to the least size of the list. */
static void test_padding_all_lengths(void **state)
{
	static uint8_t plain[NRM_MAX_PLAINTEXT], padded[NRM_MAX_PLAINTEXT + 1];
	size_t before = 32;

	(void)state;
	memset(plain, 0x80, sizeof(plain));
	for (size_t len = 0; len <= NRM_MAX_PLAINTEXT; len += len < 5000 ? 1 : 61) {
		struct nrm_slice got;
		size_t n = nrm_padded_len(len);
		assert_true(n > len && n >= before && n <= sizeof(padded));
		before = n;
		nrm_pad(nrm_slice(plain, len), padded);
		assert_int_equal(nrm_unpad(nrm_slice(padded, n), &got), NRM_OK);
		assert_int_equal(got.len, len);
	}
}

static void check_field(const struct nrm_hpke *ctx, const json_t *v)
{
	enum nrm_field field = (enum nrm_field)vector_number(v, "field");
	struct nrm_slice plaintext = vector_bytes(v, "plaintext"),
			 want = vector_bytes(v, "ciphertext");
	uint8_t context[15] = "nrm/v1/field", key[44], commitment[32];
	uint8_t *ciphertext = malloc(want.len);
	struct nrm_buf out = {0};

	nrm_store_u16(context + 13, (uint16_t)field);
	assert_int_equal(nrm_hpke_export(ctx, nrm_slice(context, 15), key, sizeof(key)), NRM_OK);
	assert_memory_equal(key, vector_fixed(v, "key", 32), 32);
	assert_memory_equal(key + 32, vector_fixed(v, "nonce", 12), 12);
	assert_int_equal(nrm_padded_len(plaintext.len), vector_number(v, "padded_length"));
	assert_int_equal(want.len, vector_number(v, "padded_length") + 16);

	assert_non_null(ciphertext);
	assert_int_equal(nrm_field_seal(ctx, field, plaintext, vector_fixed(v, "salt", 16),
					ciphertext, commitment),
			 NRM_OK);
	assert_memory_equal(ciphertext, want.data, want.len);
	assert_memory_equal(commitment, vector_fixed(v, "commitment", 32), 32);

	nrm_buf_put(&out, "before", 6);
	assert_int_equal(nrm_field_open(ctx, field, want, &out), NRM_OK);
	assert_int_equal(out.len, 6 + plaintext.len);
	assert_bytes(nrm_slice(out.data + 6, out.len - 6), plaintext);

	/* A neighbour's key does not open it, and nothing is left in the buffer. */
	assert_int_equal(nrm_field_open(ctx, field - 1, want, &out), NRM_ERR_OPEN);
	assert_int_equal(nrm_field_open(ctx, field, nrm_slice(want.data, 16), &out), NRM_ERR_OPEN);
	assert_int_equal(out.len, 6 + plaintext.len);
	nrm_buf_done(&out);
	free(ciphertext);
}

static void test_sealing(void **state)
{
	const json_t *v, *field;
	size_t i, j;

	(void)state;
	json_array_foreach(vectors("sealing"), i, v)
	{
		const uint8_t *public_key = vector_fixed(v, "recipient_sealing_public", 32);
		const uint8_t *secret = vector_fixed(v, "recipient_sealing_secret", 32);
		uint8_t recipient_key[8], encapsulated[32], key_check[32];
		struct nrm_hpke sender, recipient;
		struct nrm_buf info = {0};

		assert_int_equal(nrm_seal_info(vector_fixed(v, "message_id", 16),
					       vector_fixed(v, "case_id", 16),
					       nrm_slice_str(vector_text(v, "sender")),
					       nrm_slice_str(vector_text(v, "recipient")), &info),
				 NRM_OK);
		assert_bytes(nrm_buf_slice(&info), vector_bytes(v, "info"));
		nrm_recipient_key(public_key, recipient_key);
		assert_memory_equal(recipient_key, vector_fixed(v, "recipient_key", 8), 8);

		assert_int_equal(nrm_hpke_sender(&sender, public_key, nrm_buf_slice(&info),
						 vector_fixed(v, "ephemeral_secret", 32),
						 encapsulated),
				 NRM_OK);
		assert_memory_equal(encapsulated, vector_fixed(v, "encapsulated_key", 32), 32);
		assert_memory_equal(sender.exporter_secret, vector_fixed(v, "exporter_secret", 32),
				    32);
		assert_int_equal(
			nrm_hpke_recipient(&recipient, secret, encapsulated, nrm_buf_slice(&info)),
			NRM_OK);
		assert_memory_equal(recipient.exporter_secret, sender.exporter_secret, 32);
		assert_int_equal(nrm_key_check(&recipient, key_check), NRM_OK);
		assert_memory_equal(key_check, vector_fixed(v, "key_check", 32), 32);

		json_array_foreach(vector_get(v, "fields"), j, field)
			check_field(&recipient, field);
		nrm_hpke_done(&sender);
		nrm_hpke_done(&recipient);
		nrm_buf_done(&info);
	}
}

/* What a recipient does with what it has, as nrm_statement_open() and nrm_field_open() do it. */
static enum nrm_err open_vector(const json_t *v)
{
	struct nrm_hpke ctx = {0};
	struct nrm_buf out = {0};
	uint8_t key_check[32];
	enum nrm_err err = nrm_hpke_recipient(&ctx, vector_fixed(v, "recipient_sealing_secret", 32),
					      vector_fixed(v, "encapsulated_key", 32),
					      vector_bytes(v, "info"));

	if (err == NRM_OK)
		err = nrm_key_check(&ctx, key_check);
	if (err == NRM_OK && memcmp(key_check, vector_fixed(v, "key_check", 32), 32) != 0)
		err = NRM_ERR_OPEN;
	if (err == NRM_OK)
		err = nrm_field_open(&ctx, (enum nrm_field)vector_number(v, "field"),
				     vector_bytes(v, "ciphertext"), &out);
	nrm_hpke_done(&ctx);
	nrm_buf_done(&out);
	return err;
}

static void test_sealing_refused(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("sealing_refused"), i, v) if (open_vector(v) == NRM_OK)
		fail_msg("opened: %s", vector_text(v, "what"));
}

static void test_info_limits(void **state)
{
	static const char id[256] = {0};
	struct nrm_buf out = {0};
	const uint8_t zeros[16] = {0};

	(void)state;
	assert_int_equal(nrm_seal_info(zeros, zeros, nrm_slice(id, 256), nrm_slice(id, 1), &out),
			 NRM_ERR_LIMIT);
	assert_int_equal(nrm_seal_info(zeros, zeros, nrm_slice(id, 1), nrm_slice(id, 256), &out),
			 NRM_ERR_LIMIT);
	assert_int_equal(out.len, 0);
	assert_int_equal(nrm_seal_info(zeros, zeros, nrm_slice(id, 255), nrm_slice(id, 255), &out),
			 NRM_OK);
	assert_int_equal(out.len, 12 + 32 + 2 * 256);
	nrm_buf_done(&out);
}

/* From a sender's values to a recipient's, through bytes. */
static void test_statement(void **state)
{
	struct nrm_envelope e = messages_envelope(1, MESSAGES_FIELDS);
	struct nrm_statement s;
	struct nrm_hpke ctx;
	struct nrm_buf out = {0};

	(void)state;
	assert_int_equal(nrm_statement_decode(e.statement, &messages_arena, &s), NRM_OK);
	assert_int_equal(s.commitment.n, MESSAGES_FIELDS);
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_OK);
	for (size_t i = MESSAGES_FIELDS; i-- > 0;) { /* in any order */
		nrm_buf_clear(&out);
		assert_int_equal(
			nrm_field_open(&ctx, e.field[i].field, e.field[i].ciphertext, &out),
			NRM_OK);
		assert_slices(nrm_buf_slice(&out), nrm_slice("an invented value", i + 5));
	}
	nrm_hpke_done(&ctx);
	nrm_buf_done(&out);
}

/* Another key, and every part of the statement that the sealing binds. */
static void test_statement_not_opened(void **state)
{
	struct nrm_statement good, s;
	uint8_t other[NRM_KEY_LEN] = "another shelter's sealing secret", changed[32] = {0};
	struct nrm_hpke ctx;

	(void)state;
	assert_int_equal(
		nrm_statement_decode(messages_envelope(1, 1).statement, &messages_arena, &good),
		NRM_OK);
	assert_int_equal(nrm_statement_open(&good, other, &ctx), NRM_ERR_OPEN);
	s = good, s.message_id = messages_id(2);
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_ERR_OPEN);
	s = good, s.case_id = nrm_slice("case-0123456789b", 16);
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_ERR_OPEN);
	s = good, s.sender = nrm_slice_str("TH.police-2");
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_ERR_OPEN);
	s = good, s.recipient = nrm_slice_str("TH.shelter-2");
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_ERR_OPEN);
	s = good, s.key_check = nrm_slice(changed, 32);
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_ERR_OPEN);
	s = good, s.encapsulated_key = nrm_slice(changed, 32); /* its shared secret is all zero */
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_ERR_OPEN);
	s = good, s.encapsulated_key.len = 0;
	assert_int_equal(nrm_statement_open(&s, sealing_secret, &ctx), NRM_ERR_OPEN);
}

static void test_statement_values(void **state)
{
	static const uint8_t large[NRM_MAX_PLAINTEXT + 1] = {0};
	struct nrm_field_value value[2] = {{NRM_FIELD_GENDER, {large, 1}},
					   {NRM_FIELD_GENDER, {large, 1}}};
	struct nrm_statement s = messages_statement(1), before = s;
	const struct nrm_sealed_field *field = NULL;
	uint8_t key[NRM_KEY_LEN], zero[NRM_KEY_LEN] = {0};

	(void)state;
	assert_int_equal(nrm_x25519_public(sealing_secret, key), NRM_OK);
	assert_int_equal(nrm_statement_seal(&s, value, 2, key, &messages_arena, &field),
			 NRM_ERR_DUPLICATE);
	value[1].field = NRM_FIELD_GIVEN_NAME;
	assert_int_equal(nrm_statement_seal(&s, value, 2, key, &messages_arena, &field),
			 NRM_ERR_ARGUMENT);
	value[1].field = NRM_FIELD_END_;
	assert_int_equal(nrm_statement_seal(&s, value, 2, key, &messages_arena, &field),
			 NRM_ERR_UNKNOWN_CODE);
	value[1].field = NRM_FIELD_WISHES;
	value[1].plaintext.len = sizeof(large);
	assert_int_equal(nrm_statement_seal(&s, value, 2, key, &messages_arena, &field),
			 NRM_ERR_LIMIT);
	value[1].plaintext.len--;
	assert_int_equal(nrm_statement_seal(&s, value, 2, zero, &messages_arena, &field),
			 NRM_ERR_KEY);
	assert_null(field);
	assert_memory_equal(&s, &before, sizeof(s)); /* untouched by what failed */
	assert_int_equal(nrm_statement_seal(&s, value, 2, key, &messages_arena, &field), NRM_OK);
	assert_int_equal(field[1].ciphertext.len, NRM_MAX_CIPHERTEXT);
	assert_true(nrm_slice_compare(s.commitment.item[0], s.commitment.item[1]) < 0);

	assert_int_equal(nrm_statement_seal(&s, NULL, 0, key, &messages_arena, &field), NRM_OK);
	assert_int_equal(
		s.recipient_key.len + s.key_check.len + s.encapsulated_key.len + s.commitment.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_padding_lengths),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_padding_refused),
		cmocka_unit_test(test_padding_all_lengths),
		cmocka_unit_test(test_sealing),
		cmocka_unit_test(test_sealing_refused),
		cmocka_unit_test(test_info_limits),
		cmocka_unit_test(test_statement),
		cmocka_unit_test(test_statement_not_opened),
		cmocka_unit_test(test_statement_values),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
