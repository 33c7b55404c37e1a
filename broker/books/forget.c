/*
 * Forgetting a case. An agency orders it; the order is decided on, and what is written of it belongs to a case of its own,
 * whose id is the order's message id, so that its sender can ask again and its recipients can confirm when the case is gone.
 *
 *     order -> leaf, no rows, labels under a new key, orders to erase -> commit -> keys overwritten -> receipt
 *
 * Interrupted between commit and overwriting, nrm_cases_forget_again() does the rest: a slot without a case must not have a key.
 */
#include "broker/books/state.h"
#include "proto/trail/rows.h"

bool nrm_is_order(const struct nrm_books *books, const struct nrm_statement *st)
{
	return st->type == NRM_MESSAGE_TYPE_ERASURE_ORDER &&
	       nrm_slice_equal(st->recipient, nrm_directory_broker_id(books->options.directory));
}

bool nrm_is_order_of(const struct nrm_case *c, const uint8_t message_id[static NRM_MESSAGE_ID_LEN])
{
	_Static_assert(NRM_CASE_ID_LEN == NRM_MESSAGE_ID_LEN, "an order's id is that of its case");
	return memcmp(c->id, message_id, NRM_CASE_ID_LEN) == 0;
}

/* --- the decision --- */

/* The case of an earlier order of this sender: what is known of a forgetting is not forgotten. */
static enum nrm_err is_of_an_order(struct nrm_books *books, const struct nrm_case *c,
				   uint32_t sender, bool *ret_yes)
{
	struct nrm_message_row row;
	enum nrm_err err =
		nrm_message_find(books, c, nrm_slice(c->id, NRM_CASE_ID_LEN), sender, &row);

	*ret_yes = err == NRM_OK && row.type == NRM_MESSAGE_TYPE_ERASURE_ORDER;
	return err == NRM_ERR_NOT_FOUND || err == NRM_ERR_EXISTS ? NRM_OK : err;
}

/* The case, if it is this sender's to have forgotten; else NULL, whatever the cause. */
static enum nrm_err find_own(struct nrm_books *books, const struct nrm_order *order,
			     struct nrm_case **ret_case)
{
	struct nrm_case *c = NULL;
	bool of_an_order = false;
	enum nrm_err err = nrm_case_find(&books->cases, books->txn, order->st->case_id.data, &c);

	*ret_case = NULL;
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	if (c == order->c || !nrm_case_party(c, order->sender) ||
	    nrm_is_excluded(&c->card, order->sender))
		return NRM_OK;
	err = is_of_an_order(books, c, order->sender, &of_an_order);
	if (err == NRM_OK && !of_an_order)
		*ret_case = c;
	return err;
}

enum nrm_err nrm_books_decide_order(struct nrm_books *books, struct nrm_order *order,
				    struct nrm_verdict *ret_verdict)
{
	const struct nrm_party *party = &books->roll.party[order->sender];
	struct nrm_verdict verdict = {.outcome = NRM_OUTCOME_REFUSE};
	enum nrm_err err = NRM_OK;

	if (nrm_books_outdated(books, order->st))
		verdict.reason = NRM_REASON_DIRECTORY_EXPIRED;
	else if (!nrm_may_forget(books->options.policy->rules, party))
		verdict.reason = NRM_REASON_FACT_NOT_ALLOWED;
	else
		err = find_own(books, order, &order->about);
	if (err != NRM_OK)
		return err;
	if (verdict.reason == NRM_REASON_ABSENT)
		verdict.reason = order->about ? NRM_REASON_OK : NRM_REASON_EXCLUDED;
	if (order->about)
		verdict.outcome = NRM_OUTCOME_FORWARD;
	verdict.told = nrm_told(verdict.reason);
	*ret_verdict = verdict;
	return NRM_OK;
}

/* --- who had something of it --- */

/* A leaf of the case, and the one before it (index + 1, or 0). */
static enum nrm_err read_leaf(struct nrm_books *books, const struct nrm_case *c, uint64_t index,
			      struct nrm_arena *arena, struct nrm_leaf *ret_leaf,
			      uint64_t *ret_previous)
{
	struct nrm_trail_row row;
	struct nrm_record record;

	nrm_arena_reset(arena);
	enum nrm_err err = nrm_trail_read(books->txn, index, &row);
	if (err == NRM_OK)
		err = nrm_record_read(&row, index, c->row_key, &books->scratch, &record);
	if (err == NRM_OK)
		err = nrm_leaf_decode(row.leaf, arena, ret_leaf);
	if (err != NRM_OK)
		return err == NRM_ERR_OPEN ? NRM_ERR_CORRUPT : err;
	*ret_previous = record.previous;
	return record.previous <= index ? NRM_OK : NRM_ERR_CORRUPT;
}

/* Marks the parties, and by walking back whoever sent or got something of the case without being one. */
static enum nrm_err find_holders(struct nrm_books *books, const struct nrm_case *c, bool *holds)
{
	enum nrm_err err = NRM_OK;
	struct nrm_arena arena;

	for (uint32_t i = 0; i < c->n_parties; i++)
		holds[c->party[i].handle] = true;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	for (uint64_t at = c->last_leaf; err == NRM_OK && at > 0;) {
		struct nrm_leaf leaf;

		err = read_leaf(books, c, at - 1, &arena, &leaf, &at);
		if (err != NRM_OK)
			break;
		holds[nrm_roll_find(&books->roll, leaf.sender)] = true;
		if (leaf.outcome == NRM_OUTCOME_FORWARD)
			holds[nrm_roll_find(&books->roll, leaf.recipient)] = true;
	}
	nrm_arena_done(&arena);
	return err;
}

