/*
 * A policy as people write it (config/policy.yaml) made into the masks that the decision reads
 * (broker/core/policy.h). Strict: unknown keys and names, contradictions, rows that can never apply and a
 * policy that would open a wall no policy may open are refused with one line that says where:
 *
 *     config/policy.yaml:31:11: firewall[1].to[0]: unknown role "polcie", did you mean "police"?
 */
#ifndef NRM_POLICY_POLICY_FILE_H
#define NRM_POLICY_POLICY_FILE_H

#include "broker/core/policy.h"
#include "proto/base/err.h"
#include "proto/base/slice.h"

#define NRM_POLICY_ERROR_LEN 768

/*
 * Loads a policy. *ret_policy is the caller's, to be freed with nrm_policy_free(); its digest is
 * nrm_document_digest(NRM_DOMAIN_POLICY, the bytes). On failure nothing is made and `ret_error` has the line, cut
 * to its size: NRM_ERR_NOT_FOUND, NRM_ERR_IO, NRM_ERR_FORMAT, NRM_ERR_UNKNOWN_CODE, NRM_ERR_DUPLICATE,
 * NRM_ERR_LIMIT, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_policy_load(const char *path, struct nrm_policy **ret_policy,
			     char ret_error[static NRM_POLICY_ERROR_LEN]) NRM_MUST_USE;

/* The same from bytes (a signed snapshot, whose signature is the caller's business), which errors call `name`. */
enum nrm_err nrm_policy_load_bytes(const char *name, struct nrm_slice bytes,
				   struct nrm_policy **ret_policy,
				   char ret_error[static NRM_POLICY_ERROR_LEN]) NRM_MUST_USE;

/* Frees a policy; NULL is allowed. */
void nrm_policy_free(struct nrm_policy *policy);

#endif
