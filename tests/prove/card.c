/* What a stated fact does to a case card, and who may state it: any policy, card, claim, sender, time. */
#include "tests/prove/facts.h"

void every_input(void)
{
	const struct nrm_policy policy = any_policy();
	const struct nrm_party sender = any_party();
	struct nrm_card card = any_card();
	struct nrm_claim claim;

	any_bytes(&claim, sizeof(claim));
	claim.yes = any_bool();
	nrm_is_excluded(&card, any_u32());
	nrm_may_state(&policy, &sender, any_u32(), any_bool(), &card, &claim);
	nrm_may_record_consent(&policy, &sender);
	nrm_may_withdraw(&policy, &sender, any_bool());
	nrm_may_forget(&policy, &sender);
	nrm_card_apply(&policy, &card, &claim, &sender, any_u64());
}
