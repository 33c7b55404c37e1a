/*
 * A trail of any size, as the broker writes it: its books make leaves, records, cases, their index and message ids; what is
 * left out is the decision, the sockets and the agencies. Signatures verify. What is measured on it is reading: auditing,
 * proving, starting; and what the next leaf costs.
 *
 * A police unit opens 64 cases and refers them to a shelter under one signature, which acknowledges them under one; later to
 * others. 4,096 cases are under way at a time. All but the keys of the country and of the cases follows from the numbers.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/books/state.h"
#include "proto/base/time.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "proto/wire/directory_wire.h"
#include "proto/wire/frame.h"
#include "tests/live/country.h"
#include "tests/live/must.h"

#define BATCH	  64u
#define LEVELS	  7u  /* of the tree over a batch */
#define UNDER_WAY 64u /* batches of cases */
#define A_COMMIT  64u /* batches of referrals */
#define AGENCIES  100u
#define EXPIRES	  (3ull * 24 * 3600 * 1000)
#define DAY	  (24ull * 3600 * 1000)

struct arguments {
	const char *country, *folder;
	uint64_t leaves, per_case, days;
};

struct trail {
	struct country country;
	struct nrm_local_signer *local;
	struct nrm_signer signer;
	struct nrm_books *books;
	uint64_t per_case, first_ms, span_ms, batches;
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

/* What both leaves of a referral say. */
struct referral {
	uint64_t number, now_ms;
	const struct nrm_identity *police, *shelter;
	struct nrm_case *c;
	uint8_t message_id[NRM_MESSAGE_ID_LEN];
	struct nrm_hash digest;
	struct nrm_entry entry;
	nrm_mask forwarded;
	struct nrm_buf ack;
};

static uint32_t handle_of(const struct trail *t, const struct nrm_identity *agency)
{
	return nrm_roll_find(&t->books->roll, nrm_slice_str(agency->id));
}

/* A case with two parties and the consent that its referrals rest on. */
static struct nrm_case *case_open(struct trail *t, const uint8_t id[static NRM_CASE_ID_LEN],
				  const struct referral *r)
{
	struct nrm_case *c;
	uint32_t place;

	must(nrm_case_open(&t->books->cases, t->books->txn, id, handle_of(t, r->police),
			   t->books->clock, &c),
	     "a case");
	must(nrm_case_join(c, handle_of(t, r->shelter), 0), "a party");
	must(nrm_case_add_consent(c, &place), "a consent");
	memcpy(c->consent_on_file[place].id, r->digest.bytes, NRM_CONSENT_ID_LEN);
	c->consent[place] = (struct nrm_consent){.services = nrm_bit(NRM_SERVICE_EMERGENCY_SHELTER),
						 .recipient = {handle_of(t, r->shelter)},
						 .n_recipients = 1,
						 .any_field = true,
						 .from = t->books->clock,
						 .until = t->books->clock + 90 * DAY,
						 .understood = true,
						 .recorder = {handle_of(t, r->police)},
						 .n_recorders = 1};
	return c;
}

static void case_id_of(uint64_t number, uint8_t id[static NRM_CASE_ID_LEN])
{
	struct nrm_hash hash;

	number_hash('c', number, &hash);
	memcpy(id, hash.bytes, NRM_CASE_ID_LEN);
}

/* Referral `i` of a batch: its case is one of those under way. */
static void referral_begin(struct trail *t, uint64_t batch, unsigned i, struct referral *r)
{
	const uint64_t a_turn = UNDER_WAY * t->per_case, round = batch % a_turn / UNDER_WAY;
	const uint64_t group = batch / a_turn * UNDER_WAY + batch % UNDER_WAY;
	uint8_t id[NRM_CASE_ID_LEN];
	struct nrm_hash hash;

	*r = (struct referral){
		.number = batch * BATCH + i,
		.now_ms = t->books->clock,
		.police = t->country.police[group % t->country.n_police],
		.shelter = t->country.shelter[(group + round) % t->country.n_shelters],
		.ack = r->ack,
	};
	number_hash('m', r->number, &hash);
	nrm_message_id_make(r->now_ms, hash.bytes, r->message_id);
	number_hash('d', r->number, &r->digest);
	for (uint32_t field = 1; field <= 12; field++)
		r->forwarded |= nrm_bit(field);
	case_id_of(group * BATCH + i, id);
	enum nrm_err err = nrm_case_find(&t->books->cases, t->books->txn, id, &r->c);
	if (err == NRM_ERR_NOT_FOUND)
		r->c = case_open(t, id, r);
	else
		must(err, "a case");
}

static struct nrm_leaf leaf_of(const struct referral *r, enum nrm_event kind)
{
	return (struct nrm_leaf){.kind = kind,
				 .sender = nrm_slice_str(r->police->id),
				 .recipient = nrm_slice_str(r->shelter->id),
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
				 .case_id = nrm_slice(r->c->id, NRM_CASE_ID_LEN)};
}

static void message_put(struct trail *t, const struct referral *r, uint64_t latest)
{
	struct nrm_message_row row = {.leaf = r->entry.index,
				      .latest = latest,
				      .recipient = handle_of(t, r->shelter),
				      .type = NRM_MESSAGE_TYPE_REFERRAL,
				      .outcome = NRM_OUTCOME_FORWARD,
				      .expires_ms = r->now_ms + EXPIRES};

	memcpy(row.digest, r->digest.bytes, NRM_HASH_LEN);
	must(nrm_message_put(t->books, r->c, nrm_slice(r->message_id, NRM_MESSAGE_ID_LEN),
			     handle_of(t, r->police), &row),
	     "a message's id");
}

static void refer(struct trail *t, struct referral *r, struct nrm_proof proof)
{
	struct nrm_leaf leaf = leaf_of(r, NRM_EVENT_REFERRAL);
	struct nrm_slice consent = nrm_slice(r->c->consent_on_file[0].id, NRM_CONSENT_ID_LEN);
	struct nrm_view view = view_of(r);

	view.basis = NRM_BASIS_CONSENT;
	view.forwarded = r->forwarded;
	view.withheld[0].reason = NRM_REASON_NOT_NEEDED;
	view.withheld[0].fields = nrm_bit(NRM_FIELD_OFFENCE_RECORD);
	view.withheld_count = 1;
	view.rules = 1u << 15 | 1u << 20;
	view.consent_id = (struct nrm_slices){&consent, 1};
	view.has_signature = true;
	view.signature = proof;
	must(nrm_ledger_write(t->books, &leaf, &view, r->c, &r->entry), "a leaf");
	message_put(t, r, r->entry.index);
}

static void acknowledge(struct trail *t, const struct referral *r, struct nrm_proof proof)
{
	struct nrm_leaf leaf = leaf_of(r, NRM_EVENT_ACKNOWLEDGEMENT);
	struct nrm_view view = view_of(r);
	struct nrm_entry entry;

	view.ack = nrm_buf_slice(&r->ack);
	view.has_ack_signature = true;
	view.ack_signature = proof;
	view.earlier = r->entry.index + 1;
	must(nrm_ledger_write(t->books, &leaf, &view, r->c, &entry), "a leaf");
	message_put(t, r, entry.index);
}

static void batch_write(struct trail *t, uint64_t number)
{
	static struct referral referral[BATCH];
	static struct batch batch;

	for (unsigned i = 0; i < BATCH; i++) {
		referral_begin(t, number, i, &referral[i]);
		batch.level[0][i] = referral[i].digest;
	}
	batch_sign(&batch, NRM_DOMAIN_STATEMENTS, referral->police->signing);
	for (unsigned i = 0; i < BATCH; i++)
		refer(t, &referral[i], batch_proof(&batch, i));
	for (unsigned i = 0; i < BATCH; i++) {
		struct referral *r = &referral[i];
		const struct nrm_hash leaf_hash = nrm_leaf_hash(r->entry.leaf);
		const struct nrm_ack_body ack = {
			.statement_digest = nrm_slice(r->digest.bytes, NRM_HASH_LEN),
			.forwarded = r->forwarded,
			.leaf_hash = nrm_slice(leaf_hash.bytes, NRM_HASH_LEN),
			.time_ms = r->now_ms,
			.status = NRM_ACK_OK};
		nrm_buf_clear(&r->ack);
		must(nrm_ack_encode(&ack, &r->ack), "an ack");
		batch.level[0][i] = nrm_leaf_hash(nrm_buf_slice(&r->ack));
	}
	batch_sign(&batch, NRM_DOMAIN_ACKS, referral->shelter->signing);
	for (unsigned i = 0; i < BATCH; i++)
		acknowledge(t, &referral[i], batch_proof(&batch, i));
}

static void entropy_of(uint64_t batch, uint8_t entropy[static 32])
{
	struct nrm_hash hash;

	number_hash('e', batch, &hash);
	memcpy(entropy, hash.bytes, NRM_HASH_LEN);
}

/* The next batches, in one transaction; ids of messages that have expired go, as they do once a second in a broker. */
static void commit_batches(struct trail *t, uint64_t first)
{
	uint8_t entropy[32];

	entropy_of(first, entropy);
	must(nrm_books_begin(t->books, t->first_ms + t->span_ms / t->batches * first, entropy),
	     "transaction");
	for (uint64_t i = first; i < first + A_COMMIT && i < t->batches; i++)
		batch_write(t, i);
	must(nrm_messages_purge(t->books, 4 * A_COMMIT * BATCH), "purge");
	must(nrm_books_commit(t->books), "commit");
}

static void open_trail(struct trail *t, const struct arguments *a)
{
	struct nrm_books_options options = {.folder = a->folder};
	uint8_t seed[NRM_KEY_LEN], entropy[32];
	char path[4096], error[NRM_YAML_ERROR_LEN];

	country_need(a->country, AGENCIES, AGENCIES, NULL);
	country_load(&t->country, a->country);
	snprintf(path, sizeof(path), "%s/broker/trail.pem", a->country);
	must(nrm_keyfile_read(path, NRM_ED25519, NULL, seed), path);
	must(nrm_local_signer_new(nrm_directory_log_key(t->country.directory)->name, seed,
				  &t->local),
	     "signer");
	t->signer = nrm_local_signer_interface(t->local);
	options.policy = t->country.policy;
	options.directory = t->country.directory;
	options.signer = &t->signer;
	t->per_case = a->per_case;
	t->batches = (a->leaves + 2 * BATCH - 1) / (2 * BATCH);
	t->span_ms = a->days * DAY;
	t->first_ms = nrm_time_now_ms() - t->span_ms;
	if (mkdir(a->folder, 0700) != 0)
		die("%s: expected no such folder yet", a->folder);
	entropy_of(UINT64_MAX, entropy);
	if (nrm_books_open(&options, t->first_ms, entropy, &t->books, error) != NRM_OK)
		die("%s", error);
}

/* The head signed; and what else a broker does when it has nothing to do. */
static void settle(struct trail *t)
{
	struct nrm_effects effects = {0};
	uint8_t entropy[32];

	for (uint64_t i = 0; i < 3; i++) {
		entropy_of(UINT64_MAX - 1 - i, entropy);
		must(nrm_books_tick(t->books, t->first_ms + t->span_ms, entropy, &effects), "tick");
		nrm_effects_done(&effects);
	}
}

static void make(const struct arguments *a)
{
	static struct trail t;
	uint64_t used, most;

	open_trail(&t, a);
	for (uint64_t batch = 0; batch < t.batches; batch += A_COMMIT)
		commit_batches(&t, batch);
	settle(&t);
	nrm_store_room(t.books->store, &used, &most);
	printf("leaves %llu\ncases %llu\nreferral_bytes %.0f\n",
	       (unsigned long long)t.books->frontier.size,
	       (unsigned long long)t.books->cases.n_cases,
	       (double)used / (double)(t.batches * BATCH));
	nrm_books_close(t.books);
	nrm_local_signer_free(t.local);
	country_done(&t.country);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'n':
		a->leaves = strtoull(arg, NULL, 10);
		return 0;
	case 'c':
		a->per_case = strtoull(arg, NULL, 10);
		return 0;
	case 'd':
		a->days = strtoull(arg, NULL, 10);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_usage(state);
		*(state->arg_num == 0 ? &a->country : &a->folder) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->folder || a->leaves == 0 || a->per_case == 0)
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
		{"per-case", 'c', "N", 0, "Referrals of a case, each two leaves (default 5)", 0},
		{"days", 'd', "N", 0, "That they are spread over, up to now (default 365)", 0},
		{0}};
	static const struct argp argp = {.options = options,
					 .parser = parse,
					 .args_doc = "COUNTRY FOLDER",
					 .doc = "Makes a broker's data FOLDER with a trail of N "
						"leaves, in a country that is "
						"made when it is not there."};
	struct arguments a = {.leaves = 1000000, .per_case = 5, .days = 365};

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	must(nrm_crypto_init(), "crypto");
	make(&a);
	return 0;
}
