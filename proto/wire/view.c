/* Views as bytes. */
#include "proto/base/limits.h"
#include "proto/trail.pb-c.h"
#include "proto/wire/envelope_message.h"
#include "proto/wire/leaf.h"

#define WITHHELD \
	(sizeof(((struct nrm_view *)0)->withheld) / sizeof(((struct nrm_view *)0)->withheld[0]))
#define LAST_RULE 20

/* Everything that a view's message points to: none is larger, so encoding takes no memory. */
struct parts {
	uint32_t forwarded[64], obligation[64], missing_code[64], rule[64];
	uint32_t withheld_field[WITHHELD][64];
	Nrm__Withheld withheld[WITHHELD], *withheld_list[WITHHELD];
	Nrm__Missing missing[32], *missing_list[32];
	ProtobufCBinaryData consent_id[NRM_MAX_CASE_CONSENTS];
	Nrm__Proof proof[2];
	ProtobufCBinaryData path[2][NRM_MAX_PROOF_PATH];
	char subject[NRM_MAX_ID + 1];
};

static void write_withheld(const struct nrm_view *v, struct parts *p, Nrm__View *m)
{
	m->withheld = p->withheld_list;
	for (size_t i = 0; i < WITHHELD; i++) {
		if (v->withheld[i].reason == NRM_REASON_ABSENT)
			continue;
		Nrm__Withheld *w = &p->withheld[i];
		nrm__withheld__init(w);
		w->reason = (Nrm__Reason)v->withheld[i].reason;
		w->n_field = nrm_write_mask(v->withheld[i].fields, p->withheld_field[i]);
		w->field = (Nrm__Field *)p->withheld_field[i];
		p->withheld_list[m->n_withheld++] = w;
	}
}

static void write_missing(const struct nrm_view *v, struct parts *p, Nrm__View *m)
{
	m->missing = p->missing_list;
	m->n_missing = nrm_write_mask(v->missing, p->missing_code);
	for (size_t i = 0; i < m->n_missing; i++) {
		nrm__missing__init(&p->missing[i]);
		p->missing[i].assessment = (Nrm__Assessment)p->missing_code[i];
		p->missing_list[i] = &p->missing[i];
	}
}

static Nrm__Proof *write_proof(const struct nrm_proof *proof, Nrm__Proof *m,
			       ProtobufCBinaryData *path)
{
	nrm__proof__init(m);
	m->size = proof->size;
	m->index = proof->index;
	m->signature = nrm_write_bytes(proof->signature);
	m->n_path = proof->path.n;
	m->path = path;
	for (size_t i = 0; i < proof->path.n; i++)
		path[i] = nrm_write_bytes(proof->path.item[i]);
	return m;
}

static void write_view(const struct nrm_view *v, struct parts *p, Nrm__View *m)
{
	m->message_id = nrm_write_bytes(v->message_id);
	m->time_ms = v->time_ms;
	m->type = (Nrm__MessageType)v->type;
	m->outcome = (Nrm__Outcome)v->outcome;
	m->reason = (Nrm__Reason)v->reason;
	m->forwarded = (Nrm__Field *)p->forwarded;
	m->n_forwarded = nrm_write_mask(v->forwarded, p->forwarded);
	write_withheld(v, p, m);
	m->withheld_count = v->withheld_count;
	m->obligation = (Nrm__Obligation *)p->obligation;
	m->n_obligation = nrm_write_mask(v->obligations, p->obligation);
	write_missing(v, p, m);
	m->rule = p->rule;
	m->n_rule = nrm_write_mask(v->rules, p->rule);
	m->consent_id = p->consent_id;
	m->n_consent_id = v->consent_id.n;
	for (size_t i = 0; i < v->consent_id.n; i++)
		p->consent_id[i] = nrm_write_bytes(v->consent_id.item[i]);
	m->statement_digest = nrm_write_bytes(v->statement_digest);
	if (v->has_signature)
		m->signature = write_proof(&v->signature, &p->proof[0], p->path[0]);
	m->ack = nrm_write_bytes(v->ack);
	if (v->has_ack_signature)
		m->ack_signature = write_proof(&v->ack_signature, &p->proof[1], p->path[1]);
	m->case_id = nrm_write_bytes(v->case_id);
	m->basis = (Nrm__BasisKind)v->basis;
	m->emergency = (Nrm__EmergencyReason)v->emergency;
	m->earlier = v->earlier;
	m->document_digest = nrm_write_bytes(v->document_digest);
	m->document_version = v->document_version;
	m->subject = p->subject;
	p->subject[v->subject.len] = '\0';
	if (v->subject.len)
		memcpy(p->subject, v->subject.data, v->subject.len);
}

enum nrm_err nrm_view_encode(const struct nrm_view *view, struct nrm_buf *out)
{
	Nrm__View m = NRM__VIEW__INIT;
	struct parts parts;

	if (view->consent_id.n > NRM_MAX_CASE_CONSENTS || view->subject.len > NRM_MAX_ID ||
	    (view->has_signature && view->signature.path.n > NRM_MAX_PROOF_PATH) ||
	    (view->has_ack_signature && view->ack_signature.path.n > NRM_MAX_PROOF_PATH))
		return NRM_ERR_LIMIT;
	write_view(view, &parts, &m);
	return nrm_message_pack(&m.base, NRM_MAX_LEAF, out);
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
