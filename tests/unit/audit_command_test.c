/* `nrm audit` on a small trail: what show tells and keeps to itself, and what verify answers to the shell. */
#include "tests/unit/small_trail.h"

#include <jansson.h>
#include <sys/mman.h>

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

static void command_survives_a_file_cut_short(void **state)
{
	struct trail *t = *state;

	nrm_store_close(t->store);
	t->store = NULL;
	assert_int_equal(truncate(in_folder(t, NRM_BROKER_STORE "/data.mdb"), 3 * 4096), 0);
	assert_int_equal(command("verify", t->folder, NULL, false), 2);
	assert_int_equal(command("show", t->folder, NULL, false), 2);
	assert_int_equal(nrm_store_open_memory(&tables, &t->store), NRM_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(in_memory, tells_what_happened),
		ON(in_memory, tells_it_as_json),
		ON(on_disk, command_says_yes_no_or_cannot),
		ON(on_disk, command_answers_scripts),
		ON(on_disk, command_survives_a_file_cut_short),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
