/* Key folders: what is made can be loaded, and only by who may; what was tampered with cannot. */
#include "tests/unit/folder.h"

#include <string.h>

#include "proto/base/hex.h"
#include "proto/base/z85.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "proto/directory/identity.h"
#include "proto/directory/public_keys.h"
#include "proto/trail/note.h"

static char error[NRM_YAML_ERROR_LEN];

static int setup(void **state)
{
	(void)state;
	assert_int_equal(nrm_crypto_init(), NRM_OK);
	folder_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

/* A fresh folder of an agency for one test. */
static void make_agency(const char *name, const char *passphrase)
{
	if (nrm_agency_keys_new(in_folder(name), "TH.shelter-lotus", passphrase, error) != NRM_OK)
		fail_msg("%s", error);
}

static void assert_mode(const char *name, mode_t want)
{
	struct stat st;

	assert_int_equal(stat(in_folder(name), &st), 0);
	assert_int_equal(st.st_mode & 07777, want);
}

static void assert_load_fails(const char *name, const char *passphrase, enum nrm_err want,
			      const char *words)
{
	struct nrm_identity *identity = NULL;

	*error = '\0';
	enum nrm_err err = nrm_identity_load(in_folder(name), passphrase, &identity, error);
	if (err != want || !strstr(error, words))
		fail_msg("got %s: %s; expected %s: %s", nrm_err_text(err), error,
			 nrm_err_text(want), words);
	assert_null(identity);
}

static void agency(void **state)
{
	uint8_t public[NRM_KEY_LEN], secret[NRM_KEY_LEN];
	struct nrm_public_keys keys;
	struct nrm_identity *me;
	struct nrm_arena arena;

	(void)state;
	make_agency("agency", NULL);
	assert_mode("agency", 0700);
	assert_mode("agency/signing.pem", 0600);
	assert_mode("agency/sealing.pem", 0600);
	assert_mode("agency/witness.pem", 0600);
	assert_mode("agency/transport.secret", 0600);
	assert_mode("agency/public.yaml", 0644);

	assert_int_equal(nrm_identity_load(in_folder("agency"), NULL, &me, error), NRM_OK);
	assert_string_equal(me->id, "TH.shelter-lotus");
	assert_null(me->trail);
	assert_int_equal(me->n_sealing, 1);
	nrm_arena_init(&arena, 65536);
	assert_int_equal(
		nrm_public_keys_read(in_folder("agency/public.yaml"), &arena, &keys, error),
		NRM_OK);
	assert_int_equal(keys.n_keys, 4);
	nrm_signing_key_public(me->signing, public);
	assert_memory_equal(keys.key[0].key.data, public, NRM_KEY_LEN);
	assert_memory_equal(keys.key[1].key.data, me->sealing_public[0], NRM_KEY_LEN);
	assert_memory_equal(keys.key[2].key.data, me->transport_public, NRM_KEY_LEN);
	nrm_signing_key_public(me->witness, public);
	assert_memory_equal(keys.key[3].key.data, public, NRM_KEY_LEN);

	/* The files hold the secrets of what was loaded, in the forms that others read. */
	assert_int_equal(
		nrm_keyfile_read(in_folder("agency/sealing.pem"), NRM_X25519, NULL, secret),
		NRM_OK);
	assert_memory_equal(secret, me->sealing[0], NRM_KEY_LEN);
	char *z85 = read_text("agency/transport.public");
	assert_int_equal(strlen(z85), NRM_Z85_KEY_LEN + 1);
	z85[NRM_Z85_KEY_LEN] = '\0';
	assert_int_equal(nrm_unz85(z85, public, NRM_KEY_LEN), NRM_OK);
	assert_memory_equal(public, me->transport_public, NRM_KEY_LEN);
	free(z85);
	nrm_arena_done(&arena);
	nrm_identity_free(me);
	nrm_identity_free(NULL);
}

/* The public file tells nothing secret, and two folders have nothing in common. */
static void secrets_stay(void **state)
{
	struct nrm_identity *a, *b;
	char hex[2 * NRM_KEY_LEN + 1], z85[NRM_Z85_KEY_LEN + 1];

	(void)state;
	make_agency("secret-a", NULL);
	make_agency("secret-b", NULL);
	assert_int_equal(nrm_identity_load(in_folder("secret-a"), NULL, &a, error), NRM_OK);
	assert_int_equal(nrm_identity_load(in_folder("secret-b"), NULL, &b, error), NRM_OK);
	char *text = read_text("secret-a/public.yaml");
	nrm_hex(a->sealing[0], NRM_KEY_LEN, hex);
	assert_null(strstr(text, hex));
	nrm_hex(a->transport, NRM_KEY_LEN, hex);
	assert_null(strstr(text, hex));
	assert_int_equal(nrm_z85(a->transport, NRM_KEY_LEN, z85), NRM_OK);
	assert_null(strstr(text, z85));
	assert_memory_not_equal(a->sealing[0], b->sealing[0], NRM_KEY_LEN);
	assert_memory_not_equal(a->transport, b->transport, NRM_KEY_LEN);
	assert_memory_not_equal(a->transport, a->sealing[0], NRM_KEY_LEN);
	free(text);
	nrm_identity_free(a);
	nrm_identity_free(b);
}

static void retired_sealing_key(void **state)
{
	uint8_t old[NRM_KEY_LEN];
	struct nrm_identity *me;

	(void)state;
	make_agency("rotated", NULL);
	nrm_random(old, sizeof(old));
	assert_int_equal(
		nrm_keyfile_write(in_folder("rotated/sealing-old.pem"), NRM_X25519, old, NULL),
		NRM_OK);
	assert_int_equal(nrm_identity_load(in_folder("rotated"), NULL, &me, error), NRM_OK);
	assert_int_equal(me->n_sealing, 2);
	assert_memory_equal(me->sealing[1], old, NRM_KEY_LEN);
	assert_memory_not_equal(me->sealing[0], old, NRM_KEY_LEN);
	nrm_identity_free(me);
	assert_int_equal(chmod(in_folder("rotated/sealing-old.pem"), 0644), 0);
	assert_load_fails("rotated", NULL, NRM_ERR_PERMISSION, "rotated/sealing-old.pem: ");
}

static void broker(void **state)
{
	struct nrm_public_keys keys;
	struct nrm_identity *me;
	struct nrm_note_key log;
	struct nrm_arena arena;
	uint8_t public[NRM_KEY_LEN];

	(void)state;
	assert_int_equal(nrm_broker_keys_new(in_folder("broker"), "TH.nrm", NULL, error), NRM_OK);
	assert_mode("broker/trail.pem", 0600);
	assert_mode("broker/transport.secret", 0600);
	assert_int_equal(nrm_identity_load(in_folder("broker"), NULL, &me, error), NRM_OK);
	assert_string_equal(me->id, "TH.nrm");
	assert_null(me->signing);
	assert_null(me->witness);
	assert_int_equal(me->n_sealing, 0);
	nrm_arena_init(&arena, 65536);
	assert_int_equal(
		nrm_public_keys_read(in_folder("broker/public.yaml"), &arena, &keys, error),
		NRM_OK);
	assert_int_equal(nrm_note_key_parse(keys.verifier_key, &log), NRM_OK);
	assert_string_equal(log.name, "nrm/TH");
	nrm_signing_key_public(me->trail, public);
	assert_memory_equal(log.public_key, public, NRM_KEY_LEN);
	assert_memory_equal(keys.transport_key.data, me->transport_public, NRM_KEY_LEN);
	nrm_arena_done(&arena);
	nrm_identity_free(me);
}

static void authority(void **state)
{
	uint8_t public[NRM_KEY_LEN], read[NRM_KEY_LEN];
	char hex[2 * NRM_KEY_LEN + 1];
	struct nrm_signing_key *key;

	(void)state;
	assert_int_equal(nrm_authority_keys_new(in_folder("authority"), NULL, error), NRM_OK);
	assert_mode("authority/authority.pem", 0600);
	assert_int_equal(nrm_authority_load(in_folder("authority"), NULL, &key, error), NRM_OK);
	nrm_signing_key_public(key, public);
	assert_int_equal(nrm_authority_public(in_folder("authority/authority.pub"), read, error),
			 NRM_OK);
	assert_memory_equal(read, public, NRM_KEY_LEN);
	nrm_hex(public, NRM_KEY_LEN, hex);
	memset(read, 0, sizeof(read));
	assert_int_equal(nrm_authority_public(hex, read, error), NRM_OK);
	assert_memory_equal(read, public, NRM_KEY_LEN);
	hex[63] = 'x';
	assert_int_equal(nrm_authority_public(hex, read, error), NRM_ERR_NOT_FOUND);
	write_text("not-a-key", "0123\n");
	assert_int_equal(nrm_authority_public(in_folder("not-a-key"), read, error), NRM_ERR_FORMAT);
	assert_non_null(strstr(error, "expected 64 hexadecimal digits"));
	nrm_signing_key_free(key);
}

/* Nothing is overwritten, and then nothing is added either. */
static void existing_files(void **state)
{
	(void)state;
	make_agency("twice", NULL);
	char *before = read_text("twice/public.yaml");
	assert_int_equal(nrm_agency_keys_new(in_folder("twice"), "TH.shelter-lotus", NULL, error),
			 NRM_ERR_EXISTS);
	assert_non_null(strstr(error, "twice/signing.pem: exists already"));
	assert_int_equal(nrm_broker_keys_new(in_folder("twice"), "TH.nrm", NULL, error),
			 NRM_ERR_EXISTS);
	assert_int_not_equal(access(in_folder("twice/trail.pem"), F_OK), 0);
	char *after = read_text("twice/public.yaml");
	assert_string_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(mkdir(in_folder("half"), 0700), 0);
	write_text("half/public.yaml", "");
	assert_int_equal(nrm_agency_keys_new(in_folder("half"), "TH.shelter-lotus", NULL, error),
			 NRM_ERR_EXISTS);
	assert_int_not_equal(access(in_folder("half/signing.pem"), F_OK), 0);
	assert_int_equal(nrm_agency_keys_new(in_folder("no/such"), "TH.shelter-lotus", NULL, error),
			 NRM_ERR_IO);
	assert_non_null(strstr(error, "no/such: cannot be created"));
}

static void bad_ids(void **state)
{
	static const char *const agencies[] = {"",    "TH",	"th.police", "TH.Police",
					       "TH.", "TH.nrm", "TH/police", "T.x"};
	static const char *const brokers[] = {"", "TH.police", "nrm", "th.nrm", "TH.nrm2"};

	(void)state;
	for (size_t i = 0; i < sizeof(agencies) / sizeof(*agencies); i++)
		assert_int_equal(nrm_agency_keys_new(in_folder("bad"), agencies[i], NULL, error),
				 NRM_ERR_ID);
	for (size_t i = 0; i < sizeof(brokers) / sizeof(*brokers); i++)
		assert_int_equal(nrm_broker_keys_new(in_folder("bad"), brokers[i], NULL, error),
				 NRM_ERR_ID);
	assert_int_not_equal(access(in_folder("bad"), F_OK), 0);
}

static void loose_permissions(void **state)
{
	static const char *const files[] = {"signing.pem", "sealing.pem", "witness.pem",
					    "transport.secret"};
	char name[64];

	(void)state;
	make_agency("loose", NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(name, sizeof(name), "loose/%s", files[i]);
		static const mode_t loose[] = {0640, 0620, 0604, 0602, 0666};
		for (size_t m = 0; m < sizeof(loose) / sizeof(*loose); m++) {
			assert_int_equal(chmod(in_folder(name), loose[m]), 0);
			assert_load_fails("loose", NULL, NRM_ERR_PERMISSION, files[i]);
			assert_non_null(strstr(error, "expected mode 0600"));
		}
		assert_int_equal(chmod(in_folder(name), 0600), 0);
	}
	struct nrm_identity *me;
	assert_int_equal(nrm_identity_load(in_folder("loose"), NULL, &me, error), NRM_OK);
	nrm_identity_free(me);
}

static void missing_files(void **state)
{
	static const char *const files[] = {"signing.pem", "sealing.pem", "witness.pem",
					    "transport.secret", "public.yaml"};
	char name[64];

	(void)state;
	make_agency("missing", NULL);
	assert_load_fails("nowhere", NULL, NRM_ERR_NOT_FOUND, "nowhere/public.yaml");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(name, sizeof(name), "missing/%s", files[i]);
		assert_int_equal(rename(in_folder(name), in_folder("aside")), 0);
		assert_load_fails("missing", NULL, NRM_ERR_NOT_FOUND, files[i]);
		assert_int_equal(rename(in_folder("aside"), in_folder(name)), 0);
	}
}

