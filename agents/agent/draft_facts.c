/* Drafts of facts, which go to the broker itself: consents and case cards. */
#include "agents/agent/draft.h"
#include "proto/base/limits.h"

#define DAY_MS	  86400000ull
#define MINUTE_MS 60000u
#define MAX_DAYS  1095u

const char *const nrm_consent_keys[] = {"op",
					"wait",
					"case",
					"id",
					"given_by",
					"services",
					"recipients",
					"data",
					"countries",
					"purpose",
					"from",
					"until",
					"days",
					"phase",
					"heard",
					"understood",
					"interpreter_conflict",
					"interpreter",
					"language",
					"mode",
					"guardian",
					NULL};
const char *const nrm_card_keys[] = {"op", "wait", "case", "facts", NULL};

/* What the lists of a consent name, gathered as sets: each code once, in ascending order. */
struct named {
	nrm_mask codes, others; /* services; roles; fields, and categories as others */
	bool any;
	struct nrm_slice *text; /* ids, countries */
	size_t n_texts, most;
};

static uint32_t code_of(enum nrm_vocabulary kind, const char *item)
{
	return nrm_code_number(kind, item, strlen(item));
}

static void take_service(struct nrm_request *r, const char *key, const char *item, void *with)
{
	struct named *named = with;
	uint32_t service = code_of(NRM_VOCABULARY_SERVICE, item);

	if (strcmp(item, "any") == 0)
		named->any = true;
	else if (service)
		named->codes |= nrm_bit(service);
	else
		nrm_request_fail(r, "%s: expected services or any", key);
}

static void take_data(struct nrm_request *r, const char *key, const char *item, void *with)
{
	struct named *named = with;
	uint32_t field = code_of(NRM_VOCABULARY_FIELD, item);
	uint32_t category = code_of(NRM_VOCABULARY_CATEGORY, item);

	if (strcmp(item, "any") == 0)
		named->any = true;
	else if (field)
		named->codes |= nrm_bit(field);
	else if (category)
		named->others |= nrm_bit(category);
	else
		nrm_request_fail(r, "%s: expected fields, categories or any", key);
}

static void take_channel(struct nrm_request *r, const char *key, const char *item, void *with)
{
	struct named *named = with;
	uint32_t channel = code_of(NRM_VOCABULARY_CHANNEL, item);

	if (!channel)
		nrm_request_fail(r, "%s: expected phone, visit, post, shelter or online", key);
	named->codes |= nrm_bit(channel);
}

static void take_text(struct nrm_request *r, const char *key, const char *item, struct named *named)
{
	struct nrm_slice text = nrm_slice_str(item);

	for (size_t i = 0; i < named->n_texts; i++)
		if (nrm_slice_equal(named->text[i], text))
			return;
	if (named->n_texts == named->most)
		nrm_request_fail(r, "%s: more than %zu", key, named->most);
	else
		named->text[named->n_texts++] = text;
}

static void take_recipient(struct nrm_request *r, const char *key, const char *item, void *with)
{
	struct named *named = with;
	uint32_t role = code_of(NRM_VOCABULARY_ROLE, item);

	if (strcmp(item, "any") == 0)
		named->any = true;
	else if (role)
		named->codes |= nrm_bit(role);
	else if (nrm_participant_id_ok(nrm_slice_str(item)))
		take_text(r, key, item, named);
	else
		nrm_request_fail(r, "%s: expected ids of participants, roles or any", key);
}

static void take_country(struct nrm_request *r, const char *key, const char *item, void *with)
{
	if (nrm_country_ok(nrm_slice_str(item)))
		take_text(r, key, item, with);
	else
		nrm_request_fail(r, "%s: expected countries of two letters, like KH", key);
}

static void take_excluded(struct nrm_request *r, const char *key, const char *item, void *with)
{
	if (nrm_participant_id_ok(nrm_slice_str(item)))
		take_text(r, key, item, with);
	else
		nrm_request_fail(r, "%s: expected ids of participants", key);
}

static struct named list(struct nrm_request *r, const char *key, size_t most,
			 void (*take)(struct nrm_request *, const char *, const char *, void *))
{
	struct named named = {.most = most};

	named.text = nrm_request_slices(r, most);
	if (named.text)
		nrm_request_list(r, key, take, &named);
	return named;
}

