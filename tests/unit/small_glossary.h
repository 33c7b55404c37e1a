/*
 * A vocabulary of a test's own: every code, with a label that is the code and its language, in the languages asked for.
 */
#ifndef NRM_TESTS_SMALL_GLOSSARY_H
#define NRM_TESTS_SMALL_GLOSSARY_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/glossary/glossary.h"

/* The sections of the file but phrases: kinds of code that people meet. The other kinds are spelled by the protocol alone. */
static const struct {
	const char *key;
	enum nrm_vocabulary kind;
} small_sections[] = {
	{"roles", NRM_VOCABULARY_ROLE},
	{"areas", NRM_VOCABULARY_AREA},
	{"services", NRM_VOCABULARY_SERVICE},
	{"categories", NRM_VOCABULARY_CATEGORY},
	{"fields", NRM_VOCABULARY_FIELD},
	{"message_types", NRM_VOCABULARY_MESSAGE_TYPE},
	{"purposes", NRM_VOCABULARY_PURPOSE},
	{"bases", NRM_VOCABULARY_BASIS},
	{"emergencies", NRM_VOCABULARY_EMERGENCY},
	{"declines", NRM_VOCABULARY_DECLINE},
	{"assessments", NRM_VOCABULARY_ASSESSMENT},
	{"given_by", NRM_VOCABULARY_GIVEN_BY},
	{"channels", NRM_VOCABULARY_CHANNEL},
	{"outcomes", NRM_VOCABULARY_OUTCOME},
	{"reasons", NRM_VOCABULARY_REASON},
	{"obligations", NRM_VOCABULARY_OBLIGATION},
};
#define SMALL_SECTIONS (sizeof(small_sections) / sizeof(small_sections[0]))

static inline void small_put(struct nrm_buf *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static inline void small_put(struct nrm_buf *out, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	nrm_buf_put(out, text, (size_t)vsnprintf(text, sizeof(text), format, args));
	va_end(args);
}

static inline void small_term(struct nrm_buf *out, const char *code, const char *const *tags,
			      size_t n_tags, bool explained)
{
	small_put(out, "- {code: %s, texts: [", code);
	for (size_t l = 0; l < n_tags; l++)
		small_put(out, "%s{language: %s, label: %s-%s, %s%s%sreviewed: %s}", l ? ", " : "",
			  tags[l], code, tags[l], explained ? "explanation: what " : "",
			  explained ? code : "", explained ? " is, " : "", l ? "true" : "false");
	small_put(out, "]}\n");
}

/* Puts the file, and a zero byte behind it. Texts of all languages but the first are reviewed. */
static inline void small_glossary(struct nrm_buf *out, const char *const *tags, size_t n_tags)
{
	small_put(out, "format: 1\nlanguages:\n");
	for (size_t l = 0; l < n_tags; l++)
		small_put(out, "- {tag: %s, name: that of %s}\n", tags[l], tags[l]);
	for (size_t s = 0; s < SMALL_SECTIONS; s++) {
		const enum nrm_vocabulary kind = small_sections[s].kind;
		small_put(out, "%s:\n", small_sections[s].key);
		for (uint32_t c = 0; c <= nrm_code_count(kind); c++)
			if (nrm_code_name(kind, c))
				small_term(out, nrm_code_name(kind, c), tags, n_tags, true);
	}
	small_put(out, "phrases:\n");
	for (uint32_t p = 1; p < NRM_PHRASE_END_; p++)
		small_term(out, nrm_phrase(NULL, (enum nrm_phrase)p, 0), tags, n_tags, false);
	nrm_buf_put_u8(out, 0);
}

#endif
