/* Cases: rows under their own keys, the cache, the index; what is forgotten is not found. */
#include "broker/books/cases.h"
#include "broker/books/entropy.h"
#include "tests/unit/broker_store.h"

#define NOW 1770000000000u

static struct nrm_store *store;
static struct nrm_txn *txn;
static struct nrm_case_keys *keys;
static struct nrm_cases cases;
static struct nrm_entropy entropy;

static int set_up(void **state)
{
	(void)state;
	nrm_entropy_init(&entropy, (const uint8_t *)"thirty-two bytes of a fresh seed");
	store = broker_store();
	txn = broker_begin(store);
	if (nrm_case_keys_open(NULL, false, &keys) != NRM_OK)
		return -1;
	return nrm_cases_load(&cases, txn, keys, 0, NULL, 0) != NRM_OK;
}

static int tear_down(void **state)
{
	(void)state;
	nrm_cases_done(&cases);
	nrm_case_keys_close(keys);
	nrm_txn_abort(txn);
	nrm_store_close(store);
	return 0;
}

/* The id of case n. Cases that have the same n / 4 share what the index looks at. */
static const uint8_t *id_of(uint32_t n)
{
	static uint8_t id[NRM_CASE_ID_LEN];

	memset(id, 0xca, sizeof(id));
	nrm_store_u32(id, n);
	nrm_store_u32(id + 12, n / 4 * 0x9e3779b1u);
	return id;
}

static struct nrm_case *open_case(uint32_t n)
{
	struct nrm_case *c;

	assert_int_equal(nrm_case_open(&cases, id_of(n), n + 1, NOW + n, &c), NRM_OK);
	return c;
}

static struct nrm_case *find(uint32_t n)
{
	struct nrm_case *c;

	assert_int_equal(nrm_case_find(&cases, txn, id_of(n), &c), NRM_OK);
	assert_memory_equal(c->id, id_of(n), NRM_CASE_ID_LEN);
	return c;
}

static void assert_not_found(uint32_t n)
{
	struct nrm_case *c;

	assert_int_equal(nrm_case_find(&cases, txn, id_of(n), &c), NRM_ERR_NOT_FOUND);
}

static void flush(void)
{
	assert_int_equal(nrm_cases_flush(&cases, txn, &entropy), NRM_OK);
	assert_null(cases.moved);
}

static void reload(void)
{
	uint32_t slots = cases.n_slots;

	nrm_cases_done(&cases);
	assert_int_equal(nrm_cases_load(&cases, txn, keys, slots, NULL, 0), NRM_OK);
}

static void a_case_is_opened_with_its_first_party(void **state)
{
	const struct nrm_case_party *party;
	struct nrm_case *c, *at;

	(void)state;
	assert_not_found(5);
	c = open_case(5);
	assert_int_equal(c->slot, 0);
	assert_int_equal(c->opened_at, NOW + 5);
	assert_int_equal(c->last_leaf, 0);
	party = nrm_case_party(c, 6);
	assert_non_null(party);
	assert_int_equal(party->part, NRM_CASE_OPENED | NRM_CASE_MANAGES);
	assert_null(nrm_case_party(c, 5));
	assert_int_equal(open_case(9)->slot, 1);
	assert_ptr_equal(find(5), c);
	assert_int_equal(nrm_case_at(&cases, txn, 0, &at), NRM_OK);
	assert_ptr_equal(at, c);
	assert_int_equal(nrm_case_at(&cases, txn, 2, &at), NRM_ERR_NOT_FOUND);
	assert_not_found(4); /* shares what the index looks at with 5 */
	assert_memory_not_equal(find(5)->key, find(9)->key, NRM_KEY_LEN);
	assert_memory_not_equal(find(5)->key, find(5)->row_key, NRM_KEY_LEN);
}

