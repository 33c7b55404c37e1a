/* One case of a scenario file, made ready for the decision. */
#include <stdio.h>
#include <string.h>

#include "broker/policy/scenario_text.h"
#include "proto/base/id.h"

static void read_guardian(struct nrm_scenario_reader *r, const char *base, const char *text,
			  struct nrm_card *card)
{
	if (!text)
		return;
	if (strcmp(text, "none") == 0) {
		card->guardian = NRM_GUARDIAN_NONE;
	} else if (strcmp(text, "parents") == 0) {
		card->guardian = NRM_GUARDIAN_PARENTS;
	} else {
		card->guardian = NRM_GUARDIAN_PARTICIPANT;
		card->guardian_party = nrm_scenario_party(r, base, "guardian", text);
	}
}

static void read_card(struct nrm_scenario_reader *r, const char *base,
		      const struct nrm_card_text *t, struct nrm_card *card)
{
	char at[NRM_YAML_PATH_LEN + 16];

	card->age_class =
		nrm_scenario_code(r, base, "age_class", NRM_VOCABULARY_AGE_CLASS, t->age_class);
	card->adult_since = nrm_scenario_time(r, base, "adult_since", t->adult_since);
	read_guardian(r, base, t->guardian, card);
	card->complicit_parent = t->complicit_parent;
	for (uint32_t i = 0; i < t->excluded.n; i++)
		card->excluded[card->n_excluded++] =
			nrm_scenario_party(r, base, "excluded", t->excluded.word[i]);
	card->refused = nrm_scenario_mask(r, base, "refused", NRM_VOCABULARY_SERVICE, &t->refused);
	card->contact = (uint32_t)nrm_scenario_mask(r, base, "contact", NRM_VOCABULARY_CHANNEL,
						    &t->contact);
	card->contact_stated = nrm_scenario_has(r, base, "contact");
	card->asylum_seeker = t->asylum_seeker;
	card->consulate_wished = t->consulate_wished;
	card->reflection_until =
		nrm_scenario_time(r, base, "reflection_until", t->reflection_until);
	card->last_threat = nrm_scenario_time(r, base, "last_threat", t->last_threat);
	card->receiving_manager =
		nrm_scenario_party(r, base, "receiving_manager", t->receiving_manager);
	card->contributed =
		nrm_scenario_mask(r, base, "contributed", NRM_VOCABULARY_ROLE, &t->contributed);
	snprintf(at, sizeof(at), "%s.assessments", base);
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++)
		card->assessed[a] = nrm_scenario_time(
			r, at, nrm_code_name(NRM_VOCABULARY_ASSESSMENT, a), t->assessments[a]);
}

static bool is_any(const char *word)
{
	return strcmp(word, "any") == 0;
}

static void read_services(struct nrm_scenario_reader *r, const char *base,
			  const struct nrm_words *words, struct nrm_consent *c)
{
	char key[32];

	for (uint32_t i = 0; i < words->n; i++) {
		snprintf(key, sizeof(key), "services[%u]", i);
		if (is_any(words->word[i]))
			c->any_service = true;
		else
			c->services |= nrm_bit(nrm_scenario_code(
				r, base, key, NRM_VOCABULARY_SERVICE, words->word[i]));
	}
}

/* Participants, roles or any. */
static void read_recipients(struct nrm_scenario_reader *r, const char *base,
			    const struct nrm_words *words, struct nrm_consent *c)
{
	char key[32];

	for (uint32_t i = 0; i < words->n; i++) {
		const char *word = words->word[i];
		snprintf(key, sizeof(key), "recipients[%u]", i);
		if (is_any(word))
			c->any_recipient = true;
		else if (strchr(word, '.'))
			c->recipient[c->n_recipients++] = nrm_scenario_party(r, base, key, word);
		else
			c->recipient_roles |=
				nrm_bit(nrm_scenario_code(r, base, key, NRM_VOCABULARY_ROLE, word));
	}
}

/* Categories, fields or any. */
static void read_data(struct nrm_scenario_reader *r, const char *base,
		      const struct nrm_words *words, struct nrm_consent *c)
{
	char key[32];

	for (uint32_t i = 0; i < words->n; i++) {
		const char *word = words->word[i];
		const uint32_t category =
			nrm_code_number(NRM_VOCABULARY_CATEGORY, word, strlen(word));
		snprintf(key, sizeof(key), "data[%u]", i);
		if (is_any(word))
			c->any_field = true;
		else if (category != 0)
			c->categories |= nrm_bit(category);
		else
			c->named_fields |= nrm_bit(
				nrm_scenario_code(r, base, key, NRM_VOCABULARY_FIELD, word));
	}
}

static void read_countries(struct nrm_scenario_reader *r, const char *base,
			   const struct nrm_words *words, struct nrm_consent *c)
{
	for (uint32_t i = 0; i < words->n; i++) {
		const uint16_t country = nrm_country_code(nrm_slice_str(words->word[i]));
		if (country == 0)
			nrm_scenario_fail(r, nrm_yaml_at(r->yaml, "%s.countries[%u]", base, i),
					  "expected a country, as TH");
		c->country[c->n_countries++] = country;
	}
}

