/*
 * The vocabulary in people's words (config/vocabulary.yaml): for every code that a person meets, a label
 * and one line of explanation in each language of the file, and for a field its counterpart in HTCDS 2.0.
 * Languages can be added in the file without a program changing. An immutable snapshot once loaded.
 */
#ifndef NRM_GLOSSARY_GLOSSARY_H
#define NRM_GLOSSARY_GLOSSARY_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/err.h"
#include "proto/base/slice.h"
#include "proto/vocabulary.h"

#define NRM_GLOSSARY_ERROR_LEN 768

/*
 * Glue of the sentences that programs say around codes (`nrm preview`, `nrm policy explain`, the person's own
 * record). Spelled in the file under `phrases`.
 */
/* clang-format off */
#define NRM_PHRASES(X) \
	X(WOULD_BE_FORWARDED, 1, "would_be_forwarded") /* This message would go on to its recipient. */ \
	X(WOULD_BE_HELD, 2, "would_be_held")           /* This message would wait at the broker. */ \
	X(WOULD_BE_REFUSED, 3, "would_be_refused")     /* This message would be refused. */ \
	X(BECAUSE, 4, "because")                       /* Because */ \
	X(WILL_ARRIVE, 5, "will_arrive")               /* What will arrive */ \
	X(WILL_BE_WITHHELD, 6, "will_be_withheld")     /* What will be withheld, and why */ \
	X(IS_MISSING, 7, "is_missing")                 /* What is missing */ \
	X(FALLS_DUE, 8, "falls_due")                   /* What has to be done */ \
	X(POLICY_LINE, 9, "policy_line")               /* The line of the policy behind it */ \
	X(NOTHING, 10, "nothing")                      /* nothing */ \
	X(RULE, 11, "rule")                            /* Rule */ \
	X(BROKER_DECIDES, 12, "broker_decides")        /* The broker's decision is the one that counts. */ \
	X(BROKER_DIFFERED, 13, "broker_differed")      /* The broker decided otherwise than this preview: */ \
	X(NOT_REVIEWED, 14, "not_reviewed")            /* No native speaker has reviewed this translation. */ \
	X(RECORD_TITLE, 15, "record_title")            /* Who received which information about you */ \
	X(CASE_NUMBER, 16, "case_number")              /* Case number */ \
	X(AS_OF, 17, "as_of")                          /* As of */ \
	X(TIMES_UTC, 18, "times_utc")                  /* All times are in UTC. */ \
	X(NO_VALUES, 19, "no_values")                  /* This list names kinds of information, never the information itself. */ \
	X(WHO_RECEIVED, 20, "who_received")            /* Who has received information */ \
	X(WHAT_HAPPENED, 21, "what_happened")          /* What happened, in order */ \
	X(FROM, 22, "from")                            /* From */ \
	X(TO, 23, "to")                                /* To */ \
	X(UNDER_CONSENT, 24, "under_consent")          /* Under consent number */ \
	X(PASSED_ON, 25, "passed_on")                  /* What was passed on */ \
	X(NOT_PASSED_ON, 26, "not_passed_on")          /* What was not passed on, and why */ \
	X(CONFIRMED_ON, 27, "confirmed_on")            /* The recipient confirmed it on */ \
	X(NOT_CONFIRMED, 28, "not_confirmed")          /* Not confirmed by the recipient yet */ \
	X(COULD_NOT_USE, 29, "could_not_use")          /* The recipient could not open it */
/* clang-format on */

#define NRM_X_(name, number, code) NRM_PHRASE_##name = number,
enum nrm_phrase { NRM_PHRASE_ABSENT, NRM_PHRASES(NRM_X_) NRM_PHRASE_END_ };
#undef NRM_X_

struct nrm_glossary;

/*
 * Loads a glossary. Every code of the kinds listed in README.md has to be there exactly once, with a label and an
 * explanation in every language that `languages` names; unknown codes, kinds, languages and HTCDS names that are no
 * `prs_…` or `vic_…` are refused with file, line, column, key and what was expected. *ret_glossary is the caller's,
 * to be freed with nrm_glossary_free(). NRM_ERR_NOT_FOUND, NRM_ERR_IO, NRM_ERR_FORMAT, NRM_ERR_UNKNOWN_CODE,
 * NRM_ERR_DUPLICATE, NRM_ERR_LIMIT, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_glossary_load(const char *path, struct nrm_glossary **ret_glossary,
			       char ret_error[static NRM_GLOSSARY_ERROR_LEN]) NRM_MUST_USE;
/* The same from bytes, which errors call `name`. */
enum nrm_err nrm_glossary_load_bytes(const char *name, struct nrm_slice bytes,
				     struct nrm_glossary **ret_glossary,
				     char ret_error[static NRM_GLOSSARY_ERROR_LEN]) NRM_MUST_USE;
/* Frees a glossary; NULL is allowed. */
void nrm_glossary_free(struct nrm_glossary *glossary);

/*
 * The file to use when none was named: $NRM_VOCABULARY, config/vocabulary.yaml in the working directory, or the
 * installed one.
 */
const char *nrm_glossary_default(void);

/*
 * The language to speak: `wanted` (a tag as in "fr" or "fr_CA.UTF-8"; NULL: from LC_ALL, LC_MESSAGES, LANG), if the
 * glossary has it, by its primary subtag; else English. An index for the calls below.
 */
size_t nrm_glossary_language(const struct nrm_glossary *glossary, const char *wanted);
/* How many languages there are, and the tag of one ("en"). */
size_t nrm_glossary_languages(const struct nrm_glossary *glossary);
const char *nrm_glossary_tag(const struct nrm_glossary *glossary, size_t language);
/* What speakers of a language call it ("English"). */
const char *nrm_glossary_name(const struct nrm_glossary *glossary, size_t language);

/*
 * Label ("Emergency shelter") and one-line explanation of a code in a language, UTF-8, never NULL: a kind that the
 * glossary does not cover, or no glossary (NULL), gives the code's spelling as label and "" as explanation.
 */
const char *nrm_label(const struct nrm_glossary *glossary, enum nrm_vocabulary kind, uint32_t code,
		      size_t language);
const char *nrm_explanation(const struct nrm_glossary *glossary, enum nrm_vocabulary kind,
			    uint32_t code, size_t language);
/* Whether a native speaker has reviewed the text. */
bool nrm_text_reviewed(const struct nrm_glossary *glossary, enum nrm_vocabulary kind, uint32_t code,
		       size_t language);
/* A phrase in a language; its spelling without a glossary. */
const char *nrm_phrase(const struct nrm_glossary *glossary, enum nrm_phrase phrase,
		       size_t language);

/* The field's counterpart in HTCDS 2.0 ("prs_FirstName"), or NULL where there is none. */
const char *nrm_htcds(const struct nrm_glossary *glossary, enum nrm_field field);

#endif
