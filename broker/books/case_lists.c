/* The lists of one case: who takes part, which consents are on file. */
#include <stdlib.h>

#include "broker/books/cases.h"

const struct nrm_case_party *nrm_case_party(const struct nrm_case *c, uint32_t handle)
{
	for (uint32_t i = 0; i < c->n_parties; i++)
		if (c->party[i].handle == handle)
			return &c->party[i];
	return NULL;
}

/* Room in a list for one more: it starts small and doubles. */
static enum nrm_err make_room(void **list, size_t item, uint32_t n, uint32_t *cap)
{
	if (n < *cap)
		return NRM_OK;
	uint32_t more = *cap ? *cap * 2 : 1;
	void *grown = realloc(*list, more * item);
	if (!grown)
		return NRM_ERR_NOMEM;
	*list = grown;
	*cap = more;
	return NRM_OK;
}

enum nrm_err nrm_case_join(struct nrm_case *c, uint32_t handle, uint32_t part)
{
	const struct nrm_case_party *known = nrm_case_party(c, handle);
	uint32_t place = known ? (uint32_t)(known - c->party) : c->n_parties;

	if (place == NRM_MAX_CASE_PARTIES)
		return NRM_ERR_FULL;
	if (!known) {
		void *list = c->party;
		enum nrm_err err =
			make_room(&list, sizeof(*c->party), c->n_parties, &c->cap_parties);
		c->party = list;
		if (err != NRM_OK)
			return err;
		c->party[c->n_parties++] = (struct nrm_case_party){.handle = handle};
	}
	c->party[place].part |= part;
	return NRM_OK;
}

enum nrm_err nrm_case_add_consent(struct nrm_case *c, uint32_t *ret_place)
{
	void *consent = c->consent, *on_file = c->consent_on_file;
	uint32_t cap = c->cap_consents;

	if (c->n_consents == NRM_MAX_CASE_CONSENTS)
		return NRM_ERR_FULL;
	enum nrm_err err = make_room(&consent, sizeof(*c->consent), c->n_consents, &cap);
	c->consent = consent;
	if (err != NRM_OK)
		return err;
	err = make_room(&on_file, sizeof(*c->consent_on_file), c->n_consents, &c->cap_consents);
	c->consent_on_file = on_file;
	if (err != NRM_OK)
		return err;
	memset(&c->consent[c->n_consents], 0, sizeof(c->consent[0]));
	memset(&c->consent_on_file[c->n_consents], 0, sizeof(c->consent_on_file[0]));
	*ret_place = c->n_consents++;
	return NRM_OK;
}
