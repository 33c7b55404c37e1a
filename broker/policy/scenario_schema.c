/* The shape of a scenario file, for libcyaml. */
#include "broker/policy/scenario_text.h"

#define MAX_WORDS 128
#define MAX_TEXT  256

#define REQUIRED CYAML_FLAG_POINTER
#define OPTIONAL (CYAML_FLAG_POINTER_NULL_STR | CYAML_FLAG_OPTIONAL)

static const cyaml_schema_value_t word = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, MAX_TEXT)};

#define TEXT(key, flags, member) CYAML_FIELD_STRING_PTR(key, flags, T, member, 1, MAX_TEXT)
#define WORDS(key, flags, member, max)                                                          \
	CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), T, member.word, member.n, \
				   &word, 0, max)
#define SOMETIMES(key, member, max) WORDS(key, CYAML_FLAG_OPTIONAL, member, max)
#define FLAG(key, member)	    CYAML_FIELD_BOOL(key, CYAML_FLAG_OPTIONAL, T, member)

#define T struct nrm_participant_text
static const cyaml_schema_field_t participant_fields[] = {
	TEXT("id", REQUIRED, id),
	WORDS("roles", CYAML_FLAG_DEFAULT, roles, MAX_WORDS),
	SOMETIMES("services", services, MAX_WORDS),
	TEXT("country", OPTIONAL, country),
	FLAG("detention", detention),
	TEXT("status", OPTIONAL, status),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t participant = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, T, participant_fields)};
#undef T

#define T			   struct nrm_card_text
#define NRM_X_(name, number, code) TEXT(code, OPTIONAL, assessments[number]),
static const cyaml_schema_field_t assessments[] = {NRM_ASSESSMENTS(NRM_X_) CYAML_FIELD_END};
#undef NRM_X_
static const cyaml_schema_field_t card[] = {
	TEXT("age_class", OPTIONAL, age_class),
	TEXT("adult_since", OPTIONAL, adult_since),
	TEXT("guardian", OPTIONAL, guardian),
	FLAG("complicit_parent", complicit_parent),
	SOMETIMES("excluded", excluded, NRM_MAX_CASE_EXCLUDED),
	SOMETIMES("refused", refused, MAX_WORDS),
	SOMETIMES("contact", contact, MAX_WORDS),
	FLAG("asylum_seeker", asylum_seeker),
	FLAG("consulate_wished", consulate_wished),
	TEXT("reflection_until", OPTIONAL, reflection_until),
	TEXT("last_threat", OPTIONAL, last_threat),
	TEXT("receiving_manager", OPTIONAL, receiving_manager),
	/* its keys are members of the card */
	{.key = "assessments", .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_OPTIONAL, T, assessments)}},
	SOMETIMES("contributed", contributed, MAX_WORDS),
	CYAML_FIELD_END,
};
#undef T

#define T struct nrm_consent_text
static const cyaml_schema_field_t consent_fields[] = {
	TEXT("id", OPTIONAL, id),
	TEXT("given_by", OPTIONAL, given_by),
	SOMETIMES("services", services, MAX_WORDS),
	SOMETIMES("recipients", recipients, NRM_MAX_CONSENT_RECIPIENTS),
	SOMETIMES("data", data, MAX_WORDS),
	SOMETIMES("countries", countries, NRM_MAX_CONSENT_COUNTRIES),
	TEXT("purpose", OPTIONAL, purpose),
	SOMETIMES("recorded_by", recorded_by, NRM_MAX_CONSENT_RECORDERS),
	TEXT("phase", OPTIONAL, phase),
	TEXT("from", OPTIONAL, from),
	TEXT("until", OPTIONAL, until),
	TEXT("withdrawn_at", OPTIONAL, withdrawn_at),
	TEXT("heard", OPTIONAL, heard),
	FLAG("understood", understood),
	FLAG("interpreter_conflict", interpreter_conflict),
	TEXT("guardian", OPTIONAL, guardian),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t consent = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, T, consent_fields)};
#undef T

#define T struct nrm_message_text
static const cyaml_schema_field_t message[] = {
	TEXT("type", REQUIRED, type),
	TEXT("sender", OPTIONAL, sender),
	TEXT("recipient", OPTIONAL, recipient),
	TEXT("service", OPTIONAL, service),
	TEXT("purpose", OPTIONAL, purpose),
	TEXT("basis", OPTIONAL, basis),
	TEXT("emergency_reason", OPTIONAL, emergency_reason),
	SOMETIMES("fields", fields, NRM_MAX_FIELDS),
	TEXT("answer", OPTIONAL, answer),
	FLAG("in_reply", in_reply),
	TEXT("decline_reason", OPTIONAL, decline_reason),
	FLAG("appeal", appeal),
	TEXT("about", OPTIONAL, about),
	TEXT("contact_by", OPTIONAL, contact_by),
	TEXT("kind", OPTIONAL, kind),
	CYAML_FIELD_END,
};
#undef T

#define T				  struct nrm_expect_text
#define NRM_X_(name, number, code, group) TEXT(code, OPTIONAL, withheld[number]),
static const cyaml_schema_field_t withheld[] = {NRM_FIELDS(NRM_X_) CYAML_FIELD_END};
#undef NRM_X_
static const cyaml_schema_field_t expect[] = {
	TEXT("outcome", OPTIONAL, outcome),
	TEXT("reason", OPTIONAL, reason),
	SOMETIMES("forwarded", forwarded, MAX_WORDS),
	SOMETIMES("forwarded_includes", forwarded_includes, MAX_WORDS),
	SOMETIMES("forwarded_excludes", forwarded_excludes, MAX_WORDS),
	/* its keys are members of what is expected */
	{.key = "withheld", .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_OPTIONAL, T, withheld)}},
	SOMETIMES("obligations", obligations, MAX_WORDS),
	SOMETIMES("missing", missing, MAX_WORDS),
	CYAML_FIELD_END,
};
#undef T

#define T struct nrm_case_text
static const cyaml_schema_field_t case_fields[] = {
	TEXT("name", REQUIRED, name),
	TEXT("source", OPTIONAL, source),
	TEXT("now", REQUIRED, now),
	CYAML_FIELD_MAPPING("card", CYAML_FLAG_OPTIONAL, T, card, card),
	CYAML_FIELD_SEQUENCE("consents", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, T, consents,
			     &consent, 0, NRM_MAX_CASE_CONSENTS),
	CYAML_FIELD_MAPPING("message", CYAML_FLAG_DEFAULT, T, message, message),
	CYAML_FIELD_MAPPING("expect", CYAML_FLAG_OPTIONAL, T, expect, expect),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t case_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, T, case_fields)};
#undef T

#define T struct nrm_scenario_text
static const cyaml_schema_field_t scenario_fields[] = {
	TEXT("country", REQUIRED, country),
	CYAML_FIELD_SEQUENCE("participants", CYAML_FLAG_POINTER, T, participants, &participant, 0,
			     NRM_MAX_PARTICIPANTS),
	CYAML_FIELD_SEQUENCE("cases", CYAML_FLAG_POINTER, T, cases, &case_schema, 0,
			     CYAML_UNLIMITED),
	CYAML_FIELD_END,
};
const cyaml_schema_value_t nrm_scenario_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, T, scenario_fields)};
