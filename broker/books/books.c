#include "broker/books/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "broker/books/state.h"

/* Memory that the replies of one transaction may take. */
#define ARENA_CEILING (256u * 1024 * 1024)
/* Waiting messages that one transaction delivers, and old rows that one tick looks at. */
#define DELIVER_AT_ONCE 256u
#define LOOK_AT_ONCE 1000u

#define STATE_ROW "state"

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

static enum nrm_err state_write(struct nrm_books *books)
{
	uint8_t row[12];

	nrm_store_u64(row, books->clock);
	nrm_store_u32(row + 8, books->cases.n_slots);
	return nrm_put(books->txn, NRM_TABLE_STATE, nrm_slice_str(STATE_ROW), nrm_slice(row, sizeof(row)));
}

static enum nrm_err checkpoint_read(struct nrm_books *books)
{
	struct nrm_checkpoint head;
	struct nrm_slice note;
	uint64_t cosigned;

	nrm_buf_clear(&books->checkpoint);
	books->signed_size = 0;
	enum nrm_err err = nrm_get(books->txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	/* Under another log key than today's it is not ours to hand on: the next tick signs a new one. */
	if (nrm_note_open(note, nrm_directory_log_key(books->options.directory), NULL, 0, &head, &cosigned) !=
	    NRM_OK)
		return NRM_OK;
	if (head.size > books->frontier.size)
		return NRM_ERR_CORRUPT;
	nrm_buf_put(&books->checkpoint, note.data, note.len);
	books->signed_size = head.size;
	return books->checkpoint.err;
}

/* Reads what is committed into memory. Afterwards nothing is in flight. */
static enum nrm_err load(struct nrm_books *books)
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
		err = nrm_cases_load(&books->cases, books->txn, books->keys, slots);
	if (err == NRM_OK)
		err = nrm_mailboxes_load(&books->mailboxes, books->txn);
	if (err == NRM_OK)
		err = checkpoint_read(books);
	nrm_txn_abort(books->txn);
	books->txn = NULL;
	return err;
}

static void unload(struct nrm_books *books)
{
	nrm_roll_done(&books->roll);
	nrm_cases_done(&books->cases);
	nrm_mailboxes_done(&books->mailboxes);
}

/* --- one transaction --- */

static enum nrm_err begin(struct nrm_books *books, uint64_t now_ms, const uint8_t entropy[static 32])
{
	if (now_ms > books->clock)
		books->clock = now_ms;
	nrm_entropy_init(&books->entropy, entropy);
	nrm_arena_reset(&books->arena);
	books->changed = false;
	for (uint32_t party = 0; party < books->sessions.n_of; party++)
		if (books->sessions.of[party])
			books->sessions.of[party]->credit_before = books->sessions.of[party]->credit;
	return nrm_txn_begin(books->store, true, &books->txn);
}

static enum nrm_err commit(struct nrm_books *books)
{
	struct nrm_txn *txn = books->txn;
	enum nrm_err err = nrm_cases_flush(&books->cases, txn, &books->entropy);

	if (err == NRM_OK && books->changed)
		err = state_write(books);
	books->txn = NULL;
	if (err != NRM_OK || !books->changed) {
		nrm_txn_abort(txn);
		return err;
	}
	err = nrm_txn_commit(txn);
	if (err == NRM_OK)
		nrm_cases_trim(&books->cases);
	return err;
}

static void forget_replies(struct nrm_books *books)
{
	struct nrm_sessions *sessions = &books->sessions;

	for (; sessions->replied; sessions->replied = sessions->replied->next_replied) {
		sessions->replied->first_reply = sessions->replied->last_reply = NULL;
		sessions->replied->replied = false;
	}
	sessions->last_replied = &sessions->replied;
}

/* The transaction is lost: memory goes back to what is on disk, and what was in flight to the mailboxes. */
static enum nrm_err undo(struct nrm_books *books)
{
	nrm_txn_abort(books->txn);
	books->txn = NULL;
	forget_replies(books);
	unload(books);
	enum nrm_err err = load(books);
	if (err != NRM_OK)
		return err;
	for (uint32_t party = 0; party < books->sessions.n_of; party++) {
		struct nrm_session *session = books->sessions.of[party];

		if (!session)
			continue;
		nrm_session_ground(session);
		session->credit = session->credit_before;
		while (session->n_unproved > 0 &&
		       session->unproved[session->n_unproved - 1] >= books->frontier.size)
			session->n_unproved--;
	}
	/* The roll needs the directory in force again; it has no new participants to write. */
	return nrm_roll_enrol(&books->roll, NULL, books->options.directory, books->clock);
}

/* --- parcels --- */

static enum nrm_err gone(struct nrm_books *books, uint64_t id)
{
	struct nrm_session *session = nrm_session_find(&books->sessions, id);
	struct nrm_mailbox *box;

