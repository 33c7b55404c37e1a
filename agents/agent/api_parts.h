/* The operations of the api, by file. Internal to agents/agent/api*.c. */
#ifndef NRM_AGENT_API_PARTS_H
#define NRM_AGENT_API_PARTS_H

#include "agents/agent/api.h"
#include "agents/agent/draft.h"
#include "agents/agent/preview.h"

/* One request under way. */
struct nrm_call {
	struct nrm_api *api;
	struct nrm_request request;
	struct nrm_arena arena;
	uint64_t now_ms;
	struct nrm_api_wait *wait;
	bool asked; /* the broker has been asked about the case already */
};

/* Each returns the answer, or NULL with the request's problem set. */
json_t *nrm_op_refer(struct nrm_call *call);
json_t *nrm_op_accept(struct nrm_call *call);
json_t *nrm_op_decline(struct nrm_call *call);
json_t *nrm_op_consent_grant(struct nrm_call *call);
json_t *nrm_op_consent_withdraw(struct nrm_call *call);
json_t *nrm_op_case_state(struct nrm_call *call);
json_t *nrm_op_case_name(struct nrm_call *call);
json_t *nrm_op_case_show(struct nrm_call *call);
json_t *nrm_op_case_forget(struct nrm_call *call);
json_t *nrm_op_preview(struct nrm_call *call);
json_t *nrm_op_inbox(struct nrm_call *call);
json_t *nrm_op_outbox(struct nrm_call *call);
json_t *nrm_op_show(struct nrm_call *call);
json_t *nrm_op_status(struct nrm_call *call);
json_t *nrm_op_alarm(struct nrm_call *call);
json_t *nrm_op_aggregate(struct nrm_call *call);

/* The id behind a name of a case; NRM_ERR_NOT_FOUND for a case that is new, or was never named here. */
enum nrm_err nrm_case_named(struct nrm_txn *txn, const char *name,
			    uint8_t out[static NRM_CASE_ID_LEN]);
/* Whether there is a directory, which everything about others needs; else that is the request's problem. */
bool nrm_call_ready(struct nrm_call *call);
/* Keeps the preview of a referral that is being sent. For use with a policy. */
enum nrm_err nrm_preview_keep(struct nrm_call *call, struct nrm_txn *txn,
			      const struct nrm_draft *draft);
/*
 * Adds to what is told of a message {preview_differs preview}, if a preview was made when it was sent; the preview itself
 * only with `whole`, as long as the broker has not decided, and when it decided otherwise.
 */
void nrm_preview_add(struct nrm_txn *txn, struct nrm_slice message_id, const struct nrm_fate *fate,
		     bool whole, json_t *to);

/* Notes a failure of the store as the request's problem; returns NULL. */
json_t *nrm_call_failed(struct nrm_call *call, enum nrm_err err);

#endif
