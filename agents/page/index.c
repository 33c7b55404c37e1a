#include "agents/page/index.h"

#include <stdlib.h>

#include "proto/base/limits.h"

#define ROWS_A_SLICE 8192u
#define RARELY	     10u /* a pass over cases takes at most this part of the time: one in … */

void nrm_index_init(struct nrm_index *index, struct nrm_store *store, const char *keys_file)
{
	*index = (struct nrm_index){.store = store, .keys_file = keys_file};
	nrm_audit_reader_init(&index->reader, store);
	nrm_arena_init(&index->arena, NRM_MAX_FRAME_ARENA);
	nrm_arena_init(&index->directory_arena, NRM_MAX_DIRECTORY_ARENA);
}

void nrm_index_done(struct nrm_index *index)
{
	nrm_audit_reader_done(&index->reader);
	nrm_case_keys_close(index->keys);
	nrm_columns_done(&index->columns);
	nrm_arena_done(&index->arena);
	nrm_arena_done(&index->directory_arena);
	free(index->seen);
}

bool nrm_index_whole(const struct nrm_index *index)
{
	return index->columns.n >= index->size;
}

const struct nrm_participant_entry *nrm_index_participant(const struct nrm_index *index,
							  struct nrm_slice id)
{
	for (size_t i = 0; i < index->directory.n_participants; i++)
		if (nrm_slice_equal(index->directory.participant[i].id, id))
			return &index->directory.participant[i];
	return NULL;
}

/* Reads the newest directory when a document was added; one that cannot be read leaves ids without names. */
static enum nrm_err read_directory(struct nrm_index *index, struct nrm_txn *txn)
{
	struct nrm_document document;
	struct nrm_slice bytes;
	uint64_t documents;
	enum nrm_err err = nrm_count(txn, NRM_TABLE_DOCUMENTS, &documents);

	if (err != NRM_OK || documents == index->documents)
		return err;
	index->directory = (struct nrm_directory_body){.version = 0};
	nrm_arena_reset(&index->directory_arena);
	err = nrm_audit_newest(txn, 'd', &bytes);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	index->documents = documents;
	void *copy = err == NRM_OK ? nrm_arena_copy(&index->directory_arena, bytes.data, bytes.len)
				   : NULL;
	if (copy &&
	    nrm_document_decode(nrm_slice(copy, bytes.len), &index->directory_arena, &document) ==
		    NRM_OK &&
	    nrm_directory_decode(document.document, &index->directory_arena, &index->directory) !=
		    NRM_OK)
		index->directory = (struct nrm_directory_body){.version = 0};
	return NRM_OK;
}

static enum nrm_err look(struct nrm_index *index)
{
	struct nrm_txn *txn;

	nrm_audit_reader_done(&index->reader);
	enum nrm_err err = nrm_audit_snapshot(&index->reader, &txn);
	if (err == NRM_OK)
		err = nrm_trail_size(txn, &index->size);
	if (err == NRM_OK && index->size < index->columns.n)
		err = NRM_ERR_CORRUPT; /* an older copy was put in its place: to be read from its beginning */
	return err == NRM_OK ? read_directory(index, txn) : err;
}

static enum nrm_err add_leaf(struct nrm_index *index)
{
	struct nrm_column_row column = {.minute = 0};
	struct nrm_trail_row row;
	struct nrm_leaf leaf;
	enum nrm_err err = nrm_audit_row(&index->reader, index->columns.n, &row);

	if (err == NRM_OK && nrm_leaf_decode(row.leaf, &index->arena, &leaf) == NRM_OK)
		column = (struct nrm_column_row){.minute = leaf.minute,
						 .sender = leaf.sender,
						 .recipient = leaf.recipient,
						 .service = leaf.service,
						 .outcome = leaf.outcome,
						 .reason = leaf.reason,
						 .kind = leaf.kind};
	else if (err != NRM_OK && err != NRM_ERR_NOT_FOUND && err != NRM_ERR_CORRUPT)
		return err;
	err = nrm_columns_add(&index->columns, &column);
	nrm_arena_reset(&index->arena);
	return err;
}

static enum nrm_err add_leaves(struct nrm_index *index)
{
	enum nrm_err err = NRM_OK;

	for (unsigned n = 0; err == NRM_OK && n < ROWS_A_SLICE && !nrm_index_whole(index); n++)
		err = add_leaf(index);
	return err;
}

/* A pass begins when there are new leaves and the last one is long enough ago; forgotten cases come with a leaf too. */
static bool pass_is_due(const struct nrm_index *index, uint64_t now)
{
	return index->keys_file && index->columns.n != index->looked_at &&
	       (!index->cases_known || now - index->pass_ended_ms >= RARELY * index->pass_took_ms);
}

static enum nrm_err begin_pass(struct nrm_index *index, uint64_t now)
{
	struct nrm_case_keys *keys;
	enum nrm_err err = nrm_case_keys_open(index->keys_file, true, &keys);

	if (err != NRM_OK)
		return err;
	nrm_case_keys_close(index->keys);
	index->keys = keys;
	index->passing = true;
	index->next_slot = 0;
	index->looked_at = index->columns.n;
	index->pass_began_ms = now;
	return NRM_OK;
}

enum nrm_err nrm_index_step(struct nrm_index *index, uint64_t now, bool *ret_busy)
{
	bool more = false;
	enum nrm_err err = NRM_OK;

	if (nrm_index_whole(index))
		err = look(index);
	if (err == NRM_OK && !nrm_index_whole(index)) {
		err = add_leaves(index);
		more = true;
	} else if (err == NRM_OK) {
		if (!index->passing && pass_is_due(index, now))
			err = begin_pass(index, now);
		if (err == NRM_OK && index->passing)
			err = nrm_index_cases(index, now, &more);
	}
	nrm_audit_reader_done(&index->reader); /* an old snapshot holds up the broker */
	if (err == NRM_OK)
		*ret_busy = more;
	return err;
}
