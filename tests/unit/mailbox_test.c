/* Mailboxes: what waits for whom and in which order; rows that only the case's key opens. */
#include "broker/books/entropy.h"
#include "broker/books/mailbox.h"
#include "proto/trail/rows.h"
#include "tests/unit/broker_store.h"
#include "tests/unit/draw.h"
#include "tests/unit/messages.h"

static struct nrm_mailboxes boxes;
static struct nrm_store *store;
static struct nrm_txn *txn;
static struct nrm_buf scratch;
static struct nrm_entropy entropy;
static const uint8_t label_key[] = "the key of all labels, 32 bytes.";
static struct nrm_case of_her = {.slot = 7, .row_key = "row key of the case this is abou"};

static int set_up(void **state)
{
	(void)state;
	nrm_entropy_init(&entropy, (const uint8_t *)"thirty-two bytes of a fresh seed");
	store = broker_store();
	txn = broker_begin(store);
	return nrm_mailboxes_load(&boxes, txn, label_key) != NRM_OK;
}

static int tear_down(void **state)
{
	(void)state;
	nrm_mailboxes_done(&boxes);
	nrm_txn_abort(txn);
	nrm_store_close(store);
	nrm_buf_done(&scratch);
	scratch = (struct nrm_buf){0};
	return 0;
}

/* ---- in memory ---- */

static void add(uint32_t handle, uint64_t place)
{
	assert_int_equal(nrm_mailbox_add(&boxes, handle, place), NRM_OK);
}

static struct nrm_mailbox *box_of(uint32_t handle)
{
	struct nrm_mailbox *box = nrm_mailbox(&boxes, handle);

	assert_non_null(box);
	return box;
}

/* Delivers the next one, which must be this. */
static void deliver(uint32_t handle, uint64_t place)
{
	uint64_t next;

	assert_true(nrm_mailbox_next(box_of(handle), &next));
	assert_int_equal(next, place);
	assert_false(nrm_mailbox_in_flight(&boxes, handle, place));
	nrm_mailbox_advance(box_of(handle));
	assert_true(nrm_mailbox_in_flight(&boxes, handle, place));
}

static void assert_none(uint32_t handle)
{
	uint64_t next;

	assert_false(nrm_mailbox_next(box_of(handle), &next));
}

static void each_gets_its_own_in_the_order_of_acceptance(void **state)
{
	(void)state;
	assert_none(1);
	add(1, 10);
	add(200, 11);
	add(1, 12);
	add(1, 15);
	assert_int_equal(boxes.waiting, 4);
	assert_int_equal(box_of(1)->waiting, 3);
	deliver(1, 10);
	deliver(1, 12);
	deliver(1, 15);
	assert_none(1);
	deliver(200, 11);
	assert_none(200);
	assert_none(2);
	assert_int_equal(boxes.waiting, 4); /* until they are acknowledged */
}

static void what_is_taken_in_the_middle_is_stepped_over(void **state)
{
	(void)state;
	for (uint64_t place = 0; place < 8; place++)
		add(1, place * 3);
	deliver(1, 0);
	nrm_mailbox_take(&boxes, 1, 3);	 /* the next one */
	nrm_mailbox_take(&boxes, 1, 12); /* a later one */
	nrm_mailbox_take(&boxes, 1, 12); /* only once */
	nrm_mailbox_take(&boxes, 1, 13); /* never there */
	nrm_mailbox_take(&boxes, 2, 6);	 /* somebody else's */
	assert_int_equal(boxes.waiting, 6);
	assert_int_equal(box_of(1)->waiting, 6);
	deliver(1, 6);
	deliver(1, 9);
	deliver(1, 15);
	nrm_mailbox_take(&boxes, 1, 9); /* acknowledged */
	assert_false(nrm_mailbox_in_flight(&boxes, 1, 9));
	assert_true(nrm_mailbox_in_flight(&boxes, 1, 6));
	assert_false(nrm_mailbox_in_flight(&boxes, 1, 18));
	deliver(1, 18);
	deliver(1, 21);
	assert_none(1);
}

static void after_a_rewind_all_that_is_left_comes_again(void **state)
{
	(void)state;
	for (uint64_t place = 1; place <= 5; place++)
		add(1, place);
	deliver(1, 1);
	deliver(1, 2);
	deliver(1, 3);
	nrm_mailbox_take(&boxes, 1, 1);
	nrm_mailbox_take(&boxes, 1, 3);
	nrm_mailbox_rewind(box_of(1));
	assert_false(nrm_mailbox_in_flight(&boxes, 1, 2));
	deliver(1, 2);
	deliver(1, 4);
	nrm_mailbox_rewind(box_of(1));
	nrm_mailbox_take(&boxes, 1, 2);
	deliver(1, 4);
	deliver(1, 5);
	assert_none(1);
	nrm_mailbox_take(&boxes, 1, 4);
	nrm_mailbox_take(&boxes, 1, 5);
	nrm_mailbox_rewind(box_of(1));
	assert_none(1);
	assert_int_equal(boxes.waiting, 0);
}

