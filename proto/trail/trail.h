/*
 * The trail as it lies in the broker's store: which tables there are, what a row of the trail holds, and
 * how it is read, by the broker and by an auditor beside it or on a copy (protocol.md, "Trail").
 *
 * A row of the trail, keyed u64(leaf index): u16(len) leaf, u8(n) n * 32 bytes of the hashes of the
 * subtrees that this leaf completes, without that of the leaf alone, u8(kind of record), then the record. So every node
 * above the leaves stands in just one row, rows are only ever appended, and any proof is O(log n) look-ups.
 */
#ifndef NRM_TRAIL_TRAIL_H
#define NRM_TRAIL_TRAIL_H

#include "proto/merkle/merkle.h"
#include "proto/store/store.h"
#include "proto/trail/seal.h"
#include "proto/wire/leaf.h"

/* The tables of the broker's store, in the order of nrm_broker_tables. */
enum nrm_broker_table {
	NRM_TABLE_STATE, /* clock and next slot; slots of other keys than cases'; checkpoints */
	NRM_TABLE_TRAIL, /* leaf index -> row of the trail */
	NRM_TABLE_CASES, /* case slot -> case, sealed */
	NRM_TABLE_HEADS, /* case slot -> its last leaf, sealed: all that changes with every leaf */
	NRM_TABLE_MESSAGES,  /* message id, party -> what was decided on it, sealed */
	NRM_TABLE_MAILBOX,   /* leaf index -> message waiting for its recipient, sealed */
	NRM_TABLE_PARTIES,   /* party number -> participant id */
	NRM_TABLE_DOCUMENTS, /* 'd' or 'p', u64(version) -> signed directory or policy */
	NRM_TABLE_LABELS, /* leaf index -> whom and which case a waiting message is for, sealed */
	NRM_TABLE_CASE_INDEX, /* what follows from a case id under the index key -> its slot */
	NRM_TABLE_TALLIES,    /* month, party number -> what oversight counts, sealed (sums.h) */
	NRM_TABLE_AGGREGATES, /* month, party number -> u64(leaf), an agency's signed statement */
	NRM_BROKER_TABLES
};
/* The last ones, which a store that was made earlier lacks until its broker starts again. */
#define NRM_BROKER_LATER (NRM_BROKER_TABLES - NRM_TABLE_CASE_INDEX)
extern const char *const nrm_broker_tables[NRM_BROKER_TABLES];

/* In the broker's data folder. */
#define NRM_BROKER_STORE     "store"
#define NRM_BROKER_CASE_KEYS "case-keys"
#define NRM_BROKER_PID	     "broker.pid" /* of the broker that runs on it: digits and a newline */
/*
 * What the last SIGHUP came to, a line for each document: `TIME good|refused directory|policy TEXT`. Written whole, as the
 * last thing a reload does.
 */
#define NRM_BROKER_RELOAD "reload"

/*
 * In NRM_TABLE_STATE: the last signed checkpoint note; the head that agents are asked to cosign, with the cosignatures that
 * came in; the last one that a quorum vouched for. The latter two: u64(milliseconds since when), note.
 */
#define NRM_STATE_CHECKPOINT "checkpoint"
#define NRM_STATE_ASKED	     "asked"
#define NRM_STATE_VOUCHED    "vouched"

/* And u32(slot) of the keys of NRM_TABLE_LABELS, NRM_TABLE_CASE_INDEX and NRM_TABLE_TALLIES; none: there is no such key yet. */
#define NRM_STATE_LABELS     "labels"
#define NRM_STATE_CASE_INDEX "case_index"
#define NRM_STATE_TALLIES    "tallies"

/* The key of an agency's monthly statement in NRM_TABLE_AGGREGATES. */
#define NRM_AGGREGATE_KEY_LEN 8
static inline void nrm_aggregate_key(uint16_t month, uint32_t party,
				     uint8_t key[static NRM_AGGREGATE_KEY_LEN])
{
	nrm_store_u32(key, month);
	nrm_store_u32(key + 4, party);
}

enum nrm_record_kind {
	NRM_RECORD_CLEAR = 1, /* of a leaf that belongs to no case */
	NRM_RECORD_SEALED = 2 /* under the case's row key, which the salts follow from */
};

struct nrm_trail_row {
	struct nrm_slice leaf;
	struct nrm_slice completed; /* 32 bytes each, level 1 first */
	enum nrm_record_kind record_kind;
	struct nrm_slice record;
};

/* Number of leaves: one more than the last key. */
enum nrm_err nrm_trail_size(struct nrm_txn *txn, uint64_t *ret_size) NRM_MUST_USE;
/* One row; its slices die with the transaction. NRM_ERR_NOT_FOUND, NRM_ERR_CORRUPT. */
enum nrm_err nrm_trail_read(struct nrm_txn *txn, uint64_t index,
			    struct nrm_trail_row *ret_row) NRM_MUST_USE;
/* Takes a row's bytes apart. NRM_ERR_CORRUPT. */
enum nrm_err nrm_trail_row_decode(struct nrm_slice bytes,
				  struct nrm_trail_row *ret_row) NRM_MUST_USE;
/* An nrm_node_source; `txn` is a struct nrm_txn. */
enum nrm_err nrm_trail_node(void *txn, unsigned level, uint64_t index, struct nrm_hash *ret_hash);
/*
 * Appends a leaf (≤ NRM_MAX_LEAF) with its record and moves the frontier on. On failure the frontier may have moved:
 * the caller aborts the transaction and restores it.
 */
enum nrm_err nrm_trail_append(struct nrm_txn *txn, struct nrm_frontier *frontier,
			      struct nrm_slice leaf, enum nrm_record_kind kind,
			      struct nrm_slice record) NRM_MUST_USE;

/*
 * The record of a leaf: what oversight may know, the salts of the three views, and the case's previous leaf, so that a case
 * is read by walking back.
 */
struct nrm_record {
	uint64_t previous;	       /* leaf index + 1; 0: the first of its case */
	uint8_t salt[3][NRM_SALT_LEN]; /* by enum nrm_viewer */
	struct nrm_slice view;	       /* oversight's, serialized */
};
/* The salts of a leaf of a case: AES-256-GCM's keystream under the row key, nonce u32(0) ‖ u64(index). */
enum nrm_err nrm_record_salts(const uint8_t row_key[static NRM_KEY_LEN], uint64_t index,
			      uint8_t salt[static 3][NRM_SALT_LEN]) NRM_MUST_USE;
/* A record's plaintext; only a record in clear holds its salts. */
void nrm_record_encode(const struct nrm_record *record, enum nrm_record_kind kind,
		       struct nrm_buf *out);
/*
 * The record of leaf `index`, opened with the row key of its case (NULL: at hand there is none). Its view lives in `plain`, or
 * with the row; for a record in clear `plain` may be NULL. NRM_ERR_OPEN under another key or none, NRM_ERR_CORRUPT when
 * malformed.
 */
enum nrm_err nrm_record_read(const struct nrm_trail_row *row, uint64_t index,
			     const uint8_t *row_key, struct nrm_buf *plain,
			     struct nrm_record *ret_record) NRM_MUST_USE;

#endif
