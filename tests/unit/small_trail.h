/*
 * A small trail for tests of the auditor: one directory, three cases whose leaves take turns, a checkpoint before the last
 * leaves, one case forgotten; and the means to spoil it.
 */
#ifndef NRM_TESTS_SMALL_TRAIL_H
#define NRM_TESTS_SMALL_TRAIL_H

#include <stdlib.h>
#include <unistd.h>

#include "proto/crypto/sign.h"
#include "proto/store/case_keys.h"
#include "proto/trail/rows.h"
#include "proto/trail/trail.h"
#include "tests/unit/agencies.h"

#define CASES	  3u
#define LEAVES	  20u
#define SIGNED	  17u /* leaves in the checkpoint */
#define FORGOTTEN 2u  /* slot of the case whose key is gone */
#define MINUTE	  29000000ull

static const char case_id[17] = "the case's own i";
static const struct nrm_store_options tables = {
	.tables = nrm_broker_tables, .n_tables = NRM_BROKER_TABLES, .map_bytes = 4 << 20};

struct trail {
	char folder[64]; /* on disk only */
	struct nrm_store *store;
	struct nrm_case_keys *keys;
	struct nrm_frontier frontier;
	uint64_t last[CASES]; /* leaf index + 1 */
	uint8_t authority[NRM_KEY_LEN];
	struct nrm_hash policy, directory; /* digests of those in force */
	struct nrm_hash leaf[512];	   /* hashes of the leaves */
	size_t sender_key, recipient_key;  /* agencies whose keys sign for the first two */
	uint8_t nonce[NRM_AEAD_NONCE_LEN];
};

