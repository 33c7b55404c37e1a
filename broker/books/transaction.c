/*
 * One transaction: everything that waited, all of it or none; then what is to be said about it.
 */
#include "broker/books/state.h"

/* Waiting messages that one transaction delivers, and old rows that one tick looks at. */
#define DELIVER_AT_ONCE 256u
#define LOOK_AT_ONCE	1000u

enum nrm_err nrm_books_begin(struct nrm_books *books, uint64_t now_ms,
			     const uint8_t entropy[static 32])
{
	if (now_ms > books->clock)
		books->clock = now_ms;
	nrm_entropy_init(&books->entropy, entropy);
	nrm_arena_reset(&books->arena);
	books->changed = false;
	nrm_buf_clear(&books->forgotten);
	nrm_sums_clear(&books->sums);
	for (uint32_t party = 0; party < books->sessions.n_of; party++)
		if (books->sessions.of[party])
			books->sessions.of[party]->credit_before =
				books->sessions.of[party]->credit;
	return nrm_txn_begin(books->store, true, &books->txn);
}

enum nrm_err nrm_books_commit(struct nrm_books *books)
{
	struct nrm_txn *txn = books->txn;
	enum nrm_err err = nrm_cases_flush(&books->cases, txn, &books->entropy);

	if (err == NRM_OK)
		err = nrm_tallies_write(books);
	if (err == NRM_OK && books->changed)
		err = nrm_state_write(books);
	books->txn = NULL;
	if (err == NRM_OK && books->changed)
		err = nrm_txn_commit(txn);
	else
		nrm_txn_abort(txn);
	if (err == NRM_OK)
		err = nrm_books_forget_keys(books);
	if (err == NRM_OK)
		nrm_cases_trim(&books->cases);
	return err;
}

/* Nothing is said of what did not happen; but a connection that was to end, or is gone, is. */
static void forget_replies(struct nrm_sessions *sessions)
{
	struct nrm_session *session = sessions->replied, *next;

	sessions->last_replied = &sessions->replied;
	for (; session; session = next) {
		next = session->next_replied;
		session->first_reply = session->last_reply = NULL;
		session->replied = session->closing || session->gone;
		if (!session->replied)
			continue;
		*sessions->last_replied = session;
		sessions->last_replied = &session->next_replied;
	}
	*sessions->last_replied = NULL;
}

/* The transaction is lost: memory goes back to what is on disk, and what was in flight to the mailboxes. */
enum nrm_err nrm_books_undo(struct nrm_books *books)
{
	const uint64_t clock = books->clock; /* what it has seen of time stays seen */

	nrm_txn_abort(books->txn);
	books->txn = NULL;
	forget_replies(&books->sessions);
	nrm_books_unload(books);
	enum nrm_err err = nrm_books_load(books);
	if (err != NRM_OK)
		return err;
	if (books->clock < clock)
		books->clock = clock;
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

static enum nrm_err take_all(struct nrm_books *books, struct nrm_parcel *const *parcel, size_t n,
			     uint64_t now_ms, const uint8_t entropy[static 32])
{
	enum nrm_err err = nrm_books_begin(books, now_ms, entropy);

	for (size_t i = 0; err == NRM_OK && i < n; i++)
		err = nrm_books_take(books, parcel[i]);
	if (err == NRM_OK)
		err = nrm_books_deliver_waiting(books, DELIVER_AT_ONCE);
	return err == NRM_OK ? nrm_books_commit(books) : err;
}

/* What nothing came of is sent again on a new connection: so those that sent it are ended. */
static enum nrm_err hang_up(struct nrm_books *books, struct nrm_parcel *const *parcel, size_t n)
{
	enum nrm_err err = NRM_OK;

	for (size_t i = 0; err == NRM_OK && i < n; i++) {
		struct nrm_session *session =
			nrm_session_find(&books->sessions, parcel[i]->session);

		if (session && !session->closing && !session->gone)
			err = nrm_refuse_frame(books, session, NRM_REFUSAL_BUSY,
					       "could not be recorded: connect and send again",
					       true);
	}
	return err;
}

enum nrm_err nrm_books_apply(struct nrm_books *books, struct nrm_parcel *const *parcel, size_t n,
			     uint64_t now_ms, const uint8_t entropy[static 32],
			     struct nrm_effects *ret_effects)
{
	enum nrm_err err = take_all(books, parcel, n, now_ms, entropy);

	if (err == NRM_ERR_FULL) {
		/*
		 * Once more without new work: acknowledgements have the reserve. With other nonces, for pages
		 * of the lost transaction may have reached the disk.
		 */
		uint8_t fresh[NRM_KEY_LEN];

		nrm_entropy_take(&books->entropy, fresh, sizeof(fresh));
		nrm_room_release(books);
		err = nrm_books_undo(books);
		if (err == NRM_OK)
			err = take_all(books, parcel, n, now_ms, fresh);
		nrm_wipe(fresh, sizeof(fresh));
	}
	if (err != NRM_OK) {
		enum nrm_err undone = nrm_books_undo(books);
		if (undone == NRM_OK)
			undone = hang_up(books, parcel, n);
		if (undone == NRM_OK)
			undone = nrm_effects_make(books, ret_effects);
		return undone != NRM_OK ? undone : err;
	}
	return nrm_effects_make(books, ret_effects);
}

enum nrm_err nrm_books_tick(struct nrm_books *books, uint64_t now_ms,
			    const uint8_t entropy[static 32], struct nrm_effects *ret_effects)
{
	enum nrm_err err;

	nrm_room_look(books);
	nrm_store_check_readers(books->store);
	err = nrm_books_begin(books, now_ms, entropy);
	if (err == NRM_OK) {
		nrm_roll_refresh(&books->roll, books->clock);
		err = nrm_books_sign(books);
	}
	if (err == NRM_OK)
		err = nrm_books_prove(books);
	if (err == NRM_OK)
		err = nrm_books_ask_witnesses(books);
	if (err == NRM_OK)
		err = nrm_books_return_expired(books, LOOK_AT_ONCE);
	if (err == NRM_OK)
		err = nrm_messages_purge(books, LOOK_AT_ONCE);
	if (err == NRM_OK)
		err = nrm_books_commit(books);
	if (err != NRM_OK) {
		enum nrm_err undone = nrm_books_undo(books);
		return undone != NRM_OK ? undone : err;
	}
	/* What a reader keeps from being overwritten now will be with a later tick. */
	if (books->must_scrub)
		books->must_scrub = nrm_store_scrub(books->store) != NRM_OK;
	err = nrm_books_hand_policy(books);
	return err == NRM_OK ? nrm_effects_make(books, ret_effects) : err;
}
