/*
 * An explanation in the words of the vocabulary: no sentence is composed here, so that every
 * language reads well.
 */
#include "agents/cli/policy_explain.h"

static const char *label(const struct nrm_told_case *t, enum nrm_vocabulary kind, uint32_t code)
{
	return nrm_label(t->glossary, kind, code, t->language);
}

static const char *phrase(const struct nrm_told_case *t, enum nrm_phrase p)
{
	return nrm_phrase(t->glossary, p, t->language);
}

/* "Label: explanation" of a code. */
static void print_code(const struct nrm_told_case *t, FILE *out, enum nrm_vocabulary kind,
		       uint32_t code)
{
	const char *more = nrm_explanation(t->glossary, kind, code, t->language);

	fprintf(out, "%s%s%s", label(t, kind, code), *more ? ": " : "", more);
}

static void print_place(const struct nrm_told_case *t, FILE *out, const struct nrm_because *b)
{
	if (b->kind == NRM_BECAUSE_FACT)
		fprintf(out, "%s:%u: %s", t->path,
			nrm_scenarios_line(t->scenarios, t->index, b->path), b->path);
	else
		fprintf(out, "%s:%u: %s", nrm_policy_source_name(t->policy),
			nrm_policy_source_line(t->policy, b->path), b->path);
}

static void print_verdict(const struct nrm_told_case *t, FILE *out)
{
	static const enum nrm_phrase outcomes[] = {
		[NRM_OUTCOME_REFUSE] = NRM_PHRASE_WOULD_BE_REFUSED,
		[NRM_OUTCOME_FORWARD] = NRM_PHRASE_WOULD_BE_FORWARDED,
		[NRM_OUTCOME_HOLD] = NRM_PHRASE_WOULD_BE_HELD,
	};
	const struct nrm_verdict *v = &t->explanation->verdict;

	fprintf(out, "%s\n", phrase(t, outcomes[v->outcome]));
	fprintf(out, "%s: ", phrase(t, NRM_PHRASE_BECAUSE));
	print_code(t, out, NRM_VOCABULARY_REASON, v->reason);
	fprintf(out, " [%s %u]\n", phrase(t, NRM_PHRASE_RULE), t->explanation->rule);
}

/* The lines behind the verdict, each with its text, and what each consent is worth. */
static void print_grounds(const struct nrm_told_case *t, FILE *out)
{
	const struct nrm_explanation *e = t->explanation;
	bool titled = false;

	for (uint32_t i = 0; i < e->n; i++) {
		const struct nrm_because *b = &e->because[i];
		if (b->kind != NRM_BECAUSE_POLICY && b->kind != NRM_BECAUSE_FACT)
			continue;
		if (!titled && b->kind == NRM_BECAUSE_POLICY)
			fprintf(out, "%s:\n", phrase(t, NRM_PHRASE_POLICY_LINE));
		titled |= b->kind == NRM_BECAUSE_POLICY;
		fputs("  ", out);
		print_place(t, out, b);
		if (b->kind == NRM_BECAUSE_POLICY) {
			const struct nrm_slice text = nrm_policy_source_text(t->policy, b->path);
			fprintf(out, "\n    %.*s", (int)text.len, (const char *)text.data);
		}
		fputc('\n', out);
	}
	for (uint32_t i = 0; i < e->n; i++) {
		const struct nrm_because *b = &e->because[i];
		if (b->kind != NRM_BECAUSE_CONSENT)
			continue;
		const char *id = nrm_scenarios_consent(t->scenarios, t->index, b->code);
		fprintf(out, "  %s %s: %s\n", label(t, NRM_VOCABULARY_BASIS, NRM_BASIS_CONSENT),
			id ? id : "-", label(t, NRM_VOCABULARY_REASON, b->reason));
	}
}

static void print_nothing(const struct nrm_told_case *t, FILE *out)
{
	fprintf(out, "  %s\n", phrase(t, NRM_PHRASE_NOTHING));
}

/* Fields of one kind, each once, with all lines behind it. */
static void print_fields(const struct nrm_told_case *t, FILE *out, enum nrm_phrase title,
			 enum nrm_because_kind kind)
{
	const struct nrm_explanation *e = t->explanation;
	bool any = false;

	fprintf(out, "%s:\n", phrase(t, title));
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
		bool named = false;
		for (uint32_t i = 0; i < e->n; i++) {
			const struct nrm_because *b = &e->because[i];
			if (b->kind != kind || b->code != f)
				continue;
			if (!named)
				fprintf(out, "  %s", label(t, NRM_VOCABULARY_FIELD, f));
			if (!named && kind == NRM_BECAUSE_WITHHELD)
				fprintf(out, ": %s", label(t, NRM_VOCABULARY_REASON, b->reason));
			if (*b->path) {
				fputs(named ? ", " : " (", out);
				print_place(t, out, b);
			}
			named |= *b->path != '\0';
			any = true;
			if (!*b->path)
				fputc('\n', out);
		}
		if (named)
			fputs(")\n", out);
	}
	if (!any)
		print_nothing(t, out);
}

static void print_mask(const struct nrm_told_case *t, FILE *out, enum nrm_phrase title,
		       enum nrm_vocabulary kind, nrm_mask mask)
{
	fprintf(out, "%s:\n", phrase(t, title));
	for (uint32_t code = 1; code <= nrm_code_count(kind); code++)
		if (nrm_has(mask, code)) {
			fputs("  ", out);
			print_code(t, out, kind, code);
			fputc('\n', out);
		}
	if (mask == 0)
		print_nothing(t, out);
}

void nrm_explain_print(const struct nrm_told_case *t, FILE *out)
{
	const struct nrm_verdict *v = &t->explanation->verdict;
	const char *source = nrm_scenarios_source(t->scenarios, t->index);
	const bool forwarded = v->outcome == NRM_OUTCOME_FORWARD;

	fprintf(out, "== %s%s%s%s\n", nrm_scenarios_name(t->scenarios, t->index),
		source ? " (" : "", source ? source : "", source ? ")" : "");
	print_verdict(t, out);
	print_grounds(t, out);
	if (forwarded) {
		print_fields(t, out, NRM_PHRASE_WILL_ARRIVE, NRM_BECAUSE_ARRIVES);
		print_fields(t, out, NRM_PHRASE_WILL_BE_WITHHELD, NRM_BECAUSE_WITHHELD);
	}
	if (v->missing)
		print_mask(t, out, NRM_PHRASE_IS_MISSING, NRM_VOCABULARY_ASSESSMENT, v->missing);
	print_mask(t, out, NRM_PHRASE_FALLS_DUE, NRM_VOCABULARY_OBLIGATION, v->obligations);
	if (t->glossary && t->language != nrm_glossary_language(t->glossary, "en") &&
	    !nrm_text_reviewed(t->glossary, NRM_VOCABULARY_REASON, v->reason, t->language))
		fprintf(out, "(%s)\n", phrase(t, NRM_PHRASE_NOT_REVIEWED));
}
