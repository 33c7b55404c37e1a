/*
 * A directory in parts, so that a test can spoil one, sign what comes of it, and see it refused.
 */
#ifndef NRM_TESTS_DIRECTORY_WORLD_H
#define NRM_TESTS_DIRECTORY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/sign.h"
#include "proto/directory/directory.h"
#include "proto/wire/directory_wire.h"

#define N    2
#define KEYS 5 /* signing, two sealing, transport, witness */

static struct world {
	struct nrm_directory_body body;
	struct nrm_participant_entry participant[N];
	struct nrm_offer_entry offer[N][2];
	struct nrm_key_entry key[N][KEYS];
	uint32_t role[N][2];
	uint8_t public[N][KEYS][NRM_KEY_LEN], proof[N][KEYS][NRM_SIGNATURE_LEN],
		own[N][NRM_SIGNATURE_LEN];
	uint8_t broker[NRM_KEY_LEN];
	struct nrm_slice verifier[2], region[2];
	char verifier_text[2][256];
} w;

static struct nrm_signing_key *authority;
static uint8_t authority_public[NRM_KEY_LEN];

/* The n-th secret of these tests. */
static inline void seed(const char *label, int n, uint8_t out[static NRM_KEY_LEN])
{
	char text[64];

	snprintf(text, sizeof(text), "directory_test %s %d", label, n);
	nrm_sha256_one(nrm_slice_str(text), out);
}

static inline struct nrm_signing_key *signing_key(const char *label, int n)
{
	struct nrm_signing_key *key;
	uint8_t secret[NRM_KEY_LEN];

	seed(label, n, secret);
	assert_int_equal(nrm_signing_key_new(secret, &key), NRM_OK);
	return key;
}

static inline void x25519_key(const char *label, int n, uint8_t out[static NRM_KEY_LEN])
{
	uint8_t secret[NRM_KEY_LEN];

	seed(label, n, secret);
	assert_int_equal(nrm_x25519_public(secret, out), NRM_OK);
}

static inline void verifier_key(int n, const char *name, uint8_t type)
{
	struct nrm_signing_key *key = signing_key("trail", n);
	uint8_t public[NRM_KEY_LEN];
	struct nrm_note_key note;
	struct nrm_buf text;

	nrm_signing_key_public(key, public);
	assert_int_equal(nrm_note_key_make(name, type, public, &note), NRM_OK);
	nrm_buf_init(&text);
	nrm_note_key_format(&note, &text);
	assert_true(text.len < sizeof(w.verifier_text[n]));
	memcpy(w.verifier_text[n], text.data, text.len);
	w.verifier[n] = nrm_slice(w.verifier_text[n], text.len);
	nrm_buf_done(&text);
	nrm_signing_key_free(key);
}

/* Proofs of possession for the keys and the id as they now are. */
static inline void prove(int i)
{
	struct nrm_signing_key *signing = signing_key("signing", i),
			       *witness = signing_key("witness", i);
	struct nrm_slice id = w.participant[i].id;

	for (int k = 0; k < KEYS; k++)
		assert_int_equal(nrm_possession_sign(signing, id, (uint8_t)w.key[i][k].kind,
						     w.public[i][k], w.proof[i][k]),
				 NRM_OK);
	assert_int_equal(
		nrm_possession_sign(witness, id, NRM_KEY_KIND_WITNESS, w.public[i][4], w.own[i]),
		NRM_OK);
	nrm_signing_key_free(signing);
	nrm_signing_key_free(witness);
}

static inline void make_participant(int i, const char *id, enum nrm_role role,
				    enum nrm_service service)
{
	static const enum nrm_key_kind kinds[KEYS] = {NRM_KEY_KIND_SIGNING, NRM_KEY_KIND_SEALING,
						      NRM_KEY_KIND_SEALING, NRM_KEY_KIND_TRANSPORT,
						      NRM_KEY_KIND_WITNESS};
	struct nrm_signing_key *signing = signing_key("signing", i),
			       *witness = signing_key("witness", i);

