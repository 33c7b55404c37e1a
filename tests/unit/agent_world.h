/*
 * Two agencies with an exchange each, and a broker of the test's own between them: it decides
 * nothing, but writes leaves, views, checkpoints and proofs in the forms of proto/, so that each
 * of them can be spoiled. Persons and agencies are invented.
 */
#ifndef NRM_TESTS_AGENT_WORLD_H
#define NRM_TESTS_AGENT_WORLD_H

#include <stdlib.h>

#include "agents/agent/exchange.h"
#include "agents/agent/message.h"
#include "proto/merkle/merkle.h"
#include "proto/trail/seal.h"
#include "proto/wire/leaf.h"
#include "tests/unit/agencies.h"

#define WORLD_NOW    1770000000000u
#define WORLD_LEAVES 64

struct side {
	struct nrm_identity identity;
	struct nrm_store *store;
	struct nrm_exchange *x;
	enum nrm_finding last_finding;
	unsigned findings; /* but new directories and policies */
};

static struct world {
	struct country country;
	struct nrm_directory *directory;
	struct side side[2]; /* 0 sends, 1 receives */
	struct nrm_signing_key *log;
	struct nrm_note_key log_key;
	struct nrm_hash leaf[WORLD_LEAVES];
	uint64_t n_leaves;
	struct nrm_arena arena;
	struct nrm_buf out; /* the frame last sent */
} world;

static void world_found(void *with, enum nrm_finding finding, const char *text, const uint8_t *id)
{
	struct side *side = with;

	(void)id;
	assert_non_null(text);
	if (finding == NRM_FOUND_NEW_DIRECTORY || finding == NRM_FOUND_NEW_POLICY)
		return;
	side->last_finding = finding;
	side->findings++;
}

static inline void world_open(struct side *side)
{
	struct nrm_exchange_options options = {.store = side->store,
					       .identity = &side->identity,
					       .found = world_found,
					       .with = side};
	struct nrm_signing_key *authority = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_SIGNING);

	nrm_signing_key_public(authority, options.authority);
	nrm_signing_key_free(authority);
	assert_int_equal(nrm_exchange_new(&options, &side->x), NRM_OK);
}

/* What a crash leaves: the store and nothing else. */
static inline void world_restart(struct side *side)
{
	nrm_exchange_free(side->x);
	world_open(side);
	nrm_exchange_connected(side->x);
}

static inline struct nrm_slice world_keep(struct nrm_buf *buf)
{
	struct nrm_slice kept = {nrm_arena_copy(&world.arena, buf->data, buf->len), buf->len};

	assert_int_equal(buf->err, NRM_OK);
	assert_non_null(kept.data);
	nrm_buf_done(buf);
	return kept;
}

static inline void world_init(void)
{
	uint8_t log_public[NRM_KEY_LEN];

	memset(&world, 0, sizeof(world));
	nrm_arena_init(&world.arena, 64u * 1024 * 1024);
	country_init(&world.country, 3);
	world.directory = country_directory(&world.country, 1);
	world.log = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_WITNESS);
	nrm_signing_key_public(world.log, log_public);
	assert_int_equal(nrm_note_key_make("nrm/XX", 0x01, log_public, &world.log_key), NRM_OK);
	for (size_t i = 0; i < 2; i++) {
		struct side *side = &world.side[i];
		struct nrm_identity *id = &side->identity;

		memcpy(id->id, world.country.agency[i].id, sizeof(id->id));
		id->signing = world.country.agency[i].signing;
		agency_secret(i, NRM_KEY_KIND_SEALING, id->sealing[0]);
		assert_int_equal(nrm_x25519_public(id->sealing[0], id->sealing_public[0]), NRM_OK);
		id->n_sealing = 1;
		assert_int_equal(nrm_spool_open(NULL, &side->store), NRM_OK);
		world_open(side);
		nrm_exchange_connected(side->x);
	}
}