/* The signer has trail.pem in a folder of its own: the broker's identity is whole without it. */
static void trail_elsewhere(void **state)
{
	uint8_t public[NRM_KEY_LEN];
	struct nrm_identity *me;

	(void)state;
	assert_int_equal(nrm_broker_keys_new(in_folder("apart"), "TH.nrm", NULL, error), NRM_OK);
	assert_int_equal(nrm_identity_load(in_folder("apart"), NULL, &me, error), NRM_OK);
	nrm_signing_key_public(me->trail, public);
	assert_memory_equal(me->trail_public, public, NRM_KEY_LEN);
	nrm_identity_free(me);
	assert_int_equal(rename(in_folder("apart/trail.pem"), in_folder("trail.pem")), 0);
	assert_int_equal(nrm_identity_load(in_folder("apart"), NULL, &me, error), NRM_OK);
	assert_null(me->trail);
	assert_memory_equal(me->trail_public, public, NRM_KEY_LEN);
	nrm_identity_free(me);
}

/* Files of two folders do not mix. */
static void mixed_folders(void **state)
{
	static const struct {
		const char *file, *kind;
	} mixes[] = {{"signing.pem", "signing"},
		     {"sealing.pem", "sealing"},
		     {"witness.pem", "witness"},
		     {"transport.secret", "transport"}};
	char from[64], to[64];

	(void)state;
	make_agency("mine", NULL);
	make_agency("theirs", NULL);
	for (size_t i = 0; i < sizeof(mixes) / sizeof(*mixes); i++) {
		snprintf(from, sizeof(from), "theirs/%s", mixes[i].file);
		snprintf(to, sizeof(to), "mine/%s", mixes[i].file);
		assert_int_equal(rename(in_folder(to), in_folder("aside")), 0);
		assert_int_equal(link(in_folder(from), in_folder(to)), 0);
		assert_load_fails("mine", NULL, NRM_ERR_KEY, mixes[i].kind);
		assert_non_null(strstr(error, "mine/public.yaml: expected the "));
		assert_int_equal(rename(in_folder("aside"), in_folder(to)), 0);
	}
	assert_int_equal(nrm_broker_keys_new(in_folder("b1"), "TH.nrm", NULL, error), NRM_OK);
	assert_int_equal(nrm_broker_keys_new(in_folder("b2"), "TH.nrm", NULL, error), NRM_OK);
	assert_int_equal(rename(in_folder("b2/trail.pem"), in_folder("b1/trail.pem")), 0);
	assert_load_fails("b1", NULL, NRM_ERR_KEY, "the trail key");
}

