/*
 * From mailbox to recipient. A message goes out in the transaction that accepted it when the recipient has credit;
 * otherwise it waits, and is decided anew in the transaction that marks it in flight: consent withdrawn in between
 * stops it there (C4).
 */
#include "broker/books/state.h"

static enum nrm_err say_delivery(struct nrm_books *books, struct nrm_session *session,
				 const struct nrm_mail *mail, const struct nrm_entry *entry,
				 const struct nrm_statement *st,
				 const uint8_t digest[static NRM_HASH_LEN])
{
	struct nrm_reply *reply = nrm_arena_alloc(&books->arena, sizeof(*reply));
	const uint8_t *encoded =
		nrm_arena_copy(&books->arena, mail->envelope.data, mail->envelope.len);
	struct nrm_in_flight in_flight = {
		.place = mail->place,
		.leaf = entry->index,
		.slot = mail->slot,
		.sender = mail->sender,
		.expires_ms = mail->expires_ms,
		.type = st->type,
		.service = st->service,
		.leaf_hash = nrm_leaf_hash(entry->leaf),
		.forwarded = mail->forwarded,
	};

	if (!reply || !encoded)
		return NRM_ERR_NOMEM;
	memcpy(in_flight.message_id, st->message_id.data, NRM_MESSAGE_ID_LEN);
	memcpy(in_flight.statement_digest.bytes, digest, NRM_HASH_LEN);
	reply->kind = NRM_DELIVER;
	reply->is.delivery = (struct nrm_delivery){
		.index = entry->index,
		.leaf = entry->leaf,
		.salt = entry->salt[NRM_VIEWER_RECIPIENT],
		.view = entry->view[NRM_VIEWER_RECIPIENT],
		.encoded = nrm_slice(encoded, mail->envelope.len),
	};
	reply->bytes = mail->envelope.len + entry->leaf.len + reply->is.delivery.view.len +
		       3 * NRM_SALT_LEN;
	in_flight.bytes = reply->bytes;
	enum nrm_err err = nrm_session_deliver(session, &in_flight);
	if (err != NRM_OK)
		return err;
	nrm_session_say(&books->sessions, session, reply);
	nrm_session_owe_proof(session, entry->index);
	return NRM_OK;
}

enum nrm_err nrm_books_deliver_new(struct nrm_books *books, const struct nrm_mail *mail,
				   const struct nrm_entry *entry, const struct nrm_statement *st,
				   const uint8_t digest[static NRM_HASH_LEN])
{
	struct nrm_session *session = nrm_session_for(&books->sessions, mail->recipient);
	struct nrm_mailbox *box = nrm_mailbox(&books->mailboxes, mail->recipient);
	uint64_t before;

	if (!box)
		return NRM_ERR_NOMEM;
	if (!session || nrm_mailbox_next(box, &before) ||
	    !nrm_session_has_credit(session, mail->envelope.len))
		return NRM_OK;
	/* The place is added after this: it goes in as one that is in flight already. */
	enum nrm_err err = say_delivery(books, session, mail, entry, st, digest);
	if (err == NRM_OK)
		box->next++;
	return err;
}

/* A waiting message, opened, with what it was and is decided to be. */
struct waiting {
	struct nrm_mail mail;
	struct nrm_case *c;
	struct nrm_envelope envelope;
	struct nrm_statement st;
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_entry entry; /* of the decision in force */
	struct nrm_leaf leaf;
	struct nrm_view view;
	struct nrm_message message; /* as it was decided on anew; no type: it was not */
};

static enum nrm_err waiting_read(struct nrm_books *books, uint64_t place, struct waiting *w)
{
	struct nrm_buf plaintext = {0};
	uint64_t previous;
	uint8_t *copy;

	w->message.type = NRM_MESSAGE_TYPE_ABSENT;
	enum nrm_err err = nrm_mail_label(&books->mailboxes, books->txn, place, &w->mail);
	if (err == NRM_OK)
		err = nrm_case_at(&books->cases, books->txn, w->mail.slot, &w->c);
	if (err == NRM_OK)
		err = nrm_mail_read(&books->mailboxes, books->txn, place, w->c, &plaintext,
				    &w->mail);
	if (err != NRM_OK)
		goto out;
	copy = nrm_arena_copy(&books->arena, w->mail.envelope.data, w->mail.envelope.len);
	if (!copy) {
		err = NRM_ERR_NOMEM;
		goto out;
	}
	w->mail.envelope.data = copy;
	err = nrm_envelope_decode(w->mail.envelope, &books->arena, &w->envelope);
	if (err == NRM_OK)
		err = nrm_statement_decode(w->envelope.statement, &books->arena, &w->st);
	if (err == NRM_OK)
		err = nrm_ledger_read(books, w->mail.leaf, w->c, &w->entry, &w->leaf, &w->view,
				      &previous);
	if (err == NRM_OK)
		nrm_statement_digest(w->envelope.statement, w->digest);
out:
	nrm_buf_done(&plaintext);
	return err;
}