static inline void world_done(void)
{
	for (size_t i = 0; i < 2; i++) {
		nrm_exchange_free(world.side[i].x);
		nrm_store_close(world.side[i].store);
	}
	nrm_directory_free(world.directory);
	nrm_signing_key_free(world.log);
	country_done(&world.country);
	nrm_buf_done(&world.out);
	nrm_arena_done(&world.arena);
}

/* The agent's next frame; kind 0 when it has none. */
static inline struct nrm_to_broker world_next(struct side *side, uint64_t now)
{
	struct nrm_to_broker frame = {0};

	nrm_buf_clear(&world.out);
	enum nrm_err err = nrm_exchange_next(side->x, now, &world.out);
	if (err == NRM_ERR_AGAIN)
		return frame;
	assert_int_equal(err, NRM_OK);
	struct nrm_slice kept = {nrm_arena_copy(&world.arena, world.out.data, world.out.len),
				 world.out.len};
	assert_int_equal(nrm_to_broker_decode(kept, &world.arena, &frame), NRM_OK);
	return frame;
}

static inline enum nrm_err world_tell(struct side *side, const struct nrm_to_agent *frame,
				      uint64_t now)
{
	struct nrm_buf bytes = {0};

	assert_int_equal(nrm_to_agent_encode(frame, &bytes), NRM_OK);
	return nrm_exchange_receive(side->x, world_keep(&bytes), now);
}

/* Takes the Hello and answers it. */
static inline void world_greet(struct side *side, struct nrm_slice note)
{
	struct nrm_to_broker hello = world_next(side, WORLD_NOW);
	struct nrm_to_agent frame = {.kind = NRM_WELCOME};

	assert_int_equal(hello.kind, NRM_HELLO);
	frame.is.welcome.version = 1;
	frame.is.welcome.time_ms = WORLD_NOW;
	frame.is.welcome.submit_credit = 100;
	frame.is.welcome.checkpoint = note;
	if (hello.is.hello.directory_version < nrm_directory_version(world.directory))
		frame.is.welcome.directory = nrm_directory_document(world.directory);
	assert_int_equal(world_tell(side, &frame, WORLD_NOW), NRM_OK);
}

