/* Whose word counts: who may record and withdraw a consent, and who may have a case forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker/core/card.h"
#include "broker/core/decide.h"
#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"

#define ROLE(name) nrm_bit(NRM_ROLE_##name)

static struct nrm_policy *policy;

static struct nrm_party holder(nrm_mask roles)
{
	return (struct nrm_party){.known = true, .active = true, .roles = roles};
}

static void consents_and_withdrawals(void **state)
{
	const struct nrm_party shelter = holder(ROLE(SHELTER)),
			       donor = holder(ROLE(DONOR) | ROLE(SHELTER));
	const struct nrm_party lawyer = holder(ROLE(LEGAL_AID)), guardian = holder(ROLE(GUARDIAN));

	(void)state;
	assert_true(nrm_may_record_consent(policy, &shelter));
	assert_false(nrm_may_record_consent(policy, &donor));
	assert_true(nrm_may_withdraw(policy, &shelter, true));
	assert_false(nrm_may_withdraw(policy, &shelter, false));
	assert_true(nrm_may_withdraw(policy, &lawyer, false));
	assert_true(nrm_may_withdraw(policy, &guardian, false));
}

static void only_listed_roles_have_a_case_forgotten(void **state)
{
	struct nrm_party manager = holder(ROLE(NGO_CASE_MANAGER)), shelter = holder(ROLE(SHELTER));

	(void)state;
	assert_true(nrm_may_forget(policy, &manager));
	assert_false(nrm_may_forget(policy, &shelter));
	manager.active = false;
	assert_false(nrm_may_forget(policy, &manager));
	manager.active = true;
	manager.known = false;
	assert_false(nrm_may_forget(policy, &manager));
}

static int load(void **state)
{
	char error[NRM_POLICY_ERROR_LEN];

	(void)state;
	return nrm_crypto_init() == NRM_OK && nrm_policy_load(NRM_SOURCE "/config/policy.yaml",
							      &policy, error) == NRM_OK
		       ? 0
		       : 1;
}

static int unload(void **state)
{
	(void)state;
	nrm_policy_free(policy);
	nrm_crypto_thread_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consents_and_withdrawals),
		cmocka_unit_test(only_listed_roles_have_a_case_forgotten),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
