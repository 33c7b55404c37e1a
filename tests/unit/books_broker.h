/*
 * The broker's core without threads, sockets or disk, with a clock and entropy of the test: agencies send frames,
 * the books answer with frames.
 */
#ifndef NRM_TESTS_BOOKS_BROKER_H
#define NRM_TESTS_BOOKS_BROKER_H

#include "tests/unit/policies.h"

#include "broker/books/books.h"
#include "proto/trail/seal.h"
#include "proto/wire/leaf.h"
#include "proto/wire/seal.h"

#define WORLD_START 1770000000000u
#define WORLD_DAY   (24ull * 3600 * 1000)

enum { POLICE, SHELTER, HOSPITAL, IMMIGRATION, LABOUR, NGO, WORLD_AGENCIES };

struct world {
	struct country country;
	struct nrm_directory *directory;
	struct nrm_signed_policy *policy;
	struct nrm_local_signer *local;
	struct nrm_signer signer;
	struct nrm_books *books;
	struct nrm_books_options options;
	uint64_t now;
	uint64_t draws;			  /* entropy calls so far */
	uint64_t session[WORLD_AGENCIES]; /* 0: not connected */
	uint64_t sessions;		  /* given out so far */
	struct nrm_effects effects;	  /* not heard yet */
	struct nrm_arena arena;		  /* what was heard; reset by world_done() */
	enum nrm_err err;		  /* of the last apply */
	uint32_t ids;			  /* given out so far */
};

static inline void world_entropy(struct world *w, uint8_t out[static 32])
{
	uint8_t n[8];

	nrm_store_u64(n, ++w->draws);
	nrm_sha256_one(nrm_slice(n, sizeof(n)), out);
}

static inline void world_open(struct world *w)
{
	uint8_t entropy[32], seed[NRM_KEY_LEN];
	char error[256];

	/* The signer forgets what it signed, as a restarted process does. */
	agency_secret(AGENCIES_MAX, NRM_KEY_KIND_WITNESS, seed);
	nrm_local_signer_free(w->local);
	assert_int_equal(nrm_local_signer_new("nrm/XX", seed, &w->local), NRM_OK);
	w->signer = nrm_local_signer_interface(w->local);
	w->options.policy = w->policy;
	w->options.directory = w->directory;
	w->options.signer = &w->signer;
	world_entropy(w, entropy);
	if (nrm_books_open(&w->options, w->now, entropy, &w->books, error) != NRM_OK)
		fail_msg("%s", error);
}

/* `folder` NULL: in memory. */
static inline void world_init(struct world *w, const char *folder)
{
	static const struct {
		enum nrm_role role;
		nrm_mask offers;
	} part[WORLD_AGENCIES] = {
		[POLICE] = {NRM_ROLE_POLICE, 0},
		[SHELTER] = {NRM_ROLE_SHELTER, 1ull << NRM_SERVICE_EMERGENCY_SHELTER},
		[HOSPITAL] = {NRM_ROLE_HEALTH, 1ull << NRM_SERVICE_MEDICAL_CHECKUP |
						       1ull << NRM_SERVICE_EMERGENCY_MEDICAL},
		[IMMIGRATION] = {NRM_ROLE_IMMIGRATION_ENFORCEMENT,
				 1ull << NRM_SERVICE_EMERGENCY_SHELTER},
		[LABOUR] = {NRM_ROLE_LABOUR_INSPECTION, 1ull << NRM_SERVICE_LABOUR_CLAIM},
		[NGO] = {NRM_ROLE_NGO_CASE_MANAGER, 1ull << NRM_SERVICE_FOLLOW_UP},
	};

	memset(w, 0, sizeof(*w));
	country_init(&w->country, WORLD_AGENCIES);
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		w->country.agency[i].role = part[i].role;
		w->country.agency[i].offers = part[i].offers;
	}
	w->directory = country_directory(&w->country, 1);
	w->policy = policy_open(policy_shipped());
	nrm_arena_init(&w->arena, 256u * 1024 * 1024);
	w->now = WORLD_START;
	w->options.folder = folder;
	world_open(w);
}

static inline void world_close(struct world *w)
{
	nrm_books_close(w->books);
	w->books = NULL;
	nrm_effects_done(&w->effects);
	memset(w->session, 0, sizeof(w->session));
}

