/*
 * The signer's configuration: the example holds, and every mistake is told with file, line and key.
 */
#include "broker/signer_config.h"
#include "tests/unit/folder.h"

/* What is needed, a line each: a test leaves one out, or puts another in its place. */
static const char *const needed[] = {
	"origin: nrm/XX",
	"key: keys/trail.pem",
	"state: /var/lib/nrm/signer/last",
	"socket: signer.sock",
};
#define N_NEEDED (sizeof(needed) / sizeof(needed[0]))

static struct nrm_signer_config config;
static char error[NRM_YAML_ERROR_LEN];

static int set_up(void **state)
{
	(void)state;
	folder_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

/* Reads the needed lines, with `line` in place of number `place` or, when that is N_NEEDED, after them. */
static enum nrm_err read_with(size_t place, const char *line)
{
	char text[2048] = "";

	for (size_t i = 0; i <= N_NEEDED; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n",
			 i == place	? line
			 : i < N_NEEDED ? needed[i]
					: "");
	write_text("signer.yaml", text);
	config = (struct nrm_signer_config){.user = 4711};
	error[0] = '\0';
	return nrm_signer_config_read(in_folder("signer.yaml"), &config, error);
}

static void reads_what_is_needed(void **state)
{
	(void)state;
	assert_int_equal(read_with(N_NEEDED, ""), NRM_OK);
	assert_string_equal(config.origin, "nrm/XX");
	assert_string_equal(config.key, in_folder("keys/trail.pem")); /* relative to the file */
	assert_string_equal(config.state, "/var/lib/nrm/signer/last");
	assert_string_equal(config.socket, in_folder("signer.sock"));
	assert_string_equal(config.passphrase, "");
	assert_int_equal(config.user, geteuid());
	assert_int_equal(config.log_level, NRM_LOG_INFO);
}

static void reads_what_is_optional(void **state)
{
	(void)state;
	assert_int_equal(read_with(N_NEEDED, "passphrase_file: /p\nuser: root\nlog_level: debug"),
			 NRM_OK);
	assert_string_equal(config.passphrase, "/p");
	assert_int_equal(config.user, 0);
	assert_int_equal(config.log_level, NRM_LOG_DEBUG);
	assert_int_equal(read_with(N_NEEDED, "user: '1234'"), NRM_OK);
	assert_int_equal(config.user, 1234);
}

static void tells_of_mistakes(void **state)
{
	static const struct {
		size_t place;
		const char *line, *key;
	} mistakes[] = {
		{0, "origin: ''", "origin"},
		{0, "origin: nrm XX", "origin"},
		{0, "origin: nrm+XX", "origin"},
		{3, "socket: ''", "socket"},
		{N_NEEDED, "user: nobody-of-this-name", "user"},
		{N_NEEDED, "user: '-1'", "user"},
		{N_NEEDED, "user: '12345678901234567890'", "user"},
		{N_NEEDED, "log_level: loud", "log_level"},
	};
	char long_line[300];

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		assert_int_not_equal(read_with(mistakes[i].place, mistakes[i].line), NRM_OK);
		assert_int_equal(config.user, 4711); /* nothing was changed */
		if (!strstr(error, in_folder("signer.yaml:")) || !strstr(error, mistakes[i].key) ||
		    !strstr(error, "expected"))
			fail_msg("\"%s\" gives \"%s\"", mistakes[i].line, error);
	}
	snprintf(long_line, sizeof(long_line), "origin: %0*d", NRM_MAX_KEY_NAME + 1, 7);
	assert_int_equal(read_with(0, long_line), NRM_ERR_FORMAT);
	snprintf(long_line, sizeof(long_line), "socket: /%0*d", 107, 7);
	assert_int_equal(read_with(3, long_line), NRM_ERR_FORMAT);
	snprintf(long_line, sizeof(long_line), "socket: /%0*d", 106, 7);
	assert_int_equal(read_with(3, long_line), NRM_OK);
}

static void wants_every_needed_key_once_and_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_NEEDED; i++) {
		char key[32] = "";
		memcpy(key, needed[i], strcspn(needed[i], ":"));
		assert_int_not_equal(read_with(i, ""), NRM_OK);
		assert_non_null(strstr(error, key));
		assert_int_equal(read_with(N_NEEDED, needed[i]), NRM_ERR_DUPLICATE);
	}
	assert_int_not_equal(read_with(N_NEEDED, "listen: tcp://127.0.0.1:1"), NRM_OK);
	assert_non_null(strstr(error, "listen"));
	assert_int_equal(nrm_signer_config_read("/nowhere.yaml", &config, error),
			 NRM_ERR_NOT_FOUND);
}

static void the_example_is_good(void **state)
{
	(void)state;
	if (nrm_signer_config_read(NRM_SOURCE "/config/signer.yaml", &config, error) != NRM_OK)
		fail_msg("%s", error);
	assert_string_equal(config.origin, "nrm/TH");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_needed),
		cmocka_unit_test(reads_what_is_optional),
		cmocka_unit_test(tells_of_mistakes),
		cmocka_unit_test(wants_every_needed_key_once_and_no_other),
		cmocka_unit_test(the_example_is_good),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
