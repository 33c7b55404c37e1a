/* What was decided on each message: a repeat is found, in its case only, until a day after it expired. */
#include "broker/books/state.h"
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;
static struct nrm_case *c, *other;

static void begin(void)
{
	uint8_t entropy[32];

	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
}

static void commit(void)
{
	w.books->changed = true;
	assert_int_equal(nrm_books_commit(w.books), NRM_OK);
}

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	begin();
	return nrm_case_open(&w.books->cases, w.books->txn, world_case(&w, 'a').data, 1, w.now,
			     &c) != NRM_OK ||
	       nrm_case_open(&w.books->cases, w.books->txn, world_case(&w, 'b').data, 1, w.now,
			     &other) != NRM_OK;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static struct nrm_message_row row_expiring(uint64_t at)
{
	return (struct nrm_message_row){
		.digest = "thirty-two bytes of some digest",
		.leaf = 1ull << 40,
		.latest = (1ull << 40) + 1,
		.recipient = 70000,
		.type = NRM_MESSAGE_TYPE_UPDATE,
		.outcome = NRM_OUTCOME_HOLD,
		.expires_ms = at,
	};
}

static void put(struct nrm_slice id, uint32_t sender, uint64_t expires)
{
	const struct nrm_message_row row = row_expiring(expires);

	assert_int_equal(nrm_message_put(w.books, c, id, sender, &row), NRM_OK);
}

static enum nrm_err find(struct nrm_slice id, uint32_t sender)
{
	struct nrm_message_row row;

	return nrm_message_find(w.books, c, id, sender, &row);
}

static uint64_t rows(void)
{
	uint64_t n;

	assert_int_equal(nrm_count(w.books->txn, NRM_TABLE_MESSAGES, &n), NRM_OK);
	return n;
}

static void what_was_decided_is_found_again(void **state)
{
	struct nrm_message_row row = row_expiring(w.now), got;
	struct nrm_slice id = world_id(&w);

	(void)state;
	assert_int_equal(find(id, 1), NRM_ERR_NOT_FOUND);
	put(id, 1, w.now);
	assert_int_equal(nrm_message_find(w.books, c, id, 1, &got), NRM_OK);
	assert_memory_equal(got.digest, row.digest, NRM_HASH_LEN);
	assert_int_equal(got.leaf, row.leaf);
	assert_int_equal(got.latest, row.latest);
	assert_int_equal(got.recipient, row.recipient);
	assert_int_equal(got.type, row.type);
	assert_int_equal(got.outcome, row.outcome);
	assert_int_equal(got.expires_ms, row.expires_ms);
	row.latest = 5; /* something came of it */
	assert_int_equal(nrm_message_put(w.books, c, id, 1, &row), NRM_OK);
	assert_int_equal(nrm_message_find(w.books, c, id, 1, &got), NRM_OK);
	assert_int_equal(got.latest, 5);
	assert_int_equal(rows(), 1);
}

static void an_id_belongs_to_its_sender_and_its_case(void **state)
{
	struct nrm_slice id = world_id(&w);
	struct nrm_message_row row = {.leaf = 77};

	(void)state;
	put(id, 1, w.now);
	assert_int_equal(find(id, 2), NRM_ERR_NOT_FOUND);
	assert_int_equal(find(world_id(&w), 1), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_message_find(w.books, other, id, 1, &row), NRM_ERR_EXISTS);
	assert_int_equal(nrm_message_find(w.books, NULL, id, 1, &row), NRM_ERR_EXISTS);
	assert_int_equal(row.leaf, 77);
	put(id, 2, w.now);
	assert_int_equal(rows(), 2);
}

