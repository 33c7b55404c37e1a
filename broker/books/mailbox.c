#include "broker/books/mailbox.h"

#include <stdlib.h>

#include "broker/books/entropy.h"
#include "proto/trail/rows.h"
#include "proto/trail/trail.h"

/* A label: u32 sender, recipient, slot, u64 expires_ms, leaf. */
#define LABEL_BYTES  28
#define SEALED_LABEL (LABEL_BYTES + NRM_ROW_OVERHEAD)
/* A message: u64 declared, forwarded; then the envelope. */
#define PLAIN_HEAD_BYTES 16

struct nrm_mailbox *nrm_mailbox(struct nrm_mailboxes *boxes, uint32_t handle)
{
	if (handle >= boxes->n) {
		uint32_t n = handle + 64;
		struct nrm_mailbox *of = realloc(boxes->of, n * sizeof(*of));
		if (!of)
			return NULL;
		memset(of + boxes->n, 0, (n - boxes->n) * sizeof(*of));
		boxes->of = of;
		boxes->n = n;
	}
	return &boxes->of[handle];
}

void nrm_mailboxes_done(struct nrm_mailboxes *boxes)
{
	for (uint32_t i = 0; i < boxes->n; i++)
		free(boxes->of[i].place);
	free(boxes->of);
	nrm_wipe(boxes, sizeof(*boxes));
}

/* Room at the end: first by closing up over what is gone, then by growing. `next` may stand behind the end. */
static enum nrm_err make_room(struct nrm_mailbox *box)
{
	size_t n = 0, next = 0;

	if (box->end < box->cap)
		return NRM_OK;
	for (size_t i = box->first; i < box->end; i++) {
		if (box->place[i] == NRM_MAIL_GONE)
			continue;
		next += i < box->next;
		box->place[n++] = box->place[i];
	}
	box->next = next + (box->next > box->end ? box->next - box->end : 0);
	box->first = 0;
	box->end = n;
	if (n < box->cap / 2)
		return NRM_OK;
	size_t cap = box->cap ? box->cap * 2 : 16;
	uint64_t *place = realloc(box->place, cap * sizeof(*place));
	if (!place)
		return NRM_ERR_NOMEM;
	box->place = place;
	box->cap = cap;
	return NRM_OK;
}

enum nrm_err nrm_mailbox_add(struct nrm_mailboxes *boxes, uint32_t handle, uint64_t place)
{
	struct nrm_mailbox *box = nrm_mailbox(boxes, handle);
	enum nrm_err err = box ? make_room(box) : NRM_ERR_NOMEM;

	if (err != NRM_OK)
		return err;
	box->place[box->end++] = place;
	box->waiting++;
	boxes->waiting++;
	return NRM_OK;
}

static void drop_gone(struct nrm_mailbox *box)
{
	while (box->first < box->end && box->place[box->first] == NRM_MAIL_GONE)
		box->first++;
	if (box->next < box->first)
		box->next = box->first;
	while (box->next < box->end && box->place[box->next] == NRM_MAIL_GONE)
		box->next++;
}

/* Places ascend but for the gone ones, which a search steps over. */
static size_t find(const struct nrm_mailbox *box, uint64_t place)
{
	size_t low = box->first, high = box->end;

	while (low < high) {
		size_t middle = low + (high - low) / 2, probe = middle;

		while (probe < high && box->place[probe] == NRM_MAIL_GONE)
			probe++;
		if (probe == high || box->place[probe] > place)
			high = middle;
		else if (box->place[probe] == place)
			return probe;
		else
			low = probe + 1;
	}
	return box->end;
}

void nrm_mailbox_take(struct nrm_mailboxes *boxes, uint32_t handle, uint64_t place)
{
	struct nrm_mailbox *box = nrm_mailbox(boxes, handle);
	size_t i = box ? find(box, place) : 0;

	if (!box || i == box->end)
		return;
	box->place[i] = NRM_MAIL_GONE;
	box->waiting--;
	boxes->waiting--;
	drop_gone(box);
}

bool nrm_mailbox_next(const struct nrm_mailbox *box, uint64_t *ret_place)
{
	if (box->next >= box->end)
		return false;
	*ret_place = box->place[box->next];
	return true;
}

void nrm_mailbox_advance(struct nrm_mailbox *box)
{
	box->next++;
	drop_gone(box);
}

bool nrm_mailbox_in_flight(struct nrm_mailboxes *boxes, uint32_t handle, uint64_t place)
{
	struct nrm_mailbox *box = nrm_mailbox(boxes, handle);

	return box && find(box, place) < box->next;
}

void nrm_mailbox_rewind(struct nrm_mailbox *box)
{
	box->next = box->first;
	drop_gone(box);
}

/* --- labels --- */

