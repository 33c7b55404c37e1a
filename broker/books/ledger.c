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
	const enum nrm_record_kind kind = c ? NRM_RECORD_SEALED : NRM_RECORD_CLEAR;
	struct nrm_record record = {.previous = c ? c->last_leaf : 0,
				    .view = entry->view[NRM_VIEWER_OVERSIGHT]};
	struct nrm_slice plaintext;
	uint8_t nonce[NRM_AEAD_NONCE_LEN], *sealed;
	enum nrm_err err;

	for (int who = 0; who < 3; who++)
		memcpy(record.salt[who], entry->salt[who].data, NRM_SALT_LEN);
	nrm_buf_clear(&books->scratch);
	nrm_record_encode(&record, kind, &books->scratch);
	if (books->scratch.err != NRM_OK)
		return books->scratch.err;
	plaintext = nrm_buf_slice(&books->scratch);
	if (!c)
		return nrm_trail_append(books->txn, &books->frontier, entry->leaf, kind, plaintext);

	sealed = nrm_arena_alloc(&books->arena, plaintext.len + NRM_ROW_OVERHEAD);
	if (!sealed)
		return NRM_ERR_NOMEM;
	nrm_entropy_take(&books->entropy, nonce, sizeof(nonce));
	err = nrm_row_seal(c->row_key, NRM_ROW_RECORD, entry->index, nonce, plaintext, sealed);
	if (err == NRM_OK)
		err = nrm_trail_append(books->txn, &books->frontier, entry->leaf, kind,
				       nrm_slice(sealed, plaintext.len + NRM_ROW_OVERHEAD));
	return err;
}

/* Of a leaf of no case they are drawn; of a case's leaf they follow from its key. */
static enum nrm_err make_salts(struct nrm_books *books, const struct nrm_case *c,
			       struct nrm_entry *entry)
{
	uint8_t(*salts)[NRM_SALT_LEN] = nrm_arena_alloc(&books->arena, 3 * NRM_SALT_LEN);
	enum nrm_err err = NRM_OK;

	if (!salts)
		return NRM_ERR_NOMEM;
	if (c)
		err = nrm_record_salts(c->row_key, entry->index, salts);
	else
		nrm_entropy_take(&books->entropy, salts, 3 * NRM_SALT_LEN);
	for (int who = 0; who < 3; who++)
		entry->salt[who] = nrm_slice(salts[who], NRM_SALT_LEN);
	return err;
}

enum nrm_err nrm_ledger_write(struct nrm_books *books, struct nrm_leaf *leaf,
			      const struct nrm_view *view, struct nrm_case *c,
			      struct nrm_entry *ret_entry)
{
	struct nrm_entry entry = {.index = books->frontier.size};
	uint8_t digest[3][NRM_HASH_LEN], tag[NRM_HASH_LEN];
	enum nrm_err err;

	leaf->minute = books->clock / 60000;
	leaf->policy_digest = nrm_slice(books->options.policy->rules->digest, NRM_HASH_LEN);
	leaf->directory_digest =
		nrm_slice(nrm_directory_digest(books->options.directory), NRM_HASH_LEN);
	err = encode_views(books, leaf, view, &entry);
	if (err == NRM_OK)
		err = make_salts(books, c, &entry);
	if (err != NRM_OK)
		return err;
	for (int who = 0; who < 3; who++)
		nrm_view_digest(entry.salt[who].data, entry.view[who], digest[who]);
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
	struct nrm_slice salts;

	enum nrm_err err = nrm_trail_read(books->txn, index, &row);
	if (err != NRM_OK)
		return err;
	err = nrm_record_read(&row, index, c ? c->row_key : NULL, &books->scratch, &record);
	if (err == NRM_OK)
		err = keep(books, record.view, &record.view);
	if (err == NRM_OK)
		err = keep(books, nrm_slice(record.salt, sizeof(record.salt)), &salts);
	if (err == NRM_OK)
		err = keep(books, row.leaf, &entry.leaf);
	if (err == NRM_OK)
		err = nrm_leaf_decode(entry.leaf, &books->arena, ret_leaf);
	if (err == NRM_OK)
		err = nrm_view_decode(record.view, &books->arena, ret_view);
	if (err == NRM_OK)
		err = encode_views(books, ret_leaf, ret_view, &entry);
	if (err != NRM_OK)
		return err;
	for (size_t who = 0; who < 3; who++)
		entry.salt[who] = nrm_slice(salts.data + who * NRM_SALT_LEN, NRM_SALT_LEN);
	*ret_previous = record.previous;
	*ret_entry = entry;
	return NRM_OK;
}
