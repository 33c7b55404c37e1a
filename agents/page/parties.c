#include "agents/page/parties.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/limits.h"

#define SLOTS (1u << 17) /* twice the numbers */

void nrm_parties_done(struct nrm_parties *parties)
{
	for (uint32_t i = 1; i < parties->n; i++)
		free(parties->id[i]);
	free(parties->id);
	free(parties->slot);
	*parties = (struct nrm_parties){.n = 0};
}

/* FNV-1a; where many ids fall together, looking one up is slow, never wrong. */
static uint32_t hash(struct nrm_slice id)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < id.len; i++)
		h = (h ^ id.data[i]) * 16777619u;
	return h ^ h >> 16;
}

/* Where the id stands in the table, or would. */
static uint32_t place(const struct nrm_parties *parties, struct nrm_slice id)
{
	uint32_t at = hash(id) % SLOTS;

	while (parties->slot[at] &&
	       !nrm_slice_equal(id, nrm_slice_str(parties->id[parties->slot[at]])))
		at = (at + 1) % SLOTS;
	return at;
}

static enum nrm_err begin(struct nrm_parties *parties)
{
	parties->id = calloc(NRM_PARTY_OTHERS, sizeof(*parties->id));
	parties->slot = calloc(SLOTS, sizeof(*parties->slot));
	if (!parties->id || !parties->slot) {
		nrm_parties_done(parties);
		return NRM_ERR_NOMEM;
	}
	parties->n = 1;
	return NRM_OK;
}

enum nrm_err nrm_parties_number(struct nrm_parties *parties, struct nrm_slice id,
				uint16_t *ret_number)
{
	if (parties->n == 0 && begin(parties) != NRM_OK)
		return NRM_ERR_NOMEM;
	if (id.len == 0) {
		*ret_number = NRM_PARTY_NOBODY;
		return NRM_OK;
	}
	const uint32_t at = place(parties, id);
	if (parties->slot[at]) {
		*ret_number = parties->slot[at];
		return NRM_OK;
	}
	if (parties->n == NRM_PARTY_OTHERS) {
		*ret_number = NRM_PARTY_OTHERS;
		return NRM_OK;
	}
	char *copy = strndup((const char *)id.data, id.len);
	if (!copy)
		return NRM_ERR_NOMEM;
	parties->id[parties->n] = copy;
	parties->slot[at] = (uint16_t)parties->n;
	*ret_number = (uint16_t)parties->n++;
	return NRM_OK;
}

uint16_t nrm_parties_find(const struct nrm_parties *parties, struct nrm_slice id)
{
	const uint16_t number = parties->n ? parties->slot[place(parties, id)] : 0;

	return number ? number : NRM_PARTY_OTHERS;
}

const char *nrm_parties_id(const struct nrm_parties *parties, uint16_t number)
{
	return number && number < parties->n ? parties->id[number] : "";
}
