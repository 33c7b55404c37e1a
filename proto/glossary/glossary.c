#include "proto/glossary/glossary.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "proto/glossary/glossary_compile.h"

#define LOCAL_FILE     "config/vocabulary.yaml"
#define INSTALLED_FILE "/etc/nrm/vocabulary.yaml"

/* Of a document that was loaded. */
static enum nrm_err make(struct nrm_yaml *yaml, struct nrm_glossary **ret_glossary)
{
	struct nrm_glossary *glossary = calloc(1, sizeof(*glossary));
	void *file = NULL;

	if (!glossary)
		return NRM_ERR_NOMEM;
	enum nrm_err err = nrm_yaml_decode(yaml, &nrm_glossary_schema, &file);
	glossary->file = file;
	if (err == NRM_OK)
		err = nrm_glossary_compile(yaml, glossary);
	if (err == NRM_OK)
		*ret_glossary = glossary;
	else
		nrm_glossary_free(glossary);
	return err;
}

/* Ends a loading: makes the glossary or tells what is wrong. */
static enum nrm_err finish(struct nrm_yaml *yaml, enum nrm_err err,
			   struct nrm_glossary **ret_glossary, char *ret_error)
{
	if (err == NRM_OK)
		err = make(yaml, ret_glossary);
	if (err != NRM_OK) {
		const char *line = nrm_yaml_error(yaml);
		snprintf(ret_error, NRM_GLOSSARY_ERROR_LEN, "%s", *line ? line : nrm_err_text(err));
	}
	nrm_yaml_done(yaml);
	return err;
}

enum nrm_err nrm_glossary_load(const char *path, struct nrm_glossary **ret_glossary,
			       char ret_error[static NRM_GLOSSARY_ERROR_LEN])
{
	struct nrm_yaml yaml;

	nrm_yaml_init(&yaml);
	return finish(&yaml, nrm_yaml_load_file(&yaml, path), ret_glossary, ret_error);
}

enum nrm_err nrm_glossary_load_bytes(const char *name, struct nrm_slice bytes,
				     struct nrm_glossary **ret_glossary,
				     char ret_error[static NRM_GLOSSARY_ERROR_LEN])
{
	struct nrm_yaml yaml;

	nrm_yaml_init(&yaml);
	return finish(&yaml, nrm_yaml_load_bytes(&yaml, name, bytes), ret_glossary, ret_error);
}

void nrm_glossary_free(struct nrm_glossary *glossary)
{
	if (!glossary)
		return;
	nrm_yaml_free_decoded(&nrm_glossary_schema, glossary->file);
	free(glossary->text);
	free(glossary);
}

const char *nrm_glossary_default(void)
{
	const char *named = getenv("NRM_VOCABULARY");

	if (named && *named)
		return named;
	return access(LOCAL_FILE, F_OK) == 0 ? LOCAL_FILE : INSTALLED_FILE;
}

/* What the environment asks for, as setlocale(3) reads it for messages. */
static const char *wanted_by_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return value;
	}
	return "";
}

/* The language whose tag is these letters, in any case; the number of languages when none is. */
static size_t find_tag(const struct nrm_glossary *glossary, const char *letters, size_t len)
{
	const struct nrm_glossary_text *file = glossary->file;
	size_t l = 0;

	while (l < file->languages_count &&
	       (strlen(file->languages[l].tag) != len ||
		strncasecmp(file->languages[l].tag, letters, len) != 0))
		l++;
	return l;
}

size_t nrm_glossary_language(const struct nrm_glossary *glossary, const char *wanted)
{
	if (!glossary)
		return 0;
	if (!wanted)
		wanted = wanted_by_environment();
	const size_t language = find_tag(glossary, wanted, strcspn(wanted, "-_.@"));
	return language < glossary->file->languages_count ? language : find_tag(glossary, "en", 2);
}

size_t nrm_glossary_languages(const struct nrm_glossary *glossary)
{
	return glossary ? glossary->file->languages_count : 0;
}

const char *nrm_glossary_tag(const struct nrm_glossary *glossary, size_t language)
{
	if (!glossary)
		return "en";
	assert(language < glossary->file->languages_count);
	return glossary->file->languages[language].tag;
}

const char *nrm_glossary_name(const struct nrm_glossary *glossary, size_t language)
{
	if (!glossary)
		return "English";
	assert(language < glossary->file->languages_count);
	return glossary->file->languages[language].name;
}

/* NULL where the glossary has no such text. */
static const struct nrm_label_text *text_of(const struct nrm_glossary *glossary, uint32_t section,
					    uint32_t code, size_t language)
{
	if (!glossary || section >= NRM_GLOSSARY_SECTIONS || code >= glossary->end[section])
		return NULL;
	assert(language < glossary->file->languages_count);
	return glossary->text[glossary->first[section] + code * glossary->file->languages_count +
			      language];
}

static const char *label(const struct nrm_glossary *glossary, uint32_t section, uint32_t code,
			 size_t language)
{
	const struct nrm_label_text *t = text_of(glossary, section, code, language);
	const char *spelling = t ? t->label : nrm_glossary_spelling(section, code);

	return spelling ? spelling : "";
}

const char *nrm_label(const struct nrm_glossary *glossary, enum nrm_vocabulary kind, uint32_t code,
		      size_t language)
{
	return kind < NRM_VOCABULARY_COUNT ? label(glossary, kind, code, language) : "";
}

const char *nrm_phrase(const struct nrm_glossary *glossary, enum nrm_phrase phrase, size_t language)
{
	return label(glossary, NRM_GLOSSARY_PHRASES, phrase, language);
}

const char *nrm_explanation(const struct nrm_glossary *glossary, enum nrm_vocabulary kind,
			    uint32_t code, size_t language)
{
	const struct nrm_label_text *t = text_of(glossary, kind, code, language);

	return t && t->explanation ? t->explanation : "";
}

bool nrm_text_reviewed(const struct nrm_glossary *glossary, enum nrm_vocabulary kind, uint32_t code,
		       size_t language)
{
	const struct nrm_label_text *t = text_of(glossary, kind, code, language);

	return t && t->reviewed;
}

const char *nrm_htcds(const struct nrm_glossary *glossary, enum nrm_field field)
{
	return glossary && field < NRM_FIELD_END_ ? glossary->htcds[field] : NULL;
}
