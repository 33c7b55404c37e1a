/* The loader of policies: any bytes are a policy or one error line. */
#include "tests/fuzz/fuzz.h"

#include "broker/core/decide.h"
#include "broker/policy/policy_file.h"
#include "proto/crypto/sign.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return nrm_crypto_init() == NRM_OK ? 0 : -1;
}

/* No policy whatever opens the wall that none may open (F1). */
static void wall_stands(const struct nrm_policy *policy)
{
	const struct nrm_party sender = {
		.known = true, .active = true, .roles = nrm_bit(NRM_ROLE_SHELTER)};
	const struct nrm_party enforcement = {
		.known = true,
		.active = true,
		.roles = nrm_bit(NRM_ROLE_IMMIGRATION_ENFORCEMENT),
		.offers = ~0ull,
	};
	const struct nrm_party party[] = {{.roles = 0}, sender, enforcement};
	const struct nrm_card card = {.age_class = NRM_AGE_CLASS_ADULT};
	const struct nrm_facts facts = {.party = party, .n_parties = 3, .card = &card};

	for (uint32_t service = 1; service < NRM_SERVICE_END_; service++) {
		const struct nrm_message message = {
			.type = NRM_MESSAGE_TYPE_REFERRAL,
			.sender = 1,
			.recipient = 2,
			.service = (enum nrm_service)service,
			.purpose = NRM_PURPOSE_PROTECTION,
			.basis = NRM_BASIS_EMERGENCY,
			.emergency = NRM_EMERGENCY_LIFE_THREAT,
			.fields = ~1ull,
		};
		struct nrm_verdict verdict;
		nrm_decide(policy, &facts, &message, 1, &verdict);
		HOLDS(verdict.outcome == NRM_OUTCOME_REFUSE && verdict.forwarded == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct nrm_policy untouched;
	const struct nrm_slice bytes = nrm_slice(data, size);
	struct nrm_policy *policy = NULL;
	char error[NRM_POLICY_ERROR_LEN] = "";
	const enum nrm_err err = nrm_policy_load_bytes("p.yaml", bytes, &policy, error);

	if (err != NRM_OK) {
		HOLDS(!policy);
		error_is_a_line(error, "p.yaml:");
		policy = &untouched;
		HOLDS(nrm_policy_load_bytes("p.yaml", bytes, &policy, error) == err);
		HOLDS(policy == &untouched);
		return 0;
	}
	uint8_t digest[NRM_HASH_LEN];
	nrm_document_digest(NRM_DOMAIN_POLICY, bytes, digest);
	HOLDS(memcmp(policy->digest, digest, sizeof(digest)) == 0);
	wall_stands(policy);
	nrm_policy_free(policy);
	return 0;
}
