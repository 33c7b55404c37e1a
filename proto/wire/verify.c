/* Verification: the only place that makes a struct nrm_verified. */
#include <stdlib.h>

#include "proto/crypto/sign.h"
#include "proto/wire/frame.h"
#include "proto/wire/item_tree.h"
#include "proto/wire/message.h"

struct nrm_verified {
	struct nrm_statement statement;
	struct nrm_envelope envelope;
	struct nrm_hash digest;
	nrm_mask fields;
};

const struct nrm_statement *nrm_verified_statement(const struct nrm_verified *v)
{
	return &v->statement;
}

const struct nrm_envelope *nrm_verified_envelope(const struct nrm_verified *v)
{
	return &v->envelope;
}

const uint8_t *nrm_verified_digest(const struct nrm_verified *v)
{
	return v->digest.bytes;
}

nrm_mask nrm_verified_fields(const struct nrm_verified *v)
{
	return v->fields;
}

void nrm_commitment(enum nrm_field field, const uint8_t salt[static 16],
		    struct nrm_slice ciphertext, uint8_t out[static 32])
{
	static const char domain[] = "nrm/v1/field"; /* the terminator is the 0x00 */
	uint8_t number[2], hash[NRM_HASH_LEN];

	nrm_store_u16(number, (uint16_t)field);
	nrm_sha256_one(ciphertext, hash);
	const struct nrm_slice parts[] = {
		nrm_slice(domain, sizeof(domain)),
		nrm_slice(salt, 16),
		nrm_slice(number, sizeof(number)),
		nrm_slice(hash, sizeof(hash)),
	};
	nrm_sha256(parts, sizeof(parts) / sizeof(*parts), out);
}

/* The root that a proof leads to. */
static enum nrm_err proof_root(const struct nrm_proof *proof, const struct nrm_hash *digest,
			       struct nrm_hash *ret_root)
{
	struct nrm_hash path[NRM_MAX_PROOF_PATH];

	if (proof->size == 0 || proof->size > NRM_MAX_SIGNED_ITEMS || proof->index >= proof->size)
		return NRM_ERR_PROOF;
	if (proof->path.n > NRM_MAX_PROOF_PATH || !nrm_all_of_length(proof->path, NRM_HASH_LEN))
		return NRM_ERR_PROOF;
	for (size_t i = 0; i < proof->path.n; i++)
		memcpy(path[i].bytes, proof->path.item[i].data, NRM_HASH_LEN);
	return nrm_inclusion_root(digest, proof->index, proof->size, path, proof->path.n, ret_root);
}

enum nrm_err nrm_proof_verify(const struct nrm_proof *proof, const char *domain,
			      const uint8_t digest[static 32],
			      const struct nrm_verifying_key *signer)
{
	struct nrm_hash leaf, root;
	enum nrm_err err;

	memcpy(leaf.bytes, digest, sizeof(leaf.bytes));
	err = proof_root(proof, &leaf, &root);
	if (err != NRM_OK)
		return err;
	return nrm_batch_verify(signer, domain, proof->size, root.bytes, proof->signature);
}

static int compare_slices(const void *a, const void *b)
{
	return nrm_slice_compare(*(const struct nrm_slice *)a, *(const struct nrm_slice *)b);
}

/*
 * Each field has its commitment; with `whole`, each commitment its field too. Fields are distinct and a commitment binds
 * its field's number, so no two can share one.
 */
static enum nrm_err check_fields(const struct nrm_envelope *e, const struct nrm_statement *s,
				 bool whole, nrm_mask *ret_fields)
{
	nrm_mask fields = 0;

	for (size_t i = 0; i < e->n_fields; i++) {
		const struct nrm_sealed_field *f = &e->field[i];
		uint8_t hash[NRM_HASH_LEN];
		struct nrm_slice commitment = nrm_slice(hash, sizeof(hash));

		if (f->field <= NRM_FIELD_ABSENT || f->field >= NRM_FIELD_END_)
			return NRM_ERR_UNKNOWN_CODE;
		if (fields & nrm_bit(f->field))
			return NRM_ERR_DUPLICATE;
		fields |= nrm_bit(f->field);
		if (f->salt.len != 16)
			return NRM_ERR_FORMAT;
		nrm_commitment(f->field, f->salt.data, f->ciphertext, hash);
		if (s->commitment.n == 0 ||
		    !bsearch(&commitment, s->commitment.item, s->commitment.n, sizeof(commitment),
			     compare_slices))
			return NRM_ERR_COMMITMENT;
	}
	if (whole && e->n_fields != s->commitment.n)
		return NRM_ERR_COMMITMENT;
	*ret_fields = fields;
	return NRM_OK;
}

/* What remains once the signature holds: the statement and the fields. */
static enum nrm_err verified_new(const struct nrm_envelope *envelope, const struct nrm_proof *proof,
				 const struct nrm_hash *digest, bool whole, struct nrm_arena *arena,
				 const struct nrm_verified **ret_verified)
{
	struct nrm_verified *v = nrm_arena_alloc(arena, sizeof(*v));
	enum nrm_err err;

	if (!v)
		return NRM_ERR_NOMEM;
	err = nrm_statement_decode(envelope->statement, arena, &v->statement);
	if (err == NRM_OK)
		err = check_fields(envelope, &v->statement, whole, &v->fields);
	if (err != NRM_OK)
		return err;
	v->envelope = *envelope;
	v->envelope.has_proof = true;
	v->envelope.proof = *proof;
	v->digest = *digest;
	*ret_verified = v;
	return NRM_OK;
}

