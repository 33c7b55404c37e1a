#include "broker/books/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "broker/books/state.h"

/* Memory that the replies of one transaction may take. */
#define ARENA_CEILING (256u * 1024 * 1024)
#define STATE_ROW     "state"
#define LABELS_ROW    "labels" /* u32: the slot of their key */

/* --- state row: u64 clock, u32 case slots in use --- */

static enum nrm_err state_read(struct nrm_books *books, uint32_t *ret_slots)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(books->txn, NRM_TABLE_STATE, nrm_slice_str(STATE_ROW), &row);

	*ret_slots = 0;
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	struct nrm_reader r = nrm_reader(row);
	books->clock = nrm_take_u64(&r);
	*ret_slots = nrm_take_u32(&r);
	return nrm_reader_end(&r) == NRM_OK ? NRM_OK : NRM_ERR_CORRUPT;
}

enum nrm_err nrm_state_write(struct nrm_books *books)
{
	uint8_t row[12];

	nrm_store_u64(row, books->clock);
	nrm_store_u32(row + 8, books->cases.n_slots);
	return nrm_put(books->txn, NRM_TABLE_STATE, nrm_slice_str(STATE_ROW),
		       nrm_slice(row, sizeof(row)));
}

static enum nrm_err checkpoint_read(struct nrm_books *books)
{
	struct nrm_checkpoint head;
	struct nrm_slice note;
	uint64_t cosigned;

	nrm_buf_clear(&books->checkpoint);
	books->signed_size = 0;
	enum nrm_err err =
		nrm_get(books->txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	/* Under another log key than today's it is not ours to hand on: the next tick signs a new one. */
	if (nrm_note_open(note, nrm_directory_log_key(books->options.directory), NULL, 0, &head,
			  &cosigned) != NRM_OK)
		return NRM_OK;
	if (head.size > books->frontier.size)
		return NRM_ERR_CORRUPT;
	nrm_buf_put(&books->checkpoint, note.data, note.len);
	books->signed_size = head.size;
	return books->checkpoint.err;
}

static enum nrm_err labels_read(struct nrm_books *books)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(books->txn, NRM_TABLE_STATE, nrm_slice_str(LABELS_ROW), &row);

	books->labels_slot = NRM_NO_SLOT;
	if (err == NRM_OK && row.len != 4)
		return NRM_ERR_CORRUPT;
	if (err == NRM_OK) {
		struct nrm_reader r = nrm_reader(row);
		books->labels_slot = nrm_take_u32(&r);
	}
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* With a key that is lost there may be no labels. */
static enum nrm_err mailboxes_read(struct nrm_books *books)
{
	uint8_t key[NRM_KEY_LEN];
	enum nrm_err err = books->labels_slot == NRM_NO_SLOT
				   ? NRM_ERR_NOT_FOUND
				   : nrm_case_keys_get(books->keys, books->labels_slot, key);

	if (err == NRM_ERR_NOT_FOUND)
		books->labels_slot = NRM_NO_SLOT;
	else if (err != NRM_OK)
		return err;
	err = nrm_mailboxes_load(&books->mailboxes, books->txn, err == NRM_OK ? key : NULL);
	nrm_wipe(key, sizeof(key));
	return err;
}

enum nrm_err nrm_books_label(struct nrm_books *books)
{
	uint8_t key[NRM_KEY_LEN], row[4];
	uint32_t slot;

	enum nrm_err err = nrm_slot_take(&books->cases, &slot, key);
	if (err == NRM_OK)
		err = nrm_mailboxes_relabel(&books->mailboxes, books->txn, key, &books->entropy);
	nrm_wipe(key, sizeof(key));
	if (err != NRM_OK)
		return err;
	nrm_store_u32(row, slot);
	err = nrm_put(books->txn, NRM_TABLE_STATE, nrm_slice_str(LABELS_ROW),
		      nrm_slice(row, sizeof(row)));
	if (err != NRM_OK)
		return err;
	if (books->labels_slot != NRM_NO_SLOT)
		nrm_buf_put_u32(&books->forgotten, books->labels_slot);
	books->labels_slot = slot;
	books->changed = true;
	return books->forgotten.err;
}

/* Reads what is committed into memory. Afterwards nothing is in flight. */
enum nrm_err nrm_books_load(struct nrm_books *books)
{
	uint64_t size;
	uint32_t slots;

