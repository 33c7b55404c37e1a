/* The signed directory: one good one, and every way in which it must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/file.h"
#include "proto/crypto/sign.h"
#include "proto/directory/check.h"
#include "proto/directory/directory.h"
#include "proto/directory/name.h"
#include "proto/wire/directory_wire.h"
#include "tests/unit/vectors.h"

#define N 2
#define KEYS 5 /* signing, two sealing, transport, witness */

/* A directory in parts, so that a test can spoil one and sign what comes of it. */
static struct world {
	struct nrm_directory_body body;
	struct nrm_participant_entry participant[N];
	struct nrm_offer_entry offer[N][2];
	struct nrm_key_entry key[N][KEYS];
	uint32_t role[N][2];
	uint8_t public[N][KEYS][NRM_KEY_LEN], proof[N][KEYS][NRM_SIGNATURE_LEN], own[N][NRM_SIGNATURE_LEN];
	uint8_t broker[NRM_KEY_LEN];
	struct nrm_slice verifier[2], region[2];
	char verifier_text[2][256];
} w;

static struct nrm_signing_key *authority;
static uint8_t authority_public[NRM_KEY_LEN];

/* The n-th secret of these tests. */
static void seed(const char *label, int n, uint8_t out[static NRM_KEY_LEN])
{
	char text[64];

	snprintf(text, sizeof(text), "directory_test %s %d", label, n);
	nrm_sha256_one(nrm_slice_str(text), out);
}

static struct nrm_signing_key *signing_key(const char *label, int n)
{
	struct nrm_signing_key *key;
	uint8_t secret[NRM_KEY_LEN];

	seed(label, n, secret);
	assert_int_equal(nrm_signing_key_new(secret, &key), NRM_OK);
	return key;
}

static void x25519_key(const char *label, int n, uint8_t out[static NRM_KEY_LEN])
{
	uint8_t secret[NRM_KEY_LEN];

	seed(label, n, secret);
	assert_int_equal(nrm_x25519_public(secret, out), NRM_OK);
}

static void verifier_key(int n, const char *name, uint8_t type)
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
static void prove(int i)
{
	struct nrm_signing_key *signing = signing_key("signing", i), *witness = signing_key("witness", i);
	struct nrm_slice id = w.participant[i].id;

	for (int k = 0; k < KEYS; k++)
		assert_int_equal(nrm_possession_sign(signing, id, (uint8_t)w.key[i][k].kind, w.public[i][k],
						     w.proof[i][k]),
				 NRM_OK);
	assert_int_equal(nrm_possession_sign(witness, id, NRM_KEY_KIND_WITNESS, w.public[i][4], w.own[i]), NRM_OK);
	nrm_signing_key_free(signing);
	nrm_signing_key_free(witness);
}

