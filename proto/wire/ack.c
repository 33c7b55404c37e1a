/* Acks, and the frame-wide signature over them. */
#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/frame.pb-c.h"
#include "proto/wire/frame.h"
#include "proto/wire/item_tree.h"
#include "proto/wire/message.h"

enum nrm_err nrm_ack_decode(struct nrm_slice bytes, struct nrm_arena *arena,
			    struct nrm_ack_body *ret_ack)
{
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_STATEMENT)
		return NRM_ERR_LIMIT;
	err = nrm_message_read(&nrm__ack__descriptor, bytes, arena, &message);
	if (err != NRM_OK)
		return err;

	const Nrm__Ack *m = (const Nrm__Ack *)message;
	struct nrm_ack_body ack = {
		.statement_digest = nrm_read_bytes(m->statement_digest),
		.leaf_hash = nrm_read_bytes(m->leaf_hash),
		.time_ms = m->time_ms,
		.status = (enum nrm_ack)m->status,
	};
	if (ack.statement_digest.len != NRM_HASH_LEN || ack.leaf_hash.len != NRM_HASH_LEN)
		return NRM_ERR_FORMAT;
	if (ack.status == NRM_ACK_ABSENT)
		return NRM_ERR_UNKNOWN_CODE;
	err = nrm_read_mask(m->forwarded, m->n_forwarded, &ack.forwarded);
	if (err == NRM_OK)
		*ret_ack = ack;
	return err;
}

enum nrm_err nrm_ack_encode(const struct nrm_ack_body *ack, struct nrm_buf *out)
{
	Nrm__Ack m = NRM__ACK__INIT;
	uint32_t forwarded[64];

	m.statement_digest = nrm_write_bytes(ack->statement_digest);
	m.n_forwarded = nrm_write_mask(ack->forwarded, forwarded);
	m.forwarded = (Nrm__Field *)forwarded;
	m.leaf_hash = nrm_write_bytes(ack->leaf_hash);
	m.time_ms = ack->time_ms;
	m.status = (Nrm__AckStatus)ack->status;
	return nrm_message_pack(&m.base, NRM_MAX_STATEMENT, out);
}

enum nrm_err nrm_acks_verify(struct nrm_slices ack, struct nrm_slice signature,
			     const struct nrm_verifying_key *recipient, struct nrm_arena *arena,
			     struct nrm_proof *ret_proof)
{
	struct nrm_item_tree tree;
	enum nrm_err err = nrm_item_tree_build(ack.item, ack.n, arena, &tree);

	if (err == NRM_OK)
		err = nrm_batch_verify(recipient, NRM_DOMAIN_ACKS, (uint32_t)ack.n, tree.root.bytes,
				       signature);
	for (size_t i = 0; i < ack.n && err == NRM_OK; i++)
		err = nrm_item_tree_proof(&tree, i, signature, arena, &ret_proof[i]);
	return err;
}
