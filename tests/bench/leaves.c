/*
 * A trail of any size, made without the broker's decisions: leaves, records and cases as the broker writes them, with
 * signatures that verify, some hundred thousand a second. What is measured on it is reading: auditing, proving, starting.
 *
 * Batches of 64 referrals of a police unit to a shelter, of 64 cases in turn, signed together; then their 64
 * acknowledgements, signed together.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/books/cases.h"
#include "proto/base/time.h"
#include "proto/crypto/sign.h"
#include "proto/trail/note.h"
#include "proto/trail/rows.h"
#include "proto/trail/trail.h"
#include "proto/wire/directory_wire.h"
#include "proto/wire/frame.h"
#include "tests/live/country.h"
#include "tests/live/must.h"

#define BATCH	 64u
#define LEVELS	 7u /* of the tree over a batch */
#define A_COMMIT 65536u
#define AGENCIES 100u

struct arguments {
	const char *country, *folder;
	uint64_t leaves, cases;
};

struct trail {
	struct country country;
	struct nrm_store *store;
	struct nrm_txn *txn;
	struct nrm_case_keys *keys;
	struct nrm_frontier frontier;
	uint64_t *last; /* of each case: its last leaf + 1 */
	uint64_t n_cases, first_ms;
	uint64_t uncommitted;
	uint64_t drawn; /* salts and nonces follow from it */
	struct nrm_buf leaf, view[3], record, sealed;
};

/* What one signature covers: hashes of all levels, so that each path is at hand. */
struct batch {
	struct nrm_hash level[LEVELS][BATCH];
	struct nrm_hash path[LEVELS];
	struct nrm_slice item[LEVELS];
	uint8_t signature[NRM_SIGNATURE_LEN];
};

static void number_hash(uint8_t kind, uint64_t number, struct nrm_hash *out)
{
	uint8_t bytes[9] = {kind};

	nrm_store_u64(bytes + 1, number);
	nrm_sha256_one(nrm_slice(bytes, sizeof(bytes)), out->bytes);
}

static void batch_sign(struct batch *batch, const char *domain, const struct nrm_signing_key *key)
{
	for (unsigned l = 1; l < LEVELS; l++)
		for (unsigned i = 0; i < BATCH >> l; i++)
			batch->level[l][i] = nrm_node_hash(&batch->level[l - 1][2 * i],
							   &batch->level[l - 1][2 * i + 1]);
	must(nrm_batch_sign(key, domain, BATCH, batch->level[LEVELS - 1][0].bytes,
			    batch->signature),
	     "signing");
}

static struct nrm_proof batch_proof(struct batch *batch, unsigned i)
{
	for (unsigned l = 0; l + 1 < LEVELS; l++) {
		batch->path[l] = batch->level[l][(i >> l) ^ 1];
		batch->item[l] = nrm_slice(batch->path[l].bytes, NRM_HASH_LEN);
	}
	return (struct nrm_proof){.size = BATCH,
				  .index = i,
				  .path = {batch->item, LEVELS - 1},
				  .signature = nrm_slice(batch->signature, NRM_SIGNATURE_LEN)};
}

static void put(struct trail *t, unsigned table, struct nrm_slice key, struct nrm_slice value)
{
	must(nrm_put(t->txn, table, key, value), "writing a row");
}

static void commit(struct trail *t)
{
	must(nrm_txn_commit(t->txn), "commit");
	must(nrm_txn_begin(t->store, true, &t->txn), "transaction");
	t->uncommitted = 0;
}

/* The leaf's three views: encoded, salted, their digests in the leaf; and the record. */
static void dress(struct trail *t, struct nrm_leaf *leaf, const struct nrm_view *oversight,
		  struct nrm_hash digest[3], struct nrm_record *record, struct nrm_hash salt[3])
{
	for (unsigned who = 0; who < 3; who++) {
		struct nrm_view view;

		nrm_buf_clear(&t->view[who]);
		if (nrm_view_project(oversight, leaf, (enum nrm_viewer)who, &view))
			must(nrm_view_encode(&view, &t->view[who]), "a view");
		number_hash('s', t->drawn++, &salt[who]);
		record->salt[who] = nrm_slice(salt[who].bytes, NRM_SALT_LEN);
		nrm_view_digest(salt[who].bytes, nrm_buf_slice(&t->view[who]), digest[who].bytes);
	}
	leaf->sender_view = nrm_slice(digest[0].bytes, NRM_HASH_LEN);
	leaf->recipient_view = nrm_slice(digest[1].bytes, NRM_HASH_LEN);
	leaf->oversight_view = nrm_slice(digest[2].bytes, NRM_HASH_LEN);
	record->view = nrm_buf_slice(&t->view[NRM_VIEWER_OVERSIGHT]);
}

