/* Operations that only tell: lists, single messages, how the agent is doing. */
#include "agents/agent/api_parts.h"
#include "agents/agent/profile.h"
#include "agents/agent/render.h"
#include "proto/base/hex.h"

#define LIST_DEFAULT 100u
#define LIST_MOST    1000u

/* The statement of an encoded envelope, in the call's arena. */
static enum nrm_err statement_of(struct nrm_call *call, struct nrm_slice bytes,
				 struct nrm_statement *ret_statement)
{
	struct nrm_envelope envelope;
	enum nrm_err err = nrm_envelope_decode(bytes, &call->arena, &envelope);

	return err ? err : nrm_statement_decode(envelope.statement, &call->arena, ret_statement);
}

static bool is_broker(struct nrm_call *call, struct nrm_slice id)
{
	const struct nrm_directory *directory = nrm_exchange_directory(call->api->exchange);

	return directory && nrm_slice_equal(id, nrm_directory_broker_id(directory));
}

/* Adds the proof of a leaf: the size of the tree in which it was found. */
static void add_proof(struct nrm_txn *txn, json_t *to, uint64_t index)
{
	struct nrm_kept_leaf leaf;

	if (nrm_leaf_get(txn, index, &leaf) == NRM_OK && leaf.proved)
		json_object_set_new(to, "proved_in", json_integer((json_int_t)leaf.proved));
	else
		json_object_set_new(to, "proved_in", json_null());
}

/* What we answered, unless the broker refused that answer. */
static json_t *render_answered(struct nrm_call *call, struct nrm_txn *txn,
			       const struct nrm_received *in)
{
	static const uint8_t none[NRM_MESSAGE_ID_LEN];
	struct nrm_slice id = nrm_slice(in->reply, sizeof(in->reply)), envelope, copy;
	struct nrm_statement reply;
	struct nrm_fate fate;

	if (memcmp(in->reply, none, sizeof(none)) == 0 ||
	    nrm_outbox_get(txn, id, &envelope, &copy) != NRM_OK ||
	    statement_of(call, envelope, &reply) != NRM_OK ||
	    nrm_fate_get(txn, id, &fate) != NRM_OK || nrm_fate_is_refused(&fate))
		return json_null();
	return nrm_render_code(NRM_VOCABULARY_ANSWER, reply.body.response.answer);
}

static json_t *render_received(struct nrm_call *call, struct nrm_txn *txn,
			       const struct nrm_received *in)
{
	struct nrm_statement statement;

	if (statement_of(call, in->envelope, &statement) != NRM_OK)
		return NULL;
	json_t *out = nrm_render_statement(&statement);
	json_t *more = json_pack("{ss so sI so so sI so}", "direction", "in", "received",
				 nrm_render_time(in->received_ms), "leaf", (json_int_t)in->index,
				 "forwarded", nrm_render_mask(NRM_VOCABULARY_FIELD, in->forwarded),
				 "status", nrm_render_code(NRM_VOCABULARY_ACK, in->status),
				 "withheld_count", (json_int_t)in->withheld_count, "answered",
				 render_answered(call, txn, in));
	if (out && more)
		json_object_update(out, more);
	json_decref(more);
	if (out)
		add_proof(txn, out, in->index);
	return out;
}

static json_t *render_sent(struct nrm_call *call, struct nrm_txn *txn, struct nrm_slice id,
			   struct nrm_slice envelope)
{
	struct nrm_statement statement;
	struct nrm_fate fate;

	if (statement_of(call, envelope, &statement) != NRM_OK ||
	    nrm_fate_get(txn, id, &fate) != NRM_OK)
		return NULL;
	json_t *out = nrm_render_statement(&statement);
	if (!out)
		return NULL;
	json_object_set_new(out, "direction", json_string("out"));
	nrm_render_fate(out, &fate, is_broker(call, statement.recipient));
	if (fate.stage == NRM_STAGE_DECIDED)
		add_proof(txn, out, fate.index);
	return out;
}

/* One row of a list; *ret_after is what a request for the rows behind it says. */
typedef json_t *(*render_row)(struct nrm_call *call, struct nrm_txn *txn, struct nrm_slice key,
			      struct nrm_slice value, json_t **ret_after);

static json_t *inbox_row(struct nrm_call *call, struct nrm_txn *txn, struct nrm_slice key,
			 struct nrm_slice value, json_t **ret_after)
{
	struct nrm_received received;

