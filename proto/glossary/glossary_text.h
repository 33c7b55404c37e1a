/*
 * Inside proto/glossary: the file as libcyaml reads it.
 */
#ifndef NRM_GLOSSARY_GLOSSARY_TEXT_H
#define NRM_GLOSSARY_GLOSSARY_TEXT_H

#include "proto/glossary/glossary.h"
#include "proto/yaml/yaml.h"

/* The sections of the file: those of a kind have its number, phrases come after all kinds. */
#define NRM_GLOSSARY_PHRASES  NRM_VOCABULARY_COUNT
#define NRM_GLOSSARY_SECTIONS (NRM_VOCABULARY_COUNT + 1)

struct nrm_language_text {
	char *tag, *name;
};

struct nrm_label_text {
	char *language, *label;
	char *explanation; /* NULL in a phrase */
	bool reviewed;
};

struct nrm_term_text {
	char *code;
	char *htcds; /* of a field, where there is one */
	struct nrm_label_text *texts;
	uint32_t texts_count;
};

struct nrm_section_text {
	struct nrm_term_text *term;
	uint32_t n; /* 0: not a section of the file */
};

struct nrm_glossary_text {
	uint32_t format;
	struct nrm_language_text *languages;
	uint32_t languages_count;
	struct nrm_section_text section[NRM_GLOSSARY_SECTIONS];
};

/* Makes a struct nrm_glossary_text. */
extern const cyaml_schema_value_t nrm_glossary_schema;

/* The key of a section ("roles"); NULL of a kind that the file does not cover. */
const char *nrm_glossary_section(uint32_t section);

#endif
