/*
 * Inside broker/policy: a scenario file as libcyaml reads it, and one case made ready for the decision.
 */
#ifndef NRM_POLICY_SCENARIO_TEXT_H
#define NRM_POLICY_SCENARIO_TEXT_H

#include "broker/core/decide.h"
#include "broker/policy/policy_text.h"

struct nrm_participant_text {
	char *id, *country, *status;
	struct nrm_words roles, services;
	bool detention;
};

struct nrm_card_text {
	char *age_class, *adult_since, *guardian, *reflection_until, *last_threat,
		*receiving_manager;
	struct nrm_words excluded, refused, contact, contributed;
	char *assessments[NRM_ASSESSMENT_END_];
	bool complicit_parent, asylum_seeker, consulate_wished;
};

struct nrm_consent_text {
	char *id, *given_by, *purpose, *phase, *from, *until, *withdrawn_at, *heard, *guardian;
	struct nrm_words services, recipients, data, countries, recorded_by;
	bool understood, interpreter_conflict;
};

struct nrm_message_text {
	char *type, *sender, *recipient, *service, *purpose, *basis, *emergency_reason, *answer,
		*decline_reason;
	char *about, *contact_by, *kind;
	struct nrm_words fields;
	bool in_reply, appeal;
};

struct nrm_expect_text {
	char *outcome, *reason;
	struct nrm_words forwarded, forwarded_includes, forwarded_excludes, obligations, missing;
	char *withheld[NRM_FIELD_END_];
};

struct nrm_case_text {
	char *name, *source, *now;
	struct nrm_card_text card;
	struct nrm_consent_text *consents;
	uint32_t consents_count;
	struct nrm_message_text message;
	struct nrm_expect_text expect;
};

struct nrm_scenario_text {
	char *country;
	struct nrm_participant_text *participants;
	struct nrm_case_text *cases;
	uint32_t participants_count, cases_count;
};

extern const cyaml_schema_value_t nrm_scenario_schema;

/* Everyone that a file names; the handle of a participant is its index. */
struct nrm_cast {
	const char **id;
	struct nrm_party *party;
	uint32_t n, cap; /* entry 0 is nobody */
};

/* What a case expects; a mask counts where its flag is set. */
struct nrm_expected {
	bool has_outcome, has_reason, has_forwarded, has_missing;
	enum nrm_outcome outcome;
	enum nrm_reason reason;
	nrm_mask forwarded, includes, excludes, missing, obligations;
	enum nrm_reason withheld[NRM_FIELD_END_];
};

/* A case ready to be decided. */
struct nrm_case {
	uint64_t now;
	struct nrm_card card;
	struct nrm_consent consent[NRM_MAX_CASE_CONSENTS];
	uint32_t n_consents;
	struct nrm_message message;
	struct nrm_expected expected;
};

/* Reading goes on until something is wrong: the first error stays, and what is read after it is zero. */
struct nrm_scenario_reader {
	struct nrm_yaml *yaml;
	enum nrm_err err;
	struct nrm_cast cast;
};

/* Fills the cast with the file's participants. The caller frees cast.id and cast.party, also after an error. */
void nrm_scenario_cast(struct nrm_scenario_reader *r, const struct nrm_scenario_text *text);

/* Makes case `index` ready, adding participants it names that nobody listed. */
void nrm_scenario_case(struct nrm_scenario_reader *r, const struct nrm_case_text *text,
		       uint32_t index, struct nrm_case *c);

/* Words of the file, at `base`.`key` of it; a word left out is 0. */
uint32_t nrm_scenario_code(struct nrm_scenario_reader *r, const char *base, const char *key,
			   enum nrm_vocabulary kind, const char *text);
uint64_t nrm_scenario_time(struct nrm_scenario_reader *r, const char *base, const char *key,
			   const char *text);
nrm_mask nrm_scenario_mask(struct nrm_scenario_reader *r, const char *base, const char *key,
			   enum nrm_vocabulary kind, const struct nrm_words *words);
/* The handle of a participant; one that nobody listed is an unknown one. */
uint32_t nrm_scenario_party(struct nrm_scenario_reader *r, const char *base, const char *key,
			    const char *id);
bool nrm_scenario_has(const struct nrm_scenario_reader *r, const char *base, const char *key);

/* Sets the reader's error. */
void nrm_scenario_fail(struct nrm_scenario_reader *r, const char *path, const char *what);

#endif
