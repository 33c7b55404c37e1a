#include "agents/agent/spool.h"

#include "proto/base/limits.h"

static const char *const tables[NRM_SPOOL_TABLES] = {
	"meta",	       "cases",	 "consents", "queue",  "outbox",     "fate",   "waiting", "inbox",
	"inbox_index", "leaves", "unproved", "proofs", "case_files", "stated", "previews"};

enum nrm_err nrm_spool_open(const char *folder, struct nrm_store **ret_store)
{
	struct nrm_store_options options = {.tables = tables, .n_tables = NRM_SPOOL_TABLES};

	return folder ? nrm_store_open(folder, &options, ret_store)
		      : nrm_store_open_memory(&options, ret_store);
}

enum nrm_err nrm_meta_get(struct nrm_txn *txn, const char *name, struct nrm_slice *ret_value)
{
	return nrm_get(txn, NRM_SPOOL_META, nrm_slice_str(name), ret_value);
}

enum nrm_err nrm_meta_put(struct nrm_txn *txn, const char *name, struct nrm_slice value)
{
	return nrm_put(txn, NRM_SPOOL_META, nrm_slice_str(name), value);
}

/* A row of two byte strings: length of the first, both. */
static enum nrm_err put_pair(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			     struct nrm_slice first, struct nrm_slice second)
{
	struct nrm_buf row = {0};

	nrm_buf_put_u32(&row, (uint32_t)first.len);
	nrm_buf_put(&row, first.data, first.len);
	nrm_buf_put(&row, second.data, second.len);
	enum nrm_err err = row.err ? row.err : nrm_put(txn, table, key, nrm_buf_slice(&row));
	nrm_buf_done(&row);
	return err;
}

static enum nrm_err get_pair(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			     struct nrm_slice *ret_first, struct nrm_slice *ret_second)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, table, key, &row);

	if (err)
		return err;
	struct nrm_reader r = nrm_reader(row);
	struct nrm_slice first = nrm_take(&r, nrm_take_u32(&r));
	if (r.failed)
		return NRM_ERR_CORRUPT;
	*ret_first = first;
	*ret_second = r.rest;
	return NRM_OK;
}

enum nrm_err nrm_meta_put_pair(struct nrm_txn *txn, const char *name, struct nrm_slice first,
			       struct nrm_slice second)
{
	return put_pair(txn, NRM_SPOOL_META, nrm_slice_str(name), first, second);
}

enum nrm_err nrm_meta_get_pair(struct nrm_txn *txn, const char *name, struct nrm_slice *ret_first,
			       struct nrm_slice *ret_second)
{
	return get_pair(txn, NRM_SPOOL_META, nrm_slice_str(name), ret_first, ret_second);
}

/* The number after the last of a table whose keys are numbers. */
static enum nrm_err next_number(struct nrm_txn *txn, unsigned table, uint64_t *ret_number)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	enum nrm_err err = nrm_cursor_open(txn, table, &cursor);

	if (err)
		return err;
	err = nrm_cursor_last(cursor, &key, &value);
	if (err == NRM_OK)
		*ret_number = nrm_load_u64(key.data) + 1;
	else if (err == NRM_ERR_NOT_FOUND) {
		*ret_number = 1;
		err = NRM_OK;
	}
	nrm_cursor_close(cursor);
	return err;
}

/*
 * Places in the queue are never given twice, though the queue runs empty: the fate of a message
 * names its own.
 */
static enum nrm_err next_place(struct nrm_txn *txn, uint64_t *ret_place)
{
	struct nrm_slice last;
	uint8_t next[8];
	uint64_t place = 1;
	enum nrm_err err = nrm_meta_get(txn, "places", &last);

	if (err == NRM_OK)
		place = nrm_load_u64(last.data) + 1;
	else if (err != NRM_ERR_NOT_FOUND)
		return err;
	nrm_store_u64(next, place);
	err = nrm_meta_put(txn, "places", nrm_slice(next, sizeof(next)));
	if (err == NRM_OK)
		*ret_place = place;
	return err;
}

