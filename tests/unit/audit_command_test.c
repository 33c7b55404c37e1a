/* `nrm audit` on a small trail: what show tells and keeps to itself, and what verify answers to the shell. */
#include "tests/unit/small_trail.h"

#include <jansson.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "agents/auditor/story.h"
#include "agents/cli/cli.h"
#include "proto/base/hex.h"

static char *story(struct trail *t, const struct nrm_case_keys *keys, bool json, bool case_ids)
{
	const struct nrm_story_options options = {.json = json, .case_ids = case_ids};
	char *text;
	size_t len;

	FILE *out = open_memstream(&text, &len);
	assert_int_equal(nrm_story(t->store, keys, &options, out), NRM_OK);
	fclose(out);
	return text;
}

static void tells_what_happened(void **state)
{
	struct trail *t = *state;
	char *text = story(t, t->keys, false, false), id[33];

	nrm_hex((const uint8_t *)case_id, 16, id);
	assert_non_null(strstr(
		text,
		"referral         XX.agency-000 -> XX.agency-001  emergency_shelter  forward OK"));
	assert_non_null(strstr(text, "forwarded      given_name languages"));
	assert_non_null(strstr(text, "withheld       offence_record (SECRET)"));
	assert_non_null(strstr(text, "refuse CONSENT_WITHDRAWN")); /* as told */
	assert_non_null(strstr(text, "true reason    EXCLUDED"));
	assert_non_null(strstr(text, "acknowledged   ok, in leaf 4"));
	assert_non_null(strstr(text, "acknowledges   ok, of leaf 1"));
	assert_non_null(strstr(text, "acknowledged   not yet"));
	assert_non_null(strstr(text, "record closed"));
	assert_null(strstr(text, id));
	free(text);
	text = story(t, t->keys, false, true);
	assert_non_null(strstr(text, id));
	free(text);
	text = story(t, NULL, false, true);
	assert_null(strstr(text, "true reason"));
	assert_null(strstr(text, id));
	free(text);
}

static void tells_it_as_json(void **state)
{
	struct trail *t = *state;
	char *text = story(t, t->keys, true, false), *save;
	size_t n = 0;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save), n++) {
		json_error_t error;
		json_t *o = json_loads(line, 0, &error);
		assert_non_null(o);
		assert_int_equal(json_integer_value(json_object_get(o, "index")), n);
		json_t *seen = json_object_get(o, "oversight");
		assert_int_equal(seen == NULL, n > 0 && (n - 1) % CASES == FORGOTTEN);
		assert_null(json_object_get(seen, "case_id"));
		if (n == 1)
			assert_string_equal(
				json_string_value(json_object_get(json_object_get(seen, "withheld"),
								  "offence_record")),
				"SECRET");
		json_decref(o);
	}
	assert_int_equal(n, LEAVES);
	free(text);
}

/* --- which leaves are told --- */

/* Counts the leaves that pass; `first` receives the first one's number. */
static size_t told(struct trail *t, const struct nrm_filter *filter, uint64_t *first)
{
	const struct nrm_story_options options = {.json = true, .filter = *filter};
	char *text, *line, *save;
	size_t len, n = 0;

	FILE *out = open_memstream(&text, &len);
	assert_int_equal(nrm_story(t->store, t->keys, &options, out), NRM_OK);
	fclose(out);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save), n++) {
		json_t *o = json_loads(line, 0, NULL);
		if (n == 0)
			*first = (uint64_t)json_integer_value(json_object_get(o, "index"));
		json_decref(o);
	}
	free(text);
	return n;
}

