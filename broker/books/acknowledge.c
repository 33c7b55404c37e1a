/*
 * An acknowledgement ends redelivery: it becomes a leaf, reaches the sender with the recipient's signature, and the
 * sealed payload is deleted, all in one transaction. One that failed (cannot_open, bad_commitment) gives the
 * referral back to its sender in the same way.
 */
#include "broker/books/state.h"

static enum nrm_err write_leaf(struct nrm_books *books, const struct nrm_in_flight *f,
			       uint32_t recipient, struct nrm_case *c, struct nrm_slice ack_bytes,
			       enum nrm_ack status, const struct nrm_proof *signature,
			       struct nrm_entry *ret_entry)
{
	enum nrm_outcome outcome = status == NRM_ACK_OK ? NRM_OUTCOME_FORWARD : NRM_OUTCOME_REFUSE;
	enum nrm_reason reason = status == NRM_ACK_OK ? NRM_REASON_OK : NRM_REASON_ABSENT;
	struct nrm_leaf leaf = {
		.kind = NRM_EVENT_ACKNOWLEDGEMENT,
		.sender = nrm_roll_id(&books->roll, f->sender),
		.recipient = nrm_roll_id(&books->roll, recipient),
		.service = f->service,
		.outcome = outcome,
		.reason = reason,
	};
	const struct nrm_view view = {
		.message_id = nrm_slice(f->message_id, NRM_MESSAGE_ID_LEN),
		.time_ms = books->clock,
		.type = f->type,
		.outcome = outcome,
		.reason = reason,
		.statement_digest = nrm_slice(f->statement_digest.bytes, NRM_HASH_LEN),
		.ack = ack_bytes,
		.has_ack_signature = true,
		.ack_signature = *signature,
		.case_id = nrm_slice(c->id, NRM_CASE_ID_LEN),
		.earlier = f->leaf + 1,
	};

	return nrm_ledger_write(books, &leaf, &view, c, ret_entry);
}

/* Who asks about the message later is told of the acknowledgement. */
static enum nrm_err note_latest(struct nrm_books *books, const struct nrm_in_flight *f,
				uint32_t recipient, const struct nrm_case *c, uint64_t leaf)
{
	struct nrm_message_row row = {
		.leaf = f->place,
		.latest = leaf,
		.recipient = recipient,
		.type = f->type,
		.outcome = NRM_OUTCOME_FORWARD,
		.expires_ms = f->expires_ms,
	};

	memcpy(row.digest, f->statement_digest.bytes, NRM_HASH_LEN);
	return nrm_message_put(books, c, nrm_slice(f->message_id, NRM_MESSAGE_ID_LEN), f->sender,
			       &row);
}

/* Tells the sender, if it is here; if not, its agent asks when it comes back. */
static enum nrm_err tell_sender(struct nrm_books *books, const struct nrm_in_flight *f,
				const struct nrm_entry *entry)
{
	struct nrm_session *sender = nrm_session_for(&books->sessions, f->sender);
	uint8_t *message_id;

	if (!sender)
		return NRM_OK;
	message_id = nrm_arena_copy(&books->arena, f->message_id, NRM_MESSAGE_ID_LEN);
	if (!message_id)
		return NRM_ERR_NOMEM;
	return nrm_say_receipt(books, sender, nrm_slice(message_id, NRM_MESSAGE_ID_LEN), entry);
}

static enum nrm_err acknowledge_one(struct nrm_books *books, struct nrm_session *session,
				    const struct nrm_ack_body *ack, struct nrm_slice bytes,
				    const struct nrm_proof *signature, uint32_t item)
{
	struct nrm_in_flight *f = nrm_session_in_flight(session, ack->leaf_hash);
	struct nrm_entry entry;
	struct nrm_case *c;

	if (!f || ack->forwarded != f->forwarded ||
	    !nrm_slice_equal(ack->statement_digest,
			     nrm_slice(f->statement_digest.bytes, NRM_HASH_LEN)))
		return nrm_say_refused(books, session, NRM_REFUSAL_UNKNOWN_ACK, item,
				       nrm_slice(NULL, 0),
				       "acknowledges nothing that is in flight on this connection");
	enum nrm_err err = nrm_case_at(&books->cases, books->txn, f->slot, &c);
	if (err == NRM_OK)
		err = write_leaf(books, f, session->party, c, bytes, ack->status, signature,
				 &entry);
	/* Of an order to erase its sender hears by each one's confirmation. */
	if (err == NRM_OK && !nrm_is_order_of(c, f->message_id)) {
		err = note_latest(books, f, session->party, c, entry.index);
		if (err == NRM_OK)
			err = tell_sender(books, f, &entry);
	}
	if (err == NRM_OK)
		err = nrm_mail_delete(books->txn, f->place);
	if (err != NRM_OK)
		return err;
	nrm_mailbox_take(&books->mailboxes, session->party, f->place);
	nrm_session_landed(session, f);
	return NRM_OK;
}

enum nrm_err nrm_books_acknowledge(struct nrm_books *books, struct nrm_session *session,
				   const struct nrm_parcel *parcel)
{
	const struct nrm_slices *acks = &parcel->frame.is.acknowledge.ack;
	enum nrm_err err = NRM_OK;

	for (size_t i = 0; err == NRM_OK && i < acks->n; i++)
		err = acknowledge_one(books, session, &parcel->ack[i], acks->item[i],
				      &parcel->ack_proof[i], (uint32_t)i);
	return err;
}
