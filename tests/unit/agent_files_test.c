/*
 * The two files that an administrator writes for an agent: its configuration and its profile.
 */
#include <stdio.h>
#include <unistd.h>

#include "agents/agent/config.h"
#include "agents/agent/profile.h"
#include "tests/unit/exchange_world.h"

static void test_shipped_profiles(void **state)
{
	static const char *const names[] = {"police", "health",	   "shelter",	 "education",
					    "labour", "legal-aid", "coordinator"};
	char path[512], error[NRM_YAML_ERROR_LEN] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct nrm_profile profile;

		snprintf(path, sizeof(path), "%s/agents/profiles/%s.yaml", NRM_SOURCE, names[i]);
		if (nrm_profile_read(path, &profile, error) != NRM_OK)
			fail_msg("%s", error);
		assert_string_equal(profile.name, names[i]);
		assert_true(profile.roles && profile.services);
	}
}

static void write_file(const char *path, const char *content)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static void test_profiles_that_are_wrong(void **state)
{
	static const char *const wrong[] = {
		"name: x\nroles: [polcie]\n",
		"name: x\nroles: [police]\nservices: [magic]\n",
		"name: x\nroles: [police]\nforms:\n- {service: counselling, fields: "
		"[given_name]}\n", /* not offered */
		"name: x\nroles: [police]\nservices: [counselling]\ndeadlines:\n- {service: "
		"counselling, hours: 0}\n",
		"name: x\nroles: [police]\ncolour: blue\n",
		"roles: [police]\n",
	};
	char path[64], error[NRM_YAML_ERROR_LEN];
	struct nrm_profile profile;
	nrm_mask roles, services;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/nrm-profile-%d.yaml", (int)getpid());
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_file(path, wrong[i]);
		error[0] = 0;
		assert_int_not_equal(nrm_profile_read(path, &profile, error), NRM_OK);
		assert_true(strncmp(error, path, strlen(path)) == 0);
	}
	write_file(path, "name: x\nroles: [shelter, police]\nservices: [counselling]\n");
	assert_int_equal(nrm_profile_read(path, &profile, error), NRM_OK);
	nrm_profile_compare(&profile,
			    nrm_directory_find(world.directory, nrm_slice_str("XX.agency-000")),
			    &roles, &services);
	assert_int_equal(roles,
			 nrm_bit(NRM_ROLE_POLICE)); /* there it is a shelter that offers nothing */
	assert_int_equal(services, nrm_bit(NRM_SERVICE_COUNSELLING));
	nrm_profile_compare(&profile, NULL, &roles, &services);
	assert_int_equal(roles | services, 0);
	unlink(path);
}

#define KEY "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

static void test_configuration(void **state)
{
	static const char good[] =
		"id: XX.agency-000\nkeys: keys\nbroker: {endpoint: 'tcp://h:1', key: " KEY
		"}\nauthority: " KEY "\ndata: data\n";
	static const char *const wrong[] = {
		"id: nobody\nkeys: k\nbroker: {endpoint: 'tcp://h:1', key: " KEY
		"}\nauthority: " KEY "\ndata: d\n",
		"id: XX.a\nkeys: k\nbroker: {endpoint: 'udp://h:1', key: " KEY "}\nauthority: " KEY
		"\ndata: d\n",
		"id: XX.a\nkeys: k\nbroker: {endpoint: 'tcp://h:1', key: nofile}\nauthority: " KEY
		"\ndata: d\n",
		"id: XX.a\nkeys: k\nbroker: {endpoint: 'tcp://h:1', key: " KEY
		"}\nauthority: nofile\ndata: d\n",
		"id: XX.a\nkeys: k\nbroker: {endpoint: 'tcp://h:1', key: " KEY "}\nauthority: " KEY
		"\n",
		"id: XX.a\nkeys: k\nbroker: {endpoint: 'tcp://h:1', key: " KEY "}\nauthority: " KEY
		"\ndata: d\nmore: x\n",
	};
	char path[64], error[NRM_YAML_ERROR_LEN];
	struct nrm_agent_config config;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/nrm-agent-%d.yaml", (int)getpid());
	write_file(path, good);
	if (nrm_agent_config_read(path, &config, error) != NRM_OK)
		fail_msg("%s", error);
	assert_string_equal(config.keys, "/tmp/keys"); /* from the file's folder */
	assert_string_equal(config.socket, "/tmp/data/agent.sock");
	assert_int_equal(config.broker[31], 0x20);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_file(path, wrong[i]);
		error[0] = 0;
		assert_int_not_equal(nrm_agent_config_read(path, &config, error), NRM_OK);
		assert_true(strncmp(error, path, strlen(path)) == 0);
	}
	unlink(path);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_shipped_profiles),
		T(test_profiles_that_are_wrong),
		T(test_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
