/* nrm_decide(), nrm_needed(), nrm_secret() and nrm_told(): any policy, any facts, any message, any time. */
#include "tests/prove/facts.h"

static struct nrm_policy policy;
static struct nrm_party party[NRM_MAX_PARTICIPANTS];
static struct nrm_consent consent[NRM_MAX_CASE_CONSENTS];
static struct nrm_card card;
static struct nrm_facts facts;

static void any_facts(void)
{
	for (size_t i = 0; i < NRM_MAX_PARTICIPANTS; i++)
		party[i] = any_party();
	for (size_t i = 0; i < NRM_MAX_CASE_CONSENTS; i++)
		consent[i] = any_consent();
	card = any_card();
	any_bytes(&facts, sizeof(facts));
	facts.party = party;
	facts.n_parties = (uint32_t)any_between(0, NRM_MAX_PARTICIPANTS);
	facts.card = any_bool() ? &card : NULL;
	facts.consent = consent;
	facts.n_consents = any_between(0, NRM_MAX_CASE_CONSENTS);
	facts.outsider = any_bool();
}

/* Any type of message that the mask has, or none. */
static enum nrm_message_type any_type(nrm_mask of)
{
	enum nrm_message_type type = NRM_MESSAGE_TYPE_ABSENT;

	for (uint32_t n = 1; n < NRM_MESSAGE_TYPE_END_; n++)
		if (nrm_has(of, n) && any_bool())
			type = n;
	return type;
}

static void decide(enum nrm_message_type type, enum nrm_basis basis, enum nrm_service service)
{
	struct nrm_message message = any_message();
	struct nrm_protection protection;
	struct nrm_verdict verdict;

	message.type = type;
	message.basis = basis;
	message.service = service;
	nrm_decide(&policy, &facts, &message, any_u64(), &verdict);
	nrm_protect(&policy, &facts, &message, any_u64(), &protection);
}

/*
 * Types that go on without a ground, those that there are not, and the others; of these every ground by itself, and
 * services that there are apart from those that there are not: what depends on each other is taken apart here.
 */
static void every_message(void)
{
	const nrm_mask bare = nrm_bit(NRM_MESSAGE_TYPE_WITHDRAWAL) |
			      nrm_bit(NRM_MESSAGE_TYPE_ERASURE_ORDER) |
			      nrm_bit(NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION);

	decide(any_type(bare), any_u32(), any_u32());
	decide(any_between(NRM_MESSAGE_TYPE_END_, UINT32_MAX), any_u32(), any_u32());
	for (uint32_t n = 0; n <= NRM_BASIS_END_; n++) {
		const uint32_t basis = n < NRM_BASIS_END_ ? n : any_between(n, UINT32_MAX);
		decide(any_type(~bare), basis, any_between(0, NRM_SERVICE_END_ - 1));
		decide(any_type(~bare), basis, any_between(NRM_SERVICE_END_, UINT32_MAX));
	}
}

void every_input(void)
{
	policy = any_policy();
	any_facts();
	every_message();
	nrm_needed(&policy, &party[0], any_u32(), any_u32());
	nrm_secret(&policy, &party[0], any_u32());
	nrm_told(any_u32());
}