static void make_participant(int i, const char *id, enum nrm_role role, enum nrm_service service)
{
	static const enum nrm_key_kind kinds[KEYS] = {NRM_KEY_KIND_SIGNING, NRM_KEY_KIND_SEALING, NRM_KEY_KIND_SEALING,
						      NRM_KEY_KIND_TRANSPORT, NRM_KEY_KIND_WITNESS};
	struct nrm_signing_key *signing = signing_key("signing", i), *witness = signing_key("witness", i);

	nrm_signing_key_public(signing, w.public[i][0]);
	nrm_signing_key_public(witness, w.public[i][4]);
	nrm_signing_key_free(signing);
	nrm_signing_key_free(witness);
	x25519_key("sealing", i, w.public[i][1]);
	x25519_key("old sealing", i, w.public[i][2]);
	x25519_key("transport", i, w.public[i][3]);
	for (int k = 0; k < KEYS; k++)
		w.key[i][k] = (struct nrm_key_entry){.kind = kinds[k],
						     .key = nrm_slice(w.public[i][k], NRM_KEY_LEN),
						     .possession = nrm_slice(w.proof[i][k], NRM_SIGNATURE_LEN)};
	w.key[i][4].own_possession = nrm_slice(w.own[i], NRM_SIGNATURE_LEN);
	w.role[i][0] = role;
	w.role[i][1] = NRM_ROLE_COORDINATOR;
	w.offer[i][0].service = service;
	w.offer[i][1] = (struct nrm_offer_entry){NRM_SERVICE_FOLLOW_UP, {w.region, 2}};
	w.participant[i] = (struct nrm_participant_entry){
		.id = nrm_slice_str(id),
		.name = nrm_slice_str("Maison d\xe2\x80\x99" "accueil"),
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

static void make_world(void)
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

static void sign_bytes(struct signed_bytes *s)
{
	s->document = (struct nrm_document){nrm_buf_slice(&s->bytes), nrm_slice(s->signature, NRM_SIGNATURE_LEN)};
	assert_int_equal(nrm_document_sign(authority, NRM_DOMAIN_DIRECTORY, s->document.document, s->signature), NRM_OK);
}

static void sign_world(struct signed_bytes *s)
{
	nrm_buf_init(&s->bytes);
	assert_int_equal(nrm_directory_encode(&w.body, &s->bytes), NRM_OK);
	sign_bytes(s);
}

/* Signs the world as it is and opens it. */
static enum nrm_err open_world(struct nrm_directory **ret_directory, char *error)
{
	struct signed_bytes s;

	sign_world(&s);
	enum nrm_err err = nrm_directory_open(&s.document, authority_public, ret_directory, error);
	nrm_buf_done(&s.bytes);
	return err;
}

/* The world is refused with this error and a line that has these words; then it is made good again. */
static void assert_refused(enum nrm_err want, const char *words)
{
	struct nrm_directory *d = NULL;
	char error[256] = "";

	enum nrm_err err = open_world(&d, error);
	if (err != want || !strstr(error, words))
		fail_msg("got %s: %s; expected %s: %s", nrm_err_text(err), error, nrm_err_text(want), words);
	assert_null(d);
	make_world();
}

static int setup(void **state)
{
	(void)state;
	assert_int_equal(nrm_crypto_init(), NRM_OK);
	authority = signing_key("authority", 0);
	nrm_signing_key_public(authority, authority_public);
	make_world();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nrm_signing_key_free(authority);
	return 0;
}

static void good(void **state)
{
	struct nrm_directory *d;
	struct signed_bytes s;
	uint8_t digest[NRM_HASH_LEN];

	(void)state;
	sign_world(&s);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL), NRM_OK);
	assert_int_equal(nrm_directory_version(d), 7);
	assert_int_equal(nrm_directory_valid_until(d), 9000);
	assert_int_equal(nrm_directory_country(d), 'T' << 8 | 'H');
	assert_int_equal(nrm_directory_witness_quorum(d), 2);
	assert_bytes(nrm_directory_broker_id(d), nrm_slice_str("TH.nrm"));
	assert_bytes(nrm_directory_broker_endpoint(d), nrm_slice_str("tcp://127.0.0.1:7100"));
	assert_memory_equal(nrm_directory_broker_key(d), w.broker, NRM_KEY_LEN);
	assert_string_equal(nrm_directory_log_key(d)->name, "nrm/TH");
	nrm_document_digest(NRM_DOMAIN_DIRECTORY, s.document.document, digest);
	assert_memory_equal(nrm_directory_digest(d), digest, NRM_HASH_LEN);
	assert_bytes(nrm_directory_document(d).document, s.document.document);
	assert_bytes(nrm_directory_document(d).signature, s.document.signature);

	nrm_buf_done(&s.bytes); /* the snapshot owns what it needs */
	assert_int_equal(nrm_directory_count(d), N);
	for (int i = 0; i < N; i++) {
		const struct nrm_participant *p = nrm_directory_at(d, (size_t)i);
		assert_ptr_equal(nrm_directory_find(d, w.participant[i].id), p);
		assert_ptr_equal(nrm_directory_find_transport(d, w.public[i][3]), p);
		assert_memory_equal(p->signing, w.public[i][0], NRM_KEY_LEN);
		assert_int_equal(p->n_sealing, 2);
		assert_memory_equal(p->sealing[0], w.public[i][1], NRM_KEY_LEN);
		assert_memory_equal(p->sealing[1], w.public[i][2], NRM_KEY_LEN);
		assert_memory_equal(p->witness, w.public[i][4], NRM_KEY_LEN);
		assert_true(p->offers == (nrm_bit(w.offer[i][0].service) | nrm_bit(NRM_SERVICE_FOLLOW_UP)));
		assert_true(p->roles == (nrm_bit(w.role[i][0]) | nrm_bit(NRM_ROLE_COORDINATOR)));
		assert_int_equal(nrm_possession_verify(p->verifying, p->id, NRM_KEY_KIND_SIGNING, p->signing,
						       nrm_slice(w.proof[i][0], NRM_SIGNATURE_LEN)),
				 NRM_OK);
	}
	assert_null(nrm_directory_find(d, nrm_slice_str("TH.nobody")));
	assert_null(nrm_directory_find_transport(d, w.public[0][1]));
	nrm_directory_free(d);
}

