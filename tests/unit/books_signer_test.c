/*
 * The books and their signer: it may be away, slow or fall behind, and nothing waits for it; it may be ahead, and then the
 * books are older than what was signed and must not go on.
 */
#include "tests/unit/books_world.h"

#include <assert.h>

/* The local signer behind a desk that is closed, gives few notes back, or has another's last head. */
static struct {
	struct nrm_signer to;
	bool away;
	unsigned notes;			     /* that it still gives back */
	const struct nrm_checkpoint *claims; /* NULL: the truth */
	unsigned submitted;		     /* heads handed over so far */
	struct nrm_checkpoint head;	     /* the last of them */
} desk;

static struct world w;

static enum nrm_err last(void *self, struct nrm_checkpoint *ret_last)
{
	(void)self;
	if (desk.away)
		return NRM_ERR_AGAIN;
	if (!desk.claims)
		return desk.to.last(desk.to.self, ret_last);
	*ret_last = *desk.claims;
	return NRM_OK;
}

static enum nrm_err submit(void *self, const struct nrm_signing_request *request)
{
	(void)self;
	assert_false(desk.away);
	enum nrm_err err = desk.to.submit(desk.to.self, request);
	if (err == NRM_OK) {
		desk.submitted++;
		desk.head = request->head;
	}
	return err;
}

static enum nrm_err collect(void *self, struct nrm_checkpoint *ret_head, struct nrm_buf *out)
{
	(void)self;
	if (desk.away || desk.notes == 0)
		return NRM_ERR_NOT_FOUND;
	enum nrm_err err = desk.to.collect(desk.to.self, ret_head, out);
	desk.notes -= err == NRM_OK;
	return err;
}

static void put_desk_before_signer(void)
{
	desk.to = w.signer;
	w.signer = (struct nrm_signer){last, submit, collect, NULL};
}

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
	memset(&desk, 0, sizeof(desk));
	desk.notes = 1000;
	put_desk_before_signer();
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

/* A leaf more, of which the police have a receipt and are owed a proof. */
static void add_leaf(void)
{
	world_adult(&w);
}

/* The head under which the police are proved `n` leaves. */
static struct nrm_checkpoint expect_proofs(size_t n)
{
	struct nrm_to_agent frame = world_expect(&w, POLICE, NRM_PROOFS);
	struct nrm_checkpoint head;
	uint64_t cosigned;

	assert_int_equal(frame.is.proofs.n_indexes, n);
	assert_int_equal(nrm_note_open(frame.is.proofs.checkpoint,
				       nrm_directory_log_key(w.directory), NULL, 0, &head,
				       &cosigned),
			 NRM_OK);
	return head;
}

static void receipts_do_not_wait_for_it(void **state)
{
	(void)state;
	desk.away = true;
	for (int i = 0; i < 3; i++) {
		add_leaf();
		world_tick(&w);
		assert_int_equal(w.err, NRM_OK);
	}
	world_expect_silence(&w, POLICE);
	desk.away = false;
	world_tick(&w);
	assert_int_equal(expect_proofs(3).size, world_figures(&w).leaves);
	assert_int_equal(desk.submitted, 1);
}

/* While it signs one head the tree grows; what it gives back proves what is under that head, and no more. */
static void a_slow_one_proves_what_it_signed(void **state)
{
	(void)state;
	desk.notes = 0;
	add_leaf();
	world_tick(&w);
	const uint64_t size = world_figures(&w).leaves;
	assert_int_equal(desk.head.size, size);
	add_leaf();
	world_tick(&w);
	world_tick(&w);
	world_expect_silence(&w, POLICE);
	assert_int_equal(desk.submitted, 1); /* one at a time */
	desk.notes = 1;
	world_tick(&w);
	assert_int_equal(expect_proofs(1).size, size);
	assert_int_equal(desk.submitted, 2);
	world_tick(&w);
	world_expect_silence(&w, POLICE);
	desk.notes = 1;
	world_tick(&w);
	assert_int_equal(expect_proofs(1).size, size + 1);
	world_tick(&w);
	assert_int_equal(desk.submitted, 2); /* nothing new, nothing asked */
}

