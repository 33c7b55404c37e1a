/* The reader of scenario files, run against the shipped policy: any bytes are cases or one error line. */
#include "tests/fuzz/fuzz.h"

#include "broker/policy/policy_file.h"
#include "broker/policy/scenario.h"
#include "proto/crypto/crypto.h"

static struct nrm_policy *policy;
static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char error[NRM_POLICY_ERROR_LEN];

	(void)argc;
	(void)argv;
	nowhere = fopen("/dev/null", "w");
	if (nowhere && nrm_crypto_init() == NRM_OK &&
	    nrm_policy_load(NRM_SOURCE "/config/policy.yaml", &policy, error) == NRM_OK)
		return 0;
	fprintf(stderr, "%s\n", error);
	exit(1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nrm_scenario_counts counts = {0}, again = {0};
	char error[NRM_SCENARIO_ERROR_LEN] = "";
	const struct nrm_slice bytes = nrm_slice(data, size);
	const enum nrm_err err =
		nrm_scenarios_run_bytes(policy, "s.yaml", bytes, nowhere, &counts, error);

	if (err != NRM_OK)
		error_is_a_line(error, "s.yaml:");
	HOLDS(nrm_scenarios_run_bytes(policy, "s.yaml", bytes, nowhere, &again, error) == err);
	HOLDS(counts.passed == again.passed && counts.failed == again.failed);
	return 0;
}
