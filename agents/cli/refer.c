/* nrm refer FILE */
#include <string.h>

#include "agents/cli/cli.h"
#include "agents/cli/form.h"
#include "proto/base/limits.h"

struct emergency_text {
	char *emergency;
};

/*
 * What people write. `basis` is a word, or a mapping {emergency: code}: the schema is chosen by
 * what is there.
 */
struct referral_text {
	char *to, *service, *purpose, *case_name, *urgency, *region, *basis, *phase, *replaces,
		*contact_by, *statement_on_file, *linked_case;
	struct emergency_text emergency;
	struct values_text {
		char *of[NRM_FIELD_END_];
	} fields;
};

#define NRM_X_(name, number, code, category)                                               \
	CYAML_FIELD_STRING_PTR(code, NRM_FORM_OPTIONAL, struct values_text, of[number], 0, \
			       NRM_MAX_PLAINTEXT),
static const cyaml_schema_field_t value_fields[] = {NRM_FIELDS(NRM_X_) CYAML_FIELD_END};
#undef NRM_X_

static const cyaml_schema_field_t emergency_fields[] = {
	CYAML_FIELD_STRING_PTR("emergency", NRM_FORM_NEEDED, struct emergency_text, emergency, 1,
			       64),
	CYAML_FIELD_END};

#define WORD(key, member, flags) \
	CYAML_FIELD_STRING_PTR(key, flags, struct referral_text, member, 1, 255)
#define REFERRAL_FIELDS(basis_field)                                                             \
	WORD("to", to, NRM_FORM_NEEDED), WORD("service", service, NRM_FORM_NEEDED),              \
		WORD("purpose", purpose, NRM_FORM_NEEDED),                                       \
		WORD("case", case_name, NRM_FORM_OPTIONAL),                                      \
		WORD("urgency", urgency, NRM_FORM_NEEDED),                                       \
		WORD("region", region, NRM_FORM_OPTIONAL), basis_field,                          \
		WORD("phase", phase, NRM_FORM_OPTIONAL),                                         \
		WORD("replaces", replaces, NRM_FORM_OPTIONAL),                                   \
		WORD("contact_by", contact_by, NRM_FORM_OPTIONAL),                               \
		WORD("statement_on_file", statement_on_file, NRM_FORM_OPTIONAL),                 \
		WORD("linked_case", linked_case, NRM_FORM_OPTIONAL),                             \
		CYAML_FIELD_MAPPING("fields", CYAML_FLAG_OPTIONAL, struct referral_text, fields, \
				    value_fields),                                               \
		CYAML_FIELD_END

static const cyaml_schema_field_t fields_word[] = {
	REFERRAL_FIELDS(WORD("basis", basis, NRM_FORM_NEEDED))};
static const cyaml_schema_field_t fields_emergency[] = {REFERRAL_FIELDS(CYAML_FIELD_MAPPING(
	"basis", CYAML_FLAG_DEFAULT, struct referral_text, emergency, emergency_fields))};
static const cyaml_schema_value_t schema_word = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct referral_text, fields_word)};
static const cyaml_schema_value_t schema_emergency = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct referral_text, fields_emergency)};

#define AT(member) offsetof(struct referral_text, member)
static const struct nrm_form_member members[] = {
	{"to", NRM_FORM_PARTICIPANT, AT(to), 0, 0},
	{"service", NRM_FORM_CODE, AT(service), NRM_VOCABULARY_SERVICE, 0},
	{"purpose", NRM_FORM_CODE, AT(purpose), NRM_VOCABULARY_PURPOSE, 0},
	{"case", NRM_FORM_TEXT, AT(case_name), 0, 0},
	{"urgency", NRM_FORM_CODE, AT(urgency), NRM_VOCABULARY_URGENCY, 0},
	{"region", NRM_FORM_REGION, AT(region), 0, 0},
	{"phase", NRM_FORM_CODE, AT(phase), NRM_VOCABULARY_PHASE, 0},
	{"replaces", NRM_FORM_ID, AT(replaces), 0, 0},
	{"contact_by", NRM_FORM_CODE, AT(contact_by), NRM_VOCABULARY_CHANNEL, 0},
	{"statement_on_file", NRM_FORM_ID, AT(statement_on_file), 0, 0},
	{"linked_case", NRM_FORM_ID, AT(linked_case), 0, 0},
	{NULL, 0, 0, 0, 0},
};

/* basis: consent, basis: emergency:life_threat, or basis: {emergency: life_threat}. */
static enum nrm_err fill_basis(struct nrm_yaml *yaml, const struct referral_text *t,
			       json_t *request)
{
	static const char prefix[] = "emergency:";
	const char *reason = t->emergency.emergency;
	uint32_t code;

	if (t->basis && strncmp(t->basis, prefix, sizeof(prefix) - 1) == 0)
		reason = t->basis + sizeof(prefix) - 1;
	if (t->basis && strcmp(t->basis, "emergency") == 0)
		return nrm_yaml_fail(yaml, "basis",
				     "expected its reason too: emergency:life_threat");
	json_object_set_new(request, "basis", json_string(reason ? "emergency" : t->basis));
	if (!reason)
		return nrm_yaml_code(yaml, "basis", NRM_VOCABULARY_BASIS, t->basis, &code);
	json_object_set_new(request, "emergency", json_string(reason));
	return nrm_yaml_code(yaml, t->basis ? "basis" : "basis.emergency", NRM_VOCABULARY_EMERGENCY,
			     reason, &code);
}

static enum nrm_err fill_values(struct nrm_yaml *yaml, const struct values_text *values,
				json_t *request)
{
	json_t *map = json_object();

	json_object_set_new(request, "fields", map);
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
		const char *name = nrm_code_name(NRM_VOCABULARY_FIELD, f);

		if (values->of[f] &&
		    json_object_set_new(map, name, json_string(values->of[f])) != 0)
			return nrm_yaml_fail(yaml, nrm_yaml_at(yaml, "fields.%s", name),
					     "expected text in UTF-8");
	}
	return NRM_OK;
}

static enum nrm_err fill(struct nrm_yaml *yaml, const void *text, json_t *request)
{
	const struct referral_text *t = text;
	enum nrm_err err = nrm_form_fill(yaml, members, t, request);

	if (err == NRM_OK)
		err = fill_basis(yaml, t, request);
	return err ? err : fill_values(yaml, &t->fields, request);
}

const struct nrm_form nrm_referral_form = {
	.op = "refer",
	.what = "referral",
	.doc = "Sends the referral described in FILE (YAML: to service purpose case urgency "
	       "region basis fields) and says what the broker decided.",
	.schema = &schema_word,
	.path = "basis.emergency",
	.other = &schema_emergency,
	.request = fill};

int nrm_cmd_refer(int argc, char **argv)
{
	return nrm_form_send(argc, argv, &nrm_referral_form);
}
