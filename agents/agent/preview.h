/*
 * What the broker will probably decide on a referral: the same decision, run by the sender's agent with
 * the policy that the broker handed it and its own knowledge of the case. Reads the spool, sends
 * nothing. The broker's verdict is the one that counts; where it differs from the preview that was made
 * when the referral was sent, people are shown both.
 */
#ifndef NRM_AGENT_PREVIEW_H
#define NRM_AGENT_PREVIEW_H

#include "agents/agent/casefile.h"
#include "agents/agent/spool.h"
#include "proto/wire/seal.h"

/* What a preview rests on besides directory and policy. */
enum nrm_knowledge {
	NRM_KNOWLEDGE_NONE,  /* nothing is known of the case */
	NRM_KNOWLEDGE_OWN,   /* what this agency stated itself; the broker told nothing yet */
	NRM_KNOWLEDGE_KEPT,  /* what the broker told some time ago, and what we stated since */
	NRM_KNOWLEDGE_FRESH, /* what the broker told just now, likewise */
};
/* "none", "own", "kept", "fresh". */
const char *nrm_knowledge_name(enum nrm_knowledge knowledge);

struct nrm_preview {
	uint64_t made_ms;
	enum nrm_knowledge knowledge;
	uint64_t known_at_ms; /* the broker's time when it told of the case; 0: it did not */
	enum nrm_outcome outcome;
	enum nrm_reason reason; /* as the sender would be told */
	nrm_mask forwarded;
	nrm_mask secret, not_needed, not_consented;
	uint32_t obligations, missing;
	/* not kept with a message: */
	uint32_t rules;
	bool wants; /* a consent is what is wanting: this one */
	struct nrm_wanted_consent wanted;
};

/* What it is made from; all of it outlives the call. */
struct nrm_preview_source {
	struct nrm_txn *txn; /* of the spool */
	struct nrm_slice self;
	const struct nrm_directory *directory;
	const struct nrm_policy *policy;
};

/*
 * The preview of a referral that declares `fields`. An empty case id is a case that is opened with it.
 * What the broker told at `now_ms` or later counts as fresh. Errors of the store; NRM_ERR_CORRUPT;
 * NRM_ERR_NOMEM.
 */
enum nrm_err nrm_preview_make(const struct nrm_preview_source *source,
			      const struct nrm_statement *referral, nrm_mask fields,
			      uint64_t now_ms, struct nrm_preview *ret_preview) NRM_MUST_USE;

/* The preview that was made when a message was sent; NRM_ERR_NOT_FOUND, NRM_ERR_CORRUPT. */
enum nrm_err nrm_preview_put(struct nrm_txn *txn, struct nrm_slice message_id,
			     const struct nrm_preview *preview) NRM_MUST_USE;
enum nrm_err nrm_preview_get(struct nrm_txn *txn, struct nrm_slice message_id,
			     struct nrm_preview *ret_preview) NRM_MUST_USE;

/* Whether the broker decided otherwise; false as long as it has not decided. */
bool nrm_preview_differs(const struct nrm_preview *preview, const struct nrm_fate *fate);

#endif
