/* Frames from a broker to an agent, as the agent reads them. */
#include "proto/wire/frame_message.h"

#define SALT_LEN 32

/* An absent document is empty; one that is there is whole. */
static enum nrm_err document_read(const Nrm__SignedDocument *m, struct nrm_document *ret_document)
{
	if (!m)
		return NRM_OK;
	if (m->document.len == 0 || m->signature.len != NRM_SIGNATURE_LEN)
		return NRM_ERR_FORMAT;
	ret_document->document = nrm_read_bytes(m->document);
	ret_document->signature = nrm_read_bytes(m->signature);
	return NRM_OK;
}

static enum nrm_err welcome_read(const Nrm__Welcome *m, struct nrm_to_agent *ret_frame)
{
	enum nrm_err err;

	if (m->version == 0)
		return NRM_ERR_FORMAT;
	if (m->checkpoint.len > NRM_MAX_NOTE)
		return NRM_ERR_LIMIT;
	ret_frame->is.welcome.version = m->version;
	ret_frame->is.welcome.time_ms = m->time_ms;
	ret_frame->is.welcome.submit_credit = m->submit_credit;
	ret_frame->is.welcome.checkpoint = nrm_read_bytes(m->checkpoint);
	err = document_read(m->directory, &ret_frame->is.welcome.directory);
	return err == NRM_OK ? document_read(m->policy, &ret_frame->is.welcome.policy) : err;
}

/* A leaf with the view of it that the reader may have. */
static enum nrm_err leaf_check(struct nrm_slice leaf, struct nrm_slice salt)
{
	if (leaf.len > NRM_MAX_LEAF)
		return NRM_ERR_LIMIT;
	return leaf.len > 0 && salt.len == SALT_LEN ? NRM_OK : NRM_ERR_FORMAT;
}

static enum nrm_err receipt_read(const Nrm__Receipt *m, struct nrm_arena *arena,
				 struct nrm_to_agent *ret_frame)
{
	enum nrm_err err = NRM_OK;

	if (m->n_item == 0)
		return NRM_ERR_FORMAT;
	if (m->n_item > NRM_MAX_FRAME_ITEMS)
		return NRM_ERR_LIMIT;

	struct nrm_receipt_item *item = nrm_arena_alloc(arena, m->n_item * sizeof(*item));
	if (!item)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < m->n_item && err == NRM_OK; i++) {
		const Nrm__ReceiptItem *r = m->item[i];
		item[i] = (struct nrm_receipt_item){
			.message_id = nrm_read_bytes(r->message_id),
			.index = r->index,
			.leaf = nrm_read_bytes(r->leaf),
			.salt = nrm_read_bytes(r->salt),
			.view = nrm_read_bytes(r->view),
		};
		err = leaf_check(item[i].leaf, item[i].salt);
		if (err == NRM_OK && !nrm_message_id_ok(item[i].message_id))
			err = NRM_ERR_ID;
	}
	ret_frame->is.receipt.item = item;
	ret_frame->is.receipt.n = m->n_item;
	return err;
}

static enum nrm_err delivery_read(const Nrm__DeliverItem *m, bool large, struct nrm_arena *arena,
				  struct nrm_delivery *ret_delivery)
{
	struct nrm_delivery d = {
		.index = m->index,
		.leaf = nrm_read_bytes(m->leaf),
		.salt = nrm_read_bytes(m->salt),
		.view = nrm_read_bytes(m->view),
		.keep = ~(nrm_mask)0,
	};
	enum nrm_err err = leaf_check(d.leaf, d.salt);

	if (err == NRM_OK && (!m->envelope || !m->envelope->proof))
		err = NRM_ERR_FORMAT;
	if (err == NRM_OK && large)
		err = nrm_envelope_fits(m->envelope);
	if (err == NRM_OK)
		err = nrm_envelope_read(m->envelope, arena, &d.envelope);
	if (err == NRM_OK)
		*ret_delivery = d;
	return err;
}

static enum nrm_err deliver_read(const Nrm__Deliver *m, bool large, struct nrm_arena *arena,
				 struct nrm_to_agent *ret_frame)
{
	enum nrm_err err = NRM_OK;

	if (m->n_item == 0)
		return NRM_ERR_FORMAT;
	if (m->n_item > NRM_MAX_FRAME_ITEMS)
		return NRM_ERR_LIMIT;

	struct nrm_delivery *item = nrm_arena_alloc(arena, m->n_item * sizeof(*item));
	if (!item)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < m->n_item && err == NRM_OK; i++)
		err = delivery_read(m->item[i], large, arena, &item[i]);
	ret_frame->is.deliver.item = item;
	ret_frame->is.deliver.n = m->n_item;
	return err;
}

static enum nrm_err proofs_read(const Nrm__Proofs *m, struct nrm_arena *arena,
				struct nrm_to_agent *ret_frame)
{
	enum nrm_err err = nrm_indexes_check(m->index, m->n_index);