/* The signer signed what is committed, and the broker's copy of the note was lost with a transaction: it is asked again. */
static void what_was_lost_is_signed_again(void **state)
{
	(void)state;
	add_leaf();
	world_tick(&w);
	const struct nrm_checkpoint head = expect_proofs(1);
	struct nrm_checkpoint signed_head;
	add_leaf();
	desk.notes = 0;
	world_tick(&w); /* signed, not collected */
	struct nrm_buf lost = {0};
	assert_int_equal(desk.to.collect(desk.to.self, &signed_head, &lost), NRM_OK);
	nrm_buf_done(&lost);
	assert_int_equal(signed_head.size, head.size + 1);
	desk.notes = 1;
	world_tick(&w);
	assert_int_equal(expect_proofs(1).size, head.size + 1);
	assert_int_equal(desk.submitted, 3);
}

/* One whose memory begins anew is told of the tree though it did not grow. */
static void one_that_knows_less_is_told(void **state)
{
	struct nrm_checkpoint known;
	uint8_t secret[NRM_KEY_LEN];

	(void)state;
	add_leaf();
	world_tick(&w);
	const uint64_t size = expect_proofs(1).size;
	nrm_local_signer_free(w.local);
	agency_secret(AGENCIES_MAX, NRM_KEY_KIND_WITNESS, secret);
	assert_int_equal(nrm_local_signer_new("nrm/XX", secret, &w.local), NRM_OK);
	desk.to = nrm_local_signer_interface(w.local);
	world_tick(&w);
	assert_int_equal(desk.submitted, 2);
	assert_int_equal(desk.to.last(desk.to.self, &known), NRM_OK);
	assert_int_equal(known.size, size);
}

static void stops_before_a_head_beyond_its_tree(void **state)
{
	struct nrm_checkpoint beyond = {.origin = "nrm/XX"};

	(void)state;
	beyond.size = world_figures(&w).leaves + 1;
	desk.claims = &beyond;
	world_tick(&w);
	assert_int_equal(w.err, NRM_ERR_CORRUPT);
	assert_int_equal(desk.submitted, 0);
}

static void stops_before_another_root(void **state)
{
	struct nrm_checkpoint claim;

	(void)state;
	add_leaf();
	world_tick(&w);
	expect_proofs(1);
	claim = desk.head;
	desk.claims = &claim;
	world_tick(&w);
	assert_int_equal(w.err, NRM_OK);
	add_leaf(); /* the same when the tree has grown since */
	claim.root.bytes[5] ^= 1;
	world_tick(&w);
	assert_int_equal(w.err, NRM_ERR_CORRUPT);
	assert_int_equal(desk.submitted, 1);
}

static void does_not_open_behind_it(void **state)
{
	uint8_t entropy[32] = {1};
	char error[256];

	(void)state;
	struct nrm_checkpoint beyond = {.origin = "nrm/XX", .size = 1};
	world_close(&w);
	desk.claims = &beyond; /* of books that are new, and have none */
	assert_int_equal(nrm_books_open(&w.options, w.now, entropy, &w.books, error),
			 NRM_ERR_CORRUPT);
	assert_non_null(strstr(error, "the head that the signer signed last"));
	desk.away = true;
	assert_int_equal(nrm_books_open(&w.options, w.now, entropy, &w.books, error), NRM_OK);
	desk.away = false;
	world_tick(&w); /* it is found out as soon as the signer is there */
	assert_int_equal(w.err, NRM_ERR_CORRUPT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(receipts_do_not_wait_for_it),
		TEST(a_slow_one_proves_what_it_signed),
		TEST(what_was_lost_is_signed_again),
		TEST(one_that_knows_less_is_told),
		TEST(stops_before_a_head_beyond_its_tree),
		TEST(stops_before_another_root),
		TEST(does_not_open_behind_it),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("books_signer", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
