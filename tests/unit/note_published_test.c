/* A checkpoint of a public log, with a public witness's cosignature: made by others, verified by us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/limits.h"
#include "proto/crypto/keyfile.h"
#include "proto/trail/note.h"

static struct nrm_buf note;
static struct nrm_note_key log_key, witness;

static void read_text(const char *path, struct nrm_buf *ret_text)
{
	assert_int_equal(nrm_file_read(path, NRM_MAX_NOTE, false, ret_text), NRM_OK);
}

static void read_key(const char *path, struct nrm_note_key *ret_key)
{
	struct nrm_buf text = {0};

	read_text(path, &text);
	assert_int_equal(nrm_note_key_parse(nrm_slice(text.data, text.len - 1), ret_key), NRM_OK);
	nrm_buf_done(&text);
}

static int read_all(void **state)
{
	(void)state;
	read_text(NRM_TESTS "/vectors/checkpoint/note", &note);
	read_key(NRM_TESTS "/vectors/checkpoint/log.vkey", &log_key);
	read_key(NRM_TESTS "/vectors/checkpoint/witness.vkey", &witness);
	return 0;
}

static int free_all(void **state)
{
	(void)state;
	nrm_buf_done(&note);
	return 0;
}

static enum nrm_err open_note(struct nrm_checkpoint *cp, uint64_t *cosigned)
{
	return nrm_note_open(nrm_buf_slice(&note), &log_key, &witness, 1, cp, cosigned);
}

static void opens_with_its_cosignature(void **state)
{
	struct nrm_checkpoint cp;
	uint64_t cosigned;

	(void)state;
	assert_int_equal(open_note(&cp, &cosigned), NRM_OK);
	assert_string_equal(cp.origin, "arche2025h1.staging.ct.transparency.dev");
	assert_int_equal(cp.size, 1432088532);
	assert_int_equal(cosigned, 1); /* those of witnesses that nobody named do not count */
}

/* No bit of what log and witness signed may change, nor of their signatures. */
static void notices_every_changed_bit(void **state)
{
	static const char *const ours[] = {"ui8GwC", "2net5w"};
	const char *text = (const char *)note.data;
	const size_t body = (size_t)(strstr(text, "\n\n") - text) + 1;
	struct nrm_checkpoint cp;
	uint64_t cosigned;

	(void)state;
	for (size_t bit = 0; bit < 8 * body; bit++) {
		note.data[bit / 8] ^= 1u << bit % 8;
		assert_int_not_equal(open_note(&cp, &cosigned), NRM_OK);
		note.data[bit / 8] ^= 1u << bit % 8;
	}
	for (size_t i = 0; i < 2; i++) {
		/* The first six characters are the key's id: with another the line is somebody else's. */
		char *line = strstr((char *)note.data, ours[i]);
		for (size_t at = 6; line[at] != '\n'; at++) {
			const char was = line[at];
			line[at] = was == 'A' ? 'B' : 'A';
			assert_true(open_note(&cp, &cosigned) != NRM_OK || cosigned == 0);
			line[at] = was;
		}
	}
}

static void one_key_is_not_the_other(void **state)
{
	struct nrm_checkpoint cp;
	uint64_t cosigned;

	(void)state;
	assert_int_not_equal(
		nrm_note_open(nrm_buf_slice(&note), &witness, &log_key, 1, &cp, &cosigned), NRM_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_with_its_cosignature),
		cmocka_unit_test(notices_every_changed_bit),
		cmocka_unit_test(one_key_is_not_the_other),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, read_all, free_all);
}
