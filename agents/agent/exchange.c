#include <stdlib.h>

#include "agents/agent/exchange_parts.h"

#define CLOCK_TOLERANCE_MS (2u * 60 * 1000)

const char *nrm_finding_name(enum nrm_finding finding)
{
#define NRM_X_(name, event) [NRM_FOUND_##name] = event,
	static const char *const names[] = {NRM_FINDINGS(NRM_X_)};
#undef NRM_X_

	return finding < NRM_FOUND_END_ ? names[finding] : "unknown";
}

void nrm_exchange_found(struct nrm_exchange *x, enum nrm_finding finding, const char *text,
			struct nrm_slice message_id)
{
	x->found[finding]++;
	if (x->options.found)
		x->options.found(x->options.with, finding, text,
				 message_id.len == NRM_MESSAGE_ID_LEN ? message_id.data : NULL);
}

bool nrm_exchange_failed(enum nrm_err err)
{
	return err == NRM_ERR_NOMEM || err == NRM_ERR_IO || err == NRM_ERR_FULL ||
	       err == NRM_ERR_CORRUPT;
}

/* A spool belongs to one participant: keys and messages of two never mix. */
static enum nrm_err claim_store(struct nrm_txn *txn, struct nrm_slice self)
{
	struct nrm_slice owner;
	enum nrm_err err = nrm_meta_get(txn, NRM_META_IDENTITY, &owner);

	if (err == NRM_ERR_NOT_FOUND)
		return nrm_meta_put(txn, NRM_META_IDENTITY, self);
	if (err)
		return err;
	return nrm_slice_equal(owner, self) ? NRM_OK : NRM_ERR_ID;
}

/* Directory, policy, checkpoint and alarm as they were kept; without the first there is none of the others. */
static enum nrm_err take_up(struct nrm_exchange *x, struct nrm_txn *txn)
{
	struct nrm_document document;
	struct nrm_slice note, other;
	char why[256];
	enum nrm_err err =
		nrm_meta_get_pair(txn, NRM_META_DIRECTORY, &document.document, &document.signature);

	if (err == NRM_ERR_NOT_FOUND)
		return NRM_OK;
	if (err == NRM_OK)
		err = nrm_directory_open(&document, x->options.authority, &x->directory, why);
	if (err == NRM_OK)
		err = nrm_exchange_take_up_policy(x, txn);
	if (err)
		return err;
	err = nrm_meta_get_pair(txn, NRM_META_ALARM, &note, &other);
	x->alarm = err == NRM_OK;
	if (err && err != NRM_ERR_NOT_FOUND)
		return err;
	err = nrm_exchange_take_up_cosigned(x, txn);
	if (err)
		return err;
	err = nrm_meta_get(txn, NRM_META_CHECKPOINT, &note);
	if (err)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	/* Kept notes were good when they came; a log key that changed since begins a new trail. */
	uint64_t cosigned;
	struct nrm_checkpoint kept;
	if (nrm_note_open(note, nrm_directory_log_key(x->directory), NULL, 0, &kept, &cosigned) ==
	    NRM_OK)
		x->checkpoint = kept;
	return NRM_OK;
}

enum nrm_err nrm_exchange_new(const struct nrm_exchange_options *options,
			      struct nrm_exchange **ret_exchange)
{
	struct nrm_exchange *x = calloc(1, sizeof(*x));
	struct nrm_txn *txn = NULL;

	if (!x)
		return NRM_ERR_NOMEM;
	x->options = *options;
	x->self = nrm_slice_str(options->identity->id);
	x->must_scrub = true;
	nrm_arena_init(&x->arena, 2 * NRM_MAX_FRAME_ARENA);
	enum nrm_err err = nrm_txn_begin(options->store, true, &txn);
	if (err == NRM_OK)
		err = claim_store(txn, x->self);
	if (err == NRM_OK)
		err = take_up(x, txn);
	if (err) {
		nrm_txn_abort(txn);
		nrm_exchange_free(x);
		return err;
	}
	err = nrm_txn_commit(txn);
	if (err) {
		nrm_exchange_free(x);
		return err;
	}
	*ret_exchange = x;
	return NRM_OK;
}

void nrm_exchange_free(struct nrm_exchange *x)
{
	if (!x)
		return;
	nrm_exchange_forget_acks(x);
	nrm_directory_free(x->directory);
	nrm_signed_policy_free(x->policy);
	nrm_arena_done(&x->arena);
	nrm_buf_done(&x->to_cosign);
	free(x);
}

