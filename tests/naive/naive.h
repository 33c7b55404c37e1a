/*
 * The decision a second time, for comparison with nrm_decide(): written from policy.md,
 * requirements.md and "How open texts were read" of config/README.md, not from broker/core, and with
 * the shipped defaults spelled out as words instead of read from a policy. Slow and plain on purpose.
 */
#ifndef NRM_NAIVE_NAIVE_H
#define NRM_NAIVE_NAIVE_H

#include <stdint.h>

#include "broker/core/decide.h"

/*
 * Decides as policy.md says. *ret_verdict is written whole and has the meaning that decide.h gives it;
 * `rules` has the rule that decided, and rule 12 where alert_expulsion is kept; `consents` is filled
 * for messages on the ground of consent, whichever rule decided. Total; may be called by several
 * threads.
 */
void nrm_naive_decide(const struct nrm_facts *facts, const struct nrm_message *message,
		      uint64_t now, struct nrm_verdict *ret_verdict);

#endif
