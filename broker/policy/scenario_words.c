/* Words of a scenario file: codes, times, participants. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/policy/scenario_text.h"
#include "proto/base/id.h"

void nrm_scenario_fail(struct nrm_scenario_reader *r, const char *path, const char *what)
{
	if (r->err == NRM_OK)
		r->err = nrm_yaml_fail(r->yaml, path, "%s", what);
}

bool nrm_scenario_has(const struct nrm_scenario_reader *r, const char *base, const char *key)
{
	uint32_t line, column;

	return nrm_yaml_position(r->yaml, nrm_yaml_at(r->yaml, "%s.%s", base, key), &line,
				 &column) == NRM_OK;
}

uint32_t nrm_scenario_code(struct nrm_scenario_reader *r, const char *base, const char *key,
			   enum nrm_vocabulary kind, const char *text)
{
	uint32_t code = 0;

	if (text && r->err == NRM_OK)
		r->err = nrm_yaml_code(r->yaml, nrm_yaml_at(r->yaml, "%s.%s", base, key), kind,
				       text, &code);
	return code;
}

uint64_t nrm_scenario_time(struct nrm_scenario_reader *r, const char *base, const char *key,
			   const char *text)
{
	uint64_t ms = 0;

	if (text && r->err == NRM_OK)
		r->err =
			nrm_yaml_time(r->yaml, nrm_yaml_at(r->yaml, "%s.%s", base, key), text, &ms);
	return ms;
}

nrm_mask nrm_scenario_mask(struct nrm_scenario_reader *r, const char *base, const char *key,
			   enum nrm_vocabulary kind, const struct nrm_words *words)
{
	nrm_mask mask = 0;

	for (uint32_t i = 0; i < words->n && r->err == NRM_OK; i++) {
		uint32_t code = 0;
		r->err = nrm_yaml_code(r->yaml, nrm_yaml_at(r->yaml, "%s.%s[%u]", base, key, i),
				       kind, words->word[i], &code);
		mask |= code ? nrm_bit(code) : 0;
	}
	return mask;
}

/* Room for one more, entry 0 included. */
static bool grow(struct nrm_cast *cast)
{
	const uint32_t cap = cast->cap ? cast->cap * 2 : 64;
	const char **id;
	struct nrm_party *party;

	if (cast->n < cast->cap)
		return true;
	id = realloc(cast->id, cap * sizeof(*id));
	cast->id = id ? id : cast->id;
	party = realloc(cast->party, cap * sizeof(*party));
	cast->party = party ? party : cast->party;
	if (!id || !party)
		return false;
	cast->cap = cap;
	return true;
}

/* A new entry, all zero but for its id; 0 without memory. */
static uint32_t add(struct nrm_scenario_reader *r, const char *id)
{
	struct nrm_cast *cast = &r->cast;

	if (r->err != NRM_OK || !grow(cast)) {
		r->err = r->err != NRM_OK ? r->err : NRM_ERR_NOMEM;
		return 0;
	}
	memset(&cast->party[cast->n], 0, sizeof(cast->party[0]));
	cast->id[cast->n] = id;
	return cast->n++;
}

static uint32_t find(const struct nrm_cast *cast, const char *id)
{
	for (uint32_t i = 1; i < cast->n; i++)
		if (strcmp(cast->id[i], id) == 0)
			return i;
	return 0;
}

uint32_t nrm_scenario_party(struct nrm_scenario_reader *r, const char *base, const char *key,
			    const char *id)
{
	uint32_t handle;

	if (!id || r->err != NRM_OK)
		return 0;
	handle = find(&r->cast, id);
	if (handle != 0)
		return handle;
	if (nrm_participant_id_ok(nrm_slice_str(id)))
		return add(r, id);
	nrm_scenario_fail(r, nrm_yaml_at(r->yaml, "%s.%s", base, key),
			  "expected a participant, as TH.shelter-1");
	return 0;
}

static uint16_t country_of(struct nrm_scenario_reader *r, const char *base,
			   const struct nrm_participant_text *text)
{
	const struct nrm_slice country = text->country ? nrm_slice_str(text->country)
						       : nrm_slice(text->id, 2);
	const uint16_t code = nrm_country_code(country);

	if (code == 0)
		nrm_scenario_fail(r, nrm_yaml_at(r->yaml, "%s.country", base),
				  "expected a country, as TH");
	return code;
}

static void add_listed(struct nrm_scenario_reader *r, const char *base,
		       const struct nrm_participant_text *text)
{
	const enum nrm_status status =
		nrm_scenario_code(r, base, "status", NRM_VOCABULARY_STATUS, text->status);
	struct nrm_party party = {
		.known = true,
		.active = !text->status || status == NRM_STATUS_ACTIVE,
		.detention = text->detention,
		.roles = nrm_scenario_mask(r, base, "roles", NRM_VOCABULARY_ROLE, &text->roles),
		.offers = nrm_scenario_mask(r, base, "services", NRM_VOCABULARY_SERVICE,
					    &text->services),
	};
	uint32_t handle;

	if (r->err != NRM_OK)
		return;
	if (!nrm_participant_id_ok(nrm_slice_str(text->id))) {
		nrm_scenario_fail(r, nrm_yaml_at(r->yaml, "%s.id", base),
				  "expected an id, as TH.shelter-1");
		return;
	}
	if (find(&r->cast, text->id) != 0) {
		nrm_scenario_fail(r, nrm_yaml_at(r->yaml, "%s.id", base), "listed twice");
		return;
	}
	party.country = country_of(r, base, text);
	handle = add(r, text->id);
	if (handle != 0)
		r->cast.party[handle] = party;
}

void nrm_scenario_cast(struct nrm_scenario_reader *r, const struct nrm_scenario_text *text)
{
	char base[NRM_YAML_PATH_LEN];

	add(r, "");
	for (uint32_t i = 0; i < text->participants_count && r->err == NRM_OK; i++) {
		snprintf(base, sizeof(base), "participants[%u]", i);
		add_listed(r, base, &text->participants[i]);
	}
}
