#include "agents/auditor/tallied.h"

#include <stdlib.h>

#include "proto/wire/directory_wire.h"

/* The key of the rows, of the slot that the state names. */
static enum nrm_err key_of(struct nrm_txn *txn, const struct nrm_case_keys *keys,
			   uint8_t row_key[static NRM_KEY_LEN])
{
	uint8_t key[NRM_KEY_LEN];
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_TALLIES), &row);

	if (err != NRM_OK)
		return err;
	struct nrm_reader r = nrm_reader(row);
	const uint32_t slot = nrm_take_u32(&r);
	if (nrm_reader_end(&r) != NRM_OK)
		return NRM_ERR_CORRUPT;
	err = nrm_case_keys_get(keys, slot, key);
	if (err == NRM_OK)
		nrm_row_key(key, row_key);
	nrm_wipe(key, sizeof(key));
	return err;
}

/* --- participants: rows in the order of their numbers, from 1 --- */

static enum nrm_err add_party(struct nrm_tallied *t, struct nrm_slice id)
{
	struct nrm_tallied_party *grown = realloc(t->party, (t->n_parties + 1) * sizeof(*t->party));

	if (!grown)
		return NRM_ERR_NOMEM;
	t->party = grown;
	if (id.len > NRM_MAX_ID)
		return NRM_ERR_CORRUPT;
	t->party[t->n_parties] = (struct nrm_tallied_party){.role = NRM_ROLE_ABSENT};
	memcpy(t->party[t->n_parties++].id, id.data, id.len);
	return NRM_OK;
}

static enum nrm_err read_parties(struct nrm_txn *txn, struct nrm_tallied *t)
{
	struct nrm_slice key, id;
	struct nrm_cursor *cursor;
	enum nrm_err err = add_party(t, nrm_slice_str("-"));

	if (err == NRM_OK)
		err = nrm_cursor_open(txn, NRM_TABLE_PARTIES, &cursor);
	if (err != NRM_OK)
		return err;
	for (err = nrm_cursor_seek(cursor, nrm_slice(NULL, 0), &key, &id); err == NRM_OK;) {
		err = add_party(t, id);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &id);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

uint32_t nrm_tallied_party(const struct nrm_tallied *t, struct nrm_slice id)
{
	for (uint32_t i = 1; id.len && i < t->n_parties; i++)
		if (nrm_slice_equal(id, nrm_slice_str(t->party[i].id)))
			return i;
	return 0;
}

/* What the newest directory says of them. Without one they have no roles. */
static enum nrm_err read_directory(struct nrm_txn *txn, struct nrm_tallied *t)
{
	struct nrm_directory_body body;
	struct nrm_document document;
	struct nrm_arena arena;
	struct nrm_slice bytes;

	enum nrm_err err = nrm_audit_newest(txn, 'd', &bytes);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	err = nrm_document_decode(bytes, &arena, &document);
	if (err == NRM_OK)
		err = nrm_directory_decode(document.document, &arena, &body);
	if (err == NRM_OK && body.country.len == 2)
		t->country = (uint16_t)(body.country.data[0] << 8 | body.country.data[1]);
	for (size_t i = 0; err == NRM_OK && i < body.n_participants; i++) {
		const struct nrm_participant_entry *p = &body.participant[i];
		const uint32_t party = nrm_tallied_party(t, p->id);

		if (party && p->role.n)
			t->party[party].role = (enum nrm_role)p->role.code[0];
	}
	nrm_arena_done(&arena);
	return err == NRM_OK || err == NRM_ERR_NOMEM ? err : NRM_ERR_CORRUPT;
}

/* --- rows --- */

static enum nrm_err read_row(struct nrm_tallied *t, const uint8_t *row_key, uint64_t number,
			     struct nrm_slice row, struct nrm_buf *plain)
{
	nrm_buf_clear(plain);
	enum nrm_err err = nrm_row_open(row_key, NRM_ROW_TALLY, number, row, plain);
	if (err == NRM_OK && (uint32_t)number >= t->n_parties)
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK)
		err = nrm_tally_row_read(number, nrm_buf_slice(plain), &t->sums);
	return err == NRM_ERR_OPEN ? NRM_ERR_CORRUPT : err;
}

static enum nrm_err read_rows(struct nrm_txn *txn, const uint8_t *row_key, uint16_t from,
			      uint16_t until, struct nrm_tallied *t)
{
	uint8_t first[NRM_TALLY_KEY_LEN];
	struct nrm_buf plain = {0};
	struct nrm_slice key, row;
	struct nrm_cursor *cursor;
	uint64_t number;

	nrm_tally_key(nrm_sum_row(from, 0), first);
	enum nrm_err err = nrm_cursor_open(txn, NRM_TABLE_TALLIES, &cursor);
	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, nrm_slice(first, sizeof(first)), &key, &row);
	while (err == NRM_OK) {
		err = nrm_tally_key_read(key, &number);
		if (err != NRM_OK || number >> 32 > until)
			break;
		err = read_row(t, row_key, number, row, &plain);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	nrm_buf_done(&plain);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_tallied_read(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			      uint16_t from, uint16_t until, struct nrm_tallied *ret_tallied)
{
	uint8_t row_key[NRM_KEY_LEN];
	struct nrm_txn *txn;

	*ret_tallied = (struct nrm_tallied){.size = 0};
	nrm_audit_reader_done(reader); /* all of it out of one snapshot */
	enum nrm_err err = nrm_audit_snapshot(reader, &txn);
	if (err == NRM_OK)
		err = key_of(txn, keys, row_key);
	if (err == NRM_OK)
		err = nrm_trail_size(txn, &ret_tallied->size);
	if (err == NRM_OK)
		err = read_parties(txn, ret_tallied);
	if (err == NRM_OK)
		err = read_directory(txn, ret_tallied);
	if (err == NRM_OK)
		err = read_rows(txn, row_key, from, until, ret_tallied);
	nrm_wipe(row_key, sizeof(row_key));
	return err;
}

void nrm_tallied_done(struct nrm_tallied *tallied)
{
	nrm_sums_done(&tallied->sums);
	free(tallied->party);
	*tallied = (struct nrm_tallied){.size = 0};
}
