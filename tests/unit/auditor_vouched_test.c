/*
 * Who vouches for a trail, and what an agency's alarm shows: beside the small trail, of which the two heads are or are not.
 */
#include "tests/unit/small_trail.h"

#include "agents/auditor/fork.h"
#include "agents/auditor/verify.h"

#define VOUCHED 10u

/* A head of `size` leaves under the trail's key; `spoil`: with another root. Cosigned by the first `n` agencies. */
static struct nrm_buf head_of(const struct trail *t, uint64_t size, bool spoil, size_t n)
{
	struct nrm_signing_key *log = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_WITNESS);
	struct nrm_checkpoint head = {.origin = "nrm/XX", .size = size};
	uint8_t public_key[NRM_KEY_LEN];
	struct nrm_note_key key;
	struct nrm_buf note = {0};
	char name[64];

	head.root = nrm_tree_root(t->leaf, size);
	head.root.bytes[0] ^= spoil;
	nrm_signing_key_public(log, public_key);
	assert_int_equal(nrm_note_key_make("nrm/XX", NRM_NOTE_LOG, public_key, &key), NRM_OK);
	assert_int_equal(nrm_note_sign(&head, &key, log, &note), NRM_OK);
	nrm_signing_key_free(log);
	for (size_t i = 0; i < n; i++) {
		struct nrm_signing_key *secret = agency_signing_key(i, NRM_KEY_KIND_WITNESS);

		snprintf(name, sizeof(name), "nrm/XX.agency-%03zu", i);
		nrm_signing_key_public(secret, public_key);
		assert_int_equal(nrm_note_key_make(name, NRM_NOTE_WITNESS, public_key, &key),
				 NRM_OK);
		assert_int_equal(nrm_note_cosign(&note, 1770000000 + i, &key, secret), NRM_OK);
		nrm_signing_key_free(secret);
	}
	return note;
}

static void put_witnessed(struct trail *t, const char *name, uint64_t size, bool spoil, size_t n)
{
	struct nrm_buf note = head_of(t, size, spoil, n), row = {0};

	nrm_buf_put_u64(&row, 1);
	nrm_buf_put(&row, note.data, note.len);
	put(t, NRM_TABLE_STATE, nrm_slice_str(name), nrm_buf_slice(&row));
	nrm_buf_done(&note);
	nrm_buf_done(&row);
}

static struct nrm_audit_report audit(struct trail *t, uint32_t quorum, struct nrm_buf *vouchers)
{
	const struct nrm_audit_options options = {
		.authority = t->authority, .quorum = quorum, .vouchers = vouchers};
	struct nrm_audit_report report;

	assert_int_equal(nrm_audit_verify(t->store, t->keys, &options, &report), NRM_OK);
	return report;
}

static void an_earlier_head_counts_for_what_it_covers(void **state)
{
	struct nrm_buf vouchers = {0};
	struct trail *t = *state;

	put_witnessed(t, NRM_STATE_VOUCHED, VOUCHED, false, 2);
	struct nrm_audit_report report = audit(t, 2, &vouchers);
	assert_null(report.fault.what);
	assert_int_equal(report.head.checkpoint.size, SIGNED);
	assert_int_equal(report.vouched.checkpoint.size, VOUCHED);
	assert_int_equal(report.vouched.vouching, 2);
	nrm_buf_put_u8(&vouchers, 0);
	assert_string_equal(vouchers.data, "  nrm/XX.agency-000 since 2026-02-02T02:40:00Z\n"
					   "  nrm/XX.agency-001 since 2026-02-02T02:40:01Z\n");
	report = audit(t, 3, NULL);
	assert_string_equal(report.fault.what, "too few witnesses vouch for the checkpoint");
	nrm_buf_done(&vouchers);
}

/* Before the first quorum those few that answered are told, and what was vouched for goes before what is asked about. */
static void the_head_asked_about_is_second(void **state)
{
	struct trail *t = *state;

	put_witnessed(t, NRM_STATE_ASKED, VOUCHED, false, 1);
	struct nrm_audit_report report = audit(t, 0, NULL);
	assert_int_equal(report.vouched.vouching, 1);
	put_witnessed(t, NRM_STATE_VOUCHED, VOUCHED - 1, false, 2);
	report = audit(t, 0, NULL);
	assert_int_equal(report.vouched.checkpoint.size, VOUCHED - 1);
}

