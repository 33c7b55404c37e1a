/*
 * The store: one set of tests for both bodies, LMDB and memory.
 */
#include "tests/unit/store_fixture.h"

static int in_memory(void **state)
{
	return open_fixture(state, false, 0);
}

static int on_small_disk(void **state)
{
	return open_fixture(state, true, 512 * 1024);
}

static int in_small_memory(void **state)
{
	return open_fixture(state, false, 512 * 1024);
}

static void test_rows(void **state)
{
	struct fixture *f = *state;
	struct nrm_txn *txn = begin(f->store, true);
	struct nrm_slice found;
	uint8_t long_key[512];

	assert_no_row(txn, PEOPLE, "a");
	assert_int_equal(nrm_delete(txn, PEOPLE, nrm_slice_str("a")), NRM_ERR_NOT_FOUND);
	put(txn, PEOPLE, "a", "1");
	put(txn, PEOPLE, "b", "");
	put(txn, LEAVES, "a", "other table");
	put(txn, PEOPLE, "a", "replaced");
	assert_row(txn, PEOPLE, "a", "replaced");
	assert_row(txn, PEOPLE, "b", "");
	assert_row(txn, LEAVES, "a", "other table");
	assert_int_equal(rows(txn, PEOPLE), 2);
	assert_int_equal(nrm_delete(txn, PEOPLE, nrm_slice_str("a")), NRM_OK);
	assert_no_row(txn, PEOPLE, "a");
	assert_int_equal(rows(txn, PEOPLE), 1);
	assert_int_equal(rows(txn, LEAVES), 1);

	memset(long_key, 'k', sizeof(long_key));
	assert_int_equal(nrm_put(txn, PEOPLE, nrm_slice(long_key, 511), nrm_slice_str("longest")),
			 NRM_OK);
	assert_int_equal(nrm_put(txn, PEOPLE, nrm_slice(long_key, 512), nrm_slice_str("too long")),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_put(txn, PEOPLE, nrm_slice(NULL, 0), nrm_slice_str("none")),
			 NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_get(txn, PEOPLE, nrm_slice(NULL, 0), &found), NRM_ERR_ARGUMENT);
	assert_int_equal(nrm_get(txn, PEOPLE, nrm_slice(long_key, 511), &found), NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

static void test_commit_and_abort(void **state)
{
	struct fixture *f = *state;

	struct nrm_txn *txn = begin(f->store, true);
	put(txn, LEAVES, "1", "one");
	put(txn, PEOPLE, "p", "one");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);

	txn = begin(f->store, true);
	put(txn, LEAVES, "2", "two");
	put(txn, PEOPLE, "p", "two");
	assert_int_equal(nrm_delete(txn, LEAVES, nrm_slice_str("1")), NRM_OK);
	nrm_txn_abort(txn);
	nrm_txn_abort(NULL);

	txn = begin(f->store, false);
	assert_row(txn, LEAVES, "1", "one");
	assert_no_row(txn, LEAVES, "2");
	assert_row(txn, PEOPLE, "p", "one");
	assert_int_equal(rows(txn, LEAVES), 1);
	nrm_txn_abort(txn);
}

/* A reader keeps the state it began with; one that begins beside a writer has the last commit. */
static void test_snapshots(void **state)
{
	struct fixture *f = *state;

	struct nrm_txn *txn = begin(f->store, true);
	put(txn, PEOPLE, "k", "old");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);

	struct nrm_txn *before = begin(f->store, false);
	txn = begin(f->store, true);
	put(txn, PEOPLE, "k", "new");
	put(txn, PEOPLE, "l", "new");
	struct nrm_txn *beside = begin(f->store, false);
	assert_row(beside, PEOPLE, "k", "old");
	assert_row(txn, PEOPLE, "k", "new");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);

	struct nrm_txn *after = begin(f->store, false);
	assert_row(after, PEOPLE, "k", "new");
	assert_row(before, PEOPLE, "k", "old");
	assert_no_row(before, PEOPLE, "l");
	assert_int_equal(rows(beside, PEOPLE), 1);
	assert_int_equal(rows(after, PEOPLE), 2);
	nrm_txn_abort(after);
	nrm_txn_abort(beside);
	assert_int_equal(nrm_txn_commit(before), NRM_OK);
}

static void assert_at(enum nrm_err err, struct nrm_slice key, struct nrm_slice value,
		      const char *expected)
{
	assert_int_equal(err, NRM_OK);
	assert_true(nrm_slice_equal(key, nrm_slice_str(expected)));
	assert_true(nrm_slice_equal(value, nrm_slice_str(expected)));
}

