/* The parts of the exchange, one file a kind of frame. Internal to agents/agent/exchange*.c. */
#ifndef NRM_AGENT_EXCHANGE_PARTS_H
#define NRM_AGENT_EXCHANGE_PARTS_H

#include "agents/agent/check.h"
#include "agents/agent/exchange.h"
#include "broker/policy/policy_signed.h"
#include "proto/trail/alarm.h"

#define NRM_DELIVER_WINDOW \
	256u /* deliveries that may be on their way to us; ≤ NRM_MAX_FRAME_ITEMS */
#define NRM_ASK_EVERY_MS   60000u
#define NRM_BACKOFF_MIN_MS 1000u
#define NRM_BACKOFF_MAX_MS 60000u

/* A message that is on its way (retry_at 0) or put off until `retry_at`. */
struct nrm_flight {
	uint64_t place; /* in the queue */
	uint8_t message_id[NRM_MESSAGE_ID_LEN];
	uint8_t case_id[NRM_CASE_ID_LEN];
	uint64_t retry_at, pause; /* milliseconds */
	bool stale;		  /* to be sealed again before it flies */
};

/* A pass over a table in frames of questions, begun anew every minute. */
struct nrm_round {
	bool running;
	uint64_t next_ms;  /* when the next one begins */
	uint8_t after[16]; /* key last asked about */
	bool begun;	   /* `after` is set */
};

#define NRM_MAX_LAST_WORDS 8u  /* complaints about the broker, to as many coordinators */
#define NRM_MAX_QUESTIONS  64u /* about cases, unanswered */

/* A question about a case. */
struct nrm_question {
	uint8_t case_id[NRM_CASE_ID_LEN];
	uint8_t message_id[NRM_MESSAGE_ID_LEN]; /* whose preview waits for it */
	bool for_message, sent;
};

struct nrm_exchange {
	struct nrm_exchange_options options;
	struct nrm_slice self; /* our id */
	struct nrm_directory *directory;
	struct nrm_signed_policy *policy; /* NULL: none yet */
	struct nrm_checkpoint checkpoint; /* size 0: none kept */
	bool alarm;
	uint8_t word[NRM_MAX_LAST_WORDS]
		    [NRM_MESSAGE_ID_LEN]; /* to be said before it is believed no more */
	uint32_t n_words;
	struct nrm_buf to_cosign; /* the head that the broker asked about last; empty: none */
	uint64_t cosigned_ms;	  /* when the last one was */
	uint64_t now_ms;	  /* of the frame that is taken in */
	bool overdue;		  /* reported */
	uint64_t watch_ms;	  /* when to look for overdue proofs again */
	struct nrm_arena arena;	  /* for one frame */
	uint64_t found[NRM_FOUND_END_];

	/* the connection */
	bool connected, greeted, welcome;
	bool ask_directory, ask_head,
		asked_head; /* the head alone; ours to ask, and not answered yet */
	uint32_t submit_credit;
	bool alone; /* one message at a time, to learn which one a refusal without a name means */
	uint64_t next_place; /* of the queue, to look at next */
	struct nrm_flight flight[NRM_MAX_SUBMIT_CREDIT];
	uint32_t n_flights;
	struct nrm_buf ack[NRM_DELIVER_WINDOW]; /* serialized, to be signed and sent */
	uint32_t n_acks;
	uint32_t credit_due; /* deliveries taken in and not granted anew */
	struct nrm_round status_round, proofs_round;
	struct nrm_question question[NRM_MAX_QUESTIONS]; /* in the order of asking */
	uint32_t n_questions;
	bool aggregates_sent;	  /* no monthly statement is left to send on this connection */
	uint16_t aggregate_month; /* to look for the next one from */

	bool must_scrub;   /* freed pages may hold what was erased; so after a start, too */
	uint64_t scrub_ms; /* not before */
};

/* Reports a finding. */
void nrm_exchange_found(struct nrm_exchange *x, enum nrm_finding finding, const char *text,
			struct nrm_slice message_id);

/*
 * Whether an error is the store's or the machine's, so that nothing can be concluded about the
 * peer.
 */
bool nrm_exchange_failed(enum nrm_err err);

