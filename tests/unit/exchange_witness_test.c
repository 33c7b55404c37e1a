/*
 * This agency as a witness: it cosigns a head that it was shown alone and that follows from the last one, at most once a
 * minute, and not before what it saw is on disk; a trail that contradicts itself becomes an alarm that convinces others.
 */
#include "tests/unit/exchange_world.h"

#include "proto/store/body.h"
#include "proto/trail/alarm.h"

static struct side *me;

static void grow(void)
{
	world_leaf(&(struct nrm_statement){.sender = nrm_slice_str("XX.agency-000")},
		   NRM_EVENT_GENESIS,
		   &(struct nrm_view){.outcome = NRM_OUTCOME_FORWARD, .reason = NRM_REASON_OK},
		   NULL);
}

/* Two agencies, and a third that is the coordinator. */
static int set_up(void **state)
{
	setup(state);
	world_done();
	world_init();
	me = &world.side[0];
	world.country.agency[2].role = NRM_ROLE_COORDINATOR;
	nrm_directory_free(world.directory);
	world.directory = country_directory(&world.country, 1);
	for (size_t i = 0; i < 2; i++)
		world.side[i].identity.witness = agency_signing_key(i, NRM_KEY_KIND_WITNESS);
	grow();
	greet_both();
	return 0;
}

static int tear_down(void **state)
{
	for (size_t i = 0; i < 2; i++)
		nrm_signing_key_free(world.side[i].identity.witness);
	return teardown(state);
}

static enum nrm_err show_note(struct side *side, uint64_t from, struct nrm_slice note, uint64_t now)
{
	struct nrm_slice path_slice[64];
	struct nrm_hash path[64];
	struct nrm_to_agent frame = {.kind = NRM_PROOFS};
	size_t n = 0;

	if (from < world.n_leaves)
		assert_int_equal(nrm_consistency_path(from, world.n_leaves, world_node, world.leaf,
						      path, &n),
				 NRM_OK);
	for (size_t i = 0; i < n; i++)
		path_slice[i] = nrm_slice(path[i].bytes, NRM_HASH_LEN);
	frame.is.proofs.checkpoint = note;
	frame.is.proofs.from_size = from;
	frame.is.proofs.consistency = (struct nrm_slices){path_slice, n};
	return world_tell(side, &frame, now);
}

/* The head alone, as the broker shows it when it asks for a cosignature. */
static void show(struct side *side, uint64_t from, uint64_t now)
{
	assert_int_equal(show_note(side, from, world_note(world.n_leaves), now), NRM_OK);
}

/* The next frame but questions. */
static struct nrm_to_broker next(struct side *side, uint64_t now)
{
	struct nrm_to_broker frame = world_next(side, now);

	while (frame.kind == NRM_ASK)
		frame = world_next(side, now);
	return frame;
}

static uint64_t cosigned_size(struct side *side, struct nrm_slice note)
{
	const struct nrm_participant *p =
		nrm_directory_find(world.directory, nrm_slice_str(side->identity.id));
	struct nrm_checkpoint head;
	struct nrm_note_key key;
	uint64_t by;

	assert_int_equal(nrm_participant_witness(p, &key), NRM_OK);
	assert_int_equal(nrm_note_open(note, &world.log_key, &key, 1, &head, &by), NRM_OK);
	assert_int_equal(by, 1);
	return head.size;
}

static struct nrm_slice meta(struct side *side, const char *name)
{
	struct nrm_slice row, copy = {0};
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(side->store, false, &txn), NRM_OK);
	if (nrm_meta_get(txn, name, &row) == NRM_OK)
		copy = nrm_slice(nrm_arena_copy(&world.arena, row.data, row.len), row.len);
	nrm_txn_abort(txn);
	return copy;
}

