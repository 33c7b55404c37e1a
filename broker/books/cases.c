#include "broker/books/cases.h"

#include <stdlib.h>

#include "broker/books/entropy.h"
#include "proto/trail/rows.h"
#include "proto/trail/trail.h"

#define CACHED_CASES 8192u	/* about 1 KiB each */
#define BUCKETS	     16384u	/* a power of two */
#define FORGOTTEN    UINT64_MAX /* in the index: names a slot that there never is */

static uint32_t id_hash(const uint8_t id[static 16])
{
	return (uint32_t)nrm_load_u64(id + 8); /* case ids are random */
}

static enum nrm_err index_grow(struct nrm_cases *cases);

static enum nrm_err index_add(struct nrm_cases *cases, uint32_t hash, uint32_t slot)
{
	if ((cases->n_index + 1) * 4 > cases->cap_index * 3) {
		enum nrm_err err = index_grow(cases);
		if (err != NRM_OK)
			return err;
	}
	uint64_t i = hash & (cases->cap_index - 1);
	while (cases->index[i])
		i = (i + 1) & (cases->cap_index - 1);
	cases->index[i] = (uint64_t)hash << 32 | (slot + 1);
	cases->n_index++;
	cases->n_cases++;
	return NRM_OK;
}

static enum nrm_err index_grow(struct nrm_cases *cases)
{
	uint64_t *old = cases->index, n = cases->cap_index;
	uint64_t cap = n ? n * 2 : 1024;

	uint64_t *index = calloc(cap, sizeof(*index));
	if (!index)
		return NRM_ERR_NOMEM;
	cases->index = index;
	cases->cap_index = cap;
	cases->n_index = 0;
	cases->n_cases = 0;
	for (uint64_t i = 0; i < n; i++)
		if (old[i] && old[i] != FORGOTTEN &&
		    index_add(cases, (uint32_t)(old[i] >> 32), (uint32_t)old[i] - 1) != NRM_OK)
			abort(); /* there is room */
	free(old);
	return NRM_OK;
}

/* --- cache --- */

static struct nrm_case **bucket_of(struct nrm_cases *cases, uint32_t slot)
{
	struct nrm_case **p = &cases->bucket[slot & (BUCKETS - 1)];

	while (*p && (*p)->slot != slot)
		p = &(*p)->next_in_bucket;
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

static void case_free(struct nrm_case *c)
{
	if (!c)
		return;
	free(c->consent);
	free(c->consent_on_file);
	free(c->party);
	nrm_wipe(c, sizeof(*c));
	free(c);
}

static void cache_add(struct nrm_cases *cases, struct nrm_case *c)
{
	struct nrm_case **p = bucket_of(cases, c->slot);

	*p = c;
	c->next_in_bucket = NULL;
	link_newest(cases, c);
	cases->n_cached++;
}

static void cache_drop(struct nrm_cases *cases, struct nrm_case *c)
{
	*bucket_of(cases, c->slot) = c->next_in_bucket;
	unlink_use(cases, c);
	cases->n_cached--;
	case_free(c);
}

void nrm_cases_trim(struct nrm_cases *cases)
{
	while (cases->n_cached > CACHED_CASES && !cases->oldest->moved)
		cache_drop(cases, cases->oldest);
}

/* --- rows --- */

static enum nrm_err case_new(struct nrm_cases *cases, uint32_t slot, struct nrm_case **ret_case)
{
	struct nrm_case *c = calloc(1, sizeof(*c));

	if (!c)
		return NRM_ERR_NOMEM;
	c->slot = slot;
	enum nrm_err err = nrm_case_keys_get(cases->keys, slot, c->key);
	if (err != NRM_OK) {
		case_free(c);
		return err;
	}
	nrm_row_key(c->key, c->row_key);
	*ret_case = c;
	return NRM_OK;
}

/* Opens the case's row of a table into `plaintext`. */
static enum nrm_err row_get(struct nrm_txn *txn, const struct nrm_case *c, unsigned table,
			    enum nrm_row_place place, struct nrm_buf *plaintext)
{
	struct nrm_slice row;
	uint8_t key[4];

	nrm_buf_clear(plaintext);
	nrm_store_u32(key, c->slot);
	enum nrm_err err = nrm_get(txn, table, nrm_slice(key, sizeof(key)), &row);
	if (err == NRM_OK)
		err = nrm_row_open(c->row_key, place, c->slot, row, plaintext);
	return err == NRM_ERR_OPEN ? NRM_ERR_CORRUPT : err;
}

/* Reads a case from its two rows. NRM_ERR_NOT_FOUND for a forgotten case. */
static enum nrm_err case_read(struct nrm_cases *cases, struct nrm_txn *txn, uint32_t slot,
			      struct nrm_case **ret_case)
{
	struct nrm_buf plaintext = {0};
	struct nrm_case *c = NULL;

