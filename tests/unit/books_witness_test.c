/*
 * Witnesses as the books see them: all are shown one head a minute, their cosignatures meet under its note, a quorum is
 * known and missed, and nothing that is not a witness's own changes anything.
 */
#include "tests/unit/books_world.h"

#include <assert.h>

#include "broker/books/state.h"
#include "proto/trail/note.h"

static struct world w;

static void with_quorum(uint32_t quorum)
{
	w.country.quorum = quorum;
	nrm_directory_free(w.directory);
	w.directory = country_directory(&w.country, 1);
}

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	world_close(&w);
	with_quorum(2);
	world_open(&w);
	for (int agency = 0; agency < 3; agency++)
		world_connect(&w, agency, 100);
	world_tick(&w); /* signs the first head, of directory and policy, and shows it */
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

/* The head that an agency is shown alone. */
static struct nrm_slice asked(int agency)
{
	struct nrm_to_agent frame = world_expect(&w, agency, NRM_PROOFS);

	assert_int_equal(frame.is.proofs.n_indexes, 0);
	return frame.is.proofs.checkpoint;
}

static struct nrm_slice cosigned_by(int agency, struct nrm_slice note, uint64_t time)
{
	struct nrm_signing_key *secret = agency_signing_key((size_t)agency, NRM_KEY_KIND_WITNESS);
	const struct nrm_participant *p =
		nrm_directory_find(w.directory, nrm_slice_str(w.country.agency[agency].id));
	struct nrm_note_key key;
	struct nrm_buf out = {0};

	nrm_buf_put(&out, note.data, note.len);
	assert_int_equal(nrm_participant_witness(p, &key), NRM_OK);
	assert_int_equal(nrm_note_cosign(&out, time, &key, secret), NRM_OK);
	nrm_signing_key_free(secret);
	struct nrm_slice kept = {nrm_arena_copy(&w.arena, out.data, out.len), out.len};
	nrm_buf_done(&out);
	return kept;
}

static void send_note(int agency, struct nrm_slice note)
{
	const struct nrm_to_broker frame = {NRM_COSIGNATURE, {.cosignature = note}};

	world_send(&w, agency, &frame);
}

static void cosign(int agency, struct nrm_slice note)
{
	send_note(agency, cosigned_by(agency, note, w.now / 1000));
}

static void expect_refused(int agency, enum nrm_refusal code)
{
	static const uint8_t nothing[NRM_MESSAGE_ID_LEN];
	struct nrm_to_agent frame = world_expect(&w, agency, NRM_REFUSED);

	assert_int_equal(w.err, NRM_OK);
	assert_string_equal(nrm_code_name(NRM_VOCABULARY_REFUSAL, frame.is.refused.code),
			    nrm_code_name(NRM_VOCABULARY_REFUSAL, code));
	/* So that no agent takes it for the refusal of a message. */
	assert_memory_equal(frame.is.refused.message_id.data, nothing, sizeof(nothing));
}

/* All that is kept of witnesses, byte for byte. */
static struct nrm_slice kept(void)
{
	static const char *const rows[] = {NRM_STATE_ASKED, NRM_STATE_VOUCHED};
	struct nrm_buf all = {0};
	struct nrm_slice row;
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(w.books->store, false, &txn), NRM_OK);
	for (size_t i = 0; i < 2; i++)
		if (nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(rows[i]), &row) == NRM_OK)
			nrm_buf_put(&all, row.data, row.len);
	nrm_txn_abort(txn);
	nrm_buf_put(&all, w.books->asked.note.data, w.books->asked.note.len);
	nrm_buf_put(&all, w.books->vouched.note.data, w.books->vouched.note.len);
	struct nrm_slice copy = {nrm_arena_copy(&w.arena, all.data, all.len), all.len};
	nrm_buf_done(&all);
	return copy;
}

static void unchanged_since(struct nrm_slice before)
{
	assert_true(nrm_slice_equal(before, kept()));
}

static void wait(uint64_t ms)
{
	w.now += ms - 1000;
	world_tick(&w);
	assert_int_equal(w.err, NRM_OK);
}

