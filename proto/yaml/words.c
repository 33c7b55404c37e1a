/*
 * Codes and times in a document, and what to suggest for a word that is none of those expected.
 */
#include <stdio.h>
#include <string.h>

#include "proto/base/time.h"
#include "proto/yaml/node.h"

#define LONGEST_WORD 40 /* no code is longer */

void nrm_yaml_quote(const char *word, char out[static NRM_YAML_QUOTE_LEN])
{
	size_t len = strlen(word);
	bool cut = len > NRM_YAML_QUOTE_LEN - 6;
	size_t n = 0;

	if (cut)
		len = NRM_YAML_QUOTE_LEN - 6;
	out[n++] = '"';
	for (size_t i = 0; i < len; i++)
		out[n++] = word[i] < ' ' || word[i] > '~' || word[i] == '"' ? '?' : word[i];
	snprintf(out + n, NRM_YAML_QUOTE_LEN - n, "%s\"", cut ? "..." : "");
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein distance, one row at a time. Neither word is longer than LONGEST_WORD. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[LONGEST_WORD + 1];
	size_t n = strlen(b);

	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= n; j++) {
			unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[n];
}

static const char *nearest(const char *word, const struct nrm_yaml_words *words)
{
	const char *best = NULL;
	unsigned bound = least((unsigned)strlen(word) / 2, 3);

	if (strlen(word) > LONGEST_WORD)
		return NULL;
	for (uint32_t i = 0; i < words->count; i++) {
		const char *candidate = words->at(words, i);
		if (strlen(candidate) > LONGEST_WORD)
			continue;
		unsigned d = distance(word, candidate);
		if (d <= bound) {
			best = candidate;
			bound = d - 1;
			if (d == 0)
				break;
		}
	}
	return best;
}

void nrm_yaml_hint(const char *word, const struct nrm_yaml_words *words,
		   char out[static NRM_YAML_HINT_LEN])
{
	const char *near = nearest(word, words);
	size_t len = 0;

	out[0] = '\0';
	if (near) {
		snprintf(out, NRM_YAML_HINT_LEN, ", did you mean \"%s\"?", near);
		return;
	}
	for (uint32_t i = 0; i < words->count && len < NRM_YAML_HINT_LEN; i++) {
		const char *before = i == 0 ? ": expected " : i + 1 < words->count ? ", " : " or ";
		len += (size_t)snprintf(out + len, NRM_YAML_HINT_LEN - len, "%s%s", before,
					words->at(words, i));
	}
	if (len >= NRM_YAML_HINT_LEN) /* so many are of the vocabulary */
		snprintf(out, NRM_YAML_HINT_LEN,
			 ": expected one of the %u in config/vocabulary.yaml", words->count);
}

static const char *code_word(const struct nrm_yaml_words *words, uint32_t i)
{
	enum nrm_vocabulary kind = *(const enum nrm_vocabulary *)words->of;

	return nrm_code_name(kind, nrm_code_name(kind, 0) ? i : i + 1);
}

static enum nrm_err unknown(struct nrm_yaml *yaml, const char *path, const char *what,
			    const struct nrm_yaml_words *words, const char *text)
{
	char quoted[NRM_YAML_QUOTE_LEN], hint[NRM_YAML_HINT_LEN];

	if (!text) {
		nrm_yaml_fail(yaml, path, "expected a code (%s)", what);
		return NRM_ERR_UNKNOWN_CODE;
	}
	nrm_yaml_quote(text, quoted);
	nrm_yaml_hint(text, words, hint);
	nrm_yaml_fail(yaml, path, "unknown %s %s%s", what, quoted, hint);
	return NRM_ERR_UNKNOWN_CODE;
}

enum nrm_err nrm_yaml_code(struct nrm_yaml *yaml, const char *path, enum nrm_vocabulary kind,
			   const char *text, uint32_t *ret_code)
{
	const char *zero = nrm_code_name(kind, 0);
	const struct nrm_yaml_words words = {code_word, &kind,
					     nrm_code_count(kind) + (zero != NULL)};
	const uint32_t code = text ? nrm_code_number(kind, text, strlen(text)) : 0;

	if (code == 0 && (!text || !zero || strcmp(text, zero) != 0))
		return unknown(yaml, path, nrm_vocabulary_name(kind), &words, text);
	*ret_code = code;
	return NRM_OK;
}

static const char *listed_word(const struct nrm_yaml_words *words, uint32_t i)
{
	return ((const char *const *)words->of)[i];
}

enum nrm_err nrm_yaml_word(struct nrm_yaml *yaml, const char *path, const char *what,
			   const char *const *words, uint32_t n, const char *text,
			   uint32_t *ret_index)
{
	const struct nrm_yaml_words list = {listed_word, words, n};

	for (uint32_t i = 0; text && i < n; i++)
		if (strcmp(words[i], text) == 0) {
			*ret_index = i;
			return NRM_OK;
		}
	return unknown(yaml, path, what, &list, text);
}

enum nrm_err nrm_yaml_time(struct nrm_yaml *yaml, const char *path, const char *text,
			   uint64_t *ret_ms)
{
	if (text && nrm_time_parse(text, ret_ms) == NRM_OK)
		return NRM_OK;
	return nrm_yaml_fail(yaml, path, "expected a time like 2026-05-01T10:00:00Z");
}
