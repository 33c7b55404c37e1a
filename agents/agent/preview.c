#include "agents/agent/preview.h"

#include "proto/base/limits.h"

const char *nrm_knowledge_name(enum nrm_knowledge knowledge)
{
	static const char *const names[] = {"none", "own", "kept", "fresh"};

	return names[knowledge];
}

/* ---- what is known of the case ---- */

/* What the broker last told of it. */
static enum nrm_err add_told(const struct nrm_preview_source *s, struct nrm_slice case_id,
			     struct nrm_casefile *f, uint64_t now_ms, struct nrm_arena *arena,
			     struct nrm_preview *p)
{
	struct nrm_to_agent frame;
	struct nrm_kept_case kept;
	enum nrm_err err = nrm_case_file_get(s->txn, case_id, &kept);

	if (err)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	/* What another version of this program kept counts as never told: a preview may be poor, never in the way. */
	if (nrm_to_agent_decode(kept.frame, arena, &frame) != NRM_OK ||
	    frame.kind != NRM_ANSWER_CASE)
		return NRM_OK;
	p->knowledge = kept.received_ms >= now_ms ? NRM_KNOWLEDGE_FRESH : NRM_KNOWLEDGE_KEPT;
	p->known_at_ms = frame.is.case_file.time_ms;
	f->manages = !kept.existed;
	f->outsider = kept.existed && !frame.is.case_file.known;
	if (frame.is.case_file.known)
		nrm_casefile_told(f, &frame.is.case_file);
	return NRM_OK;
}

/* One of our own statements, if the broker has not told of the case since it decided on it. */
static enum nrm_err add_own(const struct nrm_preview_source *s, struct nrm_slice message_id,
			    struct nrm_casefile *f, struct nrm_arena *arena, struct nrm_preview *p)
{
	struct nrm_slice bytes, copy;
	struct nrm_envelope envelope;
	struct nrm_statement own;
	struct nrm_fate fate;
	enum nrm_err err = nrm_fate_get(s->txn, message_id, &fate);

	if (err || nrm_fate_is_refused(&fate))
		return err;
	if (fate.stage == NRM_STAGE_DECIDED && fate.decided_ms <= p->known_at_ms) {
		/* The case was there by then: if the broker knows none, it does not know us. */
		f->outsider |= !f->known;
		return NRM_OK;
	}
	err = nrm_outbox_get(s->txn, message_id, &bytes, &copy);
	if (err == NRM_OK)
		err = nrm_envelope_decode(bytes, arena, &envelope);
	if (err == NRM_OK)
		err = nrm_statement_decode(envelope.statement, arena, &own);
	if (err)
		return err;
	nrm_casefile_stated(f, &own);
	if (p->knowledge == NRM_KNOWLEDGE_NONE)
		p->knowledge = NRM_KNOWLEDGE_OWN;
	return NRM_OK;
}