static struct nrm_slice key_of(uint64_t place, uint8_t key[static 8])
{
	nrm_store_u64(key, place);
	return nrm_slice(key, 8);
}

static enum nrm_err label_seal(const uint8_t under[static NRM_KEY_LEN], const struct nrm_mail *mail,
			       struct nrm_entropy *entropy, uint8_t row[static SEALED_LABEL])
{
	uint8_t label[LABEL_BYTES], nonce[NRM_AEAD_NONCE_LEN];

	nrm_store_u32(label, mail->sender);
	nrm_store_u32(label + 4, mail->recipient);
	nrm_store_u32(label + 8, mail->slot);
	nrm_store_u64(label + 12, mail->expires_ms);
	nrm_store_u64(label + 20, mail->leaf);
	nrm_entropy_take(entropy, nonce, sizeof(nonce));
	return nrm_row_seal(under, NRM_ROW_LABEL, mail->place, nonce,
			    nrm_slice(label, sizeof(label)), row);
}

enum nrm_err nrm_mail_label_open(const struct nrm_mailboxes *boxes, struct nrm_slice key,
				 struct nrm_slice row, struct nrm_mail *ret_mail)
{
	struct nrm_buf label = {0};
	struct nrm_mail mail = {0};

	if (key.len != 8 || row.len != SEALED_LABEL)
		return NRM_ERR_CORRUPT;
	mail.place = nrm_load_u64(key.data);
	enum nrm_err err = nrm_row_open(boxes->key, NRM_ROW_LABEL, mail.place, row, &label);
	if (err == NRM_OK) {
		struct nrm_reader r = nrm_reader(nrm_buf_slice(&label));
		mail.sender = nrm_take_u32(&r);
		mail.recipient = nrm_take_u32(&r);
		mail.slot = nrm_take_u32(&r);
		mail.expires_ms = nrm_take_u64(&r);
		mail.leaf = nrm_take_u64(&r);
		*ret_mail = mail;
	}
	nrm_buf_wipe(&label);
	return err == NRM_ERR_OPEN ? NRM_ERR_CORRUPT : err;
}

enum nrm_err nrm_mail_label(const struct nrm_mailboxes *boxes, struct nrm_txn *txn, uint64_t place,
			    struct nrm_mail *ret_mail)
{
	struct nrm_slice row;
	uint8_t key[8];

	enum nrm_err err = nrm_get(txn, NRM_TABLE_LABELS, key_of(place, key), &row);
	return err == NRM_OK
		       ? nrm_mail_label_open(boxes, nrm_slice(key, sizeof(key)), row, ret_mail)
		       : err;
}

enum nrm_err nrm_mailboxes_load(struct nrm_mailboxes *boxes, struct nrm_txn *txn,
				const uint8_t *label_key)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key = nrm_slice(NULL, 0), row;

	*boxes = (struct nrm_mailboxes){0};
	if (label_key)
		memcpy(boxes->key, label_key, NRM_KEY_LEN);
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_LABELS, &cursor);
	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, key, &key, &row);
	for (; err == NRM_OK; err = nrm_cursor_next(cursor, &key, &row)) {
		struct nrm_mail mail;

		err = nrm_mail_label_open(boxes, key, row, &mail);
		if (err == NRM_OK)
			err = nrm_mailbox_add(boxes, mail.recipient, mail.place);
		if (err != NRM_OK)
			break;
	}
	nrm_cursor_close(cursor);
	if (err == NRM_ERR_NOT_FOUND)
		return NRM_OK;
	nrm_mailboxes_done(boxes);
	return err;
}

/* Seals one label anew; a put of a row with the same length leaves the cursor where it is. */
static enum nrm_err relabel_next(struct nrm_mailboxes *boxes, struct nrm_txn *txn,
				 const uint8_t under[static NRM_KEY_LEN],
				 struct nrm_entropy *entropy, struct nrm_slice key,
				 struct nrm_slice row)
{
	uint8_t sealed[SEALED_LABEL], at[8];
	struct nrm_mail mail;

	enum nrm_err err = nrm_mail_label_open(boxes, key, row, &mail);
	if (err == NRM_OK)
		err = label_seal(under, &mail, entropy, sealed);
	if (err == NRM_OK)
		err = nrm_put(txn, NRM_TABLE_LABELS, key_of(mail.place, at),
			      nrm_slice(sealed, sizeof(sealed)));
	return err;
}

enum nrm_err nrm_mailboxes_relabel(struct nrm_mailboxes *boxes, struct nrm_txn *txn,
				   const uint8_t under[static NRM_KEY_LEN],
				   struct nrm_entropy *entropy)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key = nrm_slice(NULL, 0), row;

	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_LABELS, &cursor);
	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, key, &key, &row);
	while (err == NRM_OK) {
		err = relabel_next(boxes, txn, under, entropy, key, row);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	if (err != NRM_ERR_NOT_FOUND)
		return err;
	memcpy(boxes->key, under, NRM_KEY_LEN);
	return NRM_OK;
}