static void active(void **state)
{
	struct nrm_participant p = {.status = NRM_STATUS_ACTIVE, .valid_from_ms = 10, .valid_until_ms = 20};

	(void)state;
	assert_false(nrm_participant_active(&p, 9));
	assert_true(nrm_participant_active(&p, 10));
	assert_true(nrm_participant_active(&p, 19));
	assert_false(nrm_participant_active(&p, 20));
	p.status = NRM_STATUS_SUSPENDED;
	assert_false(nrm_participant_active(&p, 15));
}

/* Nothing but the signed bytes under the authority's key and the directory's domain is opened. */
static void signature(void **state)
{
	struct nrm_directory *d = NULL;
	struct signed_bytes s;
	uint8_t other[NRM_KEY_LEN];
	char error[256];

	(void)state;
	sign_world(&s);
	struct nrm_signing_key *stranger = signing_key("stranger", 0);
	nrm_signing_key_public(stranger, other);
	assert_int_equal(nrm_directory_open(&s.document, other, &d, error), NRM_ERR_SIGNATURE);
	assert_int_equal(nrm_document_sign(stranger, NRM_DOMAIN_DIRECTORY, s.document.document, s.signature), NRM_OK);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, error), NRM_ERR_SIGNATURE);
	assert_int_equal(nrm_document_sign(authority, NRM_DOMAIN_POLICY, s.document.document, s.signature), NRM_OK);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, error), NRM_ERR_SIGNATURE);
	memset(other, 0, sizeof(other)); /* a small-order key verifies anything in OpenSSL 3.0 */
	assert_int_equal(nrm_directory_open(&s.document, other, &d, error), NRM_ERR_KEY);
	assert_null(d);
	nrm_signing_key_free(stranger);
	nrm_buf_done(&s.bytes);
}

static enum nrm_err open_file_bytes(struct nrm_slice bytes)
{
	struct nrm_directory *d;
	struct nrm_document document;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	enum nrm_err err = nrm_document_decode(bytes, &arena, &document);
	if (err == NRM_OK)
		err = nrm_directory_open(&document, authority_public, &d, NULL);
	if (err == NRM_OK)
		nrm_directory_free(d);
	nrm_arena_done(&arena);
	return err;
}

static void every_bit_and_every_truncation(void **state)
{
	struct signed_bytes s;
	struct nrm_buf file;

	(void)state;
	sign_world(&s);
	nrm_buf_init(&file);
	assert_int_equal(nrm_document_encode(&s.document, &file), NRM_OK);
	assert_int_equal(open_file_bytes(nrm_buf_slice(&file)), NRM_OK);
	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(open_file_bytes(nrm_buf_slice(&file)), NRM_OK);
		file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < file.len; len++)
		assert_int_not_equal(open_file_bytes(nrm_slice(file.data, len)), NRM_OK);
	nrm_buf_put_u8(&file, 0);
	assert_int_not_equal(open_file_bytes(nrm_buf_slice(&file)), NRM_OK);
	nrm_buf_done(&file);
	nrm_buf_done(&s.bytes);
}

