/*
 * This agency's monthly statement (proto/wire/aggregate.h): counted from what it received and can open, and the only thing of it
 * that leaves is counts of nobody. It is kept in the spool, one a month, until the broker has recorded it and after.
 */
#ifndef NRM_AGENT_AGGREGATE_H
#define NRM_AGENT_AGGREGATE_H

#include "proto/directory/identity.h"
#include "proto/store/store.h"
#include "proto/wire/aggregate.h"

/*
 * Counts the cases that this agency was asked to help in a month (by when it received the referral), by service: each once a service, by
 * what the fields gender, age_years or birth_date, and exploitation_form of the referral say. What is small is withheld. The groups lie in
 * `arena`. Errors of the store, NRM_ERR_LIMIT, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_aggregate_count(struct nrm_txn *txn, const struct nrm_identity *identity,
				 uint16_t month, struct nrm_arena *arena,
				 struct nrm_aggregate *ret_aggregate) NRM_MUST_USE;

enum nrm_aggregate_state {
	NRM_AGGREGATE_SPOOLED = 1, /* the broker has not answered yet */
	NRM_AGGREGATE_RECORDED,	   /* it is leaf `leaf` of the trail */
	NRM_AGGREGATE_REFUSED
};

struct nrm_kept_aggregate {
	uint16_t month;
	enum nrm_aggregate_state state;
	enum nrm_refusal refusal;
	uint64_t leaf;
	struct nrm_document document; /* dies with the transaction */
};

enum nrm_err nrm_aggregate_put(struct nrm_txn *txn,
			       const struct nrm_kept_aggregate *kept) NRM_MUST_USE;
/* NRM_ERR_NOT_FOUND, NRM_ERR_CORRUPT. */
enum nrm_err nrm_aggregate_get(struct nrm_txn *txn, uint16_t month,
			       struct nrm_kept_aggregate *ret_kept) NRM_MUST_USE;
/* The first from month `from` on that is spooled; NRM_ERR_NOT_FOUND. */
enum nrm_err nrm_aggregate_next(struct nrm_txn *txn, uint16_t from,
				struct nrm_kept_aggregate *ret_kept) NRM_MUST_USE;

#endif
