/* Cosignatures of one head, gathered under one note; those of the vectors and fresh ones. */
#include "tests/unit/note_keys.h"

#include "proto/base/limits.h"

static struct nrm_buf bare;

static int set_up(void **state)
{
	struct nrm_checkpoint head = {.size = 7};

	if (keys_set_up(state) != 0)
		return -1;
	strcpy(head.origin, log_key.name);
	return nrm_note_sign(&head, &log_key, log_secret, &bare) == NRM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	nrm_buf_done(&bare);
	return keys_tear_down(state);
}

static void copy(struct nrm_buf *to, const struct nrm_buf *from)
{
	nrm_buf_clear(to);
	nrm_buf_put(to, from->data, from->len);
}

/* The bare note with one more cosignature. */
static void cosigned(struct nrm_buf *out, int who, uint64_t time)
{
	copy(out, &bare);
	assert_int_equal(nrm_note_cosign(out, time, &witness[who], witness_secret[who]), NRM_OK);
}

static uint64_t cosigners(const struct nrm_buf *note)
{
	struct nrm_checkpoint head;
	uint64_t by;

	assert_int_equal(
		nrm_note_open(nrm_buf_slice(note), &log_key, witness, WITNESSES, &head, &by),
		NRM_OK);
	return by;
}

static bool merges(struct nrm_buf *note, const struct nrm_buf *from, int who)
{
	bool changed;

	assert_int_equal(nrm_note_merge(note, nrm_buf_slice(from), &witness[who], 60, &changed),
			 NRM_OK);
	return changed;
}

static void each_stands_once_the_newest(void **state)
{
	struct nrm_buf note = {0}, one = {0};
	struct nrm_cosignature line;

	(void)state;
	copy(&note, &bare);
	cosigned(&one, 0, 1000);
	assert_true(merges(&note, &one, 0));
	assert_false(merges(&note, &one, 0));
	const size_t length = note.len;
	cosigned(&one, 1, 1000);
	assert_true(merges(&note, &one, 1));
	assert_int_equal(cosigners(&note), 3);
	cosigned(&one, 0, 1059);
	assert_false(merges(&note, &one, 0));
	cosigned(&one, 0, 999);
	assert_false(merges(&note, &one, 0));
	const size_t both = note.len;
	cosigned(&one, 0, 1060);
	assert_true(merges(&note, &one, 0));
	assert_int_equal(note.len, both);
	assert_true(both > length);
	assert_int_equal(cosigners(&note), 3);

	struct nrm_slice rest = nrm_buf_slice(&note);
	assert_int_equal(nrm_cosignature_next(&rest, &line), NRM_OK);
	assert_true(nrm_slice_equal(line.name, nrm_slice_str(witness[1].name)));
	assert_int_equal(nrm_cosignature_next(&rest, &line), NRM_OK);
	assert_true(nrm_slice_equal(line.name, nrm_slice_str(witness[0].name)));
	assert_int_equal(line.time, 1060);
	assert_int_equal(nrm_cosignature_next(&rest, &line), NRM_ERR_NOT_FOUND);

	nrm_buf_clear(&one);
	assert_int_equal(nrm_note_bare(nrm_buf_slice(&note), &one), NRM_OK);
	assert_true(nrm_slice_equal(nrm_buf_slice(&one), nrm_buf_slice(&bare)));
	nrm_buf_done(&note);
	nrm_buf_done(&one);
}

/* Of two lines of one witness in what comes, the newer counts. */
static void the_newer_of_two_counts(void **state)
{
	struct nrm_buf note = {0}, two = {0};
	struct nrm_cosignature line;

	(void)state;
	cosigned(&two, 0, 5000);
	assert_int_equal(nrm_note_cosign(&two, 4000, &witness[0], witness_secret[0]), NRM_OK);
	copy(&note, &bare);
	assert_true(merges(&note, &two, 0));
	struct nrm_slice rest = nrm_buf_slice(&note);
	assert_int_equal(nrm_cosignature_next(&rest, &line), NRM_OK);
	assert_int_equal(line.time, 5000);
	assert_int_equal(nrm_cosignature_next(&rest, &line), NRM_ERR_NOT_FOUND);
	nrm_buf_done(&note);
	nrm_buf_done(&two);
}

static void refuses(struct nrm_slice from, enum nrm_err why)
{
	struct nrm_buf note = {0};
	bool changed = true;

	copy(&note, &bare);
	assert_int_equal(nrm_note_merge(&note, from, &witness[0], 60, &changed), why);
	assert_true(nrm_slice_equal(nrm_buf_slice(&note), nrm_buf_slice(&bare)));
	assert_true(changed);
	nrm_buf_done(&note);
}

static void what_cannot_be_merged_changes_nothing(void **state)
{
	struct nrm_checkpoint other = {.size = 8};
	struct nrm_buf from = {0};

	(void)state;
	refuses(nrm_buf_slice(&bare), NRM_ERR_NOT_FOUND);
	cosigned(&from, 1, 1000);
	refuses(nrm_buf_slice(&from), NRM_ERR_NOT_FOUND);
	refuses(nrm_slice_str("no note"), NRM_ERR_FORMAT);
	strcpy(other.origin, log_key.name);
	nrm_buf_clear(&from);
	assert_int_equal(nrm_note_sign(&other, &log_key, log_secret, &from), NRM_OK);
	assert_int_equal(nrm_note_cosign(&from, 1, &witness[0], witness_secret[0]), NRM_OK);
	refuses(nrm_buf_slice(&from), NRM_ERR_ARGUMENT);
	nrm_buf_done(&from);
}

/* A note is full at some number of witnesses; one that is there already may still renew its line. */
static void a_note_is_bounded(void **state)
{
	struct nrm_buf note = {0}, one = {0};
	struct nrm_note_key key = witness[0];
	bool changed = true;
	unsigned n = 0;
	enum nrm_err err = NRM_OK;

	(void)state;
	copy(&note, &bare);
	while (err == NRM_OK) {
		assert_true(snprintf(key.name, sizeof(key.name), "nrm/XX.agency-%05u", n++) > 0);
		copy(&one, &bare);
		assert_int_equal(nrm_note_cosign(&one, 1000, &key, witness_secret[0]), NRM_OK);
		err = nrm_note_merge(&note, nrm_buf_slice(&one), &key, 60, &changed);
	}
	assert_int_equal(err, NRM_ERR_LIMIT);
	assert_true(n > 300);
	assert_true(note.len <= NRM_MAX_NOTE);
	const size_t full = note.len;
	strcpy(key.name, "nrm/XX.agency-00000");
	copy(&one, &bare);
	assert_int_equal(nrm_note_cosign(&one, 1060, &key, witness_secret[0]), NRM_OK);
	assert_int_equal(nrm_note_merge(&note, nrm_buf_slice(&one), &key, 60, &changed), NRM_OK);
	assert_int_equal(note.len, full);
	nrm_buf_done(&note);
	nrm_buf_done(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stands_once_the_newest),
		cmocka_unit_test(the_newer_of_two_counts),
		cmocka_unit_test(what_cannot_be_merged_changes_nothing),
		cmocka_unit_test(a_note_is_bounded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
