/*
 * Cases: what the broker keeps about each, one row sealed under the case's own key, and a cache of those in
 * use. A case id is found through an index, whose rows tie it to its slot for who has the index key, and for
 * nobody else. Nothing is read at the start but which slots have a case.
 */
#ifndef NRM_BOOKS_CASES_H
#define NRM_BOOKS_CASES_H

#include "broker/core/decide.h"
#include "proto/base/buf.h"
#include "proto/base/id.h"
#include "proto/store/case_keys.h"
#include "proto/store/store.h"

enum { NRM_CASE_OPENED = 1, NRM_CASE_MANAGES = 2 };

struct nrm_case_party {
	uint32_t handle;
	uint32_t part; /* NRM_CASE_OPENED, NRM_CASE_MANAGES */
};

struct nrm_case_consent {
	uint8_t id[NRM_CONSENT_ID_LEN];
	uint8_t digest[NRM_HASH_LEN]; /* of the grant's body: a confirmation has the same */
};

struct nrm_case {
	uint32_t slot;
	uint8_t id[NRM_CASE_ID_LEN];
	uint8_t key[NRM_KEY_LEN];     /* for tags */
	uint8_t row_key[NRM_KEY_LEN]; /* for rows */
	uint64_t last_leaf;	      /* index + 1 */
	uint64_t opened_at;
	struct nrm_card card;
	struct nrm_case_party *party;
	uint32_t n_parties, cap_parties;
	struct nrm_consent *consent; /* parallel to consent_on_file, room for cap_consents */
	struct nrm_case_consent *consent_on_file;
	uint32_t n_consents, cap_consents;

	bool changed; /* the row is to be written in this transaction */
	bool moved;   /* the head is, which is so whenever the row is */
	struct nrm_case *next_moved;
	struct nrm_case *next_by_slot, *next_by_id;
	struct nrm_case *newer, *older; /* order of last use */
};

#define NRM_NO_SLOT UINT32_MAX

struct nrm_cases {
	struct nrm_case_keys *keys;
	uint32_t
		n_slots; /* slots in use: the next case, or other holder of a key, gets this number */
	uint64_t n_cases; /* that are not forgotten */
	uint8_t index_key[NRM_KEY_LEN];
	struct nrm_case **by_slot, **by_id; /* cached cases */
	struct nrm_case *newest, *oldest;
	uint32_t n_cached;
	struct nrm_case *moved,
		**end_of_moved; /* those to be written, in order: new rows fill pages */
};

/*
 * Opens what `txn` holds. `n_slots` is the number of slots in use, `index_key` that of the index: NULL in books that have
 * none yet, or have lost it; then nrm_cases_index() comes first. The keys stay the caller's.
 */
enum nrm_err nrm_cases_load(struct nrm_cases *cases, struct nrm_txn *txn,
			    struct nrm_case_keys *keys, uint32_t n_slots,
			    const uint8_t *index_key) NRM_MUST_USE;
/* Makes the index anew, under a new key, from the cases' own rows: some microseconds a case. */
enum nrm_err nrm_cases_index(struct nrm_cases *cases, struct nrm_txn *txn,
			     const uint8_t index_key[static NRM_KEY_LEN]) NRM_MUST_USE;
/*
 * Forgets every key in use that has no case: of a forgetting that was interrupted, or of a case that was forgotten since the file
 * of keys was copied. `other`: slots that are no case's and have a key all the same (NRM_NO_SLOT: none).
 */
enum nrm_err nrm_cases_forget_again(const struct nrm_cases *cases, struct nrm_txn *txn,
				    const uint32_t *other, size_t n_other) NRM_MUST_USE;
void nrm_cases_done(struct nrm_cases *cases); /* wipes keys */

/* The case with this id, from the cache or the store; NRM_ERR_NOT_FOUND. Stays valid until nrm_cases_trim(). */
enum nrm_err nrm_case_find(struct nrm_cases *cases, struct nrm_txn *txn,
			   const uint8_t id[static NRM_CASE_ID_LEN],
			   struct nrm_case **ret_case) NRM_MUST_USE;
/* The case of a slot. */
enum nrm_err nrm_case_at(struct nrm_cases *cases, struct nrm_txn *txn, uint32_t slot,
			 struct nrm_case **ret_case) NRM_MUST_USE;
/* Takes the next slot for something else than a case, with its key. */
enum nrm_err nrm_slot_take(struct nrm_cases *cases, uint32_t *ret_slot,
			   uint8_t key[static NRM_KEY_LEN]) NRM_MUST_USE;
/*
 * Takes a case out of the store, the index and the cache; `c` is gone. Its key stays until the transaction is on disk: then
 * it is the caller's to forget.
 */
enum nrm_err nrm_case_forget(struct nrm_cases *cases, struct nrm_txn *txn,
			     struct nrm_case *c) NRM_MUST_USE;
/* Opens a case in the next slot for participant `opener`, its first party. */
enum nrm_err nrm_case_open(struct nrm_cases *cases, struct nrm_txn *txn,
			   const uint8_t id[static NRM_CASE_ID_LEN], uint32_t opener,
			   uint64_t now_ms, struct nrm_case **ret_case) NRM_MUST_USE;
/* To be called when its last leaf changed, and when anything else did. */
void nrm_case_moved(struct nrm_cases *cases, struct nrm_case *c);
void nrm_case_changed(struct nrm_cases *cases, struct nrm_case *c);

/* Writes what changed of each case. */
struct nrm_entropy;
enum nrm_err nrm_cases_flush(struct nrm_cases *cases, struct nrm_txn *txn,
			     struct nrm_entropy *entropy) NRM_MUST_USE;
/* After the commit: lets go of what was used least recently, over the cache's size. */
void nrm_cases_trim(struct nrm_cases *cases);

/* The part a participant has in a case; NULL: none (an outsider). */
const struct nrm_case_party *nrm_case_party(const struct nrm_case *c, uint32_t handle);
/* Makes a participant a party; NRM_ERR_FULL when there are too many, NRM_ERR_NOMEM. */
enum nrm_err nrm_case_join(struct nrm_case *c, uint32_t handle, uint32_t part) NRM_MUST_USE;
/* Room for one more consent at the end of both lists, zeroed; NRM_ERR_FULL, NRM_ERR_NOMEM. */
enum nrm_err nrm_case_add_consent(struct nrm_case *c, uint32_t *ret_place) NRM_MUST_USE;

/* The row's plaintext: encoding, and decoding into a zeroed case. NRM_ERR_CORRUPT. */
void nrm_case_row_encode(const struct nrm_case *c, struct nrm_buf *out);
enum nrm_err nrm_case_row_decode(struct nrm_slice row, struct nrm_case *c) NRM_MUST_USE;

#endif
