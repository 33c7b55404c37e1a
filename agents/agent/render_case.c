/* What is known of a case, and previews, as JSON: codes, ids and times, no values. */
#include "agents/agent/render.h"
#include "proto/base/id.h"

static json_t *render_ids(struct nrm_slices ids)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ids.n; i++)
		json_array_append_new(list, nrm_render_text(ids.item[i]));
	return list;
}

static json_t *render_country(uint16_t country)
{
	const char letters[] = {(char)(country >> 8), (char)country};

	return json_stringn(letters, sizeof(letters));
}

/* ---- the case ---- */

/* A fact under its own key, as a case card has it; exclusions and assessments are gathered. */
static void add_fact(json_t *card, const struct nrm_stated_fact *f)
{
	const char *key = nrm_code_name(NRM_VOCABULARY_FACT, f->kind);
	json_t *many;

	switch (f->kind) {
	case NRM_FACT_AGE_CLASS:
		json_object_set_new(card, key,
				    nrm_render_code(NRM_VOCABULARY_AGE_CLASS, f->is.age_class));
		break;
	case NRM_FACT_ADULT_SINCE:
	case NRM_FACT_LAST_THREAT:
	case NRM_FACT_REFLECTION_UNTIL:
		json_object_set_new(card, key, nrm_render_time(f->is.time_ms));
		break;
	case NRM_FACT_GUARDIAN:
		json_object_set_new(
			card, key,
			f->is.guardian.kind == NRM_GUARDIAN_PARTICIPANT
				? nrm_render_text(f->is.guardian.participant)
				: nrm_render_code(NRM_VOCABULARY_GUARDIAN, f->is.guardian.kind));
		break;
	case NRM_FACT_COMPLICIT_PARENT:
	case NRM_FACT_ASYLUM_SEEKER:
	case NRM_FACT_CONSULATE_WISHED:
		json_object_set_new(card, key, json_boolean(f->is.yes));
		break;
	case NRM_FACT_REFUSED:
		json_object_set_new(card, key,
				    nrm_render_codes(NRM_VOCABULARY_SERVICE, f->is.codes, false));
		break;
	case NRM_FACT_CONTACT:
		json_object_set_new(card, key,
				    nrm_render_codes(NRM_VOCABULARY_CHANNEL, f->is.codes, false));
		break;
	case NRM_FACT_RECEIVING_MANAGER:
		json_object_set_new(card, key, nrm_render_text(f->is.participant));
		break;
	case NRM_FACT_EXCLUDED:
		many = json_object_get(card, key);
		if (!many)
			json_object_set_new(card, key, many = json_array());
		json_array_append_new(many, nrm_render_text(f->is.participant));
		break;
	case NRM_FACT_ASSESSMENT:
		many = json_object_get(card, "assessments");
		if (!many)
			json_object_set_new(card, "assessments", many = json_object());
		json_object_set_new(many,
				    nrm_code_name(NRM_VOCABULARY_ASSESSMENT, f->is.assessment.kind),
				    nrm_render_time(f->is.assessment.date_ms));
		break;
	default:
		break;
	}
}

static json_t *render_on_file(const struct nrm_consent_on_file *c)
{
	json_t *out = nrm_render_consent(&c->grant);
	json_t *more = json_pack(
		"{so so so so sb so so so}", "countries", render_ids(c->grant.country), "purpose",
		nrm_render_code(NRM_VOCABULARY_PURPOSE, c->grant.purpose), "phase",
		nrm_render_code(NRM_VOCABULARY_PHASE, c->phase), "heard",
		nrm_render_code(NRM_VOCABULARY_HEARD, c->grant.heard), "interpreter_conflict",
		c->grant.interpreter_conflict, "guardian",
		c->guardian_unknown ? json_string("unknown") : nrm_render_text(c->grant.guardian),
		"recorders", render_ids(c->recorder), "withdrawn_at",
		nrm_render_time(c->withdrawn_at_ms));

	if (out && more)
		json_object_update(out, more);
	json_decref(more);
	return out;
}

json_t *nrm_render_case(const struct nrm_case_answer *answer)
{
	json_t *card = json_object(), *consents = json_array();

	if (!answer->known)
		goto out;
	for (size_t i = 0; i < answer->card.n; i++)
		add_fact(card, &answer->card.fact[i]);
	for (size_t i = 0; i < answer->n_consents; i++)
		json_array_append_new(consents, render_on_file(&answer->consent[i]));
out:
	return json_pack("{sb so sb so so so}", "known", answer->known, "known_at",
			 nrm_render_time(answer->time_ms), "manages", answer->manages, "card", card,
			 "contributed", nrm_render_mask(NRM_VOCABULARY_ROLE, answer->contributed),
			 "consents", consents);
}

/* ---- previews ---- */

json_t *nrm_render_preview(const struct nrm_preview *p)
{
	return json_pack("{so so so so so so ss so so}", "outcome",
			 nrm_render_code(NRM_VOCABULARY_OUTCOME, p->outcome), "reason",
			 nrm_render_code(NRM_VOCABULARY_REASON, p->reason), "forwarded",
			 nrm_render_mask(NRM_VOCABULARY_FIELD, p->forwarded), "withheld",
			 nrm_render_withheld(p->secret, p->not_needed, p->not_consented), "missing",
			 nrm_render_mask(NRM_VOCABULARY_ASSESSMENT, p->missing), "obligations",
			 nrm_render_mask(NRM_VOCABULARY_OBLIGATION, p->obligations), "knowledge",
			 nrm_knowledge_name(p->knowledge), "known_at",
			 nrm_render_time(p->known_at_ms), "made", nrm_render_time(p->made_ms));
}

json_t *nrm_render_wanted(const struct nrm_preview *p, const struct nrm_statement *referral)
{
	const struct nrm_wanted_consent *w = &p->wanted;
	json_t *countries = json_array();

	if (!p->wants) {
		json_decref(countries);
		return json_null();
	}
	if (w->country)
		json_array_append_new(countries, render_country(w->country));
	return json_pack("{s[o] s[o] so so so so sb so so}", "services",
			 nrm_render_code(NRM_VOCABULARY_SERVICE, referral->service), "recipients",
			 nrm_render_text(referral->recipient), "data",
			 nrm_render_mask(NRM_VOCABULARY_FIELD, w->fields), "countries", countries,
			 "purpose", nrm_render_code(NRM_VOCABULARY_PURPOSE, referral->purpose),
			 "given_by", nrm_render_mask(NRM_VOCABULARY_GIVEN_BY, w->given_by),
			 "by_another_agency", w->by_another, "outcome",
			 nrm_render_code(NRM_VOCABULARY_OUTCOME, w->outcome), "reason",
			 nrm_render_code(NRM_VOCABULARY_REASON, w->reason));
}
