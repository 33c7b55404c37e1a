/* The words of config/vocabulary.yaml held against the codes of the vocabulary. */
#include "proto/glossary/glossary_compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/limits.h"
#include "proto/base/utf8.h"

#define FORMAT 1u

#define NRM_X_(name, number, code) [number] = code,
static const char *const phrases[] = {NRM_PHRASES(NRM_X_)};
#undef NRM_X_

/* A compilation in progress. */
struct compilation {
	struct nrm_yaml *yaml;
	struct nrm_glossary *glossary;
	const char *tag[NRM_MAX_LANGUAGES];
	uint32_t n_tags;
};

const char *nrm_glossary_spelling(uint32_t section, uint32_t code)
{
	if (section != NRM_GLOSSARY_PHRASES)
		return nrm_code_name((enum nrm_vocabulary)section, code);
	return code < NRM_PHRASE_END_ ? phrases[code] : NULL;
}

static const char *section_name(uint32_t section)
{
	return section == NRM_GLOSSARY_PHRASES ? "phrase"
					       : nrm_vocabulary_name((enum nrm_vocabulary)section);
}

/* A path of the place in the file where something stands. */
struct place {
	char path[NRM_YAML_PATH_LEN];
};

static struct place place(const char *format, ...) __attribute__((format(printf, 1, 2)));
static struct place place(const char *format, ...)
{
	struct place p;
	va_list args;

	va_start(args, format);
	vsnprintf(p.path, sizeof(p.path), format, args);
	va_end(args);
	return p;
}

static enum nrm_err check_line(struct compilation *c, struct place at, const char *text)
{
	if (text[0] == ' ' || text[strlen(text) - 1] == ' ')
		return nrm_yaml_fail(c->yaml, at.path, "expected no space at either end");
	if (!nrm_utf8_line_ok(nrm_slice_str(text)))
		return nrm_yaml_fail(c->yaml, at.path,
				     "expected one line of text, without control characters and "
				     "without marks that turn its direction");
	return NRM_OK;
}

static enum nrm_err twice(struct compilation *c, struct place at, const char *what,
			  const char *word)
{
	nrm_yaml_fail(c->yaml, at.path, "expected each %s once, \"%s\" stands above", what, word);
	return NRM_ERR_DUPLICATE;
}

static bool tag_ok(const char *tag)
{
	const size_t len = strspn(tag, "abcdefghijklmnopqrstuvwxyz");

	return (len == 2 || len == 3) && tag[len] == '\0';
}

static enum nrm_err compile_languages(struct compilation *c)
{
	const struct nrm_glossary_text *file = c->glossary->file;
	bool english = false;

	for (uint32_t i = 0; i < file->languages_count; i++) {
		const char *tag = file->languages[i].tag;
		const struct place at = place("languages[%u].tag", i);
		if (!tag_ok(tag))
			return nrm_yaml_fail(c->yaml, at.path,
					     "expected two or three small letters (ISO 639)");
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(c->tag[j], tag) == 0)
				return twice(c, at, "language", tag);
		const enum nrm_err err =
			check_line(c, place("languages[%u].name", i), file->languages[i].name);
		if (err != NRM_OK)
			return err;
		c->tag[c->n_tags++] = tag;
		english |= strcmp(tag, "en") == 0;
	}
	return english ? NRM_OK
		       : nrm_yaml_fail(c->yaml, "languages",
				       "expected \"en\", which is spoken where no other is");
}

/* The texts of one code into its row, which has a place for each language. */
static enum nrm_err compile_texts(struct compilation *c, struct place at,
				  const struct nrm_term_text *term,
				  const struct nrm_label_text **row)
{
	for (uint32_t i = 0; i < term->texts_count; i++) {
		const struct nrm_label_text *t = &term->texts[i];
		const struct place tag = place("%.128s.texts[%u].language", at.path, i);
		uint32_t language;
		enum nrm_err err = nrm_yaml_word(c->yaml, tag.path, "language", c->tag, c->n_tags,
						 t->language, &language);
		if (err == NRM_OK && row[language])
			err = twice(c, tag, "language", t->language);
		if (err == NRM_OK)
			err = check_line(c, place("%.128s.texts[%u].label", at.path, i), t->label);
		if (err == NRM_OK && t->explanation)
			err = check_line(c, place("%.128s.texts[%u].explanation", at.path, i),
					 t->explanation);
		if (err != NRM_OK)
			return err;
		row[language] = t;
	}
	for (uint32_t l = 0; l < c->n_tags; l++)
		if (!row[l])
			return nrm_yaml_fail(c->yaml, place("%.128s.texts", at.path).path,
					     "expected a text in each language, \"%s\" is missing",
					     c->tag[l]);
	return NRM_OK;
}

