/* Submits: which messages go out next, and what the broker's refusals mean for them. */
#include "agents/agent/exchange_parts.h"
#include "agents/agent/message.h"

#define NONE		((struct nrm_slice){0})
#define BATCH		64u /* envelopes a frame */
#define ENVELOPE_MARGIN 16u /* tag and length of one in a frame */

/*
 * What is over when the reason passes: the message is sent again later. All other codes are final.
 */
static bool passes(enum nrm_refusal code)
{
	switch (code) {
	case NRM_REFUSAL_STORAGE_FULL:
	case NRM_REFUSAL_BUSY:
	case NRM_REFUSAL_NO_CREDIT:
	case NRM_REFUSAL_MAILBOX_FULL:
	case NRM_REFUSAL_STALE_KEY:
	case NRM_REFUSAL_DIRECTORY_CHANGED:
	case NRM_REFUSAL_NOT_YET:
	case NRM_REFUSAL_TOO_MANY_CASES:
		return true;
	default:
		return false;
	}
}

/*
 * What is about the connection and no message of it: a fresh one has to be made, and all comes
 * again.
 */
static bool ends_connection(enum nrm_refusal code)
{
	return code == NRM_REFUSAL_NO_SESSION || code == NRM_REFUSAL_UNKNOWN_PARTICIPANT ||
	       code == NRM_REFUSAL_DIRECTORY_CHANGED || code == NRM_REFUSAL_VERSION_TOO_NEW ||
	       code == NRM_REFUSAL_WRONG_DIRECTION;
}

static struct nrm_flight *find(struct nrm_exchange *x, struct nrm_slice message_id)
{
	for (uint32_t i = 0; i < x->n_flights && message_id.len == NRM_MESSAGE_ID_LEN; i++)
		if (memcmp(x->flight[i].message_id, message_id.data, message_id.len) == 0)
			return &x->flight[i];
	return NULL;
}

void nrm_exchange_landed(struct nrm_exchange *x, const uint8_t *message_id)
{
	struct nrm_flight *f = find(x, nrm_slice(message_id, NRM_MESSAGE_ID_LEN));

	if (!f)
		return;
	x->n_flights--;
	memmove(f, f + 1, (size_t)(&x->flight[x->n_flights] - f) * sizeof(*f));
	if (x->n_flights == 0)
		x->alone = false;
}

uint32_t nrm_exchange_in_flight(const struct nrm_exchange *x)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->n_flights; i++)
		n += x->flight[i].retry_at == 0;
	return n;
}

/*
 * Messages of one case keep their order: a consent put off holds back the referral that rests on
 * it.
 */
static const struct nrm_flight *put_off_of_case(const struct nrm_exchange *x,
						const uint8_t *case_id, uint64_t before)
{
	for (uint32_t i = 0; i < x->n_flights; i++)
		if (x->flight[i].retry_at && x->flight[i].place < before &&
		    memcmp(x->flight[i].case_id, case_id, NRM_CASE_ID_LEN) == 0)
			return &x->flight[i];
	return NULL;
}

/* Refused for good: the sender must know, and it is never sent again. */
static enum nrm_err refuse(struct nrm_exchange *x, const uint8_t *message_id, enum nrm_refusal code)
{
	struct nrm_slice id = nrm_slice(message_id, NRM_MESSAGE_ID_LEN);
	struct nrm_fate fate;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);

	if (err)
		return err;
	err = nrm_fate_get(txn, id, &fate);
	if (err || fate.stage != NRM_STAGE_SPOOLED) {
		nrm_txn_abort(txn);
		return err;
	}
	fate.stage = NRM_STAGE_REFUSED;
	fate.refusal = code;
	err = nrm_fate_put(txn, id, nrm_slice(NULL, 0), &fate, false);
	if (err) {
		nrm_txn_abort(txn);
		return err;
	}
	return nrm_txn_commit(txn);
}

