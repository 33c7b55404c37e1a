/* Views as bytes. */
#include "proto/base/limits.h"
#include "proto/trail.pb-c.h"
#include "proto/wire/envelope_message.h"
#include "proto/wire/leaf.h"
#include "proto/wire/pack.h"

#define WITHHELD \
	(sizeof(((struct nrm_view *)0)->withheld) / sizeof(((struct nrm_view *)0)->withheld[0]))
#define LAST_RULE 20

static size_t withheld_size(const struct nrm_view *v, size_t i)
{
	return nrm_number_size(1, v->withheld[i].reason) + nrm_mask_size(2, v->withheld[i].fields);
}

static void pack_withheld(struct nrm_buf *out, const struct nrm_view *v)
{
	for (size_t i = 0; i < WITHHELD; i++) {
		if (v->withheld[i].reason == NRM_REASON_ABSENT)
			continue;
		nrm_pack_head(out, 7, withheld_size(v, i));
		nrm_pack_number(out, 1, v->withheld[i].reason);
		nrm_pack_mask(out, 2, v->withheld[i].fields);
	}
}

static void pack_missing(struct nrm_buf *out, const struct nrm_view *v)
{
	for (uint32_t missing = v->missing; missing; missing &= missing - 1) {
		uint32_t assessment = (uint32_t)__builtin_ctz(missing);

		nrm_pack_head(out, 10, nrm_number_size(1, assessment));
		nrm_pack_number(out, 1, assessment);
	}
}

enum nrm_err nrm_view_encode(const struct nrm_view *view, struct nrm_buf *out)
{
	if (view->consent_id.n > NRM_MAX_CASE_CONSENTS || view->subject.len > NRM_MAX_ID ||
	    (view->has_signature && view->signature.path.n > NRM_MAX_PROOF_PATH) ||
	    (view->has_ack_signature && view->ack_signature.path.n > NRM_MAX_PROOF_PATH))
		return NRM_ERR_LIMIT;
	nrm_pack_bytes(out, 1, view->message_id);
	nrm_pack_number(out, 2, view->time_ms);
	nrm_pack_number(out, 3, view->type);
	nrm_pack_number(out, 4, view->outcome);
	nrm_pack_number(out, 5, view->reason);
	nrm_pack_mask(out, 6, view->forwarded);
	pack_withheld(out, view);
	nrm_pack_number(out, 8, view->withheld_count);
	nrm_pack_mask(out, 9, view->obligations);
	pack_missing(out, view);
	nrm_pack_mask(out, 11, view->rules);
	for (size_t i = 0; i < view->consent_id.n; i++)
		nrm_pack_bytes(out, 12, view->consent_id.item[i]);
	nrm_pack_bytes(out, 13, view->statement_digest);
	if (view->has_signature)
		nrm_pack_proof(out, 14, &view->signature);
	nrm_pack_bytes(out, 15, view->ack);
	if (view->has_ack_signature)
		nrm_pack_proof(out, 16, &view->ack_signature);
	nrm_pack_bytes(out, 17, view->case_id);
	nrm_pack_number(out, 18, view->basis);
	nrm_pack_number(out, 19, view->emergency);
	nrm_pack_number(out, 20, view->earlier);
	nrm_pack_bytes(out, 21, view->document_digest);
	nrm_pack_number(out, 22, view->document_version);
	nrm_pack_bytes(out, 23, view->subject);
	nrm_pack_number(out, 24, view->answer);
	nrm_pack_number(out, 25, view->decline);
	nrm_pack_number(out, 26, view->step);
	nrm_pack_number(out, 27, view->notice);
	nrm_pack_number(out, 28, view->answers);
	nrm_pack_number(out, 29, view->kept_by_law);
	nrm_pack_number(out, 30, view->groundless);
	nrm_pack_number(out, 31, view->child);
	nrm_pack_number(out, 32, view->guardian);
	nrm_pack_number(out, 33, view->assessment);
	return out->err;
}

static enum nrm_err read_withheld(const Nrm__View *m, struct nrm_view *v)
{
	enum nrm_err err = NRM_OK;

	if (m->n_withheld > WITHHELD)
		return NRM_ERR_LIMIT;
	for (size_t i = 0; i < m->n_withheld && err == NRM_OK; i++) {
		const Nrm__Withheld *w = m->withheld[i];
		v->withheld[i].reason = (enum nrm_reason)w->reason;
		if (v->withheld[i].reason < NRM_REASON_SECRET ||
		    v->withheld[i].reason > NRM_REASON_NOT_CONSENTED)
			return NRM_ERR_UNKNOWN_CODE;
		for (size_t j = 0; j < i; j++)
			if (v->withheld[j].reason == v->withheld[i].reason)
				return NRM_ERR_DUPLICATE;
		err = nrm_read_mask(w->field, w->n_field, &v->withheld[i].fields);
	}
	return err;
}

