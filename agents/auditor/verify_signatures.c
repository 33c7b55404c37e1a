/*
 * Actors' signatures: each under the key that the directory in force at its leaf names. What was signed together is verified
 * once.
 */
#include <stdlib.h>

#include "agents/auditor/verify_parts.h"
#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/wire/directory_wire.h"
#include "proto/wire/frame.h"

#define REMEMBERED 4096u /* signatures that verified, of different batches */

struct signer {
	char id[NRM_MAX_ID + 1];
	struct nrm_verifying_key *key;
};

struct directory {
	struct nrm_hash digest;
	char broker[NRM_MAX_ID + 1];
	struct signer *signer; /* ascending by id */
	size_t n;
	struct directory *next;
};

struct nrm_signers {
	struct directory *directories;
	struct nrm_hash verified[REMEMBERED]; /* digests of (key, domain, size, root, signature) */
};

static int compare_signers(const void *a, const void *b)
{
	return strcmp(((const struct signer *)a)->id, ((const struct signer *)b)->id);
}

static void directory_free(struct directory *d)
{
	for (size_t i = 0; d && i < d->n; i++)
		nrm_verifying_key_free(d->signer[i].key);
	if (d)
		free(d->signer);
	free(d);
}

static void copy_id(char out[static NRM_MAX_ID + 1], struct nrm_slice id)
{
	const size_t n = id.len <= NRM_MAX_ID ? id.len : 0;

	memcpy(out, n ? id.data : (const uint8_t *)"", n);
	out[n] = '\0';
}

static enum nrm_err add_signer(struct directory *d, const struct nrm_participant_entry *p)
{
	for (size_t i = 0; i < p->n_keys; i++) {
		if (p->key[i].kind != NRM_KEY_KIND_SIGNING || p->key[i].key.len != NRM_KEY_LEN)
			continue;
		copy_id(d->signer[d->n].id, p->id);
		enum nrm_err err = nrm_verifying_key_new(p->key[i].key.data, &d->signer[d->n].key);
		if (err != NRM_OK)
			return err;
		d->n++;
		return NRM_OK;
	}
	return NRM_OK;
}

static enum nrm_err make_directory(const struct nrm_document *document, struct nrm_arena *arena,
				   struct directory **ret_directory)
{
	struct directory *d = calloc(1, sizeof(*d));
	struct nrm_directory_body body;
	enum nrm_err err = d ? nrm_directory_decode(document->document, arena, &body)
			     : NRM_ERR_NOMEM;

	if (err == NRM_OK && !(d->signer = calloc(body.n_participants + 1, sizeof(*d->signer))))
		err = NRM_ERR_NOMEM;
	for (size_t i = 0; err == NRM_OK && i < body.n_participants; i++)
		err = add_signer(d, &body.participant[i]);
	if (err != NRM_OK) {
		directory_free(d);
		return err;
	}
	copy_id(d->broker, body.broker.id);
	nrm_document_digest(NRM_DOMAIN_DIRECTORY, document->document, d->digest.bytes);
	qsort(d->signer, d->n, sizeof(*d->signer), compare_signers);
	*ret_directory = d;
	return NRM_OK;
}

/* One that cannot be read, or is not the authority's, is left out: what rests on it is counted as unknown. */
static enum nrm_err add_directory(struct nrm_signers *signers, struct nrm_slice bytes,
				  const struct nrm_verifying_key *authority)
{
	struct nrm_document document;
	struct directory *d = NULL;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	enum nrm_err err = nrm_document_decode(bytes, &arena, &document);
	if (err == NRM_OK && authority)
		err = nrm_document_verify(authority, NRM_DOMAIN_DIRECTORY, document.document,
					  document.signature);
	if (err == NRM_OK)
		err = make_directory(&document, &arena, &d);
	if (err == NRM_OK) {
		d->next = signers->directories;
		signers->directories = d;
	}
	nrm_arena_done(&arena);
	return err == NRM_ERR_NOMEM ? err : NRM_OK;
}

