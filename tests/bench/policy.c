/*
 * What the policy costs on one core: decisions a second, loading a policy, comparing two over the
 * whole space. Prints JSON:
 *
 * {"decisions_per_second": …, "load_ms": …, "diff_ms": …, "examined": …}
 *
 * A decision has 4 consents on file, each of which covers service and recipient, so that all are
 * weighed to the end, and 12 declared fields, of which some are secret, not needed or not
 * consented. Best of several rounds: what else the machine does only adds. Arguments: the policy,
 * and the one to compare it with (the same when left out).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "broker/core/decide.h"
#include "broker/policy/diff.h"
#include "proto/crypto/crypto.h"

#define ROUNDS	  5
#define DECISIONS 1000000u
#define NOW	  (1777629600ull * 1000)
#define DAY_MS	  (24ull * 3600 * 1000)

enum { POLICE = 1, SHELTER, PARTIES };

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct nrm_party parties[PARTIES] = {
	[POLICE] = {.known = true,
		    .active = true,
		    .country = 1,
		    .roles = (nrm_mask)1 << NRM_ROLE_POLICE},
	[SHELTER] = {.known = true,
		     .active = true,
		     .country = 1,
		     .roles = (nrm_mask)1 << NRM_ROLE_SHELTER |
			      (nrm_mask)1 << NRM_ROLE_NGO_CASE_MANAGER,
		     .offers = (nrm_mask)1 << NRM_SERVICE_EMERGENCY_SHELTER |
			       (nrm_mask)1 << NRM_SERVICE_NEEDS_ASSESSMENT},
};

/* One to the shelter by name, one to its role, one to anybody, one that has run out. */
static void consent(struct nrm_consent c[4])
{
	for (size_t i = 0; i < 4; i++)
		c[i] = (struct nrm_consent){.given_by = NRM_GIVEN_BY_ADULT,
					    .services = nrm_bit(NRM_SERVICE_EMERGENCY_SHELTER),
					    .categories = nrm_bit(NRM_CATEGORY_IDENTITY),
					    .purpose = NRM_PURPOSE_ASSISTANCE,
					    .phase = NRM_PHASE_CRISIS,
					    .from = NOW - DAY_MS,
					    .until = NOW + 20 * DAY_MS,
					    .understood = true,
					    .recorder = {POLICE, SHELTER},
					    .n_recorders = 2};
	c[0].recipient[0] = SHELTER;
	c[0].n_recipients = 1;
	c[0].named_fields = nrm_bit(NRM_FIELD_PRESENT_LOCATION) | nrm_bit(NRM_FIELD_RISK_LEVEL);
	c[1].recipient_roles = nrm_bit(NRM_ROLE_SHELTER);
	c[1].categories |= nrm_bit(NRM_CATEGORY_CONTACT);
	c[2].any_recipient = c[2].any_service = true;
	c[2].categories = nrm_bit(NRM_CATEGORY_SOCIAL);
	c[3].any_recipient = c[3].any_field = true;
	c[3].until = NOW - 1;
}

static nrm_mask twelve_fields(void)
{
	static const enum nrm_field fields[] = {
		NRM_FIELD_GIVEN_NAME,	    NRM_FIELD_FAMILY_NAME, NRM_FIELD_AGE_YEARS,
		NRM_FIELD_GENDER,	    NRM_FIELD_LANGUAGES,   NRM_FIELD_SAFE_CONTACT,
		NRM_FIELD_PRESENT_LOCATION, NRM_FIELD_RISK_LEVEL,  NRM_FIELD_HOUSING_NEEDS,
		NRM_FIELD_OFFENCE_RECORD,   NRM_FIELD_NATIONALITY, NRM_FIELD_URGENT_HEALTH_NEEDS,
	};
	nrm_mask mask = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		mask |= nrm_bit(fields[i]);
	return mask;
}

static double decisions_per_second(const struct nrm_policy *policy)
{
	const struct nrm_card card = {.age_class = NRM_AGE_CLASS_ADULT};
	struct nrm_consent consents[4];
	const struct nrm_facts facts = {.country = 1,
					.party = parties,
					.n_parties = PARTIES,
					.card = &card,
					.consent = consents,
					.n_consents = 4};
	const struct nrm_message message = {.type = NRM_MESSAGE_TYPE_REFERRAL,
					    .sender = POLICE,
					    .recipient = SHELTER,
					    .service = NRM_SERVICE_EMERGENCY_SHELTER,
					    .purpose = NRM_PURPOSE_ASSISTANCE,
					    .basis = NRM_BASIS_CONSENT,
					    .fields = twelve_fields()};
	struct nrm_verdict verdict = {0};
	double best = 0;

	consent(consents);
	for (int round = 0; round < ROUNDS; round++) {
		const double start = seconds();
		for (uint32_t i = 0; i < DECISIONS; i++)
			nrm_decide(policy, &facts, &message, NOW + i % 1000, &verdict);
		const double rate = DECISIONS / (seconds() - start);
		best = rate > best ? rate : best;
	}
	if (verdict.outcome != NRM_OUTCOME_FORWARD || verdict.consents != 7 || !verdict.secret ||
	    !verdict.not_needed)
		abort(); /* not the case that this is to measure */
	return best;
}

static double load_ms(const char *path)
{
	char error[NRM_POLICY_ERROR_LEN];
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		struct nrm_policy *policy = NULL;
		const double start = seconds();
		if (nrm_policy_load(path, &policy, error) != NRM_OK) {
			fprintf(stderr, "%s\n", error);
			exit(1);
		}
		const double took = (seconds() - start) * 1e3;
		best = took < best ? took : best;
		nrm_policy_free(policy);
	}
	return best;
}

static double diff_ms(const struct nrm_policy *old, const struct nrm_policy *new,
		      uint64_t *ret_examined)
{
	struct nrm_policy_diff *diff = NULL;
	const double start = seconds();

	if (nrm_policy_compare(old, new, ~0ull, false, &diff) != NRM_OK)
		exit(1);
	const double took = (seconds() - start) * 1e3;
	*ret_examined = diff->examined;
	free(diff);
	return took;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "config/policy.yaml";
	const char *other = argc > 2 ? argv[2] : path;
	struct nrm_policy *policy = NULL, *new = NULL;
	char error[NRM_POLICY_ERROR_LEN];
	uint64_t examined;

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	if (nrm_policy_load(path, &policy, error) != NRM_OK ||
	    nrm_policy_load(other, &new, error) != NRM_OK) {
		fprintf(stderr, "%s\n", error);
		nrm_policy_free(policy);
		return 1;
	}
	const double rate = decisions_per_second(policy), load = load_ms(path),
		     diff = diff_ms(policy, new, &examined);
	printf("{\"decisions_per_second\": %.0f, \"load_ms\": %.2f, \"diff_ms\": %.0f, "
	       "\"examined\": %llu}\n",
	       rate, load, diff, (unsigned long long)examined);
	nrm_policy_free(policy);
	nrm_policy_free(new);
	return 0;
}