static void parties_and_consents_have_a_bound(void **state)
{
	struct nrm_case *c = open_case(0);
	uint32_t place;

	(void)state;
	for (uint32_t handle = 2; handle <= NRM_MAX_CASE_PARTIES; handle++)
		assert_int_equal(nrm_case_join(c, handle, 0), NRM_OK);
	assert_int_equal(c->n_parties, NRM_MAX_CASE_PARTIES);
	assert_int_equal(nrm_case_join(c, 1000, 0), NRM_ERR_FULL);
	assert_null(nrm_case_party(c, 1000));
	assert_int_equal(nrm_case_join(c, 7, NRM_CASE_MANAGES), NRM_OK); /* is in already */
	assert_int_equal(c->n_parties, NRM_MAX_CASE_PARTIES);
	assert_int_equal(nrm_case_party(c, 7)->part, NRM_CASE_MANAGES);
	for (uint32_t i = 0; i < NRM_MAX_CASE_CONSENTS; i++) {
		assert_int_equal(nrm_case_add_consent(c, &place), NRM_OK);
		assert_int_equal(place, i);
		assert_int_equal(c->consent[i].n_recorders, 0);
		c->consent[i].n_recorders = 1;
		c->consent_on_file[i].id[0] = (uint8_t)i;
	}
	place = 77;
	assert_int_equal(nrm_case_add_consent(c, &place), NRM_ERR_FULL);
	assert_int_equal(place, 77);
	flush();
	reload();
	c = find(0);
	assert_int_equal(c->n_parties, NRM_MAX_CASE_PARTIES);
	assert_int_equal(c->n_consents, NRM_MAX_CASE_CONSENTS);
	assert_int_equal(c->consent_on_file[63].id[0], 63);
}

static void only_what_changed_is_written(void **state)
{
	struct nrm_case *c = open_case(0);

	(void)state;
	c->last_leaf = 4;
	c->card.last_threat = 40;
	flush();
	c->last_leaf = 5;
	c->card.last_threat = 50;
	nrm_case_moved(&cases, c);
	nrm_case_moved(&cases, c); /* once is enough */
	flush();
	reload();
	c = find(0);
	assert_int_equal(c->last_leaf, 5);
	assert_int_equal(c->card.last_threat, 40);
	c->last_leaf = 6;
	c->card.last_threat = 60;
	nrm_case_changed(&cases, c);
	flush();
	c->last_leaf = 7; /* nobody said so */
	flush();
	reload();
	assert_int_equal(find(0)->last_leaf, 6);
	assert_int_equal(find(0)->card.last_threat, 60);
}

enum { MANY = 9000, CACHED = 8192 };

static void there_may_be_more_cases_than_the_cache_holds(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < MANY; n++) {
		struct nrm_case *c = open_case(n);
		c->last_leaf = 10 * n + 1;
		c->card.reflection_until = n;
	}
	nrm_cases_trim(&cases); /* what is not written stays */
	assert_int_equal(cases.n_cached, MANY);
	flush();
	struct nrm_case *kept = find(0); /* used last */
	nrm_cases_trim(&cases);
	assert_int_equal(cases.n_cached, CACHED);
	assert_ptr_equal(find(0), kept);
	for (uint32_t n = 0; n < MANY; n++) {
		struct nrm_case *c = find(n);
		assert_int_equal(c->slot, n);
		assert_int_equal(c->last_leaf, 10 * n + 1);
		assert_int_equal(c->opened_at, NOW + n);
		assert_int_equal(c->card.reflection_until, n);
		assert_non_null(nrm_case_party(c, n + 1));
	}
	assert_not_found(MANY);
	assert_int_equal(cases.n_cached, MANY); /* until the end of the transaction */
	nrm_cases_trim(&cases);
	nrm_cases_trim(&cases);
	assert_int_equal(cases.n_cached, CACHED);
	reload();
	assert_int_equal(cases.n_cached, 0);
	assert_int_equal(cases.n_index, MANY);
	for (uint32_t n = 0; n < MANY; n += 7)
		assert_int_equal(find(n)->slot, n);
	assert_not_found(MANY);
	assert_int_equal(open_case(MANY)->slot, MANY);
}

