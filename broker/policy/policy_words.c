/* Words of the file to masks of codes. */
#include <stdio.h>
#include <string.h>

#include "broker/policy/policy_text.h"

static nrm_mask every(enum nrm_vocabulary kind)
{
	return (nrm_bit(nrm_code_count(kind)) << 1) - 2;
}

static nrm_mask area_services(uint32_t area)
{
	nrm_mask mask = 0;

	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		if (nrm_service_area(s) == area)
			mask |= nrm_bit(s);
	return mask;
}

static nrm_mask category_fields(uint32_t category)
{
	nrm_mask mask = 0;

	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		if (nrm_field_category(f) == category)
			mask |= nrm_bit(f);
	return mask;
}

static nrm_mask group(const struct nrm_group_text *groups, const nrm_mask *masks, uint32_t n,
		      const char *word)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(groups[i].name, word) == 0)
			return masks[i];
	return 0;
}

/* Whether a word is no code, but the name of a group of the file: one that is not made yet included. */
static bool names_group(const struct nrm_policy_text *text, enum nrm_vocabulary kind,
			const char *word)
{
	const bool roles = kind == NRM_VOCABULARY_ROLE;
	const struct nrm_group_text *groups = roles ? text->role_groups : text->service_groups;
	const uint32_t n = roles			    ? text->role_groups_count
			   : kind == NRM_VOCABULARY_SERVICE ? text->service_groups_count
							    : 0;

	if (nrm_code_number(kind, word, strlen(word)) != 0)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(groups[i].name, word) == 0)
			return true;
	return false;
}

/* What a word that is no code of the kind itself stands for; 0 when it stands for nothing. */
static nrm_mask collective(const struct nrm_policy_draft *draft, enum nrm_vocabulary kind,
			   const char *word)
{
	const bool any = strcmp(word, "any") == 0;

	switch (kind) {
	case NRM_VOCABULARY_ROLE:
		return any ? NRM_ANYONE
			   : group(draft->text->role_groups, draft->role_group,
				   draft->n_role_groups, word);
	case NRM_VOCABULARY_SERVICE:
		return any ? every(kind)
			   : area_services(
				     nrm_code_number(NRM_VOCABULARY_AREA, word, strlen(word))) |
				       group(draft->text->service_groups, draft->service_group,
					     draft->n_service_groups, word);
	case NRM_VOCABULARY_FIELD:
		return any ? every(kind)
			   : category_fields(
				     nrm_code_number(NRM_VOCABULARY_CATEGORY, word, strlen(word)));
	default:
		return 0;
	}
}

enum nrm_err nrm_policy_mask(struct nrm_policy_draft *draft, const char *path,
			     enum nrm_vocabulary kind, const struct nrm_words *words,
			     nrm_mask *ret_mask)
{
	nrm_mask mask = 0;

	for (uint32_t i = 0; i < words->n; i++) {
		const char *word = words->word[i];
		nrm_mask more = collective(draft, kind, word);
		char at[NRM_YAML_PATH_LEN];
		uint32_t code;

		snprintf(at, sizeof(at), "%s[%u]", path, i);
		if (more == 0 && names_group(draft->text, kind, word))
			return nrm_yaml_fail(draft->yaml, at,
					     "expected a group that stands above: no group may be "
					     "made of itself, directly or in a circle");
		if (more == 0) {
			enum nrm_err err = nrm_yaml_code(draft->yaml, at, kind, word, &code);
			if (err != NRM_OK)
				return err;
			more = nrm_bit(code);
		}
		if ((mask | more) == mask)
			return nrm_yaml_fail(draft->yaml, at, "\"%s\" is in this list already",
					     word);
		mask |= more;
	}
	*ret_mask = mask;
	return NRM_OK;
}

/* A group's name may not be taken for something else. */
static enum nrm_err check_name(struct nrm_policy_draft *draft, const char *path,
			       enum nrm_vocabulary kind, const char *name)
{
	if (nrm_code_number(kind, name, strlen(name)) != 0 || collective(draft, kind, name) != 0)
		return nrm_yaml_fail(draft->yaml, path,
				     "expected a name of its own, \"%s\" means something already",
				     name);
	return NRM_OK;
}

static enum nrm_err compile_groups(struct nrm_policy_draft *draft, enum nrm_vocabulary kind,
				   const char *list, const struct nrm_group_text *groups,
				   uint32_t n, nrm_mask *masks, uint32_t *compiled)
{
	char at[NRM_YAML_PATH_LEN];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(at, sizeof(at), "%s[%u].name", list, i);
		enum nrm_err err = check_name(draft, at, kind, groups[i].name);
		snprintf(at, sizeof(at), "%s[%u].%s", list, i,
			 kind == NRM_VOCABULARY_ROLE ? "roles" : "services");
		if (err == NRM_OK)
			err = nrm_policy_mask(draft, at, kind, &groups[i].members, &masks[i]);
		if (err != NRM_OK)
			return err;
		*compiled = i + 1;
	}
	return NRM_OK;
}

enum nrm_err nrm_policy_groups(struct nrm_policy_draft *draft)
{
	const struct nrm_policy_text *t = draft->text;
	enum nrm_err err;

	for (uint32_t c = 1; c < NRM_CATEGORY_END_; c++)
		draft->policy->category[c] = category_fields(c);
	err = compile_groups(draft, NRM_VOCABULARY_ROLE, "role_groups", t->role_groups,
			     t->role_groups_count, draft->role_group, &draft->n_role_groups);
	if (err != NRM_OK)
		return err;
	return compile_groups(draft, NRM_VOCABULARY_SERVICE, "service_groups", t->service_groups,
			      t->service_groups_count, draft->service_group,
			      &draft->n_service_groups);
}
