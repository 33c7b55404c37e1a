#include "broker/policy/policy_signed.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "proto/wire/directory_wire.h"

#define WRAPPING 256u /* what a signature and the two tags add to a file, and more */

static enum nrm_err fail(const char *name, enum nrm_err err, const char *why, char *ret_error)
{
	snprintf(ret_error, NRM_POLICY_ERROR_LEN, "%.512s: %s", name, why);
	return err;
}

/* Loads what is trusted already; the bytes are copied behind the struct. */
static enum nrm_err load(const char *name, const struct nrm_document *document,
			 struct nrm_signed_policy **ret_policy, char *ret_error)
{
	struct nrm_policy *rules = NULL;
	enum nrm_err err = nrm_policy_load_bytes(name, document->document, &rules, ret_error);

	if (err != NRM_OK)
		return err;
	struct nrm_signed_policy *p =
		malloc(sizeof(*p) + document->document.len + document->signature.len);
	if (!p) {
		nrm_policy_free(rules);
		return fail(name, NRM_ERR_NOMEM, nrm_err_text(NRM_ERR_NOMEM), ret_error);
	}
	uint8_t *bytes = (uint8_t *)(p + 1), *signature = bytes + document->document.len;
	memcpy(bytes, document->document.data, document->document.len);
	if (document->signature.len > 0)
		memcpy(signature, document->signature.data, document->signature.len);
	p->rules = rules;
	p->document.document = nrm_slice(bytes, document->document.len);
	p->document.signature = nrm_slice(signature, document->signature.len);
	*ret_policy = p;
	return NRM_OK;
}

enum nrm_err nrm_policy_open(const char *name, const struct nrm_document *document,
			     const uint8_t authority[static NRM_KEY_LEN],
			     struct nrm_signed_policy **ret_policy,
			     char ret_error[static NRM_POLICY_ERROR_LEN])
{
	struct nrm_verifying_key *key;

	if (document->document.len > NRM_MAX_POLICY)
		return fail(name, NRM_ERR_LIMIT, "expected a smaller policy", ret_error);
	enum nrm_err err = nrm_verifying_key_new(authority, &key);
	if (err != NRM_OK)
		return fail(name, err, "the authority's key is not an acceptable one", ret_error);
	err = nrm_document_verify(key, NRM_DOMAIN_POLICY, document->document, document->signature);
	nrm_verifying_key_free(key);
	if (err == NRM_ERR_SIGNATURE)
		return fail(name, err, "not signed as a policy by the authority", ret_error);
	if (err != NRM_OK)
		return fail(name, err, nrm_err_text(err), ret_error);
	return load(name, document, ret_policy, ret_error);
}

enum nrm_err nrm_policy_read(const char *path, const uint8_t authority[static NRM_KEY_LEN],
			     bool plain_too, struct nrm_signed_policy **ret_policy,
			     char ret_error[static NRM_POLICY_ERROR_LEN])
{
	struct nrm_document document;
	struct nrm_arena arena;
	struct nrm_buf bytes = {0};

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	enum nrm_err err = nrm_file_read(path, NRM_MAX_POLICY + WRAPPING, false, &bytes);
	if (err != NRM_OK) {
		fail(path, err, nrm_err_text(err), ret_error);
		goto out;
	}
	err = nrm_document_decode(nrm_buf_slice(&bytes), &arena, &document);
	if (err == NRM_OK) {
		err = nrm_policy_open(path, &document, authority, ret_policy, ret_error);
	} else if (plain_too) {
		document = (struct nrm_document){.document = nrm_buf_slice(&bytes)};
		err = load(path, &document, ret_policy, ret_error);
	} else {
		err = fail(
			path, NRM_ERR_FORMAT,
			"expected a policy signed by the authority, as `nrm policy sign` makes it",
			ret_error);
	}
out:
	nrm_buf_done(&bytes);
	nrm_arena_done(&arena);
	return err;
}

void nrm_signed_policy_free(struct nrm_signed_policy *policy)
{
	if (!policy)
		return;
	nrm_policy_free(policy->rules);
	free(policy);
}
