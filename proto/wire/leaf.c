#include "proto/wire/leaf.h"

#include "proto/base/limits.h"
#include "proto/trail.pb-c.h"
#include "proto/wire/message.h"

#define LEAF_VERSION 1

/* The same for what is written and what is read: a leaf is for ever. */
static enum nrm_err check(const struct nrm_leaf *leaf)
{
	if (leaf->kind <= NRM_EVENT_ABSENT || leaf->kind >= NRM_EVENT_END_)
		return NRM_ERR_UNKNOWN_CODE;
	if (!nrm_no_participant_or_ok(leaf->sender) || !nrm_no_participant_or_ok(leaf->recipient))
		return NRM_ERR_ID;
	if (!nrm_no_bytes_or_length(leaf->case_tag, NRM_HASH_LEN) ||
	    leaf->policy_digest.len != NRM_HASH_LEN || leaf->directory_digest.len != NRM_HASH_LEN ||
	    leaf->sender_view.len != NRM_HASH_LEN || leaf->recipient_view.len != NRM_HASH_LEN ||
	    leaf->oversight_view.len != NRM_HASH_LEN)
		return NRM_ERR_FORMAT;
	return NRM_OK;
}

enum nrm_err nrm_leaf_encode(const struct nrm_leaf *leaf, struct nrm_buf *out)
{
	Nrm__TrailEvent m = NRM__TRAIL_EVENT__INIT;
	char sender[NRM_MAX_ID + 1] = {0}, recipient[NRM_MAX_ID + 1] = {0};
	enum nrm_err err = check(leaf);

	if (err != NRM_OK)
		return err;
	if (leaf->sender.len)
		memcpy(sender, leaf->sender.data, leaf->sender.len);
	if (leaf->recipient.len)
		memcpy(recipient, leaf->recipient.data, leaf->recipient.len);
	m.version = LEAF_VERSION;
	m.minute = leaf->minute;
	m.kind = (Nrm__EventKind)leaf->kind;
	m.sender = sender;
	m.recipient = recipient;
	m.service = (Nrm__Service)leaf->service;
	m.outcome = (Nrm__Outcome)leaf->outcome;
	m.reason = (Nrm__Reason)leaf->reason;
	m.policy_digest = nrm_write_bytes(leaf->policy_digest);
	m.directory_digest = nrm_write_bytes(leaf->directory_digest);
	m.case_tag = nrm_write_bytes(leaf->case_tag);
	m.sender_view = nrm_write_bytes(leaf->sender_view);
	m.recipient_view = nrm_write_bytes(leaf->recipient_view);
	m.oversight_view = nrm_write_bytes(leaf->oversight_view);
	return nrm_message_pack(&m.base, NRM_MAX_LEAF, out);
}

enum nrm_err nrm_leaf_decode(struct nrm_slice bytes, struct nrm_arena *arena,
			     struct nrm_leaf *ret_leaf)
{
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_LEAF)
		return NRM_ERR_LIMIT;
	err = nrm_message_unpack(&nrm__trail_event__descriptor, bytes, arena, &message);
	if (err != NRM_OK)
		return err;

	const Nrm__TrailEvent *m = (const Nrm__TrailEvent *)message;
	if (m->version != LEAF_VERSION)
		return m->version > LEAF_VERSION ? NRM_ERR_VERSION : NRM_ERR_FORMAT;
	err = nrm_message_check(message, bytes);
	if (err != NRM_OK)
		return err;

	struct nrm_leaf leaf = {
		.minute = m->minute,
		.kind = (enum nrm_event)m->kind,
		.sender = nrm_slice_str(m->sender),
		.recipient = nrm_slice_str(m->recipient),
		.service = (enum nrm_service)m->service,
		.outcome = (enum nrm_outcome)m->outcome,
		.reason = (enum nrm_reason)m->reason,
		.policy_digest = nrm_read_bytes(m->policy_digest),
		.directory_digest = nrm_read_bytes(m->directory_digest),
		.case_tag = nrm_read_bytes(m->case_tag),
		.sender_view = nrm_read_bytes(m->sender_view),
		.recipient_view = nrm_read_bytes(m->recipient_view),
		.oversight_view = nrm_read_bytes(m->oversight_view),
	};
	err = check(&leaf);
	if (err == NRM_OK)
		*ret_leaf = leaf;
	return err;
}