	*ret_after = nrm_render_hex(key);
	return nrm_inbox_read(value, &received) ? NULL : render_received(call, txn, &received);
}

static json_t *outbox_row(struct nrm_call *call, struct nrm_txn *txn, struct nrm_slice key,
			  struct nrm_slice value, json_t **ret_after)
{
	struct nrm_slice envelope, copy;

	(void)value;
	*ret_after = nrm_render_hex(key);
	return nrm_outbox_get(txn, key, &envelope, &copy) ? NULL
							  : render_sent(call, txn, key, envelope);
}

/* Rows of a table in order, from behind the key `after` (hexadecimal), a page at a time. */
static json_t *list(struct nrm_call *call, unsigned table, size_t key_len, render_row render)
{
	struct nrm_request *r = &call->request;
	uint64_t limit = nrm_request_number(r, "limit", LIST_MOST);
	const char *after = nrm_request_text(r, "after", false);
	uint8_t from[NRM_MESSAGE_ID_LEN];
	struct nrm_cursor *cursor = NULL;
	struct nrm_slice key, value;
	struct nrm_txn *txn;
	json_t *rows = json_array(), *last = json_null();

	if (after && nrm_unhex(after, from, key_len) != NRM_OK)
		nrm_request_fail(r, "after: expected what the last answer gave");
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);
	if (err == NRM_OK && !nrm_request_failed(r))
		err = nrm_cursor_open(txn, table, &cursor);
	if (err || nrm_request_failed(r))
		goto out;
	err = nrm_cursor_seek(cursor, nrm_slice(from, after ? key_len : 0), &key, &value);
	if (err == NRM_OK && after && nrm_slice_equal(key, nrm_slice(from, key_len)))
		err = nrm_cursor_next(cursor, &key, &value);
	for (uint64_t n = limit ? limit : LIST_DEFAULT; err == NRM_OK && n > 0; n--) {
		json_decref(last);
		json_t *row = render(call, txn, key, value, &last);
		nrm_arena_reset(&call->arena);
		if (!row) {
			err = NRM_ERR_CORRUPT;
			break;
		}
		json_array_append_new(rows, row);
		err = nrm_cursor_next(cursor, &key, &value);
	}
	bool more = err == NRM_OK;
	if (err == NRM_ERR_NOT_FOUND)
		err = NRM_OK;
	if (!more) {
		json_decref(last);
		last = json_null();
	}
out:
	if (cursor)
		nrm_cursor_close(cursor);
	nrm_txn_abort(txn);
	if (err || nrm_request_failed(r)) {
		json_decref(rows);
		json_decref(last);
		return nrm_call_failed(call, err);
	}
	return json_pack("{sb so so}", "ok", 1, "messages", rows, "after", last);
}

json_t *nrm_op_inbox(struct nrm_call *call)
{
	return list(call, NRM_SPOOL_INBOX, 8, inbox_row);
}

json_t *nrm_op_outbox(struct nrm_call *call)
{
	return list(call, NRM_SPOOL_OUTBOX, NRM_MESSAGE_ID_LEN, outbox_row);
}

/*
 * Opens the fields of an envelope into an answer; plaintexts are wiped as soon as they are
 * written.
 */
static void add_fields(struct nrm_call *call, json_t *to, struct nrm_slice envelope)
{
	struct nrm_buf store = {0};
	struct nrm_statement statement;
	struct nrm_values values;
	enum nrm_err err = nrm_message_open(call->api->identity, envelope, &call->arena, &store,
					    &statement, &values);

	json_object_set_new(to, "fields", err ? json_null() : nrm_render_values(&values));
	if (err)
		json_object_set_new(to, "unopened", json_string(nrm_err_text(err)));
	nrm_buf_wipe(&store);
}

