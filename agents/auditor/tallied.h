/*
 * The sums that the broker keeps (proto/trail/sums.h), as an auditor reads them: of some months, all out of one snapshot, with the
 * participants that they are about. Internal to agents/auditor.
 */
#ifndef NRM_AUDITOR_TALLIED_H
#define NRM_AUDITOR_TALLIED_H

#include "agents/auditor/reader.h"
#include "proto/base/limits.h"
#include "proto/trail/sums.h"

struct nrm_tallied_party {
	char id[NRM_MAX_ID + 1]; /* "-" for 0: nobody */
	enum nrm_role role;	 /* the first in the newest directory; 0: none */
};

struct nrm_tallied {
	struct nrm_sums sums;
	uint64_t size; /* of the trail that they are the sums of */
	struct nrm_tallied_party *party;
	uint32_t n_parties;
	uint16_t country; /* of the newest directory, as a detail */
};

/* Months `from` to `until`, both included. Errors of nrm_indicators_read(). To be done with, on failure too. */
enum nrm_err nrm_tallied_read(struct nrm_audit_reader *reader, const struct nrm_case_keys *keys,
			      uint16_t from, uint16_t until,
			      struct nrm_tallied *ret_tallied) NRM_MUST_USE;
void nrm_tallied_done(struct nrm_tallied *tallied);
/* The number of a participant; 0 when there is none of this id. */
uint32_t nrm_tallied_party(const struct nrm_tallied *tallied, struct nrm_slice id);

#endif