enum nrm_err nrm_signers_load(struct nrm_check *c)
{
	struct nrm_verifying_key *authority = NULL;
	struct nrm_cursor *cursor = NULL;
	struct nrm_slice key, value;
	struct nrm_txn *txn;
	enum nrm_err err;

	c->signers = calloc(1, sizeof(*c->signers));
	if (!c->signers)
		return NRM_ERR_NOMEM;
	if ((c->options->authority &&
	     (err = nrm_verifying_key_new(c->options->authority, &authority))) ||
	    (err = nrm_audit_snapshot(&c->reader, &txn)) ||
	    (err = nrm_cursor_open(txn, NRM_TABLE_DOCUMENTS, &cursor)))
		goto out;
	err = nrm_cursor_seek(cursor, nrm_slice("d", 1), &key, &value);
	while (err == NRM_OK && key.data[0] == 'd') {
		err = add_directory(c->signers, value, authority);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &value);
	}
	if (err == NRM_ERR_NOT_FOUND)
		err = NRM_OK;
out:
	nrm_cursor_close(cursor);
	nrm_verifying_key_free(authority);
	return err;
}

void nrm_signers_free(struct nrm_signers *signers)
{
	while (signers && signers->directories) {
		struct directory *d = signers->directories;
		signers->directories = d->next;
		directory_free(d);
	}
	free(signers);
}

static const struct directory *directory_of(const struct nrm_signers *signers,
					    struct nrm_slice digest)
{
	const struct directory *d = signers->directories;

	while (d && !nrm_slice_equal(digest, nrm_slice(d->digest.bytes, NRM_HASH_LEN)))
		d = d->next;
	return d;
}

static const struct nrm_verifying_key *key_of(const struct directory *d, struct nrm_slice id)
{
	struct signer wanted;

	copy_id(wanted.id, id);
	const struct signer *found =
		d->n ? bsearch(&wanted, d->signer, d->n, sizeof(wanted), compare_signers) : NULL;
	return found ? found->key : NULL;
}

/* The root that the proof leads to from `digest`. */
static enum nrm_err root_of(const struct nrm_proof *proof, const struct nrm_hash *digest,
			    struct nrm_hash *ret_root)
{
	struct nrm_hash path[NRM_MAX_PROOF_PATH];

	if (proof->path.n > NRM_MAX_PROOF_PATH)
		return NRM_ERR_PROOF;
	for (size_t i = 0; i < proof->path.n; i++) {
		if (proof->path.item[i].len != NRM_HASH_LEN)
			return NRM_ERR_PROOF;
		memcpy(path[i].bytes, proof->path.item[i].data, NRM_HASH_LEN);
	}
	return proof->index < proof->size ? nrm_inclusion_root(digest, proof->index, proof->size,
							       path, proof->path.n, ret_root)
					  : NRM_ERR_PROOF;
}

/* Whether `key` signed what has this digest; a batch's signature is verified once. */
static bool is_signed(struct nrm_signers *signers, const struct nrm_verifying_key *key,
		      const char *domain, const struct nrm_hash *digest,
		      const struct nrm_proof *proof)
{
	const uintptr_t signer = (uintptr_t)key; /* one object for each key of a directory */
	struct nrm_hash root, tuple;
	uint8_t size[4];

	if (root_of(proof, digest, &root) != NRM_OK)
		return false;
	nrm_store_u32(size, proof->size);
	nrm_sha256((struct nrm_slice[]){nrm_slice(&signer, sizeof(signer)), nrm_slice_str(domain),
					nrm_slice(size, sizeof(size)),
					nrm_slice(root.bytes, NRM_HASH_LEN), proof->signature},
		   5, tuple.bytes);
	struct nrm_hash *place =
		&signers->verified[(tuple.bytes[0] << 8 | tuple.bytes[1]) % REMEMBERED];
	if (memcmp(place, &tuple, sizeof(tuple)) == 0)
		return true;
	if (nrm_batch_verify(key, domain, proof->size, root.bytes, proof->signature) != NRM_OK)
		return false;
	*place = tuple;
	return true;
}

