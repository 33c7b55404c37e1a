/* Frames from a broker to an agent, as the broker writes them. */
#include "proto/wire/frame_message.h"

/* Where the members of a frame are: one of them is packed, so one of each suffices. */
struct members {
	Nrm__Welcome welcome;
	Nrm__Proofs proofs;
	Nrm__Answering answer;
	Nrm__StatusAnswer status;
	Nrm__CaseAnswer case_file;
	Nrm__Refused refused;
	Nrm__SignedDocument directory, policy;
};

static Nrm__SignedDocument *document_write(const struct nrm_document *document,
					   Nrm__SignedDocument *m)
{
	if (document->document.len == 0)
		return NULL;
	m->document = nrm_write_bytes(document->document);
	m->signature = nrm_write_bytes(document->signature);
	return m;
}

static void welcome_write(const struct nrm_to_agent *frame, struct members *of)
{
	Nrm__Welcome *m = &of->welcome;

	m->version = frame->is.welcome.version;
	m->time_ms = frame->is.welcome.time_ms;
	m->submit_credit = frame->is.welcome.submit_credit;
	m->directory = document_write(&frame->is.welcome.directory, &of->directory);
	m->policy = document_write(&frame->is.welcome.policy, &of->policy);
	m->checkpoint = nrm_write_bytes(frame->is.welcome.checkpoint);
}

/* Encodes what envelopes are not encoded yet, then the frame. */
static enum nrm_err deliver_write(const struct nrm_delivery *delivery, size_t n,
				  struct nrm_arena *arena, struct nrm_buf *out)
{
	struct nrm_delivery *item = nrm_arena_copy(arena, delivery, n * sizeof(*item));
	struct nrm_buf envelope = {0};
	enum nrm_err err = item ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; err == NRM_OK && i < n; i++) {
		if (item[i].encoded.len > 0)
			continue;
		nrm_buf_clear(&envelope);
		err = nrm_envelope_encode(&item[i].envelope, item[i].keep, &envelope);
		item[i].encoded =
			nrm_slice(nrm_arena_copy(arena, envelope.data, envelope.len), envelope.len);
		if (err == NRM_OK && !item[i].encoded.data)
			err = NRM_ERR_NOMEM;
	}
	nrm_buf_done(&envelope);
	return err == NRM_OK ? nrm_deliver_encode(item, n, out) : err;
}

static enum nrm_err proofs_write(const struct nrm_to_agent *frame, struct nrm_arena *arena,
				 Nrm__Proofs *m)
{
	enum nrm_err err;

	m->checkpoint = nrm_write_bytes(frame->is.proofs.checkpoint);
	m->from_size = frame->is.proofs.from_size;
	m->index = (uint64_t *)frame->is.proofs.index;
	m->n_index = frame->is.proofs.n_indexes;
	err = nrm_write_list(frame->is.proofs.consistency, arena, &m->n_consistency,
			     &m->consistency);
	return err == NRM_OK ? nrm_write_list(frame->is.proofs.node, arena, &m->n_node, &m->node)
			     : err;
}

static enum nrm_err status_write(const struct nrm_to_agent *frame, struct nrm_arena *arena,
				 struct members *of)
{
	size_t n = frame->is.status.n;

	of->answer.answer_case = NRM__ANSWERING__ANSWER_STATUS;
	of->answer.status = &of->status;
	of->status.message = nrm_message_list(&nrm__message_status__descriptor, n, arena);
	if (!of->status.message)
		return NRM_ERR_NOMEM;
	of->status.n_message = n;
	for (size_t i = 0; i < n; i++) {
		const struct nrm_message_status *status = &frame->is.status.message[i];
		of->status.message[i]->message_id = nrm_write_bytes(status->message_id);
		of->status.message[i]->known = status->known;
		of->status.message[i]->waiting = status->waiting;
	}
	return NRM_OK;
}

