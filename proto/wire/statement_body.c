/* The table of bodies, and those that are short. */
#include "proto/wire/statement_body.h"

#include "proto/base/limits.h"

static enum nrm_err referral_read(const void *message, struct nrm_arena *arena,
				  struct nrm_statement *ret_statement)
{
	const Nrm__Referral *m = message;
	struct nrm_referral r = {
		.urgency = (enum nrm_urgency)m->urgency,
		.region = nrm_slice_str(m->region),
		.contact_by = (enum nrm_channel)m->contact_by,
		.statement_on_file = nrm_read_bytes(m->statement_on_file),
		.linked_case = nrm_read_bytes(m->linked_case),
	};

	(void)arena;
	if (!nrm_no_message_id_or_ok(r.statement_on_file) ||
	    !nrm_no_bytes_or_length(r.linked_case, NRM_CASE_ID_LEN))
		return NRM_ERR_ID;
	if (!nrm_region_ok(r.region))
		return NRM_ERR_FORMAT;
	ret_statement->body.referral = r;
	return NRM_OK;
}

static enum nrm_err referral_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				   void *message)
{
	const struct nrm_referral *r = &statement->body.referral;
	Nrm__Referral *m = message;

	m->urgency = (Nrm__Urgency)r->urgency;
	m->contact_by = (Nrm__Channel)r->contact_by;
	m->statement_on_file = nrm_write_bytes(r->statement_on_file);
	m->linked_case = nrm_write_bytes(r->linked_case);
	return nrm_write_string(r->region, arena, &m->region);
}

static enum nrm_err response_read(const void *message, struct nrm_arena *arena,
				  struct nrm_statement *ret_statement)
{
	const Nrm__Response *m = message;
	struct nrm_response r = {
		.in_reply_to = nrm_read_bytes(m->in_reply_to),
		.answer = (enum nrm_answer)m->answer,
		.decline = (enum nrm_decline)m->decline_reason,
		.appeal_to = nrm_slice_str(m->appeal_to),
		.ask_again_at_ms = m->ask_again_at_ms,
	};

	(void)arena;
	if (!nrm_message_id_ok(r.in_reply_to) || !nrm_no_participant_or_ok(r.appeal_to))
		return NRM_ERR_ID;
	ret_statement->body.response = r;
	return NRM_OK;
}

static enum nrm_err response_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				   void *message)
{
	const struct nrm_response *r = &statement->body.response;
	Nrm__Response *m = message;

	m->in_reply_to = nrm_write_bytes(r->in_reply_to);
	m->answer = (Nrm__Answer)r->answer;
	m->decline_reason = (Nrm__DeclineReason)r->decline;
	m->ask_again_at_ms = r->ask_again_at_ms;
	return nrm_write_string(r->appeal_to, arena, &m->appeal_to);
}

/* An update says of each domain once how it stands. */
static enum nrm_err update_read(const void *message, struct nrm_arena *arena,
				struct nrm_statement *ret_statement)
{
	const Nrm__Update *m = message;
	struct nrm_domain_outcome *outcome =
		nrm_arena_alloc(arena, m->n_outcome * sizeof(*outcome));
	nrm_mask seen = 0;

	if (!outcome)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < m->n_outcome; i++) {
		const Nrm__DomainOutcome *o = m->outcome[i];
		if (!o->domain || !o->progress)
			return NRM_ERR_UNKNOWN_CODE;
		if (seen & nrm_bit(o->domain))
			return NRM_ERR_DUPLICATE;
		seen |= nrm_bit(o->domain);
		outcome[i] = (struct nrm_domain_outcome){
			.domain = (enum nrm_domain)o->domain,
			.progress = (enum nrm_progress)o->progress,
			.date_ms = o->date_ms,
		};
	}

	struct nrm_update u = {
		.about = nrm_read_bytes(m->about),
		.step = (enum nrm_step)m->step,
		.outcome = outcome,
		.n_outcomes = m->n_outcome,
		.contact_by = (enum nrm_channel)m->contact_by,
	};
	if (!nrm_message_id_ok(u.about))
		return NRM_ERR_ID;
	ret_statement->body.update = u;
	return NRM_OK;
}

static enum nrm_err update_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				 void *message)
{
	const struct nrm_update *u = &statement->body.update;
	Nrm__Update *m = message;

	m->outcome = nrm_message_list(&nrm__domain_outcome__descriptor, u->n_outcomes, arena);
	if (!m->outcome)
		return NRM_ERR_NOMEM;
	m->n_outcome = u->n_outcomes;
	for (size_t i = 0; i < u->n_outcomes; i++) {
		m->outcome[i]->domain = (Nrm__Domain)u->outcome[i].domain;
		m->outcome[i]->progress = (Nrm__Progress)u->outcome[i].progress;
		m->outcome[i]->date_ms = u->outcome[i].date_ms;
	}
	m->about = nrm_write_bytes(u->about);
	m->step = (Nrm__Step)u->step;
	m->contact_by = (Nrm__Channel)u->contact_by;
	return NRM_OK;
}

static enum nrm_err withdrawal_read(const void *message, struct nrm_arena *arena,
				    struct nrm_statement *ret_statement)
{
	const Nrm__ConsentWithdrawal *m = message;
	struct nrm_slice consent_id = nrm_read_bytes(m->consent_id);

