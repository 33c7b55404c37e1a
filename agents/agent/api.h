/*
 * What the agency's own people and programs can ask of their agent: one JSON object in, one out.
 * No socket here; the answer to a request that sends something may have to wait for the broker's
 * receipt.
 *
 *     {"op": "refer", "wait": 10, "to": "TH.shelter-1", …}
 *     {"ok": true, "message_id": "…", "case_id": "…", "state": "forwarded", …}
 *     {"ok": false, "error": "to: no such participant in the directory"}
 *
 * README.md lists the operations. A request that is answered with ok is on disk.
 */
#ifndef NRM_AGENT_API_H
#define NRM_AGENT_API_H

#include <jansson.h>

#include "agents/agent/exchange.h"

#define NRM_API_MAX_REQUEST (1024u * 1024) /* bytes of one request, newline included */
#define NRM_API_MAX_WAIT    600u	   /* seconds */

struct nrm_profile;
struct nrm_api {
	struct nrm_store *store;
	const struct nrm_identity *identity;
	struct nrm_exchange *exchange;
	const struct nrm_profile *profile; /* or NULL */
	bool connected;			   /* as the program last saw it */
};

/*
 * What an answer waits for: a message's receipt, or what the broker tells of a case, upon which the
 * request is answered again. `seconds` 0: nothing is to be waited for. nrm_api_wait_done() it.
 */
struct nrm_api_wait {
	uint8_t message_id[NRM_MESSAGE_ID_LEN];
	uint32_t seconds;
	json_t *again; /* the request; NULL: it is the receipt that is waited for */
	uint8_t case_id[NRM_CASE_ID_LEN];
	uint64_t now_ms; /* when it was asked */
};
void nrm_api_wait_done(struct nrm_api_wait *wait);

/*
 * Carries out a request and returns the answer (a new reference; NULL only without memory). When
 * ret_wait->seconds is not 0, nrm_api_settle() may still better the answer until then.
 */
json_t *nrm_api_answer(struct nrm_api *api, const json_t *request, uint64_t now_ms,
		       struct nrm_api_wait *ret_wait);

/* Brings an answer up to date with the message's fate; true once the broker has spoken. */
bool nrm_api_settle(struct nrm_api *api, json_t *answer, const struct nrm_api_wait *wait);

/* {"ok": false, "error": …}: for requests that are none. */
json_t *nrm_api_error(const char *text);

#endif
