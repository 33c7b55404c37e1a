/*
 * The spool: everything an agent keeps, in tables of one store (LMDB, or memory in tests). What
 * must happen together is done in one transaction by the caller; these functions know the rows,
 * nothing of frames, sockets or time.
 *
 * Values of fields lie here sealed only: what was sent as a copy sealed to the sender itself, what
 * was received as it came.
 */
#ifndef NRM_AGENT_SPOOL_H
#define NRM_AGENT_SPOOL_H

#include "proto/base/buf.h"
#include "proto/base/id.h"
#include "proto/crypto/crypto.h"
#include "proto/store/store.h"
#include "proto/vocabulary.h"

enum nrm_spool_table {
	NRM_SPOOL_META,	    /* name -> bytes */
	NRM_SPOOL_CASES,    /* local name of a case -> case id */
	NRM_SPOOL_CONSENTS, /* consent id -> case id, of consents recorded here */
	NRM_SPOOL_QUEUE, /* u64 -> message id: what still needs a receipt, in the order of asking */
	NRM_SPOOL_OUTBOX,      /* message id -> u32 length, envelope, own copy */
	NRM_SPOOL_FATE,	       /* message id -> what became of it */
	NRM_SPOOL_WAITING,     /* message id -> case id: forwarded or held, not acknowledged yet */
	NRM_SPOOL_INBOX,       /* u64 -> what was received */
	NRM_SPOOL_INBOX_INDEX, /* message id, sender -> u64 */
	NRM_SPOOL_LEAVES,      /* u64 leaf index -> leaf, view and salt as told */
	NRM_SPOOL_UNPROVED,    /* u64 leaf index -> u64 when it was told */
	NRM_SPOOL_PROOFS,      /* u64 tree size, u64 first index -> a Proofs frame as received */
	NRM_SPOOL_CASE_FILES,  /* case id -> what the broker last told of it */
	NRM_SPOOL_STATED, /* case id, u64 place in the queue -> message id: facts that we stated */
	NRM_SPOOL_PREVIEWS, /* message id -> the preview that was made when it was sent */
	NRM_SPOOL_TABLES
};

/* Rows of NRM_SPOOL_META. */
#define NRM_META_DIRECTORY  "directory"	 /* u32 length, document, signature */
#define NRM_META_POLICY	    "policy"	 /* likewise */
#define NRM_META_CHECKPOINT "checkpoint" /* the last signed note that was found good */
#define NRM_META_ALARM	    "alarm" /* u32 length, the note kept, the note that contradicts it */
#define NRM_META_ALARM_FILE \
	"alarm file" /* the last alarm as this agency signed it; outlives the alarm */
#define NRM_META_COSIGNED "cosigned" /* u64 when, the last note with our own cosignature */
#define NRM_META_IDENTITY "identity" /* whose spool this is */

/* Opens or makes the spool in `folder`; NULL: in memory. Errors of nrm_store_open(). */
enum nrm_err nrm_spool_open(const char *folder, struct nrm_store **ret_store) NRM_MUST_USE;

/* One row of NRM_SPOOL_META. */
enum nrm_err nrm_meta_get(struct nrm_txn *txn, const char *name,
			  struct nrm_slice *ret_value) NRM_MUST_USE;
enum nrm_err nrm_meta_put(struct nrm_txn *txn, const char *name,
			  struct nrm_slice value) NRM_MUST_USE;
/* Two byte strings in one row, and back; NRM_ERR_CORRUPT. */
enum nrm_err nrm_meta_put_pair(struct nrm_txn *txn, const char *name, struct nrm_slice first,
			       struct nrm_slice second) NRM_MUST_USE;
enum nrm_err nrm_meta_get_pair(struct nrm_txn *txn, const char *name, struct nrm_slice *ret_first,
			       struct nrm_slice *ret_second) NRM_MUST_USE;

/* ---- what was sent ---- */

enum nrm_stage {
	NRM_STAGE_SPOOLED = 1, /* no receipt yet */
	NRM_STAGE_DECIDED,     /* the broker's verdict is in the trail */
	NRM_STAGE_REFUSED      /* the broker refused it for good, without a trace */
};