json_t *nrm_op_show(struct nrm_call *call)
{
	struct nrm_slice id = nrm_request_id(&call->request, "message_id", true), envelope, copy;
	struct nrm_received received;
	struct nrm_fate fate;
	json_t *out = NULL;
	struct nrm_txn *txn;
	uint64_t place;

	if (nrm_request_failed(&call->request))
		return NULL;
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);
	if (err)
		return nrm_call_failed(call, err);
	err = nrm_outbox_get(txn, id, &envelope, &copy);
	if (err == NRM_OK) {
		out = render_sent(call, txn, id, envelope);
		if (out && nrm_fate_get(txn, id, &fate) == NRM_OK)
			nrm_preview_add(txn, id, &fate, true, out);
		if (out)
			add_fields(call, out, copy);
	} else if (err == NRM_ERR_NOT_FOUND) {
		err = nrm_inbox_find(txn, id, &place);
		if (err == NRM_OK)
			err = nrm_inbox_get(txn, place, &received);
		out = err ? NULL : render_received(call, txn, &received);
		if (out)
			add_fields(call, out, received.envelope);
	}
	nrm_txn_abort(txn);
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_DUPLICATE) {
		nrm_request_fail(&call->request, "message_id: %s", nrm_err_text(err));
		return NULL;
	}
	if (err || !out)
		return nrm_call_failed(call, err ? err : NRM_ERR_CORRUPT);
	return json_pack("{sb so}", "ok", 1, "message", out);
}

/* Both notes of an alarm, for the coordinator. */
static json_t *alarm_notes(struct nrm_call *call)
{
	struct nrm_slice kept, other;
	json_t *out = NULL;
	struct nrm_txn *txn;

	if (nrm_txn_begin(call->api->store, false, &txn) != NRM_OK)
		return json_null();
	if (nrm_meta_get_pair(txn, NRM_META_ALARM, &kept, &other) == NRM_OK)
		out = json_pack("{so so}", "kept", nrm_render_text(kept), "contradicted_by",
				nrm_render_text(other));
	nrm_txn_abort(txn);
	return out ? out : json_null();
}

/* The last alarm, as a file that this agency signed: after it was cleared up, too. */
json_t *nrm_op_alarm(struct nrm_call *call)
{
	struct nrm_slice file;
	json_t *out = NULL;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);

	if (err)
		return nrm_call_failed(call, err);
	err = nrm_meta_get(txn, NRM_META_ALARM_FILE, &file);
	if (err == NRM_OK)
		out = json_pack("{sb so}", "ok", 1, "file", nrm_render_text(file));
	nrm_txn_abort(txn);
	if (err == NRM_ERR_NOT_FOUND) {
		nrm_request_fail(&call->request,
				 "this agent never saw the trail contradict itself");
		return NULL;
	}
	return out ? out : nrm_call_failed(call, err ? err : NRM_ERR_NOMEM);
}

json_t *nrm_op_status(struct nrm_call *call)
{
	const struct nrm_directory *d = nrm_exchange_directory(call->api->exchange);
	const struct nrm_participant *self =
		d ? nrm_directory_find(d, nrm_slice_str(call->api->identity->id)) : NULL;
	const struct nrm_policy *policy = nrm_exchange_policy(call->api->exchange);
	struct nrm_exchange_figures f;
	json_t *found = json_object();
	enum nrm_err err = nrm_exchange_figures(call->api->exchange, call->now_ms, &f);

	for (int i = 0; !err && i < NRM_FOUND_END_; i++)
		if (f.found[i])
			json_object_set_new(found, nrm_finding_name((enum nrm_finding)i),
					    json_integer((json_int_t)f.found[i]));
	if (err) {
		json_decref(found);
		return nrm_call_failed(call, err);
	}
	return json_pack("{sb ss so ss sb sb sI so sI sI sI sI sI sI sI so so sI so so}", "ok", 1,
			 "id", call->api->identity->id, "name",
			 self ? nrm_render_text(self->name) : json_null(), "profile",
			 call->api->profile ? call->api->profile->name : "", "connected",
			 call->api->connected && f.welcome, "active",
			 self && nrm_participant_active(self, call->now_ms), "directory_version",
			 (json_int_t)(d ? nrm_directory_version(d) : 0), "directory_valid_until",
			 nrm_render_time(d ? nrm_directory_valid_until(d) : 0), "policy_version",
			 (json_int_t)(policy ? policy->version : 0), "queued", (json_int_t)f.queued,
			 "unacknowledged", (json_int_t)f.waiting, "received",
			 (json_int_t)f.received, "unproved", (json_int_t)f.unproved, "in_flight",
			 (json_int_t)f.in_flight, "checkpoint_size", (json_int_t)f.checkpoint_size,
			 "oldest_unproved", nrm_render_time(f.oldest_unproved_ms), "cosigned",
			 nrm_render_time(f.cosigned_ms), "overdue", (json_int_t)f.overdue, "alarm",
			 f.alarm ? alarm_notes(call) : json_null(), "findings", found);
}
