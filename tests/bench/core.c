/*
 * What a referral costs the broker without its sockets: intake (decode, verify) and core (decide, record, deliver,
 * acknowledge), in one thread, on LMDB in a folder given. Batches of 64 statements under one signature, 12 fields of 62
 * bytes. usage: core FOLDER [BATCHES] [CASES]
 */
#include "tests/unit/books_world.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#define BATCH 64u
#define AT_ONCE 8u /* batches in one transaction */
#define FIELDS 12u

static struct world w;

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double wall_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static const enum nrm_field fields[FIELDS] = {
	NRM_FIELD_GIVEN_NAME,     NRM_FIELD_FAMILY_NAME,   NRM_FIELD_PREFERRED_NAME, NRM_FIELD_AGE_YEARS,
	NRM_FIELD_GENDER,         NRM_FIELD_LANGUAGES,     NRM_FIELD_INTERPRETER_NEEDS, NRM_FIELD_SAFE_CONTACT,
	NRM_FIELD_DEPENDANTS,     NRM_FIELD_HOUSING_NEEDS, NRM_FIELD_SUPPORT_NEEDS,  NRM_FIELD_IMMEDIATE_NEEDS,
};

/* One statement of a batch: sealed, not signed. Memory from `arena`. */
static struct nrm_envelope make(struct nrm_arena *arena, const uint8_t *case_id)
{
	static const uint8_t text[62] = "an invented value of sixty-two bytes, to fill its 64-byte box";
	struct nrm_field_value value[FIELDS];
	uint8_t secret[NRM_KEY_LEN], public_key[NRM_KEY_LEN], random[10];
	struct nrm_envelope envelope = {.n_fields = FIELDS};
	struct nrm_buf bytes = {0};
	struct nrm_statement st = world_statement(&w, POLICE, w.country.agency[SHELTER].id,
						  NRM_MESSAGE_TYPE_REFERRAL);
	uint8_t *id = nrm_arena_alloc(arena, 16);

	nrm_random(random, sizeof(random));
	nrm_message_id_make(w.now, random, id);
	st.message_id = nrm_slice(id, 16);
	st.case_id = nrm_slice(case_id, 16);
	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	st.purpose = NRM_PURPOSE_ASSISTANCE;
	st.basis = NRM_BASIS_CONSENT;
	st.body.referral = (struct nrm_referral){.urgency = NRM_URGENCY_URGENT};
	for (size_t i = 0; i < FIELDS; i++)
		value[i] = (struct nrm_field_value){fields[i], nrm_slice(text, sizeof(text))};
	agency_secret(SHELTER, NRM_KEY_KIND_SEALING, secret);
	assert_int_equal(nrm_x25519_public(secret, public_key), NRM_OK);
	assert_int_equal(nrm_statement_seal(&st, value, FIELDS, public_key, arena, &envelope.field), NRM_OK);
	assert_int_equal(nrm_statement_encode(&st, &bytes), NRM_OK);
	envelope.statement = nrm_slice(nrm_arena_copy(arena, bytes.data, bytes.len), bytes.len);
	nrm_buf_done(&bytes);
	return envelope;
}

static void make_batch(const uint8_t (*cases)[16], size_t n_cases, size_t first, struct nrm_buf *out)
{
	struct nrm_envelope envelope[BATCH];
	struct nrm_hash leaf[BATCH];
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_to_broker frame = {.kind = NRM_SUBMIT};
	struct nrm_arena arena;

	nrm_arena_init(&arena, 64u * 1024 * 1024);
	for (size_t i = 0; i < BATCH; i++) {
		envelope[i] = make(&arena, cases[(first + i) % n_cases]);
		leaf[i] = nrm_leaf_hash(envelope[i].statement);
	}
	const struct nrm_hash root = nrm_tree_root(leaf, BATCH);
	assert_int_equal(nrm_batch_sign(w.country.agency[POLICE].signing, NRM_DOMAIN_STATEMENTS, BATCH, root.bytes,
					signature),
			 NRM_OK);
	frame.is.submit.envelope = envelope;
	frame.is.submit.n = BATCH;
	frame.is.submit.signature = nrm_slice(signature, sizeof(signature));
	assert_int_equal(nrm_to_broker_encode(&frame, out), NRM_OK);
	nrm_arena_done(&arena);
}

/* Acknowledges all items of a Deliver frame under one signature. */
static void make_ack(struct nrm_slice deliver, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ACKNOWLEDGE};
	struct nrm_to_agent got;
	struct nrm_buf ack[NRM_MAX_FRAME_ITEMS] = {0};
	struct nrm_slice item[NRM_MAX_FRAME_ITEMS];
	struct nrm_hash leaf[NRM_MAX_FRAME_ITEMS];
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	assert_int_equal(nrm_to_agent_decode(deliver, &arena, &got), NRM_OK);
	size_t n = got.is.deliver.n;
	for (size_t i = 0; i < n; i++) {
		const struct nrm_delivery *d = &got.is.deliver.item[i];
		const struct nrm_hash digest = nrm_leaf_hash(d->envelope.statement), hash = nrm_leaf_hash(d->leaf);
		struct nrm_ack_body body = {.statement_digest = nrm_slice(digest.bytes, NRM_HASH_LEN),
					    .leaf_hash = nrm_slice(hash.bytes, NRM_HASH_LEN),
					    .time_ms = w.now,
					    .status = NRM_ACK_OK};
		for (size_t f = 0; f < d->envelope.n_fields; f++)
			body.forwarded |= nrm_bit(d->envelope.field[f].field);
		assert_int_equal(nrm_ack_encode(&body, &ack[i]), NRM_OK);
		item[i] = nrm_buf_slice(&ack[i]);
		leaf[i] = nrm_leaf_hash(item[i]);
	}
	const struct nrm_hash root = nrm_tree_root(leaf, n);
	assert_int_equal(nrm_batch_sign(w.country.agency[SHELTER].signing, NRM_DOMAIN_ACKS, (uint32_t)n, root.bytes,
					signature),
			 NRM_OK);
	frame.is.acknowledge.ack = (struct nrm_slices){item, n};
	frame.is.acknowledge.signature = nrm_slice(signature, sizeof(signature));
	assert_int_equal(nrm_to_broker_encode(&frame, out), NRM_OK);
	for (size_t i = 0; i < n; i++)
		nrm_buf_done(&ack[i]);
	nrm_arena_done(&arena);
}

