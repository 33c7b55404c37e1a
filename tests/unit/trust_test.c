/*
 * Who is believed: a real, published checkpoint of a public log with cosignatures of public witnesses, and our own
 * directory's keys.
 */
#include "tests/unit/small_trail.h"

#include "agents/auditor/trust.h"

/* Certificate Transparency log Arche 2025h1 (staging), as its operator and six witnesses published it. */
static const char published[] =
	"arche2025h1.staging.ct.transparency.dev\n"
	"1432088532\n"
	"U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
	"\n"
	"\xe2\x80\x94 arche2025h1.staging.ct.transparency.dev "
	"zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGR"
	"EPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
	"\xe2\x80\x94 arche2025h1.staging.ct.transparency.dev "
	"ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzb"
	"C3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
	"\xe2\x80\x94 transparency.dev/DEV:witness-little-garden "
	"2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTz"
	"wZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n"
	"\xe2\x80\x94 remora.n621.de "
	"2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobW"
	"X9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n";
static const char published_log[] =
	"arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2"
	"OaGmKprLI8HKM+dJ472xgFYh15f";
static const char published_witness[] =
	"remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";

static struct nrm_note_key key_of(const char *text)
{
	struct nrm_note_key key;

	assert_int_equal(nrm_note_key_parse(nrm_slice_str(text), &key), NRM_OK);
	return key;
}

static struct nrm_head open_note(const struct nrm_trust *trust, struct nrm_slice note,
				 uint32_t quorum, const char *fault)
{
	struct nrm_faults faults = {.file = NULL};
	struct nrm_head head;

	nrm_trust_open(trust, note, quorum, &faults, &head);
	if (fault)
		assert_string_equal(faults.first.what, fault);
	else
		assert_null(faults.first.what);
	return head;
}

static void opens_a_published_checkpoint(void **state)
{
	const struct nrm_note_key keys[] = {key_of(published_log), key_of(published_witness),
					    key_of(published_witness)};
	struct nrm_slice note = nrm_slice_str(published);
	struct nrm_trust trust;

	(void)state;
	assert_int_equal(nrm_trust_make(&trust, nrm_slice(NULL, 0), NULL, keys, 3), NRM_OK);
	struct nrm_head head = open_note(&trust, note, 1, NULL);
	assert_int_equal(head.checkpoint.size, 1432088532);
	assert_string_equal(head.signer, "arche2025h1.staging.ct.transparency.dev");
	assert_int_equal(head.vouching, 1); /* a key that was given twice counts once */
	assert_true(nrm_trust_vouches(&trust, 0, note));
	head = open_note(&trust, note, 2, "too few witnesses vouch for the checkpoint");
	nrm_trust_done(&trust);
	assert_int_equal(nrm_trust_make(&trust, nrm_slice(NULL, 0), NULL, keys, 1), NRM_OK);
	head = open_note(&trust, note, 0, NULL);
	assert_int_equal(head.vouching, 0); /* who is unknown does not count */
	nrm_trust_done(&trust);
	assert_int_equal(nrm_trust_make(&trust, nrm_slice(NULL, 0), NULL, keys + 1, 1),
			 NRM_ERR_NOT_FOUND);
}

static void refuses_it_once_changed(void **state)
{
	const struct nrm_note_key keys[] = {key_of(published_log), key_of(published_witness)};
	struct nrm_trust trust;
	char *note = strdup(published);
	struct nrm_head head;

	(void)state;
	assert_int_equal(nrm_trust_make(&trust, nrm_slice(NULL, 0), NULL, keys, 2), NRM_OK);
	note[strlen(keys[0].name) + 3] = '5'; /* of the size */
	head = open_note(&trust, nrm_slice_str(note), 0,
			 "the checkpoint is not signed by the key given");
	assert_string_equal(head.signer, "");
	strcpy(note, published);
	note[0] = 'b';
	head = open_note(&trust, nrm_slice_str(note), 0, "the checkpoint is of another trail");
	strcpy(note, published);
	char *cosignature = strstr(note, "PlfF3V06");
	memcpy(cosignature, "QlfF3V06", 8);
	head = open_note(&trust, nrm_slice_str(note), 0,
			 "a cosignature of the checkpoint does not verify");
	assert_int_equal(head.vouching, 0);
	for (size_t len = 0; len < strlen(published);
	     len++) { /* cut short anywhere: never believed whole */
		struct nrm_faults faults = {.file = NULL};
		nrm_trust_open(&trust, nrm_slice(published, len), 1, &faults, &head);
		assert_non_null(faults.first.what);
	}
	nrm_trust_done(&trust);
	free(note);
}

/* --- our directory --- */

static struct nrm_buf newest_directory(struct trail *t)
{
	struct nrm_buf bytes = {0};
	struct nrm_slice value;
	struct nrm_txn *txn;
	uint8_t key[9] = {'d'};

