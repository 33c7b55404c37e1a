/* Frames from an agent to its broker. */
#include "proto/wire/frame_message.h"

static enum nrm_err hello_read(const Nrm__Hello *m, struct nrm_to_broker *ret_frame)
{
	if (m->min_version == 0 || m->max_version < m->min_version)
		return NRM_ERR_FORMAT;
	if (m->checkpoint.len > NRM_MAX_NOTE)
		return NRM_ERR_LIMIT;
	if (m->policy_digest.len != 0 && m->policy_digest.len != NRM_HASH_LEN)
		return NRM_ERR_FORMAT;
	ret_frame->is.hello.min_version = m->min_version;
	ret_frame->is.hello.max_version = m->max_version;
	ret_frame->is.hello.directory_version = m->directory_version;
	ret_frame->is.hello.checkpoint = nrm_read_bytes(m->checkpoint);
	ret_frame->is.hello.credit = m->credit;
	ret_frame->is.hello.policy_digest = nrm_read_bytes(m->policy_digest);
	return NRM_OK;
}

static enum nrm_err submit_read(const Nrm__Submit *m, bool large, struct nrm_arena *arena,
				struct nrm_to_broker *ret_frame)
{
	bool shared = m->signature.len > 0;
	enum nrm_err err = NRM_OK;

	if (m->n_envelope == 0 || (shared && m->signature.len != NRM_SIGNATURE_LEN))
		return NRM_ERR_FORMAT;
	if (m->n_envelope > NRM_MAX_FRAME_ITEMS)
		return NRM_ERR_LIMIT;

	struct nrm_envelope *envelope = nrm_arena_alloc(arena, m->n_envelope * sizeof(*envelope));
	if (!envelope)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < m->n_envelope && err == NRM_OK; i++) {
		if (large)
			err = nrm_envelope_fits(m->envelope[i]);
		if (err == NRM_OK)
			err = nrm_envelope_read(m->envelope[i], arena, &envelope[i]);
		if (err == NRM_OK && envelope[i].has_proof == shared)
			err = NRM_ERR_FORMAT;
	}
	ret_frame->is.submit.envelope = envelope;
	ret_frame->is.submit.n = m->n_envelope;
	ret_frame->is.submit.signature = nrm_read_bytes(m->signature);
	return err;
}

static enum nrm_err acknowledge_read(const Nrm__Acknowledge *m, struct nrm_arena *arena,
				     struct nrm_to_broker *ret_frame)
{
	if (m->n_ack == 0 || m->signature.len != NRM_SIGNATURE_LEN)
		return NRM_ERR_FORMAT;
	if (m->n_ack > NRM_MAX_FRAME_ITEMS)
		return NRM_ERR_LIMIT;
	ret_frame->is.acknowledge.signature = nrm_read_bytes(m->signature);
	return nrm_read_list(m->ack, m->n_ack, arena, &ret_frame->is.acknowledge.ack);
}

static enum nrm_err ask_status_read(const Nrm__AskStatus *m, struct nrm_arena *arena,
				    struct nrm_to_broker *ret_frame)
{
	if (m->n_message > NRM_MAX_FRAME_ITEMS)
		return NRM_ERR_LIMIT;

	struct nrm_message_ref *message = nrm_arena_alloc(arena, m->n_message * sizeof(*message));
	if (!message)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < m->n_message; i++) {
		message[i].message_id = nrm_read_bytes(m->message[i]->message_id);
		message[i].case_id = nrm_read_bytes(m->message[i]->case_id);
		if (!nrm_message_id_ok(message[i].message_id) ||
		    message[i].case_id.len != NRM_CASE_ID_LEN)
			return NRM_ERR_ID;
	}
	ret_frame->is.ask.message = message;
	ret_frame->is.ask.n_messages = m->n_message;
	return NRM_OK;
}

static enum nrm_err ask_read(const Nrm__Ask *m, struct nrm_arena *arena,
			     struct nrm_to_broker *ret_frame)
{
	ret_frame->is.ask.kind = (enum nrm_ask_kind)m->question_case;
	switch (m->question_case) {
	case NRM__ASK__QUESTION_PROOFS:
		ret_frame->is.ask.from_size = m->proofs->from_size;
		ret_frame->is.ask.index = m->proofs->index;
		ret_frame->is.ask.n_indexes = m->proofs->n_index;
		return nrm_indexes_check(m->proofs->index, m->proofs->n_index);
	case NRM__ASK__QUESTION_STATUS:
		return ask_status_read(m->status, arena, ret_frame);
	case NRM__ASK__QUESTION_DIRECTORY:
		return NRM_OK;
	case NRM__ASK__QUESTION_CASE_FILE:
		ret_frame->is.ask.case_id = nrm_read_bytes(m->case_file->case_id);
		return m->case_file->case_id.len == NRM_CASE_ID_LEN ? NRM_OK : NRM_ERR_ID;
	default:
		return NRM_ERR_FORMAT;
	}
}

