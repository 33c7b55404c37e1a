#include "agents/cli/preview_words.h"

#include <stdio.h>
#include <string.h>

#include "agents/cli/words.h"
#include "proto/glossary/glossary.h"

struct speech {
	struct nrm_glossary *glossary; /* NULL: codes */
	size_t language;
	bool unreviewed; /* a text was spoken that no native speaker has reviewed */
};

static struct speech speech_open(const char *language)
{
	char error[NRM_GLOSSARY_ERROR_LEN];
	struct speech s = {.glossary = NULL};

	if (nrm_glossary_load(nrm_glossary_default(), &s.glossary, error) == NRM_OK)
		s.language = nrm_glossary_language(s.glossary, language);
	return s;
}

static void speech_end(struct speech *s)
{
	if (s->unreviewed && strcmp(nrm_glossary_tag(s->glossary, s->language), "en") != 0)
		printf("\n%s\n", nrm_phrase(s->glossary, NRM_PHRASE_NOT_REVIEWED, s->language));
	nrm_glossary_free(s->glossary);
}

/* A code of the answer in words; what no vocabulary has stays as it is. */
static const char *label(struct speech *s, enum nrm_vocabulary kind, const json_t *code)
{
	const char *text = json_string_value(code);
	uint32_t number = text ? nrm_code_number(kind, text, strlen(text)) : 0;

	if (!number)
		return text ? text : "-";
	s->unreviewed |= s->glossary && !nrm_text_reviewed(s->glossary, kind, number, s->language);
	return nrm_label(s->glossary, kind, number, s->language);
}

static const char *explanation(const struct speech *s, enum nrm_vocabulary kind, const json_t *code)
{
	const char *text = json_string_value(code);
	uint32_t number = text ? nrm_code_number(kind, text, strlen(text)) : 0;

	return number ? nrm_explanation(s->glossary, kind, number, s->language) : "";
}

static void print_code(struct speech *s, const char *before, enum nrm_vocabulary kind,
		       const json_t *code)
{
	const char *more = explanation(s, kind, code);

	printf("%s%s%s%s\n", before, label(s, kind, code), *more ? ": " : "", more);
}

/* A heading, with what it heads, or that there is nothing. */
static void heading(const struct speech *s, enum nrm_phrase phrase, bool any)
{
	printf("\n%s%s%s\n", nrm_phrase(s->glossary, phrase, s->language), any ? "" : ": ",
	       any ? "" : nrm_phrase(s->glossary, NRM_PHRASE_NOTHING, s->language));
}

static void print_list(struct speech *s, enum nrm_phrase phrase, enum nrm_vocabulary kind,
		       const json_t *codes)
{
	const json_t *code;
	size_t i;

	heading(s, phrase, json_array_size(codes) > 0);
	json_array_foreach(codes, i, code) print_code(s, "  ", kind, code);
}

/* Reasons, and under each the fields. */
static void print_withheld(struct speech *s, const json_t *withheld)
{
	static const char *const order[] = {"SECRET", "NOT_NEEDED", "NOT_CONSENTED"};
	const char *field;
	json_t *reason;

	if (json_object_size(withheld) == 0)
		return;
	heading(s, NRM_PHRASE_WILL_BE_WITHHELD, true);
	for (size_t i = 0; i < 3; i++) {
		bool any = false;

		json_object_foreach((json_t *)withheld, field, reason)
		{
			json_t *name;

			if (strcmp(json_string_value(reason), order[i]) != 0)
				continue;
			if (!any)
				print_code(s, "  ", NRM_VOCABULARY_REASON, reason);
			name = json_string(field);
			printf("    %s\n", label(s, NRM_VOCABULARY_FIELD, name));
			json_decref(name);
			any = true;
		}
	}
}

/* Codes of a list in one line. */
static void print_line(struct speech *s, const char *before, enum nrm_vocabulary kind,
		       const json_t *codes)
{
	const json_t *code;
	size_t i;

	printf("%s", before);
	json_array_foreach(codes, i, code) printf("%s%s", i ? ", " : "", label(s, kind, code));
	putchar('\n');
}

