/* Agencies' monthly statements, read from the rows beside the trail. Internal to agents/auditor. */
#ifndef NRM_AUDITOR_PARITY_H
#define NRM_AUDITOR_PARITY_H

#include "agents/auditor/indicators.h"

/*
 * Those of the months asked about, into indicators->parity; all of it lies in indicators->arena. NRM_ERR_CORRUPT for one that is malformed; NRM_ERR_LIMIT;
 * errors of the store.
 */
enum nrm_err nrm_parity_read(struct nrm_audit_reader *reader,
			     struct nrm_indicators *indicators) NRM_MUST_USE;

#endif
