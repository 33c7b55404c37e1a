/*
 * What the books are made of, for the files of this folder only.
 */
#ifndef NRM_BOOKS_STATE_H
#define NRM_BOOKS_STATE_H

#include "broker/books/books.h"
#include "broker/books/cases.h"
#include "broker/books/entropy.h"
#include "broker/books/mailbox.h"
#include "broker/books/roll.h"
#include "broker/books/session.h"
#include "proto/trail/sums.h"
#include "proto/trail/trail.h"

/* A checkpoint with the cosignatures that it bears. */
struct nrm_witnessed {
	struct nrm_buf note; /* empty: there is none */
	struct nrm_checkpoint head;
	uint64_t
		since_ms; /* asked: when the round began; vouched: when a quorum was last there, or was first wanted */
};

struct nrm_books {
	struct nrm_books_options options;
	char *folder;
	struct nrm_store *store;
	struct nrm_case_keys *keys;

	/* As committed; read again from the store when a commit fails. */
	uint64_t clock; /* never falls */
	struct nrm_frontier frontier;
	struct nrm_roll roll;
	struct nrm_cases cases;
	struct nrm_mailboxes mailboxes;
	uint32_t labels_slot;  /* of the key of their labels */
	uint32_t index_slot;   /* of the key of the index of cases */
	uint32_t tallies_slot; /* of the key of what oversight counts; NRM_NO_SLOT: none yet */
	uint8_t tallies_key[NRM_KEY_LEN]; /* of its rows */
	struct nrm_buf checkpoint;	  /* the last signed note, or empty */
	uint64_t signed_size;
	struct nrm_witnessed asked, vouched; /* witness.c */

	/* Of this run only. */
	struct nrm_sessions sessions;
	uint8_t purge_from[NRM_MESSAGE_ID_LEN + 4]; /* where the purge of message ids goes on */
	uint64_t expiry_from; /* mailbox place where the search for expired messages goes on */
	bool full;	      /* new work is refused */
	uint64_t indexed;     /* cases of which an index had to be made at the start */
	bool must_scrub;      /* freed pages may hold what was forgotten; so after a start, too */
	int reserve;	      /* file that holds disk space back, or -1 */

	/* Of the transaction under way. */
	struct nrm_txn *txn;
	struct nrm_entropy entropy;
	struct nrm_arena arena; /* leaves, views and envelopes that replies refer to */
	struct nrm_buf scratch;
	bool changed;		  /* there is something to commit */
	struct nrm_buf forgotten; /* u32 slots, whose keys go once it is on disk */
	struct nrm_sums sums;	  /* what it adds to what oversight counts */
	struct nrm_receipt_item
		*receipts; /* items of the frame that is being made, NRM_MAX_FRAME_ITEMS of each */
	struct nrm_delivery *deliveries;
};

/* --- books.c: memory as it follows from the store --- */

/* Reads what is committed into memory; afterwards nothing is in flight. And lets go of it. */
enum nrm_err nrm_books_load(struct nrm_books *books) NRM_MUST_USE;
void nrm_books_unload(struct nrm_books *books);
/*
 * Keys that are no case's: a state row names the slot. Reading gives NRM_NO_SLOT when there is no row, or the key is lost: then it
 * is as if there never had been one. Writing puts `slot` in the place of *of, whose key goes once this is on disk.
 */
enum nrm_err nrm_slot_read(struct nrm_books *books, const char *name, uint32_t *ret_slot,
			   uint8_t key[static NRM_KEY_LEN]) NRM_MUST_USE;
enum nrm_err nrm_slot_write(struct nrm_books *books, const char *name, uint32_t slot,
			    uint32_t *of) NRM_MUST_USE;
/* A key for the labels of waiting messages, when these books have none yet. */
enum nrm_err nrm_books_label(struct nrm_books *books) NRM_MUST_USE;
/* An index of the cases, under a key of its own, when these books have none yet, or its key is lost. */
enum nrm_err nrm_books_index(struct nrm_books *books) NRM_MUST_USE;
/* Writes clock and case slots. */
enum nrm_err nrm_state_write(struct nrm_books *books) NRM_MUST_USE;

/* --- transaction.c --- */

enum nrm_err nrm_books_begin(struct nrm_books *books, uint64_t now_ms,
			     const uint8_t entropy[static 32]) NRM_MUST_USE;