static void a_quorum_meets_under_one_note(void **state)
{
	struct nrm_slice note = asked(POLICE);

	(void)state;
	assert_true(nrm_slice_equal(note, asked(SHELTER)));
	assert_true(nrm_slice_equal(note, asked(HOSPITAL)));
	cosign(POLICE, note);
	world_expect_silence(&w, POLICE);
	assert_int_equal(world_figures(&w).vouching, 0); /* one is no quorum */
	cosign(SHELTER, note);
	assert_int_equal(world_figures(&w).vouching, 2);
	assert_int_equal(world_figures(&w).vouched_size, world_figures(&w).leaves);
	cosign(HOSPITAL, note); /* late, and counts all the same */
	assert_int_equal(world_figures(&w).vouching, 3);

	/* Whoever asks for the head alone is told who vouches for it. */
	struct nrm_to_broker ask = {.kind = NRM_ASK, .is.ask.kind = NRM_ASK_PROOFS};
	ask.is.ask.from_size = world_figures(&w).leaves;
	world_send(&w, POLICE, &ask);
	struct nrm_slice told = asked(POLICE);
	for (int agency = 0; agency < 3; agency++) {
		struct nrm_note_key key;
		struct nrm_checkpoint head;
		uint64_t by;

		assert_int_equal(nrm_participant_witness(
					 nrm_directory_at(w.directory, (size_t)agency), &key),
				 NRM_OK);
		assert_int_equal(nrm_note_open(told, nrm_directory_log_key(w.directory), &key, 1,
					       &head, &by),
				 NRM_OK);
		assert_int_equal(by, 1);
	}
}

static void it_is_kept_over_a_restart(void **state)
{
	(void)state;
	cosign(POLICE, asked(POLICE));
	cosign(SHELTER, asked(SHELTER));
	struct nrm_slice before = kept();
	nrm_books_unload(w.books);
	assert_int_equal(nrm_books_load(w.books), NRM_OK);
	unchanged_since(before);
	assert_int_equal(world_figures(&w).vouching, 2);
}

static void replays_change_nothing(void **state)
{
	struct nrm_slice note = asked(POLICE), mine = cosigned_by(POLICE, note, w.now / 1000);

	(void)state;
	send_note(POLICE, mine);
	struct nrm_slice before = kept();
	send_note(POLICE, mine);
	unchanged_since(before);
	send_note(POLICE, cosigned_by(POLICE, note, w.now / 1000 - 5)); /* older */
	unchanged_since(before);
	send_note(POLICE, cosigned_by(POLICE, note, w.now / 1000 + 59)); /* too soon */
	unchanged_since(before);
	world_expect_silence(&w, POLICE);
	send_note(POLICE, cosigned_by(POLICE, note, w.now / 1000 + 60));
	assert_false(nrm_slice_equal(before, kept()));
	assert_int_equal(w.books->asked.note.len, mine.len); /* in its place, not beside it */
}

static void what_is_not_its_own_is_refused(void **state)
{
	struct nrm_slice note = asked(POLICE), before = kept();

	(void)state;
	send_note(POLICE, cosigned_by(SHELTER, note, w.now / 1000)); /* a foreign witness's */
	expect_refused(POLICE, NRM_REFUSAL_BAD_SIGNATURE);
	send_note(POLICE, note); /* none */
	expect_refused(POLICE, NRM_REFUSAL_BAD_SIGNATURE);
	send_note(POLICE, nrm_slice_str("note"));
	expect_refused(POLICE, NRM_REFUSAL_MALFORMED);
	send_note(POLICE, cosigned_by(POLICE, note, w.now / 1000 + 302));
	expect_refused(POLICE, NRM_REFUSAL_NOT_YET);
	unchanged_since(before);
}

