#include "broker/documents.h"

#include <stdio.h>
#include <stdlib.h>

static enum nrm_err fail(char *error, enum nrm_err err, const char *path, const char *why)
{
	snprintf(error, NRM_YAML_ERROR_LEN, "%.480s: %.256s", path, why);
	return err;
}

/* The directory has to be the one that speaks of this broker. */
static enum nrm_err check_directory(const struct nrm_broker_documents *b,
				    const struct nrm_directory *d, char *error)
{
	const struct nrm_broker_config *c = b->config;
	const uint8_t *trail = b->identity->trail_public;

	if (!nrm_slice_equal(nrm_directory_broker_id(d), nrm_slice_str(c->id)))
		return fail(error, NRM_ERR_ID, c->directory,
			    "its broker has another id than this one");
	if (memcmp(nrm_directory_broker_key(d), b->identity->transport_public, NRM_KEY_LEN) != 0)
		return fail(error, NRM_ERR_KEY, c->directory,
			    "its broker has another transport key than transport.secret");
	if (memcmp(nrm_directory_log_key(d)->public_key, trail, NRM_KEY_LEN) != 0)
		return fail(error, NRM_ERR_KEY, c->directory,
			    "its trail has another key than public.yaml");
	return NRM_OK;
}

static enum nrm_err read_directory(const struct nrm_broker_documents *b,
				   struct nrm_directory **ret_directory, char *error)
{
	struct nrm_directory *d = NULL;
	char why[256];
	enum nrm_err err = nrm_directory_read(b->config->directory, b->config->authority, &d, why);

	if (err != NRM_OK)
		return fail(error, err, "directory", why);
	err = check_directory(b, d, error);
	if (err == NRM_OK)
		*ret_directory = d;
	else
		nrm_directory_free(d);
	return err;
}

static enum nrm_err read_policy(const struct nrm_broker_documents *b,
				struct nrm_signed_policy **ret_policy, char *error)
{
	return nrm_policy_read(b->config->policy, b->config->authority, b->config->unsigned_policy,
			       ret_policy, error);
}

/* Makes room for one more, before it comes into force: afterwards nothing may fail. */
static enum nrm_err make_room(struct nrm_broker_documents *b, char *error)
{
	struct nrm_directory **directory =
		reallocarray(b->directory, b->n_directories + 1, sizeof(struct nrm_directory *));
	struct nrm_signed_policy **policy =
		reallocarray(b->policy, b->n_policies + 1, sizeof(struct nrm_signed_policy *));

	if (directory)
		b->directory = directory;
	if (policy)
		b->policy = policy;
	return directory && policy
		       ? NRM_OK
		       : fail(error, NRM_ERR_NOMEM, "documents", nrm_err_text(NRM_ERR_NOMEM));
}

enum nrm_err nrm_documents_load(struct nrm_broker_documents *b,
				char error[static NRM_YAML_ERROR_LEN])
{
	enum nrm_err err = make_room(b, error);

	if (err == NRM_OK)
		err = read_directory(b, &b->directory[0], error);
	if (err != NRM_OK)
		return err;
	b->n_directories = 1;
	err = read_policy(b, &b->policy[0], error);
	if (err != NRM_OK)
		return err;
	b->n_policies = 1;
	b->in_force = (struct nrm_documents){b->directory[0], b->policy[0]};
	return NRM_OK;
}

void nrm_documents_done(struct nrm_broker_documents *b)
{
	for (size_t i = 0; i < b->n_directories; i++)
		nrm_directory_free(b->directory[i]);
	for (size_t i = 0; i < b->n_policies; i++)
		nrm_signed_policy_free(b->policy[i]);
	free(b->directory);
	free(b->policy);
	*b = (struct nrm_broker_documents){0};
}

/* Why it was not taken: a version that is not newer, or something of the books. */
static enum nrm_err not_adopted(char *error, enum nrm_err err, const char *path, uint64_t in_force)
{
	char why[128];

	if (err != NRM_ERR_VERSION)
		return fail(error, err, path, nrm_err_text(err));
	snprintf(why, sizeof(why), "version: expected more than %llu, which is in force",
		 (unsigned long long)in_force);
	return fail(error, err, path, why);
}

enum nrm_err nrm_documents_reload_directory(struct nrm_broker_documents *b,
					    nrm_documents_adopt *adopt, void *with,
					    bool *ret_changed,
					    char error[static NRM_YAML_ERROR_LEN])
{
	const struct nrm_directory *old = b->in_force.directory;
	struct nrm_directory *fresh = NULL;
	enum nrm_err err = make_room(b, error);

	if (err == NRM_OK)
		err = read_directory(b, &fresh, error);
	if (err != NRM_OK)
		return err;
	if (memcmp(nrm_directory_digest(old), nrm_directory_digest(fresh), NRM_HASH_LEN) == 0) {
		nrm_directory_free(fresh);
		*ret_changed = false;
		return NRM_OK;
	}
	err = adopt(with, &(struct nrm_documents){.directory = fresh});
	/* Books may fail after their commit too: only what they refused is surely of no use. */
	if (err == NRM_ERR_VERSION)
		nrm_directory_free(fresh);
	else
		b->directory[b->n_directories++] = fresh;
	if (err != NRM_OK)
		return not_adopted(error, err, b->config->directory, nrm_directory_version(old));
	b->in_force.directory = fresh;
	*ret_changed = true;
	return NRM_OK;
}

enum nrm_err nrm_documents_reload_policy(struct nrm_broker_documents *b, nrm_documents_adopt *adopt,
					 void *with, bool *ret_changed,
					 char error[static NRM_YAML_ERROR_LEN])
{
	const struct nrm_policy *old = b->in_force.policy->rules;
	struct nrm_signed_policy *fresh = NULL;
	enum nrm_err err = make_room(b, error);

	if (err == NRM_OK)
		err = read_policy(b, &fresh, error);
	if (err != NRM_OK)
		return err;
	if (memcmp(old->digest, fresh->rules->digest, NRM_HASH_LEN) == 0) {
		nrm_signed_policy_free(fresh);
		*ret_changed = false;
		return NRM_OK;
	}
	err = adopt(with, &(struct nrm_documents){.policy = fresh});
	if (err == NRM_ERR_VERSION)
		nrm_signed_policy_free(fresh);
	else
		b->policy[b->n_policies++] = fresh;
	if (err != NRM_OK)
		return not_adopted(error, err, b->config->policy, old->version);
	b->in_force.policy = fresh;
	*ret_changed = true;
	return NRM_OK;
}
