/*
 * One verified message becomes a decision:
 *     verified -> facts -> verdict -> leaf, message row, mailbox row -> receipt, delivery
 * all in the transaction under way. What is refused here with a code leaves no trace; whatever passes
 * the checks of form and time gets a leaf, a refusal too.
 */
#include "broker/books/state.h"

/* What the steps of one message hand on. */
struct submission {
	const struct nrm_verified *verified;
	const struct nrm_statement *st;
	uint32_t sender, recipient; /* handles */
	bool to_broker;
	struct nrm_case *c;
	bool known_case; /* it existed before this message */
	bool is_order;	 /* to forget a case */
	struct nrm_order order;
	struct nrm_message message;
	struct nrm_verdict verdict;
	uint32_t item; /* in its frame */
};

/* Which messages are facts, stated to the broker itself. A withdrawal may go to an agency too (rule 2). */
static bool is_fact(enum nrm_message_type type)
{
	return type == NRM_MESSAGE_TYPE_CONSENT_GRANT || type == NRM_MESSAGE_TYPE_CASE_CARD;
}

/* --- checks of form and time: refused without a trace --- */

static enum nrm_refusal check_time(const struct nrm_books *books, const struct nrm_statement *st)
{
	if (st->issued_at_ms > books->clock + NRM_MAX_AHEAD_MS)
		return NRM_REFUSAL_NOT_YET;
	if (st->expires_at_ms <= books->clock)
		return NRM_REFUSAL_EXPIRED;
	return NRM_REFUSAL_ABSENT;
}

static enum nrm_refusal check_route(const struct submission *s)
{
	bool fact = is_fact(s->st->type);

	if (s->sender == s->recipient)
		return NRM_REFUSAL_WRONG_RECIPIENT;
	if (s->to_broker && !fact && !s->is_order && s->st->type != NRM_MESSAGE_TYPE_WITHDRAWAL)
		return NRM_REFUSAL_WRONG_RECIPIENT;
	if (!s->to_broker && fact)
		return NRM_REFUSAL_WRONG_RECIPIENT;
	if (s->to_broker && s->st->commitment.n > 0)
		return NRM_REFUSAL_BODY_MISMATCH;
	/* A case is forgotten whole. */
	if (s->is_order &&
	    (s->st->body.erasure_order.consent_id.len || s->st->body.erasure_order.message_id.n))
		return NRM_REFUSAL_BODY_MISMATCH;
	if (s->is_order && s->known_case)
		return NRM_REFUSAL_ID_REUSED;
	return NRM_REFUSAL_ABSENT;
}

/* A sealing key that the directory no longer has: the sender's agent seals again. */
static enum nrm_refusal check_key(const struct nrm_books *books, const struct submission *s)
{
	const struct nrm_enrolled *to = &books->roll.enrolled[s->recipient];

	if (s->st->commitment.n == 0 || !to->participant)
		return NRM_REFUSAL_ABSENT;
	for (uint32_t i = 0; i < to->participant->n_sealing; i++)
		if (nrm_slice_equal(s->st->recipient_key, nrm_slice(to->sealing_key[i], 8)))
			return NRM_REFUSAL_ABSENT;
	return NRM_REFUSAL_STALE_KEY;
}

static enum nrm_refusal check(struct nrm_books *books, const struct submission *s)
{
	enum nrm_refusal code = check_time(books, s->st);

	if (code == NRM_REFUSAL_ABSENT)
		code = check_route(s);
	if (code == NRM_REFUSAL_ABSENT)
		code = check_key(books, s);
	if (code == NRM_REFUSAL_ABSENT && books->full)
		code = NRM_REFUSAL_STORAGE_FULL;
	if (code == NRM_REFUSAL_ABSENT && s->recipient) {
		const struct nrm_mailbox *box = nrm_mailbox(&books->mailboxes, s->recipient);
		if (!box || box->waiting >= NRM_MAX_MAILBOX)
			code = NRM_REFUSAL_MAILBOX_FULL;
	}
	return code;
}

/* --- repeats --- */

/* The same message again: the same leaf and verdict, and nothing else happens. */
static enum nrm_err repeat(struct nrm_books *books, struct nrm_session *session,
			   const struct submission *s, const struct nrm_message_row *row)
{
	struct nrm_entry entry;
	struct nrm_leaf leaf;
	struct nrm_view view;
	uint64_t previous;

	if (memcmp(row->digest, nrm_verified_digest(s->verified), NRM_HASH_LEN) != 0)
		return nrm_say_refused(books, session, NRM_REFUSAL_ID_REUSED, s->item,
				       s->st->message_id,
				       "this message id was used for another message");
	enum nrm_err err = nrm_ledger_read(books, row->leaf, s->c, &entry, &leaf, &view, &previous);
	if (err == NRM_OK)
		err = nrm_say_receipt(books, session, s->st->message_id, &entry);
	/* And what became of it since, which it may not have heard of either. */
	if (err == NRM_OK)
		err = nrm_say_later(books, session, s->c, s->st->message_id, row);
	return err;
}

/* --- the decision and what it writes --- */

