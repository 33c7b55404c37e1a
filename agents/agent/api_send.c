/*
 * Operations that send something: read into a draft, completed, sealed, signed, committed; only
 * then answered.
 */
#include "agents/agent/api_parts.h"
#include "agents/agent/render.h"
#include "proto/base/hex.h"
#include "proto/base/limits.h"

#define MAX_CASE_NAME 64u

/*
 * The case that a request names: a new one, one by its id, or one by a local name, which is given
 * an id at first use.
 */
static enum nrm_err find_case(struct nrm_txn *txn, const char *name, uint8_t out[static 16])
{
	struct nrm_slice id;

	if (nrm_unhex(name, out, NRM_CASE_ID_LEN) == NRM_OK)
		return NRM_OK;
	nrm_random(out, NRM_CASE_ID_LEN);
	if (strcmp(name, "new") == 0)
		return NRM_OK;
	if (!name[0] || strlen(name) > MAX_CASE_NAME)
		return NRM_ERR_ARGUMENT;
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_CASES, nrm_slice_str(name), &id);
	if (err == NRM_ERR_NOT_FOUND)
		return nrm_put(txn, NRM_SPOOL_CASES, nrm_slice_str(name),
			       nrm_slice(out, NRM_CASE_ID_LEN));
	if (err == NRM_OK && id.len != NRM_CASE_ID_LEN)
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK)
		memcpy(out, id.data, NRM_CASE_ID_LEN);
	return err;
}

/* Ids and times of a draft, in the request's arena. */
static enum nrm_err complete(struct nrm_call *call, struct nrm_txn *txn, struct nrm_draft *draft)
{
	struct nrm_statement *s = &draft->statement;
	uint8_t *id = nrm_arena_alloc(&call->arena, NRM_MESSAGE_ID_LEN + NRM_CASE_ID_LEN);
	uint8_t random[10];

	if (!id)
		return NRM_ERR_NOMEM;
	nrm_random(random, sizeof(random));
	nrm_message_id_make(call->now_ms, random, id);
	s->version = NRM_PROTOCOL_VERSION;
	s->message_id = nrm_slice(id, NRM_MESSAGE_ID_LEN);
	s->sender = nrm_slice_str(call->api->identity->id);
	s->issued_at_ms = call->now_ms;
	s->expires_at_ms = call->now_ms + NRM_MAX_LIFETIME_MS;
	if (!draft->case_name)
		return NRM_OK;
	enum nrm_err err = find_case(txn, draft->case_name, id + NRM_MESSAGE_ID_LEN);
	if (err == NRM_ERR_ARGUMENT)
		nrm_request_fail(&call->request,
				 "case: expected new, an id, or a name of at most %u bytes",
				 MAX_CASE_NAME);
	s->case_id = nrm_slice(id + NRM_MESSAGE_ID_LEN, NRM_CASE_ID_LEN);
	return err;
}

/* The key to seal to; NULL for the broker itself, which nothing is sealed to. */
static enum nrm_err find_recipient(struct nrm_call *call, const struct nrm_statement *s,
				   const uint8_t **ret_key)
{
	const struct nrm_directory *directory = nrm_exchange_directory(call->api->exchange);
	const struct nrm_participant *p;

	if (nrm_slice_equal(s->recipient, nrm_directory_broker_id(directory))) {
		*ret_key = NULL;
		return NRM_OK;
	}
	p = nrm_directory_find(directory, s->recipient);
	if (!p)
		nrm_request_fail(&call->request, "to: no such participant in the directory");
	else if (!nrm_participant_active(p, call->now_ms))
		nrm_request_fail(&call->request, "to: this participant is suspended");
	if (nrm_request_failed(&call->request))
		return NRM_ERR_NOT_FOUND;
	*ret_key = p->sealing[0];
	return NRM_OK;
}

static enum nrm_err build(struct nrm_call *call, struct nrm_txn *txn, const struct nrm_draft *draft)
{
	struct nrm_buf envelope = {0}, copy = {0};
	const uint8_t *key;
	enum nrm_err err = find_recipient(call, &draft->statement, &key);