static void consent_scope(struct nrm_request *r, struct nrm_consent_grant *g)
{
	struct named services = list(r, "services", 0, take_service);
	struct named recipients = list(r, "recipients", NRM_MAX_CONSENT_RECIPIENTS, take_recipient);
	struct named data = list(r, "data", 0, take_data);
	struct named countries = list(r, "countries", NRM_MAX_CONSENT_COUNTRIES, take_country);

	g->any_service = services.any;
	g->service = nrm_request_codes(r, services.codes);
	g->any_recipient = recipients.any;
	g->recipient_role = nrm_request_codes(r, recipients.codes);
	g->recipient = (struct nrm_slices){recipients.text, recipients.n_texts};
	g->any_field = data.any;
	g->field = nrm_request_codes(r, data.codes);
	g->category = nrm_request_codes(r, data.others);
	g->country = (struct nrm_slices){countries.text, countries.n_texts};
}

static void consent_period(struct nrm_request *r, uint64_t now_ms, struct nrm_consent_grant *g)
{
	uint64_t days = nrm_request_number(r, "days", MAX_DAYS);

	/* The minute that has begun: to a clock slightly behind it is not in the future. */
	g->from_ms = nrm_request_time(r, "from");
	if (!g->from_ms)
		g->from_ms = now_ms - now_ms % MINUTE_MS;
	g->until_ms = nrm_request_time(r, "until");
	if (g->until_ms && days)
		nrm_request_fail(r, "days: not beside until");
	if (!g->until_ms && !days)
		nrm_request_fail(r, "until: missing, expected a time, or days");
	if (days)
		g->until_ms = g->from_ms + days * DAY_MS;
	if (g->until_ms <= g->from_ms)
		nrm_request_fail(r, "until: expected a time after from");
}

void nrm_draft_consent(struct nrm_request *r, uint64_t now_ms, struct nrm_draft *draft)
{
	struct nrm_statement *s = &draft->statement;
	struct nrm_consent_grant *g = &s->body.consent_grant;

	s->type = NRM_MESSAGE_TYPE_CONSENT_GRANT;
	s->basis = NRM_BASIS_NONE;
	s->phase = nrm_request_code(r, "phase", NRM_VOCABULARY_PHASE, false);
	draft->case_name = nrm_request_text(r, "case", true);
	g->consent_id = nrm_request_id(r, "id", false);
	g->given_by = nrm_request_code(r, "given_by", NRM_VOCABULARY_GIVEN_BY, true);
	consent_scope(r, g);
	g->purpose = nrm_request_code(r, "purpose", NRM_VOCABULARY_PURPOSE, true);
	consent_period(r, now_ms, g);
	g->heard = nrm_request_code(r, "heard", NRM_VOCABULARY_HEARD, false);
	g->understood = nrm_request_bool(r, "understood");
	g->interpreter_conflict = nrm_request_bool(r, "interpreter_conflict");
	g->interpreter = nrm_request_participant(r, "interpreter", false);
	g->language = nrm_slice_str(nrm_request_text(r, "language", false));
	if (g->language.len > NRM_MAX_LANGUAGE_TAG)
		nrm_request_fail(r, "language: expected a tag like km");
	g->mode = nrm_request_code(r, "mode", NRM_VOCABULARY_MODE, false);
	g->guardian = nrm_request_participant(r, "guardian", false);
}

/* ---- case cards ---- */

static const char *const fact_keys[] = {"age_class",	     "adult_since",
					"guardian",	     "complicit_parent",
					"excluded",	     "last_threat",
					"refused",	     "contact",
					"asylum_seeker",     "consulate_wished",
					"reflection_until",  "assessments",
					"receiving_manager", NULL};

struct card {
	struct nrm_stated_fact fact[NRM_MAX_CARD_FACTS];
	size_t n;
};

static struct nrm_stated_fact *add(struct nrm_request *r, struct card *card, enum nrm_fact kind)
{
	if (card->n == NRM_MAX_CARD_FACTS) {
		nrm_request_fail(r, "facts: more than %u", NRM_MAX_CARD_FACTS);
		return &card->fact[0];
	}
	card->fact[card->n].kind = kind;
	return &card->fact[card->n++];
}

static void guardian(struct nrm_request *r, struct card *card)
{
	const char *text = nrm_request_text(r, "guardian", false);

	if (!text)
		return;
	struct nrm_stated_fact *f = add(r, card, NRM_FACT_GUARDIAN);
	f->is.guardian.kind = code_of(NRM_VOCABULARY_GUARDIAN, text);
	if (f->is.guardian.kind == NRM_GUARDIAN_NONE || f->is.guardian.kind == NRM_GUARDIAN_PARENTS)
		return;
	f->is.guardian.kind = NRM_GUARDIAN_PARTICIPANT;
	f->is.guardian.participant = nrm_slice_str(text);
	if (!nrm_participant_id_ok(f->is.guardian.participant))
		nrm_request_fail(r, "guardian: expected none, parents or a participant's id");
}