static void check_statement(struct nrm_check *c, uint64_t index, const struct directory *d,
			    const struct nrm_leaf *leaf, const struct nrm_view *view)
{
	const struct nrm_verifying_key *key = key_of(d, leaf->sender);
	struct nrm_hash digest;

	if (nrm_slice_equal(leaf->sender, nrm_slice_str(d->broker))) {
		c->report.signatures.broker++;
		return;
	}
	if (!key || view->statement_digest.len != NRM_HASH_LEN || !view->has_signature) {
		nrm_fault(&c->faults, index,
			  key ? "the record lacks the sender's signature"
			      : "the leaf's sender is not in the directory that was in force");
		return;
	}
	memcpy(digest.bytes, view->statement_digest.data, NRM_HASH_LEN);
	if (is_signed(c->signers, key, NRM_DOMAIN_STATEMENTS, &digest, &view->signature))
		c->report.signatures.statements++;
	else
		nrm_fault(&c->faults, index,
			  "the sender's signature of the statement does not verify");
}

/* Whether the Ack is about the leaf before this one in the message's life. */
static enum nrm_err acknowledges(struct nrm_check *c, const struct nrm_view *view,
				 const struct nrm_ack_body *ack, bool *ret_does)
{
	struct nrm_trail_row row;

	*ret_does = false;
	if (view->earlier == 0 || !nrm_slice_equal(ack->statement_digest, view->statement_digest))
		return NRM_OK;
	enum nrm_err err = nrm_audit_row(&c->reader, view->earlier - 1, &row);
	if (err == NRM_OK) {
		struct nrm_hash hash = nrm_leaf_hash(row.leaf);
		*ret_does = nrm_slice_equal(ack->leaf_hash, nrm_slice(hash.bytes, NRM_HASH_LEN));
	}
	return err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT ? NRM_OK : err;
}

static enum nrm_err check_ack(struct nrm_check *c, uint64_t index, const struct directory *d,
			      const struct nrm_leaf *leaf, const struct nrm_view *view)
{
	const struct nrm_verifying_key *key = key_of(d, leaf->recipient);
	const struct nrm_hash digest = nrm_leaf_hash(view->ack);
	struct nrm_ack_body ack;
	bool does;

	if (!key || !view->has_ack_signature ||
	    nrm_ack_decode(view->ack, &c->arena, &ack) != NRM_OK) {
		nrm_fault(&c->faults, index,
			  key ? "the record lacks the recipient's signed acknowledgement"
			      : "the leaf's recipient is not in the directory that was in force");
		return NRM_OK;
	}
	if (!is_signed(c->signers, key, NRM_DOMAIN_ACKS, &digest, &view->ack_signature)) {
		nrm_fault(&c->faults, index,
			  "the recipient's signature of the acknowledgement does not verify");
		return NRM_OK;
	}
	enum nrm_err err = acknowledges(c, view, &ack, &does);
	if (err != NRM_OK)
		return err;
	if (does)
		c->report.signatures.acks++;
	else
		nrm_fault(&c->faults, index,
			  "the acknowledgement is about another statement or leaf");
	return NRM_OK;
}

enum nrm_err nrm_check_signatures(struct nrm_check *c, uint64_t index, const struct nrm_leaf *leaf,
				  const struct nrm_view *view)
{
	const struct directory *d = directory_of(c->signers, leaf->directory_digest);
	const bool decision = leaf->kind >= NRM_EVENT_REFERRAL && leaf->kind <= NRM_EVENT_NOTICE;

	if (!decision && leaf->kind != NRM_EVENT_ACKNOWLEDGEMENT)
		c->report.signatures.broker++;
	else if (!d)
		c->report.signatures.unknown++;
	else if (decision)
		check_statement(c, index, d, leaf, view);
	else
		return check_ack(c, index, d, leaf, view);
	return NRM_OK;
}
