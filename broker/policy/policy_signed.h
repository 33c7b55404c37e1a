/*
 * A policy as the national authority signed it: the bytes of its file under the domain NRM_DOMAIN_POLICY. Nothing of it is
 * read before the signature holds; the bytes are kept, to be recorded and handed on as they came. Immutable once made.
 */
#ifndef NRM_POLICY_POLICY_SIGNED_H
#define NRM_POLICY_POLICY_SIGNED_H

#include <stdbool.h>

#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"
#include "proto/wire/frame.h"

struct nrm_signed_policy {
	struct nrm_policy *rules;
	struct nrm_document document; /* without a signature: taken unsigned, for a test */
};

/*
 * Verifies a document under the authority's key and loads the policy in it, which errors call `name`; copies what it
 * keeps. On failure `ret_error` has one line: NRM_ERR_LIMIT over NRM_MAX_POLICY, NRM_ERR_KEY, NRM_ERR_SIGNATURE, and the
 * errors of nrm_policy_load_bytes().
 */
enum nrm_err nrm_policy_open(const char *name, const struct nrm_document *document,
			     const uint8_t authority[static NRM_KEY_LEN],
			     struct nrm_signed_policy **ret_policy,
			     char ret_error[static NRM_POLICY_ERROR_LEN]) NRM_MUST_USE;

/*
 * The same from a file as `nrm policy sign` writes it (a serialized SignedDocument). With `plain_too` a file that is no
 * signed document is read as a plain policy, without a signature; what is signed must verify all the same.
 * NRM_ERR_NOT_FOUND, NRM_ERR_IO, NRM_ERR_FORMAT and those above.
 */
enum nrm_err nrm_policy_read(const char *path, const uint8_t authority[static NRM_KEY_LEN],
			     bool plain_too, struct nrm_signed_policy **ret_policy,
			     char ret_error[static NRM_POLICY_ERROR_LEN]) NRM_MUST_USE;

/* Frees a policy with its bytes; NULL is allowed. */
void nrm_signed_policy_free(struct nrm_signed_policy *policy);

/* Whether the authority signed it. */
static inline bool nrm_policy_is_signed(const struct nrm_signed_policy *policy)
{
	return policy->document.signature.len > 0;
}

#endif