static enum nrm_err cosignature_read(const Nrm__Cosignature *m, struct nrm_to_broker *ret_frame)
{
	if (m->note.len == 0)
		return NRM_ERR_FORMAT;
	if (m->note.len > NRM_MAX_NOTE)
		return NRM_ERR_LIMIT;
	ret_frame->is.cosignature = nrm_read_bytes(m->note);
	return NRM_OK;
}

static enum nrm_err aggregate_read(const Nrm__SignedDocument *m, struct nrm_to_broker *ret_frame)
{
	if (m->document.len == 0 || m->signature.len != NRM_SIGNATURE_LEN)
		return NRM_ERR_FORMAT;
	if (m->document.len > NRM_MAX_AGGREGATE)
		return NRM_ERR_LIMIT;
	ret_frame->is.aggregate.document = nrm_read_bytes(m->document);
	ret_frame->is.aggregate.signature = nrm_read_bytes(m->signature);
	return NRM_OK;
}

static enum nrm_err frame_read(const Nrm__ToBroker *m, bool large, struct nrm_arena *arena,
			       struct nrm_to_broker *frame)
{
	frame->kind = (enum nrm_to_broker_kind)m->frame_case;
	switch (m->frame_case) {
	case NRM__TO_BROKER__FRAME_HELLO:
		return hello_read(m->hello, frame);
	case NRM__TO_BROKER__FRAME_SUBMIT:
		return submit_read(m->submit, large, arena, frame);
	case NRM__TO_BROKER__FRAME_ACKNOWLEDGE:
		return acknowledge_read(m->acknowledge, arena, frame);
	case NRM__TO_BROKER__FRAME_CREDIT:
		frame->is.credit = m->credit->deliveries;
		return NRM_OK;
	case NRM__TO_BROKER__FRAME_ASK:
		return ask_read(m->ask, arena, frame);
	case NRM__TO_BROKER__FRAME_COSIGNATURE:
		return cosignature_read(m->cosignature, frame);
	case NRM__TO_BROKER__FRAME_AGGREGATE:
		return aggregate_read(m->aggregate, frame);
	default:
		return NRM_ERR_FORMAT;
	}
}

enum nrm_err nrm_to_broker_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_to_broker *ret_frame)
{
	struct nrm_to_broker frame = {0};
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_FRAME)
		return NRM_ERR_LIMIT;
	err = nrm_message_read(&nrm__to_broker__descriptor, bytes, arena, &message);
	if (err == NRM_OK)
		err = frame_read((const Nrm__ToBroker *)message, bytes.len > NRM_MAX_ENVELOPE,
				 arena, &frame);
	if (err == NRM_OK)
		*ret_frame = frame;
	return err;
}

static enum nrm_err submit_write(const struct nrm_to_broker *frame, struct nrm_arena *arena,
				 Nrm__Submit *m)
{
	size_t n = frame->is.submit.n;
	enum nrm_err err = NRM_OK;

	m->envelope = nrm_message_list(&nrm__envelope__descriptor, n, arena);
	if (!m->envelope)
		return NRM_ERR_NOMEM;
	m->n_envelope = n;
	m->signature = nrm_write_bytes(frame->is.submit.signature);
	for (size_t i = 0; i < n && err == NRM_OK; i++)
		err = nrm_envelope_write(&frame->is.submit.envelope[i], ~(nrm_mask)0, arena,
					 m->envelope[i]);
	return err;
}