enum nrm_err nrm_outbox_add(struct nrm_txn *txn, const uint8_t message_id[static 16],
			    struct nrm_slice envelope, struct nrm_slice copy)
{
	struct nrm_slice id = nrm_slice(message_id, NRM_MESSAGE_ID_LEN), old;
	struct nrm_fate fate = {.stage = NRM_STAGE_SPOOLED};
	uint8_t place[8];
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_OUTBOX, id, &old);

	if (err != NRM_ERR_NOT_FOUND)
		return err ? err : NRM_ERR_EXISTS;
	err = next_place(txn, &fate.queue);
	if (err)
		return err;
	nrm_store_u64(place, fate.queue);
	err = nrm_put(txn, NRM_SPOOL_QUEUE, nrm_slice(place, sizeof(place)), id);
	if (err == NRM_OK)
		err = nrm_fate_put(txn, id, nrm_slice(NULL, 0), &fate, false);
	return err ? err : nrm_outbox_replace(txn, message_id, envelope, copy);
}

enum nrm_err nrm_outbox_replace(struct nrm_txn *txn, const uint8_t message_id[static 16],
				struct nrm_slice envelope, struct nrm_slice copy)
{
	return put_pair(txn, NRM_SPOOL_OUTBOX, nrm_slice(message_id, NRM_MESSAGE_ID_LEN), envelope,
			copy);
}

enum nrm_err nrm_outbox_get(struct nrm_txn *txn, struct nrm_slice message_id,
			    struct nrm_slice *ret_envelope, struct nrm_slice *ret_copy)
{
	return get_pair(txn, NRM_SPOOL_OUTBOX, message_id, ret_envelope, ret_copy);
}

enum nrm_err nrm_queue_next(struct nrm_txn *txn, uint64_t from, uint64_t *ret_place,
			    uint8_t message_id[static 16])
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	uint8_t place[8];
	enum nrm_err err = nrm_cursor_open(txn, NRM_SPOOL_QUEUE, &cursor);

	if (err)
		return err;
	nrm_store_u64(place, from);
	err = nrm_cursor_seek(cursor, nrm_slice(place, sizeof(place)), &key, &value);
	if (err == NRM_OK && (key.len != 8 || value.len != NRM_MESSAGE_ID_LEN))
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK) {
		memcpy(message_id, value.data, NRM_MESSAGE_ID_LEN);
		*ret_place = nrm_load_u64(key.data);
	}
	nrm_cursor_close(cursor);
	return err;
}

enum nrm_err nrm_fate_get(struct nrm_txn *txn, struct nrm_slice message_id,
			  struct nrm_fate *ret_fate)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_FATE, message_id, &row);

	if (err)
		return err;
	struct nrm_reader r = nrm_reader(row);
	struct nrm_fate f = {0};
	f.stage = nrm_take_u8(&r);
	f.queue = nrm_take_u64(&r);
	f.refusal = nrm_take_u8(&r);
	f.outcome = nrm_take_u8(&r);
	f.reason = nrm_take_u8(&r);
	f.index = nrm_take_u64(&r);
	nrm_take_bytes(&r, f.leaf_hash, sizeof(f.leaf_hash));
	f.decided_ms = nrm_take_u64(&r);
	f.forwarded = nrm_take_u64(&r);
	f.secret = nrm_take_u64(&r);
	f.not_needed = nrm_take_u64(&r);
	f.not_consented = nrm_take_u64(&r);
	f.obligations = nrm_take_u32(&r);
	f.missing = nrm_take_u32(&r);
	f.returned = nrm_take_u8(&r);
	f.ack = nrm_take_u8(&r);
	f.ack_index = nrm_take_u64(&r);
	f.ack_ms = nrm_take_u64(&r);
	if (nrm_reader_end(&r))
		return NRM_ERR_CORRUPT;
	*ret_fate = f;
	return NRM_OK;
}

