#include "tests/unit/note_keys.h"

#include "proto/base/limits.h"

static enum nrm_err open_note(struct nrm_slice note)
{
	struct nrm_checkpoint cp;
	uint64_t cosigned;

	return nrm_note_open(note, &log_key, witness, WITNESSES, &cp, &cosigned);
}

static void check_key_text(const json_t *v, const struct nrm_note_key *key)
{
	const char *text = vector_text(v, "verifier_key");
	struct nrm_note_key parsed;
	struct nrm_buf out = {0};

	assert_memory_equal(key->id, vector_fixed(v, "key_id", 4), 4);
	nrm_note_key_format(key, &out);
	assert_bytes(nrm_buf_slice(&out), nrm_slice_str(text));
	assert_int_equal(nrm_note_key_parse(nrm_slice_str(text), &parsed), NRM_OK);
	assert_memory_equal(&parsed, key, sizeof(parsed));

	/* Its text has one form: no prefix and no changed bit is this key or breaks the parser. */
	for (size_t len = 0; len < out.len; len++)
		assert_int_not_equal(nrm_note_key_parse(nrm_slice(out.data, len), &parsed), NRM_OK);
	for (size_t bit = 0; bit < 8 * out.len; bit++) {
		out.data[bit / 8] ^= 1u << bit % 8;
		assert_int_not_equal(nrm_note_key_parse(nrm_buf_slice(&out), &parsed), NRM_OK);
		out.data[bit / 8] ^= 1u << bit % 8;
	}
	nrm_buf_done(&out);
}

static void keys_have_one_text_form(void **state)
{
	(void)state;
	check_key_text(vectors("notes.log"), &log_key);
	for (size_t i = 0; i < WITNESSES; i++)
		check_key_text(json_array_get(vectors("notes.witnesses"), i), &witness[i]);
}

static void bad_names_types_and_keys_are_refused(void **state)
{
	static const char *const bad[] = {"",	  " ",	  "a b",   "a+b",
					  "a\nb", "a\tb", "a\x7f", "caf\xc3\xa9"};
	char longest[NRM_MAX_KEY_NAME + 2] = {0};
	struct nrm_note_key key;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(nrm_note_key_make(bad[i], NRM_NOTE_LOG, log_key.public_key, &key),
				 NRM_ERR_FORMAT);
	memset(longest, 'a', NRM_MAX_KEY_NAME);
	assert_int_equal(nrm_note_key_make(longest, NRM_NOTE_LOG, log_key.public_key, &key),
			 NRM_OK);
	longest[NRM_MAX_KEY_NAME] = 'a';
	assert_int_equal(nrm_note_key_make(longest, NRM_NOTE_LOG, log_key.public_key, &key),
			 NRM_ERR_FORMAT);
	assert_int_equal(nrm_note_key_make("a", 0x02, log_key.public_key, &key), NRM_ERR_FORMAT);
	assert_int_equal(nrm_note_key_make("a", NRM_NOTE_LOG, (uint8_t[NRM_KEY_LEN]){1}, &key),
			 NRM_ERR_KEY);
}

static void opens_the_published_note(void **state)
{
	const json_t *v = vectors("notes.published");
	struct nrm_slice note = nrm_slice_str(vector_text(v, "note")), text;
	struct nrm_note_key key;
	uint64_t cosigned;

	(void)state;
	assert_int_equal(nrm_note_key_parse(nrm_slice_str(vector_text(v, "verifier_key")), &key),
			 NRM_OK);
	assert_int_equal(nrm_note_verify(note, &key, NULL, 0, &text, &cosigned), NRM_OK);
	assert_bytes(text, nrm_slice_str("This is an example message.\n"));
	assert_int_equal(nrm_note_verify(note, &log_key, NULL, 0, &text, &cosigned),
			 NRM_ERR_SIGNATURE);

	struct nrm_checkpoint cp;
	assert_int_equal(nrm_note_open(note, &key, NULL, 0, &cp, &cosigned), NRM_ERR_FORMAT);
}

static void opens_the_accepted_notes(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("notes.accepted"), i, v)
	{
		struct nrm_slice note = nrm_slice_str(vector_text(v, "note"));
		struct nrm_checkpoint cp;
		uint64_t cosigned;
		assert_int_equal(nrm_note_open(note, &log_key, witness, WITNESSES, &cp, &cosigned),
				 NRM_OK);
		assert_string_equal(cp.origin, json_string_value(vectors("notes.origin")));
		assert_int_equal(cp.size, vector_number(v, "size"));
		assert_memory_equal(cp.root.bytes, vector_fixed(v, "root", NRM_HASH_LEN),
				    NRM_HASH_LEN);
		assert_int_equal(cosigned, named_in(vector_get(v, "cosigned_by")));
		assert_int_equal(nrm_note_open(note, &log_key, NULL, 0, &cp, &cosigned), NRM_OK);
		assert_int_equal(cosigned, 0);
	}
	assert_true(i > 0);
}