/* Puts a referral of side 0 to side 1 with two fields in its outbox; returns its message id. */
static inline struct nrm_slice world_refer(uint8_t number)
{
	static const uint8_t case_id[NRM_CASE_ID_LEN] = {7};
	const uint8_t random[10] = {number};
	uint8_t *id = nrm_arena_alloc(&world.arena, NRM_MESSAGE_ID_LEN);
	struct nrm_values values = {.of = {[NRM_FIELD_GIVEN_NAME] = nrm_slice_str("Sokha"),
					   [NRM_FIELD_LANGUAGES] = nrm_slice_str("km")}};
	struct nrm_buf envelope = {0}, copy = {0};
	struct nrm_txn *txn;

	nrm_message_id_make(WORLD_NOW + number, random, id);
	const struct nrm_statement s = {
		.version = NRM_PROTOCOL_VERSION,
		.message_id = nrm_slice(id, NRM_MESSAGE_ID_LEN),
		.case_id = nrm_slice(case_id, sizeof(case_id)),
		.sender = nrm_slice_str(world.country.agency[0].id),
		.recipient = nrm_slice_str(world.country.agency[1].id),
		.type = NRM_MESSAGE_TYPE_REFERRAL,
		.service = NRM_SERVICE_EMERGENCY_SHELTER,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.issued_at_ms = WORLD_NOW,
		.expires_at_ms = WORLD_NOW + 1000000,
		.basis = NRM_BASIS_CONSENT,
		.body.referral = {.urgency = NRM_URGENCY_URGENT},
	};
	assert_int_equal(nrm_message_build(&world.side[0].identity, &s, &values,
					   world.side[1].identity.sealing_public[0], &world.arena,
					   &envelope, &copy),
			 NRM_OK);
	assert_int_equal(nrm_txn_begin(world.side[0].store, true, &txn), NRM_OK);
	assert_int_equal(nrm_outbox_add(txn, id, nrm_buf_slice(&envelope), nrm_buf_slice(&copy)),
			 NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	nrm_buf_done(&envelope);
	nrm_buf_done(&copy);
	return nrm_slice(id, NRM_MESSAGE_ID_LEN);
}

/* A leaf as the broker writes it, with the two views that the agents see. */
struct entry {
	uint64_t index;
	struct nrm_slice leaf, salt, view[2]; /* the sender's, the recipient's */
};

/*
 * Writes a leaf about a statement; `view` is oversight's, `spoil` (NULL: nothing) changes the leaf
 * before it is hashed.
 */
static inline struct entry world_leaf(const struct nrm_statement *s, enum nrm_event kind,
				      const struct nrm_view *view, void (*spoil)(struct nrm_leaf *))
{
	static const uint8_t digest[NRM_HASH_LEN] = {1}, salt[NRM_SALT_LEN] = {2};
	uint8_t view_digest[2][NRM_HASH_LEN];
	struct entry e = {.index = world.n_leaves, .salt = nrm_slice(salt, sizeof(salt))};
	struct nrm_leaf leaf = {.minute = WORLD_NOW / 60000,
				.kind = kind,
				.sender = s->sender,
				.recipient = s->recipient,
				.service = s->service,
				.outcome = view->outcome,
				.reason = view->reason,
				.policy_digest = nrm_slice(digest, NRM_HASH_LEN),
				.directory_digest = nrm_slice(digest, NRM_HASH_LEN),
				.case_tag = nrm_slice(digest, NRM_HASH_LEN),
				.oversight_view = nrm_slice(digest, NRM_HASH_LEN)};
	struct nrm_buf buf = {0};

	for (int who = 0; who < 2; who++) {
		struct nrm_view told;
		struct nrm_buf bytes = {0};

		if (nrm_view_project(view, &leaf, (enum nrm_viewer)who, &told))
			assert_int_equal(nrm_view_encode(&told, &bytes), NRM_OK);
		if (bytes.len)
			e.view[who] = world_keep(&bytes);
		nrm_view_digest(salt, e.view[who], view_digest[who]);
	}
	leaf.sender_view = nrm_slice(view_digest[0], NRM_HASH_LEN);
	leaf.recipient_view = nrm_slice(view_digest[1], NRM_HASH_LEN);
	if (spoil)
		spoil(&leaf);
	assert_int_equal(nrm_leaf_encode(&leaf, &buf), NRM_OK);
	e.leaf = world_keep(&buf);
	world.leaf[world.n_leaves++] = nrm_leaf_hash(e.leaf);
	return e;
}

/* One submitted message as the broker sees it. */
struct submitted {
	struct nrm_envelope envelope;
	struct nrm_statement statement;
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_view view; /* forwards given_name, withholds languages, unless changed */
};

static inline struct submitted world_submitted(const struct nrm_envelope *envelope)
{
	struct submitted m = {.envelope = *envelope};

	assert_int_equal(nrm_statement_decode(envelope->statement, &world.arena, &m.statement),
			 NRM_OK);
	nrm_statement_digest(envelope->statement, m.digest);
	m.view = (struct nrm_view){
		.message_id = m.statement.message_id,
		.time_ms = WORLD_NOW,
		.type = m.statement.type,
		.outcome = NRM_OUTCOME_FORWARD,
		.reason = NRM_REASON_OK,
		.forwarded = nrm_bit(NRM_FIELD_GIVEN_NAME),
		.withheld = {{NRM_REASON_NOT_NEEDED, nrm_bit(NRM_FIELD_LANGUAGES)}},
		.withheld_count = 1};
	return m;
}

/* `m` stays where it is while the view that points into it is used. */
static inline struct nrm_view *world_view(struct submitted *m)
{
	m->view.statement_digest = nrm_slice(m->digest, NRM_HASH_LEN);
	return &m->view;
}

static inline struct nrm_receipt_item world_receipt_item(const struct nrm_statement *s,
							 const struct entry *e)
{
	return (struct nrm_receipt_item){s->message_id, e->index, e->leaf, e->salt, e->view[0]};
}

static inline void world_receipt(struct nrm_receipt_item item)
{
	struct nrm_to_agent frame = {.kind = NRM_RECEIPT, .is.receipt = {&item, 1}};

	assert_int_equal(world_tell(&world.side[0], &frame, WORLD_NOW), NRM_OK);
}

static inline struct nrm_delivery world_delivery(const struct submitted *m, const struct entry *e)
{
	return (struct nrm_delivery){.index = e->index,
				     .leaf = e->leaf,
				     .salt = e->salt,
				     .view = e->view[1],
				     .envelope = m->envelope,
				     .keep = m->view.forwarded};
}

static inline void world_deliver(struct nrm_delivery delivery)
{
	struct nrm_to_agent frame = {.kind = NRM_DELIVER, .is.deliver = {&delivery, 1}};

	assert_int_equal(world_tell(&world.side[1], &frame, WORLD_NOW), NRM_OK);
}

static enum nrm_err world_node(void *from, unsigned level, uint64_t index, struct nrm_hash *out)
{
	const struct nrm_hash *leaf = from;

	*out = nrm_tree_root(leaf + (index << level), (size_t)1 << level);
	return NRM_OK;
}

/* The signed head of the first `size` leaves. */
static inline struct nrm_slice world_note(uint64_t size)
{
	struct nrm_checkpoint head = {.origin = "nrm/XX", .size = size};
	struct nrm_buf note = {0};

	head.root = nrm_tree_root(world.leaf, size);
	assert_int_equal(nrm_note_sign(&head, &world.log_key, world.log, &note), NRM_OK);
	return world_keep(&note);
}

/* Proofs for one leaf in the present tree, consistent from `from`; `spoil` may change the frame. */
static inline enum nrm_err world_proofs(struct side *side, uint64_t from, uint64_t index,
					void (*spoil)(struct nrm_to_agent *))
{
	struct nrm_hash path[64], *node;
	struct nrm_slice path_slice[64], node_slice[64];
	struct nrm_to_agent frame = {.kind = NRM_PROOFS};
	size_t n_path, n_nodes;

	assert_int_equal(
		nrm_consistency_path(from, world.n_leaves, world_node, world.leaf, path, &n_path),
		NRM_OK);
	assert_int_equal(
		nrm_multiproof(&index, 1, world.n_leaves, world_node, world.leaf, &node, &n_nodes),
		NRM_OK);
	for (size_t i = 0; i < n_path; i++)
		path_slice[i] = nrm_slice(path[i].bytes, NRM_HASH_LEN);
	for (size_t i = 0; i < n_nodes; i++)
		node_slice[i] = nrm_slice(node[i].bytes, NRM_HASH_LEN);
	frame.is.proofs.checkpoint = world_note(world.n_leaves);
	frame.is.proofs.from_size = from;
	frame.is.proofs.consistency = (struct nrm_slices){path_slice, n_path};
	frame.is.proofs.index = &index;
	frame.is.proofs.n_indexes = 1;
	frame.is.proofs.node = (struct nrm_slices){node_slice, n_nodes};
	if (spoil)
		spoil(&frame);
	enum nrm_err err = world_tell(side, &frame, WORLD_NOW);
	free(node);
	return err;
}

static inline struct nrm_fate world_fate(struct nrm_slice message_id)
{
	struct nrm_fate fate;
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(world.side[0].store, false, &txn), NRM_OK);
	assert_int_equal(nrm_fate_get(txn, message_id, &fate), NRM_OK);
	nrm_txn_abort(txn);
	return fate;
}

static inline struct nrm_exchange_figures world_figures(struct side *side)
{
	struct nrm_exchange_figures figures;

	assert_int_equal(nrm_exchange_figures(side->x, WORLD_NOW, &figures), NRM_OK);
	return figures;
}

#endif
