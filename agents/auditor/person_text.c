/* The person's record as plain text, to be printed or read aloud. */
#include <string.h>

#include "agents/auditor/person.h"
#include "proto/base/hex.h"

struct telling {
	const struct nrm_person_record *record;
	const struct nrm_person_telling *how;
	FILE *out;
	bool unreviewed; /* a text was used that no native speaker has reviewed */
};

static const char *phrase(const struct telling *t, enum nrm_phrase which)
{
	return nrm_phrase(t->how->glossary, which, t->how->language);
}

static const char *label(struct telling *t, enum nrm_vocabulary kind, uint32_t code)
{
	t->unreviewed |= t->how->glossary &&
			 !nrm_text_reviewed(t->how->glossary, kind, code, t->how->language);
	return nrm_label(t->how->glossary, kind, code, t->how->language);
}

static void put_name(struct telling *t, struct nrm_slice id)
{
	struct nrm_slice name = nrm_person_name(t->record, id);

	fprintf(t->out, "%.*s", (int)name.len, (const char *)name.data);
}

static void put_fields(struct telling *t, const char *before, nrm_mask fields)
{
	bool any = false;

	fputs(before, t->out);
	for (uint32_t field = 1; field < 64; field++) {
		if (!(fields & nrm_bit(field)))
			continue;
		fprintf(t->out, "%s%s", any ? ", " : "", label(t, NRM_VOCABULARY_FIELD, field));
		any = true;
	}
	fputc('\n', t->out);
}

static void put_recipients(struct telling *t)
{
	fprintf(t->out, "\n%s\n", phrase(t, NRM_PHRASE_WHO_RECEIVED));
	if (t->record->n_recipients == 0)
		fprintf(t->out, "  %s\n", phrase(t, NRM_PHRASE_NOTHING));
	for (size_t i = 0; i < t->record->n_recipients; i++) {
		const struct nrm_person_recipient *r = &t->record->recipient[i];
		const nrm_mask on_the_way = r->passed_on & ~r->received;

		fputs("\n  ", t->out);
		put_name(t, r->id);
		fputc('\n', t->out);
		if (r->received)
			put_fields(t, "    ", r->received);
		if (!on_the_way)
			continue;
		fprintf(t->out, "    %s: ", phrase(t, NRM_PHRASE_NOT_CONFIRMED));
		put_fields(t, "", on_the_way);
	}
}

/* Its number; when it was recorded and by whom. */
static void put_consent(struct telling *t, struct nrm_slice id)
{
	const struct nrm_person_message *given = nrm_person_consent(t->record, id);
	char hex[2 * NRM_HASH_LEN + 1], time[NRM_PERSON_TIME];

	nrm_hex(id.data, id.len, hex);
	fprintf(t->out, "    %s: %s", phrase(t, NRM_PHRASE_UNDER_CONSENT), hex);
	if (given) {
		nrm_person_time(given->time_ms, time);
		fprintf(t->out, " (%s, ", time);
		put_name(t, given->sender);
		fputc(')', t->out);
	}
	fputc('\n', t->out);
}

static void put_ground(struct telling *t, const struct nrm_person_message *m)
{
	if (m->basis) {
		fprintf(t->out, "    %s: %s", phrase(t, NRM_PHRASE_BECAUSE),
			label(t, NRM_VOCABULARY_BASIS, m->basis));
		if (m->emergency)
			fprintf(t->out, ", %s", label(t, NRM_VOCABULARY_EMERGENCY, m->emergency));
		fputc('\n', t->out);
	}
	for (size_t i = 0; nrm_person_shares(m) && i < m->consent_id.n; i++)
		put_consent(t, m->consent_id.item[i]);
}