	nrm_signing_key_public(signing, w.public[i][0]);
	nrm_signing_key_public(witness, w.public[i][4]);
	nrm_signing_key_free(signing);
	nrm_signing_key_free(witness);
	x25519_key("sealing", i, w.public[i][1]);
	x25519_key("old sealing", i, w.public[i][2]);
	x25519_key("transport", i, w.public[i][3]);
	for (int k = 0; k < KEYS; k++)
		w.key[i][k] = (struct nrm_key_entry){
			.kind = kinds[k],
			.key = nrm_slice(w.public[i][k], NRM_KEY_LEN),
			.possession = nrm_slice(w.proof[i][k], NRM_SIGNATURE_LEN)};
	w.key[i][4].own_possession = nrm_slice(w.own[i], NRM_SIGNATURE_LEN);
	w.role[i][0] = role;
	w.role[i][1] = NRM_ROLE_COORDINATOR;
	w.offer[i][0].service = service;
	w.offer[i][1] = (struct nrm_offer_entry){NRM_SERVICE_FOLLOW_UP, {w.region, 2}};
	w.participant[i] = (struct nrm_participant_entry){
		.id = nrm_slice_str(id),
		.name = nrm_slice_str("Maison d\xe2\x80\x99"
				      "accueil"),
		.kind = NRM_ORG_KIND_NGO,
		.role = {w.role[i], 2},
		.offer = w.offer[i],
		.n_offers = 2,
		.country = nrm_slice(id, 2),
		.key = w.key[i],
		.n_keys = KEYS,
		.status = NRM_STATUS_ACTIVE,
		.valid_from_ms = 1000,
		.valid_until_ms = 5000,
		.max_version = 1,
	};
	prove(i);
}

static inline void make_world(void)
{
	memset(&w, 0, sizeof(w));
	w.region[0] = nrm_slice_str("TH-10");
	w.region[1] = nrm_slice_str("TH-50");
	x25519_key("broker", 0, w.broker);
	verifier_key(0, "nrm/TH", 0x01);
	verifier_key(1, "nrm/TH-before", 0x01);
	make_participant(0, "TH.police-bangkok", NRM_ROLE_POLICE, NRM_SERVICE_CRIMINAL_STATEMENT);
	make_participant(1, "TH.shelter-lotus", NRM_ROLE_SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
	w.body = (struct nrm_directory_body){
		.version = 7,
		.country = nrm_slice_str("TH"),
		.valid_from_ms = 1000,
		.valid_until_ms = 9000,
		.broker = {nrm_slice_str("TH.nrm"), nrm_slice(w.broker, NRM_KEY_LEN),
			   nrm_slice_str("tcp://127.0.0.1:7100")},
		.trail = {nrm_slice_str("nrm/TH"), {w.verifier, 2}, {NULL, 0}},
		.witness_quorum = 2,
		.participant = w.participant,
		.n_participants = N,
	};
}

/* A document with the authority's signature. */
struct signed_bytes {
	struct nrm_buf bytes;
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_document document;
};

static inline void sign_bytes(struct signed_bytes *s)
{
	s->document = (struct nrm_document){nrm_buf_slice(&s->bytes),
					    nrm_slice(s->signature, NRM_SIGNATURE_LEN)};
	assert_int_equal(nrm_document_sign(authority, NRM_DOMAIN_DIRECTORY, s->document.document,
					   s->signature),
			 NRM_OK);
}

static inline void sign_world(struct signed_bytes *s)
{
	nrm_buf_init(&s->bytes);
	assert_int_equal(nrm_directory_encode(&w.body, &s->bytes), NRM_OK);
	sign_bytes(s);
}

/* Signs the world as it is and opens it. */
static inline enum nrm_err open_world(struct nrm_directory **ret_directory, char *error)
{
	struct signed_bytes s;

	sign_world(&s);
	enum nrm_err err = nrm_directory_open(&s.document, authority_public, ret_directory, error);
	nrm_buf_done(&s.bytes);
	return err;
}

/* The world is refused with this error and a line that has these words; then it is made good again. */
static inline void assert_refused(enum nrm_err want, const char *words)
{
	struct nrm_directory *d = NULL;
	char error[256] = "";

	enum nrm_err err = open_world(&d, error);
	if (err != want || !strstr(error, words))
		fail_msg("got %s: %s; expected %s: %s", nrm_err_text(err), error,
			 nrm_err_text(want), words);
	assert_null(d);
	make_world();
}

static inline int setup(void **state)
{
	(void)state;
	assert_int_equal(nrm_crypto_init(), NRM_OK);
	authority = signing_key("authority", 0);
	nrm_signing_key_public(authority, authority_public);
	make_world();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	nrm_signing_key_free(authority);
	return 0;
}

#endif
