/*
 * Leaves and views of the trail, as plain structs and as bytes (trail.proto; protocol.md, "Trail").
 */
#ifndef NRM_WIRE_LEAF_H
#define NRM_WIRE_LEAF_H

#include "proto/wire/envelope.h"

struct nrm_leaf {
	uint64_t minute;
	enum nrm_event kind;
	struct nrm_slice sender, recipient; /* participant ids or empty */
	enum nrm_service service;
	enum nrm_outcome outcome;
	enum nrm_reason reason;
	struct nrm_slice policy_digest, directory_digest;	      /* 32 bytes */
	struct nrm_slice case_tag;				      /* 32 bytes or empty */
	struct nrm_slice sender_view, recipient_view, oversight_view; /* 32 bytes */
};

/* Whether what protects a child was there when a decision was made on it (K2-K4). */
enum nrm_safeguard {
	NRM_SAFEGUARD_ABSENT, /* the person is no child */
	NRM_SAFEGUARD_PRESENT,
	NRM_SAFEGUARD_NOT_ASKED, /* the policy asks for none here */
	NRM_SAFEGUARD_MISSING
};

/* What oversight may know of a leaf. Whoever else is told something gets a projection of it. */
struct nrm_view {
	struct nrm_slice message_id;
	uint64_t time_ms;
	enum nrm_message_type type;
	enum nrm_outcome outcome;
	enum nrm_reason reason; /* the true one; projections carry the told one */
	nrm_mask forwarded;
	struct {
		enum nrm_reason reason; /* SECRET, NOT_NEEDED, NOT_CONSENTED */
		nrm_mask fields;
	} withheld[3]; /* reason 0: unused */
	uint32_t withheld_count;
	uint32_t obligations; /* mask of enum nrm_obligation */
	uint32_t missing;     /* mask of enum nrm_assessment */
	uint32_t rules;	      /* mask of rule numbers 1-20 */
	struct nrm_slices consent_id;
	struct nrm_slice statement_digest;
	bool has_signature;
	struct nrm_proof signature; /* of the statement */
	struct nrm_slice ack;	    /* a serialized Ack or empty */
	bool has_ack_signature;
	struct nrm_proof ack_signature;
	struct nrm_slice case_id;
	enum nrm_basis basis;
	enum nrm_emergency emergency;
	uint64_t
		earlier; /* index + 1 of the decision that this leaf replaces or acknowledges; 0: none */
	struct nrm_slice document_digest;
	uint64_t document_version;
	struct nrm_slice subject; /* participant id or empty */
	/* what oversight counts by (proto/trail/tally.h); never in a projection */
	enum nrm_answer answer;	     /* of a response */
	enum nrm_decline decline;    /* likewise */
	enum nrm_step step;	     /* of an update */
	enum nrm_notice_kind notice; /* of a notice */
	uint64_t answers; /* of a response: index + 1 of the decision on what it answers */
	bool kept_by_law; /* of an erasure confirmation */
	bool groundless;  /* what was forwarded needs no ground by the policy */
	bool child;	  /* of a child, or of somebody who may be one (K1) */
	enum nrm_safeguard guardian, assessment;
};

/* Whether what was forwarded is something that needs a ground, unless the policy says otherwise: fields, or help asked for. */
static inline bool nrm_view_asks_ground(const struct nrm_view *view)
{
	return view->outcome == NRM_OUTCOME_FORWARD &&
	       (view->forwarded || view->type == NRM_MESSAGE_TYPE_REFERRAL ||
		view->type == NRM_MESSAGE_TYPE_UPDATE);
}

enum nrm_viewer { NRM_VIEWER_SENDER, NRM_VIEWER_RECIPIENT, NRM_VIEWER_OVERSIGHT };

/*
 * Appends the canonical encoding; NRM_ERR_LIMIT over NRM_MAX_LEAF. A leaf is judged as in decoding, for what is written once
 * stays; of a view only the sizes are (64 consents, 8 hashes a path).
 */
enum nrm_err nrm_leaf_encode(const struct nrm_leaf *leaf, struct nrm_buf *out) NRM_MUST_USE;
enum nrm_err nrm_view_encode(const struct nrm_view *view, struct nrm_buf *out) NRM_MUST_USE;
/*
 * Their inverses: canonical, known codes only, exact lengths, lists of codes strictly ascending. Slices live as long as
 * `arena`. Errors of nrm_statement_decode(), those of its body, commitments and times excepted.
 */
enum nrm_err nrm_leaf_decode(struct nrm_slice bytes, struct nrm_arena *arena,
			     struct nrm_leaf *ret_leaf) NRM_MUST_USE;
enum nrm_err nrm_view_decode(struct nrm_slice bytes, struct nrm_arena *arena,
			     struct nrm_view *ret_view) NRM_MUST_USE;

/*
 * What `viewer` may know, from oversight's view and the leaf (PROTOCOL.md, "Views" has the table):
 *  - sender: message id, time, type, the leaf's outcome and told reason, forwarded, withheld with reasons, their count,
 *    obligations, missing, statement digest, the ack with its signature, `earlier`; when the reason told differs from the
 *    true one, or is CONSENT_WITHDRAWN, which may hide another, only message id, time, type, outcome, told reason, statement digest, `earlier`;
 *  - recipient: only of what was forwarded to it: message id, time, type, outcome, reason, forwarded, withheld count,
 *    statement digest; nothing of an acknowledgement;
 *  - oversight: everything.
 * *ret_view borrows from `oversight`. Returns false when this viewer is told nothing (its view is the empty string).
 */
bool nrm_view_project(const struct nrm_view *oversight, const struct nrm_leaf *leaf,
		      enum nrm_viewer viewer, struct nrm_view *ret_view);

#endif
