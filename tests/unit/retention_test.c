/* How long what was decided on a message is known: as the policy says, whatever restarts and interruptions come in between. */
#include "tests/unit/forget_world.h"

#include <assert.h>

#define MANY 30

static char folder[] = "/tmp/nrm-retention-XXXXXX";
static struct world w;
static struct nrm_envelope sent[MANY];

static int begin(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	world_init(&w, folder);
	world_connect(&w, NGO, 1000);
	world_connect(&w, SHELTER, 1000);
	world_opens(&w, 'a');
	for (size_t i = 0; i < MANY; i++) {
		sent[i] = world_refers(&w, 'a');
		const struct nrm_to_agent frame = world_expect(&w, SHELTER, NRM_DELIVER);
		world_acknowledge(&w, SHELTER, &frame.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
		world_receipt(&w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	}
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	world_done(&w);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static uint64_t rows(void)
{
	struct nrm_txn *txn;
	uint64_t n;

	assert_int_equal(nrm_txn_begin(w.books->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_count(txn, NRM_TABLE_MESSAGES, &n), NRM_OK);
	nrm_txn_abort(txn);
	return n;
}

static void restart(void)
{
	world_close(&w);
	world_open(&w);
	world_connect(&w, NGO, 1000);
}

/* Under a policy that keeps it for so many days: as after a SIGHUP and a start. */
static void keep_for(const char *days)
{
	char line[64], *text = policy_text(2, false);

	snprintf(line, sizeof(line), "days_after_expiry: %s", days);
	world_close(&w);
	nrm_signed_policy_free(w.policy);
	w.policy = policy_open(policy_changed(text, "days_after_expiry: 1", line));
	world_open(&w);
	world_connect(&w, NGO, 1000);
}

static void purged_in_parts_over_restarts_and_once(void **state)
{
	const uint64_t all = rows();

	(void)state;
	assert_true(all >= MANY);
	w.now += 7 * WORLD_DAY + NRM_KEEP_ID_MS;
	world_tick(&w); /* the first of them expired a day ago, and a second */
	restart();
	world_tick(&w);
	assert_int_equal(rows(), 0);
	const uint64_t leaves = world_figures(&w).leaves;
	for (int again = 0; again < 3; again++) {
		world_tick(&w);
		assert_int_equal(w.err, NRM_OK);
		restart();
	}
	assert_int_equal(rows(), 0);
	assert_int_equal(world_figures(&w).leaves, leaves); /* leaves stay, and none is added */
}

/* Some rows are gone, then the transaction is lost, as when the process is killed: nothing is gone. */
static void interrupted_it_is_done_again(void **state)
{
	uint8_t entropy[32];
	const uint64_t all = rows();

	(void)state;
	w.now += 7 * WORLD_DAY + NRM_KEEP_ID_MS + 1;
	for (unsigned part = 1; part < 4; part++) {
		world_entropy(&w, entropy);
		assert_int_equal(nrm_books_begin(w.books, w.now, entropy), NRM_OK);
		assert_int_equal(nrm_messages_purge(w.books, part * 7), NRM_OK);
		if (part % 2)
			restart(); /* closing loses it, too */
		else
			assert_int_equal(nrm_books_undo(w.books), NRM_OK);
		assert_int_equal(rows(), all);
	}
	world_tick(&w);
	world_tick(&w);
	assert_int_equal(rows(), 0);
}

/* What the broker answers when the very message comes again: a Receipt of what became of it, or Refused. */
static enum nrm_to_agent_kind sent_again(size_t i)
{
	struct nrm_to_agent frame;

	while (world_hear(&w, NGO, &frame)) /* proofs */
		continue;
	world_submit(&w, NGO, &sent[i]);
	assert_true(world_hear(&w, NGO, &frame));
	return frame.kind;
}

static void within_its_time_a_repeat_is_known(void **state)
{
	(void)state;
	w.now += 7 * WORLD_DAY + NRM_KEEP_ID_MS - 2000;
	world_tick(&w);
	const uint64_t leaves = world_figures(&w).leaves;
	assert_int_equal(sent_again(0), NRM_RECEIPT);
	assert_int_equal(world_figures(&w).leaves, leaves);
	w.now += 10000;
	world_tick(&w);
	assert_int_equal(sent_again(0), NRM_REFUSED);
	assert_int_equal(world_figures(&w).leaves, leaves); /* too late is told, not recorded */
}

static void the_policy_says_how_long(void **state)
{
	const uint64_t all = rows();

	(void)state;
	keep_for("20");
	w.now += 26 * WORLD_DAY;
	world_tick(&w);
	assert_int_equal(rows(), all);
	assert_int_equal(sent_again(MANY - 1), NRM_RECEIPT);
	w.now += WORLD_DAY + 1000;
	world_tick(&w);
	world_tick(&w);
	assert_int_equal(rows(), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(purged_in_parts_over_restarts_and_once),
		TEST(interrupted_it_is_done_again),
		TEST(within_its_time_a_repeat_is_known),
		TEST(the_policy_says_how_long),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("retention", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
