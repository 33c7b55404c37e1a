/* The roll of participants: a number, once given, is kept for good. */
#include "broker/books/roll.h"
#include "proto/wire/seal.h"
#include "tests/unit/agencies.h"
#include "tests/unit/broker_store.h"

#define NOW	1770000000000u
#define FOREVER (1ull << 48)

static struct country country;
static struct nrm_store *store;
static struct nrm_txn *txn;
static struct nrm_roll roll;

static int set_up(void **state)
{
	(void)state;
	country_init(&country, 3);
	store = broker_store();
	txn = broker_begin(store);
	return nrm_roll_load(&roll, txn) != NRM_OK;
}

static int tear_down(void **state)
{
	(void)state;
	nrm_roll_done(&roll);
	nrm_txn_abort(txn);
	nrm_store_close(store);
	country_done(&country);
	return 0;
}

static void enrol(const struct nrm_directory *directory)
{
	assert_int_equal(nrm_roll_enrol(&roll, txn, directory, NOW), NRM_OK);
}

static void reload(void)
{
	nrm_roll_done(&roll);
	assert_int_equal(nrm_roll_load(&roll, txn), NRM_OK);
}

static uint32_t find(const char *id)
{
	return nrm_roll_find(&roll, nrm_slice_str(id));
}

static void assert_id(uint32_t handle, const char *id)
{
	assert_true(nrm_slice_equal(nrm_roll_id(&roll, handle), nrm_slice_str(id)));
}

static void numbers_begin_at_one_and_survive_a_reload(void **state)
{
	struct nrm_directory *directory = country_directory(&country, 1);

	(void)state;
	enrol(directory);
	for (int reloaded = 0; reloaded < 2; reloaded++) {
		assert_int_equal(roll.n, 4);
		assert_int_equal(find("XX.agency-000"), 1);
		assert_int_equal(find("XX.agency-001"), 2);
		assert_int_equal(find("XX.agency-002"), 3);
		assert_id(3, "XX.agency-002");
		reload();
	}
	/* Read from the store alone, nobody is known to today's directory. */
	assert_false(roll.party[1].known);
	enrol(directory);
	assert_int_equal(roll.n, 4);
	assert_true(roll.party[1].known && roll.party[1].active);
	nrm_directory_free(directory);
}

static void unknown_ids_have_no_number(void **state)
{
	struct nrm_directory *directory = country_directory(&country, 1);

	(void)state;
	assert_int_equal(find("XX.agency-000"), 0);
	enrol(directory);
	assert_int_equal(find(""), 0);
	assert_int_equal(find("XX.agency-003"), 0);
	assert_int_equal(find("XX.agency-00"), 0);
	assert_int_equal(find("XX.agency-0000"), 0);
	assert_int_equal(find("xx.agency-000"), 0);
	assert_id(0, "");
	assert_id(4, "");
	assert_id(UINT32_MAX, "");
	assert_false(roll.party[0].known);
	nrm_directory_free(directory);
}

static void who_leaves_the_directory_keeps_a_number_that_nobody_else_gets(void **state)
{
	struct nrm_directory *first = country_directory(&country, 1), *second, *third;

	(void)state;
	enrol(first);
	strcpy(country.agency[0].id, "XX.a-new-one"); /* sorts before the others */
	second = country_directory(&country, 2);
	enrol(second);
	assert_int_equal(find("XX.agency-000"), 1);
	assert_false(roll.party[1].known);
	assert_null(roll.enrolled[1].participant);
	assert_int_equal(find("XX.agency-001"), 2);
	assert_true(roll.party[2].active);
	assert_ptr_equal(roll.enrolled[2].participant,
			 nrm_directory_find(second, nrm_slice_str("XX.agency-001")));
	assert_int_equal(find("XX.a-new-one"), 4);
	assert_true(roll.party[4].active);
	reload();
	strcpy(country.agency[0].id, "XX.agency-000"); /* comes back */
	third = country_directory(&country, 3);
	enrol(third);
	assert_int_equal(roll.n, 5);
	assert_int_equal(find("XX.agency-000"), 1);
	assert_true(roll.party[1].active);
	assert_int_equal(find("XX.a-new-one"), 4);
	assert_false(roll.party[4].known);
	nrm_directory_free(first);
	nrm_directory_free(second);
	nrm_directory_free(third);
}

static void a_large_country_is_found_whole(void **state)
{
	struct nrm_directory *directory;

	(void)state;
	country_done(&country);
	country_init(&country, 150); /* the table grows twice on the way */
	directory = country_directory(&country, 1);
	enrol(directory);
	for (int reloaded = 0; reloaded < 2; reloaded++) {
		for (uint32_t i = 0; i < 150; i++) {
			assert_int_equal(find(country.agency[i].id), i + 1);
			assert_id(i + 1, country.agency[i].id);
		}
		assert_int_equal(find("XX.agency-150"), 0);
		reload();
	}
	nrm_directory_free(directory);
}

