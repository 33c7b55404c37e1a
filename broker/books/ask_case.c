/*
 * What a party may ask the broker of its case: the card and the consents, each as far as it may see them
 * (config/README.md, "How open texts were read"). Who is no party, or excluded, is answered as if there were no case.
 */
#include "broker/books/state.h"

/* Who asks, and about which case. */
struct reader {
	struct nrm_books *books;
	const struct nrm_case *c;
	uint32_t handle;
	const struct nrm_party *party;
	bool manages;
};

/* Whether it may know a fact that is for the case's managers and for who may state it. */
static bool may_know(const struct reader *r, enum nrm_fact kind)
{
	const struct nrm_claim claim = {.kind = kind};

	return r->manages || nrm_may_state(r->books->options.policy->rules, r->party, r->handle,
					   r->manages, &r->c->card, &claim);
}

/* The codes of a mask, ascending; NULL without memory. */
static const uint32_t *codes_of(struct nrm_arena *arena, nrm_mask mask, struct nrm_codes *ret_codes)
{
	uint32_t *code = nrm_arena_alloc(arena, 64 * sizeof(*code));
	size_t n = 0;

	for (uint32_t i = 1; code && i < 64; i++)
		if (mask & nrm_bit(i))
			code[n++] = i;
	*ret_codes = (struct nrm_codes){code, n};
	return code;
}

/* --- the card --- */

struct card {
	struct nrm_stated_fact fact[NRM_MAX_CASE_FACTS];
	size_t n;
};

static struct nrm_stated_fact *add(struct card *card, enum nrm_fact kind)
{
	card->fact[card->n].kind = kind;
	return &card->fact[card->n++];
}

static void add_time(struct card *card, enum nrm_fact kind, uint64_t ms)
{
	if (ms)
		add(card, kind)->is.time_ms = ms;
}

static void add_yes(struct card *card, enum nrm_fact kind, const struct nrm_card *k, bool yes)
{
	if (k->stated[kind])
		add(card, kind)->is.yes = yes;
}

/* Facts about the person: every party may know them. */
static enum nrm_err add_person(const struct reader *r, struct card *card)
{
	const struct nrm_card *k = &r->c->card;
	struct nrm_arena *arena = &r->books->arena;

	if (k->age_class)
		add(card, NRM_FACT_AGE_CLASS)->is.age_class = k->age_class;
	add_time(card, NRM_FACT_ADULT_SINCE, k->adult_since);
	add_time(card, NRM_FACT_LAST_THREAT, k->last_threat);
	add_time(card, NRM_FACT_REFLECTION_UNTIL, k->reflection_until);
	add_yes(card, NRM_FACT_ASYLUM_SEEKER, k, k->asylum_seeker);
	add_yes(card, NRM_FACT_CONSULATE_WISHED, k, k->consulate_wished);
	if (k->stated[NRM_FACT_REFUSED] &&
	    !codes_of(arena, k->refused, &add(card, NRM_FACT_REFUSED)->is.codes))
		return NRM_ERR_NOMEM;
	if (k->contact_stated &&
	    !codes_of(arena, k->contact, &add(card, NRM_FACT_CONTACT)->is.codes))
		return NRM_ERR_NOMEM;
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++) {
		if (!k->assessed[a])
			continue;
		struct nrm_stated_fact *f = add(card, NRM_FACT_ASSESSMENT);
		f->is.assessment.kind = a;
		f->is.assessment.date_ms = k->assessed[a];
	}
	return NRM_OK;
}

/* Facts that name participants, or are for some only. */
static void add_others(const struct reader *r, struct card *card)
{
	const struct nrm_roll *roll = &r->books->roll;
	const struct nrm_card *k = &r->c->card;

	if (k->guardian) {
		struct nrm_stated_fact *f = add(card, NRM_FACT_GUARDIAN);
		f->is.guardian.kind = k->guardian;
		f->is.guardian.participant = nrm_roll_id(roll, k->guardian_party);
	}
	if (k->receiving_manager)
		add(card, NRM_FACT_RECEIVING_MANAGER)->is.participant =
			nrm_roll_id(roll, k->receiving_manager);
	if (may_know(r, NRM_FACT_COMPLICIT_PARENT))
		add_yes(card, NRM_FACT_COMPLICIT_PARENT, k, k->complicit_parent);
	for (uint32_t i = 0; may_know(r, NRM_FACT_EXCLUDED) && i < k->n_excluded; i++)
		add(card, NRM_FACT_EXCLUDED)->is.participant = nrm_roll_id(roll, k->excluded[i]);
}

/* --- consents --- */

/* It recorded or confirmed this one, or is reached by it; managers and coordinators see all. */
static bool may_see(const struct reader *r, const struct nrm_consent *consent)
{
	bool any = r->manages || nrm_has(r->party->roles, NRM_ROLE_COORDINATOR) ||
		   consent->any_recipient || (consent->recipient_roles & r->party->roles);

	for (uint32_t i = 0; i < consent->n_recorders; i++)
		any = any || consent->recorder[i] == r->handle;
	for (uint32_t i = 0; i < consent->n_recipients; i++)
		any = any || consent->recipient[i] == r->handle;
	return any;
}

/*
 * When it was withdrawn, as told: who may not know the exclusions is told that a consent to the excluded alone is
 * withdrawn, as its messages to them are told (rule 3).
 */
static uint64_t withdrawn_at(const struct reader *r, const struct nrm_consent *consent)
{
	const struct nrm_card *k = &r->c->card;
	bool excluded = consent->n_recipients > 0 && !consent->any_recipient &&
			!consent->recipient_roles && !may_know(r, NRM_FACT_EXCLUDED);

	for (uint32_t i = 0; i < consent->n_recipients; i++)
		excluded = excluded && nrm_is_excluded(k, consent->recipient[i]);
	return consent->withdrawn_at || !excluded ? consent->withdrawn_at
						  : k->stated[NRM_FACT_EXCLUDED];
}

