/*
 * Envelopes: sealed, redacted, spoilt. What was signed is what arrives, or nothing.
 */
#include "tests/unit/messages.h"

static const nrm_mask all = ~(nrm_mask)0;

static const struct nrm_slice none = {NULL, 0};

static struct nrm_slice encoded(const struct nrm_envelope *e, nrm_mask keep)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_envelope_encode(e, keep, &buf), NRM_OK);
	return messages_keep(&buf);
}

/* As a recipient judges it: fields may be missing. */
static enum nrm_err receive(struct nrm_slice bytes, struct nrm_arena *arena,
			    const struct nrm_verified **ret_verified)
{
	struct nrm_envelope e;
	enum nrm_err err = nrm_envelope_decode(bytes, arena, &e);

	return err == NRM_OK ? nrm_envelope_verify(&e, sender_public, arena, ret_verified) : err;
}

/* As the broker judges it: fields match their commitments one to one. */
static enum nrm_err submit(const struct nrm_envelope *e, struct nrm_slice signature)
{
	const struct nrm_verified *v;
	enum nrm_err err;

	nrm_submit_verify(e, 1, signature, sender_public, &messages_arena, &v, &err);
	assert_true((v != NULL) == (err == NRM_OK));
	return err;
}

static void test_round_trip(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, MESSAGES_FIELDS));
	const struct nrm_verified *v;
	uint8_t digest[32];

	(void)state;
	assert_int_equal(submit(&e, none), NRM_OK);
	assert_int_equal(receive(encoded(&e, all), &messages_arena, &v), NRM_OK);
	nrm_statement_digest(e.statement, digest);
	assert_memory_equal(nrm_verified_digest(v), digest, 32);
	assert_true(
		nrm_slice_equal(nrm_verified_statement(v)->sender, nrm_slice_str("TH.police-1")));
	assert_true(nrm_verified_fields(v) == ((nrm_mask)1 << (MESSAGES_FIELDS + 1)) - 2);
	assert_true(nrm_verified_envelope(v)->has_proof);
	assert_slices(encoded(nrm_verified_envelope(v), all), encoded(&e, all));
}

static void test_no_fields(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, 0));
	const struct nrm_verified *v;

	(void)state;
	assert_int_equal(submit(&e, none), NRM_OK);
	assert_int_equal(receive(encoded(&e, all), &messages_arena, &v), NRM_OK);
	assert_true(nrm_verified_fields(v) == 0);
}

/* Every subset of the fields arrives, verifies, and shows how many were withheld. The broker takes only the whole. */
static void test_redaction(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, MESSAGES_FIELDS));
	const nrm_mask declared = ((nrm_mask)1 << (MESSAGES_FIELDS + 1)) - 2;

	(void)state;
	for (nrm_mask keep = 0; keep <= declared; keep += 2) {
		struct nrm_arena arena;
		struct nrm_envelope left;
		const struct nrm_verified *v, *at_broker;
		enum nrm_err err;
		struct nrm_buf buf = {0};

		nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
		assert_int_equal(nrm_envelope_encode(&e, keep, &buf), NRM_OK);
		assert_int_equal(receive(nrm_buf_slice(&buf), &arena, &v), NRM_OK);
		assert_true(nrm_verified_fields(v) == keep);
		assert_int_equal(nrm_verified_statement(v)->commitment.n -
					 nrm_verified_envelope(v)->n_fields,
				 MESSAGES_FIELDS - __builtin_popcountll(keep));

		assert_int_equal(nrm_envelope_decode(nrm_buf_slice(&buf), &arena, &left), NRM_OK);
		nrm_submit_verify(&left, 1, none, sender_public, &arena, &at_broker, &err);
		assert_int_equal(err, keep == declared ? NRM_OK : NRM_ERR_COMMITMENT);
		nrm_buf_done(&buf);
		nrm_arena_done(&arena);
	}
}

