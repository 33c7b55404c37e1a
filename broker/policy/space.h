/*
 * Every message that policies can tell apart by role, service, type, age and ground, decided under
 * one or two policies by nrm_decide() itself: for `nrm policy diff` (what differs) and `nrm policy
 * check` (whether walls hold).
 *
 * The space is: kind of message x role of the sender x role of the recipient x service x whether
 * the recipient offers it x adult or child with a guardian x purpose x ground. Kinds that carry
 * fields declare all of them. The person sought nothing else and refused nothing, every assessment
 * is fresh, consents are valid, both parties are in our own country and have one role each: what is
 * left to differ is the policy.
 */
#ifndef NRM_POLICY_SPACE_H
#define NRM_POLICY_SPACE_H

#include "broker/core/decide.h"

/* The kinds of message; the last two carry no field. */
enum nrm_space_kind {
	NRM_SPACE_REFERRAL,
	NRM_SPACE_UPDATE,
	NRM_SPACE_RESPONSE,
	NRM_SPACE_NOTICE,
	NRM_SPACE_COMPLAINT,
	NRM_SPACE_NOTIFICATION,
	NRM_SPACE_PLAIN_ANSWER, /* a response without fields to who referred */
	NRM_SPACE_KINDS
};

/* The grounds a message is tried on. */
enum nrm_space_ground {
	NRM_SPACE_NO_GROUND,
	NRM_SPACE_CONSENT_TO_ANYTHING, /* to any field, to this very participant */
	NRM_SPACE_CONSENT_BY_NAME,     /* that names each field: lifts what may be lifted */
	NRM_SPACE_CHILD_PROTECTION,
	NRM_SPACE_LEGAL_DUTY,
	NRM_SPACE_EMERGENCY, /* and its reasons: NRM_SPACE_EMERGENCY + enum nrm_emergency - 1 */
	NRM_SPACE_GROUNDS = NRM_SPACE_EMERGENCY + NRM_EMERGENCY_END_ - 1
};

/*
 * Messages of the space that fare alike: those of every sender role, purpose and ground in the
 * masks (of bits 1 << code).
 */
struct nrm_space_point {
	enum nrm_space_kind kind;
	enum nrm_role recipient;
	enum nrm_service service;
	bool offering, child;
	nrm_mask senders;
	uint32_t purposes, grounds;
	uint64_t messages; /* how many they are */
};

/* `verdict` has one verdict a policy. */
typedef void nrm_space_visit(void *of, const struct nrm_space_point *point,
			     const struct nrm_verdict *verdict);

/*
 * Walks the space for the services of a mask under `n` policies (1 or 2) and returns how many
 * messages were examined. With `each` every message is decided; without, one of each group that no
 * policy here can tell apart (space.c says why that is the same).
 */
uint64_t nrm_space_walk(const struct nrm_policy *const *policy, uint32_t n, nrm_mask services,
			bool each, nrm_space_visit *visit, void *of);

#endif