/* Bytes that the authority signed itself are still refused when they are not canonical and known. */
static void encoding_under_a_good_signature(void **state)
{
	static const struct {
		const char *more;
		size_t len;
		enum nrm_err err;
	} tails[] = {
		{"\x98\x06\x01", 3, NRM_ERR_UNKNOWN_ELEMENT},	 /* field 99 */
		{"\x40\x02", 2, NRM_ERR_CANONICAL},		 /* the quorum once more */
		{"\x40\x82\x00", 3, NRM_ERR_CANONICAL},		 /* and in a longer form */
		{"\x4a\x00", 2, NRM_ERR_CANONICAL},		 /* an empty successor, spelled out */
		{"\x52\x02\x18\x09", 4, NRM_ERR_UNKNOWN_CODE},	 /* a participant of kind 9 */
		{"\x52\x03\x22\x01\x7f", 5, NRM_ERR_UNKNOWN_CODE}, /* of role 127 */
		{"\x52\x05\x2a", 3, NRM_ERR_FORMAT},		 /* cut off */
	};
	struct nrm_directory *d = NULL;
	struct signed_bytes s;

	(void)state;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		nrm_buf_init(&s.bytes);
		assert_int_equal(nrm_directory_encode(&w.body, &s.bytes), NRM_OK);
		nrm_buf_put(&s.bytes, tails[i].more, tails[i].len);
		sign_bytes(&s);
		assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL), tails[i].err);
		nrm_buf_done(&s.bytes);
	}
	nrm_buf_init(&s.bytes);
	assert_int_equal(nrm_directory_encode(&w.body, &s.bytes), NRM_OK);
	assert_int_equal(s.bytes.data[0], 8);
	s.bytes.data[1] = 2; /* another format */
	sign_bytes(&s);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL), NRM_ERR_VERSION);
	nrm_buf_clear(&s.bytes);
	nrm_buf_put(&s.bytes, "\x08\x01", 2); /* neither broker nor trail */
	sign_bytes(&s);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL), NRM_ERR_FORMAT);
	assert_null(d);
	nrm_buf_done(&s.bytes);
}

static void head(void **state)
{
	uint8_t zero[NRM_KEY_LEN] = {0};

	(void)state;
	w.body.version = 0;
	assert_refused(NRM_ERR_FORMAT, "version: ");
	w.body.country = nrm_slice_str("Th");
	assert_refused(NRM_ERR_ID, "country: ");
	w.body.valid_until_ms = w.body.valid_from_ms;
	assert_refused(NRM_ERR_TIME, "valid_until: ");
	w.body.broker.id = nrm_slice_str("KH.nrm");
	assert_refused(NRM_ERR_ID, "broker.id: expected the reserved id TH.nrm");
	w.body.broker.transport_key = nrm_slice(zero, NRM_KEY_LEN);
	assert_refused(NRM_ERR_KEY, "broker.transport_key: ");
	w.body.broker.transport_key.len = 31;
	assert_refused(NRM_ERR_KEY, "broker.transport_key: ");
	w.body.broker.endpoint = nrm_slice_str("127.0.0.1:7100");
	assert_refused(NRM_ERR_FORMAT, "broker.endpoint: ");
	w.body.trail.verifier_key.n = 0;
	assert_refused(NRM_ERR_LIMIT, "trail.verifier_key: ");
	w.verifier_text[0][8] ^= 1; /* its id no longer fits */
	assert_refused(NRM_ERR_KEY, "trail.verifier_key: ");
	verifier_key(1, "nrm/TH", 0x04);
	assert_refused(NRM_ERR_KEY, "trail.verifier_key: ");
	w.body.trail.origin = nrm_slice_str("nrm/KH");
	assert_refused(NRM_ERR_KEY, "trail.origin: ");
	w.body.successor_authority = nrm_slice(zero, NRM_KEY_LEN);
	assert_refused(NRM_ERR_KEY, "successor_authority: ");
	w.body.successor_authority = nrm_slice(authority_public, NRM_KEY_LEN);
	assert_refused(NRM_ERR_DUPLICATE, "expected keys that nobody else has");
	w.body.witness_quorum = N + 1;
	assert_refused(NRM_ERR_LIMIT, "witness_quorum: ");
	w.body.n_participants = 0;
	assert_refused(NRM_ERR_LIMIT, "participants: ");
}

