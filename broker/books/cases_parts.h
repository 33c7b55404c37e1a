/*
 * What the files of cases share: the cache, the sealed rows, and the index. For cases*.c and case_*.c only.
 */
#ifndef NRM_BOOKS_CASES_PARTS_H
#define NRM_BOOKS_CASES_PARTS_H

#include "broker/books/cases.h"

/* --- case_cache.c --- */

enum nrm_err nrm_case_cache_init(struct nrm_cases *cases) NRM_MUST_USE;
void nrm_case_cache_done(struct nrm_cases *cases); /* wipes keys */
/* The case of a slot, or with an id, which is used last from now on; NULL when it is not in the cache. */
struct nrm_case *nrm_case_cached_at(struct nrm_cases *cases, uint32_t slot);
struct nrm_case *nrm_case_cached(struct nrm_cases *cases, const uint8_t id[static NRM_CASE_ID_LEN]);
/* Takes a case over; frees it. */
void nrm_case_cache_add(struct nrm_cases *cases, struct nrm_case *c);
void nrm_case_cache_drop(struct nrm_cases *cases, struct nrm_case *c);

/* --- case_sealed.c --- */

/* A case with its keys and nothing else; NRM_ERR_NOT_FOUND when the slot has no key. nrm_case_free() frees it, NULL too. */
enum nrm_err nrm_case_new(const struct nrm_cases *cases, uint32_t slot,
			  struct nrm_case **ret_case) NRM_MUST_USE;
void nrm_case_free(struct nrm_case *c);
/* Reads a case from its two rows. NRM_ERR_NOT_FOUND for one forgotten, NRM_ERR_CORRUPT. */
enum nrm_err nrm_case_read(const struct nrm_cases *cases, struct nrm_txn *txn, uint32_t slot,
			   struct nrm_case **ret_case) NRM_MUST_USE;
/* Deletes both rows, as far as they are there. */
enum nrm_err nrm_case_delete(struct nrm_txn *txn, uint32_t slot) NRM_MUST_USE;

/* --- case_index.c --- */

/* The slot of a case id; NRM_ERR_NOT_FOUND. */
enum nrm_err nrm_case_index_find(const struct nrm_cases *cases, struct nrm_txn *txn,
				 const uint8_t id[static NRM_CASE_ID_LEN],
				 uint32_t *ret_slot) NRM_MUST_USE;
enum nrm_err nrm_case_index_put(const struct nrm_cases *cases, struct nrm_txn *txn,
				const uint8_t id[static NRM_CASE_ID_LEN],
				uint32_t slot) NRM_MUST_USE;
enum nrm_err nrm_case_index_delete(const struct nrm_cases *cases, struct nrm_txn *txn,
				   const uint8_t id[static NRM_CASE_ID_LEN]) NRM_MUST_USE;

#endif