/* The consent that would be needed: who gives it, to whom, for which service, to share what. */
static void print_consent(struct speech *s, const json_t *wanted)
{
	print_line(s, "  + consent: ", NRM_VOCABULARY_GIVEN_BY,
		   json_object_get(wanted, "given_by"));
	print_line(s, "    -> ", NRM_VOCABULARY_ROLE, json_object_get(wanted, "recipients"));
	print_line(s, "    ", NRM_VOCABULARY_SERVICE, json_object_get(wanted, "services"));
	print_line(s, "    ", NRM_VOCABULARY_FIELD, json_object_get(wanted, "data"));
	if (json_array_size(json_object_get(wanted, "countries")))
		print_line(s, "    ", NRM_VOCABULARY_ROLE, json_object_get(wanted, "countries"));
	if (json_is_true(json_object_get(wanted, "by_another_agency")))
		puts("    recorded by another agency: alone, this one's record would not count");
	if (strcmp(nrm_words_text(wanted, "outcome"), "forward") != 0)
		print_code(s, "    then: ", NRM_VOCABULARY_REASON,
			   json_object_get(wanted, "reason"));
}

static void print_missing(struct speech *s, const json_t *preview)
{
	const json_t *wanted = json_object_get(preview, "consent_needed");
	const json_t *missing = json_object_get(preview, "missing"), *code;
	size_t i;

	if (!json_is_object(wanted) && json_array_size(missing) == 0)
		return;
	heading(s, NRM_PHRASE_IS_MISSING, true);
	json_array_foreach(missing, i, code) print_code(s, "  ", NRM_VOCABULARY_ASSESSMENT, code);
	if (json_is_object(wanted))
		print_consent(s, wanted);
}

static void print_preview(struct speech *s, const json_t *preview)
{
	static const struct {
		const char *outcome;
		enum nrm_phrase phrase;
	} outcomes[] = {{"forward", NRM_PHRASE_WOULD_BE_FORWARDED},
			{"hold", NRM_PHRASE_WOULD_BE_HELD},
			{"refuse", NRM_PHRASE_WOULD_BE_REFUSED}};
	const char *outcome = nrm_words_text(preview, "outcome");
	const json_t *withheld = json_object_get(preview, "withheld");
	bool forward = strcmp(outcome, "forward") == 0;

	for (size_t i = 0; i < 3; i++)
		if (strcmp(outcome, outcomes[i].outcome) == 0)
			puts(nrm_phrase(s->glossary, outcomes[i].phrase, s->language));
	if (!forward) {
		printf("%s: ", nrm_phrase(s->glossary, NRM_PHRASE_BECAUSE, s->language));
		print_code(s, "", NRM_VOCABULARY_REASON, json_object_get(preview, "reason"));
	}
	if (forward)
		print_list(s, NRM_PHRASE_WILL_ARRIVE, NRM_VOCABULARY_FIELD,
			   json_object_get(preview, "forwarded"));
	print_withheld(s, withheld);
	print_missing(s, preview);
	if (json_array_size(json_object_get(preview, "obligations")))
		print_list(s, NRM_PHRASE_FALLS_DUE, NRM_VOCABULARY_OBLIGATION,
			   json_object_get(preview, "obligations"));
}

/* How old what it rests on is. */
static void print_knowledge(const json_t *preview)
{
	const char *knowledge = nrm_words_text(preview, "knowledge");

	putchar('\n');
	if (strcmp(knowledge, "fresh") == 0)
		printf("(as the broker knew the case at %s)\n",
		       nrm_words_text(preview, "known_at"));
	else if (strcmp(knowledge, "kept") == 0)
		printf("(the broker cannot be asked now: as it told at %s, and as stated here "
		       "since)\n",
		       nrm_words_text(preview, "known_at"));
	else
		printf("(the broker has told nothing of this case yet%s)\n",
		       strcmp(knowledge, "own") == 0 ? ": as stated here" : "");
}

void nrm_words_preview(const json_t *preview, const char *language)
{
	struct speech s = speech_open(language);

	print_preview(&s, preview);
	print_knowledge(preview);
	puts(nrm_phrase(s.glossary, NRM_PHRASE_BROKER_DECIDES, s.language));
	speech_end(&s);
}

void nrm_words_difference(const json_t *message)
{
	const json_t *preview = json_object_get(message, "preview");

	if (!json_is_true(json_object_get(message, "preview_differs")))
		return;
	struct speech s = speech_open(NULL);
	printf("\n%s ", nrm_phrase(s.glossary, NRM_PHRASE_BROKER_DIFFERED, s.language));
	print_preview(&s, preview);
	print_knowledge(preview);
	puts(nrm_phrase(s.glossary, NRM_PHRASE_BROKER_DECIDES, s.language));
	speech_end(&s);
}