static void refuses_the_refused_notes(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("notes.refused"), i,
			   v) if (open_note(nrm_slice_str(vector_text(v, "note"))) == NRM_OK)
		fail_msg("accepted: %s", vector_text(v, "what"));
	assert_true(i > 0);
}

/* Signs and cosigns what the second accepted vector shows, at the vectors' times, byte for byte. */
static void signs_and_cosigns_as_the_vectors(void **state)
{
	const json_t *want = json_array_get(vectors("notes.accepted"), 1), *v;
	struct nrm_checkpoint cp = {.size = vector_number(want, "size")};
	struct nrm_buf note = {0};
	size_t i;

	(void)state;
	strcpy(cp.origin, log_key.name);
	memcpy(cp.root.bytes, vector_fixed(want, "root", NRM_HASH_LEN), NRM_HASH_LEN);
	assert_int_equal(nrm_note_sign(&cp, &log_key, log_secret, &note), NRM_OK);
	v = json_array_get(vectors("notes.accepted"), 0);
	assert_bytes(nrm_buf_slice(&note), nrm_slice_str(vector_text(v, "note")));
	json_array_foreach(vectors("notes.cosigned_messages"), i, v) assert_int_equal(
		nrm_note_cosign(&note, vector_number(v, "time"), &witness[i], witness_secret[i]),
		NRM_OK);
	assert_bytes(nrm_buf_slice(&note), nrm_slice_str(vector_text(want, "note")));
	nrm_buf_done(&note);
}

/* What each witness signs, as the vectors give it, under the signature that its line carries. */
static void cosigned_messages_are_what_is_signed(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("notes.cosigned_messages"), i, v)
	{
		struct nrm_slice message = nrm_slice_str(vector_text(v, "message"));
		struct nrm_buf blob = {0}, line = {0};
		uint8_t signature[NRM_SIGNATURE_LEN];
		assert_int_equal(nrm_sign(witness_secret[i], message, signature), NRM_OK);
		nrm_buf_put(&blob, witness[i].id, 4);
		nrm_buf_put_u64(&blob, vector_number(v, "time"));
		nrm_buf_put(&blob, signature, sizeof(signature));
		nrm_base64_put(&line, nrm_buf_slice(&blob));
		const char *note =
			vector_text(json_array_get(vectors("notes.accepted"), 1), "note");
		assert_non_null(memmem(note, strlen(note), line.data, line.len));
		nrm_buf_done(&blob);
		nrm_buf_done(&line);
	}
	assert_int_equal(i, WITNESSES);
}