	enum nrm_err err = case_new(cases, slot, &c);
	if (err != NRM_OK)
		return err;
	err = row_get(txn, c, NRM_TABLE_CASES, NRM_ROW_CASE, &plaintext);
	if (err == NRM_OK)
		err = nrm_case_row_decode(nrm_buf_slice(&plaintext), c);
	if (err == NRM_OK) {
		err = row_get(txn, c, NRM_TABLE_HEADS, NRM_ROW_HEAD, &plaintext);
		if (err == NRM_ERR_NOT_FOUND)
			err = NRM_ERR_CORRUPT;
	}
	if (err == NRM_OK && plaintext.len != NRM_HEAD_ROW_LEN)
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK)
		c->last_leaf = nrm_load_u64(plaintext.data);
	nrm_buf_wipe(&plaintext);
	if (err != NRM_OK) {
		case_free(c);
		return err;
	}
	*ret_case = c;
	return NRM_OK;
}

/* A slot without a case must not have a key. */
static enum nrm_err forget_again(struct nrm_case_keys *keys, uint32_t slot)
{
	uint8_t key[NRM_KEY_LEN];
	enum nrm_err err = nrm_case_keys_get(keys, slot, key);

	nrm_wipe(key, sizeof(key));
	if (err == NRM_OK)
		return nrm_case_keys_forget(keys, slot);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

static bool is_among(uint32_t slot, const uint32_t *other, size_t n_others)
{
	for (size_t i = 0; i < n_others; i++)
		if (other[i] == slot)
			return true;
	return false;
}

enum nrm_err nrm_cases_load(struct nrm_cases *cases, struct nrm_txn *txn,
			    struct nrm_case_keys *keys, uint32_t n_slots, const uint32_t *other,
			    size_t n_others)
{
	enum nrm_err err = NRM_OK;

	*cases = (struct nrm_cases){.keys = keys, .n_slots = n_slots};
	cases->bucket = calloc(BUCKETS, sizeof(struct nrm_case *));
	if (!cases->bucket || index_grow(cases) != NRM_OK) {
		nrm_cases_done(cases);
		return NRM_ERR_NOMEM;
	}
	for (uint32_t slot = 0; err == NRM_OK && slot < n_slots; slot++) {
		struct nrm_case *c;

		if (is_among(slot, other, n_others))
			continue;
		err = case_read(cases, txn, slot, &c);
		if (err == NRM_ERR_NOT_FOUND) {
			err = forget_again(keys, slot);
		} else if (err == NRM_OK) {
			err = index_add(cases, id_hash(c->id), slot);
			case_free(c);
		}
	}
	if (err != NRM_OK)
		nrm_cases_done(cases);
	return err;
}

void nrm_cases_done(struct nrm_cases *cases)
{
	while (cases->oldest)
		cache_drop(cases, cases->oldest);
	free(cases->bucket);
	free(cases->index);
	*cases = (struct nrm_cases){0};
}

enum nrm_err nrm_case_at(struct nrm_cases *cases, struct nrm_txn *txn, uint32_t slot,
			 struct nrm_case **ret_case)
{
	struct nrm_case *c = *bucket_of(cases, slot);

