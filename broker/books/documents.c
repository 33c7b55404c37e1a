/*
 * The directory and the policy in force are part of the trail: each one that comes into force is a leaf, and its bytes
 * are kept, so that an auditor can read any verdict under the rules that it was made under.
 */
#include "broker/books/state.h"
#include "proto/wire/directory_wire.h"

static enum nrm_err write_leaf(struct nrm_books *books, enum nrm_event kind, const uint8_t *digest,
			       uint64_t version)
{
	struct nrm_leaf leaf = {
		.kind = kind, .outcome = NRM_OUTCOME_FORWARD, .reason = NRM_REASON_OK};
	const struct nrm_view view = {
		.time_ms = books->clock,
		.outcome = NRM_OUTCOME_FORWARD,
		.reason = NRM_REASON_OK,
		.document_digest = nrm_slice(digest, NRM_HASH_LEN),
		.document_version = version,
	};
	struct nrm_entry entry;

	return nrm_ledger_write(books, &leaf, &view, NULL, &entry);
}

/* The highest version of a kind that is recorded; 0: none. Changes of rules are rare, so there are few rows. */
static enum nrm_err latest_version(struct nrm_books *books, uint8_t kind, uint64_t *ret_version)
{
	struct nrm_slice key, value;
	struct nrm_cursor *cursor;
	uint64_t latest = 0;
	enum nrm_err err = nrm_cursor_open(books->txn, NRM_TABLE_DOCUMENTS, &cursor);

	if (err != NRM_OK)
		return err;
	for (err = nrm_cursor_seek(cursor, nrm_slice(&kind, 1), &key, &value);
	     err == NRM_OK && key.len == 9 && key.data[0] == kind;
	     err = nrm_cursor_next(cursor, &key, &value))
		latest = nrm_load_u64(key.data + 1);
	nrm_cursor_close(cursor);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	*ret_version = latest;
	return NRM_OK;
}

/* Keeps a document under its kind and version, and writes its leaf. The version only rises. */
static enum nrm_err record(struct nrm_books *books, uint8_t kind, enum nrm_event event,
			   uint64_t version, const uint8_t *digest,
			   const struct nrm_document *document)
{
	uint8_t row[9] = {kind};
	const struct nrm_slice key = nrm_slice(row, sizeof(row));
	struct nrm_slice kept;
	uint64_t latest;

	enum nrm_err err = latest_version(books, kind, &latest);
	if (err != NRM_OK)
		return err;
	if (version < latest)
		return NRM_ERR_VERSION;
	nrm_buf_clear(&books->scratch);
	err = nrm_document_encode(document, &books->scratch);
	if (err != NRM_OK)
		return err;
	nrm_store_u64(row + 1, version);
	if (nrm_get(books->txn, NRM_TABLE_DOCUMENTS, key, &kept) == NRM_OK)
		return nrm_slice_equal(kept, nrm_buf_slice(&books->scratch)) ? NRM_OK
									     : NRM_ERR_VERSION;
	err = nrm_put(books->txn, NRM_TABLE_DOCUMENTS, key, nrm_buf_slice(&books->scratch));
	return err == NRM_OK ? write_leaf(books, event, digest, version) : err;
}

enum nrm_err nrm_books_record_directory(struct nrm_books *books)
{
	const struct nrm_directory *directory = books->options.directory;
	const struct nrm_document document = nrm_directory_document(directory);

	return record(books, 'd', NRM_EVENT_DIRECTORY, nrm_directory_version(directory),
		      nrm_directory_digest(directory), &document);
}

enum nrm_err nrm_books_record_policy(struct nrm_books *books)
{
	const struct nrm_signed_policy *policy = books->options.policy;

	return record(books, 'p', NRM_EVENT_POLICY, policy->rules->version, policy->rules->digest,
		      &policy->document);
}
