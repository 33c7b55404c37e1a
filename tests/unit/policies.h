/*
 * Policies of tests: the shipped one with passages replaced, signed by the country's authority (agencies.h).
 */
#ifndef NRM_TESTS_POLICIES_H
#define NRM_TESTS_POLICIES_H

#include <stdio.h>
#include <stdlib.h>

#include "broker/policy/policy_signed.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "tests/unit/agencies.h"

#define POLICY_PATH NRM_SOURCE "/config/policy.yaml"

/* Under this one nothing goes from the police to a shelter but for emergencies; its number is still to be changed. */
#define POLICY_ANY_WALL	    "- {from: [any], to: [immigration_enforcement], absolute: true}"
#define POLICY_STRICT_WALLS POLICY_ANY_WALL "\n- {from: [police], to: [shelter]}"

/* The shipped policy's text; free() it. */
static inline char *policy_shipped(void)
{
	struct nrm_buf text = {0};

	assert_int_equal(nrm_file_read(POLICY_PATH, NRM_MAX_POLICY, false, &text), NRM_OK);
	nrm_buf_put_u8(&text, 0);
	assert_int_equal(text.err, NRM_OK);
	return (char *)text.data;
}

/* The same with one passage replaced. */
static inline char *policy_changed(char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *copy = NULL;

	if (!at)
		fail_msg("not in the policy: %s", from);
	assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	free(text);
	return copy;
}

/* The shipped policy under another number, and perhaps with stricter walls. */
static inline char *policy_text(unsigned version, bool strict)
{
	char *text = policy_shipped(), number[32];

	snprintf(number, sizeof(number), "\nversion: %u", version);
	text = policy_changed(text, "\nversion: 1", number);
	return strict ? policy_changed(text, POLICY_ANY_WALL, POLICY_STRICT_WALLS) : text;
}

/* The key that signs the country's documents. */
static inline void policy_authority(uint8_t public_key[static NRM_KEY_LEN])
{
	struct nrm_signing_key *key = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_SIGNING);

	nrm_signing_key_public(key, public_key);
	nrm_signing_key_free(key);
}

/* Signed by the authority under a domain; the document points to the text and to `signature`. */
static inline struct nrm_document policy_document(const char *text, const char *domain,
						  uint8_t signature[static NRM_SIGNATURE_LEN])
{
	struct nrm_signing_key *key = agency_signing_key(AGENCIES_MAX, NRM_KEY_KIND_SIGNING);

	assert_int_equal(nrm_document_sign(key, domain, nrm_slice_str(text), signature), NRM_OK);
	nrm_signing_key_free(key);
	return (struct nrm_document){nrm_slice_str(text), nrm_slice(signature, NRM_SIGNATURE_LEN)};
}

/* Signed and opened again; frees the text. */
static inline struct nrm_signed_policy *policy_open(char *text)
{
	uint8_t authority[NRM_KEY_LEN], signature[NRM_SIGNATURE_LEN];
	struct nrm_signed_policy *policy = NULL;
	char error[NRM_POLICY_ERROR_LEN];
	const struct nrm_document document = policy_document(text, NRM_DOMAIN_POLICY, signature);

	policy_authority(authority);
	if (nrm_policy_open("policy", &document, authority, &policy, error) != NRM_OK)
		fail_msg("%s", error);
	free(text);
	return policy;
}

#endif