static void ids_and_codes(void **state)
{
	struct nrm_participant_entry *p = &w.participant[1];

	(void)state;
	p->id = nrm_slice_str("TH.Shelter");
	assert_refused(NRM_ERR_ID, "participant number 2: id: ");
	p->id = w.participant[0].id;
	assert_refused(NRM_ERR_DUPLICATE, "participant TH.police-bangkok: id: ");
	p->id = nrm_slice_str("TH.nrm");
	assert_refused(NRM_ERR_ID, "reserved for the broker");
	p->id = nrm_slice_str("TH.a");
	assert_refused(NRM_ERR_CANONICAL, "ascending order");
	p->country = nrm_slice_str("T");
	assert_refused(NRM_ERR_ID, "country: ");
	p->name = nrm_slice_str("");
	assert_refused(NRM_ERR_FORMAT, "name: ");
	p->name = nrm_slice_str("Lotus\x1b[2J");
	assert_refused(NRM_ERR_FORMAT, "name: ");
	p->kind = NRM_ORG_KIND_ABSENT;
	assert_refused(NRM_ERR_FORMAT, "kind: ");
	p->status = NRM_STATUS_ABSENT;
	assert_refused(NRM_ERR_FORMAT, "status: ");
	p->role.n = 0;
	assert_refused(NRM_ERR_FORMAT, "roles: ");
	w.role[1][0] = NRM_ROLE_FOREIGN_NRM; /* after the second */
	assert_refused(NRM_ERR_DUPLICATE, "roles: ");
	w.offer[1][0].service = NRM_SERVICE_ABSENT;
	assert_refused(NRM_ERR_FORMAT, "services: ");
	w.offer[1][0].service = NRM_SERVICE_FOLLOW_UP;
	assert_refused(NRM_ERR_DUPLICATE, "services: ");
	w.region[1] = w.region[0];
	assert_refused(NRM_ERR_DUPLICATE, "regional_services: ");
	w.region[0] = nrm_slice_str("th 10");
	assert_refused(NRM_ERR_FORMAT, "regional_services: ");
	p->valid_until_ms = p->valid_from_ms;
	assert_refused(NRM_ERR_TIME, "valid_until: ");
	p->max_version = 0;
	assert_refused(NRM_ERR_VERSION, "max_version: ");
}

/* Who bears another country's code counts as abroad; who bears ours may work abroad. */
static void countries(void **state)
{
	struct nrm_directory *d;

	(void)state;
	w.participant[0].id = nrm_slice_str("KH.shelter-9");
	prove(0);
	w.participant[0].country = nrm_slice_str("TH");
	assert_refused(NRM_ERR_ID, "participant KH.shelter-9: country: ");
	w.participant[0].id = nrm_slice_str("KH.shelter-9");
	prove(0);
	w.participant[0].country = nrm_slice_str("KH");
	w.participant[1].country = nrm_slice_str("LA");
	assert_int_equal(open_world(&d, NULL), NRM_OK);
	assert_int_equal(nrm_directory_at(d, 0)->country, 'K' << 8 | 'H');
	assert_int_equal(nrm_directory_at(d, 1)->country, 'L' << 8 | 'A');
	nrm_directory_free(d);
	make_world();
}

static void key_kinds(void **state)
{
	struct nrm_directory *d;

	(void)state;
	w.participant[1].n_keys = 4;
	assert_refused(NRM_ERR_KEY, "TH.shelter-lotus: keys: expected one witness key, last");
	w.participant[1].n_keys = 0;
	assert_refused(NRM_ERR_KEY, "expected one signing key, first");
	w.participant[1].key++;
	w.participant[1].n_keys--;
	assert_refused(NRM_ERR_KEY, "expected one signing key, first");
	w.key[1][2] = w.key[1][3];
	assert_refused(NRM_ERR_KEY, "expected one witness key, last");
	w.key[1][3] = w.key[1][2];
	assert_refused(NRM_ERR_KEY, "expected one transport key after the sealing keys");

	/* One sealing key is enough, but one there must be. */
	memmove(&w.key[1][2], &w.key[1][3], 2 * sizeof(w.key[1][0]));
	w.participant[1].n_keys = 4;
	assert_int_equal(open_world(&d, NULL), NRM_OK);
	assert_int_equal(nrm_directory_at(d, 1)->n_sealing, 1);
	nrm_directory_free(d);
	memmove(&w.key[1][1], &w.key[1][2], 2 * sizeof(w.key[1][0]));
	w.participant[1].n_keys = 3;
	assert_refused(NRM_ERR_KEY, "expected one or two sealing keys after the signing key");
}

