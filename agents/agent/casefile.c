#include "agents/agent/casefile.h"

#include <string.h>

#include "broker/terms/terms.h"

/* ---- participants ---- */

/* As broker/books/roll.c has them: whoever is out of its validity is unknown. */
static struct nrm_party party_of(const struct nrm_participant *p, uint64_t now_ms)
{
	if (now_ms < p->valid_from_ms || now_ms >= p->valid_until_ms)
		return (struct nrm_party){0};
	return (struct nrm_party){
		.known = true,
		.active = nrm_participant_active(p, now_ms),
		.detention = p->detention,
		.country = p->country,
		.roles = p->roles,
		.offers = p->offers,
	};
}

/* Participants of a directory stand in one array. */
static uint32_t in_directory(const void *roll, struct nrm_slice id)
{
	const struct nrm_casefile *f = roll;
	const struct nrm_participant *p = nrm_directory_find(f->directory, id);

	return p ? (uint32_t)(p - nrm_directory_at(f->directory, 0)) + 1 : 0;
}

/* The broker remembers participants of earlier directories: somebody, of whom nothing is known any more. */
static uint32_t ever_enrolled(const void *roll, struct nrm_slice id)
{
	const struct nrm_casefile *f = roll;
	uint32_t handle = in_directory(f, id);

	return handle || id.len == 0 ? handle : f->n_parties;
}

enum nrm_err nrm_casefile_init(struct nrm_casefile *f, const struct nrm_directory *directory,
			       const struct nrm_policy *policy, struct nrm_slice self,
			       uint64_t now_ms, struct nrm_arena *arena)
{
	uint32_t n = (uint32_t)nrm_directory_count(directory);
	struct nrm_party *party = nrm_arena_alloc(arena, (n + 1) * sizeof(*party));

	if (!party)
		return NRM_ERR_NOMEM;
	for (uint32_t i = 0; i < n; i++)
		party[i + 1] = party_of(nrm_directory_at(directory, i), now_ms);
	*f = (struct nrm_casefile){
		.directory = directory, .policy = policy, .party = party, .n_parties = n + 1};
	f->self = in_directory(f, self);
	return NRM_OK;
}

/* ---- what the broker told ---- */

static void told_fact(struct nrm_casefile *f, const struct nrm_stated_fact *fact)
{
	static const struct nrm_party nobody;
	struct nrm_claim claim;

	/* On a card that says nothing yet every claim is the latest. */
	if (nrm_terms_claim(fact, ever_enrolled, f, &claim))
		nrm_card_apply(f->policy, &f->card, &claim, &nobody, 0);
}

static void told_consent(struct nrm_casefile *f, const struct nrm_consent_on_file *told)
{
	struct nrm_consent *consent = &f->consent[f->n_consents];

	nrm_terms_consent(&told->grant, told->phase, ever_enrolled, f, consent);
	consent->withdrawn_at = told->withdrawn_at_ms;
	consent->guardian_unknown = told->guardian_unknown;
	for (size_t i = 0; i < told->recorder.n && i < NRM_MAX_CONSENT_RECORDERS; i++)
		consent->recorder[consent->n_recorders++] =
			ever_enrolled(f, told->recorder.item[i]);
	memcpy(f->consent_id[f->n_consents++], told->grant.consent_id.data, NRM_CONSENT_ID_LEN);
}

void nrm_casefile_told(struct nrm_casefile *f, const struct nrm_case_answer *answer)
{
	const struct nrm_case_card *card = &answer->card;

	f->card = (struct nrm_card){.contributed = answer->contributed};
	f->n_consents = 0;
	f->known = true;
	f->manages = answer->manages;
	/* The receiving manager first: whoever is new in it has not accepted yet. */
	for (size_t i = 0; i < card->n; i++)
		if (card->fact[i].kind == NRM_FACT_RECEIVING_MANAGER)
			told_fact(f, &card->fact[i]);
	for (size_t i = 0; i < card->n; i++)
		told_fact(f, &card->fact[i]);
	for (size_t i = 0; i < answer->n_consents && i < NRM_MAX_CASE_CONSENTS; i++)
		told_consent(f, &answer->consent[i]);
}

