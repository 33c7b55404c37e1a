#include "broker/books/roll.h"

#include <stdlib.h>

#include "proto/trail/trail.h"
#include "proto/wire/seal.h"

static uint32_t hash_id(struct nrm_slice id)
{
	uint32_t h =
		2166136261u; /* FNV-1a: ids come from the signed directory, not from strangers */

	for (size_t i = 0; i < id.len; i++)
		h = (h ^ id.data[i]) * 16777619u;
	return h;
}

static uint32_t *bucket_of(const struct nrm_roll *roll, struct nrm_slice id)
{
	uint32_t i = hash_id(id) & (roll->n_buckets - 1);

	while (roll->bucket[i] && !nrm_slice_equal(nrm_roll_id(roll, roll->bucket[i]), id))
		i = (i + 1) & (roll->n_buckets - 1);
	return &roll->bucket[i];
}

static enum nrm_err grow(struct nrm_roll *roll)
{
	uint32_t cap = roll->cap ? roll->cap * 2 : 64;
	struct nrm_enrolled *enrolled = realloc(roll->enrolled, cap * sizeof(*enrolled));
	if (!enrolled)
		return NRM_ERR_NOMEM;
	roll->enrolled = enrolled;
	struct nrm_party *party = realloc(roll->party, cap * sizeof(*party));
	if (!party)
		return NRM_ERR_NOMEM;
	roll->party = party;
	uint32_t *bucket = calloc((size_t)cap * 2, sizeof(*bucket));
	if (!bucket)
		return NRM_ERR_NOMEM;
	free(roll->bucket);
	roll->bucket = bucket;
	roll->n_buckets = cap * 2;
	roll->cap = cap;
	for (uint32_t h = 1; h < roll->n; h++)
		*bucket_of(roll, nrm_roll_id(roll, h)) = h;
	return NRM_OK;
}

static enum nrm_err add(struct nrm_roll *roll, struct nrm_slice id)
{
	enum nrm_err err = roll->n == roll->cap ? grow(roll) : NRM_OK;

	if (err != NRM_OK)
		return err;
	if (id.len > NRM_MAX_ID)
		return NRM_ERR_CORRUPT;
	uint32_t handle = roll->n++;
	roll->enrolled[handle] = (struct nrm_enrolled){0};
	roll->party[handle] = (struct nrm_party){0};
	if (id.len)
		memcpy(roll->enrolled[handle].id, id.data, id.len);
	if (handle)
		*bucket_of(roll, id) = handle;
	return NRM_OK;
}

enum nrm_err nrm_roll_load(struct nrm_roll *roll, struct nrm_txn *txn)
{
	struct nrm_cursor *cursor = NULL;
	struct nrm_slice key = nrm_slice(NULL, 0), id;

	*roll = (struct nrm_roll){0};
	enum nrm_err err = add(roll, nrm_slice(NULL, 0));
	if (err == NRM_OK)
		err = nrm_cursor_open(txn, NRM_TABLE_PARTIES, &cursor);
	if (err != NRM_OK)
		goto out;
	err = nrm_cursor_seek(cursor, key, &key, &id);
	for (; err == NRM_OK; err = nrm_cursor_next(cursor, &key, &id))
		if ((err = add(roll, id)) != NRM_OK)
			goto out;
	if (err == NRM_ERR_NOT_FOUND)
		err = NRM_OK;
out:
	nrm_cursor_close(cursor);
	if (err != NRM_OK)
		nrm_roll_done(roll);
	return err;
}

void nrm_roll_done(struct nrm_roll *roll)
{
	free(roll->enrolled);
	free(roll->party);
	free(roll->bucket);
	*roll = (struct nrm_roll){0};
}

uint32_t nrm_roll_find(const struct nrm_roll *roll, struct nrm_slice id)
{
	return id.len ? *bucket_of(roll, id) : 0;
}

struct nrm_slice nrm_roll_id(const struct nrm_roll *roll, uint32_t handle)
{
	return nrm_slice_str(handle < roll->n ? roll->enrolled[handle].id : "");
}

static enum nrm_err enrol_one(struct nrm_roll *roll, struct nrm_txn *txn,
			      const struct nrm_participant *p)
{
	uint32_t handle = nrm_roll_find(roll, p->id);
	enum nrm_err err;
	uint8_t key[4];

	if (!handle) {
		handle = roll->n;
		if ((err = add(roll, p->id)) != NRM_OK)
			return err;
		nrm_store_u32(key, handle);
		err = nrm_put(txn, NRM_TABLE_PARTIES, nrm_slice(key, sizeof(key)), p->id);
		if (err != NRM_OK)
			return err;
	}
	roll->enrolled[handle].participant = p;
	for (uint32_t i = 0; i < p->n_sealing; i++)
		nrm_recipient_key(p->sealing[i], roll->enrolled[handle].sealing_key[i]);
	return NRM_OK;
}

enum nrm_err nrm_roll_enrol(struct nrm_roll *roll, struct nrm_txn *txn,
			    const struct nrm_directory *directory, uint64_t now_ms)
{
	enum nrm_err err = NRM_OK;

	for (uint32_t h = 0; h < roll->n; h++)
		roll->enrolled[h].participant = NULL;
	for (size_t i = 0; err == NRM_OK && i < nrm_directory_count(directory); i++)
		err = enrol_one(roll, txn, nrm_directory_at(directory, i));
	nrm_roll_refresh(roll, now_ms);
	return err;
}

void nrm_roll_refresh(struct nrm_roll *roll, uint64_t now_ms)
{
	for (uint32_t h = 1; h < roll->n; h++) {
		const struct nrm_participant *p = roll->enrolled[h].participant;

		roll->party[h] = (struct nrm_party){0};
		if (!p || now_ms < p->valid_from_ms || now_ms >= p->valid_until_ms)
			continue;
		roll->party[h] = (struct nrm_party){
			.known = true,
			.active = nrm_participant_active(p, now_ms),
			.detention = p->detention,
			.country = p->country,
			.roles = p->roles,
			.offers = p->offers,
		};
	}
}