	if (err == NRM_OK &&
	    (m->checkpoint.len > NRM_MAX_NOTE || m->n_consistency > NRM_MAX_TREE_PATH))
		err = NRM_ERR_LIMIT;
	if (err == NRM_OK)
		err = nrm_read_list(m->consistency, m->n_consistency, arena,
				    &ret_frame->is.proofs.consistency);
	if (err == NRM_OK)
		err = nrm_read_list(m->node, m->n_node, arena, &ret_frame->is.proofs.node);
	if (err != NRM_OK)
		return err;
	if (m->checkpoint.len == 0 ||
	    !nrm_all_of_length(ret_frame->is.proofs.consistency, NRM_HASH_LEN) ||
	    !nrm_all_of_length(ret_frame->is.proofs.node, NRM_HASH_LEN))
		return NRM_ERR_FORMAT;
	ret_frame->is.proofs.checkpoint = nrm_read_bytes(m->checkpoint);
	ret_frame->is.proofs.from_size = m->from_size;
	ret_frame->is.proofs.index = m->index;
	ret_frame->is.proofs.n_indexes = m->n_index;
	return NRM_OK;
}

static enum nrm_err status_read(const Nrm__StatusAnswer *m, struct nrm_arena *arena,
				struct nrm_to_agent *ret_frame)
{
	if (m->n_message > NRM_MAX_FRAME_ITEMS)
		return NRM_ERR_LIMIT;

	struct nrm_message_status *message =
		nrm_arena_alloc(arena, m->n_message * sizeof(*message));
	if (!message)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < m->n_message; i++) {
		message[i].message_id = nrm_read_bytes(m->message[i]->message_id);
		message[i].known = m->message[i]->known;
		message[i].waiting = m->message[i]->waiting;
		if (!nrm_message_id_ok(message[i].message_id))
			return NRM_ERR_ID;
	}
	ret_frame->kind = NRM_ANSWER_STATUS;
	ret_frame->is.status.message = message;
	ret_frame->is.status.n = m->n_message;
	return NRM_OK;
}

static enum nrm_err answer_read(const Nrm__Answering *m, struct nrm_arena *arena,
				struct nrm_to_agent *ret_frame)
{
	switch (m->answer_case) {
	case NRM__ANSWERING__ANSWER_STATUS:
		return status_read(m->status, arena, ret_frame);
	case NRM__ANSWERING__ANSWER_DIRECTORY:
		ret_frame->kind = NRM_ANSWER_DIRECTORY;
		return document_read(m->directory, &ret_frame->is.directory);
	case NRM__ANSWERING__ANSWER_CASE_FILE:
		ret_frame->kind = NRM_ANSWER_CASE;
		return nrm_case_answer_read(m->case_file, arena, &ret_frame->is.case_file);
	default:
		return NRM_ERR_FORMAT;
	}
}

static enum nrm_err refused_read(const Nrm__Refused *m, struct nrm_to_agent *ret_frame)
{
	if (m->code == NRM__REFUSAL_CODE__REFUSAL_CODE_UNSPECIFIED)
		return NRM_ERR_UNKNOWN_CODE;
	if (m->message_id.len != 0 && m->message_id.len != NRM_MESSAGE_ID_LEN)
		return NRM_ERR_ID;
	ret_frame->is.refused.code = (enum nrm_refusal)m->code;
	ret_frame->is.refused.text = nrm_slice_str(m->text);
	ret_frame->is.refused.message_id = nrm_read_bytes(m->message_id);
	ret_frame->is.refused.item = m->item;
	return NRM_OK;
}

static enum nrm_err frame_read(const Nrm__ToAgent *m, bool large, struct nrm_arena *arena,
			       struct nrm_to_agent *frame)
{
	switch (m->frame_case) {
	case NRM__TO_AGENT__FRAME_WELCOME:
		frame->kind = NRM_WELCOME;
		return welcome_read(m->welcome, frame);
	case NRM__TO_AGENT__FRAME_RECEIPT:
		frame->kind = NRM_RECEIPT;
		return receipt_read(m->receipt, arena, frame);
	case NRM__TO_AGENT__FRAME_DELIVER:
		frame->kind = NRM_DELIVER;
		return deliver_read(m->deliver, large, arena, frame);
	case NRM__TO_AGENT__FRAME_PROOFS:
		frame->kind = NRM_PROOFS;
		return proofs_read(m->proofs, arena, frame);
	case NRM__TO_AGENT__FRAME_ANSWER:
		return answer_read(m->answer, arena, frame);
	case NRM__TO_AGENT__FRAME_REFUSED:
		frame->kind = NRM_REFUSED;
		return refused_read(m->refused, frame);
	case NRM__TO_AGENT__FRAME_POLICY:
		frame->kind = NRM_POLICY;
		return document_read(m->policy, &frame->is.policy);
	default:
		return NRM_ERR_FORMAT;
	}
}

enum nrm_err nrm_to_agent_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				 struct nrm_to_agent *ret_frame)
{
	struct nrm_to_agent frame = {0};
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_FRAME)
		return NRM_ERR_LIMIT;
	err = nrm_message_read(&nrm__to_agent__descriptor, bytes, arena, &message);
	if (err == NRM_OK)
		err = frame_read((const Nrm__ToAgent *)message, bytes.len > NRM_MAX_ENVELOPE, arena,
				 &frame);
	if (err == NRM_OK)
		*ret_frame = frame;
	return err;
}
