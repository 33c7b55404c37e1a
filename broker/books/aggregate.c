/*
 * Agencies' monthly statements (proto/wire/aggregate.h): of no case, and of nobody. Each is a leaf with the statement's digest,
 * and its bytes are kept with its signature, the last of each agency and month, so that an auditor can read and check them.
 */
#include "broker/books/state.h"
#include "proto/crypto/sign.h"
#include "proto/trail/tally.h"
#include "proto/wire/directory_wire.h"

/* A statement may be of this month or of the two years before. */
#define MONTHS_BACK 24u

/* A refusal of what cannot be read names no message: 16 zero bytes. */
static const uint8_t no_message[NRM_MESSAGE_ID_LEN];

static enum nrm_err refuse(struct nrm_books *books, struct nrm_session *session,
			   enum nrm_refusal code, struct nrm_slice message_id, const char *text)
{
	return nrm_say_refused(books, session, code, 0, message_id, text);
}

/* What is told of a statement that was recorded; the same for one that comes again. */
static enum nrm_err say_recorded(struct nrm_books *books, struct nrm_session *session,
				 struct nrm_slice message_id, uint64_t index)
{
	struct nrm_entry entry;
	struct nrm_leaf leaf;
	struct nrm_view view;
	uint64_t previous;
	enum nrm_err err = nrm_ledger_read(books, index, NULL, &entry, &leaf, &view, &previous);

	return err == NRM_OK ? nrm_say_receipt(books, session, message_id, &entry) : err;
}

static enum nrm_err write_leaf(struct nrm_books *books, const struct nrm_aggregate *aggregate,
			       struct nrm_slice document, uint64_t *ret_index)
{
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_leaf leaf = {.kind = NRM_EVENT_AGGREGATE,
				.sender = aggregate->agency,
				.outcome = NRM_OUTCOME_FORWARD,
				.reason = NRM_REASON_OK};
	struct nrm_view view = {.message_id = aggregate->message_id,
				.time_ms = books->clock,
				.outcome = NRM_OUTCOME_FORWARD,
				.reason = NRM_REASON_OK,
				.document_digest = nrm_slice(digest, NRM_HASH_LEN),
				.document_version = aggregate->month};
	struct nrm_entry entry;

	nrm_document_digest(NRM_DOMAIN_AGGREGATE, document, digest);
	enum nrm_err err = nrm_ledger_write(books, &leaf, &view, NULL, &entry);
	if (err == NRM_OK)
		*ret_index = entry.index;
	return err;
}

/* Row: u64(leaf), then the SignedDocument. */
static enum nrm_err record(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_parcel *parcel, struct nrm_slice key)
{
	const struct nrm_document *document = &parcel->frame.is.aggregate;
	struct nrm_buf row = {0}, signed_document = {0};
	struct nrm_slice kept;
	uint64_t index = 0;

	enum nrm_err err = nrm_document_encode(document, &signed_document);
	const bool there = err == NRM_OK &&
			   nrm_get(books->txn, NRM_TABLE_AGGREGATES, key, &kept) == NRM_OK;
	if (there && kept.len >= 8 &&
	    nrm_slice_equal(nrm_slice(kept.data + 8, kept.len - 8),
			    nrm_buf_slice(&signed_document)))
		err = say_recorded(books, session, parcel->aggregate.message_id,
				   nrm_load_u64(kept.data));
	else if (err == NRM_OK) {
		err = write_leaf(books, &parcel->aggregate, document->document, &index);
		nrm_buf_put_u64(&row, index);
		nrm_buf_put(&row, signed_document.data, signed_document.len);
		if (err == NRM_OK)
			err = row.err != NRM_OK ? row.err
						: nrm_put(books->txn, NRM_TABLE_AGGREGATES, key,
							  nrm_buf_slice(&row));
		if (err == NRM_OK)
			err = say_recorded(books, session, parcel->aggregate.message_id, index);
	}
	nrm_buf_done(&signed_document);
	nrm_buf_done(&row);
	return err;
}

enum nrm_err nrm_books_aggregate(struct nrm_books *books, struct nrm_session *session,
				 const struct nrm_parcel *parcel)
{
	const struct nrm_aggregate *aggregate = &parcel->aggregate;
	const uint16_t month = nrm_month_of(books->clock / 60000);
	uint8_t key[NRM_AGGREGATE_KEY_LEN];

	if (parcel->aggregated != NRM_OK)
		return refuse(books, session, nrm_refusal_of(parcel->aggregated),
			      nrm_slice(no_message, sizeof(no_message)),
			      nrm_err_text(parcel->aggregated));
	if (aggregate->month > month || aggregate->made_ms > books->clock + NRM_MAX_AHEAD_MS)
		return refuse(books, session, NRM_REFUSAL_NOT_YET, aggregate->message_id,
			      "a statement of a month, or made at a time, that is yet to come");
	if (aggregate->month + MONTHS_BACK < month)
		return refuse(books, session, NRM_REFUSAL_EXPIRED, aggregate->message_id,
			      "a statement of a month more than two years ago");
	if (books->full)
		return refuse(books, session, NRM_REFUSAL_STORAGE_FULL, aggregate->message_id,
			      "the broker has no room for new work: send again later");
	nrm_aggregate_key(aggregate->month, session->party, key);
	return record(books, session, parcel, nrm_slice(key, sizeof(key)));
}
