/*
 * Sessions: one for each connection, in memory only. After its Hello a session speaks for a participant, has
 * credit for deliveries and remembers what is in flight. What a transaction wants to say to a session is
 * queued here and becomes frames after the commit.
 */
#ifndef NRM_BOOKS_SESSION_H
#define NRM_BOOKS_SESSION_H

#include "proto/base/arena.h"
#include "proto/base/limits.h"
#include "proto/merkle/merkle.h"
#include "proto/wire/frame.h"

/* A delivery that is not acknowledged yet. */
struct nrm_in_flight {
	uint64_t place;	 /* in the mailbox; NRM_MAIL_GONE once acknowledged */
	uint64_t leaf;	 /* of the decision in force */
	uint32_t slot;	 /* of its case */
	uint32_t sender; /* handle */
	uint64_t expires_ms;
	enum nrm_message_type type;
	enum nrm_service service;
	uint8_t message_id[NRM_MESSAGE_ID_LEN];
	struct nrm_hash leaf_hash;
	struct nrm_hash statement_digest;
	nrm_mask forwarded;
	size_t bytes;
};

/* One item to be said; consecutive ones of a kind share frames. Lives in the transaction's arena. */
struct nrm_reply {
	struct nrm_reply *next;
	enum nrm_to_agent_kind
		kind; /* NRM_RECEIPT, NRM_DELIVER, or a whole frame of another kind */
	size_t bytes; /* about what it takes on the wire */
	union {
		struct nrm_receipt_item receipt;
		struct nrm_delivery delivery;
		struct nrm_to_agent frame;
	} is;
};

struct nrm_session {
	uint64_t id;
	struct nrm_session *next_in_bucket;
	uint32_t party; /* handle; 0 before its Hello */
	uint32_t credit;
	uint32_t credit_before; /* at the start of the transaction, to undo */
	bool closing;		/* ends after what is queued has been said */
	bool gone;		/* its connection ended; freed once the transaction is over */

	struct nrm_in_flight *in_flight;
	size_t first_in_flight, end_in_flight, cap_in_flight;
	size_t bytes_in_flight;

	uint64_t *unproved; /* leaves it was told of, waiting for their proof */
	size_t n_unproved, cap_unproved;
	uint64_t proved_size; /* of the last checkpoint it was sent; 0: none */
	uint64_t asked_ms;    /* since when the head that it was asked to cosign is asked about */
	uint64_t policy_version; /* of the policy that it has heard of */

	struct nrm_reply *first_reply, *last_reply;
	bool replied; /* in the list of those with something to be said */
	struct nrm_session *next_replied;
};

#define NRM_SESSION_BUCKETS 1024u

struct nrm_sessions {
	struct nrm_session *bucket[NRM_SESSION_BUCKETS];
	struct nrm_session **of; /* by handle: the session that speaks for it, or NULL */
	uint32_t n_of;
	uint32_t n;
	struct nrm_session *replied, **last_replied;
};

void nrm_sessions_init(struct nrm_sessions *sessions);
void nrm_sessions_done(struct nrm_sessions *sessions);

/* The session of a connection; NULL. */
struct nrm_session *nrm_session_find(const struct nrm_sessions *sessions, uint64_t id);
/* Finds or makes it; NULL without memory. */
struct nrm_session *nrm_session_of(struct nrm_sessions *sessions, uint64_t id);
void nrm_session_end(struct nrm_sessions *sessions, struct nrm_session *session);
/* Lets it speak for a participant from now on; what spoke before does no longer. */
enum nrm_err nrm_session_speaks_for(struct nrm_sessions *sessions, struct nrm_session *session,
				    uint32_t party) NRM_MUST_USE;
/* The session that speaks for a participant; NULL. */
struct nrm_session *nrm_session_for(const struct nrm_sessions *sessions, uint32_t party);

/* Whether one more delivery of `bytes` may go out. */
bool nrm_session_has_credit(const struct nrm_session *session, size_t bytes);
/* Notes a delivery in flight and spends a credit. */
enum nrm_err nrm_session_deliver(struct nrm_session *session,
				 const struct nrm_in_flight *delivery) NRM_MUST_USE;
/* Finds what an acknowledgement is about; NULL. */
struct nrm_in_flight *nrm_session_in_flight(struct nrm_session *session,
					    struct nrm_slice leaf_hash);
/* It is acknowledged. The entry is gone after this call. */
void nrm_session_landed(struct nrm_session *session, struct nrm_in_flight *delivery);
/* What is in flight of a place of the mailbox needs no acknowledgement any more; an entry found goes. */
void nrm_session_recall(struct nrm_session *session, uint64_t place);
/* Forgets all that is in flight. */
void nrm_session_ground(struct nrm_session *session);

/* Queues an item. `reply` lives until the transaction's effects are made. */
void nrm_session_say(struct nrm_sessions *sessions, struct nrm_session *session,
		     struct nrm_reply *reply);
/* Remembers that this session is owed a proof of `leaf`; drops it silently over a bound (the agent asks again). */
void nrm_session_owe_proof(struct nrm_session *session, uint64_t leaf);

#endif
