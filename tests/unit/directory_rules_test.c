/* The rules of a directory: each broken once under a good signature. */
#include "tests/unit/directory_world.h"

#include "proto/directory/name.h"
#include "tests/unit/vectors.h"

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
	json_array_foreach(vectors("ed25519_small_order"), i, v) for (int k = 0; k < KEYS; k += 4)
	{
		memcpy(w.public[1][k], vector_fixed(v, "public_key", NRM_KEY_LEN), NRM_KEY_LEN);
		assert_refused(NRM_ERR_KEY,
			       k ? "acceptable witness key" : "acceptable signing key");
	}
	for (int k = 1; k <= 3; k++) {
		memset(w.public[1][k], 0, NRM_KEY_LEN);
		assert_refused(NRM_ERR_KEY,
			       k < 3 ? "acceptable sealing key" : "acceptable transport key");
		memset(w.public[1][k], 0, NRM_KEY_LEN);
		w.public[1][k][0] = 1; /* of order one */
		assert_refused(NRM_ERR_KEY,
			       k < 3 ? "acceptable sealing key" : "acceptable transport key");
		w.key[1][k].key.len = 31;
		assert_refused(NRM_ERR_KEY,
			       k < 3 ? "acceptable sealing key" : "acceptable transport key");
	}
}

static void possession(void **state)
{
	struct nrm_signing_key *signing;

	(void)state;
	for (int k = 0; k < KEYS; k++) {
		w.key[1][k].possession.len = 0;
		assert_refused(NRM_ERR_SIGNATURE,
			       "TH.shelter-lotus: keys: expected a proof of possession");
		w.proof[1][k][9] ^= 1;
		assert_refused(NRM_ERR_SIGNATURE, "proof of possession");
	}
	w.key[1][4].own_possession.len = 0;
	assert_refused(NRM_ERR_SIGNATURE, "proof of possession");
	memcpy(w.own[1], w.proof[1][4],
	       NRM_SIGNATURE_LEN); /* by the signing key, not the witness key */
	assert_refused(NRM_ERR_SIGNATURE, "proof of possession");
	w.key[1][1].own_possession = w.key[1][4].own_possession;
	assert_refused(NRM_ERR_SIGNATURE, "proof of possession");

	/* Proofs for another id or kind do not count. */
	w.participant[1].id = nrm_slice_str("TH.shelter-north");
	assert_refused(NRM_ERR_SIGNATURE, "TH.shelter-north: keys: ");
	signing = signing_key("signing", 1);
	assert_int_equal(nrm_possession_sign(signing, w.participant[1].id, NRM_KEY_KIND_TRANSPORT,
					     w.public[1][1], w.proof[1][1]),
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
		assert_refused(NRM_ERR_DUPLICATE,
			       "TH.shelter-lotus: keys: expected keys that nobody else has");
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

static void names_and_endpoints(void **state)
{
	static const char *const good_names[] = {
		"A", "\xe0\xb8\x9a\xe0\xb9\x89\xe0\xb8\xb2\xe0\xb8\x99", "\xf0\x9f\x8f\xa0"};
	static const char *const bad_names[] = {
		"",	    "a\nb",	"\x7f",		"\xc2\x9b",	    "\xff", "\xc3",
		"\xe0\xb8", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"};
	static const char *const good_endpoints[] = {"tcp://127.0.0.1:7100",
						     "tcp://broker.example:1", "tcp://[::1]:65535"};
	static const char *const bad_endpoints[] = {"",
						    "tcp://",
						    "tcp://:7100",
						    "tcp://host",
						    "tcp://host:",
						    "tcp://host:0",
						    "tcp://host:65536",
						    "tcp://host:71000000",
						    "tcp://ho st:1",
						    "ipc://x:1",
						    "tcp://host:7x",
						    "tcp://h\n:1"};
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
		cmocka_unit_test(head),
		cmocka_unit_test(ids_and_codes),
		cmocka_unit_test(countries),
		cmocka_unit_test(key_kinds),
		cmocka_unit_test(unacceptable_keys),
		cmocka_unit_test(possession),
		cmocka_unit_test(unique_keys),
		cmocka_unit_test(names_and_endpoints),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