static void test_cursors(void **state)
{
	static const char *const keys[] = {"b", "\xff", "ab",
					   "a", "B",	"abc"}; /* sorted: B a ab abc b \xff */
	struct fixture *f = *state;
	struct nrm_txn *txn = begin(f->store, true);
	struct nrm_cursor *c;
	struct nrm_slice k, v;

	assert_int_equal(nrm_cursor_open(txn, PEOPLE, &c), NRM_OK);
	assert_int_equal(nrm_cursor_last(c, &k, &v), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_cursor_seek(c, nrm_slice(NULL, 0), &k, &v), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_cursor_next(c, &k, &v), NRM_ERR_NOT_FOUND);
	nrm_cursor_close(c);
	for (size_t i = 0; i < 6; i++)
		put(txn, PEOPLE, keys[i], keys[i]);
	put(txn, LEAVES, "zzz", "not of this table");

	assert_int_equal(nrm_cursor_open(txn, PEOPLE, &c), NRM_OK);
	assert_at(nrm_cursor_next(c, &k, &v), k, v,
		  "B"); /* a new cursor stands before the first row */
	assert_at(nrm_cursor_seek(c, nrm_slice(NULL, 0), &k, &v), k, v, "B");
	assert_at(nrm_cursor_next(c, &k, &v), k, v, "a");
	assert_at(nrm_cursor_seek(c, nrm_slice_str("ab"), &k, &v), k, v, "ab");
	assert_at(nrm_cursor_seek(c, nrm_slice_str("aba"), &k, &v), k, v, "abc");
	assert_at(nrm_cursor_next(c, &k, &v), k, v, "b");
	assert_at(nrm_cursor_next(c, &k, &v), k, v, "\xff");
	assert_int_equal(nrm_cursor_next(c, &k, &v), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_cursor_next(c, &k, &v), NRM_ERR_NOT_FOUND);
	assert_at(nrm_cursor_last(c, &k, &v), k, v, "\xff");
	assert_int_equal(nrm_cursor_seek(c, nrm_slice_str("\xff\xff"), &k, &v), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_cursor_next(c, &k, &v), NRM_ERR_NOT_FOUND);
	assert_at(nrm_cursor_seek(c, nrm_slice_str("ab"), &k, &v), k, v, "ab");
	assert_int_equal(nrm_cursor_seek(c, nrm_slice_str("\xff\xff"), &k, &v), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_cursor_next(c, &k, &v), NRM_ERR_NOT_FOUND);
	nrm_cursor_close(c);
	nrm_cursor_close(NULL);
	nrm_txn_abort(txn);
}

