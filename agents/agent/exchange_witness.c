/*
 * This agency as a witness of the trail. The broker shows a head alone, without leaves, when it asks for cosignatures; one that
 * follows from the last head seen is cosigned, at most once a minute. What was seen and cosigned is on disk before the
 * cosignature leaves, so that no crash makes us vouch for two trails.
 */
#include <stdio.h>

#include "agents/agent/exchange_parts.h"

/* u64 milliseconds, the note with our cosignature */
static enum nrm_err keep(struct nrm_exchange *x, uint64_t now_ms, struct nrm_slice note)
{
	struct nrm_buf row = {0};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);

	if (err)
		return err;
	nrm_buf_put_u64(&row, now_ms);
	nrm_buf_put(&row, note.data, note.len);
	err = row.err ? row.err : nrm_meta_put(txn, NRM_META_COSIGNED, nrm_buf_slice(&row));
	nrm_buf_done(&row);
	if (err) {
		nrm_txn_abort(txn);
		return err;
	}
	return nrm_txn_commit(txn);
}

enum nrm_err nrm_exchange_witness_asked(struct nrm_exchange *x, struct nrm_slice note)
{
	if (x->asked_head || !x->options.identity->witness) {
		x->asked_head = false; /* our own question, not the broker's */
		return NRM_OK;
	}
	nrm_buf_clear(&x->to_cosign);
	return nrm_note_bare(note, &x->to_cosign);
}

enum nrm_err nrm_exchange_cosign(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_COSIGNATURE};
	char name[sizeof("nrm/") + NRM_MAX_ID];
	uint8_t public_key[NRM_KEY_LEN];
	struct nrm_note_key key;

	if (x->to_cosign.len == 0 || nrm_exchange_cosign_due(x, now_ms) > 0)
		return NRM_ERR_AGAIN;
	snprintf(name, sizeof(name), "nrm/%s", x->options.identity->id);
	nrm_signing_key_public(x->options.identity->witness, public_key);
	enum nrm_err err = nrm_note_key_make(name, NRM_NOTE_WITNESS, public_key, &key);
	if (err == NRM_OK)
		err = nrm_note_cosign(&x->to_cosign, now_ms / 1000, &key,
				      x->options.identity->witness);
	if (err == NRM_OK)
		err = keep(x, now_ms, nrm_buf_slice(&x->to_cosign));
	if (err == NRM_OK) {
		x->cosigned_ms = now_ms;
		frame.is.cosignature = nrm_buf_slice(&x->to_cosign);
		err = nrm_to_broker_encode(&frame, out);
	}
	nrm_buf_clear(&x->to_cosign);
	return err;
}

uint64_t nrm_exchange_cosign_due(const struct nrm_exchange *x, uint64_t now_ms)
{
	const uint64_t age = now_ms - x->cosigned_ms; /* immense when the clock was set back */

	return age < NRM_WITNESS_EVERY_MS ? NRM_WITNESS_EVERY_MS - age : 0;
}

enum nrm_err nrm_exchange_take_up_cosigned(struct nrm_exchange *x, struct nrm_txn *txn)
{
	struct nrm_slice row;
	enum nrm_err err = nrm_meta_get(txn, NRM_META_COSIGNED, &row);

	if (err)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	struct nrm_reader r = nrm_reader(row);
	x->cosigned_ms = nrm_take_u64(&r);
	return r.failed ? NRM_ERR_CORRUPT : NRM_OK;
}