void nrm_exchange_connected(struct nrm_exchange *x)
{
	nrm_exchange_disconnected(x);
	x->connected = true;
}

void nrm_exchange_disconnected(struct nrm_exchange *x)
{
	x->connected = x->greeted = x->welcome = false;
	nrm_exchange_aggregate_soon(x);
	x->ask_directory = x->ask_head = x->asked_head = false;
	nrm_buf_clear(&x->to_cosign);
	x->submit_credit = 0;
	x->n_flights = 0;
	x->next_place = 0;
	x->credit_due = 0;
	x->n_questions = 0;
	nrm_exchange_forget_acks(x);
}

bool nrm_exchange_distrusts(const struct nrm_exchange *x)
{
	return x->alarm;
}

static enum nrm_err welcome(struct nrm_exchange *x, const struct nrm_to_agent *frame,
			    uint64_t now_ms)
{
	uint64_t theirs = frame->is.welcome.time_ms;
	uint64_t apart = theirs > now_ms ? theirs - now_ms : now_ms - theirs;
	struct nrm_slice none = {0};

	if (frame->is.welcome.version != NRM_PROTOCOL_VERSION) {
		nrm_exchange_found(x, NRM_FOUND_VERSION, "no common version", none);
		return NRM_ERR_CLOSED;
	}
	if (apart > CLOCK_TOLERANCE_MS)
		nrm_exchange_found(x, NRM_FOUND_CLOCK, "set this machine's clock", none);
	enum nrm_err err = nrm_exchange_take_directory(x, &frame->is.welcome.directory);
	if (err == NRM_OK && x->directory)
		err = nrm_exchange_take_note(x, frame->is.welcome.checkpoint);
	if (err == NRM_OK && x->directory)
		err = nrm_exchange_take_policy(x, &frame->is.welcome.policy);
	if (err)
		return err;
	x->welcome = true;
	x->submit_credit = frame->is.welcome.submit_credit < NRM_MAX_SUBMIT_CREDIT
				   ? frame->is.welcome.submit_credit
				   : NRM_MAX_SUBMIT_CREDIT;
	nrm_exchange_ask_soon(x, now_ms);
	return NRM_OK;
}

static enum nrm_err dispatch(struct nrm_exchange *x, const struct nrm_to_agent *frame,
			     struct nrm_slice bytes, uint64_t now_ms)
{
	if (frame->kind == NRM_WELCOME)
		return welcome(x, frame, now_ms);
	if (frame->kind == NRM_REFUSED)
		return nrm_exchange_refused(x, frame, now_ms);
	if (frame->kind == NRM_ANSWER_DIRECTORY)
		return nrm_exchange_take_directory(x, &frame->is.directory);
	if (frame->kind == NRM_ANSWER_STATUS || !x->directory)
		return NRM_OK; /* what is known to the broker comes as receipts besides */
	switch (frame->kind) {
	case NRM_POLICY:
		return nrm_exchange_take_policy(x, &frame->is.policy);
	case NRM_ANSWER_CASE:
		return nrm_exchange_case_file(x, &frame->is.case_file, bytes, now_ms);
	case NRM_RECEIPT:
		return nrm_exchange_receipt(x, frame, now_ms);
	case NRM_DELIVER:
		return nrm_exchange_deliver(x, frame, now_ms);
	case NRM_PROOFS:
		return nrm_exchange_proofs(x, frame, bytes);
	default:
		return NRM_OK;
	}
}

enum nrm_err nrm_exchange_receive(struct nrm_exchange *x, struct nrm_slice bytes, uint64_t now_ms)
{
	struct nrm_to_agent frame;
	struct nrm_slice none = {0};

	if (x->alarm)
		return NRM_ERR_CLOSED;
	nrm_arena_reset(&x->arena);
	x->now_ms = now_ms;
	enum nrm_err err = nrm_to_agent_decode(bytes, &x->arena, &frame);
	if (err) {
		nrm_exchange_found(x, NRM_FOUND_FRAME, nrm_err_text(err), none);
		return NRM_ERR_CLOSED;
	}
	err = dispatch(x, &frame, bytes, now_ms);
	if (nrm_exchange_failed(err))
		nrm_exchange_found(x, NRM_FOUND_STORE, nrm_err_text(err), none);
	return err;
}