static inline void world_done(struct world *w)
{
	world_close(w);
	nrm_directory_free(w->directory);
	nrm_signed_policy_free(w->policy);
	nrm_local_signer_free(w->local);
	country_done(&w->country);
	nrm_arena_done(&w->arena);
}

static inline void world_release(struct nrm_parcel *parcel)
{
	nrm_arena_done(&parcel->arena);
}

static inline void world_apply(struct world *w, struct nrm_parcel *parcel)
{
	uint8_t entropy[32];

	world_entropy(w, entropy);
	w->err = nrm_books_apply(w->books, &parcel, parcel ? 1 : 0, w->now, entropy, &w->effects);
	if (parcel)
		parcel->release(parcel);
}

static inline void world_tick(struct world *w)
{
	uint8_t entropy[32];

	w->now += 1000;
	world_entropy(w, entropy);
	w->err = nrm_books_tick(w->books, w->now, entropy, &w->effects);
}

/* Bytes arrive from an agency's connection. */
static inline void world_bytes(struct world *w, int agency, struct nrm_slice bytes)
{
	struct nrm_parcel parcel = {
		.kind = NRM_PARCEL_FRAME,
		.session = w->session[agency],
		.bytes = bytes,
		.release = world_release,
	};

	memcpy(parcel.transport, w->country.agency[agency].transport_public, NRM_KEY_LEN);
	nrm_arena_init(&parcel.arena, NRM_MAX_FRAME_ARENA);
	nrm_intake(&parcel, w->directory);
	world_apply(w, &parcel);
}

static inline void world_send(struct world *w, int agency, const struct nrm_to_broker *frame)
{
	struct nrm_buf bytes = {0};

	assert_int_equal(nrm_to_broker_encode(frame, &bytes), NRM_OK);
	world_bytes(w, agency, nrm_buf_slice(&bytes));
	nrm_buf_done(&bytes);
}

/* The next frame for an agency, taken out of the effects; false when there is none. */
static inline bool world_hear(struct world *w, int agency, struct nrm_to_agent *frame)
{
	for (size_t i = 0; i < w->effects.n; i++) {
		struct nrm_effect *e = &w->effects.effect[i];
		if (e->session != w->session[agency] || e->frame.len == 0)
			continue;
		void *copy = nrm_arena_copy(&w->arena, e->frame.data, e->frame.len);
		assert_int_equal(
			nrm_to_agent_decode(nrm_slice(copy, e->frame.len), &w->arena, frame),
			NRM_OK);
		nrm_buf_done(&e->frame);
		return true;
	}
	return false;
}

/* The next frame must be of this kind. */
static inline struct nrm_to_agent world_expect(struct world *w, int agency,
					       enum nrm_to_agent_kind kind)
{
	struct nrm_to_agent frame = {0};

	assert_true(world_hear(w, agency, &frame));
	assert_int_equal(frame.kind, kind);
	return frame;
}

static inline void world_expect_silence(struct world *w, int agency)
{
	struct nrm_to_agent frame;

	assert_false(world_hear(w, agency, &frame));
}

static inline void world_expect_refused(struct world *w, int agency, enum nrm_refusal code)
{
	struct nrm_to_agent frame = world_expect(w, agency, NRM_REFUSED);

	assert_string_equal(nrm_code_name(NRM_VOCABULARY_REFUSAL, frame.is.refused.code),
			    nrm_code_name(NRM_VOCABULARY_REFUSAL, code));
}

static inline void world_connect(struct world *w, int agency, uint32_t credit)
{
	struct nrm_to_broker hello = {.kind = NRM_HELLO};

	hello.is.hello.min_version = hello.is.hello.max_version = 1;
	hello.is.hello.directory_version = 1;
	hello.is.hello.credit = credit;
	w->session[agency] = ++w->sessions;
	world_send(w, agency, &hello);
	world_expect(w, agency, NRM_WELCOME);
}

static inline void world_disconnect(struct world *w, int agency)
{
	struct nrm_parcel parcel = {
		.kind = NRM_PARCEL_GONE, .session = w->session[agency], .release = world_release};

	nrm_arena_init(&parcel.arena, 1024);
	world_apply(w, &parcel);
	w->session[agency] = 0;
}

static inline struct nrm_books_figures world_figures(const struct world *w)
{
	struct nrm_books_figures figures;

	nrm_books_figures(w->books, &figures);
	return figures;
}

#endif