static struct nrm_slice seal(struct trail *t, uint32_t slot, enum nrm_row_place place,
			     uint64_t number, struct nrm_slice plain)
{
	uint8_t key[NRM_KEY_LEN], row_key[NRM_KEY_LEN], nonce[NRM_AEAD_NONCE_LEN] = {0};

	must(nrm_case_keys_get(t->keys, slot, key), "a case key");
	nrm_row_key(key, row_key);
	nrm_store_u64(nonce, t->drawn++);
	nrm_buf_clear(&t->sealed);
	uint8_t *out = nrm_buf_grow(&t->sealed, plain.len + NRM_ROW_OVERHEAD);
	must(nrm_row_seal(row_key, place, number, nonce, plain, out), "sealing");
	return nrm_buf_slice(&t->sealed);
}

/* Appends a leaf of a case, or of none (slot −1), and returns its hash. */
static struct nrm_hash append(struct trail *t, struct nrm_leaf *leaf, const struct nrm_view *view,
			      int64_t slot)
{
	const uint64_t index = t->frontier.size;
	struct nrm_record record = {.previous = slot < 0 ? 0 : t->last[slot]};
	uint8_t key[NRM_KEY_LEN], tag[NRM_HASH_LEN];
	struct nrm_hash digest[3], salt[3];

	leaf->directory_digest =
		nrm_slice(nrm_directory_digest(t->country.directory), NRM_HASH_LEN);
	leaf->policy_digest = nrm_slice(t->country.policy->rules->digest, NRM_HASH_LEN);
	dress(t, leaf, view, digest, &record, salt);
	if (slot >= 0) {
		must(nrm_case_keys_get(t->keys, (uint32_t)slot, key), "a case key");
		nrm_case_tag(key, index, tag);
		leaf->case_tag = nrm_slice(tag, sizeof(tag));
		t->last[slot] = index + 1;
	}
	nrm_buf_clear(&t->leaf);
	must(nrm_leaf_encode(leaf, &t->leaf), "a leaf");
	nrm_buf_clear(&t->record);
	nrm_record_encode(&record, &t->record);
	struct nrm_slice row = nrm_buf_slice(&t->record);
	if (slot >= 0)
		row = seal(t, (uint32_t)slot, NRM_ROW_RECORD, index, row);
	must(nrm_trail_append(t->txn, &t->frontier, nrm_buf_slice(&t->leaf),
			      slot < 0 ? NRM_RECORD_CLEAR : NRM_RECORD_SEALED, row),
	     "appending");
	if (++t->uncommitted == A_COMMIT)
		commit(t);
	return nrm_leaf_hash(nrm_buf_slice(&t->leaf));
}

static void document(struct trail *t, uint8_t kind, uint64_t version, const uint8_t *digest,
		     const struct nrm_document *of)
{
	struct nrm_leaf leaf = {.kind = kind == 'd' ? NRM_EVENT_DIRECTORY : NRM_EVENT_POLICY,
				.minute = t->first_ms / 60000,
				.outcome = NRM_OUTCOME_FORWARD,
				.reason = NRM_REASON_OK};
	const struct nrm_view view = {.time_ms = t->first_ms,
				      .outcome = NRM_OUTCOME_FORWARD,
				      .reason = NRM_REASON_OK,
				      .document_digest = nrm_slice(digest, NRM_HASH_LEN),
				      .document_version = version};
	struct nrm_buf bytes = {0};
	uint8_t key[9] = {kind};

	nrm_store_u64(key + 1, version);
	must(nrm_document_encode(of, &bytes), "a document");
	put(t, NRM_TABLE_DOCUMENTS, nrm_slice(key, sizeof(key)), nrm_buf_slice(&bytes));
	append(t, &leaf, &view, -1);
	nrm_buf_done(&bytes);
}

static void case_id_of(uint64_t slot, uint8_t id[static NRM_CASE_ID_LEN])
{
	struct nrm_hash hash;

	number_hash('c', slot, &hash);
	memcpy(id, hash.bytes, NRM_CASE_ID_LEN);
}

/* What both leaves of a referral say. */
struct referral {
	uint64_t slot, now_ms;
	uint8_t case_id[NRM_CASE_ID_LEN], message_id[NRM_MESSAGE_ID_LEN], consent[NRM_CASE_ID_LEN];
	struct nrm_slice consent_slice;
	struct nrm_hash digest, leaf_hash;
	uint64_t leaf;
	nrm_mask forwarded;
	struct nrm_buf ack;
};