static void cosigns_what_it_is_shown(void **state)
{
	(void)state;
	show(me, 0, WORLD_NOW);
	struct nrm_to_broker frame = next(me, WORLD_NOW);
	assert_int_equal(frame.kind, NRM_COSIGNATURE);
	assert_int_equal(cosigned_size(me, frame.is.cosignature), 1);
	assert_int_equal(next(me, WORLD_NOW).kind, 0); /* once */
	assert_int_equal(world_figures(me).cosigned_ms, WORLD_NOW);
}

static void not_more_than_once_a_minute(void **state)
{
	(void)state;
	show(me, 0, WORLD_NOW);
	assert_int_equal(next(me, WORLD_NOW).kind, NRM_COSIGNATURE);
	for (uint64_t size = 1; size < 4; size++) {
		grow();
		show(me, size, WORLD_NOW + size);
		assert_int_equal(next(me, WORLD_NOW + size).kind, 0);
	}
	assert_int_equal(next(me, WORLD_NOW + 59999).kind, 0);
	assert_true(nrm_exchange_due(me->x, WORLD_NOW + 59000) <= 1000);
	struct nrm_to_broker frame = next(me, WORLD_NOW + 60000);
	assert_int_equal(frame.kind, NRM_COSIGNATURE);
	assert_int_equal(cosigned_size(me, frame.is.cosignature), 4); /* the last of them */
}

/* The minute counts over a restart too. */
static void a_restart_does_not_shorten_the_minute(void **state)
{
	(void)state;
	show(me, 0, WORLD_NOW);
	assert_int_equal(next(me, WORLD_NOW).kind, NRM_COSIGNATURE);
	world_restart(me);
	world_greet(me, (struct nrm_slice){0});
	show(me, 1, WORLD_NOW + 30000);
	assert_int_equal(next(me, WORLD_NOW + 30000).kind, 0);
	assert_int_equal(next(me, WORLD_NOW + 60000).kind, NRM_COSIGNATURE);
}

/* When the cosignature leaves, what was seen and signed is in the store: a crash right then forgets nothing. */
static void it_is_on_disk_before_it_leaves(void **state)
{
	(void)state;
	show(me, 0, WORLD_NOW);
	assert_int_equal(cosigned_size(me, next(me, WORLD_NOW).is.cosignature), 1);
	struct nrm_slice row = meta(me, NRM_META_COSIGNED);
	assert_true(row.len > 8);
	assert_int_equal(nrm_load_u64(row.data), WORLD_NOW);
	assert_int_equal(cosigned_size(me, nrm_slice(row.data + 8, row.len - 8)), 1);
	assert_true(nrm_slice_equal(meta(me, NRM_META_CHECKPOINT), world_note(1)));
}

static struct nrm_store_body failing;

static enum nrm_err commit_fails(struct nrm_txn *txn)
{
	failing.abort(txn);
	return NRM_ERR_IO;
}

static void nothing_leaves_that_is_not_on_disk(void **state)
{
	const struct nrm_store_body *body = me->store->body;
	struct nrm_buf out = {0};

	(void)state;
	show(me, 0, WORLD_NOW);
	failing = *body;
	failing.commit = commit_fails;
	me->store->body = &failing;
	enum nrm_err err = nrm_exchange_next(me->x, WORLD_NOW, &out);
	me->store->body = body;
	assert_int_equal(err, NRM_ERR_IO);
	assert_int_equal(out.len, 0);
	assert_int_equal(meta(me, NRM_META_COSIGNED).len, 0);
	nrm_buf_done(&out);
}

static void proofs_of_leaves_are_no_invitation(void **state)
{
	(void)state;
	struct submitted m = refer(1);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_int_equal(world_proofs(me, 0, e.index, NULL), NRM_OK);
	assert_int_equal(next(me, WORLD_NOW).kind, 0);
}

