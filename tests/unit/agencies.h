/*
 * A country of invented agencies for tests: XX.agency-000, XX.agency-001, … with keys that follow from their
 * numbers, and its signed directory. Link with nrm_directory; nrm_crypto_init() first.
 */
#ifndef NRM_TESTS_AGENCIES_H
#define NRM_TESTS_AGENCIES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/sign.h"
#include "proto/directory/directory.h"
#include "proto/wire/directory_wire.h"

#define AGENCIES_MAX 256

struct agency {
	char id[NRM_MAX_ID + 1];
	struct nrm_signing_key *signing;
	uint8_t transport[NRM_KEY_LEN], transport_public[NRM_KEY_LEN];
	enum nrm_role role; /* absent: shelter */
	nrm_mask offers;    /* services */
	bool suspended;
};

struct country {
	struct agency agency[AGENCIES_MAX];
	size_t n;
	uint32_t quorum; /* of witnesses; 0: none is asked */
	uint8_t broker[NRM_KEY_LEN], broker_public[NRM_KEY_LEN]; /* transport */
};

/* A secret of an agency; number AGENCIES_MAX is the broker's and the authority's. */
static inline void agency_secret(size_t number, uint8_t kind, uint8_t out[static NRM_KEY_LEN])
{
	const uint8_t from[] = {(uint8_t)(number >> 8), (uint8_t)number, kind};

	nrm_sha256_one(nrm_slice(from, sizeof(from)), out);
}

static inline struct nrm_signing_key *agency_signing_key(size_t number, uint8_t kind)
{
	struct nrm_signing_key *key;
	uint8_t seed[NRM_KEY_LEN];

	agency_secret(number, kind, seed);
	assert_int_equal(nrm_signing_key_new(seed, &key), NRM_OK);
	return key;
}

static inline void country_init(struct country *c, size_t n)
{
	*c = (struct country){.n = n};
	agency_secret(AGENCIES_MAX, NRM_KEY_KIND_TRANSPORT, c->broker);
	assert_int_equal(nrm_x25519_public(c->broker, c->broker_public), NRM_OK);
	for (size_t i = 0; i < n; i++) {
		struct agency *a = &c->agency[i];
		snprintf(a->id, sizeof(a->id), "XX.agency-%03zu", i);
		a->signing = agency_signing_key(i, NRM_KEY_KIND_SIGNING);
		agency_secret(i, NRM_KEY_KIND_TRANSPORT, a->transport);
		assert_int_equal(nrm_x25519_public(a->transport, a->transport_public), NRM_OK);
	}
}

static inline void country_done(struct country *c)
{
	for (size_t i = 0; i < c->n; i++)
		nrm_signing_key_free(c->agency[i].signing);
}

/* The four keys of one agency, with their proofs of possession. */
struct agency_keys {
	uint8_t key[4][NRM_KEY_LEN], possession[4][NRM_SIGNATURE_LEN], own[NRM_SIGNATURE_LEN];
	struct nrm_key_entry entry[4];
};

static inline void agency_keys_make(const struct agency *a, size_t number, struct agency_keys *k)
{
	struct nrm_signing_key *witness = agency_signing_key(number, NRM_KEY_KIND_WITNESS);
	struct nrm_slice id = nrm_slice_str(a->id);
	uint8_t sealing[NRM_KEY_LEN];

	agency_secret(number, NRM_KEY_KIND_SEALING, sealing);
	nrm_signing_key_public(a->signing, k->key[0]);
	assert_int_equal(nrm_x25519_public(sealing, k->key[1]), NRM_OK);
	memcpy(k->key[2], a->transport_public, NRM_KEY_LEN);
	nrm_signing_key_public(witness, k->key[3]);
	for (uint8_t i = 0; i < 4; i++) {
		uint8_t kind = NRM_KEY_KIND_SIGNING + i;
		assert_int_equal(
			nrm_possession_sign(a->signing, id, kind, k->key[i], k->possession[i]),
			NRM_OK);
		k->entry[i] = (struct nrm_key_entry){
			.kind = kind,
			.key = nrm_slice(k->key[i], NRM_KEY_LEN),
			.possession = nrm_slice(k->possession[i], NRM_SIGNATURE_LEN),
		};
	}
	assert_int_equal(nrm_possession_sign(witness, id, NRM_KEY_KIND_WITNESS, k->key[3], k->own),
			 NRM_OK);
	k->entry[3].own_possession = nrm_slice(k->own, NRM_SIGNATURE_LEN);
	nrm_signing_key_free(witness);
}