static void referral_begin(const struct trail *t, uint64_t number, struct referral *r)
{
	struct nrm_hash hash;

	*r = (struct referral){.slot = number % t->n_cases,
			       .now_ms = t->first_ms + number / BATCH * 60000,
			       .ack = r->ack};
	case_id_of(r->slot, r->case_id);
	number_hash('m', number, &hash);
	nrm_message_id_make(r->now_ms, hash.bytes, r->message_id);
	number_hash('g', r->slot, &hash);
	memcpy(r->consent, hash.bytes, sizeof(r->consent));
	r->consent_slice = nrm_slice(r->consent, sizeof(r->consent));
	number_hash('d', number, &r->digest);
	for (uint32_t field = 1; field <= 12; field++)
		r->forwarded |= nrm_bit(field);
}

static struct nrm_leaf leaf_of(const struct nrm_identity *police,
			       const struct nrm_identity *shelter, const struct referral *r,
			       enum nrm_event kind)
{
	return (struct nrm_leaf){.minute = r->now_ms / 60000,
				 .kind = kind,
				 .sender = nrm_slice_str(police->id),
				 .recipient = nrm_slice_str(shelter->id),
				 .service = NRM_SERVICE_EMERGENCY_SHELTER,
				 .outcome = NRM_OUTCOME_FORWARD,
				 .reason = NRM_REASON_OK};
}

static struct nrm_view view_of(const struct referral *r)
{
	return (struct nrm_view){.message_id = nrm_slice(r->message_id, sizeof(r->message_id)),
				 .time_ms = r->now_ms,
				 .type = NRM_MESSAGE_TYPE_REFERRAL,
				 .outcome = NRM_OUTCOME_FORWARD,
				 .reason = NRM_REASON_OK,
				 .statement_digest = nrm_slice(r->digest.bytes, NRM_HASH_LEN),
				 .case_id = nrm_slice(r->case_id, sizeof(r->case_id))};
}

static void refer(struct trail *t, const struct nrm_identity *police,
		  const struct nrm_identity *shelter, struct referral *r, struct nrm_proof proof)
{
	struct nrm_leaf leaf = leaf_of(police, shelter, r, NRM_EVENT_REFERRAL);
	struct nrm_view view = view_of(r);

	view.basis = NRM_BASIS_CONSENT;
	view.forwarded = r->forwarded;
	view.withheld[0].reason = NRM_REASON_NOT_NEEDED;
	view.withheld[0].fields = nrm_bit(NRM_FIELD_OFFENCE_RECORD);
	view.withheld_count = 1;
	view.rules = 1u << 15 | 1u << 20;
	view.consent_id = (struct nrm_slices){&r->consent_slice, 1};
	view.has_signature = true;
	view.signature = proof;
	r->leaf = t->frontier.size;
	r->leaf_hash = append(t, &leaf, &view, (int64_t)r->slot);
}

static void acknowledge(struct trail *t, const struct nrm_identity *police,
			const struct nrm_identity *shelter, const struct referral *r,
			struct nrm_proof proof)
{
	struct nrm_leaf leaf = leaf_of(police, shelter, r, NRM_EVENT_ACKNOWLEDGEMENT);
	struct nrm_view view = view_of(r);

	view.ack = nrm_buf_slice(&r->ack);
	view.has_ack_signature = true;
	view.ack_signature = proof;
	view.earlier = r->leaf + 1;
	append(t, &leaf, &view, (int64_t)r->slot);
}

static void batch_write(struct trail *t, uint64_t number)
{
	static struct referral referral[BATCH];
	static struct batch batch;
	const struct nrm_identity *police = t->country.police[number % t->country.n_police];
	const struct nrm_identity *shelter = t->country.shelter[number / 7 % t->country.n_shelters];

	for (unsigned i = 0; i < BATCH; i++) {
		referral_begin(t, number * BATCH + i, &referral[i]);
		batch.level[0][i] = referral[i].digest;
	}
	batch_sign(&batch, NRM_DOMAIN_STATEMENTS, police->signing);
	for (unsigned i = 0; i < BATCH; i++)
		refer(t, police, shelter, &referral[i], batch_proof(&batch, i));
	for (unsigned i = 0; i < BATCH; i++) {
		struct referral *r = &referral[i];
		const struct nrm_ack_body ack = {
			.statement_digest = nrm_slice(r->digest.bytes, NRM_HASH_LEN),
			.forwarded = r->forwarded,
			.leaf_hash = nrm_slice(r->leaf_hash.bytes, NRM_HASH_LEN),
			.time_ms = r->now_ms,
			.status = NRM_ACK_OK};
		nrm_buf_clear(&r->ack);
		must(nrm_ack_encode(&ack, &r->ack), "an ack");
		batch.level[0][i] = nrm_leaf_hash(nrm_buf_slice(&r->ack));
	}
	batch_sign(&batch, NRM_DOMAIN_ACKS, shelter->signing);
	for (unsigned i = 0; i < BATCH; i++)
		acknowledge(t, police, shelter, &referral[i], batch_proof(&batch, i));
}