static void write_fate(const struct nrm_fate *f, struct nrm_buf *row)
{
	nrm_buf_put_u8(row, (uint8_t)f->stage);
	nrm_buf_put_u64(row, f->queue);
	nrm_buf_put_u8(row, (uint8_t)f->refusal);
	nrm_buf_put_u8(row, (uint8_t)f->outcome);
	nrm_buf_put_u8(row, (uint8_t)f->reason);
	nrm_buf_put_u64(row, f->index);
	nrm_buf_put(row, f->leaf_hash, sizeof(f->leaf_hash));
	nrm_buf_put_u64(row, f->decided_ms);
	nrm_buf_put_u64(row, f->forwarded);
	nrm_buf_put_u64(row, f->secret);
	nrm_buf_put_u64(row, f->not_needed);
	nrm_buf_put_u64(row, f->not_consented);
	nrm_buf_put_u32(row, f->obligations);
	nrm_buf_put_u32(row, f->missing);
	nrm_buf_put_u8(row, f->returned);
	nrm_buf_put_u8(row, (uint8_t)f->ack);
	nrm_buf_put_u64(row, f->ack_index);
	nrm_buf_put_u64(row, f->ack_ms);
}

/* Adds or removes a row, whichever way it was. */
static enum nrm_err keep_row(struct nrm_txn *txn, unsigned table, struct nrm_slice key,
			     struct nrm_slice value, bool keep)
{
	if (keep)
		return nrm_put(txn, table, key, value);
	enum nrm_err err = nrm_delete(txn, table, key);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_fate_put(struct nrm_txn *txn, struct nrm_slice message_id,
			  struct nrm_slice case_id, const struct nrm_fate *fate, bool acknowledged)
{
	bool waits = acknowledged && fate->stage == NRM_STAGE_DECIDED && !fate->returned &&
		     !fate->ack && fate->outcome != NRM_OUTCOME_REFUSE;
	struct nrm_buf row = {0};
	uint8_t place[8];

	write_fate(fate, &row);
	enum nrm_err err = row.err ? row.err
				   : nrm_put(txn, NRM_SPOOL_FATE, message_id, nrm_buf_slice(&row));
	nrm_buf_done(&row);
	if (err == NRM_OK && fate->stage != NRM_STAGE_SPOOLED) {
		nrm_store_u64(place, fate->queue);
		err = keep_row(txn, NRM_SPOOL_QUEUE, nrm_slice(place, sizeof(place)),
			       nrm_slice(NULL, 0), false);
	}
	return err ? err : keep_row(txn, NRM_SPOOL_WAITING, message_id, case_id, waits);
}

/* ---- what was received ---- */

enum nrm_err nrm_inbox_read(struct nrm_slice row, struct nrm_received *ret_received)
{
	struct nrm_reader r = nrm_reader(row);
	struct nrm_received got = {0};