static void signing_refuses_keys_that_do_not_fit(void **state)
{
	struct nrm_checkpoint cp = {.size = 1};
	struct nrm_buf note = {0};

	(void)state;
	strcpy(cp.origin, log_key.name);
	assert_int_equal(nrm_note_sign(&cp, &log_key, witness_secret[0], &note), NRM_ERR_KEY);
	assert_int_equal(nrm_note_sign(&cp, &witness[0], witness_secret[0], &note),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_note_cosign(&note, 1, &witness[0], witness_secret[0]), NRM_ERR_FORMAT);
	assert_int_equal(note.len, 0);
	assert_int_equal(nrm_note_sign(&cp, &log_key, log_secret, &note), NRM_OK);
	size_t len = note.len;
	assert_int_equal(nrm_note_cosign(&note, 1, &witness[0], witness_secret[1]), NRM_ERR_KEY);
	assert_int_equal(nrm_note_cosign(&note, 1, &log_key, log_secret), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_note_cosign(&note, 1ull << 63, &witness[0], witness_secret[0]),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(note.len, len);
	strcpy(cp.origin, "nrm/LA");
	assert_int_equal(nrm_note_sign(&cp, &log_key, log_secret, &note), NRM_ERR_ARGUMENT);
	nrm_buf_done(&note);
}

static void no_truncation_or_bit_flip_passes(void **state)
{
	const json_t *v = json_array_get(vectors("notes.accepted"), 0);
	struct nrm_buf note = {0};

	(void)state;
	nrm_buf_put(&note, vector_text(v, "note"), strlen(vector_text(v, "note")));
	for (size_t len = 0; len < note.len; len++)
		assert_int_not_equal(open_note(nrm_slice(note.data, len)), NRM_OK);
	for (size_t bit = 0; bit < 8 * note.len; bit++) {
		note.data[bit / 8] ^= 1u << bit % 8;
		assert_int_not_equal(open_note(nrm_buf_slice(&note)), NRM_OK);
		note.data[bit / 8] ^= 1u << bit % 8;
	}
	assert_int_equal(open_note(nrm_buf_slice(&note)), NRM_OK);
	nrm_buf_done(&note);
}

/* A good note with one more signature line. */
static enum nrm_err open_with_line(const char *line)
{
	struct nrm_buf note = {0};
	const char *good = vector_text(json_array_get(vectors("notes.accepted"), 0), "note");

	nrm_buf_put(&note, good, strlen(good));
	nrm_buf_put(&note, line, strlen(line));
	enum nrm_err err = open_note(nrm_buf_slice(&note));
	nrm_buf_done(&note);
	return err;
}

static void unknown_lines_are_ignored_if_well_formed(void **state)
{
	static const struct {
		const char *line;
		bool accepted;
	} tries[] = {
		{"\xe2\x80\x94 someone AAAAAAA=\n", true},
		{"\xe2\x80\x94 caf\xc3\xa9.example AAAAAAA=\n", true},
		{"\xe2\x80\x94 nrm/TH AAAAAAA=\n", true},   /* the name alone is not the key */
		{"\xe2\x80\x94 someone AAAA\n", false},	    /* shorter than an id */
		{"\xe2\x80\x94 someone AAAAAA==\n", false}, /* nothing behind the id */
		{"\xe2\x80\x94 someone AAAAAAB=\n", false}, /* spare bits set */
		{"\xe2\x80\x94 someone AAAAAAA\n", false},
		{"\xe2\x80\x94 someone AAAAAAA=\r\n", false},
		{"\xe2\x80\x94 someone  AAAAAAA=\n", false},
		{"\xe2\x80\x94 some+one AAAAAAA=\n", false},
		{"\xe2\x80\x94  AAAAAAA=\n", false},
		{"\xe2\x80\x94 someone\n", false},
		{"\xe2\x80\x94 some\x01one AAAAAAA=\n", false},
		{"\xe2\x80\x94 \xc3\x28 AAAAAAA=\n", false},	     /* no UTF-8 */
		{"\xe2\x80\x94 \xc0\xaf AAAAAAA=\n", false},	     /* overlong */
		{"\xe2\x80\x94 \xed\xa0\x80 AAAAAAA=\n", false},     /* a surrogate */
		{"\xe2\x80\x94 \xf4\x90\x80\x80 AAAAAAA=\n", false}, /* beyond Unicode */
		{"\xe2\x80\x94 \xf0\x9f\x98\x80 AAAAAAA=\n", true},
		{"someone AAAAAAA=\n", false},
		{"\n", false},
		{"\n\xe2\x80\x94 someone AAAAAAA=\n", false}, /* moves the end of the text */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		if ((open_with_line(tries[i].line) == NRM_OK) != tries[i].accepted)
			fail_msg("line %zu is %s", i, tries[i].accepted ? "refused" : "accepted");
}

static void a_second_bad_signature_of_a_known_key_refuses(void **state)
{
	const char *line = vector_text(json_array_get(vectors("notes.refused"), 0), "note");
	const char *dash = strstr(line, "\n\n") + 2;

	(void)state;
	assert_int_equal(open_with_line(dash), NRM_ERR_SIGNATURE);
	dash = strstr(vector_text(json_array_get(vectors("notes.accepted"), 0), "note"), "\n\n") +
	       2;
	assert_int_equal(open_with_line(dash), NRM_OK);
}

/* A witness's line as nrm_note_cosign() would not make it: rightly signed, at any time. */
static enum nrm_err open_cosigned_at(uint64_t time)
{
	const char *body = json_string_value(vectors("notes.body"));
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_buf message = {0}, blob = {0}, line = {0};

	nrm_buf_put(&message, "cosignature/v1\ntime ", 20);
	nrm_decimal_put(&message, time);
	nrm_buf_put(&message, "\n", 1);
	nrm_buf_put(&message, body, strlen(body));
	assert_int_equal(nrm_sign(witness_secret[0], nrm_buf_slice(&message), signature), NRM_OK);
	nrm_buf_put(&blob, witness[0].id, 4);
	nrm_buf_put_u64(&blob, time);
	nrm_buf_put(&blob, signature, sizeof(signature));
	nrm_buf_put(&line, "\xe2\x80\x94 ", 4);
	nrm_buf_put(&line, witness[0].name, strlen(witness[0].name));
	nrm_buf_put(&line, " ", 1);
	nrm_base64_put(&line, nrm_buf_slice(&blob));
	nrm_buf_put(&line, "\n", 2); /* with a terminator */
	enum nrm_err err = open_with_line((const char *)line.data);
	nrm_buf_done(&message);
	nrm_buf_done(&blob);
	nrm_buf_done(&line);
	return err;
}

static void cosignatures_beyond_63_bits_of_time_are_refused(void **state)
{
	(void)state;
	assert_int_equal(open_cosigned_at(INT64_MAX), NRM_OK);
	assert_int_equal(open_cosigned_at(1ull << 63), NRM_ERR_SIGNATURE);
}

static void numbers_and_base64_have_one_form(void **state)
{
	static const char *const bad_numbers[] = {"",	"00", "01",  "-1", "+1",
						  " 1", "1 ", "0x1", "1a", "18446744073709551616"};
	static const struct {
		const char *bytes, *text;
	} rfc_4648[] = {{"", ""},
			{"f", "Zg=="},
			{"fo", "Zm8="},
			{"foo", "Zm9v"},
			{"foob", "Zm9vYg=="},
			{"fooba", "Zm9vYmE="},
			{"foobar", "Zm9vYmFy"}};
	static const char *const bad[] = {"Z",	  "Zg",	  "Zg=",      "Zh==", "Zm9=", "Zm8", "=AAA",
					  "A===", "====", "Zg==Zg==", "Zm-v", "Zm 9", "Zg=A"};
	struct nrm_buf buf = {0};
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_numbers) / sizeof(bad_numbers[0]); i++)
		assert_int_equal(nrm_decimal_read(nrm_slice_str(bad_numbers[i]), &n),
				 NRM_ERR_FORMAT);
	assert_int_equal(nrm_decimal_read(nrm_slice_str("18446744073709551615"), &n), NRM_OK);
	assert_int_equal(n, UINT64_MAX);
	assert_int_equal(nrm_decimal_read(nrm_slice_str("0"), &n), NRM_OK);
	assert_int_equal(n, 0);
	for (size_t i = 0; i < sizeof(rfc_4648) / sizeof(rfc_4648[0]); i++) {
		struct nrm_slice bytes = nrm_slice_str(rfc_4648[i].bytes);
		struct nrm_slice text = nrm_slice_str(rfc_4648[i].text);
		nrm_buf_clear(&buf);
		nrm_base64_put(&buf, bytes);
		assert_bytes(nrm_buf_slice(&buf), text);
		nrm_buf_clear(&buf);
		assert_int_equal(nrm_base64_read(text, &buf), NRM_OK);
		assert_bytes(nrm_buf_slice(&buf), bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(nrm_base64_read(nrm_slice_str(bad[i]), &buf), NRM_ERR_FORMAT);
	nrm_buf_done(&buf);
}

static void a_note_has_a_ceiling(void **state)
{
	static uint8_t large[NRM_MAX_NOTE + 1];

	(void)state;
	memset(large, '\n', sizeof(large));
	assert_int_equal(open_note(nrm_slice(large, sizeof(large))), NRM_ERR_LIMIT);
	assert_int_equal(open_note(nrm_slice(large, sizeof(large) - 1)), NRM_ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_one_text_form),
		cmocka_unit_test(bad_names_types_and_keys_are_refused),
		cmocka_unit_test(opens_the_published_note),
		cmocka_unit_test(opens_the_accepted_notes),
		cmocka_unit_test(refuses_the_refused_notes),
		cmocka_unit_test(signs_and_cosigns_as_the_vectors),
		cmocka_unit_test(cosigned_messages_are_what_is_signed),
		cmocka_unit_test(signing_refuses_keys_that_do_not_fit),
		cmocka_unit_test(no_truncation_or_bit_flip_passes),
		cmocka_unit_test(unknown_lines_are_ignored_if_well_formed),
		cmocka_unit_test(a_second_bad_signature_of_a_known_key_refuses),
		cmocka_unit_test(cosignatures_beyond_63_bits_of_time_are_refused),
		cmocka_unit_test(numbers_and_base64_have_one_form),
		cmocka_unit_test(a_note_has_a_ceiling),
	};

	return cmocka_run_group_tests(tests, keys_set_up, keys_tear_down);
}
