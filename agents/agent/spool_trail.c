/*
 * The trail's side of the spool: leaves with their views as evidence, and the proofs that they
 * stand in the trail.
 */
#include "agents/agent/spool.h"

static struct nrm_slice number_key(uint64_t number, uint8_t out[static 8])
{
	nrm_store_u64(out, number);
	return nrm_slice(out, 8);
}

static enum nrm_err write_leaf(struct nrm_txn *txn, uint64_t index,
			       const struct nrm_kept_leaf *leaf)
{
	struct nrm_buf row = {0};
	uint8_t key[8];

	nrm_buf_put_u64(&row, leaf->proved);
	nrm_buf_put_u32(&row, (uint32_t)leaf->leaf.len);
	nrm_buf_put(&row, leaf->leaf.data, leaf->leaf.len);
	nrm_buf_put_u32(&row, (uint32_t)leaf->salt.len);
	nrm_buf_put(&row, leaf->salt.data, leaf->salt.len);
	nrm_buf_put(&row, leaf->view.data, leaf->view.len);
	enum nrm_err err = row.err ? row.err
				   : nrm_put(txn, NRM_SPOOL_LEAVES, number_key(index, key),
					     nrm_buf_slice(&row));
	nrm_buf_done(&row);
	return err;
}

enum nrm_err nrm_leaf_read(struct nrm_slice row, struct nrm_kept_leaf *ret_leaf)
{
	struct nrm_reader r = nrm_reader(row);
	struct nrm_kept_leaf got;

	got.proved = nrm_take_u64(&r);
	got.leaf = nrm_take(&r, nrm_take_u32(&r));
	got.salt = nrm_take(&r, nrm_take_u32(&r));
	got.view = r.rest;
	if (r.failed)
		return NRM_ERR_CORRUPT;
	*ret_leaf = got;
	return NRM_OK;
}

enum nrm_err nrm_leaf_get(struct nrm_txn *txn, uint64_t index, struct nrm_kept_leaf *ret_leaf)
{
	struct nrm_slice row;
	uint8_t key[8];
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_LEAVES, number_key(index, key), &row);

	return err ? err : nrm_leaf_read(row, ret_leaf);
}

enum nrm_err nrm_leaf_keep(struct nrm_txn *txn, uint64_t index, const struct nrm_kept_leaf *leaf,
			   uint64_t now_ms)
{
	struct nrm_kept_leaf old;
	uint8_t key[8], told[8];
	enum nrm_err err = nrm_leaf_get(txn, index, &old);

	if (err == NRM_OK)
		return nrm_slice_equal(old.leaf, leaf->leaf) ? NRM_OK : NRM_ERR_EXISTS;
	if (err != NRM_ERR_NOT_FOUND)
		return err;
	err = write_leaf(txn, index, leaf);
	return err ? err
		   : nrm_put(txn, NRM_SPOOL_UNPROVED, number_key(index, key),
			     number_key(now_ms, told));
}

enum nrm_err nrm_leaf_proved(struct nrm_txn *txn, uint64_t index, uint64_t size)
{
	struct nrm_kept_leaf leaf;
	uint8_t key[8];
	enum nrm_err err = nrm_leaf_get(txn, index, &leaf);

	if (err || leaf.proved)
		return err;
	leaf.proved = size;
	err = write_leaf(txn, index, &leaf);
	return err ? err : nrm_delete(txn, NRM_SPOOL_UNPROVED, number_key(index, key));
}

enum nrm_err nrm_proofs_keep(struct nrm_txn *txn, uint64_t size, uint64_t first,
			     struct nrm_slice frame)
{
	uint8_t key[16];

	nrm_store_u64(key, size);
	nrm_store_u64(key + 8, first);
	return nrm_put(txn, NRM_SPOOL_PROOFS, nrm_slice(key, sizeof(key)), frame);
}
