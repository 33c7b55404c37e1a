/*
 * The decision (policy.md): decide(policy, facts, message, now) -> verdict. Pure and total: no I/O, no
 * clock, no allocation, no globals; the same inputs in any order of consents, roles or fields give the
 * same verdict. A zeroed verdict means refuse. What is not established counts against sharing.
 *
 * Participants are handles: small numbers that the caller gives out, 0 for none or unknown, each an
 * index into facts->party. Times are Unix milliseconds, 0 for "not stated".
 */
#ifndef NRM_CORE_DECIDE_H
#define NRM_CORE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/card.h"
#include "broker/core/policy.h"
#include "proto/vocabulary.h"

/* A participant as the current directory has it; all zero where the directory has none. */
struct nrm_party {
	bool known;	/* in the directory and within its validity */
	bool active;	/* and not suspended */
	bool detention; /* a place of detention (K5) */
	uint16_t country;
	nrm_mask roles;
	nrm_mask offers; /* services */
};

/* A consent on file (C1-C8), withdrawn ones included: masks and handles, no strings. */
struct nrm_consent {
	enum nrm_given_by given_by;
	nrm_mask services;
	bool any_service;
	uint32_t recipient[NRM_MAX_CONSENT_RECIPIENTS];
	uint32_t n_recipients;
	nrm_mask recipient_roles;
	bool any_recipient;
	nrm_mask named_fields; /* fields named one by one */
	nrm_mask categories;   /* mask of enum nrm_category */
	bool any_field;
	uint16_t country[NRM_MAX_CONSENT_COUNTRIES];
	uint32_t n_countries;
	enum nrm_purpose purpose;
	enum nrm_phase phase;
	uint64_t from, until;
	uint64_t withdrawn_at; /* 0: not withdrawn */
	enum nrm_heard heard;
	bool understood;
	bool interpreter_conflict;
	uint32_t guardian; /* handle of the guardian it names; 0: none named */
	/* a guardian was named that the directory does not know: never an effective one */
	bool guardian_unknown;
	uint32_t recorder
		[NRM_MAX_CONSENT_RECORDERS]; /* sender of the consent and those who confirmed it */
	uint32_t n_recorders;
};

struct nrm_facts {
	uint16_t country;	       /* the broker's own */
	const struct nrm_party *party; /* by handle; party[0] is the unknown one */
	uint32_t n_parties;
	const struct nrm_card *card;
	const struct nrm_consent *consent;
	size_t n_consents; /* ≤ NRM_MAX_CASE_CONSENTS */
	bool outsider;	   /* the case exists and the sender is no party to it (rule 3) */
};

/* What is decided on: the part of a statement that the rules look at. */
struct nrm_message {
	enum nrm_message_type type;
	uint32_t sender, recipient; /* handles */
	enum nrm_service service;
	enum nrm_purpose purpose;
	enum nrm_basis basis;
	enum nrm_emergency emergency;
	nrm_mask fields; /* declared */
	enum nrm_channel contact_by;
	enum nrm_answer answer;	     /* of a response */
	enum nrm_decline decline;    /* of a response that declines */
	bool appeal;		     /* it names a way to appeal */
	bool in_reply;		     /* it answers a forwarded referral of its recipient */
	uint32_t about;		     /* of a complaint: the body complained about */
	enum nrm_notice_kind notice; /* expulsion and removal matter (rule 12) */
};

struct nrm_verdict {
	enum nrm_outcome outcome;
	enum nrm_reason reason; /* the first rule that fired */
	enum nrm_reason told;	/* what the sender is told: EXCLUDED becomes CONSENT_WITHDRAWN */
	nrm_mask forwarded;
	nrm_mask secret, not_needed,
		not_consented; /* on forward: each declared field left out is in one of them */
	uint32_t missing;      /* mask of enum nrm_assessment (rule 19) */
	uint32_t obligations;  /* mask of enum nrm_obligation */
	uint32_t rules;	       /* mask of the rules (1-20) that fired */
	uint64_t consents;     /* bit i: facts->consent[i] passed rules 15-16 */
};

/* Decides. *ret_verdict is written whole. Total: any input gives a verdict. */
void nrm_decide(const struct nrm_policy *policy, const struct nrm_facts *facts,
		const struct nrm_message *message, uint64_t now, struct nrm_verdict *ret_verdict);

/*
 * What a message rests on beside its ground, found from the same facts: for the record, whatever the verdict. Rules 17 and 18
 * are not asked: they hold what lacks a safeguard, so nothing that is forwarded lacks one.
 */
struct nrm_protection {
	bool groundless; /* needs no ground by the policy */
	bool child;	 /* or somebody who may be one (K1) */
	/* where the person is a child: whether the policy asks for it here, and whether it is there (K2-K4) */
	bool guardian_asked, guarded;
	bool assessment_asked, assessed;
};
void nrm_protect(const struct nrm_policy *policy, const struct nrm_facts *facts,
		 const struct nrm_message *message, uint64_t now,
		 struct nrm_protection *ret_protection);

/*
 * Fields that `recipient` needs for `service` and those that are secret for it, by policy alone: for
 * the matrix of who may get what, and for tests.
 */
nrm_mask nrm_needed(const struct nrm_policy *policy, const struct nrm_party *recipient,
		    enum nrm_service service, enum nrm_message_type type);
nrm_mask nrm_secret(const struct nrm_policy *policy, const struct nrm_party *recipient,
		    enum nrm_service service);

/* What the sender is told of a reason (rule 3). */
enum nrm_reason nrm_told(enum nrm_reason reason);

#endif