/* Makes it durable, or nothing when nothing changed. */
enum nrm_err nrm_books_commit(struct nrm_books *books) NRM_MUST_USE;
/* The transaction is lost: memory goes back to what is on disk, and what was in flight to the mailboxes. */
enum nrm_err nrm_books_undo(struct nrm_books *books) NRM_MUST_USE;

/* --- parcel.c --- */

enum nrm_err nrm_books_take(struct nrm_books *books, struct nrm_parcel *parcel) NRM_MUST_USE;
/* Refuses a whole frame, and with `close` ends the connection. */
enum nrm_err nrm_refuse_frame(struct nrm_books *books, struct nrm_session *session,
			      enum nrm_refusal code, const char *text, bool close) NRM_MUST_USE;

/* --- ledger.c: leaves --- */

/* A leaf with all that goes with it; slices live in books->arena. */
struct nrm_entry {
	uint64_t index;
	struct nrm_slice leaf;
	struct nrm_slice salt[3], view[3]; /* by enum nrm_viewer; an empty view tells nothing */
};

/*
 * Writes a leaf: completes `leaf` (minute, digests of policy, directory and views, case tag), seals its record, links it to
 * its case (NULL: of no case), and moves the tree on.
 */
enum nrm_err nrm_ledger_write(struct nrm_books *books, struct nrm_leaf *leaf,
			      const struct nrm_view *view, struct nrm_case *c,
			      struct nrm_entry *ret_entry) NRM_MUST_USE;
/* Reads one back, with what each may be told, and oversight's view decoded. `previous` is of its case: index + 1 or 0. */
enum nrm_err nrm_ledger_read(struct nrm_books *books, uint64_t index, const struct nrm_case *c,
			     struct nrm_entry *ret_entry, struct nrm_leaf *ret_leaf,
			     struct nrm_view *ret_view, uint64_t *ret_previous) NRM_MUST_USE;

/* --- tallies.c: what oversight counts --- */

/* Counts a leaf, in memory. */
enum nrm_err nrm_books_tally(struct nrm_books *books, const struct nrm_leaf *leaf,
			     const struct nrm_view *view) NRM_MUST_USE;
/* Adds what was counted to the rows, at the end of the transaction. */
enum nrm_err nrm_tallies_write(struct nrm_books *books) NRM_MUST_USE;
/* The slot of their key, as it is stored; and a key when there is none yet, or it is lost: then they begin anew. */
enum nrm_err nrm_tallies_load(struct nrm_books *books) NRM_MUST_USE;
enum nrm_err nrm_tallies_begin(struct nrm_books *books) NRM_MUST_USE;

/* --- messages.c: what was decided on each message, so that a repeat changes nothing --- */

struct nrm_message_row {
	uint8_t digest[NRM_HASH_LEN]; /* of the statement */
	uint64_t leaf;		      /* of the decision */
	uint64_t
		latest; /* of what became of it since: a new decision, the acknowledgement; or the same */
	uint32_t recipient; /* handle */
	enum nrm_message_type type;
	enum nrm_outcome outcome;
	uint64_t expires_ms;
};
/*
 * NRM_ERR_NOT_FOUND when this sender never used the id; NRM_ERR_EXISTS when it did, in another case (or one forgotten). `c` is the
 * case that the message says it belongs to, NULL when there is none.
 */
enum nrm_err nrm_message_find(struct nrm_books *books, const struct nrm_case *c,
			      struct nrm_slice message_id, uint32_t sender,
			      struct nrm_message_row *ret_row) NRM_MUST_USE;
enum nrm_err nrm_message_put(struct nrm_books *books, const struct nrm_case *c,
			     struct nrm_slice message_id, uint32_t sender,
			     const struct nrm_message_row *row) NRM_MUST_USE;
/* Deletes up to `n` rows, going on where it stopped, whose message expired a day ago. */
enum nrm_err nrm_messages_purge(struct nrm_books *books, unsigned n) NRM_MUST_USE;

/* --- reply.c: what is said to a session --- */

enum nrm_err nrm_say_refused(struct nrm_books *books, struct nrm_session *session,
			     enum nrm_refusal code, uint32_t item, struct nrm_slice message_id,
			     const char *text) NRM_MUST_USE;
/* Tells the one who sent a message of a leaf about it, if it is connected. */
enum nrm_err nrm_say_receipt(struct nrm_books *books, struct nrm_session *session,
			     struct nrm_slice message_id,
			     const struct nrm_entry *entry) NRM_MUST_USE;