/* Signed rightly, by the trail's own key, for another trail; and by a key that is not the trail's. */
static void another_trail_is_refused(void **state)
{
	struct nrm_signing_key *log = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_WITNESS);
	struct nrm_signing_key *other = agency_signing_key(9, NRM_KEY_KIND_WITNESS);
	struct nrm_checkpoint head = w.books->asked.head;
	struct nrm_slice before = kept();
	uint8_t public_key[NRM_KEY_LEN];
	struct nrm_note_key key;
	struct nrm_buf note = {0};

	(void)state;
	asked(POLICE);
	strcpy(head.origin, "nrm/YY");
	nrm_signing_key_public(log, public_key);
	assert_int_equal(nrm_note_key_make("nrm/YY", NRM_NOTE_LOG, public_key, &key), NRM_OK);
	assert_int_equal(nrm_note_sign(&head, &key, log, &note), NRM_OK);
	cosign(POLICE, nrm_buf_slice(&note));
	expect_refused(POLICE, NRM_REFUSAL_BAD_SIGNATURE);

	nrm_buf_clear(&note);
	strcpy(head.origin, "nrm/XX");
	nrm_signing_key_public(other, public_key);
	assert_int_equal(nrm_note_key_make("nrm/XX", NRM_NOTE_LOG, public_key, &key), NRM_OK);
	assert_int_equal(nrm_note_sign(&head, &key, other, &note), NRM_OK);
	cosign(POLICE, nrm_buf_slice(&note));
	expect_refused(POLICE, NRM_REFUSAL_BAD_SIGNATURE);
	unchanged_since(before);
	nrm_buf_done(&note);
	nrm_signing_key_free(log);
	nrm_signing_key_free(other);
}

/* A note with the trail's good signature, of a head that the tree never had: these books must not go on. */
static void a_head_of_a_fork_stops_it(void **state)
{
	struct nrm_signing_key *log = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_WITNESS);
	struct nrm_checkpoint head = w.books->asked.head;
	struct nrm_buf note = {0};

	(void)state;
	head.root.bytes[3] ^= 1;
	assert_int_equal(nrm_note_sign(&head, nrm_directory_log_key(w.directory), log, &note),
			 NRM_OK);
	cosign(POLICE, nrm_buf_slice(&note));
	assert_int_equal(w.err, NRM_ERR_CORRUPT);
	nrm_buf_done(&note);
	nrm_signing_key_free(log);
}

/* No truncation and no flipped bit is taken; what is refused changes nothing. */
static void damage_is_refused(void **state)
{
	const struct nrm_slice mine = cosigned_by(POLICE, asked(POLICE), w.now / 1000);
	const struct nrm_to_broker good = {NRM_COSIGNATURE, {.cosignature = mine}};
	struct nrm_slice before = kept();
	struct nrm_to_agent frame;
	struct nrm_buf bytes = {0};

	(void)state;
	assert_int_equal(nrm_to_broker_encode(&good, &bytes), NRM_OK);
	for (size_t len = 0; len < bytes.len; len++) {
		world_bytes(&w, POLICE, nrm_slice(bytes.data, len));
		assert_true(world_hear(&w, POLICE, &frame));
		assert_int_equal(frame.kind, NRM_REFUSED);
	}
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		world_bytes(&w, POLICE, nrm_buf_slice(&bytes));
		assert_true(world_hear(&w, POLICE, &frame));
		assert_int_equal(frame.kind, NRM_REFUSED);
		assert_int_equal(w.err, NRM_OK);
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	unchanged_since(before);
	world_bytes(&w, POLICE, nrm_buf_slice(&bytes));
	world_expect_silence(&w, POLICE);
	assert_false(nrm_slice_equal(before, kept()));
	nrm_buf_done(&bytes);
}

/* A head a minute while the tree grows; the one before counts until its successor has a quorum too. */
static void rounds_follow_the_tree(void **state)
{
	struct nrm_slice first = asked(POLICE);

	(void)state;
	asked(SHELTER);
	cosign(POLICE, first);
	cosign(SHELTER, first);
	const uint64_t size = world_figures(&w).leaves;
	world_state(&w, POLICE, world_card(&w, POLICE, &world_is_adult, 1));
	world_expect(&w, POLICE, NRM_RECEIPT);
	world_tick(&w);
	assert_int_equal(world_expect(&w, POLICE, NRM_PROOFS).is.proofs.n_indexes, 1);
	world_expect_silence(&w, SHELTER); /* too soon */
	wait(60000);
	struct nrm_slice second = asked(SHELTER);
	assert_true(nrm_slice_equal(second, asked(POLICE)));
	cosign(SHELTER, second);
	assert_int_equal(world_figures(&w).vouched_size, size);
	cosign(HOSPITAL, first); /* late: still the one that counts */
	world_expect(&w, HOSPITAL, NRM_PROOFS);
	world_expect(&w, HOSPITAL, NRM_PROOFS);
	assert_int_equal(world_figures(&w).vouching, 3);
	cosign(POLICE, second);
	assert_int_equal(world_figures(&w).vouched_size, size + 1);
	assert_int_equal(world_figures(&w).vouching, 2);
	struct nrm_slice before = kept();
	cosign(HOSPITAL, first); /* no longer */
	expect_refused(HOSPITAL, NRM_REFUSAL_EXPIRED);
	unchanged_since(before);
}