static void assessments(struct nrm_request *r, struct card *card)
{
	const json_t *map = json_object_get(r->object, "assessments");
	struct nrm_request inner = {.object = map, .arena = r->arena};
	const char *name;
	json_t *value;

	if (!map)
		return;
	if (!json_is_object(map))
		nrm_request_fail(r, "assessments: expected a map of assessments to dates");
	json_object_foreach((json_t *)map, name, value)
	{
		uint32_t kind = code_of(NRM_VOCABULARY_ASSESSMENT, name);

		if (!kind) {
			nrm_request_fail(r, "assessments.%.40s: no such assessment", name);
			return;
		}
		struct nrm_stated_fact *f = add(r, card, NRM_FACT_ASSESSMENT);
		f->is.assessment.kind = kind;
		f->is.assessment.date_ms = nrm_request_time(&inner, name);
	}
	if (nrm_request_failed(&inner))
		nrm_request_fail(r, "assessments.%s", inner.problem);
}

static void plain_facts(struct nrm_request *r, struct card *card)
{
	static const struct {
		const char *key;
		enum nrm_fact kind;
	} times[] = {{"adult_since", NRM_FACT_ADULT_SINCE},
		     {"last_threat", NRM_FACT_LAST_THREAT},
		     {"reflection_until", NRM_FACT_REFLECTION_UNTIL}},
	  answers[] = {{"complicit_parent", NRM_FACT_COMPLICIT_PARENT},
		       {"asylum_seeker", NRM_FACT_ASYLUM_SEEKER},
		       {"consulate_wished", NRM_FACT_CONSULATE_WISHED}};

	for (size_t i = 0; i < 3; i++) {
		uint64_t time = nrm_request_time(r, times[i].key);

		if (time)
			add(r, card, times[i].kind)->is.time_ms = time;
		if (json_object_get(r->object, answers[i].key))
			add(r, card, answers[i].kind)->is.yes = nrm_request_bool(r, answers[i].key);
	}
}

static void lists(struct nrm_request *r, struct card *card)
{
	struct named excluded = list(r, "excluded", NRM_MAX_CARD_FACTS, take_excluded);

	for (size_t i = 0; i < excluded.n_texts; i++)
		add(r, card, NRM_FACT_EXCLUDED)->is.participant = excluded.text[i];
	if (json_object_get(r->object, "refused")) {
		struct named refused = list(r, "refused", 0, take_service);

		if (refused.any)
			nrm_request_fail(r, "refused: expected services by name");
		add(r, card, NRM_FACT_REFUSED)->is.codes = nrm_request_codes(r, refused.codes);
	}
	if (json_object_get(r->object, "contact")) {
		struct named contact = list(r, "contact", 0, take_channel);

		add(r, card, NRM_FACT_CONTACT)->is.codes = nrm_request_codes(r, contact.codes);
	}
}

void nrm_draft_case_card(struct nrm_request *r, struct nrm_draft *draft)
{
	const json_t *object = json_object_get(r->object, "facts");
	struct nrm_request facts = {.object = object, .arena = r->arena};
	struct card *card = nrm_arena_alloc(r->arena, sizeof(*card));
	struct nrm_statement *s = &draft->statement;

	s->type = NRM_MESSAGE_TYPE_CASE_CARD;
	s->basis = NRM_BASIS_NONE;
	draft->case_name = nrm_request_text(r, "case", true);
	if (!card || !json_is_object(object)) {
		nrm_request_fail(r, "facts: expected a map of facts");
		return;
	}
	nrm_request_only(&facts, fact_keys);
	uint32_t age = nrm_request_code(&facts, "age_class", NRM_VOCABULARY_AGE_CLASS, false);
	if (age)
		add(&facts, card, NRM_FACT_AGE_CLASS)->is.age_class = age;
	guardian(&facts, card);
	plain_facts(&facts, card);
	lists(&facts, card);
	assessments(&facts, card);
	struct nrm_slice manager = nrm_request_participant(&facts, "receiving_manager", false);
	if (manager.len)
		add(&facts, card, NRM_FACT_RECEIVING_MANAGER)->is.participant = manager;
	if (card->n == 0)
		nrm_request_fail(&facts, "nothing is stated");
	if (nrm_request_failed(&facts))
		nrm_request_fail(r, "facts.%s", facts.problem);
	s->body.case_card = (struct nrm_case_card){card->fact, card->n};
}