/* prs_ or vic_ and a name in CamelCase, as HTCDS 2.0 spells those of a person. */
static bool htcds_ok(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	if (strncmp(name, "prs_", 4) != 0 && strncmp(name, "vic_", 4) != 0)
		return false;
	name += 4;
	return *name >= 'A' && *name <= 'Z' && name[strspn(name, letters)] == '\0';
}

static enum nrm_err read_code(struct compilation *c, uint32_t section, struct place at,
			      const char *text, uint32_t *ret_code)
{
	if (section != NRM_GLOSSARY_PHRASES)
		return nrm_yaml_code(c->yaml, at.path, (enum nrm_vocabulary)section, text,
				     ret_code);

	const enum nrm_err err = nrm_yaml_word(c->yaml, at.path, "phrase", phrases + 1,
					       NRM_PHRASE_END_ - 1, text, ret_code);
	if (err == NRM_OK)
		++*ret_code;
	return err;
}

static enum nrm_err compile_term(struct compilation *c, uint32_t section, uint32_t i)
{
	struct nrm_glossary *g = c->glossary;
	const struct nrm_term_text *term = &g->file->section[section].term[i];
	const struct place at = place("%s[%u]", nrm_glossary_section(section), i);
	const struct place code_at = place("%.128s.code", at.path);
	uint32_t code;
	enum nrm_err err = read_code(c, section, code_at, term->code, &code);

	if (err != NRM_OK)
		return err;
	const struct nrm_label_text **row = &g->text[g->first[section] + code * c->n_tags];
	if (row[0])
		return twice(c, code_at, section_name(section), term->code);
	if (term->htcds) {
		if (!htcds_ok(term->htcds))
			return nrm_yaml_fail(c->yaml, place("%.128s.htcds", at.path).path,
					     "expected a name of HTCDS 2.0, such as prs_FirstName");
		g->htcds[code] = term->htcds;
	}
	return compile_texts(c, at, term, row);
}

/* That every code has its row; how many have none, if any. */
static enum nrm_err check_complete(struct compilation *c, uint32_t section)
{
	const struct nrm_glossary *g = c->glossary;
	const char *missing = NULL;
	uint32_t n = 0;

	for (uint32_t code = g->end[section]; code-- > 0;)
		if (nrm_glossary_spelling(section, code) &&
		    !g->text[g->first[section] + code * c->n_tags]) {
			missing = nrm_glossary_spelling(section, code);
			n++;
		}
	if (n == 0)
		return NRM_OK;
	return n == 1 ? nrm_yaml_fail(c->yaml, nrm_glossary_section(section),
				      "expected each %s, \"%s\" is missing", section_name(section),
				      missing)
		      : nrm_yaml_fail(c->yaml, nrm_glossary_section(section),
				      "expected each %s, \"%s\" and %u more are missing",
				      section_name(section), missing, n - 1);
}

static enum nrm_err compile_section(struct compilation *c, uint32_t section)
{
	const struct nrm_section_text *s = &c->glossary->file->section[section];
	enum nrm_err err = NRM_OK;

	for (uint32_t i = 0; i < s->n && err == NRM_OK; i++)
		err = compile_term(c, section, i);
	return err == NRM_OK ? check_complete(c, section) : err;
}

/* Lays out the table of texts. */
static enum nrm_err make_room(struct compilation *c)
{
	struct nrm_glossary *g = c->glossary;
	size_t n = 0;

	for (uint32_t s = 0; s < NRM_GLOSSARY_SECTIONS; s++) {
		if (!nrm_glossary_section(s))
			continue;
		g->first[s] = n;
		g->end[s] = s == NRM_GLOSSARY_PHRASES ? NRM_PHRASE_END_
						      : nrm_code_count((enum nrm_vocabulary)s) + 1;
		n += (size_t)g->end[s] * c->n_tags;
	}
	g->text = calloc(n, sizeof(*g->text));
	return g->text ? NRM_OK : NRM_ERR_NOMEM;
}

enum nrm_err nrm_glossary_compile(struct nrm_yaml *yaml, struct nrm_glossary *glossary)
{
	struct compilation c = {.yaml = yaml, .glossary = glossary};

	if (glossary->file->format != FORMAT)
		return nrm_yaml_fail(yaml, "format", "expected %u", FORMAT);
	enum nrm_err err = compile_languages(&c);
	if (err == NRM_OK)
		err = make_room(&c);
	for (uint32_t s = 0; s < NRM_GLOSSARY_SECTIONS && err == NRM_OK; s++)
		if (glossary->end[s] > 0)
			err = compile_section(&c, s);
	return err;
}