static void unacceptable_keys(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("ed25519_small_order"), i, v)
		for (int k = 0; k < KEYS; k += 4) {
			memcpy(w.public[1][k], vector_fixed(v, "public_key", NRM_KEY_LEN), NRM_KEY_LEN);
			assert_refused(NRM_ERR_KEY, k ? "acceptable witness key" : "acceptable signing key");
		}
	for (int k = 1; k <= 3; k++) {
		memset(w.public[1][k], 0, NRM_KEY_LEN);
		assert_refused(NRM_ERR_KEY, k < 3 ? "acceptable sealing key" : "acceptable transport key");
		memset(w.public[1][k], 0, NRM_KEY_LEN);
		w.public[1][k][0] = 1; /* of order one */
		assert_refused(NRM_ERR_KEY, k < 3 ? "acceptable sealing key" : "acceptable transport key");
		w.key[1][k].key.len = 31;
		assert_refused(NRM_ERR_KEY, k < 3 ? "acceptable sealing key" : "acceptable transport key");
	}
}

static void possession(void **state)
{
	struct nrm_signing_key *signing;

	(void)state;
	for (int k = 0; k < KEYS; k++) {
		w.key[1][k].possession.len = 0;
		assert_refused(NRM_ERR_SIGNATURE, "TH.shelter-lotus: keys: expected a proof of possession");
		w.proof[1][k][9] ^= 1;
		assert_refused(NRM_ERR_SIGNATURE, "proof of possession");
	}
	w.key[1][4].own_possession.len = 0;
	assert_refused(NRM_ERR_SIGNATURE, "proof of possession");
	memcpy(w.own[1], w.proof[1][4], NRM_SIGNATURE_LEN); /* by the signing key, not the witness key */
	assert_refused(NRM_ERR_SIGNATURE, "proof of possession");
	w.key[1][1].own_possession = w.key[1][4].own_possession;
	assert_refused(NRM_ERR_SIGNATURE, "proof of possession");

	/* Proofs for another id or kind do not count. */
	w.participant[1].id = nrm_slice_str("TH.shelter-north");
	assert_refused(NRM_ERR_SIGNATURE, "TH.shelter-north: keys: ");
	signing = signing_key("signing", 1);
	assert_int_equal(nrm_possession_sign(signing, w.participant[1].id, NRM_KEY_KIND_TRANSPORT, w.public[1][1],
					     w.proof[1][1]),
			 NRM_OK);
	nrm_signing_key_free(signing);
	assert_refused(NRM_ERR_SIGNATURE, "proof of possession");
}

/* A key serves one participant and one purpose. Proofs are good each time. */
static void unique_keys(void **state)
{
	(void)state;
	for (int k = 1; k <= 3; k++) {
		memcpy(w.public[1][k], w.public[0][k], NRM_KEY_LEN);
		prove(1);
		assert_refused(NRM_ERR_DUPLICATE, "TH.shelter-lotus: keys: expected keys that nobody else has");
	}
	memcpy(w.public[1][2], w.public[0][3], NRM_KEY_LEN); /* another kind */
	prove(1);
	assert_refused(NRM_ERR_DUPLICATE, "TH.shelter-lotus: keys: ");
	memcpy(w.public[1][2], w.public[1][1], NRM_KEY_LEN); /* its own */
	prove(1);
	assert_refused(NRM_ERR_DUPLICATE, "TH.shelter-lotus: keys: ");
	memcpy(w.public[0][3], w.broker, NRM_KEY_LEN); /* the broker's */
	prove(0);
	assert_refused(NRM_ERR_DUPLICATE, "TH.police-bangkok: keys: ");
	w.body.successor_authority = nrm_slice(w.public[0][0], NRM_KEY_LEN);
	assert_refused(NRM_ERR_DUPLICATE, "TH.police-bangkok: keys: ");
}

