/*
 * The directory and the policy in force are part of the trail: each one that comes into force is a leaf, and its bytes
 * are kept, so that an auditor can read any verdict under the rules that it was made under.
 */
#include "broker/books/state.h"
#include "proto/wire/directory_wire.h"

#define POLICY_IN_FORCE "policy"

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

static enum nrm_err latest_directory(struct nrm_books *books, uint64_t *ret_version)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	enum nrm_err err = nrm_cursor_open(books->txn, NRM_TABLE_DOCUMENTS, &cursor);

	if (err != NRM_OK)
		return err;
	*ret_version = 0;
	err = nrm_cursor_last(cursor, &key, &value);
	if (err == NRM_OK && key.len == 9)
		*ret_version = nrm_load_u64(key.data + 1);
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_books_record_directory(struct nrm_books *books)
{
	const struct nrm_directory *directory = books->options.directory;
	const struct nrm_document document = nrm_directory_document(directory);
	uint64_t version = nrm_directory_version(directory), latest;
	uint8_t key[9] = {'d'};
	struct nrm_slice kept;

	enum nrm_err err = latest_directory(books, &latest);
	if (err != NRM_OK)
		return err;
	if (version < latest)
		return NRM_ERR_VERSION; /* the version only rises */
	nrm_buf_clear(&books->scratch);
	err = nrm_document_encode(&document, &books->scratch);
	if (err != NRM_OK)
		return err;
	nrm_store_u64(key + 1, version);
	if (nrm_get(books->txn, NRM_TABLE_DOCUMENTS, nrm_slice(key, sizeof(key)), &kept) == NRM_OK)
		return nrm_slice_equal(kept, nrm_buf_slice(&books->scratch)) ? NRM_OK
									     : NRM_ERR_VERSION;
	err = nrm_put(books->txn, NRM_TABLE_DOCUMENTS, nrm_slice(key, sizeof(key)),
		      nrm_buf_slice(&books->scratch));
	if (err == NRM_OK)
		err = write_leaf(books, NRM_EVENT_DIRECTORY, nrm_directory_digest(directory),
				 version);
	return err;
}

enum nrm_err nrm_books_record_policy(struct nrm_books *books)
{
	struct nrm_slice digest = nrm_slice(books->options.policy->digest, NRM_HASH_LEN), in_force;

	enum nrm_err err =
		nrm_get(books->txn, NRM_TABLE_STATE, nrm_slice_str(POLICY_IN_FORCE), &in_force);
	if (err == NRM_OK && nrm_slice_equal(in_force, digest))
		return NRM_OK;
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	err = nrm_put(books->txn, NRM_TABLE_STATE, nrm_slice_str(POLICY_IN_FORCE), digest);
	if (err == NRM_OK)
		err = write_leaf(books, NRM_EVENT_POLICY, digest.data, 0);
	return err;
}