/* One that starts elsewhere is not cosigned but asked for; what was asked for is not cosigned unasked. */
static void a_head_from_elsewhere_is_asked_for(void **state)
{
	(void)state;
	show(me, 0, WORLD_NOW);
	assert_int_equal(next(me, WORLD_NOW).kind, NRM_COSIGNATURE);
	grow();
	grow();
	show(me, 2, WORLD_NOW + 60000);
	struct nrm_to_broker ask = world_next(me, WORLD_NOW + 60000);
	assert_int_equal(ask.kind, NRM_ASK);
	assert_int_equal(ask.is.ask.kind, NRM_ASK_PROOFS);
	assert_int_equal(ask.is.ask.n_indexes, 0);
	assert_int_equal(ask.is.ask.from_size, 1);
	show(me, 1, WORLD_NOW + 60000);
	assert_int_equal(next(me, WORLD_NOW + 60000).kind, 0);
	assert_int_equal(world_figures(me).checkpoint_size, 3);
	show(me, 3, WORLD_NOW + 60000);
	assert_int_equal(next(me, WORLD_NOW + 60000).kind, NRM_COSIGNATURE);
}

/* Others' cosignatures are kept with the note, and not sent back. */
static void others_are_kept_and_not_repeated(void **state)
{
	struct nrm_note_key key;
	struct nrm_buf note = {0};
	struct nrm_checkpoint head;
	uint64_t by;

	(void)state;
	struct nrm_slice bare = world_note(1);
	assert_int_equal(nrm_participant_witness(nrm_directory_at(world.directory, 1), &key),
			 NRM_OK);
	nrm_buf_put(&note, bare.data, bare.len);
	assert_int_equal(nrm_note_cosign(&note, 1, &key, world.side[1].identity.witness), NRM_OK);
	assert_int_equal(show_note(me, 0, nrm_buf_slice(&note), WORLD_NOW), NRM_OK);
	assert_true(nrm_slice_equal(meta(me, NRM_META_CHECKPOINT), nrm_buf_slice(&note)));
	struct nrm_slice sent = next(me, WORLD_NOW).is.cosignature;
	assert_int_equal(cosigned_size(me, sent), 1);
	assert_int_equal(nrm_note_open(sent, &world.log_key, &key, 1, &head, &by), NRM_OK);
	assert_int_equal(by, 0);
	nrm_buf_done(&note);
}

/* A refused cosignature is noticed, and is no message's refusal. */
static void a_refusal_hurts_no_message(void **state)
{
	static const uint8_t nothing[NRM_MESSAGE_ID_LEN];
	struct nrm_to_agent frame = {.kind = NRM_REFUSED};

	(void)state;
	struct nrm_slice id = world_refer(1);
	assert_int_equal(next(me, WORLD_NOW).kind, NRM_SUBMIT);
	frame.is.refused.code = NRM_REFUSAL_EXPIRED;
	frame.is.refused.message_id = nrm_slice(nothing, sizeof(nothing));
	assert_int_equal(world_tell(me, &frame, WORLD_NOW), NRM_OK);
	assert_int_equal(me->last_finding, NRM_FOUND_COSIGNATURE);
	assert_int_equal(world_fate(id).stage, NRM_STAGE_SPOOLED);
	assert_int_equal(world_figures(me).in_flight, 1);
}

/* --- alarms --- */

/* The alarm file, read and verified under this agency's key. */
static struct nrm_alarm alarm_file(struct nrm_buf *notes)
{
	struct nrm_slice file = meta(me, NRM_META_ALARM_FILE);
	struct nrm_alarm alarm;

	assert_int_equal(nrm_alarm_read(file, notes, &alarm), NRM_OK);
	const struct nrm_participant *p = nrm_directory_find(world.directory, alarm.reporter);
	assert_non_null(p);
	assert_int_equal(nrm_alarm_verify(file, p->verifying), NRM_OK);
	return alarm;
}

static void shows(enum nrm_alarm_kind kind, uint64_t now, struct nrm_slice was,
		  struct nrm_slice shown)
{
	struct nrm_buf notes = {0};
	struct nrm_alarm alarm = alarm_file(&notes);