static enum nrm_err ask_write(const struct nrm_to_broker *frame, struct nrm_arena *arena,
			      Nrm__Ask *m)
{
	size_t n = frame->is.ask.n_messages;
	Nrm__AskStatus *status;

	m->question_case = (Nrm__Ask__QuestionCase)frame->is.ask.kind;
	switch (frame->is.ask.kind) {
	case NRM_ASK_PROOFS:
		m->proofs = nrm_message_new(&nrm__ask_proofs__descriptor, arena);
		if (!m->proofs)
			return NRM_ERR_NOMEM;
		m->proofs->from_size = frame->is.ask.from_size;
		m->proofs->index = (uint64_t *)frame->is.ask.index;
		m->proofs->n_index = frame->is.ask.n_indexes;
		return NRM_OK;
	case NRM_ASK_STATUS:
		status = m->status = nrm_message_new(&nrm__ask_status__descriptor, arena);
		if (!status)
			return NRM_ERR_NOMEM;
		status->message = nrm_message_list(&nrm__message_ref__descriptor, n, arena);
		if (!status->message)
			return NRM_ERR_NOMEM;
		status->n_message = n;
		for (size_t i = 0; i < n; i++) {
			const struct nrm_message_ref *ref = &frame->is.ask.message[i];
			status->message[i]->message_id = nrm_write_bytes(ref->message_id);
			status->message[i]->case_id = nrm_write_bytes(ref->case_id);
		}
		return NRM_OK;
	case NRM_ASK_DIRECTORY:
		m->directory = nrm_message_new(&nrm__ask_directory__descriptor, arena);
		return m->directory ? NRM_OK : NRM_ERR_NOMEM;
	case NRM_ASK_CASE:
		m->case_file = nrm_message_new(&nrm__ask_case__descriptor, arena);
		if (!m->case_file)
			return NRM_ERR_NOMEM;
		m->case_file->case_id = nrm_write_bytes(frame->is.ask.case_id);
		return NRM_OK;
	default:
		return NRM_ERR_ARGUMENT;
	}
}

/* Where the members of a frame are: one of them is packed, so one of each suffices. */
struct members {
	Nrm__Hello hello;
	Nrm__Submit submit;
	Nrm__Acknowledge acknowledge;
	Nrm__Credit credit;
	Nrm__Ask ask;
	Nrm__Cosignature cosignature;
	Nrm__SignedDocument aggregate;
};

static enum nrm_err frame_write(const struct nrm_to_broker *frame, struct nrm_arena *arena,
				struct members *of, Nrm__ToBroker *m)
{
	m->frame_case = (Nrm__ToBroker__FrameCase)frame->kind;
	switch (frame->kind) {
	case NRM_HELLO:
		m->hello = &of->hello;
		of->hello.min_version = frame->is.hello.min_version;
		of->hello.max_version = frame->is.hello.max_version;
		of->hello.directory_version = frame->is.hello.directory_version;
		of->hello.checkpoint = nrm_write_bytes(frame->is.hello.checkpoint);
		of->hello.credit = frame->is.hello.credit;
		of->hello.policy_digest = nrm_write_bytes(frame->is.hello.policy_digest);
		return NRM_OK;
	case NRM_SUBMIT:
		m->submit = &of->submit;
		return submit_write(frame, arena, &of->submit);
	case NRM_ACKNOWLEDGE:
		m->acknowledge = &of->acknowledge;
		of->acknowledge.signature = nrm_write_bytes(frame->is.acknowledge.signature);
		return nrm_write_list(frame->is.acknowledge.ack, arena, &of->acknowledge.n_ack,
				      &of->acknowledge.ack);
	case NRM_CREDIT:
		m->credit = &of->credit;
		of->credit.deliveries = frame->is.credit;
		return NRM_OK;
	case NRM_ASK:
		m->ask = &of->ask;
		return ask_write(frame, arena, &of->ask);
	case NRM_COSIGNATURE:
		m->cosignature = &of->cosignature;
		of->cosignature.note = nrm_write_bytes(frame->is.cosignature);
		return NRM_OK;
	case NRM_AGGREGATE:
		m->aggregate = &of->aggregate;
		of->aggregate.document = nrm_write_bytes(frame->is.aggregate.document);
		of->aggregate.signature = nrm_write_bytes(frame->is.aggregate.signature);
		return NRM_OK;
	default:
		return NRM_ERR_ARGUMENT;
	}
}

enum nrm_err nrm_to_broker_encode(const struct nrm_to_broker *frame, struct nrm_buf *out)
{
	struct nrm_arena arena;
	struct members of = {
		NRM__HELLO__INIT,	    NRM__SUBMIT__INIT, NRM__ACKNOWLEDGE__INIT,
		NRM__CREDIT__INIT,	    NRM__ASK__INIT,    NRM__COSIGNATURE__INIT,
		NRM__SIGNED_DOCUMENT__INIT,
	};
	Nrm__ToBroker m = NRM__TO_BROKER__INIT;
	enum nrm_err err;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	err = frame_write(frame, &arena, &of, &m);
	if (err == NRM_OK)
		err = nrm_message_pack(&m.base, NRM_MAX_FRAME, out);
	nrm_arena_done(&arena);
	return err;
}
