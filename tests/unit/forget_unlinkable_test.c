/*
 * The decisive test of forgetting: two histories that differ only in which of two cases a message belonged to. Both cases are
 * forgotten; then all that is in the broker's folder, freed pages included, is the same but for what looks random.
 */
#include "tests/unit/forget_world.h"

#include <assert.h>

#include "proto/trail/rows.h"

#define PAGE	 4096u
#define MESSAGES 24

struct history {
	char folder[32];
	struct world w;
	uint8_t message_id[MESSAGES][NRM_MESSAGE_ID_LEN];
	uint8_t digest[MESSAGES][NRM_HASH_LEN]; /* of the statements */
	uint64_t leaf[MESSAGES];
	uint8_t key[2][NRM_KEY_LEN], labels[NRM_KEY_LEN]; /* as they were before */
	uint8_t index[NRM_KEY_LEN];
	uint32_t slot[2];
};

static void key_of(struct history *h, uint32_t slot, uint8_t out[static NRM_KEY_LEN])
{
	assert_int_equal(nrm_case_keys_get(h->w.books->keys, slot, out), NRM_OK);
}

/* Refers in the case that is meant by `letter`; the shelter takes it, or it waits. */
static void refer(struct history *h, int i, char letter, bool waits)
{
	struct world *w = &h->w;
	const struct nrm_envelope envelope = world_refers(w, letter);
	struct nrm_statement st;

	h->leaf[i] = world_figures(w).leaves - 1;
	assert_int_equal(nrm_statement_decode(envelope.statement, &w->arena, &st), NRM_OK);
	memcpy(h->message_id[i], st.message_id.data, NRM_MESSAGE_ID_LEN);
	nrm_statement_digest(envelope.statement, h->digest[i]);
	if (waits)
		return;
	world_connect(w, SHELTER, 1000);
	const struct nrm_to_agent frame = world_expect(w, SHELTER, NRM_DELIVER);
	for (size_t n = 0; n < frame.is.deliver.n; n++)
		world_acknowledge(w, SHELTER, &frame.is.deliver.item[n], WORLD_NEEDED, NRM_ACK_OK);
	while (world_hear(w, NGO, &(struct nrm_to_agent){0}))
		continue;
	world_disconnect(w, SHELTER);
}