	enum nrm_err err = nrm_txn_begin(books->store, false, &books->txn);
	if (err != NRM_OK)
		return err;
	err = state_read(books, &slots);
	if (err == NRM_OK)
		err = nrm_trail_size(books->txn, &size);
	if (err == NRM_OK)
		err = nrm_frontier_load(&books->frontier, size, nrm_trail_node, books->txn);
	if (err == NRM_OK)
		err = nrm_roll_load(&books->roll, books->txn);
	if (err == NRM_OK)
		err = labels_read(books);
	if (err == NRM_OK)
		err = nrm_tallies_load(books);
	if (err == NRM_OK)
		err = nrm_case_keys_skip(books->keys, slots);
	if (err == NRM_OK)
		err = nrm_cases_load(&books->cases, books->txn, books->keys, slots,
				     (const uint32_t[]){books->labels_slot, books->tallies_slot},
				     2);
	if (err == NRM_OK)
		err = mailboxes_read(books);
	if (err == NRM_OK)
		err = checkpoint_read(books);
	if (err == NRM_OK)
		err = nrm_witnessed_load(books);
	nrm_txn_abort(books->txn);
	books->txn = NULL;
	return err;
}

void nrm_books_unload(struct nrm_books *books)
{
	nrm_roll_done(&books->roll);
	nrm_cases_done(&books->cases);
	nrm_mailboxes_done(&books->mailboxes);
}

/* --- open and close --- */

static enum nrm_err bring_into_force(struct nrm_books *books, uint64_t now_ms,
				     const uint8_t entropy[static 32])
{
	enum nrm_err err = nrm_books_begin(books, now_ms, entropy);

	if (err == NRM_OK)
		err = nrm_roll_enrol(&books->roll, books->txn, books->options.directory,
				     books->clock);
	if (err == NRM_OK && books->labels_slot == NRM_NO_SLOT)
		err = nrm_books_label(books);
	if (err == NRM_OK && books->tallies_slot == NRM_NO_SLOT)
		err = nrm_tallies_begin(books);
	if (err == NRM_OK)
		err = nrm_books_record_directory(books);
	if (err == NRM_OK)
		err = nrm_books_record_policy(books);
	return err == NRM_OK ? nrm_books_commit(books) : err;
}

/* Before anything is added: books that were restored from an older copy must not go on. */
static enum nrm_err meet_signer(struct nrm_books *books, char ret_error[static 256])
{
	struct nrm_checkpoint last;
	enum nrm_err err = nrm_txn_begin(books->store, false, &books->txn);

	if (err != NRM_OK)
		return err;
	err = nrm_books_meet_signer(books, &last);
	nrm_txn_abort(books->txn);
	books->txn = NULL;
	if (err == NRM_ERR_CORRUPT)
		snprintf(ret_error, 256,
			 "its trail is older than the head that the signer signed last, or another "
			 "one; see broker/README.md, \"When the broker stops by itself\"");
	return err == NRM_ERR_AGAIN ? NRM_OK : err;
}

static enum nrm_err open_files(struct nrm_books *books, char ret_error[static 256])
{
	const struct nrm_store_options options = {
		.tables = nrm_broker_tables,
		.n_tables = NRM_BROKER_TABLES,
		.map_bytes = books->options.map_bytes,
	};
	char store[4096], keys[4096];
	enum nrm_err err;