/* What became of a message. All zero but for `stage` while it is spooled. */
struct nrm_fate {
	enum nrm_stage stage;
	uint64_t queue; /* its place in NRM_SPOOL_QUEUE while spooled */
	enum nrm_refusal refusal;
	enum nrm_outcome outcome;
	enum nrm_reason reason;
	uint64_t index; /* leaf of the verdict in force */
	uint8_t leaf_hash[NRM_HASH_LEN];
	uint64_t decided_ms;
	nrm_mask forwarded;
	nrm_mask secret, not_needed, not_consented; /* withheld, by reason */
	uint32_t obligations, missing;
	bool returned; /* the recipient could not take it, or it expired */
	enum nrm_ack ack;
	uint64_t ack_index, ack_ms;
};

/* Whether it was refused, by verdict or without a trace. */
static inline bool nrm_fate_is_refused(const struct nrm_fate *fate)
{
	return fate->stage == NRM_STAGE_REFUSED ||
	       (fate->stage == NRM_STAGE_DECIDED && fate->outcome == NRM_OUTCOME_REFUSE);
}

/* Adds a message: outbox, queue, fate. NRM_ERR_EXISTS, NRM_ERR_FULL. */
enum nrm_err nrm_outbox_add(struct nrm_txn *txn, const uint8_t message_id[static 16],
			    struct nrm_slice envelope, struct nrm_slice copy) NRM_MUST_USE;
/* Puts another envelope in its place, sealed again for the same message. */
enum nrm_err nrm_outbox_replace(struct nrm_txn *txn, const uint8_t message_id[static 16],
				struct nrm_slice envelope, struct nrm_slice copy) NRM_MUST_USE;
/* Encoded envelopes, which die with the transaction. NRM_ERR_NOT_FOUND, NRM_ERR_CORRUPT. */
enum nrm_err nrm_outbox_get(struct nrm_txn *txn, struct nrm_slice message_id,
			    struct nrm_slice *ret_envelope,
			    struct nrm_slice *ret_copy) NRM_MUST_USE;
/* The first message of the queue whose place is ≥ `from`; NRM_ERR_NOT_FOUND. */
enum nrm_err nrm_queue_next(struct nrm_txn *txn, uint64_t from, uint64_t *ret_place,
			    uint8_t message_id[static 16]) NRM_MUST_USE;

enum nrm_err nrm_fate_get(struct nrm_txn *txn, struct nrm_slice message_id,
			  struct nrm_fate *ret_fate) NRM_MUST_USE;
/*
 * Writes a fate and keeps queue and waiting list in step with it: it leaves the queue once it is
 * not spooled, and waits while it is decided to go on (or held) for a recipient who acknowledges,
 * which `acknowledged` tells.
 */
enum nrm_err nrm_fate_put(struct nrm_txn *txn, struct nrm_slice message_id,
			  struct nrm_slice case_id, const struct nrm_fate *fate,
			  bool acknowledged) NRM_MUST_USE;

/* ---- what was received ---- */

/* A row of the inbox. Slices die with the transaction. */
struct nrm_received {
	uint64_t received_ms;
	uint64_t index;	     /* leaf of the decision it came with */
	enum nrm_ack status; /* what was acknowledged */
	nrm_mask forwarded;
	uint32_t withheld_count;
	uint8_t reply[NRM_MESSAGE_ID_LEN]; /* our last response to it; zero: none yet */
	struct nrm_slice envelope;
};

/*
 * Keeps a delivery once by (message id, sender): a later decision's delivery replaces an earlier
 * one's, an equal or older one changes nothing. *ret_new tells whether it was not there before.
 */
enum nrm_err nrm_inbox_put(struct nrm_txn *txn, struct nrm_slice message_id,
			   struct nrm_slice sender, const struct nrm_received *received,
			   bool *ret_new) NRM_MUST_USE;
/* The place of a message; NRM_ERR_NOT_FOUND, NRM_ERR_DUPLICATE when two senders used this id. */
enum nrm_err nrm_inbox_find(struct nrm_txn *txn, struct nrm_slice message_id,
			    uint64_t *ret_place) NRM_MUST_USE;