/* The first is never acknowledged; the others come and go, and leave no memory behind. */
static void one_that_stays_does_not_let_the_others_pile_up(void **state)
{
	(void)state;
	add(1, 0);
	deliver(1, 0);
	for (uint64_t place = 1; place < 10000; place += 3) {
		box_of(1)->next++; /* delivered in the transaction that accepts it */
		add(1, place);
		assert_true(nrm_mailbox_in_flight(&boxes, 1, place));
		add(1, place + 1);
		add(1, place + 2);
		nrm_mailbox_take(&boxes, 1, place);
		deliver(1, place + 1);
		nrm_mailbox_take(&boxes, 1, place + 1);
		nrm_mailbox_take(&boxes, 1, place + 2);
		assert_true(nrm_mailbox_in_flight(&boxes, 1, 0));
		assert_none(1);
	}
	assert_none(1);
	assert_int_equal(boxes.waiting, 1);
	assert_true(box_of(1)->cap <= 64);
	nrm_mailbox_rewind(box_of(1));
	deliver(1, 0);
}

/* A random life, held against a plain list. */
static void it_behaves_as_a_plain_list_does(void **state)
{
	enum { MOST = 4000 };
	static bool waits[MOST];
	uint64_t end = 0, next = 0, got;

	(void)state;
	while (end < MOST) {
		const uint32_t what = below(16);
		const uint64_t some = end ? draw() % end : 0;

		while (next < end && !waits[next])
			next++;
		if (what < 6) {
			/* With nothing before it, it may be delivered in the very transaction that accepts it. */
			const bool at_once = next == end && what < 3;

			box_of(1)->next += at_once;
			waits[end] = true;
			add(1, end++);
			next += at_once;
		} else if (what < 9) {
			nrm_mailbox_take(&boxes, 1, some);
			waits[some] = false;
		} else if (what < 15) {
			assert_int_equal(nrm_mailbox_next(box_of(1), &got), next < end);
			if (next < end) {
				assert_int_equal(got, next++);
				nrm_mailbox_advance(box_of(1));
			}
		} else if (some % 8 == 0) {
			nrm_mailbox_rewind(box_of(1));
			next = 0;
		}
		if (end)
			assert_int_equal(nrm_mailbox_in_flight(&boxes, 1, some),
					 waits[some] && some < next);
	}
	size_t left = 0;
	for (uint64_t place = 0; place < MOST; place++)
		left += waits[place];
	assert_int_equal(boxes.waiting, left);
}

/* ---- rows ---- */

static struct nrm_mail mail_at(uint64_t place)
{
	return (struct nrm_mail){
		.place = place,
		.sender = 3,
		.recipient = 70,
		.slot = of_her.slot,
		.expires_ms = MESSAGES_NOW,
		.leaf = place,
		.declared = 0x1ffe,
		.forwarded = 1u << 2 | 1u << 5,
	};
}

static void write_mail(struct nrm_mail *mail, const struct nrm_envelope *envelope, bool rewrite)
{
	assert_int_equal(
		nrm_mail_write(&boxes, txn, mail, envelope, &of_her, rewrite, &entropy, &scratch),
		NRM_OK);
}

static void assert_same_head(const struct nrm_mail *a, const struct nrm_mail *b)
{
	assert_int_equal(a->place, b->place);
	assert_int_equal(a->sender, b->sender);
	assert_int_equal(a->recipient, b->recipient);
	assert_int_equal(a->slot, b->slot);
	assert_int_equal(a->expires_ms, b->expires_ms);
	assert_int_equal(a->leaf, b->leaf);
}

static void a_row_is_read_as_it_was_written_less_what_is_withheld(void **state)
{
	struct nrm_envelope envelope = messages_signed(messages_envelope(1, 12)), read;
	struct nrm_mail mail = mail_at(40), got;
	struct nrm_buf plaintext = {0};

	(void)state;
	write_mail(&mail, &envelope, false);
	assert_int_equal(nrm_mail_label(&boxes, txn, 40, &got), NRM_OK);
	assert_same_head(&got, &mail);
	assert_int_equal(nrm_mail_read(&boxes, txn, 40, &of_her, &plaintext, &got), NRM_OK);
	assert_same_head(&got, &mail);
	assert_int_equal(got.declared, mail.declared);
	assert_int_equal(got.forwarded, mail.forwarded);
	assert_slices(got.envelope, mail.envelope);
	assert_int_equal(nrm_envelope_decode(got.envelope, &messages_arena, &read), NRM_OK);
	assert_int_equal(read.n_fields, 2);
	assert_int_equal(read.field[0].field, 2);
	assert_int_equal(read.field[1].field, 5);
	assert_slices(read.statement, envelope.statement);
	assert_int_equal(nrm_mail_label(&boxes, txn, 41, &got), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_mail_read(&boxes, txn, 41, &of_her, &plaintext, &got),
			 NRM_ERR_NOT_FOUND);
	nrm_buf_done(&plaintext);
}