	if (c) {
		unlink_use(cases, c);
		link_newest(cases, c);
	} else {
		enum nrm_err err = case_read(cases, txn, slot, &c);
		if (err != NRM_OK)
			return err;
		cache_add(cases, c);
	}
	*ret_case = c;
	return NRM_OK;
}

enum nrm_err nrm_case_find(struct nrm_cases *cases, struct nrm_txn *txn,
			   const uint8_t id[static 16], struct nrm_case **ret_case)
{
	uint32_t hash = id_hash(id);
	struct nrm_case *c;

	for (uint64_t i = hash & (cases->cap_index - 1); cases->index[i];
	     i = (i + 1) & (cases->cap_index - 1)) {
		if ((uint32_t)(cases->index[i] >> 32) != hash)
			continue;
		enum nrm_err err = nrm_case_at(cases, txn, (uint32_t)cases->index[i] - 1, &c);
		if (err == NRM_ERR_NOT_FOUND)
			continue;
		if (err != NRM_OK)
			return err;
		if (memcmp(c->id, id, NRM_CASE_ID_LEN) == 0) {
			*ret_case = c;
			return NRM_OK;
		}
	}
	return NRM_ERR_NOT_FOUND;
}

enum nrm_err nrm_case_open(struct nrm_cases *cases, const uint8_t id[static 16], uint32_t opener,
			   uint64_t now_ms, struct nrm_case **ret_case)
{
	struct nrm_case *c;

	enum nrm_err err = nrm_case_keys_fill(cases->keys, cases->n_slots + 1);
	if (err == NRM_OK)
		err = case_new(cases, cases->n_slots, &c);
	if (err != NRM_OK)
		return err;
	memcpy(c->id, id, NRM_CASE_ID_LEN);
	c->opened_at = now_ms;
	err = nrm_case_join(c, opener, NRM_CASE_OPENED | NRM_CASE_MANAGES);
	if (err == NRM_OK)
		err = index_add(cases, id_hash(id), c->slot);
	if (err != NRM_OK) {
		case_free(c);
		return err;
	}
	cases->n_slots++;
	cache_add(cases, c);
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

static void index_forget(struct nrm_cases *cases, uint32_t hash, uint32_t slot)
{
	uint64_t i = hash & (cases->cap_index - 1);

	while (cases->index[i] != ((uint64_t)hash << 32 | (slot + 1)))
		i = (i + 1) & (cases->cap_index - 1);
	cases->index[i] = FORGOTTEN;
	cases->n_cases--;
}

enum nrm_err nrm_case_forget(struct nrm_cases *cases, struct nrm_txn *txn, struct nrm_case *c)
{
	static const unsigned tables[] = {NRM_TABLE_CASES, NRM_TABLE_HEADS};
	struct nrm_case **moved = &cases->moved;
	uint8_t key[4];

	nrm_store_u32(key, c->slot);
	for (size_t i = 0; i < 2; i++) {
		enum nrm_err err = nrm_delete(txn, tables[i], nrm_slice(key, sizeof(key)));
		if (err != NRM_OK && err != NRM_ERR_NOT_FOUND) /* opened just now: no row yet */
			return err;
	}
	while (*moved && *moved != c)
		moved = &(*moved)->next_moved;
	if (*moved)
		*moved = c->next_moved;
	index_forget(cases, id_hash(c->id), c->slot);
	cache_drop(cases, c);
	return NRM_OK;
}

void nrm_case_moved(struct nrm_cases *cases, struct nrm_case *c)
{
	if (c->moved)
		return;
	c->moved = true;
	c->next_moved = cases->moved;
	cases->moved = c;
}

void nrm_case_changed(struct nrm_cases *cases, struct nrm_case *c)
{
	c->changed = true;
	nrm_case_moved(cases, c);
}

/* Seals `plaintext` as the case's row of a table. */
static enum nrm_err row_put(struct nrm_txn *txn, const struct nrm_case *c, unsigned table,
			    enum nrm_row_place place, struct nrm_slice plaintext,
			    struct nrm_entropy *entropy, struct nrm_buf *row)
{
	uint8_t key[4], nonce[NRM_AEAD_NONCE_LEN], *out;

	nrm_buf_clear(row);
	out = nrm_buf_grow(row, plaintext.len + NRM_ROW_OVERHEAD);
	if (!out)
		return row->err;
	nrm_entropy_take(entropy, nonce, sizeof(nonce));
	nrm_store_u32(key, c->slot);
	enum nrm_err err = nrm_row_seal(c->row_key, place, c->slot, nonce, plaintext, out);
	if (err != NRM_OK)
		return err;
	return nrm_put(txn, table, nrm_slice(key, sizeof(key)), nrm_buf_slice(row));
}

static enum nrm_err flush_one(struct nrm_txn *txn, const struct nrm_case *c,
			      struct nrm_entropy *entropy, struct nrm_buf *plaintext,
			      struct nrm_buf *row)
{
	uint8_t head[NRM_HEAD_ROW_LEN];

	nrm_store_u64(head, c->last_leaf);
	enum nrm_err err = row_put(txn, c, NRM_TABLE_HEADS, NRM_ROW_HEAD,
				   nrm_slice(head, sizeof(head)), entropy, row);
	if (err != NRM_OK || !c->changed)
		return err;
	nrm_buf_clear(plaintext);
	nrm_case_row_encode(c, plaintext);
	if (plaintext->err != NRM_OK)
		return plaintext->err;
	return row_put(txn, c, NRM_TABLE_CASES, NRM_ROW_CASE, nrm_buf_slice(plaintext), entropy,
		       row);
}

enum nrm_err nrm_cases_flush(struct nrm_cases *cases, struct nrm_txn *txn,
			     struct nrm_entropy *entropy)
{
	struct nrm_buf plaintext = {0}, row = {0};
	enum nrm_err err = NRM_OK;

	for (struct nrm_case *c = cases->moved; err == NRM_OK && c; c = c->next_moved)
		err = flush_one(txn, c, entropy, &plaintext, &row);
	for (; err == NRM_OK && cases->moved; cases->moved = cases->moved->next_moved)
		cases->moved->moved = cases->moved->changed = false;
	nrm_buf_wipe(&plaintext);
	nrm_buf_done(&row);
	return err;
}