/* How purges work: delete the row the cursor is at, go on. */
static void test_delete_under_cursor(void **state)
{
	struct fixture *f = *state;
	struct nrm_txn *txn = begin(f->store, true);
	struct nrm_cursor *c;
	struct nrm_slice k, v;
	uint8_t key[4], value[100] = {0};
	unsigned seen = 0;

	for (uint32_t i = 0; i < 2000; i++) {
		nrm_store_u32(key, i);
		assert_int_equal(
			nrm_put(txn, PEOPLE, nrm_slice(key, 4), nrm_slice(value, sizeof(value))),
			NRM_OK);
	}
	assert_int_equal(nrm_cursor_open(txn, PEOPLE, &c), NRM_OK);
	for (enum nrm_err err = nrm_cursor_seek(c, nrm_slice(NULL, 0), &k, &v); err == NRM_OK;
	     err = nrm_cursor_next(c, &k, &v)) {
		struct nrm_reader r = nrm_reader(k);
		uint32_t i = nrm_take_u32(&r);
		assert_int_equal(i, seen++);
		if (i % 3 != 0)
			assert_int_equal(nrm_delete(txn, PEOPLE, k), NRM_OK);
	}
	nrm_cursor_close(c);
	assert_int_equal(seen, 2000);
	assert_int_equal(rows(txn, PEOPLE), 667);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

static void test_append(void **state)
{
	struct fixture *f = *state;
	struct nrm_txn *txn = begin(f->store, true);
	struct nrm_slice found;
	uint8_t key[8], *room = NULL;

	for (uint64_t i = 0; i < 5000; i++) {
		nrm_store_u64(key, 2 * i);
		assert_int_equal(nrm_append(txn, LEAVES, nrm_slice(key, 8), 40, &room), NRM_OK);
		memset(room, (int)(i % 251), 40);
	}
	room = NULL;
	nrm_store_u64(key, 2 * 4999); /* there already */
	assert_int_equal(nrm_append(txn, LEAVES, nrm_slice(key, 8), 1, &room), NRM_ERR_EXISTS);
	nrm_store_u64(key, 2 * 4999 - 1); /* before the last */
	assert_int_equal(nrm_append(txn, LEAVES, nrm_slice(key, 8), 1, &room), NRM_ERR_EXISTS);
	assert_null(room);
	/* a refusal does not spoil the transaction, and values may be large or empty */
	nrm_store_u64(key, 2 * 5000);
	assert_int_equal(nrm_append(txn, LEAVES, nrm_slice(key, 8), 300000, &room), NRM_OK);
	memset(room, 7, 300000);
	nrm_store_u64(key, 2 * 5001);
	assert_int_equal(nrm_append(txn, LEAVES, nrm_slice(key, 8), 0, &room), NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);

	txn = begin(f->store, true);
	assert_int_equal(rows(txn, LEAVES), 5002);
	for (uint64_t i = 0; i < 5000; i += 7) {
		nrm_store_u64(key, 2 * i);
		assert_int_equal(nrm_get(txn, LEAVES, nrm_slice(key, 8), &found), NRM_OK);
		assert_int_equal(found.len, 40);
		assert_int_equal(found.data[0], i % 251);
		assert_int_equal(found.data[39], i % 251);
	}
	nrm_store_u64(key, 2 * 5000);
	assert_int_equal(nrm_get(txn, LEAVES, nrm_slice(key, 8), &found), NRM_OK);
	assert_int_equal(found.len, 300000);
	assert_int_equal(found.data[299999], 7);
	nrm_store_u64(key, 2 * 5001); /* the last row of another transaction counts too */
	assert_int_equal(nrm_append(txn, LEAVES, nrm_slice(key, 8), 1, &room), NRM_ERR_EXISTS);
	nrm_txn_abort(txn);
}

/* Ten more rows after the first `n`, in one transaction, or none of them. */
static enum nrm_err add_batch(struct nrm_store *store, uint32_t n)
{
	struct nrm_txn *txn = begin(store, true);
	uint8_t key[4], value[1000] = {0};
	struct nrm_slice found;
	enum nrm_err err = NRM_OK;

	for (uint32_t i = 0; err == NRM_OK && i < 10; i++) {
		nrm_store_u32(key, n + i);
		err = nrm_put(txn, PEOPLE, nrm_slice(key, 4), nrm_slice(value, sizeof(value)));
	}
	if (err == NRM_OK)
		return nrm_txn_commit(txn);
	/* from here on the transaction can only end */
	assert_int_equal(nrm_get(txn, PEOPLE, nrm_slice(key, 4), &found), err);
	assert_int_equal(nrm_put(txn, LEAVES, nrm_slice(key, 4), nrm_slice(NULL, 0)), err);
	assert_int_equal(nrm_txn_commit(txn), err);
	return err;
}

static void delete_first(struct nrm_store *store, uint32_t n)
{
	uint8_t key[4];

	for (uint32_t i = 0; i < n; i++) {
		struct nrm_txn *txn = begin(store, true);
		nrm_store_u32(key, i);
		assert_int_equal(nrm_delete(txn, PEOPLE, nrm_slice(key, 4)), NRM_OK);
		assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	}
}

/* The failed batch leaves no trace, and what was there before can be read. */
static void fill_up(struct nrm_store *store, uint32_t n)
{
	uint64_t before = n, used, max;
	enum nrm_err err;

	while ((err = add_batch(store, n)) == NRM_OK)
		n += 10;
	assert_int_equal(err, NRM_ERR_FULL);
	assert_true(n > before);
	assert_int_equal(add_batch(store, n), NRM_ERR_FULL); /* for as long as there is no room */

	struct nrm_txn *txn = begin(store, false);
	struct nrm_cursor *c;
	struct nrm_slice k, v;
	uint8_t key[4];
	assert_int_equal(nrm_cursor_open(txn, PEOPLE, &c), NRM_OK);
	assert_int_equal(nrm_cursor_last(c, &k, &v), NRM_OK);
	nrm_store_u32(key, n - 1);
	assert_true(nrm_slice_equal(k, nrm_slice(key, 4)));
	assert_int_equal(v.len, 1000);
	nrm_cursor_close(c);
	nrm_txn_abort(txn);
	nrm_store_room(store, &used, &max);
	assert_true(used > max / 8 * 7 && used <= max);
}

static void test_full(void **state)
{
	struct fixture *f = *state;
	uint64_t used = 0, max, high;
	uint32_t n = 0;

	/* Who stops while an eighth is left can still delete, and has the room again. */
	for (nrm_store_room(f->store, &used, &max); used < max / 8 * 7;
	     nrm_store_room(f->store, &used, &max)) {
		assert_int_equal(add_batch(f->store, n), NRM_OK);
		n += 10;
	}
	high = used;
	delete_first(f->store, n / 2);
	nrm_store_room(f->store, &used, &max);
	assert_true(used < high / 4 * 3);

	fill_up(f->store, n);
	if (f->disk) { /* in a full map LMDB cannot even delete: a larger one is the way out */
		struct nrm_store_options larger = options;
		larger.map_bytes = 2 * max;
		nrm_store_close(f->store);
		f->store = NULL;
		assert_int_equal(nrm_store_open(f->folder, &larger, &f->store), NRM_OK);
	}
	struct nrm_txn *txn = begin(f->store, true);
	uint8_t key[4];
	nrm_store_u32(key, n);
	assert_int_equal(nrm_delete(txn, PEOPLE, nrm_slice(key, 4)), NRM_OK);
	put(txn, LEAVES, "room", "again");
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

static uint64_t random_state = 88172645463325252ull;
static uint32_t draw(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16) % bound;
}

static void assert_same(struct nrm_store *a, struct nrm_store *b)
{
	for (unsigned table = 0; table < TABLES; table++) {
		struct nrm_txn *ta = begin(a, false), *tb = begin(b, false);
		struct nrm_cursor *ca, *cb;
		struct nrm_slice ka, va, kb, vb;

		assert_int_equal(rows(ta, table), rows(tb, table));
		assert_int_equal(nrm_cursor_open(ta, table, &ca), NRM_OK);
		assert_int_equal(nrm_cursor_open(tb, table, &cb), NRM_OK);
		enum nrm_err err;
		do {
			err = nrm_cursor_next(ca, &ka, &va);
			assert_int_equal(nrm_cursor_next(cb, &kb, &vb), err);
			assert_true(err != NRM_OK ||
				    (nrm_slice_equal(ka, kb) && nrm_slice_equal(va, vb)));
		} while (err == NRM_OK);
		nrm_cursor_close(ca);
		nrm_cursor_close(cb);
		nrm_txn_abort(ta);
		nrm_txn_abort(tb);
	}
}

/* The same operations, drawn at random, on both bodies: the same answers and the same rows. */
static void test_twins(void **state)
{
	struct fixture *f = *state;
	struct nrm_store *both[2] = {f->store, NULL};
	uint8_t key[3], value[600];

	assert_int_equal(nrm_store_open_memory(&options, &both[1]), NRM_OK);
	for (unsigned round = 0; round < 150; round++) {
		struct nrm_txn *txn[2] = {begin(both[0], true), begin(both[1], true)};
		for (unsigned n = draw(80); n > 0; n--) {
			unsigned table = draw(TABLES), what = draw(8);
			size_t key_len = 1 + draw(3), len = draw(sizeof(value));
			enum nrm_err err[2];
			struct nrm_slice found[2] = {{0}};
			for (size_t i = 0; i < 3; i++)
				key[i] = (uint8_t)(draw(12) * 21);
			memset(value, (int)n, len);
			for (unsigned i = 0; i < 2; i++) {
				struct nrm_slice k = nrm_slice(key, key_len);
				uint8_t *room;
				if (what < 4)
					err[i] = nrm_put(txn[i], table, k, nrm_slice(value, len));
				else if (what < 6)
					err[i] = nrm_delete(txn[i], table, k);
				else if (what < 7)
					err[i] = nrm_get(txn[i], table, k, &found[i]);
				else if ((err[i] = nrm_append(txn[i], table, k, len, &room)) ==
					 NRM_OK)
					memcpy(room, value, len);
			}
			assert_int_equal(err[0], err[1]);
			assert_true(nrm_slice_equal(found[0], found[1]));
		}
		for (unsigned i = 0, keep = draw(4); i < 2; i++)
			if (keep > 0)
				assert_int_equal(nrm_txn_commit(txn[i]), NRM_OK);
			else
				nrm_txn_abort(txn[i]);
		assert_same(both[0], both[1]);
	}
	nrm_store_close(both[1]);
}

#define BOTH(test)                                                    \
	{#test "/disk", test, on_disk, close_fixture, NULL},          \
	{                                                             \
#test "/memory", test, in_memory, close_fixture, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_rows),
		BOTH(test_commit_and_abort),
		BOTH(test_snapshots),
		BOTH(test_cursors),
		BOTH(test_delete_under_cursor),
		BOTH(test_append),
		cmocka_unit_test_setup_teardown(test_full, on_small_disk, close_fixture),
		cmocka_unit_test_setup_teardown(test_full, in_small_memory, close_fixture),
		cmocka_unit_test_setup_teardown(test_twins, on_disk, close_fixture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
