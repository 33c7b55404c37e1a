#include "agents/agent/check.h"

#include "proto/crypto/sign.h"
#include "proto/trail/seal.h"

enum nrm_err nrm_check_told(struct nrm_slice leaf, struct nrm_slice salt, struct nrm_slice view,
			    enum nrm_viewer viewer, struct nrm_arena *arena,
			    struct nrm_told *ret_told)
{
	struct nrm_told told;
	uint8_t digest[NRM_HASH_LEN];

	if (salt.len != NRM_SALT_LEN)
		return NRM_ERR_FORMAT;
	enum nrm_err err = nrm_leaf_decode(leaf, arena, &told.leaf);
	if (err)
		return err;
	nrm_view_digest(salt.data, view, digest);
	struct nrm_slice committed = viewer == NRM_VIEWER_SENDER ? told.leaf.sender_view
								 : told.leaf.recipient_view;
	if (!nrm_slice_equal(committed, nrm_slice(digest, sizeof(digest))))
		return NRM_ERR_COMMITMENT;
	err = nrm_view_decode(view, arena, &told.view);
	if (err)
		return err;
	if (told.view.outcome != told.leaf.outcome || told.view.reason != told.leaf.reason)
		return NRM_ERR_BODY;
	told.hash = nrm_leaf_hash(leaf);
	*ret_told = told;
	return NRM_OK;
}

/* Kinds of leaf about a message: the decision itself, or what later became of it. */
static bool concerns(enum nrm_event kind, enum nrm_message_type type)
{
	return kind == (enum nrm_event)type || kind == NRM_EVENT_ACKNOWLEDGEMENT ||
	       kind == NRM_EVENT_REDECISION || kind == NRM_EVENT_RETURN;
}

/* `recipient` is who the leaf must say gets it. */
static enum nrm_err same_message(const struct nrm_told *told, const struct nrm_statement *statement,
				 struct nrm_slice recipient,
				 const uint8_t digest[static NRM_HASH_LEN])
{
	if (!concerns(told->leaf.kind, statement->type) || told->view.type != statement->type)
		return NRM_ERR_BODY;
	if (!nrm_slice_equal(told->view.message_id, statement->message_id) ||
	    !nrm_slice_equal(told->leaf.sender, statement->sender) ||
	    !nrm_slice_equal(told->leaf.recipient, recipient) ||
	    told->leaf.service != statement->service)
		return NRM_ERR_ID;
	if (!nrm_slice_equal(told->view.statement_digest, nrm_slice(digest, NRM_HASH_LEN)))
		return NRM_ERR_COMMITMENT;
	return NRM_OK;
}

enum nrm_err nrm_check_receipt(const struct nrm_told *told, const struct nrm_statement *statement,
			       const uint8_t digest[static NRM_HASH_LEN], nrm_mask declared)
{
	nrm_mask withheld = 0;
	enum nrm_err err = same_message(told, statement, statement->recipient, digest);

	if (err)
		return err;
	for (size_t i = 0; i < 3; i++)
		withheld |= told->view.withheld[i].fields;
	if (told->leaf.kind == NRM_EVENT_ACKNOWLEDGEMENT || told->leaf.kind == NRM_EVENT_RETURN)
		return NRM_OK;
	if (told->view.outcome != NRM_OUTCOME_FORWARD)
		return told->view.forwarded ? NRM_ERR_COMMITMENT : NRM_OK;
	if ((told->view.forwarded & withheld) || (told->view.forwarded | withheld) & ~declared)
		return NRM_ERR_COMMITMENT;
	/* A later decision speaks only of what the broker still held. */
	return told->leaf.kind != NRM_EVENT_REDECISION &&
			       (told->view.forwarded | withheld) != declared
		       ? NRM_ERR_COMMITMENT
		       : NRM_OK;
}

/* The one proof of an ack under the recipient's signature (protocol.md, "Frames": Ack). */
static enum nrm_err verify_ack(struct nrm_slice ack, const struct nrm_proof *proof,
			       const struct nrm_verifying_key *recipient)
{
	struct nrm_hash leaf = nrm_leaf_hash(ack), root, path[NRM_MAX_PROOF_PATH];

	if (proof->size == 0 || proof->size > NRM_MAX_SIGNED_ITEMS || proof->index >= proof->size ||
	    proof->path.n > NRM_MAX_PROOF_PATH)
		return NRM_ERR_PROOF;
	for (size_t i = 0; i < proof->path.n; i++) {
		if (proof->path.item[i].len != NRM_HASH_LEN)
			return NRM_ERR_PROOF;
		memcpy(path[i].bytes, proof->path.item[i].data, NRM_HASH_LEN);
	}
	enum nrm_err err =
		nrm_inclusion_root(&leaf, proof->index, proof->size, path, proof->path.n, &root);
	return err ? err
		   : nrm_batch_verify(recipient, NRM_DOMAIN_ACKS, proof->size, root.bytes,
				      proof->signature);
}

enum nrm_err nrm_check_ack(const struct nrm_told *told, const uint8_t digest[static NRM_HASH_LEN],
			   const struct nrm_verifying_key *recipient,
			   const struct nrm_hash *decision, struct nrm_arena *arena,
			   struct nrm_ack_body *ret_ack)
{
	struct nrm_ack_body ack;

	if (!told->view.has_ack_signature)
		return NRM_ERR_SIGNATURE;
	enum nrm_err err = verify_ack(told->view.ack, &told->view.ack_signature, recipient);
	if (err == NRM_OK)
		err = nrm_ack_decode(told->view.ack, arena, &ack);
	if (err)
		return err;
	if (!nrm_slice_equal(ack.statement_digest, nrm_slice(digest, NRM_HASH_LEN)) ||
	    (decision && !nrm_slice_equal(ack.leaf_hash, nrm_slice(decision->bytes, NRM_HASH_LEN))))
		return NRM_ERR_COMMITMENT;
	*ret_ack = ack;
	return NRM_OK;
}

enum nrm_err nrm_check_delivery(const struct nrm_told *told, const struct nrm_envelope *envelope,
				const struct nrm_directory *directory, struct nrm_slice self,
				struct nrm_arena *arena, const struct nrm_verified **ret_verified)
{
	const struct nrm_participant *sender = nrm_directory_find(directory, told->leaf.sender);
	const struct nrm_verified *verified;

	if (!sender)
		return NRM_ERR_NOT_FOUND;
	if (told->leaf.outcome != NRM_OUTCOME_FORWARD ||
	    told->leaf.kind == NRM_EVENT_ACKNOWLEDGEMENT)
		return NRM_ERR_BODY;
	enum nrm_err err = nrm_envelope_verify(envelope, sender->verifying, arena, &verified);
	if (err)
		return err;
	const struct nrm_statement *statement = nrm_verified_statement(verified);
	/* An order to forget a case is addressed to the broker, who hands it on to all whom it concerns. */
	bool order = statement->type == NRM_MESSAGE_TYPE_ERASURE_ORDER &&
		     nrm_slice_equal(statement->recipient, nrm_directory_broker_id(directory));
	if (!order && !nrm_slice_equal(statement->recipient, self))
		return NRM_ERR_ID;
	err = same_message(told, statement, self, nrm_verified_digest(verified));
	if (err)
		return err;
	nrm_mask fields = nrm_verified_fields(verified);
	if (fields != told->view.forwarded ||
	    told->view.withheld_count + envelope->n_fields != statement->commitment.n)
		return NRM_ERR_BODY;
	*ret_verified = verified;
	return NRM_OK;
}
