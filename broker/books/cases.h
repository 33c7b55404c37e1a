/*
 * Cases: what the broker keeps about each, one row sealed under the case's own key, and a cache of those in
 * use. A case id is found through an index in memory (12 bytes a case), rebuilt at the start from
 * the rows: nothing on disk ties a case id to its row for who has not the key.
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
	struct nrm_case *next_in_bucket;
	struct nrm_case *newer, *older; /* order of last use */
};

#define NRM_NO_SLOT UINT32_MAX

struct nrm_cases {
	struct nrm_case_keys *keys;
	uint32_t
		n_slots; /* slots in use: the next case, or other holder of a key, gets this number */
	uint32_t n_cases; /* that are not forgotten */
	uint64_t *index;  /* open addressing: high 32 bits of case id << 32 | slot + 1; 0 empty */
	uint64_t n_index, cap_index;
	struct nrm_case **bucket; /* cached cases by slot */
	struct nrm_case *newest, *oldest;
	uint32_t n_cached;
	struct nrm_case *moved; /* those to be written */
};

/*
 * Opens what `txn` holds: reads every case row's head once for the index. `n_slots` is the number of slots in use,
 * `other` those of them that are no case's (NRM_NO_SLOT among them: none).
 * A key that has no case is forgotten here: of a forgetting that was interrupted, or of a case that was forgotten since the
 * file of keys was copied. The keys stay the caller's.
 */
enum nrm_err nrm_cases_load(struct nrm_cases *cases, struct nrm_txn *txn,
			    struct nrm_case_keys *keys, uint32_t n_slots, const uint32_t *other,
			    size_t n_others) NRM_MUST_USE;
void nrm_cases_done(struct nrm_cases *cases); /* wipes keys */

/* The case with this id, from the cache or the store; NRM_ERR_NOT_FOUND. Stays valid until nrm_cases_trim(). */
enum nrm_err nrm_case_find(struct nrm_cases *cases, struct nrm_txn *txn,
			   const uint8_t id[static 16], struct nrm_case **ret_case) NRM_MUST_USE;
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
enum nrm_err nrm_case_open(struct nrm_cases *cases, const uint8_t id[static 16], uint32_t opener,
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
