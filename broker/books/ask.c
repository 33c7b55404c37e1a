/*
 * What an agent asks for when it comes back: proofs it was not sent, what became of its messages, the directory.
 */
#include "broker/books/state.h"

/* New decisions on one waiting message, and its acknowledgement: each takes something away, so there are few. */
#define MAX_LATER 8u

static enum nrm_err ask_proofs(struct nrm_books *books, struct nrm_session *session,
			       const struct nrm_parcel *parcel)
{
	const uint64_t *index = parcel->frame.is.ask.index;
	size_t n = parcel->frame.is.ask.n_indexes, provable = 0;

	if (n > 0 && index[n - 1] >= books->frontier.size)
		return nrm_say_refused(books, session, NRM_REFUSAL_MALFORMED, 0, nrm_slice(NULL, 0),
				       "there is no such leaf");
	while (provable < n && index[provable] < books->signed_size)
		provable++;
	for (size_t i = provable; i < n; i++)
		nrm_session_owe_proof(session, index[i]);
	if (parcel->frame.is.ask.from_size <= books->signed_size)
		session->proved_size = parcel->frame.is.ask.from_size;
	/* Without indexes: the consistency of the head alone. */
	if (books->signed_size == 0 || (provable == 0 && n > 0))
		return NRM_OK;
	return nrm_say_proofs(books, session, index, provable);
}

enum nrm_err nrm_say_later(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_case *c, struct nrm_slice message_id,
			   const struct nrm_message_row *row)
{
	struct nrm_entry later[MAX_LATER];
	uint64_t at = row->latest;
	size_t n = 0;
	enum nrm_err err = NRM_OK;

	/* Each names the one before it, down to the decision. */
	while (err == NRM_OK && at != row->leaf && n < MAX_LATER) {
		struct nrm_leaf leaf;
		struct nrm_view view;
		uint64_t previous;

		err = nrm_ledger_read(books, at, c, &later[n++], &leaf, &view, &previous);
		if (err == NRM_OK && (view.earlier == 0 || view.earlier > at))
			err = NRM_ERR_CORRUPT;
		if (err == NRM_OK)
			at = view.earlier - 1;
	}
	while (err == NRM_OK && n > 0)
		err = nrm_say_receipt(books, session, message_id, &later[--n]);
	return err;
}

static enum nrm_err status_of(struct nrm_books *books, struct nrm_session *session,
			      const struct nrm_message_ref *ref, struct nrm_message_status *status)
{
	struct nrm_message_row row;
	struct nrm_mail mail;
	struct nrm_case *c;

	*status = (struct nrm_message_status){.message_id = ref->message_id};
	enum nrm_err err = nrm_case_find(&books->cases, books->txn, ref->case_id.data, &c);
	if (err == NRM_OK)
		err = nrm_message_find(books, c, ref->message_id, session->party, &row);
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_EXISTS)
		return NRM_OK;
	if (err != NRM_OK)
		return err;
	status->known = true;
	err = nrm_mail_label(&books->mailboxes, books->txn, row.leaf, &mail);
	status->waiting = err == NRM_OK;
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	return nrm_say_later(books, session, c, ref->message_id, &row);
}

static enum nrm_err ask_status(struct nrm_books *books, struct nrm_session *session,
			       const struct nrm_parcel *parcel)
{
	struct nrm_to_agent frame = {.kind = NRM_ANSWER_STATUS};
	size_t n = parcel->frame.is.ask.n_messages;
	struct nrm_message_status *status =
		nrm_arena_alloc(&books->arena, (n + 1) * sizeof(*status));
	enum nrm_err err = status ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; err == NRM_OK && i < n; i++)
		err = status_of(books, session, &parcel->frame.is.ask.message[i], &status[i]);
	if (err != NRM_OK)
		return err;
	frame.is.status.message = status;
	frame.is.status.n = n;
	return nrm_say_frame(books, session, &frame);
}

enum nrm_err nrm_books_ask(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_parcel *parcel)
{
	struct nrm_to_agent frame = {.kind = NRM_ANSWER_DIRECTORY};

	switch (parcel->frame.is.ask.kind) {
	case NRM_ASK_PROOFS:
		return ask_proofs(books, session, parcel);
	case NRM_ASK_STATUS:
		return ask_status(books, session, parcel);
	case NRM_ASK_CASE:
		return nrm_books_ask_case(books, session, parcel->frame.is.ask.case_id);
	default:
		frame.is.directory = nrm_directory_document(books->options.directory);
		return nrm_say_frame(books, session, &frame);
	}
}
