/* participants.yaml to a directory, and what an administrator is told about each mistake. */
#include "tests/unit/folder.h"

#include <string.h>

#include "proto/base/hex.h"
#include "proto/base/limits.h"
#include "proto/directory/identity.h"
#include "proto/directory/participants.h"
#include "proto/trail/note.h"
#include "proto/wire/directory_wire.h"

static char error[NRM_YAML_ERROR_LEN];
static uint8_t authority[NRM_KEY_LEN];

/* Each line has a number in the tests below. */
static const char *const good_lines[] = {
	"country: TH",								      /* 1 */
	"version: 3",								      /* 2 */
	"valid_from: 2026-01-01T00:00:00Z",					      /* 3 */
	"valid_until: 2027-01-01T00:00:00Z",					      /* 4 */
	"broker: {id: TH.nrm, endpoint: 'tcp://127.0.0.1:7100', keys: broker}",	      /* 5 */
	"witness_quorum: 1",							      /* 6 */
	"participants:",							      /* 7 */
	"- id: TH.shelter-lotus",						      /* 8 */
	"  name: Lotus House",							      /* 9 */
	"  kind: ngo",								      /* 10 */
	"  roles: [shelter, ngo_case_manager]",					      /* 11 */
	"  services: [follow_up, emergency_shelter]",				      /* 12 */
	"  regional_services: [{service: language_course, regions: [TH-50, TH-10]}]", /* 13 */
	"  valid_until: 2026-07-01T00:00:00Z",					      /* 14 */
	"  keys: shelter",							      /* 15 */
	"- id: TH.police-bangkok",						      /* 16 */
	"  name: Police",							      /* 17 */
	"  kind: government",							      /* 18 */
	"  roles: [police]",							      /* 19 */
	"  status: suspended",							      /* 20 */
	"  keys: police/public.yaml",						      /* 21 */
};
#define LINES (sizeof(good_lines) / sizeof(*good_lines))

/* Writes the good file, with `text` in place of line `line` (0: none). */
static void write_file(unsigned line, const char *text)
{
	char file[8192];
	size_t len = 0;

	for (unsigned i = 0; i < LINES; i++)
		len += (size_t)snprintf(file + len, sizeof(file) - len, "%s\n",
					i + 1 == line ? text : good_lines[i]);
	write_text("participants.yaml", file);
}

