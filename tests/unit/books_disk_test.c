/* The books on disk: what a crash, a restart and a full disk leave behind; and the same commands, the same books. */
#include "tests/unit/books_world.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/nrm-books-XXXXXX";
static struct world w;

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void connect_both(void)
{
	world_connect(&w, POLICE, 1000);
	world_connect(&w, SHELTER, 1000);
}

static struct nrm_books_figures figures(void)
{
	struct nrm_books_figures f;

	nrm_books_figures(w.books, &f);
	return f;
}

static void refer(struct nrm_to_agent *delivery)
{
	struct nrm_envelope envelope = world_referral(&w);

	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	if (delivery)
		*delivery = world_expect(&w, SHELTER, NRM_DELIVER);
}

/* A restart without a goodbye: memory is gone, the disk is not. */
static void restart(void)
{
	world_close(&w);
	world_open(&w);
	connect_both();
}

static void what_was_not_acknowledged_comes_again_after_a_restart(void **state)
{
	struct nrm_to_agent first, second, again;

	(void)state;
	world_init(&w, folder);
	connect_both();
	world_adult(&w);
	world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	refer(&first);
	refer(&second);
	world_acknowledge(&w, SHELTER, &first.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	uint64_t leaves = figures().leaves;
	restart();
	assert_int_equal(figures().leaves,
			 leaves); /* the directory and policy are recorded already */
	again = world_expect(&w, SHELTER, NRM_DELIVER);
	assert_int_equal(again.is.deliver.n, 1);
	assert_int_equal(again.is.deliver.item[0].index, second.is.deliver.item[0].index);
	assert_true(nrm_slice_equal(again.is.deliver.item[0].leaf, second.is.deliver.item[0].leaf));
	world_acknowledge(&w, SHELTER, &again.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	restart();
	world_expect_silence(&w, SHELTER);
	/* The case is known: consent still holds. */
	refer(NULL);
	world_done(&w);
}

static void a_full_store_refuses_new_work_and_takes_acknowledgements(void **state)
{
	struct nrm_to_agent delivery;
	size_t delivered = 0;

	(void)state;
	memset(&w, 0, sizeof(w));
	world_init(&w, folder);
	world_close(&w);
	w.options.map_bytes = 4u << 20;
	world_open(&w);
	connect_both();
	world_adult(&w);
	world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	for (;;) {
		struct nrm_envelope envelope = world_referral(&w);
		struct nrm_to_agent frame;

		if (w.ids % 16 == 0)
			world_tick(&w);
		while (world_hear(&w, POLICE, &frame))
			continue;
		world_submit(&w, POLICE, &envelope);
		assert_true(world_hear(&w, POLICE, &frame));
		if (frame.kind == NRM_REFUSED) {
			assert_int_equal(frame.is.refused.code, NRM_REFUSAL_STORAGE_FULL);
			break;
		}
		while (world_hear(&w, SHELTER, &delivery))
			if (delivery.kind == NRM_DELIVER)
				delivered++;
		assert_true(delivered < 4000);
	}
	assert_true(figures().full);
	assert_true(figures().waiting > 0);
	/* Everything that waits can still be taken out and recorded. */
	uint64_t before = figures().waiting, leaves = figures().leaves;
	restart();
	size_t taken = 0;
	struct nrm_to_agent got[64];
	for (size_t frames = 0; frames < 64 && world_hear(&w, SHELTER, &got[frames]); frames++)
		for (size_t i = 0; i < got[frames].is.deliver.n && taken < 40; i++, taken++)
			world_acknowledge(&w, SHELTER, &got[frames].is.deliver.item[i],
					  WORLD_NEEDED, NRM_ACK_OK);
	assert_true(taken > 0);
	assert_int_equal(figures().waiting, before - taken);
	assert_int_equal(figures().leaves, leaves + taken);
	world_done(&w);
}

/* One life of a few cases; returns the root of its trail. */
static struct nrm_hash a_life(const char *in)
{
	struct nrm_to_agent frame;
	struct nrm_checkpoint head;
	uint64_t cosigned;

	memset(&w, 0, sizeof(w));
	world_init(&w, in);
	connect_both();
	world_adult(&w);
	world_consent(&w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	world_tick(&w);
	frame = world_expect(&w, POLICE, NRM_PROOFS);
	assert_int_equal(nrm_note_open(frame.is.proofs.checkpoint,
				       nrm_directory_log_key(w.directory), NULL, 0, &head,
				       &cosigned),
			 NRM_OK);
	world_done(&w);
	return head.root;
}

static void the_same_commands_give_the_same_root(void **state)
{
	struct nrm_hash first = a_life(NULL), again = a_life(NULL), disk = a_life(folder);

	(void)state;
	assert_memory_equal(first.bytes, again.bytes, NRM_HASH_LEN);
	/* On disk the case keys are random, and so are the tags. */
	assert_memory_not_equal(first.bytes, disk.bytes, NRM_HASH_LEN);
}

static void books_older_than_a_head_that_an_agent_saw_stop(void **state)
{
	struct nrm_to_broker hello = {.kind = NRM_HELLO};
	struct nrm_to_agent frame;
	struct nrm_buf note = {0};

	(void)state;
	memset(&w, 0, sizeof(w));
	world_init(&w, folder);
	connect_both();
	world_adult(&w);
	world_tick(&w);
	frame = world_expect(&w, POLICE, NRM_PROOFS);
	nrm_buf_put(&note, frame.is.proofs.checkpoint.data, frame.is.proofs.checkpoint.len);
	world_done(&w);

	memset(&w, 0, sizeof(w));
	world_init(&w, NULL); /* books that never had that head */
	hello.is.hello.min_version = hello.is.hello.max_version = 1;
	hello.is.hello.directory_version = 1;
	hello.is.hello.checkpoint = nrm_buf_slice(&note);
	w.session[POLICE] = ++w.sessions;
	world_send(&w, POLICE, &hello);
	assert_int_equal(w.err, NRM_ERR_CORRUPT);
	world_done(&w);
	nrm_buf_done(&note);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(what_was_not_acknowledged_comes_again_after_a_restart),
		TEST(a_full_store_refuses_new_work_and_takes_acknowledgements),
		TEST(the_same_commands_give_the_same_root),
		TEST(books_older_than_a_head_that_an_agent_saw_stop),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("books on disk", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