/* Who asks about the message later is told of the new leaf. */
static enum nrm_err note_latest(struct nrm_books *books, const struct waiting *w)
{
	struct nrm_message_row row;
	enum nrm_err err = nrm_message_find(books, w->c, w->st.message_id, w->mail.sender, &row);

	if (err == NRM_ERR_NOT_FOUND)
		return NRM_OK; /* it expired more than a day ago, and its id is forgotten */
	if (err != NRM_OK)
		return err;
	row.latest = w->entry.index;
	return nrm_message_put(books, w->c, w->st.message_id, w->mail.sender, &row);
}

/* A later leaf about the same message: what changed, linked to the decision that it replaces. */
static enum nrm_err write_change(struct nrm_books *books, struct waiting *w, enum nrm_event kind,
				 const struct nrm_verdict *verdict)
{
	struct nrm_session *sender = nrm_session_for(&books->sessions, w->mail.sender);

	w->leaf.kind = kind;
	w->leaf.outcome = verdict->outcome;
	w->leaf.reason = verdict->told;
	enum nrm_err err = nrm_view_verdict(books, w->c, verdict, &w->view);
	if (err != NRM_OK)
		return err;
	w->view.earlier = w->mail.leaf + 1;
	w->view.time_ms = books->clock;
	if (w->message.type)
		err = nrm_view_counted(books, w->c, &w->st, &w->message, &w->view);
	if (err == NRM_OK)
		err = nrm_ledger_write(books, &w->leaf, &w->view, w->c, &w->entry);
	/* Of an order to erase its sender hears by each one's confirmation. */
	if (err != NRM_OK || nrm_is_order_of(w->c, w->st.message_id.data))
		return err;
	err = note_latest(books, w);
	if (err == NRM_OK && sender)
		err = nrm_say_receipt(books, sender, w->st.message_id, &w->entry);
	return err;
}

/* It does not go out: its sealed fields are deleted, and its sender is told. */
static enum nrm_err give_back(struct nrm_books *books, struct waiting *w, enum nrm_event kind,
			      const struct nrm_verdict *verdict)
{
	enum nrm_err err = write_change(books, w, kind, verdict);

	if (err == NRM_OK)
		err = nrm_mail_delete(books->txn, w->mail.place);
	if (err == NRM_OK)
		nrm_mailbox_take(&books->mailboxes, w->mail.recipient, w->mail.place);
	return err;
}

static enum nrm_err decide_anew(struct nrm_books *books, struct waiting *w,
				struct nrm_verdict *ret_verdict)
{
	if (w->mail.expires_ms <= books->clock) {
		*ret_verdict = (struct nrm_verdict){.reason = NRM_REASON_EXPIRED,
						    .told = NRM_REASON_EXPIRED};
		return NRM_OK;
	}
	/* An order to erase was decided on once for all whom it goes to. */
	if (nrm_is_order_of(w->c, w->st.message_id.data)) {
		*ret_verdict = (struct nrm_verdict){.outcome = NRM_OUTCOME_FORWARD,
						    .reason = NRM_REASON_OK,
						    .told = NRM_REASON_OK};
		return NRM_OK;
	}
	enum nrm_err err = nrm_books_decide(books, w->c, true, &w->st, w->mail.declared,
					    &w->message, ret_verdict);
	if (err != NRM_OK)
		return err;
	/* What was withheld at first is here no longer: a later consent does not bring it back. */
	nrm_mask gone = ret_verdict->forwarded & ~w->mail.forwarded;
	ret_verdict->forwarded &= ~gone;
	ret_verdict->not_consented |= gone;
	return NRM_OK;
}

/* Rewrites the row with fewer fields and the new decision. */
static enum nrm_err narrow(struct nrm_books *books, struct waiting *w,
			   const struct nrm_verdict *verdict)
{
	enum nrm_err err = write_change(books, w, NRM_EVENT_REDECISION, verdict);
	if (err != NRM_OK)
		return err;
	w->mail.leaf = w->entry.index;
	w->mail.forwarded = verdict->forwarded;
	return nrm_mail_write(&books->mailboxes, books->txn, &w->mail, &w->envelope, w->c, true,
			      &books->entropy, &books->scratch);
}