	(void)arena;
	if (!nrm_no_bytes_or_length(consent_id, NRM_CONSENT_ID_LEN))
		return NRM_ERR_ID;
	ret_statement->body.withdrawal = consent_id;
	return NRM_OK;
}

static enum nrm_err withdrawal_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				     void *message)
{
	Nrm__ConsentWithdrawal *m = message;

	(void)arena;
	m->consent_id = nrm_write_bytes(statement->body.withdrawal);
	return NRM_OK;
}

static enum nrm_err complaint_read(const void *message, struct nrm_arena *arena,
				   struct nrm_statement *ret_statement)
{
	const Nrm__Complaint *m = message;
	struct nrm_slice about = nrm_slice_str(m->about);
	struct nrm_slice regarding = nrm_read_bytes(m->regarding);

	(void)arena;
	if (!nrm_participant_id_ok(about) || !nrm_no_message_id_or_ok(regarding))
		return NRM_ERR_ID;
	ret_statement->body.complaint.about = about;
	ret_statement->body.complaint.regarding = regarding;
	return NRM_OK;
}

static enum nrm_err complaint_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				    void *message)
{
	Nrm__Complaint *m = message;

	m->regarding = nrm_write_bytes(statement->body.complaint.regarding);
	return nrm_write_string(statement->body.complaint.about, arena, &m->about);
}

static enum nrm_err notification_read(const void *message, struct nrm_arena *arena,
				      struct nrm_statement *ret_statement)
{
	const Nrm__Notification *m = message;
	struct nrm_slice region = nrm_slice_str(m->region);

	(void)arena;
	if (!nrm_region_ok(region))
		return NRM_ERR_FORMAT;
	ret_statement->body.notification.region = region;
	ret_statement->body.notification.persons = m->persons;
	return NRM_OK;
}

static enum nrm_err notification_write(const struct nrm_statement *statement,
				       struct nrm_arena *arena, void *message)
{
	Nrm__Notification *m = message;

	m->persons = statement->body.notification.persons;
	return nrm_write_string(statement->body.notification.region, arena, &m->region);
}

static enum nrm_err notice_read(const void *message, struct nrm_arena *arena,
				struct nrm_statement *ret_statement)
{
	const Nrm__Notice *m = message;
	struct nrm_slice about = nrm_read_bytes(m->about);

	(void)arena;
	if (!nrm_no_message_id_or_ok(about))
		return NRM_ERR_ID;
	ret_statement->body.notice.kind = (enum nrm_notice_kind)m->kind;
	ret_statement->body.notice.about = about;
	ret_statement->body.notice.until_ms = m->until_ms;
	ret_statement->body.notice.reason = (enum nrm_reason)m->reason;
	return NRM_OK;
}

static enum nrm_err notice_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				 void *message)
{
	Nrm__Notice *m = message;

	(void)arena;
	m->kind = (Nrm__NoticeKind)statement->body.notice.kind;
	m->about = nrm_write_bytes(statement->body.notice.about);
	m->until_ms = statement->body.notice.until_ms;
	m->reason = (Nrm__Reason)statement->body.notice.reason;
	return NRM_OK;
}

#define ROW(member, name, read, write)                                                 \
	{                                                                              \
		NRM__STATEMENT__BODY_##member, &nrm__##name##__descriptor, read, write \
	}

const struct nrm_body_form nrm_body_forms[NRM_MESSAGE_TYPE_END_] = {
	[NRM_MESSAGE_TYPE_REFERRAL] = ROW(REFERRAL, referral, referral_read, referral_write),
	[NRM_MESSAGE_TYPE_RESPONSE] = ROW(RESPONSE, response, response_read, response_write),
	[NRM_MESSAGE_TYPE_UPDATE] = ROW(UPDATE, update, update_read, update_write),
	[NRM_MESSAGE_TYPE_CONSENT_GRANT] =
		ROW(CONSENT_GRANT, consent_grant, nrm_consent_grant_read, nrm_consent_grant_write),
	[NRM_MESSAGE_TYPE_WITHDRAWAL] =
		ROW(CONSENT_WITHDRAWAL, consent_withdrawal, withdrawal_read, withdrawal_write),
	[NRM_MESSAGE_TYPE_CASE_CARD] =
		ROW(CASE_CARD, case_card, nrm_case_card_read, nrm_case_card_write),
	[NRM_MESSAGE_TYPE_COMPLAINT] = ROW(COMPLAINT, complaint, complaint_read, complaint_write),
	[NRM_MESSAGE_TYPE_NOTIFICATION] =
		ROW(NOTIFICATION, notification, notification_read, notification_write),
	[NRM_MESSAGE_TYPE_ERASURE_ORDER] =
		ROW(ERASURE_ORDER, erasure_order, nrm_erasure_order_read, nrm_erasure_order_write),
	[NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION] = ROW(ERASURE_CONFIRMATION, erasure_confirmation,
						      nrm_erasure_confirmation_read,
						      nrm_erasure_confirmation_write),
	[NRM_MESSAGE_TYPE_NOTICE] = ROW(NOTICE, notice, notice_read, notice_write),
};