static void spoiled_transport(void **state)
{
	(void)state;
	make_agency("spoiled", NULL);
	char *text = read_text("spoiled/transport.secret");
	text[NRM_Z85_KEY_LEN - 1] = '"';
	write_text("spoiled/transport.secret", text);
	assert_int_equal(chmod(in_folder("spoiled/transport.secret"), 0600), 0);
	assert_load_fails("spoiled", NULL, NRM_ERR_FORMAT, "spoiled/transport.secret: malformed");
	text[10] = '\0';
	write_text("spoiled/transport.secret", text);
	assert_int_equal(chmod(in_folder("spoiled/transport.secret"), 0600), 0);
	assert_load_fails("spoiled", NULL, NRM_ERR_FORMAT, "spoiled/transport.secret: malformed");
	free(text);
}

static void passphrases(void **state)
{
	const char *passphrase;
	struct nrm_identity *me;
	struct nrm_buf keep;

	(void)state;
	make_agency("locked", "horse battery");
	assert_load_fails("locked", NULL, NRM_ERR_KEY, "locked/signing.pem: expected a passphrase");
	assert_load_fails("locked", "horse batter", NRM_ERR_KEY,
			  "locked/signing.pem: expected another passphrase");
	assert_int_equal(nrm_identity_load(in_folder("locked"), "horse battery", &me, error),
			 NRM_OK);
	nrm_identity_free(me);

	nrm_buf_init(&keep);
	assert_int_equal(unsetenv("NRM_PASSPHRASE"), 0);
	assert_int_equal(nrm_passphrase_find(NULL, &keep, &passphrase, error), NRM_OK);
	assert_null(passphrase);
	assert_int_equal(setenv("NRM_PASSPHRASE", "from the environment", 1), 0);
	assert_int_equal(nrm_passphrase_find(NULL, &keep, &passphrase, error), NRM_OK);
	assert_string_equal(passphrase, "from the environment");
	write_text("passphrase", "horse battery\nnot this\n");
	assert_int_equal(nrm_passphrase_find(in_folder("passphrase"), &keep, &passphrase, error),
			 NRM_ERR_PERMISSION);
	assert_int_equal(chmod(in_folder("passphrase"), 0600), 0);
	assert_int_equal(nrm_passphrase_find(in_folder("passphrase"), &keep, &passphrase, error),
			 NRM_OK);
	assert_string_equal(passphrase, "horse battery");
	write_text("passphrase", "\n");
	assert_int_equal(chmod(in_folder("passphrase"), 0600), 0);
	assert_int_equal(nrm_passphrase_find(in_folder("passphrase"), &keep, &passphrase, error),
			 NRM_ERR_FORMAT);
	assert_int_equal(nrm_passphrase_find(in_folder("none"), &keep, &passphrase, error),
			 NRM_ERR_NOT_FOUND);
	nrm_buf_wipe(&keep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agency),
		cmocka_unit_test(secrets_stay),
		cmocka_unit_test(retired_sealing_key),
		cmocka_unit_test(broker),
		cmocka_unit_test(authority),
		cmocka_unit_test(existing_files),
		cmocka_unit_test(bad_ids),
		cmocka_unit_test(loose_permissions),
		cmocka_unit_test(missing_files),
		cmocka_unit_test(trail_elsewhere),
		cmocka_unit_test(mixed_folders),
		cmocka_unit_test(spoiled_transport),
		cmocka_unit_test(passphrases),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