static enum nrm_err decide(struct nrm_books *books, struct submission *s)
{
	if (s->is_order)
		return nrm_books_decide_order(books, &s->order, &s->verdict);
	if (s->to_broker)
		return nrm_books_state_facts(books, s->c, s->known_case, s->sender, s->st,
					     &s->verdict);
	return nrm_books_decide(books, s->c, s->known_case, s->st, nrm_verified_fields(s->verified),
				&s->message, &s->verdict);
}

static enum nrm_err write_leaf(struct nrm_books *books, const struct submission *s,
			       struct nrm_entry *ret_entry)
{
	const struct nrm_verdict *v = &s->verdict;
	struct nrm_leaf leaf = {
		.kind = (enum nrm_event)s->st->type, /* a decision's kind is its message's type */
		.sender = s->st->sender,
		.recipient = s->st->recipient,
		.service = s->st->service,
		.outcome = v->outcome,
		.reason = v->told,
	};
	struct nrm_view view = {
		.message_id = s->st->message_id,
		.time_ms = books->clock,
		.type = s->st->type,
		.statement_digest = nrm_slice(nrm_verified_digest(s->verified), NRM_HASH_LEN),
		.has_signature = true,
		.signature = nrm_verified_envelope(s->verified)->proof,
		.case_id = nrm_slice(s->c->id, NRM_CASE_ID_LEN),
		.basis = s->st->basis,
		.emergency = s->st->emergency,
	};
	enum nrm_err err = nrm_view_verdict(books, s->c, v, &view);
	if (err == NRM_OK && !s->to_broker)
		err = nrm_view_counted(books, s->c, s->st, &s->message, &view);
	if (err == NRM_OK)
		err = nrm_ledger_write(books, &leaf, &view, s->c, ret_entry);
	return err;
}

static enum nrm_err write_message(struct nrm_books *books, const struct submission *s,
				  uint64_t leaf)
{
	struct nrm_message_row row = {
		.leaf = leaf,
		.latest = leaf,
		.recipient = s->recipient,
		.type = s->st->type,
		.outcome = s->verdict.outcome,
		.expires_ms = s->st->expires_at_ms,
	};

	memcpy(row.digest, nrm_verified_digest(s->verified), NRM_HASH_LEN);
	return nrm_message_put(books, s->c, s->st->message_id, s->sender, &row);
}

/* Messages that inform or take away share nothing of the case, and make nobody a party to it. */
#define BARE_TYPES                                                                  \
	(1u << NRM_MESSAGE_TYPE_WITHDRAWAL | 1u << NRM_MESSAGE_TYPE_ERASURE_ORDER | \
	 1u << NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION | 1u << NRM_MESSAGE_TYPE_NOTIFICATION)

/* The first of the managing roles to accept a referral takes the case over from who opened it. */
static enum nrm_err take_over(const struct nrm_books *books, const struct submission *s)
{
	struct nrm_case *c = s->c;

	if (!s->message.in_reply || s->message.answer != NRM_ANSWER_ACCEPT ||
	    !(books->roll.party[s->sender].roles & books->options.policy->rules->managers))
		return NRM_OK;
	for (uint32_t i = 0; i < c->n_parties; i++)
		if (c->party[i].part & NRM_CASE_OPENED)
			c->party[i].part &= ~(uint32_t)NRM_CASE_MANAGES;
	return nrm_case_join(c, s->sender, NRM_CASE_MANAGES);
}

/* Who sent something that went on has contributed (rule 5), and who gets it is a party from now on. */
static enum nrm_err involve(struct nrm_books *books, const struct submission *s)
{
	struct nrm_case *c = s->c;
	nrm_mask contributed = c->card.contributed | books->roll.party[s->sender].roles;
	bool accepts = s->message.answer == NRM_ANSWER_ACCEPT;
	enum nrm_err err;

	if (1u << s->st->type & BARE_TYPES)
		return NRM_OK;
	if (contributed == c->card.contributed && nrm_case_party(c, s->recipient) && !accepts)
		return NRM_OK; /* the case stays as it is: its row need not be written */
	c->card.contributed = contributed;
	nrm_case_changed(&books->cases, c);
	err = nrm_case_join(c, s->recipient, 0);
	if (err == NRM_OK)
		err = take_over(books, s);
	return err == NRM_ERR_FULL ? NRM_OK : err;
}

static enum nrm_err post(struct nrm_books *books, const struct submission *s,
			 const struct nrm_entry *entry)
{
	const struct nrm_envelope *envelope = nrm_verified_envelope(s->verified);
	struct nrm_mail mail = {
		.place = entry->index,
		.sender = s->sender,
		.recipient = s->recipient,
		.slot = s->c->slot,
		.expires_ms = s->st->expires_at_ms,
		.leaf = entry->index,
		.declared = nrm_verified_fields(s->verified),
		.forwarded = s->verdict.forwarded,
	};

	enum nrm_err err = nrm_mail_write(&books->mailboxes, books->txn, &mail, envelope, s->c,
					  false, &books->entropy, &books->scratch);
	if (err == NRM_OK)
		err = nrm_books_deliver_new(books, &mail, entry, s->st,
					    nrm_verified_digest(s->verified));
	if (err == NRM_OK)
		err = nrm_mailbox_add(&books->mailboxes, mail.recipient, mail.place);
	return err;
}

