/*
 * Mailboxes: what waits for each participant, in the order in which it was accepted. A row stays until it is
 * acknowledged; which rows wait for whom is kept in memory, eight bytes each, and read again at the start.
 *
 * A row is two: the message, sealed under its case's key, and its label (whose it is, of which case), sealed under a key
 * of all labels. Forgetting a case seals the labels that remain under a new key and forgets the old one, so that nothing
 * that LMDB's freed pages still hold ties a message to its case.
 */
#ifndef NRM_BOOKS_MAILBOX_H
#define NRM_BOOKS_MAILBOX_H

#include "broker/books/cases.h"
#include "proto/store/store.h"
#include "proto/wire/envelope.h"

/* Places of the rows that wait for one participant, ascending. */
struct nrm_mailbox {
	uint64_t *place;
	size_t first, end,
		cap; /* place[first .. end - 1]; taken out in the middle: NRM_MAIL_GONE */
	size_t next; /* the first not in flight */
	size_t waiting;
};
#define NRM_MAIL_GONE UINT64_MAX

struct nrm_mailboxes {
	uint8_t key[NRM_KEY_LEN]; /* of the labels */
	struct nrm_mailbox *of;	  /* by handle */
	uint32_t n;
	uint64_t waiting;
};

/* A row. `place`, its key, is the index of the leaf that accepted the message. */
struct nrm_mail {
	uint64_t place;
	uint32_t sender, recipient; /* handles */
	uint32_t slot;		    /* of its case */
	uint64_t expires_ms;
	uint64_t leaf;		   /* index of the decision in force */
	nrm_mask declared;	   /* fields the sender declared */
	nrm_mask forwarded;	   /* fields it holds and may deliver */
	struct nrm_slice envelope; /* serialized, less what was withheld */
};

/* Reads which rows wait for whom. `key`: of the labels; NULL in books that have none yet. */
enum nrm_err nrm_mailboxes_load(struct nrm_mailboxes *boxes, struct nrm_txn *txn,
				const uint8_t *key) NRM_MUST_USE;
void nrm_mailboxes_done(struct nrm_mailboxes *boxes); /* wipes the key */
/* Seals every label anew, under `key`; nonces come from `entropy`. */
struct nrm_entropy;
enum nrm_err nrm_mailboxes_relabel(struct nrm_mailboxes *boxes, struct nrm_txn *txn,
				   const uint8_t key[static NRM_KEY_LEN],
				   struct nrm_entropy *entropy) NRM_MUST_USE;
/* The mailbox of a participant; NULL without memory. */
struct nrm_mailbox *nrm_mailbox(struct nrm_mailboxes *boxes, uint32_t handle);

/* Adds a place at the end. */
enum nrm_err nrm_mailbox_add(struct nrm_mailboxes *boxes, uint32_t handle,
			     uint64_t place) NRM_MUST_USE;
/* Takes a place out, wherever it is. */
void nrm_mailbox_take(struct nrm_mailboxes *boxes, uint32_t handle, uint64_t place);
/* The next place to deliver; false when none waits. nrm_mailbox_advance() marks it in flight. */
bool nrm_mailbox_next(const struct nrm_mailbox *box, uint64_t *ret_place);
void nrm_mailbox_advance(struct nrm_mailbox *box);
/* Whether a place that waits has been delivered and is not acknowledged. */
bool nrm_mailbox_in_flight(struct nrm_mailboxes *boxes, uint32_t handle, uint64_t place);
/* What was in flight is to be delivered again. */
void nrm_mailbox_rewind(struct nrm_mailbox *box);

/*
 * Writes a new row (its place is the highest), or rewrites one: `mail` but for its envelope, and of `envelope` the
 * fields that are forwarded. `scratch` is used for the plaintext, and mail->envelope points into it afterwards.
 */
enum nrm_err nrm_mail_write(const struct nrm_mailboxes *boxes, struct nrm_txn *txn,
			    struct nrm_mail *mail, const struct nrm_envelope *envelope,
			    const struct nrm_case *c, bool rewrite, struct nrm_entropy *entropy,
			    struct nrm_buf *scratch) NRM_MUST_USE;
/* Reads the label of a row: place, sender, recipient, slot, expires_ms, leaf. NRM_ERR_NOT_FOUND. */
enum nrm_err nrm_mail_label(const struct nrm_mailboxes *boxes, struct nrm_txn *txn, uint64_t place,
			    struct nrm_mail *ret_mail) NRM_MUST_USE;
/* The same of a row that a cursor over NRM_TABLE_LABELS is at. */
enum nrm_err nrm_mail_label_open(const struct nrm_mailboxes *boxes, struct nrm_slice key,
				 struct nrm_slice row, struct nrm_mail *ret_mail) NRM_MUST_USE;
/* Reads and opens a row into `plaintext`, where ret_mail->envelope lives. */
enum nrm_err nrm_mail_read(const struct nrm_mailboxes *boxes, struct nrm_txn *txn, uint64_t place,
			   const struct nrm_case *c, struct nrm_buf *plaintext,
			   struct nrm_mail *ret_mail) NRM_MUST_USE;
/* Deletes a row. */
enum nrm_err nrm_mail_delete(struct nrm_txn *txn, uint64_t place) NRM_MUST_USE;

#endif
