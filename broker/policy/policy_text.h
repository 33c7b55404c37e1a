/*
 * Inside broker/policy: the file as libcyaml reads it, words and numbers, and the steps that compile it.
 * Each step reads nrm_policy_text and fills its part of the policy; an error is one line in the document.
 */
#ifndef NRM_POLICY_POLICY_TEXT_H
#define NRM_POLICY_POLICY_TEXT_H

#include "broker/core/policy.h"
#include "proto/yaml/yaml.h"

struct nrm_words {
	char **word;
	uint32_t n;
};

struct nrm_group_text {
	char *name;
	struct nrm_words members;
};

struct nrm_wall_text {
	struct nrm_words from, to, except;
	bool absolute;
};

struct nrm_exception_text {
	struct nrm_words fields, roles, services;
	bool offering;
};

struct nrm_secrecy_text {
	struct nrm_words fields, only, never;
	bool consent_lifts;
	struct nrm_exception_text *but; /* NULL when left out */
};

/* A row of any of the tables: services, and what is said of them. */
struct nrm_row_text {
	struct nrm_words services, except, recipients, fields, purposes;
	uint32_t days, hours;
};

struct nrm_rows {
	struct nrm_row_text *row;
	uint32_t n;
};

struct nrm_fact_text {
	struct nrm_words facts, assessments, by;
	bool by_the_case_managers, by_itself;
};

struct nrm_policy_text {
	uint32_t format;
	uint64_t version;
	struct nrm_group_text *role_groups, *service_groups;
	uint32_t role_groups_count, service_groups_count;
	struct nrm_wall_text *walls;
	uint32_t walls_count;
	struct {
		struct nrm_words recipients, fields;
	} complaints;
	struct {
		struct nrm_words conditional, discriminatory, by_the_person, for_capacity,
			status_services;
	} declines;
	struct nrm_words consulates;
	struct {
		struct nrm_words messages, told;
		uint32_t days;
	} reflection;
	struct {
		struct nrm_words services, fields;
	} without_ground;
	struct {
		struct nrm_words otherwise;
		struct nrm_rows rows;
	} purposes;
	struct {
		struct nrm_rows services, minimum;
		struct nrm_words reasons, against_her_own_no;
	} emergency;
	struct {
		struct nrm_words services, recipients;
	} child_protection;
	struct nrm_rows legal_duty;
	struct {
		struct nrm_words any_never_covers, sent_away_by, never_recorded_by,
			withdrawn_also_by;
		struct {
			struct nrm_words services, recorders;
		} pressed;
		uint32_t crisis_days, days, review_days, young_adult_days;
		struct nrm_rows longer;
	} consent;
	struct {
		struct nrm_words own_word, without_guardian, without_best_interests,
			asks_for_guardian;
	} children;
	struct {
		struct nrm_words services, evidence, evidence_for_a_child;
		uint32_t fresh_days;
	} return_;
	struct nrm_secrecy_text *secrecy;
	uint32_t secrecy_count;
	struct nrm_rows needed;
	struct {
		struct nrm_words fields, carers, carers_fields, told_to_all;
	} replies;
	struct nrm_fact_text *facts;
	uint32_t facts_count;
	struct {
		struct nrm_words decided_by, adult_never_said_by;
	} age;
	struct {
		struct nrm_words by, after;
	} parents_as_guardians;
	struct nrm_words case_managers;
	struct {
		struct nrm_words by;
	} forgetting;
	struct {
		uint32_t *days_after_expiry;
	} retention;
	struct {
		uint32_t hours;
		struct nrm_rows rows;
	} deadlines;
};

extern const cyaml_schema_value_t nrm_policy_schema;

/* A policy in the making. */
struct nrm_policy_draft {
	struct nrm_yaml *yaml;
	const struct nrm_policy_text *text;
	struct nrm_policy *policy;
	nrm_mask role_group[NRM_MAX_POLICY_GROUPS], service_group[NRM_MAX_POLICY_GROUPS];
	uint32_t n_role_groups, n_service_groups; /* those compiled so far */
};

/* An open file: what was made of it, and where it stands in it (policy_source.h). */
struct nrm_policy_source {
	struct nrm_yaml yaml;
	void *decoded; /* struct nrm_policy_text */
	struct nrm_policy_draft draft;
};

/* One row of a table, its words made masks. */
struct nrm_policy_row {
	nrm_mask services; /* less those that it excepts */
	nrm_mask recipients, fields, purposes;
	uint32_t days, hours;
};

/*
 * The mask of a list of words of a kind. Roles and services may be groups, services an area, fields a category, and
 * any of these three `any` (NRM_ANYONE for roles). A word that adds nothing to those before it is refused.
 */
enum nrm_err nrm_policy_mask(struct nrm_policy_draft *draft, const char *path,
			     enum nrm_vocabulary kind, const struct nrm_words *words,
			     nrm_mask *ret_mask) NRM_MUST_USE;

/* Row `index` of the table at `list` ("needed"), its words made masks. */
enum nrm_err nrm_policy_row(struct nrm_policy_draft *draft, const char *list,
			    const struct nrm_rows *rows, uint32_t index,
			    struct nrm_policy_row *ret_row) NRM_MUST_USE;
/* The same of a policy that is compiled, whose rows are known to be good. */
struct nrm_policy_row nrm_policy_source_row(struct nrm_policy_source *source, const char *list,
					    const struct nrm_rows *rows, uint32_t index);
/* Joins what a row of `needed` says into the policy. */
void nrm_policy_set_needed(struct nrm_policy *policy, const struct nrm_policy_row *row);

/* The plain lists and numbers of a policy one after the other, as its file says them; false after the last. */
struct nrm_policy_value {
	const char *path;
	bool is_days; /* `value` is a number of days, else a mask of `kind` */
	enum nrm_vocabulary kind;
	uint64_t value;
};
bool nrm_policy_value(struct nrm_policy_source *source, size_t index,
		      struct nrm_policy_value *ret_value);

/* The steps, in this order. */
enum nrm_err nrm_policy_groups(struct nrm_policy_draft *draft) NRM_MUST_USE;
enum nrm_err nrm_policy_lists(struct nrm_policy_draft *draft) NRM_MUST_USE;
enum nrm_err nrm_policy_rows(struct nrm_policy_draft *draft) NRM_MUST_USE;
enum nrm_err nrm_policy_lines(struct nrm_policy_draft *draft) NRM_MUST_USE;
enum nrm_err nrm_policy_contradictions(struct nrm_policy_draft *draft) NRM_MUST_USE;

#endif