enum nrm_err nrm_say_frame(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_to_agent *frame) NRM_MUST_USE;
/* Turns what was queued into frames, after the commit. */
enum nrm_err nrm_effects_make(struct nrm_books *books,
			      struct nrm_effects *ret_effects) NRM_MUST_USE;

/* --- one file a kind of frame --- */

/* submit.c: decides on each message of a Submit. */
enum nrm_err nrm_books_submit(struct nrm_books *books, struct nrm_session *session,
			      const struct nrm_parcel *parcel) NRM_MUST_USE;
/* decision.c: under an outdated directory only emergencies pass, and what takes away. */
bool nrm_books_outdated(const struct nrm_books *books, const struct nrm_statement *st);
/*
 * decision.c: decides on a statement under the facts of its case, at submission and again at delivery. `fields` are those that its
 * sender declared; `known_case`: the case was there before it.
 */
enum nrm_err nrm_books_decide(struct nrm_books *books, const struct nrm_case *c, bool known_case,
			      const struct nrm_statement *st, nrm_mask fields,
			      struct nrm_message *ret_message,
			      struct nrm_verdict *ret_verdict) NRM_MUST_USE;
/*
 * decision.c: writes what oversight counts by into its view: what the message says in clear, the decision that it answers,
 * and what the decision on it rested on.
 */
enum nrm_err nrm_view_counted(struct nrm_books *books, const struct nrm_case *c,
			      const struct nrm_statement *st, const struct nrm_message *message,
			      struct nrm_view *view) NRM_MUST_USE;
/* decision.c: writes what a verdict says into oversight's view, with the ids of the consents it rests on. */
enum nrm_err nrm_view_verdict(struct nrm_books *books, const struct nrm_case *c,
			      const struct nrm_verdict *verdict,
			      struct nrm_view *view) NRM_MUST_USE;
/* facts.c: admits a stated fact, a consent or a withdrawal and applies it, or says by the verdict that it may not be stated. */
enum nrm_err nrm_books_state_facts(struct nrm_books *books, struct nrm_case *c, bool known_case,
				   uint32_t sender, const struct nrm_statement *st,
				   struct nrm_verdict *ret_verdict) NRM_MUST_USE;
/* An order to forget a case, addressed to the broker. What becomes of it is written in a case of its own, whose id is the order's. */
struct nrm_order {
	const struct nrm_verified *verified;
	const struct nrm_statement *st;
	uint32_t sender; /* handle */
	struct nrm_case *c;
	struct nrm_case
		*about; /* the case to be forgotten; NULL: not known, or not to this sender */
	uint64_t leaf;	/* of the decision on it */
};
/* forget.c: whether a message is one, and whether one of a case is that case's order. */
bool nrm_is_order(const struct nrm_books *books, const struct nrm_statement *st);
bool nrm_is_order_of(const struct nrm_case *c, const uint8_t message_id[static NRM_MESSAGE_ID_LEN]);
/* forget.c: finds the case it is about, and whether this sender may have it forgotten. */
enum nrm_err nrm_books_decide_order(struct nrm_books *books, struct nrm_order *order,
				    struct nrm_verdict *ret_verdict) NRM_MUST_USE;
/*
 * forget.c: forgets order->about, which is gone afterwards: a leaf, no row left, nothing of it on its way, and the order
 * to erase what they have on its way to all who had something of it.
 */
enum nrm_err nrm_books_forget(struct nrm_books *books, struct nrm_order *order) NRM_MUST_USE;
/* forget.c: once that is on disk, overwrites the keys. It must be done before anything is said of it. */
enum nrm_err nrm_books_forget_keys(struct nrm_books *books) NRM_MUST_USE;
/* acknowledge.c */
enum nrm_err nrm_books_acknowledge(struct nrm_books *books, struct nrm_session *session,
				   const struct nrm_parcel *parcel) NRM_MUST_USE;
/* ask.c */
enum nrm_err nrm_books_ask(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_parcel *parcel) NRM_MUST_USE;
/* ask.c: what became of a message since its decision, oldest first. */
enum nrm_err nrm_say_later(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_case *c, struct nrm_slice message_id,
			   const struct nrm_message_row *row) NRM_MUST_USE;
/* ask_case.c: what a party may know of its case; anybody else hears that there is none. */
enum nrm_err nrm_books_ask_case(struct nrm_books *books, struct nrm_session *session,
				struct nrm_slice case_id) NRM_MUST_USE;