static void another_trail_is_a_fault(void **state)
{
	struct trail *t = *state;

	put_witnessed(t, NRM_STATE_VOUCHED, VOUCHED, true, 2);
	struct nrm_audit_report report = audit(t, 0, NULL);
	assert_string_equal(
		report.fault.what,
		"the trail is not the one that agencies vouch for: its root at that size "
		"is another");
	put_witnessed(t, NRM_STATE_VOUCHED, SIGNED + 1, false, 2);
	report = audit(t, 0, NULL);
	assert_string_equal(report.fault.what,
			    "the checkpoint is older than the head that agencies vouch for (in "
			    "leaves)");
	put(t, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_VOUCHED), nrm_slice_str("12345678no note"));
	report = audit(t, 0, NULL);
	assert_non_null(report.fault.what);
}

/* --- alarms --- */

static struct nrm_fork_report check(struct trail *t, struct nrm_buf kept, struct nrm_buf shown,
				    bool beside, size_t signer)
{
	static struct country country;
	struct nrm_signing_key *secret = agency_signing_key(signer, NRM_KEY_KIND_SIGNING);
	const struct nrm_alarm alarm = {.reporter = nrm_slice_str("XX.agency-000"),
					.time_ms = 1,
					.kind = NRM_ALARM_FORKED,
					.kept = nrm_buf_slice(&kept),
					.shown = nrm_buf_slice(&shown)};
	struct nrm_buf file = {0}, bytes = {0};
	struct nrm_fork_report report;
	struct nrm_trust trust;

	country_init(&country, 2);
	struct nrm_directory *directory = country_directory(&country, 1);
	struct nrm_document document = nrm_directory_document(directory);
	assert_int_equal(nrm_document_encode(&document, &bytes), NRM_OK);
	assert_int_equal(nrm_trust_make(&trust, nrm_buf_slice(&bytes), t->authority, NULL, 0),
			 NRM_OK);
	assert_int_equal(nrm_alarm_write(&alarm, secret, &file), NRM_OK);
	assert_int_equal(nrm_audit_check_fork(nrm_buf_slice(&file), directory, &trust,
					      beside ? t->store : NULL, NULL, &report),
			 NRM_OK);
	nrm_trust_done(&trust);
	nrm_directory_free(directory);
	country_done(&country);
	nrm_signing_key_free(secret);
	nrm_buf_done(&file);
	nrm_buf_done(&bytes);
	nrm_buf_done(&kept);
	nrm_buf_done(&shown);
	return report;
}

static void two_roots_of_one_size_convict(void **state)
{
	struct trail *t = *state;
	struct nrm_fork_report r =
		check(t, head_of(t, 7, false, 0), head_of(t, 7, true, 0), false, 0);

	assert_null(r.fault.what);
	assert_true(r.forked);
	r = check(t, head_of(t, 7, false, 0), head_of(t, 7, true, 0), true, 0);
	assert_true(r.forked);
	assert_int_equal(r.kept_at, NRM_FORK_HAS);
	assert_int_equal(r.shown_at, NRM_FORK_OTHER);
	r = check(t, head_of(t, 7, false, 0), head_of(t, 7, false, 0), false, 0);
	assert_false(r.forked);
}

static void two_sizes_convict_beside_a_trail_only(void **state)
{
	struct trail *t = *state;
	struct nrm_fork_report r =
		check(t, head_of(t, 7, false, 0), head_of(t, 9, true, 0), false, 0);

	assert_false(r.forked);
	assert_int_equal(r.kept_at, NRM_FORK_UNKNOWN);
	r = check(t, head_of(t, 7, false, 0), head_of(t, 9, true, 0), true, 0);
	assert_true(r.forked);
	r = check(t, head_of(t, 9, false, 0), head_of(t, 7, false, 0), true, 0);
	assert_false(r.forked); /* an old head, shown anew */
	assert_int_equal(r.shown_at, NRM_FORK_HAS);
}

static void who_did_not_sign_is_not_believed(void **state)
{
	struct trail *t = *state;
	struct nrm_fork_report r =
		check(t, head_of(t, 7, false, 0), head_of(t, 7, true, 0), false, 1);

	assert_string_equal(r.fault.what, "the alarm is not signed by the agency that it names");
	assert_false(r.forked);
	struct nrm_buf none = {0};
	nrm_buf_put(&none, "no note\n", 8);
	r = check(t, head_of(t, 7, false, 0), none, false, 0);
	assert_non_null(r.fault.what);
	assert_string_equal(r.fault.file, "shown");
	assert_false(r.forked);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, in_memory, done)
	const struct CMUnitTest tests[] = {
		T(an_earlier_head_counts_for_what_it_covers),
		T(the_head_asked_about_is_second),
		T(another_trail_is_a_fault),
		T(two_roots_of_one_size_convict),
		T(two_sizes_convict_beside_a_trail_only),
		T(who_did_not_sign_is_not_believed),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
