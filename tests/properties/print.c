#include "tests/properties/print.h"

#include "proto/base/time.h"

/* ---- Words, in lists and by themselves ---- */

struct words {
	FILE *out;
	const char *before; /* the next word */
};

static struct words begin(FILE *out, const char *key)
{
	fprintf(out, "%s: [", key);
	return (struct words){out, ""};
}

static void word(struct words *w, const char *text)
{
	fprintf(w->out, "%s%s", w->before, text);
	w->before = ", ";
}

static void words_of(struct words *w, enum nrm_vocabulary kind, uint64_t mask)
{
	for (uint32_t i = 1; i < 64; i++)
		if ((mask >> i & 1) && nrm_code_name(kind, i))
			word(w, nrm_code_name(kind, i));
}

static void list(FILE *out, const char *key, enum nrm_vocabulary kind, uint64_t mask)
{
	struct words w = begin(out, key);

	words_of(&w, kind, mask);
	fputc(']', out);
}

/* "key: word", with what comes before it; nothing for an absent code. */
static void code(FILE *out, const char *before, const char *key, enum nrm_vocabulary kind,
		 uint32_t number)
{
	const char *name = nrm_code_name(kind, number);

	if (name)
		fprintf(out, "%s%s: %s", before, key, name);
	else if (number != 0)
		fprintf(out, "%s%s: code-%u", before, key, number);
}

/* To the millisecond; what no calendar has is the end of it. Nothing for a time not stated. */
static void moment(FILE *out, const char *before, const char *key, uint64_t ms)
{
	char text[NRM_TIME_TEXT_LEN + 1];

	if (ms == 0)
		return;
	nrm_time_format(ms, text);
	if (text[0] == '(')
		fprintf(out, "%s%s: 9999-12-31T23:59:59Z", before, key);
	else
		fprintf(out, "%s%s: %.19s.%03uZ", before, key, text, (unsigned)(ms % 1000));
}

static void flag(FILE *out, const char *before, const char *key, bool yes)
{
	if (yes)
		fprintf(out, "%s%s: true", before, key);
}

struct id {
	char text[32];
};

static void country_of(uint16_t country, char text[static 3])
{
	snprintf(text, 3, "%c%c", country >> 8 & 0x7f, country & 0x7f);
}

/* The unknown ones are named after nothing that the file lists. */
static struct id id_of(const struct input *in, uint32_t handle)
{
	const struct nrm_party *p = input_party(in, handle);
	struct id id;
	char country[3];

	country_of(p->country ? p->country : HOME, country);
	if (!p->known)
		snprintf(id.text, sizeof(id.text), "TH.unknown-%u", handle);
	else
		snprintf(id.text, sizeof(id.text), "%s.%s-%u", country,
			 handle == in->message.sender	   ? "sender"
			 : handle == in->message.recipient ? "recipient"
							   : "agency",
			 handle);
	return id;
}

static void ids(struct words *w, const struct input *in, const uint32_t *handle, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		word(w, id_of(in, handle[i]).text);
}

static void party(FILE *out, const char *before, const char *key, const struct input *in,
		  uint32_t handle)
{
	if (handle != NOBODY)
		fprintf(out, "%s%s: %s", before, key, id_of(in, handle).text);
}

/* ---- The parts of a case ---- */

void print_participants(FILE *out, const struct input *in)
{
	fprintf(out, "country: TH\nparticipants:\n");
	for (uint32_t i = 1; i < PARTIES; i++) {
		const struct nrm_party *p = &in->party[i];
		if (!p->known)
			continue;
		fprintf(out, "- {id: %s, ", id_of(in, i).text);
		list(out, "roles", NRM_VOCABULARY_ROLE, p->roles);
		list(out, ", services", NRM_VOCABULARY_SERVICE, p->offers);
		flag(out, ", ", "detention", p->detention);
		fprintf(out, "%s}%s\n", p->active ? "" : ", status: suspended",
			p->country ? "" : " # of no known country");
	}
	fprintf(out, "cases:\n");
}

