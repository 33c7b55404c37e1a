#include "broker/policy/policy_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/policy/policy_text.h"
#include "proto/crypto/sign.h"

#define FORMAT 1u

static enum nrm_err compile(struct nrm_policy_draft *draft)
{
	enum nrm_err err = NRM_OK;

	if (draft->text->format != FORMAT)
		return nrm_yaml_fail(draft->yaml, "format", "expected %u", FORMAT);
	err = nrm_policy_groups(draft);
	if (err == NRM_OK)
		err = nrm_policy_lists(draft);
	if (err == NRM_OK)
		err = nrm_policy_rows(draft);
	if (err == NRM_OK)
		err = nrm_policy_lines(draft);
	return err == NRM_OK ? nrm_policy_contradictions(draft) : err;
}

/* Of a document that was loaded. */
static enum nrm_err make(struct nrm_yaml *yaml, struct nrm_policy **ret_policy)
{
	struct nrm_policy_draft draft = {.yaml = yaml};
	void *decoded = NULL;
	enum nrm_err err = nrm_yaml_decode(yaml, &nrm_policy_schema, &decoded);

	if (err != NRM_OK)
		return err;
	draft.text = decoded;
	draft.policy = calloc(1, sizeof(*draft.policy));
	err = draft.policy ? compile(&draft) : NRM_ERR_NOMEM;
	if (err == NRM_OK) {
		nrm_document_digest(NRM_DOMAIN_POLICY, nrm_buf_slice(&yaml->bytes),
				    draft.policy->digest);
		*ret_policy = draft.policy;
		draft.policy = NULL;
	}
	free(draft.policy);
	nrm_yaml_free_decoded(&nrm_policy_schema, decoded);
	return err;
}

/* Ends a loading: makes the policy or tells what is wrong. */
static enum nrm_err finish(struct nrm_yaml *yaml, enum nrm_err err, struct nrm_policy **ret_policy,
			   char *ret_error)
{
	if (err == NRM_OK)
		err = make(yaml, ret_policy);
	if (err != NRM_OK) {
		const char *line = nrm_yaml_error(yaml);
		snprintf(ret_error, NRM_POLICY_ERROR_LEN, "%s", *line ? line : nrm_err_text(err));
	}
	nrm_yaml_done(yaml);
	return err;
}

enum nrm_err nrm_policy_load(const char *path, struct nrm_policy **ret_policy,
			     char ret_error[static NRM_POLICY_ERROR_LEN])
{
	struct nrm_yaml yaml;

	nrm_yaml_init(&yaml);
	return finish(&yaml, nrm_yaml_load_file(&yaml, path), ret_policy, ret_error);
}

enum nrm_err nrm_policy_load_bytes(const char *name, struct nrm_slice bytes,
				   struct nrm_policy **ret_policy,
				   char ret_error[static NRM_POLICY_ERROR_LEN])
{
	struct nrm_yaml yaml;

	nrm_yaml_init(&yaml);
	return finish(&yaml, nrm_yaml_load_bytes(&yaml, name, bytes), ret_policy, ret_error);
}

void nrm_policy_free(struct nrm_policy *policy)
{
	free(policy);
}