	if (err)
		return err;
	err = nrm_message_build(call->api->identity, &draft->statement, &draft->values, key,
				&call->arena, &envelope, &copy);
	if (err == NRM_ERR_LIMIT)
		nrm_request_fail(&call->request, "fields: more than %u bytes altogether",
				 NRM_MAX_ENVELOPE);
	if (err == NRM_OK)
		err = nrm_outbox_add(txn, draft->statement.message_id.data,
				     nrm_buf_slice(&envelope), nrm_buf_slice(&copy));
	nrm_buf_done(&envelope);
	nrm_buf_done(&copy);
	return err;
}

/* What goes with a message in the same transaction. */
typedef enum nrm_err (*with_it)(struct nrm_call *call, struct nrm_txn *txn,
				const struct nrm_draft *draft);

static json_t *send(struct nrm_call *call, struct nrm_draft *draft, with_it also)
{
	struct nrm_statement *s = &draft->statement;
	struct nrm_fate spooled = {.stage = NRM_STAGE_SPOOLED};
	struct nrm_txn *txn;

	if (nrm_request_failed(&call->request))
		return NULL;
	enum nrm_err err = nrm_txn_begin(call->api->store, true, &txn);
	if (err)
		return nrm_call_failed(call, err);
	err = complete(call, txn, draft);
	if (err == NRM_OK)
		err = build(call, txn, draft);
	if (err == NRM_OK && also)
		err = also(call, txn, draft);
	if (err) {
		nrm_txn_abort(txn);
		return nrm_call_failed(call, err);
	}
	err = nrm_txn_commit(txn);
	if (err)
		return nrm_call_failed(call, err);
	memcpy(call->wait->message_id, s->message_id.data, NRM_MESSAGE_ID_LEN);
	json_t *answer = json_pack("{sb so so so}", "ok", 1, "message_id",
				   nrm_render_hex(s->message_id), "case_id",
				   nrm_render_hex(s->case_id), "to", nrm_render_text(s->recipient));
	if (answer)
		nrm_render_fate(answer, &spooled, false);
	return answer;
}

/* Everything needs a directory: for the recipient's key and the broker's id. */
bool nrm_call_ready(struct nrm_call *call)
{
	if (!nrm_exchange_directory(call->api->exchange))
		nrm_request_fail(&call->request,
				 "no directory yet: the agent has never reached its broker");
	return !nrm_request_failed(&call->request);
}

json_t *nrm_op_refer(struct nrm_call *call)
{
	struct nrm_exchange *x = call->api->exchange;
	struct nrm_draft draft = {.case_name = NULL};

	if (!nrm_call_ready(call))
		return NULL;
	nrm_draft_referral(&call->request, &draft);
	if (!nrm_exchange_policy(x))
		return send(call, &draft, NULL);
	/* Foreseen with what is known now, and once more with what the broker tells before it decides. */
	json_t *answer = send(call, &draft, nrm_preview_keep);
	if (!answer)
		return NULL;
	nrm_exchange_ask_case(x, draft.statement.case_id.data, draft.statement.message_id.data);
	nrm_api_settle(call->api, answer, call->wait);
	return answer;
}

/* ---- answers ---- */

static enum nrm_err note_reply(struct nrm_call *call, struct nrm_txn *txn,
			       const struct nrm_draft *draft)
{
	uint64_t place;
	enum nrm_err err = nrm_inbox_find(txn, draft->statement.body.response.in_reply_to, &place);

	(void)call;
	return err ? err : nrm_inbox_reply(txn, place, draft->statement.message_id.data);
}

/* The referral that is answered, copied out of the inbox. */
static enum nrm_err find_referral(struct nrm_call *call, struct nrm_statement *ret_referral)
{
	struct nrm_slice id = nrm_request_id(&call->request, "message_id", true);
	struct nrm_received received;
	struct nrm_envelope envelope;
	struct nrm_txn *txn;
	uint64_t place;