static int setup(void **state)
{
	(void)state;
	assert_int_equal(nrm_crypto_init(), NRM_OK);
	folder_make();
	assert_int_equal(nrm_authority_keys_new(in_folder("authority"), NULL, error), NRM_OK);
	assert_int_equal(
		nrm_authority_public(in_folder("authority/authority.pub"), authority, error),
		NRM_OK);
	assert_int_equal(nrm_broker_keys_new(in_folder("broker"), "TH.nrm", NULL, error), NRM_OK);
	assert_int_equal(nrm_agency_keys_new(in_folder("shelter"), "TH.shelter-lotus", NULL, error),
			 NRM_OK);
	assert_int_equal(nrm_agency_keys_new(in_folder("police"), "TH.police-bangkok", NULL, error),
			 NRM_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

static enum nrm_err compile(const struct nrm_participants_options *options, struct nrm_buf *out)
{
	*error = '\0';
	return nrm_participants_compile(in_folder("participants.yaml"), options, authority, out,
					error);
}

/* The file as it stands is refused at "LINE:" of itself, with these words. */
static void assert_mistake(unsigned line, const char *words)
{
	struct nrm_buf out;
	char place[600];

	nrm_buf_init(&out);
	assert_int_not_equal(compile(NULL, &out), NRM_OK);
	snprintf(place, sizeof(place), "%s:%u:", in_folder("participants.yaml"), line);
	if (strncmp(error, place, strlen(place)) != 0 || !strstr(error, words))
		fail_msg("got %s; expected line %u, %s", error, line, words);
	assert_int_equal(out.len, 0);
	nrm_buf_done(&out);
}

static void refused(unsigned line, const char *text, const char *words)
{
	write_file(line, text);
	assert_mistake(line, words);
}

static void compiled(void **state)
{
	struct nrm_directory_body b;
	struct nrm_arena arena;
	struct nrm_buf out, again;

	(void)state;
	write_file(0, NULL);
	nrm_buf_init(&out);
	nrm_buf_init(&again);
	if (compile(NULL, &out) != NRM_OK)
		fail_msg("%s", error);
	assert_int_equal(compile(NULL, &again), NRM_OK); /* always the same bytes */
	assert_int_equal(again.len, out.len);
	assert_memory_equal(again.data, out.data, out.len);

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	assert_int_equal(nrm_directory_decode(nrm_buf_slice(&out), &arena, &b), NRM_OK);
	assert_int_equal(b.version, 3);
	assert_int_equal(b.witness_quorum, 1);
	assert_true(nrm_slice_equal(b.trail.origin, nrm_slice_str("nrm/TH")));
	assert_int_equal(b.trail.verifier_key.n, 1);
	assert_true(nrm_slice_equal(b.broker.endpoint, nrm_slice_str("tcp://127.0.0.1:7100")));
	assert_int_equal(b.n_participants, 2); /* sorted by id */
	const struct nrm_participant_entry *police = &b.participant[0],
					   *shelter = &b.participant[1];
	assert_true(nrm_slice_equal(police->id, nrm_slice_str("TH.police-bangkok")));
	assert_int_equal(police->status, NRM_STATUS_SUSPENDED);
	assert_int_equal(police->n_offers, 0);
	assert_true(police->valid_until_ms == b.valid_until_ms);
	assert_int_equal(police->max_version, 1);
	assert_true(nrm_slice_equal(shelter->id, nrm_slice_str("TH.shelter-lotus")));
	assert_true(nrm_slice_equal(shelter->country, nrm_slice_str("TH")));
	assert_int_equal(shelter->status, NRM_STATUS_ACTIVE);
	assert_true(shelter->valid_from_ms == b.valid_from_ms &&
		    shelter->valid_until_ms < b.valid_until_ms);
	assert_int_equal(shelter->role.n, 2);
	assert_int_equal(shelter->role.code[0], NRM_ROLE_SHELTER);
	assert_int_equal(shelter->n_offers, 3);
	assert_int_equal(shelter->offer[0].service, NRM_SERVICE_EMERGENCY_SHELTER);
	assert_int_equal(shelter->offer[0].region.n, 0);
	assert_int_equal(shelter->offer[1].service, NRM_SERVICE_LANGUAGE_COURSE);
	assert_int_equal(shelter->offer[1].region.n, 2);
	assert_true(nrm_slice_equal(shelter->offer[1].region.item[0], nrm_slice_str("TH-10")));
	assert_int_equal(shelter->n_keys, 4);
	nrm_arena_done(&arena);
	nrm_buf_done(&out);
	nrm_buf_done(&again);
}

/* Keys from another folder and another endpoint, as a demo or a test wants them. */
static void options(void **state)
{
	struct nrm_participants_options options = {.keys = test_folder,
						   .endpoint = "tcp://127.0.0.1:9"};
	struct nrm_directory_body b;
	struct nrm_arena arena;
	struct nrm_buf out;

	(void)state;
	nrm_buf_init(&out);
	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	write_file(0, NULL);
	assert_int_equal(mkdir(in_folder("elsewhere"), 0700), 0);
	assert_int_equal(
		rename(in_folder("participants.yaml"), in_folder("elsewhere/participants.yaml")),
		0);
	const char *path = in_folder("elsewhere/participants.yaml");
	assert_int_equal(nrm_participants_compile(path, NULL, authority, &out, error),
			 NRM_ERR_FORMAT);
	assert_non_null(strstr(error, "elsewhere/broker"));
	assert_int_equal(nrm_participants_compile(path, &options, authority, &out, error), NRM_OK);
	assert_int_equal(nrm_directory_decode(nrm_buf_slice(&out), &arena, &b), NRM_OK);
	assert_true(nrm_slice_equal(b.broker.endpoint, nrm_slice_str("tcp://127.0.0.1:9")));
	nrm_buf_clear(&out);
	options.endpoint = "nonsense";
	assert_int_equal(nrm_participants_compile(path, &options, authority, &out, error),
			 NRM_ERR_FORMAT);
	assert_non_null(strstr(error, ":5:"));
	assert_non_null(strstr(error, "expected tcp://HOST:PORT"));
	nrm_arena_done(&arena);
	nrm_buf_done(&out);
}

/* The broker's keys written out, in each of the two ways of the trail's. */
static void keys_written_out(void **state)
{
	char line[1024], hex[2 * NRM_KEY_LEN + 1], log_hex[2 * NRM_KEY_LEN + 1];
	struct nrm_identity *broker;
	uint8_t log[NRM_KEY_LEN];
	struct nrm_note_key key;
	struct nrm_buf out, text;

	(void)state;
	assert_int_equal(nrm_identity_load(in_folder("broker"), NULL, &broker, error), NRM_OK);
	nrm_hex(broker->transport_public, NRM_KEY_LEN, hex);
	nrm_signing_key_public(broker->trail, log);
	nrm_hex(log, NRM_KEY_LEN, log_hex);
	nrm_buf_init(&out);
	snprintf(line, sizeof(line),
		 "broker: {id: TH.nrm, endpoint: 'tcp://[::1]:1', transport_key: %s}\n"
		 "trail: {public_key: %s}",
		 hex, log_hex);
	write_file(5, line);
	if (compile(NULL, &out) != NRM_OK)
		fail_msg("%s", error);

	nrm_buf_init(&text);
	assert_int_equal(nrm_note_key_make("nrm/TH-2", 0x01, log, &key), NRM_OK);
	nrm_note_key_format(&key, &text);
	snprintf(line, sizeof(line),
		 "broker: {id: TH.nrm, endpoint: 'tcp://[::1]:1', transport_key: %s}\n"
		 "trail: {origin: nrm/TH-2, verifier_key: %.*s}",
		 hex, (int)text.len, (const char *)text.data);
	write_file(5, line);
	nrm_buf_clear(&out);
	if (compile(NULL, &out) != NRM_OK)
		fail_msg("%s", error);
	nrm_buf_clear(&out);

	snprintf(line, sizeof(line),
		 "broker: {id: TH.nrm, endpoint: 'tcp://[::1]:1', transport_key: %s}\n"
		 "trail: {verifier_key: %.*s}",
		 hex, (int)text.len, (const char *)text.data);
	write_file(5, line);
	assert_mistake(6, "trail.origin: expected the name of the trail's verifier key");
	snprintf(line, sizeof(line),
		 "broker: {id: TH.nrm, endpoint: 'tcp://[::1]:1', transport_key: %s}", hex);
	refused(5, line, "broker: expected keys (a folder), or the trail's verifier_key");
	nrm_buf_done(&out);
	nrm_buf_done(&text);
	nrm_identity_free(broker);
}

static void head(void **state)
{
	(void)state;
	refused(1, "country: Siam", "country: expected two capital letters");
	refused(2, "version: 0", "version: expected 1 or more");
	refused(2, "version: three", "version");
	refused(3, "valid_from: 2026-01-01", "valid_from");
	refused(4, "valid_until: 2026-01-01T00:00:00Z",
		"valid_until: expected a time after valid_from");
	refused(6, "witness_quorum: 3", "witness_quorum: expected at most as many");
	refused(6, "wintess_quorum: 1", "wintess_quorum");
	refused(6, "successor_authority: 12",
		"successor_authority: expected 64 hexadecimal digits");
}

static void broker(void **state)
{
	(void)state;
	refused(5, "broker: {id: KH.nrm, endpoint: 'tcp://h:1', keys: broker}",
		"broker.keys: expected the keys of KH.nrm, but these are of TH.nrm");
	refused(5, "broker: {id: TH.nrm, endpoint: 'h:1', keys: broker}",
		"broker.endpoint: expected tcp://HOST:PORT");
	refused(5, "broker: {id: TH.nrm, endpoint: 'tcp://h:1'}",
		"broker: expected transport_key, or keys");
	refused(5, "broker: {id: TH.nrm, endpoint: 'tcp://h:1', transport_key: zz}",
		"broker.transport_key: expected 64 hexadecimal digits");
	refused(5, "broker: {id: TH.nrm, endpoint: 'tcp://h:1', keys: nowhere}",
		"broker.keys: expected public keys that `nrm key new` made, but there is no ");
	refused(5, "broker: {id: TH.police-bangkok, endpoint: 'tcp://h:1', keys: police}",
		"broker.keys: expected a broker's keys");
}

static void participants(void **state)
{
	(void)state;
	refused(8, "- id: TH.Shelter", "participants[0].id: expected COUNTRY.slug");
	write_file(8, "- id: TH.nrm");
	assert_mistake(15, "participants[0].keys: expected the keys of TH.nrm");
	refused(10, "  kind: gov", "participants[0].kind");
	refused(11, "  roles: [shelter, polcie]", "participants[0].roles[1]");
	refused(11, "  roles: [shelter, shelter]",
		"participants[0].roles[1]: expected each role once");
	refused(11, "  roles: []", "participants[0].roles");
	refused(12, "  services: [emergency_sheltr]", "participants[0].services[0]");
	refused(12, "  services: [follow_up, follow_up]",
		"services[1]: expected each service once");
	write_file(12, "  services: [language_course]");
	assert_mistake(
		13,
		"regional_services[0].service: expected each service once, in services or here");
	refused(13, "  regional_services: [{service: recreation, regions: [TH-10, bangkok]}]",
		"participants[0].regional_services[0].regions[1]: expected 1 to 16 of A-Z");
	refused(13, "  regional_services: [{service: recreation, regions: [TH-10, TH-10]}]",
		"regional_services: expected each region once");
	refused(13, "  detention: maybe", "participants[0].detention");
	refused(13, "  country: Laos", "participants[0].country: expected two capital letters");
	refused(13, "  max_version: 0", "participants[0].max_version: expected 1 or more");
	refused(13, "  colour: red", "unknown key \"colour\"");
	refused(14, "  valid_until: soon", "participants[0].valid_until");
	refused(14, "  valid_until: 2025-01-01T00:00:00Z", "expected a time after valid_from");
	refused(20, "  status: away", "participants[1].status");
	refused(20, "  kind: ngo", "kind");
	write_file(9, "");
	assert_mistake(8, "name");
}

static void key_files(void **state)
{
	(void)state;
	refused(15, "  keys: police",
		"participants[0].keys: expected the keys of TH.shelter-lotus, "
		"but these are of TH.police-bangkok");
	refused(15, "  keys: nowhere", "participants[0].keys: expected public keys");
	write_file(16, "- id: TH.shelter-lotus");
	assert_mistake(21, "participants[1].keys: expected the keys of TH.shelter-lotus");

	/* The same participant twice: told at the second. */
	write_file(16, "- id: TH.shelter-lotus\n  detention: false");
	char *text = read_text("participants.yaml");
	char *keys = strstr(text, "police/public.yaml");
	memcpy(keys, "shelter           ", 18);
	write_text("participants.yaml", text);
	assert_mistake(16, "participants[1].id: expected an id that no other participant has");
	free(text);
}

/* A changed bundle is refused where it was changed. */
static void spoiled_bundles(void **state)
{
	static const struct {
		const char *what, *with;
		unsigned line;
		const char *words;
	} spoilt[] = {
		{"kind: signing", "kind: signage", 4, "keys[0].kind"},
		{"kind: sealing", "kind: witness", 7, "keys[1]: expected one or two sealing keys"},
		{"TH.shelter-lotus", "TH.shelter-north", 4,
		 "keys[0]: expected a proof of possession that verifies"},
		{"own_possession: ", "own_posession : ", 16, "own_posession"},
		{"id: TH.", "id: th.", 2, "id: expected COUNTRY.slug"},
	};
	char place[64];
	struct nrm_buf out;

	(void)state;
	nrm_buf_init(&out);
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		char *text = read_text("shelter/public.yaml");
		char *at = strstr(text, spoilt[i].what);
		assert_non_null(at);
		memcpy(at, spoilt[i].with, strlen(spoilt[i].with));
		write_text("spoilt.yaml", text);
		free(text);
		write_file(15, "  keys: spoilt.yaml");
		assert_int_not_equal(compile(NULL, &out), NRM_OK);
		snprintf(place, sizeof(place), "spoilt.yaml:%u:", spoilt[i].line);
		if (!strstr(error, place) || !strstr(error, spoilt[i].words))
			fail_msg("got %s; expected %s %s", error, place, spoilt[i].words);
	}
	/* Every digit of a key or of a proof counts: one in seven is tried. */
	char *text = read_text("shelter/public.yaml");
	size_t tried = 0;
	for (char *p = text; *p; p += strcspn(p, " \n") + 1) {
		size_t digits = strspn(p, "0123456789abcdef");
		for (size_t j = 0; digits >= 64 && j < digits; j += 7, tried++) {
			char was = p[j];
			p[j] = was == '0' ? '1' : '0';
			write_text("spoilt.yaml", text);
			assert_int_not_equal(compile(NULL, &out), NRM_OK);
			p[j] = was;
		}
	}
	assert_true(tried > 100);
	write_text("spoilt.yaml", text);
	assert_int_equal(compile(NULL, &out), NRM_OK);
	free(text);
	nrm_buf_done(&out);
}

static void broken_files(void **state)
{
	struct nrm_buf out;

	(void)state;
	nrm_buf_init(&out);
	assert_int_equal(
		nrm_participants_compile(in_folder("none.yaml"), NULL, authority, &out, error),
		NRM_ERR_NOT_FOUND);
	assert_non_null(strstr(error, "none.yaml"));
	write_text("participants.yaml", "country: [TH\n");
	assert_int_not_equal(compile(NULL, &out), NRM_OK);
	assert_non_null(strstr(error, "participants.yaml:"));
	write_text("participants.yaml", "");
	assert_int_not_equal(compile(NULL, &out), NRM_OK);
	assert_non_null(strstr(error, "participants.yaml"));
	assert_int_equal(out.len, 0);
	nrm_buf_done(&out);
}

/* The shipped example compiles once its agencies have made their keys. */
static void demo_country(void **state)
{
	static const struct {
		const char *id, *dir;
	} agencies[] = {
		{"TH.police-bangkok", "demo/police"},
		{"TH.hospital-chao-phraya", "demo/hospital"},
		{"TH.shelter-lotus", "demo/shelter"},
		{"TH.school-office", "demo/education"},
		{"TH.labour-inspectorate", "demo/labour"},
		{"TH.legal-aid", "demo/legal-aid"},
		{"TH.coordinator", "demo/coordinator"},
	};
	struct nrm_participants_options options = {.keys = NULL};
	struct nrm_buf out;
	char keys[512];

	(void)state;
	assert_int_equal(mkdir(in_folder("demo"), 0700), 0);
	assert_int_equal(nrm_broker_keys_new(in_folder("demo/broker"), "TH.nrm", NULL, error),
			 NRM_OK);
	for (size_t i = 0; i < sizeof(agencies) / sizeof(*agencies); i++)
		assert_int_equal(nrm_agency_keys_new(in_folder(agencies[i].dir), agencies[i].id,
						     NULL, error),
				 NRM_OK);
	snprintf(keys, sizeof(keys), "%s", in_folder("demo"));
	options.keys = keys;
	nrm_buf_init(&out);
	if (nrm_participants_compile(NRM_SOURCE "/config/demo/participants.yaml", &options,
				     authority, &out, error) != NRM_OK)
		fail_msg("%s", error);
	nrm_buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled),	    cmocka_unit_test(options),
		cmocka_unit_test(keys_written_out), cmocka_unit_test(head),
		cmocka_unit_test(broker),	    cmocka_unit_test(participants),
		cmocka_unit_test(key_files),	    cmocka_unit_test(spoiled_bundles),
		cmocka_unit_test(broken_files),	    cmocka_unit_test(demo_country),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