/* Hello tells what we hold, so that the broker sends only what is new to us. */
static enum nrm_err hello(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_HELLO};
	struct nrm_txn *txn;
	struct nrm_slice note = {0};
	enum nrm_err err = nrm_txn_begin(x->options.store, false, &txn);

	if (err)
		return err;
	if (x->checkpoint.size)
		err = nrm_meta_get(txn, NRM_META_CHECKPOINT, &note);
	frame.is.hello.min_version = frame.is.hello.max_version = NRM_PROTOCOL_VERSION;
	frame.is.hello.directory_version = x->directory ? nrm_directory_version(x->directory) : 0;
	if (x->policy)
		frame.is.hello.policy_digest = nrm_slice(x->policy->rules->digest, NRM_HASH_LEN);
	frame.is.hello.checkpoint = note;
	frame.is.hello.credit = NRM_DELIVER_WINDOW;
	if (err == NRM_OK)
		err = nrm_to_broker_encode(&frame, out);
	nrm_txn_abort(txn);
	x->greeted = err == NRM_OK;
	return err;
}

static enum nrm_err grant(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_CREDIT, .is.credit = x->credit_due};

	x->credit_due = 0;
	return nrm_to_broker_encode(&frame, out);
}

static enum nrm_err ask_directory(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ASK, .is.ask.kind = NRM_ASK_DIRECTORY};

	x->ask_directory = false;
	return nrm_to_broker_encode(&frame, out);
}

/* How the last head follows from ours. */
static enum nrm_err ask_head(struct nrm_exchange *x, struct nrm_buf *out)
{
	struct nrm_to_broker frame = {.kind = NRM_ASK, .is.ask.kind = NRM_ASK_PROOFS};

	x->ask_head = false;
	x->asked_head = true;
	frame.is.ask.from_size = x->checkpoint.size;
	return nrm_to_broker_encode(&frame, out);
}

enum nrm_err nrm_exchange_next(struct nrm_exchange *x, uint64_t now_ms, struct nrm_buf *out)
{
	if (x->alarm)
		return nrm_exchange_last_words(x, out);
	if (!x->connected)
		return NRM_ERR_AGAIN;
	if (!x->greeted)
		return hello(x, out);
	if (!x->welcome)
		return NRM_ERR_AGAIN;
	if (x->n_acks)
		return nrm_exchange_acknowledge(x, out);
	if (x->credit_due >= NRM_DELIVER_WINDOW / 4)
		return grant(x, out);
	if (x->ask_directory)
		return ask_directory(x, out);
	if (x->ask_head)
		return ask_head(x, out);
	nrm_arena_reset(&x->arena);
	enum nrm_err err = nrm_exchange_cosign(x, now_ms, out);
	if (err == NRM_ERR_AGAIN)
		err = nrm_exchange_next_question(x, out);
	if (err == NRM_ERR_AGAIN)
		err = nrm_exchange_next_aggregate(x, out);
	if (err == NRM_ERR_AGAIN)
		err = nrm_exchange_submit(x, now_ms, out);
	if (err == NRM_ERR_AGAIN)
		err = nrm_exchange_ask(x, now_ms, out);
	if (err == NRM_ERR_AGAIN)
		nrm_exchange_scrub(x, now_ms); /* there is time for it */
	return err;
}

uint64_t nrm_exchange_due(const struct nrm_exchange *x, uint64_t now_ms)
{
	uint64_t due = x->status_round.next_ms;

	if (!x->welcome || x->alarm)
		return NRM_ASK_EVERY_MS;
	if (x->proofs_round.next_ms < due)
		due = x->proofs_round.next_ms;
	if (x->to_cosign.len && now_ms + nrm_exchange_cosign_due(x, now_ms) < due)
		due = now_ms + nrm_exchange_cosign_due(x, now_ms);
	/* Without credit nothing flies before a receipt comes in. */
	bool credit = nrm_exchange_in_flight(x) < (x->alone ? 1 : x->submit_credit);
	for (uint32_t i = 0; credit && i < x->n_flights; i++)
		if (x->flight[i].retry_at && x->flight[i].retry_at < due)
			due = x->flight[i].retry_at;
	return due > now_ms ? due - now_ms : 0;
}