	if (nrm_request_failed(&call->request))
		return NRM_ERR_FORMAT;
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);
	if (err)
		return err;
	err = nrm_inbox_find(txn, id, &place);
	if (err == NRM_OK)
		err = nrm_inbox_get(txn, place, &received);
	const uint8_t *own = NULL;
	if (err == NRM_OK)
		own = nrm_arena_copy(&call->arena, received.envelope.data, received.envelope.len);
	nrm_txn_abort(txn);
	if (err)
		return err;
	if (!own)
		return NRM_ERR_NOMEM;
	err = nrm_envelope_decode(nrm_slice(own, received.envelope.len), &call->arena, &envelope);
	return err ? err : nrm_statement_decode(envelope.statement, &call->arena, ret_referral);
}

static json_t *respond(struct nrm_call *call, enum nrm_answer answer)
{
	struct nrm_draft draft = {.case_name = NULL};
	struct nrm_statement referral;

	if (!nrm_call_ready(call))
		return NULL;
	enum nrm_err err = find_referral(call, &referral);
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_DUPLICATE) {
		nrm_request_fail(&call->request, "message_id: %s in the inbox", nrm_err_text(err));
		return NULL;
	}
	if (err)
		return nrm_call_failed(call, err);
	if (referral.type != NRM_MESSAGE_TYPE_REFERRAL) {
		nrm_request_fail(&call->request, "message_id: not a referral");
		return NULL;
	}
	nrm_draft_response(&call->request, &referral, answer, &draft);
	return send(call, &draft, note_reply);
}

json_t *nrm_op_accept(struct nrm_call *call)
{
	return respond(call, NRM_ANSWER_ACCEPT);
}

json_t *nrm_op_decline(struct nrm_call *call)
{
	return respond(call, NRM_ANSWER_DECLINE);
}

/* ---- facts ---- */

static void to_broker(struct nrm_call *call, struct nrm_draft *draft)
{
	draft->statement.recipient =
		nrm_directory_broker_id(nrm_exchange_directory(call->api->exchange));
}

/* Previews rest on it until the broker tells of the case itself. */
static enum nrm_err note_stated(struct nrm_call *call, struct nrm_txn *txn,
				const struct nrm_draft *draft)
{
	struct nrm_slice id = draft->statement.message_id;
	struct nrm_fate fate;
	enum nrm_err err = nrm_fate_get(txn, id, &fate);

	(void)call;
	return err ? err : nrm_stated_add(txn, draft->statement.case_id, fate.queue, id);
}

static enum nrm_err note_consent(struct nrm_call *call, struct nrm_txn *txn,
				 const struct nrm_draft *draft)
{
	enum nrm_err err = note_stated(call, txn, draft);

	return err ? err
		   : nrm_put(txn, NRM_SPOOL_CONSENTS,
			     draft->statement.body.consent_grant.consent_id,
			     draft->statement.case_id);
}

json_t *nrm_op_consent_grant(struct nrm_call *call)
{
	struct nrm_draft draft = {.case_name = NULL};
	uint8_t fresh[NRM_CONSENT_ID_LEN];

	if (!nrm_call_ready(call))
		return NULL;
	to_broker(call, &draft);
	nrm_draft_consent(&call->request, call->now_ms, &draft);
	struct nrm_slice *id = &draft.statement.body.consent_grant.consent_id;
	if (id->len == 0) {
		nrm_random(fresh, sizeof(fresh));
		*id = nrm_slice(fresh, sizeof(fresh));
	}
	json_t *answer = send(call, &draft, note_consent);
	if (answer)
		json_object_set_new(answer, "consent_id", nrm_render_hex(*id));
	return answer;
}

/* The case of a consent that was recorded here, when the request does not name it. */
static enum nrm_err case_of_consent(struct nrm_call *call, struct nrm_draft *draft)
{
	struct nrm_slice id = draft->statement.body.withdrawal, case_id;
	struct nrm_txn *txn;