/* The country's directory in this version, signed and opened again; nrm_directory_free() it. */
static inline struct nrm_directory *country_directory(const struct country *c, uint64_t version)
{
	static struct agency_keys keys[AGENCIES_MAX];
	static struct nrm_participant_entry entry[AGENCIES_MAX];
	static uint32_t role[AGENCIES_MAX];
	static struct nrm_offer_entry offer[AGENCIES_MAX][NRM_SERVICE_END_];
	struct nrm_signing_key *authority = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_SIGNING);
	struct nrm_signing_key *trail = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_WITNESS);
	uint8_t authority_public[NRM_KEY_LEN], trail_public[NRM_KEY_LEN],
		signature[NRM_SIGNATURE_LEN];
	struct nrm_directory *directory;
	struct nrm_note_key log;
	struct nrm_buf bytes = {0}, log_text = {0};
	char error[256] = "";

	nrm_signing_key_public(authority, authority_public);
	nrm_signing_key_public(trail, trail_public);
	assert_int_equal(nrm_note_key_make("nrm/XX", 0x01, trail_public, &log), NRM_OK);
	nrm_note_key_format(&log, &log_text);
	for (size_t i = 0; i < c->n; i++) {
		size_t n_offers = 0;

		agency_keys_make(&c->agency[i], i, &keys[i]);
		role[i] = c->agency[i].role ? c->agency[i].role : NRM_ROLE_SHELTER;
		for (uint32_t service = 1; service < NRM_SERVICE_END_; service++)
			if (c->agency[i].offers & nrm_bit(service))
				offer[i][n_offers++] = (struct nrm_offer_entry){.service = service};
		entry[i] = (struct nrm_participant_entry){
			.id = nrm_slice_str(c->agency[i].id),
			.name = nrm_slice_str(c->agency[i].id),
			.kind = NRM_ORG_KIND_NGO,
			.role = {&role[i], 1},
			.offer = offer[i],
			.n_offers = n_offers,
			.country = nrm_slice_str("XX"),
			.key = keys[i].entry,
			.n_keys = 4,
			.status = c->agency[i].suspended ? NRM_STATUS_SUSPENDED : NRM_STATUS_ACTIVE,
			.valid_until_ms = 1ull << 48,
			.max_version = 1,
		};
	}
	const struct nrm_slice log_slice = nrm_buf_slice(&log_text);
	const struct nrm_directory_body body = {
		.version = version,
		.country = nrm_slice_str("XX"),
		.valid_until_ms = 1ull << 48,
		.broker = {nrm_slice_str("XX.nrm"), nrm_slice(c->broker_public, NRM_KEY_LEN),
			   nrm_slice_str("tcp://127.0.0.1:5555")},
		.trail = {.origin = nrm_slice_str("nrm/XX"), .verifier_key = {&log_slice, 1}},
		.witness_quorum = c->quorum,
		.participant = entry,
		.n_participants = c->n,
	};
	assert_int_equal(nrm_directory_encode(&body, &bytes), NRM_OK);
	assert_int_equal(nrm_document_sign(authority, NRM_DOMAIN_DIRECTORY, nrm_buf_slice(&bytes),
					   signature),
			 NRM_OK);
	const struct nrm_document document = {nrm_buf_slice(&bytes),
					      nrm_slice(signature, sizeof(signature))};
	if (nrm_directory_open(&document, authority_public, &directory, error) != NRM_OK)
		fail_msg("%s", error);
	nrm_buf_done(&bytes);
	nrm_buf_done(&log_text);
	nrm_signing_key_free(authority);
	nrm_signing_key_free(trail);
	return directory;
}

#endif
