/* What the broker's books refuse, and what leaves a trace of it: repeats, outsiders, the suspended. */
#include "tests/unit/books_world.h"

#include <assert.h>

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w, NULL);
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

static void without_consent_it_is_refused_and_recorded(void **state)
{
	struct nrm_envelope envelope = world_referral(&w);
	uint64_t before = world_figures(&w).leaves;

	(void)state;
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_NO_CONSENT);
	assert_int_equal(world_figures(&w).leaves, before + 1);
	assert_int_equal(world_figures(&w).waiting, 0);
	world_expect_silence(&w, SHELTER);
}

static void a_repeat_gets_the_same_receipt_and_has_no_effect(void **state)
{
	struct nrm_to_agent first, second;
	struct nrm_envelope envelope;

	(void)state;
	world_adult_consents(&w);
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	first = world_expect(&w, POLICE, NRM_RECEIPT);
	world_expect(&w, SHELTER, NRM_DELIVER);
	uint64_t before = world_figures(&w).leaves;
	w.now += 20 * WORLD_DAY; /* looked up before time and policy */
	world_submit(&w, POLICE, &envelope);
	second = world_expect(&w, POLICE, NRM_RECEIPT);
	const struct nrm_receipt_item *a = first.is.receipt.item, *b = second.is.receipt.item;
	assert_int_equal(a->index, b->index);
	assert_true(nrm_slice_equal(a->leaf, b->leaf));
	assert_true(nrm_slice_equal(a->view, b->view));
	assert_true(nrm_slice_equal(a->salt, b->salt));
	assert_int_equal(world_figures(&w).leaves, before);
	world_expect_silence(&w, SHELTER);
}

static void an_id_used_for_another_message_is_refused(void **state)
{
	struct nrm_statement st = world_statement(&w, POLICE, w.country.agency[SHELTER].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	uint64_t before;

	(void)state;
	world_adult(&w);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	struct nrm_envelope envelope = world_envelope(&w, POLICE, SHELTER, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_expect(&w, POLICE, NRM_RECEIPT);
	before = world_figures(&w).leaves;
	st.phase = NRM_PHASE_CRISIS;
	envelope = world_envelope(&w, POLICE, SHELTER, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_ID_REUSED);
	st.case_id = world_case(&w, 'b');
	envelope = world_envelope(&w, POLICE, SHELTER, st, NULL, 0);
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_ID_REUSED);
	assert_int_equal(world_figures(&w).leaves, before);
}

/* What is refused with a code leaves no trace. */
static void refused_without_a_trace(struct nrm_statement st, int as, enum nrm_refusal code)
{
	uint64_t before = world_figures(&w).leaves;
	struct nrm_envelope envelope = world_envelope(&w, as, SHELTER, st, NULL, 0);

	world_submit(&w, as, &envelope);
	world_expect_refused(&w, as, code);
	assert_int_equal(world_figures(&w).leaves, before);
}

static void what_is_not_well_formed_in_time_or_route_leaves_no_trace(void **state)
{
	const char *shelter = w.country.agency[SHELTER].id;
	struct nrm_statement good, st;

	(void)state;
	world_adult(&w);
	good = world_statement(&w, POLICE, shelter, NRM_MESSAGE_TYPE_REFERRAL);
	good.service = NRM_SERVICE_EMERGENCY_SHELTER;
	refused_without_a_trace(good, SHELTER, NRM_REFUSAL_NOT_YOUR_IDENTITY);
	struct nrm_envelope forged = world_envelope(&w, SHELTER, SHELTER, good, NULL, 0);
	world_submit(&w, POLICE, &forged);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_BAD_SIGNATURE);
	st = good;
	st.issued_at_ms += 6 * 60 * 1000;
	st.expires_at_ms += 6 * 60 * 1000;
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_NOT_YET);
	st = good;
	st.issued_at_ms -= 2000;
	st.expires_at_ms = w.now;
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_EXPIRED);
	st = good;
	st.recipient = nrm_slice_str("XX.nrm");
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_WRONG_RECIPIENT);
	st = good;
	st.recipient = st.sender;
	refused_without_a_trace(st, POLICE, NRM_REFUSAL_WRONG_RECIPIENT);
}

static void fields_sealed_to_an_unknown_key_are_to_be_sealed_again(void **state)
{
	struct nrm_statement st = world_statement(&w, POLICE, w.country.agency[SHELTER].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	struct nrm_envelope envelope;

	(void)state;
	world_adult(&w);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	envelope = world_envelope(&w, POLICE, HOSPITAL, st, world_fields, 1);
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_STALE_KEY);
}

