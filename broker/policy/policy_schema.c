/* The shape of config/policy.yaml, for libcyaml. */
#include "broker/policy/policy_text.h"

#define REQUIRED  CYAML_FLAG_DEFAULT
#define OPTIONAL  CYAML_FLAG_OPTIONAL
#define MAX_WORDS 64
#define MAX_ROWS  256

static const cyaml_schema_value_t word = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 64)};

/* A list that may be empty, and one that may not. */
#define WORDS(key, flags, type, member)                                                            \
	CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), type, member.word, member.n, \
				   &word, 0, MAX_WORDS)
#define SOME(key, flags, type, member)                                                             \
	CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), type, member.word, member.n, \
				   &word, 1, MAX_WORDS)
#define ROWS(key, type, member, schema)                                                            \
	CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER, type, member.row, member.n, schema, 0, \
				   MAX_ROWS)
/* A section: a mapping whose keys are members of the whole. */
#define SECTION(name, columns)                                                                \
	{                                                                                     \
		.key = name, .value = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, T, columns) } \
	}
#define T struct nrm_policy_text

static const cyaml_schema_field_t role_group_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct nrm_group_text, name, 1, 64),
	SOME("roles", REQUIRED, struct nrm_group_text, members),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t role_group = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_group_text, role_group_fields)};

static const cyaml_schema_field_t service_group_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct nrm_group_text, name, 1, 64),
	SOME("services", REQUIRED, struct nrm_group_text, members),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t service_group = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_group_text, service_group_fields)};

static const cyaml_schema_field_t wall_fields[] = {
	SOME("from", REQUIRED, struct nrm_wall_text, from),
	SOME("to", REQUIRED, struct nrm_wall_text, to),
	WORDS("except", OPTIONAL, struct nrm_wall_text, except),
	CYAML_FIELD_BOOL("absolute", OPTIONAL, struct nrm_wall_text, absolute),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t wall = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_wall_text, wall_fields)};

#define B struct nrm_exception_text
static const cyaml_schema_field_t but_fields[] = {
	SOME("fields", REQUIRED, B, fields),
	SOME("services", REQUIRED, B, services),
	SOME("roles", OPTIONAL, B, roles),
	CYAML_FIELD_BOOL("offering", OPTIONAL, B, offering),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t secrecy_fields[] = {
	SOME("fields", REQUIRED, struct nrm_secrecy_text, fields),
	SOME("only", OPTIONAL, struct nrm_secrecy_text, only),
	SOME("never", OPTIONAL, struct nrm_secrecy_text, never),
	CYAML_FIELD_BOOL("consent_lifts", OPTIONAL, struct nrm_secrecy_text, consent_lifts),
	CYAML_FIELD_MAPPING_PTR("but", OPTIONAL, struct nrm_secrecy_text, but, but_fields),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t secrecy = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_secrecy_text, secrecy_fields)};

static const cyaml_schema_field_t fact_fields[] = {
	SOME("facts", OPTIONAL, struct nrm_fact_text, facts),
	SOME("assessments", OPTIONAL, struct nrm_fact_text, assessments),
	SOME("by", OPTIONAL, struct nrm_fact_text, by),
	CYAML_FIELD_BOOL("by_the_case_managers", OPTIONAL, struct nrm_fact_text,
			 by_the_case_managers),
	CYAML_FIELD_BOOL("by_itself", OPTIONAL, struct nrm_fact_text, by_itself),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t fact = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_fact_text, fact_fields)};

