/*
 * What an agent believes of what its broker tells it: nothing before it is checked. Pure.
 *
 * A leaf is believed when the view that came with it is the one it commits to; a verdict when it
 * is about the very message that was sent; a delivery when the sender's own signature says so; an
 * acknowledgement when the recipient's does.
 */
#ifndef NRM_AGENT_CHECK_H
#define NRM_AGENT_CHECK_H

#include "proto/directory/directory.h"
#include "proto/merkle/merkle.h"
#include "proto/wire/leaf.h"

/* A leaf and the view of it that we are entitled to. */
struct nrm_told {
	struct nrm_leaf leaf;
	struct nrm_view view;
	struct nrm_hash hash; /* of the leaf */
};

/*
 * Decodes both and checks that the leaf commits to this view with this salt for `viewer` (sender
 * or recipient). NRM_ERR_COMMITMENT when it does not; NRM_ERR_BODY when leaf and view contradict
 * each other; errors of decoding.
 */
enum nrm_err nrm_check_told(struct nrm_slice leaf, struct nrm_slice salt, struct nrm_slice view,
			    enum nrm_viewer viewer, struct nrm_arena *arena,
			    struct nrm_told *ret_told) NRM_MUST_USE;

/*
 * Whether what was told is about a message that we sent: `statement` with `digest` and the fields
 * `declared`. On a forward each declared field is either forwarded or withheld with its reason.
 * NRM_ERR_ID for another message or other participants, NRM_ERR_COMMITMENT for another content,
 * NRM_ERR_BODY for a kind of leaf that is no answer to it.
 */
enum nrm_err nrm_check_receipt(const struct nrm_told *told, const struct nrm_statement *statement,
			       const uint8_t digest[static NRM_HASH_LEN],
			       nrm_mask declared) NRM_MUST_USE;

/*
 * The acknowledgement in a view of the sender's: signed by the recipient, about our statement, for
 * the fields that the broker said it forwarded and, where `decision` is not NULL, for the leaf of
 * that hash. NRM_ERR_SIGNATURE, NRM_ERR_PROOF, NRM_ERR_COMMITMENT.
 */
enum nrm_err nrm_check_ack(const struct nrm_told *told, const uint8_t digest[static NRM_HASH_LEN],
			   const struct nrm_verifying_key *recipient,
			   const struct nrm_hash *decision, struct nrm_arena *arena,
			   struct nrm_ack_body *ret_ack) NRM_MUST_USE;

/*
 * A delivery whose leaf and view were checked: the envelope under its sender's key (that of the
 * directory), addressed to `self`, with just the fields that the view calls forwarded.
 * *ret_verified as of nrm_envelope_verify(). NRM_ERR_NOT_FOUND when the directory does not know
 * the sender; NRM_ERR_ID; NRM_ERR_BODY; errors of nrm_envelope_verify().
 */
enum nrm_err nrm_check_delivery(const struct nrm_told *told, const struct nrm_envelope *envelope,
				const struct nrm_directory *directory, struct nrm_slice self,
				struct nrm_arena *arena,
				const struct nrm_verified **ret_verified) NRM_MUST_USE;

#endif
