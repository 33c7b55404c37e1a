#include "proto/vocabulary.h"

#include <string.h>

/* One table a kind; index 0 is "absent". */

#define NRM_X_(name, number, code) [number] = code,
static const char *const role_codes[] = {NRM_ROLES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const area_codes[] = {NRM_AREAS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code, group) [number] = code,
static const char *const service_codes[] = {NRM_SERVICES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const category_codes[] = {NRM_CATEGORIES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code, group) [number] = code,
static const char *const field_codes[] = {NRM_FIELDS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const message_type_codes[] = {NRM_MESSAGE_TYPES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const purpose_codes[] = {NRM_PURPOSES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const phase_codes[] = {NRM_PHASES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const basis_codes[] = {NRM_BASES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const emergency_codes[] = {NRM_EMERGENCIES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const urgency_codes[] = {NRM_URGENCIES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const channel_codes[] = {NRM_CHANNELS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const answer_codes[] = {NRM_ANSWERS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const decline_codes[] = {NRM_DECLINES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const step_codes[] = {NRM_STEPS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const domain_codes[] = {NRM_DOMAINS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const progress_codes[] = {NRM_PROGRESSES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const notice_kind_codes[] = {NRM_NOTICE_KINDS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const age_class_codes[] = {NRM_AGE_CLASSES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const guardian_codes[] = {NRM_GUARDIANS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const assessment_codes[] = {NRM_ASSESSMENTS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const fact_codes[] = {NRM_FACTS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const given_by_codes[] = {NRM_GIVEN_BY(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const heard_codes[] = {NRM_HEARD(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const mode_codes[] = {NRM_MODES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const outcome_codes[] = {[0] = "refuse", NRM_OUTCOMES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const reason_codes[] = {NRM_REASONS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const obligation_codes[] = {NRM_OBLIGATIONS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const event_codes[] = {NRM_EVENTS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const ack_codes[] = {NRM_ACKS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const refusal_codes[] = {NRM_REFUSALS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const org_kind_codes[] = {NRM_ORG_KINDS(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const status_codes[] = {NRM_STATUSES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code) [number] = code,
static const char *const key_kind_codes[] = {NRM_KEY_KINDS(NRM_X_)};
#undef NRM_X_

static const struct {
	const char *name;
	const char *const *codes;
	uint32_t end;
} kinds[NRM_VOCABULARY_COUNT] = {
	[NRM_VOCABULARY_ROLE] = {"role", role_codes, NRM_ROLE_END_},
	[NRM_VOCABULARY_AREA] = {"area", area_codes, NRM_AREA_END_},
	[NRM_VOCABULARY_SERVICE] = {"service", service_codes, NRM_SERVICE_END_},
	[NRM_VOCABULARY_CATEGORY] = {"category", category_codes, NRM_CATEGORY_END_},
	[NRM_VOCABULARY_FIELD] = {"field", field_codes, NRM_FIELD_END_},
	[NRM_VOCABULARY_MESSAGE_TYPE] = {"message_type", message_type_codes, NRM_MESSAGE_TYPE_END_},
	[NRM_VOCABULARY_PURPOSE] = {"purpose", purpose_codes, NRM_PURPOSE_END_},
	[NRM_VOCABULARY_PHASE] = {"phase", phase_codes, NRM_PHASE_END_},
	[NRM_VOCABULARY_BASIS] = {"basis", basis_codes, NRM_BASIS_END_},
	[NRM_VOCABULARY_EMERGENCY] = {"emergency", emergency_codes, NRM_EMERGENCY_END_},
	[NRM_VOCABULARY_URGENCY] = {"urgency", urgency_codes, NRM_URGENCY_END_},
	[NRM_VOCABULARY_CHANNEL] = {"channel", channel_codes, NRM_CHANNEL_END_},
	[NRM_VOCABULARY_ANSWER] = {"answer", answer_codes, NRM_ANSWER_END_},
	[NRM_VOCABULARY_DECLINE] = {"decline", decline_codes, NRM_DECLINE_END_},
	[NRM_VOCABULARY_STEP] = {"step", step_codes, NRM_STEP_END_},
	[NRM_VOCABULARY_DOMAIN] = {"domain", domain_codes, NRM_DOMAIN_END_},
	[NRM_VOCABULARY_PROGRESS] = {"progress", progress_codes, NRM_PROGRESS_END_},
	[NRM_VOCABULARY_NOTICE_KIND] = {"notice_kind", notice_kind_codes, NRM_NOTICE_KIND_END_},
	[NRM_VOCABULARY_AGE_CLASS] = {"age_class", age_class_codes, NRM_AGE_CLASS_END_},
	[NRM_VOCABULARY_GUARDIAN] = {"guardian", guardian_codes, NRM_GUARDIAN_END_},
	[NRM_VOCABULARY_ASSESSMENT] = {"assessment", assessment_codes, NRM_ASSESSMENT_END_},
	[NRM_VOCABULARY_FACT] = {"fact", fact_codes, NRM_FACT_END_},
	[NRM_VOCABULARY_GIVEN_BY] = {"given_by", given_by_codes, NRM_GIVEN_BY_END_},
	[NRM_VOCABULARY_HEARD] = {"heard", heard_codes, NRM_HEARD_END_},
	[NRM_VOCABULARY_MODE] = {"mode", mode_codes, NRM_MODE_END_},
	[NRM_VOCABULARY_OUTCOME] = {"outcome", outcome_codes, NRM_OUTCOME_END_},
	[NRM_VOCABULARY_REASON] = {"reason", reason_codes, NRM_REASON_END_},
	[NRM_VOCABULARY_OBLIGATION] = {"obligation", obligation_codes, NRM_OBLIGATION_END_},
	[NRM_VOCABULARY_EVENT] = {"event", event_codes, NRM_EVENT_END_},
	[NRM_VOCABULARY_ACK] = {"ack", ack_codes, NRM_ACK_END_},
	[NRM_VOCABULARY_REFUSAL] = {"refusal", refusal_codes, NRM_REFUSAL_END_},
	[NRM_VOCABULARY_ORG_KIND] = {"org_kind", org_kind_codes, NRM_ORG_KIND_END_},
	[NRM_VOCABULARY_STATUS] = {"status", status_codes, NRM_STATUS_END_},
	[NRM_VOCABULARY_KEY_KIND] = {"key_kind", key_kind_codes, NRM_KEY_KIND_END_},
};

const char *nrm_code_name(enum nrm_vocabulary kind, uint32_t number)
{
	if (kind >= NRM_VOCABULARY_COUNT || number >= kinds[kind].end)
		return NULL;
	return kinds[kind].codes[number];
}

uint32_t nrm_code_number(enum nrm_vocabulary kind, const char *name, size_t len)
{
	if (kind >= NRM_VOCABULARY_COUNT)
		return 0;
	for (uint32_t i = 1; i < kinds[kind].end; i++) {
		const char *code = kinds[kind].codes[i];
		if (strlen(code) == len && memcmp(code, name, len) == 0)
			return i;
	}
	return 0;
}

uint32_t nrm_code_count(enum nrm_vocabulary kind)
{
	return kind < NRM_VOCABULARY_COUNT ? kinds[kind].end - 1 : 0;
}

const char *nrm_vocabulary_name(enum nrm_vocabulary kind)
{
	return kind < NRM_VOCABULARY_COUNT ? kinds[kind].name : "code";
}

#define NRM_X_(name, number, code, group) [number] = group,
static const enum nrm_area service_areas[] = {NRM_SERVICES(NRM_X_)};
static const enum nrm_category field_categories[] = {NRM_FIELDS(NRM_X_)};
#undef NRM_X_

enum nrm_area nrm_service_area(enum nrm_service service)
{
	return service < NRM_SERVICE_END_ ? service_areas[service] : NRM_AREA_ABSENT;
}

enum nrm_category nrm_field_category(enum nrm_field field)
{
	return field < NRM_FIELD_END_ ? field_categories[field] : NRM_CATEGORY_ABSENT;
}