/* Rows of each table have columns of their own. */
#define ROW(name, ...)                                                                  \
	static const cyaml_schema_field_t name##_fields[] = {                           \
		SOME("services", REQUIRED, struct nrm_row_text, services), __VA_ARGS__, \
		CYAML_FIELD_END};                                                       \
	static const cyaml_schema_value_t name = {                                      \
		CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_row_text, name##_fields)}

ROW(purpose_row, SOME("purposes", REQUIRED, struct nrm_row_text, purposes));
ROW(emergency_row, SOME("recipients", REQUIRED, struct nrm_row_text, recipients));
ROW(minimum_row, SOME("fields", REQUIRED, struct nrm_row_text, fields));
ROW(duty_row, SOME("recipients", REQUIRED, struct nrm_row_text, recipients),
    SOME("fields", REQUIRED, struct nrm_row_text, fields));
ROW(lifetime_row, CYAML_FIELD_UINT("days", REQUIRED, struct nrm_row_text, days));
ROW(deadline_row, CYAML_FIELD_UINT("hours", REQUIRED, struct nrm_row_text, hours));
ROW(needed_row, WORDS("except", OPTIONAL, struct nrm_row_text, except),
    SOME("recipients", OPTIONAL, struct nrm_row_text, recipients),
    SOME("fields", REQUIRED, struct nrm_row_text, fields));

static const cyaml_schema_field_t complaints[] = {
	SOME("recipients", REQUIRED, T, complaints.recipients),
	WORDS("fields", REQUIRED, T, complaints.fields),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t declines[] = {
	WORDS("conditional", REQUIRED, T, declines.conditional),
	WORDS("discriminatory", REQUIRED, T, declines.discriminatory),
	WORDS("by_the_person", REQUIRED, T, declines.by_the_person),
	WORDS("for_capacity", REQUIRED, T, declines.for_capacity),
	WORDS("status_services", REQUIRED, T, declines.status_services),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t reflection[] = {
	WORDS("messages", REQUIRED, T, reflection.messages),
	WORDS("told", REQUIRED, T, reflection.told),
	CYAML_FIELD_UINT("days", REQUIRED, T, reflection.days),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t without_ground[] = {
	WORDS("services", REQUIRED, T, without_ground.services),
	WORDS("fields", REQUIRED, T, without_ground.fields),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t purposes[] = {
	SOME("otherwise", REQUIRED, T, purposes.otherwise),
	ROWS("rows", T, purposes.rows, &purpose_row),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t emergency[] = {
	ROWS("services", T, emergency.services, &emergency_row),
	WORDS("reasons", REQUIRED, T, emergency.reasons),
	WORDS("against_her_own_no", REQUIRED, T, emergency.against_her_own_no),
	ROWS("minimum", T, emergency.minimum, &minimum_row),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t child_protection[] = {
	WORDS("services", REQUIRED, T, child_protection.services),
	WORDS("recipients", REQUIRED, T, child_protection.recipients),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t pressed[] = {
	WORDS("services", REQUIRED, T, consent.pressed.services),
	WORDS("recorders", REQUIRED, T, consent.pressed.recorders),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t consent[] = {
	WORDS("any_never_covers", REQUIRED, T, consent.any_never_covers),
	CYAML_FIELD_UINT("crisis_days", REQUIRED, T, consent.crisis_days),
	CYAML_FIELD_UINT("days", REQUIRED, T, consent.days),
	ROWS("longer", T, consent.longer, &lifetime_row),
	CYAML_FIELD_UINT("review_days", REQUIRED, T, consent.review_days),
	CYAML_FIELD_UINT("young_adult_days", REQUIRED, T, consent.young_adult_days),
	SECTION("pressed", pressed),
	WORDS("sent_away_by", REQUIRED, T, consent.sent_away_by),
	WORDS("never_recorded_by", REQUIRED, T, consent.never_recorded_by),
	WORDS("withdrawn_also_by", REQUIRED, T, consent.withdrawn_also_by),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t children[] = {
	WORDS("own_word", REQUIRED, T, children.own_word),
	WORDS("without_guardian", REQUIRED, T, children.without_guardian),
	WORDS("without_best_interests", REQUIRED, T, children.without_best_interests),
	WORDS("asks_for_guardian", REQUIRED, T, children.asks_for_guardian),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t return_[] = {
	WORDS("services", REQUIRED, T, return_.services),
	WORDS("evidence", REQUIRED, T, return_.evidence),
	WORDS("evidence_for_a_child", REQUIRED, T, return_.evidence_for_a_child),
	CYAML_FIELD_UINT("fresh_days", REQUIRED, T, return_.fresh_days),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t replies[] = {
	WORDS("fields", REQUIRED, T, replies.fields),
	WORDS("carers", REQUIRED, T, replies.carers),
	WORDS("carers_fields", REQUIRED, T, replies.carers_fields),
	WORDS("told_to_all", REQUIRED, T, replies.told_to_all),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t age[] = {
	WORDS("decided_by", REQUIRED, T, age.decided_by),
	WORDS("adult_never_said_by", REQUIRED, T, age.adult_never_said_by),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t parents_as_guardians[] = {
	WORDS("by", REQUIRED, T, parents_as_guardians.by),
	WORDS("after", REQUIRED, T, parents_as_guardians.after),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t forgetting[] = {
	WORDS("by", REQUIRED, T, forgetting.by),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t retention[] = {
	CYAML_FIELD_UINT_PTR("days_after_expiry", REQUIRED, T, retention.days_after_expiry),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t deadlines[] = {
	CYAML_FIELD_UINT("hours", REQUIRED, T, deadlines.hours),
	ROWS("rows", T, deadlines.rows, &deadline_row),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t policy[] = {
	CYAML_FIELD_UINT("format", REQUIRED, T, format),
	CYAML_FIELD_UINT("version", REQUIRED, T, version),
	CYAML_FIELD_SEQUENCE("role_groups", CYAML_FLAG_POINTER, T, role_groups, &role_group, 0,
			     NRM_MAX_POLICY_GROUPS),
	CYAML_FIELD_SEQUENCE("service_groups", CYAML_FLAG_POINTER, T, service_groups,
			     &service_group, 0, NRM_MAX_POLICY_GROUPS),
	CYAML_FIELD_SEQUENCE("firewall", CYAML_FLAG_POINTER, T, walls, &wall, 1, NRM_MAX_WALLS),
	SECTION("complaints", complaints),
	SECTION("declines", declines),
	WORDS("consulates", REQUIRED, T, consulates),
	SECTION("reflection", reflection),
	SECTION("without_ground", without_ground),
	SECTION("purposes", purposes),
	SECTION("emergency", emergency),
	SECTION("child_protection", child_protection),
	CYAML_FIELD_SEQUENCE_COUNT("legal_duty", CYAML_FLAG_POINTER, T, legal_duty.row,
				   legal_duty.n, &duty_row, 0, NRM_MAX_DUTIES),
	SECTION("consent", consent),
	SECTION("children", children),
	SECTION("return", return_),
	CYAML_FIELD_SEQUENCE("secrecy", CYAML_FLAG_POINTER, T, secrecy, &secrecy, 1,
			     NRM_MAX_SECRECIES),
	ROWS("needed", T, needed, &needed_row),
	SECTION("replies", replies),
	CYAML_FIELD_SEQUENCE("facts", CYAML_FLAG_POINTER, T, facts, &fact, 0, MAX_ROWS),
	SECTION("age", age),
	SECTION("parents_as_guardians", parents_as_guardians),
	WORDS("case_managers", REQUIRED, T, case_managers),
	{.key = "forgetting",
	 .value = {CYAML_VALUE_MAPPING(OPTIONAL, T, forgetting)}}, /* absent: nobody may */
	{.key = "retention", .value = {CYAML_VALUE_MAPPING(OPTIONAL, T, retention)}},
	SECTION("deadlines", deadlines),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t nrm_policy_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, T, policy)};