static inline void put(struct trail *t, unsigned table, struct nrm_slice key,
		       struct nrm_slice value)
{
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(t->store, true, &txn), NRM_OK);
	assert_int_equal(nrm_put(txn, table, key, value), NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

static inline void seal(struct trail *t, uint32_t slot, enum nrm_row_place place, uint64_t number,
			struct nrm_slice plain, struct nrm_buf *out)
{
	uint8_t case_key[NRM_KEY_LEN], row_key[NRM_KEY_LEN];

	nrm_buf_clear(out);
	assert_int_equal(nrm_case_keys_get(t->keys, slot, case_key), NRM_OK);
	nrm_row_key(case_key, row_key);
	t->nonce[0]++;
	uint8_t *row = nrm_buf_grow(out, plain.len + NRM_ROW_OVERHEAD);
	assert_int_equal(nrm_row_seal(row_key, place, number, t->nonce, plain, row), NRM_OK);
}

static inline void put_case(struct trail *t, uint32_t slot, uint64_t last)
{
	struct nrm_buf plain = {0}, row = {0};
	uint8_t key[4];

	nrm_buf_put_u64(&plain, last);
	seal(t, slot, NRM_ROW_HEAD, slot, nrm_buf_slice(&plain), &row);
	nrm_store_u32(key, slot);
	put(t, NRM_TABLE_HEADS, nrm_slice(key, sizeof(key)), nrm_buf_slice(&row));
	nrm_buf_done(&plain);
	nrm_buf_done(&row);
}

/* Signs one digest alone, as agency `number` would. */
static inline struct nrm_proof sign_alone(size_t number, const char *domain,
					  const struct nrm_hash *digest,
					  uint8_t signature[static NRM_SIGNATURE_LEN])
{
	struct nrm_signing_key *key = agency_signing_key(number, NRM_KEY_KIND_SIGNING);

	assert_int_equal(nrm_batch_sign(key, domain, 1, digest->bytes, signature), NRM_OK);
	nrm_signing_key_free(key);
	return (struct nrm_proof){.size = 1, .signature = nrm_slice(signature, NRM_SIGNATURE_LEN)};
}

/* The case's own row, of which an auditor reads the id alone. */
static inline void put_case_row(struct trail *t, uint32_t slot)
{
	struct nrm_buf row = {0};
	uint8_t key[4];

	seal(t, slot, NRM_ROW_CASE, slot, nrm_slice(case_id, NRM_CASE_ID_LEN), &row);
	nrm_store_u32(key, slot);
	put(t, NRM_TABLE_CASES, nrm_slice(key, sizeof(key)), nrm_buf_slice(&row));
	nrm_buf_done(&row);
}

/* What oversight knows of leaf `index`: a directory first, then per case a referral and its acknowledgement by turns. */
static inline struct nrm_view view_of(const struct trail *t, uint64_t index, bool ack,
				      struct nrm_slice ack_bytes)
{
	static const uint8_t digest[NRM_HASH_LEN] = {7};
	static uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_hash signed_digest;
	static uint8_t message_id[16];
	static const struct nrm_slice consent = {(const uint8_t *)"the consent's id", 16};
	static const uint8_t random[10] = {1};

	nrm_message_id_make(MINUTE * 60000 + index, random, message_id);
	struct nrm_view view = {
		.time_ms = (MINUTE + index / 2) * 60000 + 5,
		.statement_digest = nrm_slice(digest, sizeof(digest)),
	};
	if (index == 0) {
		view.document_digest = view.statement_digest;
		view.document_version = 1;
		return view;
	}
	view.message_id = nrm_slice(message_id, sizeof(message_id));
	view.case_id = nrm_slice(case_id, NRM_CASE_ID_LEN);
	view.type = NRM_MESSAGE_TYPE_REFERRAL;
	view.outcome = NRM_OUTCOME_FORWARD;
	view.reason = NRM_REASON_OK;
	if (ack) {
		view.ack = ack_bytes;
		view.earlier = index - CASES + 1;
		signed_digest = nrm_leaf_hash(ack_bytes);
		view.has_ack_signature = true;
		view.ack_signature =
			sign_alone(t->recipient_key, NRM_DOMAIN_ACKS, &signed_digest, signature);
		return view;
	}
	memcpy(signed_digest.bytes, digest, sizeof(digest));
	view.has_signature = true;
	view.signature =
		sign_alone(t->sender_key, NRM_DOMAIN_STATEMENTS, &signed_digest, signature);
	view.basis = NRM_BASIS_CONSENT;
	view.forwarded = nrm_bit(NRM_FIELD_GIVEN_NAME) | nrm_bit(NRM_FIELD_LANGUAGES);
	view.withheld[0].reason = NRM_REASON_SECRET;
	view.withheld[0].fields = nrm_bit(NRM_FIELD_OFFENCE_RECORD);
	view.withheld_count = 1;
	view.rules = 1u << 20;
	view.obligations = 1u << NRM_OBLIGATION_REVIEW_CONSENT;
	view.consent_id = (struct nrm_slices){&consent, 1};
	if (index == 8) { /* one that was refused, and told less than the truth */
		view.outcome = NRM_OUTCOME_REFUSE;
		view.reason = NRM_REASON_EXCLUDED;
		view.forwarded = 0;
	}
	return view;
}

static inline void digests(const struct nrm_view *view, struct nrm_leaf *leaf,
			   uint8_t salt[3][NRM_SALT_LEN], uint8_t digest[3][NRM_HASH_LEN])
{
	struct nrm_slice *const place[] = {&leaf->sender_view, &leaf->recipient_view,
					   &leaf->oversight_view};
	struct nrm_buf bytes = {0};
	struct nrm_view part;

	for (unsigned i = 0; i < 3; i++) {
		nrm_buf_clear(&bytes);
		if (nrm_view_project(view, leaf, (enum nrm_viewer)i, &part))
			assert_int_equal(nrm_view_encode(&part, &bytes), NRM_OK);
		nrm_view_digest(salt[i], nrm_buf_slice(&bytes), digest[i]);
		*place[i] = nrm_slice(digest[i], NRM_HASH_LEN);
	}
	nrm_buf_done(&bytes);
}

static inline enum nrm_record_kind make_salts(struct trail *t, int slot,
					      const uint8_t case_key[static NRM_KEY_LEN],
					      uint8_t salt[static 3][NRM_SALT_LEN])
{
	uint8_t row_key[NRM_KEY_LEN];

	if (slot < 0) {
		for (int i = 0; i < 3; i++)
			memset(salt[i], i + 1, NRM_SALT_LEN);
		return NRM_RECORD_CLEAR;
	}
	nrm_row_key(case_key, row_key);
	assert_int_equal(nrm_record_salts(row_key, t->frontier.size, salt), NRM_OK);
	return NRM_RECORD_SEALED;
}

/* Appends a leaf with its record: of the case in `slot`, or of none (−1). What both say is the caller's. */
static inline void append_as(struct trail *t, int slot, struct nrm_leaf leaf,
			     const struct nrm_view *view)
{
	const uint64_t index = t->frontier.size;
	uint8_t salt[3][NRM_SALT_LEN], digest[3][NRM_HASH_LEN], key[NRM_KEY_LEN], tag[NRM_HASH_LEN];
	struct nrm_buf leaf_bytes = {0}, view_bytes = {0}, record_bytes = {0}, row = {0};
	struct nrm_txn *txn;

	leaf.policy_digest = nrm_slice(t->policy.bytes, NRM_HASH_LEN);
	leaf.directory_digest = nrm_slice(t->directory.bytes, NRM_HASH_LEN);
	if (slot >= 0) {
		assert_int_equal(nrm_case_keys_get(t->keys, (uint32_t)slot, key), NRM_OK);
		nrm_case_tag(key, index, tag);
		leaf.case_tag = nrm_slice(tag, sizeof(tag));
	}
	const enum nrm_record_kind kind = make_salts(t, slot, key, salt);
	digests(view, &leaf, salt, digest);
	assert_int_equal(nrm_leaf_encode(&leaf, &leaf_bytes), NRM_OK);
	t->leaf[index] = nrm_leaf_hash(nrm_buf_slice(&leaf_bytes));
	assert_int_equal(nrm_view_encode(view, &view_bytes), NRM_OK);
	struct nrm_record record = {.previous = slot < 0 ? 0 : t->last[slot],
				    .view = nrm_buf_slice(&view_bytes)};
	memcpy(record.salt, salt, sizeof(salt));
	nrm_record_encode(&record, kind, &record_bytes);
	if (slot >= 0)
		seal(t, (uint32_t)slot, NRM_ROW_RECORD, index, nrm_buf_slice(&record_bytes), &row);
	assert_int_equal(nrm_txn_begin(t->store, true, &txn), NRM_OK);
	assert_int_equal(
		nrm_trail_append(txn, &t->frontier, nrm_buf_slice(&leaf_bytes), kind,
				 slot < 0 ? nrm_buf_slice(&record_bytes) : nrm_buf_slice(&row)),
		NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
	if (slot >= 0) {
		t->last[slot] = index + 1;
		put_case(t, (uint32_t)slot, index + 1);
	}
	nrm_buf_done(&leaf_bytes);
	nrm_buf_done(&view_bytes);
	nrm_buf_done(&record_bytes);
	nrm_buf_done(&row);
}

/* The acknowledgement of leaf `about`, as bytes. */
static inline struct nrm_buf ack_of(const struct trail *t, uint64_t about, enum nrm_ack status)
{
	static const uint8_t digest_of_statement[NRM_HASH_LEN] = {7};
	const struct nrm_ack_body body = {
		.statement_digest = nrm_slice(digest_of_statement, NRM_HASH_LEN),
		.leaf_hash = nrm_slice(t->leaf[about].bytes, NRM_HASH_LEN),
		.time_ms = 1,
		.status = status};
	struct nrm_buf bytes = {0};

	assert_int_equal(nrm_ack_encode(&body, &bytes), NRM_OK);
	return bytes;
}

static inline void append(struct trail *t, int slot, uint64_t minute)
{
	const uint64_t index = t->frontier.size;
	const bool ack = slot >= 0 && (index - 1) / CASES % 2 == 1;
	struct nrm_buf ack_bytes = ack_of(t, ack ? index - CASES : 0, NRM_ACK_OK);
	const struct nrm_view view = view_of(t, index, ack, nrm_buf_slice(&ack_bytes));
	const struct nrm_leaf leaf = {
		.minute = minute,
		.kind = slot < 0 ? NRM_EVENT_DIRECTORY
			: ack	 ? NRM_EVENT_ACKNOWLEDGEMENT
				 : NRM_EVENT_REFERRAL,
		.sender = nrm_slice_str(slot < 0 ? "" : "XX.agency-000"),
		.recipient = nrm_slice_str(slot < 0 ? "" : "XX.agency-001"),
		.service = slot < 0 ? NRM_SERVICE_ABSENT : NRM_SERVICE_EMERGENCY_SHELTER,
		.outcome = view.outcome,
		.reason = view.reason == NRM_REASON_EXCLUDED ? NRM_REASON_CONSENT_WITHDRAWN
							     : view.reason,
	};

	append_as(t, slot, leaf, &view);
	nrm_buf_done(&ack_bytes);
}

/* Signs the head as it is now with the key of agency `number` and stores the note. */
static inline void put_checkpoint(struct trail *t, size_t number)
{
	struct nrm_signing_key *secret = agency_signing_key(number, NRM_KEY_KIND_WITNESS);
	struct nrm_checkpoint cp = {.origin = "nrm/XX",
				    .size = t->frontier.size,
				    .root = nrm_frontier_root(&t->frontier)};
	struct nrm_note_key key;
	struct nrm_buf note = {0};
	uint8_t public[NRM_KEY_LEN];

	nrm_signing_key_public(secret, public);
	assert_int_equal(nrm_note_key_make("nrm/XX", 0x01, public, &key), NRM_OK);
	assert_int_equal(nrm_note_sign(&cp, &key, secret, &note), NRM_OK);
	put(t, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), nrm_buf_slice(&note));
	nrm_buf_done(&note);
	nrm_signing_key_free(secret);
}

static inline void put_directory(struct trail *t)
{
	struct nrm_signing_key *authority = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_SIGNING);
	static struct country country;
	struct nrm_buf bytes = {0};
	uint8_t key[9] = {'d'};

	nrm_signing_key_public(authority, t->authority);
	nrm_signing_key_free(authority);
	country_init(&country, 2);
	for (uint64_t version = 1; version <= 2; version++) {
		struct nrm_directory *directory = country_directory(&country, version);
		struct nrm_document document = nrm_directory_document(directory);
		nrm_buf_clear(&bytes);
		assert_int_equal(nrm_document_encode(&document, &bytes), NRM_OK);
		nrm_store_u64(key + 1, version);
		put(t, NRM_TABLE_DOCUMENTS, nrm_slice(key, sizeof(key)), nrm_buf_slice(&bytes));
		memcpy(t->directory.bytes, nrm_directory_digest(directory), NRM_HASH_LEN);
		nrm_directory_free(directory);
	}
	static const uint8_t signature[NRM_SIGNATURE_LEN]; /* which nobody looks at */
	const struct nrm_document policy = {
		nrm_slice_str("a policy, which the auditor does not read"),
		nrm_slice(signature, sizeof(signature))};
	nrm_buf_clear(&bytes);
	assert_int_equal(nrm_document_encode(&policy, &bytes), NRM_OK);
	nrm_document_digest(NRM_DOMAIN_POLICY, policy.document, t->policy.bytes);
	key[0] = 'p';
	put(t, NRM_TABLE_DOCUMENTS, nrm_slice(key, sizeof(key)), nrm_buf_slice(&bytes));
	nrm_buf_done(&bytes);
	country_done(&country);
}