/* Seals a message again, for the recipient's key of the current directory, under the same id. */
static enum nrm_err seal_again(struct nrm_exchange *x, const uint8_t *message_id)
{
	struct nrm_slice id = nrm_slice(message_id, NRM_MESSAGE_ID_LEN), envelope, copy;
	struct nrm_buf store = {0}, new_envelope = {0}, new_copy = {0};
	struct nrm_envelope old;
	struct nrm_statement statement, own;
	struct nrm_values values;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, true, &txn);

	if (err)
		return err;
	err = nrm_outbox_get(txn, id, &envelope, &copy);
	if (err == NRM_OK)
		err = nrm_message_open(x->options.identity, copy, &x->arena, &store, &own, &values);
	if (err == NRM_OK)
		err = nrm_envelope_decode(envelope, &x->arena, &old);
	if (err == NRM_OK)
		err = nrm_statement_decode(old.statement, &x->arena, &statement);
	if (err)
		goto out;
	const struct nrm_participant *recipient =
		nrm_directory_find(x->directory, statement.recipient);
	err = nrm_message_build(x->options.identity, &statement, &values,
				recipient ? recipient->sealing[0] : NULL, &x->arena, &new_envelope,
				&new_copy);
	if (err == NRM_OK)
		err = nrm_outbox_replace(txn, message_id, nrm_buf_slice(&new_envelope),
					 nrm_buf_slice(&new_copy));
	if (err == NRM_OK) {
		err = nrm_txn_commit(txn);
		txn = NULL;
	}
out:
	nrm_txn_abort(txn);
	nrm_buf_wipe(&store);
	nrm_buf_done(&new_envelope);
	nrm_buf_done(&new_copy);
	return err;
}

/* Before they fly again: what was sealed to a key that is not in use any more. */
static enum nrm_err seal_stale(struct nrm_exchange *x, uint64_t now_ms)
{
	for (uint32_t i = 0; i < x->n_flights; i++) {
		struct nrm_flight *f = &x->flight[i];

		if (!f->stale || f->retry_at > now_ms)
			continue;
		enum nrm_err err = seal_again(x, f->message_id);
		if (nrm_exchange_failed(err))
			return err;
		f->stale = false;
		if (err) {
			err = refuse(x, f->message_id, NRM_REFUSAL_STALE_KEY);
			if (err)
				return err;
			nrm_exchange_landed(x, f->message_id);
			i--;
		}
	}
	return NRM_OK;
}

struct batch {
	struct nrm_envelope envelope[BATCH];
	size_t n, bytes, room;
};

/* Adds the message of a flight; NRM_ERR_LIMIT when the frame has no room for it. */
static enum nrm_err add(struct nrm_exchange *x, struct nrm_txn *txn, struct nrm_flight *f,
			struct batch *batch)
{
	struct nrm_slice envelope, copy;
	struct nrm_statement statement;
	enum nrm_err err =
		nrm_outbox_get(txn, nrm_slice(f->message_id, NRM_MESSAGE_ID_LEN), &envelope, &copy);

	if (err)
		return err;
	if (batch->n == batch->room ||
	    batch->bytes + envelope.len + ENVELOPE_MARGIN > NRM_MAX_FRAME - ENVELOPE_MARGIN)
		return NRM_ERR_LIMIT;
	/* The transaction outlives the frame's encoding, so envelopes are not copied. */
	err = nrm_envelope_decode(envelope, &x->arena, &batch->envelope[batch->n]);
	if (err == NRM_OK)
		err = nrm_statement_decode(batch->envelope[batch->n].statement, &x->arena,
					   &statement);
	if (err)
		return nrm_exchange_failed(err) ? err : NRM_ERR_CORRUPT;
	memcpy(f->case_id, statement.case_id.data, NRM_CASE_ID_LEN);
	batch->bytes += envelope.len + ENVELOPE_MARGIN;
	batch->n++;
	return NRM_OK;
}

/* Those put off whose time has come, in the order of the queue. */
static enum nrm_err add_put_off(struct nrm_exchange *x, struct nrm_txn *txn, uint64_t now_ms,
				struct batch *batch)
{
	for (uint32_t i = 0; i < x->n_flights; i++) {
		struct nrm_flight *f = &x->flight[i];

		if (!f->retry_at || f->retry_at > now_ms)
			continue;
		const struct nrm_flight *ahead = put_off_of_case(x, f->case_id, f->place);
		if (ahead) {
			f->retry_at = ahead->retry_at;
			continue;
		}
		enum nrm_err err = add(x, txn, f, batch);
		if (err)
			return err;
		f->retry_at = 0;
	}
	return NRM_OK;
}

/* New ones from the queue. */
static enum nrm_err add_queued(struct nrm_exchange *x, struct nrm_txn *txn, struct batch *batch)
{
	while (x->n_flights < NRM_MAX_SUBMIT_CREDIT) {
		struct nrm_flight f = {0};
		size_t n = batch->n, bytes = batch->bytes;
		enum nrm_err err = nrm_queue_next(txn, x->next_place, &f.place, f.message_id);

		if (err)
			return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
		err = add(x, txn, &f, batch);
		if (err)
			return err;
		const struct nrm_flight *ahead = put_off_of_case(x, f.case_id, f.place);
		if (ahead) {
			f.retry_at = ahead->retry_at;
			f.pause = ahead->pause;
			batch->n = n;
			batch->bytes = bytes;
		}
		x->flight[x->n_flights++] = f;
		x->next_place = f.place + 1;
	}
	return NRM_OK;
}