static void put_withheld(struct telling *t, const struct nrm_person_message *m)
{
	static const enum nrm_reason reasons[3] = {NRM_REASON_SECRET, NRM_REASON_NOT_NEEDED,
						   NRM_REASON_NOT_CONSENTED};

	if (!(m->withheld[0] | m->withheld[1] | m->withheld[2]))
		return;
	fprintf(t->out, "    %s\n", phrase(t, NRM_PHRASE_NOT_PASSED_ON));
	for (size_t i = 0; i < 3; i++) {
		if (!m->withheld[i])
			continue;
		put_fields(t, "      ", m->withheld[i]);
		fprintf(t->out, "        %s: %s\n", label(t, NRM_VOCABULARY_REASON, reasons[i]),
			nrm_explanation(t->how->glossary, NRM_VOCABULARY_REASON, reasons[i],
					t->how->language));
	}
}

static void put_fate(struct telling *t, const struct nrm_person_message *m)
{
	char time[NRM_PERSON_TIME];

	if (m->outcome != NRM_OUTCOME_FORWARD) {
		fprintf(t->out, "    %s: %s\n      %s\n",
			label(t, NRM_VOCABULARY_OUTCOME, m->outcome),
			label(t, NRM_VOCABULARY_REASON, m->reason),
			nrm_explanation(t->how->glossary, NRM_VOCABULARY_REASON, m->reason,
					t->how->language));
		return;
	}
	if (!nrm_person_shares(m))
		return;
	fprintf(t->out, "    %s: ", phrase(t, NRM_PHRASE_PASSED_ON));
	if (m->forwarded)
		put_fields(t, "", m->forwarded);
	else
		fprintf(t->out, "%s\n", phrase(t, NRM_PHRASE_NOTHING));
	nrm_person_time(m->acknowledged_ms, time);
	if (m->ack == NRM_ACK_OK)
		fprintf(t->out, "    %s %s\n", phrase(t, NRM_PHRASE_CONFIRMED_ON), time);
	else
		fprintf(t->out, "    %s\n",
			phrase(t, m->ack ? NRM_PHRASE_COULD_NOT_USE : NRM_PHRASE_NOT_CONFIRMED));
}

static void put_message(struct telling *t, const struct nrm_person_message *m)
{
	char time[NRM_PERSON_TIME];

	nrm_person_time(m->time_ms, time);
	fprintf(t->out, "\n  %s  %s", time, label(t, NRM_VOCABULARY_MESSAGE_TYPE, m->type));
	if (m->service)
		fprintf(t->out, ": %s", label(t, NRM_VOCABULARY_SERVICE, m->service));
	fprintf(t->out, "\n    %s: ", phrase(t, NRM_PHRASE_FROM));
	put_name(t, m->sender);
	if (nrm_person_shares(m)) {
		fprintf(t->out, "\n    %s: ", phrase(t, NRM_PHRASE_TO));
		put_name(t, m->recipient);
	}
	fputc('\n', t->out);
	put_ground(t, m);
	put_fate(t, m);
	put_withheld(t, m);
}

void nrm_person_text(const struct nrm_person_record *record,
		     const struct nrm_person_telling *telling, FILE *out)
{
	struct telling t = {.record = record, .how = telling, .out = out};
	char hex[2 * sizeof(record->case_id) + 1], time[NRM_PERSON_TIME];

	nrm_hex(record->case_id, sizeof(record->case_id), hex);
	nrm_person_time(telling->now_ms, time);
	fprintf(out, "%s\n\n%s %s\n%s %s\n%s\n%s\n", phrase(&t, NRM_PHRASE_RECORD_TITLE),
		phrase(&t, NRM_PHRASE_CASE_NUMBER), hex, phrase(&t, NRM_PHRASE_AS_OF), time,
		phrase(&t, NRM_PHRASE_TIMES_UTC), phrase(&t, NRM_PHRASE_NO_VALUES));
	put_recipients(&t);
	fprintf(out, "\n%s\n", phrase(&t, NRM_PHRASE_WHAT_HAPPENED));
	for (size_t i = 0; i < record->n; i++)
		put_message(&t, &record->message[i]);
	if (t.unreviewed &&
	    strcmp(nrm_glossary_tag(telling->glossary, telling->language), "en") != 0)
		fprintf(out, "\n%s\n", phrase(&t, NRM_PHRASE_NOT_REVIEWED));
}
