/*
 * The roll of participants: every participant that any directory ever named has a number that it keeps
 * for good (its handle, 1 and up), so that cases, mailboxes and decisions hold numbers and no strings.
 */
#ifndef NRM_BOOKS_ROLL_H
#define NRM_BOOKS_ROLL_H

#include "broker/core/decide.h"
#include "proto/directory/directory.h"
#include "proto/store/store.h"

struct nrm_enrolled {
	char id[NRM_MAX_ID + 1];
	const struct nrm_participant *participant; /* in the current directory, or NULL */
	uint8_t sealing_key[2][8];		   /* recipient_key of each of its sealing keys */
};

struct nrm_roll {
	struct nrm_enrolled *enrolled; /* by handle; [0] is nobody */
	struct nrm_party *party;       /* by handle, for decisions; [0] is the unknown one */
	uint32_t n, cap;	       /* handles 0 .. n - 1 are in use */
	uint32_t *bucket;	       /* hash of id -> handle, 0 empty */
	uint32_t n_buckets;	       /* a power of two, at least twice n */
};

/* Reads the roll from the store. Free with nrm_roll_done(). */
enum nrm_err nrm_roll_load(struct nrm_roll *roll, struct nrm_txn *txn) NRM_MUST_USE;
void nrm_roll_done(struct nrm_roll *roll);

/* Brings a directory into force: new participants get the next numbers, written in `txn`. */
enum nrm_err nrm_roll_enrol(struct nrm_roll *roll, struct nrm_txn *txn,
			    const struct nrm_directory *directory, uint64_t now_ms) NRM_MUST_USE;
/* Looks at validity again: participants become and cease to be active by time alone. */
void nrm_roll_refresh(struct nrm_roll *roll, uint64_t now_ms);

/* The handle of an id; 0 when no directory ever named it. */
uint32_t nrm_roll_find(const struct nrm_roll *roll, struct nrm_slice id);
/* The id of a handle, as long as the roll lives; empty for 0. */
struct nrm_slice nrm_roll_id(const struct nrm_roll *roll, uint32_t handle);

#endif