enum nrm_err nrm_exchange_submit(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out)
{
	uint32_t flying = nrm_exchange_in_flight(x);
	uint32_t credit = x->alone ? 1 : x->submit_credit;
	struct nrm_to_broker frame = {.kind = NRM_SUBMIT};
	struct batch batch = {.n = 0};
	struct nrm_txn *txn;

	if (flying >= credit)
		return NRM_ERR_AGAIN;
	enum nrm_err err = seal_stale(x, now_ms);
	if (err)
		return err;
	batch.room = credit - flying < BATCH ? credit - flying : BATCH;
	err = nrm_txn_begin(x->options.store, false, &txn);
	if (err)
		return err;
	err = add_put_off(x, txn, now_ms, &batch);
	if (err == NRM_OK)
		err = add_queued(x, txn, &batch);
	if (err == NRM_ERR_LIMIT)
		err = NRM_OK;
	if (err == NRM_OK && batch.n == 0)
		err = NRM_ERR_AGAIN;
	frame.is.submit.envelope = batch.envelope;
	frame.is.submit.n = batch.n;
	if (err == NRM_OK)
		err = nrm_to_broker_encode(&frame, out);
	nrm_txn_abort(txn);
	return err;
}

static void put_off(struct nrm_flight *f, uint64_t now_ms)
{
	f->pause = f->pause ? f->pause * 2 : NRM_BACKOFF_MIN_MS;
	if (f->pause > NRM_BACKOFF_MAX_MS)
		f->pause = NRM_BACKOFF_MAX_MS;
	f->retry_at = now_ms + f->pause;
}

/* The broker could not say which message it refused: all are sent again, one by one. */
static void nameless(struct nrm_exchange *x, uint64_t now_ms)
{
	for (uint32_t i = 0; i < x->n_flights; i++)
		if (!x->flight[i].retry_at)
			put_off(&x->flight[i], now_ms);
	x->alone = x->n_flights > 0;
}

/* The one message that can be meant by a refusal without a name. */
static struct nrm_flight *only_one(struct nrm_exchange *x)
{
	if (!x->alone || nrm_exchange_in_flight(x) != 1)
		return NULL;
	for (uint32_t i = 0; i < x->n_flights; i++)
		if (!x->flight[i].retry_at)
			return &x->flight[i];
	return NULL;
}

enum nrm_err nrm_exchange_refused(struct nrm_exchange *x, const struct nrm_to_agent *frame,
				  uint64_t now_ms)
{
	enum nrm_refusal code = frame->is.refused.code;
	const char *name = nrm_code_name(NRM_VOCABULARY_REFUSAL, code);
	struct nrm_slice id = frame->is.refused.message_id;
	struct nrm_flight *f = find(x, id);
	static const uint8_t cosignature[NRM_MESSAGE_ID_LEN];

	/* No message has this id. */
	if (nrm_slice_equal(id, nrm_slice(cosignature, sizeof(cosignature)))) {
		nrm_exchange_found(x, NRM_FOUND_COSIGNATURE, name ? name : "unknown code", NONE);
		return NRM_OK;
	}
	nrm_exchange_found(x, passes(code) ? NRM_FOUND_RETRY : NRM_FOUND_REFUSED,
			   name ? name : "unknown code", id);
	if (code == NRM_REFUSAL_UNKNOWN_ACK)
		return NRM_OK; /* what it was about is delivered again */
	if (id.len == 0 && ends_connection(code))
		return NRM_ERR_CLOSED;
	if (id.len == 0)
		f = only_one(x);
	if (id.len == 0 && !f)
		nameless(x, now_ms);
	if (!f)
		return id.len && !passes(code) ? nrm_exchange_aggregate_refused(x, id, code)
					       : NRM_OK;
	x->ask_directory |= code == NRM_REFUSAL_STALE_KEY;
	f->stale = code == NRM_REFUSAL_STALE_KEY;
	if (passes(code)) {
		put_off(f, now_ms);
		return NRM_OK;
	}
	enum nrm_err err = refuse(x, f->message_id, code);
	if (err == NRM_OK)
		nrm_exchange_landed(x, f->message_id);
	return err;
}