/* A sealed field that is not one of those signed. */
static void test_changed_fields(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, 3));
	struct nrm_envelope other = messages_envelope(1, 3);
	struct nrm_sealed_field field[4];
	const struct nrm_verified *v = NULL;

	(void)state;
	memcpy(field, e.field, 3 * sizeof(*field));
	e.field = field;
	assert_int_equal(submit(&e, none), NRM_OK);

	field[1].ciphertext = other.field[1].ciphertext;
	assert_int_equal(submit(&e, none), NRM_ERR_COMMITMENT);
	assert_int_equal(nrm_envelope_verify(&e, sender_public, &messages_arena, &v),
			 NRM_ERR_COMMITMENT);
	field[1].ciphertext = field[0].ciphertext; /* one that was signed, for another field */
	assert_int_equal(nrm_envelope_verify(&e, sender_public, &messages_arena, &v),
			 NRM_ERR_COMMITMENT);
	memcpy(field, messages_envelope(1, 3).field, sizeof(*field));
	field[1] = field[0], field[2] = field[0];
	assert_int_equal(submit(&e, none), NRM_ERR_COMMITMENT);
	assert_null(v);
}

static void test_field_numbers(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, 3));
	struct nrm_sealed_field field[4];
	const struct nrm_verified *v = NULL;

	(void)state;
	memcpy(field, e.field, 3 * sizeof(*field));
	e.field = field;
	field[3] = field[2], e.n_fields = 4; /* one more, twice the same */
	assert_int_equal(submit(&e, none), NRM_ERR_DUPLICATE);
	assert_int_equal(nrm_envelope_verify(&e, sender_public, &messages_arena, &v),
			 NRM_ERR_DUPLICATE);
	field[3].field = NRM_FIELD_WISHES; /* one more, never signed */
	assert_int_equal(submit(&e, none), NRM_ERR_COMMITMENT);
	field[3].field = NRM_FIELD_END_;
	assert_int_equal(submit(&e, none), NRM_ERR_UNKNOWN_CODE);
	field[3].field = NRM_FIELD_ABSENT;
	assert_int_equal(submit(&e, none), NRM_ERR_UNKNOWN_CODE);
	e.n_fields = 2; /* one less */
	assert_int_equal(submit(&e, none), NRM_ERR_COMMITMENT);
	assert_int_equal(nrm_envelope_verify(&e, sender_public, &messages_arena, &v), NRM_OK);
}

/* What the form of an envelope forbids. */
static void test_decoding_refused(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, 3)), out;
	struct nrm_sealed_field field[NRM_MAX_FIELDS + 1];
	static uint8_t bytes[NRM_MAX_CIPHERTEXT + 4096];

	(void)state;
	const struct nrm_sealed_field *good = e.field;
#define DECODED(what) (what, nrm_envelope_decode(encoded(&e, all), &messages_arena, &out))
#define RESET()	      (memcpy(field, good, 3 * sizeof(*field)), e.field = field, e.n_fields = 3)
	RESET();
	assert_int_equal(DECODED((void)0), NRM_OK);
	assert_int_equal(DECODED(field[1].field = NRM_FIELD_GIVEN_NAME), NRM_ERR_DUPLICATE);
	assert_int_equal(DECODED(field[0].field = NRM_FIELD_BIRTH_DATE), NRM_ERR_CANONICAL);
	assert_int_equal(DECODED((RESET(), field[0].salt.len = 15)), NRM_ERR_FORMAT);
	assert_int_equal(DECODED((RESET(), field[0].ciphertext.len = 16)), NRM_ERR_FORMAT);
	assert_int_equal(DECODED((RESET(), field[0].ciphertext.len = 0)), NRM_ERR_FORMAT);
	assert_int_equal(DECODED((RESET(), field[0].ciphertext = nrm_slice(bytes, 49))),
			 NRM_ERR_FORMAT);
	assert_int_equal(DECODED(field[0].ciphertext = nrm_slice(bytes, 64 + 16)), NRM_OK);
	assert_int_equal(DECODED(field[0].ciphertext = nrm_slice(bytes, 96 + 16)), NRM_ERR_FORMAT);
	assert_int_equal(DECODED(field[0].ciphertext = nrm_slice(bytes, NRM_MAX_CIPHERTEXT)),
			 NRM_OK);
	assert_int_equal(DECODED(field[0].ciphertext = nrm_slice(bytes, NRM_MAX_CIPHERTEXT + 4096)),
			 NRM_ERR_LIMIT);
	for (size_t i = 0; i <= NRM_MAX_FIELDS; i++)
		field[i] = good[0];
	assert_int_equal(DECODED(e.n_fields = NRM_MAX_FIELDS), NRM_ERR_DUPLICATE);
	assert_int_equal(DECODED(e.n_fields = NRM_MAX_FIELDS + 1), NRM_ERR_LIMIT);
	RESET();
	e.statement.len = 0;
	assert_int_equal(DECODED((void)0), NRM_ERR_FORMAT);
	e.statement = nrm_slice(bytes, NRM_MAX_STATEMENT + 1);
	assert_int_equal(DECODED((void)0), NRM_ERR_LIMIT);
