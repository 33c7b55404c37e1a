#include "broker/books/cases.h"

#include "broker/books/cases_parts.h"
#include "proto/trail/trail.h"

enum nrm_err nrm_cases_load(struct nrm_cases *cases, struct nrm_txn *txn,
			    struct nrm_case_keys *keys, uint32_t n_slots, const uint8_t *index_key)
{
	*cases = (struct nrm_cases){.keys = keys, .n_slots = n_slots};
	cases->end_of_moved = &cases->moved;
	if (index_key)
		memcpy(cases->index_key, index_key, NRM_KEY_LEN);
	enum nrm_err err = nrm_case_cache_init(cases);
	if (err == NRM_OK)
		err = nrm_count(txn, NRM_TABLE_CASE_INDEX, &cases->n_cases);
	if (err != NRM_OK)
		nrm_cases_done(cases);
	return err;
}

void nrm_cases_done(struct nrm_cases *cases)
{
	nrm_case_cache_done(cases);
	nrm_wipe(cases, sizeof(*cases));
}

enum nrm_err nrm_case_at(struct nrm_cases *cases, struct nrm_txn *txn, uint32_t slot,
			 struct nrm_case **ret_case)
{
	struct nrm_case *c = nrm_case_cached_at(cases, slot);

	if (!c) {
		enum nrm_err err = nrm_case_read(cases, txn, slot, &c);
		if (err != NRM_OK)
			return err;
		nrm_case_cache_add(cases, c);
	}
	*ret_case = c;
	return NRM_OK;
}

enum nrm_err nrm_case_find(struct nrm_cases *cases, struct nrm_txn *txn,
			   const uint8_t id[static NRM_CASE_ID_LEN], struct nrm_case **ret_case)
{
	struct nrm_case *c = nrm_case_cached(cases, id);
	uint32_t slot;

	if (!c) {
		enum nrm_err err = nrm_case_index_find(cases, txn, id, &slot);
		if (err == NRM_OK)
			err = nrm_case_at(cases, txn, slot, &c);
		if (err != NRM_OK)
			return err;
		if (memcmp(c->id, id, NRM_CASE_ID_LEN) != 0)
			return NRM_ERR_CORRUPT;
	}
	*ret_case = c;
	return NRM_OK;
}

enum nrm_err nrm_case_open(struct nrm_cases *cases, struct nrm_txn *txn,
			   const uint8_t id[static NRM_CASE_ID_LEN], uint32_t opener,
			   uint64_t now_ms, struct nrm_case **ret_case)
{
	struct nrm_case *c;

	enum nrm_err err = nrm_case_keys_fill(cases->keys, cases->n_slots + 1);
	if (err == NRM_OK)
		err = nrm_case_new(cases, cases->n_slots, &c);
	if (err != NRM_OK)
		return err;
	memcpy(c->id, id, NRM_CASE_ID_LEN);
	c->opened_at = now_ms;
	err = nrm_case_join(c, opener, NRM_CASE_OPENED | NRM_CASE_MANAGES);
	if (err == NRM_OK)
		err = nrm_case_index_put(cases, txn, id, c->slot);
	if (err != NRM_OK) {
		nrm_case_free(c);
		return err;
	}
	cases->n_slots++;
	cases->n_cases++;
	nrm_case_cache_add(cases, c);
	nrm_case_changed(cases, c);
	*ret_case = c;
	return NRM_OK;
}

enum nrm_err nrm_slot_take(struct nrm_cases *cases, uint32_t *ret_slot,
			   uint8_t key[static NRM_KEY_LEN])
{
	enum nrm_err err = nrm_case_keys_fill(cases->keys, cases->n_slots + 1);

	if (err == NRM_OK)
		err = nrm_case_keys_get(cases->keys, cases->n_slots, key);
	if (err == NRM_OK)
		*ret_slot = cases->n_slots++;
	return err;
}

enum nrm_err nrm_case_forget(struct nrm_cases *cases, struct nrm_txn *txn, struct nrm_case *c)
{
	struct nrm_case **moved = &cases->moved;

	enum nrm_err err = nrm_case_delete(txn, c->slot);
	if (err == NRM_OK)
		err = nrm_case_index_delete(cases, txn, c->id);
	if (err != NRM_OK)
		return err;
	while (*moved && *moved != c)
		moved = &(*moved)->next_moved;
	if (*moved && !(*moved = c->next_moved))
		cases->end_of_moved = moved;
	cases->n_cases--;
	nrm_case_cache_drop(cases, c);
	return NRM_OK;
}

void nrm_case_moved(struct nrm_cases *cases, struct nrm_case *c)
{
	if (c->moved)
		return;
	c->moved = true;
	c->next_moved = NULL;
	*cases->end_of_moved = c;
	cases->end_of_moved = &c->next_moved;
}

void nrm_case_changed(struct nrm_cases *cases, struct nrm_case *c)
{
	c->changed = true;
	nrm_case_moved(cases, c);
}
