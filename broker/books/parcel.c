/*
 * One parcel: who is behind the connection, and which of the files of this folder its frame is for.
 */
#include "broker/books/state.h"

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

enum nrm_err nrm_refuse_frame(struct nrm_books *books, struct nrm_session *session,
			      enum nrm_refusal code, const char *text, bool close)
{
	session->closing = session->closing || close;
	return nrm_say_refused(books, session, code, 0, nrm_slice(NULL, 0), text);
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
		[NRM_COSIGNATURE] = nrm_books_cosign,
		[NRM_AGGREGATE] = nrm_books_aggregate,
	};
	const struct nrm_participant *participant;

	if (!still_valid(books, parcel, &participant))
		return nrm_refuse_frame(books, session,
					participant ? NRM_REFUSAL_DIRECTORY_CHANGED
						    : NRM_REFUSAL_UNKNOWN_PARTICIPANT,
					"not an active participant of the directory in force",
					true);
	if (parcel->err != NRM_OK)
		return nrm_refuse_frame(books, session, nrm_refusal_of(parcel->err),
					nrm_err_text(parcel->err), false);
	if (parcel->frame.kind != NRM_HELLO && session->party == 0)
		return nrm_refuse_frame(books, session, NRM_REFUSAL_NO_SESSION, "say Hello first",
					false);
	parcel->participant = participant;
	return handle[parcel->frame.kind](books, session, parcel);
}

enum nrm_err nrm_books_take(struct nrm_books *books, struct nrm_parcel *parcel)
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
