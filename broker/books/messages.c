#include "broker/books/state.h"
#include "proto/trail/rows.h"

/*
 * Key: message id (a UUIDv7, so rows come in time order), u32 sender. Value: u64 expires_ms in clear, for the
 * purge, then sealed under the case's key: digest, u64 leaf, latest, u32 recipient, u8 type, u8 outcome.
 */
#define KEY_BYTES    (NRM_MESSAGE_ID_LEN + 4)
#define SEALED_BYTES (NRM_HASH_LEN + 8 + 8 + 4 + 1 + 1)

static struct nrm_slice key_of(struct nrm_slice message_id, uint32_t sender,
			       uint8_t key[static KEY_BYTES])
{
	memcpy(key, message_id.data, NRM_MESSAGE_ID_LEN);
	nrm_store_u32(key + NRM_MESSAGE_ID_LEN, sender);
	return nrm_slice(key, KEY_BYTES);
}

enum nrm_err nrm_message_find(struct nrm_books *books, const struct nrm_case *c,
			      struct nrm_slice message_id, uint32_t sender,
			      struct nrm_message_row *ret_row)
{
	struct nrm_message_row row;
	struct nrm_slice value;
	uint8_t key[KEY_BYTES];

	enum nrm_err err =
		nrm_get(books->txn, NRM_TABLE_MESSAGES, key_of(message_id, sender, key), &value);
	if (err != NRM_OK)
		return err;
	struct nrm_reader r = nrm_reader(value);
	row.expires_ms = nrm_take_u64(&r);
	nrm_buf_clear(&books->scratch);
	if (!c || nrm_row_open(c->row_key, NRM_ROW_MESSAGE, nrm_load_u64(message_id.data + 8),
			       r.rest, &books->scratch) != NRM_OK)
		return NRM_ERR_EXISTS;
	r = nrm_reader(nrm_buf_slice(&books->scratch));
	nrm_take_bytes(&r, row.digest, sizeof(row.digest));
	row.leaf = nrm_take_u64(&r);
	row.latest = nrm_take_u64(&r);
	row.recipient = nrm_take_u32(&r);
	row.type = nrm_take_u8(&r);
	row.outcome = nrm_take_u8(&r);
	if (nrm_reader_end(&r) != NRM_OK)
		return NRM_ERR_CORRUPT;
	*ret_row = row;
	return NRM_OK;
}

enum nrm_err nrm_message_put(struct nrm_books *books, const struct nrm_case *c,
			     struct nrm_slice message_id, uint32_t sender,
			     const struct nrm_message_row *row)
{
	uint8_t key[KEY_BYTES], nonce[NRM_AEAD_NONCE_LEN];
	uint8_t value[8 + SEALED_BYTES + NRM_ROW_OVERHEAD], plaintext[SEALED_BYTES];

	memcpy(plaintext, row->digest, NRM_HASH_LEN);
	nrm_store_u64(plaintext + 32, row->leaf);
	nrm_store_u64(plaintext + 40, row->latest);
	nrm_store_u32(plaintext + 48, row->recipient);
	plaintext[52] = (uint8_t)row->type;
	plaintext[53] = (uint8_t)row->outcome;
	nrm_store_u64(value, row->expires_ms);
	nrm_entropy_take(&books->entropy, nonce, sizeof(nonce));
	enum nrm_err err = nrm_row_seal(c->row_key, NRM_ROW_MESSAGE,
					nrm_load_u64(message_id.data + 8), nonce,
					nrm_slice(plaintext, sizeof(plaintext)), value + 8);
	if (err != NRM_OK)
		return err;
	return nrm_put(books->txn, NRM_TABLE_MESSAGES, key_of(message_id, sender, key),
		       nrm_slice(value, sizeof(value)));
}

/* Finds the next expired row at or after books->purge_from, looking at up to *n rows; moves purge_from on. */
static enum nrm_err next_expired(struct nrm_books *books, unsigned *n,
				 uint8_t key[static KEY_BYTES])
{
	struct nrm_cursor *cursor;
	struct nrm_slice k, value;
	enum nrm_err err = nrm_cursor_open(books->txn, NRM_TABLE_MESSAGES, &cursor);

	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, nrm_slice(books->purge_from, KEY_BYTES), &k, &value);
	for (; err == NRM_OK && *n > 0; err = nrm_cursor_next(cursor, &k, &value), --*n) {
		if (k.len != KEY_BYTES || value.len < 8) {
			err = NRM_ERR_CORRUPT;
			break;
		}
		memcpy(books->purge_from, k.data, KEY_BYTES);
		if (nrm_load_u64(value.data) + books->options.policy->rules->keep_ms <
		    books->clock) {
			memcpy(key, k.data, KEY_BYTES);
			nrm_cursor_close(cursor);
			--*n;
			return NRM_OK;
		}
	}
	nrm_cursor_close(cursor);
	if (err == NRM_ERR_NOT_FOUND)
		memset(books->purge_from, 0, KEY_BYTES); /* begin again from the oldest */
	return err == NRM_OK ? NRM_ERR_NOT_FOUND : err;
}

enum nrm_err nrm_messages_purge(struct nrm_books *books, unsigned n)
{
	uint8_t key[KEY_BYTES];
	enum nrm_err err;

	while ((err = next_expired(books, &n, key)) == NRM_OK) {
		err = nrm_delete(books->txn, NRM_TABLE_MESSAGES, nrm_slice(key, KEY_BYTES));
		if (err != NRM_OK)
			return err;
		books->changed = true;
	}
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}