/* --- messages --- */

/* Puts a row: a new one at the end, or in place of the one that is there. */
static enum nrm_err row_room(struct nrm_txn *txn, unsigned table, struct nrm_slice key, size_t len,
			     bool rewrite, uint8_t *copy, uint8_t **ret_row)
{
	*ret_row = copy;
	return rewrite ? NRM_OK : nrm_append(txn, table, key, len, ret_row);
}

static enum nrm_err label_write(const struct nrm_mailboxes *boxes, struct nrm_txn *txn,
				const struct nrm_mail *mail, bool rewrite,
				struct nrm_entropy *entropy)
{
	uint8_t key[8], copy[SEALED_LABEL], *row;

	enum nrm_err err = row_room(txn, NRM_TABLE_LABELS, key_of(mail->place, key), sizeof(copy),
				    rewrite, copy, &row);
	if (err == NRM_OK)
		err = label_seal(boxes->key, mail, entropy, row);
	if (err == NRM_OK && rewrite)
		err = nrm_put(txn, NRM_TABLE_LABELS, nrm_slice(key, sizeof(key)),
			      nrm_slice(copy, sizeof(copy)));
	return err;
}

enum nrm_err nrm_mail_write(const struct nrm_mailboxes *boxes, struct nrm_txn *txn,
			    struct nrm_mail *mail, const struct nrm_envelope *envelope,
			    const struct nrm_case *c, bool rewrite, struct nrm_entropy *entropy,
			    struct nrm_buf *scratch)
{
	uint8_t key[8], nonce[NRM_AEAD_NONCE_LEN], *copy = NULL, *row;

	nrm_buf_clear(scratch);
	nrm_buf_put_u64(scratch, mail->declared);
	nrm_buf_put_u64(scratch, mail->forwarded);
	enum nrm_err err = nrm_envelope_encode(envelope, mail->forwarded, scratch);
	if (err == NRM_OK)
		err = scratch->err;
	if (err == NRM_OK)
		err = label_write(boxes, txn, mail, rewrite, entropy);
	if (err != NRM_OK)
		return err;

	const struct nrm_slice plaintext = nrm_buf_slice(scratch);
	mail->envelope =
		nrm_slice(plaintext.data + PLAIN_HEAD_BYTES, plaintext.len - PLAIN_HEAD_BYTES);
	const size_t len = plaintext.len + NRM_ROW_OVERHEAD;
	if (rewrite && !(copy = malloc(len)))
		return NRM_ERR_NOMEM;
	nrm_entropy_take(entropy, nonce, sizeof(nonce));
	err = row_room(txn, NRM_TABLE_MAILBOX, key_of(mail->place, key), len, rewrite, copy, &row);
	if (err == NRM_OK)
		err = nrm_row_seal(c->row_key, NRM_ROW_MAIL, mail->place, nonce, plaintext, row);
	if (err == NRM_OK && rewrite)
		err = nrm_put(txn, NRM_TABLE_MAILBOX, nrm_slice(key, sizeof(key)),
			      nrm_slice(copy, len));
	free(copy);
	return err;
}

enum nrm_err nrm_mail_read(const struct nrm_mailboxes *boxes, struct nrm_txn *txn, uint64_t place,
			   const struct nrm_case *c, struct nrm_buf *plaintext,
			   struct nrm_mail *ret_mail)
{
	struct nrm_slice row;
	uint8_t key[8];

	nrm_buf_clear(plaintext);
	enum nrm_err err = nrm_mail_label(boxes, txn, place, ret_mail);
	if (err == NRM_OK)
		err = nrm_get(txn, NRM_TABLE_MAILBOX, key_of(place, key), &row);
	if (err == NRM_OK)
		err = nrm_row_open(c->row_key, NRM_ROW_MAIL, place, row, plaintext);
	if (err != NRM_OK)
		return err == NRM_ERR_OPEN ? NRM_ERR_CORRUPT : err;
	struct nrm_reader r = nrm_reader(nrm_buf_slice(plaintext));
	ret_mail->declared = nrm_take_u64(&r);
	ret_mail->forwarded = nrm_take_u64(&r);
	ret_mail->envelope = r.rest;
	return r.failed ? NRM_ERR_CORRUPT : NRM_OK;
}

enum nrm_err nrm_mail_delete(struct nrm_txn *txn, uint64_t place)
{
	uint8_t key[8];

	enum nrm_err err = nrm_delete(txn, NRM_TABLE_LABELS, key_of(place, key));
	return err == NRM_OK ? nrm_delete(txn, NRM_TABLE_MAILBOX, nrm_slice(key, sizeof(key)))
			     : err;
}