static void a_forgotten_case_is_not_found(void **state)
{
	struct nrm_case *c;

	(void)state;
	for (uint32_t n = 0; n < 8; n++)
		open_case(n);
	flush();
	assert_int_equal(nrm_case_keys_forget(keys, 5), NRM_OK);
	for (int reloaded = 0; reloaded < 2; reloaded++) {
		reload();
		assert_not_found(5);
		assert_int_equal(nrm_case_at(&cases, txn, 5, &c), NRM_ERR_NOT_FOUND);
		for (uint32_t n = 0; n < 8; n++)
			if (n != 5)
				assert_int_equal(find(n)->slot, n);
	}
	assert_int_equal(cases.n_slots, 8);
	/* The same id again is another case. */
	c = open_case(5);
	assert_int_equal(c->slot, 8);
	flush();
	reload();
	assert_int_equal(find(5)->slot, 8);
	/* Forgotten while the index still names it. */
	reload();
	assert_int_equal(nrm_case_keys_forget(keys, 8), NRM_OK);
	assert_not_found(5);
	assert_int_equal(find(4)->slot, 4);
}

/* Flips a bit of a case's row, or exchanges it with another case's: damage. */
static void a_row_that_is_damaged_or_elses_is_not_taken(void **state)
{
	static const unsigned table[] = {NRM_TABLE_CASES, NRM_TABLE_HEADS};
	uint8_t key[2][4];
	struct nrm_case *c;

	(void)state;
	open_case(0);
	open_case(1);
	flush();
	nrm_store_u32(key[0], 0);
	nrm_store_u32(key[1], 1);
	const struct nrm_slice first = nrm_slice(key[0], 4), second = nrm_slice(key[1], 4);
	for (size_t t = 0; t < 2; t++) {
		struct nrm_buf row = broker_row(txn, table[t], first);
		struct nrm_buf other = broker_row(txn, table[t], second);
		const struct nrm_slice good = nrm_buf_slice(&row);

		for (size_t bit = 0; bit < row.len * 8; bit += bit < 800 ? 1 : 61) {
			reload();
			row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(nrm_put(txn, table[t], first, good), NRM_OK);
			assert_int_equal(nrm_case_find(&cases, txn, id_of(0), &c), NRM_ERR_CORRUPT);
			row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(nrm_put(txn, table[t], first, good), NRM_OK);
		}
		assert_int_equal(nrm_put(txn, table[t], first, nrm_buf_slice(&other)), NRM_OK);
		assert_int_equal(nrm_case_find(&cases, txn, id_of(0), &c), NRM_ERR_CORRUPT);
		nrm_cases_done(&cases);
		assert_int_equal(nrm_cases_load(&cases, txn, keys, 2, NULL, 0),
				 NRM_ERR_CORRUPT);
		assert_int_equal(nrm_put(txn, table[t], first, good), NRM_OK);
		assert_int_equal(nrm_cases_load(&cases, txn, keys, 2, NULL, 0), NRM_OK);
		assert_int_equal(find(0)->slot, 0);
		nrm_buf_done(&row);
		nrm_buf_done(&other);
	}
}

static void the_same_case_written_twice_gives_other_bytes(void **state)
{
	uint8_t key[4] = {0};

	(void)state;
	struct nrm_case *c = open_case(0);
	flush();
	struct nrm_buf first = broker_row(txn, NRM_TABLE_CASES, nrm_slice(key, 4));
	nrm_case_changed(&cases, c);
	flush();
	struct nrm_buf again = broker_row(txn, NRM_TABLE_CASES, nrm_slice(key, 4));
	assert_int_equal(first.len, again.len);
	assert_memory_not_equal(first.data, again.data, NRM_AEAD_NONCE_LEN);
	assert_memory_not_equal(first.data + 12, again.data + 12, 32);
	nrm_buf_done(&first);
	nrm_buf_done(&again);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_case_is_opened_with_its_first_party),
		TEST(parties_and_consents_have_a_bound),
		TEST(only_what_changed_is_written),
		TEST(there_may_be_more_cases_than_the_cache_holds),
		TEST(a_forgotten_case_is_not_found),
		TEST(a_row_that_is_damaged_or_elses_is_not_taken),
		TEST(the_same_case_written_twice_gives_other_bytes),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	int failed = cmocka_run_group_tests_name("cases", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
