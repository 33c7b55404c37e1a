#include "broker/books/state.h"
#include "proto/trail/rows.h"

static enum nrm_err keep(struct nrm_books *books, struct nrm_slice bytes,
			 struct nrm_slice *ret_kept)
{
	uint8_t *copy = nrm_arena_copy(&books->arena, bytes.data, bytes.len);

	if (!copy)
		return NRM_ERR_NOMEM;
	*ret_kept = nrm_slice(copy, bytes.len);
	return NRM_OK;
}

/* The three views as bytes: oversight's, and its projections; empty for who is told nothing. */
static enum nrm_err encode_views(struct nrm_books *books, const struct nrm_leaf *leaf,
				 const struct nrm_view *oversight, struct nrm_entry *entry)
{
	for (int who = 0; who < 3; who++) {
		struct nrm_view view;
		enum nrm_err err;

		entry->view[who] = nrm_slice(NULL, 0);
		if (!nrm_view_project(oversight, leaf, (enum nrm_viewer)who, &view))
			continue;
		nrm_buf_clear(&books->scratch);
		err = nrm_view_encode(&view, &books->scratch);
		if (err == NRM_OK)
			err = keep(books, nrm_buf_slice(&books->scratch), &entry->view[who]);
		if (err != NRM_OK)
			return err;
	}
	return NRM_OK;
}

static enum nrm_err append(struct nrm_books *books, const struct nrm_entry *entry,
			   struct nrm_case *c)
{
	struct nrm_record record = {.previous = c ? c->last_leaf : 0,
				    .view = entry->view[NRM_VIEWER_OVERSIGHT]};
	struct nrm_slice plaintext;
	uint8_t nonce[NRM_AEAD_NONCE_LEN], *sealed;
	enum nrm_err err;

	memcpy(record.salt, entry->salt, sizeof(record.salt));
	nrm_buf_clear(&books->scratch);
	nrm_record_encode(&record, &books->scratch);
	if (books->scratch.err != NRM_OK)
		return books->scratch.err;
	plaintext = nrm_buf_slice(&books->scratch);
	if (!c)
		return nrm_trail_append(books->txn, &books->frontier, entry->leaf, NRM_RECORD_CLEAR,
					plaintext);

	sealed = nrm_arena_alloc(&books->arena, plaintext.len + NRM_ROW_OVERHEAD);
	if (!sealed)
		return NRM_ERR_NOMEM;
	nrm_entropy_take(&books->entropy, nonce, sizeof(nonce));
	err = nrm_row_seal(c->row_key, NRM_ROW_RECORD, entry->index, nonce, plaintext, sealed);
	if (err == NRM_OK)
		err = nrm_trail_append(books->txn, &books->frontier, entry->leaf, NRM_RECORD_SEALED,
				       nrm_slice(sealed, plaintext.len + NRM_ROW_OVERHEAD));
	return err;
}

enum nrm_err nrm_ledger_write(struct nrm_books *books, struct nrm_leaf *leaf,
			      const struct nrm_view *view, struct nrm_case *c,
			      struct nrm_entry *ret_entry)
{
	struct nrm_entry entry = {.index = books->frontier.size};
	uint8_t digest[3][NRM_HASH_LEN], tag[NRM_HASH_LEN], *salts;
	enum nrm_err err;

	leaf->minute = books->clock / 60000;
	leaf->policy_digest = nrm_slice(books->options.policy->rules->digest, NRM_HASH_LEN);
	leaf->directory_digest =
		nrm_slice(nrm_directory_digest(books->options.directory), NRM_HASH_LEN);
	err = encode_views(books, leaf, view, &entry);
	salts = nrm_arena_alloc(&books->arena, 3 * NRM_SALT_LEN);
	if (err != NRM_OK || !salts)
		return err != NRM_OK ? err : NRM_ERR_NOMEM;
	nrm_entropy_take(&books->entropy, salts, 3 * NRM_SALT_LEN);
	for (int who = 0; who < 3; who++) {
		entry.salt[who] = nrm_slice(salts + who * NRM_SALT_LEN, NRM_SALT_LEN);
		nrm_view_digest(entry.salt[who].data, entry.view[who], digest[who]);
	}
	leaf->sender_view = nrm_slice(digest[NRM_VIEWER_SENDER], NRM_HASH_LEN);
	leaf->recipient_view = nrm_slice(digest[NRM_VIEWER_RECIPIENT], NRM_HASH_LEN);
	leaf->oversight_view = nrm_slice(digest[NRM_VIEWER_OVERSIGHT], NRM_HASH_LEN);
	leaf->case_tag = nrm_slice(NULL, 0);
	if (c) {
		nrm_case_tag(c->key, entry.index, tag);
		leaf->case_tag = nrm_slice(tag, NRM_HASH_LEN);
	}
	nrm_buf_clear(&books->scratch);
	err = nrm_leaf_encode(leaf, &books->scratch);
	if (err == NRM_OK)
		err = keep(books, nrm_buf_slice(&books->scratch), &entry.leaf);
	if (err == NRM_OK)
		err = append(books, &entry, c);
	if (err != NRM_OK)
		return err;
	if (c) {
		c->last_leaf = entry.index + 1;
		nrm_case_moved(&books->cases, c);
	}
	books->changed = true;
	*ret_entry = entry;
	return nrm_books_tally(books, leaf, view);
}

enum nrm_err nrm_ledger_read(struct nrm_books *books, uint64_t index, const struct nrm_case *c,
			     struct nrm_entry *ret_entry, struct nrm_leaf *ret_leaf,
			     struct nrm_view *ret_view, uint64_t *ret_previous)
{
	struct nrm_trail_row row;
	struct nrm_record record;
	struct nrm_entry entry = {.index = index};
	struct nrm_slice plaintext;

	enum nrm_err err = nrm_trail_read(books->txn, index, &row);
	if (err != NRM_OK)
		return err;
	nrm_buf_clear(&books->scratch);
	if (row.record_kind == NRM_RECORD_SEALED)
		err = c ? nrm_row_open(c->row_key, NRM_ROW_RECORD, index, row.record,
				       &books->scratch)
			: NRM_ERR_OPEN;
	else
		nrm_buf_put(&books->scratch, row.record.data, row.record.len);
	if (err == NRM_OK)
		err = keep(books, nrm_buf_slice(&books->scratch), &plaintext);
	if (err == NRM_OK)
		err = keep(books, row.leaf, &entry.leaf);
	if (err == NRM_OK)
		err = nrm_record_decode(plaintext, &record);
	if (err == NRM_OK)
		err = nrm_leaf_decode(entry.leaf, &books->arena, ret_leaf);
	if (err == NRM_OK)
		err = nrm_view_decode(record.view, &books->arena, ret_view);
	if (err == NRM_OK)
		err = encode_views(books, ret_leaf, ret_view, &entry);
	if (err != NRM_OK)
		return err;
	memcpy(entry.salt, record.salt, sizeof(entry.salt));
	*ret_previous = record.previous;
	*ret_entry = entry;
	return NRM_OK;
}