	got.received_ms = nrm_take_u64(&r);
	got.index = nrm_take_u64(&r);
	got.status = nrm_take_u8(&r);
	got.forwarded = nrm_take_u64(&r);
	got.withheld_count = nrm_take_u32(&r);
	nrm_take_bytes(&r, got.reply, sizeof(got.reply));
	got.envelope = r.rest;
	if (r.failed)
		return NRM_ERR_CORRUPT;
	*ret_received = got;
	return NRM_OK;
}

static enum nrm_err write_received(struct nrm_txn *txn, uint64_t place,
				   const struct nrm_received *received)
{
	struct nrm_buf row = {0};
	uint8_t key[8];

	nrm_store_u64(key, place);
	nrm_buf_put_u64(&row, received->received_ms);
	nrm_buf_put_u64(&row, received->index);
	nrm_buf_put_u8(&row, (uint8_t)received->status);
	nrm_buf_put_u64(&row, received->forwarded);
	nrm_buf_put_u32(&row, received->withheld_count);
	nrm_buf_put(&row, received->reply, sizeof(received->reply));
	nrm_buf_put(&row, received->envelope.data, received->envelope.len);
	enum nrm_err err = row.err ? row.err
				   : nrm_put(txn, NRM_SPOOL_INBOX, nrm_slice(key, sizeof(key)),
					     nrm_buf_slice(&row));
	nrm_buf_done(&row);
	return err;
}

enum nrm_err nrm_inbox_put(struct nrm_txn *txn, struct nrm_slice message_id,
			   struct nrm_slice sender, const struct nrm_received *received,
			   bool *ret_new)
{
	uint8_t key[NRM_MESSAGE_ID_LEN + NRM_MAX_ID], number[8];
	struct nrm_received old, put = *received;
	struct nrm_slice row;
	uint64_t place = 0;

	if (message_id.len != NRM_MESSAGE_ID_LEN || sender.len > NRM_MAX_ID)
		return NRM_ERR_ARGUMENT;
	memcpy(key, message_id.data, NRM_MESSAGE_ID_LEN);
	memcpy(key + NRM_MESSAGE_ID_LEN, sender.data, sender.len);
	struct nrm_slice index = nrm_slice(key, NRM_MESSAGE_ID_LEN + sender.len);
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_INBOX_INDEX, index, &row);
	bool known = err == NRM_OK;
	if (known) {
		place = nrm_load_u64(row.data);
		err = nrm_inbox_get(txn, place, &old);
		if (err || old.index >= received->index)
			goto out;
		memcpy(put.reply, old.reply, sizeof(put.reply));
	} else {
		if (err == NRM_ERR_NOT_FOUND)
			err = next_number(txn, NRM_SPOOL_INBOX, &place);
		if (err)
			return err;
		nrm_store_u64(number, place);
		err = nrm_put(txn, NRM_SPOOL_INBOX_INDEX, index, nrm_slice(number, sizeof(number)));
		if (err)
			return err;
	}
	err = write_received(txn, place, &put);
out:
	if (err == NRM_OK)
		*ret_new = !known;
	return err;
}

enum nrm_err nrm_inbox_find(struct nrm_txn *txn, struct nrm_slice message_id, uint64_t *ret_place)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	uint64_t place = 0;
	enum nrm_err err = nrm_cursor_open(txn, NRM_SPOOL_INBOX_INDEX, &cursor);

	if (err)
		return err;
	err = nrm_cursor_seek(cursor, message_id, &key, &value);
	while (err == NRM_OK && key.len > message_id.len &&
	       memcmp(key.data, message_id.data, message_id.len) == 0) {
		if (place) {
			err = NRM_ERR_DUPLICATE;
			break;
		}
		place = nrm_load_u64(value.data);
		err = nrm_cursor_next(cursor, &key, &value);
	}
	nrm_cursor_close(cursor);
	if (err == NRM_ERR_NOT_FOUND)
		err = NRM_OK;
	if (err == NRM_OK && !place)
		err = NRM_ERR_NOT_FOUND;
	if (err == NRM_OK)
		*ret_place = place;
	return err;
}

enum nrm_err nrm_inbox_get(struct nrm_txn *txn, uint64_t place, struct nrm_received *ret_received)
{
	struct nrm_slice row;
	uint8_t key[8];

	nrm_store_u64(key, place);
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_INBOX, nrm_slice(key, sizeof(key)), &row);
	return err ? err : nrm_inbox_read(row, ret_received);
}

enum nrm_err nrm_inbox_reply(struct nrm_txn *txn, uint64_t place,
			     const uint8_t reply[static NRM_MESSAGE_ID_LEN])
{
	struct nrm_received received;
	enum nrm_err err = nrm_inbox_get(txn, place, &received);

	if (err)
		return err;
	memcpy(received.reply, reply, sizeof(received.reply));
	return write_received(txn, place, &received);
}
