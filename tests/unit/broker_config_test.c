/*
 * The broker's configuration: the example holds, and every mistake is told with file, line and key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/config.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

/* What is needed, a line each: a test leaves one out, or puts another in its place. */
static const char *const needed[] = {
	"id: XX.nrm",
	"listen: ['tcp://127.0.0.1:5555', 'tcp://[::1]:*']",
	"data: /var/lib/nrm",
	"keys: keys",
	"authority: " KEY,
	"directory: directory.signed",
	"policy: ../policy.yaml",
};
#define N_NEEDED (sizeof(needed) / sizeof(needed[0]))

static char folder[] = "/tmp/nrm-config-XXXXXX", path[64];
static struct nrm_broker_config config;
static char error[NRM_YAML_ERROR_LEN];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/broker.yaml", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* Reads the needed lines, with `line` in place of number `place` or, when that is N_NEEDED, after them. */
static enum nrm_err read_with(size_t place, const char *line)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (size_t i = 0; i <= N_NEEDED; i++)
		fprintf(file, "%s\n", i == place ? line : i < N_NEEDED ? needed[i] : "");
	assert_int_equal(fclose(file), 0);
	config = (struct nrm_broker_config){.n_listen = 99};
	error[0] = '\0';
	return nrm_broker_config_read(path, &config, error);
}

static void reads_what_is_needed(void **state)
{
	char keys[128];

	(void)state;
	assert_int_equal(read_with(N_NEEDED, ""), NRM_OK);
	assert_string_equal(config.id, "XX.nrm");
	assert_int_equal(config.n_listen, 2);
	assert_string_equal(config.listen[0], "tcp://127.0.0.1:5555");
	assert_string_equal(config.listen[1], "tcp://[::1]:*");
	assert_string_equal(config.data, "/var/lib/nrm");
	snprintf(keys, sizeof(keys), "%s/keys", folder); /* relative to the file */
	assert_string_equal(config.keys, keys);
	assert_string_equal(config.passphrase, "");
	assert_string_equal(config.signer, "");
	for (uint8_t i = 0; i < NRM_KEY_LEN; i++)
		assert_int_equal(config.authority[i], i);
	assert_int_equal(config.checkpoint_seconds, 1);
	assert_int_equal(config.verify_threads, 0);
	assert_int_equal(config.map_bytes, 256ull << 30);
	assert_int_equal(config.log_level, NRM_LOG_INFO);
	assert_false(config.unsigned_policy);
}

static void reads_what_is_optional(void **state)
{
	(void)state;
	assert_int_equal(read_with(N_NEEDED,
				   "checkpoint_seconds: 5\nverify_threads: 3\nmap_gib: 2\n"
				   "reserve_mib: 7\nlog_level: debug\npassphrase_file: /p\n"
				   "unsigned_policy: true"),
			 NRM_OK);
	assert_int_equal(config.checkpoint_seconds, 5);
	assert_int_equal(config.verify_threads, 3);
	assert_int_equal(config.map_bytes, 2ull << 30);
	assert_int_equal(config.reserve_bytes, 7ull << 20);
	assert_int_equal(config.log_level, NRM_LOG_DEBUG);
	assert_string_equal(config.passphrase, "/p");
	assert_true(config.unsigned_policy);
}

static void reads_where_the_signer_is(void **state)
{
	char socket[128];

	(void)state;
	snprintf(socket, sizeof(socket), "%s/s.sock", folder);
	assert_int_equal(read_with(N_NEEDED, "signer: unix:s.sock"), NRM_OK);
	assert_string_equal(config.signer, socket);
	assert_int_equal(read_with(N_NEEDED, "signer: unix:/run/nrm/s.sock"), NRM_OK);
	assert_string_equal(config.signer, "/run/nrm/s.sock");
}

static void expect_error(size_t place, const char *line, const char *key)
{
	char where[128];

	assert_int_not_equal(read_with(place, line), NRM_OK);
	assert_int_equal(config.n_listen, 99); /* nothing was changed */
	snprintf(where, sizeof(where), "%s:", path);
	if (!strstr(error, where) || !strstr(error, key) || !strstr(error, "expected"))
		fail_msg("\"%s\" gives \"%s\"", line, error);
}

static void tells_of_mistakes(void **state)
{
	static const struct {
		size_t place;
		const char *line, *key;
	} mistakes[] = {
		{0, "id: XX.police", "id"},
		{0, "id: nrm", "id"},
		{N_NEEDED, "unsigned_policy: 1", "unsigned_policy"},
		{1, "listen: []", "listen"},
		{1, "listen: ['tcp://127.0.0.1:1', 'ipc:///tmp/x']", "listen[1]"},
		{1, "listen: ['tcp://127.0.0.1']", "listen[0]"},
		{1, "listen: ['tcp://127.0.0.1:']", "listen[0]"},
		{1, "listen: ['tcp://127.0.0.1:0']", "listen[0]"},
		{1, "listen: ['tcp://127.0.0.1:65536']", "listen[0]"},
		{1, "listen: ['tcp://127.0.0.1:5555x']", "listen[0]"},
		{1, "listen: ['tcp://:5555']", "listen[0]"},
		{4, "authority: 0011", "authority"},
		{4, "authority: none.pub", "authority"},
		{N_NEEDED, "signer: /run/nrm/signer.sock", "signer"},
		{N_NEEDED, "signer: 'unix:'", "signer"},
		{N_NEEDED, "signer: tcp://127.0.0.1:5556", "signer"},
		{N_NEEDED, "signer: unix:/a-path-of-more-bytes-than-a-socket-has-room-for/" LONG,
		 "signer"},
		{N_NEEDED, "checkpoint_seconds: 0", "checkpoint_seconds"},
		{N_NEEDED, "checkpoint_seconds: 61", "checkpoint_seconds"},
		{N_NEEDED, "verify_threads: -1", "verify_threads"},
		{N_NEEDED, "verify_threads: 257", "verify_threads"},
		{N_NEEDED, "map_gib: 0", "map_gib"},
		{N_NEEDED, "reserve_mib: much", "reserve_mib"},
		{N_NEEDED, "log_level: loud", "log_level"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		expect_error(mistakes[i].place, mistakes[i].line, mistakes[i].key);
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
		assert_non_null(strstr(error, key));
	}
	assert_int_not_equal(read_with(N_NEEDED, "consent_overridden: true"), NRM_OK);
	assert_non_null(strstr(error, "consent_overridden"));
	assert_int_equal(nrm_broker_config_read("/nowhere.yaml", &config, error),
			 NRM_ERR_NOT_FOUND);
	assert_non_null(strstr(error, "/nowhere.yaml"));
}

/* The example names a file that only a real country has: all the rest of it is good. */
static void the_example_is_good(void **state)
{
	(void)state;
	assert_int_equal(nrm_broker_config_read(NRM_SOURCE "/config/broker.yaml", &config, error),
			 NRM_ERR_FORMAT);
	assert_non_null(strstr(error, "authority: expected"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_needed),
		cmocka_unit_test(reads_what_is_optional),
		cmocka_unit_test(reads_where_the_signer_is),
		cmocka_unit_test(tells_of_mistakes),
		cmocka_unit_test(wants_every_needed_key_once_and_no_other),
		cmocka_unit_test(the_example_is_good),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
