/*
 * Heads and proofs: the committed head goes to the signer, its checkpoint comes back some time later, and each session is
 * told, with one proof for many leaves, that what it was given is under it. Nothing waits for a signature.
 */
#include <stdlib.h>

#include "broker/books/state.h"

enum nrm_err nrm_books_have(struct nrm_books *books, const struct nrm_checkpoint *head)
{
	struct nrm_hash root;

	if (head->size > books->frontier.size)
		return NRM_ERR_CORRUPT;
	enum nrm_err err = nrm_root_at(head->size, nrm_trail_node, books->txn, &root);
	if (err != NRM_OK)
		return err;
	return memcmp(root.bytes, head->root.bytes, NRM_HASH_LEN) == 0 ? NRM_OK : NRM_ERR_CORRUPT;
}

enum nrm_err nrm_books_meet_signer(struct nrm_books *books, struct nrm_checkpoint *ret_last)
{
	const struct nrm_signer *signer = books->options.signer;
	struct nrm_checkpoint last;
	enum nrm_err err = signer->last(signer->self, &last);

	if (err == NRM_OK)
		err = nrm_books_have(books, &last);
	if (err == NRM_OK)
		*ret_last = last;
	return err;
}

/* Takes the checkpoint of a head that was handed over, if it is there; it may be of an earlier one than the tree's. */
static enum nrm_err collect(struct nrm_books *books)
{
	const struct nrm_signer *signer = books->options.signer;
	struct nrm_checkpoint head;

	nrm_buf_clear(&books->scratch);
	enum nrm_err err = signer->collect(signer->self, &head, &books->scratch);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	err = nrm_put(books->txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT),
		      nrm_buf_slice(&books->scratch));
	if (err != NRM_OK)
		return err;
	nrm_buf_clear(&books->checkpoint);
	nrm_buf_put(&books->checkpoint, books->scratch.data, books->scratch.len);
	books->signed_size = head.size;
	books->changed = true;
	return books->checkpoint.err;
}

/* Hands the committed head over, unless its checkpoint is there. */
static enum nrm_err submit(struct nrm_books *books, const struct nrm_checkpoint *last)
{
	const struct nrm_signer *signer = books->options.signer;
	struct nrm_signing_request request = {.from = last->size};
	struct nrm_hash path[NRM_MAX_TREE_PATH];

	request.head.size = books->frontier.size;
	if (request.head.size == books->signed_size && request.head.size == last->size)
		return NRM_OK;
	memcpy(request.head.origin, nrm_directory_log_key(books->options.directory)->name,
	       sizeof(request.head.origin));
	request.head.root = nrm_frontier_root(&books->frontier);
	enum nrm_err err = nrm_consistency_path(last->size, request.head.size, nrm_trail_node,
						books->txn, path, &request.n);
	request.path = path;
	if (err != NRM_OK)
		return err;
	/* One that is away, busy or refuses stops nothing: the next tick tries again, and proofs follow later. */
	err = signer->submit(signer->self, &request);
	return err == NRM_ERR_AGAIN || err == NRM_ERR_PROOF ? NRM_OK : err;
}

enum nrm_err nrm_books_sign(struct nrm_books *books)
{
	struct nrm_checkpoint last;
	enum nrm_err met = nrm_books_meet_signer(books, &last);

	if (met != NRM_OK && met != NRM_ERR_AGAIN)
		return met;
	enum nrm_err err = collect(books);
	if (err == NRM_OK && met == NRM_OK)
		err = submit(books, &last);
	return err == NRM_OK ? collect(books) : err; /* what answers at once has done so */
}

/* Hashes as slices, in the arena. */
static enum nrm_err slices_of(struct nrm_books *books, const struct nrm_hash *hash, size_t n,
			      struct nrm_slices *ret_slices)
{
	struct nrm_slice *item = nrm_arena_alloc(&books->arena, (n + 1) * sizeof(*item));
	struct nrm_hash *copy = nrm_arena_copy(&books->arena, hash, n * sizeof(*hash));

	if (!item || !copy)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		item[i] = nrm_slice(copy[i].bytes, NRM_HASH_LEN);
	*ret_slices = (struct nrm_slices){item, n};
	return NRM_OK;
}

enum nrm_err nrm_say_proofs(struct nrm_books *books, struct nrm_session *session,
			    const uint64_t *index, size_t n)
{
	struct nrm_to_agent frame = {.kind = NRM_PROOFS};
	struct nrm_hash path[NRM_MAX_TREE_PATH], *nodes = NULL;
	size_t n_path = 0, n_nodes = 0;

	enum nrm_err err = nrm_consistency_path(session->proved_size, books->signed_size,
						nrm_trail_node, books->txn, path, &n_path);
	if (err == NRM_OK && n > 0)
		err = nrm_multiproof(index, n, books->signed_size, nrm_trail_node, books->txn,
				     &nodes, &n_nodes);
	if (err == NRM_OK)
		err = slices_of(books, path, n_path, &frame.is.proofs.consistency);
	if (err == NRM_OK)
		err = slices_of(books, nodes, n_nodes, &frame.is.proofs.node);
	free(nodes);
	if (err != NRM_OK)
		return err;
	/* Many nodes and many cosignatures need not fit into one frame: these come with a head alone. */
	const struct nrm_buf *from = n == 0 && nrm_witnessed_is(&books->vouched, books->signed_size)
					     ? &books->vouched.note
					     : &books->checkpoint;
	uint64_t *kept = nrm_arena_copy(&books->arena, index, n * sizeof(*index));
	uint8_t *note = nrm_arena_copy(&books->arena, from->data, from->len);
	if (!kept || !note)
		return NRM_ERR_NOMEM;
	frame.is.proofs.checkpoint = nrm_slice(note, from->len);
	frame.is.proofs.from_size = session->proved_size;
	frame.is.proofs.index = kept;
	frame.is.proofs.n_indexes = n;
	session->proved_size = books->signed_size;
	return nrm_say_frame(books, session, &frame);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts what is owed and drops what is owed twice. */
static void tidy(struct nrm_session *session)
{
	size_t n = 0;

	qsort(session->unproved, session->n_unproved, sizeof(*session->unproved), ascending);
	for (size_t i = 0; i < session->n_unproved; i++)
		if (n == 0 || session->unproved[i] != session->unproved[n - 1])
			session->unproved[n++] = session->unproved[i];
	session->n_unproved = n;
}

static enum nrm_err prove_to(struct nrm_books *books, struct nrm_session *session)
{
	size_t done = 0, provable = 0;
	enum nrm_err err = NRM_OK;

	tidy(session);
	while (provable < session->n_unproved && session->unproved[provable] < books->signed_size)
		provable++;
	while (err == NRM_OK && done < provable) {
		size_t n = provable - done < NRM_MAX_FRAME_ITEMS ? provable - done
								 : NRM_MAX_FRAME_ITEMS;
		err = nrm_say_proofs(books, session, session->unproved + done, n);
		done += n;
	}
	session->n_unproved -= done;
	memmove(session->unproved, session->unproved + done,
		session->n_unproved * sizeof(*session->unproved));
	return err;
}

enum nrm_err nrm_books_prove(struct nrm_books *books)
{
	enum nrm_err err = NRM_OK;

	for (uint32_t party = 1; err == NRM_OK && party < books->sessions.n_of; party++) {
		struct nrm_session *session = books->sessions.of[party];
		if (session && session->n_unproved > 0)
			err = prove_to(books, session);
	}
	return err;
}
