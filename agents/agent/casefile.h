/*
 * A case as this agency knows it, in the terms of the decision: the participants of the directory it
 * holds, the card and the consents that the broker last told it of, and on top of them what the
 * agency itself has stated since. What it does not know counts as never stated, so a preview made
 * from it may differ from the broker's verdict, which is the one that counts. Pure.
 */
#ifndef NRM_AGENT_CASEFILE_H
#define NRM_AGENT_CASEFILE_H

#include "broker/core/decide.h"
#include "proto/base/arena.h"
#include "proto/directory/directory.h"

struct nrm_casefile {
	const struct nrm_directory *directory;
	const struct nrm_policy *policy;
	struct nrm_party *party; /* by handle: place in the directory + 1; [0] is nobody */
	uint32_t n_parties;	 /* also the handle of whom the directory does not have */
	uint32_t self;
	bool known;    /* the broker told of it */
	bool manages;  /* we are one of the case's managers */
	bool outsider; /* the case is there, and we are no party to it or not any more */
	struct nrm_card card;
	struct nrm_consent consent[NRM_MAX_CASE_CONSENTS];
	uint8_t consent_id[NRM_MAX_CASE_CONSENTS][NRM_CONSENT_ID_LEN];
	uint32_t n_consents;
};

/*
 * Begins with nothing but the participants as they stand at `now_ms`; `self` is our id. Directory
 * and policy outlive it, the parties are in `arena`: NRM_ERR_NOMEM.
 */
enum nrm_err nrm_casefile_init(struct nrm_casefile *f, const struct nrm_directory *directory,
			       const struct nrm_policy *policy, struct nrm_slice self,
			       uint64_t now_ms, struct nrm_arena *arena) NRM_MUST_USE;

/* Takes over what the broker told, in place of everything but the participants. */
void nrm_casefile_told(struct nrm_casefile *f, const struct nrm_case_answer *answer);

/*
 * Adds what we stated ourselves (a consent, a withdrawal, a case card), as the broker will take it:
 * what the policy does not let us state changes nothing.
 */
void nrm_casefile_stated(struct nrm_casefile *f, const struct nrm_statement *own);

/* The message that the rules see in a referral of ours with these fields. */
struct nrm_message nrm_casefile_message(const struct nrm_casefile *f,
					const struct nrm_statement *referral, nrm_mask fields);

/* What the broker would decide if it knew just this. */
void nrm_casefile_decide(const struct nrm_casefile *f, const struct nrm_message *message,
			 uint64_t now_ms, struct nrm_verdict *ret_verdict);

/* A consent that is not there and would let the message, or more of it, pass. */
struct nrm_wanted_consent {
	nrm_mask fields;	  /* that it names */
	uint16_t country;	  /* that it names; 0: ours */
	uint32_t given_by;	  /* mask of enum nrm_given_by: by any of these */
	bool by_another;	  /* recorded by us it would not count: another agency has to */
	enum nrm_outcome outcome; /* with it, */
	enum nrm_reason reason;	  /* and why */
};

/* Whether a consent is what is wanting, after `verdict`; then which. */
bool nrm_casefile_wants(const struct nrm_casefile *f, const struct nrm_message *message,
			const struct nrm_verdict *verdict, uint64_t now_ms,
			struct nrm_wanted_consent *ret_wanted);

#endif
