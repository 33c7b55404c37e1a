/*
 * What the national authority says, and the broker hands on: the directory and the policy. Each is verified under the
 * authority's key, never replaced by an older one, and kept as it was signed.
 */
#include "agents/agent/exchange_parts.h"

#define NONE ((struct nrm_slice){0})

/* A document becomes the one that is kept. */
static enum nrm_err keep(struct nrm_exchange *x, const char *name,
			 const struct nrm_document *document)
{
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);

	if (err)
		return err;
	err = nrm_meta_put_pair(txn, name, document->document, document->signature);
	if (err) {
		nrm_txn_abort(txn);
		return err;
	}
	return nrm_txn_commit(txn);
}

enum nrm_err nrm_exchange_take_directory(struct nrm_exchange *x,
					 const struct nrm_document *document)
{
	struct nrm_directory *directory;
	char why[256];

	if (document->document.len == 0)
		return NRM_OK;
	enum nrm_err err = nrm_directory_open(document, x->options.authority, &directory, why);
	if (err) {
		nrm_exchange_found(x, NRM_FOUND_DIRECTORY, why, NONE);
		return nrm_exchange_failed(err) ? err : NRM_OK;
	}
	uint64_t held = x->directory ? nrm_directory_version(x->directory) : 0;
	if (nrm_directory_version(directory) <= held) {
		if (nrm_directory_version(directory) < held)
			nrm_exchange_found(x, NRM_FOUND_DIRECTORY, "older than the one held", NONE);
		nrm_directory_free(directory);
		return NRM_OK;
	}
	err = keep(x, NRM_META_DIRECTORY, document);
	if (err) {
		nrm_directory_free(directory);
		return err;
	}
	nrm_directory_free(x->directory);
	x->directory = directory;
	nrm_exchange_found(x, NRM_FOUND_NEW_DIRECTORY, "verified and in force", NONE);
	return NRM_OK;
}

/* Why a policy is not to take the place of the one held; NULL: it is. */
static const char *objection(const struct nrm_policy *held, const struct nrm_policy *fresh)
{
	if (fresh->version < held->version)
		return "older than the one held";
	if (fresh->version == held->version &&
	    memcmp(fresh->digest, held->digest, sizeof(fresh->digest)) != 0)
		return "another of the same version";
	return NULL;
}

enum nrm_err nrm_exchange_take_policy(struct nrm_exchange *x, const struct nrm_document *document)
{
	const struct nrm_policy *held = nrm_exchange_policy(x);
	struct nrm_signed_policy *policy;
	char why[NRM_POLICY_ERROR_LEN];

	if (document->document.len == 0)
		return NRM_OK;
	enum nrm_err err = nrm_policy_open("policy", document, x->options.authority, &policy, why);
	if (err) {
		nrm_exchange_found(x, NRM_FOUND_POLICY, why, NONE);
		return nrm_exchange_failed(err) ? err : NRM_OK;
	}
	const char *objects = held ? objection(held, policy->rules) : NULL;
	if (objects)
		nrm_exchange_found(x, NRM_FOUND_POLICY, objects, NONE);
	if (objects || (held && held->version == policy->rules->version)) {
		nrm_signed_policy_free(policy);
		return NRM_OK;
	}
	err = keep(x, NRM_META_POLICY, document);
	if (err) {
		nrm_signed_policy_free(policy);
		return err;
	}
	nrm_signed_policy_free(x->policy);
	x->policy = policy;
	nrm_exchange_found(x, NRM_FOUND_NEW_POLICY, "verified and in force", NONE);
	return NRM_OK;
}

enum nrm_err nrm_exchange_take_up_policy(struct nrm_exchange *x, struct nrm_txn *txn)
{
	struct nrm_document document;
	char why[NRM_POLICY_ERROR_LEN];
	enum nrm_err err =
		nrm_meta_get_pair(txn, NRM_META_POLICY, &document.document, &document.signature);

	if (err)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	err = nrm_policy_open("policy", &document, x->options.authority, &x->policy, why);
	if (err == NRM_OK || nrm_exchange_failed(err))
		return err;
	/* Kept by a program that read policies otherwise: the broker hands one out again. */
	nrm_exchange_found(x, NRM_FOUND_POLICY, why, NONE);
	return NRM_OK;
}

const struct nrm_directory *nrm_exchange_directory(const struct nrm_exchange *x)
{
	return x->directory;
}

const struct nrm_policy *nrm_exchange_policy(const struct nrm_exchange *x)
{
	return x->policy ? x->policy->rules : NULL;
}
