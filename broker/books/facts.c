/*
 * Facts arrive as signed statements to the broker itself: consents, withdrawals, case cards. Each is admitted
 * only from who may state it (policy.md, "Facts on a case") and applied in the transaction that records it.
 */
#include "broker/books/state.h"

static uint64_t mask_of(struct nrm_codes codes)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < codes.n; i++)
		mask |= nrm_bit(codes.code[i]);
	return mask;
}

/* --- consents --- */

/* The grant as the decision reads it. Recipients the directory never named cover nobody. */
static void compile_consent(const struct nrm_books *books, const struct nrm_statement *st,
			    struct nrm_consent *consent)
{
	const struct nrm_consent_grant *g = &st->body.consent_grant;

	*consent = (struct nrm_consent){
		.given_by = g->given_by,
		.services = mask_of(g->service),
		.any_service = g->any_service,
		.recipient_roles = mask_of(g->recipient_role),
		.any_recipient = g->any_recipient,
		.named_fields = mask_of(g->field),
		.categories = mask_of(g->category),
		.any_field = g->any_field,
		.purpose = g->purpose,
		.phase = st->phase,
		.from = g->from_ms,
		.until = g->until_ms,
		.heard = g->heard,
		.understood = g->understood,
		.interpreter_conflict = g->interpreter_conflict,
		.guardian = nrm_roll_find(&books->roll, g->guardian),
	};
	consent->guardian_unknown = g->guardian.len > 0 && consent->guardian == 0;
	for (size_t i = 0; i < g->recipient.n; i++) {
		uint32_t handle = nrm_roll_find(&books->roll, g->recipient.item[i]);
		if (handle)
			consent->recipient[consent->n_recipients++] = handle;
	}
	for (size_t i = 0; i < g->country.n; i++)
		consent->country[consent->n_countries++] = nrm_country_code(g->country.item[i]);
}

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
	compile_consent(books, st, consent);
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

/* A fact in handles; false when it names a participant that no directory knows. */
static bool claim_of(const struct nrm_books *books, const struct nrm_stated_fact *fact,
		     struct nrm_claim *claim)
{
	struct nrm_slice participant = nrm_slice(NULL, 0);

	*claim = (struct nrm_claim){.kind = fact->kind};
	switch (fact->kind) {
	case NRM_FACT_AGE_CLASS:
		claim->age_class = fact->is.age_class;
		break;
	case NRM_FACT_ADULT_SINCE:
	case NRM_FACT_LAST_THREAT:
	case NRM_FACT_REFLECTION_UNTIL:
		claim->time = fact->is.time_ms;
		break;
	case NRM_FACT_GUARDIAN:
		claim->guardian = fact->is.guardian.kind;
		participant = fact->is.guardian.participant;
		break;
	case NRM_FACT_EXCLUDED:
	case NRM_FACT_RECEIVING_MANAGER:
		participant = fact->is.participant;
		break;
	case NRM_FACT_COMPLICIT_PARENT:
	case NRM_FACT_ASYLUM_SEEKER:
	case NRM_FACT_CONSULATE_WISHED:
		claim->yes = fact->is.yes;
		break;
	case NRM_FACT_REFUSED:
	case NRM_FACT_CONTACT:
		claim->codes = mask_of(fact->is.codes);
		break;
	case NRM_FACT_ASSESSMENT:
		claim->assessment = fact->is.assessment.kind;
		claim->time = fact->is.assessment.date_ms;
		break;
	default:
		return false;
	}
	claim->participant = nrm_roll_find(&books->roll, participant);
	return participant.len == 0 || claim->participant != 0;
}

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

		if (!claim_of(books, &st->body.case_card.fact[i], &claim) ||
		    !nrm_may_state(books->options.policy, party, sender, manages, &card, &claim) ||
		    !nrm_card_apply(books->options.policy, &card, &claim, party, st->issued_at_ms))
			return false;
	}
	c->card = card;
	return true;
}

enum nrm_err nrm_books_state_facts(struct nrm_books *books, struct nrm_case *c, bool known_case,
				   uint32_t sender, const struct nrm_statement *st,
				   struct nrm_verdict *ret_verdict)
{
	const struct nrm_policy *policy = books->options.policy;
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