static void from_a_file(void **state)
{
	char path[] = "/tmp/nrm-directory-XXXXXX", error[256] = "";
	struct nrm_directory *d = NULL;
	struct signed_bytes s;
	struct nrm_buf file;

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	sign_world(&s);
	nrm_buf_init(&file);
	assert_int_equal(nrm_document_encode(&s.document, &file), NRM_OK);
	assert_int_equal(nrm_file_replace(path, 0644, nrm_buf_slice(&file)), NRM_OK);
	assert_int_equal(nrm_directory_read(path, authority_public, &d, error), NRM_OK);
	nrm_directory_free(d);
	d = NULL;
	assert_int_equal(nrm_file_replace(path, 0644, nrm_slice(file.data, file.len - 1)), NRM_OK);
	assert_int_not_equal(nrm_directory_read(path, authority_public, &d, error), NRM_OK);
	assert_non_null(strstr(error, "expected a signed directory"));
	unlink(path);
	assert_int_equal(nrm_directory_read(path, authority_public, &d, error), NRM_ERR_NOT_FOUND);
	assert_non_null(strstr(error, path));
	assert_null(d);
	nrm_buf_done(&file);
	nrm_buf_done(&s.bytes);
}

static void names_and_endpoints(void **state)
{
	static const char *const good_names[] = {"A", "\xe0\xb8\x9a\xe0\xb9\x89\xe0\xb8\xb2\xe0\xb8\x99", "\xf0\x9f\x8f\xa0"};
	static const char *const bad_names[] = {"", "a\nb", "\x7f", "\xc2\x9b", "\xff", "\xc3", "\xe0\xb8", "\xc0\xaf",
						"\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"};
	static const char *const good_endpoints[] = {"tcp://127.0.0.1:7100", "tcp://broker.example:1",
						     "tcp://[::1]:65535"};
	static const char *const bad_endpoints[] = {"", "tcp://", "tcp://:7100", "tcp://host", "tcp://host:",
						    "tcp://host:0", "tcp://host:65536", "tcp://host:71000000",
						    "tcp://ho st:1", "ipc://x:1", "tcp://host:7x", "tcp://h\n:1"};
	char longest[NRM_MAX_DISPLAY_NAME + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(good_names) / sizeof(*good_names); i++)
		assert_true(nrm_display_name_ok(nrm_slice_str(good_names[i])));
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(*bad_names); i++)
		assert_false(nrm_display_name_ok(nrm_slice_str(bad_names[i])));
	for (size_t i = 0; i < sizeof(good_endpoints) / sizeof(*good_endpoints); i++)
		assert_true(nrm_endpoint_ok(nrm_slice_str(good_endpoints[i])));
	for (size_t i = 0; i < sizeof(bad_endpoints) / sizeof(*bad_endpoints); i++)
		assert_false(nrm_endpoint_ok(nrm_slice_str(bad_endpoints[i])));
	memset(longest, 'a', sizeof(longest));
	assert_true(nrm_display_name_ok(nrm_slice(longest, NRM_MAX_DISPLAY_NAME)));
	assert_false(nrm_display_name_ok(nrm_slice(longest, NRM_MAX_DISPLAY_NAME + 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(active),
		cmocka_unit_test(signature),
		cmocka_unit_test(every_bit_and_every_truncation),
		cmocka_unit_test(encoding_under_a_good_signature),
		cmocka_unit_test(head),
		cmocka_unit_test(ids_and_codes),
		cmocka_unit_test(countries),
		cmocka_unit_test(key_kinds),
		cmocka_unit_test(unacceptable_keys),
		cmocka_unit_test(possession),
		cmocka_unit_test(unique_keys),
		cmocka_unit_test(from_a_file),
		cmocka_unit_test(names_and_endpoints),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