/* Somebody who comes later is shown the head too, once; when the tree has moved on, with the next round. */
static void latecomers_are_asked(void **state)
{
	(void)state;
	struct nrm_slice note = asked(POLICE);
	world_connect(&w, LABOUR, 100);
	world_tick(&w);
	assert_true(nrm_slice_equal(note, asked(LABOUR)));
	world_tick(&w);
	world_expect_silence(&w, LABOUR);
	world_state(&w, POLICE, world_card(&w, POLICE, &world_is_adult, 1));
	world_tick(&w);
	world_connect(&w, NGO, 100);
	world_tick(&w);
	world_expect_silence(&w, NGO);
	wait(60000);
	assert_false(nrm_slice_equal(note, asked(NGO)));
}

/* The same head is asked about again after an hour, and who does not answer then counts no longer. */
static void a_quorum_must_be_renewed(void **state)
{
	const uint64_t day = NRM_MAX_UNVOUCHED_MS;

	(void)state;
	struct nrm_slice note = asked(POLICE);
	asked(SHELTER);
	cosign(POLICE, note);
	cosign(SHELTER, note);
	wait(3600000);
	asked(SHELTER);
	struct nrm_slice again = asked(POLICE); /* with its cosignatures: nothing is hidden */
	cosign(POLICE, again);
	assert_true(world_figures(&w).unvouched_ms >= 3600000);
	wait(day);
	assert_true(world_figures(&w).unvouched_ms > day);
	cosign(POLICE, asked(POLICE));
	assert_true(world_figures(&w).unvouched_ms > day);
	cosign(SHELTER, asked(SHELTER));
	assert_int_equal(world_figures(&w).unvouched_ms, 0);
}

static void a_quorum_never_reached_is_missed(void **state)
{
	(void)state;
	assert_int_equal(world_figures(&w).vouched_size, 0);
	wait(NRM_MAX_UNVOUCHED_MS + 1000);
	assert_true(world_figures(&w).unvouched_ms > NRM_MAX_UNVOUCHED_MS);
}

/* Who is suspended vouches no longer. */
static void only_active_agencies_count(void **state)
{
	uint8_t entropy[32];

	(void)state;
	struct nrm_slice note = asked(POLICE);
	cosign(POLICE, note);
	cosign(SHELTER, note);
	assert_int_equal(world_figures(&w).vouching, 2);
	w.country.agency[SHELTER].suspended = true;
	struct nrm_directory *newer = country_directory(&w.country, 2);
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_adopt(w.books, &(struct nrm_documents){.directory = newer},
					 w.now, entropy, &w.effects),
			 NRM_OK);
	assert_int_equal(world_figures(&w).vouching, 1);
	world_close(&w);
	nrm_directory_free(newer);
}

static void without_a_quorum_nobody_is_asked(void **state)
{
	(void)state;
	world_close(&w);
	with_quorum(0);
	world_open(&w);
	world_connect(&w, POLICE, 100);
	world_tick(&w);
	world_expect_silence(&w, POLICE);
	wait(NRM_MAX_UNVOUCHED_MS * 2);
	world_expect_silence(&w, POLICE);
	assert_int_equal(world_figures(&w).unvouched_ms, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_quorum_meets_under_one_note),
		TEST(it_is_kept_over_a_restart),
		TEST(replays_change_nothing),
		TEST(what_is_not_its_own_is_refused),
		TEST(another_trail_is_refused),
		TEST(a_head_of_a_fork_stops_it),
		TEST(damage_is_refused),
		TEST(rounds_follow_the_tree),
		TEST(latecomers_are_asked),
		TEST(a_quorum_must_be_renewed),
		TEST(a_quorum_never_reached_is_missed),
		TEST(only_active_agencies_count),
		TEST(without_a_quorum_nobody_is_asked),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("books_witness", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