	if (!session)
		return NRM_OK;
	if (nrm_session_for(&books->sessions, session->party) == session) {
		box = nrm_mailbox(&books->mailboxes, session->party);
		if (box)
			nrm_mailbox_rewind(box);
		books->sessions.of[session->party] = NULL;
		session->party = 0;
	}
	session->gone = true;
	if (!session->replied)
		nrm_session_end(&books->sessions, session);
	return NRM_OK;
}

/* The participant behind the connection must be the same one, with the same keys, under today's directory. */
static bool still_valid(const struct nrm_books *books, const struct nrm_parcel *parcel,
			const struct nrm_participant **ret_participant)
{
	const struct nrm_participant *p =
		nrm_directory_find_transport(books->options.directory, parcel->transport);

	*ret_participant = p;
	if (!p || !nrm_participant_active(p, books->clock))
		return false;
	return parcel->directory == books->options.directory ||
	       (parcel->participant && nrm_slice_equal(p->id, parcel->participant->id) &&
		memcmp(p->signing, parcel->participant->signing, NRM_KEY_LEN) == 0);
}

static enum nrm_err refuse_frame(struct nrm_books *books, struct nrm_session *session,
				 enum nrm_refusal code, const char *text, bool close)
{
	session->closing = session->closing || close;
	return nrm_say_refused(books, session, code, 0, nrm_slice(NULL, 0), text);
}

static enum nrm_err cosign(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_parcel *parcel)
{
	(void)parcel;
	return refuse_frame(books, session, NRM_REFUSAL_UNKNOWN_ELEMENT,
			    "this broker does not collect cosignatures", false);
}

static enum nrm_err credit(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_parcel *parcel)
{
	uint32_t more = parcel->frame.is.credit, room = NRM_MAX_DELIVER_CREDIT - session->credit;

	(void)books;
	session->credit += more < room ? more : room;
	return NRM_OK;
}

static enum nrm_err dispatch(struct nrm_books *books, struct nrm_session *session,
			     struct nrm_parcel *parcel)
{
	static enum nrm_err (*const handle[])(struct nrm_books *, struct nrm_session *,
					      const struct nrm_parcel *) = {
		[NRM_HELLO] = nrm_books_hello,
		[NRM_SUBMIT] = nrm_books_submit,
		[NRM_ACKNOWLEDGE] = nrm_books_acknowledge,
		[NRM_CREDIT] = credit,
		[NRM_ASK] = nrm_books_ask,
		[NRM_COSIGNATURE] = cosign,
	};
	const struct nrm_participant *participant;

	if (!still_valid(books, parcel, &participant))
		return refuse_frame(books, session,
				    participant ? NRM_REFUSAL_DIRECTORY_CHANGED : NRM_REFUSAL_UNKNOWN_PARTICIPANT,
				    "not an active participant of the directory in force", true);
	if (parcel->err != NRM_OK)
		return refuse_frame(books, session, nrm_refusal_of(parcel->err), nrm_err_text(parcel->err), false);
	if (parcel->frame.kind != NRM_HELLO && session->party == 0)
		return refuse_frame(books, session, NRM_REFUSAL_NO_SESSION, "say Hello first", false);
	parcel->participant = participant;
	return handle[parcel->frame.kind](books, session, parcel);
}

static enum nrm_err take(struct nrm_books *books, struct nrm_parcel *parcel)
{
	if (parcel->kind == NRM_PARCEL_GONE)
		return gone(books, parcel->session);
	struct nrm_session *session = nrm_session_of(&books->sessions, parcel->session);
	if (!session)
		return NRM_ERR_NOMEM;
	if (session->closing || session->gone)
		return NRM_OK;
	return dispatch(books, session, parcel);
}

static enum nrm_err take_all(struct nrm_books *books, struct nrm_parcel *const *parcel, size_t n,
			     uint64_t now_ms, const uint8_t entropy[static 32])
{
	enum nrm_err err = begin(books, now_ms, entropy);

	for (size_t i = 0; err == NRM_OK && i < n; i++)
		err = take(books, parcel[i]);
	if (err == NRM_OK)
		err = nrm_books_deliver_waiting(books, DELIVER_AT_ONCE);
	return err == NRM_OK ? commit(books) : err;
}

enum nrm_err nrm_books_apply(struct nrm_books *books, struct nrm_parcel *const *parcel, size_t n,
			     uint64_t now_ms, const uint8_t entropy[static 32],
			     struct nrm_effects *ret_effects)
{
	enum nrm_err err = take_all(books, parcel, n, now_ms, entropy);

