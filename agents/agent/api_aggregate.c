/* The operation of monthly statements: what would be sent, sending it, and what became of it. */
#include "agents/agent/aggregate.h"
#include "agents/agent/api_parts.h"
#include "agents/agent/render.h"
#include "proto/crypto/sign.h"
#include "proto/trail/tally.h"

static json_t *render_group(const struct nrm_aggregate_group *group)
{
	json_t *counts = json_object();

	for (uint32_t code = 1; code <= nrm_aggregate_codes(group->kind); code++)
		if (group->count[code - 1])
			json_object_set_new(counts, nrm_aggregate_code(group->kind, code),
					    json_integer(group->count[code - 1]));
	if (group->withheld) {
		json_decref(counts);
		counts = json_null();
	}
	return json_pack("{so ss so}", "service",
			 nrm_render_code(NRM_VOCABULARY_SERVICE, group->service), "kind",
			 nrm_aggregate_kind_code(group->kind), "counts", counts);
}

static json_t *render(const struct nrm_aggregate *aggregate)
{
	json_t *groups = json_array();

	for (size_t i = 0; i < aggregate->n_groups; i++)
		json_array_append_new(groups, render_group(&aggregate->group[i]));
	return groups;
}

static void render_kept(json_t *to, const struct nrm_kept_aggregate *kept)
{
	static const char *const states[] = {[NRM_AGGREGATE_SPOOLED] = "spooled",
					     [NRM_AGGREGATE_RECORDED] = "recorded",
					     [NRM_AGGREGATE_REFUSED] = "refused"};

	if (kept->state < NRM_AGGREGATE_SPOOLED || kept->state > NRM_AGGREGATE_REFUSED)
		return;
	json_object_set_new(to, "state", json_string(states[kept->state]));
	if (kept->state == NRM_AGGREGATE_RECORDED)
		json_object_set_new(to, "leaf", json_integer((json_int_t)kept->leaf));
	if (kept->state == NRM_AGGREGATE_REFUSED)
		json_object_set_new(to, "refusal",
				    nrm_render_code(NRM_VOCABULARY_REFUSAL, kept->refusal));
}

static bool same_groups(const struct nrm_aggregate *a, const struct nrm_aggregate *b)
{
	bool same = a->n_groups == b->n_groups;

	for (size_t i = 0; same && i < a->n_groups; i++)
		same = a->group[i].service == b->group[i].service &&
		       a->group[i].kind == b->group[i].kind &&
		       a->group[i].withheld == b->group[i].withheld &&
		       memcmp(a->group[i].count, b->group[i].count, sizeof(a->group[i].count)) == 0;
	return same;
}

/* Whether just this was sent, and not refused: then it is not sent again. */
static bool was_sent(struct nrm_call *call, const struct nrm_kept_aggregate *kept,
		     const struct nrm_aggregate *aggregate)
{
	struct nrm_aggregate before;

	return kept->state && kept->state != NRM_AGGREGATE_REFUSED &&
	       nrm_aggregate_decode(kept->document.document, &call->arena, &before) == NRM_OK &&
	       same_groups(&before, aggregate);
}

static enum nrm_err spool(struct nrm_call *call, struct nrm_txn *txn,
			  struct nrm_aggregate *aggregate, struct nrm_kept_aggregate *ret_kept)
{
	uint8_t *id = nrm_arena_alloc(&call->arena, NRM_MESSAGE_ID_LEN);
	uint8_t random[10], signature[NRM_SIGNATURE_LEN];
	struct nrm_kept_aggregate kept = {.month = aggregate->month,
					  .state = NRM_AGGREGATE_SPOOLED};
	struct nrm_buf document = {0};

	if (!id)
		return NRM_ERR_NOMEM;
	nrm_random(random, sizeof(random));
	nrm_message_id_make(call->now_ms, random, id);
	aggregate->message_id = nrm_slice(id, NRM_MESSAGE_ID_LEN);
	aggregate->made_ms = call->now_ms;
	enum nrm_err err = nrm_aggregate_encode(aggregate, &document);
	if (err == NRM_OK)
		err = nrm_document_sign(call->api->identity->signing, NRM_DOMAIN_AGGREGATE,
					nrm_buf_slice(&document), signature);
	kept.document = (struct nrm_document){nrm_buf_slice(&document),
					      nrm_slice(signature, sizeof(signature))};
	if (err == NRM_OK)
		err = nrm_aggregate_put(txn, &kept);
	nrm_buf_done(&document);
	if (err == NRM_OK)
		*ret_kept = (struct nrm_kept_aggregate){.month = kept.month, .state = kept.state};
	return err;
}

json_t *nrm_op_aggregate(struct nrm_call *call)
{
	const char *text = nrm_request_text(&call->request, "month", true);
	const bool send = nrm_request_bool(&call->request, "send");
	struct nrm_kept_aggregate kept = {.leaf = 0};
	struct nrm_aggregate aggregate;
	struct nrm_txn *txn;
	uint16_t month = 0;

	if (text && nrm_month_parse(text, &month) != NRM_OK)
		nrm_request_fail(&call->request, "month: expected a month, 2026-11");
	if (!nrm_request_failed(&call->request) && month >= nrm_month_of(call->now_ms / 60000) &&
	    send)
		nrm_request_fail(&call->request, "month: it is not over yet");
	if (nrm_request_failed(&call->request))
		return NULL;
	enum nrm_err err = nrm_txn_begin(call->api->store, send, &txn);
	if (err != NRM_OK)
		return nrm_call_failed(call, err);
	err = nrm_aggregate_count(txn, call->api->identity, month, &call->arena, &aggregate);
	if (err == NRM_OK)
		err = nrm_aggregate_get(txn, month, &kept);
	if (err == NRM_ERR_NOT_FOUND)
		err = NRM_OK;
	if (err == NRM_OK && send && !was_sent(call, &kept, &aggregate))
		err = spool(call, txn, &aggregate, &kept);
	json_t *out = err == NRM_OK ? json_pack("{sb ss so}", "ok", 1, "month", text, "groups",
						render(&aggregate))
				    : NULL;
	if (out)
		render_kept(out, &kept);
	if (err == NRM_OK && send)
		err = nrm_txn_commit(txn);
	else
		nrm_txn_abort(txn);
	if (err != NRM_OK) {
		json_decref(out);
		return nrm_call_failed(call, err);
	}
	nrm_exchange_aggregate_soon(call->api->exchange);
	return out;
}