static void write_cases(struct trail *t)
{
	for (uint32_t slot = 0; slot < t->n_cases; slot++) {
		struct nrm_case c = {.slot = slot, .opened_at = t->first_ms};
		uint8_t key[4], last[NRM_HEAD_ROW_LEN];
		const struct nrm_slice at = nrm_slice(key, sizeof(key));

		if (t->last[slot] == 0)
			continue;
		nrm_store_u32(key, slot);
		nrm_store_u64(last, t->last[slot]);
		case_id_of(slot, c.id);
		nrm_buf_clear(&t->record);
		nrm_case_row_encode(&c, &t->record);
		put(t, NRM_TABLE_CASES, at,
		    seal(t, slot, NRM_ROW_CASE, slot, nrm_buf_slice(&t->record)));
		put(t, NRM_TABLE_HEADS, at,
		    seal(t, slot, NRM_ROW_HEAD, slot, nrm_slice(last, sizeof(last))));
		if (slot % A_COMMIT == A_COMMIT - 1)
			commit(t);
	}
}

static void sign_head(struct trail *t)
{
	const struct nrm_note_key *key = nrm_directory_log_key(t->country.directory);
	struct nrm_checkpoint head = {.size = t->frontier.size,
				      .root = nrm_frontier_root(&t->frontier)};
	struct nrm_buf note = {0};

	memcpy(head.origin, key->name, sizeof(head.origin));
	must(nrm_note_sign(&head, key, t->country.broker->trail, &note), "signing the head");
	put(t, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), nrm_buf_slice(&note));
	nrm_buf_done(&note);
}

static void open_trail(struct trail *t, const struct arguments *a)
{
	const struct nrm_store_options options = {.tables = nrm_broker_tables,
						  .n_tables = NRM_BROKER_TABLES};
	char path[4096];

	country_need(a->country, AGENCIES, AGENCIES, NULL);
	country_load(&t->country, a->country);
	if (mkdir(a->folder, 0700) != 0)
		die("%s: expected no such folder yet", a->folder);
	snprintf(path, sizeof(path), "%s/" NRM_BROKER_STORE, a->folder);
	must(nrm_store_open(path, &options, &t->store), path);
	snprintf(path, sizeof(path), "%s/" NRM_BROKER_CASE_KEYS, a->folder);
	must(nrm_case_keys_open(path, false, &t->keys), path);
	must(nrm_case_keys_fill(t->keys, (uint32_t)a->cases), path);
	t->n_cases = a->cases;
	t->last = calloc(a->cases, sizeof(*t->last));
	t->first_ms = nrm_time_now_ms() - (a->leaves / BATCH + 1) * 60000;
	must(nrm_txn_begin(t->store, true, &t->txn), "transaction");
}

static void make(const struct arguments *a)
{
	static struct trail t;
	uint8_t state[12];

	open_trail(&t, a);
	const struct nrm_document directory = nrm_directory_document(t.country.directory);
	document(&t, 'd', nrm_directory_version(t.country.directory),
		 nrm_directory_digest(t.country.directory), &directory);
	document(&t, 'p', t.country.policy->rules->version, t.country.policy->rules->digest,
		 &t.country.policy->document);
	for (uint64_t number = 0; t.frontier.size < a->leaves; number++)
		batch_write(&t, number);
	write_cases(&t);
	sign_head(&t);
	nrm_store_u64(state, nrm_time_now_ms()); /* the broker's clock, and slots in use */
	nrm_store_u32(state + 8, (uint32_t)t.n_cases);
	put(&t, NRM_TABLE_STATE, nrm_slice_str("state"), nrm_slice(state, sizeof(state)));
	must(nrm_txn_commit(t.txn), "commit");
	printf("%llu leaves of %llu cases\n", (unsigned long long)t.frontier.size,
	       (unsigned long long)t.n_cases);
	nrm_case_keys_close(t.keys);
	nrm_store_close(t.store);
	country_done(&t.country);
	free(t.last);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'n':
		a->leaves = strtoull(arg, NULL, 10);
		return 0;
	case 'c':
		a->cases = strtoull(arg, NULL, 10);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_usage(state);
		*(state->arg_num == 0 ? &a->country : &a->folder) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->folder || a->cases == 0 || a->cases > UINT32_MAX / 2)
			argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"leaves", 'n', "N", 0, "How many, at least (default 1000000)", 0},
		{"cases", 'c', "N", 0, "Cases that they are of (default 50000)", 0},
		{0}};
	static const struct argp argp = {.options = options,
					 .parser = parse,
					 .args_doc = "COUNTRY FOLDER",
					 .doc = "Makes a broker's data FOLDER with a trail of N "
						"leaves, in a country that is "
						"made when it is not there."};
	struct arguments a = {.leaves = 1000000, .cases = 50000};

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	must(nrm_crypto_init(), "crypto");
	make(&a);
	return 0;
}
