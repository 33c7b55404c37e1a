/* Who is told what of a leaf (PROTOCOL.md, "Views"). */
#include "proto/wire/leaf.h"

/* A message's decision, first or anew. */
static bool decides(enum nrm_event kind)
{
	return (kind >= NRM_EVENT_REFERRAL && kind <= NRM_EVENT_NOTICE) ||
	       kind == NRM_EVENT_REDECISION;
}

/* What parties to a message may know in any case: that it was decided, and how as told. */
static struct nrm_view as_told(const struct nrm_view *oversight, const struct nrm_leaf *leaf)
{
	return (struct nrm_view){
		.message_id = oversight->message_id,
		.time_ms = oversight->time_ms,
		.type = oversight->type,
		.outcome = leaf->outcome,
		.reason = leaf->reason,
		.statement_digest = oversight->statement_digest,
	};
}

/*
 * A reason that is not the true one comes with nothing that could give the true one away; and so does the one that may hide
 * another (policy.md, rule 3), or its ampler views would be the true ones.
 */
static bool may_know_more(const struct nrm_view *oversight, const struct nrm_leaf *leaf)
{
	return leaf->reason == oversight->reason && leaf->reason != NRM_REASON_CONSENT_WITHDRAWN;
}

static bool project_sender(const struct nrm_view *oversight, const struct nrm_leaf *leaf,
			   struct nrm_view *ret_view)
{
	struct nrm_view view = as_told(oversight, leaf);

	if (leaf->kind == NRM_EVENT_AGGREGATE) {
		view.document_digest = oversight->document_digest;
		view.document_version = oversight->document_version;
		*ret_view = view;
		return true;
	}
	if (!decides(leaf->kind) && leaf->kind != NRM_EVENT_ACKNOWLEDGEMENT &&
	    leaf->kind != NRM_EVENT_RETURN)
		return false;
	if (may_know_more(oversight, leaf)) {
		view.forwarded = oversight->forwarded;
		memcpy(view.withheld, oversight->withheld, sizeof(view.withheld));
		view.withheld_count = oversight->withheld_count;
		view.obligations = oversight->obligations;
		view.missing = oversight->missing;
		view.ack = oversight->ack;
		view.has_ack_signature = oversight->has_ack_signature;
		view.ack_signature = oversight->ack_signature;
	}
	view.earlier = oversight->earlier;
	*ret_view = view;
	return true;
}

static bool project_recipient(const struct nrm_view *oversight, const struct nrm_leaf *leaf,
			      struct nrm_view *ret_view)
{
	if (!decides(leaf->kind) || leaf->outcome != NRM_OUTCOME_FORWARD)
		return false;

	struct nrm_view view = as_told(oversight, leaf);
	view.forwarded = oversight->forwarded;
	view.withheld_count = oversight->withheld_count;
	*ret_view = view;
	return true;
}

bool nrm_view_project(const struct nrm_view *oversight, const struct nrm_leaf *leaf,
		      enum nrm_viewer viewer, struct nrm_view *ret_view)
{
	switch (viewer) {
	case NRM_VIEWER_SENDER:
		return project_sender(oversight, leaf, ret_view);
	case NRM_VIEWER_RECIPIENT:
		return project_recipient(oversight, leaf, ret_view);
	case NRM_VIEWER_OVERSIGHT:
		*ret_view = *oversight;
		return true;
	}
	return false;
}
