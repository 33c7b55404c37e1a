/* The body of a case card: facts, each of one kind. */
#include "proto/base/limits.h"
#include "proto/wire/statement_body.h"

/* protobuf-c keeps the members in a union: those of one type are read and written through its first. */
static enum nrm_err read_fact(const Nrm__Fact *m, struct nrm_stated_fact *f)
{
	f->kind = (enum nrm_fact)m->fact_case;
	switch (m->fact_case) {
	case NRM__FACT__FACT_AGE_CLASS:
		f->is.age_class = (enum nrm_age_class)m->age_class;
		return NRM_OK;
	case NRM__FACT__FACT_ADULT_SINCE_MS:
	case NRM__FACT__FACT_LAST_THREAT_MS:
	case NRM__FACT__FACT_REFLECTION_UNTIL_MS:
		f->is.time_ms = m->adult_since_ms;
		return NRM_OK;
	case NRM__FACT__FACT_GUARDIAN:
		f->is.guardian.kind = (enum nrm_guardian)m->guardian->kind;
		f->is.guardian.participant = nrm_slice_str(m->guardian->participant);
		if (f->is.guardian.kind == NRM_GUARDIAN_ABSENT)
			return NRM_ERR_UNKNOWN_CODE;
		if (f->is.guardian.kind == NRM_GUARDIAN_PARTICIPANT)
			return nrm_participant_id_ok(f->is.guardian.participant) ? NRM_OK
										 : NRM_ERR_ID;
		return f->is.guardian.participant.len == 0 ? NRM_OK : NRM_ERR_ID;
	case NRM__FACT__FACT_COMPLICIT_PARENT:
	case NRM__FACT__FACT_ASYLUM_SEEKER:
	case NRM__FACT__FACT_CONSULATE_WISHED:
		f->is.yes = m->complicit_parent;
		return NRM_OK;
	case NRM__FACT__FACT_EXCLUDED:
	case NRM__FACT__FACT_RECEIVING_MANAGER:
		f->is.participant = nrm_slice_str(m->excluded);
		return nrm_participant_id_ok(f->is.participant) ? NRM_OK : NRM_ERR_ID;
	case NRM__FACT__FACT_REFUSED:
		f->is.codes.code = (const uint32_t *)m->refused->service;
		f->is.codes.n = m->refused->n_service;
		return NRM_OK;
	case NRM__FACT__FACT_CONTACT:
		f->is.codes.code = (const uint32_t *)m->contact->channel;
		f->is.codes.n = m->contact->n_channel;
		return NRM_OK;
	case NRM__FACT__FACT_ASSESSMENT:
		f->is.assessment.kind = (enum nrm_assessment)m->assessment->assessment;
		f->is.assessment.date_ms = m->assessment->date_ms;
		return f->is.assessment.kind ? NRM_OK : NRM_ERR_UNKNOWN_CODE;
	default:
		return NRM_ERR_FORMAT;
	}
}

/* A card says each thing once: only exclusions and assessments may be several, of different ones. */
static bool same_thing(const struct nrm_stated_fact *a, const struct nrm_stated_fact *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == NRM_FACT_EXCLUDED)
		return nrm_slice_equal(a->is.participant, b->is.participant);
	if (a->kind == NRM_FACT_ASSESSMENT)
		return a->is.assessment.kind == b->is.assessment.kind;
	return true;
}

enum nrm_err nrm_facts_read(Nrm__Fact *const *message, size_t n, struct nrm_arena *arena,
			    struct nrm_case_card *ret_card)
{
	struct nrm_stated_fact *fact = nrm_arena_alloc(arena, n * sizeof(*fact));
	enum nrm_err err = fact ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; i < n && err == NRM_OK; i++) {
		err = read_fact(message[i], &fact[i]);
		for (size_t j = 0; j < i && err == NRM_OK; j++)
			if (same_thing(&fact[i], &fact[j]))
				err = NRM_ERR_DUPLICATE;
	}
	if (err == NRM_OK)
		*ret_card = (struct nrm_case_card){fact, n};
	return err;
}

enum nrm_err nrm_case_card_read(const void *message, struct nrm_arena *arena,
				struct nrm_statement *ret_statement)
{
	const Nrm__CaseCard *m = message;

	if (m->n_fact > NRM_MAX_CARD_FACTS)
		return NRM_ERR_LIMIT;
	return nrm_facts_read(m->fact, m->n_fact, arena, &ret_statement->body.case_card);
}

