/*
 * Participants by a small number, for columns. Zero is nobody. When there are more than the numbers, the rest share
 * NRM_PARTY_OTHERS: who asks for one of them has to look at the leaf.
 */
#ifndef NRM_PAGE_PARTIES_H
#define NRM_PAGE_PARTIES_H

#include <stdint.h>

#include "proto/base/err.h"
#include "proto/base/slice.h"

#define NRM_PARTY_NOBODY 0u
#define NRM_PARTY_OTHERS UINT16_MAX

/* Zeroed: none. */
struct nrm_parties {
	char **id;	/* by number; [0] is NULL */
	uint32_t n;	/* numbers given out, nobody's included; 0 before the first */
	uint16_t *slot; /* of a hash table, open addressing; 0: free */
};

void nrm_parties_done(struct nrm_parties *parties);
/* The number of an id, a new one when it has none. NRM_ERR_NOMEM. */
enum nrm_err nrm_parties_number(struct nrm_parties *parties, struct nrm_slice id,
				uint16_t *ret_number) NRM_MUST_USE;
/* The number of an id that may have none: then NRM_PARTY_OTHERS. */
uint16_t nrm_parties_find(const struct nrm_parties *parties, struct nrm_slice id);
/* Its id; "" for nobody and for the others. */
const char *nrm_parties_id(const struct nrm_parties *parties, uint16_t number);

#endif