/* The lists of numbers below 32. */
static enum nrm_err read_masks(const Nrm__View *m, struct nrm_view *v)
{
	uint32_t missing[NRM_ASSESSMENT_END_];
	nrm_mask obligations, missing_mask, rules;
	enum nrm_err err;

	if (m->n_missing >= NRM_ASSESSMENT_END_)
		return NRM_ERR_DUPLICATE;
	for (size_t i = 0; i < m->n_missing; i++)
		missing[i] = m->missing[i]->assessment;
	err = nrm_read_mask(missing, m->n_missing, &missing_mask);
	if (err == NRM_OK)
		err = nrm_read_mask(m->obligation, m->n_obligation, &obligations);
	if (err == NRM_OK)
		err = nrm_read_mask(m->rule, m->n_rule, &rules);
	if (err == NRM_OK)
		err = nrm_read_mask(m->forwarded, m->n_forwarded, &v->forwarded);
	if (err != NRM_OK)
		return err;
	if (rules >> (LAST_RULE + 1))
		return NRM_ERR_UNKNOWN_CODE;
	v->missing = (uint32_t)missing_mask;
	v->obligations = (uint32_t)obligations;
	v->rules = (uint32_t)rules;
	return NRM_OK;
}

static enum nrm_err read_proofs(const Nrm__View *m, struct nrm_arena *arena, struct nrm_view *v)
{
	enum nrm_err err = NRM_OK;

	v->has_signature = m->signature != NULL;
	v->has_ack_signature = m->ack_signature != NULL;
	if (m->signature)
		err = nrm_proof_read(m->signature, arena, &v->signature);
	if (err == NRM_OK && m->ack_signature)
		err = nrm_proof_read(m->ack_signature, arena, &v->ack_signature);
	return err;
}

static enum nrm_err check(const struct nrm_view *v)
{
	if (v->consent_id.n > NRM_MAX_CASE_CONSENTS)
		return NRM_ERR_LIMIT;
	if (!nrm_no_message_id_or_ok(v->message_id) || !nrm_no_participant_or_ok(v->subject) ||
	    !nrm_no_bytes_or_length(v->case_id, NRM_CASE_ID_LEN) ||
	    !nrm_all_of_length(v->consent_id, NRM_CONSENT_ID_LEN))
		return NRM_ERR_ID;
	if (!nrm_no_bytes_or_length(v->statement_digest, NRM_HASH_LEN) ||
	    !nrm_no_bytes_or_length(v->document_digest, NRM_HASH_LEN))
		return NRM_ERR_FORMAT;
	return NRM_OK;
}

enum nrm_err nrm_view_decode(struct nrm_slice bytes, struct nrm_arena *arena,
			     struct nrm_view *ret_view)
{
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_LEAF)
		return NRM_ERR_LIMIT;
	err = nrm_message_read(&nrm__view__descriptor, bytes, arena, &message);
	if (err != NRM_OK)
		return err;

	const Nrm__View *m = (const Nrm__View *)message;
	struct nrm_view v = {
		.message_id = nrm_read_bytes(m->message_id),
		.time_ms = m->time_ms,
		.type = (enum nrm_message_type)m->type,
		.outcome = (enum nrm_outcome)m->outcome,
		.reason = (enum nrm_reason)m->reason,
		.withheld_count = m->withheld_count,
		.statement_digest = nrm_read_bytes(m->statement_digest),
		.ack = nrm_read_bytes(m->ack),
		.case_id = nrm_read_bytes(m->case_id),
		.basis = (enum nrm_basis)m->basis,
		.emergency = (enum nrm_emergency)m->emergency,
		.earlier = m->earlier,
		.document_digest = nrm_read_bytes(m->document_digest),
		.document_version = m->document_version,
		.subject = nrm_slice_str(m->subject),
		.answer = (enum nrm_answer)m->answer,
		.decline = (enum nrm_decline)m->decline_reason,
		.step = (enum nrm_step)m->step,
		.notice = (enum nrm_notice_kind)m->notice,
		.answers = m->answers,
		.kept_by_law = m->kept_by_law,
		.groundless = m->groundless,
		.child = m->child,
		.guardian = (enum nrm_safeguard)m->guardian,
		.assessment = (enum nrm_safeguard)m->assessment,
	};
	err = read_masks(m, &v);
	if (err == NRM_OK)
		err = read_withheld(m, &v);
	if (err == NRM_OK)
		err = nrm_read_list(m->consent_id, m->n_consent_id, arena, &v.consent_id);
	if (err == NRM_OK)
		err = read_proofs(m, arena, &v);
	if (err == NRM_OK)
		err = check(&v);
	if (err == NRM_OK)
		*ret_view = v;
	return err;
}
