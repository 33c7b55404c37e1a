/* The operations of the api, by file. Internal to agents/agent/api*.c. */
#ifndef NRM_AGENT_API_PARTS_H
#define NRM_AGENT_API_PARTS_H

#include "agents/agent/api.h"
#include "agents/agent/draft.h"

/* One request under way. */
struct nrm_call {
	struct nrm_api *api;
	struct nrm_request request;
	struct nrm_arena arena;
	uint64_t now_ms;
	struct nrm_api_wait *wait;
};

/* Each returns the answer, or NULL with the request's problem set. */
json_t *nrm_op_refer(struct nrm_call *call);
json_t *nrm_op_accept(struct nrm_call *call);
json_t *nrm_op_decline(struct nrm_call *call);
json_t *nrm_op_consent_grant(struct nrm_call *call);
json_t *nrm_op_consent_withdraw(struct nrm_call *call);
json_t *nrm_op_case_state(struct nrm_call *call);
json_t *nrm_op_case_name(struct nrm_call *call);
json_t *nrm_op_inbox(struct nrm_call *call);
json_t *nrm_op_outbox(struct nrm_call *call);
json_t *nrm_op_show(struct nrm_call *call);
json_t *nrm_op_status(struct nrm_call *call);

/* Notes a failure of the store as the request's problem; returns NULL. */
json_t *nrm_call_failed(struct nrm_call *call, enum nrm_err err);

#endif