struct cost {
	double intake, core, wall;
};

static void parcel_init(struct nrm_parcel *parcel, int agency, struct nrm_slice bytes)
{
	*parcel = (struct nrm_parcel){.kind = NRM_PARCEL_FRAME,
				      .session = w.session[agency],
				      .bytes = bytes,
				      .release = world_release};
	memcpy(parcel->transport, w.country.agency[agency].transport_public, NRM_KEY_LEN);
	nrm_arena_init(&parcel->arena, NRM_MAX_FRAME_ARENA);
}

/* Takes `n` frames in through intake and one transaction. */
static void run(int agency, const struct nrm_buf *frame, size_t n, struct cost *cost)
{
	struct nrm_parcel parcel[4 * AT_ONCE], *queue[4 * AT_ONCE];
	uint8_t entropy[32];

	double t0 = cpu_us();
	for (size_t i = 0; i < n; i++) {
		queue[i] = &parcel[i];
		parcel_init(&parcel[i], agency, nrm_buf_slice(&frame[i]));
		nrm_intake(&parcel[i], w.directory);
	}
	double t1 = cpu_us(), wall = wall_us();
	world_entropy(&w, entropy);
	assert_int_equal(nrm_books_apply(w.books, queue, n, w.now, entropy, &w.effects), NRM_OK);
	cost->wall += wall_us() - wall;
	for (size_t i = 0; i < n; i++)
		parcel[i].release(&parcel[i]);
	double t2 = cpu_us();
	cost->intake += t1 - t0;
	cost->core += t2 - t1;
}

int main(int argc, char **argv)
{
	size_t batches = argc > 2 ? strtoul(argv[2], NULL, 10) : 256, n_cases = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000;
	uint8_t(*cases)[16] = calloc(n_cases, 16);
	struct cost submit = {0}, acknowledge = {0};
	uint64_t used0, used1, most;

	if (argc < 2 || nrm_crypto_init() != NRM_OK)
		return 2;
	world_init(&w, argv[1]);
	world_connect(&w, POLICE, 4096);
	world_connect(&w, SHELTER, 4096);
	for (size_t i = 0; i < n_cases; i++) {
		nrm_random(cases[i], 16);
		struct nrm_stated_fact fact = {.kind = NRM_FACT_AGE_CLASS, .is.age_class = NRM_AGE_CLASS_ADULT};
		struct nrm_statement st = world_statement(&w, POLICE, "XX.nrm", NRM_MESSAGE_TYPE_CASE_CARD);
		struct nrm_envelope envelope;
		(void)fact;
		(void)st;
		(void)envelope;
	}
	nrm_effects_done(&w.effects);
	(void)used0;
	(void)used1;
	(void)most;
	for (size_t b = 0; b < batches; b += AT_ONCE) {
		struct nrm_buf frame[AT_ONCE] = {0}, ack[4 * AT_ONCE] = {0};
		size_t n_acks = 0;

		for (size_t i = 0; i < AT_ONCE; i++)
			make_batch((const uint8_t(*)[16])cases, n_cases, (b + i) * BATCH, &frame[i]);
		nrm_arena_reset(&w.arena);
		run(POLICE, frame, AT_ONCE, &submit);
		for (size_t i = 0; i < w.effects.n && n_acks < 4 * AT_ONCE; i++)
			if (w.effects.effect[i].session == w.session[SHELTER])
				make_ack(nrm_buf_slice(&w.effects.effect[i].frame), &ack[n_acks++]);
		nrm_effects_done(&w.effects);
		run(SHELTER, ack, n_acks, &acknowledge);
		nrm_effects_done(&w.effects);
		if (b % 64 == 0) {
			struct nrm_to_broker more = {.kind = NRM_CREDIT, .is.credit = 4096};
			world_send(&w, SHELTER, &more);
			world_tick(&w);
			nrm_effects_done(&w.effects);
		}
		for (size_t i = 0; i < AT_ONCE; i++)
			nrm_buf_done(&frame[i]);
		for (size_t i = 0; i < n_acks; i++)
			nrm_buf_done(&ack[i]);
	}
	struct nrm_books_figures figures;
	nrm_books_figures(w.books, &figures);
	double n = (double)(batches * BATCH);
	printf("referrals %.0f leaves %llu waiting %llu\n", n, (unsigned long long)figures.leaves,
	       (unsigned long long)figures.waiting);
	printf("submit: intake %.1f us, core %.1f us (wall %.1f); acknowledge: intake %.1f us, core %.1f us (wall %.1f)\n",
	       submit.intake / n, submit.core / n, submit.wall / n, acknowledge.intake / n, acknowledge.core / n,
	       acknowledge.wall / n);
	free(cases);
	world_done(&w);
	return 0;
}
