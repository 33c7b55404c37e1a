/* Proofs of one leaf that stand alone (C2SP tlog-proof). */
#include <string.h>

#include "proto/base/limits.h"
#include "proto/trail/note_text.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1"

static void put(struct nrm_buf *out, const char *text)
{
	nrm_buf_put(out, text, strlen(text));
}

enum nrm_err nrm_proof_file_write(struct nrm_slice leaf, uint64_t index,
				  const struct nrm_hash *path, size_t len, struct nrm_slice note,
				  struct nrm_buf *out)
{
	if (leaf.len > NRM_MAX_LEAF || len > NRM_MAX_TREE_PATH || note.len > NRM_MAX_NOTE)
		return NRM_ERR_LIMIT;
	put(out, FIRST_LINE "\nextra ");
	nrm_base64_put(out, leaf);
	put(out, "\nindex ");
	nrm_decimal_put(out, index);
	put(out, "\n");
	for (size_t i = 0; i < len; i++) {
		nrm_base64_put(out, nrm_slice(path[i].bytes, sizeof(path[i].bytes)));
		put(out, "\n");
	}
	put(out, "\n");
	nrm_buf_put(out, note.data, note.len);
	return out->err;
}

/* All before the checkpoint; `rest` is left at it. */
static enum nrm_err head_parse(struct nrm_slice *rest, struct nrm_proof_file *proof,
			       struct nrm_hash *path, size_t *ret_len)
{
	struct nrm_slice line, leaf, index;
	size_t len = 0;
	enum nrm_err err;

	if (!nrm_line_take(rest, &line) || !nrm_slice_equal(line, nrm_slice_str(FIRST_LINE)) ||
	    !nrm_line_take(rest, &leaf) || !nrm_prefix_take(&leaf, "extra ") ||
	    !nrm_line_take(rest, &index) || !nrm_prefix_take(&index, "index "))
		return NRM_ERR_FORMAT;
	if (leaf.len > (NRM_MAX_LEAF + 2) / 3 * 4)
		return NRM_ERR_LIMIT;
	if ((err = nrm_base64_read(leaf, &proof->leaf)) ||
	    (err = nrm_decimal_read(index, &proof->index)))
		return err;
	for (;;) {
		if (!nrm_line_take(rest, &line))
			return NRM_ERR_FORMAT;
		if (line.len == 0)
			break;
		if (len == NRM_MAX_TREE_PATH)
			return NRM_ERR_LIMIT;
		err = nrm_base64_read_exact(line, path[len++].bytes, NRM_HASH_LEN);
		if (err != NRM_OK)
			return err;
	}
	*ret_len = len;
	return NRM_OK;
}

enum nrm_err nrm_proof_file_check(struct nrm_slice file, const struct nrm_note_key *log,
				  const struct nrm_note_key *witness, size_t n_witnesses,
				  struct nrm_proof_file *ret_proof)
{
	struct nrm_hash path[NRM_MAX_TREE_PATH], leaf;
	struct nrm_proof_file proof = {0};
	enum nrm_err err;
	size_t len;

	if ((err = head_parse(&file, &proof, path, &len)) ||
	    (err = nrm_note_open(file, log, witness, n_witnesses, &proof.checkpoint,
				 &proof.cosigned)))
		goto out;
	leaf = nrm_leaf_hash(nrm_buf_slice(&proof.leaf));
	err = nrm_inclusion_verify(&leaf, proof.index, proof.checkpoint.size, path, len,
				   &proof.checkpoint.root);
out:
	if (err == NRM_OK)
		*ret_proof = proof;
	else
		nrm_buf_done(&proof.leaf);
	return err;
}