static void decisions_see_what_the_directory_says(void **state)
{
	struct nrm_directory *directory;
	uint8_t key[8];

	(void)state;
	country.agency[0].role = NRM_ROLE_POLICE;
	country.agency[1].role = NRM_ROLE_HEALTH;
	country.agency[1].offers = nrm_bit(NRM_SERVICE_MEDICAL_CHECKUP);
	country.agency[1].suspended = true;
	directory = country_directory(&country, 1);
	enrol(directory);
	assert_true(roll.party[1].known && roll.party[1].active && !roll.party[1].detention);
	assert_int_equal(roll.party[1].roles, nrm_bit(NRM_ROLE_POLICE));
	assert_int_equal(roll.party[1].offers, 0);
	assert_int_equal(roll.party[1].country, nrm_country_code(nrm_slice_str("XX")));
	assert_true(roll.party[2].known && !roll.party[2].active);
	assert_int_equal(roll.party[2].roles, nrm_bit(NRM_ROLE_HEALTH));
	assert_int_equal(roll.party[2].offers, nrm_bit(NRM_SERVICE_MEDICAL_CHECKUP));
	for (uint32_t handle = 1; handle < roll.n; handle++) {
		nrm_recipient_key(roll.enrolled[handle].participant->sealing[0], key);
		assert_memory_equal(roll.enrolled[handle].sealing_key[0], key, sizeof(key));
	}
	nrm_directory_free(directory);
}

/* Validity and suspension, looked at again as time goes by. */
static void time_alone_makes_and_ends_a_participant(void **state)
{
	struct nrm_directory *directory = country_directory(&country, 1);
	struct nrm_participant limited = *nrm_directory_at(directory, 0);

	(void)state;
	enrol(directory);
	limited.valid_from_ms = NOW + 10;
	limited.valid_until_ms = NOW + 20;
	roll.enrolled[1].participant = &limited;
	static const struct {
		uint64_t at;
		bool known;
	} moment[] = {{NOW, false},	{NOW + 9, false},  {NOW + 10, true},
		      {NOW + 19, true}, {NOW + 20, false}, {FOREVER - 1, false}};
	for (size_t i = 0; i < sizeof(moment) / sizeof(moment[0]); i++) {
		nrm_roll_refresh(&roll, moment[i].at);
		assert_int_equal(roll.party[1].known, moment[i].known);
		assert_int_equal(roll.party[1].active, moment[i].known);
		assert_int_equal(roll.party[1].roles != 0, moment[i].known);
		assert_true(roll.party[2].active); /* the others' time has not come */
	}
	nrm_roll_refresh(&roll, FOREVER);
	assert_false(roll.party[2].known);
	limited.status = NRM_STATUS_SUSPENDED;
	nrm_roll_refresh(&roll, NOW + 10);
	assert_true(roll.party[1].known && !roll.party[1].active);
	nrm_directory_free(directory);
}

static void what_was_not_committed_is_not_kept(void **state)
{
	struct nrm_directory *directory = country_directory(&country, 1);

	(void)state;
	enrol(directory);
	nrm_txn_abort(txn);
	txn = broker_begin(store);
	reload();
	assert_int_equal(roll.n, 1);
	assert_int_equal(find("XX.agency-000"), 0);
	nrm_directory_free(directory);
}

static void an_id_of_impossible_length_is_damage(void **state)
{
	uint8_t key[4], id[NRM_MAX_ID + 1];

	(void)state;
	memset(id, 'x', sizeof(id));
	nrm_store_u32(key, 1);
	const struct nrm_slice first = nrm_slice(key, sizeof(key));
	assert_int_equal(nrm_put(txn, NRM_TABLE_PARTIES, first, nrm_slice(id, NRM_MAX_ID)), NRM_OK);
	reload();
	assert_int_equal(roll.n, 2);
	assert_int_equal(nrm_put(txn, NRM_TABLE_PARTIES, first, nrm_slice(id, sizeof(id))), NRM_OK);
	nrm_roll_done(&roll);
	assert_int_equal(nrm_roll_load(&roll, txn), NRM_ERR_CORRUPT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(numbers_begin_at_one_and_survive_a_reload),
		TEST(unknown_ids_have_no_number),
		TEST(who_leaves_the_directory_keeps_a_number_that_nobody_else_gets),
		TEST(a_large_country_is_found_whole),
		TEST(decisions_see_what_the_directory_says),
		TEST(time_alone_makes_and_ends_a_participant),
		TEST(what_was_not_committed_is_not_kept),
		TEST(an_id_of_impossible_length_is_damage),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	int failed = cmocka_run_group_tests_name("roll", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
