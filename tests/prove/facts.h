/* All that a decision or a case card rests on, unknown. */
#ifndef NRM_TESTS_PROVE_FACTS_H
#define NRM_TESTS_PROVE_FACTS_H

#include "broker/core/decide.h"
#include "tests/prove/any.h"

struct nrm_policy any_policy(void);
struct nrm_party any_party(void);
struct nrm_consent any_consent(void);
struct nrm_card any_card(void);
struct nrm_message any_message(void);

#endif
