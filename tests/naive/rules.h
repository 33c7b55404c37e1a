/*
 * The parts of the naive decision: one function a rule. A rule gives the reason with which it ends the
 * decision, or NRM_REASON_ABSENT to go on. Inside this folder only.
 */
#ifndef NRM_NAIVE_RULES_H
#define NRM_NAIVE_RULES_H

#include "broker/core/decide.h"
#include "tests/naive/tables.h"

/* What is asked, with everybody looked up. */
struct nrm_naive_question {
	const struct nrm_naive_tables *t;
	const struct nrm_facts *facts;
	const struct nrm_card *card;
	struct nrm_message message; /* codes that the vocabulary does not have are absent here */
	uint64_t now;
	const struct nrm_party *sender, *recipient;
	bool child;		   /* or of unknown age */
	bool guarded;		   /* there is an effective guardian, */
	bool guardian_participant; /* and it is a participant */
};

/* Who a handle is; somebody all zero for nobody. */
const struct nrm_party *nrm_naive_party(const struct nrm_facts *facts, uint32_t handle);
bool nrm_naive_holds(const struct nrm_party *party, const bool roles[NAIVE_ROLES]);
bool nrm_naive_has_role(const struct nrm_party *party, enum nrm_role role);
bool nrm_naive_offers(const struct nrm_party *party, enum nrm_service service);
bool nrm_naive_excluded(const struct nrm_card *card, uint32_t handle);
/* In our own country; an unknown country is not ours. */
bool nrm_naive_is_ours(const struct nrm_facts *facts, const struct nrm_party *party);

/* For any message (rules.c). */
enum nrm_reason nrm_naive_rule_1(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_2(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_3(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_4(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_5(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_6(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_7(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_8(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_9(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_10(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_11(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_12(const struct nrm_naive_question *q);
/* An expulsion or removal message that falls into the reflection period (rule 12). */
bool nrm_naive_expels(const struct nrm_naive_question *q);
/* A response that declines. */
bool nrm_naive_declines(const struct nrm_naive_question *q);
bool nrm_naive_needs_ground(const struct nrm_naive_question *q);

/* For messages that need a ground (grounds.c, consents.c). */
enum nrm_reason nrm_naive_rule_13(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_14(const struct nrm_naive_question *q);
/* Rules 15 and 16 in one walk over the consents; bit i of *ret_passed is consent i. */
enum nrm_reason nrm_naive_rules_15_16(const struct nrm_naive_question *q, uint64_t *ret_passed);
enum nrm_reason nrm_naive_rule_17(const struct nrm_naive_question *q);
enum nrm_reason nrm_naive_rule_18(const struct nrm_naive_question *q);
/* *ret_missing is written only with RETURN_EVIDENCE_MISSING. */
enum nrm_reason nrm_naive_rule_19(const struct nrm_naive_question *q, uint32_t *ret_missing);

/* Whether a consent covers service and recipient, whatever its purpose. */
bool nrm_naive_covers(const struct nrm_naive_question *q, const struct nrm_consent *consent);
/* Whether it names the recipient itself. */
bool nrm_naive_names_recipient(const struct nrm_naive_question *q,
			       const struct nrm_consent *consent);
bool nrm_naive_withdrawn(const struct nrm_naive_question *q, const struct nrm_consent *consent);
/* When a consent ends: the earlier of what it says and what its phase and the service allow. */
uint64_t nrm_naive_end(const struct nrm_naive_question *q, const struct nrm_consent *consent);
enum { NAIVE_DAY_MS = 24 * 3600 * 1000 };

/* Splits the declared fields into forwarded and the three reasons (fields.c). */
void nrm_naive_fields(const struct nrm_naive_question *q, struct nrm_verdict *verdict);

#endif