/* Sets *ret_sent false when the recipient has no credit for the next one. */
static enum nrm_err deliver_next(struct nrm_books *books, struct nrm_session *session,
				 struct nrm_mailbox *box, uint64_t place, bool *ret_sent)
{
	struct waiting w;
	struct nrm_verdict verdict;

	enum nrm_err err = waiting_read(books, place, &w);
	if (err == NRM_OK)
		err = decide_anew(books, &w, &verdict);
	if (err != NRM_OK)
		return err;
	*ret_sent = true;
	if (verdict.outcome != NRM_OUTCOME_FORWARD)
		return give_back(books, &w,
				 verdict.reason == NRM_REASON_EXPIRED ? NRM_EVENT_RETURN
								      : NRM_EVENT_REDECISION,
				 &verdict);
	if (!nrm_session_has_credit(session, w.mail.envelope.len)) {
		*ret_sent = false;
		return NRM_OK;
	}
	if (verdict.forwarded != w.mail.forwarded)
		err = narrow(books, &w, &verdict);
	if (err == NRM_OK)
		err = say_delivery(books, session, &w.mail, &w.entry, &w.st, w.digest);
	if (err == NRM_OK)
		nrm_mailbox_advance(box);
	return err;
}

enum nrm_err nrm_books_deliver_waiting(struct nrm_books *books, unsigned n)
{
	for (uint32_t party = 1; party < books->sessions.n_of; party++) {
		struct nrm_session *session = books->sessions.of[party];
		struct nrm_mailbox *box = nrm_mailbox(&books->mailboxes, party);
		bool sent = true;
		uint64_t place;

		while (session && box && n > 0 && sent && nrm_session_has_credit(session, 0) &&
		       nrm_mailbox_next(box, &place)) {
			enum nrm_err err = deliver_next(books, session, box, place, &sent);
			if (err != NRM_OK)
				return err;
			n--;
		}
	}
	return NRM_OK;
}

/* The next expired row at or after books->expiry_from, looking at up to *n rows. NRM_ERR_NOT_FOUND. */
static enum nrm_err next_expired(struct nrm_books *books, unsigned *n, uint64_t *ret_place)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, row;
	struct nrm_mail mail;
	uint8_t from[8];

	enum nrm_err err = nrm_cursor_open(books->txn, NRM_TABLE_LABELS, &cursor);
	if (err != NRM_OK)
		return err;
	nrm_store_u64(from, books->expiry_from);
	err = nrm_cursor_seek(cursor, nrm_slice(from, sizeof(from)), &key, &row);
	for (; err == NRM_OK && *n > 0; err = nrm_cursor_next(cursor, &key, &row), --*n) {
		err = nrm_mail_label_open(&books->mailboxes, key, row, &mail);
		if (err != NRM_OK)
			break;
		books->expiry_from = mail.place + 1;
		if (mail.expires_ms <= books->clock &&
		    !nrm_mailbox_in_flight(&books->mailboxes, mail.recipient, mail.place)) {
			*ret_place = mail.place;
			nrm_cursor_close(cursor);
			--*n;
			return NRM_OK;
		}
	}
	nrm_cursor_close(cursor);
	if (err == NRM_ERR_NOT_FOUND)
		books->expiry_from = 0; /* begin again from the oldest */
	return err == NRM_OK ? NRM_ERR_NOT_FOUND : err;
}

enum nrm_err nrm_books_return_expired(struct nrm_books *books, unsigned n)
{
	const struct nrm_verdict expired = {.reason = NRM_REASON_EXPIRED,
					    .told = NRM_REASON_EXPIRED};
	enum nrm_err err;
	uint64_t place;

	while ((err = next_expired(books, &n, &place)) == NRM_OK) {
		struct waiting w;

		err = waiting_read(books, place, &w);
		if (err == NRM_OK)
			err = give_back(books, &w, NRM_EVENT_RETURN, &expired);
		if (err != NRM_OK)
			return err;
	}
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

bool nrm_books_pending(const struct nrm_books *books)
{
	for (uint32_t party = 1; party < books->sessions.n_of && party < books->mailboxes.n;
	     party++) {
		const struct nrm_session *session = books->sessions.of[party];
		uint64_t place;

		if (session && nrm_session_has_credit(session, 0) &&
		    session->bytes_in_flight < NRM_MAX_IN_FLIGHT / 2 &&
		    nrm_mailbox_next(&books->mailboxes.of[party], &place))
			return true;
	}
	return false;
}
