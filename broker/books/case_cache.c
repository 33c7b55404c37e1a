/* Cases in use, by slot and by id; those used least recently are let go first. */
#include <stdlib.h>

#include "broker/books/cases_parts.h"

#define CACHED_CASES 8192u  /* about 1 KiB each */
#define BUCKETS	     16384u /* a power of two */

static struct nrm_case **bucket_of(struct nrm_cases *cases, uint32_t slot)
{
	struct nrm_case **p = &cases->by_slot[slot & (BUCKETS - 1)];

	while (*p && (*p)->slot != slot)
		p = &(*p)->next_by_slot;
	return p;
}

static struct nrm_case **bucket_of_id(struct nrm_cases *cases,
				      const uint8_t id[static NRM_CASE_ID_LEN])
{
	/* Case ids are random. */
	struct nrm_case **p = &cases->by_id[nrm_load_u64(id + 8) & (BUCKETS - 1)];

	while (*p && memcmp((*p)->id, id, NRM_CASE_ID_LEN) != 0)
		p = &(*p)->next_by_id;
	return p;
}

static void unlink_use(struct nrm_cases *cases, struct nrm_case *c)
{
	*(c->newer ? &c->newer->older : &cases->newest) = c->older;
	*(c->older ? &c->older->newer : &cases->oldest) = c->newer;
}

static void link_newest(struct nrm_cases *cases, struct nrm_case *c)
{
	c->newer = NULL;
	c->older = cases->newest;
	*(c->older ? &c->older->newer : &cases->oldest) = c;
	cases->newest = c;
}

static struct nrm_case *used(struct nrm_cases *cases, struct nrm_case *c)
{
	if (c) {
		unlink_use(cases, c);
		link_newest(cases, c);
	}
	return c;
}

struct nrm_case *nrm_case_cached_at(struct nrm_cases *cases, uint32_t slot)
{
	return used(cases, *bucket_of(cases, slot));
}

struct nrm_case *nrm_case_cached(struct nrm_cases *cases, const uint8_t id[static NRM_CASE_ID_LEN])
{
	return used(cases, *bucket_of_id(cases, id));
}

void nrm_case_cache_add(struct nrm_cases *cases, struct nrm_case *c)
{
	struct nrm_case **slot = bucket_of(cases, c->slot), **id = bucket_of_id(cases, c->id);

	c->next_by_slot = *slot;
	*slot = c;
	c->next_by_id = *id;
	*id = c;
	link_newest(cases, c);
	cases->n_cached++;
}

/* This very one, should another have the same id: one whose key was lost, and that was opened again. */
static void unlink_id(struct nrm_cases *cases, struct nrm_case *c)
{
	struct nrm_case **p = bucket_of_id(cases, c->id);

	for (; *p; p = &(*p)->next_by_id)
		if (*p == c) {
			*p = c->next_by_id;
			return;
		}
}

void nrm_case_cache_drop(struct nrm_cases *cases, struct nrm_case *c)
{
	*bucket_of(cases, c->slot) = c->next_by_slot;
	unlink_id(cases, c);
	unlink_use(cases, c);
	cases->n_cached--;
	nrm_case_free(c);
}

void nrm_cases_trim(struct nrm_cases *cases)
{
	while (cases->n_cached > CACHED_CASES && !cases->oldest->moved)
		nrm_case_cache_drop(cases, cases->oldest);
}

enum nrm_err nrm_case_cache_init(struct nrm_cases *cases)
{
	cases->by_slot = calloc(BUCKETS, sizeof(struct nrm_case *));
	cases->by_id = calloc(BUCKETS, sizeof(struct nrm_case *));
	return cases->by_slot && cases->by_id ? NRM_OK : NRM_ERR_NOMEM;
}

void nrm_case_cache_done(struct nrm_cases *cases)
{
	while (cases->oldest)
		nrm_case_cache_drop(cases, cases->oldest);
	free(cases->by_slot);
	free(cases->by_id);
}