static enum nrm_err write_guardian(const struct nrm_stated_fact *f, struct nrm_arena *arena,
				   Nrm__Fact *m)
{
	m->guardian = nrm_message_new(&nrm__guardian__descriptor, arena);
	if (!m->guardian)
		return NRM_ERR_NOMEM;
	m->guardian->kind = (Nrm__GuardianKind)f->is.guardian.kind;
	return nrm_write_string(f->is.guardian.participant, arena, &m->guardian->participant);
}

static enum nrm_err write_refused(const struct nrm_stated_fact *f, struct nrm_arena *arena,
				  Nrm__Fact *m)
{
	m->refused = nrm_message_new(&nrm__service_list__descriptor, arena);
	if (!m->refused)
		return NRM_ERR_NOMEM;
	m->refused->n_service = f->is.codes.n;
	m->refused->service = (Nrm__Service *)f->is.codes.code;
	return NRM_OK;
}

static enum nrm_err write_contact(const struct nrm_stated_fact *f, struct nrm_arena *arena,
				  Nrm__Fact *m)
{
	m->contact = nrm_message_new(&nrm__channel_list__descriptor, arena);
	if (!m->contact)
		return NRM_ERR_NOMEM;
	m->contact->n_channel = f->is.codes.n;
	m->contact->channel = (Nrm__Channel *)f->is.codes.code;
	return NRM_OK;
}

static enum nrm_err write_assessment(const struct nrm_stated_fact *f, struct nrm_arena *arena,
				     Nrm__Fact *m)
{
	m->assessment = nrm_message_new(&nrm__assessment_date__descriptor, arena);
	if (!m->assessment)
		return NRM_ERR_NOMEM;
	m->assessment->assessment = (Nrm__Assessment)f->is.assessment.kind;
	m->assessment->date_ms = f->is.assessment.date_ms;
	return NRM_OK;
}

static enum nrm_err write_fact(const struct nrm_stated_fact *f, struct nrm_arena *arena,
			       Nrm__Fact *m)
{
	m->fact_case = (Nrm__Fact__FactCase)f->kind;
	switch (m->fact_case) {
	case NRM__FACT__FACT_AGE_CLASS:
		m->age_class = (Nrm__AgeClass)f->is.age_class;
		return NRM_OK;
	case NRM__FACT__FACT_ADULT_SINCE_MS:
	case NRM__FACT__FACT_LAST_THREAT_MS:
	case NRM__FACT__FACT_REFLECTION_UNTIL_MS:
		m->adult_since_ms = f->is.time_ms;
		return NRM_OK;
	case NRM__FACT__FACT_GUARDIAN:
		return write_guardian(f, arena, m);
	case NRM__FACT__FACT_COMPLICIT_PARENT:
	case NRM__FACT__FACT_ASYLUM_SEEKER:
	case NRM__FACT__FACT_CONSULATE_WISHED:
		m->complicit_parent = f->is.yes;
		return NRM_OK;
	case NRM__FACT__FACT_EXCLUDED:
	case NRM__FACT__FACT_RECEIVING_MANAGER:
		return nrm_write_string(f->is.participant, arena, &m->excluded);
	case NRM__FACT__FACT_REFUSED:
		return write_refused(f, arena, m);
	case NRM__FACT__FACT_CONTACT:
		return write_contact(f, arena, m);
	case NRM__FACT__FACT_ASSESSMENT:
		return write_assessment(f, arena, m);
	default:
		return NRM_ERR_ARGUMENT;
	}
}

enum nrm_err nrm_facts_write(const struct nrm_case_card *card, struct nrm_arena *arena,
			     size_t *ret_n, Nrm__Fact ***ret_message)
{
	Nrm__Fact **message = nrm_message_list(&nrm__fact__descriptor, card->n, arena);
	enum nrm_err err = message ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; i < card->n && err == NRM_OK; i++)
		err = write_fact(&card->fact[i], arena, message[i]);
	if (err != NRM_OK)
		return err;
	*ret_n = card->n;
	*ret_message = message;
	return NRM_OK;
}

enum nrm_err nrm_case_card_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				 void *message)
{
	Nrm__CaseCard *m = message;

	return nrm_facts_write(&statement->body.case_card, arena, &m->n_fact, &m->fact);
}