static enum nrm_err know(const struct nrm_preview_source *s, struct nrm_slice case_id,
			 uint64_t now_ms, struct nrm_casefile *f, struct nrm_preview *p)
{
	uint8_t id[NRM_MESSAGE_ID_LEN];
	struct nrm_arena arena;
	uint64_t place = 0;
	enum nrm_err err;

	f->manages = true; /* of a case that we open */
	if (case_id.len == 0)
		return NRM_OK;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	err = add_told(s, case_id, f, now_ms, &arena, p);
	while (err == NRM_OK && (err = nrm_stated_next(s->txn, case_id, &place, id)) == NRM_OK) {
		nrm_arena_reset(&arena);
		err = add_own(s, nrm_slice(id, sizeof(id)), f, &arena, p);
	}
	nrm_arena_done(&arena);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* ---- the preview ---- */

static void take_verdict(const struct nrm_verdict *v, struct nrm_preview *p)
{
	p->outcome = v->outcome;
	p->reason = v->told;
	p->forwarded = v->forwarded;
	p->secret = v->secret;
	p->not_needed = v->not_needed;
	p->not_consented = v->not_consented;
	p->obligations = v->obligations;
	p->missing = v->missing;
	p->rules = v->rules;
}

enum nrm_err nrm_preview_make(const struct nrm_preview_source *source,
			      const struct nrm_statement *referral, nrm_mask fields,
			      uint64_t now_ms, struct nrm_preview *ret_preview)
{
	struct nrm_preview p = {.made_ms = now_ms};
	struct nrm_casefile *f;
	struct nrm_verdict v;
	struct nrm_arena arena;
	enum nrm_err err = NRM_ERR_NOMEM;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	f = nrm_arena_alloc(&arena, sizeof(*f));
	if (f)
		err = nrm_casefile_init(f, source->directory, source->policy, source->self, now_ms,
					&arena);
	if (err == NRM_OK)
		err = know(source, referral->case_id, now_ms, f, &p);
	if (err)
		goto out;
	const struct nrm_message message = nrm_casefile_message(f, referral, fields);
	nrm_casefile_decide(f, &message, now_ms, &v);
	take_verdict(&v, &p);
	p.wants = nrm_casefile_wants(f, &message, &v, now_ms, &p.wanted);
	*ret_preview = p;
out:
	nrm_arena_done(&arena);
	return err;
}

bool nrm_preview_differs(const struct nrm_preview *p, const struct nrm_fate *fate)
{
	return fate->stage == NRM_STAGE_DECIDED &&
	       (p->outcome != fate->outcome || p->reason != fate->reason ||
		p->forwarded != fate->forwarded || p->secret != fate->secret ||
		p->not_needed != fate->not_needed || p->not_consented != fate->not_consented);
}

/* ---- its row ---- */

enum nrm_err nrm_preview_put(struct nrm_txn *txn, struct nrm_slice message_id,
			     const struct nrm_preview *p)
{
	struct nrm_buf row = {0};

	nrm_buf_put_u64(&row, p->made_ms);
	nrm_buf_put_u8(&row, (uint8_t)p->knowledge);
	nrm_buf_put_u64(&row, p->known_at_ms);
	nrm_buf_put_u8(&row, (uint8_t)p->outcome);
	nrm_buf_put_u8(&row, (uint8_t)p->reason);
	nrm_buf_put_u64(&row, p->forwarded);
	nrm_buf_put_u64(&row, p->secret);
	nrm_buf_put_u64(&row, p->not_needed);
	nrm_buf_put_u64(&row, p->not_consented);
	nrm_buf_put_u32(&row, p->obligations);
	nrm_buf_put_u32(&row, p->missing);
	enum nrm_err err =
		row.err ? row.err
			: nrm_put(txn, NRM_SPOOL_PREVIEWS, message_id, nrm_buf_slice(&row));
	nrm_buf_done(&row);
	return err;
}

enum nrm_err nrm_preview_get(struct nrm_txn *txn, struct nrm_slice message_id,
			     struct nrm_preview *ret_preview)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_PREVIEWS, message_id, &row);

	if (err)
		return err;
	struct nrm_reader r = nrm_reader(row);
	struct nrm_preview p = {.made_ms = nrm_take_u64(&r)};
	p.knowledge = nrm_take_u8(&r);
	p.known_at_ms = nrm_take_u64(&r);
	p.outcome = nrm_take_u8(&r);
	p.reason = nrm_take_u8(&r);
	p.forwarded = nrm_take_u64(&r);
	p.secret = nrm_take_u64(&r);
	p.not_needed = nrm_take_u64(&r);
	p.not_consented = nrm_take_u64(&r);
	p.obligations = nrm_take_u32(&r);
	p.missing = nrm_take_u32(&r);
	if (nrm_reader_end(&r) || p.knowledge > NRM_KNOWLEDGE_FRESH)
		return NRM_ERR_CORRUPT;
	*ret_preview = p;
	return NRM_OK;
}
