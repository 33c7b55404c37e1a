/*
 * A trail that contradicts itself. Both notes are kept for ever, in a file that this agency signs and that convinces whoever
 * has the directory; nothing of this broker is believed any more. The coordinators are told over the connection as well,
 * by a complaint about the broker: a broker that lies may drop it, so that is besides the file and not in its place.
 */
#include "agents/agent/exchange_parts.h"
#include "agents/agent/message.h"

#define NONE ((struct nrm_slice){0})

/* A complaint about the broker to one coordinator, in a case of its own: it carries no field and names nobody. */
static enum nrm_err complain(struct nrm_exchange *x, struct nrm_txn *txn,
			     const struct nrm_participant *coordinator)
{
	const struct nrm_values none = {0};
	struct nrm_buf envelope = {0}, copy = {0};
	uint8_t case_id[NRM_CASE_ID_LEN], random[10], *id = x->word[x->n_words];

	nrm_random(case_id, sizeof(case_id));
	nrm_random(random, sizeof(random));
	nrm_message_id_make(x->now_ms, random, id);
	const struct nrm_statement s = {
		.version = NRM_PROTOCOL_VERSION,
		.message_id = nrm_slice(id, NRM_MESSAGE_ID_LEN),
		.case_id = nrm_slice(case_id, sizeof(case_id)),
		.sender = x->self,
		.recipient = coordinator->id,
		.type = NRM_MESSAGE_TYPE_COMPLAINT,
		.issued_at_ms = x->now_ms,
		.expires_at_ms = x->now_ms + NRM_MAX_LIFETIME_MS,
		.basis = NRM_BASIS_NONE,
		.body.complaint = {.about = nrm_directory_broker_id(x->directory)},
	};
	enum nrm_err err = nrm_message_build(x->options.identity, &s, &none,
					     coordinator->sealing[0], &x->arena, &envelope, &copy);
	if (err == NRM_OK)
		err = nrm_outbox_add(txn, id, nrm_buf_slice(&envelope), nrm_buf_slice(&copy));
	x->n_words += err == NRM_OK;
	nrm_buf_done(&envelope);
	nrm_buf_done(&copy);
	return err;
}

static enum nrm_err complain_to_all(struct nrm_exchange *x, struct nrm_txn *txn)
{
	enum nrm_err err = NRM_OK;

	x->n_words = 0;
	for (size_t i = 0; !nrm_exchange_failed(err) && i < nrm_directory_count(x->directory);
	     i++) {
		const struct nrm_participant *p = nrm_directory_at(x->directory, i);

		if (x->n_words < NRM_MAX_LAST_WORDS && p->roles & nrm_bit(NRM_ROLE_COORDINATOR) &&
		    nrm_participant_active(p, x->now_ms) && !nrm_slice_equal(p->id, x->self))
			err = complain(x, txn, p);
	}
	return nrm_exchange_failed(err) ? err : NRM_OK; /* one that cannot be made stops no alarm */
}

static enum nrm_err keep(struct nrm_exchange *x, struct nrm_txn *txn, struct nrm_slice shown,
			 enum nrm_alarm_kind kind)
{
	struct nrm_alarm found = {
		.reporter = x->self, .time_ms = x->now_ms, .kind = kind, .shown = shown};
	struct nrm_buf file = {0};
	struct nrm_slice kept;
	enum nrm_err err = nrm_meta_get(txn, NRM_META_CHECKPOINT, &kept);

	if (err)
		return err;
	/* The row goes as the store is written to. */
	found.kept = nrm_slice(nrm_arena_copy(&x->arena, kept.data, kept.len), kept.len);
	if (!found.kept.data)
		return NRM_ERR_NOMEM;
	err = nrm_meta_put_pair(txn, NRM_META_ALARM, found.kept, shown);
	if (err == NRM_OK)
		err = nrm_alarm_write(&found, x->options.identity->signing, &file);
	if (err == NRM_OK)
		err = nrm_meta_put(txn, NRM_META_ALARM_FILE, nrm_buf_slice(&file));
	nrm_buf_done(&file);
	return err;
}

enum nrm_err nrm_exchange_alarm(struct nrm_exchange *x, struct nrm_slice shown,
				enum nrm_alarm_kind kind)
{
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);

	if (err)
		return err;
	err = keep(x, txn, shown, kind);
	if (err == NRM_OK)
		err = complain_to_all(x, txn);
	if (err) {
		nrm_txn_abort(txn);
		return err;
	}
	err = nrm_txn_commit(txn);
	x->alarm = true;
	nrm_exchange_found(x, NRM_FOUND_FORK, nrm_alarm_text(kind), NONE);
	return err ? err : NRM_ERR_CLOSED;
}

enum nrm_err nrm_exchange_last_words(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_envelope envelope[NRM_MAX_LAST_WORDS];
	struct nrm_to_broker frame = {.kind = NRM_SUBMIT, .is.submit.envelope = envelope};
	struct nrm_slice bytes, copy;
	struct nrm_txn *txn;
	enum nrm_err err;

	if (!x->connected || !x->greeted || x->n_words == 0)
		return NRM_ERR_AGAIN;
	frame.is.submit.n = x->n_words;
	x->n_words = 0;
	nrm_arena_reset(&x->arena);
	err = nrm_txn_begin(x->options.store, false, &txn);
	if (err)
		return err;
	for (size_t i = 0; err == NRM_OK && i < frame.is.submit.n; i++) {
		err = nrm_outbox_get(txn, nrm_slice(x->word[i], NRM_MESSAGE_ID_LEN), &bytes, &copy);
		if (err == NRM_OK)
			err = nrm_envelope_decode(bytes, &x->arena, &envelope[i]);
	}
	if (err == NRM_OK)
		err = nrm_to_broker_encode(&frame, out);
	nrm_txn_abort(txn);
	return err;
}

enum nrm_err nrm_exchange_trust_again(struct nrm_store *store)
{
	static const char *const rows_to_forget[] = {NRM_META_ALARM, NRM_META_CHECKPOINT};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(store, true, &txn);

	if (err)
		return err;
	for (size_t i = 0; i < 2; i++) {
		err = nrm_delete(txn, NRM_SPOOL_META, nrm_slice_str(rows_to_forget[i]));
		if (err && err != NRM_ERR_NOT_FOUND) {
			nrm_txn_abort(txn);
			return err;
		}
	}
	return nrm_txn_commit(txn);
}
