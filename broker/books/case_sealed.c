/* A case on disk: two rows under its own key, the case itself, and its head, which is all that changes with every leaf. */
#include <stdlib.h>

#include "broker/books/cases_parts.h"
#include "broker/books/entropy.h"
#include "proto/trail/rows.h"
#include "proto/trail/trail.h"

void nrm_case_free(struct nrm_case *c)
{
	if (!c)
		return;
	free(c->consent);
	free(c->consent_on_file);
	free(c->party);
	nrm_wipe(c, sizeof(*c));
	free(c);
}

enum nrm_err nrm_case_new(const struct nrm_cases *cases, uint32_t slot, struct nrm_case **ret_case)
{
	struct nrm_case *c = calloc(1, sizeof(*c));

	if (!c)
		return NRM_ERR_NOMEM;
	c->slot = slot;
	enum nrm_err err = nrm_case_keys_get(cases->keys, slot, c->key);
	if (err != NRM_OK) {
		nrm_case_free(c);
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

enum nrm_err nrm_case_read(const struct nrm_cases *cases, struct nrm_txn *txn, uint32_t slot,
			   struct nrm_case **ret_case)
{
	struct nrm_buf plaintext = {0};
	struct nrm_case *c = NULL;

	enum nrm_err err = nrm_case_new(cases, slot, &c);
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
		nrm_case_free(c);
		return err;
	}
	*ret_case = c;
	return NRM_OK;
}

enum nrm_err nrm_case_delete(struct nrm_txn *txn, uint32_t slot)
{
	static const unsigned tables[] = {NRM_TABLE_CASES, NRM_TABLE_HEADS};
	uint8_t key[4];

	nrm_store_u32(key, slot);
	for (size_t i = 0; i < 2; i++) {
		enum nrm_err err = nrm_delete(txn, tables[i], nrm_slice(key, sizeof(key)));
		if (err != NRM_OK && err != NRM_ERR_NOT_FOUND) /* opened just now: no row yet */
			return err;
	}
	return NRM_OK;
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
	if (!cases->moved)
		cases->end_of_moved = &cases->moved;
	nrm_buf_wipe(&plaintext);
	nrm_buf_done(&row);
	return err;
}
