/*
 * Reading the trail and the cases of a broker's data folder, live or copied, for an auditor
 * (proto/trail/trail.h says what lies there). One thread.
 */
#ifndef NRM_AUDITOR_READER_H
#define NRM_AUDITOR_READER_H

#include "agents/auditor/fault.h"
#include "agents/auditor/progress.h"
#include "proto/store/case_keys.h"
#include "proto/trail/trail.h"

/*
 * A reader's snapshot, renewed every few thousand rows so that the broker can use the pages that it frees. That is
 * harmless: rows of the trail are only ever appended.
 */
struct nrm_audit_reader {
	struct nrm_store *store; /* borrowed; its tables are nrm_broker_tables */
	struct nrm_txn *txn;	 /* begun by the first read */
	unsigned rows;		 /* read in this snapshot */
	struct nrm_cursor
		*cursor; /* of the trail, while it is read row after row; NULL otherwise */
	uint64_t next;	 /* the row after the last one read */
};

void nrm_audit_reader_init(struct nrm_audit_reader *reader, struct nrm_store *store);
void nrm_audit_reader_done(struct nrm_audit_reader *reader);

/* The snapshot to read from, fresh when the last one served long enough: slices of earlier ones are dead then. */
enum nrm_err nrm_audit_snapshot(struct nrm_audit_reader *reader,
				struct nrm_txn **ret_txn) NRM_MUST_USE;

/*
 * Row `index` of the trail; its slices live until the next call. Rows asked for one after the other are read without
 * searching. Errors of nrm_trail_read().
 */
enum nrm_err nrm_audit_row(struct nrm_audit_reader *reader, uint64_t index,
			   struct nrm_trail_row *ret_row) NRM_MUST_USE;

/*
 * Opens the record of a row: one in clear, or a sealed one with the key of `slot`. What it holds lives in `plain` or with the
 * row. False when there is no such key any more, or the record is not of its case or malformed.
 */
bool nrm_record_open(const struct nrm_case_keys *keys, uint32_t slot, uint64_t index,
		     const struct nrm_trail_row *row, struct nrm_buf *plain,
		     struct nrm_record *ret_record);

/* Reads a byte of each page that a value lies on. */
void nrm_audit_touch(struct nrm_slice value);

/*
 * Reads every row of a table once, so that what is missing of a file that was cut short is met, whichever table it
 * belongs to. Errors of the store; or the signal that reading past a file's end raises.
 */
enum nrm_err nrm_audit_read_through(struct nrm_audit_reader *reader,
				    enum nrm_broker_table table) NRM_MUST_USE;

/* One leaf of a case whose key is at hand. Everything in it is borrowed for the length of the visit. */
struct nrm_case_leaf {
	uint32_t slot; /* number of the case's key: tells cases apart without naming them */
	const uint8_t *case_key;
	uint64_t index; /* of the leaf; NRM_NO_LEAF when `fault` is about the case's own row */
	struct nrm_slice leaf;
	struct nrm_record record;
	const char *
		fault; /* NULL, or why the record could not be read: then it and `leaf` are empty */
};

typedef enum nrm_err (*nrm_case_visit)(void *context, const struct nrm_case_leaf *leaf);

/*
 * Visits every leaf below `size` of every case whose key was not forgotten, each case from its last leaf to its first;
 * after a fault the walk goes on with the next case. Returns the visitor's error, or why reading is impossible.
 */
enum nrm_err nrm_cases_walk(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			    uint64_t size, const struct nrm_audit_progress *progress,
			    nrm_case_visit visit, void *context) NRM_MUST_USE;
/* The same for the case of one slot; nothing is visited when it was forgotten. */
enum nrm_err nrm_case_walk(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			   uint32_t slot, uint64_t size, nrm_case_visit visit,
			   void *context) NRM_MUST_USE;

/* The slot of the case with this id, by the broker's index: NRM_ERR_NOT_FOUND, NRM_ERR_AGAIN when there is no index; errors of the store. */
enum nrm_err nrm_case_indexed(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			      const uint8_t case_id[static 16], uint32_t *ret_slot) NRM_MUST_USE;
/*
 * The slot of the case with this id, by the broker's index. Where there is none (a copy made before brokers kept one, keys
 * without the index's) every case's row is opened until it is found, about two microseconds a case. NRM_ERR_NOT_FOUND;
 * errors of the store.
 */
enum nrm_err nrm_case_slot(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			   const uint8_t case_id[static 16],
			   const struct nrm_audit_progress *progress,
			   uint32_t *ret_slot) NRM_MUST_USE;

/*
 * The newest signed directory ('d') or policy ('p') of the store, a serialized SignedDocument, borrowed from `txn`.
 * NRM_ERR_NOT_FOUND.
 */
enum nrm_err nrm_audit_newest(struct nrm_txn *txn, char kind,
			      struct nrm_slice *ret_document) NRM_MUST_USE;

/*
 * The note of the last head that a quorum of witnesses vouched for, with its cosignatures; before the first quorum, of the head
 * that they are asked about; empty when there is none. It dies with the transaction. NRM_ERR_CORRUPT.
 */
enum nrm_err nrm_audit_vouched(struct nrm_txn *txn, struct nrm_slice *ret_note) NRM_MUST_USE;

#endif