/* exchange_submit.c: the next Submit, and what a Refused means. */
enum nrm_err nrm_exchange_submit(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out);
enum nrm_err nrm_exchange_refused(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				  uint64_t now_ms);
/* A message has its receipt: it flies no more. */
void nrm_exchange_landed(struct nrm_exchange *x, const uint8_t *message_id);
uint32_t nrm_exchange_in_flight(const struct nrm_exchange *x);

/* exchange_receipt.c */
enum nrm_err nrm_exchange_receipt(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				  uint64_t now_ms);

/* exchange_deliver.c: deliveries in, acknowledgements and credit out. */
enum nrm_err nrm_exchange_deliver(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				  uint64_t now_ms);
enum nrm_err nrm_exchange_acknowledge(struct nrm_exchange *x, struct nrm_buf *out);
void nrm_exchange_forget_acks(struct nrm_exchange *x);

/* exchange_erase.c: carries out a delivered order to forget a case and confirms it; anything else is none of its business. */
enum nrm_err nrm_exchange_ordered(struct nrm_exchange *x, struct nrm_txn *txn,
				  const struct nrm_statement *st, uint64_t now_ms);
/* exchange_erase.c: an order of our own, whose fate this is. */
enum nrm_err nrm_exchange_carried_out(struct nrm_exchange *x, struct nrm_txn *txn,
				      const struct nrm_statement *st, const struct nrm_fate *fate);
/* exchange_erase.c: overwrites what erasing left in the spool's freed pages, when that is due. */
void nrm_exchange_scrub(struct nrm_exchange *x, uint64_t now_ms);

/* exchange_documents.c: an absent document is none. */
enum nrm_err nrm_exchange_take_directory(struct nrm_exchange *x,
					 const struct nrm_document *document);
enum nrm_err nrm_exchange_take_policy(struct nrm_exchange *x, const struct nrm_document *document);
/* The policy as it was kept. */
enum nrm_err nrm_exchange_take_up_policy(struct nrm_exchange *x, struct nrm_txn *txn);

/* exchange_trail.c: checkpoints, proofs. */
/* A note outside of Proofs (the Welcome's): it may repeat what is kept, never contradict it. */
enum nrm_err nrm_exchange_take_note(struct nrm_exchange *x, struct nrm_slice note);
enum nrm_err nrm_exchange_proofs(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				 struct nrm_slice bytes);

/* exchange_alarm.c: keeps both notes for ever and ends all trust; NRM_ERR_CLOSED. And the one frame that is said yet. */
enum nrm_err nrm_exchange_alarm(struct nrm_exchange *x, struct nrm_slice shown,
				enum nrm_alarm_kind kind);
enum nrm_err nrm_exchange_last_words(struct nrm_exchange *x, struct nrm_buf *out);

/* exchange_witness.c: a head alone has been kept; the cosignature of it, NRM_ERR_AGAIN while there is none to send. */
enum nrm_err nrm_exchange_witness_asked(struct nrm_exchange *x, struct nrm_slice note);
enum nrm_err nrm_exchange_cosign(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out);
/* Milliseconds until the next cosignature may leave. */
uint64_t nrm_exchange_cosign_due(const struct nrm_exchange *x, uint64_t now_ms);
enum nrm_err nrm_exchange_take_up_cosigned(struct nrm_exchange *x, struct nrm_txn *txn);

/* exchange_aggregate.c: the next monthly statement, NRM_ERR_AGAIN when there is none; its receipt; its refusal. */
enum nrm_err nrm_exchange_next_aggregate(struct nrm_exchange *x, struct nrm_buf *out);
enum nrm_err nrm_exchange_aggregated(struct nrm_exchange *x, struct nrm_txn *txn,
				     const struct nrm_receipt_item *item,
				     const struct nrm_told *told, uint64_t now_ms);
enum nrm_err nrm_exchange_aggregate_refused(struct nrm_exchange *x, struct nrm_slice message_id,
					    enum nrm_refusal code);

/* exchange_ask.c: questions about what is still open. */
void nrm_exchange_ask_soon(struct nrm_exchange *x, uint64_t now_ms);
enum nrm_err nrm_exchange_ask(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out);

/* exchange_case.c: questions about cases. NRM_ERR_AGAIN: there is none to send. */
enum nrm_err nrm_exchange_next_question(struct nrm_exchange *x, struct nrm_buf *out);
enum nrm_err nrm_exchange_case_file(struct nrm_exchange *x, const struct nrm_case_answer *answer,
				    struct nrm_slice bytes, uint64_t now_ms);

#endif
