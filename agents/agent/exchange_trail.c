/*
 * What the broker says of the trail. A checkpoint must follow from the last
 * one kept: one that contradicts it is never forgotten, and nothing of this broker is believed any
 * more until people have cleared it up.
 */
#include "agents/agent/exchange_parts.h"

#define NONE ((struct nrm_slice){0})

static enum nrm_err open_note(struct nrm_exchange *x, struct nrm_slice note,
			      struct nrm_checkpoint *ret_head)
{
	uint64_t cosigned;
	enum nrm_err err = nrm_note_open(note, nrm_directory_log_key(x->directory), NULL, 0,
					 ret_head, &cosigned);

	if (err)
		nrm_exchange_found(x, NRM_FOUND_CHECKPOINT, nrm_err_text(err), NONE);
	return err;
}

/* A good note that is not beyond ours must be ours. */
static enum nrm_err contradiction(struct nrm_exchange *x, struct nrm_slice note,
				  const struct nrm_checkpoint *head)
{
	if (head->size < x->checkpoint.size)
		return nrm_exchange_alarm(x, note, NRM_ALARM_SHORTENED);
	if (head->size == x->checkpoint.size && head->size &&
	    memcmp(&head->root, &x->checkpoint.root, sizeof(head->root)) != 0)
		return nrm_exchange_alarm(x, note, NRM_ALARM_FORKED);
	return NRM_OK;
}

enum nrm_err nrm_exchange_take_note(struct nrm_exchange *x, struct nrm_slice note)
{
	struct nrm_checkpoint head;

	if (note.len == 0)
		return NRM_OK;
	enum nrm_err err = open_note(x, note, &head);
	if (err)
		return nrm_exchange_failed(err) ? err : NRM_OK;
	return contradiction(x, note, &head);
}

static enum nrm_err hashes(struct nrm_exchange *x, struct nrm_slices from,
			   struct nrm_hash **ret_hashes)
{
	struct nrm_hash *to = nrm_arena_alloc(&x->arena, (from.n + 1) * sizeof(*to));

	if (!to)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < from.n; i++) {
		if (from.item[i].len != NRM_HASH_LEN)
			return NRM_ERR_FORMAT;
		memcpy(to[i].bytes, from.item[i].data, NRM_HASH_LEN);
	}
	*ret_hashes = to;
	return NRM_OK;
}

/*
 * Whether a head follows from the one kept. NRM_ERR_AGAIN: it starts from another size, so nothing
 * can be said and the question is asked anew.
 */
static enum nrm_err follows(struct nrm_exchange *x, const struct nrm_to_agent *frame,
			    const struct nrm_checkpoint *head)
{
	struct nrm_hash *path;
	enum nrm_err err = contradiction(x, frame->is.proofs.checkpoint, head);

	if (err || x->checkpoint.size == 0 || head->size == x->checkpoint.size)
		return err;
	if (frame->is.proofs.from_size != x->checkpoint.size)
		return NRM_ERR_AGAIN;
	err = hashes(x, frame->is.proofs.consistency, &path);
	if (err)
		return err;
	err = nrm_consistency_verify(x->checkpoint.size, head->size, path,
				     frame->is.proofs.consistency.n, &x->checkpoint.root,
				     &head->root);
	return err ? nrm_exchange_alarm(x, frame->is.proofs.checkpoint, NRM_ALARM_INCONSISTENT)
		   : NRM_OK;
}

/* The leaves that are proved, which must be those that we were told, and nothing but them. */
static enum nrm_err prove(struct nrm_exchange *x, struct nrm_txn *txn,
			  const struct nrm_to_agent *frame, const struct nrm_checkpoint *head)
{
	size_t n = frame->is.proofs.n_indexes;
	struct nrm_hash *leaf = nrm_arena_alloc(&x->arena, (n + 1) * sizeof(*leaf)), *node;
	struct nrm_kept_leaf kept;
	enum nrm_err err = NRM_OK;

	if (!leaf)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		err = nrm_leaf_get(txn, frame->is.proofs.index[i], &kept);
		if (err)
			return err;
		leaf[i] = nrm_leaf_hash(kept.leaf);
	}
	err = hashes(x, frame->is.proofs.node, &node);
	if (err || n == 0)
		return err;
	err = nrm_multiproof_verify(frame->is.proofs.index, leaf, n, head->size, node,
				    frame->is.proofs.node.n, &head->root);
	for (size_t i = 0; i < n && err == NRM_OK; i++)
		err = nrm_leaf_proved(txn, frame->is.proofs.index[i], head->size);
	return err;
}

enum nrm_err nrm_exchange_proofs(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				 struct nrm_slice bytes)
{
	struct nrm_slice note = frame->is.proofs.checkpoint;
	struct nrm_checkpoint head;
	struct nrm_txn *txn;
	enum nrm_err err = open_note(x, note, &head);

	if (err)
		return nrm_exchange_failed(err) ? err : NRM_OK;
	err = follows(x, frame, &head);
	if (err == NRM_ERR_AGAIN) {
		x->proofs_round.next_ms = 0;
		x->ask_head |= frame->is.proofs.n_indexes == 0;
	} else if (err && err != NRM_ERR_CLOSED && !nrm_exchange_failed(err)) {
		nrm_exchange_found(x, NRM_FOUND_PROOF, nrm_err_text(err), NONE);
	}
	if (err)
		return err == NRM_ERR_CLOSED || nrm_exchange_failed(err) ? err : NRM_OK;
	err = nrm_txn_begin(x->options.store, true, &txn);
	if (err)
		return err;
	err = prove(x, txn, frame, &head);
	if (err && !nrm_exchange_failed(err)) {
		/* Nothing of the frame is kept; its leaves are asked for again. */
		nrm_exchange_found(x, NRM_FOUND_PROOF, nrm_err_text(err), NONE);
		nrm_txn_abort(txn);
		return NRM_OK;
	}
	if (err == NRM_OK && frame->is.proofs.n_indexes)
		err = nrm_proofs_keep(txn, head.size, frame->is.proofs.index[0], bytes);
	if (err == NRM_OK)
		err = nrm_meta_put(txn, NRM_META_CHECKPOINT, note);
	if (err) {
		nrm_txn_abort(txn);
		return err;
	}
	err = nrm_txn_commit(txn);
	if (err)
		return err;
	x->checkpoint = head;
	return frame->is.proofs.n_indexes ? NRM_OK : nrm_exchange_witness_asked(x, note);
}