/* Signatures that were checked, so that those of a batch cost one check. */
struct check {
	const struct nrm_verifying_key *signer;
	uint32_t size;
	struct nrm_hash root;
	struct nrm_slice signature;
	enum nrm_err err;
};

struct checks {
	struct check *done;
	size_t n;
};

static enum nrm_err check_once(struct checks *checks, const struct nrm_verifying_key *signer,
			       uint32_t size, const struct nrm_hash *root,
			       struct nrm_slice signature)
{
	for (size_t i = checks->n; i-- > 0;) {
		const struct check *c = &checks->done[i];
		if (c->signer == signer && c->size == size &&
		    memcmp(&c->root, root, sizeof(*root)) == 0 &&
		    nrm_slice_equal(c->signature, signature))
			return c->err;
	}
	enum nrm_err err =
		nrm_batch_verify(signer, NRM_DOMAIN_STATEMENTS, size, root->bytes, signature);
	checks->done[checks->n++] = (struct check){signer, size, *root, signature, err};
	return err;
}

/* One envelope with its own proof; `checks` has room for one more. */
static enum nrm_err verify_one(struct checks *checks, const struct nrm_envelope *envelope,
			       const struct nrm_verifying_key *sender, bool whole,
			       struct nrm_arena *arena, const struct nrm_verified **ret_verified)
{
	struct nrm_hash digest, root;
	enum nrm_err err;

	if (!envelope->has_proof)
		return NRM_ERR_PROOF;
	digest = nrm_leaf_hash(envelope->statement);
	err = proof_root(&envelope->proof, &digest, &root);
	if (err == NRM_OK)
		err = check_once(checks, sender, envelope->proof.size, &root,
				 envelope->proof.signature);
	if (err != NRM_OK)
		return err;
	return verified_new(envelope, &envelope->proof, &digest, whole, arena, ret_verified);
}

enum nrm_err nrm_envelope_verify(const struct nrm_envelope *envelope,
				 const struct nrm_verifying_key *sender, struct nrm_arena *arena,
				 const struct nrm_verified **ret_verified)
{
	struct check one;
	struct checks checks = {&one, 0};

	return verify_one(&checks, envelope, sender, false, arena, ret_verified);
}

void nrm_deliver_verify(const struct nrm_delivery *item, size_t n,
			const struct nrm_verifying_key *const *sender, struct nrm_arena *arena,
			const struct nrm_verified **ret_verified, enum nrm_err *ret_err)
{
	struct checks checks = {nrm_arena_alloc(arena, n * sizeof(struct check)), 0};

	for (size_t i = 0; i < n; i++) {
		ret_verified[i] = NULL;
		ret_err[i] = !checks.done ? NRM_ERR_NOMEM
			     : !sender[i] ? NRM_ERR_KEY
					  : verify_one(&checks, &item[i].envelope, sender[i], false,
						       arena, &ret_verified[i]);
	}
}

/* Under one signature for all: the broker computes the path of each. */
static enum nrm_err verify_shared(const struct nrm_item_tree *tree, size_t i,
				  const struct nrm_envelope *envelope, struct nrm_slice signature,
				  struct nrm_arena *arena, const struct nrm_verified **ret_verified)
{
	struct nrm_proof proof;
	enum nrm_err err = envelope->has_proof ? NRM_ERR_FORMAT : NRM_OK;

	if (err == NRM_OK)
		err = nrm_item_tree_proof(tree, i, signature, arena, &proof);
	if (err != NRM_OK)
		return err;
	return verified_new(envelope, &proof, &tree->level[0][i], true, arena, ret_verified);
}

static enum nrm_err check_shared(const struct nrm_envelope *envelope, size_t n,
				 struct nrm_slice signature, const struct nrm_verifying_key *sender,
				 struct nrm_arena *arena, struct nrm_item_tree *ret_tree)
{
	struct nrm_slice *statement = nrm_arena_alloc(arena, n * sizeof(*statement));
	enum nrm_err err;

	if (!statement)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		statement[i] = envelope[i].statement;
	err = nrm_item_tree_build(statement, n, arena, ret_tree);
	if (err != NRM_OK)
		return err;
	return nrm_batch_verify(sender, NRM_DOMAIN_STATEMENTS, (uint32_t)n, ret_tree->root.bytes,
				signature);
}

void nrm_submit_verify(const struct nrm_envelope *envelope, size_t n, struct nrm_slice signature,
		       const struct nrm_verifying_key *sender, struct nrm_arena *arena,
		       const struct nrm_verified **ret_verified, enum nrm_err *ret_err)
{
	bool shared = signature.len > 0;
	struct nrm_item_tree tree;
	struct checks checks = {NULL, 0};
	enum nrm_err err = NRM_OK;

	if (shared) {
		err = check_shared(envelope, n, signature, sender, arena, &tree);
	} else {
		checks.done = nrm_arena_alloc(arena, n * sizeof(struct check));
		err = checks.done ? NRM_OK : NRM_ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		ret_verified[i] = NULL;
		ret_err[i] = err;
		if (err == NRM_OK && shared)
			ret_err[i] = verify_shared(&tree, i, &envelope[i], signature, arena,
						   &ret_verified[i]);
		else if (err == NRM_OK)
			ret_err[i] = verify_one(&checks, &envelope[i], sender, true, arena,
						&ret_verified[i]);
	}
}