static enum nrm_err ids_of(const struct nrm_books *books, struct nrm_arena *arena,
			   const uint32_t *handle, uint32_t n, struct nrm_slices *ret_ids)
{
	struct nrm_slice *id = nrm_arena_alloc(arena, n * sizeof(*id));

	for (uint32_t i = 0; id && i < n; i++)
		id[i] = nrm_roll_id(&books->roll, handle[i]);
	*ret_ids = (struct nrm_slices){id, n};
	return id ? NRM_OK : NRM_ERR_NOMEM;
}

static enum nrm_err countries_of(struct nrm_arena *arena, const struct nrm_consent *consent,
				 struct nrm_slices *ret_countries)
{
	struct nrm_slice *list = nrm_arena_alloc(arena, consent->n_countries * sizeof(*list));
	uint8_t *letters = nrm_arena_alloc(arena, consent->n_countries * 2u);

	if (!list || !letters)
		return NRM_ERR_NOMEM;
	for (uint32_t i = 0; i < consent->n_countries; i++) {
		nrm_store_u16(letters + 2 * i, consent->country[i]);
		list[i] = nrm_slice(letters + 2 * i, 2);
	}
	*ret_countries = (struct nrm_slices){list, consent->n_countries};
	return NRM_OK;
}

/* The other way round than broker/terms. Ids are copied: the case may leave the cache before the frame is made. */
static enum nrm_err consent_of(const struct reader *r, uint32_t place,
			       struct nrm_consent_on_file *on_file)
{
	const struct nrm_consent *consent = &r->c->consent[place];
	struct nrm_arena *arena = &r->books->arena;
	const uint8_t *id =
		nrm_arena_copy(arena, r->c->consent_on_file[place].id, NRM_CONSENT_ID_LEN);
	struct nrm_consent_grant g = {
		.consent_id = nrm_slice(id, NRM_CONSENT_ID_LEN),
		.given_by = consent->given_by,
		.any_service = consent->any_service,
		.any_recipient = consent->any_recipient,
		.any_field = consent->any_field,
		.purpose = consent->purpose,
		.from_ms = consent->from,
		.until_ms = consent->until,
		.heard = consent->heard,
		.understood = consent->understood,
		.interpreter_conflict = consent->interpreter_conflict,
		.guardian = nrm_roll_id(&r->books->roll, consent->guardian),
	};

	if (!id || !codes_of(arena, consent->services, &g.service) ||
	    !codes_of(arena, consent->recipient_roles, &g.recipient_role) ||
	    !codes_of(arena, consent->named_fields, &g.field) ||
	    !codes_of(arena, consent->categories, &g.category))
		return NRM_ERR_NOMEM;
	enum nrm_err err =
		ids_of(r->books, arena, consent->recipient, consent->n_recipients, &g.recipient);
	if (err == NRM_OK)
		err = countries_of(arena, consent, &g.country);
	if (err == NRM_OK)
		err = ids_of(r->books, arena, consent->recorder, consent->n_recorders,
			     &on_file->recorder);
	on_file->grant = g;
	on_file->phase = consent->phase;
	on_file->withdrawn_at_ms = withdrawn_at(r, consent);
	on_file->guardian_unknown = consent->guardian_unknown;
	return err;
}

static enum nrm_err tell(const struct reader *r, struct nrm_case_answer *answer)
{
	struct nrm_arena *arena = &r->books->arena;
	struct card *card = nrm_arena_alloc(arena, sizeof(*card));
	struct nrm_consent_on_file *consent =
		nrm_arena_alloc(arena, r->c->n_consents * sizeof(*consent));
	enum nrm_err err = card && consent ? NRM_OK : NRM_ERR_NOMEM;

	if (err == NRM_OK)
		err = add_person(r, card);
	if (err != NRM_OK)
		return err;
	add_others(r, card);
	for (uint32_t i = 0; err == NRM_OK && i < r->c->n_consents; i++)
		if (may_see(r, &r->c->consent[i]))
			err = consent_of(r, i, &consent[answer->n_consents++]);
	answer->known = true;
	answer->manages = r->manages;
	answer->card = (struct nrm_case_card){card->fact, card->n};
	answer->contributed = r->c->card.contributed;
	answer->consent = consent;
	return err;
}

enum nrm_err nrm_books_ask_case(struct nrm_books *books, struct nrm_session *session,
				struct nrm_slice case_id)
{
	struct nrm_to_agent frame = {.kind = NRM_ANSWER_CASE};
	struct nrm_case_answer *answer = &frame.is.case_file;
	const uint8_t *id = nrm_arena_copy(&books->arena, case_id.data, case_id.len);
	struct nrm_case *c = NULL;

	if (!id)
		return NRM_ERR_NOMEM;
	answer->case_id = nrm_slice(id, case_id.len);
	answer->time_ms = books->clock;
	enum nrm_err err = nrm_case_find(&books->cases, books->txn, id, &c);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	const struct nrm_case_party *part = c ? nrm_case_party(c, session->party) : NULL;
	if (part && !nrm_is_excluded(&c->card, session->party)) {
		const struct reader reader = {books, c, session->party,
					      &books->roll.party[session->party],
					      part->part & NRM_CASE_MANAGES};
		err = tell(&reader, answer);
		if (err != NRM_OK)
			return err;
	}
	return nrm_say_frame(books, session, &frame);
}
