#include "agents/agent/api_parts.h"
#include "agents/agent/render.h"
#include "proto/base/limits.h"

static const char *const no_keys[] = {"op", NULL};
static const char *const withdraw_keys[] = {"op", "wait", "case", "consent_id", NULL};
static const char *const name_keys[] = {"op", "name", "case", NULL};
static const char *const case_keys[] = {"op", "wait", "case", NULL};
static const char *const list_keys[] = {"op", "after", "limit", NULL};
static const char *const aggregate_keys[] = {"op", "month", "send", NULL};
static const char *const show_keys[] = {"op", "message_id", NULL};

static const struct {
	const char *name;
	const char *const *keys;
	json_t *(*run)(struct nrm_call *call);
} operations[] = {
	{"refer", nrm_referral_keys, nrm_op_refer},
	{"accept", nrm_response_keys, nrm_op_accept},
	{"decline", nrm_response_keys, nrm_op_decline},
	{"consent_grant", nrm_consent_keys, nrm_op_consent_grant},
	{"consent_withdraw", withdraw_keys, nrm_op_consent_withdraw},
	{"case_state", nrm_card_keys, nrm_op_case_state},
	{"case_name", name_keys, nrm_op_case_name},
	{"case_show", case_keys, nrm_op_case_show},
	{"case_forget", case_keys, nrm_op_case_forget},
	{"preview", nrm_referral_keys, nrm_op_preview},
	{"inbox", list_keys, nrm_op_inbox},
	{"outbox", list_keys, nrm_op_outbox},
	{"show", show_keys, nrm_op_show},
	{"status", no_keys, nrm_op_status},
	{"alarm", no_keys, nrm_op_alarm},
	{"aggregate", aggregate_keys, nrm_op_aggregate},
};

json_t *nrm_api_error(const char *text)
{
	return json_pack("{sb ss}", "ok", 0, "error", text);
}

json_t *nrm_call_failed(struct nrm_call *call, enum nrm_err err)
{
	nrm_request_fail(&call->request, "the agent's store: %s", nrm_err_text(err));
	return NULL;
}

static json_t *answer_to(struct nrm_api *api, const json_t *object, uint64_t now_ms, bool asked,
			 struct nrm_api_wait *ret_wait)
{
	struct nrm_api_wait wait = {.seconds = 0};
	struct nrm_call call = {.api = api, .now_ms = now_ms, .wait = &wait, .asked = asked};
	struct nrm_request *r = &call.request;
	json_t *answer = NULL;

	nrm_arena_init(&call.arena, NRM_MAX_FRAME_ARENA);
	*r = (struct nrm_request){.object = object, .arena = &call.arena};
	const char *op = json_string_value(json_object_get(object, "op"));
	size_t i = 0, n = sizeof(operations) / sizeof(operations[0]);
	while (i < n && op && strcmp(operations[i].name, op) != 0)
		i++;
	if (!op || i == n) {
		nrm_request_fail(r, "op: no such operation");
	} else {
		nrm_request_only(r, operations[i].keys);
		wait.seconds = (uint32_t)nrm_request_number(r, "wait", NRM_API_MAX_WAIT);
		if (!nrm_request_failed(r))
			answer = operations[i].run(&call);
	}
	if (nrm_request_failed(r)) {
		json_decref(answer);
		answer = nrm_api_error(r->problem);
		nrm_api_wait_done(&wait);
	}
	nrm_arena_done(&call.arena);
	*ret_wait = wait;
	return answer;
}

json_t *nrm_api_answer(struct nrm_api *api, const json_t *object, uint64_t now_ms,
		       struct nrm_api_wait *ret_wait)
{
	return answer_to(api, object, now_ms, false, ret_wait);
}

void nrm_api_wait_done(struct nrm_api_wait *wait)
{
	json_decref(wait->again);
	*wait = (struct nrm_api_wait){.seconds = 0};
}

/* Once the broker has told of the case, or cannot any more: the same request, with what is known then. */
static bool settle_question(struct nrm_api *api, json_t *answer, const struct nrm_api_wait *wait)
{
	struct nrm_api_wait over;

	if (nrm_exchange_asking(api->exchange, wait->case_id))
		return false;
	json_t *better = answer_to(api, wait->again, wait->now_ms, true, &over);
	nrm_api_wait_done(&over);
	if (better) {
		json_object_clear(answer);
		json_object_update(answer, better);
	}
	json_decref(better);
	return true;
}

bool nrm_api_settle(struct nrm_api *api, json_t *answer, const struct nrm_api_wait *wait)
{
	struct nrm_slice id = nrm_slice(wait->message_id, NRM_MESSAGE_ID_LEN);
	const char *to = json_string_value(json_object_get(answer, "to"));
	const struct nrm_directory *directory = nrm_exchange_directory(api->exchange);
	struct nrm_fate fate;
	struct nrm_txn *txn;

	if (wait->again)
		return settle_question(api, answer, wait);
	if (nrm_txn_begin(api->store, false, &txn) != NRM_OK)
		return false;
	enum nrm_err err = nrm_fate_get(txn, id, &fate);
	if (err == NRM_OK)
		nrm_preview_add(txn, id, &fate, false, answer);
	nrm_txn_abort(txn);
	if (err || fate.stage == NRM_STAGE_SPOOLED)
		return false;
	bool to_broker = to && directory &&
			 nrm_slice_equal(nrm_slice_str(to), nrm_directory_broker_id(directory));
	nrm_render_fate(answer, &fate, to_broker);
	return true;
}
