/*
 * Statements in the terms of the decision: participants become handles, lists become masks. Pure.
 */
#ifndef NRM_TERMS_TERMS_H
#define NRM_TERMS_TERMS_H

#include "broker/core/decide.h"
#include "proto/wire/statement.h"

/* The handle of a participant; 0 for the empty id and for one that is not known. */
typedef uint32_t nrm_handle_of(const void *roll, struct nrm_slice id);

/*
 * A grant of `phase` as the decision reads it, recorded by nobody yet. Recipients that are not known cover nobody; a
 * guardian that is not known is remembered as that.
 */
void nrm_terms_consent(const struct nrm_consent_grant *grant, enum nrm_phase phase,
		       nrm_handle_of *find, const void *roll, struct nrm_consent *ret_consent);

/* A fact of a case card; false when it names a participant that is not known, or is of no kind. */
bool nrm_terms_claim(const struct nrm_stated_fact *fact, nrm_handle_of *find, const void *roll,
		     struct nrm_claim *ret_claim);

#endif
