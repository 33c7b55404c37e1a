/* An explanation as JSON: codes as they are spelled, with labels beside them. */
#include "agents/cli/policy_explain.h"

static json_t *coded(const struct nrm_told_case *t, enum nrm_vocabulary kind, uint32_t code)
{
	return json_pack("{s:s, s:s, s:s}", "code", nrm_code_name(kind, code), "label",
			 nrm_label(t->glossary, kind, code, t->language), "explanation",
			 nrm_explanation(t->glossary, kind, code, t->language));
}

static json_t *coded_mask(const struct nrm_told_case *t, enum nrm_vocabulary kind, nrm_mask mask)
{
	json_t *list = json_array();

	for (uint32_t code = 1; code <= nrm_code_count(kind); code++)
		if (nrm_has(mask, code))
			json_array_append_new(list, coded(t, kind, code));
	return list;
}

static json_t *place(const struct nrm_told_case *t, const struct nrm_because *b)
{
	const bool fact = b->kind == NRM_BECAUSE_FACT;

	if (!*b->path)
		return json_null();
	return json_pack("{s:s, s:i, s:s}", "file",
			 fact ? t->path : nrm_policy_source_name(t->policy), "line",
			 (int)(fact ? nrm_scenarios_line(t->scenarios, t->index, b->path)
				    : nrm_policy_source_line(t->policy, b->path)),
			 "path", b->path);
}

static json_t *places(const struct nrm_told_case *t)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < t->explanation->n; i++) {
		const struct nrm_because *b = &t->explanation->because[i];
		if (b->kind == NRM_BECAUSE_POLICY || b->kind == NRM_BECAUSE_FACT)
			json_array_append_new(list, place(t, b));
	}
	return list;
}

static json_t *consents(const struct nrm_told_case *t)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < t->explanation->n; i++) {
		const struct nrm_because *b = &t->explanation->because[i];
		if (b->kind != NRM_BECAUSE_CONSENT)
			continue;
		json_array_append_new(
			list, json_pack("{s:s?, s:o}", "id",
					nrm_scenarios_consent(t->scenarios, t->index, b->code),
					"standing", coded(t, NRM_VOCABULARY_REASON, b->reason)));
	}
	return list;
}

static json_t *fields(const struct nrm_told_case *t, enum nrm_because_kind kind)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < t->explanation->n; i++) {
		const struct nrm_because *b = &t->explanation->because[i];
		if (b->kind != kind)
			continue;
		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o}", "field",
						coded(t, NRM_VOCABULARY_FIELD, b->code), "reason",
						coded(t, NRM_VOCABULARY_REASON, b->reason), "line",
						place(t, b)));
	}
	return list;
}

json_t *nrm_explain_json(const struct nrm_told_case *t)
{
	const struct nrm_verdict *v = &t->explanation->verdict;

	return json_pack("{s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "case",
			 nrm_scenarios_name(t->scenarios, t->index), "outcome",
			 coded(t, NRM_VOCABULARY_OUTCOME, v->outcome), "reason",
			 coded(t, NRM_VOCABULARY_REASON, v->reason), "rule",
			 (int)t->explanation->rule, "lines", places(t), "consents", consents(t),
			 "arrives", fields(t, NRM_BECAUSE_ARRIVES), "withheld",
			 fields(t, NRM_BECAUSE_WITHHELD), "missing",
			 coded_mask(t, NRM_VOCABULARY_ASSESSMENT, v->missing), "obligations",
			 coded_mask(t, NRM_VOCABULARY_OBLIGATION, v->obligations));
}
