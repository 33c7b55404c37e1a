/* One entry of participants.yaml. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "proto/base/id.h"
#include "proto/base/limits.h"
#include "proto/directory/compilation.h"

const char *nrm_compilation_at(struct nrm_compilation *c, unsigned i, const char *key)
{
	return nrm_yaml_at(&c->yaml, "participants[%u].%s", i, key);
}

enum nrm_err nrm_compilation_keys(struct nrm_compilation *c, const char *where, const char *keys,
				  const char *id, struct nrm_public_keys *ret_keys)
{
	char path[PATH_MAX];
	struct stat st;
	int len = *keys == '/' ? snprintf(path, sizeof(path), "%s", keys)
			       : snprintf(path, sizeof(path), "%s/%s", c->folder, keys);

	if (len < (int)sizeof(path) && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		len += snprintf(path + len, sizeof(path) - (size_t)len, "/%s",
				NRM_PUBLIC_KEYS_FILE);
	enum nrm_err err = len < (int)sizeof(path)
				   ? nrm_public_keys_read(path, &c->arena, ret_keys, c->error)
				   : NRM_ERR_NOT_FOUND;
	if (err == NRM_ERR_NOT_FOUND)
		return nrm_yaml_fail(
			&c->yaml, where,
			"expected public keys that `nrm key new` made, but there is no %.256s",
			path);
	if (err != NRM_OK)
		return err;
	if (!nrm_slice_equal(ret_keys->id, nrm_slice_str(id)))
		return nrm_yaml_fail(&c->yaml, where,
				     "expected the keys of %s, but these are of %.*s", id,
				     (int)ret_keys->id.len, (const char *)ret_keys->id.data);
	return NRM_OK;
}

/* A code; those of a list must differ. */
static enum nrm_err read_codes(struct nrm_compilation *c, unsigned i, const char *key,
			       enum nrm_vocabulary kind, char *const *text, unsigned n,
			       nrm_mask *ret_mask)
{
	nrm_mask mask = 0;

	for (unsigned j = 0; j < n; j++) {
		const char *where = nrm_yaml_at(&c->yaml, "participants[%u].%s[%u]", i, key, j);
		uint32_t code;
		enum nrm_err err = nrm_yaml_code(&c->yaml, where, kind, text[j], &code);
		if (err != NRM_OK)
			return err;
		if (mask & nrm_bit(code))
			return nrm_yaml_fail(&c->yaml, where, "expected each %s once",
					     nrm_vocabulary_name(kind));
		mask |= nrm_bit(code);
	}
	*ret_mask = mask;
	return NRM_OK;
}

static int compare_slices(const void *a, const void *b)
{
	return nrm_slice_compare(*(const struct nrm_slice *)a, *(const struct nrm_slice *)b);
}

/*
 * The regions of each service that is limited to some; `mask` has those of `services` and gets
 * these.
 */
static enum nrm_err read_regions(struct nrm_compilation *c, unsigned i,
				 struct nrm_slices *by_service, nrm_mask *mask)
{
	const struct nrm_participant_text *p = &c->text->participants[i];

	for (unsigned j = 0; j < p->regional_services_count; j++) {
		const struct nrm_regional_text *r = &p->regional_services[j];
		const char *where = nrm_yaml_at(
			&c->yaml, "participants[%u].regional_services[%u].service", i, j);
		struct nrm_slice *region =
			nrm_arena_alloc(&c->arena, r->regions_count * sizeof(*region));
		uint32_t service;
		enum nrm_err err = nrm_yaml_code(&c->yaml, where, NRM_VOCABULARY_SERVICE,
						 r->service, &service);
		if (err != NRM_OK)
			return err;
		if (*mask & nrm_bit(service))
			return nrm_yaml_fail(&c->yaml, where,
					     "expected each service once, in services or here");
		if (!region)
			return NRM_ERR_NOMEM;
		for (unsigned k = 0; k < r->regions_count; k++) {
			region[k] = nrm_slice_str(r->regions[k]);
			if (!nrm_region_ok(region[k]))
				return nrm_yaml_fail(
					&c->yaml,
					nrm_yaml_at(&c->yaml,
						    "participants[%u].regional_services[%u]."
						    "regions[%u]",
						    i, j, k),
					"expected 1 to %u of A-Z, 0-9 and -, such as TH-10",
					NRM_MAX_REGION);
		}
		qsort(region, r->regions_count, sizeof(*region), compare_slices);
		by_service[service] = (struct nrm_slices){region, r->regions_count};
		*mask |= nrm_bit(service);
	}
	return NRM_OK;
}

