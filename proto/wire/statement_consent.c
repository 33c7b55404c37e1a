/* The body of a consent grant. */
#include "proto/base/limits.h"
#include "proto/wire/statement_body.h"

static bool language_ok(struct nrm_slice tag)
{
	if (tag.len > NRM_MAX_LANGUAGE_TAG)
		return false;
	for (size_t i = 0; i < tag.len; i++) {
		uint8_t c = tag.data[i] | 0x20; /* letters in lower case; '-' and digits stay */
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static enum nrm_err check(const struct nrm_consent_grant *g)
{
	enum nrm_err err;

	if (g->recipient.n > NRM_MAX_CONSENT_RECIPIENTS || g->country.n > NRM_MAX_CONSENT_COUNTRIES)
		return NRM_ERR_LIMIT;
	if (g->consent_id.len != NRM_CONSENT_ID_LEN || !nrm_no_participant_or_ok(g->interpreter) ||
	    !nrm_no_participant_or_ok(g->guardian))
		return NRM_ERR_ID;
	for (size_t i = 0; i < g->recipient.n; i++)
		if (!nrm_participant_id_ok(g->recipient.item[i]))
			return NRM_ERR_ID;
	for (size_t i = 0; i < g->country.n; i++)
		if (!nrm_country_ok(g->country.item[i]))
			return NRM_ERR_FORMAT;
	if (!language_ok(g->language))
		return NRM_ERR_FORMAT;
	err = nrm_no_duplicates(g->recipient);
	return err == NRM_OK ? nrm_no_duplicates(g->country) : err;
}

enum nrm_err nrm_consent_grant_read(const void *message, struct nrm_arena *arena,
				    struct nrm_statement *ret_statement)
{
	const Nrm__ConsentGrant *m = message;
	struct nrm_consent_grant g = {
		.consent_id = nrm_read_bytes(m->consent_id),
		.given_by = (enum nrm_given_by)m->given_by,
		.service = {(const uint32_t *)m->service, m->n_service},
		.any_service = m->any_service,
		.recipient_role = {(const uint32_t *)m->recipient_role, m->n_recipient_role},
		.any_recipient = m->any_recipient,
		.field = {(const uint32_t *)m->field, m->n_field},
		.category = {(const uint32_t *)m->category, m->n_category},
		.any_field = m->any_field,
		.purpose = (enum nrm_purpose)m->purpose,
		.from_ms = m->from_ms,
		.until_ms = m->until_ms,
		.heard = (enum nrm_heard)m->heard,
		.understood = m->understood,
		.interpreter_conflict = m->interpreter_conflict,
		.interpreter = nrm_slice_str(m->interpreter),
		.language = nrm_slice_str(m->language),
		.mode = (enum nrm_mode)m->mode,
		.guardian = nrm_slice_str(m->guardian),
	};
	enum nrm_err err = nrm_read_strings(m->recipient, m->n_recipient, arena, &g.recipient);

	if (err == NRM_OK)
		err = nrm_read_strings(m->country, m->n_country, arena, &g.country);
	if (err == NRM_OK)
		err = check(&g);
	if (err == NRM_OK)
		ret_statement->body.consent_grant = g;
	return err;
}

enum nrm_err nrm_consent_grant_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				     void *message)
{
	const struct nrm_consent_grant *g = &statement->body.consent_grant;
	Nrm__ConsentGrant *m = message;
	enum nrm_err err = nrm_write_strings(g->recipient, arena, &m->n_recipient, &m->recipient);

	if (err == NRM_OK)
		err = nrm_write_strings(g->country, arena, &m->n_country, &m->country);
	if (err == NRM_OK)
		err = nrm_write_string(g->interpreter, arena, &m->interpreter);
	if (err == NRM_OK)
		err = nrm_write_string(g->language, arena, &m->language);
	if (err == NRM_OK)
		err = nrm_write_string(g->guardian, arena, &m->guardian);

	m->consent_id = nrm_write_bytes(g->consent_id);
	m->given_by = (Nrm__GivenBy)g->given_by;
	m->n_service = g->service.n;
	m->service = (Nrm__Service *)g->service.code;
	m->any_service = g->any_service;
	m->n_recipient_role = g->recipient_role.n;
	m->recipient_role = (Nrm__Role *)g->recipient_role.code;
	m->any_recipient = g->any_recipient;
	m->n_field = g->field.n;
	m->field = (Nrm__Field *)g->field.code;
	m->n_category = g->category.n;
	m->category = (Nrm__Category *)g->category.code;
	m->any_field = g->any_field;
	m->purpose = (Nrm__Purpose)g->purpose;
	m->from_ms = g->from_ms;
	m->until_ms = g->until_ms;
	m->heard = (Nrm__Heard)g->heard;
	m->understood = g->understood;
	m->interpreter_conflict = g->interpreter_conflict;
	m->mode = (Nrm__ExplanationMode)g->mode;
	return err;
}