/* ---- what we stated ourselves: as the broker takes it (broker/books/facts.c) ---- */

static uint32_t find_consent(const struct nrm_casefile *f, struct nrm_slice id)
{
	uint32_t i = 0;

	while (i < f->n_consents &&
	       !nrm_slice_equal(nrm_slice(f->consent_id[i], NRM_CONSENT_ID_LEN), id))
		i++;
	return i;
}

static bool recorded(const struct nrm_consent *consent, uint32_t by)
{
	for (uint32_t i = 0; i < consent->n_recorders; i++)
		if (consent->recorder[i] == by)
			return true;
	return false;
}

static void granted(struct nrm_casefile *f, const struct nrm_statement *own)
{
	const struct nrm_consent_grant *g = &own->body.consent_grant;
	uint32_t place = find_consent(f, g->consent_id);
	struct nrm_consent *consent = &f->consent[place];

	if (place == NRM_MAX_CASE_CONSENTS ||
	    !nrm_may_record_consent(f->policy, &f->party[f->self]))
		return;
	if (place == f->n_consents) {
		nrm_terms_consent(g, own->phase, in_directory, f, consent);
		memcpy(f->consent_id[f->n_consents++], g->consent_id.data, NRM_CONSENT_ID_LEN);
	}
	if (!recorded(consent, f->self) && consent->n_recorders < NRM_MAX_CONSENT_RECORDERS)
		consent->recorder[consent->n_recorders++] = f->self;
}

static void withdrawn(struct nrm_casefile *f, const struct nrm_statement *own)
{
	struct nrm_slice id = own->body.withdrawal;

	for (uint32_t i = 0; i < f->n_consents; i++)
		if ((id.len == 0 || find_consent(f, id) == i) && !f->consent[i].withdrawn_at)
			f->consent[i].withdrawn_at = own->issued_at_ms;
}

static void stated(struct nrm_casefile *f, const struct nrm_statement *own)
{
	const struct nrm_party *self = &f->party[f->self];
	struct nrm_card card = f->card;

	for (size_t i = 0; i < own->body.case_card.n; i++) {
		struct nrm_claim claim;

		if (!nrm_terms_claim(&own->body.case_card.fact[i], in_directory, f, &claim) ||
		    !nrm_may_state(f->policy, self, f->self, f->manages, &card, &claim) ||
		    !nrm_card_apply(f->policy, &card, &claim, self, own->issued_at_ms))
			return; /* all of a card or nothing */
	}
	f->card = card;
}

void nrm_casefile_stated(struct nrm_casefile *f, const struct nrm_statement *own)
{
	if (own->type == NRM_MESSAGE_TYPE_CONSENT_GRANT)
		granted(f, own);
	else if (own->type == NRM_MESSAGE_TYPE_WITHDRAWAL)
		withdrawn(f, own);
	else if (own->type == NRM_MESSAGE_TYPE_CASE_CARD)
		stated(f, own);
}

/* ---- the decision ---- */

struct nrm_message nrm_casefile_message(const struct nrm_casefile *f,
					const struct nrm_statement *referral, nrm_mask fields)
{
	return (struct nrm_message){
		.type = referral->type,
		.sender = f->self,
		.recipient = in_directory(f, referral->recipient),
		.service = referral->service,
		.purpose = referral->purpose,
		.basis = referral->basis,
		.emergency = referral->emergency,
		.fields = fields,
		.contact_by = referral->body.referral.contact_by,
	};
}

static void decide(const struct nrm_casefile *f, const struct nrm_consent *consent, size_t n,
		   const struct nrm_message *message, uint64_t now_ms,
		   struct nrm_verdict *ret_verdict)
{
	const struct nrm_facts facts = {
		.country = nrm_directory_country(f->directory),
		.party = f->party,
		.n_parties = f->n_parties,
		.card = &f->card,
		.consent = consent,
		.n_consents = n,
		.outsider = f->outsider,
	};

	nrm_decide(f->policy, &facts, message, now_ms, ret_verdict);
}

