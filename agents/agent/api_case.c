/* Operations about a case as it is known here: what the broker told of it, and previews of referrals. */
#include "agents/agent/api_parts.h"
#include "agents/agent/render.h"
#include "proto/base/hex.h"
#include "proto/base/limits.h"

enum nrm_err nrm_case_named(struct nrm_txn *txn, const char *name,
			    uint8_t out[static NRM_CASE_ID_LEN])
{
	struct nrm_slice id;

	if (nrm_unhex(name, out, NRM_CASE_ID_LEN) == NRM_OK)
		return NRM_OK;
	if (strcmp(name, "new") == 0 || !name[0])
		return NRM_ERR_NOT_FOUND;
	enum nrm_err err = nrm_get(txn, NRM_SPOOL_CASES, nrm_slice_str(name), &id);
	if (err == NRM_OK && id.len != NRM_CASE_ID_LEN)
		err = NRM_ERR_CORRUPT;
	if (err == NRM_OK)
		memcpy(out, id.data, NRM_CASE_ID_LEN);
	return err;
}

/* Asks the broker first, if the caller waits and it can be asked: then the request is answered again. */
static void ask_first(struct nrm_call *call, const uint8_t *case_id)
{
	struct nrm_api_wait *wait = call->wait;

	if (call->asked || wait->seconds == 0 ||
	    !nrm_exchange_ask_case(call->api->exchange, case_id, NULL)) {
		wait->seconds = 0;
		return;
	}
	memcpy(wait->case_id, case_id, NRM_CASE_ID_LEN);
	wait->again = json_incref((json_t *)call->request.object);
	wait->now_ms = call->now_ms;
}

/* ---- the case ---- */

static enum nrm_err render_kept(struct nrm_call *call, struct nrm_txn *txn,
				struct nrm_slice case_id, json_t *to)
{
	enum nrm_knowledge knowledge = NRM_KNOWLEDGE_NONE;
	struct nrm_to_agent frame;
	struct nrm_kept_case kept;
	enum nrm_err err = nrm_case_file_get(txn, case_id, &kept);

	if (err == NRM_OK && nrm_to_agent_decode(kept.frame, &call->arena, &frame) == NRM_OK &&
	    frame.kind == NRM_ANSWER_CASE) {
		json_t *told = nrm_render_case(&frame.is.case_file);

		knowledge = kept.received_ms >= call->now_ms ? NRM_KNOWLEDGE_FRESH
							     : NRM_KNOWLEDGE_KEPT;
		json_object_update(to, told);
		json_decref(told);
	}
	json_object_set_new(to, "knowledge", json_string(nrm_knowledge_name(knowledge)));
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

json_t *nrm_op_case_show(struct nrm_call *call)
{
	const char *name = nrm_request_text(&call->request, "case", true);
	uint8_t id[NRM_CASE_ID_LEN];
	json_t *answer = NULL;
	struct nrm_txn *txn;

	if (nrm_request_failed(&call->request))
		return NULL;
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);
	if (err)
		return nrm_call_failed(call, err);
	err = nrm_case_named(txn, name, id);
	if (err == NRM_ERR_NOT_FOUND)
		nrm_request_fail(&call->request,
				 "case: no case has this name here; expected its id or a name");
	if (err == NRM_OK) {
		answer = json_pack("{sb so}", "ok", 1, "case_id",
				   nrm_render_hex(nrm_slice(id, sizeof(id))));
		err = render_kept(call, txn, nrm_slice(id, sizeof(id)), answer);
	}
	nrm_txn_abort(txn);
	if (err) {
		json_decref(answer);
		return nrm_call_failed(call, err);
	}
	ask_first(call, id);
	return answer;
}

/* ---- previews ---- */

static nrm_mask declared(const struct nrm_values *values)
{
	nrm_mask fields = 0;

	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		if (values->of[f].data)
			fields |= nrm_bit(f);
	return fields;
}

static enum nrm_err make(struct nrm_call *call, struct nrm_txn *txn, const struct nrm_draft *draft,
			 struct nrm_preview *ret_preview)
{
	const struct nrm_exchange *x = call->api->exchange;
	const struct nrm_preview_source source = {txn, nrm_slice_str(call->api->identity->id),
						  nrm_exchange_directory(x),
						  nrm_exchange_policy(x)};

	return nrm_preview_make(&source, &draft->statement, declared(&draft->values), call->now_ms,
				ret_preview);
}

static json_t *render(const struct nrm_statement *s, const struct nrm_preview *p)
{
	json_t *answer = json_pack("{sb so so so so so so}", "ok", 1, "to",
				   nrm_render_text(s->recipient), "case_id",
				   nrm_render_hex(s->case_id), "service",
				   nrm_render_code(NRM_VOCABULARY_SERVICE, s->service), "basis",
				   nrm_render_code(NRM_VOCABULARY_BASIS, s->basis), "rules",
				   json_array(), "consent_needed", nrm_render_wanted(p, s));
	json_t *preview = nrm_render_preview(p);

	for (int rule = 1; rule < 32 && answer; rule++)
		if (p->rules >> rule & 1)
			json_array_append_new(json_object_get(answer, "rules"), json_integer(rule));
	if (answer && preview)
		json_object_update(answer, preview);
	json_decref(preview);
	return answer;
}

json_t *nrm_op_preview(struct nrm_call *call)
{
	struct nrm_draft draft = {.case_name = NULL};
	struct nrm_preview preview;
	uint8_t id[NRM_CASE_ID_LEN];
	struct nrm_txn *txn;

	if (!nrm_call_ready(call))
		return NULL;
	if (!nrm_exchange_policy(call->api->exchange)) {
		nrm_request_fail(&call->request, "the broker has not handed out its policy yet");
		return NULL;
	}
	nrm_draft_referral(&call->request, &draft);
	if (nrm_request_failed(&call->request))
		return NULL;
	enum nrm_err err = nrm_txn_begin(call->api->store, false, &txn);
	if (err)
		return nrm_call_failed(call, err);
	err = nrm_case_named(txn, draft.case_name, id);
	if (err == NRM_OK)
		draft.statement.case_id = nrm_slice(id, sizeof(id));
	if (err == NRM_OK || err == NRM_ERR_NOT_FOUND)
		err = make(call, txn, &draft, &preview);
	nrm_txn_abort(txn);
	if (err)
		return nrm_call_failed(call, err);
	if (draft.statement.case_id.len)
		ask_first(call, id);
	else
		call->wait->seconds = 0;
	return render(&draft.statement, &preview);
}

enum nrm_err nrm_preview_keep(struct nrm_call *call, struct nrm_txn *txn,
			      const struct nrm_draft *draft)
{
	struct nrm_preview preview;
	enum nrm_err err = make(call, txn, draft, &preview);

	return err ? err : nrm_preview_put(txn, draft->statement.message_id, &preview);
}

void nrm_preview_add(struct nrm_txn *txn, struct nrm_slice message_id, const struct nrm_fate *fate,
		     bool whole, json_t *to)
{
	struct nrm_preview preview;

	if (nrm_preview_get(txn, message_id, &preview) != NRM_OK)
		return;
	bool differs = nrm_preview_differs(&preview, fate);
	json_object_set_new(to, "preview_differs", json_boolean(differs));
	if (whole || differs || fate->stage == NRM_STAGE_SPOOLED)
		json_object_set_new(to, "preview", nrm_render_preview(&preview));
	else
		json_object_del(to, "preview");
}