/* --- what is on its way --- */

static enum nrm_err take_back(struct nrm_books *books, const struct nrm_mail *mail)
{
	struct nrm_session *session = nrm_session_for(&books->sessions, mail->recipient);

	if (session)
		nrm_session_recall(session, mail->place);
	nrm_mailbox_take(&books->mailboxes, mail->recipient, mail->place);
	return nrm_mail_delete(books->txn, mail->place);
}

static enum nrm_err take_all_back(struct nrm_books *books, const struct nrm_case *c)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key = nrm_slice(NULL, 0), row;

	enum nrm_err err = nrm_cursor_open(books->txn, NRM_TABLE_LABELS, &cursor);
	if (err != NRM_OK)
		return err;
	err = nrm_cursor_seek(cursor, key, &key, &row);
	while (err == NRM_OK) {
		struct nrm_mail mail;

		err = nrm_mail_label_open(&books->mailboxes, key, row, &mail);
		if (err == NRM_OK && mail.slot == c->slot)
			err = take_back(books, &mail);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* --- what is written --- */

/* The leaf of the forgetting itself, of no case. */
static enum nrm_err write_leaf(struct nrm_books *books, const struct nrm_order *order)
{
	struct nrm_leaf leaf = {.kind = NRM_EVENT_FORGETTING,
				.outcome = NRM_OUTCOME_FORWARD,
				.reason = NRM_REASON_OK};
	const struct nrm_view view = {
		.message_id = order->st->message_id,
		.time_ms = books->clock,
		.type = order->st->type,
		.outcome = NRM_OUTCOME_FORWARD,
		.reason = NRM_REASON_OK,
		.earlier = order->leaf + 1,
	};
	struct nrm_entry entry;

	return nrm_ledger_write(books, &leaf, &view, NULL, &entry);
}

/* The order as it was signed, to one who is to carry it out too. */
static enum nrm_err send_on(struct nrm_books *books, const struct nrm_order *order, uint32_t to)
{
	const uint8_t *digest = nrm_verified_digest(order->verified);
	const struct nrm_envelope *envelope = nrm_verified_envelope(order->verified);
	struct nrm_leaf leaf = {.kind = NRM_EVENT_ERASURE_ORDER,
				.sender = order->st->sender,
				.recipient = nrm_roll_id(&books->roll, to),
				.outcome = NRM_OUTCOME_FORWARD,
				.reason = NRM_REASON_OK};
	const struct nrm_view view = {
		.message_id = order->st->message_id,
		.time_ms = books->clock,
		.type = order->st->type,
		.outcome = NRM_OUTCOME_FORWARD,
		.reason = NRM_REASON_OK,
		.statement_digest = nrm_slice(digest, NRM_HASH_LEN),
		.has_signature = true,
		.signature = envelope->proof,
		.case_id = order->st->message_id,
		.earlier = order->leaf + 1,
	};
	struct nrm_mail mail = {.sender = order->sender,
				.recipient = to,
				.slot = order->c->slot,
				.expires_ms = order->st->expires_at_ms};
	struct nrm_entry entry;

	enum nrm_err err = nrm_ledger_write(books, &leaf, &view, order->c, &entry);
	if (err != NRM_OK)
		return err;
	mail.place = mail.leaf = entry.index;
	err = nrm_mail_write(&books->mailboxes, books->txn, &mail, envelope, order->c, false,
			     &books->entropy, &books->scratch);
	if (err == NRM_OK)
		err = nrm_books_deliver_new(books, &mail, &entry, order->st, digest);
	if (err == NRM_OK)
		err = nrm_mailbox_add(&books->mailboxes, to, mail.place);
	return err;
}

static enum nrm_err send_all(struct nrm_books *books, const struct nrm_order *order,
			     const bool *holds)
{
	enum nrm_err err = NRM_OK;

	for (uint32_t to = 1; err == NRM_OK && to < books->roll.n; to++)
		if (holds[to] && to != order->sender)
			err = send_on(books, order, to);
	return err;
}

enum nrm_err nrm_books_forget(struct nrm_books *books, struct nrm_order *order)
{
	bool *holds = nrm_arena_alloc(&books->arena, books->roll.n * sizeof(*holds));
	const uint32_t slot = order->about->slot;

	if (!holds)
		return NRM_ERR_NOMEM;
	memset(holds, 0, books->roll.n * sizeof(*holds));
	enum nrm_err err = find_holders(books, order->about, holds);
	if (err == NRM_OK)
		err = take_all_back(books, order->about);
	if (err == NRM_OK)
		err = nrm_books_label(books);
	if (err == NRM_OK)
		err = nrm_case_forget(&books->cases, books->txn, order->about);
	if (err != NRM_OK)
		return err;
	order->about = NULL;
	nrm_buf_put_u32(&books->forgotten, slot);
	err = write_leaf(books, order);
	if (err == NRM_OK)
		err = send_all(books, order, holds);
	return err == NRM_OK ? books->forgotten.err : err;
}

enum nrm_err nrm_books_forget_keys(struct nrm_books *books)
{
	struct nrm_reader slots = nrm_reader(nrm_buf_slice(&books->forgotten));

	/* Books that promised to forget, and cannot, must not go on: the next start tries again. */
	while (slots.rest.len > 0)
		if (nrm_case_keys_forget(books->keys, nrm_take_u32(&slots)) != NRM_OK)
			return NRM_ERR_CORRUPT;
	books->must_scrub |= books->forgotten.len > 0;
	nrm_buf_clear(&books->forgotten);
	return NRM_OK;
}
