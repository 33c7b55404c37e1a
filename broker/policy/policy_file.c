#include "broker/policy/policy_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/policy/policy_source.h"
#include "broker/policy/policy_text.h"
#include "proto/crypto/sign.h"

#define FORMAT 1u

static enum nrm_err compile(struct nrm_policy_draft *draft)
{
	enum nrm_err err = NRM_OK;

	if (draft->text->format != FORMAT)
		return nrm_yaml_fail(draft->yaml, "format", "expected %u", FORMAT);
	if (draft->text->version == 0)
		return nrm_yaml_fail(draft->yaml, "version", "expected a number from 1 on");
	if (draft->yaml->bytes.len > NRM_MAX_POLICY)
		return nrm_yaml_fail(draft->yaml, "", "expected at most %u bytes", NRM_MAX_POLICY);
	draft->policy->version = draft->text->version;
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
static enum nrm_err make(struct nrm_policy_source *source)
{
	struct nrm_policy_draft *draft = &source->draft;
	enum nrm_err err = nrm_yaml_decode(&source->yaml, &nrm_policy_schema, &source->decoded);

	if (err != NRM_OK)
		return err;
	*draft = (struct nrm_policy_draft){.yaml = &source->yaml,
					   .text = source->decoded,
					   .policy = calloc(1, sizeof(*draft->policy))};
	err = draft->policy ? compile(draft) : NRM_ERR_NOMEM;
	if (err == NRM_OK)
		nrm_document_digest(NRM_DOMAIN_POLICY, nrm_buf_slice(&source->yaml.bytes),
				    draft->policy->digest);
	return err;
}

/* From a file, or from bytes when there are any. */
static enum nrm_err open_source(const char *name, const struct nrm_slice *bytes,
				struct nrm_policy_source **ret_source, char *ret_error)
{
	struct nrm_policy_source *source = calloc(1, sizeof(*source));
	enum nrm_err err;

	if (!source) {
		snprintf(ret_error, NRM_POLICY_ERROR_LEN, "%s", nrm_err_text(NRM_ERR_NOMEM));
		return NRM_ERR_NOMEM;
	}
	nrm_yaml_init(&source->yaml);
	err = bytes ? nrm_yaml_load_bytes(&source->yaml, name, *bytes)
		    : nrm_yaml_load_file(&source->yaml, name);
	if (err == NRM_OK)
		err = make(source);
	if (err != NRM_OK) {
		const char *line = nrm_yaml_error(&source->yaml);
		snprintf(ret_error, NRM_POLICY_ERROR_LEN, "%s", *line ? line : nrm_err_text(err));
		nrm_policy_source_close(source);
		return err;
	}
	*ret_source = source;
	return NRM_OK;
}

enum nrm_err nrm_policy_source_open(const char *path, struct nrm_policy_source **ret_source,
				    char ret_error[static NRM_POLICY_ERROR_LEN])
{
	return open_source(path, NULL, ret_source, ret_error);
}

enum nrm_err nrm_policy_source_open_bytes(const char *name, struct nrm_slice bytes,
					  struct nrm_policy_source **ret_source,
					  char ret_error[static NRM_POLICY_ERROR_LEN])
{
	return open_source(name, &bytes, ret_source, ret_error);
}

void nrm_policy_source_close(struct nrm_policy_source *source)
{
	if (!source)
		return;
	nrm_policy_free(source->draft.policy);
	nrm_yaml_free_decoded(&nrm_policy_schema, source->decoded);
	nrm_yaml_done(&source->yaml);
	free(source);
}

const struct nrm_policy *nrm_policy_source_policy(const struct nrm_policy_source *source)
{
	return source->draft.policy;
}

const char *nrm_policy_source_name(const struct nrm_policy_source *source)
{
	return source->yaml.name;
}

uint32_t nrm_policy_source_line(const struct nrm_policy_source *source, const char *path)
{
	uint32_t line = 0, column;

	(void)nrm_yaml_position(&source->yaml, path, &line, &column);
	return line;
}

struct nrm_slice nrm_policy_source_text(const struct nrm_policy_source *source, const char *path)
{
	const char *at = (const char *)source->yaml.bytes.data;
	const char *end = at + source->yaml.bytes.len, *stop;

	for (uint32_t line = nrm_policy_source_line(source, path); line > 1 && at < end; line--) {
		stop = memchr(at, '\n', (size_t)(end - at));
		at = stop ? stop + 1 : end;
	}
	stop = memchr(at, '\n', (size_t)(end - at));
	stop = stop ? stop : end;
	while (at < stop && isspace((unsigned char)*at))
		at++;
	while (stop > at && isspace((unsigned char)stop[-1]))
		stop--;
	return nrm_slice(at, (size_t)(stop - at));
}

/* The policy alone: its file is closed. */
static enum nrm_err keep_policy(enum nrm_err err, struct nrm_policy_source *source,
				struct nrm_policy **ret_policy)
{
	if (err != NRM_OK)
		return err;
	*ret_policy = source->draft.policy;
	source->draft.policy = NULL;
	nrm_policy_source_close(source);
	return NRM_OK;
}

enum nrm_err nrm_policy_load(const char *path, struct nrm_policy **ret_policy,
			     char ret_error[static NRM_POLICY_ERROR_LEN])
{
	struct nrm_policy_source *source = NULL;
	enum nrm_err err = nrm_policy_source_open(path, &source, ret_error);

	return keep_policy(err, source, ret_policy);
}

enum nrm_err nrm_policy_load_bytes(const char *name, struct nrm_slice bytes,
				   struct nrm_policy **ret_policy,
				   char ret_error[static NRM_POLICY_ERROR_LEN])
{
	struct nrm_policy_source *source = NULL;
	enum nrm_err err = nrm_policy_source_open_bytes(name, bytes, &source, ret_error);

	return keep_policy(err, source, ret_policy);
}

void nrm_policy_free(struct nrm_policy *policy)
{
	free(policy);
}