enum nrm_err nrm_inbox_get(struct nrm_txn *txn, uint64_t place,
			   struct nrm_received *ret_received) NRM_MUST_USE;
/* Reads a row's value, as a cursor over the inbox gives it. NRM_ERR_CORRUPT. */
enum nrm_err nrm_inbox_read(struct nrm_slice row, struct nrm_received *ret_received) NRM_MUST_USE;
/* Notes that the message `reply` answers it. */
enum nrm_err nrm_inbox_reply(struct nrm_txn *txn, uint64_t place,
			     const uint8_t reply[static NRM_MESSAGE_ID_LEN]) NRM_MUST_USE;

/* ---- the trail as it was told to us ---- */

struct nrm_kept_leaf {
	struct nrm_slice leaf, salt, view;
	uint64_t proved; /* size of the tree in which its inclusion was proved; 0: not yet */
};

/*
 * Keeps a leaf with its view as evidence; nothing happens when this very leaf is kept.
 * NRM_ERR_EXISTS: another is.
 */
enum nrm_err nrm_leaf_keep(struct nrm_txn *txn, uint64_t index, const struct nrm_kept_leaf *leaf,
			   uint64_t now_ms) NRM_MUST_USE;
enum nrm_err nrm_leaf_get(struct nrm_txn *txn, uint64_t index,
			  struct nrm_kept_leaf *ret_leaf) NRM_MUST_USE;
/* Reads a row's value, as a cursor over the leaves gives it. NRM_ERR_CORRUPT. */
enum nrm_err nrm_leaf_read(struct nrm_slice row, struct nrm_kept_leaf *ret_leaf) NRM_MUST_USE;
/* Notes that a leaf is proved in a tree of `size`. */
enum nrm_err nrm_leaf_proved(struct nrm_txn *txn, uint64_t index, uint64_t size) NRM_MUST_USE;
/* Keeps a Proofs frame as it came. */
enum nrm_err nrm_proofs_keep(struct nrm_txn *txn, uint64_t size, uint64_t first,
			     struct nrm_slice frame) NRM_MUST_USE;

/* ---- cases as we know them (spool_case.c) ---- */

struct nrm_kept_case {
	uint64_t received_ms;	/* by our clock */
	bool existed;		/* the broker knew it once, then or earlier */
	struct nrm_slice frame; /* the answer as it came; dies with the transaction */
};

/* Keeps what the broker told of a case in place of what it told before. `known` is the answer's. */
enum nrm_err nrm_case_file_keep(struct nrm_txn *txn, struct nrm_slice case_id, uint64_t received_ms,
				bool known, struct nrm_slice frame) NRM_MUST_USE;
/* NRM_ERR_NOT_FOUND when it told nothing yet. */
enum nrm_err nrm_case_file_get(struct nrm_txn *txn, struct nrm_slice case_id,
			       struct nrm_kept_case *ret_kept) NRM_MUST_USE;

/*
 * Takes everything of a case out of the spool (spool_erase.c): what was sent and received, what was told of it, names, consents,
 * facts. Orders to forget it stay. Appends the ids of messages that were sent to `ret_sent`.
 */
enum nrm_err nrm_spool_erase(struct nrm_txn *txn, struct nrm_slice case_id,
			     struct nrm_buf *ret_sent) NRM_MUST_USE;

/* Notes a message of the outbox, whose place in the queue this was, as one that states something of its case. */
enum nrm_err nrm_stated_add(struct nrm_txn *txn, struct nrm_slice case_id, uint64_t place,
			    struct nrm_slice message_id) NRM_MUST_USE;
/*
 * Those of a case in the order in which they were stated: the first behind *place (0: of all), which moves on to it.
 * NRM_ERR_NOT_FOUND when there are no more; NRM_ERR_CORRUPT.
 */
enum nrm_err nrm_stated_next(struct nrm_txn *txn, struct nrm_slice case_id, uint64_t *place,
			     uint8_t ret_message_id[static NRM_MESSAGE_ID_LEN]) NRM_MUST_USE;

#endif
