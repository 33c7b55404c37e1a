#include "proto/wire/leaf.h"

#include "proto/base/limits.h"
#include "proto/trail.pb-c.h"
#include "proto/wire/message.h"
#include "proto/wire/pack.h"

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
	enum nrm_err err = check(leaf);

	if (err != NRM_OK)
		return err;
	nrm_pack_number(out, 1, LEAF_VERSION);
	nrm_pack_number(out, 2, leaf->minute);
	nrm_pack_number(out, 3, leaf->kind);
	nrm_pack_bytes(out, 4, leaf->sender);
	nrm_pack_bytes(out, 5, leaf->recipient);
	nrm_pack_number(out, 6, leaf->service);
	nrm_pack_number(out, 7, leaf->outcome);
	nrm_pack_number(out, 8, leaf->reason);
	nrm_pack_bytes(out, 9, leaf->policy_digest);
	nrm_pack_bytes(out, 10, leaf->directory_digest);
	nrm_pack_bytes(out, 11, leaf->case_tag);
	nrm_pack_bytes(out, 12, leaf->sender_view);
	nrm_pack_bytes(out, 13, leaf->recipient_view);
	nrm_pack_bytes(out, 14, leaf->oversight_view);
	return out->err;
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