static void print_card(FILE *out, const struct input *in)
{
	const struct nrm_card *c = &in->card;
	const char *before = "";
	struct words w;

	fprintf(out, "  card: {complicit_parent: %s", c->complicit_parent ? "true" : "false");
	code(out, ", ", "age_class", NRM_VOCABULARY_AGE_CLASS, c->age_class);
	moment(out, ", ", "adult_since", c->adult_since);
	if (c->guardian == NRM_GUARDIAN_PARTICIPANT)
		fprintf(out, ", guardian: %s", id_of(in, c->guardian_party).text);
	else
		code(out, ", ", "guardian", NRM_VOCABULARY_GUARDIAN, c->guardian);
	flag(out, ", ", "asylum_seeker", c->asylum_seeker);
	flag(out, ", ", "consulate_wished", c->consulate_wished);
	moment(out, ", ", "reflection_until", c->reflection_until);
	moment(out, ", ", "last_threat", c->last_threat);
	party(out, ", ", "receiving_manager", in, c->receiving_manager);
	w = begin(out, ",\n    excluded");
	ids(&w, in, c->excluded, c->n_excluded);
	fputc(']', out);
	list(out, ", refused", NRM_VOCABULARY_SERVICE, c->refused);
	if (c->contact_stated)
		list(out, ", contact", NRM_VOCABULARY_CHANNEL, c->contact);
	list(out, ", contributed", NRM_VOCABULARY_ROLE, c->contributed);
	fprintf(out, ",\n    assessments: {");
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++) {
		moment(out, before, nrm_code_name(NRM_VOCABULARY_ASSESSMENT, a), c->assessed[a]);
		before = c->assessed[a] ? ", " : before;
	}
	fprintf(out, "}}\n");
}

static void print_countries(FILE *out, const struct nrm_consent *c)
{
	struct words w = begin(out, ", countries");
	char country[3];

	for (uint32_t i = 0; i < c->n_countries; i++) {
		country_of(c->country[i], country);
		if (c->country[i] != 0)
			word(&w, country);
	}
	fputc(']', out);
}

static void print_consent(FILE *out, const struct input *in, uint32_t number)
{
	const struct nrm_consent *c = &in->consent[number];
	struct words w;

	fprintf(out, "  - {id: c%u", number);
	code(out, ", ", "given_by", NRM_VOCABULARY_GIVEN_BY, c->given_by);
	w = begin(out, ", services");
	if (c->any_service)
		word(&w, "any");
	words_of(&w, NRM_VOCABULARY_SERVICE, c->services);
	w = begin(out, "],\n    recipients");
	if (c->any_recipient)
		word(&w, "any");
	words_of(&w, NRM_VOCABULARY_ROLE, c->recipient_roles);
	ids(&w, in, c->recipient, c->n_recipients);
	w = begin(out, "], data");
	if (c->any_field)
		word(&w, "any");
	words_of(&w, NRM_VOCABULARY_CATEGORY, c->categories);
	words_of(&w, NRM_VOCABULARY_FIELD, c->named_fields);
	fputc(']', out);
	print_countries(out, c);
	w = begin(out, ",\n    recorded_by");
	ids(&w, in, c->recorder, c->n_recorders);
	fputc(']', out);
	code(out, ", ", "purpose", NRM_VOCABULARY_PURPOSE, c->purpose);
	code(out, ", ", "phase", NRM_VOCABULARY_PHASE, c->phase);
	code(out, ", ", "heard", NRM_VOCABULARY_HEARD, c->heard);
	flag(out, ", ", "understood", c->understood);
	flag(out, ", ", "interpreter_conflict", c->interpreter_conflict);
	if (c->guardian != NOBODY || c->guardian_unknown)
		fprintf(out, ", guardian: %s",
			c->guardian_unknown ? "TH.unknown-guardian" : id_of(in, c->guardian).text);
	moment(out, ",\n    ", "from", c->from);
	moment(out, ", ", "until", c->until);
	moment(out, ", ", "withdrawn_at", c->withdrawn_at);
	fprintf(out, "}\n");
}