static void tells_what_is_asked_for(void **state)
{
	struct nrm_slice agency = nrm_slice_str("XX.agency-001"), nobody = nrm_slice_str("XX.no");
	struct trail *t = *state;
	uint64_t first = 0;

	const struct {
		struct nrm_filter filter;
		size_t n;
		uint64_t first;
	} cases[] = {
		{{.from_minute = 0}, LEAVES, 0},
		{{.from_minute = MINUTE + 3}, LEAVES - 6, 6},
		{{.until_minute = MINUTE + 3}, 6, 0},
		{{.from_minute = MINUTE + 2, .until_minute = MINUTE + 3}, 2, 4},
		{{.from_minute = MINUTE + LEAVES}, 0, 0},
		{{.participant = agency}, LEAVES - 1, 1},
		{{.participant = nobody}, 0, 0},
		{{.service = NRM_SERVICE_EMERGENCY_SHELTER}, LEAVES - 1, 1},
		{{.service = NRM_SERVICE_MEDICAL_CHECKUP}, 0, 0},
		{{.has_outcome = true, .outcome = NRM_OUTCOME_REFUSE}, 1, 8},
		{{.reason = NRM_REASON_CONSENT_WITHDRAWN}, 1, 8}, /* as told */
		{{.reason = NRM_REASON_EXCLUDED}, 0, 0},
		{{.true_reason = NRM_REASON_EXCLUDED}, 1, 8},
		{{.rule = 20}, 7, 1}, /* of the referrals whose record opens */
		{{.rule = 19}, 0, 0},
		{{.rule = 20, .from_minute = MINUTE + 4, .true_reason = NRM_REASON_EXCLUDED}, 1, 8},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(told(t, &cases[i].filter, &first), cases[i].n);
		if (cases[i].n)
			assert_int_equal(first, cases[i].first);
	}
}

static void tells_one_case(void **state)
{
	static const uint8_t nobody[NRM_CASE_ID_LEN] = {1};
	struct nrm_filter filter = {.case_id = (const uint8_t *)case_id};
	const struct nrm_story_options of_nobody = {.filter = {.case_id = nobody}};
	struct trail *t = *state;
	uint64_t first = 0;

	put_case_row(t, 1);
	assert_int_equal(told(t, &filter, &first), 6); /* leaves 2, 5, 8, … 17 */
	assert_int_equal(first, 2);
	assert_int_equal(nrm_story(t->store, t->keys, &of_nobody, stdout), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_story(t->store, NULL, &of_nobody, stdout), NRM_ERR_ARGUMENT);
}

static struct trail *followed; /* by the callback below, which has no other way to it */
static int looks;

static bool grow_twice(void)
{
	if (looks++ == 2)
		return false;
	append(followed, 0, MINUTE + LEAVES);
	return true;
}

static void follows(void **state)
{
	const struct nrm_story_options options = {.json = true};
	char *text;
	size_t len, lines = 0;

	followed = *state;
	looks = 0;
	FILE *out = open_memstream(&text, &len);
	assert_int_equal(nrm_story_follow(followed->store, &options, grow_twice, out), NRM_OK);
	fclose(out);
	for (char *c = text; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 2);
	assert_non_null(strstr(text, "{\"index\":20,"));
	assert_non_null(strstr(text, "{\"index\":21,"));
	assert_null(strstr(text, "oversight"));
	free(text);
}

static char said[4096]; /* what the last command printed */

static int command(const char *verb, const char *folder, const char *authority, bool json)
{
	char *argv[8] = {(char *)"nrm audit", (char *)verb, (char *)"--trail", (char *)folder};
	int argc = 4, file = memfd_create("said", 0), out, err;

	if (authority) {
		argv[argc++] = (char *)"--authority";
		argv[argc++] = (char *)authority;
	}
	if (json)
		argv[argc++] = (char *)"--json";
	fflush(NULL);
	out = dup(1);
	err = dup(2);
	dup2(file, 1);
	dup2(file, 2);
	int status = nrm_cmd_audit(argc, argv);
	fflush(NULL);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	memset(said, 0, sizeof(said));
	assert_true(pread(file, said, sizeof(said) - 1, 0) > 0);
	close(file);
	return status;
}

