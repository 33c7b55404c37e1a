/* What codes are called: /api/words. */
#ifndef NRM_PAGE_WORDS_H
#define NRM_PAGE_WORDS_H

#include <jansson.h>

#include "proto/glossary/glossary.h"

/* {"languages": [{"code", "name"}], "labels": {kind: {code: label}}}; `language` NULL or unknown: English. A new reference. */
json_t *nrm_words_json(const struct nrm_glossary *glossary, const char *language);

#endif
