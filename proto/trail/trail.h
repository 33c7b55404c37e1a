/*
 * The trail as it lies in the broker's store: which tables there are, what a row of the trail holds, and
 * how it is read, by the broker and by an auditor beside it or on a copy (protocol.md, "Trail").
 *
 * A row of the trail, keyed u64(leaf index): u16(len) leaf, u8(n) n * 32 bytes of the hashes of the
 * subtrees that this leaf completes, then the record. So every node of the tree stands in just one row,
 * rows are only ever appended, and any proof is O(log n) look-ups.
 */
#ifndef NRM_TRAIL_TRAIL_H
#define NRM_TRAIL_TRAIL_H

#include "proto/merkle/merkle.h"
#include "proto/store/store.h"
#include "proto/trail/seal.h"
#include "proto/wire/leaf.h"

/* The tables of the broker's store, in the order of nrm_broker_tables. */
enum nrm_broker_table {
	NRM_TABLE_STATE, /* one row: clock, next slot, slot of the labels' key; and the last checkpoint */
	NRM_TABLE_TRAIL, /* leaf index -> row of the trail */
	NRM_TABLE_CASES, /* case slot -> case, sealed */
	NRM_TABLE_HEADS, /* case slot -> its last leaf, sealed: all that changes with every leaf */
	NRM_TABLE_MESSAGES,  /* message id, party -> what was decided on it, sealed */
	NRM_TABLE_MAILBOX,   /* leaf index -> message waiting for its recipient, sealed */
	NRM_TABLE_PARTIES,   /* party number -> participant id */
	NRM_TABLE_DOCUMENTS, /* 'd' or 'p', u64(version) -> signed directory or policy */
	NRM_TABLE_LABELS,  /* leaf index -> whom and which case a waiting message is for, sealed */
	NRM_TABLE_TALLIES, /* month, party number -> what oversight counts, sealed (sums.h) */
	NRM_TABLE_AGGREGATES, /* month, party number -> u64(leaf), an agency's signed statement */
	NRM_BROKER_TABLES
};
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
/* Likewise u32(slot): whose key seals NRM_TABLE_TALLIES. */
#define NRM_STATE_TALLIES "tallies"

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
	NRM_RECORD_SEALED = 2 /* under the case's row key */
};

struct nrm_trail_row {
	struct nrm_slice leaf;
	struct nrm_slice completed; /* 32 bytes each, level 0 first */
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
	uint64_t previous;	  /* leaf index + 1; 0: the first of its case */
	struct nrm_slice salt[3]; /* by enum nrm_viewer, NRM_SALT_LEN bytes each */
	struct nrm_slice view;	  /* oversight's, serialized */
};
void nrm_record_encode(const struct nrm_record *record, struct nrm_buf *out);
enum nrm_err nrm_record_decode(struct nrm_slice bytes, struct nrm_record *ret_record) NRM_MUST_USE;

#endif