/* Whether a leaf's tag is that of a case with this key. */
static bool is_of(struct history *h, uint64_t index, const uint8_t *key)
{
	struct nrm_trail_row row;
	uint8_t tag[NRM_HASH_LEN];
	struct nrm_txn *txn;
	struct nrm_leaf leaf;

	assert_int_equal(nrm_txn_begin(h->w.books->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_trail_read(txn, index, &row), NRM_OK);
	assert_int_equal(nrm_leaf_decode(row.leaf, &h->w.arena, &leaf), NRM_OK);
	nrm_case_tag(key, index, tag);
	bool same = nrm_slice_equal(leaf.case_tag, nrm_slice(tag, sizeof(tag)));
	nrm_txn_abort(txn);
	return same;
}

/*
 * Before anything is in the index, its key becomes one that both histories have: so the rows of the cases that remain are the
 * same, and those of the forgotten ones can be looked for.
 */
static void fix_index_key(struct history *h)
{
	struct world *w = &h->w;
	const uint32_t slot = w->books->index_slot;

	memset(h->index, 'i', sizeof(h->index));
	world_close(w);
	struct nrm_buf keys = folder_file(h->folder, NRM_BROKER_CASE_KEYS);
	memcpy(keys.data + 32 + (size_t)slot * NRM_KEY_LEN, h->index, NRM_KEY_LEN);
	folder_put(h->folder, NRM_BROKER_CASE_KEYS, &keys);
	nrm_buf_done(&keys);
	world_open(w);
	assert_int_equal(w->books->index_slot, slot);
}

/* Where the index has a case of this history. */
static void index_row(struct history *h, char letter, uint8_t row[static NRM_INDEX_ROW_KEY_LEN])
{
	nrm_index_row_key(h->index, world_case(&h->w, letter).data, row);
}

/* `crossed`: the messages of the one case belong to the other. `wait`: nobody takes any before they are forgotten. */
static void live(struct history *h, bool crossed, bool wait)
{
	struct world *w = &h->w;

	strcpy(h->folder, "/tmp/nrm-unlinkable-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	world_init(w, h->folder);
	fix_index_key(h);
	world_connect(w, NGO, 1000);
	world_opens(w, 'x');
	world_opens(w, 'y');
	for (int i = 0; i < MESSAGES; i++)
		refer(h, i, (i / 2 % 2 != 0) != crossed ? 'y' : 'x', wait);
	for (int c = 0; c < 2; c++) {
		h->slot[c] = world_find_case(w, "xy"[c])->slot;
		key_of(h, h->slot[c], h->key[c]);
	}
	key_of(h, w->books->labels_slot, h->labels);
	/* With the keys everything can be told: which is why they go. */
	for (int i = 0; i < MESSAGES; i++)
		assert_true(is_of(h, h->leaf[i], h->key[(i / 2 % 2 != 0) != crossed]));
	assert_int_equal(folder_count(h->folder, h->key[0], NRM_KEY_LEN), 1);
	assert_int_equal(folder_count(h->folder, h->labels, NRM_KEY_LEN), 1);
	uint8_t row[NRM_INDEX_ROW_KEY_LEN];
	index_row(h, 'x', row);
	assert_true(folder_count(h->folder, row, sizeof(row)) > 0);
	world_forgets(w, 'x');
	world_forgets(w, 'y');
	world_tick(w);
	assert_int_equal(w->err, NRM_OK);
	assert_false(w->books->must_scrub);
	world_close(w);
}

static void done(struct history *h)
{
	char command[128];

	world_done(&h->w);
	snprintf(command, sizeof(command), "rm -rf %s", h->folder);
	assert_int_equal(system(command), 0);
}

static void assert_nowhere(struct history *h, const void *bytes, size_t len)
{
	assert_int_equal(folder_count(h->folder, bytes, len), 0);
}

static void no_key_and_no_trace_of_one(struct history *h)
{
	uint8_t row_key[NRM_KEY_LEN];
	struct world *w = &h->w;

	assert_nowhere(h, h->labels, 16);
	for (int c = 0; c < 2; c++) {
		nrm_row_key(h->key[c], row_key);
		for (size_t at = 0; at < NRM_KEY_LEN; at += 8)
			assert_nowhere(h, h->key[c] + at, 8);
		assert_nowhere(h, row_key, 16);
		assert_nowhere(h, world_case(w, "xy"[c]).data, NRM_CASE_ID_LEN);
		index_row(h, "xy"[c], row_key);
		assert_nowhere(h, row_key, NRM_INDEX_ROW_KEY_LEN);
	}
	for (int i = 0; i < MESSAGES; i++) {
		uint8_t row[NRM_MESSAGE_ID_LEN + 4];

		assert_nowhere(h, h->digest[i], NRM_HASH_LEN);
		/* Its id stands in the table of repeats, under who sent it; nowhere else, and beside no leaf. */
		memcpy(row, h->message_id[i], NRM_MESSAGE_ID_LEN);
		nrm_store_u32(row + NRM_MESSAGE_ID_LEN, NGO + 1);
		size_t ids = folder_count(h->folder, h->message_id[i], NRM_MESSAGE_ID_LEN);
		assert_true(ids > 0);
		assert_int_equal(folder_count(h->folder, row, sizeof(row)), ids);
	}
}

/* Rows of all tables: how many, their keys and the lengths of their values. */
static void tables_are_alike(struct history *a, struct history *b)
{
	struct nrm_txn *txn[2];
	struct history *of[2] = {a, b};

	for (int i = 0; i < 2; i++) {
		world_open(&of[i]->w);
		assert_int_equal(nrm_txn_begin(of[i]->w.books->store, false, &txn[i]), NRM_OK);
	}
	for (unsigned table = 0; table < NRM_BROKER_TABLES; table++) {
		struct nrm_slice key[2], row[2];
		struct nrm_cursor *cursor[2];
		enum nrm_err err[2];

		for (int i = 0; i < 2; i++) {
			assert_int_equal(nrm_cursor_open(txn[i], table, &cursor[i]), NRM_OK);
			err[i] = nrm_cursor_seek(cursor[i], nrm_slice(NULL, 0), &key[i], &row[i]);
		}
		while (err[0] == NRM_OK && err[1] == NRM_OK) {
			assert_true(nrm_slice_equal(key[0], key[1]));
			assert_int_equal(row[0].len, row[1].len);
			if (table == NRM_TABLE_MESSAGES) /* in clear: when its id may go */
				assert_memory_equal(row[0].data, row[1].data, 8);
			for (int i = 0; i < 2; i++)
				err[i] = nrm_cursor_next(cursor[i], &key[i], &row[i]);
		}
		assert_int_equal(err[0], NRM_ERR_NOT_FOUND);
		assert_int_equal(err[1], NRM_ERR_NOT_FOUND);
		for (int i = 0; i < 2; i++)
			nrm_cursor_close(cursor[i]);
	}
	for (int i = 0; i < 2; i++) {
		nrm_txn_abort(txn[i]);
		world_close(&of[i]->w);
	}
}

/*
 * Page by page: the same pages hold something, and what is not the same is long and looks random: sealed bytes, tags, digests.
 * A number that told where a message belonged would stand alone among bytes that are alike.
 */
static void pages_are_alike(struct history *a, struct history *b)
{
	struct nrm_buf one = folder_file(a->folder, "store/data.mdb"),
		       other = folder_file(b->folder, "store/data.mdb");
	static const uint8_t zeros[PAGE];
	size_t free_pages = 0;

	assert_int_equal(one.len, other.len);
	for (size_t page = 2; (page + 1) * PAGE <= one.len;
	     page++) { /* the first two are LMDB's heads */
		const uint8_t *p = one.data + page * PAGE, *q = other.data + page * PAGE;

		/* Kind of page, and where its rows lie. */
		assert_memory_equal(p, q, 16);
		free_pages += memcmp(p, zeros, PAGE) == 0;
		for (size_t at = 16; at < PAGE;) {
			size_t run = 0, alike = 0;

			if (p[at] == q[at]) {
				at++;
				continue;
			}
			while (at + run < PAGE && alike < 8) {
				alike = p[at + run] == q[at + run] ? alike + 1 : 0;
				run++;
			}
			/* One byte: LMDB rounds rows up to even lengths, with whatever was there. */
			assert_true(run - alike > 8 || run - alike == 1);
			at += run;
		}
	}
	assert_true(free_pages > 10);
	nrm_buf_done(&one);
	nrm_buf_done(&other);
}

static void cannot_be_told_apart(bool wait)
{
	static struct history a, b;

	live(&a, false, wait);
	live(&b, true, wait);
	no_key_and_no_trace_of_one(&a);
	no_key_and_no_trace_of_one(&b);
	pages_are_alike(&a, &b);
	tables_are_alike(&a, &b);
	done(&a);
	done(&b);
}

static void delivered_ones_cannot_be_told_apart(void **state)
{
	(void)state;
	cannot_be_told_apart(false);
}

static void waiting_ones_cannot_be_told_apart(void **state)
{
	(void)state;
	cannot_be_told_apart(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivered_ones_cannot_be_told_apart),
		cmocka_unit_test(waiting_ones_cannot_be_told_apart),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("unlinkable", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