static void rows_are_only_added_at_the_end_and_rewritten_in_place(void **state)
{
	struct nrm_envelope envelope = messages_signed(messages_envelope(1, 6)), read;
	struct nrm_mail first = mail_at(40), late = mail_at(39), next = mail_at(41), got;
	struct nrm_buf plaintext = {0};
	uint64_t rows;

	(void)state;
	write_mail(&first, &envelope, false);
	assert_int_equal(
		nrm_mail_write(&boxes, txn, &late, &envelope, &of_her, false, &entropy, &scratch),
		NRM_ERR_EXISTS);
	write_mail(&next, &envelope, false);
	first.leaf = 99;
	first.forwarded = 1u << 5;
	write_mail(&first, &envelope, true);
	assert_int_equal(nrm_count(txn, NRM_TABLE_MAILBOX, &rows), NRM_OK);
	assert_int_equal(rows, 2);
	assert_int_equal(nrm_mail_read(&boxes, txn, 40, &of_her, &plaintext, &got), NRM_OK);
	assert_int_equal(got.leaf, 99);
	assert_int_equal(nrm_envelope_decode(got.envelope, &messages_arena, &read), NRM_OK);
	assert_int_equal(read.n_fields, 1);
	assert_int_equal(nrm_mail_delete(txn, 40), NRM_OK);
	assert_int_equal(nrm_mail_delete(txn, 40), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_mail_label(&boxes, txn, 40, &got), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_mail_label(&boxes, txn, 41, &got), NRM_OK);
	nrm_buf_done(&plaintext);
}

static void nothing_of_the_envelope_stands_in_clear(void **state)
{
	struct nrm_envelope envelope = messages_signed(messages_envelope(1, 3));
	struct nrm_mail mail = mail_at(40);
	uint8_t key[8];

	(void)state;
	write_mail(&mail, &envelope, false);
	nrm_store_u64(key, 40);
	struct nrm_buf row = broker_row(txn, NRM_TABLE_MAILBOX, nrm_slice(key, sizeof(key)));
	for (size_t at = 0; at + 16 <= mail.envelope.len; at++)
		assert_null(memmem(row.data, row.len, mail.envelope.data + at, 16));
	nrm_buf_done(&row);
}

/* Another key, another place, a bit flipped, a byte missing: damage, and nothing is read. */
static void only_the_cases_key_opens_it_in_its_place(void **state)
{
	struct nrm_envelope envelope = messages_signed(messages_envelope(1, 1));
	struct nrm_mail mail = mail_at(40), next = mail_at(41), got;
	struct nrm_case other = of_her;
	struct nrm_buf plaintext = {0};
	uint8_t key[8], elsewhere[8];

	(void)state;
	write_mail(&mail, &envelope, false);
	write_mail(&next, &envelope, false);
	other.row_key[31] ^= 1;
	assert_int_equal(nrm_mail_read(&boxes, txn, 40, &other, &plaintext, &got), NRM_ERR_CORRUPT);
	nrm_store_u64(key, 40);
	nrm_store_u64(elsewhere, 41);
	const struct nrm_slice here = nrm_slice(key, sizeof(key));
	struct nrm_buf row = broker_row(txn, NRM_TABLE_MAILBOX, here);
	assert_int_equal(nrm_put(txn, NRM_TABLE_MAILBOX, nrm_slice(elsewhere, sizeof(elsewhere)),
				 nrm_buf_slice(&row)),
			 NRM_OK);
	assert_int_equal(nrm_mail_read(&boxes, txn, 41, &of_her, &plaintext, &got),
			 NRM_ERR_CORRUPT);
	for (size_t bit = 0; bit < row.len * 8; bit++) {
		row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(nrm_put(txn, NRM_TABLE_MAILBOX, here, nrm_buf_slice(&row)),
				 NRM_OK);
		assert_int_equal(nrm_mail_read(&boxes, txn, 40, &of_her, &plaintext, &got),
				 NRM_ERR_CORRUPT);
		row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 0; len < row.len; len++) {
		assert_int_equal(nrm_put(txn, NRM_TABLE_MAILBOX, here, nrm_slice(row.data, len)),
				 NRM_OK);
		assert_int_equal(nrm_mail_read(&boxes, txn, 40, &of_her, &plaintext, &got),
				 NRM_ERR_CORRUPT);
	}
	assert_int_equal(nrm_put(txn, NRM_TABLE_MAILBOX, here, nrm_buf_slice(&row)), NRM_OK);
	assert_int_equal(nrm_mail_read(&boxes, txn, 40, &of_her, &plaintext, &got), NRM_OK);
	nrm_buf_done(&plaintext);
	nrm_buf_done(&row);
}