	assert_int_equal(alarm.kind, kind);
	assert_int_equal(alarm.time_ms, now);
	assert_true(nrm_slice_equal(alarm.reporter, nrm_slice_str(me->identity.id)));
	assert_true(nrm_slice_equal(alarm.kept, was));
	assert_true(nrm_slice_equal(alarm.shown, shown));
	nrm_buf_done(&notes);
}

static void a_fork_becomes_a_file(void **state)
{
	(void)state;
	show(me, 0, WORLD_NOW);
	struct nrm_slice was = world_note(1);
	world.leaf[0].bytes[0] ^= 1;
	struct nrm_slice other = world_note(1);
	assert_int_equal(show_note(me, 1, other, WORLD_NOW + 5), NRM_ERR_CLOSED);
	shows(NRM_ALARM_FORKED, WORLD_NOW + 5, was, other);

	/* It outlives the alarm: people may need it later. */
	nrm_exchange_free(me->x);
	assert_int_equal(nrm_exchange_trust_again(me->store), NRM_OK);
	world_open(me);
	shows(NRM_ALARM_FORKED, WORLD_NOW + 5, was, other);
}

static void a_shorter_trail_and_another_too(void **state)
{
	(void)state;
	grow();
	show(me, 0, WORLD_NOW);
	struct nrm_slice was = world_note(2);
	assert_int_equal(show_note(me, 2, world_note(1), WORLD_NOW), NRM_ERR_CLOSED);
	shows(NRM_ALARM_SHORTENED, WORLD_NOW, was, world_note(1));
}

static void a_head_that_does_not_follow_too(void **state)
{
	(void)state;
	show(me, 0, WORLD_NOW);
	struct nrm_slice was = world_note(1);
	world.leaf[0].bytes[0] ^= 1;
	grow();
	struct nrm_slice other = world_note(2);
	assert_int_equal(show_note(me, 1, other, WORLD_NOW), NRM_ERR_CLOSED);
	shows(NRM_ALARM_INCONSISTENT, WORLD_NOW, was, other);
}

/* The last words over the connection: a complaint about the broker to the coordinator. Then nothing, cosignatures least of all. */
static void the_coordinator_is_told(void **state)
{
	struct nrm_statement s;

	(void)state;
	show(me, 0, WORLD_NOW);
	world.leaf[0].bytes[0] ^= 1;
	assert_int_equal(show_note(me, 1, world_note(1), WORLD_NOW), NRM_ERR_CLOSED);
	struct nrm_to_broker frame = world_next(me, WORLD_NOW);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 1);
	assert_int_equal(
		nrm_statement_decode(frame.is.submit.envelope[0].statement, &world.arena, &s),
		NRM_OK);
	assert_int_equal(s.type, NRM_MESSAGE_TYPE_COMPLAINT);
	assert_true(nrm_slice_equal(s.recipient, nrm_slice_str(world.country.agency[2].id)));
	assert_true(nrm_slice_equal(s.body.complaint.about, nrm_slice_str("XX.nrm")));
	assert_int_equal(frame.is.submit.envelope[0].n_fields, 0);
	assert_int_equal(world_next(me, WORLD_NOW).kind, 0);
	assert_int_equal(world_next(me, WORLD_NOW + 120000).kind, 0);
	assert_int_equal(world_figures(me).queued, 1); /* said again once the broker is believed */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(cosigns_what_it_is_shown),
		T(not_more_than_once_a_minute),
		T(a_restart_does_not_shorten_the_minute),
		T(it_is_on_disk_before_it_leaves),
		T(nothing_leaves_that_is_not_on_disk),
		T(proofs_of_leaves_are_no_invitation),
		T(a_head_from_elsewhere_is_asked_for),
		T(others_are_kept_and_not_repeated),
		T(a_refusal_hurts_no_message),
		T(a_fork_becomes_a_file),
		T(a_shorter_trail_and_another_too),
		T(a_head_that_does_not_follow_too),
		T(the_coordinator_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
