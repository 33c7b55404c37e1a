/*
 * Inside broker/core: the matter under decision. decide.c sets it up once; every rule, the consents, the
 * fields and the obligations only read it.
 */
#ifndef NRM_CORE_MATTER_H
#define NRM_CORE_MATTER_H

#include "broker/core/decide.h"

/* How far a consent got in rules 15 and 16, in that order. */
enum nrm_standing {
	NRM_STANDING_NOT_COVERING,
	NRM_STANDING_WITHDRAWN,
	NRM_STANDING_OUT_OF_TIME,
	NRM_STANDING_VOID,
	NRM_STANDING_ABROAD,
	NRM_STANDING_PASSED,
};

/* What all the consents on file amount to for one message. All zero: nobody consented to anything. */
struct nrm_consented {
	enum nrm_standing furthest;
	uint64_t passed; /* bit i: consent i */
	nrm_mask fields; /* union of the data of those that passed */
	nrm_mask lifted; /* fields named one by one, to this participant by name */
	bool ends_soon;	 /* one that passed is due for review */
};

struct nrm_matter {
	const struct nrm_policy *policy;
	const struct nrm_facts *facts;
	const struct nrm_message *message;
	const struct nrm_card *card;
	const struct nrm_party *sender, *recipient;
	uint64_t now;
	bool minor;	   /* child or unknown age (K1) */
	bool guarded;	   /* there is an effective guardian */
	bool needs_ground; /* rules 13-19 apply */
	struct nrm_consented consented;
};

/* The rules of policy.md that may stop a message: the reason when it fires, else NRM_REASON_ABSENT. */
typedef enum nrm_reason nrm_rule(const struct nrm_matter *m);
nrm_rule nrm_rule_participants, nrm_rule_fields_allowed, nrm_rule_bare, nrm_rule_excluded,
	nrm_rule_offered;
nrm_rule nrm_rule_firewall, nrm_rule_detention, nrm_rule_complaint, nrm_rule_decline,
	nrm_rule_appeal;
nrm_rule nrm_rule_contact, nrm_rule_consulate, nrm_rule_reflection;
nrm_rule nrm_rule_purpose, nrm_rule_basis, nrm_rule_no_consent, nrm_rule_consent;
nrm_rule nrm_rule_guardian, nrm_rule_best_interests, nrm_rule_asylum, nrm_rule_evidence;

/* Whether the message is one that rules 13-19 are for. */
bool nrm_needs_ground(const struct nrm_policy *policy, const struct nrm_message *message);
/* Whether it rests on emergency, child protection or legal duty: stated grounds that rule 14 examines. */
bool nrm_other_ground(const struct nrm_matter *m);
/* Fields that legal duty lets through to this recipient. */
nrm_mask nrm_duty_fields(const struct nrm_matter *m);
/* Whether it tells of an expulsion that may not be served yet (P6). */
bool nrm_expels_too_soon(const struct nrm_matter *m);
/* Whether it is a decline with one of `reasons` (a mask of enum nrm_decline). */
bool nrm_declines(const struct nrm_message *message, nrm_mask reasons);
/* Mask of the assessments that rule 19 misses. */
uint32_t nrm_missing_evidence(const struct nrm_matter *m);

/* The participant behind a handle; an unknown one for 0 and for handles out of range. */
const struct nrm_party *nrm_party_of(const struct nrm_facts *facts, uint32_t handle);
/* In the broker's own country. */
bool nrm_at_home(const struct nrm_facts *facts, const struct nrm_party *party);
bool nrm_has_guardian(const struct nrm_facts *facts, const struct nrm_card *card);

/* Examines every consent for the message. */
struct nrm_consented nrm_examine_consents(const struct nrm_matter *m);
/* Whether a consent that covers service and recipient, whatever its purpose, is withdrawn. */
bool nrm_any_withdrawn(const struct nrm_matter *m);

/* Sorts the declared fields into forwarded, secret, not needed and not consented. */
void nrm_sort_fields(const struct nrm_matter *m, struct nrm_verdict *verdict);

/* What falls due when rule `number` ended the matter with `outcome`: mask of enum nrm_obligation. */
uint32_t nrm_obligations(const struct nrm_matter *m, uint32_t number, enum nrm_outcome outcome);

#endif