	nrm_store_u64(key + 1, 2);
	assert_int_equal(nrm_txn_begin(t->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_get(txn, NRM_TABLE_DOCUMENTS, nrm_slice(key, 9), &value), NRM_OK);
	nrm_buf_put(&bytes, value.data, value.len);
	nrm_txn_abort(txn);
	return bytes;
}

/* The trail's checkpoint, cosigned by agency `number` under its name. */
static struct nrm_buf cosigned(struct trail *t, size_t number)
{
	struct nrm_signing_key *secret = agency_signing_key(number, NRM_KEY_KIND_WITNESS);
	struct nrm_buf note = {0};
	uint8_t public[NRM_KEY_LEN];
	struct nrm_note_key key;
	struct nrm_slice value;
	struct nrm_txn *txn;
	char name[32];

	snprintf(name, sizeof(name), "nrm/XX.agency-%03zu", number);
	nrm_signing_key_public(secret, public);
	assert_int_equal(nrm_note_key_make(name, NRM_NOTE_WITNESS, public, &key), NRM_OK);
	assert_int_equal(nrm_txn_begin(t->store, false, &txn), NRM_OK);
	assert_int_equal(nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &value),
			 NRM_OK);
	nrm_buf_put(&note, value.data, value.len);
	nrm_txn_abort(txn);
	assert_int_equal(nrm_note_cosign(&note, 1790000000, &key, secret), NRM_OK);
	nrm_signing_key_free(secret);
	return note;
}

static void takes_witnesses_from_the_directory(void **state)
{
	struct nrm_buf directory = newest_directory(*state), note = cosigned(*state, 1);
	struct trail *t = *state;
	struct nrm_trust trust;

	assert_int_equal(nrm_trust_make(&trust, nrm_buf_slice(&directory), t->authority, NULL, 0),
			 NRM_OK);
	assert_true(trust.authorised);
	assert_int_equal(trust.directory_version, 2);
	assert_int_equal(trust.n_witnesses, 2);
	assert_int_equal(open_note(&trust, nrm_buf_slice(&note), 1, NULL).vouching, 1);
	nrm_buf_done(&note);
	note = cosigned(t, 7); /* of nobody in the directory */
	open_note(&trust, nrm_buf_slice(&note), 1, "too few witnesses vouch for the checkpoint");
	nrm_trust_done(&trust);
	nrm_buf_done(&note);
	nrm_buf_done(&directory);
}

static void takes_given_keys_in_place_of_the_directory_s(void **state)
{
	const struct nrm_note_key given[] = {key_of(published_log), key_of(published_witness)};
	struct nrm_buf directory = newest_directory(*state), note = cosigned(*state, 1);
	struct trail *t = *state;
	struct nrm_trust trust;

	assert_int_equal(nrm_trust_make(&trust, nrm_buf_slice(&directory), t->authority, given, 2),
			 NRM_OK);
	assert_true(trust.keys_given);
	assert_int_equal(trust.n_witnesses, 1);
	open_note(&trust, nrm_buf_slice(&note), 0, "the checkpoint is of another trail");
	nrm_trust_done(&trust);
	assert_int_equal(
		nrm_trust_make(&trust, nrm_buf_slice(&directory), t->authority, given + 1, 1),
		NRM_OK); /* a witness alone leaves the trail's key as the directory has it */
	assert_int_equal(open_note(&trust, nrm_buf_slice(&note), 0, NULL).vouching, 0);
	nrm_trust_done(&trust);
	nrm_buf_done(&note);
	nrm_buf_done(&directory);
}

static void takes_no_witness_that_is_suspended(void **state)
{
	static struct country country;
	struct nrm_buf bytes = {0};
	struct trail *t = *state;
	struct nrm_trust trust;

	country_init(&country, 2);
	country.agency[1].suspended = true;
	struct nrm_directory *directory = country_directory(&country, 3);
	struct nrm_document document = nrm_directory_document(directory);
	assert_int_equal(nrm_document_encode(&document, &bytes), NRM_OK);
	assert_int_equal(nrm_trust_make(&trust, nrm_buf_slice(&bytes), t->authority, NULL, 0),
			 NRM_OK);
	assert_int_equal(trust.n_witnesses, 1);
	assert_string_equal(trust.witness[0].name, "nrm/XX.agency-000");
	nrm_trust_done(&trust);
	nrm_directory_free(directory);
	country_done(&country);
	nrm_buf_done(&bytes);
}

static void refuses_a_directory_cut_short(void **state)
{
	struct nrm_buf directory = newest_directory(*state);
	struct trail *t = *state;
	struct nrm_trust trust;

	for (size_t len = 1; len < directory.len; len++) {
		if (nrm_trust_make(&trust, nrm_slice(directory.data, len), t->authority, NULL, 0) !=
		    NRM_OK)
			continue;
		assert_false(trust.authorised); /* its signature is what was cut off */
		nrm_trust_done(&trust);
	}
	nrm_buf_done(&directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_a_published_checkpoint),
		cmocka_unit_test(refuses_it_once_changed),
		ON(in_memory, takes_witnesses_from_the_directory),
		ON(in_memory, takes_given_keys_in_place_of_the_directory_s),
		ON(in_memory, takes_no_witness_that_is_suspended),
		ON(in_memory, refuses_a_directory_cut_short),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