static void read_consent(struct nrm_scenario_reader *r, const char *base,
			 const struct nrm_consent_text *t, struct nrm_consent *c)
{
	c->given_by = nrm_scenario_code(r, base, "given_by", NRM_VOCABULARY_GIVEN_BY, t->given_by);
	read_services(r, base, &t->services, c);
	read_recipients(r, base, &t->recipients, c);
	read_data(r, base, &t->data, c);
	read_countries(r, base, &t->countries, c);
	c->purpose = nrm_scenario_code(r, base, "purpose", NRM_VOCABULARY_PURPOSE, t->purpose);
	c->phase = nrm_scenario_code(r, base, "phase", NRM_VOCABULARY_PHASE, t->phase);
	c->from = nrm_scenario_time(r, base, "from", t->from);
	c->until = nrm_scenario_time(r, base, "until", t->until);
	c->withdrawn_at = nrm_scenario_time(r, base, "withdrawn_at", t->withdrawn_at);
	c->heard = nrm_scenario_code(r, base, "heard", NRM_VOCABULARY_HEARD, t->heard);
	c->understood = t->understood;
	c->interpreter_conflict = t->interpreter_conflict;
	for (uint32_t i = 0; i < t->recorded_by.n; i++)
		c->recorder[c->n_recorders++] =
			nrm_scenario_party(r, base, "recorded_by", t->recorded_by.word[i]);
	if (t->guardian && strcmp(t->guardian, "none") != 0 &&
	    strcmp(t->guardian, "parents") != 0) {
		c->guardian = nrm_scenario_party(r, base, "guardian", t->guardian);
		c->guardian_unknown = !r->cast.party[c->guardian].known;
	}
}

static void read_message(struct nrm_scenario_reader *r, const char *base,
			 const struct nrm_message_text *t, struct nrm_message *m)
{
	m->type = nrm_scenario_code(r, base, "type", NRM_VOCABULARY_MESSAGE_TYPE, t->type);
	m->sender = nrm_scenario_party(r, base, "sender", t->sender);
	m->recipient = nrm_scenario_party(r, base, "recipient", t->recipient);
	m->service = nrm_scenario_code(r, base, "service", NRM_VOCABULARY_SERVICE, t->service);
	m->purpose = nrm_scenario_code(r, base, "purpose", NRM_VOCABULARY_PURPOSE, t->purpose);
	m->basis = nrm_scenario_code(r, base, "basis", NRM_VOCABULARY_BASIS, t->basis);
	m->emergency = nrm_scenario_code(r, base, "emergency_reason", NRM_VOCABULARY_EMERGENCY,
					 t->emergency_reason);
	m->fields = nrm_scenario_mask(r, base, "fields", NRM_VOCABULARY_FIELD, &t->fields);
	m->contact_by =
		nrm_scenario_code(r, base, "contact_by", NRM_VOCABULARY_CHANNEL, t->contact_by);
	m->answer = nrm_scenario_code(r, base, "answer", NRM_VOCABULARY_ANSWER, t->answer);
	m->decline = nrm_scenario_code(r, base, "decline_reason", NRM_VOCABULARY_DECLINE,
				       t->decline_reason);
	m->appeal = t->appeal;
	m->in_reply = t->in_reply;
	m->about = nrm_scenario_party(r, base, "about", t->about);
	m->notice = nrm_scenario_code(r, base, "kind", NRM_VOCABULARY_NOTICE_KIND, t->kind);
}

static void read_expected(struct nrm_scenario_reader *r, const char *base,
			  const struct nrm_expect_text *t, struct nrm_expected *e)
{
	char at[NRM_YAML_PATH_LEN + 16];

	e->has_outcome = t->outcome != NULL;
	if (t->outcome &&
	    strcmp(t->outcome, nrm_code_name(NRM_VOCABULARY_OUTCOME, NRM_OUTCOME_REFUSE)) != 0)
		e->outcome =
			nrm_scenario_code(r, base, "outcome", NRM_VOCABULARY_OUTCOME, t->outcome);
	e->has_reason = t->reason != NULL;
	e->reason = nrm_scenario_code(r, base, "reason", NRM_VOCABULARY_REASON, t->reason);
	e->has_forwarded = nrm_scenario_has(r, base, "forwarded");
	e->forwarded = nrm_scenario_mask(r, base, "forwarded", NRM_VOCABULARY_FIELD, &t->forwarded);
	e->includes = nrm_scenario_mask(r, base, "forwarded_includes", NRM_VOCABULARY_FIELD,
					&t->forwarded_includes);
	e->excludes = nrm_scenario_mask(r, base, "forwarded_excludes", NRM_VOCABULARY_FIELD,
					&t->forwarded_excludes);
	e->obligations = nrm_scenario_mask(r, base, "obligations", NRM_VOCABULARY_OBLIGATION,
					   &t->obligations);
	e->has_missing = nrm_scenario_has(r, base, "missing");
	e->missing = nrm_scenario_mask(r, base, "missing", NRM_VOCABULARY_ASSESSMENT, &t->missing);
	snprintf(at, sizeof(at), "%s.withheld", base);
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		e->withheld[f] = nrm_scenario_code(r, at, nrm_code_name(NRM_VOCABULARY_FIELD, f),
						   NRM_VOCABULARY_REASON, t->withheld[f]);
}

void nrm_scenario_case(struct nrm_scenario_reader *r, const struct nrm_case_text *text,
		       uint32_t index, struct nrm_case *c)
{
	char base[NRM_YAML_PATH_LEN];

	memset(c, 0, sizeof(*c));
	snprintf(base, sizeof(base), "cases[%u]", index);
	c->now = nrm_scenario_time(r, base, "now", text->now);
	snprintf(base, sizeof(base), "cases[%u].card", index);
	read_card(r, base, &text->card, &c->card);
	for (; c->n_consents < text->consents_count; c->n_consents++) {
		snprintf(base, sizeof(base), "cases[%u].consents[%u]", index, c->n_consents);
		read_consent(r, base, &text->consents[c->n_consents], &c->consent[c->n_consents]);
	}
	snprintf(base, sizeof(base), "cases[%u].message", index);
	read_message(r, base, &text->message, &c->message);
	snprintf(base, sizeof(base), "cases[%u].expect", index);
	read_expected(r, base, &text->expect, &c->expected);
}