/* hello.c */
enum nrm_err nrm_books_hello(struct nrm_books *books, struct nrm_session *session,
			     const struct nrm_parcel *parcel) NRM_MUST_USE;
/* hello.c: hands the policy in force to sessions that have heard of an older one only, some at a time; after the commit. */
enum nrm_err nrm_books_hand_policy(struct nrm_books *books) NRM_MUST_USE;
/* delivery.c: delivers right away what has just been written to a mailbox, if the recipient has credit and nothing waits before it. */
enum nrm_err nrm_books_deliver_new(struct nrm_books *books, const struct nrm_mail *mail,
				   const struct nrm_entry *entry, const struct nrm_statement *st,
				   const uint8_t digest[static NRM_HASH_LEN]) NRM_MUST_USE;
/* delivery.c: delivers up to `n` waiting messages, each decided anew. */
enum nrm_err nrm_books_deliver_waiting(struct nrm_books *books, unsigned n) NRM_MUST_USE;
/* delivery.c: takes up to `n` expired messages out of their mailboxes, each with a leaf. */
enum nrm_err nrm_books_return_expired(struct nrm_books *books, unsigned n) NRM_MUST_USE;
/* proofs.c: a Proofs frame for some leaves (ascending, ≤ 256), from the last signed head. */
enum nrm_err nrm_say_proofs(struct nrm_books *books, struct nrm_session *session,
			    const uint64_t *index, size_t n) NRM_MUST_USE;
/* proofs.c: whether the tree, in the transaction under way, has this head: else NRM_ERR_CORRUPT. */
enum nrm_err nrm_books_have(struct nrm_books *books,
			    const struct nrm_checkpoint *head) NRM_MUST_USE;
/*
 * proofs.c: the head that the signer signed last, NRM_ERR_AGAIN while it is away. NRM_ERR_CORRUPT when the tree does not
 * have it: these books are older than it, or another trail.
 */
enum nrm_err nrm_books_meet_signer(struct nrm_books *books,
				   struct nrm_checkpoint *ret_last) NRM_MUST_USE;
/*
 * proofs.c: hands the committed head to the signer if it is new, takes the checkpoint that it has made, and tells each session
 * what it is owed. NRM_ERR_CORRUPT as above.
 */
enum nrm_err nrm_books_sign(struct nrm_books *books) NRM_MUST_USE;
enum nrm_err nrm_books_prove(struct nrm_books *books) NRM_MUST_USE;
/* witness.c: takes a cosignature into the note of the head that it is over. NRM_ERR_CORRUPT when the tree never had that head. */
enum nrm_err nrm_books_cosign(struct nrm_books *books, struct nrm_session *session,
			      const struct nrm_parcel *parcel) NRM_MUST_USE;
/* aggregate.c: an agency's monthly statement, which it is told is recorded like a message of its own. */
enum nrm_err nrm_books_aggregate(struct nrm_books *books, struct nrm_session *session,
				 const struct nrm_parcel *parcel) NRM_MUST_USE;
/* witness.c: where the directory wants witnesses, shows each session the head that they are asked about, which changes once a minute. */
enum nrm_err nrm_books_ask_witnesses(struct nrm_books *books) NRM_MUST_USE;
/* witness.c: both from the store, those of today's key. */
enum nrm_err nrm_witnessed_load(struct nrm_books *books) NRM_MUST_USE;
/* witness.c: whether it is the head of this size; there is but one. */
bool nrm_witnessed_is(const struct nrm_witnessed *witnessed, uint64_t size);
/* witness.c: active agencies whose cosignature a note bears. */
uint32_t nrm_witnessed_count(const struct nrm_books *books, const struct nrm_witnessed *witnessed);
/* room.c: looks whether there is room for new work; holds the reserve or gives it back. */
void nrm_room_open(struct nrm_books *books);
void nrm_room_look(struct nrm_books *books);
void nrm_room_release(struct nrm_books *books);
void nrm_room_close(struct nrm_books *books);
/*
 * documents.c: records directory and policy in force as leaves when they are not the last ones recorded. NRM_ERR_VERSION when
 * one is older than that, or another of the same version.
 */
enum nrm_err nrm_books_record_directory(struct nrm_books *books) NRM_MUST_USE;
enum nrm_err nrm_books_record_policy(struct nrm_books *books) NRM_MUST_USE;

#endif