static inline void fill(struct trail *t)
{
	nrm_frontier_init(&t->frontier);
	t->recipient_key = 1;
	assert_int_equal(nrm_case_keys_fill(t->keys, 1), NRM_OK);
	put_directory(t);
	for (uint64_t i = 0; i < LEAVES; i++) {
		append(t, i == 0 ? -1 : (int)((i - 1) % CASES), MINUTE + i / 2);
		if (t->frontier.size == SIGNED)
			put_checkpoint(t, AGENCIES_MAX);
	}
	assert_int_equal(nrm_case_keys_forget(t->keys, FORGOTTEN), NRM_OK);
}

static inline int in_memory(void **state)
{
	struct trail *t = calloc(1, sizeof(*t));

	assert_int_equal(nrm_store_open_memory(&tables, &t->store), NRM_OK);
	assert_int_equal(nrm_case_keys_open(NULL, false, &t->keys), NRM_OK);
	fill(t);
	*state = t;
	return 0;
}

static inline char *in_folder(const struct trail *t, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", t->folder, name);
	return path;
}

static inline int on_disk(void **state)
{
	struct trail *t = calloc(1, sizeof(*t));

	snprintf(t->folder, sizeof(t->folder), "/tmp/nrm-audit-XXXXXX");
	assert_non_null(mkdtemp(t->folder));
	assert_int_equal(nrm_store_open(in_folder(t, NRM_BROKER_STORE), &tables, &t->store),
			 NRM_OK);
	assert_int_equal(nrm_case_keys_open(in_folder(t, NRM_BROKER_CASE_KEYS), false, &t->keys),
			 NRM_OK);
	fill(t);
	*state = t;
	return 0;
}

