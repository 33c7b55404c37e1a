/*
 * What at most may be forwarded, worked out once more from policy.md and the policy's masks: nothing of
 * broker/core is called here.
 */
#ifndef NRM_TESTS_ALLOWED_H
#define NRM_TESTS_ALLOWED_H

#include "tests/properties/input.h"

/* Whether rules 13-19 are for the message. */
bool allowed_needs_ground(const struct nrm_policy *policy, const struct input *in);

/* Under the emergency ground the minimum, for a complaint its fields, otherwise the rows or the return set. */
nrm_mask allowed_needed(const struct nrm_policy *policy, const struct input *in);

/* Whether a consent counts for the message: it covers, is in force, not void and reaches the country. */
bool allowed_consent(const struct nrm_policy *policy, const struct input *in,
		     const struct nrm_consent *c);

/* Union of the data of those that count. */
nrm_mask allowed_consented(const struct nrm_policy *policy, const struct input *in);

/* What stays secret for the recipient, whatever those consents name. */
nrm_mask allowed_secret(const struct nrm_policy *policy, const struct input *in);

/* When a consent ends for the message. */
uint64_t allowed_end(const struct nrm_policy *policy, const struct input *in,
		     const struct nrm_consent *c);

#endif