static void print_message(FILE *out, const struct input *in)
{
	const struct nrm_message *m = &in->message;

	fprintf(out, "  message: {sender: %s", id_of(in, m->sender).text);
	fprintf(out, ", recipient: %s", id_of(in, m->recipient).text);
	code(out, ", ", "type", NRM_VOCABULARY_MESSAGE_TYPE, m->type);
	code(out, ", ", "service", NRM_VOCABULARY_SERVICE, m->service);
	code(out, ", ", "purpose", NRM_VOCABULARY_PURPOSE, m->purpose);
	code(out, ",\n    ", "basis", NRM_VOCABULARY_BASIS, m->basis);
	code(out, ", ", "emergency_reason", NRM_VOCABULARY_EMERGENCY, m->emergency);
	list(out, ", fields", NRM_VOCABULARY_FIELD, m->fields);
	code(out, ", ", "contact_by", NRM_VOCABULARY_CHANNEL, m->contact_by);
	code(out, ", ", "answer", NRM_VOCABULARY_ANSWER, m->answer);
	code(out, ", ", "decline_reason", NRM_VOCABULARY_DECLINE, m->decline);
	flag(out, ", ", "appeal", m->appeal);
	flag(out, ", ", "in_reply", m->in_reply);
	party(out, ", ", "about", in, m->about);
	code(out, ", ", "kind", NRM_VOCABULARY_NOTICE_KIND, m->notice);
	fprintf(out, "}\n");
}

static void print_withheld(struct words *w, nrm_mask fields, const char *reason)
{
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		if (fields >> f & 1) {
			word(w, nrm_code_name(NRM_VOCABULARY_FIELD, f));
			fprintf(w->out, ": %s", reason);
		}
}

static void print_expected(FILE *out, const struct nrm_verdict *v)
{
	struct words w = {out, ""};

	fprintf(out, "  expect: {outcome: %s", nrm_code_name(NRM_VOCABULARY_OUTCOME, v->outcome));
	code(out, ", ", "reason", NRM_VOCABULARY_REASON, v->reason);
	list(out, ", forwarded", NRM_VOCABULARY_FIELD, v->forwarded);
	fprintf(out, ",\n    withheld: {");
	print_withheld(&w, v->secret, "SECRET");
	print_withheld(&w, v->not_needed, "NOT_NEEDED");
	print_withheld(&w, v->not_consented, "NOT_CONSENTED");
	fputc('}', out);
	list(out, ", obligations", NRM_VOCABULARY_OBLIGATION, v->obligations);
	list(out, ", missing", NRM_VOCABULARY_ASSESSMENT, v->missing);
	fprintf(out, "} # rules %x, consents %llx\n", v->rules, (unsigned long long)v->consents);
}

void print_case(FILE *out, const char *name, const struct input *in, const struct nrm_verdict *v)
{
	fprintf(out, "- name: %s\n  source: property", name);
	moment(out, "\n  ", "now", in->now);
	fprintf(out, "\n%s", in->outsider ? "  # the sender is no party to the case\n" : "");
	print_card(out, in);
	if (in->n_consents > 0)
		fprintf(out, "  consents:\n");
	for (uint32_t i = 0; i < in->n_consents; i++)
		print_consent(out, in, i);
	print_message(out, in);
	print_expected(out, v);
}

void print_narrower(FILE *out, const struct trial *t)
{
	const struct nrm_policy *p = t->policy, *n = &t->narrower;
	const struct nrm_wall *wall = &n->wall[p->n_walls];
	const struct nrm_secrecy *s = &n->secrecy[p->n_secrecies];

	if (n->n_walls > p->n_walls) {
		list(out, "# one more wall {from", NRM_VOCABULARY_ROLE, wall->from);
		list(out, ", to", NRM_VOCABULARY_ROLE, wall->to);
		list(out, ", except", NRM_VOCABULARY_SERVICE, wall->except);
		flag(out, ", ", "absolute", wall->absolute);
		fprintf(out, "}\n");
	} else if (n->n_secrecies > p->n_secrecies) {
		list(out, "# one more secret {fields", NRM_VOCABULARY_FIELD, s->fields);
		list(out, ", only", NRM_VOCABULARY_ROLE, s->only);
		list(out, ", never", NRM_VOCABULARY_ROLE, s->never);
		flag(out, ", ", "consent_lifts", s->liftable);
		list(out, ", but {fields", NRM_VOCABULARY_FIELD, s->but.fields);
		list(out, ", roles", NRM_VOCABULARY_ROLE, s->but.roles);
		list(out, ", services", NRM_VOCABULARY_SERVICE, s->but.services);
		fprintf(out, "}}\n");
	} else {
		fprintf(out, "# less is needed for the service\n");
	}
}