static inline int done(void **state)
{
	struct trail *t = *state;

	nrm_store_close(t->store);
	nrm_case_keys_close(t->keys);
	if (t->folder[0]) {
		unlink(in_folder(t, NRM_BROKER_STORE "/data.mdb"));
		unlink(in_folder(t, NRM_BROKER_STORE "/lock.mdb"));
		rmdir(in_folder(t, NRM_BROKER_STORE));
		unlink(in_folder(t, NRM_BROKER_CASE_KEYS));
		rmdir(t->folder);
	}
	free(t);
	return 0;
}

/* --- spoiling it --- */

struct row {
	struct nrm_buf leaf, completed, record;
	uint8_t kind;
};

static inline struct row read_row(struct trail *t, uint64_t index)
{
	struct nrm_trail_row from;
	struct row row = {0};
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(t->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_trail_read(txn, index, &from), NRM_OK);
	nrm_buf_put(&row.leaf, from.leaf.data, from.leaf.len);
	nrm_buf_put(&row.completed, from.completed.data, from.completed.len);
	nrm_buf_put(&row.record, from.record.data, from.record.len);
	row.kind = (uint8_t)from.record_kind;
	nrm_txn_abort(txn);
	return row;
}

/* Puts a row and lets go of its parts. */
static inline void write_row(struct trail *t, uint64_t index, struct row *row)
{
	struct nrm_buf bytes = {0};
	uint8_t key[8];

	nrm_buf_put_u16(&bytes, (uint16_t)row->leaf.len);
	nrm_buf_put(&bytes, row->leaf.data, row->leaf.len);
	nrm_buf_put_u8(&bytes, (uint8_t)(row->completed.len / NRM_HASH_LEN));
	nrm_buf_put(&bytes, row->completed.data, row->completed.len);
	nrm_buf_put_u8(&bytes, row->kind);
	nrm_buf_put(&bytes, row->record.data, row->record.len);
	nrm_store_u64(key, index);
	put(t, NRM_TABLE_TRAIL, nrm_slice(key, sizeof(key)), nrm_buf_slice(&bytes));
	nrm_buf_done(&bytes);
	nrm_buf_done(&row->leaf);
	nrm_buf_done(&row->completed);
	nrm_buf_done(&row->record);
}

static inline void delete_row(struct trail *t, uint64_t index)
{
	struct nrm_txn *txn;
	uint8_t key[8];

	nrm_store_u64(key, index);
	assert_int_equal(nrm_txn_begin(t->store, true, &txn), NRM_OK);
	assert_int_equal(nrm_delete(txn, NRM_TABLE_TRAIL, nrm_slice(key, sizeof(key))), NRM_OK);
	assert_int_equal(nrm_txn_commit(txn), NRM_OK);
}

#define ON(setup, test) cmocka_unit_test_setup_teardown(test, setup, done)

#endif
