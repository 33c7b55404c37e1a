/* One transaction of the books: all of it or nothing, in memory as in the store. */
#include "broker/books/state.h"
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	world_connect(&w, POLICE, 100);
	world_connect(&w, SHELTER, 100);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static void begin(void)
{
	uint8_t entropy[32];

	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
}

static struct nrm_session *session_of(int agency)
{
	struct nrm_session *session = nrm_session_find(&w.books->sessions, w.session[agency]);

	assert_non_null(session);
	return session;
}

static void what_was_lost_leaves_nothing_behind_but_what_was_before(void **state)
{
	struct nrm_case *c;
	struct nrm_to_agent frame;

	(void)state;
	world_adult_consents(&w);
	struct nrm_envelope envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_expect(&w, SHELTER, NRM_DELIVER);
	const struct nrm_books_figures before = world_figures(&w);
	const struct nrm_hash root = nrm_frontier_root(&w.books->frontier);
	assert_int_equal(session_of(SHELTER)->credit, 99);
	begin();
	assert_int_equal(nrm_case_find(&w.books->cases, w.books->txn, world_case(&w, 'a').data, &c),
			 NRM_OK);
	c->card.last_threat = 77;
	nrm_case_changed(&w.books->cases, c);
	assert_int_equal(nrm_case_open(&w.books->cases, w.books->txn, world_case(&w, 'b').data, 1,
				       w.now, &c),
			 NRM_OK);
	assert_int_equal(nrm_mailbox_add(&w.books->mailboxes, 2, before.leaves), NRM_OK);
	struct nrm_leaf leaf = {.kind = NRM_EVENT_REFERRAL,
				.sender = nrm_slice_str(w.country.agency[POLICE].id)};
	struct nrm_view view = {.type = NRM_MESSAGE_TYPE_REFERRAL, .time_ms = w.now};
	struct nrm_entry entry;
	assert_int_equal(nrm_ledger_write(w.books, &leaf, &view, c, &entry), NRM_OK);
	session_of(SHELTER)->credit = 7;
	nrm_session_owe_proof(session_of(SHELTER), before.leaves);
	assert_int_equal(nrm_books_undo(w.books), NRM_OK);

	const struct nrm_books_figures after = world_figures(&w);
	const struct nrm_hash again = nrm_frontier_root(&w.books->frontier);
	assert_memory_equal(&after, &before, sizeof(before));
	assert_memory_equal(again.bytes, root.bytes, NRM_HASH_LEN);
	assert_int_equal(session_of(SHELTER)->credit, 99);
	assert_int_equal(session_of(SHELTER)->bytes_in_flight, 0);
	assert_int_equal(session_of(SHELTER)->n_unproved, 1); /* of what was delivered before */
	begin();
	assert_int_equal(nrm_case_find(&w.books->cases, w.books->txn, world_case(&w, 'a').data, &c),
			 NRM_OK);
	assert_int_equal(c->card.last_threat, 0);
	assert_int_equal(nrm_case_find(&w.books->cases, w.books->txn, world_case(&w, 'b').data, &c),
			 NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_books_commit(w.books), NRM_OK);
	world_apply(&w, NULL); /* what was in flight goes out again */
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	world_acknowledge(&w, SHELTER, &frame.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	assert_int_equal(world_figures(&w).waiting, 0);
}

static void replies_to_what_was_lost_are_not_said(void **state)
{
	(void)state;
	begin();
	assert_int_equal(nrm_refuse_frame(w.books, session_of(POLICE), NRM_REFUSAL_BUSY, "", false),
			 NRM_OK);
	assert_int_equal(nrm_books_undo(w.books), NRM_OK);
	assert_int_equal(nrm_effects_make(w.books, &w.effects), NRM_OK);
	world_expect_silence(&w, POLICE);
	world_adult(&w); /* and the session goes on */
}

static void a_connection_that_was_to_end_ends_all_the_same(void **state)
{
	struct nrm_effect *last;

	(void)state;
	begin();
	assert_int_equal(
		nrm_refuse_frame(w.books, session_of(SHELTER), NRM_REFUSAL_BUSY, "", false),
		NRM_OK);
	assert_int_equal(nrm_refuse_frame(w.books, session_of(POLICE), NRM_REFUSAL_BUSY, "", true),
			 NRM_OK);
	assert_int_equal(nrm_books_undo(w.books), NRM_OK);
	size_t before = w.effects.n;
	assert_int_equal(nrm_effects_make(w.books, &w.effects), NRM_OK);
	assert_int_equal(w.effects.n, before + 1);
	last = &w.effects.effect[before];
	assert_true(last->close && last->session == w.session[POLICE] && last->frame.len == 0);
}

static void a_connection_that_is_gone_is_forgotten_all_the_same(void **state)
{
	struct nrm_parcel gone = {.kind = NRM_PARCEL_GONE, .session = w.session[POLICE]};

	(void)state;
	begin();
	assert_int_equal(nrm_refuse_frame(w.books, session_of(POLICE), NRM_REFUSAL_BUSY, "", false),
			 NRM_OK);
	assert_int_equal(nrm_books_take(w.books, &gone), NRM_OK);
	assert_int_equal(nrm_books_undo(w.books), NRM_OK);
	assert_int_equal(nrm_effects_make(w.books, &w.effects), NRM_OK);
	world_expect_silence(&w, POLICE);
	assert_int_equal(world_figures(&w).sessions, 1);
	assert_null(nrm_session_find(&w.books->sessions, w.session[POLICE]));
}

/* Reading alone must not fill the memory with cases either. */
static void the_cache_is_trimmed_though_nothing_changed(void **state)
{
	enum { MANY = 8300, CACHED = 8192 };
	uint8_t id[NRM_CASE_ID_LEN] = {0};
	struct nrm_case *c;

	(void)state;
	for (int reading = 0; reading < 2; reading++) {
		begin();
		for (uint32_t n = 0; n < MANY; n++) {
			nrm_store_u32(id + 12, n);
			assert_int_equal(
				reading ? nrm_case_find(&w.books->cases, w.books->txn, id, &c)
					: nrm_case_open(&w.books->cases, w.books->txn, id, 1, w.now,
							&c),
				NRM_OK);
		}
		w.books->changed = !reading;
		assert_int_equal(w.books->cases.n_cached, MANY);
		assert_int_equal(nrm_books_commit(w.books), NRM_OK);
		assert_int_equal(w.books->cases.n_cached, CACHED);
	}
}

static void time_never_falls(void **state)
{
	const uint64_t late = w.now + 5000;

	(void)state;
	w.now = late;
	world_apply(&w, NULL);
	w.now -= 4000;
	world_apply(&w, NULL);
	assert_int_equal(w.books->clock, late);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_was_lost_leaves_nothing_behind_but_what_was_before),
		TEST(replies_to_what_was_lost_are_not_said),
		TEST(a_connection_that_was_to_end_ends_all_the_same),
		TEST(a_connection_that_is_gone_is_forgotten_all_the_same),
		TEST(the_cache_is_trimmed_though_nothing_changed),
		TEST(time_never_falls),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("transaction", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
