/*
 * A policy as the decision reads it (policy.md): masks and a few numbers, compiled at load from
 * config/policy.yaml by broker/policy. Plain data, immutable once made, safe to read from any thread.
 *
 * A mask has bit n for code n (proto/vocabulary.h). Role masks that may mean "whoever" are NRM_ANYONE
 * then, bit 0 included, so that they match a participant without any role too. All zero is a policy
 * under which nothing goes anywhere.
 */
#ifndef NRM_CORE_POLICY_H
#define NRM_CORE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/limits.h"
#include "proto/vocabulary.h"

#define NRM_ANYONE UINT64_MAX

/* A firewall pair (F1-F3). */
struct nrm_wall {
	nrm_mask from, to; /* roles */
	nrm_mask except;   /* services */
	bool absolute;	   /* holds for answers and notifications too */
};

/* A line of secrecy (M2-M5): the fields are secret for a recipient without an `only` role, or with a `never` role. */
struct nrm_secrecy {
	nrm_mask fields;
	nrm_mask only, never; /* roles; `only` NRM_ANYONE: no such condition */
	bool liftable;	      /* by a consent that names the field and the participant */
	struct {
		nrm_mask fields, roles, services;
		bool offering; /* the recipient offers the service */
	} but;		       /* what of it is not secret after all */
};

/* What a law obliges to tell without consent. */
struct nrm_duty {
	nrm_mask services, roles, fields;
};

struct nrm_policy {
	uint64_t version;   /* of the file it came from: 1 and up, and only rises */
	uint8_t digest[32]; /* of that file: nrm_document_digest(NRM_DOMAIN_POLICY, bytes) */

	/* rule 5; none: this is no policy, and everything is refused */
	struct nrm_wall wall[NRM_MAX_WALLS];
	uint32_t n_walls;

	/* rules 7-12 */
	nrm_mask oversight;	   /* roles that hear complaints (P7) */
	nrm_mask complaint_fields; /* what a complaint may carry */
	nrm_mask status_services;  /* decisions on status (P8) */
	struct {		   /* masks of enum nrm_decline (U1, U2, P8) */
		nrm_mask conditional, discriminatory, by_the_person, for_capacity;
	} declines;
	nrm_mask consulates;	/* roles (X4) */
	nrm_mask expulsions;	/* mask of enum nrm_notice_kind (P6) */
	nrm_mask defenders;	/* roles that hear of an expulsion */
	uint64_t reflection_ms; /* from first contact; for who opens a case */

	/* messages that need no ground */
	nrm_mask groundless_services, groundless_fields;

	/* rule 13, by service: mask of enum nrm_purpose */
	nrm_mask purposes[NRM_SERVICE_END_];

	/* rule 14 */
	struct {
		nrm_mask recipients[NRM_SERVICE_END_]; /* roles; 0: no emergency service */
		nrm_mask minimum[NRM_SERVICE_END_];    /* fields */
		nrm_mask reasons;		       /* mask of enum nrm_emergency */
		nrm_mask against_refusal; /* those that count against the person's own no */
	} emergency;
	struct {
		nrm_mask services, recipients;
	} child_protection;
	struct nrm_duty duty[NRM_MAX_DUTIES];
	uint32_t n_duties;

	/* rules 15 and 16 */
	nrm_mask category[NRM_CATEGORY_END_]; /* fields of each */
	nrm_mask any_covers;		      /* services that a consent to `any` covers (C8) */
	uint64_t lifetime_ms[NRM_SERVICE_END_];
	uint64_t crisis_lifetime_ms;
	uint64_t review_ms;	 /* a consent with less left is reviewed */
	uint64_t young_adult_ms; /* a child's consent counts this long after coming of age */
	struct {
		nrm_mask services,
			recorders; /* recorded by these roles only, it does not count (C6) */
	} pressure;
	nrm_mask return_recorders; /* nor one to a return, by those with no other role than these */

	/* rules 17-19 */
	nrm_mask child_decides;		 /* services to which a child's own word suffices */
	nrm_mask without_guardian;	 /* rule 17 does not apply */
	nrm_mask without_best_interests; /* nor rule 18 */
	nrm_mask asks_for_guardian;	 /* such a message is itself the request */
	nrm_mask returns;		 /* services of rule 19 (X2) */
	nrm_mask evidence;		 /* masks of enum nrm_assessment */
	nrm_mask child_evidence;
	uint64_t evidence_ms;

	/* what is forwarded */
	struct nrm_secrecy secrecy[NRM_MAX_SECRECIES];
	uint32_t n_secrecies;
	nrm_mask needed[NRM_SERVICE_END_][NRM_ROLE_END_]; /* role 0: whatever its role */
	nrm_mask told_to_all;  /* services whose rows apply to who does not offer them, too */
	nrm_mask reply_fields; /* the return set */
	nrm_mask reply_carers; /* roles that get more of it */
	nrm_mask carers_fields;

	/* who may state which fact; `by` are roles */
	nrm_mask fact_by[NRM_FACT_END_], assessment_by[NRM_ASSESSMENT_END_];
	nrm_mask facts_by_managers;	       /* masks of enum nrm_fact: by the case's managers */
	nrm_mask facts_by_itself;	       /* by the participant that it names */
	nrm_mask assessments_by_itself;	       /* mask of enum nrm_assessment, likewise */
	nrm_mask adult_not_by, age_decided_by; /* roles (K1) */
	nrm_mask parents_by, parents_after;    /* roles; mask of enum nrm_assessment (K3) */
	nrm_mask managers; /* roles that become a case's managers by accepting it */
	nrm_mask consent_not_by, withdrawal_also_by; /* roles */
	nrm_mask forgotten_by; /* roles that may have a case of theirs forgotten */

	uint64_t
		keep_ms; /* what was decided on a message is known this long after it expired; at least a day */

	/* P2: minutes in which a referral is to be answered */
	uint32_t deadline_minutes[NRM_SERVICE_END_];
};

/* Whether a mask has a code. Zero, "absent", is in none. */
static inline bool nrm_has(nrm_mask mask, uint32_t code)
{
	return code != 0 && (mask & nrm_bit(code)) != 0;
}

#endif