static void a_frame_before_hello_or_one_that_cannot_be_read_is_refused(void **state)
{
	struct nrm_envelope envelope = world_referral(&w);

	(void)state;
	w.session[HOSPITAL] = ++w.sessions;
	world_bytes(&w, HOSPITAL, nrm_slice_str("no frame"));
	world_expect_refused(&w, HOSPITAL, NRM_REFUSAL_MALFORMED);
	w.session[POLICE] = ++w.sessions;
	world_submit(&w, POLICE, &envelope);
	world_expect_refused(&w, POLICE, NRM_REFUSAL_NO_SESSION);
}

static void a_wrong_acknowledgement_changes_nothing(void **state)
{
	struct nrm_to_agent frame;
	struct nrm_envelope envelope;
	uint64_t before;

	(void)state;
	world_adult_consents(&w);
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	frame = world_expect(&w, SHELTER, NRM_DELIVER);
	before = world_figures(&w).leaves;
	world_acknowledge(&w, SHELTER, &frame.is.deliver.item[0], 0, NRM_ACK_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_ACK);
	world_acknowledge(&w, POLICE, &frame.is.deliver.item[0], WORLD_NEEDED, NRM_ACK_OK);
	world_receipt(&w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK); /* of the referral */
	world_expect_refused(&w, POLICE, NRM_REFUSAL_UNKNOWN_ACK);
	assert_int_equal(world_figures(&w).leaves, before);
	assert_int_equal(world_figures(&w).waiting, 1);
}

static void an_outsider_is_told_what_withdrawn_consent_is_told(void **state)
{
	struct nrm_statement st = world_statement(&w, HOSPITAL, w.country.agency[SHELTER].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	struct nrm_envelope envelope;
	struct nrm_view view;

	(void)state;
	world_adult_consents(&w);
	world_connect(&w, HOSPITAL, 10);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	st.purpose = NRM_PURPOSE_ASSISTANCE;
	st.basis = NRM_BASIS_CONSENT;
	envelope = world_envelope(&w, HOSPITAL, SHELTER, st, world_fields, 2);
	world_submit(&w, HOSPITAL, &envelope);
	view = world_receipt(&w, HOSPITAL, NRM_OUTCOME_REFUSE, NRM_REASON_CONSENT_WITHDRAWN);
	assert_int_equal(view.withheld_count, 0);
	assert_int_equal(view.obligations, 0);
	world_expect_silence(&w, SHELTER);
}

static void a_suspended_participant_gets_nothing_from_then_on(void **state)
{
	struct nrm_directory *before = w.directory;
	struct nrm_envelope envelope;
	uint8_t entropy[32];

	(void)state;
	world_adult_consents(&w);
	w.country.agency[SHELTER].suspended = true;
	w.directory = country_directory(&w.country, 2);
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_adopt(w.books, &(struct nrm_documents){.directory = w.directory},
					 w.now, entropy, &w.effects),
			 NRM_OK);
	world_expect_refused(&w, SHELTER, NRM_REFUSAL_UNKNOWN_PARTICIPANT);
	assert_true(w.effects.effect[w.effects.n - 1].close);
	envelope = world_referral(&w);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_UNKNOWN_PARTICIPANT);
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_adopt(w.books, &(struct nrm_documents){.directory = before},
					 w.now, entropy, &w.effects),
			 NRM_ERR_VERSION);
	nrm_directory_free(before);
}

static void immigration_gets_no_case_data(void **state)
{
	struct nrm_statement st = world_statement(&w, POLICE, w.country.agency[IMMIGRATION].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	struct nrm_envelope envelope;

	(void)state;
	world_adult(&w);
	world_consent(&w, POLICE, IMMIGRATION, NRM_SERVICE_EMERGENCY_SHELTER);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	st.purpose = NRM_PURPOSE_ASSISTANCE;
	st.basis = NRM_BASIS_CONSENT;
	envelope = world_envelope(&w, POLICE, IMMIGRATION, st, world_fields, 2);
	world_submit(&w, POLICE, &envelope);
	world_receipt(&w, POLICE, NRM_OUTCOME_REFUSE, NRM_REASON_FIREWALL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(without_consent_it_is_refused_and_recorded),
		TEST(a_repeat_gets_the_same_receipt_and_has_no_effect),
		TEST(an_id_used_for_another_message_is_refused),
		TEST(what_is_not_well_formed_in_time_or_route_leaves_no_trace),
		TEST(fields_sealed_to_an_unknown_key_are_to_be_sealed_again),
		TEST(a_frame_before_hello_or_one_that_cannot_be_read_is_refused),
		TEST(a_wrong_acknowledgement_changes_nothing),
		TEST(an_outsider_is_told_what_withdrawn_consent_is_told),
		TEST(a_suspended_participant_gets_nothing_from_then_on),
		TEST(immigration_gets_no_case_data),
	};

	assert(nrm_crypto_init() == NRM_OK);
	int failed = cmocka_run_group_tests_name("books refuse", tests, NULL, NULL);
	nrm_crypto_thread_done();
	return failed;
}