	if (!books->folder) {
		err = nrm_store_open_memory(&options, &books->store);
		return err == NRM_OK ? nrm_case_keys_open(NULL, false, &books->keys) : err;
	}
	mkdir(books->folder, 0700); /* whether it is there is found out below */
	snprintf(store, sizeof(store), "%s/" NRM_BROKER_STORE, books->folder);
	snprintf(keys, sizeof(keys), "%s/" NRM_BROKER_CASE_KEYS, books->folder);
	err = nrm_store_open(store, &options, &books->store);
	if (err != NRM_OK) {
		snprintf(ret_error, 256, "%.200s: %s", store, nrm_err_text(err));
		return err;
	}
	err = nrm_case_keys_open(keys, false, &books->keys);
	if (err != NRM_OK)
		snprintf(ret_error, 256, "%.200s: %s", keys, nrm_err_text(err));
	return err;
}

enum nrm_err nrm_books_open(const struct nrm_books_options *options, uint64_t now_ms,
			    const uint8_t entropy[static 32], struct nrm_books **ret_books,
			    char ret_error[static 256])
{
	struct nrm_books *books = calloc(1, sizeof(*books));
	enum nrm_err err = NRM_ERR_NOMEM;

	ret_error[0] = '\0';
	if (!books)
		return err;
	books->options = *options;
	books->reserve = -1;
	books->must_scrub = true;
	nrm_arena_init(&books->arena, ARENA_CEILING);
	nrm_sessions_init(&books->sessions);
	books->receipts = calloc(NRM_MAX_FRAME_ITEMS, sizeof(*books->receipts));
	books->deliveries = calloc(NRM_MAX_FRAME_ITEMS, sizeof(*books->deliveries));
	if (!books->receipts || !books->deliveries)
		goto out;
	if (options->folder && !(books->folder = strdup(options->folder)))
		goto out;
	err = open_files(books, ret_error);
	if (err != NRM_OK)
		goto out;
	nrm_room_open(books);
	err = nrm_books_load(books);
	if (err == NRM_OK)
		err = meet_signer(books, ret_error);
	if (err == NRM_OK)
		err = bring_into_force(books, now_ms, entropy);
	if (err == NRM_OK)
		nrm_room_look(books);
out:
	if (err != NRM_OK) {
		if (ret_error[0] == '\0')
			snprintf(ret_error, 256, "the broker's books: %s",
				 err == NRM_ERR_VERSION
					 ? "directory or policy is older than the last one in "
					   "force here, or another of the same version"
					 : nrm_err_text(err));
		nrm_books_close(books);
		return err;
	}
	*ret_books = books;
	return NRM_OK;
}

void nrm_books_close(struct nrm_books *books)
{
	if (!books)
		return;
	nrm_txn_abort(books->txn);
	nrm_books_unload(books);
	nrm_sessions_done(&books->sessions);
	nrm_room_close(books);
	nrm_case_keys_close(books->keys);
	nrm_store_close(books->store);
	nrm_buf_done(&books->checkpoint);
	nrm_buf_done(&books->asked.note);
	nrm_buf_done(&books->vouched.note);
	nrm_buf_done(&books->forgotten);
	nrm_sums_done(&books->sums);
	nrm_buf_wipe(&books->scratch);
	nrm_arena_done(&books->arena);
	free(books->receipts);
	free(books->deliveries);
	free(books->folder);
	nrm_wipe(books, sizeof(*books));
	free(books);
}

/* --- changes of the rules --- */

/* Who is no longer an active participant of the directory gets nothing from now on. */
static enum nrm_err expel(struct nrm_books *books)
{
	enum nrm_err err = NRM_OK;

	for (uint32_t party = 1; err == NRM_OK && party < books->sessions.n_of; party++) {
		struct nrm_session *session = books->sessions.of[party];

		if (session && !books->roll.party[party].active)
			err = nrm_refuse_frame(books, session, NRM_REFUSAL_UNKNOWN_PARTICIPANT,
					       "no longer an active participant of the directory",
					       true);
	}
	return err;
}

enum nrm_err nrm_books_adopt(struct nrm_books *books, const struct nrm_documents *documents,
			     uint64_t now_ms, const uint8_t entropy[static 32],
			     struct nrm_effects *ret_effects)
{
	const struct nrm_books_options before = books->options;
	const struct nrm_directory *directory = documents->directory;

	if (directory &&
	    nrm_directory_version(directory) <= nrm_directory_version(before.directory))
		return NRM_ERR_VERSION;
	if (directory)
		books->options.directory = directory;
	if (documents->policy)
		books->options.policy = documents->policy;
	enum nrm_err err = bring_into_force(books, now_ms, entropy);
	if (err != NRM_OK) {
		books->options = before;
		enum nrm_err undone = nrm_books_undo(books);
		return undone != NRM_OK ? undone : err;
	}
	if (directory)
		err = expel(books);
	if (err == NRM_OK)
		err = nrm_books_hand_policy(books);
	return err == NRM_OK ? nrm_effects_make(books, ret_effects) : err;
}

void nrm_books_figures(const struct nrm_books *books, struct nrm_books_figures *ret_figures)
{
	*ret_figures = (struct nrm_books_figures){
		.leaves = books->frontier.size,
		.cases = books->cases.n_cases,
		.waiting = books->mailboxes.waiting,
		.sessions = books->sessions.n,
		.full = books->full,
		.quorum = nrm_directory_witness_quorum(books->options.directory),
		.vouching = nrm_witnessed_count(books, &books->vouched),
		.vouched_size = books->vouched.note.len ? books->vouched.head.size : 0,
		.unvouched_ms = books->vouched.since_ms ? books->clock - books->vouched.since_ms
							: 0,
	};
}
