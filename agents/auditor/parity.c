#include "agents/auditor/parity.h"

#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/wire/directory_wire.h"

struct reading {
	struct nrm_txn *txn;
	struct nrm_arena *arena;
	struct nrm_directory_body directory; /* the newest; empty when there is none */
	struct nrm_parity *parity;
	size_t n, cap;
};

/* The agency's signing key in the directory; NULL when it is not there. */
static const uint8_t *signing_key(const struct nrm_directory_body *directory, struct nrm_slice id)
{
	for (size_t i = 0; i < directory->n_participants; i++) {
		const struct nrm_participant_entry *p = &directory->participant[i];

		for (size_t k = 0; nrm_slice_equal(p->id, id) && k < p->n_keys; k++)
			if (p->key[k].kind == NRM_KEY_KIND_SIGNING &&
			    p->key[k].key.len == NRM_KEY_LEN)
				return p->key[k].key.data;
	}
	return NULL;
}

static bool is_signed(const struct nrm_directory_body *directory, struct nrm_slice agency,
		      const struct nrm_document *document)
{
	const uint8_t *public_key = signing_key(directory, agency);
	struct nrm_verifying_key *key;

	if (!public_key || nrm_verifying_key_new(public_key, &key) != NRM_OK)
		return false;
	const bool is = nrm_document_verify(key, NRM_DOMAIN_AGGREGATE, document->document,
					    document->signature) == NRM_OK;
	nrm_verifying_key_free(key);
	return is;
}

/* Whether the leaf is of this agency's statement: its record is in clear, and held to the digest in the leaf. */
static bool is_committed(struct nrm_txn *txn, uint64_t index, struct nrm_arena *arena,
			 const struct nrm_aggregate *aggregate, struct nrm_slice document)
{
	uint8_t view_digest[NRM_HASH_LEN], digest[NRM_HASH_LEN];
	struct nrm_trail_row row;
	struct nrm_record record;
	struct nrm_leaf leaf;
	struct nrm_view view;

	if (nrm_trail_read(txn, index, &row) != NRM_OK ||
	    nrm_leaf_decode(row.leaf, arena, &leaf) != NRM_OK ||
	    row.record_kind != NRM_RECORD_CLEAR ||
	    nrm_record_read(&row, index, NULL, NULL, &record) != NRM_OK ||
	    nrm_view_decode(record.view, arena, &view) != NRM_OK)
		return false;
	nrm_view_digest(record.salt[NRM_VIEWER_OVERSIGHT], record.view, view_digest);
	nrm_document_digest(NRM_DOMAIN_AGGREGATE, document, digest);
	return leaf.kind == NRM_EVENT_AGGREGATE &&
	       nrm_slice_equal(leaf.sender, aggregate->agency) &&
	       nrm_slice_equal(leaf.oversight_view, nrm_slice(view_digest, NRM_HASH_LEN)) &&
	       nrm_slice_equal(view.document_digest, nrm_slice(digest, NRM_HASH_LEN));
}

static enum nrm_err add(struct reading *r, const struct nrm_parity *parity)
{
	if (r->n == r->cap) {
		const size_t cap = r->cap ? r->cap * 2 : 64;
		struct nrm_parity *grown = nrm_arena_alloc(r->arena, cap * sizeof(*grown));

		if (!grown)
			return NRM_ERR_LIMIT;
		if (r->n)
			memcpy(grown, r->parity, r->n * sizeof(*grown));
		r->parity = grown;
		r->cap = cap;
	}
	r->parity[r->n++] = *parity;
	return NRM_OK;
}

/* Row: u64(leaf), SignedDocument. */
static enum nrm_err read_row(struct reading *r, uint32_t month, struct nrm_slice row)
{
	struct nrm_reader reader = nrm_reader(row);
	const uint64_t index = nrm_take_u64(&reader);
	struct nrm_aggregate aggregate;
	struct nrm_document document;
	const uint8_t *own = nrm_arena_copy(r->arena, reader.rest.data, reader.rest.len);

	if (!own)
		return NRM_ERR_LIMIT;
	if (reader.failed ||
	    nrm_document_decode(nrm_slice(own, reader.rest.len), r->arena, &document) != NRM_OK ||
	    nrm_aggregate_decode(document.document, r->arena, &aggregate) != NRM_OK ||
	    aggregate.month != month)
		return NRM_ERR_CORRUPT;
	const struct nrm_parity parity = {
		.month = aggregate.month,
		.agency = nrm_arena_copy(r->arena, aggregate.agency.data, aggregate.agency.len),
		.leaf = index,
		.verified = is_signed(&r->directory, aggregate.agency, &document) &&
			    is_committed(r->txn, index, r->arena, &aggregate, document.document),
		.group = aggregate.group,
		.n_groups = aggregate.n_groups};
	return parity.agency ? add(r, &parity) : NRM_ERR_LIMIT;
}

static enum nrm_err read_rows(struct reading *r, const struct nrm_indicators_question *question)
{
	uint8_t from[NRM_AGGREGATE_KEY_LEN];
	struct nrm_slice key, row;
	struct nrm_cursor *cursor;
	enum nrm_err err = nrm_cursor_open(r->txn, NRM_TABLE_AGGREGATES, &cursor);

	if (err != NRM_OK)
		return err;
	nrm_aggregate_key(question->from, 0, from);
	for (err = nrm_cursor_seek(cursor, nrm_slice(from, sizeof(from)), &key, &row);
	     err == NRM_OK;) {
		const uint64_t number = key.len == sizeof(from) ? nrm_load_u64(key.data) : 0;

		if (number >> 32 > question->until)
			break;
		err = read_row(r, (uint32_t)(number >> 32), row);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_parity_read(struct nrm_audit_reader *reader, struct nrm_indicators *indicators)
{
	struct reading r = {.arena = &indicators->arena};
	struct nrm_document document;
	struct nrm_slice bytes;

	enum nrm_err err = nrm_audit_snapshot(reader, &r.txn);
	if (err != NRM_OK)
		return err;
	if (nrm_audit_newest(r.txn, 'd', &bytes) != NRM_OK ||
	    nrm_document_decode(bytes, r.arena, &document) != NRM_OK ||
	    nrm_directory_decode(document.document, r.arena, &r.directory) != NRM_OK)
		r.directory.n_participants = 0;
	err = read_rows(&r, &indicators->question);
	indicators->parity = r.parity;
	indicators->n_parity = r.n;
	return err;
}