static void a_row_of_another_message_does_not_stand_for_this_one(void **state)
{
	struct nrm_slice id = world_id(&w), later = world_id(&w);
	uint8_t key[2][NRM_MESSAGE_ID_LEN + 4] = {0};
	struct nrm_slice value;

	(void)state;
	put(id, 1, w.now);
	memcpy(key[0], id.data, id.len);
	memcpy(key[1], later.data, later.len);
	key[0][NRM_MESSAGE_ID_LEN + 3] = key[1][NRM_MESSAGE_ID_LEN + 3] = 1;
	assert_int_equal(nrm_get(w.books->txn, NRM_TABLE_MESSAGES,
				 nrm_slice(key[0], sizeof(key[0])), &value),
			 NRM_OK);
	value.data = nrm_arena_copy(&w.arena, value.data, value.len);
	assert_null(memmem(value.data, value.len, "thirty-two", 10)); /* sealed */
	assert_int_equal(
		nrm_put(w.books->txn, NRM_TABLE_MESSAGES, nrm_slice(key[1], sizeof(key[1])), value),
		NRM_OK);
	assert_int_equal(find(id, 1), NRM_OK);
	assert_int_equal(find(later, 1), NRM_ERR_EXISTS);
}

/* `n` messages, a minute apart, that expire with `w.now`; their ids. */
static void put_many(struct nrm_slice *id, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		w.now += 60 * 1000;
		id[i] = world_id(&w);
	}
	for (size_t i = 0; i < n; i++)
		put(id[i], 1, w.now);
}

static void purge(unsigned n, uint64_t left)
{
	assert_int_equal(nrm_messages_purge(w.books, n), NRM_OK);
	assert_int_equal(rows(), left);
}

static void ids_are_kept_until_expiry_plus_a_day(void **state)
{
	struct nrm_slice id[3];

	(void)state;
	put_many(id, 3);
	put(id[1], 1, w.now + 1);
	commit();
	w.now += NRM_KEEP_ID_MS;
	begin();
	purge(100, 3); /* just a day */
	commit();
	w.now++;
	begin();
	purge(100, 1);
	assert_int_equal(find(id[0], 1), NRM_ERR_NOT_FOUND);
	assert_int_equal(find(id[1], 1), NRM_OK);
	assert_int_equal(find(id[2], 1), NRM_ERR_NOT_FOUND);
	purge(100, 1); /* again: nothing happens */
	commit();
	w.now++;
	begin();
	purge(100, 0);
	purge(100, 0);
}

static void a_purge_does_a_bounded_part_and_goes_on_from_there(void **state)
{
	struct nrm_slice id[10];

	(void)state;
	put_many(id, 10);
	commit();
	w.now += NRM_KEEP_ID_MS + 1;
	begin();
	purge(4, 6);
	assert_int_equal(find(id[3], 1), NRM_ERR_NOT_FOUND);
	assert_int_equal(find(id[4], 1), NRM_OK);
	purge(4, 2);
	purge(4, 0);
}

/* Those that are kept are looked at as well, but the next part begins after them. */
static void what_is_kept_does_not_hold_up_what_is_to_go(void **state)
{
	struct nrm_slice id[10];

	(void)state;
	put_many(id, 10);
	for (size_t i = 0; i < 8; i++)
		put(id[i], 1, w.now + 30 * WORLD_DAY);
	commit();
	w.now += NRM_KEEP_ID_MS + 1;
	begin();
	purge(4, 10);
	purge(4, 10);
	purge(4, 8);
	assert_int_equal(find(id[9], 1), NRM_ERR_NOT_FOUND);
	purge(100, 8);
	w.now += 30 * WORLD_DAY;
	commit();
	begin();
	purge(100, 0); /* round and round: from the oldest again */
	commit();
}

static void a_purge_that_was_lost_is_done_again(void **state)
{
	struct nrm_slice id[6];

	(void)state;
	put_many(id, 6);
	commit();
	w.now += NRM_KEEP_ID_MS + 1;
	begin();
	purge(3, 3);
	assert_int_equal(nrm_books_undo(w.books), NRM_OK);
	begin();
	assert_int_equal(rows(), 6);
	for (int i = 0; i < 4; i++) /* first to the end, then from the beginning */
		assert_int_equal(nrm_messages_purge(w.books, 3), NRM_OK);
	assert_int_equal(rows(), 0);
	commit();
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_was_decided_is_found_again),
		TEST(an_id_belongs_to_its_sender_and_its_case),
		TEST(a_row_of_another_message_does_not_stand_for_this_one),
		TEST(ids_are_kept_until_expiry_plus_a_day),
		TEST(a_purge_does_a_bounded_part_and_goes_on_from_there),
		TEST(what_is_kept_does_not_hold_up_what_is_to_go),
		TEST(a_purge_that_was_lost_is_done_again),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("messages", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