static enum nrm_err directory_write(const struct nrm_to_agent *frame, struct members *of)
{
	of->answer.answer_case = NRM__ANSWERING__ANSWER_DIRECTORY;
	of->answer.directory = document_write(&frame->is.directory, &of->directory);
	return of->answer.directory ? NRM_OK : NRM_ERR_ARGUMENT;
}

static enum nrm_err case_write(const struct nrm_to_agent *frame, struct nrm_arena *arena,
			       struct members *of)
{
	of->answer.answer_case = NRM__ANSWERING__ANSWER_CASE_FILE;
	of->answer.case_file = &of->case_file;
	return nrm_case_answer_write(&frame->is.case_file, arena, &of->case_file);
}

static enum nrm_err refused_write(const struct nrm_to_agent *frame, struct nrm_arena *arena,
				  Nrm__Refused *m)
{
	m->code = (Nrm__RefusalCode)frame->is.refused.code;
	m->message_id = nrm_write_bytes(frame->is.refused.message_id);
	m->item = frame->is.refused.item;
	return nrm_write_string(frame->is.refused.text, arena, &m->text);
}

static enum nrm_err frame_write(const struct nrm_to_agent *frame, struct nrm_arena *arena,
				struct members *of, Nrm__ToAgent *m)
{
	switch (frame->kind) {
	case NRM_WELCOME:
		m->frame_case = NRM__TO_AGENT__FRAME_WELCOME;
		m->welcome = &of->welcome;
		welcome_write(frame, of);
		return NRM_OK;
	case NRM_PROOFS:
		m->frame_case = NRM__TO_AGENT__FRAME_PROOFS;
		m->proofs = &of->proofs;
		return proofs_write(frame, arena, &of->proofs);
	case NRM_ANSWER_STATUS:
		m->frame_case = NRM__TO_AGENT__FRAME_ANSWER;
		m->answer = &of->answer;
		return status_write(frame, arena, of);
	case NRM_ANSWER_DIRECTORY:
		m->frame_case = NRM__TO_AGENT__FRAME_ANSWER;
		m->answer = &of->answer;
		return directory_write(frame, of);
	case NRM_ANSWER_CASE:
		m->frame_case = NRM__TO_AGENT__FRAME_ANSWER;
		m->answer = &of->answer;
		return case_write(frame, arena, of);
	case NRM_REFUSED:
		m->frame_case = NRM__TO_AGENT__FRAME_REFUSED;
		m->refused = &of->refused;
		return refused_write(frame, arena, &of->refused);
	case NRM_POLICY:
		m->frame_case = NRM__TO_AGENT__FRAME_POLICY;
		m->policy = document_write(&frame->is.policy, &of->policy);
		return m->policy ? NRM_OK : NRM_ERR_ARGUMENT;
	default:
		return NRM_ERR_ARGUMENT;
	}
}

enum nrm_err nrm_to_agent_encode(const struct nrm_to_agent *frame, struct nrm_buf *out)
{
	struct nrm_arena arena;
	struct members of = {
		NRM__WELCOME__INIT,	    NRM__PROOFS__INIT,		NRM__ANSWERING__INIT,
		NRM__STATUS_ANSWER__INIT,   NRM__CASE_ANSWER__INIT,	NRM__REFUSED__INIT,
		NRM__SIGNED_DOCUMENT__INIT, NRM__SIGNED_DOCUMENT__INIT,
	};
	Nrm__ToAgent m = NRM__TO_AGENT__INIT;
	enum nrm_err err;

	if (frame->kind == NRM_RECEIPT)
		return nrm_receipt_encode(frame->is.receipt.item, frame->is.receipt.n, out);
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	if (frame->kind == NRM_DELIVER) {
		err = deliver_write(frame->is.deliver.item, frame->is.deliver.n, &arena, out);
	} else {
		err = frame_write(frame, &arena, &of, &m);
		if (err == NRM_OK)
			err = nrm_message_pack(&m.base, NRM_MAX_FRAME, out);
	}
	nrm_arena_done(&arena);
	return err;
}
