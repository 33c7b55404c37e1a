/*
 * Facts arrive as signed statements to the broker itself: consents, withdrawals, case cards. Each is admitted
 * only from who may state it (policy.md, "Facts on a case") and applied in the transaction that records it.
 */
#include "broker/books/state.h"
#include "broker/terms/terms.h"

/* The roll as what turns ids into handles. */
static uint32_t find(const void *roll, struct nrm_slice id)
{
	return nrm_roll_find(roll, id);
}

/* --- consents --- */

/* SHA-256 over what was granted, phase included: two records of one consent are equal in all of it or in nothing. */
static enum nrm_err consent_digest(struct nrm_books *books, const struct nrm_statement *st,
				   uint8_t out[static NRM_HASH_LEN])
{
	const struct nrm_statement granted = {
		.version = st->version, .type = st->type, .phase = st->phase, .body = st->body};

	nrm_buf_clear(&books->scratch);
	enum nrm_err err = nrm_statement_encode(&granted, &books->scratch);
	if (err == NRM_OK)
		nrm_sha256_one(nrm_buf_slice(&books->scratch), out);
	return err;
}

static uint32_t find_consent(const struct nrm_case *c, struct nrm_slice id)
{
	uint32_t i = 0;

	while (i < c->n_consents &&
	       !nrm_slice_equal(nrm_slice(c->consent_on_file[i].id, NRM_CONSENT_ID_LEN), id))
		i++;
	return i;
}

/* Another participant's grant of the same id and content confirms it (C5, C6). */
static bool confirm(struct nrm_consent *consent, uint32_t sender)
{
	for (uint32_t i = 0; i < consent->n_recorders; i++)
		if (consent->recorder[i] == sender)
			return true;
	if (consent->n_recorders == NRM_MAX_CONSENT_RECORDERS)
		return false;
	consent->recorder[consent->n_recorders++] = sender;
	return true;
}

static enum nrm_err grant(struct nrm_books *books, struct nrm_case *c, uint32_t sender,
			  const struct nrm_statement *st, bool *ret_admitted)
{
	struct nrm_consent *consent = nrm_arena_alloc(&books->arena, sizeof(*consent));
	struct nrm_slice id = st->body.consent_grant.consent_id;
	uint8_t digest[NRM_HASH_LEN];
	uint32_t place = find_consent(c, id);

	if (!consent)
		return NRM_ERR_NOMEM;
	nrm_terms_consent(&st->body.consent_grant, st->phase, find, &books->roll, consent);
	enum nrm_err err = consent_digest(books, st, digest);
	if (err != NRM_OK)
		return err;
	if (place < c->n_consents) {
		*ret_admitted = memcmp(c->consent_on_file[place].digest, digest, NRM_HASH_LEN) ==
					0 &&
				confirm(&c->consent[place], sender);
		return NRM_OK;
	}
	err = nrm_case_add_consent(c, &place);
	if (err == NRM_ERR_FULL)
		return NRM_OK; /* not admitted: no room for more */
	if (err != NRM_OK)
		return err;
	consent->recorder[consent->n_recorders++] = sender;
	c->consent[place] = *consent;
	memcpy(c->consent_on_file[place].id, id.data, NRM_CONSENT_ID_LEN);
	memcpy(c->consent_on_file[place].digest, digest, NRM_HASH_LEN);
	*ret_admitted = true;
	return NRM_OK;
}

/* Withdrawals always count, from the moment they are recorded (C4); one names a consent, or means all of the case. */
static bool withdraw(const struct nrm_books *books, struct nrm_case *c, struct nrm_slice id)
{
	bool any = false;

	for (uint32_t i = 0; i < c->n_consents; i++) {
		if (id.len &&
		    !nrm_slice_equal(nrm_slice(c->consent_on_file[i].id, NRM_CONSENT_ID_LEN), id))
			continue;
		if (c->consent[i].withdrawn_at == 0)
			c->consent[i].withdrawn_at = books->clock;
		any = true;
	}
	return any || id.len == 0;
}

/* --- the case card --- */

/* All facts of a card or none: the card changes only when each is admitted and applied. */
static bool state_card(const struct nrm_books *books, struct nrm_case *c, uint32_t sender,
		       const struct nrm_statement *st)
{
	const struct nrm_party *party = &books->roll.party[sender];
	const struct nrm_case_party *part = nrm_case_party(c, sender);
	bool manages = part && (part->part & NRM_CASE_MANAGES);
	struct nrm_card card = c->card;

	for (size_t i = 0; i < st->body.case_card.n; i++) {
		struct nrm_claim claim;

		if (!nrm_terms_claim(&st->body.case_card.fact[i], find, &books->roll, &claim) ||
		    !nrm_may_state(books->options.policy->rules, party, sender, manages, &card,
				   &claim) ||
		    !nrm_card_apply(books->options.policy->rules, &card, &claim, party,
				    st->issued_at_ms))
			return false;
	}
	c->card = card;
	return true;
}

enum nrm_err nrm_books_state_facts(struct nrm_books *books, struct nrm_case *c, bool known_case,
				   uint32_t sender, const struct nrm_statement *st,
				   struct nrm_verdict *ret_verdict)
{
	const struct nrm_policy *policy = books->options.policy->rules;
	const struct nrm_party *party = &books->roll.party[sender];
	bool is_party = nrm_case_party(c, sender) != NULL && !nrm_is_excluded(&c->card, sender);
	bool admitted = false;
	enum nrm_err err = NRM_OK;

	*ret_verdict = (struct nrm_verdict){0};
	if (nrm_books_outdated(books, st)) {
		ret_verdict->reason = ret_verdict->told = NRM_REASON_DIRECTORY_EXPIRED;
		return NRM_OK;
	}
	switch (st->type) {
	case NRM_MESSAGE_TYPE_CONSENT_GRANT:
		if (is_party && nrm_may_record_consent(policy, party))
			err = grant(books, c, sender, st, &admitted);
		break;
	case NRM_MESSAGE_TYPE_WITHDRAWAL:
		if (nrm_may_withdraw(policy, party, is_party))
			admitted = withdraw(books, c, st->body.withdrawal);
		break;
	default:
		if (is_party)
			admitted = state_card(books, c, sender, st);
	}
	if (err != NRM_OK)
		return err;
	ret_verdict->reason = admitted ? NRM_REASON_OK : NRM_REASON_FACT_NOT_ALLOWED;
	if (!admitted && known_case && !is_party)
		ret_verdict->reason = NRM_REASON_EXCLUDED;
	ret_verdict->told = nrm_told(ret_verdict->reason);
	ret_verdict->outcome = admitted ? NRM_OUTCOME_FORWARD : NRM_OUTCOME_REFUSE;
	if (admitted)
		nrm_case_changed(&books->cases, c);
	return NRM_OK;
}