static enum nrm_err read_offers(struct nrm_compilation *c, unsigned i,
				struct nrm_participant_entry *entry)
{
	const struct nrm_participant_text *p = &c->text->participants[i];
	struct nrm_slices by_service[64] = {{NULL, 0}};
	struct nrm_offer_entry *offer = nrm_arena_alloc(&c->arena, 64 * sizeof(*offer));
	nrm_mask mask;
	enum nrm_err err = offer ? read_codes(c, i, "services", NRM_VOCABULARY_SERVICE, p->services,
					      p->services_count, &mask)
				 : NRM_ERR_NOMEM;

	if (err == NRM_OK)
		err = read_regions(c, i, by_service, &mask);
	if (err != NRM_OK)
		return err;
	for (uint32_t service = 1; service < 64; service++)
		if (mask & nrm_bit(service))
			offer[entry->n_offers++] = (struct nrm_offer_entry){
				(enum nrm_service)service, by_service[service]};
	entry->offer = offer;
	return NRM_OK;
}

static enum nrm_err read_roles(struct nrm_compilation *c, unsigned i,
			       struct nrm_participant_entry *entry)
{
	const struct nrm_participant_text *p = &c->text->participants[i];
	uint32_t *code = nrm_arena_alloc(&c->arena, 64 * sizeof(*code));
	nrm_mask mask;
	enum nrm_err err = code ? read_codes(c, i, "roles", NRM_VOCABULARY_ROLE, p->roles,
					     p->roles_count, &mask)
				: NRM_ERR_NOMEM;

	if (err != NRM_OK)
		return err;
	for (uint32_t role = 1; role < 64; role++)
		if (mask & nrm_bit(role))
			code[entry->role.n++] = role;
	entry->role.code = code;
	return NRM_OK;
}

static enum nrm_err read_time(struct nrm_compilation *c, unsigned i, const char *key,
			      const char *text, uint64_t otherwise, uint64_t *ret_ms)
{
	*ret_ms = otherwise;
	return text ? nrm_yaml_time(&c->yaml, nrm_compilation_at(c, i, key), text, ret_ms) : NRM_OK;
}

enum nrm_err nrm_compilation_participant(struct nrm_compilation *c, unsigned i,
					 struct nrm_participant_entry *entry)
{
	const struct nrm_participant_text *p = &c->text->participants[i];
	uint32_t kind = 0, status = NRM_STATUS_ACTIVE;
	struct nrm_public_keys keys;

	*entry = (struct nrm_participant_entry){
		.id = nrm_slice_str(p->id),
		.name = nrm_slice_str(p->name),
		.country = p->country ? nrm_slice_str(p->country) : nrm_slice(p->id, 2),
		.detention = p->detention,
		.max_version = p->max_version ? *p->max_version : NRM_PROTOCOL_VERSION,
	};
	/* What follows may take it that the id has a country. */
	if (!nrm_participant_id_ok(entry->id))
		return nrm_yaml_fail(&c->yaml, nrm_compilation_at(c, i, "id"),
				     "expected COUNTRY.slug, such as TH.police-bangkok");
	enum nrm_err err = nrm_yaml_code(&c->yaml, nrm_compilation_at(c, i, "kind"),
					 NRM_VOCABULARY_ORG_KIND, p->kind, &kind);
	if (err == NRM_OK && p->status)
		err = nrm_yaml_code(&c->yaml, nrm_compilation_at(c, i, "status"),
				    NRM_VOCABULARY_STATUS, p->status, &status);
	if (err == NRM_OK)
		err = read_roles(c, i, entry);
	if (err == NRM_OK)
		err = read_offers(c, i, entry);
	if (err == NRM_OK)
		err = read_time(c, i, "valid_from", p->valid_from, c->body.valid_from_ms,
				&entry->valid_from_ms);
	if (err == NRM_OK)
		err = read_time(c, i, "valid_until", p->valid_until, c->body.valid_until_ms,
				&entry->valid_until_ms);
	if (err == NRM_OK)
		err = nrm_compilation_keys(c, nrm_compilation_at(c, i, "keys"), p->keys, p->id,
					   &keys);
	if (err != NRM_OK)
		return err;
	if (keys.n_keys == 0)
		return nrm_yaml_fail(&c->yaml, nrm_compilation_at(c, i, "keys"),
				     "expected an agency's keys, but these are a broker's");
	entry->kind = (enum nrm_org_kind)kind;
	entry->status = (enum nrm_status)status;
	entry->key = keys.key;
	entry->n_keys = keys.n_keys;
	return NRM_OK;
}