void nrm_casefile_decide(const struct nrm_casefile *f, const struct nrm_message *message,
			 uint64_t now_ms, struct nrm_verdict *ret_verdict)
{
	if (nrm_directory_valid_until(f->directory) <= now_ms &&
	    message->basis != NRM_BASIS_EMERGENCY)
		*ret_verdict = (struct nrm_verdict){.reason = NRM_REASON_DIRECTORY_EXPIRED,
						    .told = NRM_REASON_DIRECTORY_EXPIRED};
	else
		decide(f, f->consent, f->n_consents, message, now_ms, ret_verdict);
}

/* ---- the consent that is wanting ---- */

#define CONSENT_REASONS                                                              \
	(nrm_bit(NRM_REASON_NO_CONSENT) | nrm_bit(NRM_REASON_CONSENT_WITHDRAWN) |    \
	 nrm_bit(NRM_REASON_CONSENT_EXPIRED) | nrm_bit(NRM_REASON_CONSENT_INVALID) | \
	 nrm_bit(NRM_REASON_COUNTRY_NOT_COVERED))

/* Who speaks for an adult, and who for a child or a person of unknown age. */
#define GIVERS_ADULT (nrm_bit(NRM_GIVEN_BY_ADULT) | nrm_bit(NRM_GIVEN_BY_ADULT_WITH_SUPPORTER))
#define GIVERS_CHILD (nrm_bit(NRM_GIVEN_BY_CHILD_AND_GUARDIAN) | nrm_bit(NRM_GIVEN_BY_CHILD))

/* Tries a consent given by each who may give one, recorded by `recorder`; adds those with which it passes. */
static void try_givers(const struct nrm_casefile *f, const struct nrm_message *message,
		       uint32_t recorder, uint64_t now_ms, struct nrm_wanted_consent *wanted)
{
	struct nrm_consent consent = {
		.services = nrm_bit(message->service),
		.recipient = {message->recipient},
		.n_recipients = 1,
		.named_fields = wanted->fields,
		.country = {wanted->country},
		.n_countries = wanted->country != 0,
		.purpose = message->purpose,
		.from = now_ms,
		.until = UINT64_MAX,
		.heard = NRM_HEARD_HEARD,
		.understood = true,
		.recorder = {recorder},
		.n_recorders = 1,
	};

	const nrm_mask givers = f->card.age_class == NRM_AGE_CLASS_ADULT ? GIVERS_ADULT
									 : GIVERS_CHILD;

	for (uint32_t giver = 1; giver < NRM_GIVEN_BY_END_; giver++) {
		struct nrm_verdict v;

		if (!nrm_has(givers, giver))
			continue;
		consent.given_by = giver;
		decide(f, &consent, 1, message, now_ms, &v);
		if (!v.consents)
			continue;
		wanted->given_by |= 1u << giver;
		wanted->outcome = v.outcome;
		wanted->reason = v.told;
	}
}

bool nrm_casefile_wants(const struct nrm_casefile *f, const struct nrm_message *message,
			const struct nrm_verdict *verdict, uint64_t now_ms,
			struct nrm_wanted_consent *ret_wanted)
{
	const bool forward = verdict->outcome == NRM_OUTCOME_FORWARD;
	struct nrm_wanted_consent wanted = {0};

	if (message->basis != NRM_BASIS_CONSENT || message->recipient == 0 ||
	    !(forward ? verdict->not_consented != 0 : nrm_has(CONSENT_REASONS, verdict->reason)))
		return false;
	const struct nrm_party *recipient = &f->party[message->recipient];
	wanted.fields = message->fields &
			nrm_needed(f->policy, recipient, message->service, message->type) &
			~nrm_secret(f->policy, recipient, message->service);
	if (recipient->country != nrm_directory_country(f->directory))
		wanted.country = recipient->country;
	try_givers(f, message, f->self, now_ms, &wanted);
	if (!wanted.given_by) {
		wanted.by_another = true;
		try_givers(f, message, message->recipient, now_ms, &wanted);
	}
	if (!wanted.given_by)
		return false;
	*ret_wanted = wanted;
	return true;
}