static void command_says_yes_no_or_cannot(void **state)
{
	struct trail *t = *state;
	char authority[2 * NRM_KEY_LEN + 1], stranger[2 * NRM_KEY_LEN + 1];
	struct nrm_signing_key *other = agency_signing_key(1, NRM_KEY_KIND_SIGNING);
	uint8_t public[NRM_KEY_LEN];

	nrm_hex(t->authority, NRM_KEY_LEN, authority);
	nrm_signing_key_public(other, public);
	nrm_signing_key_free(other);
	nrm_hex(public, NRM_KEY_LEN, stranger);
	/* live: the writer is open beside it */
	assert_int_equal(command("verify", t->folder, NULL, false), 0);
	assert_non_null(strstr(said, "NOT checked"));
	assert_int_equal(command("verify", t->folder, authority, false), 0);
	assert_non_null(strstr(said, "signed by the authority given"));
	assert_non_null(strstr(said, "\nverifies\n"));
	assert_int_equal(command("show", t->folder, NULL, false), 0);
	assert_int_equal(command("verify", t->folder, stranger, false), 1);
	assert_int_equal(command("verify", t->folder, "no such file", false), 2);
	assert_int_equal(command("verify", "/tmp/nrm-no-such-folder", NULL, false), 2);
	struct row row = read_row(t, 2);
	row.leaf.data[row.leaf.len - 1] ^= 1;
	write_row(t, 2, &row);
	assert_int_equal(command("verify", t->folder, authority, false), 1);
	assert_non_null(strstr(said, "does not verify: leaf 2: "));
	assert_non_null(strstr(said, "expected "));
}

static void command_answers_scripts(void **state)
{
	struct trail *t = *state;
	json_t *o;

	assert_int_equal(command("verify", t->folder, NULL, true), 0);
	assert_non_null(o = json_loads(said, 0, NULL));
	assert_true(json_is_true(json_object_get(o, "verifies")));
	assert_true(json_is_false(json_object_get(o, "authorised")));
	assert_int_equal(json_integer_value(json_object_get(o, "leaves")), LEAVES);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(o, "checkpoint"), "size")),
		SIGNED);
	json_decref(o);
	delete_row(t, 5);
	assert_int_equal(command("verify", t->folder, NULL, true), 1);
	assert_non_null(o = json_loads(said, 0, NULL));
	assert_true(json_is_false(json_object_get(o, "verifies")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "fault"), "leaf")),
			 5);
	json_decref(o);
}

/* From the end, page by page and within pages: never good, never a crash. */
static void command_survives_a_file_cut_short(void **state)
{
	struct trail *t = *state;
	struct stat st;

	nrm_store_close(t->store);
	t->store = NULL;
	assert_int_equal(stat(in_folder(t, NRM_BROKER_STORE "/data.mdb"), &st), 0);
	/* LMDB itself leaves pages that it has not written at the end of the file. */
	off_t len = st.st_size;
	while (command("verify", t->folder, NULL, false) == 0) {
		len -= 4096;
		assert_int_equal(truncate(in_folder(t, NRM_BROKER_STORE "/data.mdb"), len), 0);
	}
	assert_true(len > st.st_size / 2);
	for (; len > 0; len -= len % 4096 ? 4095 : 1) {
		assert_int_equal(truncate(in_folder(t, NRM_BROKER_STORE "/data.mdb"), len), 0);
		assert_int_not_equal(command("verify", t->folder, NULL, false), 0);
		(void)command("show", t->folder, NULL, false);
	}
	assert_int_equal(command("verify", t->folder, NULL, false), 2);
	assert_int_equal(command("show", t->folder, NULL, false), 2);
	assert_int_equal(nrm_store_open_memory(&tables, &t->store), NRM_OK);
}

static void command_survives_case_keys_cut_short(void **state)
{
	struct trail *t = *state;

	for (off_t len = 4000; len > 0; len -= 333) {
		assert_int_equal(truncate(in_folder(t, NRM_BROKER_CASE_KEYS), len), 0);
		assert_int_equal(command("verify", t->folder, NULL, false), 2);
		assert_non_null(strstr(said, NRM_BROKER_CASE_KEYS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(in_memory, tells_what_happened),
		ON(in_memory, tells_it_as_json),
		ON(on_disk, command_says_yes_no_or_cannot),
		ON(on_disk, command_answers_scripts),
		ON(in_memory, tells_what_is_asked_for),
		ON(in_memory, tells_one_case),
		ON(in_memory, follows),
		ON(on_disk, command_survives_a_file_cut_short),
		ON(on_disk, command_survives_case_keys_cut_short),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
