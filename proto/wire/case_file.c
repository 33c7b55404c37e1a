/* What the broker tells of a case: facts and consents in the forms in which they were stated. */
#include <assert.h>

#include "proto/wire/frame_message.h"
#include "proto/wire/statement_body.h"

/*
 * The largest answer fits into one frame: a string or a list of codes takes two bytes of head and at most 64, anything
 * else of a consent fits into 128.
 */
enum { TEXT = 2 + 64 };
static_assert(NRM_MAX_ID < 64 && NRM_FIELD_END_ <= 64 && NRM_SERVICE_END_ <= 64,
	      "heads of one byte");
/* One fact of each kind, but of exclusions and assessments as many as there are. */
static_assert((NRM_FACT_END_ - 3) + (NRM_ASSESSMENT_END_ - 1) + NRM_MAX_CASE_EXCLUDED <=
		      NRM_MAX_CASE_FACTS,
	      "room for a whole card");
static_assert(NRM_MAX_CASE_FACTS * 2 * TEXT +
			      NRM_MAX_CASE_CONSENTS *
				      (NRM_MAX_CONSENT_RECIPIENTS * TEXT +
				       NRM_MAX_CONSENT_RECORDERS * TEXT +
				       NRM_MAX_CONSENT_COUNTRIES * 4 + 6 * TEXT + 128) +
			      1024 <=
		      NRM_MAX_FRAME,
	      "one frame holds the largest answer");

static enum nrm_err consent_read(const Nrm__ConsentOnFile *m, struct nrm_arena *arena,
				 struct nrm_consent_on_file *ret_consent)
{
	struct nrm_statement granted;

	if (!m->grant || m->n_recorder == 0)
		return NRM_ERR_FORMAT;
	if (m->n_recorder > NRM_MAX_CONSENT_RECORDERS)
		return NRM_ERR_LIMIT;
	enum nrm_err err = nrm_consent_grant_read(m->grant, arena, &granted);
	if (err == NRM_OK)
		err = nrm_read_strings(m->recorder, m->n_recorder, arena, &ret_consent->recorder);
	for (size_t i = 0; err == NRM_OK && i < m->n_recorder; i++)
		if (!nrm_participant_id_ok(ret_consent->recorder.item[i]))
			err = NRM_ERR_ID;
	if (err == NRM_OK)
		err = nrm_no_duplicates(ret_consent->recorder);
	if (err != NRM_OK)
		return err;
	ret_consent->grant = granted.body.consent_grant;
	ret_consent->phase = (enum nrm_phase)m->phase;
	ret_consent->withdrawn_at_ms = m->withdrawn_at_ms;
	ret_consent->guardian_unknown = m->guardian_unknown;
	return NRM_OK;
}

static enum nrm_err consents_read(const Nrm__CaseAnswer *m, struct nrm_arena *arena,
				  struct nrm_case_answer *answer)
{
	struct nrm_consent_on_file *consent =
		nrm_arena_alloc(arena, m->n_consent * sizeof(*consent));
	enum nrm_err err = consent ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; err == NRM_OK && i < m->n_consent; i++) {
		err = consent_read(m->consent[i], arena, &consent[i]);
		for (size_t j = 0; err == NRM_OK && j < i; j++)
			if (nrm_slice_equal(consent[i].grant.consent_id,
					    consent[j].grant.consent_id))
				err = NRM_ERR_DUPLICATE;
	}
	answer->consent = consent;
	answer->n_consents = m->n_consent;
	return err;
}

enum nrm_err nrm_case_answer_read(const Nrm__CaseAnswer *m, struct nrm_arena *arena,
				  struct nrm_case_answer *ret_answer)
{
	struct nrm_case_answer answer = {.case_id = nrm_read_bytes(m->case_id),
					 .time_ms = m->time_ms,
					 .known = m->known,
					 .manages = m->manages};

	if (answer.case_id.len != NRM_CASE_ID_LEN)
		return NRM_ERR_ID;
	if (m->n_fact > NRM_MAX_CASE_FACTS || m->n_consent > NRM_MAX_CASE_CONSENTS)
		return NRM_ERR_LIMIT;
	if (!m->known && (m->n_fact || m->n_contributed || m->n_consent || m->manages))
		return NRM_ERR_FORMAT;
	enum nrm_err err = nrm_facts_read(m->fact, m->n_fact, arena, &answer.card);
	if (err == NRM_OK)
		err = nrm_read_mask(m->contributed, m->n_contributed, &answer.contributed);
	if (err == NRM_OK)
		err = consents_read(m, arena, &answer);
	if (err == NRM_OK)
		*ret_answer = answer;
	return err;
}

static enum nrm_err consent_write(const struct nrm_consent_on_file *consent,
				  struct nrm_arena *arena, Nrm__ConsentOnFile *m)
{
	const struct nrm_statement granted = {.body.consent_grant = consent->grant};

	m->grant = nrm_message_new(&nrm__consent_grant__descriptor, arena);
	if (!m->grant)
		return NRM_ERR_NOMEM;
	m->phase = (Nrm__Phase)consent->phase;
	m->withdrawn_at_ms = consent->withdrawn_at_ms;
	m->guardian_unknown = consent->guardian_unknown;
	enum nrm_err err = nrm_consent_grant_write(&granted, arena, m->grant);
	return err == NRM_OK
		       ? nrm_write_strings(consent->recorder, arena, &m->n_recorder, &m->recorder)
		       : err;
}

enum nrm_err nrm_case_answer_write(const struct nrm_case_answer *answer, struct nrm_arena *arena,
				   Nrm__CaseAnswer *m)
{
	uint32_t *role = nrm_arena_alloc(arena, 64 * sizeof(*role));
	enum nrm_err err;

	m->case_id = nrm_write_bytes(answer->case_id);
	m->time_ms = answer->time_ms;
	m->known = answer->known;
	m->manages = answer->manages;
	m->consent = nrm_message_list(&nrm__consent_on_file__descriptor, answer->n_consents, arena);
	if (!role || !m->consent)
		return NRM_ERR_NOMEM;
	m->n_consent = answer->n_consents;
	m->n_contributed = nrm_write_mask(answer->contributed, role);
	m->contributed = (Nrm__Role *)role;
	err = nrm_facts_write(&answer->card, arena, &m->n_fact, &m->fact);
	for (size_t i = 0; err == NRM_OK && i < answer->n_consents; i++)
		err = consent_write(&answer->consent[i], arena, m->consent[i]);
	return err;
}
