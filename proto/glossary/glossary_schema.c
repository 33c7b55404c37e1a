/* The shape of config/vocabulary.yaml, for libcyaml. */
#include "proto/base/limits.h"
#include "proto/glossary/glossary_text.h"

#define NEEDED	  CYAML_FLAG_POINTER
#define OPTIONAL  (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define WORD	  64
#define MAX_TERMS 256

static const cyaml_schema_field_t language_fields[] = {
	CYAML_FIELD_STRING_PTR("tag", NEEDED, struct nrm_language_text, tag, 1, WORD),
	CYAML_FIELD_STRING_PTR("name", NEEDED, struct nrm_language_text, name, 1, NRM_MAX_LABEL),
	CYAML_FIELD_END};
static const cyaml_schema_value_t language = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_language_text, language_fields)};

#define L struct nrm_label_text
#define LABEL_FIELDS                                                                 \
	CYAML_FIELD_STRING_PTR("language", NEEDED, L, language, 1, WORD),            \
		CYAML_FIELD_STRING_PTR("label", NEEDED, L, label, 1, NRM_MAX_LABEL), \
		CYAML_FIELD_BOOL("reviewed", CYAML_FLAG_DEFAULT, L, reviewed)

static const cyaml_schema_field_t text_fields[] = {
	LABEL_FIELDS,
	CYAML_FIELD_STRING_PTR("explanation", NEEDED, L, explanation, 1, NRM_MAX_EXPLANATION),
	CYAML_FIELD_END};
static const cyaml_schema_value_t text = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, L, text_fields)};

static const cyaml_schema_field_t glue_fields[] = {LABEL_FIELDS, CYAML_FIELD_END};
static const cyaml_schema_value_t glue = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, L, glue_fields)};

#define TERM_FIELDS(schema)                                                                   \
	CYAML_FIELD_STRING_PTR("code", NEEDED, struct nrm_term_text, code, 1, WORD),          \
		CYAML_FIELD_SEQUENCE("texts", NEEDED, struct nrm_term_text, texts, schema, 1, \
				     NRM_MAX_LANGUAGES)

static const cyaml_schema_field_t term_fields[] = {TERM_FIELDS(&text), CYAML_FIELD_END};
static const cyaml_schema_value_t term = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_term_text, term_fields)};

static const cyaml_schema_field_t field_fields[] = {
	TERM_FIELDS(&text),
	CYAML_FIELD_STRING_PTR("htcds", OPTIONAL, struct nrm_term_text, htcds, 1, WORD),
	CYAML_FIELD_END};
static const cyaml_schema_value_t field = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_term_text, field_fields)};

static const cyaml_schema_field_t phrase_fields[] = {TERM_FIELDS(&glue), CYAML_FIELD_END};
static const cyaml_schema_value_t phrase = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct nrm_term_text, phrase_fields)};

#define T struct nrm_glossary_text

/* In the order of the file: its key, whose it is, what its entries look like. */
#define SECTIONS(X)                                           \
	X("roles", NRM_VOCABULARY_ROLE, term)                 \
	X("areas", NRM_VOCABULARY_AREA, term)                 \
	X("services", NRM_VOCABULARY_SERVICE, term)           \
	X("categories", NRM_VOCABULARY_CATEGORY, term)        \
	X("fields", NRM_VOCABULARY_FIELD, field)              \
	X("message_types", NRM_VOCABULARY_MESSAGE_TYPE, term) \
	X("purposes", NRM_VOCABULARY_PURPOSE, term)           \
	X("bases", NRM_VOCABULARY_BASIS, term)                \
	X("emergencies", NRM_VOCABULARY_EMERGENCY, term)      \
	X("declines", NRM_VOCABULARY_DECLINE, term)           \
	X("assessments", NRM_VOCABULARY_ASSESSMENT, term)     \
	X("given_by", NRM_VOCABULARY_GIVEN_BY, term)          \
	X("channels", NRM_VOCABULARY_CHANNEL, term)           \
	X("outcomes", NRM_VOCABULARY_OUTCOME, term)           \
	X("reasons", NRM_VOCABULARY_REASON, term)             \
	X("obligations", NRM_VOCABULARY_OBLIGATION, term)     \
	X("phrases", NRM_GLOSSARY_PHRASES, phrase)

#define SECTION(key, index, schema)                                                                \
	CYAML_FIELD_SEQUENCE_COUNT(key, NEEDED, T, section[index].term, section[index].n, &schema, \
				   1, MAX_TERMS),

static const cyaml_schema_field_t glossary[] = {
	CYAML_FIELD_UINT("format", CYAML_FLAG_DEFAULT, T, format),
	CYAML_FIELD_SEQUENCE("languages", NEEDED, T, languages, &language, 1, NRM_MAX_LANGUAGES),
	SECTIONS(SECTION) CYAML_FIELD_END};

const cyaml_schema_value_t nrm_glossary_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, T, glossary)};

#define KEY(key, index, schema) [index] = key,
static const char *const keys[NRM_GLOSSARY_SECTIONS] = {SECTIONS(KEY)};

const char *nrm_glossary_section(uint32_t section)
{
	return section < NRM_GLOSSARY_SECTIONS ? keys[section] : NULL;
}