	if (draft->case_name)
		return NRM_OK;
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);
	if (err)
		return err;
	err = id.len ? nrm_get(txn, NRM_SPOOL_CONSENTS, id, &case_id) : NRM_ERR_NOT_FOUND;
	if (err == NRM_OK)
		draft->statement.case_id = nrm_slice(
			nrm_arena_copy(&call->arena, case_id.data, case_id.len), case_id.len);
	if (err == NRM_ERR_NOT_FOUND)
		nrm_request_fail(&call->request,
				 "case: missing; the consent was not recorded by this agency");
	nrm_txn_abort(txn);
	return err;
}

json_t *nrm_op_consent_withdraw(struct nrm_call *call)
{
	struct nrm_draft draft = {.case_name = NULL};

	if (!nrm_call_ready(call))
		return NULL;
	to_broker(call, &draft);
	draft.statement.type = NRM_MESSAGE_TYPE_WITHDRAWAL;
	draft.statement.basis = NRM_BASIS_NONE;
	draft.statement.body.withdrawal = nrm_request_id(&call->request, "consent_id", false);
	draft.case_name = nrm_request_text(&call->request, "case", false);
	enum nrm_err err = case_of_consent(call, &draft);
	return err ? nrm_call_failed(call, err) : send(call, &draft, note_stated);
}

json_t *nrm_op_case_state(struct nrm_call *call)
{
	struct nrm_draft draft = {.case_name = NULL};

	if (!nrm_call_ready(call))
		return NULL;
	to_broker(call, &draft);
	nrm_draft_case_card(&call->request, &draft);
	return send(call, &draft, note_stated);
}

/* The case is there or it is not: a name that is not known is no new case. */
json_t *nrm_op_case_forget(struct nrm_call *call)
{
	const char *name = nrm_request_text(&call->request, "case", true);
	struct nrm_draft draft = {.case_name = NULL};
	uint8_t id[NRM_CASE_ID_LEN];
	struct nrm_txn *txn;

	if (nrm_request_failed(&call->request) || !nrm_call_ready(call))
		return NULL;
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);
	if (err)
		return nrm_call_failed(call, err);
	err = nrm_case_named(txn, name, id);
	nrm_txn_abort(txn);
	if (err == NRM_ERR_NOT_FOUND)
		nrm_request_fail(&call->request,
				 "case: no case has this name here; expected its id or a name");
	if (err)
		return nrm_request_failed(&call->request) ? NULL : nrm_call_failed(call, err);
	to_broker(call, &draft);
	draft.statement.type = NRM_MESSAGE_TYPE_ERASURE_ORDER;
	draft.statement.basis = NRM_BASIS_NONE;
	draft.statement.case_id = nrm_slice(id, sizeof(id));
	return send(call, &draft, NULL);
}

/*
 * Gives a case that came from elsewhere a name of our own, or tells (and if need be makes) the id
 * behind a name.
 */
json_t *nrm_op_case_name(struct nrm_call *call)
{
	const char *name = nrm_request_text(&call->request, "name", true);
	struct nrm_slice given = nrm_request_id(&call->request, "case", false);
	uint8_t id[NRM_CASE_ID_LEN];
	struct nrm_txn *txn;

	if (nrm_request_failed(&call->request))
		return NULL;
	enum nrm_err err = nrm_txn_begin(call->api->store, true, &txn);
	if (err)
		return nrm_call_failed(call, err);
	if (nrm_unhex(name, id, sizeof(id)) == NRM_OK || strcmp(name, "new") == 0)
		nrm_request_fail(&call->request, "name: expected a name of your own");
	err = find_case(txn, name, id);
	if (err == NRM_ERR_ARGUMENT)
		nrm_request_fail(&call->request, "name: expected 1 to %u bytes", MAX_CASE_NAME);
	if (err == NRM_OK && given.len) {
		memcpy(id, given.data, sizeof(id));
		err = nrm_put(txn, NRM_SPOOL_CASES, nrm_slice_str(name), given);
	}
	if (err || nrm_request_failed(&call->request)) {
		nrm_txn_abort(txn);
		return nrm_call_failed(call, err);
	}
	err = nrm_txn_commit(txn);
	if (err)
		return nrm_call_failed(call, err);
	return json_pack("{sb so}", "ok", 1, "case_id", nrm_render_hex(nrm_slice(id, sizeof(id))));
}