	if (err == NRM_ERR_FULL) {
		/* Once more without new work: acknowledgements have the reserve. */
		nrm_room_release(books);
		err = undo(books);
		if (err == NRM_OK)
			err = take_all(books, parcel, n, now_ms, entropy);
	}
	if (err != NRM_OK) {
		enum nrm_err undone = undo(books);
		return undone != NRM_OK ? undone : err;
	}
	return nrm_effects_make(books, ret_effects);
}

enum nrm_err nrm_books_tick(struct nrm_books *books, uint64_t now_ms, const uint8_t entropy[static 32],
			    struct nrm_effects *ret_effects)
{
	enum nrm_err err;

	nrm_room_look(books);
	nrm_store_check_readers(books->store);
	err = begin(books, now_ms, entropy);
	if (err == NRM_OK) {
		nrm_roll_refresh(&books->roll, books->clock);
		err = nrm_books_sign(books);
	}
	if (err == NRM_OK)
		err = nrm_books_prove(books);
	if (err == NRM_OK)
		err = nrm_books_return_expired(books, LOOK_AT_ONCE);
	if (err == NRM_OK)
		err = nrm_messages_purge(books, LOOK_AT_ONCE);
	if (err == NRM_OK)
		err = commit(books);
	if (err != NRM_OK) {
		enum nrm_err undone = undo(books);
		return undone != NRM_OK ? undone : err;
	}
	return nrm_effects_make(books, ret_effects);
}

/* --- open and close --- */

static enum nrm_err bring_into_force(struct nrm_books *books, uint64_t now_ms,
				     const uint8_t entropy[static 32])
{
	enum nrm_err err = begin(books, now_ms, entropy);

	if (err == NRM_OK)
		err = nrm_roll_enrol(&books->roll, books->txn, books->options.directory, books->clock);
	if (err == NRM_OK)
		err = nrm_books_record_directory(books);
	if (err == NRM_OK)
		err = nrm_books_record_policy(books);
	return err == NRM_OK ? commit(books) : err;
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
	nrm_arena_init(&books->arena, ARENA_CEILING);
	nrm_sessions_init(&books->sessions);
	if (options->folder && !(books->folder = strdup(options->folder)))
		goto out;
	err = open_files(books, ret_error);
	if (err != NRM_OK)
		goto out;
	nrm_room_open(books);
	err = load(books);
	if (err == NRM_OK)
		err = bring_into_force(books, now_ms, entropy);
	if (err == NRM_OK)
		nrm_room_look(books);
out:
	if (err != NRM_OK) {
		if (ret_error[0] == '\0')
			snprintf(ret_error, 256, "the broker's books: %s", nrm_err_text(err));
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
	unload(books);
	nrm_sessions_done(&books->sessions);
	nrm_room_close(books);
	nrm_case_keys_close(books->keys);
	nrm_store_close(books->store);
	nrm_buf_done(&books->checkpoint);
	nrm_buf_wipe(&books->scratch);
	nrm_arena_done(&books->arena);
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
			err = refuse_frame(books, session, NRM_REFUSAL_UNKNOWN_PARTICIPANT,
					   "no longer an active participant of the directory", true);
	}
	return err;
}

enum nrm_err nrm_books_set_directory(struct nrm_books *books, const struct nrm_directory *directory,
				     uint64_t now_ms, const uint8_t entropy[static 32],
				     struct nrm_effects *ret_effects)
{
	const struct nrm_directory *before = books->options.directory;

	if (nrm_directory_version(directory) <= nrm_directory_version(before))
		return NRM_ERR_VERSION;
	books->options.directory = directory;
	enum nrm_err err = bring_into_force(books, now_ms, entropy);
	if (err != NRM_OK) {
		books->options.directory = before;
		enum nrm_err undone = undo(books);
		return undone != NRM_OK ? undone : err;
	}
	err = expel(books);
	return err == NRM_OK ? nrm_effects_make(books, ret_effects) : err;
}

enum nrm_err nrm_books_set_policy(struct nrm_books *books, const struct nrm_policy *policy,
				  uint64_t now_ms, const uint8_t entropy[static 32],
				  struct nrm_effects *ret_effects)
{
	const struct nrm_policy *before = books->options.policy;

	books->options.policy = policy;
	enum nrm_err err = bring_into_force(books, now_ms, entropy);
	if (err != NRM_OK) {
		books->options.policy = before;
		enum nrm_err undone = undo(books);
		return undone != NRM_OK ? undone : err;
	}
	return nrm_effects_make(books, ret_effects);
}

void nrm_books_figures(const struct nrm_books *books, struct nrm_books_figures *ret_figures)
{
	*ret_figures = (struct nrm_books_figures){
		.leaves = books->frontier.size,
		.cases = books->cases.n_slots,
		.waiting = books->mailboxes.waiting,
		.sessions = books->sessions.n,
		.full = books->full,
	};
}