#undef RESET
#undef DECODED
}

/* More than 256 KiB neither leaves nor arrives. */
static void test_size(void **state)
{
	static uint8_t bytes[NRM_MAX_ENVELOPE + 1];
	struct nrm_envelope e = messages_signed(messages_envelope(1, 0)), out;
	struct nrm_sealed_field field[5];
	struct nrm_buf buf = {0};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		field[i] = (struct nrm_sealed_field){(enum nrm_field)(i + 1), nrm_slice(bytes, 16),
						     nrm_slice(bytes, 61440 + 16)};
	e.field = field, e.n_fields = 4;
	assert_int_equal(nrm_envelope_encode(&e, all, &buf), NRM_OK);
	e.n_fields = 5;
	size_t before = buf.len;
	assert_int_equal(nrm_envelope_encode(&e, all, &buf), NRM_ERR_LIMIT);
	assert_int_equal(buf.len, before);
	nrm_buf_done(&buf);
	assert_int_equal(
		nrm_envelope_decode(nrm_slice(bytes, sizeof(bytes)), &messages_arena, &out),
		NRM_ERR_LIMIT);
}

/* An element that is not known, an empty one, a field without a number, one that no dictionary has. */
static void test_unknown(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, 1)), out;
	struct nrm_slice good = encoded(&e, all);
	static const struct {
		const char *tail;
		enum nrm_err err;
	} spoilt[] = {
		{"2001", NRM_ERR_UNKNOWN_ELEMENT}, {"1a022001", NRM_ERR_UNKNOWN_ELEMENT},
		{"1a00", NRM_ERR_UNKNOWN_CODE},	   {"1a02083a", NRM_ERR_UNKNOWN_CODE},
		{"1a0208", NRM_ERR_FORMAT},	   {"0a0161", NRM_ERR_CANONICAL},
		{"1200", NRM_ERR_CANONICAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct nrm_slice tail = messages_unhex(spoilt[i].tail);
		struct nrm_buf buf = {0};
		nrm_buf_put(&buf, good.data, good.len);
		nrm_buf_put(&buf, tail.data, tail.len);
		assert_int_equal(nrm_envelope_decode(messages_keep(&buf), &messages_arena, &out),
				 spoilt[i].err);
	}
}

static void refused(struct nrm_slice spoiled, size_t bit, void *with)
{
	const size_t *declared = with;
	struct nrm_arena arena;
	struct nrm_envelope e;
	const struct nrm_verified *v = NULL;
	enum nrm_err err;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	err = nrm_envelope_decode(spoiled, &arena, &e);
	if (err == NRM_OK) {
		nrm_submit_verify(&e, 1, none, sender_public, &arena, &v, &err);
		if (err == NRM_OK)
			fail_msg("the broker takes it with bit %zu flipped", bit);
		/* A recipient may be left whole fields short, and nothing else. */
		err = nrm_envelope_verify(&e, sender_public, &arena, &v);
		if (err == NRM_OK && (bit != SIZE_MAX || e.n_fields >= *declared))
			fail_msg("the recipient takes it with bit %zu flipped", bit);
	}
	nrm_arena_done(&arena);
}

static void test_spoiled(void **state)
{
	struct nrm_envelope e = messages_signed(messages_envelope(1, MESSAGES_FIELDS));
	size_t declared = MESSAGES_FIELDS;

	(void)state;
	messages_spoil(encoded(&e, all), refused, &declared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_no_fields),
		cmocka_unit_test(test_redaction),     cmocka_unit_test(test_changed_fields),
		cmocka_unit_test(test_field_numbers), cmocka_unit_test(test_decoding_refused),
		cmocka_unit_test(test_size),	      cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_spoiled),
	};

	return cmocka_run_group_tests(tests, messages_init, messages_done);
}
