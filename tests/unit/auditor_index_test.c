/* The index of cases, by which one is found: an auditor notices when it does not lead to a case that is there. */
#include "tests/unit/small_trail.h"

#include "agents/auditor/verify.h"
#include "proto/trail/rows.h"

static const struct nrm_audit_options on_trust;

enum { KEY_SLOT = 9, THE_SLOT = 1, FIRST_LEAF = 2 };

static void index_leads_to(struct trail *t, uint32_t slot)
{
	uint8_t index_key[NRM_KEY_LEN], key[NRM_INDEX_ROW_KEY_LEN], value[4];

	assert_int_equal(nrm_case_keys_get(t->keys, KEY_SLOT, index_key), NRM_OK);
	nrm_index_row_key(index_key, (const uint8_t *)case_id, key);
	nrm_store_u32(value, slot);
	put(t, NRM_TABLE_CASE_INDEX, nrm_slice(key, sizeof(key)), nrm_slice(value, 4));
}

/* An index without a row. */
static void begin_index(struct trail *t)
{
	uint8_t slot[4];

	put_case_row(t, THE_SLOT);
	nrm_store_u32(slot, KEY_SLOT);
	put(t, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CASE_INDEX), nrm_slice(slot, 4));
}

static const char *found(struct trail *t)
{
	static struct nrm_audit_report report;

	assert_int_equal(nrm_audit_verify(t->store, t->keys, &on_trust, &report), NRM_OK);
	if (report.fault.what)
		assert_int_equal(report.fault.leaf, FIRST_LEAF);
	return report.fault.what;
}

static const char MISLEADS[] = "the index of cases does not lead to the case that begins here";

static void it_leads_to_the_case(void **state)
{
	begin_index(*state);
	index_leads_to(*state, THE_SLOT);
	assert_null(found(*state));
}

static void a_case_that_it_leaves_out_is_noticed(void **state)
{
	begin_index(*state);
	assert_string_equal(found(*state), MISLEADS);
}

static void one_that_it_misplaces_is_noticed(void **state)
{
	begin_index(*state);
	index_leads_to(*state, THE_SLOT + 1);
	assert_string_equal(found(*state), MISLEADS);
}

/* Copies that were made before brokers kept one. */
static void without_an_index_nothing_is_missing(void **state)
{
	put_case_row(*state, THE_SLOT);
	assert_null(found(*state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(in_memory, it_leads_to_the_case),
		ON(in_memory, a_case_that_it_leaves_out_is_noticed),
		ON(in_memory, one_that_it_misplaces_is_noticed),
		ON(in_memory, without_an_index_nothing_is_missing),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
