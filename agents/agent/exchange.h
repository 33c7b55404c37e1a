/*
 * The exchange of one agent with its broker: bytes in, bytes out, and a store in which everything
 * that must survive is committed before it counts. No socket, no thread, no clock of its own: the
 * caller says what time it is, when a connection is fresh or gone, and carries the frames.
 *
 *     request -> committed to the outbox -> Submit … Receipt -> verdict checked, committed
 *     Deliver -> everything checked, committed to the inbox -> Acknowledge
 *
 * A crash at any point loses and doubles nothing: what has no receipt is sent again (the broker
 * answers repeats alike), what was not acknowledged is delivered again and recognised.
 */
#ifndef NRM_AGENT_EXCHANGE_H
#define NRM_AGENT_EXCHANGE_H

#include "agents/agent/spool.h"
#include "broker/core/policy.h"
#include "proto/directory/directory.h"
#include "proto/directory/identity.h"

/* clang-format off */
/* What a program should log, and an operator know. */
#define NRM_FINDINGS(X) \
	X(FRAME, "frame_not_understood") \
	X(VERSION, "broker_of_another_version") \
	X(DIRECTORY, "directory_refused") \
	X(NEW_DIRECTORY, "directory_new") \
	X(POLICY, "policy_refused") \
	X(NEW_POLICY, "policy_new") \
	X(RECEIPT, "receipt_not_believed") \
	X(ACK, "acknowledgement_not_believed") \
	X(DELIVERY, "delivery_not_believed") \
	X(PROOF, "proof_not_believed") \
	X(OVERDUE, "proof_overdue") \
	X(CHECKPOINT, "checkpoint_refused") \
	X(FORK, "trail_contradicts_itself") \
	X(COSIGNATURE, "cosignature_refused") \
	X(REFUSED, "message_refused") \
	X(RETRY, "message_put_off") \
	X(CLOCK, "clock_differs_from_broker") \
	X(ERASURE, "erasure_order_not_followed") \
	X(STORE, "store_failed")
/* clang-format on */
#define NRM_X_(name, event) NRM_FOUND_##name,
enum nrm_finding { NRM_FINDINGS(NRM_X_) NRM_FOUND_END_ };
#undef NRM_X_
/* Its event name for the log ("receipt_not_believed"). */
const char *nrm_finding_name(enum nrm_finding finding);

struct nrm_exchange;

struct nrm_exchange_options {
	struct nrm_store *store;	     /* of nrm_spool_open(); outlives the exchange */
	const struct nrm_identity *identity; /* likewise */
	uint8_t authority[NRM_KEY_LEN];	     /* pinned key of the national authority */
	/* Told of each finding: what failed, and the message (16 bytes or NULL). May be NULL. */
	void (*found)(void *with, enum nrm_finding finding, const char *text,
		      const uint8_t *message_id);
	void *with;
};

/*
 * Takes up what the store holds: directory, policy, checkpoint, alarm, queue. NRM_ERR_ID when the store is
 * another participant's; NRM_ERR_SIGNATURE and others when the directory kept does not verify;
 * errors of the store.
 */
enum nrm_err nrm_exchange_new(const struct nrm_exchange_options *options,
			      struct nrm_exchange **ret_exchange) NRM_MUST_USE;
void nrm_exchange_free(struct nrm_exchange *x);

/* A fresh connection stands: the next frame is Hello. */
void nrm_exchange_connected(struct nrm_exchange *x);
/* It is gone: what was in flight is to be sent again. */
void nrm_exchange_disconnected(struct nrm_exchange *x);

/*
 * A frame from the broker. What is wrong in it is reported as a finding, changes nothing, and is
 * no error. NRM_ERR_FULL, NRM_ERR_IO, NRM_ERR_NOMEM: nothing of the frame was kept;
 * NRM_ERR_CLOSED: this connection is of no use. After any error the caller closes the connection
 * and makes a fresh one later, upon which all comes again.
 */
enum nrm_err nrm_exchange_receive(struct nrm_exchange *x, struct nrm_slice frame,
				  uint64_t now_ms) NRM_MUST_USE;

/*
 * Appends the next frame to send to `out`; NRM_ERR_AGAIN when there is none now. Messages that
 * others committed to the outbox in between are found by it. Errors of the store as above.
 */
enum nrm_err nrm_exchange_next(struct nrm_exchange *x, uint64_t now_ms,
			       struct nrm_buf *out) NRM_MUST_USE;

/* Milliseconds after which nrm_exchange_next() should be asked again though nothing came in. */
uint64_t nrm_exchange_due(const struct nrm_exchange *x, uint64_t now_ms);

/*
 * The directory in force; NULL until the first one arrived. It may be replaced by the next
 * nrm_exchange_receive().
 */
const struct nrm_directory *nrm_exchange_directory(const struct nrm_exchange *x);

/*
 * The policy in force as the authority signed it, kept over restarts; NULL until the first one
 * arrived: a broker that runs an unsigned policy hands out none. It may be replaced by the next
 * nrm_exchange_receive().
 */
const struct nrm_policy *nrm_exchange_policy(const struct nrm_exchange *x);

/*
 * Asks the broker what it holds on a case; the answer is kept in the spool (nrm_case_file_get()). With
 * `message_id` (else NULL) the preview of that message of ours is made anew then, unless it is decided
 * by that time. The question goes out before messages that are not under way yet. False when there is
 * no connection to ask on, or too much is being asked.
 */
bool nrm_exchange_ask_case(struct nrm_exchange *x, const uint8_t case_id[static NRM_CASE_ID_LEN],
			   const uint8_t *message_id);
/* Whether an answer about this case is still to come; false too once the connection is gone. */
bool nrm_exchange_asking(const struct nrm_exchange *x,
			 const uint8_t case_id[static NRM_CASE_ID_LEN]);

/* Monthly statements that lie in the spool are to be sent (aggregate.h); those that are under way again. */
void nrm_exchange_aggregate_soon(struct nrm_exchange *x);

/* Whether the trail contradicted itself: then no connection is of use. */
bool nrm_exchange_distrusts(const struct nrm_exchange *x);

/* How it stands. */
struct nrm_exchange_figures {
	bool welcome;		  /* the broker has answered our Hello */
	bool alarm;		  /* the trail contradicted itself */
	uint64_t checkpoint_size; /* of the last good checkpoint; 0: none */
	uint64_t cosigned_ms;	  /* when this agency vouched for a head last; 0: never */
	uint64_t queued, waiting, received, unproved;
	uint64_t oldest_unproved_ms; /* when its leaf was told; 0: there is none */
	uint64_t overdue;	     /* of the unproved: for more than NRM_MAX_UNPROVED_MS */
	uint32_t in_flight, put_off;
	uint64_t found[NRM_FOUND_END_]; /* findings since start, by kind */
};
enum nrm_err nrm_exchange_figures(const struct nrm_exchange *x, uint64_t now_ms,
				  struct nrm_exchange_figures *ret_figures) NRM_MUST_USE;

/*
 * Looks once a minute, however often it is called, whether a leaf is overdue, and reports one
 * finding when that begins. For connected and unconnected alike: a broker that cuts us off instead
 * of proving what it told us is found out too.
 */
void nrm_exchange_watch(struct nrm_exchange *x, uint64_t now_ms);

/*
 * After a person has cleared up with the coordinator why the trail contradicted itself: forgets
 * the alarm and the last checkpoint, so that the next one is believed; the signed alarm file stays. For use while no exchange
 * is open on the store.
 */
enum nrm_err nrm_exchange_trust_again(struct nrm_store *store) NRM_MUST_USE;

#endif