/* The id of the case that a message belongs to. An order to forget one must not: what is written of it would go with the case. */
static struct nrm_slice case_of(const struct submission *s)
{
	return s->is_order ? s->st->message_id : s->st->case_id;
}

static enum nrm_err settle(struct nrm_books *books, struct nrm_session *session,
			   struct submission *s)
{
	struct nrm_entry entry;
	enum nrm_err err = NRM_OK;

	if (!s->c)
		err = nrm_case_open(&books->cases, case_of(s).data, s->sender, books->clock, &s->c);
	if (s->is_order)
		s->order = (struct nrm_order){s->verified, s->st, s->sender, s->c, NULL, 0};
	if (err == NRM_OK && !s->known_case)
		s->c->card.reflection_until = books->clock +
					      books->options.policy->rules->reflection_ms;
	if (err == NRM_OK)
		err = decide(books, s);
	if (err == NRM_OK)
		err = write_leaf(books, s, &entry);
	if (err == NRM_OK)
		err = write_message(books, s, entry.index);
	if (err == NRM_OK)
		err = nrm_say_receipt(books, session, s->st->message_id, &entry);
	if (err == NRM_OK && s->verdict.outcome == NRM_OUTCOME_FORWARD && !s->to_broker) {
		err = involve(books, s);
		if (err == NRM_OK)
			err = post(books, s, &entry);
	}
	if (err == NRM_OK && s->verdict.outcome == NRM_OUTCOME_FORWARD && s->is_order) {
		s->order.leaf = entry.index;
		err = nrm_books_forget(books, &s->order);
	}
	return err;
}

static const char *refusal_text(enum nrm_refusal code)
{
	switch (code) {
	case NRM_REFUSAL_NOT_YET:
		return "issued more than five minutes ahead of the broker's time";
	case NRM_REFUSAL_EXPIRED:
		return "expired";
	case NRM_REFUSAL_WRONG_RECIPIENT:
		return "this type of message does not go to this recipient";
	case NRM_REFUSAL_BODY_MISMATCH:
		return "facts stated to the broker carry no fields, an order to forget a case "
		       "names nothing else";
	case NRM_REFUSAL_ID_REUSED:
		return "this message id is a case's";
	case NRM_REFUSAL_STALE_KEY:
		return "sealed to a key that the directory no longer has: seal again";
	case NRM_REFUSAL_STORAGE_FULL:
		return "the broker has no room for new work: send again later";
	case NRM_REFUSAL_MAILBOX_FULL:
		return "too much waits for this recipient: send again later";
	default:
		return "";
	}
}

static enum nrm_err submit_one(struct nrm_books *books, struct nrm_session *session,
			       const struct nrm_verified *verified, uint32_t item)
{
	struct submission s = {
		.verified = verified, .st = nrm_verified_statement(verified), .item = item};
	struct nrm_message_row row;

	s.sender = session->party;
	if (!nrm_slice_equal(s.st->sender, nrm_roll_id(&books->roll, s.sender)))
		return nrm_say_refused(books, session, NRM_REFUSAL_NOT_YOUR_IDENTITY, item,
				       s.st->message_id,
				       "the sender is not the participant of this connection");
	s.recipient = nrm_roll_find(&books->roll, s.st->recipient);
	s.to_broker =
		nrm_slice_equal(s.st->recipient, nrm_directory_broker_id(books->options.directory));

	s.is_order = nrm_is_order(books, s.st);
	enum nrm_err err = nrm_case_find(&books->cases, books->txn, case_of(&s).data, &s.c);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	s.known_case = s.c != NULL;
	err = nrm_message_find(books, s.c, s.st->message_id, s.sender, &row);
	if (err == NRM_OK)
		return repeat(books, session, &s, &row);
	if (err == NRM_ERR_EXISTS)
		return nrm_say_refused(books, session, NRM_REFUSAL_ID_REUSED, item,
				       s.st->message_id,
				       "this message id was used for another message");
	if (err != NRM_ERR_NOT_FOUND)
		return err;
	enum nrm_refusal code = check(books, &s);
	if (code != NRM_REFUSAL_ABSENT)
		return nrm_say_refused(books, session, code, item, s.st->message_id,
				       refusal_text(code));
	return settle(books, session, &s);
}

enum nrm_err nrm_books_submit(struct nrm_books *books, struct nrm_session *session,
			      const struct nrm_parcel *parcel)
{
	enum nrm_err err = NRM_OK;

	for (size_t i = 0; err == NRM_OK && i < parcel->frame.is.submit.n; i++) {
		uint32_t item = (uint32_t)i;

		if (parcel->verified[i])
			err = submit_one(books, session, parcel->verified[i], item);
		else
			err = nrm_say_refused(books, session, nrm_refusal_of(parcel->item_err[i]),
					      item, nrm_slice(NULL, 0),
					      nrm_err_text(parcel->item_err[i]));
	}
	return err;
}