static void after_a_start_everything_waits_again_in_order(void **state)
{
	struct nrm_envelope envelope = messages_signed(messages_envelope(1, 1));

	(void)state;
	for (uint64_t place = 250; place < 262; place++) { /* across a byte of the key */
		struct nrm_mail mail = mail_at(place);
		mail.recipient = place % 2 ? 70 : 2;
		write_mail(&mail, &envelope, false);
	}
	assert_int_equal(nrm_mail_delete(txn, 255), NRM_OK);
	nrm_mailboxes_done(&boxes);
	assert_int_equal(nrm_mailboxes_load(&boxes, txn, label_key), NRM_OK);
	assert_int_equal(boxes.waiting, 11);
	for (uint64_t place = 250; place < 262; place++)
		if (place != 255)
			deliver(place % 2 ? 70 : 2, place);
	assert_none(70);
	assert_none(2);
}

/* Another key, another place, a bit flipped, a byte missing: nothing is read of any. */
static void a_damaged_label_stops_the_start(void **state)
{
	struct nrm_envelope envelope = messages_signed(messages_envelope(1, 1));
	struct nrm_mail mail = mail_at(40), got;
	static const uint8_t other_key[NRM_KEY_LEN] = {1};
	uint8_t at[8];

	(void)state;
	write_mail(&mail, &envelope, false);
	nrm_store_u64(at, 40);
	const struct nrm_slice key = nrm_slice(at, sizeof(at));
	struct nrm_buf row = broker_row(txn, NRM_TABLE_LABELS, key);
	for (size_t bit = 0; bit < row.len * 8; bit++) {
		row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(nrm_mail_label_open(&boxes, key, nrm_buf_slice(&row), &got),
				 NRM_ERR_CORRUPT);
		row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 0; len < row.len; len++)
		assert_int_equal(nrm_mail_label_open(&boxes, key, nrm_slice(row.data, len), &got),
				 NRM_ERR_CORRUPT);
	nrm_mailboxes_done(&boxes);
	assert_int_equal(nrm_mailboxes_load(&boxes, txn, other_key), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_mailboxes_load(&boxes, txn, label_key), NRM_OK);
	assert_int_equal(boxes.waiting, 1);
	nrm_buf_done(&row);
}

/* Under a new key they say what they said, and the old key opens none. */
static void labels_are_sealed_anew(void **state)
{
	struct nrm_envelope envelope = messages_signed(messages_envelope(1, 1));
	static const uint8_t new_key[NRM_KEY_LEN] = "another key for all the labels..";
	struct nrm_mail got = mail_at(1);

	(void)state;
	for (uint64_t place = 1; place <= 300; got = mail_at(++place))
		write_mail(&got, &envelope, false);
	assert_int_equal(nrm_mailboxes_relabel(&boxes, txn, new_key, &entropy), NRM_OK);
	for (uint64_t place = 1; place <= 300; place++) {
		const struct nrm_mail mail = mail_at(place);
		assert_int_equal(nrm_mail_label(&boxes, txn, place, &got), NRM_OK);
		assert_same_head(&got, &mail);
	}
	nrm_mailboxes_done(&boxes);
	assert_int_equal(nrm_mailboxes_load(&boxes, txn, label_key), NRM_ERR_CORRUPT);
	assert_int_equal(nrm_mailboxes_load(&boxes, txn, new_key), NRM_OK);
	assert_int_equal(boxes.waiting, 300);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_gets_its_own_in_the_order_of_acceptance),
		TEST(what_is_taken_in_the_middle_is_stepped_over),
		TEST(after_a_rewind_all_that_is_left_comes_again),
		TEST(one_that_stays_does_not_let_the_others_pile_up),
		TEST(it_behaves_as_a_plain_list_does),
		TEST(a_row_is_read_as_it_was_written_less_what_is_withheld),
		TEST(rows_are_only_added_at_the_end_and_rewritten_in_place),
		TEST(nothing_of_the_envelope_stands_in_clear),
		TEST(only_the_cases_key_opens_it_in_its_place),
		TEST(after_a_start_everything_waits_again_in_order),
		TEST(a_damaged_label_stops_the_start),
		TEST(labels_are_sealed_anew),
	};

	return cmocka_run_group_tests_name("mailbox", tests, messages_init, messages_done);
}
