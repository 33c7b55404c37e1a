/*
 * Inside proto/glossary: a loaded glossary, and how it is made of a document.
 */
#ifndef NRM_GLOSSARY_GLOSSARY_COMPILE_H
#define NRM_GLOSSARY_GLOSSARY_COMPILE_H

#include "proto/glossary/glossary_text.h"

struct nrm_glossary {
	struct nrm_glossary_text *file; /* owns every string */
	/* The text of code c of a section in language l: text[first[section] + c * languages + l]. */
	const struct nrm_label_text **text;
	size_t first[NRM_GLOSSARY_SECTIONS];
	uint32_t end[NRM_GLOSSARY_SECTIONS]; /* one past the last code; 0: not covered */
	const char *htcds[NRM_FIELD_END_];
};

/* Fills `glossary`, whose `file` is there, or says in `yaml` what is wrong with the file. */
enum nrm_err nrm_glossary_compile(struct nrm_yaml *yaml,
				  struct nrm_glossary *glossary) NRM_MUST_USE;

/* The spelling of a code of a section; NULL when it has none. */
const char *nrm_glossary_spelling(uint32_t section, uint32_t code);

#endif
